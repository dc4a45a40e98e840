//! What waits for approval: each just as it would be posted; approve, or send back with a note.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;

use super::Faces;
use super::fields::{Asked, Fields, Posted};
use super::frame::{Answer, Frame, show_as, to};
use super::show::{Line, Show, When};
use super::trouble::status_of;
use super::visitor::Visitor;
use crate::model::{Picture, ShareId, State as Life, Version};
use crate::office::may::Wish;
use crate::office::{Done, OfficeError};
use crate::store::{After, ShareAsk};

/// Rows of a page.
const ROWS: usize = 50;
/// "At once" is a moment from now: by then it is on the disk.
const AT_ONCE_IS_IN: SignedDuration = SignedDuration::from_secs(2);

#[derive(Template)]
#[template(path = "approvals.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    next: Option<String>,
    error: Option<String>,
}

struct Row {
    line: Line,
    article: String,
    by: String,
    at: Option<When>,
    /// Its time has passed: approved, it goes out at once.
    late: bool,
    /// Of what is looked at: `SHARE:ARTICLE-VERSION:OWN-VERSION`.
    seen: String,
    parts: Vec<String>,
    pictures: Vec<Picture>,
}

pub(super) async fn page(
    State(faces): State<Faces>,
    visitor: Visitor,
    Asked(asked): Asked,
) -> Answer {
    shown(&faces, &visitor, asked.parsed("after"), None).await
}

async fn shown(
    faces: &Faces,
    visitor: &Visitor,
    after: Option<After>,
    error: Option<OfficeError>,
) -> Answer {
    let lang = visitor.lang;
    let status = error.as_ref().map_or(StatusCode::OK, status_of);
    let error = error.map(|e| faces.site.office.tell(lang, &e));
    let read = move |f: &Faces, v: &Visitor| rows(f, v, after);
    let (rows, next) = faces.beside(visitor, read).await?;
    let next = next.map(|after| format!("/approvals?after={after}"));
    let f = Frame::of(faces, visitor, "approvals", lang.text("nav.approvals"))?;
    let page = Page {
        f,
        rows,
        next,
        error,
    };
    show_as(status, &page, lang)
}

fn rows(
    faces: &Faces,
    visitor: &Visitor,
    after: Option<After>,
) -> Result<(Vec<Row>, Option<After>), OfficeError> {
    let (office, actor) = (&faces.site.office, visitor.actor());
    let show = Show::new(faces, visitor)?;
    let waiting = office.find_shares(
        actor,
        ShareAsk {
            states: vec![Life::Submitted],
            after,
            limit: ROWS,
            ..ShareAsk::default()
        },
    )?;
    let row = |(share, article): &(crate::model::Share, crate::model::Article)| {
        let posts = office
            .preview(actor, article.id, Some(share.id))
            .unwrap_or_default();
        let parts = posts.into_iter().flat_map(|(_, _, post)| post.parts);
        let version = share.version(article.version);
        Row {
            line: show.line(share, article),
            article: article.id.to_string(),
            by: show.from(article),
            at: share.at.map(|at| show.when(at)),
            late: share.at.is_some_and(|at| at <= show.now),
            seen: format!("{}:{}:{}", share.id, version.article, version.own),
            parts: parts.map(|p| p.text).filter(|t| !t.is_empty()).collect(),
            pictures: article.content.pictures.clone(),
        }
    };
    Ok((waiting.rows.iter().map(row).collect(), waiting.next))
}

pub(super) async fn act(State(faces): State<Faces>, Posted { visitor, fields }: Posted) -> Answer {
    match acted(&faces, &visitor, &fields).await {
        Ok((what, done)) => {
            faces.say(&visitor, what, &done);
            match fields.given("next") {
                Some(next) => to(super::frame::back(next)),
                None => to("/approvals"),
            }
        }
        Err(error) => shown(&faces, &visitor, None, Some(error)).await,
    }
}

async fn acted(
    faces: &Faces,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<(&'static str, Done), OfficeError> {
    let (office, actor, lang) = (&faces.site.office, visitor.actor(), visitor.lang);
    office.may(actor, Wish::Approve)?;
    if let Some(id) = fields.parsed::<ShareId>("return") {
        let note = fields.given("note").map(str::to_owned);
        let done = office.send_back(actor, fields.key(), id, note).await?;
        return Ok((lang.text("approvals.returned"), done));
    }
    // The button of one, else all that are ticked.
    let chosen: Vec<&str> = match fields.given("approve") {
        Some(one) => vec![one],
        None => fields.all("chosen").collect(),
    };
    let mut all = Done::default();
    for seen in chosen {
        let Some((id, version)) = looked_at(seen) else {
            continue;
        };
        let key = fields.key().map(|k| format!("{k}-{}", id.0.simple()));
        let (share, _) = office.show_share(actor, id)?;
        let approved = office.approve(actor, key.as_deref(), id, Some(version));
        let done = match approved.await {
            Ok(done) => done,
            Err(error) => {
                // Those before it are approved: that is said beside.
                if !all.shares.is_empty() {
                    let n = u64::try_from(all.shares.len()).unwrap_or(0);
                    faces.say(visitor, &lang.count("approvals.some", n, &[]), &all);
                }
                return Err(error);
            }
        };
        all.shares.extend(done.shares);
        all.notes.extend(done.notes);
        // The button says so. Whoever looks again a moment later finds it missed, and can still send it.
        let now = office.clock.now();
        if share.at.is_some_and(|at| at <= now) {
            let soon = now.checked_add(AT_ONCE_IS_IN).unwrap_or(now);
            if let Err(error) = office.fix(actor, None, id, soon).await {
                tracing::warn!(%error, share = %id, "approved after its time, and not planned anew");
            }
        }
    }
    Ok((lang.text("approvals.approved"), all))
}

fn looked_at(seen: &str) -> Option<(ShareId, Version)> {
    let mut words = seen.split(':');
    let id = words.next()?.parse().ok()?;
    let article = words.next()?.parse().ok()?;
    let own = words.next()?.parse().ok()?;
    Some((id, Version { article, own }))
}
