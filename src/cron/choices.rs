//! The simplest expressions as choices: days of the week, and times of day; and back.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::civil::Time;

use super::Cron;
use super::expr::Expr;
use super::field::Field;

/// Days of the week (1 Monday … 7 Sunday) and times of day, each time on each day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices {
    /// 1 Monday … 7 Sunday.
    pub days: BTreeSet<u8>,
    /// To the minute.
    pub times: BTreeSet<Time>,
}

impl Choices {
    /// What an expression chooses, if it says no more than that.
    #[must_use]
    pub fn of(cron: &Cron) -> Option<Self> {
        let Expr {
            seconds,
            minutes,
            hours,
            days,
            last_day,
            months,
            weekdays,
            years,
            interval,
            ..
        } = &cron.inner.expr;
        let every_date = *days == Field::DayOfMonth.all()
            && !last_day
            && *months == Field::Month.all()
            && *years == Field::Year.all();
        let fixed = !interval && seconds.len() == 1 && seconds.contains(&0);
        if !every_date || !fixed {
            return None;
        }
        let time = |hour: u16, minute: u16| {
            let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
            Time::new(hour, minute, 0, 0).ok()
        };
        let pairs = hours.iter().flat_map(|h| minutes.iter().map(|m| (*h, *m)));
        let times: Option<BTreeSet<Time>> = pairs.map(|(h, m)| time(h, m)).collect();
        let times = times.filter(|all| all.len() <= MOST_TIMES)?;
        let day = |d: &u16| u8::try_from(if *d == 0 { 7 } else { *d }).ok();
        let days: Option<BTreeSet<u8>> = weekdays.iter().map(day).collect();
        Some(Self { days: days?, times })
    }

    /// The expression that chooses them. None where there is no day or no time, and where one
    /// expression cannot name just these times: 07:30 and 16:00 are two schedules, for the hours of an
    /// expression share its minutes.
    #[must_use]
    pub fn expression(&self) -> Option<String> {
        if self.days.is_empty() || self.times.is_empty() {
            return None;
        }
        let hours: BTreeSet<i8> = self.times.iter().map(|t| t.hour()).collect();
        let minutes: BTreeSet<i8> = self.times.iter().map(|t| t.minute()).collect();
        if hours.len() * minutes.len() != self.times.len() {
            return None;
        }
        let days = match self.days.len() {
            7 => "*".to_owned(),
            _ => ranges(&self.days),
        };
        Some(format!("{} {} * * {days}", list(&minutes), list(&hours)))
    }
}

/// More times than this nobody types one by one.
const MOST_TIMES: usize = 12;

fn list(all: &BTreeSet<i8>) -> String {
    let words: Vec<String> = all.iter().map(ToString::to_string).collect();
    words.join(",")
}

/// `1-5`, `1,3,5`, `6,7`: three in a row and more are a range.
fn ranges(days: &BTreeSet<u8>) -> String {
    let mut text = String::new();
    let mut rest = days.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while let Some(next) = rest.next_if(|d| *d == last + 1) {
            last = next;
        }
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = match last - first {
            0 => write!(text, "{comma}{first}"),
            1 => write!(text, "{comma}{first},{last}"),
            _ => write!(text, "{comma}{first}-{last}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(days: &[u8], times: &[(i8, i8)]) -> Choices {
        Choices {
            days: days.iter().copied().collect(),
            times: times
                .iter()
                .map(|(h, m)| Time::constant(*h, *m, 0, 0))
                .collect(),
        }
    }

    #[test]
    fn what_is_chosen_is_written_and_read_back() {
        for (days, times, cron) in [
            (&[1, 2, 3, 4, 5][..], &[(7, 30)][..], "30 7 * * 1-5"),
            (
                &[1, 2, 3, 4, 5, 6, 7],
                &[(7, 30), (16, 30)],
                "30 7,16 * * *",
            ),
            (&[6, 7], &[(19, 0)], "0 19 * * 6,7"),
            (&[1, 3, 4, 5], &[(0, 0)], "0 0 * * 1,3-5"),
        ] {
            let chosen = choices(days, times);
            assert_eq!(chosen.expression().as_deref(), Some(cron));
            assert_eq!(Choices::of(&cron.parse().unwrap()), Some(chosen));
        }
    }

    #[test]
    fn what_is_no_choice_is_none() {
        assert_eq!(choices(&[1], &[(7, 30), (16, 0)]).expression(), None);
        assert_eq!(choices(&[], &[(7, 30)]).expression(), None);
        for more in [
            "*/5 * * * *",
            "0 7 1 * *",
            "0 7 L * *",
            "0 7 * 1 *",
            "5 0 7 * * 1",
        ] {
            assert_eq!(Choices::of(&more.parse().unwrap()), None, "{more}");
        }
        let sunday = Choices::of(&"0 7 * * sun".parse().unwrap()).unwrap();
        assert_eq!(sunday.days.into_iter().collect::<Vec<_>>(), [7]);
    }
}
