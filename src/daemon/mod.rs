//! The daemon: plans what is due, sends it, settles what is in doubt, hands over what people do.
//!
//! - `planner`: schedules → firings, hand tasks that were not done, the hourly tick
//! - `evergreen`: articles that a rule shares again and again
//! - `dispatcher`: which channel has something due; one lane per channel, many at once, bounded
//! - `lane`: one channel's shares in order, through the gate
//! - `send`: one attempt: compose, prepare, attempt on disk, send part by part, what came of it
//! - `settle`: doubtful shares: the platform is asked before anybody resends
//! - `removal`: take-downs
//! - `checking`: whether channels would take a post, asked now and then
//! - `notices`: members are told of their tasks
//! - `collecting`: pictures that nothing needs any more
//! - `feeds`: feeds are looked at when they are due
//! - `forgetting`: what people began to write and never sent
//! - `platforms`: the platforms behind the channels
//! - `trust`: whether the clock can be right
//! - `health`: what /readyz and Today say
//!
//! In one daemon leases live in memory: after a start every Sending share is an orphan to be
//! settled, and no other ever is (RULES 3).

pub mod checking;
pub mod collecting;
mod dispatcher;
mod evergreen;
pub mod feeds;
pub mod forgetting;
pub mod health;
mod lane;
pub mod notices;
mod outcome;
mod planner;
pub mod platforms;
mod removal;
mod send;
mod settle;
pub mod trust;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::{broadcast, watch};

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Config, ConfiguredChannel};
use crate::model::{By, Channel, Commit, Event};
use crate::office::settings::news;
use crate::platform::Platform;
use crate::store::almanac::Almanac;
use crate::store::{Refused, Store, StoreError};

pub use health::Health;
pub use platforms::Platforms;

/// What is on the wire at shutdown may take so long to finish: longer than most answers take,
/// shorter than an init system waits before it kills.
pub const SHUTDOWN_WITHIN: Duration = Duration::from_secs(30);

/// How a channel's platform is reached.
pub trait Connect: Send + Sync + 'static {
    /// The platform of a channel, at the place it moved to if it did. `None` for places without an
    /// API. Cheap when called again for the same channel and configuration.
    fn connect(
        &self,
        channel: &ConfiguredChannel,
        moved_to: Option<&str>,
    ) -> Option<Arc<dyn Platform>>;
}

/// Everything the daemon works with, given as values.
#[derive(Clone)]
pub struct Parts {
    /// What is known.
    pub store: Arc<dyn Store>,
    /// Where articles with a rule stand in it.
    pub almanac: Arc<Almanac>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Chance,
    /// The configuration in force; changes when it is reloaded.
    pub config: watch::Receiver<Arc<Config>>,
    /// Platforms.
    pub connect: Arc<dyn Connect>,
    /// What others may ask about the daemon.
    pub health: Arc<Health>,
    /// No wall clock before this is right.
    pub built: Timestamp,
}

/// What the rooms of the daemon share.
pub(crate) struct Ctx {
    pub(crate) parts: Parts,
    /// Throttled accounts: nothing is sent before.
    pub(crate) holds: Holds,
    /// One share of an account is on the wire at a time, a replay included; by [`account`].
    wires: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// Turns true once.
    pub(crate) stopping: watch::Receiver<bool>,
    /// The first error after which nothing can go on.
    failed: watch::Sender<Option<String>>,
}

impl Ctx {
    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }
    pub(crate) fn store(&self) -> &dyn Store {
        &*self.parts.store
    }
    pub(crate) fn config(&self) -> Arc<Config> {
        self.parts.config.borrow().clone()
    }
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }
    /// What a channel's sends wait for: those of its whole account (RULES 3). Who has waited looks
    /// again: what held before may not hold after another one's send.
    pub(crate) fn wire(&self, channel: &Channel) -> Arc<tokio::sync::Mutex<()>> {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        wires.entry(account(channel)).or_default().clone()
    }
    /// A commit of the daemon's own.
    pub(crate) async fn commit(&self, events: Vec<Event>) -> Result<(), StoreError> {
        let mut commit = Commit::new(self.now(), By::Daemon);
        commit.events = events;
        self.commit_with(commit).await
    }
    pub(crate) async fn commit_with(&self, commit: Commit) -> Result<(), StoreError> {
        let result = self.parts.store.commit(commit).await;
        self.note_failure(&result);
        result
    }
    /// Tells the ledger what of the configuration is new, changed or gone.
    pub(crate) async fn tell_config(&self, config: &Config) -> Result<(), StoreError> {
        let news = news(self.store(), config, self.now())?;
        if news.is_empty() {
            return Ok(());
        }
        self.commit(news).await
    }
    /// Sleeps, or less if the daemon stops.
    pub(crate) async fn sleep(&self, how_long: Duration) {
        let mut stopping = self.stopping.clone();
        tokio::select! {
            () = self.parts.clock.sleep(how_long) => {}
            _ = stopping.wait_for(|s| *s) => {}
        }
    }
    /// A store that has stopped stops the daemon; nothing else does.
    pub(crate) fn note_failure<T>(&self, result: &Result<T, StoreError>) {
        if let Err(StoreError::Stopped(why)) = result {
            self.failed.send_if_modified(|f| {
                let first = f.is_none();
                if first {
                    *f = Some(why.clone());
                }
                first
            });
        }
    }
}

/// Whether anything was committed since the last call that concerns who asks; also where it was too much
/// to be heard.
pub(crate) fn heard(
    commits: &mut broadcast::Receiver<Arc<Commit>>,
    concerns: impl Fn(&Event) -> bool,
) -> bool {
    let mut heard = false;
    loop {
        match commits.try_recv() {
            Ok(commit) => heard |= commit.events.iter().any(&concerns),
            Err(TryRecvError::Lagged(_)) => heard = true,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return heard,
        }
    }
}

/// Whether an error only says that the state moved on meanwhile: look again.
pub(crate) fn moved_on(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused(r) if !matches!(r, Refused::Nonsense(_)))
}

/// Throttled accounts and until when. Kept as notes too, so that a restart does not forget them.
#[derive(Default)]
pub(crate) struct Holds(Mutex<HashMap<String, Timestamp>>);

impl Holds {
    const NOTE: &str = "hold/";

    pub(crate) fn of(&self, account: &str, store: &dyn Store) -> Option<Timestamp> {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *holds.entry(account.to_owned()).or_insert_with(|| {
            // Losing a note costs one more 429.
            let note = store
                .note(&format!("{}{account}", Self::NOTE))
                .ok()
                .flatten();
            note.and_then(|n| std::str::from_utf8(&n).ok()?.parse().ok())
                .unwrap_or(Timestamp::MIN)
        });
        (until > Timestamp::MIN).then_some(until)
    }
    pub(crate) fn set(&self, account: &str, until: Timestamp, store: &dyn Store) {
        let mut holds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = holds.entry(account.to_owned()).or_insert(Timestamp::MIN);
        if until > *held {
            *held = until;
            if let Err(error) = store.set_note(
                &format!("{}{account}", Self::NOTE),
                Some(until.to_string().as_bytes()),
            ) {
                tracing::warn!(%error, account, "a throttling will be forgotten at the next start");
            }
        }
    }
}

/// The name under which channels share pacing: their account, else the channel itself.
pub(crate) fn account(channel: &Channel) -> String {
    match &channel.account {
        Some(account) => format!("a:{}:{account}", channel.platform.as_str()),
        None => format!("c:{}", channel.id),
    }
}

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The store does not answer any more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk failed; what was acknowledged is safe, and a restart looks at it.
    #[error("the store has stopped: {0}; mend the disk, then start again")]
    Stopped(String),
}

/// Runs until `shutdown` ends; then what is on the wire is finished, at most [`SHUTDOWN_WITHIN`].
///
/// # Errors
/// [`DaemonError`] if the store fails.
pub async fn run(parts: Parts, shutdown: impl Future<Output = ()>) -> Result<(), DaemonError> {
    let (stop, stopping) = watch::channel(false);
    let (failed, mut has_failed) = watch::channel(None);
    let ctx = Arc::new(Ctx {
        parts,
        holds: Holds::default(),
        wires: Mutex::default(),
        stopping,
        failed,
    });
    // Before anything else: who watches from here misses nothing that comes after.
    let commits = ctx.parts.store.watch();
    ctx.tell_config(&ctx.config()).await?;
    settle::adopt_orphans(&ctx).await?;

    let mut rooms = tokio::task::JoinSet::new();
    rooms.spawn(planner::run(ctx.clone()));
    rooms.spawn(dispatcher::run(ctx.clone(), commits));
    rooms.spawn(settle::run(ctx.clone()));
    rooms.spawn(removal::run(ctx.clone()));

    let why = tokio::select! {
        () = shutdown => None,
        failed = has_failed.wait_for(Option::is_some) => failed.ok().and_then(|f| f.clone()),
    };
    stop.send_replace(true);
    let all = async { while rooms.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_WITHIN, all).await.is_err() {
        tracing::warn!(
            "something was still on the wire after {SHUTDOWN_WITHIN:?}; it is settled at the next start"
        );
    }
    match why {
        Some(why) => Err(DaemonError::Stopped(why)),
        None => Ok(()),
    }
}
