//! Which channel has something due. One lane per channel at a time, many channels at once, bounded:
//! one slow platform never holds another.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, broadcast};
use tokio::task::{Id, JoinError, JoinSet};

use super::{Ctx, lane};
use crate::clock::LONGEST_SLEEP;
use crate::model::{ChannelId, Commit, Event};

/// Shares on the wire at once, over all channels: enough for a thousand channels due in one second
/// (a platform answers in a few hundred ms), few enough for an old PC's memory and a home line.
pub(super) const ON_THE_WIRE: usize = 64;
/// Held lanes are looked at so often even if nothing calls: a call may have been missed.
const HELD_AGAIN: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);

/// A lane that broke starts anew after so long. What it had on the wire stays Sending, and is settled
/// at the next start.
const AFTER_A_BREAK: jiff::SignedDuration = jiff::SignedDuration::from_secs(10);

/// What a lane says when it ends.
pub(super) struct LaneEnd {
    pub(super) channel: ChannelId,
    /// When it wants to run again.
    pub(super) next: Option<Timestamp>,
    /// It passed over shares that wait for others.
    pub(super) held: bool,
    /// What it remembers.
    pub(super) memory: lane::Memory,
}

#[derive(Default)]
struct Lane {
    wake: Option<Timestamp>,
    /// Running now; `true`: something came meanwhile, run again.
    running: Option<bool>,
    held: bool,
    memory: lane::Memory,
    /// Tells the running one that what it read of its Planned shares may not be all.
    changed: Arc<AtomicBool>,
}

struct Dispatcher {
    ctx: Arc<Ctx>,
    lanes: HashMap<ChannelId, Lane>,
    wakes: BTreeSet<(Timestamp, ChannelId)>,
    slots: Arc<Semaphore>,
    /// Ends with the dispatcher: nothing of the daemon outlives it.
    running: JoinSet<LaneEnd>,
    /// Whose task it is, should it break.
    tasks: HashMap<Id, ChannelId>,
}

/// Dispatches until the daemon stops and no lane runs any more.
pub(super) async fn run(ctx: Arc<Ctx>, mut commits: broadcast::Receiver<Arc<Commit>>) {
    let mut dispatcher = Dispatcher {
        lanes: HashMap::new(),
        wakes: BTreeSet::new(),
        slots: Arc::new(Semaphore::new(ON_THE_WIRE)),
        running: JoinSet::new(),
        tasks: HashMap::new(),
        ctx: ctx.clone(),
    };
    let mut config = ctx.parts.config.clone();
    let mut stopping = ctx.stopping.clone();
    dispatcher.wake_all();
    loop {
        if ctx.is_stopping() {
            match dispatcher.running.join_next_with_id().await {
                Some(end) => dispatcher.end(end),
                None => return,
            }
            continue;
        }
        dispatcher.start_due();
        let wait = dispatcher.until_next();
        tokio::select! {
            commit = commits.recv() => match commit {
                Ok(commit) => dispatcher.heard(&commit),
                // Too much at once: look everywhere.
                Err(RecvError::Lagged(_)) => dispatcher.wake_all(),
                Err(RecvError::Closed) => return,
            },
            Some(end) = dispatcher.running.join_next_with_id() => dispatcher.end(end),
            changed = config.changed() => if changed.is_ok() { dispatcher.wake_all() },
            _ = stopping.changed() => {}
            () = ctx.parts.clock.sleep(wait) => {}
        }
    }
}

impl Dispatcher {
    fn wake_all(&mut self) {
        let now = self.ctx.now();
        for channel in &self.ctx.config().channels {
            self.wake(&channel.rules.id, now);
        }
    }

    fn wake(&mut self, channel: &ChannelId, at: Timestamp) {
        let lane = self.lanes.entry(channel.clone()).or_default();
        if let Some(again) = &mut lane.running {
            *again = true;
            lane.changed.store(true, Ordering::Release);
            return;
        }
        if lane.wake.is_some_and(|w| w <= at) {
            return;
        }
        if let Some(w) = lane.wake.replace(at) {
            self.wakes.remove(&(w, channel.clone()));
        }
        self.wakes.insert((at, channel.clone()));
    }

    /// A commit may have given a channel something to do.
    fn heard(&mut self, commit: &Commit) {
        let mut somebody_came = false;
        for event in &commit.events {
            match event {
                Event::SharePlanned { share, due, .. } | Event::ShareFixed { share, due, .. } => {
                    self.wake_of(*share, *due);
                }
                Event::ShareAdded {
                    channel,
                    at: Some(at),
                    ..
                } => self.wake(channel, *at),
                // Settled as not sent: its lane tries again.
                Event::ShareNotSent { share, due, .. } => self.wake_of(*share, *due),
                Event::ShareFreed { share } => self.wake_of(*share, self.ctx.now()),
                Event::ShareShared { .. } => somebody_came = true,
                Event::Resumed { .. } | Event::ClockTrusted => self.wake_all(),
                _ => {}
            }
        }
        if somebody_came {
            let now = self.ctx.now();
            let held: Vec<_> = self
                .lanes
                .iter()
                .filter(|(_, l)| l.held)
                .map(|(c, _)| c.clone())
                .collect();
            for channel in held {
                self.wake(&channel, now);
            }
        }
    }

    fn wake_of(&mut self, share: crate::model::ShareId, at: Timestamp) {
        if let Ok(Some(share)) = self.ctx.store().share(share) {
            self.wake(&share.channel, at);
        }
    }

    fn start_due(&mut self) {
        let now = self.ctx.now();
        while let Some((at, _)) = self.wakes.first()
            && *at <= now
        {
            let Some((_, channel)) = self.wakes.pop_first() else {
                break;
            };
            let Some(lane) = self.lanes.get_mut(&channel) else {
                continue;
            };
            lane.wake = None;
            lane.running = Some(false);
            let memory = std::mem::take(&mut lane.memory);
            let changed = lane.changed.clone();
            let (ctx, slots) = (self.ctx.clone(), self.slots.clone());
            let task = self
                .running
                .spawn(lane::run(ctx, channel.clone(), memory, slots, changed));
            self.tasks.insert(task.id(), channel);
        }
    }

    fn end(&mut self, end: Result<(Id, LaneEnd), JoinError>) {
        let now = self.ctx.now();
        let end = match end {
            Ok((id, end)) => {
                self.tasks.remove(&id);
                end
            }
            Err(error) => {
                let Some(channel) = self.tasks.remove(&error.id()) else {
                    return;
                };
                tracing::error!(%channel, %error, "a lane broke; it starts anew");
                LaneEnd {
                    channel,
                    next: Some(now + AFTER_A_BREAK),
                    held: false,
                    memory: lane::Memory::default(),
                }
            }
        };
        let lane = self.lanes.entry(end.channel.clone()).or_default();
        let again = lane.running.take().unwrap_or(false);
        lane.held = end.held;
        lane.memory = end.memory;
        if again {
            self.wake(&end.channel, now);
        } else if let Some(at) = end.next {
            self.wake(&end.channel, at);
        }
        if end.held {
            self.wake(&end.channel, now + HELD_AGAIN);
        }
    }

    fn until_next(&self) -> Duration {
        let Some((at, _)) = self.wakes.first() else {
            return LONGEST_SLEEP;
        };
        let wait = at.duration_since(self.ctx.now());
        Duration::try_from(wait)
            .unwrap_or(Duration::ZERO)
            .clamp(Duration::from_millis(1), LONGEST_SLEEP)
    }
}
