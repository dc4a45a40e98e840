//! Texts that are Unicode by their bytes, and Vietnamese only as a font from before Unicode shows them: an
//! office program has carried them over letter by letter, "§µo t¹o" in `.VnTime`, "Ñaøo taïo" in
//! `VNI-Times`. Many a list of those years looks so, or a part of it: what stands in Unicode beside it is
//! left alone.

use super::composed;
use super::syllables::{ENOUGH, Marked};
use super::vietnamese::{Legacy, could_be_latin, is_unicode};

/// So many bytes of the doubtful texts are judged word by word: some hundred rows tell.
const LOOKED_AT: usize = 64 << 10;

/// A font from before Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OldFont {
    /// What it is made for.
    pub legacy: Legacy,
    /// Shows small letters as capitals (`.VnTimeH`): those of TCVN3 with a tone have no place of their own.
    pub capitals: bool,
}

impl OldFont {
    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        let lower = name.trim().to_ascii_lowercase();
        let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric());
        if lower.strip_prefix(".vn").is_some_and(goes_on) {
            return Some(Self {
                legacy: Legacy::Abc,
                capitals: name.trim().ends_with('H'),
            });
        }
        lower
            .strip_prefix("vni-")
            .is_some_and(goes_on)
            .then_some(Self {
                legacy: Legacy::Vni,
                capitals: false,
            })
    }
}

/// What some texts that belong together (a column's, in one font) say of how they are written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence {
    /// Somebody wrote Unicode among them.
    unicode: bool,
    /// Bytes that were judged.
    bytes: usize,
    /// Words with marks in texts that do not read well as they stand.
    strange: usize,
    /// Those of them that read better so, by [`Legacy::BY_FONT`].
    read: [Marked; Legacy::BY_FONT.len()],
}

impl Evidence {
    /// Takes a text in.
    pub fn take(&mut self, text: &str) {
        if text.is_ascii() {
            return;
        }
        if is_unicode(text) {
            self.unicode = true;
            return;
        }
        if self.bytes > LOOKED_AT || !could_be_latin(text) {
            return;
        }
        self.bytes += text.len();
        let plain = Marked::of(text);
        if plain.reads_well() {
            return;
        }
        self.strange += plain.all;
        let read = Legacy::BY_FONT.map(|legacy| shown(text, legacy).map(|read| Marked::of(&read)));
        let read = read.map(Option::unwrap_or_default);
        for (all, one) in self.read.iter_mut().zip(read) {
            let is_best = !read.iter().any(|other| other.is_more_than(one));
            if is_best && one.is_more_than(plain) {
                all.add(one);
            }
        }
    }

    /// Takes in what others say.
    pub fn add(&mut self, other: &Self) {
        self.unicode |= other.unicode;
        self.strange += other.strange;
        for (all, one) in self.read.iter_mut().zip(other.read) {
            all.add(one);
        }
    }

    /// Whether somebody wrote Unicode among them.
    pub fn has_unicode(&self) -> bool {
        self.unicode
    }

    /// In what they are written: where their words are Vietnamese nearly throughout, and in nothing else.
    /// `font`: that they stand in, whose word counts as much as that of two words of theirs.
    pub fn told(&self, font: Option<OldFont>) -> Option<Legacy> {
        Legacy::BY_FONT.into_iter().find(|legacy| {
            let enough = match font {
                Some(font) if font.legacy == *legacy => 1,
                _ => ENOUGH,
            };
            let syllables = |of: &Legacy| self.of(*of).syllables;
            let mut others = Legacy::BY_FONT.iter().filter(|other| *other != legacy);
            syllables(legacy) >= enough
                && self.fits(*legacy)
                && others.all(|other| syllables(other) < syllables(legacy))
        })
    }

    /// Whether nothing speaks against this.
    pub fn fits(&self, legacy: Legacy) -> bool {
        self.of(legacy).are_most_of(self.strange)
    }

    fn of(&self, legacy: Legacy) -> Marked {
        let told = Legacy::BY_FONT.iter().zip(self.read);
        let told = told.filter(|(of, _)| **of == legacy);
        told.map(|(_, marked)| marked).next().unwrap_or_default()
    }
}

/// What is shown of a text; none where it reads as well as it stands. `all`: also what is Vietnamese
/// either way, as "Sè" is (for "Số").
pub fn read(text: &str, legacy: Legacy, capitals: bool, all: bool) -> Option<String> {
    if !could_be_latin(text) {
        return None;
    }
    let read = shown(text, legacy)?;
    let (plain, marked) = (Marked::of(text), Marked::of(&read));
    let as_well = all && plain.reads_well() && marked.reads_well();
    if !marked.is_more_than(plain) && !as_well {
        return None;
    }
    Some(if capitals { read.to_uppercase() } else { read })
}

/// Word by word: addresses are what they are in any font.
fn shown(text: &str, legacy: Legacy) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if word.is_ascii() || is_address(word) {
            out.push_str(word);
            continue;
        }
        if !legacy.shows(word) {
            return None;
        }
        let read = legacy.of_latin(word)?;
        if legacy == Legacy::Abc && is_in_capitals(&read) {
            out.push_str(&read.to_uppercase());
        } else {
            out.push_str(&read);
        }
    }
    Some(composed(out))
}

fn is_address(word: &str) -> bool {
    word.contains("://") || word.starts_with("www.") || word.contains('@')
}

/// A word all of whose letters without a tone are capitals, "HUYệN": so are the others then, which had no
/// capitals of their own. One at the head of a word is no sign of it.
fn is_in_capitals(word: &str) -> bool {
    let plain = |c: &char| c.is_ascii_alphabetic() || "ĂÂÊÔƠƯĐăâêôơưđ".contains(*c);
    let behind = word.chars().skip(1).filter(plain).any(char::is_uppercase);
    behind && word.chars().filter(plain).all(char::is_uppercase)
}
