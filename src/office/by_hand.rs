//! Sharing by hand: take a task, confirm it, take the confirmation back, say it cannot be done.
//! A hand share is counted like any other.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::articles::composed;
use super::request::{Done, Work};
use super::shares::{by_person, cancelled, needs};
use super::{Invalid, Office, OfficeError, Refusal, WhoMay, local_day, permission};
use crate::config::{Config, ConfiguredChannel};
use crate::model::channel::Channel;
use crate::model::share::Taken;
use crate::model::{
    Actor, Article, Count, Event, How, PlatformKind, Receipt, Role, Share, ShareId, Spot, State,
};
use crate::platform::by_hand::clean_link;

/// Copying the text or opening the group marks a task as hers for so long (RULES 2).
pub const TAKEN_FOR: SignedDuration = SignedDuration::from_mins(15);

/// What becomes of a hand task that cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Instead {
    /// Back into the queue.
    Back,
    /// Cancelled.
    Cancel,
}

impl Office {
    /// Marks a hand task as taken, so that others leave it to her for a while.
    ///
    /// # Errors
    /// [`Refusal::TakenByOther`].
    pub async fn take(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("take", id), |work| {
            let (share, config) = (self.share(id)?, self.config());
            permission::do_hand_task(actor, rules(&config, &share))?;
            needs(&share, &[State::ByHand])?;
            self.refuse_others_task(actor, &share, work.now)?;
            work.event(Event::ShareTaken {
                share: id,
                taken: Some(Taken {
                    by: actor.member().cloned(),
                    until: later(work.now, TAKEN_FOR),
                }),
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// Gives a taken task back to the others.
    ///
    /// # Errors
    /// [`Refusal::TakenByOther`].
    pub async fn release(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("release", id), |work| {
            let (share, config) = (self.share(id)?, self.config());
            permission::do_hand_task(actor, rules(&config, &share))?;
            needs(&share, &[State::ByHand])?;
            self.refuse_others_task(actor, &share, work.now)?;
            if share.taken.is_some() {
                work.event(Event::ShareTaken {
                    share: id,
                    taken: None,
                });
            }
            Ok(Done::share(id))
        })
        .await
    }

    /// Confirms that a person shared it: with the link to the post if she has it, at the time she
    /// gives, else now. A confirmation that comes late is still taken (RULES 2).
    ///
    /// # Errors
    /// [`Invalid::Future`]; [`Refusal::LinkKnown`] where the link is another share's proof.
    pub async fn done(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        link: Option<String>,
        at: Option<Timestamp>,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("done", id, &link, at), |work| {
            let (share, article) = self.share_and_article(id)?;
            let config = self.config();
            permission::do_hand_task(actor, rules(&config, &share))?;
            needs(&share, &[State::ByHand, State::Missed])?;
            // Somebody else confirming what she is on is a slip, unless an approver does.
            if !actor.holds(Role::Approver) {
                self.refuse_others_task(actor, &share, work.now)?;
            }
            if let Some(at) = at.filter(|at| *at > work.now) {
                return Err(OfficeError::invalid("at", Invalid::Future(at)));
            }
            let when = at.unwrap_or(work.now);
            let receipt = self.proof(&config, &share, link.as_deref(), when)?;
            work.event(Event::ShareShared {
                share: id,
                receipt,
                count: Count {
                    at: when,
                    day: local_day(&config, when),
                    topic: article.topic.clone(),
                    unit: article.unit.clone(),
                    member: actor.member().cloned(),
                    how: How::ByHand,
                },
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// Takes a confirmation by hand back, within 60 s.
    ///
    /// # Errors
    /// [`Refusal::TooLateToUndo`].
    pub async fn undo(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("undo", id), |work| {
            let (share, config) = (self.share(id)?, self.config());
            permission::do_hand_task(actor, rules(&config, &share))?;
            needs(&share, &[State::Shared])?;
            let doer = share.count.as_ref().and_then(|c| c.member.as_ref());
            if doer != actor.member() && !actor.holds(Role::Approver) {
                return Err(OfficeError::NotAllowed {
                    who_may: WhoMay::Doer,
                });
            }
            let event = Event::ShareUndone {
                share: id,
                due: work.now,
                day: local_day(&config, work.now),
                until: later(work.now, hand_within(rules(&config, &share))),
            };
            if share.step(&event, work.now).is_err() {
                return Err(OfficeError::Refused(Refusal::TooLateToUndo));
            }
            work.event(event);
            Ok(Done::share(id))
        })
        .await
    }

    /// Says that a hand task cannot be done, and why: back into the queue, or cancelled.
    ///
    /// # Errors
    /// [`Invalid::NoReason`].
    pub async fn cannot(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        reason: String,
        instead: Instead,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("cannot", id, &reason, instead), |work| {
            let (share, config) = (self.share(id)?, self.config());
            permission::do_hand_task(actor, rules(&config, &share))?;
            needs(&share, &[State::ByHand])?;
            if reason.trim().is_empty() {
                return Err(OfficeError::invalid("reason", Invalid::NoReason));
            }
            self.refuse_others_task(actor, &share, work.now)?;
            work.event(match instead {
                Instead::Back => Event::ShareQueued {
                    share: id,
                    spot: Spot::End,
                    why: Some(by_person(Some(&reason))),
                },
                Instead::Cancel => cancelled(id, Some(&reason)),
            });
            Ok(Done::share(id))
        })
        .await
    }

    /// The event that opens a hand task: its text freezes here.
    pub(super) fn handed(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        place: &ConfiguredChannel,
        share: &Share,
        article: &Article,
    ) -> Result<Event, OfficeError> {
        let link = self.link_instead(config, share)?;
        let own_text = share.own_text.as_deref();
        let post = composed(config, article, own_text, link.as_deref(), place)?;
        let post = serde_json::to_string(&post).map_err(|e| OfficeError::Stopped(e.to_string()))?;
        let post = work.text(&post);
        Ok(Event::ShareHanded {
            share: share.id,
            due: work.now,
            day: local_day(config, work.now),
            until: later(work.now, place.rules.hand_within),
            post,
            why: Some(by_person(None)),
        })
    }

    /// The permalink that `after` puts in place of the article's link.
    pub(super) fn link_instead(
        &self,
        config: &Config,
        share: &Share,
    ) -> Result<Option<String>, OfficeError> {
        let Some(rules) = rules(config, share).filter(|r| !r.own_link) else {
            return Ok(None);
        };
        let Some(other) = rules.after.as_ref().filter(|_| !share.alone) else {
            return Ok(None);
        };
        let there = self.store.shares_of(share.article, Some(other))?;
        let shared = there.iter().rfind(|s| s.state == State::Shared);
        Ok(shared.and_then(|s| s.receipts.first()?.permalink.clone()))
    }

    /// The proof that a link is; refused where it is another share's already.
    pub(super) fn proof(
        &self,
        config: &Config,
        share: &Share,
        link: Option<&str>,
        at: Timestamp,
    ) -> Result<Option<Receipt>, OfficeError> {
        let Some(link) = link.map(str::trim).filter(|l| !l.is_empty()) else {
            return Ok(None);
        };
        let (kind, url) = match rules(config, share) {
            Some(rules) => (rules.platform, rules.url.as_deref()),
            None => (PlatformKind::Other, None),
        };
        let cleaned = clean_link(kind, url, link)
            .map_err(|why| OfficeError::invalid("link", Invalid::NotTheirs(why)))?;
        // Where the address is of no single post, it proves nothing that another could not.
        let post_id = cleaned.post.unwrap_or_else(|| share.id.to_string());
        let whose = self.store.share_posted_as(&share.channel, &post_id)?;
        if let Some(share) = whose.filter(|id| *id != share.id) {
            return Err(OfficeError::Refused(Refusal::LinkKnown { share }));
        }
        Ok(Some(Receipt {
            post_id,
            permalink: Some(cleaned.link),
            at,
        }))
    }

    fn refuse_others_task(
        &self,
        actor: &Actor,
        share: &Share,
        now: Timestamp,
    ) -> Result<(), OfficeError> {
        match &share.taken {
            Some(taken) if taken.until > now && taken.by.as_ref() != actor.member() => {
                Err(OfficeError::Refused(Refusal::TakenByOther {
                    by: taken.by.clone(),
                    until: taken.until,
                }))
            }
            _ => Ok(()),
        }
    }
}

/// The rules of a share's channel, if it is still configured.
pub(super) fn rules<'a>(config: &'a Config, share: &Share) -> Option<&'a Channel> {
    config.channel(&share.channel).map(|c| &c.rules)
}

/// How long a hand task stays open; a day where the channel is gone, as by default.
fn hand_within(rules: Option<&Channel>) -> SignedDuration {
    const DEFAULT: SignedDuration = SignedDuration::from_hours(24);
    rules.map_or(DEFAULT, |r| r.hand_within)
}

pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}
