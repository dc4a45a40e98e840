//! What is configured, told to the ledger: seen, changed, gone (RULES 6), so that old figures keep
//! their titles, and a schedule's past before it was known is never missed (RULES 2).

use std::collections::BTreeSet;

use super::Ctx;
use crate::config::Config;
use crate::model::Event;
use crate::store::StoreError;

/// Commits the difference between the configuration and what was last seen of it; nothing if there
/// is none.
pub(super) async fn tell(ctx: &Ctx, config: &Config) -> Result<(), StoreError> {
    let events = news(ctx, config)?;
    if events.is_empty() {
        return Ok(());
    }
    ctx.commit(events).await
}

fn news(ctx: &Ctx, config: &Config) -> Result<Vec<Event>, StoreError> {
    let store = ctx.store();
    let mut events = Vec::new();

    let known = store.channels()?;
    for channel in &config.channels {
        let rules = &channel.rules;
        let same = known.iter().any(|k| {
            k.id == rules.id
                && !k.gone
                && k.title == rules.title
                && k.platform == rules.platform
                && k.mode == rules.mode
        });
        if !same {
            events.push(Event::ChannelSeen {
                channel: rules.id.clone(),
                title: rules.title.clone(),
                platform: rules.platform,
                mode: rules.mode,
            });
        }
    }
    let now: BTreeSet<_> = config.channels.iter().map(|c| &c.rules.id).collect();
    let gone = known.iter().filter(|k| !k.gone && !now.contains(&k.id));
    events.extend(gone.map(|k| Event::ChannelGone {
        channel: k.id.clone(),
    }));

    let known = store.topics()?;
    for topic in &config.topics {
        if !known
            .iter()
            .any(|(id, title, gone)| *id == topic.id && *title == topic.title && !gone)
        {
            events.push(Event::TopicSeen {
                topic: topic.id.clone(),
                title: topic.title.clone(),
            });
        }
    }
    let gone = known
        .iter()
        .filter(|(id, _, gone)| !gone && config.topic(id).is_none());
    events.extend(gone.map(|(id, _, _)| Event::TopicGone { topic: id.clone() }));

    let known = store.schedules()?;
    for schedule in &config.schedules {
        let (cron, zone) = (schedule.cron.to_string(), zone_name(&schedule.zone));
        let same = known
            .iter()
            .any(|k| k.id == schedule.id && !k.gone && k.cron == cron && k.zone == zone);
        if !same {
            events.push(Event::ScheduleSeen {
                schedule: schedule.id.clone(),
                cron,
                zone,
                known_since: ctx.now(),
            });
        }
    }
    let now: BTreeSet<_> = config.schedules.iter().map(|s| &s.id).collect();
    let gone = known.iter().filter(|k| !k.gone && !now.contains(&k.id));
    events.extend(gone.map(|k| Event::ScheduleGone {
        schedule: k.id.clone(),
    }));
    Ok(events)
}

fn zone_name(zone: &jiff::tz::TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}
