//! Whether a post found on a platform is the one that was sent: for those that are asked by reading
//! back. Pure.
//!
//! Same: it can be taken as the proof. Near: too like it to say "not posted", too unlike to say "that
//! is it"; a person looks (RULES 3).

use unicode_normalization::UnicodeNormalization as _;

use crate::compose::link_key;
use crate::model::Part;

/// Two texts are nearly the same when so much of the longer one's words stands in the other.
const NEAR_WORDS: f64 = 0.7;
/// A text of so many words that stands whole inside another is nearly the same: it was added to, or cut.
const NEAR_INSIDE_WORDS: usize = 5;

/// How like a found post is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    Other,
    Near,
    Same,
}

/// What a listed post shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) text: String,
    pub(super) link: Option<String>,
    /// Ids of its pictures; empty ids where none was told.
    pub(super) photos: Vec<String>,
}

/// Compares what was sent with what is shown. `photo_ids`: of the pictures uploaded for it.
pub(super) fn likeness(sent: &Part, photo_ids: &[String], shown: &Shown) -> Likeness {
    // Pictures are uploaded for one attempt and shown by one post: this is proof by itself.
    if photo_ids.iter().any(|id| shown.photos.contains(id)) {
        return Likeness::Same;
    }
    let texts_same = plain(&sent.text) == plain(&shown.text);
    let pictures_same = sent.pictures.is_empty() == shown.photos.is_empty();
    let says_something = !plain(&sent.text).is_empty() || sent.link.is_some();
    if texts_same && pictures_same && says_something && links_same(sent, shown) {
        return Likeness::Same;
    }
    let wordless_pictures = texts_same && !says_something && pictures_same;
    if wordless_pictures || links_near(sent, shown) || texts_near(&sent.text, &shown.text) {
        return Likeness::Near;
    }
    Likeness::Other
}

/// NFC, one space between words: platforms trim and fold white space.
fn plain(text: &str) -> String {
    let words: String = text.nfc().collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn links_same(sent: &Part, shown: &Shown) -> bool {
    match (&sent.link, &shown.link) {
        (None, None) => true,
        // The platform makes a preview of an address in the text by itself.
        (None, Some(preview)) => same_address_inside(&sent.text, preview),
        (Some(link), None) => shown.text.contains(link.as_str()),
        (Some(link), Some(preview)) => same_address(link, preview),
    }
}

fn links_near(sent: &Part, shown: &Shown) -> bool {
    let Some(link) = &sent.link else {
        return false;
    };
    let key = link_key(link);
    shown.text.contains(link.as_str())
        || shown
            .link
            .as_ref()
            .is_some_and(|l| key.is_some() && link_key(l) == key)
}

fn same_address(a: &str, b: &str) -> bool {
    match (url::Url::parse(a), url::Url::parse(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

fn same_address_inside(text: &str, address: &str) -> bool {
    let trimmed = |word: &str| {
        let end: &[char] = &['.', ',', ';', ')', '!', '?', '»', '"'];
        word.trim_end_matches(end).to_owned()
    };
    text.split_whitespace()
        .any(|word| same_address(&trimmed(word), address))
}

fn texts_near(a: &str, b: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let lower = plain(text).to_lowercase();
        let letters = lower.split(|c: char| !c.is_alphanumeric());
        letters
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let (a, b) = (words(a), words(b));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    let (short, mut long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let longer = long.len();
    let mut common = 0_u32;
    for word in &short {
        if let Some(at) = long.iter().position(|w| w == word) {
            long.swap_remove(at);
            common += 1;
        }
    }
    let inside = short.len() >= NEAR_INSIDE_WORDS && common as usize == short.len();
    #[allow(clippy::cast_precision_loss, reason = "texts of under 2^52 words")]
    let share = f64::from(common) / longer as f64;
    inside || share >= NEAR_WORDS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Picture;

    fn sent(text: &str, link: Option<&str>, pictures: usize) -> Part {
        let picture = Picture {
            hash: "ab".into(),
            alt: String::new(),
        };
        Part {
            text: text.into(),
            link: link.map(str::to_owned),
            pictures: vec![picture; pictures],
            ..Part::default()
        }
    }
    fn shown(text: &str, link: Option<&str>, photos: &[&str]) -> Shown {
        Shown {
            text: text.into(),
            link: link.map(str::to_owned),
            photos: photos.iter().map(|p| (*p).to_owned()).collect(),
        }
    }
    const TEXT: &str = "Lịch tiêm chủng tuần này tại các xã";
    const LINK: &str = "https://chodon.gov.vn/tin/1?utm_source=fb";

    #[test]
    fn the_same_is_the_same_however_white_space_and_letters_are_written() {
        let decomposed: String = TEXT.nfd().collect();
        for text in [
            TEXT,
            &decomposed,
            &format!("{TEXT}\n"),
            "Lịch tiêm  chủng tuần này tại các xã",
        ] {
            assert_eq!(
                likeness(&sent(TEXT, None, 0), &[], &shown(text, None, &[])),
                Likeness::Same
            );
        }
        let both = likeness(
            &sent(TEXT, Some(LINK), 0),
            &[],
            &shown(TEXT, Some(LINK), &[]),
        );
        assert_eq!(both, Likeness::Same);
    }

    #[test]
    fn a_preview_that_facebook_makes_itself_is_no_difference() {
        let text = format!("{TEXT}: {LINK}.");
        assert_eq!(
            likeness(&sent(&text, None, 0), &[], &shown(&text, Some(LINK), &[])),
            Likeness::Same
        );
        assert_eq!(
            likeness(&sent(&text, Some(LINK), 0), &[], &shown(&text, None, &[])),
            Likeness::Same
        );
    }

    #[test]
    fn alike_is_not_the_same() {
        let post = sent(TEXT, Some(LINK), 0);
        for near in [
            shown(TEXT, None, &[]),
            shown(TEXT, Some("https://chodon.gov.vn/khac"), &[]),
            shown("Lịch tiêm chủng tuần này tại các thôn", Some(LINK), &[]),
            shown("Lịch tiêm chủng tuần này tại các thôn", None, &[]),
            shown(
                &format!("{TEXT}. Bà con chú ý đến đúng giờ nhé, mang theo sổ"),
                None,
                &[],
            ),
            shown("Một tin khác hẳn", Some(LINK), &[]),
            shown(TEXT, Some(LINK), &["9"]),
        ] {
            assert_eq!(likeness(&post, &[], &near), Likeness::Near, "{near:?}");
        }
        for other in [
            shown("Tin khác hẳn về giao thông", None, &[]),
            shown("", None, &["9"]),
        ] {
            assert_eq!(likeness(&post, &[], &other), Likeness::Other, "{other:?}");
        }
    }

    #[test]
    fn own_pictures_are_proof_and_wordless_ones_are_not() {
        let post = sent("", None, 2);
        let ids = ["17".to_owned(), "18".to_owned()];
        assert_eq!(
            likeness(&post, &ids, &shown("", None, &["17", "18"])),
            Likeness::Same
        );
        assert_eq!(
            likeness(&post, &ids, &shown("", None, &["20"])),
            Likeness::Near
        );
        assert_eq!(
            likeness(&post, &ids, &shown("Chữ", None, &[])),
            Likeness::Other
        );
    }
}
