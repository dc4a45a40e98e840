//! Which pictures may go, and their going: those that nothing has named for a week, unless one of
//! them went out once (RULES 7).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use super::{Media, MediaError, MediaFolder};
use crate::model::article::MediaHash;
use crate::store::history::{History, went_out};
use crate::store::{Store, StoreError};

/// Articles read at once.
const AT_ONCE: usize = 500;

/// Collects pictures that nothing needs any more.
pub struct Collector {
    media: Arc<MediaFolder>,
    store: Arc<dyn Store>,
    history: Arc<dyn History>,
    /// Those that are known to have gone out: asked once of the ledger, and true for good.
    out: Mutex<HashSet<MediaHash>>,
}

/// Why pictures were not collected. The next time does what was left.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The folder's.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Collector {
    /// Of this folder; what is named now and what went out is asked of the others.
    pub fn new(media: Arc<MediaFolder>, store: Arc<dyn Store>, history: Arc<dyn History>) -> Self {
        Self {
            media,
            store,
            history,
            out: Mutex::default(),
        }
    }

    /// Removes what is not needed and tells what went. Reads every article, and where a picture's
    /// week is up the whole ledger: never on an async thread.
    ///
    /// # Errors
    /// [`CollectError`]; nothing that is needed has gone.
    pub fn collect(&self, now: Timestamp) -> Result<Vec<MediaHash>, CollectError> {
        if self.media.list()?.is_empty() {
            return Ok(Vec::new());
        }
        let named = self.named()?;
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let due = self.media.due(now)?.into_iter();
        let asked: HashSet<_> = due
            .filter(|hash| !named.contains(hash) && !out.contains(hash))
            .collect();
        if !asked.is_empty() {
            out.extend(went_out(&*self.history, &asked)?);
        }
        // An article that came to name one of them since has given it its full time again.
        let kept = |hash: &str| named.contains(hash) || out.contains(hash);
        Ok(self.media.collect(now, kept)?)
    }

    /// What articles name now.
    fn named(&self) -> Result<HashSet<MediaHash>, StoreError> {
        let mut named = HashSet::new();
        let mut after = None;
        loop {
            let articles = self.store.articles(after, AT_ONCE)?;
            let Some(last) = articles.last() else {
                return Ok(named);
            };
            after = Some(last.id);
            let pictures = articles.iter().flat_map(|a| &a.content.pictures);
            named.extend(pictures.map(|p| p.hash.clone()));
        }
    }
}
