//! The store on a machine: the ledger, and a sled index of what it adds up to. The daemon reads
//! everything from the index; damage to it costs a rebuild and never a share (DESIGN 5).
//!
//! | file | what it does |
//! |---|---|
//! | `keys` | names of things in the one tree |
//! | `codec` | rows as bytes: version, checksum, pieces of what is long |
//! | `entries` | all that a row writes: itself, and where it can be found |
//! | `index` | the tree, opened with suspicion |
//! | `kept` | rows as they were last read or written |
//! | `looks` | short answers to what is asked at every tick |
//! | `overlay` | what a group of commits adds up to before it is written |
//! | `recent` | what was written since sled was last written to |
//! | `carry` | how sled takes it: whole or not at all |
//! | `read`, `find`, `counts` | questions |
//! | `sketches` | what all articles say, for questions about likeness |
//! | `open` | a start: replay, or rebuild |
//! | `verify` | the index held against the ledger |

mod carry;
mod codec;
mod counts;
mod entries;
mod find;
mod history;
mod index;
mod kept;
mod keys;
mod looks;
mod open;
mod overlay;
mod read;
mod recent;
mod sketches;
mod verify;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc};
use std::thread::JoinHandle;

use ::sled::Batch;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::{broadcast, mpsc, oneshot};

pub(super) use index::Index;
pub use open::{OpenError, OpenOptions, Progress};
pub(super) use overlay::Overlay;
pub use verify::Verified;

use super::apply::{ANSWERS_KEPT, Key, OfficeRow, Row};
use super::committer::{Committer, Request, WAITING};
use super::ledger::{self, Position};
use super::{
    Answered, ArticleAsk, ArticlePage, CONSIDERED_NOTE, ChannelState, CountAsk, CountTable,
    FeedEntry, FeedState, Pause, QueueAsk, Queued, ScheduleState, ShareAsk, SharePage, Store,
    StoreError, Told, WATCH_BEHIND,
};
use crate::clock::LONGEST_SLEEP;
use crate::compose::similar::Sketch;
use crate::disk::Disk;
use crate::model::share::TakenDownBy;
use crate::model::{
    Article, ArticleId, By, ChannelId, Commit, FeedId, Member, MemberId, ScheduleId, Share,
    ShareId, TopicId,
};
use keys::Name;

/// See the module.
pub struct SledStore {
    index: Arc<Index>,
    requests: mpsc::Sender<Request>,
    watchers: broadcast::Sender<Arc<Commit>>,
    disk: Arc<dyn Disk>,
    ledger_dir: PathBuf,
    /// Until it is closed.
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    committer: JoinHandle<()>,
    carrier: JoinHandle<()>,
    keeper: JoinHandle<()>,
    /// Dropped to end the keeper.
    keep: std_mpsc::Sender<()>,
}

impl SledStore {
    /// Opens what is in the data folder, or begins it. The caller holds its lock.
    ///
    /// # Errors
    /// [`OpenError::Ledger`] where acknowledged commits are gone; nothing about the index but a disk
    /// that cannot be written stands in the way.
    pub fn open(options: OpenOptions) -> Result<Self, OpenError> {
        let level = open::open(&options)?;
        let index = level.index;
        let watchers = broadcast::Sender::new(WATCH_BEHIND);
        // One call waits at most: it is for all that has come together by then.
        let (carrier, called) = std_mpsc::sync_channel(1);
        let mut committer = Committer {
            ledger: level.ledger,
            index: index.clone(),
            overlay: Overlay::new(index.clone()),
            clock: options.clock.clone(),
            watchers: watchers.clone(),
            carrier,
            stopped: None,
        };
        let broken = |what: String| OpenError::Index {
            dir: options.index_dir(),
            what,
        };
        if let Some(torn) = level.torn {
            let told = committer.commit_now(open::torn_event(torn, &*options.clock));
            told.map_err(|e| broken(e.to_string()))?;
        }
        let (requests, served) = mpsc::channel(WAITING);
        let (keep, kept) = std_mpsc::channel();
        let spawn = |name: &str, run: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name.into());
            thread.spawn(run).map_err(|e| broken(e.to_string()))
        };
        let (weak, kept_index) = (requests.downgrade(), index.clone());
        let carried = index.clone();
        let threads = Threads {
            committer: spawn("committer", Box::new(move || committer.run(served)))?,
            carrier: spawn("carrier", Box::new(move || carry(&called, &carried)))?,
            keeper: spawn(
                "keeper",
                Box::new(move || look_after(&kept, &weak, &kept_index)),
            )?,
            keep,
        };
        Ok(Self {
            index,
            requests,
            watchers,
            disk: options.disk.clone(),
            ledger_dir: options.ledger_dir(),
            threads: Mutex::new(Some(threads)),
        })
    }

    /// Makes the index anew from the first line of the ledger, then opens.
    ///
    /// # Errors
    /// As [`SledStore::open`].
    pub fn rebuild(options: OpenOptions) -> Result<Self, OpenError> {
        let dir = options.index_dir();
        open::clear(&dir).map_err(|e| OpenError::Index {
            dir,
            what: e.to_string(),
        })?;
        Self::open(options)
    }

    /// Accepts the loss of acknowledged commits: keeps the ledger as far as it is whole, tells the
    /// loss in it, pauses everything, and makes the index anew. The caller holds the lock, and treats
    /// the office as restored from a backup.
    ///
    /// # Errors
    /// As [`SledStore::open`].
    pub fn recover(options: OpenOptions, by: By) -> Result<(Self, ledger::Recovered), OpenError> {
        let dir = options.index_dir();
        // First: an index that knows more than the ledger would stand in the way of the next start.
        open::clear(&dir).map_err(|e| OpenError::Index {
            dir,
            what: e.to_string(),
        })?;
        let disk = options.disk.clone();
        let now = options.clock.now();
        let recovered = ledger::recover(disk, &options.ledger_dir(), now, by)?;
        Ok((Self::open(options)?, recovered))
    }

    /// Serves what was asked, makes everything durable and ends. What is asked later is refused.
    pub fn close(&self) {
        let threads = self
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(threads) = threads else { return };
        let (done, closed) = oneshot::channel();
        drop(threads.keep);
        // From a thread of its own: this may be called from where blocking is not allowed.
        let requests = self.requests.clone();
        let ended = std::thread::spawn(move || {
            if requests.blocking_send(Request::Close(done)).is_ok() {
                let _ = closed.blocking_recv();
            }
            let _ = threads.committer.join();
            let _ = threads.carrier.join();
            let _ = threads.keeper.join();
        });
        let _ = ended.join();
    }

    fn row(&self, key: &Key) -> Result<Option<Row>, StoreError> {
        self.index.sure(self.index.row(key))
    }

    fn office(&self) -> Result<Arc<OfficeRow>, StoreError> {
        self.index.sure(self.index.office_row())
    }

    /// All rows under a letter, in the order of their ids.
    fn rows<T>(
        &self,
        kind: u8,
        read: impl Fn(&str, &[u8]) -> Result<T, String>,
    ) -> Result<Vec<T>, StoreError> {
        let _together = self.index.together();
        let all = self.index.under(Name::new(kind)).map(|entry| {
            let (key, body) = entry?;
            let id = key.get(1..).and_then(|id| std::str::from_utf8(id).ok());
            let id = id.ok_or("a key is no text")?;
            // One that lies in pieces is read whole.
            let whole = match body.is_empty() {
                true => self.index.whole(&key)?.unwrap_or_default(),
                false => body.to_vec(),
            };
            read(id, &whole)
        });
        self.index.sure(all.collect())
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        self.close();
    }
}

/// Gives sled what has come together, when it is called and now and then, until nobody can call.
fn carry(called: &std_mpsc::Receiver<()>, index: &Index) {
    while called.recv_timeout(LONGEST_SLEEP) != Err(std_mpsc::RecvTimeoutError::Disconnected) {
        if let Err(why) = index.carry_down() {
            index.distrust(&why);
            return;
        }
    }
}

/// Renews HEAD and the index's mark now and then.
fn look_after(kept: &std_mpsc::Receiver<()>, requests: &mpsc::WeakSender<Request>, index: &Index) {
    let every = index::MARK_EVERY.as_secs().cast_unsigned() / LONGEST_SLEEP.as_secs();
    let mut settled = None;
    for second in 1_u64.. {
        if kept.recv_timeout(LONGEST_SLEEP) != Err(std_mpsc::RecvTimeoutError::Timeout) {
            return;
        }
        match requests.upgrade() {
            Some(requests) => drop(requests.try_send(Request::Tick)),
            None => return,
        }
        if second.is_multiple_of(every) {
            let applied = index.applied();
            if applied.is_ok() && applied == settled.clone().unwrap_or(Ok(None)) {
                continue;
            }
            match index.settle() {
                Ok(()) => settled = Some(applied),
                Err(why) => tracing::warn!(why, "the index could not be made durable"),
            }
        }
    }
}

impl Store for SledStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'static, Result<(), StoreError>> {
        let requests = self.requests.clone();
        Box::pin(async move {
            let closed = || StoreError::Stopped("it is closed".to_owned());
            let (answer, told) = oneshot::channel();
            let sent = requests.send(Request::Commit(commit, answer)).await;
            sent.map_err(|_| closed())?;
            told.await.map_err(|_| closed())?
        })
    }
    fn watch(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.watchers.subscribe()
    }

    fn article(&self, id: ArticleId) -> Result<Option<Article>, StoreError> {
        let row = self.index.sure(self.index.article_row(id))?;
        Ok(row.map(|row| row.article.clone()))
    }
    fn articles(&self, after: Option<ArticleId>, limit: usize) -> Result<Vec<Article>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.articles(after, limit))
    }
    fn articles_with_link(&self, link_key: &str) -> Result<Vec<ArticleId>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.articles_with_link(link_key))
    }
    fn like(&self, sketch: &Sketch, limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.articles_like(sketch, limit))
    }
    fn evergreens(&self, limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.evergreens(limit))
    }
    fn imported(&self, row: &str) -> Result<Option<ArticleId>, StoreError> {
        match self.row(&Key::Imported(row.into()))? {
            Some(Row::Imported(id)) => Ok(Some(id)),
            _ => Ok(None),
        }
    }

    fn share(&self, id: ShareId) -> Result<Option<Share>, StoreError> {
        let row = self.index.sure(self.index.share_row(id))?;
        Ok(row.map(|row| row.share.clone()))
    }
    fn shares_of(
        &self,
        article: ArticleId,
        channel: Option<&ChannelId>,
    ) -> Result<Vec<Share>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.shares_of(article, channel))
    }
    fn find_shares(&self, ask: &ShareAsk) -> Result<SharePage, StoreError> {
        // A search must not make a send wait: each row is looked at once more as it is found.
        let _together = ask.is_quick().then(|| self.index.together());
        self.index.sure(self.index.find_shares(ask))
    }
    fn find_articles(&self, ask: &ArticleAsk) -> Result<ArticlePage, StoreError> {
        self.index.sure(self.index.find_articles(ask))
    }
    fn share_posted_as(
        &self,
        channel: &ChannelId,
        post_id: &str,
    ) -> Result<Option<ShareId>, StoreError> {
        self.index
            .sure(self.index.share_posted_as(channel, post_id))
    }
    fn story(&self, id: ShareId) -> Result<Vec<Told>, StoreError> {
        let row = {
            let _together = self.index.together();
            self.index.sure(self.index.share_row(id))?
        };
        let mut story = Vec::new();
        for (segment, offset) in row.map(|row| row.story.clone()).unwrap_or_default() {
            let at = Position { segment, offset };
            let (_, commit) = ledger::read_at(&self.disk, &self.ledger_dir, at)
                .map_err(|e| StoreError::Ledger(e.to_string()))?;
            story.extend(super::told_of(&commit, id));
        }
        Ok(story)
    }

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.queue(ask))
    }
    fn planned(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<(Timestamp, ShareId)>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.planned(channel, limit))
    }
    fn hand_tasks_until(&self, until: Timestamp, limit: usize) -> Result<Vec<ShareId>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.hand_tasks_until(until, limit))
    }
    fn removals(&self, by: TakenDownBy, limit: usize) -> Result<Vec<ShareId>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.removals(by, limit))
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, StoreError> {
        let Some(number) = self.index.number(channel) else {
            return Ok(0);
        };
        match self.row(&Key::Used(number, day))? {
            Some(Row::Used(n)) => Ok(n),
            _ => Ok(0),
        }
    }

    fn channel(&self, id: &ChannelId) -> Result<Option<ChannelState>, StoreError> {
        match self.row(&Key::Channel(id.clone()))? {
            Some(Row::Channel(row)) => Ok(Some(row.state.clone())),
            _ => Ok(None),
        }
    }
    fn channels(&self) -> Result<Vec<ChannelState>, StoreError> {
        self.rows(keys::CHANNEL, |_, body| Ok(codec::get_channel(body)?.state))
    }
    fn paused_all(&self) -> Result<Option<Pause>, StoreError> {
        Ok(self.office()?.paused.clone())
    }
    fn schedule(&self, id: &ScheduleId) -> Result<Option<ScheduleState>, StoreError> {
        match self.row(&Key::Schedule(id.clone()))? {
            Some(Row::Schedule(row)) => Ok(Some((*row).clone())),
            _ => Ok(None),
        }
    }
    fn schedules(&self) -> Result<Vec<ScheduleState>, StoreError> {
        self.rows(keys::SCHEDULE, |_, body| codec::read(body))
    }
    fn topics(&self) -> Result<Vec<(TopicId, String, bool)>, StoreError> {
        self.rows(keys::TOPIC, |id, body| {
            let (title, gone) = codec::read(body)?;
            Ok((TopicId::new(id).map_err(|e| e.to_string())?, title, gone))
        })
    }
    fn feed(&self, id: &FeedId) -> Result<Option<FeedState>, StoreError> {
        match self.row(&Key::Feed(id.clone()))? {
            Some(Row::Feed(row)) => Ok(Some((*row).clone())),
            _ => Ok(None),
        }
    }
    fn feeds(&self) -> Result<Vec<FeedState>, StoreError> {
        self.rows(keys::FEED, |_, body| codec::get_feed(body))
    }
    fn feed_entry(&self, feed: &FeedId, name: &str) -> Result<Option<FeedEntry>, StoreError> {
        match self.row(&Key::FeedEntry(feed.clone(), name.into()))? {
            Some(Row::FeedEntry(row)) => Ok(Some((*row).clone())),
            _ => Ok(None),
        }
    }
    fn member(&self, id: &MemberId) -> Result<Option<Member>, StoreError> {
        match self.row(&Key::Member(id.clone()))? {
            Some(Row::Member(row)) => Ok(Some((*row).clone())),
            _ => Ok(None),
        }
    }
    fn members(&self) -> Result<Vec<Member>, StoreError> {
        self.rows(keys::MEMBER, |_, body| codec::read(body))
    }
    fn considered(&self) -> Result<Option<Timestamp>, StoreError> {
        let ticked = self.office()?.ticked;
        Ok(ticked.max(super::considered_note(self.note(CONSIDERED_NOTE)?)))
    }
    fn last_commit(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.office()?.last_commit)
    }

    fn answered(&self, by: &By, key: &str, now: Timestamp) -> Result<Option<Answered>, StoreError> {
        match self.row(&Key::Request(by.clone(), key.into()))? {
            Some(Row::Request(row)) if now.duration_since(row.at) < ANSWERS_KEPT => {
                Ok(Some((*row).clone()))
            }
            _ => Ok(None),
        }
    }

    fn counts(&self, ask: &CountAsk) -> Result<CountTable, StoreError> {
        // Without a hold on the index: a long count must not make a send wait.
        self.index.sure(self.index.counts(ask, true))
    }
    fn counts_of_shares(&self, ask: &CountAsk) -> Result<CountTable, StoreError> {
        self.index.sure(self.index.counts(ask, false))
    }

    fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let _together = self.index.together();
        self.index.sure(self.index.whole(&keys::note(name)))
    }
    fn set_note(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        self.index.write_beside(|index| {
            let key = keys::note(name);
            let mut batch = Batch::default();
            for old in index.under(keys::pieces_of(&key)) {
                batch.remove(old?.0);
            }
            match value {
                None => batch.remove(key),
                Some(value) => {
                    let mut entries = Vec::new();
                    codec::long(key, value, &mut entries);
                    for (key, value) in entries {
                        batch.insert(key, value);
                    }
                }
            }
            Ok(batch)
        })
    }
}
