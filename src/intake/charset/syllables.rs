//! Whether letters make Vietnamese syllables: by that alone a text in one of the old encodings can be
//! told from the same bytes read in another.

use unicode_normalization::UnicodeNormalization as _;

/// What a syllable may begin with. Longer ones need not come first: every way to cut a syllable is tried.
const INITIALS: [&str; 28] = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh",
    "nh", "p", "ph", "qu", "r", "s", "t", "th", "tr", "v", "x",
];

/// What stands in its midst, without the tone.
const NUCLEI: [&str; 56] = [
    "a", "ai", "ao", "au", "ay", "ă", "â", "âu", "ây", "e", "eo", "ê", "êu", "i", "ia", "iê",
    "iêu", "iu", "o", "oa", "oai", "oao", "oay", "oă", "oe", "oeo", "oi", "oo", "ô", "ôi", "ơ",
    "ơi", "u", "ua", "uâ", "uây", "uê", "ui", "uô", "uôi", "uơ", "uy", "uya", "uyê", "uyu", "ư",
    "ưa", "ưi", "ươ", "ươi", "ươu", "ưu", "y", "ya", "yê", "yêu",
];

/// What it may end with; the stops bear two of the six tones only.
const FINALS: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
const STOPS: [&str; 4] = ["c", "ch", "p", "t"];

/// Huyền, sắc, ngã, hỏi, nặng.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
const TONES_ON_STOPS: [char; 2] = ['\u{301}', '\u{323}'];

/// With fewer words nothing is told: one or two are syllables by chance.
pub(super) const ENOUGH: usize = 3;

/// Words with a letter that is not ASCII.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) all: usize,
    /// Those that are syllables.
    pub(super) syllables: usize,
}

impl Marked {
    /// Of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut found = Marked::default();
        // Signs like `§` stand in the midst of words that are read in the wrong encoding.
        let between = |c: char| {
            (c.is_ascii() && !c.is_ascii_alphabetic())
                || c.is_whitespace()
                || matches!(c, '\u{2000}'..='\u{206f}')
        };
        let words = text.split(between).filter(|word| !word.is_ascii());
        // One that stands alone is a syllable by chance, as `©` is (for `â`).
        let words = words.filter(|word| word.chars().nth(1).is_some());
        for word in words {
            found.all += 1;
            found.syllables += usize::from(is_syllable(word));
        }
        found
    }

    /// Nearly all of them are: names and foreign words are few.
    pub(super) fn is_vietnamese(self) -> bool {
        self.all >= ENOUGH && self.are_most_of(self.all)
    }

    /// The syllables are nearly all of so many words.
    pub(super) fn are_most_of(self, words: usize) -> bool {
        self.syllables * 4 >= words * 3
    }

    /// Every word is one.
    pub(super) fn reads_well(self) -> bool {
        self.syllables == self.all
    }

    /// With another text's.
    pub(super) fn add(&mut self, other: Self) {
        self.all += other.all;
        self.syllables += other.syllables;
    }

    /// A greater part of them is than of the other's.
    pub(super) fn is_more_than(self, other: Self) -> bool {
        self.syllables * other.all > other.syllables * self.all
    }
}

fn is_syllable(word: &str) -> bool {
    if is_abbreviation(word) {
        return true;
    }
    // `Đ` and `đ` do not come apart.
    let apart = word.to_lowercase().nfd().collect::<Vec<char>>();
    let tones: Vec<char> = apart
        .iter()
        .copied()
        .filter(|c| TONES.contains(c))
        .collect();
    if tones.len() > 1 {
        return false;
    }
    let plain = apart.into_iter().filter(|c| !TONES.contains(c));
    let plain: String = plain.nfc().collect();
    let fits = |end: &&str| {
        let bears = |tone: &char| TONES_ON_STOPS.contains(tone);
        !STOPS.contains(end) || tones.iter().all(bears)
    };
    INITIALS.iter().any(|begin| {
        plain.strip_prefix(begin).is_some_and(|rest| {
            // `gì`: its `i` is both.
            let rest = if *begin == "gi" && !rest.starts_with(|c: char| "aăâeêioôơuưy".contains(c))
            {
                &plain[1..]
            } else {
                rest
            };
            FINALS.iter().filter(|end| fits(end)).any(|end| {
                rest.strip_suffix(end).is_some_and(|nucleus| {
                    NUCLEI.contains(&nucleus) && (end.is_empty() || !is_closed(nucleus))
                })
            })
        })
    })
}

/// `QĐ`, `HĐND`: offices write many.
fn is_abbreviation(word: &str) -> bool {
    word.contains('Đ') && word.chars().all(|c| c == 'Đ' || c.is_ascii_uppercase())
}

/// Whether nothing can follow it: two vowels or three, of which the last is half a consonant, or an `a`
/// that is none of its own.
fn is_closed(nucleus: &str) -> bool {
    let glides = nucleus.len() > 1 && nucleus.ends_with(['i', 'y', 'o', 'u']);
    let alone = ["oo", "uy"].contains(&nucleus) || nucleus.chars().count() == 1;
    (glides && !alone) || ["ia", "ua", "ưa", "ya", "uya"].contains(&nucleus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_what_only_looks_like_them() {
        for word in [
            "Ngày", "Tiêu", "đề", "ĐƯỢC", "người", "nghĩa", "khuỷu", "gì", "giữ", "giếng", "quyển",
            "ngoéo", "Chợ", "Đồn", "hưởng", "yêu", "thuở", "huỳnh", "quýt", "giảng", "khuya",
            "xoong", "HĐND", "mười", "Mến", "ở",
        ] {
            assert!(is_syllable(word), "{word}");
        }
        for word in [
            "TiÕng",
            "ViÖt",
            "Chî",
            "§ån",
            "Thoâng",
            "baùo",
            "ñöôïc",
            "höôûng",
            "façade",
            "Ngµy",
            "tièt",
            "ữợ",
            "été's",
            "Keõnh",
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
