//! Where every article with a rule stands on each of its channels: read once, then kept up with what is
//! committed, so that neither who looks ahead nor a tick of the planner reads all of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use super::{Store, StoreError};
use crate::model::evergreen::{Round, Standing};
use crate::model::{ArticleId, ChannelId, Commit, Event, Share, ShareId};

/// So many articles with a rule are looked at, the oldest first: more than an office keeps in mind.
const MOST_RULES: usize = 10_000;

/// See the module.
#[derive(Default)]
pub struct Almanac {
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    commits: Receiver<Arc<Commit>>,
    /// Articles with a rule, as they were added.
    order: Vec<ArticleId>,
    standings: HashMap<ArticleId, Vec<Standing>>,
    /// All shares of these articles.
    shares: HashMap<ShareId, ArticleId>,
}

impl Almanac {
    /// Every article with a rule on each channel that it went or goes to, articles in the order in which
    /// they were added.
    ///
    /// # Errors
    /// The store's.
    pub fn standings(&self, store: &dyn Store) -> Result<Vec<Standing>, StoreError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // What cannot be read now is read anew the next time.
        let now = match kept.take() {
            Some(before) => before.caught_up(store)?,
            None => Kept::read(store)?,
        };
        let standings = now.order.iter().filter_map(|id| now.standings.get(id));
        let standings = standings.flatten().cloned().collect();
        *kept = Some(now);
        Ok(standings)
    }
}

impl Kept {
    fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let mut kept = Self {
            // First: what is committed while the others are read is read once more.
            commits: store.watch(),
            order: store.evergreens(MOST_RULES)?,
            standings: HashMap::new(),
            shares: HashMap::new(),
        };
        for id in kept.order.clone() {
            kept.look_at(store, id)?;
        }
        Ok(kept)
    }

    fn caught_up(mut self, store: &dyn Store) -> Result<Self, StoreError> {
        let (mut touched, mut rules_changed) = (BTreeSet::new(), false);
        loop {
            match self.commits.try_recv() {
                Ok(commit) => {
                    for event in &commit.events {
                        touched.extend(self.touches(event));
                        rules_changed |=
                            matches!(event, Event::ArticleEvergreen { .. } | Event::Erased { .. });
                    }
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(_)) => return Self::read(store),
            }
        }
        if rules_changed {
            self.order = store.evergreens(MOST_RULES)?;
            let with_rule: BTreeSet<_> = self.order.iter().copied().collect();
            self.standings.retain(|id, _| with_rule.contains(id));
            self.shares.retain(|_, id| with_rule.contains(id));
            let new = self
                .order
                .iter()
                .filter(|id| !self.standings.contains_key(id));
            touched.extend(new.copied());
        }
        for id in touched {
            self.look_at(store, id)?;
        }
        Ok(self)
    }

    /// Of which article with a rule it changes something.
    fn touches(&self, event: &Event) -> Option<ArticleId> {
        let article = match event {
            Event::ArticleEdited { article, .. }
            | Event::ArticleEvergreen { article, .. }
            | Event::ShareAdded { article, .. } => Some(article),
            _ => event.share().and_then(|share| self.shares.get(&share)),
        };
        article
            .copied()
            .filter(|id| self.standings.contains_key(id))
    }

    fn look_at(&mut self, store: &dyn Store, id: ArticleId) -> Result<(), StoreError> {
        let shares = store.shares_of(id, None)?;
        let mut standings: Vec<Standing> = Vec::new();
        if let Some(article) = store.article(id)? {
            for share in &shares {
                if standings.iter().all(|s| s.channel != share.channel) {
                    let round = Round {
                        article: article.clone(),
                        channel: share.channel.clone(),
                        shares: on(&share.channel, &shares),
                    };
                    standings.extend(round.standing());
                }
            }
        }
        self.shares
            .extend(shares.iter().map(|share| (share.id, id)));
        self.standings.insert(id, standings);
        Ok(())
    }
}

fn on(channel: &ChannelId, shares: &[Share]) -> Vec<Share> {
    let there = shares.iter().filter(|s| s.channel == *channel);
    there.cloned().collect()
}

/// One article on one channel, as it stands in the store; none without a rule.
///
/// # Errors
/// The store's.
pub fn round(
    store: &dyn Store,
    article: ArticleId,
    channel: &ChannelId,
) -> Result<Option<Round>, StoreError> {
    let article = store.article(article)?.filter(|a| a.evergreen.is_some());
    let Some(article) = article else {
        return Ok(None);
    };
    Ok(Some(Round {
        shares: store.shares_of(article.id, Some(channel))?,
        channel: channel.clone(),
        article,
    }))
}
