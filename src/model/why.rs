//! Why something is as it is, for people: a kind of reason, and perhaps somebody's words.

use serde::{Deserialize, Serialize};

/// Why a share is where it is, for people. The catalogues hold the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// What kind of reason.
    pub cause: Cause,
    /// The platform's own words, a person's note, a date: already redacted.
    pub detail: Option<String>,
}

impl Why {
    /// A reason without further words.
    pub fn new(cause: Cause) -> Self {
        Self {
            cause,
            detail: None,
        }
    }
    /// A reason with the platform's or a person's words.
    pub fn with(cause: Cause, detail: impl Into<String>) -> Self {
        Self {
            cause,
            detail: Some(detail.into()),
        }
    }
}

/// The kinds of reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The channel's day is full.
    DayFull,
    /// Too soon after the one before.
    Gap,
    /// The same article or link went there lately.
    Repeat,
    /// The channel, or everything, is paused.
    Paused,
    /// Outside the channel's hours.
    Hours,
    /// Its time passed while nobody could act.
    TimePassed,
    /// Nobody did the hand task in time.
    NotDone,
    /// The daemon could not reach the platform; it tries again.
    Unreachable,
    /// The platform asked to wait.
    Throttled,
    /// The platform blocked the account for a time.
    Blocked,
    /// The platform no longer knows the credentials.
    Unauthorized,
    /// The platform refused this content.
    Refused,
    /// Too many tries, or too late.
    GaveUp,
    /// The platform did not answer, or not clearly.
    NoAnswer,
    /// Asked, and it was not there.
    NotPosted,
    /// Asked, and it cannot be told.
    CannotTell,
    /// The text changed after approval.
    Edited,
    /// An approver sent it back.
    SentBack,
    /// A person decided so.
    Person,
    /// Waits for the same article's share elsewhere, which will not come.
    Held,
    /// The channel is no longer configured.
    ChannelGone,
    /// The channel's mode changed.
    ModeChanged,
    /// The post could not be made from the article.
    Unpostable,
}
