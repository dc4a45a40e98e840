//! Taking down what went out. It stays counted, and the take-down is shown beside.

use super::request::{Done, Work};
use super::shares::{CANCELLABLE, by_person, needs};
use super::{Office, OfficeError, Refusal, permission};
use crate::config::Config;
use crate::model::share::Removal;
use crate::model::{Actor, ArticleId, Event, How, Mode, PlatformKind, Share, ShareId, State};

impl Office {
    /// Takes one share down: by the daemon where the platform can, by a person where it cannot.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn remove(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        reason: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("remove", id, &reason), |work| {
            permission::approve(actor)?;
            let share = self.share(id)?;
            needs(&share, &[State::Shared])?;
            put_removal(work, &self.config(), &share, reason.as_deref());
            Ok(Done::share(id))
        })
        .await
    }

    /// Takes all of an article's shares down that are out. Those still to go are told, not touched.
    ///
    /// # Errors
    /// [`Refusal::NothingToDo`] if none is out.
    pub async fn remove_article(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        reason: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("remove-article", id, &reason), |work| {
            permission::approve(actor)?;
            self.article(id)?;
            let config = self.config();
            let mut done = self.each(id, &[State::Shared], |share, done| {
                put_removal(work, &config, share, reason.as_deref());
                done.shares.push(share.id);
                Ok(())
            })?;
            let shares = self.store.shares_of(id, None)?;
            let to_go = shares
                .iter()
                .filter(|s| CANCELLABLE.contains(&s.state))
                .count();
            if to_go > 0 {
                done.note("still-to-go", &[("n", &to_go)]);
            }
            Ok(done)
        })
        .await
    }

    /// A person took it down.
    ///
    /// # Errors
    /// [`Refusal::NoRemoval`] unless a person was asked to.
    pub async fn removed(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("removed", id), |work| {
            let (share, config) = (self.share(id)?, self.config());
            permission::do_hand_task(actor, super::by_hand::rules(&config, &share))?;
            needs(&share, &[State::Shared])?;
            if share.removal != Some(Removal::ByHand) {
                return Err(OfficeError::Refused(Refusal::NoRemoval { share: id }));
            }
            work.event(Event::ShareRemoved { share: id });
            Ok(Done::share(id))
        })
        .await
    }

    /// Gives a take-down up: the share stays out.
    ///
    /// # Errors
    /// [`Refusal::NoRemoval`] if none is under way.
    pub async fn keep(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        reason: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("keep", id, &reason), |work| {
            permission::approve(actor)?;
            let share = self.share(id)?;
            needs(&share, &[State::Shared])?;
            if !matches!(share.removal, Some(Removal::Asked | Removal::ByHand)) {
                return Err(OfficeError::Refused(Refusal::NoRemoval { share: id }));
            }
            work.event(Event::RemovalChanged {
                share: id,
                removal: None,
                why: Some(by_person(reason.as_deref())),
            });
            Ok(Done::share(id))
        })
        .await
    }
}

fn put_removal(work: &mut Work<'_>, config: &Config, share: &Share, reason: Option<&str>) {
    if share.count.as_ref().is_some_and(|c| c.how == How::Log) {
        // A trial: nothing is out there.
        work.event(Event::ShareRemoved { share: share.id });
        return;
    }
    if share.removal.is_some() {
        return;
    }
    let removal = if can_delete(config, share) {
        Removal::Asked
    } else {
        Removal::ByHand
    };
    work.event(Event::RemovalChanged {
        share: share.id,
        removal: Some(removal),
        why: Some(by_person(reason)),
    });
}

/// Whether the daemon can delete it: it posted it itself, and the platform has a request for it.
fn can_delete(config: &Config, share: &Share) -> bool {
    let by_daemon = share.count.as_ref().is_some_and(|c| c.how == How::Auto);
    let reachable = config.channel(&share.channel).is_some_and(|c| {
        c.rules.mode == Mode::Post
            && c.rules.platform.has_api()
            // A receiver of webhooks knows no request to take a post back.
            && c.rules.platform != PlatformKind::Webhook
    });
    by_daemon && reachable && !share.receipts.is_empty()
}
