//! Whatever bytes come in, and whatever is said of them: a text in composed form, and nothing falls over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use raotin::intake::charset::{Hints, decode};

fuzz_target!(|given: (&str, &str, &[u8])| {
    let (content_type, host, bytes) = given;
    let hints = Hints {
        content_type: Some(content_type),
        host: Some(host),
    };
    let decoded = decode(bytes, hints);
    assert!(unicode_normalization::is_nfc(&decoded.text));
});
