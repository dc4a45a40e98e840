//! Files that say nothing of how they are written, as office programs save them.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1258};

use super::syllables::Marked;
use super::{Legacy, Utf8, composed};

/// By so many bytes a file is judged that bears no mark and is no UTF-8: some hundred rows.
const LOOKED_AT: usize = 64 << 10;

/// The text, and the encoding from before Unicode that it was in, if any; none where the bytes are no text
/// at all.
///
/// A byte order mark rules. Without one: UTF-16 is known by its zeros, UTF-8 by holding throughout but
/// for a slip. What is left is windows-1258, which Excel of a Vietnamese Windows writes for "CSV"; unless
/// its words are Vietnamese only when read as what was written before Unicode, with fonts like `.VnTime`
/// and `VNI-Times`.
pub fn of_file(bytes: Vec<u8>) -> Option<(String, Option<Legacy>)> {
    if let Some((encoding, _)) = Encoding::for_bom(&bytes) {
        return Some((encoding.decode(&bytes).0.into_owned(), None));
    }
    if let Some(encoding) = wide(&bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes);
        return Some((text.into_owned(), None));
    }
    // Line ends and tabs apart, no text holds what controls a terminal.
    if bytes.iter().any(|b| matches!(b, 0..=8 | 14..=31)) {
        return None;
    }
    if bytes.is_ascii() || Utf8::of(&bytes).is_it() {
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|other| String::from_utf8_lossy(other.as_bytes()).into_owned());
        return Some((text, None));
    }
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let windows = |bytes: &[u8]| {
        // Its tones stand behind their letters and are put on them.
        let (text, _) = WINDOWS_1258.decode_without_bom_handling(bytes);
        composed(text.into_owned())
    };
    let legacy = told(&windows(head), |legacy| legacy.decode(head));
    let text = match legacy {
        Some(legacy) => composed(legacy.decode(&bytes)),
        None => windows(&bytes),
    };
    Some((text, legacy))
}

/// The old encoding under which most words are Vietnamese, and more of them than as they stand.
fn told(plain: &str, read: impl Fn(Legacy) -> String) -> Option<Legacy> {
    let mut best = (Marked::of(plain), None);
    for legacy in Legacy::ALL {
        let marked = Marked::of(&composed(read(legacy)));
        if marked.is_vietnamese() && marked.is_more_than(best.0) {
            best = (marked, Some(legacy));
        }
    }
    best.1
}

/// UTF-16 without a mark: text in Latin letters has a zero in every other byte.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
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
