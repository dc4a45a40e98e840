//! Feeds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text;
use crate::lang::{InWords, Lang};
use crate::office::feeds::{FeedLook, FoundFeed};

/// A feed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Feed)]
#[allow(missing_docs, reason = "field names are those of `office::feeds`")]
pub struct FeedView {
    pub id: String,
    pub title: String,
    pub url: String,
    /// `on`, `off` (by the configuration), `stopped` (it said that it is gone for good) or `gone` (no
    /// longer configured).
    pub standing: String,
    /// Articles ever taken from it.
    pub taken: u64,
    /// Entries in it at the last look that came to something.
    pub entries: u32,
    /// Of them: those that wait for another day, because of `max_per_day`.
    pub waiting: u32,
    /// It was broken or broke off: there may be more in it.
    pub broken: bool,
    /// The last look.
    pub last: Option<String>,
    /// The last that came to something.
    pub succeeded: Option<String>,
    /// The next.
    pub next: Option<String>,
    /// Looks in a row that came to nothing.
    pub failures: u32,
    /// Why the last came to nothing, for people.
    pub trouble: Option<String>,
    /// Where it has moved for good, by its own word: put that into the configuration.
    pub moved: Option<String>,
    /// Its articles' topic.
    pub topic: Option<String>,
    /// Where its articles go; the topic's channels, else the office's, if empty.
    pub channels: Vec<String>,
    /// Its articles wait for approval on every channel.
    pub approval: bool,
    /// Articles a local day at most.
    pub max_per_day: Option<u32>,
    /// Articles that are out, whose entries were changed since, the latest first: what is out stays as
    /// it is, and somebody may want to look.
    pub changed_since: Vec<String>,
    /// Looks ever.
    pub polls: u64,
    /// Of them: those where the site said that nothing had changed.
    pub unchanged: u64,
}

/// A feed that was found behind an address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FoundFeed)]
#[allow(missing_docs, reason = "field names are those of `office::feeds`")]
pub struct FoundFeedView {
    /// As the page or the feed calls it; may be empty.
    pub title: String,
    pub url: String,
}

impl From<FoundFeed> for FoundFeedView {
    fn from(found: FoundFeed) -> Self {
        let FoundFeed { title, url } = found;
        Self { title, url }
    }
}

impl FeedView {
    pub(in crate::web::api) fn new(feed: &FeedLook, lang: Lang) -> Self {
        let polled = &feed.polled;
        let config = feed.config.as_ref();
        let channels = config.map_or(&[][..], |c| &c.channels);
        Self {
            id: feed.id.to_string(),
            title: feed.title.clone(),
            url: feed.url.clone(),
            standing: feed.standing.as_str().to_owned(),
            taken: feed.taken,
            entries: polled.entries,
            waiting: polled.waiting,
            broken: polled.broken,
            last: text(polled.last),
            succeeded: text(polled.succeeded),
            next: text(polled.next.filter(|_| feed.is_looked_at())),
            failures: polled.failures,
            trouble: polled.trouble.as_ref().map(|t| t.in_words(lang)),
            moved: polled.moved.clone(),
            topic: text(config.and_then(|c| c.topic.as_ref())),
            channels: channels.iter().map(ToString::to_string).collect(),
            approval: config.is_some_and(|c| c.approval_required),
            max_per_day: config.and_then(|c| c.max_per_day),
            changed_since: polled.late.iter().map(|l| l.article.to_string()).collect(),
            polls: polled.polls,
            unchanged: polled.unchanged,
        }
    }
}
