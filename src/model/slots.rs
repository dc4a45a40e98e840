//! Where on a channel's time line a share may stand: its gap, its hours, its days.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::channel::{Channel, Mode};
use super::plan::{Outlook, Spent};

/// Shares that go one after the other without a gap are due so far apart: their order rests on it,
/// never on ids.
pub const KEEP_ORDER: SignedDuration = SignedDuration::from_millis(1);

/// Where on a channel's time line a share may stand.
pub(super) struct Slots<'a> {
    channel: &'a Channel,
    zone: &'a TimeZone,
    /// Starts and dues that keep `min_gap` from others, sorted.
    stand: Vec<Timestamp>,
}

impl<'a> Slots<'a> {
    pub(super) fn new<O: Outlook>(
        channel: &'a Channel,
        zone: &'a TimeZone,
        outlook: &O,
        spent: &Spent,
        now: Timestamp,
    ) -> Result<Self, O::Error> {
        let mut stand = Vec::new();
        if channel.min_gap.is_positive() {
            stand = outlook.dues(&channel.id)?;
            stand.extend(outlook.last_start(&channel.id, now)?);
            stand.extend(spent.on(&channel.id).iter().map(|t| t.due));
            stand.sort_unstable();
        }
        Ok(Self {
            channel,
            zone,
            stand,
        })
    }

    /// The first instant from `from` on that keeps the gap and the hours.
    pub(super) fn next(&self, from: Timestamp) -> Timestamp {
        let gap = self.channel.min_gap;
        let mut slot = opens(self.channel, self.zone, from);
        for &other in &self.stand {
            if other <= slot && slot.duration_since(other) < gap
                || other > slot && other.duration_since(slot) < gap
            {
                slot = opens(self.channel, self.zone, other + gap);
            }
        }
        slot
    }

    /// Before this instant nothing comes to stand behind this day, and whatever else comes to stand behind
    /// it changes nothing about that. For a day on which something could stand.
    pub(super) fn leaves(&self, day: Date) -> Timestamp {
        let end = match (self.channel.hours, self.channel.mode) {
            (Some(hours), Mode::Post) if hours.from < hours.until => {
                Some(day.to_datetime(hours.until))
            }
            _ => day.tomorrow().ok().map(Date::into),
        };
        let end = end.and_then(|end| self.zone.to_timestamp(end).ok());
        let gap = self.channel.min_gap;
        let before = |at: Timestamp| at.saturating_sub(gap).unwrap_or(Timestamp::MIN);
        // As if one stood at the very end: who meets it, or those that reach up to it, is pushed over it.
        let mut leaves = before(end.unwrap_or(Timestamp::MAX));
        for &other in self.stand.iter().rev() {
            if before(leaves) <= other && before(other) < leaves {
                leaves = before(other);
            }
        }
        leaves
    }

    pub(super) fn occupy(&mut self, slot: Timestamp) {
        if self.channel.min_gap.is_positive() {
            let at = self.stand.partition_point(|t| *t <= slot);
            self.stand.insert(at, slot);
        }
    }
}

/// The first instant from `from` on within the channel's hours. Only automatic sends keep hours: a
/// person shares by hand when she can.
pub fn opens(channel: &Channel, zone: &TimeZone, from: Timestamp) -> Timestamp {
    let (Some(hours), Mode::Post) = (channel.hours, channel.mode) else {
        return from;
    };
    let local = zone.to_datetime(from);
    let time = local.time();
    let open = if hours.from <= hours.until {
        hours.from <= time && time < hours.until
    } else {
        time >= hours.from || time < hours.until
    };
    if open || hours.from == hours.until {
        return from;
    }
    let date = if time < hours.from {
        Some(local.date())
    } else {
        local.date().tomorrow().ok()
    };
    date.and_then(|d| zone.to_timestamp(d.to_datetime(hours.from)).ok())
        .map_or(from, |t| t.max(from))
}

/// The office's local day of an instant.
pub fn local_day(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}
