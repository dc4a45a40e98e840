//! Articles that come round while one looks ahead: their turns as the daemon would queue them.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::waiting;
use crate::model::channel::Order;
use crate::model::evergreen::{Standing, Turn, after};
use crate::model::id::{ArticleId, ChannelId, ShareId};
use crate::model::plan::{QueueAsk, Queued, Rules};
use crate::model::share::Share;

/// Shares that are still to be made stand behind all that are there.
const BEHIND_ALL: i64 = i64::MAX / 2;

/// What comes round, and what was made of it in imagination.
#[derive(Default)]
pub(super) struct Turns {
    /// Those whose turns come by themselves.
    standings: Vec<Standing>,
    /// The turns that come next, of each channel: when, whose, and the so-manieth.
    next: HashMap<ChannelId, BTreeMap<(Timestamp, usize), u32>>,
    /// Whose turn a share is that is under way: when it is taken, the next one can be told.
    under_way: HashMap<ShareId, usize>,
    /// Shares that are still to be made, and which turn each is.
    made: HashMap<ShareId, (Share, u32)>,
    made_of: HashMap<ArticleId, Vec<ShareId>>,
    /// Those of them that wait, by their place.
    waiting: HashMap<ChannelId, BTreeMap<i64, Queued>>,
}

impl Turns {
    pub(super) fn new(standings: Vec<Standing>, rules: &impl Rules) -> Self {
        let zone = &rules.office().zone;
        let mut turns = Turns::default();
        for standing in standings {
            let Some(channel) = rules.channel(&standing.channel) else {
                continue;
            };
            if !channel.takes_topic(standing.topic.as_ref()) {
                continue;
            }
            let i = turns.standings.len();
            let asked_first = |approved: bool| channel.approval_required && !approved;
            if let Turn::Due(at, turn) = standing.turn(zone)
                && !asked_first(standing.is_approved)
            {
                let next = turns.next.entry(standing.channel.clone());
                next.or_default().insert((at, i), turn);
            }
            let under_way = standing.under_way;
            turns.standings.push(standing);
            if let Some(one) = under_way.filter(|one| !asked_first(one.is_approved)) {
                turns.under_way.insert(one.share, i);
                if let Some(from) = one.goes {
                    turns.goes(one.share, from, zone);
                }
            }
        }
        turns
    }

    /// Nothing comes round at all.
    pub(super) fn is_none(&self) -> bool {
        self.standings.is_empty()
    }

    /// When the next turn comes there.
    pub(super) fn next_at(&self, channel: &ChannelId) -> Option<Timestamp> {
        let ((at, _), _) = self.next.get(channel)?.first_key_value()?;
        Some(*at)
    }

    /// The turns that came there by `at` stand in the queue.
    pub(super) fn come_round(&mut self, channel: &ChannelId, at: Timestamp) {
        while let Some(next) = self.next.get_mut(channel)
            && let Some(first) = next.first_entry()
            && first.key().0 <= at
        {
            let ((_, i), turn) = first.remove_entry();
            self.make(i, turn, at);
        }
    }

    /// The turn's share stands in its queue.
    fn make(&mut self, i: usize, turn: u32, now: Timestamp) {
        let standing = &self.standings[i];
        let number = self.made.len();
        let behind = BEHIND_ALL + i64::try_from(number).unwrap_or(0);
        // No share that is there has such an id: theirs hold the time.
        let id = ShareId(Uuid::from_u128(1 + number as u128));
        let share = Share {
            place: Some(behind),
            entry: behind,
            priority: standing.priority,
            topic: standing.topic.clone(),
            again: true,
            changed: now,
            ..waiting(id, standing.article, standing.channel.clone())
        };
        let queued = Queued {
            share: id,
            place: behind,
            entry: behind,
            priority: share.priority,
        };
        let queue = self.waiting.entry(share.channel.clone()).or_default();
        queue.insert(behind, queued);
        self.made_of.entry(share.article).or_default().push(id);
        self.made.insert(id, (share, turn));
        self.under_way.insert(id, i);
    }

    /// A share was taken, and goes: it counts from then, and the next turn can be told.
    pub(super) fn goes(&mut self, share: ShareId, from: Timestamp, zone: &TimeZone) {
        if let Some((made, _)) = self.made.get(&share)
            && let Some(queue) = self.waiting.get_mut(&made.channel)
        {
            queue.remove(&made.entry);
        }
        let Some(i) = self.under_way.remove(&share) else {
            return;
        };
        let standing = &mut self.standings[i];
        standing.out = standing.out.saturating_add(1);
        if let Turn::Due(at, turn) = after(&standing.rule, from, standing.out, zone) {
            let next = self.next.entry(standing.channel.clone());
            next.or_default().insert((at, i), turn);
        }
    }

    /// A share that is still to be made, and which turn it is.
    pub(super) fn made(&self, id: ShareId) -> Option<&(Share, u32)> {
        self.made.get(&id)
    }

    /// Those of an article on a channel.
    pub(super) fn made_at(
        &self,
        article: ArticleId,
        channel: &ChannelId,
    ) -> impl Iterator<Item = &Share> {
        let ids = self.made_of.get(&article).into_iter().flatten();
        let made = ids.filter_map(|id| self.made.get(id));
        made.map(|(share, _)| share)
            .filter(move |share| share.channel == *channel)
    }

    /// Those that wait in this queue, or in this topic's part of it, in its order.
    pub(super) fn waiting(&self, ask: &QueueAsk<'_>) -> Vec<Queued> {
        let Some(queue) = self.waiting.get(ask.channel) else {
            return Vec::new();
        };
        let topic = |q: &Queued| self.made.get(&q.share).and_then(|(s, _)| s.topic.as_ref());
        let behind = ask.after.map(|after| after.rank(ask.order));
        let asked = |q: &&Queued| {
            ask.topic.is_none_or(|t| topic(q) == Some(t))
                && behind.is_none_or(|behind| q.rank(ask.order) > behind)
        };
        match ask.order {
            Order::Oldest => queue
                .values()
                .filter(asked)
                .take(ask.limit)
                .cloned()
                .collect(),
            Order::Newest => {
                let queue = queue.values().rev().filter(asked);
                queue.take(ask.limit).cloned().collect()
            }
            Order::Priority => {
                let mut all: Vec<Queued> = queue.values().filter(asked).cloned().collect();
                all.sort_by_key(|q| q.rank(ask.order));
                all.truncate(ask.limit);
                all
            }
        }
    }
}
