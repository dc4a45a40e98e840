//! What people began to write and never sent is forgotten after a week. Only while the clock is
//! trusted: a week is counted by it.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;

use crate::clock::LONGEST_SLEEP;
use crate::office::Office;

/// The first time so long after the start, then so often: an hour more is no harm.
const EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Forgets until told to stop. `trusted`: whether the clock is known to be right.
pub async fn run(
    office: Arc<Office>,
    trusted: impl Fn() -> bool + Send,
    mut stopping: watch::Receiver<bool>,
) {
    let mut next = office.clock.since_boot() + EVERY;
    loop {
        tokio::select! {
            () = office.clock.sleep(LONGEST_SLEEP) => {}
            // An error means that nobody is left to stop us: the same.
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if office.clock.since_boot() < next || !trusted() {
            continue;
        }
        next = office.clock.since_boot() + EVERY;
        let office = office.clone();
        let forgotten = tokio::task::spawn_blocking(move || office.erase_old_unfinished()).await;
        if let Ok(Err(error)) = forgotten {
            tracing::warn!(%error, "unfinished texts were not forgotten; tried again later");
        }
    }
}
