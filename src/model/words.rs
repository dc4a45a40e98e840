//! The words by which articles are found: of the title and the link, folded, so that `cho don` finds
//! `Chợ Đồn`; and what somebody looks for. A word is found by its beginning.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::form_urlencoded;

use super::article::Content;

/// Counts up with every change of what [`words`] answers: an index built with another is rebuilt. A
/// macro, so that it can stand within other texts that are known when the program is built.
macro_rules! words_version {
    () => {
        1
    };
}
pub(crate) use words_version;

/// So many words of an article are kept, the title's first: the longest title (300 characters) has
/// about sixty, and a link that is longer than that is no longer read by people.
pub const MOST_WORDS: usize = 64;

/// Of a word so many characters are kept: the longest Vietnamese syllable has seven, and what is longer
/// in a link (tracking, identifiers) is found by these.
pub const MOST_WORD_CHARS: usize = 24;

/// So many words are looked for at most: more would only make a search slow that finds nothing anyway.
pub const MOST_SOUGHT: usize = 8;

/// Of an article without a title the first line of its text is what people see in lists, so far.
const HEADLINE_CHARS: usize = 80;

/// In lower case and without marks: `Chợ Đồn` → `cho don`.
pub fn folded(text: &str) -> String {
    unmarked(&lower(text))
}

/// In lower case, each letter with its marks as one character.
fn lower(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn unmarked(lower: &str) -> String {
    lower
        .nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

/// Each word: folded, and as it was written (in lower case). A word is letters and digits.
fn split(text: &str) -> impl Iterator<Item = (String, String)> {
    let lower = lower(text);
    let words: Vec<String> = lower
        .split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
        .map(|word| word.chars().take(MOST_WORD_CHARS).collect())
        .collect();
    words
        .into_iter()
        .map(|word| (unmarked(&word), word))
        .filter(|(folded, _)| !folded.is_empty())
}

/// What people see of an article in lists, and its link as they read it.
fn seen(content: &Content) -> String {
    let mut seen = match content.title.trim() {
        "" => {
            let first = content.text.lines().next().unwrap_or_default();
            first.chars().take(HEADLINE_CHARS).collect()
        }
        title => title.to_owned(),
    };
    let link = content.link.as_deref().unwrap_or_default();
    let link = link.split_once("://").map_or(link, |(_, rest)| rest);
    let link = link.strip_prefix("www.").unwrap_or(link);
    // Percent-encoded letters are read as letters.
    for (name, value) in form_urlencoded::parse(link.as_bytes()) {
        seen.push(' ');
        seen.push_str(&name);
        seen.push(' ');
        seen.push_str(&value);
    }
    seen
}

/// An article's words, folded, each once and in order.
pub fn words(content: &Content) -> Vec<String> {
    told_apart(content).into_keys().collect()
}

/// Folded → as written, in each of the ways it was.
fn told_apart(content: &Content) -> BTreeMap<String, Vec<String>> {
    let mut words: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (folded, written) in split(&seen(content)) {
        if words.contains_key(&folded) || words.len() < MOST_WORDS {
            words.entry(folded).or_default().push(written);
        }
    }
    words
}

/// What somebody looks for: an article holds, for each of these, a word that begins with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought(Vec<One>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct One {
    folded: String,
    /// With its marks, where some were typed: then they count.
    marked: Option<String>,
}

impl Sought {
    /// Of what was typed: the first [`MOST_SOUGHT`] words.
    pub fn of(typed: &str) -> Self {
        let mut sought: Vec<One> = Vec::new();
        for (folded, written) in split(typed) {
            let one = One {
                marked: Some(written).filter(|w| *w != folded),
                folded,
            };
            if !sought.contains(&one) && sought.len() < MOST_SOUGHT {
                sought.push(one);
            }
        }
        Self(sought)
    }

    /// Nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The beginnings of words, folded: all of them stand in whatever fits.
    pub fn beginnings(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|one| one.folded.as_str())
    }

    /// Whether marks were typed: then not everything that holds all [`Self::beginnings`] fits.
    pub fn is_marked(&self) -> bool {
        self.0.iter().any(|one| one.marked.is_some())
    }

    /// Whether an article is what is looked for.
    pub fn fits(&self, content: &Content) -> bool {
        if self.is_empty() {
            return true;
        }
        let words = told_apart(content);
        self.0.iter().all(|one| {
            let mut like = words
                .range(one.folded.clone()..)
                .take_while(|(word, _)| word.starts_with(&one.folded));
            like.any(|(_, ways)| match &one.marked {
                None => true,
                Some(marked) => ways.iter().any(|way| way.starts_with(marked.as_str())),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(title: &str, link: &str) -> Content {
        Content {
            title: title.to_owned(),
            text: "Bản tin".to_owned(),
            link: Some(link.to_owned()).filter(|l| !l.is_empty()),
            pictures: Vec::new(),
        }
    }

    fn found(typed: &str, title: &str) -> bool {
        Sought::of(typed).fits(&article(title, ""))
    }

    #[test]
    fn marks_count_where_they_were_typed() {
        let title = "Huyện Chợ Đồn, tỉnh Bắc Kạn";
        for typed in [
            "cho don",
            "CHỢ đồn",
            "don cho",
            "chợ don",
            "b k h",
            "",
            "  ,",
        ] {
            assert!(found(typed, title), "{typed}");
        }
        for typed in ["chờ", "dồn", "cho moi", "on", "đon"] {
            assert!(!found(typed, title), "{typed}");
        }
        // Typed mark by mark, as some keyboards do.
        assert!(found("Cho\u{323}\u{31b}", "Chợ phiên"));
        assert!(found("chợ", "Cho\u{31b}\u{323} phie\u{302}n"));
    }

    #[test]
    fn words_are_those_of_title_and_link() {
        let words = words(&article(
            "Tiêm chủng: 20.673 mũi (đợt 2)",
            "https://www.chodon.backan.gov.vn/tin-tuc/%C4%91%E1%BB%A3t-2?id=77&utm_source=zalo",
        ));
        assert_eq!(
            words,
            [
                "2", "20", "673", "77", "backan", "chodon", "chung", "dot", "gov", "id", "mui",
                "source", "tiem", "tin", "tuc", "utm", "vn", "zalo"
            ]
        );
    }

    #[test]
    fn without_a_title_the_first_line_is_what_people_see() {
        let content = Content {
            text: "Thông báo nghỉ lễ\nxem thêm".to_owned(),
            ..Content::default()
        };
        assert_eq!(super::words(&content), ["bao", "le", "nghi", "thong"]);
        assert!(!Sought::of("xem").fits(&content));
    }

    #[test]
    fn what_is_endless_is_cut_and_still_found() {
        let long = format!("{} {}", "x".repeat(500), "a b ".repeat(500));
        let title: String = (0..500).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&article(&title, "")).len(), MOST_WORDS);
        assert!(found(&"x".repeat(500), &long));
        assert!(found(&"x".repeat(MOST_WORD_CHARS + 1), &long));
        assert_eq!(Sought::of(&title).beginnings().count(), MOST_SOUGHT);
    }

    #[test]
    fn what_fits_holds_every_beginning() {
        let content = article("Đại hội Đảng bộ xã Ngọc Phái", "https://a.example/dai-hoi");
        let words = words(&content);
        for typed in ["đại h", "phai ngoc", "dai-hoi", "Đảng"] {
            let sought = Sought::of(typed);
            assert!(sought.fits(&content), "{typed}");
            assert!(
                sought
                    .beginnings()
                    .all(|b| words.iter().any(|w| w.starts_with(b))),
                "{typed}"
            );
        }
    }
}
