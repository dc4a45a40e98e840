//! PNG (third edition): chunks. Those that say how the picture looks stay; texts, time, Exif and all
//! that is nobody's go, and what follows the end.

use super::Bare;

/// What a chunk weighs beside its data: length, type, checksum.
const FRAME: usize = 12;

pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut bare = Bare {
        bytes: Vec::with_capacity(bytes.len()),
        ..Bare::default()
    };
    bare.bytes.extend_from_slice(bytes.get(..8)?);
    let (mut at, mut drawn) = (8, false);
    loop {
        let rest = bytes.get(at..)?;
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let whole = rest.get(..length.checked_add(FRAME)?)?;
        let data = whole.get(8..8 + length)?;
        match whole.get(4..8)? {
            b"eXIf" => bare.turn(data),
            b"IEND" => {
                bare.bytes.extend_from_slice(whole);
                return drawn.then_some(bare);
            }
            kind if stays(kind) => {
                drawn |= kind == b"IDAT";
                let color = data.get(9).filter(|_| kind == b"IHDR");
                bare.see_through |= kind == b"tRNS" || matches!(color, Some(4 | 6));
                let frames = data.first_chunk().map_or(0, |n| u32::from_be_bytes(*n));
                bare.moves |= kind == b"acTL" && frames > 1;
                bare.bytes.extend_from_slice(whole);
            }
            _ => {}
        }
        at += whole.len();
    }
}

/// The picture, its colours, its background and pixel size, and its frames.
fn stays(kind: &[u8]) -> bool {
    matches!(
        kind,
        b"IHDR"
            | b"PLTE"
            | b"IDAT"
            | b"tRNS"
            | b"cHRM"
            | b"gAMA"
            | b"iCCP"
            | b"sRGB"
            | b"sBIT"
            | b"cICP"
            | b"bKGD"
            | b"pHYs"
            | b"acTL"
            | b"fcTL"
            | b"fdAT"
    )
}
