//! The seam to chance: ids, keys and jitter come from here, so that a test with a seed does the same
//! each time.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::model::{ArticleId, ShareId, TextId};

/// A source of random numbers, shared by all that need one.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// From the machine's own source.
    pub fn of_machine() -> Self {
        Self(Arc::new(Mutex::new(StdRng::from_rng(&mut rand::rng()))))
    }
    /// Always the same numbers: for tests.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }
    fn with<T>(&self, f: impl FnOnce(&mut StdRng) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
    fn ten(&self) -> [u8; 10] {
        self.with(|r| r.random())
    }
    /// 256 bits that nobody guesses: session ids, one-time links, tokens, salts.
    pub fn secret(&self) -> [u8; 32] {
        self.with(|r| r.random())
    }
    /// In 0..1.
    pub fn unit(&self) -> f64 {
        self.with(|r| r.random())
    }
    /// A new article's id.
    pub fn article(&self, now: Timestamp) -> ArticleId {
        ArticleId::new(ms(now), self.ten())
    }
    /// A new share's id.
    pub fn share(&self, now: Timestamp) -> ShareId {
        ShareId::new(ms(now), self.ten())
    }
    /// A new text's id.
    pub fn text(&self, now: Timestamp) -> TextId {
        TextId::new(ms(now), self.ten())
    }
    /// A share's key: 32 hex digits, a UUIDv7. Platforms derive from it what they need (webhook-id,
    /// TID, txnId, slug); no character of it needs escaping anywhere.
    pub fn key(&self, now: Timestamp) -> String {
        self.share(now).0.simple().to_string()
    }
}

fn ms(at: Timestamp) -> u64 {
    u64::try_from(at.as_millisecond()).unwrap_or(0)
}

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}
