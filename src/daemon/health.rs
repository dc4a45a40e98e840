//! What others may ask about the daemon. It must never say ok while nothing goes out.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::trust::Doubt;

/// The daemon's pulse.
#[derive(Debug, Default)]
pub struct Health(Mutex<Pulse>);

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
    pub(crate) fn change(&self, f: impl FnOnce(&mut Pulse)) {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
