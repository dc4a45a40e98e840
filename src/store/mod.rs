//! What the office knows: the ledger (the journal and the evidence) and the state it adds up to,
//! indexed for use (DESIGN 5, RULES 7).
//!
//! The [`Store`] trait speaks the domain. No answer carries a sequence number or a hash, so that
//! another backend can serve it one day. Reads are short and block; whoever scans does it off the
//! async threads. Nothing scans the backlog: each read is a point or a bounded range.

pub mod almanac;
pub mod apply;
mod ask;
mod committer;
mod hash;
pub mod history;
pub mod ledger;
pub mod lock;
pub mod media;
pub mod memory;
pub mod outlook;
pub mod private;
pub mod sled;
pub mod uploads;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use ask::{After, ArticleAsk, ArticlePage, ShareAsk, SharePage};

use crate::compose::similar::Sketch;
pub use crate::model::plan::{QueueAsk, Queued};
use crate::model::share::NoStep;
use crate::model::share::TakenDownBy;
use crate::model::{
    Article, ArticleId, By, ChannelId, Commit, Event, FeedId, How, Member, MemberId, Mode,
    PlatformKind, ScheduleId, Share, ShareId, TopicId, Why,
};

pub use memory::MemoryStore;

/// A watcher may lag so many commits behind before it is told that it missed some: a few seconds of
/// the busiest sending, in some hundred bytes each.
pub const WATCH_BEHIND: usize = 4096;

/// Why the state, as it stands, does not take a commit. Nothing of the commit has happened.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The share's life has no such step now.
    #[error("share {share}: {why}")]
    Step {
        /// Which.
        share: ShareId,
        /// Why.
        why: NoStep,
    },
    /// The article was changed by somebody else meanwhile.
    #[error("article {0} was changed meanwhile; look again")]
    Stale(ArticleId),
    /// Another share stands at that place.
    #[error("that place in the queue is taken")]
    PlaceTaken,
    /// That instant of that schedule was served before; planning it twice changes nothing.
    #[error("schedule {0} was already served at that instant")]
    AlreadyFired(ScheduleId),
    /// The channel, or everything, is paused: no attempt may be written.
    #[error("paused: nothing is sent")]
    Paused,
    /// The same actor used this Idempotency-Key: this is the first answer.
    #[error("this request was answered before")]
    Answered(Box<Answered>),
    /// This row was imported before.
    #[error("this row was imported before, as article {0}")]
    RowKnown(ArticleId),
    /// An event names something that is not there, or makes it a second time.
    #[error("{0}")]
    Nonsense(String),
}

/// Why the store did not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The state does not take it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Too little room on the disk for new work; receipts and confirmations are still taken.
    #[error("the disk is nearly full ({free_mib} MiB free): free some room, then try again")]
    NoRoom {
        /// What is left.
        free_mib: u64,
    },
    /// The disk did not take it. Nothing of it has happened; the same may work later.
    #[error("not written: {0}")]
    NotWritten(String),
    /// The store has stopped for good after an error of the disk; only a restart helps.
    #[error("the store has stopped: {0}")]
    Stopped(String),
    /// The index gave what cannot be right; it will be rebuilt at the next start.
    #[error("the index is damaged ({0}); restart: it is rebuilt from the ledger")]
    Index(String),
    /// The ledger could not be read.
    #[error("the ledger cannot be read: {0}")]
    Ledger(String),
}

impl From<apply::Fail> for StoreError {
    fn from(fail: apply::Fail) -> Self {
        match fail {
            apply::Fail::Refused(refused) => StoreError::Refused(refused),
            apply::Fail::Damaged(what) => StoreError::Index(what),
        }
    }
}

/// The answer to a request, kept for 30 days under its Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Digest of the request's content: another content under the same key is a conflict.
    pub digest: String,
    /// What was answered.
    pub answer: serde_json::Value,
    /// When.
    pub at: Timestamp,
}

/// A pause, of one channel or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    /// For people.
    pub why: Why,
    /// Since when.
    pub since: Timestamp,
    /// Who.
    pub by: By,
    /// It lifts itself then.
    pub until: Option<Timestamp>,
}

impl Pause {
    /// Whether it holds at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// What is known of a channel beside its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelState {
    /// For ever.
    pub id: ChannelId,
    /// As last seen.
    pub title: String,
    /// As last seen.
    pub platform: PlatformKind,
    /// As last seen.
    pub mode: Mode,
    /// No longer in the configuration.
    pub gone: bool,
    /// Its own pause.
    pub paused: Option<Pause>,
    /// Last start of sending, or time of a hand share: `min_gap` runs from it.
    pub last_start: Option<Timestamp>,
    /// The platform moved it here.
    pub target: Option<String>,
    /// Shares that are Waiting.
    pub waiting: u64,
}

/// What is known of a schedule beside its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// For ever.
    pub id: ScheduleId,
    /// As last seen.
    pub cron: String,
    /// As last seen.
    pub zone: String,
    /// Nothing before this is missed.
    pub known_since: Timestamp,
    /// Last instant that was fired, skipped or asked about.
    pub last: Option<Timestamp>,
    /// No longer in the configuration.
    pub gone: bool,
    /// A person is asked about missed instants: fire now or skip.
    pub asked: Option<MissedFirings>,
}

/// Missed instants that a person is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedFirings {
    /// The first of them.
    pub since: Timestamp,
    /// The latest of them.
    pub instant: Timestamp,
    /// How many.
    pub count: u32,
}

/// What is known of a feed beside its configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// For ever.
    pub id: FeedId,
    /// As last seen.
    pub title: String,
    /// As last seen.
    pub url: String,
    /// No longer in the configuration.
    pub gone: bool,
    /// The first look is over.
    pub begun: bool,
    /// Articles ever taken from it.
    pub taken: u64,
    /// The last local day on which one was taken, and how many on it.
    pub last_day: Option<(Date, u32)>,
}

/// What became of a feed's entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedEntry {
    /// The article, if it was taken.
    pub article: Option<ArticleId>,
    /// The article's version that says what the entry said; 0 without an article.
    pub version: u32,
    /// Digest of what it said; empty without an article.
    pub content: String,
}

/// By what counts are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum CountBy {
    Channel,
    Topic,
    Member,
    Day,
    Month,
    Quarter,
    Year,
}

impl CountBy {
    /// The key of the row that a counted share stands in. Topic and member are empty where it has none.
    fn key(self, day: Date, channel: &str, topic: &str, member: &str) -> String {
        let (year, month) = (day.year(), day.month());
        match self {
            CountBy::Channel => channel.to_owned(),
            CountBy::Topic => topic.to_owned(),
            CountBy::Member => member.to_owned(),
            CountBy::Day => day.to_string(),
            CountBy::Month => format!("{year:04}-{month:02}"),
            CountBy::Quarter => format!("{year:04}-Q{}", (month + 2) / 3),
            CountBy::Year => format!("{year:04}"),
        }
    }
}

/// What is to be counted. Days are the office's local days, both ends included.
#[derive(Debug, Clone)]
pub struct CountAsk {
    /// First day.
    pub since: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// The rows.
    pub by: CountBy,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only this topic.
    pub topic: Option<TopicId>,
    /// Only this member.
    pub member: Option<MemberId>,
    /// With trials (`log`), which otherwise enter no total.
    pub with_log: bool,
}

/// Figures of one row. Shares add up; items do not, and are counted for each row by themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Counted shares.
    pub shares: u64,
    /// Distinct articles among them.
    pub items: u64,
    /// Of the shares: by the daemon.
    pub auto: u64,
    /// Of the shares: by a person.
    pub by_hand: u64,
    /// Of the shares: brought in from lists.
    pub back_filled: u64,
    /// Of the shares: trials (only when asked for).
    pub log: u64,
    /// Of the shares: taken down later; they stay counted.
    pub removed: u64,
}

impl Figures {
    /// Adds `n` shares of one kind.
    pub fn add(&mut self, how: How, n: u64) {
        self.shares += n;
        match how {
            How::Auto => self.auto += n,
            How::ByHand => self.by_hand += n,
            How::BackFilled => self.back_filled += n,
            How::Log => self.log += n,
        }
    }
}

/// Counts, told apart as asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountTable {
    /// Key (an id; a day 2026-11-23; a month 2026-11; a quarter 2026-Q4; a year; empty where the share
    /// has no topic or member) and figures, in key order. Rows of zeros are left out.
    pub rows: Vec<(String, Figures)>,
    /// Over all rows, items counted by themselves.
    pub total: Figures,
}

/// One event of a share's story.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: By,
    /// What.
    pub event: Event,
    /// Who shared it, as the list says that it was brought in from, where that is no member.
    pub who: Option<String>,
}

/// A share's part of one commit.
fn told_of(commit: &Commit, share: ShareId) -> Vec<Told> {
    let events = commit.events.iter().filter(|e| e.share() == Some(share));
    events
        .map(|event| Told {
            at: commit.at,
            by: commit.by.clone(),
            event: event.clone(),
            who: match event {
                Event::ShareAdded {
                    origin: Some(origin),
                    ..
                } => origin
                    .who
                    .map(|id| commit.text(id).to_owned())
                    .filter(|who| !who.is_empty()),
                _ => None,
            },
        })
        .collect()
}

/// The instant a [`CONSIDERED_NOTE`] tells. One that cannot be read may be lost, as any note.
fn considered_note(note: Option<Vec<u8>>) -> Option<Timestamp> {
    String::from_utf8(note?).ok()?.parse().ok()
}

/// What may be asked of the store. See the module's doc for what may block.
pub trait Store: Send + Sync + 'static {
    /// Makes all of `commit` true, or nothing. Answers after it is synced and can be read.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the state does not take it; see the others for the disk.
    fn commit(&self, commit: Commit) -> BoxFuture<'static, Result<(), StoreError>>;
    /// Every commit from now on, in order, after it can be read. A reader that lags is told so and
    /// looks at the state again.
    fn watch(&self) -> tokio::sync::broadcast::Receiver<Arc<Commit>>;

    /// One article.
    fn article(&self, id: ArticleId) -> Result<Option<Article>, StoreError>;
    /// Articles, newest first, behind `after`.
    fn articles(&self, after: Option<ArticleId>, limit: usize) -> Result<Vec<Article>, StoreError>;
    /// Articles whose link, or whose page's own address, has this key (`compose::link_key`).
    fn articles_with_link(&self, link_key: &str) -> Result<Vec<ArticleId>, StoreError>;
    /// Articles that may say nearly the same, by their sketches ([`Sketch::MAY_BE_ALIKE`]): the most
    /// alike first, of equals the newest.
    fn like(&self, sketch: &Sketch, limit: usize) -> Result<Vec<ArticleId>, StoreError>;
    /// Articles that are shared again and again, oldest first.
    fn evergreens(&self, limit: usize) -> Result<Vec<ArticleId>, StoreError>;
    /// The article an imported row became.
    fn imported(&self, row: &str) -> Result<Option<ArticleId>, StoreError>;

    /// One share.
    fn share(&self, id: ShareId) -> Result<Option<Share>, StoreError>;
    /// All shares of an article, on one channel or on all, oldest first.
    fn shares_of(
        &self,
        article: ArticleId,
        channel: Option<&ChannelId>,
    ) -> Result<Vec<Share>, StoreError>;
    /// A page of shares, and where to go on. What is asked by state, channel, topic, member, period
    /// or words alone is read from an index of it; of several a bounded number is looked at.
    fn find_shares(&self, ask: &ShareAsk) -> Result<SharePage, StoreError>;
    /// The same, where nobody goes on.
    fn shares(&self, ask: &ShareAsk) -> Result<Vec<Share>, StoreError> {
        Ok(self.find_shares(ask)?.shares)
    }
    /// A page of articles by words.
    fn find_articles(&self, ask: &ArticleAsk) -> Result<ArticlePage, StoreError>;
    /// The share whose proof this post of the channel is: see [`Share::receipts_of_the_place`].
    fn share_posted_as(
        &self,
        channel: &ChannelId,
        post_id: &str,
    ) -> Result<Option<ShareId>, StoreError>;
    /// A share's whole story, oldest first.
    fn story(&self, id: ShareId) -> Result<Vec<Told>, StoreError>;

    /// A stretch of a channel's queue.
    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, StoreError>;
    /// A channel's Planned shares by due, from the first on.
    fn planned(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<(Timestamp, ShareId)>, StoreError>;
    /// Open hand tasks by the instant they become Missed, up to `until`.
    fn hand_tasks_until(&self, until: Timestamp, limit: usize) -> Result<Vec<ShareId>, StoreError>;
    /// Shares with a take-down under way whose turn it is, oldest entry first.
    fn removals(&self, by: TakenDownBy, limit: usize) -> Result<Vec<ShareId>, StoreError>;
    /// Shares of the channel's local day that are Shared, Sending, Unsure, ByHand or Planned for it.
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, StoreError>;

    /// One channel.
    fn channel(&self, id: &ChannelId) -> Result<Option<ChannelState>, StoreError>;
    /// All channels ever seen.
    fn channels(&self) -> Result<Vec<ChannelState>, StoreError>;
    /// The pause of everything.
    fn paused_all(&self) -> Result<Option<Pause>, StoreError>;
    /// One schedule.
    fn schedule(&self, id: &ScheduleId) -> Result<Option<ScheduleState>, StoreError>;
    /// All schedules ever seen.
    fn schedules(&self) -> Result<Vec<ScheduleState>, StoreError>;
    /// All topics ever seen: id, title, gone.
    fn topics(&self) -> Result<Vec<(TopicId, String, bool)>, StoreError>;
    /// One feed.
    fn feed(&self, id: &FeedId) -> Result<Option<FeedState>, StoreError>;
    /// All feeds ever seen.
    fn feeds(&self) -> Result<Vec<FeedState>, StoreError>;
    /// The entry of a feed that is known under this name.
    fn feed_entry(&self, feed: &FeedId, name: &str) -> Result<Option<FeedEntry>, StoreError>;
    /// One member.
    fn member(&self, id: &MemberId) -> Result<Option<Member>, StoreError>;
    /// All members.
    fn members(&self) -> Result<Vec<Member>, StoreError>;
    /// Up to when all schedules were considered: the later of the last tick event and the last note.
    fn considered(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Time of the last commit.
    fn last_commit(&self) -> Result<Option<Timestamp>, StoreError>;

    /// The first answer to this actor's request, if it is younger than 30 days at `now`.
    fn answered(&self, by: &By, key: &str, now: Timestamp) -> Result<Option<Answered>, StoreError>;

    /// Counts from roll-ups and the item index.
    fn counts(&self, ask: &CountAsk) -> Result<CountTable, StoreError>;
    /// The same without items, which are left at 0: the answer comes in a fraction of the time.
    fn counts_of_shares(&self, ask: &CountAsk) -> Result<CountTable, StoreError> {
        let mut table = self.counts(ask)?;
        let rows = table.rows.iter_mut().map(|(_, figures)| figures);
        for figures in rows.chain([&mut table.total]) {
            figures.items = 0;
        }
        Ok(table)
    }

    /// What lives in the index alone and may be lost: cursors between ticks, cached limits of
    /// servers, throttled-until. Names are constants of their owners.
    fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Sets or clears a note. Not in the ledger, not synced.
    fn set_note(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError>;
}

/// The note that holds the cursor between ticks: an RFC 3339 instant.
pub const CONSIDERED_NOTE: &str = "considered";
