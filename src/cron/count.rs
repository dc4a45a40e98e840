//! How many civil times of an expression lie in a stretch, without looking at each: a day that fits
//! has as many as any other.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::civil::Civil;
use super::expr::Expr;

const DAY: i64 = 86_400;
const EPOCH: Date = date(1970, 1, 1);
/// 2101-01-01: no expression names a later year.
const AFTER_ALL: Civil = 4_133_980_800;

/// The civil times in [from, until).
pub(super) fn count(expr: &Expr, from: Civil, until: Civil) -> u64 {
    let (from, until) = (from.clamp(0, AFTER_ALL), until.clamp(0, AFTER_ALL));
    let mut found = 0;
    for day in from.div_euclid(DAY)..=until.div_euclid(DAY) {
        let of_day = |civil: Civil| (civil - day * DAY).clamp(0, DAY);
        let (begin, end) = (of_day(from), of_day(until));
        if begin < end && fits(expr, day) {
            found += before(expr, end) - before(expr, begin);
        }
    }
    found
}

/// Whether a date fits, by its number from 1970 on.
fn fits(expr: &Expr, day: i64) -> bool {
    let Ok(date) = EPOCH.checked_add(day.days()) else {
        return false;
    };
    let has = |set: &BTreeSet<u16>, n: i16| u16::try_from(n).is_ok_and(|n| set.contains(&n));
    let by_date =
        has(&expr.days, date.day().into()) || (expr.last_day && date.day() == date.days_in_month());
    let weekday = date.weekday().to_sunday_zero_offset();
    let by_weekday = has(&expr.weekdays, weekday.into());
    has(&expr.years, date.year())
        && has(&expr.months, date.month().into())
        && if expr.both_days {
            by_date && by_weekday
        } else {
            by_date || by_weekday
        }
}

/// The times of a day that fits, up to this second of it.
fn before(expr: &Expr, second: i64) -> u64 {
    let part = |n: i64| u16::try_from(n).unwrap_or(u16::MAX);
    let (hour, minute, second) = (
        part(second / 3_600),
        part(second / 60 % 60),
        part(second % 60),
    );
    let below = |set: &BTreeSet<u16>, n: u16| set.range(..n).count() as u64;
    let all = |set: &BTreeSet<u16>| set.len() as u64;
    let mut found = below(&expr.hours, hour) * all(&expr.minutes) * all(&expr.seconds);
    if expr.hours.contains(&hour) {
        found += below(&expr.minutes, minute) * all(&expr.seconds);
        if expr.minutes.contains(&minute) {
            found += below(&expr.seconds, second);
        }
    }
    found
}
