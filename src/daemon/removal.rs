//! Take-downs: deletes where the platform can. Deleting again is harmless, so doubt is settled by
//! doing it again; what a platform refuses to delete becomes a hand task with the link.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::send::within;
use super::{Ctx, account, heard, moved_on};
use crate::clock::LONGEST_SLEEP;
use crate::model::share::{Removal, TakenDownBy};
use crate::model::{Cause, Event, Mode, Share, ShareId, Why, retry};
use crate::platform::SendError;
use crate::store::StoreError;

/// Take-downs looked at in one go: those of some hundred articles, so that a platform that is away does
/// not stand before the others.
const AT_ONCE: usize = 1000;

/// Takes down until the daemon stops.
pub(super) async fn run(ctx: Arc<Ctx>) {
    let mut commits = ctx.parts.store.watch();
    let mut waits: HashMap<ShareId, (u32, Timestamp)> = HashMap::new();
    let mut look = true;
    while !ctx.is_stopping() {
        look |= heard(&mut commits, |e| matches!(e, Event::RemovalChanged { .. }));
        let now = ctx.now();
        look |= waits.values().any(|(_, at)| *at <= now);
        if look {
            match round(&ctx, &mut waits).await {
                Ok(()) => look = false,
                Err(error) => tracing::error!(%error, "taking down failed; it is tried again"),
            }
        }
        ctx.sleep(LONGEST_SLEEP).await;
    }
}

async fn round(
    ctx: &Ctx,
    waits: &mut HashMap<ShareId, (u32, Timestamp)>,
) -> Result<(), StoreError> {
    let open = ctx.store().removals(TakenDownBy::Daemon, AT_ONCE)?;
    waits.retain(|id, _| open.contains(id));
    for id in open {
        let now = ctx.now();
        if waits.get(&id).is_some_and(|(_, at)| *at > now) {
            continue;
        }
        let Some(share) = ctx.store().share(id)? else {
            continue;
        };
        if !share
            .removal
            .is_some_and(|r| r.taken_down_by() == TakenDownBy::Daemon)
        {
            continue;
        }
        match take_down(ctx, &share).await {
            Ok(None) => {
                waits.remove(&id);
            }
            Ok(Some(not_before)) => {
                let tries = waits.get(&id).map_or(0, |(n, _)| n + 1);
                let at = not_before.max(now + retry::wait(tries, ctx.parts.chance.unit()));
                waits.insert(id, (tries, at));
            }
            Err(error) if moved_on(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// `Some`: not done; not again before then.
async fn take_down(ctx: &Ctx, share: &Share) -> Result<Option<Timestamp>, StoreError> {
    let id = share.id;
    let by_hand = |why: Why| {
        vec![Event::RemovalChanged {
            share: id,
            removal: Some(Removal::ByHand),
            why: Some(why),
        }]
    };
    let config = ctx.config();
    let channel = config.channel(&share.channel);
    let moved_to = ctx.store().channel(&share.channel)?.and_then(|c| c.target);
    let platform = channel
        .filter(|c| c.rules.mode == Mode::Post)
        .and_then(|c| ctx.parts.connect.connect(c, moved_to.as_deref()));
    let (Some(channel), Some(platform)) = (channel, platform) else {
        ctx.commit(by_hand(Why::new(Cause::ChannelGone))).await?;
        return Ok(None);
    };
    if share.removal != Some(Removal::Deleting) {
        ctx.commit(vec![Event::RemovalChanged {
            share: id,
            removal: Some(Removal::Deleting),
            why: None,
        }])
        .await?;
    }
    let now = ctx.now();
    for receipt in share.receipts.iter().rev() {
        let error = match within(platform.delete(receipt)).await {
            Ok(()) => continue,
            Err(error) => error,
        };
        tracing::warn!(share = %id, channel = %share.channel, %error, "not taken down");
        match error {
            SendError::Refused { reason } => {
                ctx.commit(by_hand(Why::with(Cause::Refused, reason)))
                    .await?;
                return Ok(None);
            }
            SendError::Unauthorized { reason } => {
                ctx.commit(by_hand(Why::with(Cause::Unauthorized, reason)))
                    .await?;
                return Ok(None);
            }
            SendError::Throttled { until, .. } | SendError::Blocked { until, .. } => {
                ctx.holds.set(&account(&channel.rules), until, ctx.store());
                return Ok(Some(until));
            }
            _ => return Ok(Some(now)),
        }
    }
    ctx.commit(vec![Event::ShareRemoved { share: id }]).await?;
    tracing::info!(share = %id, channel = %share.channel, "taken down");
    Ok(None)
}
