//! The fields of an expression: their bounds and names.

use std::collections::BTreeSet;
use std::fmt;

use super::{FIRST_YEAR, LAST_YEAR};

/// A field of a cron expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0–59; only in expressions of six and seven fields.
    Second,
    /// 0–59.
    Minute,
    /// 0–23.
    Hour,
    /// 1–31, or `L` for the last day of the month.
    DayOfMonth,
    /// 1–12 or `jan`–`dec`.
    Month,
    /// 0–7 or `sun`–`sat`; both 0 and 7 are Sunday.
    Weekday,
    /// 1970–2100; only in expressions of seven fields.
    Year,
}

/// Names of months in English, in lower case.
pub(crate) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const WEEKDAYS: [&str; 7] = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];

/// The number that is Sunday at the upper end of the week.
pub(super) const SUNDAY_AGAIN: u16 = 7;

impl Field {
    /// The smallest number that may be written.
    pub(super) fn low(self) -> u16 {
        match self {
            Self::Second | Self::Minute | Self::Hour | Self::Weekday => 0,
            Self::DayOfMonth | Self::Month => 1,
            Self::Year => FIRST_YEAR,
        }
    }

    /// The largest number that may be written.
    pub(super) fn high(self) -> u16 {
        match self {
            Self::Second | Self::Minute => 59,
            Self::Hour => 23,
            Self::DayOfMonth => 31,
            Self::Month => 12,
            Self::Weekday => SUNDAY_AGAIN,
            Self::Year => LAST_YEAR,
        }
    }

    /// Every value, Sunday once.
    pub(super) fn all(self) -> BTreeSet<u16> {
        (self.low()..=self.high()).map(|n| self.norm(n)).collect()
    }

    /// One number for one meaning: both Sundays become 0.
    pub(super) fn norm(self, n: u16) -> u16 {
        if self == Self::Weekday {
            n % SUNDAY_AGAIN
        } else {
            n
        }
    }

    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => &MONTHS,
            Self::Weekday => &WEEKDAYS,
            _ => &[],
        }
    }

    /// "a number from 0 to 7 or a name (sun, mon, …)", for error messages.
    pub(super) fn allowed(self) -> String {
        let numbers = format!("write a number from {} to {}", self.low(), self.high());
        match self {
            Self::DayOfMonth => format!("{numbers}, or L for the last day of the month"),
            Self::Month => format!("{numbers} or a name such as jan"),
            Self::Weekday => format!("{numbers} (0 and 7 are Sunday) or a name such as mon"),
            _ => numbers,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfMonth => "day of month",
            Self::Month => "month",
            Self::Weekday => "weekday",
            Self::Year => "year",
        })
    }
}
