//! Where articles come from by themselves: how each feed stands, and a look at one now.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::Faces;
use super::fields::Posted;
use super::frame::{Answer, Frame, show, to};
use super::show::{Show, When};
use super::visitor::Visitor;
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::NotAFeed;
use crate::lang::InWords;
use crate::model::FeedId;
use crate::office::feeds::polled::Trouble;
use crate::office::feeds::{FeedLook, FoundFeed, Standing};
use crate::office::may::Wish;
use crate::office::{Done, OfficeError};

#[derive(Template)]
#[template(path = "feeds.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    may_poll: bool,
    may_change: bool,
    /// What was looked for, and what came of it.
    url: String,
    found: Option<Result<Vec<Found>, String>>,
}

/// A feed that was found behind an address.
struct Found {
    title: String,
    url: String,
    /// Where it is added.
    add: String,
    /// It is there already.
    known: bool,
}

const PAGE_INSTEAD: Trouble = Trouble::NotAFeed {
    kind: NotAFeed::Page,
};

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
    /// It is a page: where its feeds are looked for.
    is_page: Option<String>,
    notes: Vec<String>,
    /// What is taken from it, and what becomes of it.
    about: Vec<String>,
    /// Articles that are out, whose entries were changed since: id, title, when.
    late: Vec<(String, String, When)>,
    taken: String,
    waiting: Option<String>,
    last: Option<When>,
    next: Option<When>,
    /// Somebody may look at it now.
    pollable: bool,
    /// It stands in the configuration.
    editable: bool,
}

fn found(config: &Config, feed: FoundFeed) -> Found {
    let FoundFeed { title, url } = feed;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("title", &title)
        .append_pair("url", &url)
        .finish();
    Found {
        known: config.feeds.iter().any(|f| f.url == url),
        add: format!("/settings/feeds?{query}"),
        title,
        url,
    }
}

/// A feed's settings in words.
fn about(show: &Show<'_>, config: &Config, feed: &ConfiguredFeed) -> Vec<String> {
    let lang = show.lang;
    let mut about = Vec::new();
    if let Some(topic) = &feed.topic {
        let title = config.topic(topic).map_or(topic.as_str(), |t| &t.title);
        about.push(lang.fill("feeds.topic", &[("topic", &title)]));
    }
    let of_topic = || {
        let topic = config.topic(feed.topic.as_ref()?)?;
        Some(&topic.channels).filter(|c| !c.is_empty())
    };
    let channels = match feed.channels.is_empty() {
        false => &feed.channels,
        true => of_topic().unwrap_or(&config.office.default_channels),
    };
    let channels: Vec<String> = channels.iter().map(|c| show.channel(c)).collect();
    about.push(lang.fill("feeds.goes-to", &[("channels", &channels.join(", "))]));
    if feed.approval_required {
        about.push(lang.text("feeds.approval").to_owned());
    }
    if let Some(most) = feed.max_per_day {
        about.push(lang.count("feeds.most", most.into(), &[]));
    }
    let lists = [
        ("feeds.words", &feed.words),
        ("feeds.without", &feed.without),
        ("feeds.categories", &feed.categories),
    ];
    for (key, words) in lists.into_iter().filter(|(_, words)| !words.is_empty()) {
        about.push(lang.fill(key, &[("words", &words.join(", "))]));
    }
    if feed.page {
        about.push(lang.text("feeds.page").to_owned());
    }
    about
}

fn row(show: &Show<'_>, feed: &FeedLook) -> Result<Row, OfficeError> {
    let lang = show.lang;
    let polled = &feed.polled;
    let mut notes = Vec::new();
    if let Some(moved) = &polled.moved {
        notes.push(lang.fill("feeds.moved", &[("url", moved)]));
    }
    if polled.broken {
        notes.push(lang.text("feeds.broken").to_owned());
    }
    let on = feed.standing == Standing::On;
    let (office, config) = (show.office(), show.office().config());
    let mut late = Vec::new();
    for one in &polled.late {
        if let Some(article) = office.store.article(one.article)? {
            let when = show.when(one.at);
            late.push((one.article.to_string(), show.title(&article), when));
        }
    }
    let about = feed.config.as_ref().map(|own| about(show, &config, own));
    Ok(Row {
        about: about.unwrap_or_default(),
        late,
        id: feed.id.to_string(),
        title: feed.title.clone(),
        url: feed.url.clone(),
        standing: (!on).then(|| lang.word("feed-standing", feed.standing.as_str())),
        trouble: polled.trouble.as_ref().map(|t| t.in_words(lang)),
        is_page: (polled.trouble == Some(PAGE_INSTEAD)).then(|| {
            let url = url::form_urlencoded::byte_serialize(feed.url.as_bytes());
            format!("/feeds?url={}#find", url.collect::<String>())
        }),
        notes,
        taken: lang.count("feeds.taken", feed.taken, &[]),
        waiting: (polled.waiting > 0)
            .then(|| lang.count("feeds.waiting", polled.waiting.into(), &[])),
        last: polled.last.map(|at| show.when(at)),
        next: polled.next.filter(|_| on).map(|at| show.when(at)),
        pollable: matches!(feed.standing, Standing::On | Standing::Stopped),
        editable: feed.config.is_some(),
    })
}

pub(super) async fn list(
    State(faces): State<Faces>,
    visitor: Visitor,
    Query(Where { url }): Query<Where>,
) -> Answer {
    let (rows, may_poll, may_change) = faces
        .beside(&visitor, |faces, visitor| {
            let show = Show::new(faces, visitor)?;
            let feeds = faces.site.office.feeds(visitor.actor())?;
            let rows = feeds.iter().map(|f| row(&show, f));
            let rows = rows.collect::<Result<Vec<Row>, _>>()?;
            Ok((rows, show.may(Wish::Poll), show.may(Wish::Administer)))
        })
        .await?;
    let (lang, office) = (visitor.lang, &faces.site.office);
    let found = if url.is_empty() || !may_poll {
        None
    } else {
        let (config, feeds) = (
            office.config(),
            office.find_feeds(visitor.actor(), &url).await,
        );
        let all = |feeds: Vec<FoundFeed>| feeds.into_iter().map(|f| found(&config, f)).collect();
        Some(feeds.map(all).map_err(|e| office.tell(lang, &e)))
    };
    let page = List {
        f: Frame::of(&faces, &visitor, "feeds", lang.text("nav.feeds"))?,
        rows,
        may_poll,
        may_change,
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
