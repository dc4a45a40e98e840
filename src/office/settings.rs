//! Telling the store what is configured, so that old figures keep their titles and a schedule is
//! known since it was read (RULES 2, 6).

use jiff::Timestamp;

use super::{Office, OfficeError, permission};
use crate::config::{Config, Known};
use crate::model::{Actor, Event, Schedule, ScheduleId};
use crate::store::{Store, StoreError};

impl Office {
    /// Writes what of the configuration in force is new, changed or gone; nothing where nothing is.
    /// A command that serves itself calls it at its start.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn configured(&self, actor: &Actor) -> Result<(), OfficeError> {
        self.perform(actor, None, &(), |work| {
            permission::configure(actor)?;
            for event in news(&*self.store, &self.config(), work.now)? {
                work.event(event);
            }
            Ok(())
        })
        .await
    }
}

/// The ids that are in use, so that a rename is noticed (RULES 6).
///
/// # Errors
/// The store's.
pub fn known(store: &dyn Store) -> Result<Known, StoreError> {
    let channels = store.channels()?.into_iter().filter(|c| !c.gone);
    let schedules = store.schedules()?.into_iter().filter(|s| !s.gone);
    let topics = store.topics()?.into_iter().filter(|(_, _, gone)| !gone);
    let members = store.members()?.into_iter().filter(|m| !m.retired);
    Ok(Known {
        channels: channels.map(|c| (c.id, c.platform)).collect(),
        topics: topics.map(|(id, _, _)| id).collect(),
        schedules: schedules.map(|s| (s.id, s.cron)).collect(),
        members: Some(members.map(|m| m.id).collect()),
    })
}

/// What of the configuration is not as the store last saw it.
///
/// # Errors
/// The store's.
pub fn news(store: &dyn Store, config: &Config, now: Timestamp) -> Result<Vec<Event>, StoreError> {
    let mut news = Vec::new();
    channels(store, config, &mut news)?;
    topics(store, config, &mut news)?;
    schedules(store, config, now, &mut news)?;
    feeds(store, config, &mut news)?;
    Ok(news)
}

fn channels(store: &dyn Store, config: &Config, news: &mut Vec<Event>) -> Result<(), StoreError> {
    let known = store.channels()?;
    for place in &config.channels {
        let c = &place.rules;
        let same = known.iter().any(|k| {
            k.id == c.id
                && !k.gone
                && (&k.title, k.platform, k.mode) == (&c.title, c.platform, c.mode)
        });
        if !same {
            news.push(Event::ChannelSeen {
                channel: c.id.clone(),
                title: c.title.clone(),
                platform: c.platform,
                mode: c.mode,
            });
        }
    }
    let gone = known
        .into_iter()
        .filter(|k| !k.gone && config.channel(&k.id).is_none());
    news.extend(gone.map(|k| Event::ChannelGone { channel: k.id }));
    Ok(())
}

fn topics(store: &dyn Store, config: &Config, news: &mut Vec<Event>) -> Result<(), StoreError> {
    let known = store.topics()?;
    for t in &config.topics {
        let same =
            |(id, title, gone): &(_, String, bool)| *id == t.id && *title == t.title && !gone;
        if !known.iter().any(same) {
            news.push(Event::TopicSeen {
                topic: t.id.clone(),
                title: t.title.clone(),
            });
        }
    }
    let gone = known
        .into_iter()
        .filter(|(id, _, gone)| !gone && config.topic(id).is_none());
    news.extend(gone.map(|(topic, _, _)| Event::TopicGone { topic }));
    Ok(())
}

fn schedules(
    store: &dyn Store,
    config: &Config,
    now: Timestamp,
    news: &mut Vec<Event>,
) -> Result<(), StoreError> {
    let known = store.schedules()?;
    for s in &config.schedules {
        let (cron, zone) = (s.cron.to_string(), zone_name(s));
        let same = known
            .iter()
            .any(|k| k.id == s.id && !k.gone && k.cron == cron && k.zone == zone);
        if !same {
            news.push(Event::ScheduleSeen {
                schedule: s.id.clone(),
                cron,
                zone,
                known_since: now,
            });
        }
    }
    let there = |id: &ScheduleId| config.schedules.iter().any(|s| s.id == *id);
    let gone = known.into_iter().filter(|k| !k.gone && !there(&k.id));
    news.extend(gone.map(|k| Event::ScheduleGone { schedule: k.id }));
    Ok(())
}

/// A feed is told of when it is first looked at; here only that it is gone.
fn feeds(store: &dyn Store, config: &Config, news: &mut Vec<Event>) -> Result<(), StoreError> {
    let known = store.feeds()?.into_iter();
    let gone = known.filter(|k| !k.gone && config.feed(&k.id).is_none());
    news.extend(gone.map(|k| Event::FeedGone { feed: k.id }));
    Ok(())
}

fn zone_name(schedule: &Schedule) -> String {
    schedule.zone.iana_name().unwrap_or("UTC").to_owned()
}
