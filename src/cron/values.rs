//! One field of an expression: text → the explicit set of its values.

use std::collections::BTreeSet;

use super::error::{CronError, Problem};
use super::field::{Field, SUNDAY_AGAIN};

/// How many letters of a name are enough; crontab(5): "Use the first three
/// letters of the particular day or month (case does not matter)".
const SHORT_NAME: usize = 3;

/// What a field says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Values {
    /// The numbers it names; weekdays 0–6.
    pub(super) set: BTreeSet<u16>,
    /// It begins with `*`. Cron looks at that one character to tell an interval
    /// from a fixed time and a free day field from a restricted one, so `*/2`
    /// counts and `1-31` does not.
    pub(super) star: bool,
    /// It names the last day of the month.
    pub(super) last_day: bool,
}

impl Values {
    /// Reads one field.
    ///
    /// # Errors
    ///
    /// [`CronError::Field`] for the first part that cannot be read.
    pub(super) fn parse(field: Field, text: &str) -> Result<Self, CronError> {
        let mut values = Self {
            set: BTreeSet::new(),
            star: text.starts_with('*'),
            last_day: false,
        };
        for item in text.split(',') {
            if field == Field::DayOfMonth && item.eq_ignore_ascii_case("l") {
                values.last_day = true;
                continue;
            }
            let (first, last, step) = item_parts(field, item)?;
            values
                .set
                .extend((first..=last).step_by(step.into()).map(|n| field.norm(n)));
        }
        Ok(values)
    }
}

/// `7`, `mon`, `*`, `1-5`, `*/15`, `8-17/3` → first, last, step.
fn item_parts(field: Field, item: &str) -> Result<(u16, u16, u16), CronError> {
    let refuse = |problem, instead: String| CronError::Field {
        field,
        text: item.to_owned(),
        problem,
        instead,
    };
    let number = |text: &str| {
        number(field, text).map_err(|problem| refuse(problem, remedy(field, text, problem)))
    };

    let (range, step) = match item.split_once('/') {
        None => (item, None),
        Some((range, step)) => (range, Some(step)),
    };
    let (first, last) = if range == "*" {
        (field.low(), field.high())
    } else if let Some((first, last)) = range.split_once('-') {
        ends(field, number(first)?, number(last)?)
    } else {
        let only = number(range)?;
        if let Some(step) = step {
            let high = field.high();
            return Err(refuse(
                Problem::StepWithoutRange,
                format!("write {only}-{high}/{step}, or only {only}"),
            ));
        }
        (only, only)
    };
    if first > last {
        return Err(refuse(
            Problem::Backwards,
            forwards(field, range, first, last),
        ));
    }
    let step = match step {
        None => 1,
        Some(text) => {
            step_size(field, text).map_err(|(problem, instead)| refuse(problem, instead))?
        }
    };
    Ok((first, last, step))
}

/// Puts Sunday at the end of the week where a range needs it: `fri-sun` and
/// `5-0` run to 7, `7-2` runs from 0, `sun-sun` and `7-0` are Sunday alone.
fn ends(field: Field, first: u16, last: u16) -> (u16, u16) {
    if field != Field::Weekday {
        return (first, last);
    }
    match (first, last) {
        (SUNDAY_AGAIN, SUNDAY_AGAIN) => (0, 0),
        (SUNDAY_AGAIN, last) => (0, last),
        (first, 0) if first > 0 => (first, SUNDAY_AGAIN),
        both => both,
    }
}

fn number(field: Field, text: &str) -> Result<u16, Problem> {
    if text.is_empty() {
        return Err(Problem::Empty);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // more digits than fit are as far outside as any other number
        return match text.parse::<u16>() {
            Ok(n) if (field.low()..=field.high()).contains(&n) => Ok(n),
            _ => Err(Problem::OutOfRange),
        };
    }
    let lower = text.to_ascii_lowercase();
    let named = |name: &&str| *name == lower || name.get(..SHORT_NAME) == Some(lower.as_str());
    if let Some(at) = field.names().iter().position(named) {
        return u16::try_from(at)
            .map(|at| at + field.low())
            .map_err(|_| Problem::Unreadable);
    }
    let quartz = text.contains(['?', '#'])
        || lower.ends_with('w') && lower != "w" && field == Field::DayOfMonth
        || lower.ends_with('l') && matches!(field, Field::DayOfMonth | Field::Weekday)
        || lower == "lw";
    Err(if quartz {
        Problem::Unsupported
    } else {
        Problem::Unreadable
    })
}

fn step_size(field: Field, text: &str) -> Result<u16, (Problem, String)> {
    // how many values there are to step over; Sunday counts once
    let most = field.all().len();
    let allowed = format!("write a step from 1 to {most} after the /");
    if text.is_empty() {
        return Err((Problem::Empty, allowed));
    }
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err((Problem::Unreadable, allowed));
    }
    match text.parse::<u16>() {
        Ok(0) => Err((Problem::StepZero, allowed)),
        Ok(step) if usize::from(step) <= most => Ok(step),
        _ => Err((
            Problem::StepTooLong,
            format!("{allowed}: every {field} field starts afresh at its first value"),
        )),
    }
}

/// What to write instead of a value that cannot be read.
fn remedy(field: Field, text: &str, problem: Problem) -> String {
    match problem {
        Problem::Unsupported if text == "?" => "write * for any day".to_owned(),
        Problem::Unsupported => {
            "write plain numbers, names, ranges, steps and lists; L stands alone, in the day of month".to_owned()
        }
        _ => field.allowed(),
    }
}

/// The two ranges, or the list, that a range written backwards stands for.
fn forwards(field: Field, range: &str, first: u16, last: u16) -> String {
    // a year has no other end to come round from
    if field == Field::Year {
        return format!("write {last}-{first}");
    }
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    if field == Field::Weekday {
        let days: Vec<String> = (first..SUNDAY_AGAIN)
            .chain(0..=last)
            .map(|n| n.to_string())
            .collect();
        return format!("write {}", days.join(","));
    }
    let part = |a: u16, b: u16, as_a: &str, as_b: &str| {
        if a == b {
            as_a.to_owned()
        } else {
            format!("{as_a}-{as_b}")
        }
    };
    let (high, low) = match field {
        Field::Month => ("dec".to_owned(), "jan".to_owned()),
        _ => (field.high().to_string(), field.low().to_string()),
    };
    format!(
        "write {},{}",
        part(first, field.high(), from, &high),
        part(field.low(), last, &low, to)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(field: Field, text: &str) -> Vec<u16> {
        Values::parse(field, text)
            .unwrap()
            .set
            .into_iter()
            .collect()
    }

    fn message(field: Field, text: &str) -> String {
        Values::parse(field, text).unwrap_err().to_string()
    }

    #[test]
    fn sunday_stands_at_both_ends_of_the_week() {
        for sunday in ["0", "7", "sun", "Sunday", "0,7", "7-7", "sun-sun", "7-0"] {
            assert_eq!(set(Field::Weekday, sunday), [0], "{sunday}");
        }
        for weekend in ["5-7", "5-0", "fri-sun", "FRI-7", "5,6,7", "0,5-6"] {
            assert_eq!(set(Field::Weekday, weekend), [0, 5, 6], "{weekend}");
        }
        for start in ["0-2", "7-2", "sun-tue", "sun-2"] {
            assert_eq!(set(Field::Weekday, start), [0, 1, 2], "{start}");
        }
        for all in ["*", "0-7", "0-6", "1-7", "mon-sun", "sun-7", "*/1"] {
            assert_eq!(set(Field::Weekday, all), [0, 1, 2, 3, 4, 5, 6], "{all}");
        }
        assert_eq!(set(Field::Weekday, "*/2"), [0, 2, 4, 6]);
        assert_eq!(set(Field::Weekday, "1-7/2"), [0, 1, 3, 5]);
        assert_eq!(set(Field::Weekday, "*/7"), [0]);
    }

    #[test]
    fn names_ranges_steps_and_lists() {
        assert_eq!(set(Field::Month, "jan,Mar-MAY,december"), [1, 3, 4, 5, 12]);
        assert_eq!(set(Field::Minute, "*/20"), [0, 20, 40]);
        assert_eq!(set(Field::Minute, "*/60"), [0]);
        assert_eq!(set(Field::Hour, "8-17/3,07"), [7, 8, 11, 14, 17]);
        assert_eq!(set(Field::Year, "2098-2100"), [2098, 2099, 2100]);
        let last = Values::parse(Field::DayOfMonth, "1,L").unwrap();
        assert!(last.last_day && !last.star && last.set.len() == 1);
        assert!(Values::parse(Field::DayOfMonth, "*,5").unwrap().star);
        assert!(!Values::parse(Field::DayOfMonth, "5,*").unwrap().star);
    }

    #[test]
    fn messages_name_the_field_and_the_way_out() {
        for (field, text, said) in [
            (
                Field::Hour,
                "22-2",
                "hour field: \"22-2\" runs backwards; write 22-23,0-2",
            ),
            (
                Field::Month,
                "dec-feb",
                "month field: \"dec-feb\" runs backwards; write dec,jan-feb",
            ),
            (
                Field::Weekday,
                "sat-mon",
                "weekday field: \"sat-mon\" runs backwards; write 6,0,1",
            ),
            (
                Field::Minute,
                "5/15",
                "minute field: \"5/15\" has a step but no range; write 5-59/15, or only 5",
            ),
            (
                Field::Minute,
                "*/90",
                "minute field: \"*/90\" has a step longer than the field; write a step from 1 to 60 after the /: every minute field starts afresh at its first value",
            ),
            (
                Field::DayOfMonth,
                "?",
                "day of month field: \"?\" is not supported; write * for any day",
            ),
            (
                Field::Weekday,
                "8",
                "weekday field: \"8\" lies outside the field; write a number from 0 to 7 (0 and 7 are Sunday) or a name such as mon",
            ),
            (
                Field::Hour,
                "1,,2",
                "hour field: \"\" has an empty part; write a number from 0 to 23",
            ),
        ] {
            assert_eq!(message(field, text), said);
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (field, text, expected) in [
            (Field::Minute, "60", Problem::OutOfRange),
            (Field::Minute, "99999999999999999999", Problem::OutOfRange),
            (Field::DayOfMonth, "0", Problem::OutOfRange),
            (Field::Year, "1969", Problem::OutOfRange),
            (Field::Year, "2101", Problem::OutOfRange),
            (Field::Minute, "", Problem::Empty),
            (Field::Minute, "1-", Problem::Empty),
            (Field::Minute, "*/", Problem::Empty),
            (Field::Minute, "*/0", Problem::StepZero),
            (Field::Minute, "*/-1", Problem::Unreadable),
            (Field::Minute, "*-5", Problem::Unreadable),
            (Field::Minute, "1-2-3", Problem::Unreadable),
            (Field::Minute, "+5", Problem::Unreadable),
            (Field::Minute, "٣", Problem::Unreadable),
            (Field::Month, "ja", Problem::Unreadable),
            (Field::Month, "Tháng", Problem::Unreadable),
            (Field::DayOfMonth, "15W", Problem::Unsupported),
            (Field::DayOfMonth, "L-3", Problem::Unsupported),
            (Field::DayOfMonth, "L/2", Problem::Unsupported),
            (Field::Weekday, "5L", Problem::Unsupported),
            (Field::Weekday, "5#2", Problem::Unsupported),
        ] {
            match Values::parse(field, text) {
                Err(CronError::Field { problem, .. }) => {
                    assert_eq!(problem, expected, "{field} {text}");
                }
                other => panic!("{field} {text}: {other:?}"),
            }
        }
    }
}
