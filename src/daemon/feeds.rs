//! Feeds are looked at when they are due, several at once, each host one at a time (the fetcher sees to
//! that). Only while the clock is trusted: an article's day, and the caps of a day, are counted by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::{self, JoinSet};
use url::Url;

use crate::clock::LONGEST_SLEEP;
use crate::config::{Config, ConfiguredFeed};
use crate::model::FeedId;
use crate::office::Office;
use crate::office::feeds::polled::Polled;

/// Looks under way at once: each holds a body of some MiB at most, and most wait for a slow site. Of one
/// host only one is: the others would only wait for it, and keep those of other hosts waiting.
pub const AT_ONCE: usize = 8;
/// New feeds, and those of a rebuilt index, are looked at first within so long for each that there is:
/// a hundred of them do not come in one second.
const FIRST_WITHIN: SignedDuration = SignedDuration::from_millis(200);

/// One look under way.
struct Look {
    task: task::Id,
    feed: Arc<ConfiguredFeed>,
    host: String,
}

/// Looks at feeds until told to stop. `trusted`: whether the clock is known to be right.
pub async fn run(
    office: Arc<Office>,
    trusted: impl Fn() -> bool + Send,
    mut stopping: watch::Receiver<bool>,
) {
    let mut due: BTreeMap<FeedId, Timestamp> = BTreeMap::new();
    let mut looks: JoinSet<bool> = JoinSet::new();
    let mut under_way: Vec<Look> = Vec::new();
    let mut last_config = office.config();
    loop {
        tokio::select! {
            () = office.clock.sleep(LONGEST_SLEEP) => {}
            Some(done) = looks.join_next_with_id(), if !looks.is_empty() => {
                let (task, remembered) = done.unwrap_or_else(|error| {
                    tracing::error!(%error, "a look at a feed broke off");
                    (error.id(), false)
                });
                if let Some(at) = under_way.iter().position(|look| look.task == task) {
                    let Look { feed, .. } = under_way.swap_remove(at);
                    due.remove(&feed.id);
                    if !remembered {
                        // Not at once: a full disk here is no reason to ask a site every second.
                        due.insert(feed.id.clone(), office.clock.now() + feed.every);
                    }
                }
            }
            // An error means that nobody is left to stop us: the same. What is under way is asked
            // for again at the next start.
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if !trusted() {
            continue;
        }
        let config = office.config();
        if !Arc::ptr_eq(&config, &last_config) {
            // Other addresses, other wishes: looked at anew.
            due.clear();
            last_config = config.clone();
        }
        let now = office.clock.now();
        for feed in config.feeds.iter().filter(|f| f.enabled) {
            if looks.len() >= AT_ONCE {
                break;
            }
            let host = host(feed);
            let busy = |look: &Look| look.feed.id == feed.id || look.host == host;
            if under_way.iter().any(busy) || !is_due(&office, &config, feed, now, &mut due) {
                continue;
            }
            let feed = feed.clone();
            let looked_at = feed.clone();
            let (office, config) = (office.clone(), config.clone());
            let task = looks.spawn(async move { look(&office, &config, &looked_at).await });
            under_way.push(Look {
                task: task.id(),
                feed,
                host,
            });
        }
    }
}

fn host(feed: &ConfiguredFeed) -> String {
    let url = Url::parse(&feed.url).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// Whether it is time. What is remembered is read once a look, not once a second.
fn is_due(
    office: &Office,
    config: &Config,
    feed: &ConfiguredFeed,
    now: Timestamp,
    due: &mut BTreeMap<FeedId, Timestamp>,
) -> bool {
    let read = || match Polled::of(&*office.store, &feed.id) {
        Ok(polled) if polled.stopped && polled.is_about(feed) => Timestamp::MAX,
        Ok(polled) if polled.is_about(feed) => polled.next.unwrap_or(now),
        Ok(_) => {
            let feeds = i32::try_from(config.feeds.len()).unwrap_or(i32::MAX);
            now + (FIRST_WITHIN * feeds).mul_f64(office.chance.unit())
        }
        Err(error) => {
            tracing::warn!(%error, feed = %feed.id, "what is known of a feed cannot be read");
            now + feed.every
        }
    };
    let known = due.get(&feed.id).copied();
    let when = known.unwrap_or_else(|| {
        let when = read();
        due.insert(feed.id.clone(), when);
        when
    });
    if when > now {
        return false;
    }
    if known.is_none() {
        return true;
    }
    // Somebody may have looked meanwhile.
    match Polled::of(&*office.store, &feed.id).map(|p| p.next) {
        Ok(Some(next)) if next > now && Some(next) != known => {
            due.insert(feed.id.clone(), next);
            false
        }
        _ => true,
    }
}

/// Whether it is remembered how it went, and when to come again.
async fn look(office: &Office, config: &Config, feed: &ConfiguredFeed) -> bool {
    match office.poll(config, feed).await {
        Ok(looked) => {
            let (added, edited) = (looked.taken.added.len(), looked.taken.edited.len());
            if added + edited > 0 {
                tracing::info!(feed = %feed.id, added, edited, "a feed brought articles");
            }
            true
        }
        Err(error) => {
            tracing::warn!(feed = %feed.id, %error, "a feed could not be looked at");
            false
        }
    }
}
