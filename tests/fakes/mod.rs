//! Fake platforms on loopback that keep their own truth: what was really taken, whatever was answered.
//! They reject what the real ones reject, by the lists written here and, where `RAOTIN_SPECS` names the
//! folder of published specifications, by those too. Each runs on a thread of its own, so that plain
//! tests, async tests, benchmarks and tests that kill the daemon can all use them.
//!
//! In a benchmark: `#[path = "../tests/fakes/mod.rs"] mod fakes;`
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "every test uses another part of it"
)]

pub mod bluesky;
pub mod desk;
pub mod facebook;
pub mod failure;
pub mod form;
pub mod lexicon;
pub mod mastodon;
pub mod matrix;
pub mod photo;
pub mod place;
pub mod server;
pub mod spec;
pub mod telegram;
pub mod webhook;
pub mod wordpress;

use std::sync::Mutex;

use jiff::Timestamp;

pub use failure::Failure;

/// One post that a fake really has.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The fake's own id.
    pub id: String,
    /// The sender's key, where the platform knows keys.
    pub key: Option<String>,
    pub text: String,
    pub link: Option<String>,
    pub pictures: usize,
    /// By the fake's clock.
    pub at: Timestamp,
    /// The request, as the fake understood it.
    pub raw: serde_json::Value,
}

/// A mutex that outlives a panicking test thread.
pub struct Kept<T>(Mutex<T>);

impl<T> Kept<T> {
    pub fn new(value: T) -> Self {
        Kept(Mutex::new(value))
    }
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut held = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        f(&mut held)
    }
}
