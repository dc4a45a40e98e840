//! Pixels: decoded within limits, turned, made smaller, encoded. One picture at a time in the whole
//! process, so that its memory is bounded whoever asks for how many.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{PngDecoder, PngEncoder};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageEncoder, Limits, Rgb, RgbImage, Rgba,
};

use super::bare::{Bare, bare};
use super::fit::Redrawn;
use super::{Kind, MOST_MEMORY, MOST_PIXELS, NotTaken, look};

/// Of a photo that is turned: what a camera keeps of it, as far as anybody sees.
const KEPT_QUALITY: u8 = 92;
/// Of a picture that goes out: the best of these that is small enough. Below the last one sees it
/// more than fewer pixels.
const SENT_QUALITIES: [u8; 3] = [88, 80, 70];
/// A side is made so much shorter where even the last is too large …
const SHORTER: (u32, u32) = (3, 4);
/// … but not below this many pixels of the longer one: nobody could see what it shows.
const SMALLEST: u32 = 200;

/// Of a photo that broke off on its way, one row in so many may be missing: that is hardly seen, and
/// some cameras leave out the end mark alone.
const MISSED: u32 = 16;

/// Rows after which a JPEG's blocks begin anew, however its colours are sampled.
const BLOCKS: u32 = 32;

/// What a picture that is turned as a whole costs, counted in pictures: itself, turned, and its file.
pub(super) const COPIES: u64 = 3;

/// The bench that pictures are worked on, one at a time.
static BENCH: Mutex<()> = Mutex::new(());

fn bench() -> MutexGuard<'static, ()> {
    // Nothing is left on it by one who fell over.
    BENCH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A decoded picture.
struct Drawn {
    image: DynamicImage,
    icc: Option<Vec<u8>>,
}

/// The picture, turned as it was meant, as a new file; none if it needs no turning. It is decoded in
/// any case, so that what cannot be read is found.
///
/// # Errors
/// [`NotTaken`].
pub(super) fn turned(bare: &Bare, kind: Kind) -> Result<Option<Vec<u8>>, NotTaken> {
    let _one = bench();
    let mut drawn = decoded(&bare.bytes, kind)?;
    if bare.cut_short && ends_blank(&drawn.image) {
        return Err(NotTaken::Broken);
    }
    if bare.orientation == Orientation::NoTransforms {
        return Ok(None);
    }
    if kind == Kind::Png || drawn.image.color().has_alpha() {
        drawn.image = turned_whole(drawn.image, bare.orientation)?;
        return png(&drawn).map(Some);
    }
    let turned = Turned {
        image: &drawn.image,
        by: bare.orientation,
    };
    jpeg(&turned, KEPT_QUALITY, drawn.icc.as_deref()).map(Some)
}

/// Whether its last rows, one of [`MISSED`] of them, are those above them once more: where nothing came the
/// decoder leaves one colour, or what it read last.
fn ends_blank(image: &DynamicImage) -> bool {
    let (width, height) = image.dimensions();
    let from = height - height.div_ceil(MISSED);
    let again = |y| (0..width).all(|x| image.get_pixel(x, y) == image.get_pixel(x, y - BLOCKS));
    from >= BLOCKS && (from..height).all(again)
}

/// In eight bits a colour: no place shows more, and two pictures of sixteen would not fit beside it.
fn turned_whole(image: DynamicImage, by: Orientation) -> Result<DynamicImage, NotTaken> {
    let (width, height) = image.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels * u64::from(image.color().channel_count()) * COPIES > MOST_MEMORY {
        return Err(NotTaken::TooManyPixels { width, height });
    }
    let mut image = match image {
        DynamicImage::ImageLuma16(_) => image.into_luma8().into(),
        DynamicImage::ImageLumaA16(_) => image.into_luma_alpha8().into(),
        DynamicImage::ImageRgb16(_) => image.into_rgb8().into(),
        DynamicImage::ImageRgba16(_) => image.into_rgba8().into(),
        image => image,
    };
    image.apply_orientation(by);
    Ok(image)
}

/// A picture made to fit: a JPEG on white ground, of its first picture where it moves. None if it
/// cannot be made small enough and still be seen. Seconds of work: never on an async thread.
///
/// # Errors
/// [`NotTaken::Broken`] if it can no longer be read.
pub fn redraw(bytes: &[u8], wanted: &Redrawn) -> Result<Option<Vec<u8>>, NotTaken> {
    let kind = look(bytes).ok_or(NotTaken::Broken)?.kind;
    let whole = bare(bytes, kind).ok_or(NotTaken::Broken)?;
    let _one = bench();
    let Drawn { image, icc } = decoded(&whole.bytes, kind)?;
    drop(whole);
    let (mut width, mut height) = (wanted.width, wanted.height);
    let mut small = reduced(&image, width, height);
    drop(image);
    loop {
        for quality in SENT_QUALITIES {
            let file = jpeg(&small, quality, icc.as_deref())?;
            if file.len() <= wanted.most_bytes {
                return Ok(Some(file));
            }
        }
        if width.max(height) * SHORTER.0 / SHORTER.1 < SMALLEST {
            return Ok(None);
        }
        let shorter = |side: u32| (side * SHORTER.0 / SHORTER.1).max(1);
        (width, height) = (shorter(width), shorter(height));
        small = reduced(&DynamicImage::ImageRgb8(small), width, height);
    }
}

/// The pixels. A file that makes the decoder fall over is a broken one.
fn decoded(bytes: &[u8], kind: Kind) -> Result<Drawn, NotTaken> {
    let work = AssertUnwindSafe(|| {
        let input = Cursor::new(bytes);
        match kind {
            Kind::Jpeg => read(JpegDecoder::new(input)),
            Kind::Png => read(PngDecoder::with_limits(input, limits())),
            Kind::Gif => read(GifDecoder::new(input)),
            Kind::Webp => read(WebPDecoder::new(input)),
        }
    });
    catch_unwind(work).unwrap_or(Err(NotTaken::Broken))
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn read(decoder: image::ImageResult<impl ImageDecoder>) -> Result<Drawn, NotTaken> {
    let broken = |_| NotTaken::Broken;
    let mut decoder = decoder.map_err(broken)?;
    decoder.set_limits(limits()).map_err(broken)?;
    // The header was looked at before; what the decoder makes of it is what it allots.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(NotTaken::TooManyPixels { width, height });
    }
    let icc = decoder.icc_profile().unwrap_or_default();
    let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    Ok(Drawn {
        // Those of printers' inks and of greys say nothing of what is written here.
        icc: icc.filter(|icc| icc.get(16..20) == Some(b"RGB ")),
        image,
    })
}

fn jpeg<I>(image: &I, quality: u8, icc: Option<&[u8]>) -> Result<Vec<u8>, NotTaken>
where
    I: GenericImageView<Pixel = Rgb<u8>>,
{
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, quality);
    if let Some(icc) = icc {
        // One that cannot be written is left out.
        let _ = encoder.set_icc_profile(icc.to_vec());
    }
    encoder.encode_image(image).map_err(|_| NotTaken::Broken)?;
    Ok(file)
}

fn png(drawn: &Drawn) -> Result<Vec<u8>, NotTaken> {
    let mut file = Vec::new();
    let mut encoder = PngEncoder::new(&mut file);
    if let Some(icc) = &drawn.icc {
        let _ = encoder.set_icc_profile(icc.clone());
    }
    let image = &drawn.image;
    encoder
        .write_image(
            image.as_bytes(),
            image.width(),
            image.height(),
            image.color().into(),
        )
        .map_err(|_| NotTaken::Broken)?;
    Ok(file)
}

/// A picture, turned while it is looked at: a second copy of a photo would cost as much memory again.
struct Turned<'a> {
    image: &'a DynamicImage,
    by: Orientation,
}

impl GenericImageView for Turned<'_> {
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        let (width, height) = self.image.dimensions();
        match self.by {
            Orientation::NoTransforms
            | Orientation::Rotate180
            | Orientation::FlipHorizontal
            | Orientation::FlipVertical => (width, height),
            Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH => (height, width),
        }
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let (width, height) = self.image.dimensions();
        let (x, y) = match self.by {
            Orientation::NoTransforms => (x, y),
            Orientation::Rotate180 => (width - 1 - x, height - 1 - y),
            Orientation::FlipHorizontal => (width - 1 - x, y),
            Orientation::FlipVertical => (x, height - 1 - y),
            Orientation::Rotate90 => (y, height - 1 - x),
            Orientation::Rotate270 => (width - 1 - y, x),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (width - 1 - y, height - 1 - x),
        };
        on_white(self.image.get_pixel(x, y))
    }
}

fn on_white(Rgba([r, g, b, a]): Rgba<u8>) -> Rgb<u8> {
    let mixed = |c: u8| {
        let sum = u32::from(c) * u32::from(a) + 255 * (255 - u32::from(a));
        u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX)
    };
    Rgb([mixed(r), mixed(g), mixed(b)])
}

/// The picture on white ground, made so small: each new pixel is the mean of the area it stands for,
/// in whole numbers. Row by row, so that nothing but the result is held beside the picture.
///
/// `width` and `height` are at most the picture's.
fn reduced(image: &DynamicImage, width: u32, height: u32) -> RgbImage {
    let (from_width, from_height) = image.dimensions();
    let (from_width, from_height) = (from_width as usize, from_height as usize);
    let (to_width, to_height) = (
        (width as usize).clamp(1, from_width),
        (height as usize).clamp(1, from_height),
    );
    let whole = from_width as u64 * from_height as u64;
    let mut result = Vec::with_capacity(to_width * to_height * 3);
    let mut row = vec![0u8; from_width * 3];
    let mut narrow = vec![0u64; to_width * 3];
    let mut sum = vec![0u64; to_width * 3];
    // A row stands for `to_height` of `from_height × to_height` parts, a new row for `from_height`.
    let mut room = from_height;
    for y in 0..from_height {
        row_of(image, y, &mut row);
        narrowed(&row, &mut narrow, to_width);
        let share = room.min(to_height);
        add(&mut sum, &narrow, share);
        room -= share;
        if room > 0 {
            continue;
        }
        let mean = |n: &u64| u8::try_from((n + whole / 2) / whole).unwrap_or(u8::MAX);
        result.extend(sum.iter().map(mean));
        sum.fill(0);
        add(&mut sum, &narrow, to_height - share);
        room = from_height - (to_height - share);
    }
    let (width, height) = (to_width as u32, to_height as u32);
    RgbImage::from_raw(width, height, result).unwrap_or_else(|| RgbImage::new(width, height))
}

fn add(sum: &mut [u64], row: &[u64], times: usize) {
    let times = times as u64;
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += value * times;
    }
}

fn row_of(image: &DynamicImage, y: usize, row: &mut [u8]) {
    if let DynamicImage::ImageRgb8(rgb) = image {
        let start = y * row.len();
        row.copy_from_slice(&rgb.as_raw()[start..start + row.len()]);
        return;
    }
    for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
        let Rgb(on_white) = on_white(image.get_pixel(x as u32, y as u32));
        pixel.copy_from_slice(&on_white);
    }
}

/// A row, made so narrow: sums, each over `from_width` parts of pixels.
fn narrowed(row: &[u8], narrow: &mut [u64], to_width: usize) {
    let from_width = row.len() / 3;
    narrow.fill(0);
    let (mut at, mut room) = (0, from_width);
    for pixel in row.chunks_exact(3) {
        let share = room.min(to_width);
        for (sum, value) in narrow[at..].iter_mut().zip(pixel) {
            *sum += u64::from(*value) * share as u64;
        }
        room -= share;
        if room == 0 {
            at += 3;
            room = from_width - (to_width - share);
            for (sum, value) in narrow[at..].iter_mut().zip(pixel) {
                *sum += u64::from(*value) * (to_width - share) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::camera::{self, leaves, scene};
    use super::super::{Facts, facts, is_clean};
    use super::*;

    fn wanted(width: u32, height: u32, most_bytes: usize) -> Redrawn {
        Redrawn {
            width,
            height,
            most_bytes,
            smaller: true,
            from: None,
            still: false,
            flat: false,
        }
    }

    fn drawn(bytes: &[u8], wanted: &Redrawn) -> (Vec<u8>, Facts, RgbImage) {
        let file = redraw(bytes, wanted).unwrap().unwrap();
        let facts = facts(&file).unwrap();
        let image = image::load_from_memory(&file).unwrap().into_rgb8();
        (file, facts, image)
    }

    #[test]
    fn a_smaller_picture_shows_the_same() {
        let (file, facts, image) = drawn(
            &camera::plain_png(scene(301, 200)),
            &wanted(100, 66, 1_000_000),
        );
        assert_eq!(
            (facts.kind, facts.width, facts.height),
            (Kind::Jpeg, 100, 66)
        );
        assert!(is_clean(&file));
        let same = scene(100, 66);
        for (x, y, pixel) in image.enumerate_pixels() {
            // Where the corner ends one pixel is both.
            if x.abs_diff(25) > 9 && y.abs_diff(16) > 9 {
                let off = pixel.0.iter().zip(same.get_pixel(x, y).0);
                assert!(off.map(|(a, b)| a.abs_diff(b)).max() < Some(30), "{x} {y}");
            }
        }
    }

    #[test]
    fn a_mean_is_a_mean() {
        let image = RgbImage::from_fn(5, 3, |x, y| Rgb([(x * 50) as u8, (y * 100) as u8, 7]));
        let image = DynamicImage::ImageRgb8(image);
        let one = reduced(&image, 1, 1);
        assert_eq!(one.get_pixel(0, 0), &Rgb([100, 100, 7]));
        assert_eq!(reduced(&image, 5, 3), image.to_rgb8());
        // Two of five: the third pixel is half here and half there.
        let two = reduced(&image, 2, 1);
        assert_eq!(two.get_pixel(0, 0), &Rgb([40, 100, 7]));
        assert_eq!(two.get_pixel(1, 0), &Rgb([160, 100, 7]));
    }

    #[test]
    fn what_shows_through_becomes_white() {
        let (_, facts, image) = drawn(&camera::half_png(40, 20), &wanted(40, 20, 100_000));
        assert!(!facts.see_through);
        assert!(image.get_pixel(36, 10).0.iter().all(|c| *c > 245));
        assert!(image.get_pixel(4, 10).0[0] < 10);
    }

    #[test]
    fn the_first_picture_of_a_film_is_its_picture() {
        let gif = camera::plain_gif(&scene(40, 40), 3);
        let (_, facts, image) = drawn(&gif, &wanted(40, 40, 100_000));
        assert!(!facts.moves);
        assert!(image.get_pixel(3, 3).0[0] > 200);
    }

    #[test]
    fn printers_inks_become_colours() {
        for (free, colour) in [
            ([true, true, true, true], [255, 255, 255]),
            ([true, false, false, true], [255, 0, 0]),
            ([false, true, true, true], [0, 255, 255]),
            ([true, true, true, false], [0, 0, 0]),
        ] {
            let (_, _, image) = drawn(&camera::inks_jpeg(free), &wanted(8, 8, 100_000));
            let off = image.get_pixel(4, 4).0.iter().zip(colour);
            let off = off.map(|(a, b): (&u8, u8)| a.abs_diff(b)).max();
            assert!(off < Some(8), "{free:?}: {:?}", image.get_pixel(4, 4));
        }
    }

    #[test]
    fn noise_is_made_smaller_until_it_is_small_enough() {
        let file = camera::plain_png(leaves(600, 400));
        let (_, large, _) = drawn(&file, &wanted(600, 400, 400_000));
        assert_eq!((large.width, large.height), (600, 400));
        let (made, small, _) = drawn(&file, &wanted(600, 400, 60_000));
        assert!(small.bytes <= 60_000 && small.width < 600 && small.width > 250);
        assert_eq!(
            drawn(&file, &wanted(600, 400, 60_000)).0,
            made,
            "and always the same"
        );
        assert_eq!(redraw(&file, &wanted(600, 400, 900)), Ok(None));
    }
}
