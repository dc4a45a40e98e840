//! What a picture is and how large, from its first bytes. Only the kinds that platforms take.

/// A kind of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// image/jpeg
    Jpeg,
    /// image/png
    Png,
    /// image/gif
    Gif,
    /// image/webp
    Webp,
}

impl Kind {
    /// All that are taken.
    pub const ALL: [Kind; 4] = [Kind::Jpeg, Kind::Png, Kind::Gif, Kind::Webp];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Jpeg => "JPEG",
            Kind::Png => "PNG",
            Kind::Gif => "GIF",
            Kind::Webp => "WebP",
        }
    }
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Kind::Jpeg => "image/jpeg",
            Kind::Png => "image/png",
            Kind::Gif => "image/gif",
            Kind::Webp => "image/webp",
        }
    }
    /// The usual ending of a file's name, for platforms that look at it.
    pub fn extension(self) -> &'static str {
        match self {
            Kind::Jpeg => "jpg",
            Kind::Png => "png",
            Kind::Gif => "gif",
            Kind::Webp => "webp",
        }
    }
}

/// What a picture's header says. Its pixels are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What it is, whatever its name said.
    pub kind: Kind,
    /// Pixels, as stored (a JPEG may ask to be turned).
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Looks at a picture; none if it is of no kind that can be posted, or its header is not whole.
pub fn look(bytes: &[u8]) -> Option<Look> {
    let (kind, (width, height)) = if bytes.starts_with(b"\xff\xd8\xff") {
        (Kind::Jpeg, jpeg(bytes)?)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Kind::Png, png(bytes)?)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        let size = (le16(bytes, 6)?, le16(bytes, 8)?);
        (Kind::Gif, size)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        (Kind::Webp, webp(bytes)?)
    } else {
        return None;
    };
    (width > 0 && height > 0).then_some(Look {
        kind,
        width,
        height,
    })
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}
fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(|b| u32::from(u16::from_be_bytes(b)))
}
fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(|b| u32::from(u16::from_le_bytes(b)))
}
fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = array(bytes, at)?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_be_bytes)
}

/// IHDR is the first chunk (PNG, 11.2.1).
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.get(12..16)? == b"IHDR").then_some(())?;
    Some((be32(bytes, 16)?, be32(bytes, 20)?))
}

/// The size stands in the frame header SOFn (ITU T.81, B.2.2); segments before it are passed over.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        match *bytes.get(at + 1)? {
            // Fill bytes.
            0xff => at += 1,
            // Without a length: TEM, RSTn, SOI.
            0x01 | 0xd0..=0xd8 => at += 2,
            // SOF0–15 but DHT, JPG and DAC.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            // The image or its end came without a frame.
            0xd9 | 0xda => return None,
            _ => {
                let len = usize::try_from(be16(bytes, at + 2)?).ok()?;
                at += 2 + len;
            }
        }
    }
}

/// RFC 9649: extended (VP8X), lossless (VP8L, sizes minus one in 14 bits) or lossy (VP8, RFC 6386 9.1).
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        b"VP8L" => {
            (*bytes.get(20)? == 0x2f).then_some(())?;
            let bits = u32::from_le_bytes(array(bytes, 21)?);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8 " => {
            (bytes.get(23..26)? == b"\x9d\x01\x2a").then_some(())?;
            Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(bytes: &[u8], kind: Kind, width: u32, height: u32) {
        let seen = look(bytes);
        assert_eq!(
            seen,
            Some(Look {
                kind,
                width,
                height
            })
        );
        // A header that is cut short is no picture, and no reason to fail.
        for len in 0..bytes.len() {
            let _ = look(&bytes[..len]);
        }
        assert_eq!(look(&bytes[..9]), None);
    }

    #[test]
    fn the_header_tells_kind_and_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02\0\0\0";
        is(png, Kind::Png, 640, 480);
        is(b"GIF89a\x80\x02\xe0\x01\xf7\0\0", Kind::Gif, 640, 480);
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xff\xc2\0\x11\x08\x01\xe0\x02\x80\x03";
        is(jpeg, Kind::Jpeg, 640, 480);
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\x30\x01\0\x9d\x01\x2a\x80\x02\xe0\x01";
        is(lossy, Kind::Webp, 640, 480);
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x7f\xc2\x77\0";
        is(lossless, Kind::Webp, 640, 480);
        let extended = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x7f\x02\0\xdf\x01\0";
        is(extended, Kind::Webp, 640, 480);
    }

    #[test]
    fn what_is_no_picture_is_none() {
        for bytes in [
            &b""[..],
            b"<svg/>",
            b"%PDF-1.7",
            b"\xff\xd8\xff\xda\0\x02",
            b"GIF89a\0\0\0\0",
        ] {
            assert_eq!(look(bytes), None);
        }
    }
}
