//! Pictures that nothing needs any more go now and then (RULES 7). Only while the clock is trusted:
//! a week is counted by it.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;

use crate::clock::{Clock, LONGEST_SLEEP};
use crate::store::media::collect::Collector;

/// The first time so long after the start: what is due goes out first.
const FIRST_AFTER: SignedDuration = SignedDuration::from_mins(10);
/// Then so often. What may go has lain there for a week: a day more is no harm.
const EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Collects until told to stop. `trusted`: whether the clock is known to be right.
pub async fn run(
    collector: Arc<Collector>,
    clock: Arc<dyn Clock>,
    trusted: impl Fn() -> bool + Send,
    mut stopping: watch::Receiver<bool>,
) {
    let mut next = clock.since_boot() + FIRST_AFTER;
    loop {
        tokio::select! {
            () = clock.sleep(LONGEST_SLEEP) => {}
            // An error means that nobody is left to stop us: the same.
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if clock.since_boot() < next || !trusted() {
            continue;
        }
        next = clock.since_boot() + EVERY;
        collect(&collector, &*clock).await;
    }
}

async fn collect(collector: &Arc<Collector>, clock: &dyn Clock) {
    let (collector, now) = (collector.clone(), clock.now());
    match tokio::task::spawn_blocking(move || collector.collect(now)).await {
        Ok(Ok(gone)) if gone.is_empty() => {}
        Ok(Ok(gone)) => tracing::info!(
            pictures = gone.len(),
            "pictures went that nothing had named for a week"
        ),
        Ok(Err(error)) => tracing::warn!(%error, "pictures were not collected; tried again later"),
        Err(error) => tracing::error!(%error, "collecting pictures broke off"),
    }
}
