//! The store as planning sees it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Store, StoreError};
use crate::compose::limits::ToldLimits;
use crate::compose::link_keys;
use crate::model::plan::{Outlook, QueueAsk, Queued};
use crate::model::{ArticleId, ChannelId, Share, ShareId};

/// So many planned shares of one channel matter for the spacing of the next one.
const DUES_THAT_MATTER: usize = 256;

/// The note under which a channel's server's own limits are kept.
fn told_note(channel: &ChannelId) -> String {
    format!("told/{channel}")
}

/// What a channel's server said it takes, when it was asked last.
pub fn told(store: &dyn Store, channel: &ChannelId) -> Option<ToldLimits> {
    // Without the note what is usual holds, and the server is asked again before the next send.
    let note = store.note(&told_note(channel)).ok().flatten()?;
    serde_json::from_slice(&note).ok()
}

/// Keeps what a channel's server says it takes.
///
/// # Errors
/// The store's.
pub fn keep_told(
    store: &dyn Store,
    channel: &ChannelId,
    new: ToldLimits,
) -> Result<(), StoreError> {
    if told(store, channel) == Some(new) {
        return Ok(());
    }
    let note = serde_json::to_vec(&new).unwrap_or_default();
    store.set_note(&told_note(channel), Some(&note))
}

/// What planning may look at: the store as it stands.
#[derive(Clone, Copy)]
pub struct StoreOutlook<'a>(pub &'a dyn Store);

impl Outlook for StoreOutlook<'_> {
    type Error = StoreError;

    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, StoreError> {
        self.0.queue(ask)
    }
    fn share(&self, id: ShareId) -> Result<Option<Share>, StoreError> {
        self.0.share(id)
    }
    fn shares_at(&self, article: ArticleId, channel: &ChannelId) -> Result<Vec<Share>, StoreError> {
        self.0.shares_of(article, Some(channel))
    }
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, StoreError> {
        let known = self.0.article(article)?;
        let mut same = Vec::new();
        for key in known.as_ref().map(link_keys).unwrap_or_default() {
            same.extend(self.0.articles_with_link(&key)?);
        }
        same.sort_unstable();
        same.dedup();
        if !same.contains(&article) {
            same.push(article);
        }
        Ok(same)
    }
    fn used_on(&self, channel: &ChannelId, day: Date) -> Result<u32, StoreError> {
        self.0.used_on(channel, day)
    }
    fn paused_until(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let own = self.0.channel(channel)?.and_then(|c| c.paused);
        let holding = self.0.paused_all()?.into_iter().chain(own);
        let holding = holding.filter(|p| p.holds(now));
        Ok(holding.map(|p| p.until.unwrap_or(Timestamp::MAX)).max())
    }
    fn last_start(
        &self,
        channel: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let last = self.0.channel(channel)?.and_then(|c| c.last_start);
        Ok(last.filter(|t| *t <= now))
    }
    fn dues(&self, channel: &ChannelId) -> Result<Vec<Timestamp>, StoreError> {
        let planned = self.0.planned(channel, DUES_THAT_MATTER)?;
        Ok(planned.into_iter().map(|(due, _)| due).collect())
    }
}
