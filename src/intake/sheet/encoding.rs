//! Bytes → text, in the encodings that office programs write CSV in.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

/// Of so many bytes a file without a mark is judged.
const LOOKED_AT: usize = 4096;

/// The text; none where the bytes are no text at all.
///
/// A byte order mark rules. Without one: UTF-16 is known by its zeros, UTF-8 by holding throughout;
/// what is left is windows-1258, which Excel of a Vietnamese Windows writes for "CSV".
pub(super) fn decoded(bytes: Vec<u8>) -> Option<String> {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Some(encoding.decode(&bytes).0.into_owned());
    }
    if let Some(encoding) = utf_16(&bytes) {
        return Some(encoding.decode_without_bom_handling(&bytes).0.into_owned());
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return (!text.contains('\0')).then_some(text),
        Err(other) => other.into_bytes(),
    };
    if bytes.iter().any(|b| matches!(b, 0..=8 | 14..=31)) {
        return None;
    }
    // One bad byte in a file that is otherwise UTF-8 is a slip, not another encoding.
    let (text, _) = UTF_8.decode_without_bom_handling(&bytes);
    let bad = text.matches('\u{fffd}').count();
    let marked = text.chars().filter(|c| !c.is_ascii()).count();
    if bad * 20 < marked {
        return Some(text.into_owned());
    }
    // Its tones stand behind their letters and are put on them.
    let (text, _) = WINDOWS_1258.decode_without_bom_handling(&bytes);
    Some(text.nfc().collect())
}

/// Text in Latin letters has a zero in every other byte.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half == 0 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    if odd * 3 > half && even * 20 < half {
        Some(UTF_16LE)
    } else if even * 3 > half && odd * 20 < half {
        Some(UTF_16BE)
    } else {
        None
    }
}
