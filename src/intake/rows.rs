//! A spreadsheet's CSV, or JSON Lines → rows to import. Every row that cannot be read is told with
//! its line; the others are given all the same.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::TopicId;

/// The headings, and the fields of a JSON line.
pub const FIELDS: [&str; 7] = [
    "title", "text", "link", "topic", "channels", "at", "priority",
];

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With headings; `,` or `;` between.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// By the file's ending.
    pub fn of(file: &Path) -> Self {
        let ending = file.extension().unwrap_or_default().to_ascii_lowercase();
        if ending == "jsonl" || ending == "ndjson" {
            Format::JsonLines
        } else {
            Format::Csv
        }
    }
}

/// Why a row, or the whole file, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file is not UTF-8.
    NotUtf8,
    /// A heading that nobody knows, or none at all.
    Heading {
        /// As it stands there.
        given: String,
        /// Those there are.
        known: String,
    },
    /// Not CSV, or not a JSON object of these fields.
    Shape(String),
    /// No time.
    Time(String),
    /// No number from 0 to 9.
    Priority(String),
    /// No topic's id.
    Topic(String),
}

/// A row, as the API takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its line in the file.
    pub line: u64,
    /// What it says.
    pub article: RowArticle,
}

/// What a row says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RowArticle {
    /// Headline.
    pub title: String,
    /// Body.
    pub text: String,
    /// Where it leads.
    pub link: Option<String>,
    /// A topic's id.
    pub topic: Option<TopicId>,
    /// Channels or groups.
    pub channels: Vec<String>,
    /// A fixed time.
    pub at: Option<Timestamp>,
    /// 0 to 9.
    pub priority: u8,
}

/// What was read.
#[derive(Debug, Default, PartialEq)]
pub struct Parsed {
    /// Rows that can be read.
    pub rows: Vec<Row>,
    /// The others, by line.
    pub faults: Vec<(u64, Fault)>,
}

/// A row's fields as they stand in the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    title: String,
    text: String,
    link: String,
    topic: String,
    channels: Channels,
    at: String,
    priority: Priority,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Channels {
    Text(String),
    List(Vec<String>),
}

impl Default for Channels {
    fn default() -> Self {
        Channels::List(Vec::new())
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Priority {
    Number(u64),
    Text(String),
}

impl Default for Priority {
    fn default() -> Self {
        Priority::Number(0)
    }
}

/// Reads a file. `time` tells the instant that a person wrote.
pub fn parse(bytes: &[u8], format: Format, time: &dyn Fn(&str) -> Option<Timestamp>) -> Parsed {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Parsed {
            faults: vec![(1, Fault::NotUtf8)],
            ..Parsed::default()
        };
    };
    // Spreadsheets put a mark at the head of a UTF-8 file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let raws = match format {
        Format::Csv => csv_rows(text),
        Format::JsonLines => json_rows(text),
    };
    let mut parsed = Parsed::default();
    for (line, raw) in raws {
        match raw.and_then(|raw| article(raw, time)) {
            Ok(article) => parsed.rows.push(Row { line, article }),
            Err(fault) => parsed.faults.push((line, fault)),
        }
    }
    parsed
}

type Raws = Vec<(u64, Result<Raw, Fault>)>;

fn json_rows(text: &str) -> Raws {
    let lines = (1..).zip(text.lines());
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| {
            let raw = serde_json::from_str(line);
            (n, raw.map_err(|e| Fault::Shape(e.to_string())))
        })
        .collect()
}

fn csv_rows(text: &str) -> Raws {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headings: Vec<String> = match reader.headers() {
        Ok(found) => found.iter().map(str::to_lowercase).collect(),
        Err(e) => return vec![(1, Err(Fault::Shape(e.to_string())))],
    };
    let strange = headings.iter().find(|h| !FIELDS.contains(&h.as_str()));
    if let Some(given) = strange {
        let fault = Fault::Heading {
            given: given.clone(),
            known: FIELDS.join(", "),
        };
        return vec![(1, Err(fault))];
    }
    let mut rows = Vec::new();
    for record in reader.into_records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.iter().any(|cell| !cell.is_empty()) {
                    rows.push((line, Ok(raw(&headings, &record))));
                }
            }
            Err(e) => {
                let line = e.position().map_or(0, csv::Position::line);
                rows.push((line, Err(Fault::Shape(e.to_string()))));
            }
        }
    }
    rows
}

/// Spreadsheets of many countries, Vietnam's among them, put `;` between cells.
fn delimiter(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    if heading.contains(';') && !heading.contains(',') {
        b';'
    } else {
        b','
    }
}

fn raw(headings: &[String], record: &csv::StringRecord) -> Raw {
    let mut raw = Raw::default();
    for (heading, cell) in headings.iter().zip(record) {
        let cell = cell.to_owned();
        match heading.as_str() {
            "title" => raw.title = cell,
            "text" => raw.text = cell,
            "link" => raw.link = cell,
            "topic" => raw.topic = cell,
            "channels" => raw.channels = Channels::Text(cell),
            "at" => raw.at = cell,
            _ => raw.priority = Priority::Text(cell),
        }
    }
    raw
}

fn article(raw: Raw, time: &dyn Fn(&str) -> Option<Timestamp>) -> Result<RowArticle, Fault> {
    let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let topic = match given(&raw.topic) {
        Some(id) => Some(TopicId::new(&id).map_err(|_| Fault::Topic(id))?),
        None => None,
    };
    let at = match given(&raw.at) {
        Some(text) => Some(time(&text).ok_or(Fault::Time(text))?),
        None => None,
    };
    Ok(RowArticle {
        title: raw.title,
        text: raw.text,
        link: given(&raw.link),
        topic,
        channels: match raw.channels {
            Channels::List(list) => list,
            Channels::Text(text) => text
                .split([' ', ',', ';'])
                .filter(|c| !c.is_empty())
                .map(str::to_owned)
                .collect(),
        },
        at,
        priority: match raw.priority {
            Priority::Number(n) => u8::try_from(n).map_err(|_| Fault::Priority(n.to_string()))?,
            Priority::Text(text) => match given(&text) {
                Some(text) => text.parse().map_err(|_| Fault::Priority(text))?,
                None => 0,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Parsed {
        parse(text.as_bytes(), format, &|text| text.parse().ok())
    }

    #[test]
    fn a_spreadsheet_and_json_lines_say_the_same() {
        let csv = read(
            "\u{feff}Title;Text;Channels;Priority\n\"Tiêm phòng; đợt 2\";Nội dung;\"trang, nhom\";3\n",
            Format::Csv,
        );
        let json = read(
            r#"{"title":"Tiêm phòng; đợt 2","text":"Nội dung","channels":["trang","nhom"],"priority":3}"#,
            Format::JsonLines,
        );
        assert_eq!(csv.faults, []);
        assert_eq!(csv.rows[0].article, json.rows[0].article);
        assert_eq!(csv.rows[0].article.channels, ["trang", "nhom"]);
        assert_eq!((csv.rows[0].line, json.rows[0].line), (2, 1));
    }

    #[test]
    fn every_bad_row_is_told_with_its_line() {
        let parsed = read(
            "title,at,priority\ngood,,\nlate,someday,\nloud,,much\n\"over\ntwo lines\",,\n",
            Format::Csv,
        );
        assert_eq!(
            parsed.faults,
            [
                (3, Fault::Time("someday".to_owned())),
                (4, Fault::Priority("much".to_owned()))
            ]
        );
        let lines: Vec<u64> = parsed.rows.iter().map(|r| r.line).collect();
        assert_eq!(lines, [2, 5]);
    }

    #[test]
    fn a_heading_that_nobody_knows_holds_all_back() {
        let parsed = read("title,tpoic\nx,y\n", Format::Csv);
        assert!(parsed.rows.is_empty());
        assert!(
            matches!(&parsed.faults[..], [(1, Fault::Heading { given, .. })] if given == "tpoic")
        );
    }
}
