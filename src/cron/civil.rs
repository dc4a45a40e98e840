//! The civil times of an expression, found by the `cron` crate.
//!
//! The crate reads another language than people write: its weekdays count from
//! 1 = Sunday, it wants seconds, it knows no `L`, it ANDs the two day fields
//! always, and its iterator over a time zone goes wrong at DST changes. So it
//! only ever sees explicit lists, and it is only ever asked about UTC, which
//! here means: a civil time dressed as UTC. A day rule that it cannot say in
//! one expression is said in several, whose times are merged.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use cron::Schedule;

use super::error::CronError;
use super::expr::Expr;
use super::field::Field;

/// A civil time: the seconds that UTC would count from 1970 to the same reading
/// of clock and calendar.
pub(super) type Civil = i64;

/// The months by length; the lengths of February by year.
const MONTHS_OF_31: [u16; 7] = [1, 3, 5, 7, 8, 10, 12];
const MONTHS_OF_30: [u16; 4] = [4, 6, 9, 11];
const FEBRUARY: u16 = 2;

/// One expression in the crate's language: days that must fit all four sets.
struct Days {
    days: BTreeSet<u16>,
    months: BTreeSet<u16>,
    weekdays: BTreeSet<u16>,
    years: BTreeSet<u16>,
}

/// The schedules whose times, merged, are those of the expression.
///
/// # Errors
///
/// [`CronError::Never`] if no date fits.
pub(super) fn schedules(expr: &Expr) -> Result<Vec<Schedule>, CronError> {
    let mut found = Vec::new();
    for days in day_rules(expr) {
        let text = [
            list(Field::Second, &expr.seconds),
            list(Field::Minute, &expr.minutes),
            list(Field::Hour, &expr.hours),
            list(Field::DayOfMonth, &days.days),
            list(Field::Month, &days.months),
            list(Field::Weekday, &days.weekdays),
            list(Field::Year, &days.years),
        ]
        .join(" ");
        // the crate's own words would speak of a text that nobody wrote
        let schedule = Schedule::from_str(&text).map_err(|_| CronError::Unsupported)?;
        if first_at_or_after(&schedule, BEFORE_ALL).is_some() {
            found.push(schedule);
        }
    }
    if found.is_empty() {
        return Err(CronError::Never {
            fields: expr.dates_written.clone(),
        });
    }
    Ok(found)
}

/// Midnight at which 1970 begins: no civil time of the crate lies before.
const BEFORE_ALL: Civil = 0;

/// Both day fields, and the last day of the month, as rules without either.
fn day_rules(expr: &Expr) -> Vec<Days> {
    let rule = |days: &BTreeSet<u16>, months, years| Days {
        days: days.clone(),
        months,
        weekdays: if expr.both_days {
            expr.weekdays.clone()
        } else {
            Field::Weekday.all()
        },
        years,
    };
    let mut rules = vec![rule(&expr.days, expr.months.clone(), expr.years.clone())];
    if expr.last_day {
        let among = |months: &[u16]| -> BTreeSet<u16> {
            let named = |m: &u16| expr.months.contains(m);
            months.iter().copied().filter(named).collect()
        };
        let (leap, common) = expr.years.iter().partition(|year| is_leap(**year));
        for (day, months, years) in [
            (31, among(&MONTHS_OF_31), expr.years.clone()),
            (30, among(&MONTHS_OF_30), expr.years.clone()),
            (29, among(&[FEBRUARY]), leap),
            (28, among(&[FEBRUARY]), common),
        ] {
            rules.push(rule(&BTreeSet::from([day]), months, years));
        }
    }
    if !expr.both_days {
        rules.push(Days {
            days: Field::DayOfMonth.all(),
            months: expr.months.clone(),
            weekdays: expr.weekdays.clone(),
            years: expr.years.clone(),
        });
    }
    rules.retain(|r| !(r.days.is_empty() || r.months.is_empty() || r.years.is_empty()));
    rules
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// A set as the crate reads it.
fn list(field: Field, set: &BTreeSet<u16>) -> String {
    if *set == field.all() {
        return "*".to_owned();
    }
    // the crate's Sunday is 1
    let shift = u16::from(field == Field::Weekday);
    let numbers: Vec<String> = set.iter().map(|n| (n + shift).to_string()).collect();
    numbers.join(",")
}

fn first_at_or_after(schedule: &Schedule, at: Civil) -> Option<Civil> {
    let before: DateTime<Utc> = DateTime::from_timestamp(at.checked_sub(1)?, 0)?;
    schedule
        .after(&before)
        .next()
        .map(|found| found.timestamp())
}

/// A place in the merged civil times of some schedules.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// All heads are right for this time.
    at: Option<Civil>,
    /// For each schedule its first time at or after `at`.
    heads: Vec<Option<Civil>>,
}

impl Cursor {
    pub(super) fn new() -> Self {
        Self {
            at: None,
            heads: Vec::new(),
        }
    }

    /// The first civil time at or after `at`. Going on is cheap: only the
    /// schedules whose next time was passed are asked; going back asks them all.
    pub(super) fn at_or_after(&mut self, schedules: &[Schedule], at: Civil) -> Option<Civil> {
        if self.at.is_some_and(|known| known <= at) {
            for (head, schedule) in self.heads.iter_mut().zip(schedules) {
                if head.is_some_and(|time| time < at) {
                    *head = first_at_or_after(schedule, at);
                }
            }
        } else {
            let ask = |schedule| first_at_or_after(schedule, at);
            self.heads = schedules.iter().map(ask).collect();
        }
        self.at = Some(at);
        self.heads.iter().flatten().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(text: &str, count: usize) -> Vec<String> {
        let found = schedules(&Expr::parse(text).unwrap()).unwrap();
        let mut cursor = Cursor::new();
        // 2026-01-01
        let mut at = 1_767_225_600;
        let mut dates = Vec::new();
        while dates.len() < count {
            let Some(time) = cursor.at_or_after(&found, at) else {
                break;
            };
            let day = DateTime::<Utc>::from_timestamp(time, 0).unwrap();
            dates.push(day.format("%y-%m-%d").to_string());
            at = time + 1;
        }
        dates
    }

    #[test]
    fn last_days_of_months() {
        assert_eq!(
            dates("0 0 L 2,4,5 *", 6),
            [
                "26-02-28", "26-04-30", "26-05-31", "27-02-28", "27-04-30", "27-05-31"
            ]
        );
        assert_eq!(
            dates("0 0 0 L 2 * 2027-2029", 9),
            ["27-02-28", "28-02-29", "29-02-28"]
        );
        // named twice is still one day
        assert_eq!(
            dates("0 0 28,L 2 *", 3),
            ["26-02-28", "27-02-28", "28-02-28"]
        );
        assert_eq!(dates("0 0 0 28,L 2 * 2028", 3), ["28-02-28", "28-02-29"]);
    }

    #[test]
    fn a_date_that_never_comes_is_refused() {
        for never in [
            "0 0 30 2 *",
            "0 0 31 4,6,9,11 *",
            "0 0 30 2 */2",
            "0 0 0 29 2 * 2027",
            "0 0 0 29 2 * 2100",
            "0 0 0 29 2 */6 2028",
        ] {
            let refused = schedules(&Expr::parse(never).unwrap());
            assert!(matches!(refused, Err(CronError::Never { .. })), "{never}");
        }
        // the weekday alone is enough: Mondays in February
        assert_eq!(dates("0 0 30 2 1", 2), ["26-02-02", "26-02-09"]);
        assert_eq!(dates("0 0 29 2 *", 2), ["28-02-29", "32-02-29"]);
    }

    #[test]
    fn going_back_asks_again() {
        let found = schedules(&Expr::parse("0 0 1,L * 1").unwrap()).unwrap();
        let mut cursor = Cursor::new();
        let early = cursor.at_or_after(&found, 0);
        assert!(cursor.at_or_after(&found, 1_767_225_600) > early);
        assert_eq!(cursor.at_or_after(&found, 0), early);
    }
}
