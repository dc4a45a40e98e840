//! What a platform's API gives instead of a result.

use serde::de::DeserializeOwned;

use super::SendError;
use super::http::{Answer, Silence};

/// What came instead of a result. `E` is the error in the platform's own words, for the few places that
/// ask which it was.
#[derive(Debug)]
pub(super) enum Fault<E> {
    /// Nothing came.
    Silence(Silence),
    /// No 2xx: what was said, and what it means.
    Said { error: E, outcome: SendError },
    /// 2xx, but not readable as a success.
    Unreadable(String),
    /// Known before anything was asked.
    Known(SendError),
}

impl<E> Fault<E> {
    /// For the request that shows something.
    pub(super) fn outcome(self) -> SendError {
        match self {
            Fault::Silence(silence) => silence.outcome(),
            Fault::Said { outcome, .. } => outcome,
            Fault::Unreadable(reason) => SendError::Unsure {
                reason,
                ask_now: false,
            },
            Fault::Known(error) => error,
        }
    }

    /// For a request that shows nothing.
    pub(super) fn harmless(self) -> SendError {
        self.outcome().harmless()
    }

    /// What was said.
    pub(super) fn said(&self) -> Option<&E> {
        match self {
            Fault::Said { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// A success as what it should be. `who` answers, in words.
pub(super) fn read<T: DeserializeOwned, E>(answer: &Answer, who: &str) -> Result<T, Fault<E>> {
    let unreadable = |why| format!("{who} answers {}, but {why}", answer.status);
    answer
        .json()
        .map_err(|why| Fault::Unreadable(unreadable(why)))
}
