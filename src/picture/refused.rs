//! Why a picture is not taken: what the file is instead, as far as its first bytes tell.

use super::MOST_BYTES;

/// So much of a text is looked through for what it is: an SVG may begin with comments and a DOCTYPE.
const TEXT_LOOKED_AT: usize = 1024;

/// Why a picture is not taken. What to do about it stands in the catalogues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// A HEIC/HEIF photo, as iPhones and some others keep them: no browser or platform of ours but
    /// theirs shows it, and its decoders are bound by patents.
    #[error("HEIC photos are not taken: set the phone to \"Most Compatible\", or send it as JPEG")]
    Heic,
    /// AVIF: most platforms do not take it.
    #[error("AVIF pictures are not taken: save it as JPEG or PNG")]
    Avif,
    /// A film.
    #[error("this is a video: put it on the web and link it, or share it by hand")]
    Video,
    /// A drawing in words.
    #[error("SVG drawings are not taken: save it as PNG")]
    Svg,
    /// A document.
    #[error("this is a PDF: take a picture of its page, or link it")]
    Pdf,
    /// A page of the web, where a picture should have been.
    #[error("this is a web page, not a picture: give the address of the picture itself")]
    Page,
    /// A picture of another kind.
    #[error("{0} pictures are not taken: save it as JPEG or PNG")]
    OtherKind(&'static str),
    /// Nobody knows what.
    #[error("this is no picture that can be read: JPEG, PNG, GIF and WebP are taken")]
    Unknown,
    /// A picture, but not whole.
    #[error("the picture is damaged or not whole: send it again")]
    Broken,
    /// Too large a file.
    #[error("the file has more than {} MiB: make it smaller", most >> 20)]
    TooManyBytes {
        /// How large it may be.
        most: usize,
    },
    /// Too many pixels to be worked on with the memory there is.
    #[error("{width} × {height} pixels are too many: make it smaller")]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

impl NotTaken {
    /// A file over [`MOST_BYTES`].
    pub const TOO_MANY_BYTES: NotTaken = NotTaken::TooManyBytes { most: MOST_BYTES };

    /// Million pixels that are taken whatever the kind: what to make a picture smaller to.
    pub const SURELY_TAKEN: u64 = 25;
}

/// What a file is that [`super::look()`] takes for no picture.
///
/// Sources: the signatures of the formats' own specifications; the brands of ISO/IEC 14496-12 `ftyp`
/// boxes as registered at mp4ra.org (HEIF: ISO/IEC 23008-12 annex B, AVIF: its own specification).
pub(super) fn instead(bytes: &[u8]) -> NotTaken {
    let begins = |with: &[u8]| bytes.starts_with(with);
    let riff = |of: &[u8]| begins(b"RIFF") && bytes.get(8..12) == Some(of);
    if begins(b"\xff\xd8\xff") || begins(b"\x89PNG\r\n\x1a\n") || begins(b"GIF8") || riff(b"WEBP") {
        return NotTaken::Broken;
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return box_file(bytes);
    }
    // Matroska and WebM, AVI, Windows Media, MPEG programme streams, Flash.
    let is_video = begins(b"\x1a\x45\xdf\xa3")
        || riff(b"AVI ")
        || begins(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
        || begins(b"\0\0\x01\xba")
        || begins(b"FLV\x01")
        || is_transport_stream(bytes)
        || matches!(bytes.get(4..8), Some(b"moov" | b"mdat" | b"wide"));
    if is_video {
        return NotTaken::Video;
    }
    if begins(b"%PDF") {
        return NotTaken::Pdf;
    }
    for (signature, name) in [
        (&b"II*\0"[..], "TIFF/RAW"),
        (b"MM\0*", "TIFF/RAW"),
        (b"BM", "BMP"),
        (b"8BPS", "Photoshop"),
        (b"\0\0\x01\0", "ICO"),
        (b"\xff\x0a", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000"),
    ] {
        if begins(signature) {
            return NotTaken::OtherKind(name);
        }
    }
    text(bytes)
}

/// A file of boxes: its brands tell a still picture from a film.
fn box_file(bytes: &[u8]) -> NotTaken {
    let length = bytes.first_chunk().map_or(0, |l| u32::from_be_bytes(*l));
    let end = usize::try_from(length).unwrap_or(0).clamp(12, 512);
    let named = bytes.get(8..end.min(bytes.len())).unwrap_or_default();
    let brands = || named.chunks_exact(4);
    if brands().any(|b| matches!(b, b"avif" | b"avis")) {
        return NotTaken::Avif;
    }
    let still = |b: &[u8]| {
        matches!(
            b,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"mif2" | b"msf1"
        )
    };
    if brands().any(still) {
        return NotTaken::Heic;
    }
    if brands().next() == Some(b"crx ") {
        return NotTaken::OtherKind("RAW");
    }
    NotTaken::Video
}

/// MPEG-TS: packets of 188 bytes, each beginning with 0x47 (ISO/IEC 13818-1).
fn is_transport_stream(bytes: &[u8]) -> bool {
    [0, 188, 376].iter().all(|at| bytes.get(*at) == Some(&0x47))
}

fn text(bytes: &[u8]) -> NotTaken {
    let head = bytes.get(..TEXT_LOOKED_AT).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let head = head.trim_start_matches('\u{feff}').trim_start();
    if !head.starts_with('<') {
        return NotTaken::Unknown;
    }
    match (head.find("<svg"), head.find("<html")) {
        (Some(svg), html) if html.is_none_or(|html| svg < html) => NotTaken::Svg,
        _ => NotTaken::Page,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_what_is_in_it() {
        let ftyp = |brands: &str| {
            let mut file = u32::try_from(8 + brands.len())
                .unwrap()
                .to_be_bytes()
                .to_vec();
            file.extend(b"ftyp");
            file.extend(brands.as_bytes());
            file.extend(b"\0\0\0\x08free");
            file
        };
        for (file, what) in [
            (ftyp("heic\0\0\0\0mif1heic"), NotTaken::Heic),
            (ftyp("mif1\0\0\0\0mif1miafheix"), NotTaken::Heic),
            // As some Samsung phones write it: the brand that matters comes last.
            (ftyp("mif1\0\0\0\0mif1avif"), NotTaken::Avif),
            (ftyp("avif\0\0\0\0avifmif1miaf"), NotTaken::Avif),
            (ftyp("isom\0\0\x02\0isomiso2avc1mp41"), NotTaken::Video),
            (ftyp("qt  \0\0\0\0qt  "), NotTaken::Video),
            (ftyp("3gp4\0\0\0\0"), NotTaken::Video),
            (ftyp("crx \0\0\0\x01crx isom"), NotTaken::OtherKind("RAW")),
            (b"\0\0\0\x08wide\0\0\0\0mdat".to_vec(), NotTaken::Video),
            (b"\x1a\x45\xdf\xa3\x01\0\0\0".to_vec(), NotTaken::Video),
            (b"RIFF\0\0\0\0AVI LIST".to_vec(), NotTaken::Video),
            (b"RIFF\0\0\0\0WAVEfmt ".to_vec(), NotTaken::Unknown),
            (b"%PDF-1.7\n".to_vec(), NotTaken::Pdf),
            (b"<svg xmlns='x'/>".to_vec(), NotTaken::Svg),
            (
                b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<SVG>".to_vec(),
                NotTaken::Svg,
            ),
            (
                b"\r\n<!DOCTYPE html><html><svg></svg>".to_vec(),
                NotTaken::Page,
            ),
            (b"<rss version='2.0'>".to_vec(), NotTaken::Page),
            (b"II*\0\x08\0\0\0".to_vec(), NotTaken::OtherKind("TIFF/RAW")),
            (b"BM\x36\0\0\0".to_vec(), NotTaken::OtherKind("BMP")),
            (b"GIF89a".to_vec(), NotTaken::Broken),
            (b"\xff\xd8\xff\xe0".to_vec(), NotTaken::Broken),
            (b"".to_vec(), NotTaken::Unknown),
            (
                b"Tin B\xe1\xba\xafc K\xe1\xba\xa1n".to_vec(),
                NotTaken::Unknown,
            ),
        ] {
            assert_eq!(instead(&file), what, "{}", file.escape_ascii());
            for len in 0..file.len() {
                let _ = instead(&file[..len]);
            }
        }
    }
}
