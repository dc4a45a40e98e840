//! What is wrong with a file or a row: as a code with its fields, and in people's words.

use std::collections::BTreeMap;

use super::Recoded;
use crate::intake::columns::{Field, HeadingFault};
use crate::intake::sheet::SheetFault;
use crate::lang::Lang;
use crate::model::ChannelId;
use crate::office::imports::BadRow;
use crate::office::{Office, OfficeError};

/// Every code of what is wrong with a file, under `file.` in the catalogues.
pub const FILE_CODES: [&str; 10] = [
    "interrupted",
    "not-a-sheet",
    "old-or-locked",
    "too-large",
    "no-sheet",
    "broken",
    "heading-unknown",
    "heading-twice",
    "heading-missing",
    "heading-none",
];

/// Every code of what a row may be already, under `clash.`.
pub const CLASH_CODES: [&str; 4] = ["same-post", "same-post-in-file", "near", "near-in-file"];

impl BadRow {
    /// What the office says of a row.
    pub(in crate::office) fn of(line: u64, error: &OfficeError) -> Self {
        let fields = error.fields().into_iter();
        Self {
            line,
            code: error.code().to_owned(),
            fields: fields.map(|(n, value)| (n.to_owned(), value)).collect(),
        }
    }

    /// What is wrong with the file as a whole.
    pub(super) fn of_file(fault: &SheetFault) -> Self {
        let (code, fields) = match fault {
            SheetFault::NotASheet => ("not-a-sheet", vec![]),
            SheetFault::OldOrLocked => ("old-or-locked", vec![]),
            SheetFault::TooLarge { what, most } => (
                "too-large",
                vec![
                    ("measure", what.as_str().to_owned()),
                    ("most", most.to_string()),
                ],
            ),
            SheetFault::NoSheet { given, there } => (
                "no-sheet",
                vec![("given", given.clone()), ("known", there.clone())],
            ),
            SheetFault::Broken { why, .. } => ("broken", vec![("why", why.clone())]),
        };
        let line = match fault {
            SheetFault::Broken { row, .. } => row.unwrap_or(0),
            _ => 0,
        };
        Self::file(line, code, fields)
    }

    /// What is wrong with one of its headings.
    pub(super) fn of_heading(row: u64, fault: &HeadingFault) -> Self {
        let (code, fields) = match fault {
            HeadingFault::Unknown { given, nearest } => (
                "heading-unknown",
                vec![
                    ("given", given.clone()),
                    ("nearest", nearest.map_or("", Field::as_str).to_owned()),
                ],
            ),
            HeadingFault::Twice { given, field } => (
                "heading-twice",
                vec![
                    ("given", given.clone()),
                    ("columns", field.as_str().to_owned()),
                ],
            ),
            HeadingFault::Missing { needs } => {
                let needs: Vec<&str> = needs.iter().map(|f| f.as_str()).collect();
                ("heading-missing", vec![("columns", needs.join(" "))])
            }
            HeadingFault::None => ("heading-none", vec![]),
        };
        Self::file(row, code, fields)
    }

    /// The machine stopped while the file was looked at.
    pub(super) fn interrupted() -> Self {
        Self::file(0, "interrupted", vec![])
    }

    fn file(line: u64, code: &str, fields: Vec<(&str, String)>) -> Self {
        debug_assert!(FILE_CODES.contains(&code), "{code} is not listed");
        let fields = fields.into_iter();
        Self {
            line,
            code: format!("file:{code}"),
            fields: fields.map(|(n, value)| (n.to_owned(), value)).collect(),
        }
    }
}

impl Recoded {
    /// That it was recoded, and from what.
    pub fn in_words(&self, lang: Lang) -> String {
        if self.columns.is_empty() {
            return lang.fill("recoded.all", &[("from", &self.from)]);
        }
        let columns = self.columns.join(", ");
        lang.count(
            "recoded.cells",
            self.cells,
            &[("from", &self.from), ("columns", &columns)],
        )
    }
}

impl Office {
    /// What is wrong with a row or a file.
    pub fn tell_row(&self, lang: Lang, row: &BadRow) -> String {
        let (pattern, fields): (&str, BTreeMap<&str, String>) = match row.code.split_once(':') {
            None => {
                let fields = row.fields.iter();
                (
                    lang.look("error", &row.code),
                    fields.map(|(n, v)| (n.as_str(), v.clone())).collect(),
                )
            }
            Some((family, code)) => {
                let fields = row.fields.iter();
                let said = |name: &str, value: &str| match (family, name) {
                    // What a column holds has a word.
                    ("row", "text") if code == "blank" => columns(lang, value),
                    ("file", "nearest") => lang.look("column-of", value).to_owned(),
                    ("clash", "channel") => self.titled(value),
                    (_, "columns") => columns(lang, value),
                    (_, "measure") => lang.look("measure", value).to_owned(),
                    (_, "most") => value.parse().map_or(value.to_owned(), |n| lang.number(n)),
                    _ => value.to_owned(),
                };
                let pattern = match family {
                    "row" => lang.look("row", code),
                    "file" => lang.look("file", code),
                    "clash" => lang.look("clash", code),
                    _ => "",
                };
                (
                    pattern,
                    fields.map(|(n, v)| (n.as_str(), said(n, v))).collect(),
                )
            }
        };
        let fields = fields.iter().map(|(n, v)| (*n, v.as_str()));
        self.tell_code(lang, pattern, fields)
    }

    /// A channel's title, of one that is gone too.
    fn titled(&self, id: &str) -> String {
        let known = ChannelId::new(id).ok();
        let known = known.and_then(|id| self.store.channel(&id).ok().flatten());
        known.map_or_else(|| id.to_owned(), |c| c.title)
    }
}

/// Fields, with blanks between, in people's words.
fn columns(lang: Lang, fields: &str) -> String {
    let words = fields.split(' ').map(|f| lang.look("column-of", f));
    words.collect::<Vec<_>>().join(" / ")
}

impl Field {
    /// What a column of it is called.
    pub fn in_words(self, lang: Lang) -> &'static str {
        lang.word("column-of", self.as_str())
    }
}
