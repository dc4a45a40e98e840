//! Places in a queue: order rests on them, never on ids or times (RULES 2).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::{Done, Work};
use super::shares::{needs, refuse_unapproved};
use super::{Office, OfficeError, Refusal, permission};
use crate::model::channel::Order;
use crate::model::event::PLACE_STEP;
use crate::model::{Actor, Cause, Event, Share, ShareId, Spot, State, Why};
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
            order: Order::Oldest,
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
