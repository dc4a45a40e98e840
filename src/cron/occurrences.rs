//! Civil times → instants, across the changes of a zone's offset.
//!
//! A zone is a row of spans of one offset each. Inside a span civil time and
//! elapsed time run alike, so all that has to be decided lies at its start:
//!
//! - the clock leapt forward over a gap: a fixed time inside fires once, at the
//!   span's first instant, and several inside fire as one; an interval has
//!   nothing there;
//! - the clock was put back: a fixed time that the clock has already shown is
//!   over; an interval goes on by the clock, so it has both passes.
//!
//! cron(8) of Debian: "If the time has moved forwards, those jobs which would
//! have run in the time that was skipped will be run soon after the change.
//! Conversely, if the time has moved backwards by less than 3 hours, those jobs
//! that fall into the repeated time will not be re-run. Only jobs that run at a
//! particular time (not specified as @hourly, nor with '*' in the hour or minute
//! specifier) are affected." We differ in one thing: a leap of more than three
//! hours is no correction of the clock here, as it stands in the zone's own
//! history (Apia left out the whole of 30 December 2011).

use std::iter::FusedIterator;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Inner;
use super::civil::{Civil, Cursor};
use super::count::count;

const NANOS: i128 = 1_000_000_000;

const DAY: i64 = 86_400;

/// How far behind the start the spans are read to learn which civil times the
/// clock has already shown. Offsets lie within ±26 h, so what was shown longer
/// ago than their distance, 52 h, lies behind any later reading.
const LOOK_BACK: i64 = 52 * 3_600;

/// The instants in which the crate's civil years 1970–2100 can lie in any zone,
/// with more room on both sides than an offset takes.
const FIRST_SECOND: i64 = -2 * DAY;
const LAST_SECOND: i64 = 4_133_980_800 + 2 * DAY; // 2101-01-01T00:00:00Z

/// A stretch of one offset.
#[derive(Clone, Debug)]
struct Reach {
    start: i64,
    /// The first instant of the next one, if there is one.
    end: Option<i64>,
    offset: i64,
}

impl Reach {
    fn at(zone: &TimeZone, start: i64) -> Option<Self> {
        let instant = Timestamp::from_second(start).ok()?;
        let next = zone.following(instant).next();
        Some(Self {
            start,
            end: next.map(|t| t.timestamp().as_second()),
            offset: zone.to_offset(instant).seconds().into(),
        })
    }

    fn civil_start(&self) -> Civil {
        self.start + self.offset
    }

    /// The civil time at which the clock would stand if this span went on at its end.
    fn civil_end(&self) -> Civil {
        self.end.map_or(Civil::MAX, |end| end + self.offset)
    }
}

/// The instants of an expression in a zone, strictly increasing.
///
/// Made by [`Cron::after`](super::Cron::after) and
/// [`Cron::between`](super::Cron::between).
#[derive(Clone, Debug)]
pub struct Occurrences {
    cron: Arc<Inner>,
    zone: TimeZone,
    cursor: Cursor,
    /// Where we are; none once it is over.
    reach: Option<Reach>,
    /// Civil times before this one are done with.
    next: Civil,
    /// The clock has shown every civil time before this one.
    shown: Civil,
    /// A fixed time was leapt over and is due at the start of `reach`.
    owed: bool,
    /// The last second that may be given.
    until: i64,
}

impl Occurrences {
    pub(super) fn new(
        cron: Arc<Inner>,
        zone: TimeZone,
        after: Timestamp,
        until: Option<Timestamp>,
    ) -> Self {
        let first = whole_second(after).saturating_add(1).max(FIRST_SECOND);
        let until = until.map_or(LAST_SECOND, |until| whole_second(until).min(LAST_SECOND));
        let mut all = Self {
            reach: Reach::at(&zone, first - LOOK_BACK),
            cron,
            zone,
            cursor: Cursor::new(),
            next: Civil::MIN,
            shown: Civil::MIN,
            owed: false,
            until,
        };
        while let Some(reach) = &all.reach {
            if reach.end.is_none_or(|end| first < end) {
                break;
            }
            all.enter_next();
        }
        if let Some(reach) = &all.reach
            && reach.start < first
        {
            // what was owed at its start lies behind us, as does all it showed since
            all.owed = false;
            all.next = all.next.max(first + reach.offset);
        }
        all
    }

    /// Goes on to the next span and settles what its start brings.
    fn enter_next(&mut self) {
        let Some(left) = self.reach.take() else {
            return;
        };
        self.shown = self.shown.max(left.civil_end());
        let Some(reach) = left
            .end
            .filter(|start| *start <= self.until)
            .and_then(|start| Reach::at(&self.zone, start))
        else {
            return;
        };
        let start = reach.civil_start();
        self.owed = false;
        self.next = start;
        if !self.cron.expr.interval {
            if start > self.shown {
                let leapt = self.cursor.at_or_after(&self.cron.schedules, self.shown);
                self.owed = leapt.is_some_and(|time| time < start);
            }
            self.next = start.max(self.shown);
        }
        self.reach = Some(reach);
    }

    fn next_second(&mut self) -> Option<i64> {
        loop {
            let reach = self.reach.as_ref()?;
            if std::mem::take(&mut self.owed) {
                // a time that stands at the start itself fires in the same instant
                self.next = reach.civil_start() + 1;
                return Some(reach.start);
            }
            let time = self.cursor.at_or_after(&self.cron.schedules, self.next);
            match time {
                Some(time) if time < reach.civil_end() => {
                    self.next = time + 1;
                    return Some(time - reach.offset);
                }
                _ => self.enter_next(),
            }
        }
    }
}

impl Iterator for Occurrences {
    type Item = Timestamp;

    fn next(&mut self) -> Option<Timestamp> {
        let second = self.next_second().filter(|second| *second <= self.until);
        if second.is_none() {
            self.reach = None;
        }
        Timestamp::from_second(second?).ok()
    }

    /// By the days that fit, not by each instant: years of every second take a millisecond.
    fn count(mut self) -> usize {
        let mut found = 0;
        while let Some(reach) = &self.reach {
            if self.owed {
                // What is left of this span is counted the next time round.
                found += u64::from(self.next().is_some());
                continue;
            }
            let until = self.until.saturating_add(1).saturating_add(reach.offset);
            found += count(&self.cron.expr, self.next, until.min(reach.civil_end()));
            self.enter_next();
        }
        usize::try_from(found).unwrap_or(usize::MAX)
    }
}

impl FusedIterator for Occurrences {}

/// The second in which an instant lies, also before 1970.
fn whole_second(instant: Timestamp) -> i64 {
    let second = instant.as_nanosecond().div_euclid(NANOS);
    // a timestamp holds no second outside i64
    i64::try_from(second).unwrap_or(i64::MAX)
}
