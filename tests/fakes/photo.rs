//! A picture as a platform's own server reads it: by its bytes, whatever was said of it. One that cannot
//! be decoded to its last pixel is none; one that tells where it was taken should never have come.

use image::{GenericImageView, ImageFormat};

pub struct Photo {
    pub mime: &'static str,
    pub ending: &'static str,
    pub width: u32,
    pub height: u32,
}

/// What it is.
pub fn read(bytes: &[u8]) -> Option<Photo> {
    let format = image::guess_format(bytes).ok()?;
    let image = image::load_from_memory_with_format(bytes, format).ok()?;
    let (width, height) = image.dimensions();
    let ending = match format {
        ImageFormat::Jpeg => "jpg",
        other => other.extensions_str().first()?,
    };
    let tells = bytes.windows(6).any(|w| w == b"Exif\0\0");
    (!tells).then_some(Photo {
        mime: format.to_mime_type(),
        ending,
        width,
        height,
    })
}
