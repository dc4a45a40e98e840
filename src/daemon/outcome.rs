//! What a platform's answer does to a share (RULES 3), as the events of one commit.

use jiff::Timestamp;

use super::send::{Done, Job};
use super::{Ctx, account};
use crate::model::plan::local_day;
use crate::model::{Cause, Commit, Event, How, Receipt, Why, retry};
use crate::platform::SendError;
use crate::store::StoreError;

/// What is known now.
pub(super) enum What {
    /// The last part is out.
    Out(Receipt),
    /// A part is not out, or in doubt.
    NotOut(SendError),
}

/// Adds the outcome to `commit` and commits it.
pub(super) async fn write(
    ctx: &Ctx,
    job: &Job<'_>,
    mut commit: Commit,
    what: What,
) -> Result<Done, StoreError> {
    let share = job.share.id;
    let channel = &job.channel.rules;
    let now = commit.at;
    let day = |at: Timestamp| local_day(at, &job.office.zone);
    let not_sent = |due: Timestamp, counts: bool, why: Why| Event::ShareNotSent {
        share,
        due,
        day: day(due),
        counts,
        receipt: None,
        why,
    };
    let mut done = Done::Over;
    match what {
        What::Out(receipt) => {
            tracing::info!(%share, channel = %channel.id, post = %receipt.post_id, "shared");
            let count = job.count(receipt.at, How::Auto);
            commit.events.push(Event::ShareShared {
                share,
                receipt: Some(receipt),
                count,
            });
            ctx.parts.health.change(|p| p.sent += 1);
        }
        What::NotOut(error) => {
            tracing::warn!(%share, channel = %channel.id, %error, "not shared");
            match error {
                SendError::NotSent { reason } => {
                    match retry::next_try(&job.share, now, ctx.parts.chance.unit()) {
                        Some(due) => {
                            commit.events.push(not_sent(
                                due,
                                true,
                                Why::with(Cause::Unreachable, reason),
                            ));
                            done = Done::Again;
                        }
                        None => commit.events.push(Event::ShareFailed {
                            share,
                            why: Why::with(Cause::GaveUp, reason),
                        }),
                    }
                }
                SendError::Throttled { until, reason } => {
                    ctx.holds.set(&account(channel), until, ctx.store());
                    commit
                        .events
                        .push(not_sent(until, false, Why::with(Cause::Throttled, reason)));
                    done = Done::Again;
                }
                SendError::Unauthorized { reason } => {
                    let why = Why::with(Cause::Unauthorized, reason);
                    commit.events.push(not_sent(now, false, why.clone()));
                    commit.events.push(Event::Paused {
                        channel: Some(channel.id.clone()),
                        why,
                        until: None,
                    });
                }
                SendError::Blocked { until, reason } => {
                    let why = Why::with(Cause::Blocked, reason);
                    commit.events.push(not_sent(until, false, why.clone()));
                    commit.events.push(Event::Paused {
                        channel: Some(channel.id.clone()),
                        why,
                        until: Some(until),
                    });
                    done = Done::Again;
                }
                SendError::Refused { reason } => {
                    commit.events.push(Event::ShareFailed {
                        share,
                        why: Why::with(Cause::Refused, reason),
                    });
                }
                SendError::Unsure { reason, .. } => {
                    commit.events.push(Event::ShareDoubted {
                        share,
                        why: Why::with(Cause::NoAnswer, reason),
                    });
                    ctx.parts.health.change(|p| p.doubted += 1);
                }
                SendError::Moved { target } => {
                    commit.events.push(Event::ChannelRetargeted {
                        channel: channel.id.clone(),
                        target,
                    });
                    // A place that keeps moving uses up the tries like any other failure.
                    commit
                        .events
                        .push(match retry::next_try(&job.share, now, 0.0) {
                            Some(due) => not_sent(due, true, Why::new(Cause::Unreachable)),
                            None => Event::ShareFailed {
                                share,
                                why: Why::new(Cause::GaveUp),
                            },
                        });
                    done = Done::Again;
                }
            }
            ctx.parts.health.change(|p| p.not_sent += 1);
        }
    }
    ctx.commit_with(commit).await?;
    Ok(done)
}
