//! Doubtful shares: the platform is asked, in its own way, before anybody resends (RULES 3).

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::{SignedDuration, Timestamp};

use super::send::{count, within};
use super::{Ctx, account, heard, moved_on};
use crate::clock::LONGEST_SLEEP;
use crate::config::Config;
use crate::model::channel::Mode;
use crate::model::plan::{Outlook, local_day};
use crate::model::{Cause, Channel, Event, How, Share, ShareId, State, Why, retry};
use crate::platform::{Doubt, Look, SendError, Settling};
use crate::store::outlook::StoreOutlook;
use crate::store::{ShareAsk, StoreError};

/// Doubtful shares looked at in one go; a platform that lost a whole day's answers is asked in turns.
const AT_ONCE: usize = 200;
/// Doubtful shares asked about side by side.
const SIDE_BY_SIDE: usize = 8;
/// The first wait after a look that told nothing; then it doubles (`model::retry`).
const SOON: SignedDuration = SignedDuration::from_secs(1);

/// What was learnt of a doubtful share so far. Not kept over a restart: patience begins anew.
#[derive(Debug, Default, Clone, Copy)]
struct Asked {
    /// Not before then.
    next: Option<Timestamp>,
    /// ReadBack: when a complete look first found nothing.
    not_there: Option<Timestamp>,
    /// Looks without an answer.
    tries: u32,
    /// Only a person can tell.
    person: bool,
}

/// After a start every Sending share is an orphan: its request may have left.
pub(super) async fn adopt_orphans(ctx: &Ctx) -> Result<(), StoreError> {
    loop {
        let ask = ShareAsk {
            states: vec![State::Sending],
            limit: AT_ONCE,
            ..ShareAsk::default()
        };
        let orphans = ctx.store().shares(&ask)?;
        if orphans.is_empty() {
            return Ok(());
        }
        tracing::warn!(
            count = orphans.len(),
            "shares were on the wire when the program ended; they are settled"
        );
        for share in orphans {
            let why = Why::new(Cause::NoAnswer);
            ctx.commit(vec![Event::ShareDoubted {
                share: share.id,
                why,
            }])
            .await?;
        }
    }
}

/// Settles until the daemon stops.
pub(super) async fn run(ctx: Arc<Ctx>) {
    let mut commits = ctx.parts.store.watch();
    let mut asked: HashMap<ShareId, Asked> = HashMap::new();
    let mut look = true;
    while !ctx.is_stopping() {
        look |= heard(&mut commits, |e| {
            matches!(e, Event::ShareDoubted { .. } | Event::Resumed { .. })
        });
        let now = ctx.now();
        look |= asked
            .values()
            .any(|a| !a.person && a.next.is_some_and(|t| t <= now));
        if look && ctx.parts.health.pulse().clock_doubt.is_none() {
            match round(&ctx, &mut asked).await {
                Ok(()) => look = false,
                Err(error) => tracing::error!(%error, "settling failed; it is tried again"),
            }
        }
        ctx.sleep(LONGEST_SLEEP).await;
    }
}

async fn round(ctx: &Arc<Ctx>, asked: &mut HashMap<ShareId, Asked>) -> Result<(), StoreError> {
    let ask = ShareAsk {
        states: vec![State::Unsure],
        limit: AT_ONCE,
        ..ShareAsk::default()
    };
    let doubtful = ctx.store().shares(&ask)?;
    asked.retain(|id, _| doubtful.iter().any(|s| s.id == *id));
    let now = ctx.now();
    let mut due: Vec<(Share, Asked)> = doubtful
        .into_iter()
        .map(|share| {
            let told = share
                .why
                .as_ref()
                .is_some_and(|w| w.cause == Cause::CannotTell);
            let entry = asked.entry(share.id).or_insert(Asked {
                person: told,
                ..Asked::default()
            });
            (*entry, share)
        })
        .filter(|(a, _)| !a.person && a.next.is_none_or(|t| t <= now))
        .map(|(a, share)| (share, a))
        .collect();
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < SIDE_BY_SIDE
            && let Some((share, entry)) = due.pop()
        {
            running.push(async move {
                let id = share.id;
                (id, one(ctx, share, entry).await)
            });
        }
        let Some((id, result)) = running.next().await else {
            return Ok(());
        };
        match result {
            Ok(entry) => {
                asked.insert(id, entry);
            }
            Err(error) if moved_on(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

async fn one(ctx: &Ctx, share: Share, mut entry: Asked) -> Result<Asked, StoreError> {
    let config = ctx.config();
    let now = ctx.now();
    let later = |entry: &mut Asked| {
        entry.tries = entry.tries.saturating_add(1);
        entry.next = Some(now + SOON + retry::wait(entry.tries - 1, ctx.parts.chance.unit()));
    };
    let Some(channel) = config.channel(&share.channel) else {
        // Gone from the file: a person settles it.
        entry.person = true;
        return Ok(entry);
    };
    let rules = &channel.rules;
    let moved_to = ctx.store().channel(&rules.id)?.and_then(|c| c.target);
    let platform = ctx.parts.connect.connect(channel, moved_to.as_deref());
    let (Some(platform), Some(attempt), Some(post)) = (platform, &share.attempt, &share.post)
    else {
        entry.person = true;
        return Ok(entry);
    };
    // A replay sends: it keeps pauses and throttling like any send, and its account's one wire.
    let replays = platform.settling() == Settling::Replay;
    let wire = ctx.wire(rules);
    let _wire = if replays {
        Some(wire.lock().await)
    } else {
        None
    };
    let now = ctx.now();
    if replays && held(ctx, &share, rules, now)? {
        entry.next = Some(now + SOON);
        return Ok(entry);
    }
    let part = share.receipts.len();
    let doubt = Doubt {
        attempt,
        post,
        part,
        receipts: &share.receipts,
    };
    let taken = |post_id: &str| {
        ctx.store()
            .share_posted_as(&rules.id, post_id)
            .ok()
            .flatten()
            .is_some_and(|other| other != share.id)
    };
    let look = within(platform.settle(doubt, &taken)).await;
    let now = ctx.now();
    match look {
        Ok(Look::Posted(receipt)) => {
            posted(ctx, &share, &config, receipt, part + 1 >= post.parts.len()).await?;
        }
        Ok(Look::NotThere) => {
            if !enough(platform.settling(), rules, attempt.at, &mut entry, now) {
                return Ok(entry);
            }
            let why = Why::new(Cause::NotPosted);
            ctx.commit(vec![not_sent(ctx, &share, &config, true, None, why)])
                .await?;
            tracing::info!(share = %share.id, channel = %rules.id, "it was not there; it is sent again");
        }
        Ok(Look::CannotTell { reason, link }) => {
            entry.person = true;
            let words = match link {
                Some(link) => format!("{reason} {link}"),
                None => reason,
            };
            tell_person(ctx, &share, words).await?;
        }
        // The replay was refused: that tells nothing of the first time.
        Err(SendError::Refused { reason }) if replays => {
            entry.person = true;
            tell_person(ctx, &share, reason).await?;
        }
        Err(SendError::Throttled { until, .. }) => {
            ctx.holds.set(&account(rules), until, ctx.store());
            entry.next = Some(until);
        }
        Err(error) => {
            tracing::warn!(share = %share.id, channel = %rules.id, %error, "still unsure; the platform is asked again");
            if let SendError::Unauthorized { reason } = &error
                && !StoreOutlook(ctx.store()).paused(&rules.id, now)?
            {
                let why = Why::with(Cause::Unauthorized, reason.clone());
                ctx.commit(vec![Event::Paused {
                    channel: Some(rules.id.clone()),
                    why,
                    until: None,
                }])
                .await?;
            }
            later(&mut entry);
        }
    }
    Ok(entry)
}

fn held(ctx: &Ctx, share: &Share, rules: &Channel, now: Timestamp) -> Result<bool, StoreError> {
    let throttled = ctx
        .holds
        .of(&account(rules), ctx.store())
        .is_some_and(|until| until > now);
    Ok(throttled
        || rules.mode != Mode::Post
        || StoreOutlook(ctx.store()).paused(&share.channel, now)?)
}

/// Whether what is not there now was certainly never sent. By ReadBack two complete looks are
/// needed, apart, and the last a good while after the request (RULES 3).
fn enough(
    settling: Settling,
    rules: &Channel,
    sent: Timestamp,
    entry: &mut Asked,
    now: Timestamp,
) -> bool {
    if settling != Settling::ReadBack {
        return true;
    }
    let first = *entry.not_there.get_or_insert(now);
    let last_from = (first + rules.settle_gap).max(sent + rules.settle_after);
    if first != now && now >= last_from {
        return true;
    }
    entry.next = Some(last_from);
    false
}

async fn posted(
    ctx: &Ctx,
    share: &Share,
    config: &Config,
    receipt: crate::model::Receipt,
    last: bool,
) -> Result<(), StoreError> {
    let event = if last {
        let Some(article) = ctx.store().article(share.article)? else {
            return Err(StoreError::Index(format!(
                "share {} names an article that is not there",
                share.id
            )));
        };
        let count = count(&article, &config.office, receipt.at, How::Auto);
        tracing::info!(share = %share.id, channel = %share.channel, post = %receipt.post_id, "it was there");
        ctx.parts.health.change(|p| p.sent += 1);
        Event::ShareShared {
            share: share.id,
            receipt: Some(receipt),
            count,
        }
    } else {
        not_sent(
            ctx,
            share,
            config,
            false,
            Some(receipt),
            Why::new(Cause::NoAnswer),
        )
    };
    ctx.commit(vec![event]).await
}

fn not_sent(
    ctx: &Ctx,
    share: &Share,
    config: &Config,
    counts: bool,
    receipt: Option<crate::model::Receipt>,
    why: Why,
) -> Event {
    let due = ctx.now();
    Event::ShareNotSent {
        share: share.id,
        due,
        day: local_day(due, &config.office.zone),
        counts,
        receipt,
        why,
    }
}

/// Said once, where a person settles it.
async fn tell_person(ctx: &Ctx, share: &Share, words: String) -> Result<(), StoreError> {
    let why = Why::with(Cause::CannotTell, words);
    if share.why.as_ref() == Some(&why) {
        return Ok(());
    }
    tracing::warn!(share = %share.id, channel = %share.channel, "a person must look whether it was posted");
    ctx.commit(vec![Event::ShareAsked {
        share: share.id,
        why,
    }])
    .await
}
