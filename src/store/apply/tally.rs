//! What follows from a share's row alone: how many wait, what uses up a day, what is counted. Derived
//! from the row before and the row after, so that no event can forget it.

use std::sync::Arc;

use jiff::civil::Date;

use super::postings;
use super::rows::{self, ChannelRow, Fail, Key, Period, Row, Rows, ShareRow, Slice, Tally};
use crate::model::{ChannelId, Count, State};

/// Whether a share uses up a local day of its channel, and which (RULES 2 Caps).
pub fn used_day(row: &ShareRow) -> Option<Date> {
    use State::*;
    matches!(
        row.share.state,
        Shared | Sending | Unsure | ByHand | Planned
    )
    .then_some(row.share.day)
    .flatten()
}

/// What a share counts as, and whether it was taken down (RULES 6).
pub fn counted(row: &ShareRow) -> Option<(&Count, bool)> {
    match row.share.state {
        State::Shared => row.share.count.as_ref().map(|c| (c, false)),
        State::Removed => row.share.count.as_ref().map(|c| (c, true)),
        _ => None,
    }
}

/// The roll-ups a counted share stands in. Days only for all together: they are many, and what is
/// asked of single days by channel, topic or member is told by the items of those days.
pub(super) fn slices(channel: &ChannelId, count: &Count) -> [(Period, Slice); 5] {
    let month = Period::Month(count.day.first_of_month());
    [
        (Period::Day(count.day), Slice::Total),
        (month, Slice::Total),
        (month, Slice::Channel(channel.clone())),
        (month, Slice::Topic(count.topic.clone())),
        (month, Slice::Member(count.member.clone())),
    ]
}

/// Brings counters from `old` to `new`. `channel` is the share's own, written by the caller.
pub(super) fn follow(
    rows: &mut impl Rows,
    channel: &mut ChannelRow,
    old: Option<&ShareRow>,
    new: &ShareRow,
) -> Result<(), Fail> {
    let waits = |row: &ShareRow| row.share.state == State::Waiting;
    match (old.is_some_and(waits), waits(new)) {
        (false, true) => channel.state.waiting += 1,
        (true, false) => channel.state.waiting = channel.state.waiting.saturating_sub(1),
        _ => {}
    }
    let (was, is) = (old.and_then(used_day), used_day(new));
    if was != is {
        if let Some(day) = was {
            use_day(rows, new.number, day, |n| n.saturating_sub(1))?;
        }
        if let Some(day) = is {
            use_day(rows, new.number, day, |n| n + 1)?;
        }
    }
    let (was, is) = (old.and_then(counted), counted(new));
    if was != is {
        if let Some((count, removed)) = was {
            count_share(rows, &new.share.channel, count, removed, |n| {
                n.saturating_sub(1)
            })?;
        }
        if let Some((count, removed)) = is {
            count_share(rows, &new.share.channel, count, removed, |n| n + 1)?;
        }
    }
    Ok(())
}

fn use_day(
    rows: &mut impl Rows,
    channel: u32,
    day: Date,
    change: impl Fn(u32) -> u32,
) -> Result<(), Fail> {
    let key = Key::Used(channel, day);
    let now = match rows.get(&key)? {
        None => 0,
        Some(Row::Used(n)) => n,
        Some(_) => return Err(Fail::Damaged(format!("{key:?} is of another kind"))),
    };
    let then = change(now);
    rows.put(key, (then > 0).then_some(Row::Used(then)));
    Ok(())
}

fn count_share(
    rows: &mut impl Rows,
    channel: &ChannelId,
    count: &Count,
    removed: bool,
    change: impl Fn(u64) -> u64,
) -> Result<(), Fail> {
    let how = Tally::of(count.how);
    for (period, slice) in slices(channel, count) {
        let key = Key::Counted(period, slice);
        let mut tally = match rows.get(&key)? {
            None => Tally::default(),
            Some(Row::Counted(tally)) => tally,
            Some(_) => return Err(Fail::Damaged(format!("{key:?} is of another kind"))),
        };
        tally.counted[how] = change(tally.counted[how]);
        if removed {
            tally.removed[how] = change(tally.removed[how]);
        }
        let none = tally == Tally::default();
        rows.put(key, (!none).then_some(Row::Counted(tally)));
    }
    Ok(())
}

/// Writes a share's row and all that follows from it. `edit` changes the channel besides.
pub(super) fn put_share(
    rows: &mut impl Rows,
    old: Option<&ShareRow>,
    new: ShareRow,
    edit: impl FnOnce(&mut ChannelRow),
) -> Result<(), Fail> {
    let Some(before) = rows::channel(rows, &new.share.channel)? else {
        let id = &new.share.channel;
        return Err(Fail::Damaged(format!("channel {id} of a share is missing")));
    };
    let mut channel = (*before).clone();
    edit(&mut channel);
    follow(rows, &mut channel, old, &new)?;
    postings::follow(rows, old, &new)?;
    if channel != *before {
        let key = Key::Channel(channel.state.id.clone());
        rows.put(key, Some(Row::Channel(Arc::new(channel))));
    }
    let key = Key::Share(new.share.id);
    rows.put(key, Some(Row::Share(Arc::new(new))));
    Ok(())
}
