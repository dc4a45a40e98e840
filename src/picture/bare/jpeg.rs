//! JPEG (ITU T.81): segments that begin with a marker; JFIF in APP0, an ICC profile in APP2, Adobe's
//! colour transform in APP14 stay, every other APPn (Exif, XMP, Photoshop, maker's notes) and every
//! comment goes. The file ends with its picture: what phones append (a second picture with an Exif of
//! its own, a film) goes too.

use super::Bare;

/// More passes over a picture than any encoder makes (a progressive one has about ten), and so many
/// that a small file keeps the decoder busy for hours.
const MOST_SCANS: usize = 64;

const ICC: &[u8] = b"ICC_PROFILE\0";
const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut bare = Bare {
        bytes: Vec::with_capacity(bytes.len()),
        ..Bare::default()
    };
    bare.bytes.extend_from_slice(b"\xff\xd8");
    let mut at = 2;
    let (mut framed, mut scans) = (false, 0);
    bare.cut_short = true;
    while let Some(marker) = marker(bytes, &mut at) {
        if marker == 0xd9 {
            bare.cut_short = false;
            break;
        }
        // Without a length: TEM, RSTn, SOI.
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        let Some(payload) = payload(bytes, &mut at) else {
            break;
        };
        match marker {
            0xe0 if payload.starts_with(b"JFIF\0") => {
                // Version and density; the small picture behind them may show what was cut away.
                let mut plain = payload.get(..12)?.to_vec();
                plain.extend([0, 0]);
                segment(&mut bare.bytes, marker, &plain);
            }
            0xe1 => {
                if let Some(exif) = payload.strip_prefix(EXIF) {
                    bare.turn(exif);
                }
            }
            0xe2 if payload.starts_with(ICC) => segment(&mut bare.bytes, marker, payload),
            0xee if payload.starts_with(b"Adobe") => segment(&mut bare.bytes, marker, payload),
            // Frames, Huffman and quantization tables, the number of lines, restarts.
            0xc0..=0xcf | 0xdb..=0xdd => {
                framed |= !matches!(marker, 0xc4 | 0xc8 | 0xcc | 0xdb..=0xdd);
                bare.progressive |= matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
                segment(&mut bare.bytes, marker, payload);
            }
            0xda => {
                scans += 1;
                if !framed || scans > MOST_SCANS {
                    return None;
                }
                segment(&mut bare.bytes, marker, payload);
                let coded = coded(bytes.get(at..)?);
                bare.bytes.extend_from_slice(coded);
                at += coded.len();
            }
            _ => {}
        }
    }
    if scans == 0 {
        return None;
    }
    // One that was cut short is shown as far as it goes, by browsers too; whether that is far enough,
    // its pixels tell.
    bare.bytes.extend_from_slice(b"\xff\xd9");
    Some(bare)
}

/// The next marker's code; stray bytes before it are passed over, as decoders do.
fn marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let rest = bytes.get(*at..)?;
        *at += rest.iter().position(|b| *b == 0xff)? + 1;
        match *bytes.get(*at)? {
            0x00 | 0xff => {}
            code => {
                *at += 1;
                return Some(code);
            }
        }
    }
}

fn payload<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let length = bytes.get(*at..)?.first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let payload = bytes.get(*at + 2..at.checked_add(length)?)?;
    *at += length;
    Some(payload)
}

fn segment(to: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    // It came out of a segment, so it fits into one.
    let length = u16::try_from(payload.len() + 2).unwrap_or(u16::MAX);
    to.extend([0xff, marker]);
    to.extend(length.to_be_bytes());
    to.extend_from_slice(payload);
}

/// The coded picture: up to the next marker that is no restart.
fn coded(bytes: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| *b == 0xff) {
        let here = at + found;
        match bytes.get(here + 1) {
            Some(0x00 | 0xd0..=0xd7) => at = here + 2,
            Some(0xff) => at = here + 1,
            Some(_) => return &bytes[..here],
            // A lone byte at the end means nothing.
            None => return &bytes[..here],
        }
    }
    bytes
}
