//! One attempt: prepare, the attempt on disk, send part by part, what came of it on disk (RULES 3).

use std::time::Duration;

use jiff::Timestamp;

use super::Ctx;
use super::outcome::{self, What};
use crate::config::ConfiguredChannel;
use crate::model::plan::local_day;
use crate::model::share::Attempt;
use crate::model::{Article, By, Commit, Count, Event, How, Office, Post, Receipt, Share};
use crate::platform::http::HARD_DEADLINE;
use crate::platform::{Platform, SendError};
use crate::store::StoreError;

/// Uploads show nothing and each has its own limit; ten pictures over a slow line take their time.
const PREPARE_WITHIN: Duration = Duration::from_secs(15 * 60);

/// A share that passed the gate.
pub(super) struct Job<'a> {
    pub(super) share: Share,
    pub(super) article: Article,
    pub(super) post: Post,
    pub(super) channel: &'a ConfiguredChannel,
    pub(super) office: &'a Office,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// It is out, in doubt, failed or given back: its lane goes on.
    Over,
    /// It is tried again, and its lane waits for it.
    Again,
}

/// A post as the ledger keeps it.
pub(super) fn as_json(post: &Post) -> String {
    // Strings, numbers and lists cannot fail to serialise.
    serde_json::to_string(post).unwrap_or_default()
}

impl Job<'_> {
    fn attempted(&self, ctx: &Ctx, prepared: String, skew: i64) -> (Commit, Attempt) {
        let now = ctx.now();
        let attempt = Attempt {
            number: self.share.attempt.as_ref().map_or(0, |a| a.number) + 1,
            at: now,
            key: self.share.key.clone().unwrap_or_default(),
            prepared,
            clock_skew: skew,
        };
        let text = ctx.parts.chance.text(now);
        let mut commit = Commit::new(now, By::Daemon);
        commit.texts.insert(text, Some(as_json(&self.post)));
        commit.events.push(Event::ShareAttempted {
            share: self.share.id,
            attempt: attempt.clone(),
            post: text,
            version: self.share.version(self.article.version),
            approval: self.channel.rules.approval_required,
        });
        (commit, attempt)
    }

    pub(super) fn count(&self, at: Timestamp, how: How) -> Count {
        count(&self.article, self.office, at, how)
    }
}

/// What a share counts as that went out at `at`.
pub(super) fn count(article: &Article, office: &Office, at: Timestamp, how: How) -> Count {
    Count {
        at,
        day: local_day(at, &office.zone),
        topic: article.topic.clone(),
        unit: article.unit.clone(),
        member: article.member.clone(),
        how,
    }
}

/// A trial: nothing leaves the machine, so attempt and outcome stand in one commit.
pub(super) async fn log(ctx: &Ctx, job: Job<'_>) -> Result<(), StoreError> {
    let (mut commit, _) = job.attempted(ctx, String::new(), 0);
    let count = job.count(commit.at, How::Log);
    commit.events.push(Event::ShareShared {
        share: job.share.id,
        receipt: None,
        count,
    });
    ctx.commit_with(commit).await?;
    tracing::info!(share = %job.share.id, channel = %job.channel.rules.id, "logged; nothing left the machine");
    Ok(())
}

pub(super) async fn send(ctx: &Ctx, mut job: Job<'_>) -> Result<Done, StoreError> {
    let id = job.share.id;
    let moved_to = ctx
        .store()
        .channel(&job.channel.rules.id)?
        .and_then(|c| c.target);
    let Some(platform) = ctx.parts.connect.connect(job.channel, moved_to.as_deref()) else {
        return Err(StoreError::Index(format!(
            "channel {} has no platform to post to",
            job.channel.rules.id
        )));
    };
    let key = job.share.key.clone().unwrap_or_default();
    // Uploads and drafts: repeatable, invisible, redone after a crash. What was prepared for parts
    // that are out already stays.
    let prepared = match &job.share.attempt {
        Some(attempt) if !job.share.receipts.is_empty() => Ok(attempt.prepared.clone()),
        _ => within_or_doubt(PREPARE_WITHIN, platform.prepare(&key, &job.post)).await,
    };
    let skew = platform.clock_skew().as_secs();
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            // Nothing visible left: attempt and outcome stand in one commit.
            let (commit, _) = job.attempted(ctx, String::new(), skew);
            return outcome::write(ctx, &job, commit, What::NotOut(error.harmless())).await;
        }
    };
    let (commit, attempt) = job.attempted(ctx, prepared, skew);
    ctx.commit_with(commit).await?;
    ctx.parts.health.change(|p| p.sending += 1);
    let done = send_parts(ctx, &mut job, &*platform, &attempt).await;
    ctx.parts
        .health
        .change(|p| p.sending = p.sending.saturating_sub(1));
    tracing::debug!(share = %id, ?done, "attempt over");
    done
}

async fn send_parts(
    ctx: &Ctx,
    job: &mut Job<'_>,
    platform: &dyn Platform,
    attempt: &Attempt,
) -> Result<Done, StoreError> {
    let parts = job.post.parts.len().max(1);
    let mut receipts = job.share.receipts.clone();
    loop {
        let part = receipts.len();
        let answer = within(platform.send(attempt, &job.post, part, &receipts)).await;
        let mut commit = Commit::new(ctx.now(), By::Daemon);
        let receipt: Receipt = match answer {
            Ok(receipt) => receipt,
            Err(error) => return outcome::write(ctx, job, commit, What::NotOut(error)).await,
        };
        if part + 1 >= parts {
            return outcome::write(ctx, job, commit, What::Out(receipt)).await;
        }
        receipts.push(receipt.clone());
        commit.events.push(Event::SharePartSent {
            share: job.share.id,
            receipt,
        });
        ctx.commit_with(commit).await?;
    }
}

/// A platform's answer to a request that shows something, or doubt at the hard deadline (RULES 3).
pub(super) async fn within<T>(
    answer: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    within_or_doubt(HARD_DEADLINE, answer).await
}

async fn within_or_doubt<T>(
    time: Duration,
    answer: impl Future<Output = Result<T, SendError>>,
) -> Result<T, SendError> {
    tokio::time::timeout(time, answer)
        .await
        .unwrap_or_else(|_| {
            Err(SendError::Unsure {
                reason: format!("no answer within {} s", time.as_secs()),
                ask_now: false,
            })
        })
}
