//! What is to be said on somebody's next page: what was done, and what she should know. It lives in
//! memory, for a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::model::ShareId;

/// One that was not read by then is about something else by now.
const LIVES: SignedDuration = SignedDuration::from_secs(60);
/// More are not kept: somebody who sends forms and reads no page.
const MOST: usize = 1_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flash {
    /// For people.
    pub(super) text: String,
    /// A confirmation by hand that can be taken back for a minute.
    pub(super) undo: Option<ShareId>,
}

impl Flash {
    /// A line without more.
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            undo: None,
        }
    }
}

/// By the session's token.
#[derive(Debug, Default)]
pub(super) struct Flashes(Mutex<HashMap<String, (Timestamp, Vec<Flash>)>>);

impl Flashes {
    /// To be said on this session's next page.
    pub(super) fn put(&self, session: &str, now: Timestamp, flashes: Vec<Flash>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, (at, _)| now.duration_since(*at) <= LIVES);
        if all.len() < MOST && !flashes.is_empty() {
            let (at, lines) = all.entry(session.to_owned()).or_insert((now, Vec::new()));
            *at = now;
            lines.extend(flashes);
        }
    }

    /// What is to be said now; once.
    pub(super) fn take(&self, session: &str, now: Timestamp) -> Vec<Flash> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.remove(session) {
            Some((at, lines)) if now.duration_since(at) <= LIVES => lines,
            _ => Vec::new(),
        }
    }
}
