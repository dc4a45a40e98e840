//! A spreadsheet, or JSON Lines → rows that are to be articles. Every row that cannot be read is told
//! with its place; the others are given all the same. How an article comes round again is written in
//! words ([`super::repeat`]).

use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::columns::Field;
use super::fold::folded;
use super::list::{self, Ask, Head, ListFault};
use super::repeat::repeat;
use super::sheet::{Epoch, Line};
use super::when::{NoWhen, When, when, whole};
use crate::lang::Lang;
use crate::model::{Evergreen, State};

/// Why a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "fault", content = "text")]
pub enum Fault {
    /// Not a JSON object of these fields.
    Shape(String),
    /// No time.
    Time(String),
    /// There is no such day or time.
    Impossible(String),
    /// A day, but no time.
    DayAlone(String),
    /// A time, but no day.
    TimeAlone(String),
    /// No number from 0 to 9.
    Priority(String),
    /// No rule by which something comes round again.
    Repeat(String),
    /// More cells than headings.
    Shifted,
    /// A cell that must hold something is blank.
    Blank(Field),
}

impl Fault {
    /// The code in the catalogues, under `row.`.
    pub fn code(&self) -> &'static str {
        match self {
            Fault::Shape(_) => "shape",
            Fault::Time(_) => "time",
            Fault::Impossible(_) => "impossible",
            Fault::DayAlone(_) => "day-alone",
            Fault::TimeAlone(_) => "time-alone",
            Fault::Priority(_) => "priority",
            Fault::Repeat(_) => "repeat",
            Fault::Shifted => "shifted",
            Fault::Blank(_) => "blank",
        }
    }

    /// What stood there.
    pub fn given(&self) -> &str {
        match self {
            Fault::Shape(text)
            | Fault::Time(text)
            | Fault::Impossible(text)
            | Fault::DayAlone(text)
            | Fault::TimeAlone(text)
            | Fault::Priority(text)
            | Fault::Repeat(text) => text,
            Fault::Shifted => "",
            Fault::Blank(field) => field.as_str(),
        }
    }
}

/// A row, as the API takes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its place in the file.
    pub line: u64,
    /// The article it was exported from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
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
    /// A topic's id or title.
    pub topic: Option<String>,
    /// Channels or groups, by id or title.
    pub channels: Vec<String>,
    /// A fixed time.
    pub at: Option<Timestamp>,
    /// 0 to 9.
    pub priority: u8,
    /// Kept as a draft.
    pub draft: bool,
    /// How it comes round again.
    pub evergreen: Option<Evergreen>,
}

/// What a time without a day, and a day without a zone, means.
#[derive(Debug, Clone)]
pub struct Here {
    /// The office's.
    pub zone: TimeZone,
    /// A time alone is the next one to come.
    pub now: Timestamp,
}

/// Gives every row to `each`: read, or why not.
///
/// # Errors
/// [`ListFault`]: the file, or its headings.
pub fn read<S: Read + Seek>(
    mut source: S,
    ask: &Ask<'_>,
    here: &Here,
    each: &mut dyn FnMut(u64, Result<Row, Fault>) -> ControlFlow<()>,
) -> Result<Head, ListFault> {
    if is_json(&mut source) {
        json_rows(source, each);
        return Ok(Head::default());
    }
    list::read(source, ask, &mut |head, line| {
        each(line.number, of_line(head, &line, here))
    })
}

/// What was read of a whole file.
#[derive(Debug, Default, PartialEq)]
pub struct Parsed {
    /// Rows that can be read.
    pub rows: Vec<Row>,
    /// The others, by place.
    pub faults: Vec<(u64, Fault)>,
}

/// The rows of a file that is in memory.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], ask: &Ask<'_>, here: &Here) -> Result<Parsed, ListFault> {
    let mut parsed = Parsed::default();
    read(Cursor::new(bytes), ask, here, &mut |line, row| {
        match row {
            Ok(row) => parsed.rows.push(row),
            Err(fault) => parsed.faults.push((line, fault)),
        }
        ControlFlow::Continue(())
    })?;
    Ok(parsed)
}

fn of_line(head: &Head, line: &Line, here: &Here) -> Result<Row, Fault> {
    if head.is_shifted(line) {
        return Err(Fault::Shifted);
    }
    let text = |field| head.cell(line, field).to_owned();
    let given = |field| Some(text(field)).filter(|t| !t.is_empty());
    let at = moment(head, line)?;
    let priority = text(Field::Priority);
    Ok(Row {
        line: line.number,
        id: given(Field::Id),
        article: RowArticle {
            title: one_line(&text(Field::Title)),
            text: text(Field::Text),
            link: given(Field::Link),
            topic: given(Field::Topic),
            channels: names(head.cell(line, Field::Channels)),
            at: at.map(|at| here.instant(at)).transpose()?,
            priority: match priority.as_str() {
                "" => 0,
                text => whole(text)
                    .and_then(|n| u8::try_from(n).ok())
                    .ok_or(Fault::Priority(priority))?,
            },
            draft: is_draft(head.cell(line, Field::State)),
            evergreen: match text(Field::Repeat) {
                text if text.is_empty() => None,
                text => Some(repeat(&text).ok_or(Fault::Repeat(text))?),
            },
        },
    })
}

/// Of the states that a list may name this one holds an article back; the others it comes to by itself.
fn is_draft(state: &str) -> bool {
    let written = folded(state);
    let draft = |lang: Lang| folded(lang.word("state", State::Draft.as_str())) == written;
    !written.is_empty() && Lang::ALL.into_iter().any(draft)
}

/// When a row says it is, with what was written for it.
pub(super) fn moment(head: &Head, line: &Line) -> Result<Option<(When, String)>, Fault> {
    let (at, time) = (head.cell(line, Field::At), head.cell(line, Field::Time));
    let read = |text: &str| {
        when(text, head.opened.epoch).map_err(|why| match why {
            NoWhen::Unreadable => Fault::Time(text.to_owned()),
            NoWhen::Impossible => Fault::Impossible(text.to_owned()),
        })
    };
    let written = format!("{at} {time}").trim().to_owned();
    let found = match (at.is_empty(), time.is_empty()) {
        (true, true) => return Ok(None),
        (false, true) => read(at)?,
        (true, false) => read(time)?,
        (false, false) => match (read(at)?, read(time)?) {
            (When::Day(day), When::Time(time)) => When::DayTime(day.to_datetime(time)),
            // Some lists say the time in both.
            (When::DayTime(at), When::Time(time)) if at.time() == time => When::DayTime(at),
            _ => return Err(Fault::Time(written)),
        },
    };
    Ok(Some((found, written)))
}

impl Here {
    /// The instant that was meant. Inside a gap of the zone it is the first after it, in an overlap the
    /// first time round.
    fn instant(&self, (at, written): (When, String)) -> Result<Timestamp, Fault> {
        match at {
            When::Instant(at) => Ok(at),
            When::DayTime(at) => self.of(at, written),
            When::Day(_) => Err(Fault::DayAlone(written)),
            When::Time(time) => {
                let today = self.zone.to_datetime(self.now).date();
                let at = self.of(today.to_datetime(time), written.clone())?;
                if at > self.now {
                    return Ok(at);
                }
                let tomorrow = today.tomorrow().map_err(|_| Fault::Time(written.clone()))?;
                self.of(tomorrow.to_datetime(time), written)
            }
        }
    }

    fn of(&self, at: DateTime, written: String) -> Result<Timestamp, Fault> {
        self.zone
            .to_timestamp(at)
            .map_err(|_| Fault::Impossible(written))
    }
}

/// Names in one cell: `,`, `;` or a line's end between.
pub fn names(cell: &str) -> Vec<String> {
    cell.split([',', ';', '\n'])
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Headlines are of one line; what a cell breaks is put together.
pub(super) fn one_line(text: &str) -> String {
    if text.contains('\n') {
        return text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    text.to_owned()
}

// ---- JSON Lines ----

/// A row's fields as they stand in a JSON line.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    id: Option<String>,
    title: String,
    text: String,
    link: Option<String>,
    topic: Option<String>,
    channels: Channels,
    at: Option<String>,
    priority: Priority,
    draft: bool,
    evergreen: Option<Evergreen>,
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

/// No table begins with a brace.
fn is_json<S: Read + Seek>(source: &mut S) -> bool {
    let mut head = Vec::new();
    let read = source.by_ref().take(64).read_to_end(&mut head);
    let first = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(&head)
        .trim_ascii_start()
        .first();
    source.rewind().is_ok() && read.is_ok() && first == Some(&b'{')
}

fn json_rows<S: Read>(source: S, each: &mut dyn FnMut(u64, Result<Row, Fault>) -> ControlFlow<()>) {
    use std::io::BufRead;
    let reader = std::io::BufReader::new(source);
    for (n, line) in (1..).zip(reader.split(b'\n')) {
        let line = match line {
            Ok(line) => line,
            Err(e) => {
                let _ = each(n, Err(Fault::Shape(e.to_string())));
                return;
            }
        };
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        let raw = serde_json::from_slice(line).map_err(|e| Fault::Shape(e.to_string()));
        if each(n, raw.and_then(|raw| of_json(n, raw))).is_break() {
            return;
        }
    }
}

fn of_json(line: u64, raw: Raw) -> Result<Row, Fault> {
    let given = |text: Option<String>| text.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    // A program writes instants; a person's writing of a time belongs into a table.
    let at = match given(raw.at) {
        None => None,
        Some(text) => match when(&text, Epoch::Of1900) {
            Ok(When::Instant(at)) => Some(at),
            _ => return Err(Fault::Time(text)),
        },
    };
    Ok(Row {
        line,
        id: given(raw.id),
        article: RowArticle {
            title: raw.title,
            text: raw.text,
            link: given(raw.link),
            topic: given(raw.topic),
            channels: match raw.channels {
                Channels::List(list) => list,
                Channels::Text(text) => names(&text),
            },
            at,
            priority: match raw.priority {
                Priority::Number(n) => {
                    u8::try_from(n).map_err(|_| Fault::Priority(n.to_string()))?
                }
                Priority::Text(text) => match given(Some(text)) {
                    Some(text) => text.parse().map_err(|_| Fault::Priority(text))?,
                    None => 0,
                },
            },
            draft: raw.draft,
            evergreen: raw.evergreen,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::columns::{Explained, HeadingFault, Purpose};
    use super::*;

    fn try_read(text: &str) -> Result<Parsed, ListFault> {
        let ask = Ask {
            purpose: Purpose::Articles,
            sheet: None,
            explained: &Explained::new(),
        };
        let here = Here {
            zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
            now: "2026-11-23T01:00:00Z".parse().unwrap(),
        };
        parse(text.as_bytes(), &ask, &here)
    }

    fn read(text: &str) -> Parsed {
        try_read(text).unwrap()
    }

    #[test]
    fn a_spreadsheet_and_json_lines_say_the_same() {
        let csv = read(
            "\u{feff}Title;Text;Channels;Priority\n\"Tiêm phòng; đợt 2\";Nội dung;\"trang, nhom\";3\n",
        );
        let json = read(
            r#"{"title":"Tiêm phòng; đợt 2","text":"Nội dung","channels":["trang","nhom"],"priority":3}"#,
        );
        assert_eq!(csv.faults, []);
        assert_eq!(csv.rows[0].article, json.rows[0].article);
        assert_eq!(csv.rows[0].article.channels, ["trang", "nhom"]);
        assert_eq!((csv.rows[0].line, json.rows[0].line), (2, 1));
    }

    #[test]
    fn drafts_and_rules_are_read_in_both_languages() {
        let json = read(
            r#"{"title":"a","draft":true,"evergreen":{"every":"30d","until":"2027-12-31","at_most":5}}"#,
        );
        let article = &json.rows[0].article;
        for list in [
            "Tiêu đề;Trạng thái;Đăng lại định kỳ\na;Bản nháp;30 ngày, đến 31/12/2027, 5 lần\n",
            "Title,State,Repeat\na,draft,\"30 days, until 31/12/2027, 5 times\"\n",
        ] {
            let read = read(list);
            assert_eq!(read.faults, []);
            assert_eq!(read.rows[0].article, *article, "{list}");
        }
        let others = read("Tiêu đề;Trạng thái;Đăng lại định kỳ\na;đã đăng;\nb;;hằng tuần\n");
        assert!(!others.rows[0].article.draft);
        assert_eq!(others.faults, [(3, Fault::Repeat("hằng tuần".to_owned()))]);
    }

    #[test]
    fn every_bad_row_is_told_with_its_line() {
        let parsed = read(
            "title,at,priority\ngood,,\nlate,someday,\nloud,,much\n\"over\ntwo lines\",,\nx,28/8/2027,\nx,31/2/2027 7:00,\nx,,,,y\n",
        );
        assert_eq!(
            parsed.faults,
            [
                (3, Fault::Time("someday".to_owned())),
                (4, Fault::Priority("much".to_owned())),
                (7, Fault::DayAlone("28/8/2027".to_owned())),
                (8, Fault::Impossible("31/2/2027 7:00".to_owned())),
                (9, Fault::Shifted),
            ]
        );
        let lines: Vec<u64> = parsed.rows.iter().map(|r| r.line).collect();
        assert_eq!(lines, [2, 5]);
        assert_eq!(parsed.rows[1].article.title, "over two lines");
    }

    #[test]
    fn times_are_the_offices() {
        let parsed =
            read("Tiêu đề\tNgày\tGiờ\na\t24/11/2026\t7h30\nb\t\t07:30\nc\t24/11/2026 7:30\t\n");
        assert_eq!(parsed.faults, []);
        for row in parsed.rows {
            assert_eq!(row.article.at.unwrap().to_string(), "2026-11-24T00:30:00Z");
        }
    }

    #[test]
    fn a_heading_that_nobody_knows_holds_all_back() {
        let Err(ListFault::Headings { head, faults }) = try_read("title,tpoic\nx,y\n") else {
            panic!("it is no heading");
        };
        assert_eq!(head.row, 1);
        let nearest = Some(Field::Topic);
        let given = "tpoic".to_owned();
        assert_eq!(faults, [HeadingFault::Unknown { given, nearest }]);
    }

    #[test]
    fn what_stands_above_the_headings_is_passed_over() {
        let parsed = read(
            "UBND HUYỆN CHỢ ĐỒN;;\n;;\nDANH SÁCH TIN BÀI;;\nSTT;Tiêu đề;Ghi chú\n1;Tiêm phòng;\n\n2;Hội xuân;xong\n",
        );
        assert_eq!(parsed.faults, []);
        let told: Vec<_> = parsed
            .rows
            .iter()
            .map(|r| (r.line, r.article.title.as_str()))
            .collect();
        assert_eq!(told, [(5, "Tiêm phòng"), (7, "Hội xuân")]);
    }
}
