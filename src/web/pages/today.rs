//! Today: what waits for me, what is in trouble, what went out, what comes.

use askama::Template;
use axum::extract::State;
use jiff::SignedDuration;

use super::Faces;
use super::frame::{Answer, Frame, show};
use super::show::{Line, Show, When, leads_to, turn};
use super::visitor::Visitor;
use crate::lang::InWords;
use crate::model::{Cause, Share, State as Life};
use crate::office::OfficeError;
use crate::office::feeds::FeedLook;
use crate::office::feeds::polled::Late;
use crate::store::ShareAsk;

/// Of each list so many: the rest is one tap away.
const MOST: usize = 8;
/// The latest of so many that went out today are named.
const MOST_OUT: usize = 200;
/// A change at the source is news for so long; the page of the feeds tells it for a week.
const CHANGE_IS_NEWS: SignedDuration = SignedDuration::from_hours(48);
/// What comes is looked for so many days ahead.
const DAYS: u32 = 3;

#[derive(Template)]
#[template(path = "today.html")]
struct Page {
    f: Frame,
    seen: Seen,
}

struct Seen {
    day: String,
    date: String,
    todo: Vec<Line>,
    todo_more: usize,
    approve: usize,
    trouble: Vec<Line>,
    trouble_more: usize,
    asked: Vec<(String, String)>,
    feeds: Vec<(String, String, String)>,
    /// Articles that are out, whose source says something else since: id, title, when that was seen.
    changed: Vec<(String, String, When)>,
    paused: Vec<(String, String, String)>,
    /// Channels whose platform said something that a person should act on: id, title, what.
    ailing: Vec<(String, String, String)>,
    /// Channels whose next share is due and does not get out: id, title, why.
    stuck: Vec<(String, String, String)>,
    out: String,
    out_lines: Vec<Line>,
    coming: Vec<Coming>,
    empty: bool,
}

struct Coming {
    when: When,
    channel: String,
    title: String,
    /// The share's page; the article's, where the share is still to be made.
    leads_to: String,
    /// It comes round by a rule: which turn.
    turn: Option<String>,
    held: bool,
}

pub(super) async fn page(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let seen = faces.beside(&visitor, seen).await?;
    let lang = visitor.lang;
    let f = Frame::of(&faces, &visitor, "today", lang.text("home.title"))?;
    show(&Page { f, seen }, lang)
}

fn seen(faces: &Faces, visitor: &Visitor) -> Result<Seen, OfficeError> {
    let (office, lang, actor) = (&faces.site.office, visitor.lang, visitor.actor());
    let show = Show::new(faces, visitor)?;
    let today = office.today(actor)?;
    let lines = |shares: &[Share]| {
        let some = shares.iter().take(MOST).cloned().collect();
        Ok::<_, OfficeError>(show.lines(&office.with_articles(some)?))
    };
    let day = show.now.to_zoned_datetime(show.zone.clone()).date();
    let mut out = office.store.shares(&ShareAsk {
        states: vec![Life::Shared],
        since: Some(day),
        until: Some(day),
        limit: MOST_OUT,
        ..ShareAsk::default()
    })?;
    out.sort_by_key(|s| std::cmp::Reverse(s.count.as_ref().map(|c| c.at)));
    let mut coming = Vec::new();
    for c in office.upcoming(actor, DAYS)?.into_iter().take(MOST) {
        if let Some(article) = office.store.article(c.article)? {
            coming.push(Coming {
                when: show.when(c.at),
                channel: show.channel(&c.channel),
                title: show.title(&article),
                leads_to: leads_to(c.what, c.article),
                turn: turn(lang, c.what),
                held: c.held.is_some(),
            });
        }
    }
    let items = lang.count("home.items", today.out.items, &[]);
    let shares = lang.count("home.shares", today.out.shares, &[]);
    let channels = office.store.channels()?;
    let feeds = office.feeds(actor)?;
    Ok(Seen {
        day: lang.weekday_and_day(day),
        date: day.to_string(),
        todo: lines(&today.todo)?,
        todo_more: today.todo.len().saturating_sub(MOST),
        approve: today.to_approve.len(),
        trouble: lines(&today.trouble)?,
        trouble_more: today.trouble.len().saturating_sub(MOST),
        asked: today
            .asked
            .iter()
            .filter_map(|s| {
                let asked = s.asked.as_ref()?;
                let since = show.when(asked.since).said;
                let said = lang.count("home.asked", asked.count.into(), &[("since", &since)]);
                Some((s.id.to_string(), said))
            })
            .collect(),
        paused: today
            .paused_channels
            .iter()
            .filter_map(|c| {
                let why = lang.why(&c.paused.as_ref()?.why);
                Some((c.id.to_string(), c.title.clone(), why))
            })
            .collect(),
        feeds: feeds
            .iter()
            .filter(|f| f.is_in_trouble())
            .take(MOST)
            .map(|f| {
                let why = f.polled.trouble.as_ref().map(|t| t.in_words(lang));
                (f.id.to_string(), f.title.clone(), why.unwrap_or_default())
            })
            .collect(),
        changed: changed(&show, &feeds)?,
        ailing: channels
            .iter()
            .filter(|c| !c.gone && c.paused.is_none())
            .filter_map(|c| {
                let what = super::channels::ailing(faces, lang, &c.id)?;
                Some((c.id.to_string(), c.title.clone(), what))
            })
            .collect(),
        stuck: stuck(faces, &show)?,
        out: lang.fill("home.out", &[("items", &items), ("shares", &shares)]),
        out_lines: lines(&out)?,
        coming,
        empty: channels.iter().all(|c| c.gone),
    })
}

/// What is out stays as its readers saw it; whoever posted it should know that its source was put right.
fn changed(
    show: &Show<'_>,
    feeds: &[FeedLook],
) -> Result<Vec<(String, String, When)>, OfficeError> {
    let is_news = |late: &&Late| show.now.duration_since(late.at) <= CHANGE_IS_NEWS;
    let late = feeds.iter().flat_map(|f| &f.polled.late).filter(is_news);
    let mut changed = Vec::new();
    for late in late.take(MOST) {
        if let Some(article) = show.office().store.article(late.article)? {
            let title = show.title(&article);
            changed.push((late.article.to_string(), title, show.when(late.at)));
        }
    }
    Ok(changed)
}

/// Channels that are tried in vain: nobody has to act yet, but whoever waits for a post should know.
fn stuck(faces: &Faces, show: &Show<'_>) -> Result<Vec<(String, String, String)>, OfficeError> {
    let office = &faces.site.office;
    let mut stuck = Vec::new();
    for place in &office.config().channels {
        let id = &place.rules.id;
        let Some((_, share)) = office.store.planned(id, 1)?.into_iter().next() else {
            continue;
        };
        let share = office.store.share(share)?;
        let in_vain = |why: &&crate::model::Why| {
            matches!(
                why.cause,
                Cause::Unreachable | Cause::Throttled | Cause::Blocked | Cause::Unauthorized
            )
        };
        if let Some(why) = share.as_ref().and_then(|s| s.why.as_ref()).filter(in_vain) {
            stuck.push((
                id.to_string(),
                place.rules.title.clone(),
                show.lang.why(why),
            ));
        }
    }
    Ok(stuck)
}
