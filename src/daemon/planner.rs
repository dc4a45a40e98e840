//! Schedules → firings: looks at what is due, asks `plan()`, commits what it says.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::trust::ClockWatch;
use super::{Ctx, account, evergreen, moved_on};
use crate::clock::LONGEST_SLEEP;
use crate::config::Config;
use crate::model::plan::{Decision, Outlook, Passed, Spent, plan, waits_for};
use crate::model::{Cause, Event, Firing, ScheduleId, Why};
use crate::store::outlook::StoreOutlook;
use crate::store::{CONSIDERED_NOTE, StoreError};

/// A `tick` event at most so often: after a rebuild a cursor is no older than this (RULES 2).
const TICK_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A firing whose share was taken back by a person in the same moment is planned anew, so often.
const REPLAN: usize = 3;
/// How far all schedules were considered is noted so often, and at the end. After a kill the seconds
/// since are considered again: what was fired in them is known, and the rest is still in time.
const NOTE_EVERY: SignedDuration = SignedDuration::from_secs(10);
/// The oldest overdue share is looked for so often: /readyz gives minutes of grace.
const LOOK_FOR_OVERDUE_EVERY: SignedDuration = SignedDuration::from_secs(15);
/// What the next firings will read is read so long before they are due: heads of queues that nobody
/// looked at for days lie on the disk, and a thousand schedules due in one second would wait for it
/// (`benches/store.rs`, tick). Twice [`LONGEST_SLEEP`], so that no instant is slept through.
const READ_AHEAD: SignedDuration = SignedDuration::from_secs(2);
/// Hand tasks that became Missed, written in one tick; the rest in the next.
const MISSED_AT_ONCE: usize = 200;

struct Planner {
    ctx: Arc<Ctx>,
    config: Arc<Config>,
    clock: ClockWatch,
    /// All schedules were considered up to here.
    considered: Timestamp,
    /// The next instant of each schedule, by its place in the configuration.
    next: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// What firings up to here read was read beforehand.
    read_up_to: Timestamp,
    /// Up to here it is noted.
    noted: Timestamp,
    last_tick_event: Timestamp,
    considered_any: bool,
    overdue_looked_for: Timestamp,
    /// Rules of articles that come round again were last looked at.
    came_round: Timestamp,
    /// The next of their turns, as it looked then.
    next_turn: Timestamp,
}

/// Plans until the daemon stops.
pub(super) async fn run(ctx: Arc<Ctx>) {
    let mut commits = ctx.parts.store.watch();
    let mut changes = ctx.parts.config.clone();
    let mut planner = match Planner::new(ctx.clone()) {
        Ok(planner) => planner,
        Err(error) => {
            ctx.note_failure(&Err::<(), _>(StoreError::Stopped(error.to_string())));
            return;
        }
    };
    while !ctx.is_stopping() {
        // Not by `has_changed`: whoever was woken by the change has seen it by that.
        let config = ctx.config();
        if !Arc::ptr_eq(&config, &planner.config) {
            if let Err(error) = ctx.tell_config(&config).await {
                tracing::error!(%error, "the new configuration could not be told to the ledger");
            }
            planner.take_config(config);
        }
        while let Ok(commit) = commits.try_recv() {
            if commit
                .events
                .iter()
                .any(|e| matches!(e, Event::ClockTrusted))
            {
                planner.clock.trust();
            }
            if commit
                .events
                .iter()
                .any(|e| matches!(e, Event::ScheduleSeen { .. }))
            {
                planner.take_config(planner.config.clone());
            }
        }
        if let Err(error) = planner.tick().await {
            tracing::error!(%error, "planning failed; it is tried again");
        }
        planner.read_ahead();
        let wait = planner.until_next();
        tokio::select! {
            () = ctx.sleep(wait) => {}
            Ok(()) = changes.changed() => {}
        }
    }
    if let Err(error) = planner.note() {
        tracing::warn!(%error, "the next start considers the last seconds again");
    }
}

impl Planner {
    fn new(ctx: Arc<Ctx>) -> Result<Self, StoreError> {
        let config = ctx.config();
        let now = ctx.now();
        let considered = ctx.store().considered()?.unwrap_or(Timestamp::MIN);
        let mut planner = Self {
            clock: ClockWatch::new(ctx.parts.built),
            considered,
            noted: considered,
            read_up_to: now,
            next: BinaryHeap::new(),
            last_tick_event: now,
            considered_any: false,
            overdue_looked_for: Timestamp::MIN,
            came_round: Timestamp::MIN,
            next_turn: Timestamp::MAX,
            config: config.clone(),
            ctx,
        };
        planner.take_config(config);
        Ok(planner)
    }

    /// Up to when a schedule was considered: nothing before that is missed.
    fn cursor(&self, schedule: &ScheduleId) -> Timestamp {
        let known = self.ctx.store().schedule(schedule).ok().flatten();
        let since = known
            .as_ref()
            .map_or_else(|| self.ctx.now(), |k| k.known_since);
        let last = known.and_then(|k| k.last).unwrap_or(Timestamp::MIN);
        since.max(last).max(self.considered)
    }

    fn take_config(&mut self, config: Arc<Config>) {
        self.config = config;
        self.next = (0..self.config.schedules.len())
            .filter_map(|i| self.next_of(i))
            .map(Reverse)
            .collect();
    }

    fn next_of(&self, i: usize) -> Option<(Timestamp, usize)> {
        let schedule = &self.config.schedules[i];
        let first = schedule
            .cron
            .after(&schedule.zone, self.cursor(&schedule.id))
            .next()?;
        schedule.enabled.then_some((first, i))
    }

    fn until_next(&self) -> Duration {
        let Some(Reverse((instant, _))) = self.next.peek() else {
            return LONGEST_SLEEP;
        };
        let wait = instant.duration_since(self.ctx.now());
        Duration::try_from(wait)
            .unwrap_or(Duration::ZERO)
            .clamp(Duration::from_millis(1), LONGEST_SLEEP)
    }

    /// Plans what is due in a moment, for nothing but that its rows are at hand then. Whatever fails
    /// here fails again at the instant itself, and is told there.
    fn read_ahead(&mut self) {
        let from = self.read_up_to;
        self.read_up_to = from.max(self.ctx.now() + READ_AHEAD);
        let outlook = StoreOutlook(self.ctx.store());
        let mut spent = Spent::default();
        for Reverse((instant, i)) in &self.next {
            if from < *instant && *instant <= self.read_up_to {
                let schedule = &self.config.schedules[*i];
                let cursor = self.cursor(&schedule.id);
                let _ = plan(
                    *instant,
                    schedule,
                    cursor,
                    &*self.config,
                    &outlook,
                    &mut spent,
                );
            }
        }
    }

    async fn tick(&mut self) -> Result<(), StoreError> {
        let now = self.ctx.now();
        let last_event = self.ctx.store().last_commit()?;
        let doubt = self
            .clock
            .look(now, self.ctx.parts.clock.since_boot(), last_event);
        self.ctx.parts.health.change(|p| p.clock_doubt = doubt);
        if doubt.is_some() {
            return Ok(());
        }
        self.miss_hand_tasks(now).await?;
        let looked = now.duration_since(self.came_round);
        if looked >= evergreen::LOOK_EVERY || now >= self.next_turn {
            self.next_turn = evergreen::come_round(&self.ctx, &self.config, now).await?;
            self.came_round = now;
        }
        // Cursors never go back.
        if now > self.considered {
            self.fire_due(now).await?;
            self.considered = now;
            if now.duration_since(self.noted) >= NOTE_EVERY {
                self.note()?;
            }
            self.tell_tick(now).await?;
        }
        self.look_for_overdue(now)?;
        self.ctx.parts.health.change(|p| p.last_tick = Some(now));
        Ok(())
    }

    /// Notes how far it has come.
    fn note(&mut self) -> Result<(), StoreError> {
        if self.considered > self.noted {
            let text = self.considered.to_string();
            self.ctx
                .store()
                .set_note(CONSIDERED_NOTE, Some(text.as_bytes()))?;
            self.noted = self.considered;
        }
        Ok(())
    }

    async fn fire_due(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let mut due = Vec::new();
        while let Some(Reverse((instant, i))) = self.next.peek().copied()
            && instant <= now
        {
            self.next.pop();
            due.push(i);
        }
        if due.is_empty() {
            return Ok(());
        }
        self.considered_any = true;
        let result = self.serve(now, &due).await;
        // Even after a failure: an instant that was not served is still behind the cursor.
        if result.is_ok() {
            self.considered = now;
        }
        let again: Vec<_> = due.iter().filter_map(|i| self.next_of(*i)).collect();
        self.next.extend(again.into_iter().map(Reverse));
        result
    }

    async fn serve(&self, now: Timestamp, due: &[usize]) -> Result<(), StoreError> {
        let mut spent = Spent::default();
        let mut commits = FuturesUnordered::new();
        for &i in due {
            for events in self.decide(now, i, &mut spent)? {
                let ctx = self.ctx.clone();
                commits.push(async move { (i, ctx.commit(events).await) });
            }
        }
        let mut again = Vec::new();
        let mut failed = Ok(());
        while let Some((i, result)) = commits.next().await {
            match result {
                Ok(()) => {}
                Err(error) if moved_on(&error) => again.push(i),
                Err(error) => failed = Err(error),
            }
        }
        // What a person changed in the same moment is looked at again, one after the other.
        for i in again {
            self.serve_again(now, i).await?;
        }
        failed
    }

    async fn serve_again(&self, now: Timestamp, i: usize) -> Result<(), StoreError> {
        for _ in 0..REPLAN {
            let mut refused = false;
            for events in self.decide(now, i, &mut Spent::default())? {
                match self.ctx.commit(events).await {
                    Ok(()) => {}
                    Err(error) if moved_on(&error) => refused = true,
                    Err(error) => return Err(error),
                }
            }
            if !refused {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What one schedule calls for, each decision as the events of one commit.
    fn decide(
        &self,
        now: Timestamp,
        i: usize,
        spent: &mut Spent,
    ) -> Result<Vec<Vec<Event>>, StoreError> {
        let schedule = &self.config.schedules[i];
        let outlook = StoreOutlook(self.ctx.store());
        let decisions = plan(
            now,
            schedule,
            self.cursor(&schedule.id),
            &*self.config,
            &outlook,
            spent,
        )?;
        let mut commits: Vec<Vec<Event>> = Vec::new();
        let mut passed = Vec::new();
        for decision in decisions {
            match &decision {
                Decision::Fire { .. } => {
                    if let Some(mut events) = self.events(now, decision) {
                        // What was passed over and what is made up for it are true together.
                        events.splice(0..0, passed.drain(..));
                        commits.push(events);
                    }
                }
                _ => passed.extend(self.events(now, decision).into_iter().flatten()),
            }
        }
        if !passed.is_empty() {
            commits.push(passed);
        }
        Ok(commits)
    }

    fn events(&self, now: Timestamp, decision: Decision) -> Option<Vec<Event>> {
        match decision {
            // An empty firing writes nothing.
            Decision::Fire { taken, .. } if taken.is_empty() => None,
            Decision::Fire {
                schedule,
                instant,
                late,
                taken,
            } => {
                let mut events = vec![Event::FiringFired {
                    schedule: schedule.clone(),
                    instant,
                    late,
                }];
                events.extend(taken.into_iter().map(|t| Event::SharePlanned {
                    share: t.share,
                    due: t.due,
                    day: t.day,
                    key: self.ctx.parts.chance.key(now),
                    firing: Some(Firing {
                        schedule: schedule.clone(),
                        instant,
                    }),
                    fixed: false,
                    why: None,
                }));
                Some(events)
            }
            Decision::Skip(Passed {
                schedule,
                since,
                instant,
                count,
            }) => Some(vec![Event::FiringSkipped {
                schedule,
                since,
                instant,
                count,
            }]),
            Decision::Ask(Passed {
                schedule,
                since,
                instant,
                count,
            }) => Some(vec![Event::FiringAsked {
                schedule,
                since,
                instant,
                count,
            }]),
        }
    }

    /// The oldest due that no rule holds back: nothing goes out if it grows old.
    fn look_for_overdue(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if now.duration_since(self.overdue_looked_for) < LOOK_FOR_OVERDUE_EVERY {
            return Ok(());
        }
        self.overdue_looked_for = now;
        let outlook = StoreOutlook(self.ctx.store());
        let mut oldest = None;
        for channel in &self.config.channels {
            let rules = &channel.rules;
            let Some(&(due, id)) = self.ctx.store().planned(&rules.id, 1)?.first() else {
                continue;
            };
            let held = |share: &crate::model::Share| waits_for(share, rules, &outlook);
            let throttled = self.ctx.holds.of(&account(rules), self.ctx.store());
            if due >= now
                || throttled.is_some_and(|until| until > now)
                || outlook.paused(&rules.id, now)?
                || self
                    .ctx
                    .store()
                    .share(id)?
                    .map(|s| held(&s))
                    .transpose()?
                    .flatten()
                    .is_some()
            {
                continue;
            }
            oldest = Some(oldest.map_or(due, |o: Timestamp| o.min(due)));
        }
        self.ctx.parts.health.change(|p| p.oldest_due = oldest);
        Ok(())
    }

    async fn miss_hand_tasks(&self, now: Timestamp) -> Result<(), StoreError> {
        for share in self.ctx.store().hand_tasks_until(now, MISSED_AT_ONCE)? {
            let missed = Event::ShareMissed {
                share,
                why: Why::new(Cause::NotDone),
            };
            match self.ctx.commit(vec![missed]).await {
                Err(error) if !moved_on(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn tell_tick(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.considered_any && now.duration_since(self.last_tick_event) >= TICK_EVERY {
            self.ctx.commit(vec![Event::Tick { until: now }]).await?;
            self.last_tick_event = now;
            self.considered_any = false;
        }
        Ok(())
    }
}
