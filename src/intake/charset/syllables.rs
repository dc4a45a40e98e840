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
const ENOUGH: usize = 3;

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
        for word in words {
            found.all += 1;
            found.syllables += usize::from(is_syllable(word));
        }
        found
    }

    /// Nearly all of them are: names and foreign words are few.
    pub(super) fn is_vietnamese(self) -> bool {
        self.all >= ENOUGH && self.syllables * 4 >= self.all * 3
    }

    /// A greater part of them is than of the other's.
    pub(super) fn is_more_than(self, other: Self) -> bool {
        self.syllables * other.all > other.syllables * self.all
    }
}

fn is_syllable(word: &str) -> bool {
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
                rest.strip_suffix(end)
                    .is_some_and(|nucleus| NUCLEI.contains(&nucleus))
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_what_only_looks_like_them() {
        for word in [
            "Ngày", "Tiêu", "đề", "ĐƯỢC", "người", "nghĩa", "khuỷu", "gì", "giữ", "giếng", "quyển",
            "ngoéo", "Chợ", "Đồn", "hưởng", "yêu", "thuở", "khuya", "xoong", "mười", "Mến", "ở",
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
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }
}
