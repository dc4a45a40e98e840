//! The outlook as it would be once imagined shares were taken, everything due had gone out, and articles
//! with a rule had come round.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Comes;
use super::filling::Filling;
use super::turns::Turns;
use crate::model::channel::{Order, Schedule};
use crate::model::evergreen::{Standing, since};
use crate::model::id::{ArticleId, ChannelId, ShareId, TopicId};
use crate::model::plan::{IN_TIME, Outlook, QueueAsk, Queued, Rules, Taken, full_until};
use crate::model::share::{Share, State};

/// No two turns of an article come nearer to each other than this: a day of the calendar is never shorter.
const SHORTEST_DAY: SignedDuration = SignedDuration::from_hours(20);

/// See the module. What the real outlook says is read once: while one looks ahead it does not change.
pub(super) struct Imagined<'a, O, R> {
    real: &'a O,
    rules: &'a R,
    at: Cell<Timestamp>,
    taken: RefCell<TakenShares>,
    turns: RefCell<Turns>,
    heads: RefCell<HashMap<Line, Head>>,
    read: RefCell<Read>,
    filling: Option<Filling>,
}

#[derive(Default)]
struct TakenShares {
    shares: HashMap<ShareId, (Timestamp, Date)>,
    days: HashMap<ChannelId, HashMap<Date, u32>>,
}

/// A queue, or one topic's part of it, in an order.
type Line = (ChannelId, Order, Option<TopicId>);

/// How far a line is taken from its head on: of a long queue nothing is read twice.
#[derive(Default)]
struct Head {
    /// All up to here are taken.
    behind: Option<Queued>,
    /// And so are all others.
    is_empty: bool,
}

/// What the real outlook said.
#[derive(Default)]
struct Read {
    used: HashMap<ChannelId, HashMap<Date, u32>>,
    /// Until when each channel is paused.
    paused: HashMap<ChannelId, Option<Timestamp>>,
    /// Real dues and imagined ones, sorted; of those that are past, what can still be met.
    dues: HashMap<ChannelId, Vec<Timestamp>>,
}

impl<'a, O: Outlook, R: Rules> Imagined<'a, O, R> {
    pub(super) fn new(real: &'a O, at: Timestamp, rules: &'a R, rounds: Vec<Standing>) -> Self {
        Self {
            real,
            rules,
            at: Cell::new(at),
            taken: RefCell::default(),
            turns: RefCell::new(Turns::new(rounds, rules)),
            heads: RefCell::default(),
            read: RefCell::default(),
            filling: None,
        }
    }

    /// From now on more wait everywhere, behind all that are there: see [`Filling`].
    pub(super) fn fill(&mut self, until: Timestamp) {
        self.filling = Some(Filling::new(until));
    }

    /// Whether it is one of those more.
    pub(super) fn is_filling(&self, share: ShareId) -> bool {
        self.filling.as_ref().is_some_and(|f| f.has(share))
    }

    /// What a share stands for that a firing took.
    pub(super) fn what(&self, share: ShareId) -> Comes {
        match self.turns.borrow().made(share) {
            Some((_, turn)) => Comes::Turn(*turn),
            None => Comes::Share(share),
        }
    }

    /// It is `at`: the turns that came by then on the schedule's channels stand in their queues, as the
    /// daemon puts them there.
    pub(super) fn come_round(&self, schedule: &Schedule, at: Timestamp) -> Result<(), O::Error> {
        self.at.set(at);
        for channel in &schedule.channels {
            let next = self.turns.borrow().next_at(channel);
            // It waits for the end of a pause.
            if next.is_some_and(|next| next <= at) && !self.paused(channel, at)? {
                self.turns.borrow_mut().come_round(channel, at);
            }
        }
        Ok(())
    }

    /// A schedule's firing at `instant` took these.
    pub(super) fn take(
        &self,
        schedule: &Schedule,
        instant: Timestamp,
        taken: &[Taken],
    ) -> Result<(), O::Error> {
        let zone = &self.rules.office().zone;
        for t in taken {
            self.stand(t)?;
            let mut all = self.taken.borrow_mut();
            let days = all.days.entry(t.channel.clone()).or_default();
            *days.entry(t.day).or_default() += 1;
            if !self.is_filling(t.share) {
                all.shares.insert(t.share, (t.due, t.day));
                let from = since(Some(instant), t.due);
                self.turns.borrow_mut().goes(t.share, from, zone);
            }
        }
        if let Some(filling) = &self.filling {
            let of_it = taken.iter().filter(|t| filling.has(t.share));
            filling.take(schedule, instant, of_it, zone);
        }
        Ok(())
    }

    /// It stands among the dues of its channel.
    fn stand(&self, t: &Taken) -> Result<(), O::Error> {
        self.read_dues(&t.channel)?;
        let gap = self.rules.channel(&t.channel).map(|c| c.min_gap);
        let mut read = self.read.borrow_mut();
        let Some(dues) = read.dues.get_mut(&t.channel) else {
            return Ok(());
        };
        // A firing may be so much behind.
        let met_from = self
            .at
            .get()
            .saturating_sub(gap.unwrap_or_default() + IN_TIME);
        let met_from = met_from.unwrap_or(Timestamp::MIN);
        let past = dues.partition_point(|due| *due < met_from);
        dues.drain(..past);
        let place = dues.partition_point(|due| *due <= t.due);
        dues.insert(place, t.due);
        Ok(())
    }

    fn read_dues(&self, channel: &ChannelId) -> Result<(), O::Error> {
        if !self.read.borrow().dues.contains_key(channel) {
            let mut dues = self.real.dues(channel)?;
            dues.sort_unstable();
            self.read.borrow_mut().dues.insert(channel.clone(), dues);
        }
        Ok(())
    }

    /// A firing of the schedule at `instant` took nothing: none does before this.
    pub(super) fn idle_until(
        &self,
        schedule: &Schedule,
        instant: Timestamp,
    ) -> Result<Timestamp, O::Error> {
        let mut until = Timestamp::MAX;
        for id in &schedule.channels {
            if let Some(channel) = self.rules.channel(id) {
                let zone = &self.rules.office().zone;
                let mut idle = self.nothing_until(id, instant)?;
                if let Some(full) = full_until(instant, channel, zone, self)? {
                    // Its firings ask from so much later on.
                    let full = full.saturating_sub(schedule.spread);
                    idle = idle.max(full.unwrap_or(Timestamp::MIN));
                }
                until = until.min(idle);
                if until <= instant {
                    break;
                }
            }
        }
        Ok(until)
    }

    /// Until when nothing is there for a firing to take: the channel is paused, or its queue is empty.
    fn nothing_until(&self, id: &ChannelId, instant: Timestamp) -> Result<Timestamp, O::Error> {
        if let Some(end) = self.paused_until(id, instant)? {
            return Ok(end);
        }
        let any = QueueAsk {
            channel: id,
            order: Order::Oldest,
            topic: None,
            after: None,
            limit: 1,
        };
        if !self.there(&any)?.is_empty() {
            return Ok(instant);
        }
        let turns = self.turns.borrow();
        let mut until = Timestamp::MAX;
        if !turns.is_none() {
            // What is taken elsewhere meanwhile comes round here no sooner.
            until = instant.saturating_add(SHORTEST_DAY).unwrap_or(until);
        }
        if let Some(next) = turns.next_at(id) {
            until = until.min(next);
        }
        if let Some(filling) = &self.filling {
            until = until.min(filling.stands_from(id, instant));
        }
        Ok(until)
    }

    /// A stretch of a queue without those more.
    fn there(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, O::Error> {
        let taken = self.taken.borrow();
        let mut heads = self.heads.borrow_mut();
        let line = (ask.channel.clone(), ask.order, ask.topic.cloned());
        let head = heads.entry(line).or_default();
        let from_head = ask.after.is_none();
        let mut last = if from_head {
            head.behind.clone()
        } else {
            ask.after.cloned()
        };
        let mut ended = head.is_empty;
        let mut found: Vec<Queued> = Vec::new();
        while found.len() < ask.limit && !ended {
            let read = self.real.queue(&QueueAsk {
                after: last.as_ref(),
                ..ask.clone()
            })?;
            ended = read.len() < ask.limit;
            last = read.last().cloned().or(last);
            for queued in read {
                if !taken.shares.contains_key(&queued.share) {
                    found.push(queued);
                } else if from_head && found.is_empty() {
                    head.behind = Some(queued);
                }
            }
        }
        head.is_empty |= from_head && ended && found.is_empty();
        found.extend(self.turns.borrow().waiting(ask));
        found.sort_by_key(|q| q.rank(ask.order));
        found.truncate(ask.limit);
        Ok(found)
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

impl<O: Outlook, R: Rules> Outlook for Imagined<'_, O, R> {
    type Error = O::Error;

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, O::Error> {
        let mut found = self.there(ask)?;
        if let Some(filling) = &self.filling
            && filling.stands_from(ask.channel, self.at.get()) <= self.at.get()
        {
            let missing = ask.limit - found.len();
            found.extend((0..missing).map(|_| filling.one_more(ask)));
        }
        Ok(found)
    }
    fn share(&self, id: ShareId) -> Result<Option<Share>, O::Error> {
        if let Some(filling) = self.filling.as_ref().filter(|f| f.has(id)) {
            return Ok(filling.share(id));
        }
        if let Some((share, _)) = self.turns.borrow().made(id) {
            return Ok(Some(self.see(share.clone())));
        }
        Ok(self.real.share(id)?.map(|s| self.see(s)))
    }
    fn shares_at(&self, article: ArticleId, channel: &ChannelId) -> Result<Vec<Share>, O::Error> {
        let mut shares = self.real.shares_at(article, channel)?;
        let turns = self.turns.borrow();
        shares.extend(turns.made_at(article, channel).cloned());
        Ok(shares.into_iter().map(|s| self.see(s)).collect())
    }
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, O::Error> {
        self.real.same_link(article)
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, O::Error> {
        let on_day = |days: &HashMap<ChannelId, HashMap<Date, u32>>| {
            days.get(channel).and_then(|days| days.get(&day)).copied()
        };
        let known = on_day(&self.read.borrow().used);
        let real = match known {
            Some(used) => used,
            None => {
                let used = self.real.used_on(channel, day)?;
                let mut read = self.read.borrow_mut();
                let days = read.used.entry(channel.clone()).or_default();
                days.insert(day, used);
                used
            }
        };
        Ok(real + on_day(&self.taken.borrow().days).unwrap_or(0))
    }
    fn paused_until(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, O::Error> {
        let known = self.read.borrow().paused.get(channel).copied();
        let until = match known {
            Some(until) => until,
            None => {
                let until = self.real.paused_until(channel, now)?;
                let mut read = self.read.borrow_mut();
                read.paused.insert(channel.clone(), until);
                until
            }
        };
        Ok(until.filter(|until| now < *until))
    }
    fn last_start(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, O::Error> {
        self.real.last_start(channel, now)
    }
    fn dues(&self, channel: &ChannelId) -> Result<Vec<Timestamp>, O::Error> {
        self.read_dues(channel)?;
        let read = self.read.borrow();
        Ok(read.dues.get(channel).cloned().unwrap_or_default())
    }
}
