//! Share by hand: the tasks that are mine, and one card a task.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::flash::Flash;
use super::frame::{Answer, Frame, show, show_as, to};
use super::show::{Line, Show, When};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::model::share::Removal;
use crate::model::{Article, Picture, Share, ShareId, State as Life};
use crate::office::by_hand::Instead;
use crate::office::may::Wish;
use crate::office::{Done, OfficeError};

/// Rows of a page.
const ROWS: usize = 50;
/// Among so many a card says which it is; more are not done in a day.
const MOST: usize = 100;

#[derive(Template)]
#[template(path = "hand_list.html")]
struct List {
    f: Frame,
    tasks: Vec<Line>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "hand.html")]
struct Card {
    f: Frame,
    task: Task,
    /// What was typed and not taken, and why.
    error: Option<(&'static str, String)>,
    link: String,
    at: String,
    reason: String,
}

struct Task {
    line: Line,
    /// The text, as it is to be pasted.
    text: String,
    pictures: Vec<Picture>,
    /// Its source says something else since the task opened: when that was seen, and its address.
    changed: Option<(When, Option<String>)>,
    /// Where the group is opened.
    url: Option<String>,
    /// Which of how many.
    of: Option<(usize, usize)>,
    next: Option<String>,
    may: bool,
    /// It is to be taken down, where it stands.
    removal: bool,
    /// Still to be done.
    open: bool,
    out: Option<String>,
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    let after = asked.parsed::<ShareId>("after");
    let (tasks, next) = faces
        .beside(&visitor, move |faces, visitor| {
            let (office, actor) = (&faces.site.office, visitor.actor());
            let show = Show::new(faces, visitor)?;
            let mut todo = office.todo_after(actor, after, ROWS + 1)?;
            let more = todo.len() > ROWS;
            todo.truncate(ROWS);
            let last = todo.last().filter(|_| more);
            let next = last.map(|(share, _)| format!("/hand?after={}", share.id));
            Ok((show.lines(&todo), next))
        })
        .await?;
    let lang = visitor.lang;
    let f = Frame::of(&faces, &visitor, "hand", lang.text("hand.title"))?;
    show(&List { f, tasks, next }, lang)
}

pub(super) async fn card(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ShareId>,
) -> Answer {
    shown(&faces, &visitor, id, None, None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    id: ShareId,
    typed: Option<&Fields>,
    error: Option<(&'static str, OfficeError)>,
) -> Answer {
    let task = faces.beside(visitor, move |f, v| task(f, v, id)).await?;
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, |(_, e)| status_of(e));
    let text = |name| typed.map_or(String::new(), |t| t.text(name).to_owned());
    let card = Card {
        f: Frame::of(faces, visitor, "hand", lang.text("hand.title"))?,
        task,
        error: error.map(|(form, e)| (form, faces.site.office.tell(lang, &e))),
        link: text("link"),
        at: text("at"),
        reason: text("reason"),
    };
    show_as(status, &card, lang)
}

fn task(faces: &Faces, visitor: &Visitor, id: ShareId) -> Result<Task, OfficeError> {
    let office = &faces.site.office;
    let show = Show::new(faces, visitor)?;
    let (share, article) = office.show_share(visitor.actor(), id)?;
    let all = office.todo(visitor.actor(), MOST)?;
    let place = all.iter().position(|(s, _)| s.id == id);
    let next = all.iter().map(|(s, _)| s).find(|s| s.id != id);
    let config = office.config();
    let rules = config.channel(&share.channel).map(|c| &c.rules);
    let out = share.receipts.iter().find_map(|r| r.permalink.clone());
    let removal = share.removal == Some(Removal::ByHand);
    let changed = office.changed_since(&article)?;
    Ok(Task {
        changed: changed.map(|at| (show.when(at), article.content.link.clone())),
        text: text(&share, &article),
        pictures: pictures(&share, &article),
        url: rules.and_then(|r| r.url.clone()),
        of: place.map(|i| (i + 1, all.len())),
        next: next.map(|s| s.id.to_string()),
        may: show.may(Wish::HandTask(&share)),
        open: matches!(share.state, Life::ByHand | Life::Missed),
        removal,
        out,
        line: show.line(&share, &article),
    })
}

/// What was frozen when the task opened, as it is pasted: parts one below the other, and the link
/// where it does not stand in the text.
fn text(share: &Share, article: &Article) -> String {
    let Some(post) = &share.post else {
        return article.content.text.clone();
    };
    let parts = post.parts.iter().map(|part| match &part.link {
        Some(link) if !part.text.contains(link.as_str()) => {
            format!("{}\n\n{link}", part.text).trim().to_owned()
        }
        _ => part.text.clone(),
    });
    parts.collect::<Vec<_>>().join("\n\n")
}

fn pictures(share: &Share, article: &Article) -> Vec<Picture> {
    match &share.post {
        Some(post) => post.parts.iter().flat_map(|p| p.pictures.clone()).collect(),
        None => article.content.pictures.clone(),
    }
}

pub(super) async fn take(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    match office.take(visitor.actor(), fields.key(), id).await {
        Ok(_) => to(&format!("/hand/{id}")),
        Err(error) => shown(&faces, &visitor, id, None, Some(("", error))).await,
    }
}

pub(super) async fn release(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    match office.release(visitor.actor(), fields.key(), id).await {
        Ok(_) => to(&format!("/hand/{id}")),
        Err(error) => shown(&faces, &visitor, id, None, Some(("", error))).await,
    }
}

pub(super) async fn done(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    let link = fields.given("link").map(str::to_owned);
    let at = fields.given("at").and_then(|at| local(&faces, at));
    let confirmed = office
        .done(visitor.actor(), fields.key(), id, link, at)
        .await;
    match confirmed {
        Ok(done) => {
            let lang = visitor.lang;
            let mut flash = Flash::new(lang.text("hand.confirmed"));
            flash.undo = Some(id);
            faces.say_all(&visitor, vec![flash]);
            faces.say(&visitor, "", &done);
            onward(&faces, &visitor).await
        }
        Err(error) => {
            let form = match &error {
                OfficeError::Invalid { field: "at", .. } => "at",
                _ => "link",
            };
            shown(&faces, &visitor, id, Some(&fields), Some((form, error))).await
        }
    }
}

/// To the next card, if there is one.
async fn onward(faces: &Faces, visitor: &Visitor) -> Answer {
    let read = |faces: &Faces, visitor: &Visitor| faces.site.office.todo(visitor.actor(), 1);
    let next = faces.beside(visitor, read).await?;
    match next.first() {
        Some((share, _)) => to(&format!("/hand/{}", share.id)),
        None => to("/hand"),
    }
}

pub(super) async fn cannot(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let office = &faces.site.office;
    let instead = match fields.text("instead") {
        "cancel" => Instead::Cancel,
        _ => Instead::Back,
    };
    let reason = fields.text("reason").to_owned();
    let said = office
        .cannot(visitor.actor(), fields.key(), id, reason, instead)
        .await;
    match said {
        Ok(done) => {
            let what = match instead {
                Instead::Back => visitor.lang.text("hand.back"),
                Instead::Cancel => visitor.lang.text("hand.cancelled"),
            };
            faces.say(&visitor, what, &done);
            onward(&faces, &visitor).await
        }
        Err(error) => shown(&faces, &visitor, id, Some(&fields), Some(("reason", error))).await,
    }
}

pub(super) async fn undo(
    State(faces): State<Faces>,
    Path(id): Path<ShareId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let undone = faces
        .site
        .office
        .undo(visitor.actor(), fields.key(), id)
        .await;
    undone.map_err(|e| faces.failed(&visitor, e))?;
    faces.say(&visitor, visitor.lang.text("hand.undone"), &Done::default());
    to(&format!("/hand/{id}"))
}

/// What a field for day and time says, in the office's zone.
pub(super) fn local(faces: &Faces, typed: &str) -> Option<Timestamp> {
    let at: DateTime = typed.trim().parse().ok()?;
    let zone = faces.site.office.config().office.zone.clone();
    Some(at.to_zoned_datetime(zone).ok()?.timestamp())
}
