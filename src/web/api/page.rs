//! Pages of a list, by an opaque cursor.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::problem::Fault;
use crate::office::search::Reached;

/// So many on a page if not said otherwise.
const DEFAULT: usize = 50;

/// What of a list is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct PageAsk {
    pub(super) after: Option<String>,
    pub(super) limit: Option<usize>,
}

impl PageAsk {
    /// At most so many.
    pub(super) fn limit(&self) -> usize {
        self.limit
            .unwrap_or(DEFAULT)
            .clamp(1, crate::office::lookups::MOST_A_PAGE)
    }
    /// Behind this one.
    pub(super) fn after(&self) -> Result<Option<Uuid>, Fault> {
        let Some(cursor) = &self.after else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let id = bytes.and_then(|b| Uuid::from_slice(&b).ok());
        id.map(Some).ok_or(Fault::Cursor)
    }
}

/// As [`PageAsk::after`] reads it.
pub(super) fn cursor(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// One page.
#[derive(Debug, Serialize, Deserialize)]
pub struct Page<T> {
    /// What stands on it.
    pub items: Vec<T>,
    /// Cursor of the next one, if there is one.
    pub next: Option<String>,
    /// A search ended before the page was full: how far back it looked. It can go on from `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<String>,
}

impl<T> Page<T> {
    /// A page that was asked for with this limit; `last` is its last one.
    pub(super) fn new(items: Vec<T>, limit: usize, last: Option<Uuid>) -> Self {
        let full = items.len() >= limit;
        let next = last.filter(|_| full).map(cursor);
        Self {
            items,
            next,
            reached: None,
        }
    }

    /// What a search found; `next` goes on.
    pub(super) fn found(items: Vec<T>, next: Option<String>, reached: Option<Reached>) -> Self {
        let reached = reached.map(|reached| match reached {
            Reached::Day(day) => day.to_string(),
            Reached::Added(at) => at.to_string(),
        });
        Self {
            items,
            next,
            reached,
        }
    }
}
