//! What people write → instants.
//!
//! ```text
//! "30 7 * * 1-5"  ──values, expr──▶  explicit sets  ──civil──▶  civil times  ──occurrences──▶  instants
//! ```
//!
//! - `field`, `values`: one field, text → the set of its values;
//! - `expr`: the whole expression: 5, 6 or 7 fields, `@daily` and its kin;
//! - `civil`: the civil times, by the `cron` crate, which is asked about civil time only;
//! - `occurrences`: civil time → instants, gaps and overlaps;
//! - `choices`: days of the week and times of day, for who writes no expressions;
//! - `sentence`, `words`: the expression in words, Vietnamese and English;
//! - `error`: what was wrong and what to write instead.
//!
//! # The language
//!
//! Five fields as in crontab(5): minute, hour, day of month, month, weekday. Six
//! put seconds in front, seven add the year (1970–2100, the years that the `cron`
//! crate knows; without it, too, nothing fires outside them). Weekdays are 0–7,
//! Sunday at both ends and in every form (`5-7`, `fri-sun`, `0-7`, `sun-tue`);
//! months and weekdays have names of three letters or in full. `L` in the day of
//! month is its last day. Steps follow `*` or a range.
//!
//! Two day fields that are both restricted are ORed, as crontab(5) has it: "30 4
//! 1,15 * 5 would cause a command to be run at 4:30 am on the 1st and 15th of
//! each month, plus every Friday". A field that *begins* with `*` is not
//! restricted, so `*/2` ANDs.
//!
//! An expression whose minute or hour begins with `*` is an **interval** and
//! follows elapsed time through DST changes; any other is a set of **fixed
//! times**, each of which fires once a day whatever the clock does.
//!
//! Not read: `?`, `W`, `#`, `5L`, and a step after a single number (`5/15`),
//! which Unix and Quartz read differently. The error says what to write.

mod choices;
mod civil;
mod count;
mod error;
mod expr;
mod field;
mod occurrences;
mod sentence;
mod values;
mod words;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use choices::Choices;
pub use error::{CronError, MAX_LEN, Problem};
pub use field::Field;
pub(crate) use field::MONTHS;
pub use occurrences::Occurrences;

/// The first year of a year field and of every expression.
pub const FIRST_YEAR: u16 = 1970;

/// The last year of a year field and of every expression; the `cron` crate's own limit.
pub const LAST_YEAR: u16 = 2100;

/// A cron expression. Cheap to clone; equal if written alike.
#[derive(Clone, PartialEq, Eq)]
pub struct Cron {
    inner: Arc<Inner>,
}

#[derive(Debug, PartialEq, Eq)]
struct Inner {
    /// As written, without the blanks around it.
    written: String,
    expr: expr::Expr,
    /// Their times, merged, are the expression's civil times.
    schedules: Vec<::cron::Schedule>,
}

impl Cron {
    /// The instants strictly after `after`, strictly increasing.
    ///
    /// Ends when no year is left. Whoever asks anew with the last instant given
    /// goes on where this iterator would have.
    #[must_use]
    pub fn after(&self, zone: &TimeZone, after: Timestamp) -> Occurrences {
        Occurrences::new(self.inner.clone(), zone.clone(), after, None)
    }

    /// The instants after `after` up to and including `until`.
    ///
    /// Lazy, and a few microseconds an instant: someone a month behind with
    /// `* * * * *` reads 43 200 of them in a tenth of a second. `count()` looks
    /// at days only.
    #[must_use]
    pub fn between(&self, zone: &TimeZone, after: Timestamp, until: Timestamp) -> Occurrences {
        Occurrences::new(self.inner.clone(), zone.clone(), after, Some(until))
    }

    /// Whether nothing comes after `now`: the years it names are over. No error,
    /// but something to warn of.
    #[must_use]
    pub fn is_over(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.after(zone, now).next().is_none()
    }

    /// Whether it follows elapsed time through DST changes (its minute or hour
    /// field begins with `*`) and not the clock on the wall.
    #[must_use]
    pub fn is_interval(&self) -> bool {
        self.inner.expr.interval
    }

    /// The expression in words, `lang` being `vi` or `en` (`vi-VN` is `vi`):
    /// "07:30 mỗi ngày làm việc", "every 15 minutes". None for another language,
    /// and where no short wording would be honest.
    #[must_use]
    pub fn words(&self, lang: &str) -> Option<String> {
        sentence::sentence(&self.inner.expr, lang)
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let expr = expr::Expr::parse(text)?;
        let schedules = civil::schedules(&expr)?;
        Ok(Self {
            inner: Arc::new(Inner {
                written: text.trim().to_owned(),
                expr,
                schedules,
            }),
        })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.written)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the sets would fill a screen and say no more
        f.debug_tuple("Cron").field(&self.inner.written).finish()
    }
}
