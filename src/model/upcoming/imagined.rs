//! The outlook as it would be once imagined shares were taken, everything due had gone out, and articles
//! with a rule had come round.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::Comes;
use crate::model::evergreen::{Round, Turn, after, since, slot};
use crate::model::id::{ArticleId, ChannelId, ShareId};
use crate::model::plan::{Outlook, QueueAsk, Queued, Rules, Taken};
use crate::model::share::{Share, State};

/// Shares that are still to be made stand behind all that are there.
const BEHIND_ALL: i64 = i64::MAX / 2;

/// See the module.
pub(super) struct Imagined<'a, O> {
    real: &'a O,
    zone: &'a TimeZone,
    at: Cell<Timestamp>,
    taken: RefCell<TakenShares>,
    turns: RefCell<Turns>,
}

#[derive(Default)]
struct TakenShares {
    shares: HashMap<ShareId, (Timestamp, Date)>,
    dues: HashMap<ChannelId, Vec<Timestamp>>,
    days: HashMap<(ChannelId, Date), u32>,
    gone: HashSet<ShareId>,
}

/// What comes round, and what was made of it in imagination.
#[derive(Default)]
struct Turns {
    /// Those whose turns come by themselves.
    rounds: Vec<Round>,
    /// How many are out by now, of each.
    out: Vec<u32>,
    /// The turns that come next: when, whose, and the so-manieth.
    next: BTreeMap<(Timestamp, usize), u32>,
    /// Whose turn a share is that is under way: when it is taken, the next one can be told.
    under_way: HashMap<ShareId, usize>,
    /// Shares that are still to be made, and which turn each is.
    made: BTreeMap<ShareId, (Share, u32)>,
}

impl<'a, O: Outlook> Imagined<'a, O> {
    pub(super) fn new(
        real: &'a O,
        at: Timestamp,
        rules: &'a impl Rules,
        rounds: Vec<Round>,
    ) -> Self {
        Self {
            real,
            zone: &rules.office().zone,
            at: Cell::new(at),
            taken: RefCell::default(),
            turns: RefCell::new(Turns::new(rounds, rules)),
        }
    }

    /// What a share stands for that a firing took.
    pub(super) fn what(&self, share: ShareId) -> Comes {
        match self.turns.borrow().made.get(&share) {
            Some((_, turn)) => Comes::Turn(*turn),
            None => Comes::Share(share),
        }
    }

    /// It is `at`: the turns that came by then stand in their queues, as the daemon puts them there.
    pub(super) fn come_round(&self, at: Timestamp) -> Result<(), O::Error> {
        self.at.set(at);
        let mut turns = self.turns.borrow_mut();
        let come = turns.next.range(..=(at, usize::MAX));
        let come: Vec<_> = come.map(|(next, turn)| (*next, *turn)).collect();
        for ((when, i), turn) in come {
            // It waits for the end of a pause.
            if !self.real.paused(&turns.rounds[i].channel, at)? {
                turns.next.remove(&(when, i));
                turns.make(i, turn, at);
            }
        }
        Ok(())
    }

    /// A firing at `instant` took these.
    pub(super) fn take(&self, instant: Timestamp, taken: &[Taken]) {
        let mut all = self.taken.borrow_mut();
        let mut turns = self.turns.borrow_mut();
        for t in taken {
            all.shares.insert(t.share, (t.due, t.day));
            all.gone.insert(t.share);
            all.dues.entry(t.channel.clone()).or_default().push(t.due);
            *all.days.entry((t.channel.clone(), t.day)).or_default() += 1;
            turns.goes(t.share, since(Some(instant), t.due), self.zone);
        }
    }

    /// What is due by now has gone out.
    fn see(&self, mut share: Share) -> Share {
        if let Some((due, day)) = self.taken.borrow().shares.get(&share.id) {
            share.state = State::Planned;
            share.due = Some(*due);
            share.day = Some(*day);
            share.place = None;
        }
        if share.state == State::Planned && share.due.is_some_and(|due| due <= self.at.get()) {
            share.state = State::Shared;
        }
        share
    }
}

impl Turns {
    fn new(rounds: Vec<Round>, rules: &impl Rules) -> Self {
        let zone = &rules.office().zone;
        let mut turns = Turns::default();
        for round in rounds {
            let Some(channel) = rules.channel(&round.channel) else {
                continue;
            };
            if !channel.takes_topic(round.article.topic.as_ref()) {
                continue;
            }
            let i = turns.rounds.len();
            let is_out = |s: &&Share| s.count.is_some();
            let out = round.shares.iter().filter(is_out).count();
            let asked_first = |approved: bool| channel.approval_required && !approved;
            if let Turn::Due(at, turn) = round.turn(zone)
                && !asked_first(round.is_approved())
            {
                turns.next.insert((at, i), turn);
            }
            let is_over = |s: &&Share| s.state == State::Shared || s.state.is_final();
            let mut under_way = round.shares.iter().filter(|s| !is_over(s)).cloned();
            let one = under_way.next().filter(|_| under_way.next().is_none());
            drop(under_way);
            let version = round.article.version;
            turns.out.push(u32::try_from(out).unwrap_or(u32::MAX));
            turns.rounds.push(round);
            let Some(share) = one.filter(|s| !asked_first(s.approved == Some(s.version(version))))
            else {
                continue;
            };
            match (share.state, share.due) {
                (State::Waiting, _) => {
                    turns.under_way.insert(share.id, i);
                }
                // It has its time already.
                (State::Planned, Some(due)) => {
                    turns.under_way.insert(share.id, i);
                    turns.goes(share.id, since(slot(&share), due), zone);
                }
                // A person's turn, or the platform's: nobody can tell when.
                _ => {}
            }
        }
        turns
    }

    /// The turn's share stands in its queue.
    fn make(&mut self, i: usize, turn: u32, now: Timestamp) {
        let Some(last) = self.rounds[i].shares.last() else {
            return;
        };
        let number = self.made.len();
        let behind = BEHIND_ALL + i64::try_from(number).unwrap_or(0);
        // No share that is there has such an id: theirs hold the time.
        let id = ShareId(Uuid::from_u128(1 + number as u128));
        let share = Share {
            id,
            state: State::Waiting,
            place: Some(behind),
            entry: behind,
            priority: self.rounds[i].article.priority,
            topic: self.rounds[i].article.topic.clone(),
            again: true,
            alone: false,
            at: None,
            due: None,
            planned_for: None,
            day: None,
            firing: None,
            attempt: None,
            count: None,
            changed: now,
            ..last.clone()
        };
        self.made.insert(id, (share, turn));
        self.under_way.insert(id, i);
    }

    /// A share goes, and counts from then: the next turn can be told.
    fn goes(&mut self, share: ShareId, from: Timestamp, zone: &TimeZone) {
        let Some(i) = self.under_way.remove(&share) else {
            return;
        };
        let Some(rule) = &self.rounds[i].article.evergreen else {
            return;
        };
        self.out[i] = self.out[i].saturating_add(1);
        if let Turn::Due(at, turn) = after(rule, from, self.out[i], zone) {
            self.next.insert((at, i), turn);
        }
    }

    /// Those that wait in this queue, or in this topic's part of it.
    fn waiting<'t>(
        &'t self,
        ask: &'t QueueAsk<'_>,
        gone: &'t HashSet<ShareId>,
    ) -> impl Iterator<Item = Queued> + 't {
        let waits = |share: &&Share| {
            share.channel == *ask.channel
                && !gone.contains(&share.id)
                && ask.topic.is_none_or(|t| share.topic.as_ref() == Some(t))
        };
        let made = self.made.values().map(|(share, _)| share);
        made.filter(waits).map(|share| Queued {
            share: share.id,
            place: share.place.unwrap_or(BEHIND_ALL),
            entry: share.entry,
            priority: share.priority,
        })
    }
}

impl<O: Outlook> Outlook for Imagined<'_, O> {
    type Error = O::Error;

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, O::Error> {
        let taken = self.taken.borrow();
        let mut found: Vec<Queued> = Vec::new();
        let mut last = ask.after.cloned();
        while found.len() < ask.limit {
            let read = self.real.queue(&QueueAsk {
                after: last.as_ref(),
                ..ask.clone()
            })?;
            let ended = read.len() < ask.limit;
            last = read.last().cloned().or(last);
            found.extend(read.into_iter().filter(|q| !taken.gone.contains(&q.share)));
            if ended {
                break;
            }
        }
        let turns = self.turns.borrow();
        let behind = |q: &Queued| {
            let after = ask.after.map(|after| after.rank(ask.order));
            after.is_none_or(|after| q.rank(ask.order) > after)
        };
        found.extend(turns.waiting(ask, &taken.gone).filter(behind));
        found.sort_by_key(|q| q.rank(ask.order));
        found.truncate(ask.limit);
        Ok(found)
    }
    fn share(&self, id: ShareId) -> Result<Option<Share>, O::Error> {
        if let Some((share, _)) = self.turns.borrow().made.get(&id) {
            return Ok(Some(self.see(share.clone())));
        }
        Ok(self.real.share(id)?.map(|s| self.see(s)))
    }
    fn shares_at(&self, article: ArticleId, channel: &ChannelId) -> Result<Vec<Share>, O::Error> {
        let mut shares = self.real.shares_at(article, channel)?;
        let turns = self.turns.borrow();
        let made = turns.made.values().map(|(share, _)| share);
        let there = |s: &&Share| s.article == article && s.channel == *channel;
        shares.extend(made.filter(there).cloned());
        Ok(shares.into_iter().map(|s| self.see(s)).collect())
    }
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, O::Error> {
        self.real.same_link(article)
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, O::Error> {
        let imagined = self
            .taken
            .borrow()
            .days
            .get(&(channel.clone(), day))
            .copied()
            .unwrap_or(0);
        Ok(self.real.used_on(channel, day)? + imagined)
    }
    fn paused(&self, channel: &ChannelId, now: Timestamp) -> Result<bool, O::Error> {
        self.real.paused(channel, now)
    }
    fn last_start(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, O::Error> {
        self.real.last_start(channel, now)
    }
    fn dues(&self, channel: &ChannelId) -> Result<Vec<Timestamp>, O::Error> {
        let mut dues = self.real.dues(channel)?;
        dues.extend(self.taken.borrow().dues.get(channel).into_iter().flatten());
        dues.sort_unstable();
        Ok(dues)
    }
}
