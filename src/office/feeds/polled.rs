//! What is remembered of a feed between two looks: how the last went, and when the next is due. It
//! lives in the index alone: what is lost with it is one look that need not have been.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::request::hex;
use super::again::Budget;
use crate::config::ConfiguredFeed;
use crate::intake::feed::NotAFeed;
use crate::intake::feed::pace::Wishes;
use crate::intake::fetch::{FetchError, Validators};
use crate::model::{ArticleId, FeedId};
use crate::store::{Store, StoreError};

/// Why the last look brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Trouble {
    /// No answer.
    #[error(transparent)]
    Fetch(FetchError),
    /// An answer, but no feed.
    #[error("the site answers {status}")]
    Status {
        /// HTTP's number.
        status: u16,
    },
    /// It is gone for good (410).
    #[error("the site says that this feed is gone for good")]
    Gone,
    /// Something else than a feed.
    #[error("{kind}")]
    NotAFeed {
        /// What it is instead.
        kind: NotAFeed,
    },
    /// It was read, but not kept.
    #[error("what is new could not be kept: {why}")]
    NotKept {
        /// As the office says it.
        why: String,
    },
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Polled {
    /// Digest of address and wishes that the look was made with.
    pub asked: String,
    /// What the site goes by to say that nothing has changed.
    pub validators: Validators,
    /// The last look.
    pub last: Option<Timestamp>,
    /// The last that came to something.
    pub succeeded: Option<Timestamp>,
    /// The next.
    pub next: Option<Timestamp>,
    /// Looks in a row that came to nothing.
    pub failures: u32,
    /// Why the last did.
    pub trouble: Option<Trouble>,
    /// Where it has moved for good, by its own word.
    pub moved: Option<String>,
    /// Entries in it.
    pub entries: u32,
    /// Of them: those that wait for another day's share.
    pub waiting: u32,
    /// It is broken, or breaks off.
    pub broken: bool,
    /// It is gone for good, and not looked at any more.
    pub stopped: bool,
    /// Looks ever.
    pub polls: u64,
    /// Of them: those where nothing had changed, by the site's own word.
    pub unchanged: u64,
    /// When it wants to be read, by its own word.
    pub wishes: Wishes,
    /// What is written about known entries today.
    pub budget: Budget,
    /// Articles that are out, whose entries were changed since: the latest first.
    pub late: Vec<Late>,
}

/// An article that is out, whose entry was changed afterwards: somebody may want to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Late {
    /// Which.
    pub article: ArticleId,
    /// When that was seen.
    pub at: Timestamp,
}

/// So many are remembered, so long: behind that nobody looks any more.
const MOST_LATE: usize = 5;
const LATE_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where it stands among the store's notes.
fn note(id: &FeedId) -> String {
    format!("feed/{id}")
}

impl Polled {
    /// What is remembered; nothing where it was lost.
    ///
    /// # Errors
    /// The store's.
    pub fn of(store: &dyn Store, id: &FeedId) -> Result<Polled, StoreError> {
        let bytes = store.note(&note(id))?;
        Ok(bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    }

    /// Whether the last look was at this address and with these wishes.
    pub fn is_about(&self, feed: &ConfiguredFeed) -> bool {
        self.asked == asked(feed)
    }

    /// Remembers articles whose entries were changed after they went out.
    pub(super) fn add_late(&mut self, now: Timestamp, articles: &[ArticleId]) {
        self.forget_late(now);
        self.late.retain(|late| !articles.contains(&late.article));
        let new = articles.iter().map(|&article| Late { article, at: now });
        self.late.splice(0..0, new);
        self.late.truncate(MOST_LATE);
    }

    /// Without those that were seen too long ago.
    pub(super) fn forget_late(&mut self, now: Timestamp) {
        self.late
            .retain(|late| now.duration_since(late.at) <= LATE_FOR);
    }

    pub(super) fn keep(&self, store: &dyn Store, id: &FeedId) -> Result<(), StoreError> {
        match serde_json::to_vec(self) {
            Ok(bytes) => store.set_note(&note(id), Some(&bytes)),
            Err(_) => Ok(()),
        }
    }
}

/// Digest of what makes a feed's entries wanted or not.
pub(super) fn asked(feed: &ConfiguredFeed) -> String {
    let wishes = format!(
        "{}\0{:?}\0{:?}\0{:?}\0{:?}",
        feed.url, feed.words, feed.without, feed.categories, feed.max_age
    );
    hex(&Sha256::digest(wishes.as_bytes())[..8])
}
