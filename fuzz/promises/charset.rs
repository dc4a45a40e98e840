//! Whatever bytes come in, and whatever is said of them: a composed text of bounded length, and what
//! was read once is read the same when it is read again.

use raotin::intake::charset::{Hints, decode};

/// No encoding makes more of a byte than three bytes of UTF-8, and composing makes at most three of one.
const MOST_OF_A_BYTE: usize = 9;

/// The first line is what the server says, the second its name; then the bytes.
pub(super) fn hold(given: &[u8]) {
    let mut parts = given.splitn(3, |b| *b == b'\n');
    let mut word = || parts.next().and_then(|p| std::str::from_utf8(p).ok());
    let hints = Hints {
        content_type: word(),
        host: word(),
    };
    let bytes = parts.next().unwrap_or_default();
    let decoded = decode(bytes, hints);
    assert!(unicode_normalization::is_nfc(&decoded.text));
    assert!(!decoded.text.starts_with('\u{feff}'));
    assert!(decoded.text.len() <= MOST_OF_A_BYTE * bytes.len());
    if decoded.damaged {
        assert!(decoded.text.contains('\u{fffd}'));
    }
    let again = decode(decoded.text.as_bytes(), Hints::default());
    // But where the fonts that it names say something else of it than its bytes.
    if !decoded.text.is_ascii() && again.charset == "UTF-8" {
        assert_eq!(again.text, decoded.text, "after {}", decoded.charset);
    }
}
