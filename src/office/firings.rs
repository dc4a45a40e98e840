//! Answering what a missed firing asks: fire now, or skip (RULES 2).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::{Done, Work};
use super::{Office, OfficeError, Refusal, What, permission};
use crate::model::plan::{Spent, fire};
use crate::model::{Actor, Event, Firing, ScheduleId};
use crate::store::MissedFirings;
use crate::store::outlook::StoreOutlook;

/// What a person says to missed instants of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AboutMissed)]
pub enum Answer {
    /// Serve the latest of them now.
    Fire,
    /// Pass over all of them.
    Skip,
}

impl Office {
    /// Answers the question about a schedule's missed instants.
    ///
    /// # Errors
    /// [`Refusal::NothingAsked`].
    pub async fn answer_missed(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ScheduleId,
        answer: Answer,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("missed", &id, answer), |work| {
            permission::compose(actor)?;
            let state = self
                .store
                .schedule(&id)?
                .ok_or_else(|| OfficeError::not_found(What::Schedule, &id))?;
            let nothing_asked = || {
                let schedule = id.clone();
                OfficeError::Refused(Refusal::NothingAsked { schedule })
            };
            let asked = state.asked.ok_or_else(nothing_asked)?;
            match answer {
                Answer::Skip => {
                    work.event(Event::FiringSkipped {
                        schedule: id.clone(),
                        since: asked.since,
                        instant: asked.instant,
                        count: asked.count,
                    });
                    Ok(Done::default())
                }
                Answer::Fire => self.fire_now(work, &id, &asked),
            }
        })
        .await
    }

    /// The firing as the planner would have made it, late.
    fn fire_now(
        &self,
        work: &mut Work<'_>,
        id: &ScheduleId,
        asked: &MissedFirings,
    ) -> Result<Done, OfficeError> {
        let config = self.config();
        let schedule = config
            .schedules
            .iter()
            .find(|s| s.id == *id)
            .ok_or_else(|| OfficeError::not_found(What::Schedule, id))?;
        let taken = fire(
            work.now,
            schedule,
            asked.instant,
            true,
            &*config,
            &StoreOutlook(&*self.store),
            &mut Spent::default(),
        )?;
        work.event(Event::FiringFired {
            schedule: id.clone(),
            instant: asked.instant,
            late: true,
        });
        let mut done = Done::default();
        for t in taken {
            work.event(Event::SharePlanned {
                share: t.share,
                due: t.due,
                day: t.day,
                key: self.chance.key(work.now),
                firing: Some(Firing {
                    schedule: id.clone(),
                    instant: asked.instant,
                }),
                fixed: false,
                why: None,
            });
            done.shares.push(t.share);
        }
        Ok(done)
    }
}
