//! Which entries of a feed are wanted.

use jiff::{SignedDuration, Timestamp};
use unicode_normalization::UnicodeNormalization as _;

use super::Entry;

/// What a feed's configuration asks for. Words and categories are compared without marks and case:
/// who writes `tiem chung` means `Tiêm chủng`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// One of these stands in title or text; all entries if empty.
    pub words: Vec<String>,
    /// None of these does.
    pub without: Vec<String>,
    /// It is in one of these categories; any if empty.
    pub categories: Vec<String>,
    /// It is not older; entries without a date have no age.
    pub max_age: Option<SignedDuration>,
}

/// Why an entry is not wanted. The names stand in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unwanted {
    /// None of the words.
    Words,
    /// One of the words that keep it out.
    Without,
    /// Another category.
    Category,
    /// Too old.
    Old,
    /// Nothing to share in it.
    Empty,
}

impl Unwanted {
    /// Stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Unwanted::Words => "words",
            Unwanted::Without => "without",
            Unwanted::Category => "category",
            Unwanted::Old => "old",
            Unwanted::Empty => "empty",
        }
    }
}

impl Wanted {
    /// Whether an entry is wanted at `now`, or why not.
    ///
    /// # Errors
    /// [`Unwanted`].
    pub fn look(&self, entry: &Entry, now: Timestamp) -> Result<(), Unwanted> {
        if entry.title.is_empty() && entry.link.is_none() && entry.text.is_empty() {
            return Err(Unwanted::Empty);
        }
        if let (Some(most), Some(published)) = (self.max_age, entry.published)
            && now.duration_since(published) > most
        {
            return Err(Unwanted::Old);
        }
        let categories: Vec<String> = entry.categories.iter().map(|c| folded(c)).collect();
        if !self.categories.is_empty()
            && !self
                .categories
                .iter()
                .any(|c| categories.contains(&folded(c)))
        {
            return Err(Unwanted::Category);
        }
        if self.words.is_empty() && self.without.is_empty() {
            return Ok(());
        }
        let said = format!(" {} ", folded(&format!("{} {}", entry.title, entry.text)));
        let says = |word: &String| {
            let word = folded(word);
            !word.is_empty() && said.contains(&format!(" {word} "))
        };
        if self.without.iter().any(says) {
            return Err(Unwanted::Without);
        }
        if !self.words.is_empty() && !self.words.iter().any(says) {
            return Err(Unwanted::Words);
        }
        Ok(())
    }
}

/// Lower case, without marks, words with one space between.
fn folded(text: &str) -> String {
    let plain: String = text
        .nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .map(|c| match c {
            'đ' | 'Đ' => 'd',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(wanted: &Wanted, title: &str, text: &str) -> Result<(), Unwanted> {
        let entry = Entry {
            title: title.to_owned(),
            text: text.to_owned(),
            categories: vec!["Tin địa phương".to_owned()],
            published: "2026-11-24T00:00:00Z".parse().ok(),
            ..Entry::default()
        };
        wanted.look(&entry, "2026-11-25T00:00:00Z".parse().unwrap())
    }

    #[test]
    fn words_are_compared_without_marks_and_as_whole_words() {
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        let words = |words: &[&str]| Wanted {
            words: list(words),
            ..Wanted::default()
        };
        assert_eq!(look(&words(&["tiem phong"]), "TIÊM PHÒNG, dại", ""), Ok(()));
        assert_eq!(look(&words(&["Chợ Đồn"]), "", "huyện chợ đồn."), Ok(()));
        assert_eq!(
            look(&words(&["cho"]), "chống dịch", ""),
            Err(Unwanted::Words)
        );
        let without = Wanted {
            without: list(&["mời thầu"]),
            ..Wanted::default()
        };
        assert_eq!(
            look(&without, "Thông báo MOI THAU", ""),
            Err(Unwanted::Without)
        );
        assert_eq!(look(&without, "Thông báo mời họp", ""), Ok(()));
        let category = |name: &str| Wanted {
            categories: list(&[name]),
            ..Wanted::default()
        };
        assert_eq!(look(&category("tin dia phuong"), "a", ""), Ok(()));
        assert_eq!(look(&category("tin"), "a", ""), Err(Unwanted::Category));
        let young = Wanted {
            max_age: Some(SignedDuration::from_hours(12)),
            ..Wanted::default()
        };
        assert_eq!(look(&young, "a", ""), Err(Unwanted::Old));
        assert_eq!(look(&Wanted::default(), "", ""), Err(Unwanted::Empty));
    }
}
