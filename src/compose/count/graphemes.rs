//! Graphemes: what a reader sees as one character, whatever it is made of (UAX #29, extended).

use unicode_segmentation::UnicodeSegmentation as _;

/// How many graphemes `text` has.
pub fn count(text: &str) -> usize {
    text.graphemes(true).count()
}
