//! An article that is shared again and again: when its next turn on a channel comes. Pure.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::article::Article;
use super::id::{ArticleId, ChannelId, ShareId, TopicId};
use super::share::{Share, State};

/// Days between two turns: whole ones, from a day to ten years. What is said more often than daily is
/// a flood, and no rule is meant for longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Every(u16);

impl Every {
    /// The longest.
    pub const MOST_DAYS: u16 = 3660;

    /// So many days.
    pub fn days(days: u16) -> Option<Self> {
        (1..=Self::MOST_DAYS).contains(&days).then_some(Self(days))
    }
    /// How many days.
    pub fn in_days(self) -> u16 {
        self.0
    }
}

/// What is no [`Every`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write days or weeks, as 30d or 4w: from 1d to {}d", Every::MOST_DAYS)]
pub struct NoEvery;

impl FromStr for Every {
    type Err = NoEvery;
    /// `30d`, `4w`, or days alone.
    fn from_str(text: &str) -> Result<Self, NoEvery> {
        let text = text.trim();
        let (number, days) = match text.strip_suffix('w') {
            Some(weeks) => (weeks, 7),
            None => (text.strip_suffix('d').unwrap_or(text), 1_u16),
        };
        let number: u16 = number.parse().map_err(|_| NoEvery)?;
        let days = number.checked_mul(days).and_then(Self::days);
        days.ok_or(NoEvery)
    }
}

impl TryFrom<String> for Every {
    type Error = NoEvery;
    fn try_from(text: String) -> Result<Self, NoEvery> {
        text.parse()
    }
}

impl From<Every> for String {
    fn from(every: Every) -> Self {
        every.to_string()
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

/// The rule by which an article comes round on each of its channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evergreen {
    /// So long after it was last shared there.
    pub every: Every,
    /// No turn after this local day of the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// So often on each channel at most, the first time and those a person asked for included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
}

/// Where an article stands with its rule on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The next share is due to be queued then, as the so-manieth.
    Due(Timestamp, u32),
    /// It was never shared there yet, or a share of it is under way.
    Waits,
    /// There is none any more.
    Over(Over),
}

/// Why there is no further turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It was taken down there.
    TakenDown,
    /// Often enough.
    AtMost,
    /// The next one would come after the last day.
    Until,
}

/// A share that went out within so long of the slot it was taken for counts from that slot: what goes
/// every Monday at half past seven does so the next time too, and not in the slot behind it because
/// sending took three seconds, or a person an hour.
const OF_ITS_SLOT: SignedDuration = SignedDuration::from_hours(24);

/// An article with a rule, on one channel that it went or goes to.
#[derive(Debug, Clone)]
pub struct Round {
    /// Which.
    pub article: Article,
    /// Where.
    pub channel: ChannelId,
    /// All shares of it there, oldest first.
    pub shares: Vec<Share>,
}

impl Round {
    /// The next turn.
    pub fn turn(&self, zone: &TimeZone) -> Turn {
        let Some(rule) = &self.article.evergreen else {
            return Turn::Waits;
        };
        turn(rule, &self.shares, zone)
    }

    /// The share that the next turn repeats: the last that is out.
    pub fn last(&self) -> Option<&Share> {
        self.shares.iter().rev().find(|s| s.count.is_some())
    }

    /// Whether the next turn says what was approved: nobody is asked for the same text again.
    pub fn is_approved(&self) -> bool {
        let version = |share: &Share| share.version(self.article.version);
        self.last().is_some_and(|s| s.approved == Some(version(s)))
    }

    /// What looking ahead needs of it; none without a rule.
    pub fn standing(&self) -> Option<Standing> {
        let is_over = |s: &&Share| s.state == State::Shared || s.state.is_final();
        let mut under_way = self.shares.iter().filter(|s| !is_over(s));
        let one = under_way.next().filter(|_| under_way.next().is_none());
        let under_way = one.and_then(|share| {
            let goes = match (share.state, share.due) {
                (State::Waiting, _) => None,
                // It has its time already.
                (State::Planned, Some(due)) => Some(since(slot(share), due)),
                // A person's turn, or the platform's: nobody can tell when.
                _ => return None,
            };
            Some(UnderWay {
                share: share.id,
                is_approved: share.approved == Some(share.version(self.article.version)),
                goes,
            })
        });
        let rule = self.article.evergreen.clone()?;
        Some(Standing {
            article: self.article.id,
            channel: self.channel.clone(),
            topic: self.article.topic.clone(),
            priority: self.article.priority,
            next: next(&self.shares),
            out: out(&self.shares),
            is_approved: self.is_approved(),
            under_way,
            rule,
        })
    }
}

/// What looking ahead needs of an article with a rule on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub article: ArticleId,
    /// Where.
    pub channel: ChannelId,
    /// Its topic.
    pub topic: Option<TopicId>,
    /// Its priority.
    pub priority: u8,
    /// By which rule it comes round.
    pub rule: Evergreen,
    next: Next,
    /// So often it is out there by now.
    pub out: u32,
    /// Whether the next turn says what was approved.
    pub is_approved: bool,
    /// The one share of it that is on its way, where it can be told when it goes.
    pub under_way: Option<UnderWay>,
}

impl Standing {
    /// The next turn.
    pub fn turn(&self, zone: &TimeZone) -> Turn {
        self.next.turn(&self.rule, self.out, zone)
    }
}

/// A share of an article with a rule that waits, or has its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// Which.
    pub share: ShareId,
    /// Whether it says what was approved.
    pub is_approved: bool,
    /// What the next turn is counted from, if it has its time.
    pub goes: Option<Timestamp>,
}

/// What the next turn is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Waits,
    TakenDown,
    From(Timestamp),
}

impl Next {
    fn turn(self, rule: &Evergreen, out: u32, zone: &TimeZone) -> Turn {
        match self {
            Next::Waits => Turn::Waits,
            Next::TakenDown => Turn::Over(Over::TakenDown),
            Next::From(from) => after(rule, from, out, zone),
        }
    }
}

/// The next turn, by all shares of the article on the channel, oldest first. A turn that a person
/// cancelled is left out: the next one is counted from then.
pub fn turn(rule: &Evergreen, shares: &[Share], zone: &TimeZone) -> Turn {
    next(shares).turn(rule, out(shares), zone)
}

/// How many of them are out.
fn out(shares: &[Share]) -> u32 {
    let out = shares.iter().filter(|s| s.count.is_some());
    u32::try_from(out.count()).unwrap_or(u32::MAX)
}

fn next(shares: &[Share]) -> Next {
    let under_way = |s: &&Share| !matches!(s.state, State::Shared) && !s.state.is_final();
    if shares.iter().any(|s| under_way(&s)) {
        return Next::Waits;
    }
    let out = shares
        .iter()
        .filter_map(|s| Some((s.count.as_ref()?.at, s)));
    let Some((last, newest)) = out.max_by_key(|(at, s)| (*at, s.entry)) else {
        return Next::Waits;
    };
    if newest.state == State::Removed {
        return Next::TakenDown;
    }
    let left_out = shares.iter().filter(|s| s.state == State::Cancelled);
    let left_out = left_out.map(|s| s.changed).max();
    Next::From(match left_out.filter(|at| *at > last) {
        Some(at) => at,
        None => since(slot(newest), last),
    })
}

/// The turn after one that counts from `from`, when `so_far` are out.
pub(super) fn after(rule: &Evergreen, from: Timestamp, so_far: u32, zone: &TimeZone) -> Turn {
    if rule.at_most.is_some_and(|most| so_far >= most) {
        return Turn::Over(Over::AtMost);
    }
    // Days of the calendar, so that it stays at its hour where clocks are put forward and back.
    let days = i64::from(rule.every.in_days()).days();
    let due = zone.to_datetime(from).checked_add(days);
    let due = due.and_then(|due| zone.to_timestamp(due));
    let due = due.unwrap_or(Timestamp::MAX);
    let past = |until: Date| zone.to_datetime(due).date() > until;
    if rule.until.is_some_and(past) {
        return Turn::Over(Over::Until);
    }
    Turn::Due(due, so_far.saturating_add(1))
}

/// The slot that a share was taken for: its firing's instant, or the time a person gave it.
fn slot(share: &Share) -> Option<Timestamp> {
    share.firing.as_ref().map(|f| f.instant).or(share.at)
}

/// What the next turn is counted from, when this one went out `at`.
pub(super) fn since(slot: Option<Timestamp>, at: Timestamp) -> Timestamp {
    let of_it = |slot: &Timestamp| *slot <= at && at.duration_since(*slot) < OF_ITS_SLOT;
    slot.filter(of_it).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_in_a_few_ways() {
        for (text, days) in [("30d", 30), (" 4w ", 28), ("1", 1), ("3660d", 3660)] {
            assert_eq!(
                text.parse::<Every>().map(Every::in_days),
                Ok(days),
                "{text}"
            );
        }
        for text in ["", "0d", "3661d", "1m", "-1d", "1.5d", "9999w", "d"] {
            assert_eq!(text.parse::<Every>(), Err(NoEvery), "{text}");
        }
        let rule = Evergreen {
            every: Every::days(30).unwrap(),
            until: None,
            at_most: None,
        };
        let written = serde_json::to_string(&rule).unwrap();
        assert_eq!(written, r#"{"every":"30d"}"#);
        assert_eq!(serde_json::from_str::<Evergreen>(&written).unwrap(), rule);
    }
}
