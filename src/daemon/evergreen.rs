//! Articles whose rule calls for another share: it is queued as if a person had asked for it once more,
//! which by setting the rule she did.
//!
//! What was queued is under way, and what is under way is not due: looking twice, or after a kill, queues
//! nothing twice.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Ctx, moved_on};
use crate::config::{Config, ConfiguredChannel};
use crate::model::evergreen::{Turn, turn};
use crate::model::plan::Outlook;
use crate::model::{Article, By, Commit, Event, Evergreen, Share, ShareId, Spot, State, Version};
use crate::store::StoreError;
use crate::store::outlook::StoreOutlook;

/// Rules are looked at so often: they count in days.
pub(super) const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// So many articles with a rule are looked at, the oldest first: more than an office keeps in mind.
const MOST_RULES: usize = 10_000;

/// Queues what is due.
pub(super) async fn come_round(
    ctx: &Arc<Ctx>,
    config: &Config,
    now: Timestamp,
) -> Result<(), StoreError> {
    for id in ctx.store().evergreens(MOST_RULES)? {
        let Some(article) = ctx.store().article(id)? else {
            continue;
        };
        let Some(rule) = article.evergreen.clone() else {
            continue;
        };
        for commit in due(ctx, config, now, &article, &rule)? {
            match ctx.commit_with(commit).await {
                // A person did something in the same moment: the next look sees it.
                Err(error) if !moved_on(&error) => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// A commit for each channel where its turn has come.
fn due(
    ctx: &Ctx,
    config: &Config,
    now: Timestamp,
    article: &Article,
    rule: &Evergreen,
) -> Result<Vec<Commit>, StoreError> {
    let outlook = StoreOutlook(ctx.store());
    let shares = ctx.store().shares_of(article.id, None)?;
    let mut commits = Vec::new();
    for place in &config.channels {
        let rules = &place.rules;
        let there = shares.iter().filter(|s| s.channel == rules.id).cloned();
        let there: Vec<Share> = there.collect();
        let Turn::Due(at, so_manieth) = turn(rule, &there, &config.office.zone) else {
            continue;
        };
        let out = there.iter().rev().find(|s| s.count.is_some());
        let Some(last) = out.filter(|_| at <= now) else {
            continue;
        };
        // Not made up for: when the pause is over it comes round once.
        if outlook.paused(&rules.id, now)? || !rules.takes_topic(article.topic.as_ref()) {
            continue;
        }
        commits.push(once_more(ctx, now, article, place, last, so_manieth));
    }
    Ok(commits)
}

fn once_more(
    ctx: &Ctx,
    now: Timestamp,
    article: &Article,
    place: &ConfiguredChannel,
    last: &Share,
    so_manieth: u32,
) -> Commit {
    let chance = &ctx.parts.chance;
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
    });
    commit.events.push(Event::ShareCameRound {
        share,
        turn: so_manieth,
    });
    // What a person approved is what goes out again; after an edit she is asked again.
    let approved = last.approved == Some(last.version(article.version));
    if required && approved {
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
