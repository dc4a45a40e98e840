//! A whole expression: text → seven explicit sets and the stars at their heads.

use std::collections::BTreeSet;

use super::error::{CronError, MAX_LEN};
use super::field::Field;
use super::values::Values;

/// What an expression says, with every range, step and name written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expr {
    pub(super) seconds: BTreeSet<u16>,
    pub(super) minutes: BTreeSet<u16>,
    pub(super) hours: BTreeSet<u16>,
    /// Days of the month named by number.
    pub(super) days: BTreeSet<u16>,
    /// The last day of the month is named too.
    pub(super) last_day: bool,
    pub(super) months: BTreeSet<u16>,
    /// 0 = Sunday … 6 = Saturday.
    pub(super) weekdays: BTreeSet<u16>,
    pub(super) years: BTreeSet<u16>,
    /// A day must fit both day fields, as one of them begins with `*`;
    /// otherwise either is enough.
    pub(super) both_days: bool,
    /// The minute or the hour field begins with `*`.
    pub(super) interval: bool,
    /// The four date fields as written, for the message about dates that never come.
    pub(super) dates_written: String,
}

impl Expr {
    /// Reads an expression of five, six or seven fields or a word such as `@daily`.
    ///
    /// # Errors
    ///
    /// Any [`CronError`] but [`CronError::Never`], which needs the calendar.
    pub(super) fn parse(text: &str) -> Result<Self, CronError> {
        if text.len() > MAX_LEN {
            return Err(CronError::TooLong { length: text.len() });
        }
        let text = text.trim();
        let text = if text.starts_with('@') {
            long_form(text)?
        } else {
            text
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (second, rest, year) = match fields.as_slice() {
            [] => return Err(CronError::Empty),
            [a, b, c, d, e] => ("0", [*a, *b, *c, *d, *e], "*"),
            [s, a, b, c, d, e] => (*s, [*a, *b, *c, *d, *e], "*"),
            [s, a, b, c, d, e, y] => (*s, [*a, *b, *c, *d, *e], *y),
            other => return Err(CronError::FieldCount { found: other.len() }),
        };
        let [minute, hour, day, month, weekday] = rest;

        let seconds = Values::parse(Field::Second, second)?;
        let minutes = Values::parse(Field::Minute, minute)?;
        let hours = Values::parse(Field::Hour, hour)?;
        let days = Values::parse(Field::DayOfMonth, day)?;
        let months = Values::parse(Field::Month, month)?;
        let weekdays = Values::parse(Field::Weekday, weekday)?;
        let years = Values::parse(Field::Year, year)?;
        Ok(Self {
            interval: minutes.star || hours.star,
            both_days: days.star || weekdays.star,
            seconds: seconds.set,
            minutes: minutes.set,
            hours: hours.set,
            days: days.set,
            last_day: days.last_day,
            months: months.set,
            weekdays: weekdays.set,
            years: years.set,
            dates_written: format!(
                "day of month {day:?}, month {month:?}, weekday {weekday:?}, year {year:?}"
            ),
        })
    }
}

/// The five fields that crontab(5) gives for each word.
fn long_form(word: &str) -> Result<&'static str, CronError> {
    let instead = match word.to_ascii_lowercase().as_str() {
        "@hourly" => return Ok("0 * * * *"),
        "@daily" | "@midnight" => return Ok("0 0 * * *"),
        "@weekly" => return Ok("0 0 * * 0"),
        "@monthly" => return Ok("0 0 1 * *"),
        "@yearly" | "@annually" => return Ok("0 0 1 1 *"),
        "@reboot" => "a start of the program is no time; write the time of day, such as 0 7 * * *",
        _ => {
            "write @hourly, @daily, @weekly, @monthly or @yearly, or five fields such as */15 * * * *"
        }
    };
    Err(CronError::ShortForm {
        text: word.to_owned(),
        instead,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_six_and_seven_fields() {
        let five = Expr::parse("30 7 * * 1-5").unwrap();
        assert_eq!(five, Expr::parse(" 0\t30 7 * *  1-5 ").unwrap());
        assert_eq!(five, Expr::parse("0 30 7 * * 1-5 *").unwrap());
        for (text, found) in [("1", 1), ("* * * *", 4), ("* * * * * * * *", 8)] {
            assert_eq!(Expr::parse(text), Err(CronError::FieldCount { found }));
        }
        assert_eq!(Expr::parse(" \n"), Err(CronError::Empty));
        assert_eq!(
            Expr::parse("1").unwrap_err().to_string(),
            "the cron expression has 1 field; write 5 (minute, hour, day of month, month, weekday), 6 (seconds in front) or 7 (the year added at the end)"
        );
        assert!(matches!(
            Expr::parse(&"1,".repeat(MAX_LEN)),
            Err(CronError::TooLong { .. })
        ));
    }

    #[test]
    fn words_stand_for_the_fields_that_crontab_5_gives() {
        for (word, fields) in [
            ("@yearly", "0 0 1 1 *"),
            ("@annually", "0 0 1 1 *"),
            ("@monthly", "0 0 1 * *"),
            ("@weekly", "0 0 * * 0"),
            ("@daily", "0 0 * * *"),
            ("@midnight", "0 0 * * *"),
            ("@Hourly", "0 * * * *"),
        ] {
            assert_eq!(Expr::parse(word), Expr::parse(fields), "{word}");
        }
        for word in ["@reboot", "@every 5m", "@", "@daily 5"] {
            assert!(
                matches!(Expr::parse(word), Err(CronError::ShortForm { .. })),
                "{word}"
            );
        }
    }

    #[test]
    fn a_star_at_the_head_is_what_counts() {
        let read = |text| Expr::parse(text).unwrap();
        assert!(read("*/20 2 * * *").interval);
        assert!(read("0 * * * *").interval);
        assert!(!read("0-59 0-23 * * *").interval);
        // seconds make no interval: they all belong to one fixed minute
        assert!(!read("* 30 2 * * *").interval);
        assert!(read("0 0 */2 * 1").both_days);
        assert!(read("0 0 1 * */2").both_days);
        assert!(!read("0 0 1-31 * 1").both_days);
    }
}
