//! What the law wants gone (RULES 7): an article's texts, in every version and in every exact post.
//! What it counted for stays.

use super::request::Done;
use super::shares::needs;
use super::{Invalid, Office, OfficeError, Refusal, permission};
use crate::model::{Actor, ArticleId, Event, State};
use crate::store::history::texts_of;

/// Nothing more goes out of it by itself, and nobody has to know any more what it said.
const OVER: [State; 3] = [State::Shared, State::Cancelled, State::Removed];

impl Office {
    /// Erases every text of an article and its shares from ledger and index, for good. Nothing of it
    /// may still be to go, or in doubt. Walks the whole ledger first. Asking again erases what an
    /// older copy of a file brought back.
    ///
    /// # Errors
    /// [`Invalid::NoReason`]; [`Refusal::WrongState`] where a share is not over;
    /// [`Refusal::NothingKept`].
    pub async fn erase(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        reason: &str,
    ) -> Result<Done, OfficeError> {
        permission::administer(actor)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(OfficeError::invalid("reason", Invalid::NoReason));
        }
        let history = self.history.clone();
        let found = tokio::task::spawn_blocking(move || texts_of(&*history, id)).await;
        let texts = found.map_err(|e| OfficeError::Stopped(e.to_string()))??;
        self.perform(actor, key, &("erase", id, reason), |work| {
            permission::administer(actor)?;
            self.article(id)?;
            for share in self.store.shares_of(id, None)? {
                needs(&share, &OVER)?;
            }
            if texts.is_empty() {
                return Err(OfficeError::Refused(Refusal::NothingKept { article: id }));
            }
            work.event(Event::Erased {
                texts: texts.iter().copied().collect(),
                why: reason.to_owned(),
            });
            Ok(Done {
                article: Some(id),
                ..Done::default()
            })
        })
        .await
    }
}
