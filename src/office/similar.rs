//! Articles that say nearly the same: a warning, never a refusal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::repeat::when;
use super::{Office, OfficeError, permission};
use crate::compose::similar::{ALIKE, Sketch, likeness};
use crate::model::{Actor, Article, ArticleId, ChannelId, ShareId, State};

/// So many that look alike by their sketches are read: an office that signs every post has many that
/// look so, and the most alike come first.
const MOST_READ: usize = 30;
/// A person looks at no more.
const MOST_TOLD: usize = 3;

/// An article that says nearly the same, and where it went last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Similar)]
pub struct Similar {
    /// Which.
    #[schema(value_type = String, format = "uuid")]
    pub article: ArticleId,
    /// What people would call it.
    pub title: String,
    /// How alike it is, of a hundred.
    pub percent: u8,
    /// Its latest share that is out, else one that is to go out.
    #[schema(value_type = String, format = "uuid")]
    pub share: ShareId,
    /// Where that is.
    #[schema(value_type = String)]
    pub channel: ChannelId,
    /// Since when it is out; none where it is still to go out.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub at: Option<Timestamp>,
}

impl Office {
    /// What went out, or is to go out, and says nearly the same as this article.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn similar(&self, actor: &Actor, id: ArticleId) -> Result<Vec<Similar>, OfficeError> {
        permission::read(actor)?;
        let article = self.article(id)?;
        let content = &article.content;
        self.similar_to(Some(id), &content.title, &content.text)
    }

    /// The same for what is still being written. `known`: the article, where it is there already.
    pub(super) fn similar_to(
        &self,
        known: Option<ArticleId>,
        title: &str,
        text: &str,
    ) -> Result<Vec<Similar>, OfficeError> {
        let Some(sketch) = Sketch::of(title, text) else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for id in self.store.like(&sketch, MOST_READ)? {
            let Some(other) = self.store.article(id)?.filter(|_| known != Some(id)) else {
                continue;
            };
            let content = &other.content;
            let alike = likeness((title, text), (&content.title, &content.text));
            if alike >= ALIKE {
                found.extend(self.went(&other)?.map(|went| (alike, went)));
            }
        }
        // Stable: of equals the newest stays first.
        found.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        found.truncate(MOST_TOLD);
        let told = found.into_iter().map(|(alike, went)| Similar {
            percent: percent(alike),
            ..went
        });
        Ok(told.collect())
    }

    /// Where an article is out, else where it is to go out; nothing where all of it was taken back.
    fn went(&self, article: &Article) -> Result<Option<Similar>, OfficeError> {
        let shares = self.store.shares_of(article.id, None)?;
        let standing = shares.into_iter().filter(|s| s.state != State::Cancelled);
        let newest = standing.max_by_key(|s| {
            let out = matches!(s.state, State::Shared | State::Removed);
            (out, when(s), s.entry)
        });
        Ok(newest.map(|share| Similar {
            article: article.id,
            title: article.headline(),
            percent: 0,
            share: share.id,
            at: share.count.as_ref().map(|count| count.at),
            channel: share.channel,
        }))
    }
}

fn percent(part: f64) -> u8 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 100"
    )]
    let percent = (part * 100.0).round().clamp(0.0, 100.0) as u8;
    percent
}
