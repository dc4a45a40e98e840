//! The calendar: every planned share and every future firing with the article it would take, free
//! slots, what failed or was missed, and how many went out. What is to come is moved by drag, or by a
//! form of its own ([`moving`]).

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::flash::Flash;
use super::frame::{Answer, Frame, back, show, show_as, to};
use super::hand::local;
use super::show::{Line, Show, When, capital, leads_to, turn};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::config::Config;
use crate::lang::Lang;
use crate::model::upcoming::{Comes, Free};
use crate::model::{Article, ShareId, State as Life};
use crate::office::OfficeError;
use crate::office::may::Wish;
use crate::store::{CountAsk, CountBy, ShareAsk};

/// Days of the list.
const LISTED: i32 = 14;
/// Of a day in the month so many are named; the rest is counted.
const NAMED: usize = 3;
/// Failed and missed shares looked at.
const MOST_TROUBLE: usize = 200;
/// Of a day so many times with free slots are named: a schedule of every twenty minutes has hundreds a week.
/// Fewer than are told of one channel, so that it is seen when there are more.
const MOST_FREE: usize = 6;

#[derive(Template)]
#[template(path = "calendar.html")]
struct Page {
    f: Frame,
    /// Where to come back to, and the same within an address.
    here: String,
    here_encoded: String,
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
    free: Vec<Slot>,
    free_more: bool,
}

/// A time at which something more would go out, if it waited.
struct Slot {
    time: String,
    channels: Vec<String>,
}

struct Entry {
    time: String,
    channel: String,
    title: String,
    /// The share's page; the article's, where the share is still to be made.
    leads_to: String,
    /// The share, where it can be moved.
    share: String,
    state: &'static str,
    /// Its state, in words.
    says: String,
    mark: &'static str,
    planned: bool,
    /// Where it stands, as a form's field for day and time says it; none where she may not move it.
    from: Option<String>,
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
        .beside(&visitor, move |f, v| {
            days(f, v, first, count, today, view != View::Month)
        })
        .await?;
    let step = |n: i32| match view {
        View::Month => day.first_of_month().checked_add(n.months()),
        _ => day.checked_add((n * count).days()),
    };
    let (before, after) = (step(-1).unwrap_or(day), step(1).unwrap_or(day));
    let nothing = |d: &Day| d.entries.is_empty() && d.out.is_none() && d.free.is_empty();
    let empty = days.iter().all(nothing);
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
    let word = match view {
        View::List => "list",
        View::Week => "week",
        View::Month => "month",
    };
    let here = format!("/calendar?view={word}&day={day}");
    let page = Page {
        f: Frame::of(&faces, &visitor, "calendar", lang.text("nav.calendar"))?,
        here_encoded: url::form_urlencoded::byte_serialize(here.as_bytes()).collect(),
        here,
        view: word,
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
    with_free: bool,
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
    let mut put =
        |at: Timestamp, state: Life, planned: bool, what: Comes, article: &Article, channel| {
            let local = at.to_zoned_datetime(show.zone.clone());
            let share = what.share().filter(|_| state != Life::Unsure);
            let movable = share.filter(|_| show.may(Wish::Change(article)));
            entries.entry(local.date()).or_default().push(Entry {
                time: lang.time(local.time()),
                channel: show.channel(channel),
                title: show.title(article),
                leads_to: leads_to(what, article.id),
                share: movable.map_or(String::new(), |id| id.to_string()),
                state: state.as_str(),
                says: match turn(lang, what) {
                    Some(turn) => capital(&turn),
                    None => capital(lang.state(state, None)),
                },
                mark: super::show::mark(state),
                planned,
                from: movable.map(|_| local.strftime("%Y-%m-%dT%H:%M").to_string()),
            });
        };
    for (share, article) in &trouble {
        let at = share.due.or(share.planned_for).unwrap_or(share.changed);
        put(
            at,
            share.state,
            true,
            Comes::Share(share.id),
            article,
            &share.channel,
        );
    }
    let ahead = u32::try_from(ahead).unwrap_or(0);
    let coming = office.upcoming(visitor.actor(), ahead)?;
    for c in &coming {
        if let Some(article) = office.store.article(c.article)? {
            let state = match c.planned {
                true => Life::Planned,
                false => Life::Waiting,
            };
            put(c.at, state, c.planned, c.what, &article, &c.channel);
        }
    }
    let free = match with_free {
        true => office.free_slots(visitor.actor(), ahead)?,
        false => Vec::new(),
    };
    let mut free = free_slots(&free, &show, &office.config());
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
        let slots = free.remove(&date).unwrap_or_default();
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
            free_more: slots.len() > MOST_FREE,
            free: slots.into_iter().take(MOST_FREE).collect(),
        });
        date = date.checked_add(1.days()).unwrap_or(date);
    }
    Ok(days)
}

/// The free slots by their days, in order: when, and the channels that have one then.
fn free_slots(free: &[Free], show: &Show<'_>, config: &Config) -> BTreeMap<Date, Vec<Slot>> {
    let mut slots: BTreeMap<Date, Vec<Slot>> = BTreeMap::new();
    for one in free {
        let local = one.at.to_zoned_datetime(show.zone.clone());
        let (day, time) = (
            slots.entry(local.date()).or_default(),
            show.lang.time(local.time()),
        );
        let title = |id| config.topic(id).map_or(id.to_string(), |t| t.title.clone());
        let topics: Vec<String> = one.topics.iter().map(title).collect();
        let channel = show.channel(&one.channel);
        let channel = match topics.is_empty() {
            true => channel,
            false => show.lang.fill(
                "calendar.only-topics",
                &[("channel", &channel), ("topics", &topics.join(", "))],
            ),
        };
        // Two slots within the same minute, and two schedules at once, are one line.
        match day.last_mut().filter(|last| last.time == time) {
            Some(last) if last.channels.contains(&channel) => {}
            Some(last) => last.channels.push(channel),
            None => day.push(Slot {
                time,
                channels: vec![channel],
            }),
        }
    }
    slots
}

#[derive(Template)]
#[template(path = "move.html")]
struct Move {
    f: Frame,
    line: Line,
    now: Option<When>,
    at: String,
    back: String,
    /// It has a place in a queue to go back to.
    fixed: bool,
    error: Option<String>,
}

/// One share, to be given another time by a form.
pub(super) async fn moving(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ShareId>,
    Asked(asked): Asked,
) -> Answer {
    moving_shown(&faces, &visitor, id, &asked, None).await
}

async fn moving_shown(
    faces: &Faces,
    visitor: &Visitor,
    id: ShareId,
    asked: &Fields,
    error: Option<OfficeError>,
) -> Answer {
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| faces.site.office.tell(lang, &e));
    let read = move |faces: &Faces, visitor: &Visitor| {
        let show = Show::new(faces, visitor)?;
        let (share, article) = faces.site.office.show_share(visitor.actor(), id)?;
        faces
            .site
            .office
            .may(visitor.actor(), Wish::Change(&article))?;
        let now = share.due.map(|at| show.when(at));
        let zone = show.zone.clone();
        let stands = share.due.map(|at| at.to_zoned_datetime(zone));
        let stands = stands.map(|at| at.strftime("%Y-%m-%dT%H:%M").to_string());
        let fixed = share.state == Life::Planned;
        Ok((show.line(&share, &article), now, stands, fixed))
    };
    let (line, now, stands, fixed) = faces.beside(visitor, read).await?;
    let typed = asked.given("at").map(str::to_owned);
    let page = Move {
        f: Frame::of(faces, visitor, "calendar", lang.text("calendar.move"))?,
        line,
        now,
        at: typed.or(stands).unwrap_or_default(),
        back: back(asked.given("back").unwrap_or("/calendar")).to_owned(),
        fixed,
        error,
    };
    show_as(status, &page, lang)
}

/// Dropped there, or told so by the form: it gets this time. From a script the answer is a page of
/// where it was dropped, with what was done, as from the form.
pub(super) async fn move_to(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (office, actor, lang) = (&faces.site.office, visitor.actor(), visitor.lang);
    let moved = match (fields.text("act"), local(&faces, fields.text("at"))) {
        ("queue", _) => office.skip(actor, fields.key(), id).await,
        (_, Some(at)) => office.fix(actor, fields.key(), id, at).await,
        (_, None) => Err(OfficeError::Invalid {
            field: "at",
            what: crate::office::Invalid::NoTime,
        }),
    };
    match moved {
        Ok(done) => {
            let (share, _) = office
                .show_share(actor, id)
                .map_err(|e| faces.failed(&visitor, e))?;
            let said = match share.due {
                Some(at) => lang.fill("calendar.moved", &[("at", &office.moment(lang, at))]),
                None => lang.text("calendar.unfixed").to_owned(),
            };
            faces.say_all(&visitor, vec![Flash::new(said)]);
            faces.say(&visitor, "", &done);
            to(back(fields.given("back").unwrap_or("/calendar")))
        }
        Err(error) => moving_shown(&faces, &visitor, id, &fields, Some(error)).await,
    }
}
