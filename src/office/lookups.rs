//! Reading: articles, shares, queues, what is to do, what comes, what was counted. These block for a
//! moment; whoever asks for counts or for what comes does it off the async threads.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::articles::composed_as_told;
use super::{Office, OfficeError, What, local_day, permission};
use crate::config::Config;
use crate::model::channel::Order;
use crate::model::share::TakenDownBy;
use crate::model::upcoming::{Coming, Considered, Free, MOST_COMING, free, upcoming};
use crate::model::{
    Actor, Article, ArticleId, ChannelId, Post, ScheduleId, Share, ShareId, State, TopicId,
};
use crate::store::outlook::{StoreOutlook, told};
use crate::store::{
    ChannelState, CountAsk, CountBy, CountTable, Figures, Pause, QueueAsk, Queued, ScheduleState,
    ShareAsk, Told,
};

/// The most that one page holds.
pub const MOST_A_PAGE: usize = 500;

/// `upcoming` looks ahead so many days at most: further on the queues say nothing.
pub const MOST_DAYS_AHEAD: u32 = 366;

/// Of each list Today shows at most so many.
const MOST_TODAY: usize = 50;

/// An article with its shares.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The article.
    pub article: Article,
    /// Its shares, oldest first.
    pub shares: Vec<Share>,
}

/// What waits, what went out, what comes.
#[derive(Debug, Clone)]
pub struct Today {
    /// Hand tasks that this actor may do.
    pub todo: Vec<Share>,
    /// Shares that wait for approval.
    pub to_approve: Vec<Share>,
    /// Unsure, failed and missed shares.
    pub trouble: Vec<Share>,
    /// Schedules about whose missed instants a person is asked.
    pub asked: Vec<ScheduleState>,
    /// What went out today.
    pub out: Figures,
    /// What comes today.
    pub coming: Vec<Coming>,
    /// Everything is paused.
    pub paused: Option<Pause>,
    /// These channels are.
    pub paused_channels: Vec<ChannelState>,
}

/// Counts with the titles that their keys had when last seen.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The figures.
    pub table: CountTable,
    /// Key → title, where it has one.
    pub titles: BTreeMap<String, String>,
}

/// The end of so many days from now, of [`MOST_DAYS_AHEAD`] at most.
fn ahead(now: Timestamp, days: u32) -> Timestamp {
    let days = i64::from(days.min(MOST_DAYS_AHEAD));
    super::by_hand::later(now, SignedDuration::from_hours(24 * days))
}

impl Office {
    /// An article with its shares.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn show(&self, actor: &Actor, id: ArticleId) -> Result<Shown, OfficeError> {
        permission::read(actor)?;
        Ok(Shown {
            article: self.article(id)?,
            shares: self.store.shares_of(id, None)?,
        })
    }

    /// A page of articles, newest first.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn articles(
        &self,
        actor: &Actor,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<Vec<Article>, OfficeError> {
        permission::read(actor)?;
        Ok(self.store.articles(after, limit.min(MOST_A_PAGE))?)
    }

    /// A share with its article.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn show_share(&self, actor: &Actor, id: ShareId) -> Result<(Share, Article), OfficeError> {
        permission::read(actor)?;
        self.share_and_article(id)
    }

    /// A page of shares, newest first.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn list_shares(
        &self,
        actor: &Actor,
        ask: ShareAsk,
    ) -> Result<Vec<(Share, Article)>, OfficeError> {
        Ok(self.find_shares(actor, ask)?.rows)
    }

    /// A share's whole story, oldest first.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn story(&self, actor: &Actor, id: ShareId) -> Result<Vec<Told>, OfficeError> {
        permission::read(actor)?;
        self.share(id)?;
        Ok(self.store.story(id)?)
    }

    /// A stretch of a channel's queue, in its order.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn queue_of(
        &self,
        actor: &Actor,
        channel: &ChannelId,
        after: Option<ShareId>,
        limit: usize,
    ) -> Result<Vec<(Share, Article)>, OfficeError> {
        permission::read(actor)?;
        self.seen_channel(channel)?;
        let after = match after {
            Some(id) => Some(queued(&self.share(id)?)),
            None => None,
        };
        let queue = self.store.queue(&QueueAsk {
            channel,
            order: Order::Oldest,
            topic: None,
            after: after.as_ref(),
            limit: limit.min(MOST_A_PAGE),
        })?;
        let shares = queue
            .into_iter()
            .filter_map(|q| self.store.share(q.share).transpose())
            .collect::<Result<_, _>>()?;
        self.with_articles(shares)
    }

    /// Hand tasks that this actor may do, the soonest to be missed first; take-downs behind them.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn todo(&self, actor: &Actor, limit: usize) -> Result<Vec<(Share, Article)>, OfficeError> {
        self.todo_after(actor, None, limit)
    }

    /// The same, behind this one on the page before; from the first on where it is done meanwhile.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn todo_after(
        &self,
        actor: &Actor,
        after: Option<ShareId>,
        limit: usize,
    ) -> Result<Vec<(Share, Article)>, OfficeError> {
        permission::read(actor)?;
        let config = self.config();
        let hers = |share: &Share| {
            let rules = config.channel(&share.channel).map(|c| &c.rules);
            permission::do_hand_task(actor, rules).is_ok()
        };
        let mut mine: Vec<Share> = Vec::new();
        for id in self.store.hand_tasks_until(Timestamp::MAX, MOST_A_PAGE)? {
            mine.extend(self.store.share(id)?.filter(&hers));
        }
        // What only a person can take down is a hand task too (RULES 3).
        for id in self.store.removals(TakenDownBy::Person, MOST_A_PAGE)? {
            mine.extend(self.store.share(id)?.filter(&hers));
        }
        let behind = mine.iter().position(|share| Some(share.id) == after);
        mine.drain(..behind.map_or(0, |at| at + 1));
        mine.truncate(limit);
        self.with_articles(mine)
    }

    /// What Today shows.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn today(&self, actor: &Actor) -> Result<Today, OfficeError> {
        permission::read(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let in_states = |states: &[State]| {
            self.store.shares(&ShareAsk {
                states: states.to_vec(),
                limit: MOST_TODAY,
                ..ShareAsk::default()
            })
        };
        let day = local_day(&config, now);
        let out = self.store.counts(&CountAsk {
            since: Some(day),
            until: Some(day),
            by: CountBy::Day,
            channel: None,
            topic: None,
            member: None,
            with_log: false,
        })?;
        let channels = self.store.channels()?;
        let holds = |pause: &Option<Pause>| pause.as_ref().is_some_and(|p| p.holds(now));
        let mut coming = self.upcoming(actor, 1)?;
        coming.retain(|c| local_day(&config, c.at) == day);
        coming.truncate(MOST_TODAY);
        Ok(Today {
            todo: self
                .todo(actor, MOST_TODAY)?
                .into_iter()
                .map(|(share, _)| share)
                .collect(),
            to_approve: in_states(&[State::Submitted])?,
            trouble: in_states(&[State::Unsure, State::Failed, State::Missed])?,
            asked: self
                .store
                .schedules()?
                .into_iter()
                .filter(|s| s.asked.is_some())
                .collect(),
            out: out.total,
            coming,
            paused: self.store.paused_all()?.filter(|p| p.holds(now)),
            paused_channels: channels.into_iter().filter(|c| holds(&c.paused)).collect(),
        })
    }

    /// Exactly what would go where and when within so many days, from the same `plan()` that the
    /// daemon follows; articles that come round by a rule included.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn upcoming(&self, actor: &Actor, days: u32) -> Result<Vec<Coming>, OfficeError> {
        permission::read(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let until = ahead(now, days);
        let mut planned = Vec::new();
        for place in &config.channels {
            for (due, id) in self.store.planned(&place.rules.id, MOST_COMING)? {
                if due > until {
                    break;
                }
                planned.extend(self.store.share(id)?);
            }
        }
        let (schedules, rounds) = (
            self.considered(&config, now)?,
            self.almanac.standings(&*self.store)?,
        );
        let outlook = StoreOutlook(&*self.store);
        Ok(upcoming(
            now, until, &schedules, &*config, &outlook, planned, rounds,
        )?)
    }

    /// The free slots within so many days: where the daemon would take one more share, did one wait. From
    /// the same `plan()` too.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn free_slots(&self, actor: &Actor, days: u32) -> Result<Vec<Free>, OfficeError> {
        permission::read(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let (schedules, rounds) = (
            self.considered(&config, now)?,
            self.almanac.standings(&*self.store)?,
        );
        let outlook = StoreOutlook(&*self.store);
        let until = ahead(now, days);
        Ok(free(now, until, &schedules, &*config, &outlook, rounds)?)
    }

    /// Each schedule, and up to when it was considered.
    fn considered<'c>(
        &self,
        config: &'c Config,
        now: Timestamp,
    ) -> Result<Vec<Considered<'c>>, OfficeError> {
        let considered = self.store.considered()?;
        let mut schedules = Vec::new();
        for schedule in &config.schedules {
            let cursor = match self.store.schedule(&schedule.id)?.filter(|s| !s.gone) {
                // Not seen yet: nothing before this moment is missed.
                None => now,
                Some(state) => [state.last, considered]
                    .into_iter()
                    .flatten()
                    .fold(state.known_since, Timestamp::max),
            };
            schedules.push(Considered { schedule, cursor });
        }
        Ok(schedules)
    }

    /// Exactly what would be posted on each channel an article goes to; of one share, on its own.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn preview(
        &self,
        actor: &Actor,
        id: ArticleId,
        only: Option<ShareId>,
    ) -> Result<Vec<(ChannelId, Option<ShareId>, Post)>, OfficeError> {
        permission::read(actor)?;
        let (article, config) = (self.article(id)?, self.config());
        let mut posts = Vec::new();
        for share in self.store.shares_of(id, None)? {
            if only.is_some_and(|only| only != share.id) || share.state.is_final() {
                continue;
            }
            let post = match (&share.post, config.channel(&share.channel)) {
                // What is frozen is what goes.
                (Some(post), _) if share.state != State::Planned => post.clone(),
                (_, Some(place)) => {
                    let link = self.link_instead(&config, &share)?;
                    let own = share.own_text.as_deref();
                    let told = told(&*self.store, &place.rules.id);
                    let link = link.as_deref();
                    composed_as_told(&config, &article, own, link, place, told)?
                }
                _ => continue,
            };
            posts.push((share.channel, Some(share.id), post));
        }
        Ok(posts)
    }

    /// Counts, with titles.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn counts(&self, actor: &Actor, ask: &CountAsk) -> Result<Counted, OfficeError> {
        permission::read(actor)?;
        let titles = match ask.by {
            CountBy::Channel => self
                .store
                .channels()?
                .into_iter()
                .map(|c| (c.id.to_string(), c.title))
                .collect(),
            CountBy::Topic => self
                .store
                .topics()?
                .into_iter()
                .map(|(id, title, _)| (id.to_string(), title))
                .collect(),
            _ => BTreeMap::new(),
        };
        Ok(Counted {
            table: self.store.counts(ask)?,
            titles,
        })
    }

    /// Every channel ever seen, those configured first and in the order of the file.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn channels(&self, actor: &Actor) -> Result<Vec<ChannelState>, OfficeError> {
        permission::read(actor)?;
        let config = self.config();
        let mut channels = self.store.channels()?;
        let place = |id: &ChannelId| config.channels.iter().position(|c| c.rules.id == *id);
        channels.sort_by_key(|c| (c.gone, place(&c.id).unwrap_or(usize::MAX)));
        Ok(channels)
    }

    /// One channel that was ever seen.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn seen_channel(&self, id: &ChannelId) -> Result<ChannelState, OfficeError> {
        if let Some(channel) = self.store.channel(id)? {
            return Ok(channel);
        }
        let channels = self.store.channels()?;
        let known = channels.iter().map(|c| c.id.as_str());
        Err(OfficeError::unknown(What::Channel, id.as_str(), known))
    }

    /// Every schedule ever seen, with its next instant if it is configured and fires.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn schedules(
        &self,
        actor: &Actor,
    ) -> Result<Vec<(ScheduleState, Option<Timestamp>)>, OfficeError> {
        permission::read(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let next = |id: &ScheduleId| {
            let schedule = config.schedules.iter().find(|s| s.id == *id && s.enabled)?;
            schedule.cron.after(&schedule.zone, now).next()
        };
        let states = self.store.schedules()?.into_iter();
        Ok(states
            .map(|s| {
                let next = next(&s.id);
                (s, next)
            })
            .collect())
    }

    /// Every topic ever seen: id, title, gone.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn topics(&self, actor: &Actor) -> Result<Vec<(TopicId, String, bool)>, OfficeError> {
        permission::read(actor)?;
        Ok(self.store.topics()?)
    }

    /// Shares with their articles; one whose article is not there (never) is left out.
    pub fn with_articles(&self, shares: Vec<Share>) -> Result<Vec<(Share, Article)>, OfficeError> {
        let mut with = Vec::with_capacity(shares.len());
        for share in shares {
            if let Some(article) = self.store.article(share.article)? {
                with.push((share, article));
            }
        }
        Ok(with)
    }
}

fn queued(share: &Share) -> Queued {
    Queued {
        share: share.id,
        place: share.place.unwrap_or(i64::MIN),
        entry: share.entry,
        priority: share.priority,
    }
}
