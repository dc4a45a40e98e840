//! What a schedule takes from which queue, and when (RULES 2). Pure: the same function serves the
//! planner, `upcoming`, the calendar and Compose, so what was shown is what happens.
//!
//! What it may look at is an [`Outlook`]: the store, or the store with imagined shares on it.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use super::called::{Called, IN_TIME, Passed, called};
use super::channel::{Channel, Office, Order, Schedule};
use super::id::{ArticleId, ChannelId, ScheduleId, ShareId, TopicId};
use super::share::{Share, State};
use super::slots::Slots;
pub use super::slots::{KEEP_ORDER, local_day, opens};
use super::stretch::Stretch;

/// A firing looks at so many shares of a queue at most: one that finds nothing among them must not
/// walk a backlog of a million (RULES 2).
pub const LOOK_AT_MOST: usize = 200;

/// A share in its queue, as the planner needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Which share.
    pub share: ShareId,
    /// Its place.
    pub place: i64,
    /// Its number of entry.
    pub entry: i64,
    /// Its priority.
    pub priority: u8,
}

impl Queued {
    /// By what it stands before another in this order: the lower goes first.
    pub(super) fn rank(&self, order: Order) -> (i64, i64) {
        match order {
            Order::Oldest => (0, self.place),
            Order::Newest => (0, -self.entry),
            Order::Priority => (-i64::from(self.priority), self.place),
        }
    }
}

/// What of a queue is asked for.
#[derive(Debug, Clone)]
pub struct QueueAsk<'a> {
    /// Whose.
    pub channel: &'a ChannelId,
    /// In which order.
    pub order: Order,
    /// Only this topic.
    pub topic: Option<&'a TopicId>,
    /// Behind this one, in the order asked for.
    pub after: Option<&'a Queued>,
    /// At most so many.
    pub limit: usize,
}

/// What planning may look at.
pub trait Outlook {
    /// Why a look failed.
    type Error;
    /// A stretch of a queue.
    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, Self::Error>;
    /// One share.
    fn share(&self, id: ShareId) -> Result<Option<Share>, Self::Error>;
    /// All shares of an article on one channel.
    fn shares_at(&self, article: ArticleId, channel: &ChannelId)
    -> Result<Vec<Share>, Self::Error>;
    /// The articles that count as the same as this one by link, itself included.
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, Self::Error>;
    /// Shares that use up the channel's day.
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, Self::Error>;
    /// Until when nothing may leave there, if it or everything is paused at `now`; the end of time where
    /// only a person ends it. What is not paused now is not paused later, as far as planning can tell.
    fn paused_until(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Self::Error>;
    /// Whether it or everything is paused at `now`.
    fn paused(&self, channel: &ChannelId, now: Timestamp) -> Result<bool, Self::Error> {
        Ok(self.paused_until(channel, now)?.is_some())
    }
    /// Last start of sending there, or time of a hand share; none later than `now` (RULES 5).
    fn last_start(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Self::Error>;
    /// Dues of the channel's Planned shares, in order (as many as matter for spacing).
    fn dues(&self, channel: &ChannelId) -> Result<Vec<Timestamp>, Self::Error>;
}

/// The rules in force, from the configuration.
pub trait Rules {
    /// `[office]`.
    fn office(&self) -> &Office;
    /// One channel's rules.
    fn channel(&self, id: &ChannelId) -> Option<&Channel>;
}

/// A share that a firing takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub share: ShareId,
    /// Its article.
    pub article: ArticleId,
    /// Where.
    pub channel: ChannelId,
    /// When it is to go.
    pub due: Timestamp,
    /// The office's local day of `due`.
    pub day: Date,
}

/// What is to be done about a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Serve this instant. `late`: it was missed and is made up for. Nothing taken: nothing written.
    Fire {
        /// Which schedule.
        schedule: ScheduleId,
        /// Which instant.
        instant: Timestamp,
        /// Made up for.
        late: bool,
        /// What it takes, in the order of the schedule's channels.
        taken: Vec<Taken>,
    },
    /// Record that these were passed over.
    Skip(Passed),
    /// Ask a person: fire now or skip.
    Ask(Passed),
}

/// All decisions about one schedule at `now`, in the order they are to be committed. `spent`: what
/// the firings before it in the same moment took.
///
/// # Errors
/// The outlook's.
pub fn plan<O: Outlook>(
    now: Timestamp,
    schedule: &Schedule,
    cursor: Timestamp,
    rules: &impl Rules,
    outlook: &O,
    spent: &mut Spent,
) -> Result<Vec<Decision>, O::Error> {
    let called = called(schedule, cursor, now);
    let mut decisions = Vec::new();
    if let Some((passed, ask)) = called.passed {
        decisions.push(if ask {
            Decision::Ask(passed)
        } else {
            Decision::Skip(passed)
        });
    }
    for (instant, late) in called.fire {
        let taken = fire(now, schedule, instant, late, rules, outlook, spent)?;
        decisions.push(Decision::Fire {
            schedule: schedule.id.clone(),
            instant,
            late,
            taken,
        });
    }
    Ok(decisions)
}

/// What earlier firings of the same moment took, not yet in the outlook.
#[derive(Debug, Default)]
pub struct Spent {
    by_channel: HashMap<ChannelId, Vec<Taken>>,
}

impl Spent {
    /// Counts what a firing took.
    pub fn add(&mut self, taken: &[Taken]) {
        for t in taken {
            self.by_channel
                .entry(t.channel.clone())
                .or_default()
                .push(t.clone());
        }
    }
    /// What they took from this channel.
    pub(super) fn on(&self, channel: &ChannelId) -> &[Taken] {
        self.by_channel.get(channel).map_or(&[], Vec::as_slice)
    }
}

/// What one firing takes from its channels. `now` is when it is decided: nothing is due before it.
///
/// # Errors
/// The outlook's.
pub fn fire<O: Outlook>(
    now: Timestamp,
    schedule: &Schedule,
    instant: Timestamp,
    late: bool,
    rules: &impl Rules,
    outlook: &O,
    spent: &mut Spent,
) -> Result<Vec<Taken>, O::Error> {
    let mut all = Vec::new();
    let n = i64::try_from(schedule.channels.len().max(1)).unwrap_or(i64::MAX);
    for (i, id) in schedule.channels.iter().enumerate() {
        let Some(channel) = rules.channel(id) else {
            continue;
        };
        if outlook.paused(id, now)? {
            continue;
        }
        let i = i64::try_from(i).unwrap_or(0);
        let offset = SignedDuration::from_millis(
            i64::try_from(schedule.spread.as_millis())
                .unwrap_or(0)
                .saturating_mul(i)
                / n,
        );
        let base = if late { now } else { instant };
        let from = (base + offset).max(base);
        let taken = take(from, schedule, channel, rules, outlook, spent)?;
        spent.add(&taken);
        all.extend(taken);
    }
    Ok(all)
}

/// What a firing takes from one channel, due from `from` on.
fn take<O: Outlook>(
    from: Timestamp,
    schedule: &Schedule,
    channel: &Channel,
    rules: &impl Rules,
    outlook: &O,
    spent: &Spent,
) -> Result<Vec<Taken>, O::Error> {
    let zone = &rules.office().zone;
    let mut taken: Vec<Taken> = Vec::new();
    let mut slots = Slots::new(channel, zone, outlook, spent, from)?;
    let mut slot = slots.next(from);
    let mut looked_at = 0;
    let mut queue = Stretch::new(schedule, channel);
    while taken.len() < schedule.take as usize && looked_at < LOOK_AT_MOST {
        let day = local_day(slot, zone);
        if let Some(most) = channel.max_per_day {
            let here = spent
                .on(&channel.id)
                .iter()
                .chain(&taken)
                .filter(|t| t.day == day)
                .count();
            let used = outlook.used_on(&channel.id, day)?;
            if used.saturating_add(u32::try_from(here).unwrap_or(u32::MAX)) >= most {
                break;
            }
        }
        let Some(queued) = queue.next(outlook)? else {
            break;
        };
        looked_at += 1;
        if spent
            .on(&channel.id)
            .iter()
            .any(|t| t.share == queued.share)
        {
            continue;
        }
        let Some(share) = outlook.share(queued.share)? else {
            continue;
        };
        if share.state != State::Waiting
            || !channel.takes_topic(share.topic.as_ref())
            || waits_for(&share, channel, outlook)?.is_some()
            || repeats(&share, channel, slot, outlook)?.is_some()
            || spent_repeats(&share, spent, &taken, channel, outlook)?
        {
            continue;
        }
        taken.push(Taken {
            share: share.id,
            article: share.article,
            channel: channel.id.clone(),
            due: slot,
            day,
        });
        slots.occupy(slot);
        slot = slots.next(slot.saturating_add(KEEP_ORDER).unwrap_or(slot));
    }
    Ok(taken)
}

/// Where the channel's day is full at `at`, whatever waits: the first instant from which something may be
/// due on a later day. Nothing is taken before it.
///
/// # Errors
/// The outlook's.
pub(super) fn full_until<O: Outlook>(
    at: Timestamp,
    channel: &Channel,
    zone: &TimeZone,
    outlook: &O,
) -> Result<Option<Timestamp>, O::Error> {
    let Some(most) = channel.max_per_day else {
        return Ok(None);
    };
    let slots = Slots::new(channel, zone, outlook, &Spent::default(), at)?;
    let day = local_day(slots.next(at), zone);
    let is_full = outlook.used_on(&channel.id, day)? >= most;
    Ok(is_full.then(|| slots.leaves(day)))
}

impl Channel {
    /// Whether articles of this topic go there.
    pub fn takes_topic(&self, topic: Option<&TopicId>) -> bool {
        self.topics.is_empty() || topic.is_some_and(|t| self.topics.contains(t))
    }
}

/// Whether what this moment's firings took already stands against the share.
fn spent_repeats<O: Outlook>(
    share: &Share,
    spent: &Spent,
    taken: &[Taken],
    channel: &Channel,
    outlook: &O,
) -> Result<bool, O::Error> {
    if share.again || channel.repeat_after.is_zero() {
        return Ok(false);
    }
    let mut others = spent.on(&channel.id).iter().chain(taken).peekable();
    if others.peek().is_none() {
        return Ok(false);
    }
    let same = outlook.same_link(share.article)?;
    Ok(others.any(|t| t.article == share.article || same.contains(&t.article)))
}

/// What a share waits for under its channel's `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waits {
    /// The other share is on its way.
    For(ShareId),
    /// The other share will not come by itself: held, with both ways out (share without it, cancel).
    InVain(ShareId),
}

/// Whether the share waits for the same article's share elsewhere (RULES 2 `after`).
///
/// # Errors
/// The outlook's.
pub fn waits_for<O: Outlook>(
    share: &Share,
    channel: &Channel,
    outlook: &O,
) -> Result<Option<Waits>, O::Error> {
    let Some(other) = channel.after.as_ref().filter(|_| !share.alone) else {
        return Ok(None);
    };
    let there = outlook.shares_at(share.article, other)?;
    if there
        .iter()
        .any(|s| matches!(s.state, State::Shared | State::Removed))
    {
        return Ok(None);
    }
    let coming = |s: &&Share| !matches!(s.state, State::Failed | State::Missed | State::Cancelled);
    Ok(match (there.iter().rfind(coming), there.last()) {
        (Some(s), _) => Some(Waits::For(s.id)),
        (None, Some(s)) => Some(Waits::InVain(s.id)),
        (None, None) => None,
    })
}

/// The share that stands against this one going out at `at`, if any (RULES 2 Repeat).
///
/// # Errors
/// The outlook's.
pub fn repeats<O: Outlook>(
    share: &Share,
    channel: &Channel,
    at: Timestamp,
    outlook: &O,
) -> Result<Option<Share>, O::Error> {
    if share.again || channel.repeat_after.is_zero() {
        return Ok(None);
    }
    for article in outlook.same_link(share.article)? {
        for other in outlook.shares_at(article, &channel.id)? {
            if other.id != share.id
                && other
                    .stands_until(channel.repeat_after)
                    .is_some_and(|until| at < until)
            {
                return Ok(Some(other));
            }
        }
    }
    Ok(None)
}

impl Share {
    /// Until when this share stands against a repeat; `None` if it does not.
    pub fn stands_until(&self, repeat_after: SignedDuration) -> Option<Timestamp> {
        if !self.state.stands_against_repeat() {
            return None;
        }
        let time = match &self.count {
            Some(count) => Some(count.at),
            None => self
                .attempt
                .as_ref()
                .filter(|_| self.state != State::Planned)
                .map(|a| a.at)
                .or(self.due),
        };
        Some(
            time.unwrap_or(self.changed)
                .saturating_add(repeat_after)
                .unwrap_or(Timestamp::MAX),
        )
    }
}
