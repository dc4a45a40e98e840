//! Articles without end, behind everything that is there: where a firing takes one, a slot is free.

use std::cell::RefCell;
use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::free::MOST_A_DAY;
use super::waiting;
use crate::model::channel::Schedule;
use crate::model::id::{ArticleId, ChannelId, ShareId, TopicId};
use crate::model::plan::{QueueAsk, Queued, Taken};
use crate::model::share::Share;

/// They stand behind all that are there, and behind those that are still to be made.
const LAST: i64 = i64::MAX / 4 * 3;

/// See the module. They wait on every channel, have whatever topic is asked for, wait for nothing and
/// repeat nothing.
pub(super) struct Filling {
    until: Timestamp,
    /// Those that the firing under way was shown, by their number: where each stands.
    shown: RefCell<Vec<(ChannelId, Option<TopicId>)>>,
    rests: RefCell<HashMap<ChannelId, Rest>>,
}

/// When none stands in a channel's queue: enough of its slots are told.
#[derive(Default)]
struct Rest {
    /// The day of the last slot, and how many it has.
    day: Option<(Date, usize)>,
    until: Option<Timestamp>,
    /// From then on a slot would be later than anybody asked for.
    for_good: Option<Timestamp>,
}

impl Filling {
    pub(super) fn new(until: Timestamp) -> Self {
        Self {
            until,
            shown: RefCell::default(),
            rests: RefCell::default(),
        }
    }

    /// From when on they stand in a channel's queue, asked `at` some time.
    pub(super) fn stands_from(&self, channel: &ChannelId, at: Timestamp) -> Timestamp {
        match self.rests.borrow().get(channel) {
            Some(rest) if rest.for_good.is_some_and(|end| end <= at) => Timestamp::MAX,
            Some(rest) => rest.until.unwrap_or(at).max(at),
            None => at,
        }
    }

    /// One more of them, and another one each time it is asked.
    pub(super) fn one_more(&self, ask: &QueueAsk<'_>) -> Queued {
        let mut shown = self.shown.borrow_mut();
        let number = shown.len();
        shown.push((ask.channel.clone(), ask.topic.cloned()));
        let place = LAST + i64::try_from(number).unwrap_or(0);
        Queued {
            share: id(number),
            place,
            entry: -place,
            priority: 0,
        }
    }

    /// Whether it is one of them.
    pub(super) fn has(&self, share: ShareId) -> bool {
        share.0.as_u128() >= FIRST && share.0.as_u128() - FIRST < u128::from(u64::MAX)
    }

    pub(super) fn share(&self, id: ShareId) -> Option<Share> {
        let number = usize::try_from(id.0.as_u128().checked_sub(FIRST)?).ok()?;
        let shown = self.shown.borrow();
        let (channel, topic) = shown.get(number)?;
        Some(Share {
            topic: topic.clone(),
            again: true,
            alone: true,
            ..waiting(id, ArticleId(Uuid::nil()), channel.clone())
        })
    }

    /// A firing took these of them.
    pub(super) fn take<'t>(
        &self,
        schedule: &Schedule,
        instant: Timestamp,
        taken: impl Iterator<Item = &'t Taken>,
        zone: &TimeZone,
    ) {
        let mut rests = self.rests.borrow_mut();
        for t in taken {
            let rest = rests.entry(t.channel.clone()).or_default();
            let on_day = match rest.day {
                Some((day, n)) if day == t.day => n + 1,
                _ => 1,
            };
            rest.day = Some((t.day, on_day));
            if on_day >= MOST_A_DAY {
                let next = t
                    .day
                    .tomorrow()
                    .ok()
                    .map(|day| zone.to_timestamp(day.into()));
                rest.until = Some(next.and_then(Result::ok).unwrap_or(Timestamp::MAX));
            }
            // No slot that is asked from behind this one's first instant lies before it.
            if t.due > self.until && rest.for_good.is_none() {
                let spread = schedule.spread;
                rest.for_good = Some(instant.saturating_add(spread).unwrap_or(Timestamp::MAX));
            }
        }
        self.shown.borrow_mut().clear();
    }
}

/// No share that is there, or that a turn will make, has such an id.
const FIRST: u128 = 1 << 64;

fn id(number: usize) -> ShareId {
    ShareId(Uuid::from_u128(FIRST + number as u128))
}
