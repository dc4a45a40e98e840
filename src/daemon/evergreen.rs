//! Articles whose rule calls for another share: it is queued as if a person had asked for it once more,
//! which by setting the rule she did.
//!
//! A turn that comes at the very instant of a firing is in the queue before it: [`upcoming`] shows it so.
//! What was queued is under way, and what is under way is not due: looking twice, or after a kill, queues
//! nothing twice.
//!
//! [`upcoming`]: crate::model::upcoming

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Ctx, moved_on};
use crate::config::{Config, ConfiguredChannel};
use crate::model::evergreen::{Round, Turn};
use crate::model::plan::Outlook;
use crate::model::{By, Commit, Event, Share, ShareId, Spot, State, Version};
use crate::store::StoreError;
use crate::store::almanac::round;
use crate::store::outlook::StoreOutlook;

/// Rules are looked at so often, and when a turn is known to come: they count in days.
pub(super) const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// Queues what is due, what was due first first; tells when the next turn comes, if nothing else happens.
pub(super) async fn come_round(
    ctx: &Arc<Ctx>,
    config: &Config,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let outlook = StoreOutlook(ctx.store());
    let zone = &config.office.zone;
    let mut next = Timestamp::MAX;
    let mut due = Vec::new();
    for standing in ctx.parts.almanac.standings(ctx.store())? {
        let (Turn::Due(at, _), Some(place)) =
            (standing.turn(zone), config.channel(&standing.channel))
        else {
            continue;
        };
        if at > now {
            next = next.min(at);
        // Not made up for: when the pause is over it comes round once.
        } else if place.rules.takes_topic(standing.topic.as_ref())
            && !outlook.paused(&standing.channel, now)?
        {
            due.push((at, standing, place));
        }
    }
    due.sort_by_key(|(at, ..)| *at);
    for (_, standing, place) in due {
        // As it stands now: what was committed a moment ago may not have been told yet.
        let round = round(ctx.store(), standing.article, &standing.channel)?;
        let Some(round) = round else { continue };
        let (Turn::Due(at, so_manieth), Some(last)) = (round.turn(zone), round.last()) else {
            continue;
        };
        if at > now {
            continue;
        }
        let commit = once_more(ctx, now, &round, place, last, so_manieth);
        match ctx.commit_with(commit).await {
            // A person did something in the same moment: the next look sees it.
            Err(error) if !moved_on(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(next)
}

fn once_more(
    ctx: &Ctx,
    now: Timestamp,
    round: &Round,
    place: &ConfiguredChannel,
    last: &Share,
    so_manieth: u32,
) -> Commit {
    let (chance, article) = (&ctx.parts.chance, &round.article);
    let mut commit = Commit::new(now, By::Daemon);
    let share: ShareId = chance.share(now);
    let own_text = last.own_text.as_deref().filter(|text| !text.is_empty());
    let own_text = own_text.map(|text| {
        let id = chance.text(now);
        commit.texts.insert(id, Some(text.to_owned()));
        id
    });
    let required = place.rules.approval_required;
    commit.events.push(Event::ShareAdded {
        share,
        article: article.id,
        channel: place.rules.id.clone(),
        state: if required {
            State::Submitted
        } else {
            State::Waiting
        },
        spot: (!required).then_some(Spot::End),
        at: None,
        day: None,
        key: None,
        topic: article.topic.clone(),
        priority: article.priority,
        own_text,
        again: true,
        receipt: None,
        count: None,
        origin: None,
    });
    commit.events.push(Event::ShareCameRound {
        share,
        turn: so_manieth,
    });
    // What a person approved is what goes out again; after an edit she is asked again.
    if required && round.is_approved() {
        let version = Version {
            article: article.version,
            own: u32::from(own_text.is_some()),
        };
        commit.events.push(Event::ShareApproved { share, version });
        commit.events.push(Event::ShareQueued {
            share,
            spot: Spot::End,
            why: None,
        });
    }
    commit
}
