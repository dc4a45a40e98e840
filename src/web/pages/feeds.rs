//! Where articles come from by themselves: how each feed stands, and a look at one now.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::Faces;
use super::fields::Posted;
use super::frame::{Answer, Frame, show, to};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::lang::InWords;
use crate::model::FeedId;
use crate::office::Done;
use crate::office::feeds::{FeedLook, FoundFeed, Standing};

#[derive(Template)]
#[template(path = "feeds.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    may_poll: bool,
    /// What was looked for, and what came of it.
    url: String,
    found: Option<Result<Vec<FoundFeed>, String>>,
}

/// Where to look for feeds.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Where {
    url: String,
}

struct Row {
    id: String,
    title: String,
    url: String,
    /// Why it is not looked at, if it is not.
    standing: Option<&'static str>,
    trouble: Option<String>,
    notes: Vec<String>,
    taken: String,
    last: Option<When>,
    next: Option<When>,
    /// Somebody may look at it now.
    pollable: bool,
}

fn row(show: &Show<'_>, feed: &FeedLook) -> Row {
    let lang = show.lang;
    let polled = &feed.polled;
    let mut notes = Vec::new();
    if let Some(moved) = &polled.moved {
        notes.push(lang.fill("feeds.moved", &[("url", moved)]));
    }
    if polled.broken {
        notes.push(lang.text("feeds.broken").to_owned());
    }
    if polled.waiting > 0 {
        notes.push(lang.count("feeds.waiting", polled.waiting.into(), &[]));
    }
    let on = feed.standing == Standing::On;
    Row {
        id: feed.id.to_string(),
        title: feed.title.clone(),
        url: feed.url.clone(),
        standing: (!on).then(|| lang.word("feed-standing", feed.standing.as_str())),
        trouble: polled.trouble.as_ref().map(|t| t.in_words(lang)),
        notes,
        taken: lang.count("feeds.taken", feed.taken, &[]),
        last: polled.last.map(|at| show.when(at)),
        next: polled.next.filter(|_| on).map(|at| show.when(at)),
        pollable: matches!(feed.standing, Standing::On | Standing::Stopped),
    }
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Query(Where { url }): Query<Where>,
) -> Answer {
    let (rows, may_poll) = faces
        .beside(&visitor, |faces, visitor| {
            let show = Show::new(faces, visitor)?;
            let feeds = faces.site.office.feeds(visitor.actor())?;
            let rows: Vec<Row> = feeds.iter().map(|f| row(&show, f)).collect();
            Ok((rows, show.may(crate::office::may::Wish::Poll)))
        })
        .await?;
    let (lang, office) = (visitor.lang, &faces.site.office);
    let found = if url.is_empty() || !may_poll {
        None
    } else {
        let found = office.find_feeds(visitor.actor(), &url).await;
        Some(found.map_err(|e| office.tell(lang, &e)))
    };
    let page = List {
        f: Frame::of(&faces, &visitor, "feeds", lang.text("nav.feeds"))?,
        rows,
        may_poll,
        url,
        found,
    };
    show(&page, lang)
}

pub(super) async fn poll(
    State(faces): State<Faces>,
    Path(id): Path<FeedId>,
    Posted { visitor, .. }: Posted,
) -> Answer {
    let (lang, office) = (visitor.lang, &faces.site.office);
    let looked = office.poll_now(visitor.actor(), &id).await;
    let looked = looked.map_err(|e| faces.failed(&visitor, e))?;
    let feed = office.feed(visitor.actor(), &id);
    let feed = feed.map_err(|e| faces.failed(&visitor, e))?;
    let added = looked.taken.added.len();
    let said = match &feed.polled.trouble {
        // It stands at the feed, where it can be mended.
        Some(_) => lang.text("feeds.looked-in-vain").to_owned(),
        None if added == 0 => lang.text("feeds.nothing-new").to_owned(),
        None => lang.count("feeds.added", u64::try_from(added).unwrap_or(u64::MAX), &[]),
    };
    faces.say(&visitor, &said, &Done::default());
    to("/feeds")
}
