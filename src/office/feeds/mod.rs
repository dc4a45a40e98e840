//! Feeds: look at one, and take what is new in it.
//!
//! - [`polled`]: what is remembered between looks
//! - `find`: the feeds behind an address
//! - `take`: new entries → articles, and what stands in the ledger about them
//! - `again`: entries that are known, and say something else
//! - `article`: what an entry becomes

mod again;
mod article;
mod find;
pub mod polled;
mod take;
mod words;

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CACHE_CONTROL, DATE, RETRY_AFTER};
use serde::{Deserialize, Serialize};

use self::polled::{Polled, Trouble};
use super::{Office, OfficeError, What, local_day, permission};
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::{self, Feed, From, NotAFeed, pace};
use crate::intake::fetch::{Ask, Cut, Fetched, Validators};
use crate::lang::Lang;
use crate::model::{Actor, Article, FeedId};
use crate::platform::outcome::{http_date, retry_after};
use crate::store::FeedState;

pub use find::FoundFeed;
pub use take::Taken;

/// Longest feed that is read, decompressed: those of portals have 20 to 500 kB; what a longer one
/// holds beyond it is older.
pub const MOST_FEED_BYTES: usize = 4 << 20;

/// What may come; a server that goes by it sends the feed and not the page.
const ACCEPT: &str = "application/rss+xml, application/atom+xml, application/feed+json, \
    application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5";

/// A feed, as it is configured and as it went.
#[derive(Debug, Clone)]
pub struct FeedLook {
    /// Its id.
    pub id: FeedId,
    /// What people call it.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// Looked at, turned off, or no longer configured.
    pub standing: Standing,
    /// Articles ever taken.
    pub taken: u64,
    /// The last looks.
    pub polled: Polled,
    /// Its settings, while it is configured.
    pub config: Option<Arc<ConfiguredFeed>>,
}

impl FeedLook {
    /// Whether anybody looks at it by himself.
    pub fn is_looked_at(&self) -> bool {
        self.standing == Standing::On
    }
    /// Whether somebody should look into it: it is looked at, and it fails.
    pub fn is_in_trouble(&self) -> bool {
        let stopped = self.standing == Standing::Stopped;
        stopped || self.is_looked_at() && self.polled.trouble.is_some()
    }
}

/// Whether a feed is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It is, now and then.
    On,
    /// The configuration says no.
    Off,
    /// It said that it is gone for good; nobody looks until somebody says so.
    Stopped,
    /// It is no longer configured.
    Gone,
}

impl Standing {
    /// The word in the API and in the catalogues.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::On => "on",
            Standing::Off => "off",
            Standing::Stopped => "stopped",
            Standing::Gone => "gone",
        }
    }
}

/// What a look came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was new in it.
    pub taken: Taken,
    /// Nothing has changed since the last look, by the site's own word.
    pub unchanged: bool,
}

impl Office {
    /// Every feed, in the order of the configuration; behind them those that were configured once.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn feeds(&self, actor: &Actor) -> Result<Vec<FeedLook>, OfficeError> {
        permission::read(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let known = self.store.feeds()?;
        let taken = |id: &FeedId| known.iter().find(|k| k.id == *id).map_or(0, |k| k.taken);
        let mut all = Vec::new();
        for feed in &config.feeds {
            let mut polled = Polled::of(&*self.store, &feed.id)?;
            polled.forget_late(now);
            let standing = match (feed.enabled, polled.stopped) {
                (false, _) => Standing::Off,
                (true, true) => Standing::Stopped,
                (true, false) => Standing::On,
            };
            all.push(FeedLook {
                id: feed.id.clone(),
                title: feed.title.clone(),
                url: feed.url.clone(),
                standing,
                taken: taken(&feed.id),
                polled,
                config: Some(feed.clone()),
            });
        }
        let gone = known.iter().filter(|k| config.feed(&k.id).is_none());
        all.extend(gone.map(|k: &FeedState| FeedLook {
            id: k.id.clone(),
            title: k.title.clone(),
            url: k.url.clone(),
            standing: Standing::Gone,
            taken: k.taken,
            polled: Polled::default(),
            config: None,
        }));
        Ok(all)
    }

    /// One feed.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn feed(&self, actor: &Actor, id: &FeedId) -> Result<FeedLook, OfficeError> {
        let all = self.feeds(actor)?;
        let found = all.into_iter().find(|f| f.id == *id);
        found.ok_or_else(|| OfficeError::not_found(What::Feed, id))
    }

    /// When it was seen that an article's entry says something else than the article, which is out or in a
    /// person's hands; nothing where it does not, is of no feed, or where that is long ago.
    ///
    /// # Errors
    /// The store's.
    pub fn changed_since(&self, article: &Article) -> Result<Option<Timestamp>, OfficeError> {
        let Ok(feed) = FeedId::new(&article.source) else {
            return Ok(None);
        };
        let mut polled = Polled::of(&*self.store, &feed)?;
        polled.forget_late(self.clock.now());
        let found = polled.late.iter().find(|late| late.article == article.id);
        Ok(found.map(|late| late.at))
    }

    /// Looks at a feed now, whenever it is due. What went wrong stands in the feed's state, where
    /// everybody sees it, and is no error of the asking.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn poll_now(&self, actor: &Actor, id: &FeedId) -> Result<Looked, OfficeError> {
        permission::poll(actor)?;
        let config = self.config();
        let feed = config.feed(id).ok_or_else(|| {
            let known = config.feeds.iter().map(|f| f.id.as_str());
            OfficeError::unknown(What::Feed, id.as_str(), known)
        })?;
        self.poll(&config, feed).await
    }

    /// Looks at a feed, takes what is new, and remembers how it went and when to come again.
    ///
    /// # Errors
    /// The store's, where not even that could be remembered.
    pub async fn poll(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
    ) -> Result<Looked, OfficeError> {
        let before = Polled::of(&*self.store, &feed.id)?;
        let asked = polled::asked(feed);
        // Another address, or other wishes: what was the same before is looked at once more.
        let same = before.asked == asked;
        let mut now_is = Polled {
            asked,
            last: Some(self.clock.now()),
            polls: before.polls + 1,
            stopped: false,
            ..before.clone()
        };
        if !same {
            now_is.validators = Validators::default();
        }
        let outcome = self.look_at_feed(config, feed, &mut now_is).await;
        let (now, chance) = (self.clock.now(), self.chance.unit());
        let looked = match outcome {
            Ok((looked, max_age)) => {
                now_is.failures = 0;
                now_is.trouble = None;
                now_is.succeeded = Some(now);
                now_is.next = Some(pace::after_success(
                    now,
                    feed.every,
                    max_age,
                    now_is.wishes,
                    chance,
                ));
                now_is.unchanged += u64::from(looked.unchanged);
                looked
            }
            Err((trouble, wait)) => {
                tracing::warn!(feed = %feed.id, trouble = %trouble, "a feed could not be read");
                now_is.failures = before.failures.saturating_add(1);
                now_is.stopped = trouble == Trouble::Gone;
                let next = pace::after_failure(now, feed.every, now_is.failures, wait, chance);
                now_is.next = Some(next);
                now_is.trouble = Some(trouble);
                Looked::default()
            }
        };
        now_is.keep(&*self.store, &feed.id)?;
        Ok(looked)
    }

    async fn look_at_feed(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        polled: &mut Polled,
    ) -> Result<(Looked, Option<SignedDuration>), (Trouble, Option<SignedDuration>)> {
        let mut ask = Ask::new(feed.url.clone(), ACCEPT, MOST_FEED_BYTES);
        ask.known = polled.validators.clone();
        let answer = self.fetcher.get(ask).await;
        let answer = answer.map_err(|e| (Trouble::Fetch(e), None))?;
        polled.moved = answer.moved_for_good.as_ref().map(ToString::to_string);
        let now = self.clock.now();
        let max_age = answer.header(CACHE_CONTROL).and_then(pace::max_age);
        match answer.status {
            304 if polled.validators != Validators::default() => {
                let looked = Looked {
                    unchanged: true,
                    ..Looked::default()
                };
                return Ok((looked, max_age));
            }
            410 => return Err((Trouble::Gone, None)),
            200..=299 => {}
            status => {
                let wait = wait_of(&answer, now);
                return Err((Trouble::Status { status }, wait));
            }
        }
        let zone = config.office.zone.clone();
        let read = off_the_threads(answer, zone).await;
        let (answer, read) = read.map_err(|kind| (Trouble::NotAFeed { kind }, None))?;
        polled.wishes = read.wishes;
        let today = local_day(config, now);
        let mut budget = polled.budget.on(today, read.entries.len());
        let taken = self.take_in(config, feed, &read.entries, &mut budget).await;
        // Whatever came of it: what was written was written.
        polled.budget = budget;
        let taken = taken.map_err(|e| {
            // Kept with the feed, and read by whoever looks: in the office's own language.
            let lang = config.office.lang.parse().unwrap_or(Lang::Vi);
            let why = self.tell(lang, &e);
            (Trouble::NotKept { why }, None)
        })?;
        polled.entries = u32::try_from(read.entries.len()).unwrap_or(u32::MAX);
        polled.waiting = taken.waiting;
        polled.add_late(now, &taken.late);
        polled.broken = read.broken || answer.cut.is_some();
        // What waits for tomorrow is to be read tomorrow, and what broke off once more, though the
        // site would say that nothing has changed.
        let whole = taken.waiting == 0 && matches!(answer.cut, None | Some(Cut::TooLong));
        polled.validators = if whole {
            answer.validators()
        } else {
            Validators::default()
        };
        let looked = Looked {
            taken,
            unchanged: false,
        };
        Ok((looked, max_age))
    }
}

/// Reads the feed where it holds up nobody: a long one takes a tenth of a second on an old machine.
async fn off_the_threads(answer: Fetched, zone: TimeZone) -> Result<(Fetched, Feed), NotAFeed> {
    let read = move || {
        let from = From {
            url: &answer.url,
            content_type: answer.content_type(),
            zone: &zone,
        };
        let read = feed::read(&answer.body, from)?;
        Ok((answer, read))
    };
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|error| {
            // A feed that breaks its reader is to break nothing else.
            tracing::error!(%error, "reading a feed broke off");
            Err(NotAFeed::Unknown)
        })
}

fn wait_of(answer: &Fetched, now: Timestamp) -> Option<SignedDuration> {
    let date = answer.header(DATE).and_then(http_date);
    retry_after(answer.header(RETRY_AFTER)?, date, now)
}
