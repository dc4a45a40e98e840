//! What others may ask about the daemon. It must never say ok while nothing goes out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::model::ChannelId;
use crate::platform::{Finding, SendError};

use super::trust::Doubt;

/// The daemon's pulse, and what channels said when they were asked last.
#[derive(Debug, Default)]
pub struct Health(Mutex<Pulse>, Mutex<BTreeMap<ChannelId, Checked>>);

/// What a channel's platform said of our way in.
#[derive(Debug, Clone)]
pub struct Checked {
    /// When it was asked.
    pub at: Timestamp,
    /// What it found; or why there was no answer.
    pub found: Result<Vec<Finding>, Arc<SendError>>,
}

/// What it shows.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    /// The planner last looked at the schedules.
    pub last_tick: Option<Timestamp>,
    /// Why planner and dispatcher hold: the clock cannot be right.
    pub clock_doubt: Option<Doubt>,
    /// Shares on the wire, or between an attempt and its outcome.
    pub sending: usize,
    /// The oldest due of a lane that should be sending and is not held by a rule.
    pub oldest_due: Option<Timestamp>,
    /// Shares sent since the start.
    pub sent: u64,
    /// Attempts that came to nothing since the start.
    pub not_sent: u64,
    /// Attempts in doubt since the start.
    pub doubted: u64,
}

impl Health {
    /// A copy of what it shows now.
    pub fn pulse(&self) -> Pulse {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
    /// What this channel said when it was asked last.
    pub fn check_of(&self, channel: &ChannelId) -> Option<Checked> {
        let all = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(channel).cloned()
    }
    /// Keeps what a channel said.
    pub fn checked(&self, channel: ChannelId, said: Checked) {
        let mut all = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(channel, said);
    }
    /// Forgets what others said: they are configured otherwise by now.
    pub(crate) fn forget(&self, keeps: impl Fn(&ChannelId) -> bool) {
        let mut all = self.1.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|id, _| keeps(id));
    }
    pub(crate) fn change(&self, f: impl FnOnce(&mut Pulse)) {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
