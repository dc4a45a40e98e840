//! The words for where a share is, and for how it went out.

use serde::{Deserialize, Serialize};

/// Where a share is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for approval.
    Submitted,
    /// Stands in its channel's queue.
    Waiting,
    /// Has a time.
    Planned,
    /// An attempt is on disk; the request may have left.
    Sending,
    /// May have arrived; nobody resends until the platform has been asked.
    Unsure,
    /// A person has the task.
    ByHand,
    /// Out, with proof; counted once.
    Shared,
    /// Certainly not sent, and no further try by itself.
    Failed,
    /// Its time passed.
    Missed,
    /// Taken back before it went out.
    Cancelled,
    /// Taken down after it went out; stays counted.
    Removed,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [State; 12] = [
        State::Draft,
        State::Submitted,
        State::Waiting,
        State::Planned,
        State::Sending,
        State::Unsure,
        State::ByHand,
        State::Shared,
        State::Failed,
        State::Missed,
        State::Cancelled,
        State::Removed,
    ];

    /// The word used in the API and by `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Waiting => "waiting",
            State::Planned => "planned",
            State::Sending => "sending",
            State::Unsure => "unsure",
            State::ByHand => "by-hand",
            State::Shared => "shared",
            State::Failed => "failed",
            State::Missed => "missed",
            State::Cancelled => "cancelled",
            State::Removed => "removed",
        }
    }

    /// Nothing can follow.
    pub fn is_final(self) -> bool {
        matches!(self, State::Cancelled | State::Removed)
    }

    /// Stands against a repeat: it is out, may be out, or is about to go (RULES 2 Repeat).
    pub fn stands_against_repeat(self) -> bool {
        use State::*;
        matches!(self, Planned | Sending | Unsure | ByHand | Shared)
    }
}

/// How a counted share went out. `log` enters no total unless asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// By the daemon.
    Auto,
    /// By a person.
    ByHand,
    /// Before this program, brought in from a list.
    BackFilled,
    /// Nowhere: a trial.
    Log,
}

impl How {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            How::Auto => "auto",
            How::ByHand => "by-hand",
            How::BackFilled => "back-filled",
            How::Log => "log",
        }
    }
}
