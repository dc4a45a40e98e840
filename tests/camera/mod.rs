//! A phone's camera: pictures as phones and programs write them, with all that they tell beside the
//! picture. Whatever tells where it was taken has [`PLACE`] or [`GPS`] in it.
#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![allow(unreachable_pub, reason = "tests of the lib read it too")]

use std::io::Cursor;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// Where it was taken, in words.
pub const PLACE: &[u8] = b"Cho Don 22.1547N 105.5936E";
/// The same in a GPS directory: 22° 9′ 17″ as three fractions.
pub const GPS: &[u8] = &[
    0, 0, 0, 22, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 17, 0, 0, 0, 1,
];

/// A scene: colours that run across and down, and a red corner at the top left.
pub fn scene(width: u32, height: u32) -> RgbImage {
    let part = |at: u32, of: u32| u8::try_from(at * 200 / of.max(1)).unwrap();
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 4 && y < height / 4 {
            Rgb([250, 10, 10])
        } else {
            Rgb([20, part(x, width), part(y, height)])
        }
    })
}

/// A scene that no encoder makes small: as much noise as a photo of leaves, and more.
pub fn leaves(width: u32, height: u32) -> RgbImage {
    let mut seed = 0x2545_f491_u32;
    RgbImage::from_fn(width, height, |_, _| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        let [r, g, b, _] = seed.to_le_bytes();
        Rgb([r, g, b])
    })
}

fn encoded(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// A plain JPEG.
pub fn plain_jpeg(scene: RgbImage) -> Vec<u8> {
    encoded(scene, ImageFormat::Jpeg)
}

/// A plain PNG.
pub fn plain_png(scene: RgbImage) -> Vec<u8> {
    encoded(scene, ImageFormat::Png)
}

/// A PNG of which the right half shows what is behind it.
pub fn half_png(width: u32, height: u32) -> Vec<u8> {
    let half = |x, _| Rgba([0, 0, 200, if x < width / 2 { 255 } else { 0 }]);
    encoded(RgbaImage::from_fn(width, height, half), ImageFormat::Png)
}

/// A plain lossless WebP.
pub fn plain_webp(scene: RgbImage) -> Vec<u8> {
    encoded(scene, ImageFormat::WebP)
}

/// A GIF of so many pictures, the first one of the scene.
pub fn plain_gif(scene: &RgbImage, pictures: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new_with_speed(&mut file, 30);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for n in 0..pictures {
        let mut image = DynamicImage::from(scene.clone());
        if n > 0 {
            image.invert();
        }
        encoder
            .encode_frame(Frame::new(image.into_rgba8()))
            .unwrap();
    }
    drop(encoder);
    file
}

/// An Exif block: orientation, a maker's words, a GPS directory.
pub fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0\x2a\0\0\0\x08".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = tag.to_be_bytes().to_vec();
        entry.extend(kind.to_be_bytes());
        entry.extend(count.to_be_bytes());
        entry.extend(value.to_be_bytes());
        entry
    };
    // Three entries; the GPS directory behind them, its fractions and the words behind that.
    let (gps_at, words_at) = (
        8 + 2 + 3 * 12 + 4,
        8 + 2 + 3 * 12 + 4 + 2 + 12 + 4 + GPS.len(),
    );
    tiff.extend(3u16.to_be_bytes());
    tiff.extend(entry(0x010e, 2, PLACE.len() as u32, words_at as u32));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation) << 16));
    tiff.extend(entry(0x8825, 4, 1, gps_at as u32));
    tiff.extend([0; 4]);
    tiff.extend(1u16.to_be_bytes());
    tiff.extend(entry(0x0002, 5, 3, (gps_at + 2 + 12 + 4) as u32));
    tiff.extend([0; 4]);
    tiff.extend(GPS);
    tiff.extend(PLACE);
    tiff
}

fn xmp() -> Vec<u8> {
    let mut xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>".to_vec();
    xmp.extend(PLACE);
    xmp.extend(b"</exif:GPSLatitude></x:xmpmeta>");
    xmp
}

/// A colour profile: as much of one as is looked at.
pub fn profile() -> Vec<u8> {
    let mut icc = vec![0; 128];
    icc[16..20].copy_from_slice(b"RGB ");
    icc.extend(b"the colours of this phone");
    icc
}

/// A JPEG as a phone writes it: Exif, XMP, a colour profile, Photoshop's block, a comment, a maker's
/// block; and behind the picture a second one with an Exif of its own, and a film.
pub fn phone_jpeg(scene: RgbImage, orientation: u16) -> Vec<u8> {
    let plain = plain_jpeg(scene);
    let mut file = plain[..2].to_vec();
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let data = parts.concat();
        file.extend([0xff, marker]);
        file.extend(u16::try_from(data.len() + 2).unwrap().to_be_bytes());
        file.extend(data);
    };
    segment(0xe1, &[b"Exif\0\0", &exif(orientation)]);
    segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", &xmp()]);
    segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", &profile()]);
    segment(0xe2, &[b"MPF\0", PLACE]);
    segment(0xed, &[b"Photoshop 3.0\08BIM", PLACE]);
    segment(0xe7, &[PLACE]);
    segment(0xfe, &[PLACE]);
    file.extend(&plain[2..]);
    file.extend(b"\xff\xd8\xff\xe1\0\x46Exif\0\0");
    file.extend(exif(1));
    file.extend(b"\xff\xd9\0\0\0\x18ftypmp42");
    file.extend(PLACE);
    file
}

/// A JPEG that is far heavier than its pixels: its colour profile has so many bytes.
pub fn heavy_jpeg(scene: RgbImage, bytes: usize) -> Vec<u8> {
    let plain = plain_jpeg(scene);
    let mut file = plain[..2].to_vec();
    for _ in 0..bytes.div_ceil(60_000) {
        file.extend([0xff, 0xe2]);
        file.extend(60_002u16.to_be_bytes());
        file.extend(b"ICC_PROFILE\0");
        file.resize(file.len() + 60_000 - 12, 0);
    }
    file.extend(&plain[2..]);
    file
}

/// A PNG with texts, time, Exif, and more behind its end.
pub fn phone_png(scene: impl Into<DynamicImage>, orientation: u16) -> Vec<u8> {
    let plain = encoded(scene, ImageFormat::Png);
    // Signature and IHDR.
    let mut file = plain[..33].to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        file.extend(kind);
        file.extend(data);
        file.extend(crc(&[&kind[..], data].concat()).to_be_bytes());
    };
    chunk(b"tEXt", &[b"Comment\0", PLACE].concat());
    chunk(
        b"iTXt",
        &[b"XML:com.adobe.xmp\0\0\0\0\0", &xmp()[..]].concat(),
    );
    chunk(b"zTXt", &[b"Raw profile type exif\0\0", PLACE].concat());
    chunk(b"tIME", &[7, 234, 11, 25, 8, 0, 0]);
    chunk(b"eXIf", &exif(orientation));
    chunk(b"caNv", PLACE);
    file.extend(&plain[33..]);
    file.extend(PLACE);
    file
}

/// An extended WebP with Exif, XMP and a chunk that nobody knows.
pub fn phone_webp(scene: RgbImage, orientation: u16) -> Vec<u8> {
    let (width, height) = scene.dimensions();
    let plain = plain_webp(scene);
    let mut body = b"WEBP".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        body.extend(kind);
        body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        body.extend(data);
        body.extend(&[0][..data.len() % 2]);
    };
    let mut extended = vec![0x08 | 0x04, 0, 0, 0];
    extended.extend(&(width - 1).to_le_bytes()[..3]);
    extended.extend(&(height - 1).to_le_bytes()[..3]);
    chunk(b"VP8X", &extended);
    let size = u32::from_le_bytes(plain[16..20].try_into().unwrap()) as usize;
    chunk(b"VP8L", &plain[20..20 + size]);
    chunk(b"EXIF", &exif(orientation));
    chunk(b"XMP ", &xmp());
    chunk(b"NOTE", PLACE);
    let mut file = b"RIFF".to_vec();
    file.extend(u32::try_from(body.len()).unwrap().to_le_bytes());
    file.extend(body);
    file.extend(PLACE);
    file
}

/// A GIF with a comment, XMP, a text that is drawn, and more behind its end.
pub fn phone_gif(scene: &RgbImage, pictures: u32) -> Vec<u8> {
    let plain = plain_gif(scene, pictures);
    let flags = plain[10];
    let head = 13
        + if flags & 0x80 == 0 {
            0
        } else {
            3 << ((flags & 7) + 1)
        };
    let mut file = plain[..head].to_vec();
    let sub = |data: &[u8]| [&[u8::try_from(data.len()).unwrap()], data].concat();
    file.extend([b"\x21\xfe", &sub(PLACE)[..], b"\0"].concat());
    // XMP stands in no sub-blocks; a trail of falling numbers leads readers to its end.
    file.extend(b"\x21\xff\x0bXMP DataXMP");
    file.extend(xmp());
    file.push(1);
    file.extend((0..=255u8).rev());
    file.push(0);
    file.extend([b"\x21\x01\x0c", &[0; 12][..], &sub(PLACE), b"\0"].concat());
    file.extend(&plain[head..]);
    file.extend(PLACE);
    file
}

/// A JPEG in the inks of printers, of eight by eight pixels in one colour. Adobe's programs write the
/// paper that each ink leaves free: here all of it, or none.
pub fn inks_jpeg(free: [bool; 4]) -> Vec<u8> {
    let mut file = b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0".to_vec();
    // A quantization of 8 throughout, so that the first number of a block is its mean.
    file.extend(b"\xff\xdb\0\x43\0");
    file.extend([8; 64]);
    file.extend(b"\xff\xc0\0\x14\x08\0\x08\0\x08\x04");
    file.extend((1..=4).flat_map(|ink| [ink, 0x11, 0]));
    // A mean: 0 stands for one of no bits, 10 for one of seven. What follows it: 0, nothing.
    let lengths = |one: u8, two: u8| [&[one, two][..], &[0; 14]].concat();
    file.extend([b"\xff\xc4\0\x15\0", &lengths(1, 1)[..], b"\0\x07"].concat());
    file.extend([b"\xff\xc4\0\x14\x10", &lengths(1, 0)[..], b"\0"].concat());
    file.extend(b"\xff\xda\0\x0e\x04\x01\0\x02\0\x03\0\x04\0\0\x3f\0");
    // Ten bits each: 10, then 127 or 127 below nothing, then 0.
    let bits = free.iter().fold(0u64, |bits, free| {
        let ink = if *free {
            0b10_1111_1110
        } else {
            0b10_0000_0000
        };
        bits << 10 | ink
    });
    for byte in &bits.to_be_bytes()[3..] {
        file.push(*byte);
        file.extend(&[0][..usize::from(*byte == 0xff)]);
    }
    file.extend(b"\xff\xd9");
    file
}

/// Whether a file tells where its picture was taken.
pub fn tells(file: &[u8]) -> bool {
    let has = |what: &[u8]| file.windows(what.len()).any(|w| w == what);
    has(PLACE) || has(GPS) || has(b"Exif\0\0") || has(b"xmpmeta") || has(b"MM\0\x2a")
}

/// PNG's checksum (its annex D).
pub fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc: u32, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}
