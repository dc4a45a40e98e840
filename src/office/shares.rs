//! Shares: queue, submit, approve, send back, move, fix a time, own text, cancel, skip, free.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::articles::{WhereTo, check_length, composed};
use super::request::{Done, Work};
use super::{
    Invalid, Office, OfficeError, Refusal, WhoMay, channel, local_day, permission, serving,
};
use crate::config::Config;
use crate::model::article::MAX_TEXT_CHARS;
use crate::model::event::PLACE_STEP;
use crate::model::{
    Actor, Article, ArticleId, Cause, Event, Share, ShareId, Spot, State, Version, Why,
};
use crate::store::{QueueAsk, Queued};

/// Where in the queue a share is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MoveTo {
    /// Before all.
    Top,
    /// Behind all.
    End,
    /// Behind this share of the same queue.
    #[schema(value_type = String, format = "uuid")]
    Behind(ShareId),
}

/// Shares of a queue that are moved up together at most, to make room for one.
const MOST_MOVED: usize = 64;

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
                composed(config, article, own_text, None, place)?;
            }
            if !where_to.again {
                let goes = where_to.at.unwrap_or(work.now);
                let link = article.content.link.as_deref();
                self.check_repeat(known, link, rules, goes)?;
            }
            let state = if where_to.draft {
                State::Draft
            } else if rules.approval_required {
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
            });
            done.shares.push(share);
            if state == State::Submitted {
                done.note("waits-for-approval", &[("channel", &rules.id)]);
            }
        }
        Ok(())
    }

    /// Submits a draft. Where the channel asks for no approval it goes on at once.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn submit(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("submit", id), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &[State::Draft])?;
            let config = self.config();
            let place = serving(&config, &share)?;
            composed(&config, &article, share.own_text.as_deref(), None, place)?;
            let mut done = Done::share(id);
            work.event(Event::ShareSubmitted { share: id });
            if place.rules.approval_required {
                done.note("waits-for-approval", &[("channel", &share.channel)]);
            } else {
                self.onward(work, &config, &share);
            }
            Ok(done)
        })
        .await
    }

    /// Approves one version of what will be seen: text, link, pictures, the channel's own text.
    /// `seen` is the version that was looked at; another one is refused as stale.
    ///
    /// # Errors
    /// [`WhoMay::OtherApprover`] for one's own text, unless `[office] approve_own`.
    pub async fn approve(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        seen: Option<Version>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("approve", id, seen), |work| {
            permission::approve(actor)?;
            let (share, article) = self.share_and_article(id)?;
            let config = self.config();
            self.put_approval(work, &config, actor, &share, &article, seen)?;
            Ok(Done::share(id))
        })
        .await
    }

    /// Approves all of an article's shares that wait for it.
    ///
    /// # Errors
    /// As [`Office::approve`]; [`Refusal::NothingToDo`] if none waits.
    pub async fn approve_article(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        seen: Option<u32>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("approve-article", id, seen), |work| {
            permission::approve(actor)?;
            let article = self.article(id)?;
            if seen.is_some_and(|seen| seen != article.version) {
                return Err(OfficeError::Stale);
            }
            let config = self.config();
            self.each(id, &[State::Submitted], |share, done| {
                self.put_approval(work, &config, actor, share, &article, None)?;
                done.shares.push(share.id);
                Ok(())
            })
        })
        .await
    }

    fn put_approval(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        actor: &Actor,
        share: &Share,
        article: &Article,
        seen: Option<Version>,
    ) -> Result<(), OfficeError> {
        needs(share, &[State::Submitted])?;
        if !config.office.approve_own && self.wrote(actor, share, article)? {
            return Err(OfficeError::NotAllowed {
                who_may: WhoMay::OtherApprover,
            });
        }
        let version = share.version(article.version);
        if seen.is_some_and(|seen| seen != version) {
            return Err(OfficeError::Stale);
        }
        let place = serving(config, share)?;
        composed(config, article, share.own_text.as_deref(), None, place)?;
        work.event(Event::ShareApproved {
            share: share.id,
            version,
        });
        self.onward(work, config, share);
        Ok(())
    }

    /// Whether the text is the actor's own: she added the article, or changed what is seen of it.
    fn wrote(&self, actor: &Actor, share: &Share, article: &Article) -> Result<bool, OfficeError> {
        if permission::owns(actor, article) {
            return Ok(true);
        }
        let me = actor.by();
        let mut stood = None;
        for told in self.store.story(share.id)? {
            let stands = match told.event {
                Event::ShareAdded {
                    topic, priority, ..
                }
                | Event::ShareEdited {
                    topic, priority, ..
                } => Some((topic, priority)),
                _ => continue,
            };
            // Where neither topic nor priority changed, the text did (`put_edit_of_share`).
            if stands == stood && told.by == me {
                return Ok(true);
            }
            stood = stands;
        }
        Ok(false)
    }

    /// From Submitted to its fixed time, or into the queue.
    pub(super) fn onward(&self, work: &mut Work<'_>, config: &Config, share: &Share) {
        match share.at {
            Some(at) => {
                let planned = self.planned_at(config, share.id, at, true, work.now);
                work.event(planned);
            }
            None => work.event(Event::ShareQueued {
                share: share.id,
                spot: Spot::End,
                why: None,
            }),
        }
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

    /// Sends a submitted share back to its author, with a note; or she takes it back herself.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn send_back(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        note: Option<String>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("return", id, &note), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            needs(&share, &[State::Submitted])?;
            work.event(Event::ShareReturned {
                share: id,
                note: note.clone(),
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// Gives a waiting share another place; a planned one comes back into its queue there.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn move_to(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        to: MoveTo,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("move", id, to), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            refuse_unapproved(&share)?;
            needs(&share, &[State::Waiting, State::Planned])?;
            let spot = match to {
                MoveTo::Top => Spot::Top,
                MoveTo::End => Spot::End,
                MoveTo::Behind(other) if other == id => return Ok(Done::share(id)),
                MoveTo::Behind(other) => self.spot_behind(work, &share, other)?,
            };
            work.event(match share.state {
                State::Waiting => Event::ShareMoved { share: id, spot },
                _ => Event::ShareQueued {
                    share: id,
                    spot,
                    why: Some(Why::new(Cause::Person)),
                },
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// A free place behind `other`; where there is none, those behind it move up to make one.
    fn spot_behind(
        &self,
        work: &mut Work<'_>,
        share: &Share,
        other: ShareId,
    ) -> Result<Spot, OfficeError> {
        let anchor = self.share(other)?;
        let elsewhere = OfficeError::Refused(Refusal::OtherQueue { share: other });
        let (Some(place), true) = (anchor.place, anchor.channel == share.channel) else {
            return Err(elsewhere);
        };
        let anchor = Queued {
            share: other,
            place,
            entry: anchor.entry,
            priority: anchor.priority,
        };
        let mut behind = self.store.queue(&QueueAsk {
            channel: &share.channel,
            order: crate::model::channel::Order::Oldest,
            topic: None,
            after: Some(&anchor),
            limit: MOST_MOVED + 1,
        })?;
        let ends = behind.len() <= MOST_MOVED;
        behind.retain(|q| q.share != share.id);
        let places: Vec<i64> = behind.iter().map(|q| q.place).collect();
        let Some((spot, moved)) = make_room(place, &places, ends) else {
            return Err(OfficeError::Busy);
        };
        if !moved.is_empty() && share.state == State::Waiting {
            // Its own place may be one of those that are needed.
            work.event(Event::ShareMoved {
                share: share.id,
                spot: Spot::End,
            });
        }
        // From the last on, so that each finds its new place free.
        for (queued, to) in behind.iter().zip(&moved).rev() {
            work.event(Event::ShareMoved {
                share: queued.share,
                spot: Spot::At(*to),
            });
        }
        Ok(Spot::At(spot))
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

    /// What comes back into play with a text that is not the approved one goes to the approver.
    pub(super) fn recheck_approval(
        &self,
        work: &mut Work<'_>,
        place: &crate::config::ConfiguredChannel,
        share: &Share,
        article: &Article,
        done: &mut Done,
    ) {
        let approved = share.approved == Some(share.version(article.version));
        if place.rules.approval_required && !approved {
            work.event(Event::ShareUnapproved {
                share: share.id,
                why: Why::new(Cause::Edited),
            });
            done.note("back-to-approval", &[("channel", &share.channel)]);
        }
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

    /// Lets this turn pass: a waiting share goes to the end of its queue, a planned one back into it.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn skip(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.move_to(actor, key, id, MoveTo::End).await
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
pub(super) const CANCELLABLE: [State; 7] = [
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

fn refuse_unapproved(share: &Share) -> Result<(), OfficeError> {
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

/// A free place behind `anchor`, and where the first few of those behind it move to. `ends`: the
/// queue ends with `behind`.
fn make_room(anchor: i64, behind: &[i64], ends: bool) -> Option<(i64, Vec<i64>)> {
    // The fewest that must move until a gap takes them all.
    for moved in 0..=behind.len() {
        let room = match behind.get(moved) {
            Some(next) => next.checked_sub(anchor)?,
            None if ends => {
                let n = i64::try_from(moved).ok()?.checked_add(2)?;
                PLACE_STEP.checked_mul(n)?
            }
            None => return None,
        };
        let step = room / i64::try_from(moved + 2).ok()?;
        if step >= 1 {
            let at = |i: usize| Some(anchor + step * i64::try_from(i).ok()?);
            let places = (0..moved).map(|i| at(i + 2)).collect::<Option<_>>()?;
            return Some((at(1)?, places));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_takes_it_without_moving_others() {
        assert_eq!(make_room(10, &[20, 30], true), Some((15, vec![])));
    }

    #[test]
    fn without_a_gap_the_fewest_move_up() {
        let (spot, moved) = make_room(10, &[11, 12, 40], true).expect("there is room behind 12");
        assert_eq!((spot, moved.clone()), (17, vec![24, 31]));
        assert!(10 < spot && spot < moved[0] && moved[0] < moved[1] && moved[1] < 40);
    }

    #[test]
    fn behind_the_last_there_is_always_room() {
        assert_eq!(make_room(5, &[], true), Some((5 + PLACE_STEP, vec![])));
        assert_eq!(make_room(5, &[6, 7], false), None);
    }
}
