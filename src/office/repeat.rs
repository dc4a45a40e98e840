//! The repeat rule at queueing (RULES 2): no channel gets an article or a link twice within
//! `repeat_after`, and an article a second time at all, unless a person asks for it again.

use jiff::Timestamp;

use super::{Office, OfficeError, Refusal};
use crate::compose;
use crate::model::channel::Channel;
use crate::model::{Article, ArticleId, Share, State};

impl Office {
    /// `known`: the article, if it was there before. Refuses with the earlier share if the same went there lately, goes there, or waits there.
    pub(super) fn check_repeat(
        &self,
        known: Option<ArticleId>,
        article: &Article,
        channel: &Channel,
        goes: Timestamp,
    ) -> Result<(), OfficeError> {
        let earlier = self.earlier(known, article, channel, goes)?;
        match earlier.into_iter().max_by_key(|(at, _)| *at) {
            None => Ok(()),
            Some((earlier, share)) => Err(OfficeError::Refused(Refusal::Repeat {
                channel: channel.id.clone(),
                share: share.id,
                earlier,
            })),
        }
    }

    /// The shares that stand against another one, with their instants.
    fn earlier(
        &self,
        known: Option<ArticleId>,
        article: &Article,
        channel: &Channel,
        goes: Timestamp,
    ) -> Result<Vec<(Timestamp, Share)>, OfficeError> {
        let mut found = Vec::new();
        if let Some(article) = known {
            // The same article: whenever it was, unless it was taken back or taken down.
            let shares = self.store.shares_of(article, Some(&channel.id))?;
            let standing = shares.into_iter().filter(|s| !s.state.is_final());
            found.extend(standing.map(|s| (when(&s), s)));
        }
        let mut others = Vec::new();
        for key in compose::link_keys(article) {
            others.extend(self.store.articles_with_link(&key)?);
        }
        others.sort_unstable();
        others.dedup();
        for other in others {
            if Some(other) == known {
                continue;
            }
            for share in self.store.shares_of(other, Some(&channel.id))? {
                let until = share.stands_until(channel.repeat_after);
                if until.is_some_and(|until| goes < until) {
                    found.push((when(&share), share));
                }
            }
        }
        Ok(found)
    }
}

/// The instant people would name for this share.
pub(super) fn when(share: &Share) -> Timestamp {
    let counted = share.count.as_ref().map(|c| c.at);
    let attempted = share.attempt.as_ref().map(|a| a.at);
    match share.state {
        State::Shared => counted,
        State::Sending | State::Unsure => attempted,
        _ => share.due.or(share.at),
    }
    .unwrap_or(share.changed)
}
