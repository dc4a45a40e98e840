//! Free slots: where firings would take more than waits for them.

use std::collections::HashMap;

use jiff::Timestamp;

use super::imagined::Imagined;
use super::walk::Walk;
use super::{Considered, MOST_COMING};
use crate::model::channel::Schedule;
use crate::model::evergreen::Standing;
use crate::model::id::{ChannelId, ScheduleId, TopicId};
use crate::model::plan::{Outlook, Rules, Taken};

/// Of one channel and one day so many are told at most: more than anybody fills, and a schedule of every
/// minute has hundreds.
pub const MOST_A_DAY: usize = 8;

/// A slot that nothing takes yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Free {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub channel: ChannelId,
    /// The schedule whose firing would take one more share for it.
    pub schedule: ScheduleId,
    /// An article needs one of these topics for it; any will do if none is named.
    pub topics: Vec<TopicId>,
}

/// Where firings in (now, until] would take one more share after the other, did more wait everywhere behind
/// all that is there and all that comes round: the same `plan()` over fuller queues, so hours, gaps, caps and
/// pauses hold. Who queues one more for a channel fills the first slot there; who queues three, the first
/// three of a day that has as many. In order of time; of a channel and a day at most [`MOST_A_DAY`].
///
/// Instants that are over are not offered, though a daemon that starts late might still serve them.
///
/// # Errors
/// The outlook's.
pub fn free<O: Outlook>(
    now: Timestamp,
    until: Timestamp,
    schedules: &[Considered<'_>],
    rules: &impl Rules,
    outlook: &O,
    rounds: Vec<Standing>,
) -> Result<Vec<Free>, O::Error> {
    let mut imagined = Imagined::new(outlook, now, rules, rounds);
    let walk = Walk::new(now, until, schedules, rules);
    walk.catch_up(&imagined, &mut |_, _| true)?;
    imagined.fill(until);
    let mut free = Vec::new();
    let mut latest: HashMap<ChannelId, Timestamp> = HashMap::new();
    let mut taken_at_all = 0;
    walk.go_on(&imagined, &mut |schedule: &Schedule, taken: &[Taken]| {
        for t in taken.iter().filter(|t| imagined.is_filling(t.share)) {
            let latest = latest.entry(t.channel.clone()).or_insert(t.due);
            // Under a spread a later firing may have an earlier slot. Who queues one gets the first firing's.
            // Within a second shares without a gap are only kept in order.
            if t.due.as_second() >= latest.as_second() && t.due <= until {
                free.push(Free {
                    at: t.due,
                    channel: t.channel.clone(),
                    schedule: schedule.id.clone(),
                    topics: topics(schedule, &t.channel, rules),
                });
            }
            *latest = t.due.max(*latest);
        }
        taken_at_all += taken.len();
        taken_at_all < MOST_COMING
    })?;
    free.sort_by(|a, b| (a.at, &a.channel).cmp(&(b.at, &b.channel)));
    Ok(free)
}

/// Which topics get through both filters, the schedule's and the channel's.
fn topics(schedule: &Schedule, channel: &ChannelId, rules: &impl Rules) -> Vec<TopicId> {
    let Some(channel) = rules.channel(channel) else {
        return Vec::new();
    };
    if schedule.topics.is_empty() {
        return channel.topics.clone();
    }
    let taken = |topic: &&TopicId| channel.takes_topic(Some(topic));
    schedule.topics.iter().filter(taken).cloned().collect()
}
