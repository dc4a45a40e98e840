//! Reads TOML by hand, so that everything wrong with a file is told at once and at its line.
//!
//! A [`Fields`] is a table that knows which keys it may have ([`super::keys`]). Opening one tells
//! unknown and missing keys; its methods tell values of a wrong shape and give `None` for them, so
//! that reading goes on. What is read keeps its [`At`], where later checks can complain too.

use std::ops::Range;

use jiff::SignedDuration;
use toml::de::{DeTable, DeValue};

use super::at::{At, Placed, listed};
use super::keys::{Key, Words};
use super::nearest::nearest;
use super::problem::{Code, Values, Weight};
use super::values::{self, Complaint};

/// A table that is being read.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    table: &'a DeTable<'a>,
    /// Its header.
    pub(super) place: At<'a>,
}

impl<'a> Fields<'a> {
    /// Opens a table that may have `keys` and no others.
    pub(super) fn open(table: &'a DeTable<'a>, place: At<'a>, keys: &'static [Key]) -> Self {
        for (key, _) in table {
            let name: &str = key.get_ref();
            if !keys.iter().any(|k| k.name == name) {
                place.at(&key.span()).unknown(
                    Weight::Error,
                    (Code::UnknownKey, Code::UnknownKeyNear),
                    ("key", name),
                    keys.iter().map(|k| k.name),
                );
            }
        }
        for key in keys.iter().filter(|k| k.required) {
            if !table.contains_key(key.name) {
                place.error(Code::MissingKey, vec![("key", key.name.to_owned())]);
            }
        }
        Self { table, place }
    }

    /// The value of `key` and where it stands.
    fn get(&self, key: &str) -> Option<(&'a DeValue<'a>, Range<usize>)> {
        let value = self.table.get(key)?;
        Some((value.get_ref(), value.span()))
    }
    /// Notes that the value of `key` has not the shape that `code` tells of.
    fn wrong(&self, code: Code, key: &'static str, span: &Range<usize>, more: Values) {
        let place = self.place.at(span);
        let mut values = vec![("key", key.to_owned()), ("found", place.snippet(span))];
        values.extend(more);
        place.error(code, values);
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<Placed<'a, &'a str>> {
        let (value, span) = self.get(key)?;
        match value {
            DeValue::String(text) if text.trim().is_empty() => {
                self.wrong(Code::EmptyText, key, &span, Vec::new());
                None
            }
            DeValue::String(text) => Some(Placed {
                value: text.as_ref(),
                place: self.place.at(&span),
            }),
            _ => {
                self.wrong(Code::WantText, key, &span, Vec::new());
                None
            }
        }
    }
    /// A text, or a whole number as it would be written as one: for ids that are numbers.
    pub(super) fn text_or_number(&self, key: &'static str) -> Option<Placed<'a, String>> {
        let (value, span) = self.get(key)?;
        let place = self.place.at(&span);
        match value {
            DeValue::Integer(number) => {
                let value = number.to_string();
                Some(Placed { value, place })
            }
            DeValue::String(_) => self.text(key).map(|text| Placed {
                value: text.value.trim().to_owned(),
                place,
            }),
            _ => {
                self.wrong(Code::WantTextOrNumber, key, &span, Vec::new());
                None
            }
        }
    }
    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let (value, span) = self.get(key)?;
        let flag = value.as_bool();
        if flag.is_none() {
            self.wrong(Code::WantFlag, key, &span, Vec::new());
        }
        flag
    }
    /// Any whole number.
    pub(super) fn whole(&self, key: &'static str) -> Option<Placed<'a, i64>> {
        let (value, span) = self.get(key)?;
        let number = value
            .as_integer()
            .and_then(|n| i64::from_str_radix(n.as_str(), n.radix()).ok());
        if number.is_none() {
            self.wrong(Code::WantWhole, key, &span, Vec::new());
        }
        let place = self.place.at(&span);
        number.map(|value| Placed { value, place })
    }
    /// A whole number within bounds.
    pub(super) fn count(
        &self,
        key: &'static str,
        least: u32,
        most: u32,
    ) -> Option<Placed<'a, u32>> {
        let (value, span) = self.get(key)?;
        let number = value
            .as_integer()
            .and_then(|n| u32::from_str_radix(n.as_str(), n.radix()).ok())
            .filter(|n| (least..=most).contains(n));
        if number.is_none() {
            let bounds = vec![("least", least.to_string()), ("most", most.to_string())];
            self.wrong(Code::WantCount, key, &span, bounds);
        }
        let place = self.place.at(&span);
        number.map(|value| Placed { value, place })
    }
    /// One of a few words.
    pub(super) fn one_of<T: Copy>(
        &self,
        key: &'static str,
        words: Words<T>,
    ) -> Option<Placed<'a, T>> {
        let (value, span) = self.get(key)?;
        let place = self.place.at(&span);
        let text = value.as_str();
        if let Some((_, value)) = words.iter().find(|(word, _)| Some(*word) == text) {
            return Some(Placed {
                value: *value,
                place,
            });
        }
        let found = text.map_or_else(|| place.snippet(&span), str::to_owned);
        let known = words.iter().map(|(word, _)| *word);
        let (code, instead) = match nearest(&found, known.clone()) {
            Some(near) => (Code::BadWordNear, ("near", near.to_owned())),
            None => (Code::BadWord, ("known", listed(known))),
        };
        place.error(
            code,
            vec![("key", key.to_owned()), ("found", found), instead],
        );
        None
    }
    /// A text that `parse` understands.
    pub(super) fn parsed<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Option<Placed<'a, T>> {
        let Placed { value: text, place } = self.text(key)?;
        match parse(text) {
            Ok(value) => Some(Placed { value, place }),
            Err(Complaint(code, more)) => {
                let mut values = vec![("key", key.to_owned())];
                values.extend(more);
                place.error(code, values);
                None
            }
        }
    }
    /// A duration within bounds.
    pub(super) fn duration(
        &self,
        key: &'static str,
        least: SignedDuration,
        most: SignedDuration,
    ) -> Option<Placed<'a, SignedDuration>> {
        self.parsed(key, |text| {
            let duration = values::duration(text)?;
            if (least..=most).contains(&duration) {
                return Ok(duration);
            }
            let bounds = vec![
                ("found", text.to_owned()),
                ("least", values::duration_text(least)),
                ("most", values::duration_text(most)),
            ];
            Err(Complaint(Code::DurationRange, bounds))
        })
    }
    /// A list of ids; a single one may stand without brackets.
    pub(super) fn ids(&self, key: &'static str) -> Option<Vec<Placed<'a, &'a str>>> {
        self.list(key, Code::WantIds)
    }
    /// A list of names, without what is empty; a single one may stand without brackets.
    pub(super) fn names(&self, key: &'static str) -> Option<Vec<String>> {
        let list = self.list(key, Code::WantNames)?;
        let names = list.into_iter().map(|name| name.value.trim().to_owned());
        Some(names.filter(|name| !name.is_empty()).collect())
    }
    /// The same, each with its place.
    pub(super) fn placed_names(&self, key: &'static str) -> Option<Vec<Placed<'a, &'a str>>> {
        self.list(key, Code::WantNames)
    }
    /// A list of texts that `parse` understands each; a single one may stand without brackets.
    pub(super) fn list_of<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Vec<T> {
        let list = self.list(key, Code::WantNames).unwrap_or_default();
        let parsed = list.into_iter().filter_map(|Placed { value, place }| {
            parse(value)
                .map_err(|Complaint(code, more)| {
                    let mut values = vec![("key", key.to_owned())];
                    values.extend(more);
                    place.error(code, values);
                })
                .ok()
        });
        parsed.collect()
    }
    fn list(&self, key: &'static str, want: Code) -> Option<Vec<Placed<'a, &'a str>>> {
        let (value, span) = self.get(key)?;
        if value.is_str() {
            return Some(self.text(key).into_iter().collect());
        }
        let texts = value.as_array().and_then(|list| {
            list.iter()
                .map(|item| {
                    let place = self.place.at(&item.span());
                    let value = item.get_ref().as_str()?;
                    Some(Placed { value, place })
                })
                .collect::<Option<Vec<_>>>()
        });
        if texts.is_none() {
            self.wrong(want, key, &span, Vec::new());
        }
        texts
    }
    /// A table.
    pub(super) fn table(&self, key: &'static str, keys: &'static [Key]) -> Option<Fields<'a>> {
        let (value, span) = self.get(key)?;
        let Some(table) = value.as_table() else {
            self.wrong(Code::WantTable, key, &span, Vec::new());
            return None;
        };
        Some(Fields::open(table, self.place.at(&span), keys))
    }
    /// A list of tables.
    pub(super) fn tables(&self, key: &'static str, keys: &'static [Key]) -> Vec<Fields<'a>> {
        let Some((value, span)) = self.get(key) else {
            return Vec::new();
        };
        let tables = value.as_array().and_then(|list| {
            list.iter()
                .map(|item| Some((item.get_ref().as_table()?, self.place.at(&item.span()))))
                .collect::<Option<Vec<_>>>()
        });
        if tables.is_none() {
            self.wrong(Code::WantTables, key, &span, Vec::new());
        }
        let tables = tables.unwrap_or_default().into_iter();
        tables
            .map(|(table, place)| Fields::open(table, place, keys))
            .collect()
    }
    /// A reference to a secret.
    pub(super) fn secret(&self, key: &'static str, keys: &'static [Key]) -> Option<Fields<'a>> {
        let (value, span) = self.get(key)?;
        let Some(table) = value.as_table() else {
            self.plain_secret(key, &span);
            return None;
        };
        Some(Fields::open(table, self.place.at(&span), keys))
    }
    /// References to secrets: one, or a list of them.
    pub(super) fn secrets(&self, key: &'static str, keys: &'static [Key]) -> Vec<Fields<'a>> {
        let Some((value, span)) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            return self.secret(key, keys).into_iter().collect();
        };
        let tables = list
            .iter()
            .map(|item| Some((item.get_ref().as_table()?, self.place.at(&item.span()))))
            .collect::<Option<Vec<_>>>();
        if tables.is_none() {
            self.plain_secret(key, &span);
        }
        let tables = tables.unwrap_or_default().into_iter();
        tables
            .map(|(table, place)| Fields::open(table, place, keys))
            .collect()
    }
    /// What stands in place of a reference is most likely the secret itself: it is never repeated.
    fn plain_secret(&self, key: &'static str, span: &Range<usize>) {
        let named = vec![("key", key.to_owned())];
        self.place.at(span).error(Code::WantSecret, named);
    }
    /// Every text of a table of texts, in the order of the file.
    pub(super) fn texts(&self, keys: &'static [Key]) -> Vec<(&'static str, &'a str)> {
        let mut found: Vec<_> = keys
            .iter()
            .filter_map(|key| Some((key.name, self.text(key.name)?)))
            .collect();
        found.sort_by_key(|(_, text)| text.place.offset);
        found
            .into_iter()
            .map(|(key, text)| (key, text.value))
            .collect()
    }
    /// Which of `keys` are there, and where.
    pub(super) fn present(
        &self,
        keys: impl IntoIterator<Item = &'static str>,
    ) -> Vec<Placed<'a, &'static str>> {
        keys.into_iter()
            .filter_map(|key| {
                let (_, span) = self.get(key)?;
                Some(Placed {
                    value: key,
                    place: self.place.at(&span),
                })
            })
            .collect()
    }
}
