//! A text that is too long, cut at a word.

use unicode_segmentation::UnicodeSegmentation as _;

use super::count::Unit;
use super::link::addresses;

/// What stands for what was left out.
pub(super) const ELLIPSIS: &str = "…";

/// A word is given up for the cut unless that gives up more than one part in so many of what would
/// fit: text without spaces (Thai, a very long word) is cut inside a word rather than to nothing.
const MOST_GIVEN_UP: usize = 2;

/// The start of `text`, with an ellipsis, that counts at most `max`: whole graphemes, whole addresses
/// and, where that leaves enough, whole words. Empty where nothing of it would be left.
pub(crate) fn cut(text: &str, unit: Unit, max: usize) -> String {
    let room = max.saturating_sub(unit.count(ELLIPSIS));
    let mut end = unit.fitting(text, room);
    // Half an address leads nowhere.
    let address = addresses(text)
        .into_iter()
        .find(|address| address.start < end && end < address.end);
    if let Some(address) = address {
        end = address.start;
    } else if !text[end..].starts_with(char::is_whitespace) {
        let word = last_word_end(&text[..end]);
        if end - word <= end / MOST_GIVEN_UP {
            end = word;
        }
    }
    let kept = without_dangling(&text[..end]);
    if kept.is_empty() {
        return String::new();
    }
    format!("{kept}{ELLIPSIS}")
}

/// What of `text` counts at most `max` and ends where a reader may stop (a paragraph, a sentence, a
/// word), and the rest: nothing is lost but the white space between. An address stays whole unless it
/// alone is too long.
pub(super) fn split(text: &str, unit: Unit, max: usize) -> (&str, &str) {
    let end = unit.fitting(text, max);
    if end == text.len() {
        return (text, "");
    }
    let enough = |at: usize| at * MOST_GIVEN_UP >= end;
    let fits = &text[..end];
    let before = |mark: &str| fits.rfind(mark).map(|at| at + mark.trim_end().len());
    let sentence = [". ", "! ", "? ", "… "]
        .into_iter()
        .filter_map(before)
        .max();
    let closed = text[end..].starts_with(char::is_whitespace);
    let word = if closed { end } else { last_word_end(fits) };
    let address = addresses(text)
        .into_iter()
        .find(|address| address.start < end && end < address.end)
        .filter(|address| address.start > 0);
    let stop = before("\n\n")
        .filter(|at| enough(*at))
        .or_else(|| before("\n").filter(|at| enough(*at)))
        .or_else(|| sentence.filter(|at| enough(*at)))
        .or_else(|| address.map(|address| address.start))
        .or_else(|| Some(word).filter(|at| enough(*at)))
        .unwrap_or(end);
    (text[..stop].trim_end(), text[stop..].trim_start())
}

/// Where the last white space that stands for itself begins.
fn last_word_end(text: &str) -> usize {
    text.grapheme_indices(true)
        .rev()
        .find(|(_, grapheme)| grapheme.chars().all(char::is_whitespace))
        .map_or(0, |(at, _)| at)
}

/// Without white space and punctuation that would stand before the ellipsis.
fn without_dangling(text: &str) -> &str {
    let end = text
        .grapheme_indices(true)
        .rev()
        .find(|(_, grapheme)| {
            !grapheme.chars().all(|c| {
                c.is_whitespace()
                    || matches!(
                        c,
                        ',' | ';' | ':' | '.' | '…' | '-' | '–' | '—' | '(' | '[' | '“' | '«' | '"'
                    )
            })
        })
        .map_or(0, |(at, grapheme)| at + grapheme.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole() {
        let text = "Huyện Chợ Đồn ra quân làm đường";
        let cut = |max| cut(text, Unit::Characters, max);
        assert_eq!(cut(14), "Huyện Chợ Đồn…");
        assert_eq!(cut(13), "Huyện Chợ…");
        assert_eq!(cut(6), "Huyện…");
        assert_eq!(cut(4), "Huy…");
        assert_eq!(cut(1), "");
        assert_eq!(cut(0), "");
    }

    #[test]
    fn no_punctuation_dangles() {
        assert_eq!(cut("Một, hai – ba (bốn)", Unit::Characters, 5), "Một…");
        assert_eq!(
            cut("Một, hai – ba (bốn)", Unit::Characters, 12),
            "Một, hai…"
        );
        assert_eq!(cut("… — dài", Unit::Characters, 4), "");
    }

    #[test]
    fn letters_keep_their_marks_and_families_stay_together() {
        // No composed form: the marks stay with their letter or go with it.
        let marked = "x\u{323}\u{302}".repeat(5);
        assert_eq!(cut(&marked, Unit::Characters, 6), "x\u{323}\u{302}…");
        let families = "👨‍👩‍👧‍👦".repeat(3);
        assert_eq!(cut(&families, Unit::Utf16, 22), "👨‍👩‍👧‍👦…");
        assert_eq!(cut(&"🇻🇳".repeat(3), Unit::Utf16, 8), "🇻🇳…");
    }

    #[test]
    fn an_address_stays_whole_or_goes() {
        let text = "Xem https://chodon.gov.vn/tin/12345 và nhiều hơn nữa";
        assert_eq!(cut(text, Unit::Characters, 20), "Xem…");
        assert_eq!(
            cut(text, Unit::Characters, 40),
            "Xem https://chodon.gov.vn/tin/12345 và…"
        );
        assert_eq!(
            cut("https://chodon.gov.vn/tin/12345 a", Unit::Characters, 20),
            ""
        );
    }
}
