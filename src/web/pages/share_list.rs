//! Shares: found by words and filters, all of which stand in the address.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;

use super::Faces;
use super::fields::{Asked, Fields};
use super::frame::{Answer, Frame, show};
use super::show::{Line, Show, capital};
use super::visitor::Visitor;
use super::writing::Choice;
use crate::model::words::Sought;
use crate::model::{ChannelId, MemberId, State as Life, TopicId};
use crate::office::OfficeError;
use crate::office::search::Reached;
use crate::store::ShareAsk;

/// Rows of a page.
pub(super) const ROWS: usize = 50;
/// The page's own address.
const HERE: &str = "/shares";

#[derive(Template)]
#[template(path = "shares.html")]
struct List {
    f: Frame,
    words: String,
    states: Vec<Choice>,
    channels: Vec<Choice>,
    topics: Vec<Choice>,
    members: Vec<Choice>,
    since: String,
    until: String,
    chips: Vec<Chip>,
    lines: Vec<Line>,
    next: Option<String>,
    /// How far back the search looked before it stopped.
    reached: Option<String>,
    /// Something was asked for.
    filtered: bool,
    /// The period ends before it begins.
    turned: bool,
}

/// One tap: a filter that is usual, or one that is on and goes.
struct Chip {
    to: String,
    title: String,
    on: bool,
}

/// What the page looks up at once.
struct Seen {
    lines: Vec<Line>,
    next: Option<String>,
    reached: Option<String>,
    channels: Vec<Choice>,
    topics: Vec<Choice>,
    members: Vec<Choice>,
    today: Date,
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let ask = asked_for(&asked);
    let states = ask.states.clone();
    let (since, until) = (ask.since, ask.until);
    let seen = faces.beside(&visitor, move |f, v| seen(f, v, ask)).await?;
    let words = asked.text("q").trim().to_owned();
    let states: Vec<Choice> = Life::ALL
        .into_iter()
        .map(|s| Choice {
            id: s.as_str().to_owned(),
            title: capital(lang.state(s, None)),
            chosen: states.contains(&s),
        })
        .collect();
    let mut chips = on(&asked, &words, &states, &seen);
    let period = match (since, until) {
        (None, None) => None,
        (Some(since), None) => Some(lang.fill("shares.from", &[("day", &lang.date(since))])),
        (None, Some(until)) => Some(lang.fill("shares.to", &[("day", &lang.date(until))])),
        (Some(since), Some(until)) if since == until => Some(lang.date(since)),
        (Some(since), Some(until)) => Some(format!("{} – {}", lang.date(since), lang.date(until))),
    };
    chips.extend(period.map(|period| off(&asked, &["since", "until"], None, period)));
    let filtered = !chips.is_empty();
    if !filtered {
        chips = usual(&visitor, seen.today);
    }
    let page = List {
        f: Frame::of(&faces, &visitor, "shares", lang.text("nav.shares"))?,
        words,
        states,
        chips,
        since: since.map_or(String::new(), |day| day.to_string()),
        until: until.map_or(String::new(), |day| day.to_string()),
        turned: since.zip(until).is_some_and(|(since, until)| until < since),
        channels: seen.channels,
        topics: seen.topics,
        members: seen.members,
        lines: seen.lines,
        next: seen
            .next
            .map(|next| address(&asked, &[], Some(("after", &next)))),
        reached: seen.reached,
        filtered,
    };
    show(&page, lang)
}

fn asked_for(asked: &Fields) -> ShareAsk {
    ShareAsk {
        states: asked
            .all("state")
            .filter_map(|word| Life::ALL.into_iter().find(|s| s.as_str() == word))
            .collect(),
        channel: asked.parsed::<ChannelId>("channel"),
        topic: asked.parsed::<TopicId>("topic"),
        member: asked.parsed::<MemberId>("member"),
        since: asked.parsed("since"),
        until: asked.parsed("until"),
        words: Sought::of(asked.text("q")),
        after: asked.parsed("after"),
        limit: ROWS,
        ..ShareAsk::default()
    }
}

fn seen(faces: &Faces, visitor: &Visitor, ask: ShareAsk) -> Result<Seen, OfficeError> {
    let (office, actor) = (&faces.site.office, visitor.actor());
    let show = Show::new(faces, visitor)?;
    let choice = |id: String, title: String, chosen: Option<&str>| Choice {
        chosen: chosen == Some(id.as_str()),
        id,
        title,
    };
    let (channel, topic, member) = (ask.channel.clone(), ask.topic.clone(), ask.member.clone());
    let found = office.find_shares(actor, ask)?;
    let channels = office.channels(actor)?.into_iter();
    let topics = office.topics(actor)?.into_iter();
    let members = office.members(actor)?.into_iter();
    let mut members: Vec<Choice> = members
        .map(|(m, _)| {
            let name = show.member(&m.id);
            choice(
                m.id.to_string(),
                name,
                member.as_ref().map(MemberId::as_str),
            )
        })
        .collect();
    members.sort_by_cached_key(|m| crate::model::words::folded(&m.title));
    Ok(Seen {
        lines: show.lines(&found.rows),
        next: found.next.map(|next| next.to_string()),
        reached: found.reached.map(|reached| said(&show, reached)),
        channels: channels
            .map(|c| {
                choice(
                    c.id.to_string(),
                    c.title,
                    channel.as_ref().map(ChannelId::as_str),
                )
            })
            .collect(),
        topics: topics
            .map(|(id, title, _)| {
                choice(id.to_string(), title, topic.as_ref().map(TopicId::as_str))
            })
            .collect(),
        members,
        today: show.now.to_zoned_datetime(show.zone.clone()).date(),
    })
}

/// How far back a search looked, as people say it.
pub(super) fn said(show: &Show<'_>, reached: Reached) -> String {
    let lang = show.lang;
    match reached {
        Reached::Day(day) => lang.fill("shares.reached-day", &[("day", &lang.date(day))]),
        Reached::Added(at) => {
            let day = at.to_zoned_datetime(show.zone.clone()).date();
            lang.fill("shares.reached", &[("day", &lang.date(day))])
        }
    }
}

/// What is on: a tap takes it off.
fn on(asked: &Fields, words: &str, states: &[Choice], seen: &Seen) -> Vec<Chip> {
    let mut chips = Vec::new();
    if !words.is_empty() {
        chips.push(off(asked, &["q"], None, format!("«{words}»")));
    }
    for state in states.iter().filter(|s| s.chosen) {
        let title = state.title.clone();
        chips.push(off(asked, &[], Some(("state", &state.id)), title));
    }
    for (name, choices) in [
        ("channel", &seen.channels),
        ("topic", &seen.topics),
        ("member", &seen.members),
    ] {
        // What nobody knows is on all the same: nothing is found by it.
        if let Some(id) = asked.given(name) {
            let known = choices.iter().find(|c| c.chosen);
            let title = known.map_or(id.to_owned(), |c| c.title.clone());
            chips.push(off(asked, &[name], None, title));
        }
    }
    chips
}

fn off(asked: &Fields, names: &[&str], one: Option<(&str, &str)>, title: String) -> Chip {
    let without: Vec<(&str, Option<&str>)> = names
        .iter()
        .map(|name| (*name, None))
        .chain(one.map(|(name, value)| (name, Some(value))))
        .collect();
    Chip {
        to: address(asked, &without, None),
        title,
        on: true,
    }
}

/// What people look for most, while nothing is asked for.
fn usual(visitor: &Visitor, today: Date) -> Vec<Chip> {
    let lang = visitor.lang;
    let chip = |query: String, title: &str| Chip {
        to: format!("{HERE}?{query}"),
        title: title.to_owned(),
        on: false,
    };
    let month = today.first_of_month();
    vec![
        chip(
            format!("since={today}&until={today}"),
            lang.text("shares.today"),
        ),
        chip(
            format!("since={month}&until={}", today.last_of_month()),
            lang.text("shares.this-month"),
        ),
        chip(
            "state=unsure&state=failed&state=missed".to_owned(),
            lang.text("home.trouble"),
        ),
        chip(
            format!("member={}", visitor.member()),
            lang.text("shares.mine"),
        ),
    ]
}

/// This page's address, without some of what is asked for (a value of a name, or all of them), and
/// with something else.
fn address(asked: &Fields, without: &[(&str, Option<&str>)], with: Option<(&str, &str)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in ["q", "state", "channel", "topic", "member", "since", "until"] {
        for value in asked.all(name).map(str::trim).filter(|v| !v.is_empty()) {
            let goes = without
                .iter()
                .any(|(n, only)| *n == name && only.is_none_or(|only| only == value));
            if !goes {
                query.append_pair(name, value);
            }
        }
    }
    query.extend_pairs(with);
    match query.finish() {
        nothing if nothing.is_empty() => HERE.to_owned(),
        query => format!("{HERE}?{query}"),
    }
}
