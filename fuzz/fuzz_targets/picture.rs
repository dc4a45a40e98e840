//! Whatever bytes come in as a picture: nothing falls over, what is kept is clean and stays so, and what
//! is made to fit fits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raotin::compose::limits::FACEBOOK_PICTURE;
use raotin::picture::{Fit, Takes, clean, facts, fit, is_clean, redraw};

fuzz_target!(|bytes: &[u8]| {
    let Ok(kept) = clean(bytes) else {
        return;
    };
    assert!(is_clean(&kept));
    assert_eq!(clean(&kept).as_ref(), Ok(&kept));
    let facts = facts(&kept).expect("facts of what is kept");
    let takes = Takes {
        bytes: 20_000,
        pixels: 10_000,
        ..FACEBOOK_PICTURE
    };
    if let Ok(Fit::Redrawn(wanted)) = fit(&facts, &takes)
        && let Some(made) = redraw(&kept, &wanted).expect("read once, read again")
    {
        assert!(made.len() <= takes.bytes && is_clean(&made));
    }
});
