//! Pausing a channel or everything, resuming, and trusting the clock.

use jiff::Timestamp;

use super::request::Done;
use super::shares::by_person;
use super::{Invalid, Office, OfficeError, Refusal, What, permission};
use crate::model::{Actor, ChannelId, Event};

impl Office {
    /// Pauses a channel, or (none named) everything: every firing and claim stops at once; what is
    /// on the wire finishes. It survives restarts.
    ///
    /// # Errors
    /// [`Invalid::NoReason`]: whoever finds it paused wants to know why.
    pub async fn pause(
        &self,
        actor: &Actor,
        key: Option<&str>,
        channel: Option<ChannelId>,
        reason: String,
        until: Option<Timestamp>,
    ) -> Result<Done, OfficeError> {
        let asked = ("pause", &channel, &reason, until);
        self.perform(actor, key, &asked, |work| {
            permission::pause(actor)?;
            self.check_seen(channel.as_ref())?;
            if reason.trim().is_empty() {
                return Err(OfficeError::invalid("reason", Invalid::NoReason));
            }
            if let Some(until) = until.filter(|until| *until <= work.now) {
                return Err(OfficeError::invalid("until", Invalid::Passed(until)));
            }
            work.event(Event::Paused {
                channel: channel.clone(),
                why: by_person(Some(&reason)),
                until,
            });
            Ok(Done::default())
        })
        .await
    }

    /// Ends the pause of a channel, or (none named) of everything. What was not fired meanwhile is
    /// not made up for.
    ///
    /// # Errors
    /// [`Refusal::NotPaused`].
    pub async fn resume(
        &self,
        actor: &Actor,
        key: Option<&str>,
        channel: Option<ChannelId>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("resume", &channel), |work| {
            permission::resume(actor)?;
            self.check_seen(channel.as_ref())?;
            let pause = match &channel {
                Some(id) => self.store.channel(id)?.and_then(|c| c.paused),
                None => self.store.paused_all()?,
            };
            if pause.is_none() {
                return Err(OfficeError::Refused(Refusal::NotPaused));
            }
            work.event(Event::Resumed {
                channel: channel.clone(),
            });
            Ok(Done::default())
        })
        .await
    }

    /// An administrator says that the clock is right (RULES 5).
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn trust_clock(&self, actor: &Actor, key: Option<&str>) -> Result<Done, OfficeError> {
        self.perform(actor, key, &"trust-clock", |work| {
            permission::administer(actor)?;
            work.event(Event::ClockTrusted);
            Ok(Done::default())
        })
        .await
    }

    /// A channel that was ever seen, so that one that is gone can be paused too.
    fn check_seen(&self, channel: Option<&ChannelId>) -> Result<(), OfficeError> {
        let Some(id) = channel else { return Ok(()) };
        if self.store.channel(id)?.is_some() {
            return Ok(());
        }
        let config = self.config();
        let known = config.channels.iter().map(|c| c.rules.id.as_str());
        Err(OfficeError::unknown(What::Channel, id.as_str(), known))
    }
}
