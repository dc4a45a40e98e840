//! When a schedule fires: days and times for who writes no expressions, the expression under "More"; in
//! words, and with its next instants, before it is saved.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use super::super::Faces;
use super::super::fields::Fields;
use super::super::schedules::in_words;
use super::super::show::{Show, When};
use super::super::visitor::Visitor;
use crate::config::read_cron;
use crate::cron::{Choices, Cron};
use crate::office::OfficeError;

/// Instants shown before saving.
const SHOWN: usize = 10;

/// The part of the form that says when.
pub(super) struct Times {
    /// 1 Monday … 7 Sunday: number, word, ticked.
    pub(super) days: Vec<(u8, &'static str, bool)>,
    /// `07:30, 16:30`.
    pub(super) times: String,
    /// The expression.
    pub(super) cron: String,
    /// As it was when the form was made: whoever typed another means that one.
    pub(super) was: String,
    pub(super) times_error: Option<String>,
    pub(super) cron_error: Option<String>,
}

/// What it means.
pub(super) struct Meaning {
    pub(super) says: String,
    pub(super) next: Vec<When>,
    pub(super) error: Option<String>,
}

impl Times {
    /// Of an expression.
    pub(super) fn of(visitor: &Visitor, cron: &str) -> Self {
        let chosen = cron.parse::<Cron>().ok().and_then(|c| Choices::of(&c));
        let chosen = chosen.unwrap_or_default();
        let times: Vec<String> = chosen.times.iter().map(|t| visitor.lang.time(*t)).collect();
        Self {
            days: days(visitor, |d| chosen.days.contains(&d)),
            times: times.join(", "),
            cron: cron.to_owned(),
            was: cron.to_owned(),
            times_error: None,
            cron_error: None,
        }
    }

    /// As a form brought it, with the expression it comes to.
    pub(super) fn typed(visitor: &Visitor, fields: &Fields) -> Self {
        let ticked = |d: u8| fields.all("day").any(|v| v.parse() == Ok(d));
        let (cron, was) = (fields.text("cron").trim(), fields.text("cron-was").trim());
        let mut typed = Self {
            days: days(visitor, ticked),
            times: fields.text("times").trim().to_owned(),
            cron: cron.to_owned(),
            was: was.to_owned(),
            times_error: None,
            cron_error: None,
        };
        if cron != was {
            return Self::of(visitor, cron);
        }
        let chosen = typed.days.iter().filter(|d| d.2).map(|d| d.0);
        let choices = Choices {
            days: chosen.collect(),
            times: Default::default(),
        };
        if choices.days.is_empty() && typed.times.is_empty() {
            return typed;
        }
        match choose(choices, &typed.times) {
            Ok(cron) => {
                typed.was.clone_from(&cron);
                typed.cron = cron;
            }
            Err(key) => typed.times_error = Some(visitor.lang.text(key).to_owned()),
        }
        typed
    }

    /// In words, with its next instants.
    pub(super) fn meaning(
        &self,
        faces: &Faces,
        visitor: &Visitor,
        zone: &str,
    ) -> Result<Meaning, OfficeError> {
        let show = Show::new(faces, visitor)?;
        let mut meaning = Meaning {
            says: String::new(),
            next: Vec::new(),
            error: self.times_error.clone(),
        };
        if meaning.error.is_some() || self.cron.is_empty() {
            return Ok(meaning);
        }
        match read_cron(&self.cron, visitor.lang) {
            Ok(cron) => {
                let zone = TimeZone::get(zone.trim()).unwrap_or_else(|_| show.zone.clone());
                meaning.says = in_words(visitor.lang, &cron, &zone);
                let next = cron.after(&zone, show.now).take(SHOWN);
                meaning.next = next.map(|at| show.when(at)).collect();
            }
            Err(why) => meaning.error = Some(why),
        }
        Ok(meaning)
    }
}

fn days(visitor: &Visitor, ticked: impl Fn(u8) -> bool) -> Vec<(u8, &'static str, bool)> {
    let word = |d: u8| visitor.lang.look("weekday-short", &d.to_string());
    (1..=7).map(|d| (d, word(d), ticked(d))).collect()
}

/// The expression, or the words for why there is none.
fn choose(mut choices: Choices, times: &str) -> Result<String, &'static str> {
    for word in times.split([',', ';', ' ']).filter(|w| !w.is_empty()) {
        let time = time(word).ok_or("settings.bad-times")?;
        choices.times.insert(time);
    }
    if choices.times.is_empty() {
        return Err("settings.no-times");
    }
    if choices.days.is_empty() {
        return Err("settings.no-days");
    }
    choices.expression().ok_or("settings.mixed-minutes")
}

/// `7:30`, `07h30`, `7h`.
fn time(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once([':', 'h', 'g'])?;
    let number = |text: &str| match text {
        "" => Some(0),
        text if text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    };
    if hour.is_empty() {
        return None;
    }
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_as_people_write_them() {
        let days = || Choices {
            days: (1..=5).collect(),
            times: Default::default(),
        };
        for text in ["7:30", "07h30", "7g30"] {
            assert_eq!(
                choose(days(), text).as_deref(),
                Ok("30 7 * * 1-5"),
                "{text}"
            );
        }
        assert_eq!(choose(days(), "7h, 16h").as_deref(), Ok("0 7,16 * * 1-5"));
        assert_eq!(choose(days(), "7:30 16:00"), Err("settings.mixed-minutes"));
        assert_eq!(choose(days(), "25:00"), Err("settings.bad-times"));
        assert_eq!(choose(days(), ""), Err("settings.no-times"));
        assert_eq!(choose(Choices::default(), "7:30"), Err("settings.no-days"));
    }
}
