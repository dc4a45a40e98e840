//! Whether a Planned share may go now: the same rules as at planning, read once more before the
//! attempt (RULES 2 Caps, 1 Approval). Pure.

use jiff::{SignedDuration, Timestamp};

use super::article::Article;
use super::channel::{Channel, Missed, Mode, Office};
use super::plan::{IN_TIME, Outlook, Waits, local_day, opens, repeats, waits_for};
use super::share::{Cause, Share, Why};

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Send it.
    Send,
    /// Write it as a trial: nothing leaves.
    Log,
    /// Open the hand task.
    HandOver,
    /// Not before then: its due moves.
    Delay {
        /// When to look again.
        until: Timestamp,
        /// For people.
        why: Why,
    },
    /// It stays where it is and others go on; what it waits for will call.
    Hold(Waits),
    /// Back on top of the queue.
    Requeue(Why),
    /// Missed: a person is asked.
    Miss(Why),
    /// Its text is not the approved one: back to the approver.
    Unapprove(Why),
}

/// What the gate needs to know beside the share.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The wall clock.
    pub now: Timestamp,
    /// Since when the channel could have sent: a share that is late only because others went
    /// before it, or the channel was held, is not late. `None` after a start.
    pub free_since: Option<Timestamp>,
    /// `[office]`.
    pub office: &'a Office,
    /// The channel's rules.
    pub channel: &'a Channel,
    /// How missed times are treated: the schedule's, or the office's for fixed times.
    pub missed: Missed,
    /// How late `late` may be: the same.
    pub grace: SignedDuration,
}

/// Decides about a share that is due.
///
/// # Errors
/// The outlook's.
pub fn gate<O: Outlook>(
    share: &Share,
    article: &Article,
    at: Situation<'_>,
    outlook: &O,
) -> Result<Gate, O::Error> {
    let Situation {
        now,
        office,
        channel,
        ..
    } = at;
    // Where there is no time to go back to, a person is asked.
    let back = |why: Why| {
        if share.at.is_some() {
            Gate::Miss(why)
        } else {
            Gate::Requeue(why)
        }
    };

    if channel.approval_required && share.approved != Some(share.version(article.version)) {
        return Ok(Gate::Unapprove(Why::new(Cause::Edited)));
    }
    if let Some(waits) = waits_for(share, channel, outlook)? {
        return Ok(Gate::Hold(waits));
    }
    if outlook.paused(&channel.id, now)? {
        return Ok(back(Why::new(Cause::Paused)));
    }
    if let Some(gate) = late(share, at, freed_at(share, channel, outlook)?, back) {
        return Ok(gate);
    }
    if repeats(share, channel, now, outlook)?.is_some() {
        return Ok(back(Why::new(Cause::Repeat)));
    }
    if let Some(most) = channel.max_per_day {
        let today = local_day(now, &office.zone);
        let itself = u32::from(share.day == Some(today));
        if outlook.used_on(&channel.id, today)?.saturating_sub(itself) >= most {
            return Ok(back(Why::new(Cause::DayFull)));
        }
    }
    let open = opens(channel, &office.zone, now);
    if open > now {
        return Ok(Gate::Delay {
            until: open,
            why: Why::new(Cause::Hours),
        });
    }
    if channel.min_gap.is_positive()
        && let Some(last) = outlook.last_start(&channel.id, now)?
        && last + channel.min_gap > now
        // The parts of one share that are out already are its own start.
        && share.receipts.is_empty()
    {
        return Ok(Gate::Delay {
            until: last + channel.min_gap,
            why: Why::new(Cause::Gap),
        });
    }
    Ok(match channel.mode {
        Mode::Post => Gate::Send,
        Mode::ByHand => Gate::HandOver,
        Mode::Log => Gate::Log,
    })
}

/// When the share that this one waited for under `after` came, or a person freed it.
fn freed_at<O: Outlook>(
    share: &Share,
    channel: &Channel,
    outlook: &O,
) -> Result<Option<Timestamp>, O::Error> {
    let Some(other) = &channel.after else {
        return Ok(None);
    };
    if share.alone {
        return Ok(Some(share.changed));
    }
    let there = outlook.shares_at(share.article, other)?;
    Ok(there
        .iter()
        .filter_map(|s| s.count.as_ref())
        .map(|c| c.at)
        .min())
}

/// A share whose time passed while nobody could act follows its schedule's `missed`.
fn late(
    share: &Share,
    at: Situation<'_>,
    freed: Option<Timestamp>,
    back: impl Fn(Why) -> Gate,
) -> Option<Gate> {
    let due = share.due?;
    let since = [at.free_since, freed]
        .into_iter()
        .flatten()
        .fold(due, Timestamp::max);
    let late = at.now.duration_since(since);
    if late <= IN_TIME {
        return None;
    }
    let why = Why::new(Cause::TimePassed);
    match at.missed {
        Missed::Late if late <= at.grace => None,
        Missed::Ask => Some(Gate::Miss(why)),
        Missed::Late | Missed::Skip => Some(back(why)),
    }
}
