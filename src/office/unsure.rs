//! Trying again what failed or was missed, and settling by a person what nobody could tell.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::Done;
use super::shares::needs;
use super::{Office, OfficeError, local_day, permission, serving};
use crate::model::{Actor, Cause, Count, Event, How, Mode, ShareId, Spot, State, Why};

/// How a failed or missed share is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// As soon as the channel's rules let it.
    #[default]
    Now,
    /// On top of its queue (a failed one only).
    Queue,
    /// By a person.
    ByHand,
}

/// What a person found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "found")]
pub enum Found {
    /// It is there.
    Posted {
        /// Where, if she has the link.
        #[serde(default)]
        link: Option<String>,
    },
    /// It is not there.
    NotPosted {
        /// Leave it; otherwise it is sent again.
        #[serde(default)]
        give_up: bool,
    },
}

impl Office {
    /// Tries a failed or missed share again: with a new post and a new key where it was refused.
    ///
    /// # Errors
    /// See [`OfficeError`]; an unsure share is settled first.
    pub async fn retry(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        how: Retry,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("retry", id, how), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            let config = self.config();
            let by_hand = how == Retry::ByHand;
            match how {
                Retry::Now => needs(&share, &[State::Failed, State::Missed])?,
                Retry::Queue => needs(&share, &[State::Failed])?,
                Retry::ByHand => {
                    needs(&share, &[State::Failed, State::Missed, State::Planned])?;
                }
            }
            let place = serving(&config, &share)?;
            let mut done = Done::share(id);
            if by_hand || (how == Retry::Now && place.rules.mode == Mode::ByHand) {
                let approved = share.approved == Some(share.version(article.version));
                if place.rules.approval_required && !approved {
                    // Nothing unapproved is handed to a person either: first the approver.
                    let planned = self.planned_at(&config, id, work.now, false, work.now);
                    if share.state != State::Planned {
                        work.event(planned);
                    }
                    self.recheck_approval(work, place, &share, &article, &mut done);
                    return Ok(done);
                }
                let handed = self.handed(work, &config, place, &share, &article)?;
                work.event(handed);
                return Ok(done);
            }
            let event = match how {
                Retry::Queue => Event::ShareQueued {
                    share: id,
                    spot: Spot::Top,
                    why: Some(Why::new(Cause::Person)),
                },
                _ => self.planned_at(&config, id, work.now, false, work.now),
            };
            work.event(event);
            self.recheck_approval(work, place, &share, &article, &mut done);
            Ok(done)
        })
        .await
    }

    /// A person looked and says whether an unsure share is out.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn settle(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ShareId,
        found: Found,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("settle", id, &found), |work| {
            let (share, article) = self.share_and_article(id)?;
            permission::change(actor, &article)?;
            let config = self.config();
            let gone = config.channel(&share.channel).is_none();
            if gone {
                // No daemon will ever settle it (RULES 6).
                needs(&share, &[State::Unsure, State::Sending])?;
            } else {
                needs(&share, &[State::Unsure])?;
            }
            let event = match &found {
                Found::Posted { link } => {
                    let sent = share.attempt.as_ref().map_or(work.now, |a| a.at);
                    Event::ShareShared {
                        share: id,
                        receipt: self.proof(&config, &share, link.as_deref(), sent)?,
                        count: Count {
                            at: sent,
                            day: local_day(&config, sent),
                            topic: article.topic.clone(),
                            unit: article.unit.clone(),
                            member: article.member.clone(),
                            how: How::Auto,
                        },
                    }
                }
                Found::NotPosted { give_up } if *give_up || gone => Event::ShareFailed {
                    share: id,
                    why: Why::new(Cause::NotPosted),
                },
                Found::NotPosted { .. } => Event::ShareNotSent {
                    share: id,
                    due: work.now,
                    day: local_day(&config, work.now),
                    counts: true,
                    receipt: None,
                    why: Why::new(Cause::NotPosted),
                },
            };
            work.event(event);
            Ok(Done::share(id))
        })
        .await
    }
}
