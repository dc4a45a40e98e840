//! WebP (RFC 9649): RIFF chunks. The picture, its alpha, its colour profile and its frames stay; Exif,
//! XMP and unknown chunks go, and the header no longer says that they are there.

use super::Bare;

/// The flags of VP8X.
const ANIMATION: u8 = 0x02;
const XMP: u8 = 0x04;
const EXIF: u8 = 0x08;
const ALPHA: u8 = 0x10;
/// What stands before the chunks of a frame in ANMF.
const FRAME_HEADER: usize = 16;

pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let length = usize::try_from(u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?)).ok()?;
    let mut bare = Bare::default();
    let mut kept = b"WEBP".to_vec();
    let mut drawn = false;
    // A picture that was cut short is not shown by anybody: what is missing here is missing there.
    let chunks = bytes.get(12..length.checked_add(8)?)?;
    walk(chunks, |kind, data| {
        match kind {
            b"VP8X" => {
                let flags = *data.first()?;
                bare.see_through |= flags & ALPHA != 0;
                bare.moves |= flags & ANIMATION != 0;
                let mut data = data.to_vec();
                data[0] = flags & !(XMP | EXIF);
                chunk(&mut kept, kind, &data);
            }
            b"EXIF" => bare.turn(data.strip_prefix(b"Exif\0\0").unwrap_or(data)),
            b"ANMF" => {
                drawn = true;
                let (header, frame) = data.split_at_checked(FRAME_HEADER)?;
                let mut data = header.to_vec();
                walk(frame, |kind, part| {
                    if matches!(kind, b"ALPH" | b"VP8 " | b"VP8L") {
                        chunk(&mut data, kind, part);
                    }
                    Some(())
                })?;
                chunk(&mut kept, kind, &data);
            }
            b"VP8 " | b"VP8L" => {
                drawn = true;
                // alpha_is_used, after the signature and twice 14 bits (RFC 9649, 3.4).
                bare.see_through |= kind == b"VP8L" && data.get(4)? & 0x10 != 0;
                chunk(&mut kept, kind, data);
            }
            b"ALPH" | b"ANIM" | b"ICCP" => chunk(&mut kept, kind, data),
            _ => {}
        }
        Some(())
    })?;
    bare.bytes.extend_from_slice(b"RIFF");
    bare.bytes.extend(size(&kept));
    bare.bytes.append(&mut kept);
    drawn.then_some(bare)
}

/// Shows every chunk; none where one is not whole.
fn walk(mut bytes: &[u8], mut each: impl FnMut(&[u8; 4], &[u8]) -> Option<()>) -> Option<()> {
    while let Some((kind, rest)) = bytes.split_first_chunk::<4>() {
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        each(kind, rest.get(..length)?)?;
        // Padded to an even length; the last one's padding is sometimes forgotten.
        bytes = rest.get(length + length % 2..).unwrap_or_default();
    }
    Some(())
}

fn chunk(to: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    to.extend_from_slice(kind);
    to.extend(size(data));
    to.extend_from_slice(data);
    if data.len() % 2 == 1 {
        to.push(0);
    }
}

fn size(data: &[u8]) -> [u8; 4] {
    u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes()
}
