//! Simple counts: how many went out, by channel, topic, member or time, as a chart and a table.

use askama::Template;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::Date;

use super::Faces;
use super::fields::Asked;
use super::frame::{Answer, Frame, show};
use super::show::Show;
use super::visitor::Visitor;
use super::writing::Choice;
use crate::lang::Lang;
use crate::office::OfficeError;
use crate::store::{CountAsk, CountBy, Figures};

/// Bars of a chart; a table says the rest.
const BARS: usize = 24;
/// How long the longest is, in a chart's own units.
const LONGEST: u64 = 1000;

#[derive(Template)]
#[template(path = "reports.html")]
struct Page {
    f: Frame,
    since: String,
    until: String,
    bys: Vec<Choice>,
    by_title: String,
    rows: Vec<Row>,
    total: Row,
    bars: Vec<Bar>,
    described: String,
    /// Periods that are often asked for: words, address, whether it is this one.
    periods: Vec<(&'static str, String, bool)>,
}

struct Row {
    title: String,
    link: Option<String>,
    shares: String,
    items: String,
    auto: String,
    by_hand: String,
    back_filled: String,
}

struct Bar {
    width: u64,
    name: String,
    value: String,
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let office = &faces.site.office;
    let zone = office.config().office.zone.clone();
    let today = office.clock.now().to_zoned_datetime(zone).date();
    let since = asked
        .parsed::<Date>("since")
        .unwrap_or_else(|| quarter_of(today));
    let until = asked.parsed::<Date>("until").unwrap_or(today).max(since);
    let by = match asked.text("by") {
        "topic" => CountBy::Topic,
        "member" => CountBy::Member,
        "day" => CountBy::Day,
        "month" => CountBy::Month,
        "quarter" => CountBy::Quarter,
        "year" => CountBy::Year,
        _ => CountBy::Channel,
    };
    let ask = CountAsk {
        since: Some(since),
        until: Some(until),
        by,
        channel: None,
        topic: None,
        member: None,
        with_log: false,
    };
    let (named, total) = faces
        .beside(&visitor, move |f, v| counted(f, v, &ask))
        .await?;
    let most = named
        .iter()
        .map(|(_, _, f)| f.shares)
        .max()
        .unwrap_or(0)
        .max(1);
    let bars: Vec<Bar> = named
        .iter()
        .take(BARS)
        .map(|(_, title, figures)| Bar {
            width: (figures.shares * LONGEST / most).max(1),
            name: title.clone(),
            value: lang.number(figures.shares),
        })
        .collect();
    let rows = named.iter().map(|(key, title, figures)| Row {
        link: rows_of(by, key, since, until),
        ..row(lang, title, figures)
    });
    let period = format!("{} – {}", lang.date(since), lang.date(until));
    let page = Page {
        f: Frame::of(&faces, &visitor, "reports", lang.text("nav.reports"))?,
        since: since.to_string(),
        until: until.to_string(),
        bys: BYS
            .iter()
            .map(|word| Choice {
                id: (*word).to_owned(),
                title: lang.word("count-by", word).to_owned(),
                chosen: *word == word_of(by),
            })
            .collect(),
        by_title: lang.word("count-by", word_of(by)).to_owned(),
        described: lang.fill("reports.described", &[("period", &period)]),
        rows: rows.collect(),
        total: row(lang, lang.text("reports.total"), &total),
        bars,
        periods: periods(lang, today)
            .into_iter()
            .map(|(words, first, last)| {
                let to = format!("/reports?by={}&since={first}&until={last}", word_of(by));
                (words, to, (first, last) == (since, until))
            })
            .collect(),
    };
    show(&page, lang)
}

const BYS: [&str; 7] = [
    "channel", "topic", "member", "day", "month", "quarter", "year",
];

fn word_of(by: CountBy) -> &'static str {
    match by {
        CountBy::Channel => "channel",
        CountBy::Topic => "topic",
        CountBy::Member => "member",
        CountBy::Day => "day",
        CountBy::Month => "month",
        CountBy::Quarter => "quarter",
        CountBy::Year => "year",
    }
}

/// The first day of its quarter.
fn quarter_of(day: Date) -> Date {
    let back = i32::from((day.month() - 1) % 3);
    let first = day.first_of_month();
    first.checked_sub(back.months()).unwrap_or(first)
}

/// Periods that are often asked for, by their words, up to today.
fn periods(lang: Lang, today: Date) -> [(&'static str, Date, Date); 4] {
    let year = today.first_of_year();
    let last_year = year.yesterday().unwrap_or(year);
    [
        (
            lang.text("reports.this-month"),
            today.first_of_month(),
            today,
        ),
        (lang.text("reports.this-quarter"), quarter_of(today), today),
        (lang.text("reports.this-year"), year, today),
        (
            lang.text("reports.last-year"),
            last_year.first_of_year(),
            last_year,
        ),
    ]
}

/// Where the shares that a row counts are listed.
fn rows_of(by: CountBy, key: &str, since: Date, until: Date) -> Option<String> {
    let whole = |first: Date, months: i32| {
        let next = first.checked_add(months.months()).ok()?;
        Some((first, next.yesterday().ok()?))
    };
    let (name, days) = match by {
        CountBy::Channel => (Some("channel"), None),
        CountBy::Topic => (Some("topic"), None),
        CountBy::Member => (Some("member"), None),
        CountBy::Day => (None, key.parse().ok().map(|day: Date| (day, day))),
        CountBy::Month => (None, whole(format!("{key}-01").parse().ok()?, 1)),
        CountBy::Quarter => {
            let (year, quarter) = key.split_once("-Q")?;
            let month = quarter.parse::<i8>().ok()?.checked_mul(3)?.checked_sub(2)?;
            (
                None,
                whole(Date::new(year.parse().ok()?, month, 1).ok()?, 3),
            )
        }
        CountBy::Year => (None, whole(format!("{key}-01-01").parse().ok()?, 12)),
    };
    // Those of a row never go beyond what was asked for.
    let (first, last) = days.unwrap_or((since, until));
    let (first, last) = (first.max(since), last.min(until));
    let days = format!("/shares?since={first}&until={last}");
    match name {
        None => Some(days),
        // Of those without there is no list.
        Some(_) if key.is_empty() => None,
        Some(name) => Some(format!("{days}&{name}={key}")),
    }
}

type Named = Vec<(String, String, Figures)>;

fn counted(
    faces: &Faces,
    visitor: &Visitor,
    ask: &CountAsk,
) -> Result<(Named, Figures), OfficeError> {
    let lang = visitor.lang;
    let show = Show::new(faces, visitor)?;
    let counted = faces.site.office.counts(visitor.actor(), ask)?;
    let titles = counted.titles;
    let title = |key: &str| match ask.by {
        _ if key.is_empty() => lang.text("reports.none-named").to_owned(),
        CountBy::Day => key.parse().map_or(key.to_owned(), |d| lang.date(d)),
        CountBy::Month => month(lang, key).unwrap_or_else(|| key.to_owned()),
        CountBy::Quarter => quarter(lang, key).unwrap_or_else(|| key.to_owned()),
        CountBy::Member => key.parse().map_or(key.to_owned(), |id| show.member(&id)),
        _ => titles.get(key).cloned().unwrap_or_else(|| key.to_owned()),
    };
    let rows = counted.table.rows.into_iter();
    let mut named: Named = rows.map(|(key, f)| (key.clone(), title(&key), f)).collect();
    if matches!(ask.by, CountBy::Channel | CountBy::Topic | CountBy::Member) {
        named.sort_by_key(|(_, _, f)| std::cmp::Reverse(f.shares));
    }
    Ok((named, counted.table.total))
}

fn month(lang: Lang, key: &str) -> Option<String> {
    let (year, month) = key.split_once('-')?;
    Some(lang.month(year.parse().ok()?, month.parse().ok()?))
}

fn quarter(lang: Lang, key: &str) -> Option<String> {
    let (year, quarter) = key.split_once("-Q")?;
    Some(lang.quarter(year.parse().ok()?, quarter.parse().ok()?))
}

fn row(lang: Lang, title: &str, f: &Figures) -> Row {
    Row {
        title: title.to_owned(),
        link: None,
        shares: lang.number(f.shares),
        items: lang.number(f.items),
        auto: lang.number(f.auto),
        by_hand: lang.number(f.by_hand),
        back_filled: lang.number(f.back_filled),
    }
}
