//! A spreadsheet of shares that were made long ago → one row each: the day, where, what, by whom, and
//! the link to the post if somebody kept it.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::columns::Field;
use super::list::{self, Ask, Head, ListFault};
use super::rows::{Fault, moment, one_line};
use super::sheet::Line;
use super::when::When;

/// A share as a list tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRow {
    /// Its place in the file.
    pub line: u64,
    /// The office's local day.
    pub day: Date,
    /// The time of that day, where the list has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// The cell of its channel or channels, by id or title.
    pub channels: String,
    /// Headline.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What was written with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it leads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// A topic's id or title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// A member's id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The post itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permalink: Option<String>,
    /// The share it was exported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A day without a time is counted at noon: the day, which is what is counted, is right in every zone
/// that an office may have meant.
pub const NOON: Time = Time::constant(12, 0, 0, 0);

impl PastRow {
    /// When it was, in the office's zone; noon where the list tells only the day.
    pub fn at(&self, zone: &TimeZone) -> Option<Timestamp> {
        let time = self.time.unwrap_or(NOON);
        zone.to_timestamp(self.day.to_datetime(time)).ok()
    }
}

/// Gives every row to `each`: read, or why not.
///
/// # Errors
/// [`ListFault`]: the file, or its headings.
pub fn read<S: Read + Seek>(
    source: S,
    ask: &Ask<'_>,
    zone: &TimeZone,
    each: &mut dyn FnMut(u64, Result<PastRow, Fault>) -> ControlFlow<()>,
) -> Result<Head, ListFault> {
    list::read(source, ask, &mut |head, line| {
        each(line.number, of_line(head, &line, zone))
    })
}

fn of_line(head: &Head, line: &Line, zone: &TimeZone) -> Result<PastRow, Fault> {
    if head.is_shifted(line) {
        return Err(Fault::Shifted);
    }
    let text = |field| head.cell(line, field).to_owned();
    let given = |field| Some(text(field)).filter(|t| !t.is_empty());
    let (at, written) = moment(head, line)?.ok_or(Fault::Blank(Field::At))?;
    let (day, time) = match at {
        When::Day(day) => (day, None),
        When::DayTime(at) => (at.date(), Some(at.time())),
        When::Instant(at) => {
            let local = zone.to_datetime(at);
            (local.date(), Some(local.time()))
        }
        When::Time(_) => return Err(Fault::TimeAlone(written)),
    };
    let channels = given(Field::Channels).ok_or(Fault::Blank(Field::Channels))?;
    let (title, link) = (one_line(&text(Field::Title)), given(Field::Link));
    if title.is_empty() && link.is_none() {
        return Err(Fault::Blank(Field::Title));
    }
    Ok(PastRow {
        line: line.number,
        day,
        time,
        channels,
        title,
        text: text(Field::Text),
        link,
        topic: given(Field::Topic),
        member: given(Field::Member),
        permalink: given(Field::Permalink),
        id: given(Field::Id),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::columns::{Explained, Purpose};
    use super::*;

    type Rows = Vec<(u64, Result<PastRow, Fault>)>;

    fn all(text: &str) -> Rows {
        let ask = Ask {
            purpose: Purpose::Shares,
            sheet: None,
            explained: &Explained::new(),
        };
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let mut rows = Vec::new();
        read(Cursor::new(text), &ask, &zone, &mut |line, row| {
            rows.push((line, row));
            ControlFlow::Continue(())
        })
        .unwrap();
        rows
    }

    #[test]
    fn a_row_says_when_where_and_what() {
        let rows = all(
            "Ngày;Kênh;Tiêu đề;Liên kết;Người đăng;Link bài đăng\n28/8/2019;ATK Chợ Đồn;Tiêm phòng;https://x.vn/5;Lan;https://fb.com/p/1\n7h30 29/8/2019;Tin Bắc Kạn;Hội xuân;;;\n",
        );
        let first = rows[0].1.as_ref().unwrap();
        assert_eq!(
            (first.line, first.day.to_string().as_str(), first.time),
            (2, "2019-08-28", None)
        );
        assert_eq!(first.channels, "ATK Chợ Đồn");
        assert_eq!(first.link.as_deref(), Some("https://x.vn/5"));
        assert_eq!(first.member.as_deref(), Some("Lan"));
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        assert_eq!(first.at(&zone).unwrap().to_string(), "2019-08-28T05:00:00Z");
        let second = rows[1].1.as_ref().unwrap();
        assert_eq!(
            second.at(&zone).unwrap().to_string(),
            "2019-08-29T00:30:00Z"
        );
    }

    #[test]
    fn what_is_missing_is_told() {
        let rows =
            all("Ngày;Kênh;Tiêu đề\n;a;x\n28/8/2019;;x\n28/8/2019;a;\n7:30;a;x\n30/2/2019;a;x\n");
        let faults: Vec<_> = rows.into_iter().map(|(_, row)| row.unwrap_err()).collect();
        assert_eq!(
            faults,
            [
                Fault::Blank(Field::At),
                Fault::Blank(Field::Channels),
                Fault::Blank(Field::Title),
                Fault::TimeAlone("7:30".to_owned()),
                Fault::Impossible("30/2/2019".to_owned()),
            ]
        );
    }
}
