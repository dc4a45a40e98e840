//! Queues: each channel's waiting shares in their order; move, skip, cancel, one by one or several.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::frame::{Answer, Frame, show, show_as, to};
use super::show::{Line, Show, When};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::model::{ChannelId, ShareId};
use crate::office::may::Wish;
use crate::office::places::MoveTo;
use crate::office::{Done, OfficeError};

/// Rows of a page.
const ROWS: usize = 50;
/// When each comes is looked for so many days ahead.
const DAYS: u32 = 31;

#[derive(Template)]
#[template(path = "queues.html")]
struct All {
    f: Frame,
    queues: Vec<Queue>,
}

struct Queue {
    id: String,
    title: String,
    about: String,
    waiting: String,
    next: Option<(String, When)>,
    paused: bool,
    gone: bool,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct Page {
    f: Frame,
    id: String,
    rows: Vec<Row>,
    next: Option<String>,
    /// What stands there is not its beginning.
    behind: bool,
    error: Option<String>,
    any_mine: bool,
}

struct Row {
    line: Line,
    article: String,
    /// When it would go, as the queue stands now.
    when: Option<When>,
    /// The one two before: behind it is one place up.
    up: Option<String>,
    /// The one behind it.
    down: Option<String>,
    mine: bool,
}

pub(super) async fn all(State(faces): State<Faces>, visitor: Visitor) -> Answer {
    let queues = faces
        .beside(&visitor, |faces, visitor| {
            let (office, lang) = (&faces.site.office, visitor.lang);
            let show = Show::new(faces, visitor)?;
            let coming = office.upcoming(visitor.actor(), DAYS)?;
            let mut queues = Vec::new();
            for c in office.channels(visitor.actor())? {
                if c.gone && c.waiting == 0 {
                    continue;
                }
                let first = coming.iter().find(|one| one.channel == c.id);
                let next = match first {
                    Some(one) => office
                        .store
                        .article(one.article)?
                        .map(|a| (show.title(&a), show.when(one.at))),
                    None => None,
                };
                queues.push(Queue {
                    about: format!("{} · {}", lang.platform(c.platform), lang.mode(c.mode)),
                    waiting: lang.count("queue.waiting", c.waiting, &[]),
                    paused: c.paused.as_ref().is_some_and(|p| p.holds(show.now)),
                    gone: c.gone,
                    next,
                    id: c.id.to_string(),
                    title: c.title,
                });
            }
            Ok(queues)
        })
        .await?;
    let lang = visitor.lang;
    let f = Frame::of(&faces, &visitor, "queue", lang.text("nav.queue"))?;
    show(&All { f, queues }, lang)
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(channel): Path<ChannelId>,
    Asked(asked): Asked,
) -> Answer {
    shown(&faces, &visitor, channel, asked.parsed("after"), None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    channel: ChannelId,
    after: Option<ShareId>,
    error: Option<OfficeError>,
) -> Answer {
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| faces.site.office.tell(lang, &e));
    let which = channel.clone();
    let (title, rows, full) = faces
        .beside(visitor, move |faces, visitor| {
            let (office, actor) = (&faces.site.office, visitor.actor());
            let show = Show::new(faces, visitor)?;
            let title = office.seen_channel(&which)?.title;
            let found = office.queue_of(actor, &which, after, ROWS + 1)?;
            let coming = office.upcoming(actor, DAYS)?;
            let ids: Vec<String> = found.iter().map(|(s, _)| s.id.to_string()).collect();
            let full = found.len() > ROWS;
            let rows = found.iter().take(ROWS).enumerate();
            let rows = rows.map(|(i, (share, article))| {
                let when = coming.iter().find(|c| c.what.share() == Some(share.id));
                Row {
                    line: show.line(share, article),
                    article: article.id.to_string(),
                    when: when.map(|c| show.when(c.at)),
                    up: match i {
                        0 => None,
                        1 if after.is_none() => Some("top".to_owned()),
                        1 => after.map(|a| a.to_string()),
                        _ => ids.get(i - 2).cloned(),
                    },
                    down: ids.get(i + 1).cloned(),
                    mine: show.may(Wish::Change(article)),
                }
            });
            let rows: Vec<Row> = rows.collect();
            Ok((title, rows, full))
        })
        .await?;
    let last = rows.last().map(|r| r.line.id.clone()).filter(|_| full);
    let page = Page {
        f: Frame::of(
            faces,
            visitor,
            "queue",
            format!("{}: {title}", lang.text("nav.queue")),
        )?,
        next: last.map(|id| format!("/queue/{channel}?after={id}")),
        behind: after.is_some(),
        any_mine: rows.iter().any(|r| r.mine),
        id: channel.to_string(),
        rows,
        error,
    };
    show_as(status, &page, lang)
}

/// A button's value is `WHAT:SHARE`, or `WHAT:SHARE:OTHER`; `skip`, `cancel` and `top` without a
/// share are for all that are ticked.
pub(super) async fn act(
    State(faces): State<Faces>,
    Path(channel): Path<ChannelId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    match acted(&faces, &visitor, &fields).await {
        Ok(done) => {
            let lang = visitor.lang;
            let n = u64::try_from(done.shares.len()).unwrap_or(0);
            faces.say(&visitor, &lang.count("queue.changed", n, &[]), &done);
            to(&format!("/queue/{channel}"))
        }
        Err(error) => shown(&faces, &visitor, channel, None, Some(error)).await,
    }
}

async fn acted(faces: &Faces, visitor: &Visitor, fields: &Fields) -> Result<Done, OfficeError> {
    faces.site.office.may(visitor.actor(), Wish::Compose)?;
    let act = match fields.given("share") {
        // Dragged there.
        Some(share) => format!("move:{share}:{}", fields.text("to")),
        None => fields.text("act").to_owned(),
    };
    let mut words = act.split(':');
    let what = words.next().unwrap_or_default();
    let chosen: Vec<ShareId> = match words.next() {
        Some(share) => share.parse().into_iter().collect(),
        None => fields
            .all("chosen")
            .filter_map(|id| id.parse().ok())
            .collect(),
    };
    let behind = words.next();
    let mut all = Done::default();
    // Each to the top in turn: the last one first, so that they keep their order.
    let in_turn: Vec<ShareId> = match what {
        "top" => chosen.into_iter().rev().collect(),
        _ => chosen,
    };
    for id in in_turn {
        let key = fields
            .key()
            .map(|k| format!("{k}-{what}-{}", id.0.simple()));
        let done = match one(faces, visitor, key.as_deref(), what, id, behind).await {
            Ok(done) => done,
            Err(error) => {
                // Those before it are done: that is said beside.
                if !all.shares.is_empty() {
                    let n = u64::try_from(all.shares.len()).unwrap_or(0);
                    let said = visitor.lang.count("queue.changed", n, &[]);
                    faces.say(visitor, &said, &all);
                }
                return Err(error);
            }
        };
        all.shares.extend(done.shares);
        all.notes.extend(done.notes);
    }
    Ok(all)
}

async fn one(
    faces: &Faces,
    visitor: &Visitor,
    key: Option<&str>,
    what: &str,
    id: ShareId,
    behind: Option<&str>,
) -> Result<Done, OfficeError> {
    let (office, actor) = (&faces.site.office, visitor.actor());
    let to = match (what, behind.and_then(|b| b.parse().ok())) {
        ("move", Some(other)) => MoveTo::Behind(other),
        ("end", _) => MoveTo::End,
        _ => MoveTo::Top,
    };
    match what {
        "skip" => office.skip(actor, key, id).await,
        "cancel" => office.cancel(actor, key, id, None).await,
        _ => office.move_to(actor, key, id, to).await,
    }
}
