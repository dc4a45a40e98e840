//! Shares: queue, fix a time, own text, cancel, free; for places see [`super::places`], for approval
//! [`super::approval`].

use super::articles::{WhereTo, composed};
use super::content::check_length;
use super::request::{Done, Work};
use super::{Invalid, Office, OfficeError, Refusal, channel, local_day, permission, serving};
use crate::config::Config;
use crate::model::article::MAX_TEXT_CHARS;
use crate::model::{Actor, Article, ArticleId, Cause, Event, Share, ShareId, Spot, State, Why};
use jiff::Timestamp;

impl Office {
    /// Queues an article on further channels, or once more on the same (`again`).
    ///
    /// # Errors
    /// [`Refusal::Repeat`] with the date of the earlier share.
    pub async fn queue(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        where_to: WhereTo,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("queue", id, &where_to), |work| {
            permission::compose(actor)?;
            let article = self.article(id)?;
            let config = self.config();
            let mut done = Done {
                article: Some(id),
                ..Done::default()
            };
            self.put_shares(work, &config, &article, Some(id), &where_to, &mut done)?;
            Ok(done)
        })
        .await
    }

    /// One share per channel into a commit. `known`: the article, if it was there before.
    pub(super) fn put_shares(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        article: &Article,
        known: Option<ArticleId>,
        where_to: &WhereTo,
        done: &mut Done,
    ) -> Result<(), OfficeError> {
        let places = self.channels_for(config, article.topic.as_ref(), &where_to.channels)?;
        if let Some(at) = where_to.at {
            check_to_come(at, work.now)?;
        }
        for id in where_to.own_texts.keys() {
            // A text for a channel it does not go to is a slip, and would be lost.
            channel(config, id)?;
            if !places.iter().any(|c| c.rules.id == *id) {
                return Err(OfficeError::unknown(
                    super::What::Channel,
                    id.as_str(),
                    places.iter().map(|c| c.rules.id.as_str()),
                ));
            }
        }
        for place in places {
            let rules = &place.rules;
            let own_text = where_to.own_texts.get(&rules.id).map(|t| t.trim());
            check_length("own_texts", own_text.unwrap_or_default(), MAX_TEXT_CHARS)?;
            if !where_to.draft {
                let post = composed(config, article, own_text, None, place)?;
                self.check_fits(place, &post)?;
            }
            if !where_to.again {
                let goes = where_to.at.unwrap_or(work.now);
                self.check_repeat(known, article, rules, goes)?;
            }
            let state = if where_to.draft {
                State::Draft
            } else if rules.approval_required || where_to.submit {
                State::Submitted
            } else if where_to.at.is_some() {
                State::Planned
            } else {
                State::Waiting
            };
            let share = self.chance.share(work.now);
            let own_text = own_text.map(|text| work.text(text));
            let planned = state == State::Planned;
            work.event(Event::ShareAdded {
                share,
                article: article.id,
                channel: rules.id.clone(),
                state,
                spot: (state == State::Waiting).then_some(Spot::End),
                at: where_to.at,
                day: where_to
                    .at
                    .filter(|_| planned)
                    .map(|at| local_day(config, at)),
                key: planned.then(|| self.chance.key(work.now)),
                topic: article.topic.clone(),
                priority: article.priority,
                own_text,
                again: where_to.again,
                receipt: None,
                count: None,
                origin: None,
            });
            done.shares.push(share);
            if state == State::Submitted {
                done.note("waits-for-approval", &[("channel", &rules.id)]);
            }
        }
        Ok(())
    }

    /// The event that gives a share a time by a person's wish.
    pub(super) fn planned_at(
        &self,
        config: &Config,
        share: ShareId,
        due: Timestamp,
        fixed: bool,
        now: Timestamp,
    ) -> Event {
        Event::SharePlanned {
            share,
            due,
            day: local_day(config, due),
            key: self.chance.key(now),
            firing: None,
            fixed,
            why: None,
        }
    }

    /// Gives a share a fixed time: it leaves the queue, and no firing takes it.
    ///
    /// # Errors
    /// [`Refusal::NeedsApproval`] while it waits for approval.
    pub async fn fix(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        at: Timestamp,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("fix", id, at), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            refuse_unapproved(&share)?;
            needs(
                &share,
                &[State::Waiting, State::Planned, State::Missed, State::Failed],
            )?;
            check_to_come(at, work.now)?;
            let config = self.config();
            let place = serving(&config, &share)?;
            let event = match share.state {
                State::Planned => Event::ShareFixed {
                    share: id,
                    due: at,
                    day: local_day(&config, at),
                },
                _ => self.planned_at(&config, id, at, true, work.now),
            };
            work.event(event);
            let mut done = Done::share(id);
            self.recheck_approval(work, place, &share, &article, &mut done);
            note_full_day(self, &config, place, at, &mut done)?;
            Ok(done)
        })
        .await
    }

    /// Gives a share its channel's own text, or (none) the article's again.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn own_text(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        text: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("text", id, &text), |work| {
            use State::{Draft, Failed, Missed, Planned, Submitted, Waiting};
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(
                &share,
                &[Draft, Submitted, Waiting, Planned, Missed, Failed],
            )?;
            let text = text.as_deref().map(str::trim).filter(|t| !t.is_empty());
            let mut done = Done::share(id);
            if text == share.own_text.as_deref() {
                done.note("nothing-changed", &[]);
                return Ok(done);
            }
            check_length("text", text.unwrap_or_default(), MAX_TEXT_CHARS)?;
            let config = self.config();
            if let Some(place) = config.channel(&share.channel) {
                composed(&config, &article, text, None, place)?;
            }
            let own_text = text.map(|text| work.text(text));
            work.event(Event::ShareEdited {
                share: id,
                topic: share.topic.clone(),
                priority: share.priority,
                own_text,
                own_version: share.own_version + 1,
            });
            self.unapprove(work, &config, &share, &mut done);
            Ok(done)
        })
        .await
    }

    /// Cancels a share that has not gone out.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn cancel(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        reason: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("cancel", id, &reason), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &CANCELLABLE)?;
            work.event(cancelled(id, reason.as_deref()));
            Ok(Done::share(id))
        })
        .await
    }

    /// Cancels all of an article's shares that have not gone out.
    ///
    /// # Errors
    /// [`Refusal::NothingToDo`] if there is none.
    pub async fn cancel_article(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        reason: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("cancel-article", id, &reason), |work| {
            let article = self.article(id)?;
            permission::change(actor, &article)?;
            self.each(id, &CANCELLABLE, |share, done| {
                work.event(cancelled(share.id, reason.as_deref()));
                done.shares.push(share.id);
                Ok(())
            })
        })
        .await
    }

    /// Frees a share from its channel's `after`: it goes without the other one.
    ///
    /// # Errors
    /// [`Refusal::NotHeld`] where it waits for none.
    pub async fn free(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("free", id), |work| {
            use State::{Draft, Planned, Submitted, Waiting};
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &[Draft, Submitted, Waiting, Planned])?;
            let config = self.config();
            if share.alone || serving(&config, &share)?.rules.after.is_none() {
                return Err(OfficeError::Refused(Refusal::NotHeld { share: id }));
            }
            work.event(Event::ShareFreed { share: id });
            Ok(Done::share(id))
        })
        .await
    }

    /// Does something to each of an article's shares in one of these states.
    pub(super) fn each(
        &self,
        id: ArticleId,
        states: &[State],
        mut act: impl FnMut(&Share, &mut Done) -> Result<(), OfficeError>,
    ) -> Result<Done, OfficeError> {
        let mut done = Done {
            article: Some(id),
            ..Done::default()
        };
        for share in self.store.shares_of(id, None)? {
            if states.contains(&share.state) {
                act(&share, &mut done)?;
            }
        }
        if done.shares.is_empty() {
            return Err(OfficeError::Refused(Refusal::NothingToDo { article: id }));
        }
        Ok(done)
    }
}

/// What can still be taken back (RULES 1).
pub const CANCELLABLE: [State; 7] = [
    State::Draft,
    State::Submitted,
    State::Waiting,
    State::Planned,
    State::ByHand,
    State::Failed,
    State::Missed,
];

pub(super) fn cancelled(share: ShareId, reason: Option<&str>) -> Event {
    Event::ShareCancelled {
        share,
        why: by_person(reason),
    }
}

/// A person's decision, in her words if she gave any.
pub(super) fn by_person(reason: Option<&str>) -> Why {
    Why {
        cause: Cause::Person,
        detail: reason
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .map(str::to_owned),
    }
}

/// Refuses unless the share is in one of these states.
pub(super) fn needs(share: &Share, states: &'static [State]) -> Result<(), OfficeError> {
    if states.contains(&share.state) {
        return Ok(());
    }
    Err(OfficeError::Refused(Refusal::WrongState {
        share: share.id,
        state: share.state,
        needs: states,
    }))
}

pub(super) fn refuse_unapproved(share: &Share) -> Result<(), OfficeError> {
    if matches!(share.state, State::Draft | State::Submitted) {
        return Err(OfficeError::Refused(Refusal::NeedsApproval {
            share: share.id,
        }));
    }
    Ok(())
}

fn check_to_come(at: Timestamp, now: Timestamp) -> Result<(), OfficeError> {
    if at <= now {
        return Err(OfficeError::invalid("at", Invalid::Passed(at)));
    }
    Ok(())
}

/// Tells at once what the caps would tell only at that time.
fn note_full_day(
    office: &Office,
    config: &Config,
    place: &crate::config::ConfiguredChannel,
    at: Timestamp,
    done: &mut Done,
) -> Result<(), OfficeError> {
    let Some(most) = place.rules.max_per_day else {
        return Ok(());
    };
    let day = local_day(config, at);
    if office.store.used_on(&place.rules.id, day)? >= most {
        done.note("day-full", &[("channel", &place.rules.id), ("day", &day)]);
    }
    Ok(())
}
