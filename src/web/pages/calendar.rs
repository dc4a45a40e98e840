//! The calendar: every planned share and every future firing with the article it would take, what
//! failed or was missed, and how many went out.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::Faces;
use super::fields::Asked;
use super::frame::{Answer, Frame, show};
use super::show::Show;
use super::visitor::Visitor;
use crate::lang::Lang;
use crate::model::State as Life;
use crate::office::OfficeError;
use crate::store::{CountAsk, CountBy, ShareAsk};

/// Days of the list.
const LISTED: i32 = 14;
/// Of a day in the month so many are named; the rest is counted.
const NAMED: usize = 3;
/// Failed and missed shares looked at.
const MOST_TROUBLE: usize = 200;

#[derive(Template)]
#[template(path = "calendar.html")]
struct Page {
    f: Frame,
    view: &'static str,
    name: String,
    before: String,
    after: String,
    weekdays: Vec<String>,
    weeks: Vec<Vec<Day>>,
    empty: bool,
}

struct Day {
    date: String,
    number: i8,
    name: String,
    today: bool,
    outside: bool,
    out: Option<String>,
    entries: Vec<Entry>,
    more: usize,
}

struct Entry {
    time: String,
    channel: String,
    title: String,
    share: String,
    state: &'static str,
    mark: &'static str,
    planned: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum View {
    List,
    Week,
    Month,
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let view = match asked.text("view") {
        "month" => View::Month,
        "week" => View::Week,
        _ => View::List,
    };
    let office = &faces.site.office;
    let zone = office.config().office.zone.clone();
    let today = office.clock.now().to_zoned_datetime(zone).date();
    let day = asked
        .parsed::<Date>("day")
        .filter(|d| (2000..=2200).contains(&d.year()));
    let day = day.unwrap_or(today);
    let (first, count) = span(view, day);
    let mut days = faces
        .beside(&visitor, move |f, v| days(f, v, first, count, today))
        .await?;
    let step = |n: i32| match view {
        View::Month => day.first_of_month().checked_add(n.months()),
        _ => day.checked_add((n * count).days()),
    };
    let (before, after) = (step(-1).unwrap_or(day), step(1).unwrap_or(day));
    let empty = days.iter().all(|d| d.entries.is_empty() && d.out.is_none());
    if view == View::Month {
        for one in &mut days {
            one.outside = one.date.get(..7) != day.to_string().get(..7);
            one.more = one.entries.len().saturating_sub(NAMED);
        }
    }
    let mut weeks: Vec<Vec<Day>> = Vec::new();
    for one in days {
        match weeks.last_mut().filter(|w| w.len() < 7) {
            Some(week) => week.push(one),
            None => weeks.push(vec![one]),
        }
    }
    let page = Page {
        f: Frame::of(&faces, &visitor, "calendar", lang.text("nav.calendar"))?,
        view: match view {
            View::List => "list",
            View::Week => "week",
            View::Month => "month",
        },
        name: match view {
            View::Month => lang.month(day.year(), day.month()),
            _ => {
                let last = first.checked_add((count - 1).days()).unwrap_or(first);
                format!("{} – {}", lang.date(first), lang.date(last))
            }
        },
        before: before.to_string(),
        after: after.to_string(),
        weekdays: weekdays(lang),
        weeks,
        empty,
    };
    show(&page, lang)
}

/// The first day, and how many. Weeks begin on Monday.
fn span(view: View, day: Date) -> (Date, i32) {
    let monday = |d: Date| {
        let back = i32::from(d.weekday().to_monday_zero_offset());
        d.checked_sub(back.days()).unwrap_or(d)
    };
    match view {
        View::List => (day, LISTED),
        View::Week => (monday(day), 7),
        View::Month => {
            let first = monday(day.first_of_month());
            let last = day.last_of_month();
            let days = first.until(last).map_or(35, |s| s.get_days() + 1);
            (first, (days + 6) / 7 * 7)
        }
    }
}

fn weekdays(lang: Lang) -> Vec<String> {
    let days = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    days.into_iter()
        .map(|d| lang.weekday(d).to_owned())
        .collect()
}

fn days(
    faces: &Faces,
    visitor: &Visitor,
    first: Date,
    count: i32,
    today: Date,
) -> Result<Vec<Day>, OfficeError> {
    let (office, lang) = (&faces.site.office, visitor.lang);
    let show = Show::new(faces, visitor)?;
    let last = first.checked_add((count - 1).days()).unwrap_or(first);
    let ahead = today.until(last).map_or(0, |s| s.get_days() + 1).max(0);
    let mut entries: BTreeMap<Date, Vec<Entry>> = BTreeMap::new();
    let trouble = office.list_shares(
        visitor.actor(),
        ShareAsk {
            states: vec![Life::Failed, Life::Missed, Life::Unsure],
            limit: MOST_TROUBLE,
            ..ShareAsk::default()
        },
    )?;
    for (share, article) in trouble {
        let at = share.due.or(share.planned_for).unwrap_or(share.changed);
        let local = at.to_zoned_datetime(show.zone.clone());
        entries.entry(local.date()).or_default().push(Entry {
            time: lang.time(local.time()),
            channel: show.channel(&share.channel),
            title: show.title(&article),
            share: share.id.to_string(),
            state: share.state.as_str(),
            mark: super::show::mark(share.state),
            planned: true,
        });
    }
    for c in office.upcoming(visitor.actor(), u32::try_from(ahead).unwrap_or(0))? {
        let local = c.at.to_zoned_datetime(show.zone.clone());
        if let Some(article) = office.store.article(c.article)? {
            let state = if c.planned {
                Life::Planned
            } else {
                Life::Waiting
            };
            entries.entry(local.date()).or_default().push(Entry {
                time: lang.time(local.time()),
                channel: show.channel(&c.channel),
                title: show.title(&article),
                share: c.share.to_string(),
                state: state.as_str(),
                mark: super::show::mark(state),
                planned: c.planned,
            });
        }
    }
    let counted = office.store.counts_of_shares(&CountAsk {
        since: Some(first),
        until: Some(last),
        by: CountBy::Day,
        channel: None,
        topic: None,
        member: None,
        with_log: true,
    })?;
    let mut out: BTreeMap<String, u64> = BTreeMap::new();
    for (day, figures) in counted.rows {
        out.insert(day, figures.shares);
    }
    let mut days = Vec::new();
    let mut date = first;
    for _ in 0..count {
        let mut entries = entries.remove(&date).unwrap_or_default();
        entries.sort_by(|a, b| a.time.cmp(&b.time));
        days.push(Day {
            out: out
                .get(&date.to_string())
                .map(|n| lang.count("calendar.out", *n, &[])),
            date: date.to_string(),
            number: date.day(),
            name: lang.weekday_and_day(date),
            today: date == today,
            outside: false,
            entries,
            more: 0,
        });
        date = date.checked_add(1.days()).unwrap_or(date);
    }
    Ok(days)
}
