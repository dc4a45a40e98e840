//! Channels: how each stands, and pausing one or all.

use askama::Template;
use axum::extract::{Path, State};

use super::Faces;
use super::fields::{Asked, Posted};
use super::frame::{Answer, Frame, show, to};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::config::problem::Weight as Heavy;
use crate::lang::{InWords, Lang};
use crate::model::ChannelId;
use crate::model::channel::Channel;
use crate::office::may::Wish;
use crate::office::{Done, OfficeError};
use crate::platform::{Finding, Weight};
use crate::store::ChannelState;

/// When each comes is looked for so many days ahead.
const DAYS: u32 = 14;

#[derive(Template)]
#[template(path = "channels.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    paused: Option<String>,
    clock: bool,
    /// What is wrong with the files, while the last good ones run.
    problems: Vec<String>,
}

struct Row {
    id: String,
    title: String,
    about: String,
    paused: Option<String>,
    gone: bool,
    waiting: String,
    next: Option<When>,
    last: Option<When>,
    /// What its platform said that a person should act on.
    ailing: Option<String>,
}

#[derive(Template)]
#[template(path = "channel.html")]
struct Page {
    f: Frame,
    row: Row,
    facts: Vec<(&'static str, String)>,
    url: Option<String>,
    has_api: bool,
    found: Option<Vec<(&'static str, String)>>,
    /// When that was asked, where it was not just now.
    found_at: Option<When>,
}

fn row(show: &Show<'_>, next: Option<jiff::Timestamp>, c: ChannelState) -> Row {
    let lang = show.lang;
    let paused = c.paused.as_ref().filter(|p| p.holds(show.now));
    Row {
        about: format!("{} · {}", lang.platform(c.platform), lang.mode(c.mode)),
        paused: paused.map(|p| {
            let why = lang.why(&p.why);
            let by = show.by(&p.by);
            lang.fill("channels.paused", &[("why", &why), ("by", &by)])
        }),
        waiting: lang.count("queue.waiting", c.waiting, &[]),
        next: next.map(|at| show.when(at)),
        last: c.last_start.map(|at| show.when(at)),
        gone: c.gone,
        ailing: None,
        id: c.id.to_string(),
        title: c.title,
    }
}

fn rows(
    faces: &Faces,
    visitor: &Visitor,
    only: Option<&ChannelId>,
) -> Result<Vec<Row>, OfficeError> {
    let office = &faces.site.office;
    let show = Show::new(faces, visitor)?;
    let channels = match only {
        Some(id) => vec![office.seen_channel(id)?],
        None => office.channels(visitor.actor())?,
    };
    let coming = office.upcoming(visitor.actor(), DAYS)?;
    let next = |id: &ChannelId| coming.iter().find(|c| c.channel == *id).map(|c| c.at);
    Ok(channels
        .into_iter()
        .map(|c| {
            let ailing = ailing(faces, show.lang, &c.id);
            Row {
                ailing,
                ..row(&show, next(&c.id), c)
            }
        })
        .collect())
}

/// The worst of what a channel's platform said when it was asked last.
pub(super) fn ailing(faces: &Faces, lang: Lang, id: &ChannelId) -> Option<String> {
    let checked = faces.site.health.as_ref()?.check_of(id)?;
    match &checked.found {
        Ok(found) => {
            let bad = found.iter().filter(|f| f.weight != Weight::Note);
            let worst = bad.max_by_key(|f| f.weight)?;
            Some(faces.site.office.tell_finding(lang, worst))
        }
        Err(error) => Some(error.in_words(lang)),
    }
}

pub(super) async fn list(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let (rows, paused) = faces
        .beside(&visitor, |faces, visitor| {
            let show = Show::new(faces, visitor)?;
            let paused = faces.site.office.store.paused_all()?;
            let paused = paused.filter(|p| p.holds(show.now)).map(|p| {
                let (why, by) = (show.lang.why(&p.why), show.by(&p.by));
                show.lang
                    .fill("channels.paused", &[("why", &why), ("by", &by)])
            });
            Ok((rows(faces, visitor, None)?, paused))
        })
        .await?;
    let lang = visitor.lang;
    let health = faces.site.health.as_ref();
    let clock = health.is_some_and(|h| h.pulse().clock_doubt.is_some());
    let refused = faces.site.refused.borrow().clone();
    let told = refused.iter().filter(|p| p.weight == Heavy::Error);
    let page = List {
        f: Frame::of(&faces, &visitor, "channels", lang.text("nav.channels"))?,
        rows,
        paused,
        clock,
        problems: told.map(|p| p.line_of_text(lang)).collect(),
    };
    show(&page, lang)
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ChannelId>,
    Asked(asked): Asked,
) -> Answer {
    let lang = visitor.lang;
    let which = id.clone();
    let mut found_rows = faces
        .beside(&visitor, move |f, v| rows(f, v, Some(&which)))
        .await?;
    let Some(row) = found_rows.pop() else {
        return Err(super::trouble::Trouble::not_there(lang));
    };
    let config = faces.site.office.config();
    let channel = config.channel(&id);
    let checked = faces.site.health.as_ref().and_then(|h| h.check_of(&id));
    let (found, found_at) = match (asked.has("check"), channel, checked) {
        (true, Some(channel), _) => (Some(ask_platform(&faces, channel, &id, lang).await), None),
        (false, Some(_), Some(checked)) => {
            let show = Show::new(&faces, &visitor).map_err(|e| faces.failed(&visitor, e))?;
            let found = match &checked.found {
                Ok(found) => found.iter().map(|f| told(&faces, lang, f)).collect(),
                Err(error) => vec![("bad", error.in_words(lang))],
            };
            (Some(found), Some(show.when(checked.at)))
        }
        _ => (None, None),
    };
    let rules = channel.map(|c| &c.rules);
    let page = Page {
        f: Frame::of(&faces, &visitor, "channels", row.title.clone())?,
        facts: rules
            .map(|r| facts(&faces, &visitor, r))
            .unwrap_or_default(),
        url: rules.and_then(|r| r.url.clone()),
        has_api: rules.is_some_and(|r| r.platform.has_api() && r.mode == crate::model::Mode::Post),
        row,
        found,
        found_at,
    };
    show(&page, lang)
}

/// What the platform says of our way in: whether the token holds, and how long.
async fn ask_platform(
    faces: &Faces,
    channel: &crate::config::ConfiguredChannel,
    id: &ChannelId,
    lang: Lang,
) -> Vec<(&'static str, String)> {
    let target = faces
        .site
        .office
        .seen_channel(id)
        .ok()
        .and_then(|c| c.target);
    let connect = faces.site.connect.as_ref();
    let Some(platform) = connect.and_then(|c| c.connect(channel, target.as_deref())) else {
        return Vec::new();
    };
    match platform.check().await {
        Ok(found) => found.iter().map(|f| told(faces, lang, f)).collect(),
        Err(error) => vec![("bad", error.in_words(lang))],
    }
}

/// One finding: its weight's class, and its words.
fn told(faces: &Faces, lang: Lang, finding: &Finding) -> (&'static str, String) {
    let kind = match finding.weight {
        Weight::Note => "",
        Weight::Warning => "warn",
        Weight::Problem => "bad",
    };
    (kind, faces.site.office.tell_finding(lang, finding))
}

/// Its rules, in words.
fn facts(faces: &Faces, visitor: &Visitor, rules: &Channel) -> Vec<(&'static str, String)> {
    let lang = visitor.lang;
    let mut facts = Vec::new();
    let approval = if rules.approval_required {
        "channels.approval-yes"
    } else {
        "channels.approval-no"
    };
    facts.push((
        lang.text("channels.approval"),
        lang.text(approval).to_owned(),
    ));
    if let Some(most) = rules.max_per_day {
        facts.push((
            lang.text("channels.most"),
            lang.count("home.shares", most.into(), &[]),
        ));
    }
    if rules.min_gap.as_secs() > 0 {
        facts.push((lang.text("channels.gap"), lang.how_long(rules.min_gap)));
    }
    facts.push((
        lang.text("channels.repeat"),
        lang.how_long(rules.repeat_after),
    ));
    if let Some(hours) = rules.hours {
        let hours = format!("{}–{}", lang.time(hours.from), lang.time(hours.until));
        facts.push((lang.text("channels.hours"), hours));
    }
    let config = faces.site.office.config();
    if let Some(after) = &rules.after {
        let title = config
            .channel(after)
            .map_or(after.to_string(), |c| c.rules.title.clone());
        facts.push((lang.text("channels.after"), title));
    }
    if !rules.topics.is_empty() {
        let title = |t| config.topic(t).map_or(t.to_string(), |t| t.title.clone());
        let topics: Vec<String> = rules.topics.iter().map(title).collect();
        facts.push((lang.text("channels.topics"), topics.join(", ")));
    }
    if !rules.assignees.is_empty()
        && let Ok(show) = Show::new(faces, visitor)
    {
        let names: Vec<String> = rules.assignees.iter().map(|m| show.member(m)).collect();
        facts.push((lang.text("channels.assignees"), names.join(", ")));
    }
    // Where and with which secret it is reached stands there alone.
    if faces
        .site
        .office
        .may(visitor.actor(), Wish::Administer)
        .is_ok()
    {
        facts.push((
            lang.text("channels.file"),
            format!("[[channels]] id = \"{}\"", rules.id),
        ));
    }
    facts
}

async fn said(
    faces: &Faces,
    visitor: &Visitor,
    what: &str,
    done: Result<Done, OfficeError>,
    back: &str,
) -> Answer {
    let done = done.map_err(|e| faces.failed(visitor, e))?;
    faces.say(visitor, what, &done);
    to(back)
}

pub(super) async fn pause(
    State(faces): State<Faces>,
    Path(id): Path<ChannelId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (office, reason) = (&faces.site.office, fields.text("reason").to_owned());
    let back = format!("/channels/{id}");
    let paused = office
        .pause(visitor.actor(), fields.key(), Some(id), reason, None)
        .await;
    said(
        &faces,
        &visitor,
        visitor.lang.text("channels.is-paused"),
        paused,
        &back,
    )
    .await
}

pub(super) async fn resume(
    State(faces): State<Faces>,
    Path(id): Path<ChannelId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let back = format!("/channels/{id}");
    let resumed = faces
        .site
        .office
        .resume(visitor.actor(), fields.key(), Some(id))
        .await;
    said(
        &faces,
        &visitor,
        visitor.lang.text("channels.is-resumed"),
        resumed,
        &back,
    )
    .await
}

pub(super) async fn pause_all(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (office, reason) = (&faces.site.office, fields.text("reason").to_owned());
    let paused = office
        .pause(visitor.actor(), fields.key(), None, reason, None)
        .await;
    said(
        &faces,
        &visitor,
        visitor.lang.text("channels.all-paused"),
        paused,
        "/channels",
    )
    .await
}

pub(super) async fn resume_all(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let resumed = faces
        .site
        .office
        .resume(visitor.actor(), fields.key(), None)
        .await;
    said(
        &faces,
        &visitor,
        visitor.lang.text("channels.all-resumed"),
        resumed,
        "/channels",
    )
    .await
}

pub(super) async fn trust_clock(
    State(faces): State<Faces>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let trusted = faces
        .site
        .office
        .trust_clock(visitor.actor(), fields.key())
        .await;
    said(
        &faces,
        &visitor,
        visitor.lang.text("channels.clock-trusted"),
        trusted,
        "/channels",
    )
    .await
}
