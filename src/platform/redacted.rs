//! The one way out of a platform: what it says of errors and findings passes here, so that no platform can
//! forget to take the secrets out.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt as _};
use jiff::SignedDuration;

use super::http::Redact;
use super::outcome::short;
use super::{Doubt, Engagement, Finding, IsTaken, Look, Platform, SendError, Settling};
use crate::compose::limits::ToldLimits;
use crate::model::share::Attempt;
use crate::model::{Post, Receipt};

/// A platform whose words are without secrets, on one line, short.
pub(super) struct Redacted<P> {
    platform: P,
    redact: Redact,
}

/// A platform's words without secrets, on one line, short.
pub(super) fn clean(redact: &Redact, words: &str) -> String {
    // Redacted first: cutting could leave half a secret that the redactor does not know.
    short(&redact(words))
}

impl<P: Platform + 'static> Redacted<P> {
    pub(super) fn around(platform: P, redact: Redact) -> Arc<dyn Platform> {
        Arc::new(Self { platform, redact })
    }

    fn error(&self, error: SendError) -> SendError {
        error.map_words(|words| clean(&self.redact, words))
    }

    fn clean<'a, T: 'a>(
        &'a self,
        answer: BoxFuture<'a, Result<T, SendError>>,
    ) -> BoxFuture<'a, Result<T, SendError>> {
        answer
            .map(|answer| answer.map_err(|e| self.error(e)))
            .boxed()
    }
}

impl<P: Platform + 'static> Platform for Redacted<P> {
    fn settling(&self) -> Settling {
        self.platform.settling()
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(async move {
            let mut found = self.clean(self.platform.check()).await?;
            for finding in &mut found {
                finding.cleaned(|text| clean(&self.redact, text));
            }
            Ok(found)
        })
    }

    fn prepare<'a>(
        &'a self,
        key: &'a str,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>> {
        self.clean(self.platform.prepare(key, post))
    }

    fn send<'a>(
        &'a self,
        attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        self.clean(self.platform.send(attempt, post, part, receipts))
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            let mut look = self.clean(self.platform.settle(doubt, is_taken)).await?;
            if let Look::CannotTell { reason, .. } = &mut look {
                *reason = clean(&self.redact, reason);
            }
            Ok(look)
        })
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        self.clean(self.platform.delete(receipt))
    }

    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        self.clean(self.platform.engagement(receipt))
    }

    fn told(&self) -> BoxFuture<'_, Result<Option<ToldLimits>, SendError>> {
        self.clean(self.platform.told())
    }

    fn clock_skew(&self) -> SignedDuration {
        self.platform.clock_skew()
    }
}
