//! What a state is made of: a map from [`Key`] to [`Row`]. Every store keeps just these; how it finds
//! them again is its own affair.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::postings::{Facet, Posting};
use crate::model::event::PLACE_STEP;
use crate::model::{
    Article, ArticleId, By, ChannelId, FeedId, How, Member, MemberId, ScheduleId, Share, ShareId,
    TextId, TopicId,
};
use crate::store::{Answered, ChannelState, FeedEntry, FeedState, Pause, Refused, ScheduleState};

/// Names a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// What there is only once.
    Office,
    /// An article.
    Article(ArticleId),
    /// A stretch of the articles in the order of adding: [`ADDED_TOGETHER`] of them.
    Added(u64),
    /// A share.
    Share(ShareId),
    /// A stretch of the shares in the order of entry: [`super::ENTERED_TOGETHER`] of them.
    Entered(i64),
    /// The entries of a stretch that share a facet.
    Posting(u32, Facet),
    /// A channel.
    Channel(ChannelId),
    /// A schedule.
    Schedule(ScheduleId),
    /// A topic.
    Topic(TopicId),
    /// A feed.
    Feed(FeedId),
    /// An entry of a feed, by one of its names.
    FeedEntry(FeedId, Arc<str>),
    /// A member.
    Member(MemberId),
    /// An instant of a schedule that was served or passed over for good.
    Fired(ScheduleId, Timestamp),
    /// An imported row, by its digest.
    Imported(Arc<str>),
    /// An actor's request, by its Idempotency-Key.
    Request(By, Arc<str>),
    /// Which request was answered as the n-th, from 0 on: the oldest are let go first.
    Answered(u64),
    /// Shares that use up a channel's local day; the channel by its number.
    Used(u32, Date),
    /// Counted shares of a stretch of time.
    Counted(Period, Slice),
}

/// Something by key. Every commit asks such maps dozens of times: the standard hasher took three
/// parts in a hundred of a share's time (`benches/sending.rs`, profiled). This one is seeded by chance, too.
pub type KeyMap<T> = HashMap<Key, T, foldhash::fast::RandomState>;

/// A stretch of time that is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One local day.
    Day(Date),
    /// The month of this, its first day.
    Month(Date),
}

/// Which of the counted shares of a period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slice {
    /// All.
    Total,
    /// One channel's.
    Channel(ChannelId),
    /// One topic's, or those without.
    Topic(Option<TopicId>),
    /// One member's, or those without.
    Member(Option<MemberId>),
}

/// A row. Cheap to clone.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "named as their keys")]
pub enum Row {
    Office(Arc<OfficeRow>),
    Article(Arc<ArticleRow>),
    Added(Arc<Vec<ArticleId>>),
    Share(Arc<ShareRow>),
    Entered(Arc<Vec<ShareId>>),
    Posting(Arc<Posting>),
    Channel(Arc<ChannelRow>),
    Schedule(Arc<ScheduleState>),
    Topic(Arc<TopicRow>),
    Feed(Arc<FeedState>),
    FeedEntry(Arc<FeedEntry>),
    Member(Arc<Member>),
    Fired,
    Imported(ArticleId),
    Request(Arc<Answered>),
    Answered(Arc<AnsweredRow>),
    Used(u32),
    Counted(Tally),
}

/// Articles in one [`Key::Added`]: ids of 1 KiB in all, a quarter of the largest value. One row each
/// would cost a million of them as much memory as their shares.
pub const ADDED_TOGETHER: u64 = 64;

/// What there is only once: numbers given out, and what holds for everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OfficeRow {
    /// Articles ever added: their order.
    pub articles: u64,
    /// Shares ever added: `Share::entry`.
    pub entries: i64,
    /// Channels ever seen: their numbers.
    pub channels: u32,
    /// The pause of everything.
    pub paused: Option<Pause>,
    /// Requests ever answered.
    pub answered: u64,
    /// Of them, from the first on: those whose answers were let go.
    pub let_go: u64,
    /// Up to when the last tick event considered all schedules.
    pub ticked: Option<Timestamp>,
    /// Time of the last commit.
    pub last_commit: Option<Timestamp>,
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredRow {
    /// Whose.
    pub by: By,
    /// Its Idempotency-Key.
    pub key: Arc<str>,
    /// When it was answered.
    pub at: Timestamp,
}

/// An article, and what it takes to find and to erase it.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleRow {
    /// The article.
    pub article: Article,
    /// Counts up from 1 in the order of adding.
    pub number: u64,
    /// Where its title came from.
    pub title: TextId,
    /// Where its text came from.
    pub text: TextId,
    /// Its shares in the order of adding: share, number of its channel, entry.
    pub shares: Vec<(ShareId, u32, i64)>,
}

/// Where in the ledger a commit stands: segment and byte.
pub type Told = (u32, u64);

/// A share, and what it takes to find and to erase it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareRow {
    /// The share.
    pub share: Share,
    /// Its channel's number.
    pub number: u32,
    /// Who queued its article: found by it until it is counted.
    pub member: Option<MemberId>,
    /// It stands where it was put when it was added, at the end: among such shares of a channel the
    /// order of places is the order of entry.
    pub in_order: bool,
    /// Where its own text came from.
    pub own_text: Option<TextId>,
    /// Where its post came from.
    pub post: Option<TextId>,
    /// The commits it stands in, where a ledger is kept: oldest first. No step reads it.
    pub story: Vec<Told>,
}

/// A channel, and the ends of its queue.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRow {
    /// What is known of it.
    pub state: ChannelState,
    /// Short name in keys, counted up from 0.
    pub number: u32,
    /// The lowest place ever given. It never goes back up: a place once left is not given twice.
    pub first: i64,
    /// The highest place ever given.
    pub last: i64,
}

/// A topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicRow {
    /// As last seen.
    pub title: String,
    /// No longer in the configuration.
    pub gone: bool,
}

/// Counted shares, and those of them that were taken down later; by `How`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Counted, in the order of [`HOWS`].
    pub counted: [u64; 4],
    /// Of them: taken down.
    pub removed: [u64; 4],
}

/// The order of a [`Tally`].
pub const HOWS: [How; 4] = [How::Auto, How::ByHand, How::BackFilled, How::Log];

impl Tally {
    /// Where a kind stands in it.
    pub fn of(how: How) -> usize {
        match how {
            How::Auto => 0,
            How::ByHand => 1,
            How::BackFilled => 2,
            How::Log => 3,
        }
    }
}

impl ChannelRow {
    /// Whether a place lies where the next one may be given: one step beyond either end at most, so
    /// that nobody can use up all places at once.
    pub fn reaches(&self, place: i64) -> bool {
        (self.first.saturating_sub(PLACE_STEP)..=self.last.saturating_add(PLACE_STEP))
            .contains(&place)
    }
}

/// Why a commit was not applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fail {
    /// The state does not take it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A row could not be read, or is not what its key says.
    #[error("{0}")]
    Damaged(String),
}

/// A state as [`super::apply`] needs it: points, no ranges.
pub trait Rows {
    /// One row.
    ///
    /// # Errors
    /// [`Fail::Damaged`] where it cannot be read.
    fn get(&mut self, key: &Key) -> Result<Option<Row>, Fail>;
    /// Sets a row, or takes it away.
    fn put(&mut self, key: Key, row: Option<Row>);
    /// The share that stands at a place of a channel's queue.
    ///
    /// # Errors
    /// [`Fail::Damaged`].
    fn at_place(&mut self, channel: u32, place: i64) -> Result<Option<ShareId>, Fail>;
    /// The articles and shares that hold one of these texts. The one thing that may look at every
    /// row: the law asks for an erasure so rarely that an index of it would be paid for by everyone.
    ///
    /// # Errors
    /// [`Fail::Damaged`].
    fn holding(&mut self, texts: &BTreeSet<TextId>) -> Result<Vec<Key>, Fail>;
}

/// Whether a row holds one of these texts.
pub fn holds(row: &Row, texts: &BTreeSet<TextId>) -> bool {
    match row {
        Row::Article(a) => texts.contains(&a.title) || texts.contains(&a.text),
        Row::Share(s) => [s.own_text, s.post]
            .iter()
            .flatten()
            .any(|t| texts.contains(t)),
        _ => false,
    }
}

macro_rules! typed {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) $key:expr => $variant:ident -> $row:ty;)*) => {$(
        $(#[$doc])*
        pub(super) fn $name(rows: &mut (impl Rows + ?Sized), $($arg: $ty),*) -> Result<Option<Arc<$row>>, Fail> {
            let key = $key;
            match rows.get(&key)? {
                None => Ok(None),
                Some(Row::$variant(row)) => Ok(Some(row)),
                Some(_) => Err(Fail::Damaged(format!("the row of {key:?} is of another kind"))),
            }
        }
    )*};
}

typed! {
    /// The one row of the office.
    office() Key::Office => Office -> OfficeRow;
    /// An article's row.
    article(id: ArticleId) Key::Article(id) => Article -> ArticleRow;
    /// A share's row.
    share(id: ShareId) Key::Share(id) => Share -> ShareRow;
    /// Articles in the order of adding.
    added(block: u64) Key::Added(block) => Added -> Vec<ArticleId>;
    /// Shares in the order of entry.
    entered(stretch: i64) Key::Entered(stretch) => Entered -> Vec<ShareId>;
    /// A channel's row.
    channel(id: &ChannelId) Key::Channel(id.clone()) => Channel -> ChannelRow;
    /// A schedule's row.
    schedule(id: &ScheduleId) Key::Schedule(id.clone()) => Schedule -> ScheduleState;
    /// A topic's row.
    topic(id: &TopicId) Key::Topic(id.clone()) => Topic -> TopicRow;
    /// A feed's row.
    feed(id: &FeedId) Key::Feed(id.clone()) => Feed -> FeedState;
    /// A feed's entry.
    feed_entry(id: &FeedId, name: &str) Key::FeedEntry(id.clone(), name.into()) => FeedEntry -> FeedEntry;
    /// A member's row.
    member(id: &MemberId) Key::Member(id.clone()) => Member -> Member;
    /// An answered request.
    request(by: &By, key: &str) Key::Request(by.clone(), key.into()) => Request -> Answered;
    /// Which request was answered as the n-th.
    answered(number: u64) Key::Answered(number) => Answered -> AnsweredRow;
}
