//! The rule by which an article comes round again, as forms hold it.

use jiff::civil::Date;

use super::fields::Fields;
use super::show::{Show, When};
use crate::model::evergreen::Turn;
use crate::model::{ChannelId, Evergreen};
use crate::office::evergreen::Rule;
use crate::office::{Invalid, OfficeError};

/// As it was typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// Days.
    pub(super) every: String,
    /// Last day.
    pub(super) until: String,
    /// How often.
    pub(super) at_most: String,
}

impl Typed {
    pub(super) fn of(fields: &Fields) -> Self {
        let text = |name| fields.text(name).trim().to_owned();
        Self {
            every: text("every"),
            until: text("until"),
            at_most: text("at_most"),
        }
    }

    pub(super) fn of_rule(rule: Option<&Evergreen>) -> Self {
        let Some(rule) = rule else {
            return Self::default();
        };
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            every: rule.every.in_days().to_string(),
            until: text(rule.until.map(|day| day.to_string())),
            at_most: text(rule.at_most.map(|n| n.to_string())),
        }
    }

    /// Nothing was typed.
    pub(super) fn is_empty(&self) -> bool {
        self.every.is_empty() && self.until.is_empty() && self.at_most.is_empty()
    }

    /// What is asked for.
    pub(super) fn rule(&self) -> Result<Rule, OfficeError> {
        let wrong = |field, what| OfficeError::Invalid { field, what };
        let until = match self.until.as_str() {
            "" => None,
            typed => {
                let no_day = || wrong("until", Invalid::NoDay(typed.to_owned()));
                Some(day(typed).ok_or_else(no_day)?)
            }
        };
        let at_most = match self.at_most.as_str() {
            "" => None,
            typed => {
                let none = |_| wrong("at_most", Invalid::AtMost(typed.to_owned()));
                Some(typed.parse().map_err(none)?)
            }
        };
        Ok(Rule {
            every: self.every.clone(),
            until,
            at_most,
        })
    }
}

/// As browsers send it, or, where they know no field for days, as people write it.
fn day(typed: &str) -> Option<Date> {
    typed.parse().ok().or_else(|| {
        let mut parts = typed.splitn(3, '/').map(str::trim);
        let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
    })
}

/// Where an article comes round next: the channel's title, and when or why not.
pub(super) struct Next {
    pub(super) channel: String,
    pub(super) when: Option<When>,
    pub(super) why: String,
}

/// On each channel.
pub(super) fn next(show: &Show<'_>, turns: Vec<(ChannelId, Turn)>) -> Vec<Next> {
    let lang = show.lang;
    let next = turns.into_iter().map(|(channel, turn)| {
        let (when, why) = match turn {
            Turn::Due(at, _) => (Some(show.when(at)), String::new()),
            Turn::Waits => (None, lang.text("evergreen.waits").to_owned()),
            Turn::Over(over) => (None, lang.over(over).to_owned()),
        };
        Next {
            channel: show.channel(&channel),
            when,
            why,
        }
    });
    next.collect()
}
