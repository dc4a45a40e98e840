//! One channel's shares, in order of time, through the gate. A lane runs while something is due and
//! says when it wants to run again. Leasing the channel is just this: one lane at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedMutexGuard, Semaphore};

use super::dispatcher::LaneEnd;
use super::{Ctx, account, moved_on, send};
use crate::compose::limits::ToldLimits;
use crate::compose::{Source, compose};
use crate::config::{Config, ConfiguredChannel};
use crate::model::gate::{Gate, Situation, gate};
use crate::model::plan::{KEEP_ORDER, local_day};
use crate::model::{
    Article, Cause, ChannelId, Commit, Event, Post, Share, ShareId, Spot, State, Why,
};
use crate::store::StoreError;
use crate::store::outlook::{StoreOutlook, keep_told, told};

/// So many due shares are looked at for one that may go, past those that are held.
const LOOK_AHEAD: usize = 64;
/// A lane whose store failed looks again after so long.
const AFTER_TROUBLE: SignedDuration = SignedDuration::from_secs(5);

/// What a lane remembers from run to run.
#[derive(Debug, Default, Clone)]
pub(super) struct Memory {
    /// Since when it could have sent: who is late only because of others is not late.
    free_since: Option<Timestamp>,
    /// The share that is tried again: it goes before all others, and they wait for it (RULES 3).
    head: Option<ShareId>,
    /// After a start the head is looked for once.
    looked_for_head: bool,
}

/// What became of one look at the lane.
enum Turn {
    /// Something was done; look again.
    Acted,
    /// Nothing before then.
    Until(Timestamp),
    /// Nothing at all.
    Idle,
}

pub(super) async fn run(
    ctx: Arc<Ctx>,
    channel: ChannelId,
    memory: Memory,
    slots: Arc<Semaphore>,
    changed: Arc<AtomicBool>,
) -> LaneEnd {
    let told = told(&*ctx.parts.store, &channel);
    let mut lane = Lane {
        told,
        ahead: Ahead::new(changed),
        ctx,
        channel,
        memory,
        slots,
        held: false,
        wire: None,
    };
    let next = loop {
        if lane.ctx.is_stopping() {
            break None;
        }
        match lane.turn().await {
            Ok(Turn::Acted) => lane.memory.free_since = Some(lane.ctx.now()),
            Ok(Turn::Until(at)) => break Some(at),
            Ok(Turn::Idle) => break None,
            Err(error) if moved_on(&error) => {}
            Err(error) => {
                tracing::error!(channel = %lane.channel, %error, "the lane stopped; it is tried again");
                break Some(lane.ctx.now() + AFTER_TROUBLE);
            }
        }
    };
    LaneEnd {
        channel: lane.channel,
        next,
        held: lane.held,
        memory: lane.memory,
    }
}

struct Lane {
    ctx: Arc<Ctx>,
    channel: ChannelId,
    memory: Memory,
    slots: Arc<Semaphore>,
    held: bool,
    ahead: Ahead,
    /// What the place's server said it takes; read once a run, and kept as it tells anew.
    told: Option<ToldLimits>,
    /// It waited for its account's wire, and has it for the share that goes next.
    wire: Option<OwnedMutexGuard<()>>,
}

/// The channel's next Planned shares, read a stretch at a time. Each is read once more before
/// anything is done about it; what else may have come is told by the dispatcher.
struct Ahead {
    shares: VecDeque<(Timestamp, ShareId)>,
    /// There may be more behind them.
    more: bool,
    /// Something about the channel's Planned shares changed since.
    changed: Arc<AtomicBool>,
}

impl Ahead {
    fn new(changed: Arc<AtomicBool>) -> Self {
        Self {
            shares: VecDeque::new(),
            more: true,
            changed,
        }
    }
    /// Reads them again if what is known may not be all, or not so any more.
    fn look(&mut self, ctx: &Ctx, channel: &ChannelId) -> Result<(), StoreError> {
        let changed = self.changed.swap(false, Ordering::Acquire);
        if changed || (self.more && self.shares.is_empty()) {
            self.forget();
            self.shares = ctx.store().planned(channel, LOOK_AHEAD)?.into();
            self.more = self.shares.len() == LOOK_AHEAD;
        }
        Ok(())
    }
    fn get(&self, n: usize) -> Option<(Timestamp, ShareId)> {
        self.shares.get(n).copied()
    }
    fn done_with(&mut self, id: ShareId) {
        self.shares.retain(|(_, share)| *share != id);
    }
    fn forget(&mut self) {
        self.shares.clear();
        self.more = true;
    }
}

impl Lane {
    async fn turn(&mut self) -> Result<Turn, StoreError> {
        let config = self.ctx.config();
        let Some(channel) = config.channel(&self.channel) else {
            // A channel gone from the file: its shares stay, sent to nobody.
            return Ok(Turn::Idle);
        };
        let now = self.ctx.now();
        if self.ctx.parts.health.pulse().clock_doubt.is_some() {
            return Ok(Turn::Until(now + SignedDuration::from_secs(1)));
        }
        if let Some(until) = self
            .ctx
            .holds
            .of(&account(&channel.rules), self.ctx.store())
            && until > now
        {
            self.memory.free_since = Some(until);
            return Ok(Turn::Until(until));
        }
        if let Some(turn) = self.head_first(channel, &config, now).await? {
            return Ok(turn);
        }
        self.held = false;
        self.ahead.look(&self.ctx, &self.channel)?;
        let mut next = 0;
        while let Some((due, id)) = self.ahead.get(next) {
            if due > now {
                if !self.held {
                    self.memory.free_since = Some(now);
                }
                return Ok(Turn::Until(due));
            }
            if let Some(turn) = self.look_at(id, Some(due), channel, &config, now).await? {
                return Ok(turn);
            }
            self.held = true;
            next += 1;
        }
        Ok(Turn::Idle)
    }

    /// The share that is being tried again, if there is one.
    async fn head_first(
        &mut self,
        channel: &ConfiguredChannel,
        config: &Config,
        now: Timestamp,
    ) -> Result<Option<Turn>, StoreError> {
        if !std::mem::replace(&mut self.memory.looked_for_head, true) {
            for (_, id) in self.ctx.store().planned(&self.channel, LOOK_AHEAD)? {
                if self
                    .ctx
                    .store()
                    .share(id)?
                    .is_some_and(|s| s.attempt.is_some())
                {
                    self.memory.head = Some(id);
                    break;
                }
            }
        }
        let Some(id) = self.memory.head else {
            return Ok(None);
        };
        match self.ctx.store().share(id)? {
            Some(share) if share.state == State::Planned && share.attempt.is_some() => {
                if let Some(due) = share.due.filter(|due| *due > now) {
                    self.memory.free_since = Some(due);
                    return Ok(Some(Turn::Until(due)));
                }
                if let Some(turn) = self.look_at(id, None, channel, config, now).await? {
                    return Ok(Some(turn));
                }
                self.held = true;
            }
            _ => self.memory.head = None,
        }
        Ok(None)
    }

    /// `None`: it is held, and others go on.
    async fn look_at(
        &mut self,
        id: ShareId,
        due: Option<Timestamp>,
        channel: &ConfiguredChannel,
        config: &Config,
        now: Timestamp,
    ) -> Result<Option<Turn>, StoreError> {
        let store = self.ctx.store();
        let Some(share) = store.share(id)?.filter(|s| s.state == State::Planned) else {
            self.ahead.done_with(id);
            return Ok(Some(Turn::Acted));
        };
        if due.is_some() && share.due != due {
            self.ahead.forget();
            return Ok(Some(Turn::Acted));
        }
        let Some(article) = store.article(share.article)? else {
            return Err(StoreError::Index(format!(
                "share {id} names article {} that is not there",
                share.article
            )));
        };
        let by = share
            .firing
            .as_ref()
            .and_then(|f| config.schedules.iter().find(|s| s.id == f.schedule));
        let situation = Situation {
            now,
            free_since: self.memory.free_since,
            office: &config.office,
            channel: &channel.rules,
            missed: by.map_or(config.office.missed, |s| s.missed),
            grace: by.map_or(config.office.grace, |s| s.grace),
        };
        let verdict = gate(&share, &article, situation, &StoreOutlook(store))?;
        let event = match verdict {
            Gate::Hold(_) => return Ok(None),
            Gate::Send | Gate::Log | Gate::HandOver => {
                if verdict == Gate::Send {
                    self.hear(channel).await?;
                }
                let post = match self.post(&share, &article, channel, config)? {
                    Ok(post) => post,
                    Err(why) => {
                        self.ctx
                            .commit(vec![Event::ShareMissed { share: id, why }])
                            .await?;
                        return Ok(Some(Turn::Acted));
                    }
                };
                return self
                    .go(verdict, share, article, post, channel, config)
                    .await
                    .map(Some);
            }
            Gate::Delay { until, why } => {
                return self.delay(until, &why, channel, config).await.map(Some);
            }
            Gate::Requeue(why) => Event::ShareQueued {
                share: id,
                spot: Spot::Top,
                why: Some(why),
            },
            Gate::Miss(why) => Event::ShareMissed { share: id, why },
            Gate::Unapprove(why) => Event::ShareUnapproved { share: id, why },
        };
        tracing::info!(share = %id, channel = %self.channel, event = event.kind(), "it may not go now");
        self.ctx.commit(vec![event]).await?;
        Ok(Some(Turn::Acted))
    }

    /// What the place's server says it takes, before a post is made for it.
    async fn hear(&mut self, channel: &ConfiguredChannel) -> Result<(), StoreError> {
        let id = &channel.rules.id;
        let moved_to = self.ctx.store().channel(id)?.and_then(|c| c.target);
        let Some(platform) = self.ctx.parts.connect.connect(channel, moved_to.as_deref()) else {
            return Ok(());
        };
        match platform.told().await {
            Ok(Some(new)) => {
                self.told = Some(new);
                keep_told(self.ctx.store(), id, new)
            }
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::debug!(channel = %id, %error, "the server's limits are not known anew");
                Ok(())
            }
        }
    }

    /// Exactly what goes out. Where parts of it are out already, it is frozen.
    fn post(
        &self,
        share: &Share,
        article: &Article,
        channel: &ConfiguredChannel,
        config: &Config,
    ) -> Result<Result<Post, Why>, StoreError> {
        if let Some(frozen) = share.post.as_ref().filter(|_| !share.receipts.is_empty()) {
            return Ok(Ok(frozen.clone()));
        }
        let link = match channel
            .rules
            .after
            .as_ref()
            .filter(|_| !channel.rules.own_link && !share.alone)
        {
            Some(other) => {
                let there = self.ctx.store().shares_of(article.id, Some(other))?;
                there
                    .iter()
                    .rev()
                    .filter(|s| s.state == State::Shared)
                    .find_map(|s| s.receipts.first()?.permalink.clone())
            }
            None => None,
        };
        let topic = share.topic.as_ref().and_then(|t| config.topic(t));
        let source = Source {
            content: &article.content,
            topic: topic.map(|t| t.title.as_str()),
            hashtags: topic.map_or(&[], |t| &t.hashtags),
            own_text: share.own_text.as_deref(),
            link_instead: link.as_deref(),
            told: self.told,
        };
        Ok(
            compose(source, &channel.rules)
                .map_err(|e| Why::with(Cause::Unpostable, e.to_string())),
        )
    }

    async fn go(
        &mut self,
        verdict: Gate,
        share: Share,
        article: Article,
        post: Post,
        channel: &ConfiguredChannel,
        config: &Config,
    ) -> Result<Turn, StoreError> {
        let id = share.id;
        if verdict == Gate::HandOver {
            self.hand_over(&share, &post, channel, config).await?;
            return Ok(Turn::Acted);
        }
        let job = send::Job {
            share,
            article,
            post,
            channel,
            office: &config.office,
        };
        if verdict == Gate::Log {
            send::log(&self.ctx, job).await?;
            return Ok(Turn::Acted);
        }
        let _wire = match self.wire.take() {
            Some(ours) => ours,
            None => match self.ctx.wire(&channel.rules).try_lock_owned() {
                Ok(free) => free,
                // Another one of the account is on it. What holds now may not hold after that, so
                // the share goes through the gate once more, with the wire in hand.
                Err(_) => {
                    self.wire = Some(self.ctx.wire(&channel.rules).lock_owned().await);
                    return Ok(Turn::Acted);
                }
            },
        };
        // After the wire: who only waits for its account takes no slot from others.
        let Ok(_slot) = self.slots.clone().acquire_owned().await else {
            return Ok(Turn::Idle);
        };
        // It may have waited for its turn.
        if self.ctx.is_stopping() {
            return Ok(Turn::Idle);
        }
        let done = send::send(&self.ctx, job).await;
        self.memory.head = match &done {
            Ok(send::Done::Again) => Some(id),
            _ => None,
        };
        done?;
        Ok(Turn::Acted)
    }

    async fn hand_over(
        &self,
        share: &Share,
        post: &Post,
        channel: &ConfiguredChannel,
        config: &Config,
    ) -> Result<(), StoreError> {
        let now = self.ctx.now();
        let due = share.due.unwrap_or(now);
        let text = self.ctx.parts.chance.text(now);
        let mut commit = Commit::new(now, crate::model::By::Daemon);
        commit.texts.insert(text, Some(send::as_json(post)));
        commit.events.push(Event::ShareHanded {
            share: share.id,
            due,
            day: local_day(now, &config.office.zone),
            until: now + channel.rules.hand_within,
            post: text,
            why: None,
        });
        self.ctx.commit_with(commit).await?;
        tracing::info!(share = %share.id, channel = %self.channel, "a hand task opened");
        Ok(())
    }

    /// Nothing goes here before `until`: all that is due moves behind it, in its order.
    async fn delay(
        &mut self,
        until: Timestamp,
        why: &Why,
        channel: &ConfiguredChannel,
        config: &Config,
    ) -> Result<Turn, StoreError> {
        let step = channel.rules.min_gap.max(KEEP_ORDER);
        let mut at = until;
        let mut events = Vec::new();
        for (due, share) in self.ctx.store().planned(&self.channel, LOOK_AHEAD)? {
            if due >= at {
                break;
            }
            events.push(Event::ShareDelayed {
                share,
                due: at,
                day: local_day(at, &config.office.zone),
                why: Some(why.clone()),
            });
            at += step;
        }
        self.ahead.forget();
        if !events.is_empty() {
            self.ctx.commit(events).await?;
        }
        self.memory.free_since = Some(until);
        Ok(Turn::Until(until))
    }
}
