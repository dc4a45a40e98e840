//! Finding shares and articles: by words, without marks where the searcher typed none (`cho don` finds
//! `Chợ Đồn`, see [`crate::model::words`]), by channel, state, topic, member and period. A search that
//! would take long ends with what it found so far, and says how far back it looked.

use jiff::Timestamp;

use super::lookups::MOST_A_PAGE;
use super::{Office, OfficeError, permission};
use crate::model::{Actor, Article, Share, ShareId};
use crate::store::{After, ArticleAsk, ShareAsk};

/// What was found.
#[derive(Debug)]
pub struct FoundShares {
    /// In the order of [`ShareAsk`].
    pub rows: Vec<(Share, Article)>,
    /// To go on behind this one: there may be more.
    pub next: Option<After>,
    /// The search ended before the page was full.
    pub reached: Option<Reached>,
}

/// Articles that were found.
#[derive(Debug)]
pub struct FoundArticles {
    /// Last added first.
    pub rows: Vec<Article>,
    /// To go on behind this one: there may be more.
    pub next: Option<ShareId>,
    /// As in [`FoundShares`].
    pub reached: Option<Reached>,
}

/// How far back a search looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// At what went out on this day or later.
    Day(jiff::civil::Date),
    /// At articles that were added then or later.
    Added(Timestamp),
}

impl Office {
    /// A page of shares.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn find_shares(&self, actor: &Actor, ask: ShareAsk) -> Result<FoundShares, OfficeError> {
        permission::read(actor)?;
        let ask = ShareAsk {
            limit: ask.limit.min(MOST_A_PAGE),
            ..ask
        };
        let page = self.store.find_shares(&ask)?;
        let reached = match page.next.filter(|_| page.stopped) {
            None => None,
            Some(After { day: Some(day), .. }) => Some(Reached::Day(day)),
            Some(After { share, .. }) => self.reached(share)?,
        };
        Ok(FoundShares {
            rows: self.with_articles(page.shares)?,
            next: page.next,
            reached,
        })
    }

    /// A page of articles.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn find_articles(
        &self,
        actor: &Actor,
        ask: ArticleAsk,
    ) -> Result<FoundArticles, OfficeError> {
        permission::read(actor)?;
        let ask = ArticleAsk {
            limit: ask.limit.min(MOST_A_PAGE),
            ..ask
        };
        let page = self.store.find_articles(&ask)?;
        let reached = match page.next.filter(|_| page.stopped) {
            None => None,
            Some(share) => self.reached(share)?,
        };
        Ok(FoundArticles {
            rows: page.articles,
            next: page.next,
            reached,
        })
    }

    fn reached(&self, share: ShareId) -> Result<Option<Reached>, OfficeError> {
        let (_, article) = self.share_and_article(share)?;
        Ok(Some(Reached::Added(article.added)))
    }
}
