//! Pages of shares. Three walks lead to them, each newest first: over the lists of what is asked for
//! (`apply::postings`), over a state's shares, over the days of a period. Whichever is taken, the rest
//! of what is asked is looked at as it goes, and it stops when it has looked at enough.

mod sieve;
mod walks;

use std::cell::Cell;
use std::sync::Arc;

use jiff::civil::Date;

use self::sieve::Sieve;
use self::walks::{Step, Steps, known, sifted};
use super::index::Index;
use super::read::Found;
use crate::model::ShareId;
use crate::model::words::Sought;
use crate::store::apply::{ENTERED_TOGETHER, Facet, Key, Row, ShareRow, counted};
use crate::store::{After, ArticleAsk, ArticlePage, ShareAsk, SharePage};

/// What a page may look at that does not belong on it, in entries of an index: below 300 ms on an old PC.
const ENOUGH: usize = 100_000;
/// A row that is read and put together takes as long as so many of those.
const A_ROW: usize = 25;
/// Of a state and something else: so much is looked at along the lists of the other, where the state
/// may be a common one; if that is not enough, the state's own shares are walked.
const AT_FIRST: usize = 5_000;

impl Index {
    pub(super) fn find_shares(&self, ask: &ShareAsk) -> Found<SharePage> {
        let after = match ask.after {
            None => None,
            Some(after) => match self.share_row(after.share)? {
                Some(row) => {
                    let day = after.day.or(counted(&row).map(|(count, _)| count.day));
                    if ask.is_of_a_period() && day.is_none() {
                        // A cursor of another list.
                        return Ok(SharePage::default());
                    }
                    Some((row, day))
                }
                None => return Ok(SharePage::default()),
            },
        };
        let channel = match &ask.channel {
            None => None,
            Some(id) => match self.number(id) {
                None => return Ok(SharePage::default()),
                only => only,
            },
        };
        let (last, day) = match &after {
            None => (None, None),
            Some((row, day)) => (Some(&**row), *day),
        };
        let enough = ask.enough.unwrap_or(ENOUGH);
        let looked = Cell::new(0);
        let sieve = |facets| Sieve::new(self, facets, &ask.words, &looked);
        let topic = ask.topic.clone().map(Facet::Topic);
        let member = ask.member.clone().map(Facet::Member);
        let facets: Vec<Facet> = [topic, member].into_iter().flatten().collect();
        let all = || {
            channel
                .map(Facet::Channel)
                .into_iter()
                .chain(facets.clone())
        };
        let below = last.map(|row| row.share.entry);
        let steps: Steps<'_> = if let Some(article) = ask.article {
            self.of_article(article, ask)?
        } else if ask.is_of_a_period() {
            // The days' own index tells topic and member.
            self.by_day(ask, channel, last.zip(day), sieve(Vec::new()))
        } else if ask.states.is_empty() {
            self.by_entries(below, sieve(all().collect()))?
        } else {
            let states = || self.by_states(&ask.states, channel, last.map(|row| &row.share));
            if facets.is_empty() && ask.words.is_empty() {
                Box::new(states()?.map(known))
            } else {
                let steps = self.by_entries(below, sieve(all().collect()))?;
                let page = self.page(ask, steps, &looked, AT_FIRST.min(enough))?;
                if !page.stopped {
                    return Ok(page);
                }
                looked.set(0);
                sifted(states()?, sieve(facets))
            }
        };
        self.page(ask, steps, &looked, enough)
    }

    /// Fills a page from a walk.
    fn page(
        &self,
        ask: &ShareAsk,
        steps: Steps<'_>,
        looked: &Cell<usize>,
        enough: usize,
    ) -> Found<SharePage> {
        let mut page = SharePage::default();
        // The last one that was looked at, and the last one on the page.
        let (mut last, mut full) = (None, None);
        for step in steps {
            if looked.get() >= enough
                && let Some(last) = last
            {
                page.stopped = full.is_none();
                page.next = Some(full.unwrap_or(last))
                    .map(|at| self.after(at))
                    .transpose()?;
                return Ok(page);
            }
            let (entry, id, day) = match step? {
                Step::Passed { entry, day } => {
                    look(looked, 1);
                    last = Some((entry, day));
                    continue;
                }
                Step::Share { entry, id, day } => (entry, id, day),
            };
            last = Some((entry, day));
            let row = self.entered(entry, id)?;
            if !ask.takes(&row) || !self.fits(&ask.words, &row, ask.article.is_some())? {
                look(looked, A_ROW);
                continue;
            }
            if page.shares.len() >= ask.limit {
                page.next = full.map(|at| self.after(at)).transpose()?;
                return Ok(page);
            }
            page.shares.push(row.share.clone());
            if page.shares.len() >= ask.limit {
                full = last;
            }
        }
        Ok(page)
    }

    fn after(&self, (entry, day): (i64, Option<Date>)) -> Found<After> {
        let share = self.entered(entry, None)?.share.id;
        Ok(After { share, day })
    }

    /// The share of an entry.
    fn entered(&self, entry: i64, id: Option<ShareId>) -> Found<Arc<ShareRow>> {
        let id = match id {
            Some(id) => id,
            None => {
                let (stretch, at) = (
                    (entry - 1) / ENTERED_TOGETHER,
                    (entry - 1) % ENTERED_TOGETHER,
                );
                let ids = match self.row(&Key::Entered(stretch))? {
                    Some(Row::Entered(ids)) => ids,
                    _ => return Err("a stretch of shares is missing".into()),
                };
                let id = usize::try_from(at).ok().and_then(|at| ids.get(at).copied());
                id.ok_or("a share is missing in its stretch")?
            }
        };
        let row = self.share_row(id)?;
        Ok(row.ok_or("an index names a share that is not there")?)
    }

    /// Whether its article holds the words: the lists know it but for marks that were typed.
    fn fits(&self, words: &Sought, row: &ShareRow, whole: bool) -> Found<bool> {
        if words.is_empty() || !(whole || words.is_marked()) {
            return Ok(true);
        }
        let article = self.article_row(row.share.article)?;
        let article = article.ok_or("a share's article is missing")?;
        Ok(words.fits(&article.article.content))
    }

    pub(super) fn find_articles(&self, ask: &ArticleAsk) -> Found<ArticlePage> {
        let (words, limit) = (&ask.words, ask.limit);
        let enough = ask.enough.unwrap_or(ENOUGH);
        let below = match ask.after {
            None => None,
            Some(id) => match self.share_row(id)? {
                None => return Ok(ArticlePage::default()),
                Some(row) => Some(row.share.entry),
            },
        };
        let looked = Cell::new(0);
        let sieve = Sieve::new(self, Vec::new(), words, &looked);
        let mut page = ArticlePage::default();
        let (mut last, mut full) = (None, None);
        for step in self.by_entries(below, sieve)? {
            if looked.get() >= enough
                && let Some(last) = last
            {
                page.stopped = full.is_none();
                page.next = Some(self.entered(full.unwrap_or(last), None)?.share.id);
                return Ok(page);
            }
            let entry = match step? {
                Step::Passed { entry, .. } => {
                    look(&looked, 1);
                    last = Some(entry);
                    continue;
                }
                Step::Share { entry, .. } => entry,
            };
            last = Some(entry);
            let share = self.entered(entry, None)?;
            let row = self.article_row(share.share.article)?;
            let row = row.ok_or("a share's article is missing")?;
            // Each article once: where its first share is.
            let first = row
                .shares
                .first()
                .is_some_and(|(_, _, first)| *first == entry);
            if !first || (words.is_marked() && !words.fits(&row.article.content)) {
                look(&looked, A_ROW);
                continue;
            }
            if page.articles.len() >= limit {
                page.next = match full {
                    Some(entry) => Some(self.entered(entry, None)?.share.id),
                    None => None,
                };
                return Ok(page);
            }
            page.articles.push(row.article.clone());
            if page.articles.len() >= limit {
                full = last;
            }
        }
        Ok(page)
    }
}

/// So much more was looked at.
fn look(looked: &Cell<usize>, at: usize) {
    looked.set(looked.get() + at);
}
