//! Every commit once more, from the first on: for questions so rare that everyone would pay for an
//! index of them and hardly anybody ever ask. It takes as long as the ledger is; never on an async
//! thread.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::StoreError;
use super::ledger::Mark;
use crate::model::article::MediaHash;
use crate::model::{ArticleId, Commit, Event, Picture, ShareId, State, TextId};

/// Whoever can tell everything once more.
pub trait History: Send + Sync + 'static {
    /// Shows every commit after `after` that can be read now, oldest first, and tells which was the last.
    /// Texts that were erased are `None`.
    ///
    /// # Errors
    /// [`StoreError::Ledger`] where the ledger cannot be read, or `after` is not in it.
    fn each_commit_after(
        &self,
        after: Mark,
        each: &mut dyn FnMut(&Commit),
    ) -> Result<Mark, StoreError>;

    /// Every commit from the first on.
    ///
    /// # Errors
    /// As [`History::each_commit_after`].
    fn each_commit(&self, each: &mut dyn FnMut(&Commit)) -> Result<(), StoreError> {
        self.each_commit_after(Mark::START, each).map(drop)
    }
}

/// Every text of an article that is still kept: title and body in all versions, its channels' own
/// texts, the exact posts.
///
/// # Errors
/// As [`History::each_commit`].
pub fn texts_of(history: &dyn History, article: ArticleId) -> Result<BTreeSet<TextId>, StoreError> {
    let mut shares: HashSet<ShareId> = HashSet::new();
    let mut texts = BTreeSet::new();
    history.each_commit(&mut |commit| {
        for event in &commit.events {
            if let Event::ShareAdded { share, .. } = event
                && article_of(event) == Some(article)
            {
                shares.insert(*share);
            }
            let about = article_of(event) == Some(article)
                || event.share().is_some_and(|share| shares.contains(&share));
            if about {
                // An event may name a text that stands in an earlier commit: it was met there.
                let named = texts_in(event).into_iter().flatten();
                texts.extend(named.filter(|id| matches!(commit.texts.get(id), Some(Some(_)))));
            }
        }
    })?;
    Ok(texts)
}

/// Those of `pictures` that an article named while one of its shares reached Sending, ByHand or
/// Shared: they belong to what went out, and are kept for good (RULES 7).
///
/// # Errors
/// As [`History::each_commit`].
pub fn went_out(
    history: &dyn History,
    pictures: &HashSet<MediaHash>,
) -> Result<HashSet<MediaHash>, StoreError> {
    let named = |all: &[Picture]| -> Vec<MediaHash> {
        let hashes = all.iter().map(|p| &p.hash);
        hashes.filter(|h| pictures.contains(*h)).cloned().collect()
    };
    // Which articles ever named one; then only they and their shares are followed.
    let mut now: HashMap<ArticleId, Vec<MediaHash>> = HashMap::new();
    history.each_commit(&mut |commit| {
        for event in &commit.events {
            if let Some((article, all)) = pictures_in(event)
                && !named(all).is_empty()
            {
                now.insert(article, Vec::new());
            }
        }
    })?;
    let mut out = HashSet::new();
    if now.is_empty() {
        return Ok(out);
    }
    let mut shares: HashMap<ShareId, ArticleId> = HashMap::new();
    history.each_commit(&mut |commit| {
        for event in &commit.events {
            if let Some((article, all)) = pictures_in(event)
                && let Some(pictures) = now.get_mut(&article)
            {
                *pictures = named(all);
            }
            if let Event::ShareAdded { share, article, .. } = event
                && now.contains_key(article)
            {
                shares.insert(*share, *article);
            }
            if goes_out(event)
                && let Some(article) = event.share().and_then(|share| shares.get(&share))
                && let Some(pictures) = now.get(article)
            {
                out.extend(pictures.iter().cloned());
            }
        }
    })?;
    Ok(out)
}

fn article_of(event: &Event) -> Option<ArticleId> {
    match event {
        Event::ArticleAdded { article, .. }
        | Event::ArticleEdited { article, .. }
        | Event::ShareAdded { article, .. } => Some(*article),
        _ => None,
    }
}

/// The texts an event names.
fn texts_in(event: &Event) -> [Option<TextId>; 2] {
    match event {
        Event::ArticleAdded { title, text, .. } | Event::ArticleEdited { title, text, .. } => {
            [Some(*title), Some(*text)]
        }
        Event::ShareAdded {
            own_text, origin, ..
        } => [*own_text, origin.as_ref().and_then(|o| o.who)],
        Event::ShareEdited { own_text, .. } => [*own_text, None],
        Event::ShareAttempted { post, .. } | Event::ShareHanded { post, .. } => [Some(*post), None],
        _ => [None, None],
    }
}

fn pictures_in(event: &Event) -> Option<(ArticleId, &[Picture])> {
    match event {
        Event::ArticleAdded {
            article, pictures, ..
        }
        | Event::ArticleEdited {
            article, pictures, ..
        } => Some((*article, pictures)),
        _ => None,
    }
}

/// Whether the share is Sending, ByHand or Shared after it.
fn goes_out(event: &Event) -> bool {
    matches!(
        event,
        Event::ShareAttempted { .. }
            | Event::ShareHanded { .. }
            | Event::ShareShared { .. }
            | Event::ShareAdded {
                state: State::Shared,
                ..
            }
    )
}
