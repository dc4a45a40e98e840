//! The store as a model: rows in ordered maps, every question answered by looking at all of them. It
//! shares no index with the real one, so that where both agree both are right. For tests, and for
//! looking ahead; nothing is kept on a disk.

mod counts;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::broadcast;

use super::apply::{
    self, ANSWERS_KEPT, ArticleRow, Fail, Key, KeyMap, OfficeRow, Row, Rows, ShareRow, used_day,
};
use super::history::History;
use super::ledger::Mark;
use super::{
    After, Answered, ArticleAsk, ArticlePage, CONSIDERED_NOTE, ChannelState, CountAsk, CountTable,
    FeedEntry, FeedState, Pause, QueueAsk, Queued, ScheduleState, ShareAsk, SharePage, Store,
    StoreError, Told, WATCH_BEHIND,
};
use crate::compose::link_keys;
use crate::compose::similar::Sketch;
use crate::model::channel::Order;
use crate::model::share::TakenDownBy;
use crate::model::{
    Article, ArticleId, By, ChannelId, Commit, FeedId, Member, MemberId, ScheduleId, Share,
    ShareId, State, TextId, TopicId,
};

/// The rows of a state, in memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryRows(pub BTreeMap<Key, Row>);

impl Rows for MemoryRows {
    fn get(&mut self, key: &Key) -> Result<Option<Row>, Fail> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: Key, row: Option<Row>) {
        match row {
            Some(row) => self.0.insert(key, row),
            None => self.0.remove(&key),
        };
    }
    fn at_place(&mut self, channel: u32, place: i64) -> Result<Option<ShareId>, Fail> {
        let mut shares = self.shares();
        let found = shares.find(|s| s.number == channel && s.share.place == Some(place));
        Ok(found.map(|s| s.share.id))
    }
    fn holding(&mut self, texts: &BTreeSet<TextId>) -> Result<Vec<Key>, Fail> {
        let rows = self.0.iter().filter(|(_, row)| apply::holds(row, texts));
        Ok(rows.map(|(key, _)| key.clone()).collect())
    }
}

impl MemoryRows {
    /// A share stands in one more commit of a ledger.
    pub(super) fn tell(&mut self, id: ShareId, at: apply::Told) {
        if let Some(Row::Share(row)) = self.0.get_mut(&Key::Share(id))
            && row.story.last() != Some(&at)
        {
            Arc::make_mut(row).story.push(at);
        }
    }
    fn shares(&self) -> impl Iterator<Item = &ShareRow> {
        self.0.values().filter_map(|row| match row {
            Row::Share(row) => Some(&**row),
            _ => None,
        })
    }
    fn articles(&self) -> impl Iterator<Item = &ArticleRow> {
        self.0.values().filter_map(|row| match row {
            Row::Article(row) => Some(&**row),
            _ => None,
        })
    }
    fn article(&self, id: ArticleId) -> Option<&ArticleRow> {
        match self.0.get(&Key::Article(id)) {
            Some(Row::Article(row)) => Some(row),
            _ => None,
        }
    }
    fn share(&self, id: ShareId) -> Option<&Share> {
        match self.0.get(&Key::Share(id)) {
            Some(Row::Share(row)) => Some(&row.share),
            _ => None,
        }
    }
    fn office(&self) -> Option<&OfficeRow> {
        match self.0.get(&Key::Office) {
            Some(Row::Office(row)) => Some(row),
            _ => None,
        }
    }
}

/// Counts the slow way, from every share there is.
pub fn count(rows: &MemoryRows, ask: &CountAsk) -> CountTable {
    counts::count(rows.shares(), ask)
}

/// See the module.
#[derive(Debug)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    watchers: broadcast::Sender<Arc<Commit>>,
}

#[derive(Debug, Default)]
struct Inner {
    rows: MemoryRows,
    commits: Vec<Arc<Commit>>,
    notes: BTreeMap<String, Vec<u8>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        Self {
            inner: Arc::default(),
            watchers: broadcast::Sender::new(WATCH_BEHIND),
        }
    }

    /// All commits so far, oldest first.
    pub fn commits(&self) -> Vec<Arc<Commit>> {
        self.lock().commits.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shares that pass, by a key of order.
    fn sorted<K: Ord>(
        &self,
        pass: impl Fn(&Share) -> bool,
        order: impl Fn(&Share) -> K,
    ) -> Vec<Share> {
        let inner = self.lock();
        let shares = inner.rows.shares().map(|row| &row.share);
        let mut found: Vec<_> = shares.filter(|s| pass(s)).cloned().collect();
        found.sort_by_key(|s| order(s));
        found
    }
}

impl History for MemoryStore {
    fn each_commit_after(
        &self,
        after: Mark,
        each: &mut dyn FnMut(&Commit),
    ) -> Result<Mark, StoreError> {
        let commits = self.commits();
        let seq = commits.len() as u64;
        let gone = super::committer::erased(commits.iter().map(|c| &**c));
        let seen = usize::try_from(after.seq).unwrap_or(usize::MAX);
        for commit in commits.into_iter().skip(seen) {
            let mut commit = (*commit).clone();
            let texts = commit.texts.iter_mut();
            for (_, text) in texts.filter(|(id, _)| gone.contains(id)) {
                *text = None;
            }
            each(&commit);
        }
        // Numbers are all there is: no line has a hash here.
        Ok(Mark { seq, ..Mark::START })
    }
}

impl Store for MemoryStore {
    fn commit(&self, commit: Commit) -> BoxFuture<'static, Result<(), StoreError>> {
        let (inner, watchers) = (self.inner.clone(), self.watchers.clone());
        Box::pin(async move {
            let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
            apply::try_apply(&mut inner.rows, &mut KeyMap::default(), &commit)?;
            let commit = Arc::new(commit);
            inner.commits.push(commit.clone());
            // Nobody watching is no error.
            let _ = watchers.send(commit);
            Ok(())
        })
    }
    fn watch(&self) -> broadcast::Receiver<Arc<Commit>> {
        self.watchers.subscribe()
    }

    fn article(&self, id: ArticleId) -> Result<Option<Article>, StoreError> {
        Ok(self.lock().rows.article(id).map(|row| row.article.clone()))
    }
    fn articles(&self, after: Option<ArticleId>, limit: usize) -> Result<Vec<Article>, StoreError> {
        let inner = self.lock();
        let below = match after {
            None => u64::MAX,
            Some(id) => inner.rows.article(id).map_or(0, |row| row.number),
        };
        let mut found: Vec<_> = inner.rows.articles().filter(|a| a.number < below).collect();
        found.sort_by_key(|row| std::cmp::Reverse(row.number));
        let found = found.into_iter().take(limit);
        Ok(found.map(|row| row.article.clone()).collect())
    }
    fn articles_with_link(&self, link_key: &str) -> Result<Vec<ArticleId>, StoreError> {
        let inner = self.lock();
        let articles = inner.rows.articles();
        let mut found: Vec<_> = articles
            .filter(|row| link_keys(&row.article).iter().any(|key| key == link_key))
            .collect();
        found.sort_by_key(|row| row.number);
        Ok(found.into_iter().map(|row| row.article.id).collect())
    }
    fn like(&self, sketch: &Sketch, limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let inner = self.lock();
        let agrees = |row: &ArticleRow| {
            let content = &row.article.content;
            let agrees = Sketch::of(&content.title, &content.text)?.agrees(sketch);
            (agrees >= Sketch::MAY_BE_ALIKE).then_some((agrees, row.number, row.article.id))
        };
        let mut found: Vec<_> = inner.rows.articles().filter_map(agrees).collect();
        found.sort_by_key(|(agrees, number, _)| std::cmp::Reverse((*agrees, *number)));
        Ok(found.into_iter().take(limit).map(|(_, _, id)| id).collect())
    }
    fn evergreens(&self, limit: usize) -> Result<Vec<ArticleId>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.articles();
        let mut found: Vec<_> = rows.filter(|row| row.article.evergreen.is_some()).collect();
        found.sort_by_key(|row| row.number);
        Ok(found
            .into_iter()
            .take(limit)
            .map(|row| row.article.id)
            .collect())
    }
    fn imported(&self, row: &str) -> Result<Option<ArticleId>, StoreError> {
        match self.lock().rows.0.get(&Key::Imported(row.into())) {
            Some(Row::Imported(article)) => Ok(Some(*article)),
            _ => Ok(None),
        }
    }

    fn share(&self, id: ShareId) -> Result<Option<Share>, StoreError> {
        Ok(self.lock().rows.share(id).cloned())
    }
    fn shares_of(
        &self,
        article: ArticleId,
        channel: Option<&ChannelId>,
    ) -> Result<Vec<Share>, StoreError> {
        let there = |s: &Share| s.article == article && channel.is_none_or(|c| s.channel == *c);
        Ok(self.sorted(there, |s| s.entry))
    }
    fn find_shares(&self, ask: &ShareAsk) -> Result<SharePage, StoreError> {
        let inner = self.lock();
        let rows = &inner.rows;
        // The order: by entry, or of a period by day first.
        let place = |row: &ShareRow, day: Option<Date>| {
            let share = &row.share;
            let entry = (None, None, 0, share.entry);
            match day.or(apply::counted(row).map(|(count, _)| count.day)) {
                Some(day) if ask.is_of_a_period() => {
                    (Some(day), Some(share.article), row.number, share.entry)
                }
                _ => entry,
            }
        };
        let mut below = None;
        if let Some(after) = ask.after {
            match rows.0.get(&Key::Share(after.share)) {
                Some(Row::Share(row)) => below = Some(place(row, after.day)),
                _ => return Ok(SharePage::default()),
            }
        }
        let holds = |row: &ShareRow| {
            let article = rows.article(row.share.article);
            article.is_some_and(|a| ask.words.fits(&a.article.content))
        };
        let passes = |row: &&ShareRow| {
            below.is_none_or(|below| place(row, None) < below) && ask.takes(row) && holds(row)
        };
        let mut found: Vec<&ShareRow> = rows.shares().filter(passes).collect();
        found.sort_by_key(|row| std::cmp::Reverse(place(row, None)));
        let more = found.len() > ask.limit;
        found.truncate(ask.limit);
        let last = found.last().filter(|_| more);
        Ok(SharePage {
            next: last.map(|row| After {
                share: row.share.id,
                day: place(row, None).0,
            }),
            shares: found.iter().map(|row| row.share.clone()).collect(),
            stopped: false,
        })
    }
    fn find_articles(&self, ask: &ArticleAsk) -> Result<ArticlePage, StoreError> {
        let inner = self.lock();
        let first = |row: &ArticleRow| row.shares.first().map(|(id, _, entry)| (*entry, *id));
        let below = match ask.after {
            None => i64::MAX,
            Some(id) => inner.rows.share(id).map_or(0, |s| s.entry),
        };
        let rows = inner.rows.articles();
        let mut found: Vec<_> = rows
            .filter_map(|row| Some((first(row)?, &row.article)))
            .filter(|((entry, _), a)| *entry < below && ask.words.fits(&a.content))
            .collect();
        found.sort_by_key(|(first, _)| std::cmp::Reverse(*first));
        let more = found.len() > ask.limit;
        found.truncate(ask.limit);
        Ok(ArticlePage {
            next: found.last().filter(|_| more).map(|((_, id), _)| *id),
            articles: found
                .iter()
                .map(|(_, article)| (*article).clone())
                .collect(),
            stopped: false,
        })
    }
    fn share_posted_as(
        &self,
        channel: &ChannelId,
        post_id: &str,
    ) -> Result<Option<ShareId>, StoreError> {
        let proof = |s: &Share| {
            s.channel == *channel && s.receipts_of_the_place().any(|r| r.post_id == post_id)
        };
        let found = self.sorted(proof, |s| s.entry);
        Ok(found.first().map(|s| s.id))
    }
    fn story(&self, id: ShareId) -> Result<Vec<Told>, StoreError> {
        let inner = self.lock();
        Ok(inner
            .commits
            .iter()
            .flat_map(|c| super::told_of(c, id))
            .collect())
    }

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, StoreError> {
        let rank = |place: i64, entry: i64, priority: u8| match ask.order {
            Order::Oldest => (0, place),
            Order::Newest => (0, -entry),
            Order::Priority => (-i64::from(priority), place),
        };
        let of = |s: &Share| rank(s.place.unwrap_or_default(), s.entry, s.priority);
        let waits = |s: &Share| {
            s.state == State::Waiting
                && s.channel == *ask.channel
                && ask.topic.is_none_or(|t| s.topic.as_ref() == Some(t))
                && ask
                    .after
                    .is_none_or(|a| of(s) > rank(a.place, a.entry, a.priority))
        };
        let found = self.sorted(waits, of).into_iter().take(ask.limit);
        Ok(found
            .map(|s| Queued {
                share: s.id,
                place: s.place.unwrap_or_default(),
                entry: s.entry,
                priority: s.priority,
            })
            .collect())
    }
    fn planned(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Result<Vec<(Timestamp, ShareId)>, StoreError> {
        let planned = |s: &Share| s.state == State::Planned && s.channel == *channel;
        let found = self.sorted(planned, |s| (s.due, s.entry));
        let found = found.into_iter().filter_map(|s| Some((s.due?, s.id)));
        Ok(found.take(limit).collect())
    }
    fn hand_tasks_until(&self, until: Timestamp, limit: usize) -> Result<Vec<ShareId>, StoreError> {
        let open =
            |s: &Share| s.state == State::ByHand && s.until.is_some_and(|when| when <= until);
        let found = self.sorted(open, |s| (s.until, s.entry));
        Ok(found.into_iter().take(limit).map(|s| s.id).collect())
    }
    fn removals(&self, by: TakenDownBy, limit: usize) -> Result<Vec<ShareId>, StoreError> {
        let asked = |s: &Share| s.removal.is_some_and(|r| r.taken_down_by() == by);
        let found = self.sorted(asked, |s| s.entry);
        Ok(found.into_iter().take(limit).map(|s| s.id).collect())
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, StoreError> {
        let inner = self.lock();
        let used = inner
            .rows
            .shares()
            .filter(|row| row.share.channel == *channel && used_day(row) == Some(day));
        Ok(u32::try_from(used.count()).unwrap_or(u32::MAX))
    }

    fn channel(&self, id: &ChannelId) -> Result<Option<ChannelState>, StoreError> {
        Ok(self.channels()?.into_iter().find(|c| c.id == *id))
    }
    fn channels(&self) -> Result<Vec<ChannelState>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.0.values();
        Ok(rows
            .filter_map(|row| match row {
                Row::Channel(row) => Some(row.state.clone()),
                _ => None,
            })
            .collect())
    }
    fn paused_all(&self) -> Result<Option<Pause>, StoreError> {
        let inner = self.lock();
        Ok(inner.rows.office().and_then(|office| office.paused.clone()))
    }
    fn schedule(&self, id: &ScheduleId) -> Result<Option<ScheduleState>, StoreError> {
        Ok(self.schedules()?.into_iter().find(|s| s.id == *id))
    }
    fn schedules(&self) -> Result<Vec<ScheduleState>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.0.values();
        Ok(rows
            .filter_map(|row| match row {
                Row::Schedule(row) => Some((**row).clone()),
                _ => None,
            })
            .collect())
    }
    fn topics(&self) -> Result<Vec<(TopicId, String, bool)>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.0.iter();
        Ok(rows
            .filter_map(|(key, row)| match (key, row) {
                (Key::Topic(id), Row::Topic(row)) => {
                    Some((id.clone(), row.title.clone(), row.gone))
                }
                _ => None,
            })
            .collect())
    }
    fn feed(&self, id: &FeedId) -> Result<Option<FeedState>, StoreError> {
        match self.lock().rows.0.get(&Key::Feed(id.clone())) {
            Some(Row::Feed(row)) => Ok(Some((**row).clone())),
            _ => Ok(None),
        }
    }
    fn feeds(&self) -> Result<Vec<FeedState>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.0.values();
        Ok(rows
            .filter_map(|row| match row {
                Row::Feed(row) => Some((**row).clone()),
                _ => None,
            })
            .collect())
    }
    fn feed_entry(&self, feed: &FeedId, name: &str) -> Result<Option<FeedEntry>, StoreError> {
        let key = Key::FeedEntry(feed.clone(), name.into());
        match self.lock().rows.0.get(&key) {
            Some(Row::FeedEntry(row)) => Ok(Some((**row).clone())),
            _ => Ok(None),
        }
    }
    fn member(&self, id: &MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.members()?.into_iter().find(|m| m.id == *id))
    }
    fn members(&self) -> Result<Vec<Member>, StoreError> {
        let inner = self.lock();
        let rows = inner.rows.0.values();
        Ok(rows
            .filter_map(|row| match row {
                Row::Member(row) => Some((**row).clone()),
                _ => None,
            })
            .collect())
    }
    fn considered(&self) -> Result<Option<Timestamp>, StoreError> {
        let ticked = self.lock().rows.office().and_then(|office| office.ticked);
        Ok(ticked.max(super::considered_note(self.note(CONSIDERED_NOTE)?)))
    }
    fn last_commit(&self) -> Result<Option<Timestamp>, StoreError> {
        let inner = self.lock();
        Ok(inner.rows.office().and_then(|office| office.last_commit))
    }

    fn answered(&self, by: &By, key: &str, now: Timestamp) -> Result<Option<Answered>, StoreError> {
        let inner = self.lock();
        match inner.rows.0.get(&Key::Request(by.clone(), key.into())) {
            Some(Row::Request(row)) if now.duration_since(row.at) < ANSWERS_KEPT => {
                Ok(Some((**row).clone()))
            }
            _ => Ok(None),
        }
    }

    fn counts(&self, ask: &CountAsk) -> Result<CountTable, StoreError> {
        Ok(count(&self.lock().rows, ask))
    }

    fn note(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().notes.get(name).cloned())
    }
    fn set_note(&self, name: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        let notes = &mut self.lock().notes;
        match value {
            Some(value) => notes.insert(name.to_owned(), value.to_vec()),
            None => notes.remove(name),
        };
        Ok(())
    }
}
