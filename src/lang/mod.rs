//! What people read, in their own language.
//!
//! Every sentence stands in a catalogue, `vi/AREA.toml` and `en/AREA.toml`, under the same key in both;
//! `tests/catalogues_are_whole.rs` finds what is missing, differs, or is never used. Keys are
//! `table.name`; a text may hold `{placeholders}`. `--json`, logs and `--help` are English and do
//! not come here (RULES 10).
//!
//! [`Lang`] knows only the model; the sentences of other rooms' errors are in `errors.rs`, by [`InWords`].

pub mod catalogue;
mod errors;
mod figures;
mod foreign;
mod words;

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use errors::InWords;

/// A language of the faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese.
    Vi,
    /// English.
    #[default]
    En,
}

/// Not a language that there is a catalogue for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is no language here: write vi or en")]
pub struct NoSuchLang(String);

impl FromStr for Lang {
    type Err = NoSuchLang;
    fn from_str(text: &str) -> Result<Self, NoSuchLang> {
        match text {
            "vi" => Ok(Lang::Vi),
            "en" => Ok(Lang::En),
            _ => Err(NoSuchLang(text.to_owned())),
        }
    }
}

impl Display for Lang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Lang {
    /// Both, Vietnamese first.
    pub const ALL: [Lang; 2] = [Lang::Vi, Lang::En];

    /// The word used in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Lang::Vi => "vi",
            Lang::En => "en",
        }
    }

    /// What the environment asks for: the first of LC_ALL, LC_MESSAGES and LANG that is set and not
    /// empty, as in POSIX. Vietnamese if it says so (`vi`, `vi_VN.UTF-8`), else English.
    pub fn from_env(var: impl Fn(&str) -> Option<String>) -> Lang {
        let asked = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(var)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        let language = asked.split(['_', '.', '@', '-']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("vi") {
            Lang::Vi
        } else {
            Lang::En
        }
    }

    /// The text under `key`. An unknown key answers with itself; a test sees to it that there is none.
    pub fn text(self, key: &'static str) -> &'static str {
        self.look_up(key).map_or(key, |entry| &entry.other)
    }

    /// The text under `key` with its `{placeholders}` filled in. What a value contains is never
    /// filled in again.
    pub fn fill(self, key: &'static str, values: &[(&str, &dyn Display)]) -> String {
        filled(self.text(key), values)
    }

    /// The text under `key` for `n` things: `{n}` is the figure, the other placeholders as in
    /// [`Lang::fill`]. English tells one from many; Vietnamese does not.
    pub fn count(self, key: &'static str, n: u64, values: &[(&str, &dyn Display)]) -> String {
        let pattern = self.look_up(key).map_or(key, |entry| match &entry.one {
            Some(one) if n == 1 => one,
            _ => &entry.other,
        });
        let figure = self.number(n);
        let mut all: Vec<(&str, &dyn Display)> = vec![("n", &figure)];
        all.extend_from_slice(values);
        filled(pattern, &all)
    }

    /// The word for one of a family that the program names itself, such as `state` and `waiting`.
    pub fn word(self, family: &'static str, name: &'static str) -> &'static str {
        self.catalogue()
            .word(family, name)
            .map_or(name, |entry| &entry.other)
    }

    /// The text for a code that comes from elsewhere: from the ledger, or over the API.
    pub fn look(self, family: &str, name: &str) -> &'static str {
        self.catalogue()
            .word(family, name)
            .map_or("", |entry| &entry.other)
    }

    /// Everything there is in this language.
    pub fn catalogue(self) -> &'static catalogue::Catalogue {
        catalogue::of(self)
    }

    fn look_up(self, key: &str) -> Option<&'static catalogue::Entry> {
        self.catalogue().get(key)
    }
}

/// One pass over `pattern`; a placeholder without a value stays as it stands.
pub fn filled(pattern: &str, values: &[(&str, &dyn Display)]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(pattern.len() + 16 * values.len());
    let mut rest = pattern;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let Some(close) = rest.find('}') else { break };
        let name = &rest[1..close];
        match values.iter().find(|(known, _)| *known == name) {
            // Writing to a String cannot fail.
            Some((_, value)) => drop(write!(out, "{value}")),
            None => out.push_str(&rest[..=close]),
        }
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_asked_as_posix_says() {
        let lang = |all: &str, messages: &str, lang: &str| {
            Lang::from_env(|name| {
                let value = match name {
                    "LC_ALL" => all,
                    "LC_MESSAGES" => messages,
                    "LANG" => lang,
                    _ => "en",
                };
                Some(value.to_owned())
            })
        };
        assert_eq!(lang("", "", "vi_VN.UTF-8"), Lang::Vi);
        assert_eq!(lang("", "vi", "en_US.UTF-8"), Lang::Vi);
        assert_eq!(lang("C.UTF-8", "vi_VN", "vi_VN"), Lang::En);
        assert_eq!(lang("", "", ""), Lang::En);
        assert_eq!(lang("", "", "vie"), Lang::En);
        assert_eq!(Lang::from_env(|_| None), Lang::En);
    }

    #[test]
    fn a_value_is_never_filled_in_again() {
        assert_eq!(
            filled(
                "{a} → {b} {c} {",
                &[("a", &"{b}"), ("b", &2), ("unused", &3)]
            ),
            "{b} → 2 {c} {"
        );
    }
}
