//! Questions to the index. Each is a point, or a range that ends where the answer is full.

use std::sync::Arc;

use jiff::Timestamp;

use super::codec;
use super::entries::{Stand, queued};
use super::index::{Index, behind};
use super::keys;
use crate::compose::similar::Sketch;
use crate::model::channel::Order;
use crate::model::share::TakenDownBy;
use crate::model::{Article, ArticleId, ChannelId, Share, ShareId, TopicId};
use crate::store::apply::{ADDED_TOGETHER, ArticleRow, Key, OfficeRow, Row, ShareRow};
use crate::store::{QueueAsk, Queued};

pub(super) type Found<T> = Result<T, String>;
pub(super) type Walk<T> = Box<dyn Iterator<Item = Found<T>>>;

impl Index {
    pub(super) fn office_row(&self) -> Found<Arc<OfficeRow>> {
        match self.row(&Key::Office)? {
            Some(Row::Office(row)) => Ok(row),
            _ => Ok(Arc::default()),
        }
    }

    pub(super) fn article_row(&self, id: ArticleId) -> Found<Option<Arc<ArticleRow>>> {
        match self.row(&Key::Article(id))? {
            Some(Row::Article(row)) => Ok(Some(row)),
            _ => Ok(None),
        }
    }

    pub(super) fn share_row(&self, id: ShareId) -> Found<Option<Arc<ShareRow>>> {
        match self.row(&Key::Share(id))? {
            Some(Row::Share(row)) => Ok(Some(row)),
            _ => Ok(None),
        }
    }

    /// A share that an index names.
    pub(super) fn named(&self, id: ShareId) -> Found<Share> {
        let row = self.share_row(id)?;
        Ok(row
            .ok_or("an index names a share that is not there")?
            .share
            .clone())
    }

    pub(super) fn articles(&self, after: Option<ArticleId>, limit: usize) -> Found<Vec<Article>> {
        // Those with a number below this one, which counts from 1.
        let below = match after {
            None => self.office_row()?.articles + 1,
            Some(id) => self.article_row(id)?.map_or(0, |row| row.number),
        };
        let mut found = Vec::new();
        let mut left = below.saturating_sub(1);
        while left > 0 && found.len() < limit {
            let block = (left - 1) / ADDED_TOGETHER;
            let Some(Row::Added(ids)) = self.row(&Key::Added(block))? else {
                return Err("a stretch of articles is missing".into());
            };
            let here = usize::try_from(left - block * ADDED_TOGETHER).unwrap_or(0);
            for id in ids.iter().take(here).rev().take(limit - found.len()) {
                let row = self.article_row(*id)?;
                found.push(row.ok_or("an article is missing")?.article.clone());
            }
            left = block * ADDED_TOGETHER;
        }
        Ok(found)
    }

    pub(super) fn articles_with_link(&self, link_key: &str) -> Found<Vec<ArticleId>> {
        let entries = self.first_under(keys::link(link_key), usize::MAX)?;
        entries.iter().map(|(_, id)| codec::read(id)).collect()
    }

    /// The most alike first, of equals the newest.
    pub(super) fn articles_like(&self, sketch: &Sketch, limit: usize) -> Found<Vec<ArticleId>> {
        let mut like = self.like(sketch, Sketch::MAY_BE_ALIKE)?;
        like.sort_by_key(|(number, agrees)| std::cmp::Reverse((*agrees, *number)));
        let like = like.into_iter().take(limit);
        like.map(|(number, _)| self.article_numbered(number))
            .collect()
    }

    fn article_numbered(&self, number: u64) -> Found<ArticleId> {
        let before = number.saturating_sub(1);
        let Some(Row::Added(ids)) = self.row(&Key::Added(before / ADDED_TOGETHER))? else {
            return Err("a stretch of articles is missing".into());
        };
        let at = usize::try_from(before % ADDED_TOGETHER).unwrap_or(usize::MAX);
        let id = ids.get(at).copied();
        id.ok_or_else(|| "an article is missing".into())
    }

    pub(super) fn evergreens(&self, limit: usize) -> Found<Vec<ArticleId>> {
        let entries = self.under(keys::evergreens()).take(limit);
        entries.map(|e| codec::read(&e?.1)).collect()
    }

    pub(super) fn shares_of(
        &self,
        article: ArticleId,
        channel: Option<&ChannelId>,
    ) -> Found<Vec<Share>> {
        let Some(row) = self.article_row(article)? else {
            return Ok(Vec::new());
        };
        let only = match channel.map(|id| self.number(id)) {
            Some(None) => return Ok(Vec::new()),
            Some(only) => only,
            None => None,
        };
        let shares = row.shares.iter();
        shares
            .filter(|(_, number, _)| only.is_none_or(|only| only == *number))
            .map(|(id, ..)| self.named(*id))
            .collect()
    }

    pub(super) fn share_posted_as(
        &self,
        channel: &ChannelId,
        post_id: &str,
    ) -> Found<Option<ShareId>> {
        let Some(number) = self.number(channel) else {
            return Ok(None);
        };
        let first = self.under(keys::posted(number, post_id)).next();
        first.map(|e| codec::read(&e?.1)).transpose()
    }

    pub(super) fn planned(
        &self,
        channel: &ChannelId,
        limit: usize,
    ) -> Found<Vec<(Timestamp, ShareId)>> {
        let Some(number) = self.number(channel) else {
            return Ok(Vec::new());
        };
        let entries = self.first_under(keys::due(number), limit)?;
        entries
            .iter()
            .take(limit)
            .map(|(_, body)| {
                let (id, due) = codec::read::<(ShareId, i128)>(body)?;
                let due = Timestamp::from_nanosecond(due).map_err(|e| e.to_string())?;
                Ok((due, id))
            })
            .collect()
    }

    pub(super) fn hand_tasks_until(&self, until: Timestamp, limit: usize) -> Found<Vec<ShareId>> {
        let to = behind(&keys::hand().instant(until).done());
        let entries = self.range(keys::hand().done(), to).take(limit);
        entries.map(|e| codec::read(&e?.1)).collect()
    }

    pub(super) fn removals(&self, by: TakenDownBy, limit: usize) -> Found<Vec<ShareId>> {
        let entries = self.under(keys::removal(by)).take(limit);
        entries.map(|e| codec::read(&e?.1)).collect()
    }

    // ---- queues ----

    pub(super) fn queue(&self, ask: &QueueAsk<'_>) -> Found<Vec<Queued>> {
        let Some(channel) = self.number(ask.channel) else {
            return Ok(Vec::new());
        };
        let stands: Walk<Stand> = match ask.order {
            Order::Oldest if ask.after.is_none() => {
                return self.queue_head(channel, ask.topic, ask.limit);
            }
            Order::Oldest => self.by_place(channel, ask.topic, ask.after.map(|a| a.place)),
            Order::Newest => {
                let after = ask.after.map(|a| (a.share, a.place, a.entry));
                self.by_entry(channel, ask.topic, after)?
            }
            Order::Priority => self.by_priority(channel, ask.topic, ask.after),
        };
        stands.take(ask.limit).map(|s| s.map(queued)).collect()
    }

    fn stands(
        &self,
        from: Vec<u8>,
        to: Vec<u8>,
    ) -> impl DoubleEndedIterator<Item = Found<Stand>> + use<> {
        self.range(from, to).map(|e| codec::read(&e?.1))
    }

    /// Lowest place first.
    fn by_place(&self, channel: u32, topic: Option<&TopicId>, after: Option<i64>) -> Walk<Stand> {
        let lane = |moved| {
            let lane = keys::queue(channel, topic, moved);
            let to = behind(&lane.clone().done());
            let from = match after {
                None => lane.done(),
                Some(place) => behind(&lane.i64(place).done()),
            };
            self.stands(from, to)
        };
        Box::new(merge(lane(false), lane(true), |stand| stand.1))
    }

    /// The first of a queue, lowest place first.
    fn queue_head(
        &self,
        channel: u32,
        topic: Option<&TopicId>,
        limit: usize,
    ) -> Found<Vec<Queued>> {
        let mut stands: Vec<Stand> = Vec::new();
        for moved in [false, true] {
            let lane = self.first_under(keys::queue(channel, topic, moved), limit)?;
            for (_, stand) in lane.iter().take(limit) {
                stands.push(codec::read(stand)?);
            }
        }
        stands.sort_by_key(|stand| stand.1);
        Ok(stands.into_iter().take(limit).map(queued).collect())
    }

    /// Last entered first.
    pub(super) fn by_entry(
        &self,
        channel: u32,
        topic: Option<&TopicId>,
        after: Option<(ShareId, i64, i64)>,
    ) -> Found<Walk<Stand>> {
        let lane = keys::queue(channel, topic, false);
        let to = match after {
            None => behind(&lane.clone().done()),
            Some((share, place, entry)) => {
                let key = lane.clone().i64(place).done();
                match self.body::<Stand>(&key)? {
                    Some(stand) if stand.0 == share => key,
                    _ => self.in_order_below(channel, topic, entry)?,
                }
            }
        };
        let in_order = self.stands(lane.done(), to).rev();
        let moved = keys::moved(channel, topic);
        let to = match after {
            None => behind(&moved.clone().done()),
            Some((_, _, entry)) => moved.clone().i64(entry).done(),
        };
        let moved = self.stands(moved.done(), to).rev();
        Ok(Box::new(merge(in_order, moved, |stand| -stand.2)))
    }

    /// The key behind the last of those in order that entered before `entry`. Their places rise with
    /// their entries, so it is found by halving.
    fn in_order_below(&self, channel: u32, topic: Option<&TopicId>, entry: i64) -> Found<Vec<u8>> {
        let lane = || keys::queue(channel, topic, false);
        let ends = |last: bool| {
            let mut stands = self.stands(lane().done(), behind(&lane().done()));
            let end = if last {
                stands.next_back()
            } else {
                stands.next()
            };
            end.transpose()
        };
        let (Some(first), Some(last)) = (ends(false)?, ends(true)?) else {
            return Ok(lane().done());
        };
        // All places below `low` entered before; `high` did not.
        let (mut low, mut high) = (first.1, last.1.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let to = behind(&lane().i64(middle).done());
            let below = self.stands(lane().done(), to).next_back().transpose()?;
            if below.is_none_or(|stand| stand.2 < entry) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(lane().i64(low).done())
    }

    /// Highest priority first, then lowest place.
    fn by_priority(
        &self,
        channel: u32,
        topic: Option<&TopicId>,
        after: Option<&Queued>,
    ) -> Walk<Stand> {
        let all = keys::priority(channel, topic);
        let to = behind(&all.clone().done());
        let with = match after {
            None => Some(all.done()),
            Some(a) if a.priority > 0 => {
                let key = all.byte(u8::MAX - a.priority).i64(a.place);
                Some(behind(&key.done()))
            }
            Some(_) => None,
        };
        let place = after.filter(|a| a.priority == 0).map(|a| a.place);
        let without = self
            .by_place(channel, topic, place)
            .filter(|s| !matches!(s, Ok((_, _, _, 1..))));
        match with {
            Some(from) => Box::new(self.stands(from, to).chain(without)),
            None => Box::new(without),
        }
    }
}

/// Two walks in order as one. Of an error nothing is lost: it comes first.
fn merge<T, K: Ord>(
    a: impl Iterator<Item = Found<T>>,
    b: impl Iterator<Item = Found<T>>,
    key: impl Fn(&T) -> K,
) -> impl Iterator<Item = Found<T>> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || match (a.peek(), b.peek()) {
        (Some(Ok(x)), Some(Ok(y))) if key(y) < key(x) => b.next(),
        (Some(_), Some(Err(_))) | (None, _) => b.next(),
        (Some(_), _) => a.next(),
    })
}
