//! Telling the store what is configured, so that old figures keep their titles and a schedule is
//! known since it was read (RULES 2, 6).

use super::request::Work;
use super::{Office, OfficeError, permission};
use crate::config::Config;
use crate::model::{Actor, Event};

impl Office {
    /// Writes what of the configuration in force is new, changed or gone. Nothing is written where
    /// nothing changed. The daemon calls it at every start and reload; a command that serves itself
    /// at its start.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn configured(&self, actor: &Actor) -> Result<(), OfficeError> {
        self.perform(actor, None, &(), |work| {
            permission::configure(actor)?;
            let config = self.config.now();
            self.put_channels(work, &config)?;
            self.put_topics(work, &config)?;
            self.put_schedules(work, &config)
        })
        .await
    }

    fn put_channels(&self, work: &mut Work<'_>, config: &Config) -> Result<(), OfficeError> {
        let known = self.store.channels()?;
        for place in &config.channels {
            let c = &place.rules;
            let same = known.iter().any(|k| {
                k.id == c.id
                    && !k.gone
                    && (&k.title, k.platform, k.mode) == (&c.title, c.platform, c.mode)
            });
            if !same {
                work.event(Event::ChannelSeen {
                    channel: c.id.clone(),
                    title: c.title.clone(),
                    platform: c.platform,
                    mode: c.mode,
                });
            }
        }
        for k in known {
            if !k.gone && config.channel(&k.id).is_none() {
                work.event(Event::ChannelGone { channel: k.id });
            }
        }
        Ok(())
    }

    fn put_topics(&self, work: &mut Work<'_>, config: &Config) -> Result<(), OfficeError> {
        let known = self.store.topics()?;
        for t in &config.topics {
            let same = |(id, title, gone): &(_, String, bool)| {
                *id == t.id && *title == t.title && !gone
            };
            if !known.iter().any(same) {
                work.event(Event::TopicSeen {
                    topic: t.id.clone(),
                    title: t.title.clone(),
                });
            }
        }
        for (topic, _, gone) in known {
            if !gone && config.topic(&topic).is_none() {
                work.event(Event::TopicGone { topic });
            }
        }
        Ok(())
    }

    fn put_schedules(&self, work: &mut Work<'_>, config: &Config) -> Result<(), OfficeError> {
        let known = self.store.schedules()?;
        for s in &config.schedules {
            let (cron, zone) = (s.cron.to_string(), zone_name(s));
            let same = known
                .iter()
                .any(|k| k.id == s.id && !k.gone && k.cron == cron && k.zone == zone);
            if !same {
                work.event(Event::ScheduleSeen {
                    schedule: s.id.clone(),
                    cron,
                    zone,
                    known_since: work.now,
                });
            }
        }
        for k in known {
            if !k.gone && !config.schedules.iter().any(|s| s.id == k.id) {
                work.event(Event::ScheduleGone { schedule: k.id });
            }
        }
        Ok(())
    }
}

fn zone_name(schedule: &crate::model::Schedule) -> String {
    schedule.zone.iana_name().unwrap_or("UTC").to_owned()
}
