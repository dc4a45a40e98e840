//! Whatever bytes come in as a picture: what is kept is clean, stays so, tells nothing but what it shows
//! and can be read by everybody; and what is made to fit fits.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{ImageDecoder as _, ImageReader};
use raotin::compose::limits::FACEBOOK_PICTURE;
use raotin::picture::{Fit, Takes, clean, facts, fit, is_clean, look, redraw};

/// Larger ones only cost time here; that they are refused in time has tests of its own.
const MOST_PIXELS: u64 = 1 << 18;

/// The bytes are the file.
pub(super) fn hold(bytes: &[u8]) {
    let Some(seen) = look(bytes) else {
        assert!(clean(bytes).is_err());
        return;
    };
    if u64::from(seen.width) * u64::from(seen.height) > MOST_PIXELS {
        return;
    }
    let Ok(kept) = clean(bytes) else { return };
    assert!(is_clean(&kept));
    assert_eq!(clean(&kept).as_ref(), Ok(&kept));
    let facts = facts(&kept).expect("facts of what is kept");
    let mut reader = ImageReader::new(Cursor::new(&kept));
    reader = reader.with_guessed_format().expect("in memory");
    let mut decoder = reader.into_decoder().expect("a picture");
    assert_eq!(decoder.dimensions(), (facts.width, facts.height));
    assert_eq!(decoder.orientation().ok(), Some(Orientation::NoTransforms));
    assert_eq!(decoder.exif_metadata().ok().flatten(), None);
    assert_eq!(decoder.xmp_metadata().ok().flatten(), None);
    assert_eq!(decoder.iptc_metadata().ok().flatten(), None);
    let takes = Takes {
        bytes: 20_000,
        pixels: 10_000,
        ..FACEBOOK_PICTURE
    };
    if let Ok(Fit::Redrawn(wanted)) = fit(&facts, &takes)
        && let Some(made) = redraw(&kept, &wanted).expect("read once, read again")
    {
        assert!(made.len() <= takes.bytes && is_clean(&made));
        let made = raotin::picture::facts(&made).expect("facts of what was drawn");
        assert!(takes.holds(made.width, made.height));
    }
}
