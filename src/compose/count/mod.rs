//! How long a text is, as each platform counts: one file a way of counting.

pub mod bluesky;
pub mod characters;
pub mod graphemes;
pub mod mastodon;
pub mod utf16;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

/// A way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// What a reader sees as one character.
    Graphemes,
    /// UTF-16 code units.
    Utf16,
    /// Unicode scalar values.
    Characters,
    /// Graphemes, or tens of bytes where these are more.
    Bluesky,
    /// Graphemes, an address counting 23.
    Mastodon,
}

impl Unit {
    /// How long `text` is.
    pub fn count(self, text: &str) -> usize {
        match self {
            Unit::Graphemes => graphemes::count(text),
            Unit::Utf16 => utf16::count(text),
            Unit::Characters => characters::count(text),
            Unit::Bluesky => bluesky::count(text),
            Unit::Mastodon => mastodon::count(text),
        }
    }

    /// Bytes of the longest start of `text` that counts at most `max` and ends between two graphemes:
    /// no letter loses its marks, no family its children.
    pub fn fitting(self, text: &str, max: usize) -> usize {
        match self {
            Unit::Bluesky => return bluesky::fitting(text, max),
            Unit::Mastodon => return mastodon::fitting(text, max),
            _ => {}
        }
        let mut used = 0;
        for (at, grapheme) in text.grapheme_indices(true) {
            used += self.count(grapheme);
            if used > max {
                return at;
            }
        }
        text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_counts_its_own() {
        for (text, graphemes, utf16, characters) in [
            ("", 0, 0, 0),
            ("Chợ Đồn", 7, 7, 7),
            // The same, decomposed: o + dot below + horn, d with stroke stays one, o + hat + grave.
            ("Cho\u{31b}\u{323} Đo\u{302}\u{300}n", 7, 11, 11),
            ("👨‍👩‍👧‍👦", 1, 11, 7),
            ("🇻🇳", 1, 4, 2),
            ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", 1, 14, 7),
            ("e\u{301}", 1, 2, 2),
            ("\r\n", 1, 2, 2),
            ("مرحبا", 5, 5, 5),
        ] {
            assert_eq!(Unit::Graphemes.count(text), graphemes, "{text:?}");
            assert_eq!(Unit::Utf16.count(text), utf16, "{text:?}");
            assert_eq!(Unit::Characters.count(text), characters, "{text:?}");
        }
    }

    #[test]
    fn what_fits_ends_between_graphemes() {
        let text = "a👨‍👩‍👧‍👦b🇻🇳";
        let fits = |unit: Unit, max| &text[..unit.fitting(text, max)];
        assert_eq!(fits(Unit::Graphemes, 2), "a👨‍👩‍👧‍👦");
        assert_eq!(fits(Unit::Utf16, 11), "a");
        assert_eq!(fits(Unit::Utf16, 12), "a👨‍👩‍👧‍👦");
        assert_eq!(fits(Unit::Characters, 10), "a👨‍👩‍👧‍👦b");
        assert_eq!(fits(Unit::Characters, 11), text);
        assert_eq!(fits(Unit::Characters, 0), "");
    }
}
