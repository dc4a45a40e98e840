//! What a schedule calls for after an absence: which of its instants are in time, and the one decision
//! about those that were missed (RULES 2).

use jiff::{SignedDuration, Timestamp};

use super::channel::Missed;
use super::{Schedule, ScheduleId};

/// Instants not older than this are served as if in time: a restart takes less, and people call it
/// the same minute. Older ones are missed.
pub const IN_TIME: SignedDuration = SignedDuration::from_secs(60);

/// Instants of a schedule that passed while nobody could act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Which schedule.
    pub schedule: ScheduleId,
    /// The first.
    pub since: Timestamp,
    /// The latest.
    pub instant: Timestamp,
    /// How many.
    pub count: u32,
}

/// What a schedule's instants up to now call for, before any queue is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Called {
    /// To be recorded or asked about.
    pub passed: Option<(Passed, bool)>,
    /// To be fired, in order; `true`: late.
    pub fire: Vec<(Timestamp, bool)>,
}

/// Sorts a schedule's instants in (cursor, now] into those in time and those missed, and makes one
/// decision of the missed ones, on the latest (RULES 2).
pub fn called(schedule: &Schedule, cursor: Timestamp, now: Timestamp) -> Called {
    let mut called = Called::default();
    if !schedule.enabled || cursor >= now {
        return called;
    }
    let just_missed = IN_TIME + SignedDuration::from_nanos(1);
    let missed_until = now.saturating_sub(just_missed).unwrap_or(Timestamp::MIN);
    let in_time = schedule
        .cron
        .between(&schedule.zone, cursor.max(missed_until), now);
    called.fire.extend(in_time.map(|instant| (instant, false)));
    let Some(missed) = Missing::of(schedule, cursor, missed_until) else {
        return called;
    };
    let mut passed = missed.count;
    let mut instant = missed.latest;
    if schedule.missed == Missed::Late && now.duration_since(instant) <= schedule.grace {
        called.fire.insert(0, (instant, true));
        passed -= 1;
        instant = match missed.before_latest(schedule, cursor) {
            Some(before) => before,
            None => return called,
        };
    }
    let passed = Passed {
        schedule: schedule.id.clone(),
        since: missed.first,
        instant,
        count: u32::try_from(passed).unwrap_or(u32::MAX),
    };
    called.passed = Some((passed, schedule.missed == Missed::Ask));
    called
}

/// Missed instants: how many, the first and the latest. A long absence is counted by its days, not
/// instant by instant: a schedule of every second has 31 million of them a year.
struct Missing {
    first: Timestamp,
    latest: Timestamp,
    count: usize,
}

impl Missing {
    /// Those in (after, until].
    fn of(schedule: &Schedule, after: Timestamp, until: Timestamp) -> Option<Self> {
        if after >= until {
            return None;
        }
        let first = schedule.cron.between(&schedule.zone, after, until).next()?;
        Some(Self {
            first,
            latest: latest(schedule, first, until)?,
            count: schedule.cron.between(&schedule.zone, after, until).count(),
        })
    }
    fn before_latest(&self, schedule: &Schedule, after: Timestamp) -> Option<Timestamp> {
        if self.count < 2 {
            return None;
        }
        let until = self.latest - SignedDuration::from_nanos(1);
        latest(schedule, self.first.max(after), until)
    }
}

/// The last instant in [first, until], where `first` is one: halves the stretch behind the last one
/// known until nothing is left in it.
fn latest(schedule: &Schedule, first: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let next = |after| schedule.cron.between(&schedule.zone, after, until).next();
    let (mut known, mut end) = (first, until);
    if until < first {
        return None;
    }
    while end > known {
        let half = known + SignedDuration::from_secs(end.duration_since(known).as_secs() / 2);
        match next(half) {
            Some(later) => known = later,
            // Nothing behind the half: one second apart there is only `known` itself left to ask.
            None if half == known => break,
            None => end = half,
        }
    }
    Some(known)
}
