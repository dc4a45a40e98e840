//! Text as people type and paste it → text as it goes out: NFC, one kind of line end, no control
//! characters, nothing at the start that would hang on what stands before.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};
use unicode_segmentation::UnicodeSegmentation as _;

/// A text of several lines. Line ends become LF, tabs a space; the ends of lines and of the text are
/// trimmed.
pub(super) fn block(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for (i, line) in plain(text).split('\n').enumerate() {
        if i > 0 {
            kept.push('\n');
        }
        kept.push_str(line.trim_end());
    }
    detached(&kept).trim_end().to_owned()
}

/// A text as one line: composed, with single spaces, without control characters or anything that
/// would change what stands before it.
pub fn line(text: &str) -> String {
    let words: Vec<String> = plain(text).split_whitespace().map(str::to_owned).collect();
    detached(&words.join(" ")).to_owned()
}

/// Without white space at the start, and without characters that would join the one before them
/// (combining marks, joiners): a value stands beside a template's words and must not change them.
pub(super) fn detached(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || joins_backwards(c))
}

/// In composed form. Most text is so already, and that is told faster than it is made.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

fn plain(text: &str) -> String {
    let plain: String = text
        .replace("\r\n", "\n")
        .chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
            '\t' => Some(' '),
            c if c.is_control() => None,
            // Embeddings, overrides and isolates: a cut would leave one open, and it would turn round
            // whatever follows the post. Plain right-to-left text needs none of them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            // A byte order mark, as spreadsheets leave it.
            '\u{feff}' => None,
            c => Some(c),
        })
        .collect();
    match nfc(&plain) {
        Cow::Owned(composed) => composed,
        Cow::Borrowed(_) => plain,
    }
}

/// Whether the character belongs to the one before it (a combining mark, a joiner).
pub(super) fn joins_backwards(c: char) -> bool {
    !c.is_ascii() && ['a', c].iter().collect::<String>().graphemes(true).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_and_controls_go() {
        assert_eq!(
            block("\u{feff}  Một \r\nhai\rba\u{85}bốn\u{2028}năm\t!\u{0}\u{7}\u{202e}  \n\n"),
            "Một\nhai\nba\nbốn\nnăm !"
        );
        assert_eq!(block(" \n\t\r\n "), "");
        assert_eq!(line("  Tin\n nóng \u{a0} hôm\tnay "), "Tin nóng hôm nay");
    }

    #[test]
    fn everything_is_composed() {
        assert_eq!(block("Cho\u{31b}\u{323} Đo\u{302}\u{300}n"), "Chợ Đồn");
        // What a removed control character kept apart.
        assert_eq!(block("e\u{0}\u{301}"), "é");
    }

    #[test]
    fn nothing_hangs_on_what_stands_before() {
        assert_eq!(block("\u{301} \u{200d}\u{fe0f}tin"), "tin");
        assert_eq!(line("\u{301}"), "");
        // Inside the text a lone mark is the writer's own.
        assert_eq!(block("a \u{301}b"), "a \u{301}b");
    }
}
