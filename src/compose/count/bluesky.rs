//! As Bluesky counts: 300 graphemes and 3,000 bytes (`app.bsky.feed.post`, `maxGraphemes` and
//! `maxLength`), so ten bytes are as much as a grapheme. A text counts whichever is more.

use unicode_segmentation::UnicodeSegmentation as _;

/// So many bytes may be for each grapheme that may be.
const BYTES_A_GRAPHEME: usize = 10;

/// How long `text` is.
pub fn count(text: &str) -> usize {
    let graphemes = text.graphemes(true).count();
    graphemes.max(text.len().div_ceil(BYTES_A_GRAPHEME))
}

/// Bytes of the longest start of `text` that counts at most `max`, whole graphemes.
pub(super) fn fitting(text: &str, max: usize) -> usize {
    let most_bytes = max.saturating_mul(BYTES_A_GRAPHEME);
    let ends = text.grapheme_indices(true).map(|(at, g)| at + g.len());
    let fits = ends.take(max).take_while(|end| *end <= most_bytes);
    fits.last().unwrap_or(0)
}
