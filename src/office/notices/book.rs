//! The private files of notices: addresses are people's own, and may have to be erased.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::config::Secret;
use crate::model::MemberId;
use crate::platform::letter::Address;

/// Where and when each wants to be told.
pub(super) const WISHES: &str = "notices.json";
/// What each was told.
pub(super) const TOLD: &str = "notices-told.json";

/// [`WISHES`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Wishes {
    #[serde(default)]
    pub(super) members: BTreeMap<MemberId, Wish>,
}

/// One member's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Wish {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<KeptAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quiet: Option<Quiet>,
    /// What she is to write to the bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<Code>,
}

/// An [`Address`], as the file holds it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KeptAddress {
    Telegram { chat: String },
    Webhook { url: String, secret: String },
}

impl fmt::Debug for KeptAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeptAddress::Telegram { .. } => "Telegram(…)",
            KeptAddress::Webhook { .. } => "Webhook(…)",
        })
    }
}

impl KeptAddress {
    /// As it is used; none if the file holds what is no address.
    pub(super) fn address(&self) -> Option<Address> {
        Some(match self {
            KeptAddress::Telegram { chat } => Address::Telegram { chat: chat.clone() },
            KeptAddress::Webhook { url, secret } => Address::Webhook {
                url: url.parse().ok()?,
                secret: Secret::new(secret.clone()),
            },
        })
    }
}

/// A code that finds her chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Code {
    pub(super) code: String,
    pub(super) until: Timestamp,
}

/// When nothing is told, in the office's time: `22:00-06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// The first quiet minute.
    pub from: Time,
    /// The first minute that is loud again.
    pub until: Time,
}

impl Quiet {
    /// Whether it is quiet at this time of the day.
    pub fn holds(self, time: Time) -> bool {
        if self.from < self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        }
    }
}

/// No stretch of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("quiet hours are written 22:00-06:00")]
pub struct NotQuiet;

impl FromStr for Quiet {
    type Err = NotQuiet;
    fn from_str(text: &str) -> Result<Self, NotQuiet> {
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| NotQuiet);
        let (from, until) = text.split_once(['-', '–']).ok_or(NotQuiet)?;
        let (from, until) = (time(from)?, time(until)?);
        (from != until)
            .then_some(Quiet { from, until })
            .ok_or(NotQuiet)
    }
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        write!(
            f,
            "{:02}:{:02}-{:02}:{:02}",
            from.hour(),
            from.minute(),
            until.hour(),
            until.minute()
        )
    }
}

impl Serialize for Quiet {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quiet {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// [`TOLD`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ToldBook {
    #[serde(default)]
    pub(super) members: BTreeMap<MemberId, ToldMember>,
}

/// What one member was told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ToldMember {
    /// By task: see `due::Task::key`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tasks: BTreeMap<String, Told>,
    /// When a letter last arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<Timestamp>,
    /// Why the last one did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trouble: Option<KeptTrouble>,
}

/// Of one task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// That it opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opened: Option<Timestamp>,
    /// That it is missed within the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ending: Option<Timestamp>,
}

/// Why a letter did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptTrouble {
    pub(super) at: Timestamp,
    /// `notice-trouble.CODE` in the catalogues.
    pub(super) code: String,
    /// Their own words.
    pub(super) reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight() {
        let quiet: Quiet = "22:00-06:30".parse().expect("quiet hours");
        let at = |hour, minute| Time::constant(hour, minute, 0, 0);
        for (time, holds) in [
            (at(22, 0), true),
            (at(23, 59), true),
            (at(0, 0), true),
            (at(6, 29), true),
            (at(6, 30), false),
            (at(12, 0), false),
        ] {
            assert_eq!(quiet.holds(time), holds, "{time}");
        }
        assert_eq!(quiet.to_string(), "22:00-06:30");
        let noon: Quiet = "12:00–13:00".parse().expect("quiet hours");
        assert!(noon.holds(at(12, 30)) && !noon.holds(at(13, 0)));
        for bad in ["", "22:00", "22:00-22:00", "25:00-06:00", "đêm"] {
            assert!(bad.parse::<Quiet>().is_err(), "{bad}");
        }
    }
}
