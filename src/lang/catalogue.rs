//! The embedded catalogues. One file an area, so that several people can add keys at once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::Lang;

/// A text, and how English says it of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of many things, or of none in particular.
    pub other: String,
    /// Of one thing, where that differs.
    pub one: Option<String>,
}

impl Entry {
    /// The names in braces, sorted, of both forms together.
    pub fn placeholders(&self) -> Vec<&str> {
        let mut names: Vec<&str> = [Some(&self.other), self.one.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|text| text.split('{').skip(1))
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            // `{ env = "…" }` is an example, no placeholder.
            .filter(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// All texts of one language.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Table → name → text: a key is `table.name`.
    tables: BTreeMap<String, BTreeMap<String, Entry>>,
    /// What is wrong with the files; a test sees to it that nothing is.
    problems: Vec<String>,
}

impl Catalogue {
    /// The text under `table.name`.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        let (table, name) = key.split_once('.')?;
        self.word(table, name)
    }

    /// The text under a table and a name.
    pub fn word(&self, table: &str, name: &str) -> Option<&Entry> {
        self.tables.get(table)?.get(name)
    }

    /// Every key with its text, in order.
    pub fn entries(&self) -> impl Iterator<Item = (String, &Entry)> {
        self.tables.iter().flat_map(|(table, texts)| {
            texts
                .iter()
                .map(move |(name, entry)| (format!("{table}.{name}"), entry))
        })
    }

    /// What is wrong with the files themselves: not TOML, not a text, a key twice.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn read(files: &[(&str, &str)]) -> Self {
        let mut all = Self::default();
        for (file, content) in files {
            match content.parse::<toml::Table>() {
                Ok(tables) => all.add(file, tables),
                Err(error) => all.problems.push(format!("{file}: {error}")),
            }
        }
        all
    }

    fn add(&mut self, file: &str, tables: toml::Table) {
        for (table, texts) in tables {
            let toml::Value::Table(texts) = texts else {
                self.problems
                    .push(format!("{file}: {table} stands outside a table"));
                continue;
            };
            for (name, value) in texts {
                let Some(entry) = entry(value) else {
                    self.problems
                        .push(format!("{file}: {table}.{name} is no text"));
                    continue;
                };
                let before = self
                    .tables
                    .entry(table.clone())
                    .or_default()
                    .insert(name.clone(), entry);
                if before.is_some() {
                    self.problems
                        .push(format!("{file}: {table}.{name} stands in another file too"));
                }
            }
        }
    }
}

/// A text, or `{ one = "…", other = "…" }`.
fn entry(value: toml::Value) -> Option<Entry> {
    match value {
        toml::Value::String(other) => Some(Entry { other, one: None }),
        toml::Value::Table(mut forms) if forms.len() == 2 => {
            match (forms.remove("one")?, forms.remove("other")?) {
                (toml::Value::String(one), toml::Value::String(other)) => Some(Entry {
                    other,
                    one: Some(one),
                }),
                _ => None,
            }
        }
        _ => None,
    }
}

macro_rules! files {
    ($lang:literal: $($area:literal)*) => {
        &[$((
            concat!($lang, "/", $area, ".toml"),
            include_str!(concat!($lang, "/", $area, ".toml")),
        )),*]
    };
}

/// Parsed at first use, once.
pub(super) fn of(lang: Lang) -> &'static Catalogue {
    static VI: OnceLock<Catalogue> = OnceLock::new();
    static EN: OnceLock<Catalogue> = OnceLock::new();
    // A new area is named in both lists; tests/catalogues_are_whole.rs finds a file that is not.
    match lang {
        Lang::Vi => VI.get_or_init(|| {
            Catalogue::read(
                files!("vi": "model" "time" "errors" "compose" "by_hand" "platform"
                "cron" "config" "office" "daemon" "intake" "report" "api" "cli" "connect" "demo"
                "faces" "work" "help" "settings" "notices"),
            )
        }),
        Lang::En => EN.get_or_init(|| {
            Catalogue::read(
                files!("en": "model" "time" "errors" "compose" "by_hand" "platform"
                "cron" "config" "office" "daemon" "intake" "report" "api" "cli" "connect" "demo"
                "faces" "work" "help" "settings" "notices"),
            )
        }),
    }
}
