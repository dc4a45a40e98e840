//! Channels are asked now and then whether they would take a post: a token that ends in two days is
//! told before the morning on which nothing goes out. Nothing is posted by it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;

use super::Connect;
use super::health::{Checked, Health};
use crate::clock::{Clock, LONGEST_SLEEP};
use crate::config::{Config, ConfiguredChannel};
use crate::model::{ChannelId, Mode};
use crate::platform::{Finding, SendError};
use crate::store::Store;

/// The first time so long after the start, or after a channel is new: what is due goes out first.
const FIRST_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Then so often: four times a day uses up nobody's limits, and tells before the next morning.
const EVERY: SignedDuration = SignedDuration::from_hours(6);
/// After a check that got no answer.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(30);
/// An answer that takes longer is none.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What is asked with.
pub struct Asking {
    /// How channels are reached.
    pub connect: Arc<dyn Connect>,
    /// Where a channel moved to.
    pub store: Arc<dyn Store>,
    /// What is configured.
    pub config: watch::Receiver<Arc<Config>>,
    /// Where the answers are kept.
    pub health: Arc<Health>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

/// When a channel is asked next, and as what it was configured then.
struct Turn {
    channel: Arc<ConfiguredChannel>,
    next: SignedDuration,
}

/// Asks until told to stop.
pub async fn run(asking: Asking, mut stopping: watch::Receiver<bool>) {
    let mut turns: BTreeMap<ChannelId, Turn> = BTreeMap::new();
    loop {
        tokio::select! {
            () = asking.clock.sleep(LONGEST_SLEEP) => {}
            // An error means that nobody is left to stop us: the same.
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let config = asking.config.borrow().clone();
        let now = asking.clock.since_boot();
        let asked =
            |c: &&Arc<ConfiguredChannel>| c.rules.mode == Mode::Post && c.rules.platform.has_api();
        let channels: Vec<_> = config.channels.iter().filter(asked).collect();
        turns.retain(|id, turn| {
            channels
                .iter()
                .any(|c| c.rules.id == *id && **c == turn.channel)
        });
        asking.health.forget(|id| turns.contains_key(id));
        for channel in channels {
            let new = || Turn {
                channel: channel.clone(),
                next: now + FIRST_AFTER,
            };
            turns.entry(channel.rules.id.clone()).or_insert_with(new);
        }
        // One at a time: it is never urgent.
        let Some((id, turn)) = turns.iter_mut().find(|(_, turn)| turn.next <= now) else {
            continue;
        };
        let found = tokio::select! {
            found = ask(&asking, &turn.channel) => found,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let again = if matches!(&found, Some(Ok(_)) | None) {
            EVERY
        } else {
            AGAIN_AFTER
        };
        turn.next = asking.clock.since_boot() + again;
        if let Some(found) = found {
            let at = asking.clock.now();
            asking.health.checked(
                id.clone(),
                Checked {
                    at,
                    found: found.map_err(Arc::new),
                },
            );
        }
    }
}

/// None where there is nothing to ask.
async fn ask(
    asking: &Asking,
    channel: &ConfiguredChannel,
) -> Option<Result<Vec<Finding>, SendError>> {
    let target = match asking.store.channel(&channel.rules.id) {
        Ok(state) => state.and_then(|c| c.target),
        Err(error) => {
            tracing::warn!(%error, "a channel is not asked");
            return None;
        }
    };
    let platform = asking.connect.connect(channel, target.as_deref())?;
    // Later is soon enough.
    tokio::time::timeout(ANSWER_WITHIN, platform.check())
        .await
        .ok()
}
