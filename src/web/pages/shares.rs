//! One share: where it is, its whole story, and what can be done about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::Faces;
use super::fields::{Fields, Posted};
use super::frame::{Answer, Frame, show_as, to};
use super::hand::local;
use super::show::{Line, Show, When, mark};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::model::share::Removal;
use crate::model::{Article, Event, Mode, Share, ShareId, State as Life, Why};
use crate::office::may::Wish;
use crate::office::shares::CANCELLABLE;
use crate::office::unsure::{Found, Retry};
use crate::office::{Done, OfficeError};
use crate::store::Told;

#[derive(Template)]
#[template(path = "share.html")]
struct Page {
    f: Frame,
    seen: Seen,
    error: Option<String>,
}

struct Seen {
    line: Line,
    article: String,
    parts: Vec<String>,
    proofs: Vec<(Option<String>, When)>,
    url: Option<String>,
    story: Vec<Step>,
    can: CanDo,
    own_text: String,
}

/// What can be done about it now, by her.
#[derive(Default)]
struct CanDo {
    hand: bool,
    submit: bool,
    approve: bool,
    settle: bool,
    retry: bool,
    retry_queue: bool,
    by_hand: bool,
    fix: bool,
    free: bool,
    own_text: bool,
    cancel: bool,
    remove: bool,
    removed: bool,
    keep: bool,
    again: bool,
}

struct Step {
    when: When,
    by: String,
    what: String,
    why: Option<String>,
    mark: &'static str,
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ShareId>,
) -> Answer {
    shown(&faces, &visitor, id, None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    id: ShareId,
    error: Option<OfficeError>,
) -> Answer {
    let seen = faces.beside(visitor, move |f, v| seen(f, v, id)).await?;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| faces.site.office.tell(visitor.lang, &e));
    let f = Frame::of(faces, visitor, "shares", seen.line.title.clone())?;
    show_as(status, &Page { f, seen, error }, visitor.lang)
}

fn seen(faces: &Faces, visitor: &Visitor, id: ShareId) -> Result<Seen, OfficeError> {
    let office = &faces.site.office;
    let show = Show::new(faces, visitor)?;
    let (share, article) = office.show_share(visitor.actor(), id)?;
    let story = office.story(visitor.actor(), id)?;
    let config = office.config();
    let rules = config.channel(&share.channel).map(|c| &c.rules);
    // Where nothing can be posted the reason stands with the state.
    let posts = office.preview(visitor.actor(), article.id, Some(id));
    let parts = match &share.post {
        Some(post) => post.parts.clone(),
        None => {
            let posts = posts.unwrap_or_default().into_iter();
            posts.flat_map(|(_, _, post)| post.parts).collect()
        }
    };
    let held = rules.is_some_and(|r| r.after.is_some()) && !share.alone;
    Ok(Seen {
        line: show.line(&share, &article),
        article: article.id.to_string(),
        parts: parts
            .into_iter()
            .map(|p| p.text)
            .filter(|t| !t.is_empty())
            .collect(),
        proofs: share
            .receipts
            .iter()
            .map(|r| (r.permalink.clone(), show.when(r.at)))
            .collect(),
        url: rules.and_then(|r| r.url.clone()),
        story: story.iter().rev().map(|told| step(&show, told)).collect(),
        can: can(&show, &share, &article, held, rules.map(|r| r.mode)),
        own_text: share.own_text.clone().unwrap_or_default(),
    })
}

fn can(show: &Show<'_>, share: &Share, article: &Article, held: bool, mode: Option<Mode>) -> CanDo {
    use Life::{ByHand, Draft, Failed, Missed, Planned, Shared, Submitted, Unsure, Waiting};
    let state = share.state;
    let is = |states: &[Life]| states.contains(&state);
    let change = show.may(Wish::Change(article));
    let approve = show.may(Wish::Approve);
    let hand = show.may(Wish::HandTask(share));
    CanDo {
        hand: hand && is(&[ByHand, Missed]),
        submit: change && is(&[Draft]),
        approve: approve && is(&[Submitted]),
        settle: change && is(&[Unsure]),
        retry: change && is(&[Failed, Missed]),
        retry_queue: change && is(&[Failed]),
        by_hand: change && is(&[Failed, Missed, Planned]) && mode == Some(Mode::Post),
        fix: change && is(&[Waiting, Planned]),
        free: change && held && is(&[Waiting, Planned]),
        own_text: change && is(&[Draft, Submitted, Waiting, Planned]),
        cancel: change && CANCELLABLE.contains(&state),
        remove: approve && is(&[Shared]) && share.removal.is_none(),
        removed: hand && share.removal == Some(Removal::ByHand),
        keep: approve && matches!(share.removal, Some(Removal::Asked | Removal::ByHand)),
        again: show.may(Wish::Compose) && is(&[Shared, Life::Removed, Life::Cancelled]),
    }
}

fn step(show: &Show<'_>, told: &Told) -> Step {
    let lang = show.lang;
    let kind = told.event.kind().replace('.', "-");
    let what = match &told.event {
        Event::ShareAdded { state, .. } => {
            let state = lang.state(*state, None);
            lang.fill("story.added", &[("state", &state)])
        }
        Event::SharePlanned { due, .. } => {
            lang.fill("story.planned", &[("at", &show.when(*due).said)])
        }
        _ => lang.look("event", &kind).to_owned(),
    };
    Step {
        when: show.when(told.at),
        by: show.by(&told.by),
        what,
        why: why(&told.event)
            .map(|w| lang.why(w))
            .or_else(|| note(&told.event)),
        mark: match &told.event {
            Event::ShareShared { .. } => mark(Life::Shared),
            Event::ShareFailed { .. } => mark(Life::Failed),
            Event::ShareMissed { .. } => mark(Life::Missed),
            Event::ShareDoubted { .. } => mark(Life::Unsure),
            Event::ShareCancelled { .. } => mark(Life::Cancelled),
            _ => "·",
        },
    }
}

fn why(event: &Event) -> Option<&Why> {
    match event {
        Event::ShareQueued { why, .. }
        | Event::SharePlanned { why, .. }
        | Event::ShareDelayed { why, .. }
        | Event::ShareHanded { why, .. } => why.as_ref(),
        Event::ShareUnapproved { why, .. }
        | Event::ShareNotSent { why, .. }
        | Event::ShareDoubted { why, .. }
        | Event::ShareAsked { why, .. }
        | Event::ShareFailed { why, .. }
        | Event::ShareMissed { why, .. }
        | Event::ShareCancelled { why, .. } => Some(why),
        _ => None,
    }
}

fn note(event: &Event) -> Option<String> {
    match event {
        Event::ShareReturned { note, .. } => note.clone(),
        _ => None,
    }
}

/// Everything that is done to one share from its page.
pub(super) async fn act(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let lang = visitor.lang;
    let what = match fields.text("act") {
        "submit" => lang.text("compose.queued"),
        "posted" | "not-posted" | "give-up" => lang.text("shares.settled"),
        "cancel" => lang.text("shares.cancelled"),
        "remove" => lang.text("shares.removing"),
        "removed" => lang.text("shares.removed"),
        "keep" => lang.text("shares.keeping"),
        "fix" => lang.text("shares.fixed"),
        _ => lang.text("shares.done"),
    };
    match acted(&faces, &visitor, id, &fields).await {
        Ok(done) => {
            faces.say(&visitor, what, &done);
            to(&format!("/shares/{id}"))
        }
        Err(error) => shown(&faces, &visitor, id, Some(error)).await,
    }
}

async fn acted(
    faces: &Faces,
    visitor: &Visitor,
    id: ShareId,
    fields: &Fields,
) -> Result<Done, OfficeError> {
    let (office, actor, key) = (&faces.site.office, visitor.actor(), fields.key());
    let reason = fields.given("reason").map(str::to_owned);
    let link = fields.given("link").map(str::to_owned);
    let found = |found| office.settle(actor, key, id, found);
    match fields.text("act") {
        "submit" => office.submit(actor, key, id).await,
        "posted" => found(Found::Posted { link }).await,
        "not-posted" => found(Found::NotPosted { give_up: false }).await,
        "give-up" => found(Found::NotPosted { give_up: true }).await,
        "retry" => office.retry(actor, key, id, Retry::Now).await,
        "retry-queue" => office.retry(actor, key, id, Retry::Queue).await,
        "retry-by-hand" => office.retry(actor, key, id, Retry::ByHand).await,
        "fix" => match local(faces, fields.text("at")) {
            Some(at) => office.fix(actor, key, id, at).await,
            None => office.skip(actor, key, id).await,
        },
        "free" => office.free(actor, key, id).await,
        "own-text" => {
            let text = fields.given("text").map(str::to_owned);
            office.own_text(actor, key, id, text).await
        }
        "cancel" => office.cancel(actor, key, id, reason).await,
        "remove" => office.remove(actor, key, id, reason).await,
        "removed" => office.removed(actor, key, id).await,
        _ => office.keep(actor, key, id, reason).await,
    }
}
