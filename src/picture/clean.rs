//! The way in: what is kept of a file that somebody sends, or that an address gives.

use image::metadata::Orientation;

use super::bare::{Bare, bare};
use super::{Kind, Look, MOST_BYTES, MOST_MEMORY, MOST_PIXELS, NotTaken, draw, look, refused};

/// The picture as it is kept: without any metadata, the right way up, and known to be readable. The
/// same bytes always give the same, and what is clean stays as it is.
///
/// It is decoded once: this takes up to seconds and [`MOST_MEMORY`]; never on an async thread.
///
/// # Errors
/// [`NotTaken`], before a pixel is decoded where that can be known.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, NotTaken> {
    let (look, bare) = measured(bytes)?;
    let upright = bare.orientation == Orientation::NoTransforms;
    // Nothing is done to the pixels of most; those of a damaged one cannot be read.
    match draw::turned(&bare, look.kind)? {
        Some(drawn) if !upright => Ok(drawn),
        _ => Ok(bare.bytes),
    }
}

/// Whether nothing has to be done to a file: it was [`clean`]ed before.
pub fn is_clean(bytes: &[u8]) -> bool {
    let found = look(bytes).and_then(|look| bare(bytes, look.kind));
    found.is_some_and(|b| b.orientation == Orientation::NoTransforms && b.bytes == bytes)
}

/// What may be decoded.
fn measured(bytes: &[u8]) -> Result<(Look, Bare), NotTaken> {
    if bytes.len() > MOST_BYTES {
        return Err(NotTaken::TOO_MANY_BYTES);
    }
    let look = look(bytes).ok_or_else(|| refused::instead(bytes))?;
    let too_many = NotTaken::TooManyPixels {
        width: look.width,
        height: look.height,
    };
    let pixels = u64::from(look.width) * u64::from(look.height);
    if pixels > MOST_PIXELS {
        return Err(too_many);
    }
    let bare = bare(bytes, look.kind).ok_or(NotTaken::Broken)?;
    if pixels * a_pixel(look.kind, &bare) > MOST_MEMORY {
        return Err(too_many);
    }
    Ok((look, bare))
}

/// Bytes that a pixel takes while the picture is read and, where it lies on its side, turned. What only
/// the decoder knows (a PNG of sixteen bits) is looked at there.
fn a_pixel(kind: Kind, bare: &Bare) -> u64 {
    let read = match kind {
        // Red, green, blue; a progressive one holds three numbers of two bytes more.
        Kind::Jpeg if bare.progressive => 3 + 6,
        Kind::Jpeg | Kind::Png => 3,
        // What is shown, and what is laid upon it.
        Kind::Gif | Kind::Webp => 4 + 4,
    };
    let turned = match kind {
        _ if bare.orientation == Orientation::NoTransforms => 0,
        // A JPEG is turned while it is written.
        Kind::Jpeg => 3,
        Kind::Webp if !bare.see_through => 3,
        Kind::Png => 3 * draw::COPIES,
        Kind::Gif | Kind::Webp => 4 * draw::COPIES,
    };
    read.max(turned)
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView};

    use super::super::camera::{self, scene, tells};
    use super::*;

    fn read(bytes: &[u8]) -> DynamicImage {
        image::load_from_memory(bytes).unwrap()
    }

    /// The same pixels, but for what an encoder loses.
    fn alike(a: &DynamicImage, b: &DynamicImage) {
        assert_eq!(a.dimensions(), b.dimensions());
        for (x, y, pixel) in a.pixels() {
            let other = b.get_pixel(x, y);
            let off = pixel.0.iter().zip(other.0).map(|(a, b)| a.abs_diff(b));
            assert!(off.max() < Some(40), "{x} {y}: {pixel:?} {other:?}");
        }
    }

    #[test]
    fn what_is_upright_loses_its_metadata_and_no_pixel() {
        let scene = scene(48, 32);
        for file in [
            camera::phone_jpeg(scene.clone(), 1),
            camera::phone_png(scene.clone(), 1),
            camera::phone_webp(scene.clone(), 1),
            camera::phone_gif(&scene, 2),
        ] {
            assert!(tells(&file));
            let kept = clean(&file).unwrap();
            assert!(!tells(&kept));
            assert!(is_clean(&kept) && !is_clean(&file));
            assert_eq!(read(&kept), read(&file));
            assert_eq!(clean(&kept).unwrap(), kept);
        }
    }

    #[test]
    fn what_lies_on_its_side_is_turned() {
        let scene = scene(40, 24);
        for orientation in 1..=8u16 {
            for file in [
                camera::phone_jpeg(scene.clone(), orientation),
                camera::phone_png(scene.clone(), orientation),
                camera::phone_webp(scene.clone(), orientation),
            ] {
                let mut meant = read(&file);
                let turn = Orientation::from_exif(u8::try_from(orientation).unwrap());
                meant.apply_orientation(turn.unwrap());
                let kept = clean(&file).unwrap();
                assert!(!tells(&kept));
                alike(&read(&kept), &meant);
                assert_eq!(clean(&kept).unwrap(), kept, "{orientation}");
            }
        }
    }

    #[test]
    fn colours_stay_as_they_were_meant() {
        let icc = camera::profile();
        for orientation in [1, 6] {
            let kept = clean(&camera::phone_jpeg(scene(16, 16), orientation)).unwrap();
            assert!(kept.windows(icc.len()).any(|w| w == icc), "{orientation}");
        }
    }

    #[test]
    fn a_small_picture_within_the_header_goes() {
        let mut file = camera::plain_jpeg(scene(16, 16));
        let at = file.windows(5).position(|w| w == b"JFIF\0").unwrap();
        // Two pixels, and the segment so much longer.
        file[at + 12..at + 14].copy_from_slice(&[2, 1]);
        file[at - 1] += 6;
        file.splice(at + 14..at + 14, *b"secret");
        let kept = clean(&file).unwrap();
        assert!(!kept.windows(6).any(|w| w == b"secret"));
        assert_eq!(kept, camera::plain_jpeg(scene(16, 16)));
    }

    #[test]
    fn bombs_are_refused_before_they_are_decoded() {
        // 60,000 × 60,000 pixels of one bit in a file of a hundred bytes.
        let mut png = camera::plain_png(scene(8, 8));
        png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
        let crc = camera::crc(&png[12..29]);
        png[29..33].copy_from_slice(&crc.to_be_bytes());
        let size = (60_000, 60_000);
        let (width, height) = size;
        assert_eq!(clean(&png), Err(NotTaken::TooManyPixels { width, height }));
        let mut gif = camera::plain_gif(&scene(8, 8), 1);
        gif[6..10].copy_from_slice(&[0xff; 4]);
        assert!(matches!(clean(&gif), Err(NotTaken::TooManyPixels { .. })));
        // A small canvas, and a picture on it that is not.
        let mut gif = camera::plain_gif(&scene(8, 8), 1);
        let at = gif
            .windows(10)
            .position(|w| w[0] == 0x2c && w[5..9] == [8, 0, 8, 0]);
        let at = at.unwrap() + 5;
        gif[at..at + 4].copy_from_slice(&[0xff; 4]);
        assert_eq!(clean(&gif), Err(NotTaken::Broken));
        // Passes without end over the same picture.
        let jpeg = camera::plain_jpeg(scene(8, 8));
        let scan = jpeg.windows(2).position(|w| w == b"\xff\xda").unwrap();
        let mut long = jpeg[..scan].to_vec();
        for _ in 0..1000 {
            long.extend(&jpeg[scan..jpeg.len() - 2]);
        }
        long.extend(b"\xff\xd9");
        assert_eq!(clean(&long), Err(NotTaken::Broken));
        assert_eq!(
            clean(&vec![0; MOST_BYTES + 1]),
            Err(NotTaken::TOO_MANY_BYTES)
        );
    }

    #[test]
    fn what_takes_too_much_memory_is_refused() {
        let look = |width: u16, height: u16, frame: u8| {
            let mut jpeg = camera::plain_jpeg(scene(8, 8));
            let at = jpeg.windows(2).position(|w| w == b"\xff\xc0").unwrap();
            jpeg[at + 1] = frame;
            jpeg[at + 5..at + 7].copy_from_slice(&height.to_be_bytes());
            jpeg[at + 7..at + 9].copy_from_slice(&width.to_be_bytes());
            measured(&jpeg).map(|(look, _)| look.width)
        };
        assert_eq!(look(8160, 6120, 0xc0), Ok(8160));
        assert!(look(8160, 6128, 0xc0).is_err());
        assert!(look(8160, 6120, 0xc2).is_err());
        assert_eq!(look(6000, 5000, 0xc2), Ok(6000));
    }

    #[test]
    fn what_takes_too_much_memory_to_be_turned_is_refused() {
        let look = |width: u32, height: u32, orientation| {
            let mut png = camera::phone_png(scene(8, 8), orientation);
            png[16..20].copy_from_slice(&width.to_be_bytes());
            png[20..24].copy_from_slice(&height.to_be_bytes());
            measured(&png).map(|(look, _)| look.width)
        };
        assert_eq!(look(8160, 6120, 1), Ok(8160));
        assert!(look(8160, 6120, 6).is_err());
        assert_eq!(look(5000, 5000, 6), Ok(5000));
    }

    #[test]
    fn deep_colours_are_turned_too() {
        let deep = DynamicImage::from(scene(40, 24)).into_rgb16();
        let upright = camera::phone_png(deep.clone(), 1);
        assert_eq!(read(&clean(&upright).unwrap()), read(&upright), "untouched");
        let kept = clean(&camera::phone_png(deep, 6)).unwrap();
        let meant = DynamicImage::from(scene(40, 24)).rotate90();
        assert_eq!(read(&kept), meant);
    }

    #[test]
    fn a_photo_that_broke_off_on_its_way_is_told() {
        let whole = camera::phone_jpeg(scene(320, 240), 1);
        let scan = whole.windows(2).position(|w| w == b"\xff\xda").unwrap();
        let so_much = |percent: usize| &whole[..scan + (whole.len() - scan) * percent / 100];
        for percent in [5, 50, 70] {
            assert_eq!(
                clean(so_much(percent)),
                Err(NotTaken::Broken),
                "{percent} %"
            );
        }
        // Nothing but the end mark is missing.
        let kept = clean(&camera::plain_jpeg(scene(320, 240))[..]).unwrap();
        assert_eq!(clean(&kept[..kept.len() - 2]).unwrap(), kept);
    }

    #[test]
    fn what_is_not_whole_is_told_and_breaks_nothing() {
        for file in [
            camera::phone_jpeg(scene(20, 12), 6),
            camera::phone_png(scene(20, 12), 6),
            camera::phone_webp(scene(20, 12), 6),
            camera::phone_gif(&scene(20, 12), 3),
        ] {
            for len in 0..file.len() {
                if let Ok(kept) = clean(&file[..len]) {
                    assert!(is_clean(&kept) && !tells(&kept), "{len}");
                }
            }
        }
    }
}
