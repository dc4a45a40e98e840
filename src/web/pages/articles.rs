//! One article: what it says, where it goes, and what can still be done about it.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::Faces;
use super::fields::{Fields, Posted};
use super::found::{Canonical, Found};
use super::frame::{Answer, Frame, show_as, to};
use super::hand::local;
use super::rule::{Next, Typed, next};
use super::show::{Line, Show, When};
use super::similar::{Alike, alike};
use super::trouble::status_of;
use super::visitor::Visitor;
use super::writing::{Choice, Writing};
use crate::model::{Article, ArticleId, FeedId, State as Life};
use crate::office::articles::{Edit, WhereTo};
use crate::office::may::Wish;
use crate::office::shares::CANCELLABLE;
use crate::office::{Done, OfficeError};

/// States in which a warning still helps.
const TO_GO_OUT: [Life; 5] = [
    Life::Draft,
    Life::Submitted,
    Life::Waiting,
    Life::Planned,
    Life::ByHand,
];

#[derive(Template)]
#[template(path = "article.html")]
struct Page {
    f: Frame,
    seen: Seen,
    error: Option<String>,
    /// The field that is to be mended.
    wrong: String,
}

struct Seen {
    id: String,
    title: String,
    article: Article,
    topic: Option<String>,
    by: String,
    /// The feed that it is from: id, title.
    feed: Option<(String, String)>,
    /// Its entry says something else since it went out: when that was seen.
    changed: Option<When>,
    added: When,
    lines: Vec<Line>,
    change: bool,
    approve: bool,
    submit: bool,
    cancel: bool,
    remove: bool,
    channels: Vec<Choice>,
    /// What says nearly the same, while something of it is still to go out.
    similar: Vec<Alike>,
    rule: Typed,
    /// Where and when it comes round next.
    next: Vec<Next>,
}

#[derive(Template)]
#[template(path = "edit.html")]
struct EditPage {
    f: Frame,
    id: String,
    w: Writing,
    version: u32,
    topics: Vec<Choice>,
    filled: bool,
    /// The field that is to be mended.
    wrong: String,
    error: Option<(String, String)>,
    /// Somebody else wrote this meanwhile.
    theirs: Option<Writing>,
    /// What its link leads to, where that was asked.
    found: Option<Found>,
    /// What was found of it before.
    canonical: Option<Canonical>,
}

/// What the edit form is shown with.
#[derive(Default)]
struct Editing {
    w: Writing,
    /// The version that she looks at.
    version: u32,
    error: Option<OfficeError>,
    theirs: Option<Writing>,
    found: Option<Found>,
    canonical: Option<Canonical>,
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ArticleId>,
) -> Answer {
    shown(&faces, &visitor, id, None, None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    id: ArticleId,
    error: Option<OfficeError>,
    typed: Option<Typed>,
) -> Answer {
    let mut seen = faces.beside(visitor, move |f, v| seen(f, v, id)).await?;
    // What was typed and is to be mended stays.
    if let Some(typed) = typed {
        seen.rule = typed;
    }
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let wrong = match &error {
        Some(OfficeError::Invalid { field, .. }) => (*field).to_owned(),
        _ => String::new(),
    };
    let error = error.map(|e| faces.site.office.tell(visitor.lang, &e));
    let f = Frame::of(faces, visitor, "shares", seen.title.clone())?;
    let page = Page {
        f,
        seen,
        error,
        wrong,
    };
    show_as(status, &page, visitor.lang)
}

fn seen(faces: &Faces, visitor: &Visitor, id: ArticleId) -> Result<Seen, OfficeError> {
    let office = &faces.site.office;
    let show = Show::new(faces, visitor)?;
    let shown = office.show(visitor.actor(), id)?;
    let article = shown.article;
    let config = office.config();
    let any = |states: &[Life]| shown.shares.iter().any(|s| states.contains(&s.state));
    let change = show.may(Wish::Change(&article));
    let approve = show.may(Wish::Approve);
    let topic = article.topic.as_ref();
    let similar = match any(&TO_GO_OUT) {
        true => office.similar(visitor.actor(), id)?,
        false => Vec::new(),
    };
    let turns = office.turns(visitor.actor(), &article)?;
    let changed = office.changed_since(&article)?;
    Ok(Seen {
        rule: Typed::of_rule(article.evergreen.as_ref()),
        next: next(&show, turns),
        similar: alike(faces, show.lang, &similar),
        id: id.to_string(),
        title: show.title(&article),
        topic: topic.map(|t| config.topic(t).map_or(t.to_string(), |t| t.title.clone())),
        by: show.by(&article.by),
        feed: match FeedId::new(&article.source) {
            Ok(id) => office.store.feed(&id)?.map(|f| (id.to_string(), f.title)),
            Err(_) => None,
        },
        changed: changed.map(|at| show.when(at)),
        added: show.when(article.added),
        lines: shown
            .shares
            .iter()
            .map(|s| show.line(s, &article))
            .collect(),
        approve: approve && any(&[Life::Submitted]),
        submit: change && any(&[Life::Draft]),
        cancel: change && any(&CANCELLABLE),
        remove: approve && any(&[Life::Shared]),
        channels: config
            .channels
            .iter()
            .map(|c| Choice {
                id: c.rules.id.to_string(),
                title: c.rules.title.clone(),
                chosen: false,
            })
            .collect(),
        change,
        article,
    })
}

pub(super) async fn edit_page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(id): Path<ArticleId>,
) -> Answer {
    let article = article(&faces, &visitor, id).await?;
    let may = faces
        .site
        .office
        .may(visitor.actor(), Wish::Change(&article));
    may.map_err(|e| faces.failed(&visitor, e))?;
    let w = Writing::of_article(&article);
    let form = Editing {
        w,
        version: article.version,
        ..Editing::default()
    };
    editing(&faces, &visitor, id, form)
}

async fn article(
    faces: &Faces,
    visitor: &Visitor,
    id: ArticleId,
) -> Result<Article, super::trouble::Trouble> {
    let read = move |f: &Faces, v: &Visitor| f.site.office.show(v.actor(), id).map(|s| s.article);
    faces.beside(visitor, read).await
}

fn editing(faces: &Faces, visitor: &Visitor, id: ArticleId, form: Editing) -> Answer {
    let Editing {
        w,
        version,
        error,
        theirs,
        found,
        canonical,
    } = form;
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| {
        let field = match &e {
            OfficeError::Invalid { field, .. } => (*field).to_owned(),
            _ => String::new(),
        };
        let told = match e {
            OfficeError::Stale => lang.text("compose.stale").to_owned(),
            e => faces.site.office.tell(lang, &e),
        };
        (field, told)
    });
    let page = EditPage {
        f: Frame::of(faces, visitor, "shares", lang.text("compose.edit"))?,
        id: id.to_string(),
        topics: w.topics(faces),
        filled: error.is_some() || found.is_some(),
        wrong: error.as_ref().map_or(String::new(), |e| e.0.clone()),
        w,
        version,
        error,
        theirs,
        found,
        canonical,
    };
    show_as(status, &page, lang)
}

pub(super) async fn edit(
    State(faces): State<Faces>,
    Path(id): Path<ArticleId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let (mut w, kept) = Writing::of_form(&faces, &visitor, &fields).await;
    let version = fields.parsed("version").unwrap_or(0);
    let form = Editing {
        version,
        canonical: Canonical::of(&fields),
        ..Editing::default()
    };
    if let Err(error) = kept {
        let error = Some(error);
        return editing(&faces, &visitor, id, Editing { w, error, ..form });
    }
    if fields.text("act") == "look" {
        let found = Found::at(&faces, &visitor, &w.link).await?;
        found.fill(&mut w);
        let found = Some(found);
        return editing(&faces, &visitor, id, Editing { w, found, ..form });
    }
    let edit = Edit {
        version: Some(version),
        title: Some(w.title.clone()),
        text: Some(w.text.clone()),
        link: Some(w.link.clone()),
        canonical: form.canonical.as_ref().map(|c| c.address.clone()),
        pictures: Some(w.pictures.clone()),
        topic: Some(w.topic.clone()),
        priority: None,
    };
    match faces
        .site
        .office
        .edit(visitor.actor(), fields.key(), id, edit)
        .await
    {
        Ok(done) => {
            faces.say(&visitor, visitor.lang.text("compose.saved"), &done);
            to(&format!("/articles/{id}"))
        }
        // Both versions stand on the page; saving again takes hers knowingly.
        Err(OfficeError::Stale) => {
            let now = article(&faces, &visitor, id).await?;
            let theirs = Writing::of_article(&now);
            let stale = Editing {
                w,
                version: now.version,
                error: Some(OfficeError::Stale),
                theirs: Some(theirs),
                ..form
            };
            editing(&faces, &visitor, id, stale)
        }
        Err(error) => {
            let error = Some(error);
            editing(&faces, &visitor, id, Editing { w, error, ..form })
        }
    }
}

/// On further channels, or once more.
pub(super) async fn again(
    State(faces): State<Faces>,
    Path(id): Path<ArticleId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let where_to = WhereTo {
        channels: fields.all("channel").map(str::to_owned).collect(),
        at: local(&faces, fields.text("at")),
        again: fields.has("again"),
        ..WhereTo::default()
    };
    let queued = faces
        .site
        .office
        .queue(visitor.actor(), fields.key(), id, where_to)
        .await;
    after(
        &faces,
        &visitor,
        id,
        visitor.lang.text("compose.queued"),
        queued,
    )
    .await
}

/// Everything that is done to all of an article's shares.
pub(super) async fn act(
    State(faces): State<Faces>,
    Path(id): Path<ArticleId>,
    Posted { visitor, fields }: Posted,
) -> Answer {
    let lang = visitor.lang;
    if fields.text("act") == "evergreen" {
        return come_round(&faces, &visitor, id, &fields).await;
    }
    let reason = fields.given("reason").map(str::to_owned);
    let (office, actor, key) = (&faces.site.office, visitor.actor(), fields.key());
    let (what, done) = match fields.text("act") {
        "approve" => {
            let seen = fields.parsed("version");
            let approved = office.approve_article(actor, key, id, seen).await;
            (lang.text("approvals.approved"), approved)
        }
        "submit" => (
            lang.text("compose.queued"),
            submit(&faces, &visitor, id, &fields).await,
        ),
        "cancel" => {
            let cancelled = office.cancel_article(actor, key, id, reason).await;
            (lang.text("shares.cancelled"), cancelled)
        }
        _ => {
            let removed = office.remove_article(actor, key, id, reason).await;
            (lang.text("shares.removing"), removed)
        }
    };
    after(&faces, &visitor, id, what, done).await
}

/// The rule by which it comes round again.
async fn come_round(faces: &Faces, visitor: &Visitor, id: ArticleId, fields: &Fields) -> Answer {
    let typed = Typed::of(fields);
    let office = &faces.site.office;
    let set = match typed.rule() {
        Ok(rule) => {
            let (actor, key) = (visitor.actor(), fields.key());
            office.set_evergreen(actor, key, id, rule).await
        }
        Err(error) => Err(error),
    };
    match set {
        Ok(done) => {
            faces.say(visitor, visitor.lang.text("evergreen.set"), &done);
            to(&format!("/articles/{id}"))
        }
        Err(error) => shown(faces, visitor, id, Some(error), Some(typed)).await,
    }
}

/// All its drafts go on their way.
async fn submit(
    faces: &Faces,
    visitor: &Visitor,
    id: ArticleId,
    fields: &Fields,
) -> Result<Done, OfficeError> {
    let office = &faces.site.office;
    let shown = office.show(visitor.actor(), id)?;
    let mut all = Done::default();
    for share in shown.shares.iter().filter(|s| s.state == Life::Draft) {
        let key = fields.key().map(|k| format!("{k}-{}", share.id.0.simple()));
        let done = office
            .submit(visitor.actor(), key.as_deref(), share.id)
            .await?;
        all.shares.extend(done.shares);
        all.notes.extend(done.notes);
    }
    Ok(all)
}

async fn after(
    faces: &Faces,
    visitor: &Visitor,
    id: ArticleId,
    what: &str,
    done: Result<Done, OfficeError>,
) -> Answer {
    match done {
        Ok(done) => {
            faces.say(visitor, what, &done);
            to(&format!("/articles/{id}"))
        }
        Err(error) => shown(faces, visitor, id, Some(error), None).await,
    }
}
