//! Entries that are known: what they say anew goes into their articles while nothing of these is out and
//! nobody else changed them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::articles::{Edit, edited};
use super::super::request::{Done, Work};
use super::super::{Invalid, Office, OfficeError};
use super::Taken;
use super::article::edit;
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::Entry;
use crate::intake::feed::identity::{self, Names};
use crate::model::{Actor, Article, Cause, Event, Share, State, Why};
use crate::store::FeedEntry;

/// So often a day is written, for each entry, that it has another name or says something else: who
/// mends a typing error twice and moves the site is far below, and a feed that makes up new ids or
/// tokens at every look fills no ledger and has no picture read again and again.
const TOLD_A_DAY: u32 = 4;
/// An article takes so many changes over from its entry: a text that is another at every look counts
/// its visitors.
const MOST_EDITS: u32 = 20;

/// What may still be written today about entries that are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    day: Option<Date>,
    used: u32,
    #[serde(skip)]
    most: u32,
}

impl Budget {
    /// What is left of it on this day, for so many entries.
    pub(super) fn on(self, day: Date, entries: usize) -> Budget {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        Budget {
            day: Some(day),
            used: match self.day == Some(day) {
                true => self.used,
                false => 0,
            },
            most: entries.saturating_mul(TOLD_A_DAY),
        }
    }
    fn spend(&mut self) -> bool {
        let left = self.used < self.most;
        self.used += u32::from(left);
        left
    }
}

/// An entry that is known.
pub(super) struct Again<'a> {
    pub(super) entry: &'a Entry,
    pub(super) names: &'a Names,
    pub(super) known: &'a FeedEntry,
    /// Under all of its names.
    pub(super) all_known: bool,
}

impl Again<'_> {
    /// What is known of it from here on.
    fn learned(&self, feed: &ConfiguredFeed, version: u32, content: &str) -> Event {
        Event::FeedLearned {
            feed: feed.id.clone(),
            article: self.known.article,
            names: self.names.clone(),
            content: content.to_owned(),
            version,
        }
    }
}

impl Office {
    /// Its further names are learned, and what it says anew is taken over. What is out stays as its
    /// readers saw it: that the entry says something else now is written and told.
    pub(super) async fn again(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        again: Again<'_>,
        budget: &mut Budget,
        taken: &mut Taken,
    ) -> Result<(), OfficeError> {
        let known = again.known;
        let content = identity::content(again.entry);
        let changed = known.article.filter(|_| known.content != content);
        let article = match changed {
            Some(id) => self.store.article(id)?,
            None => None,
        };
        // Somebody's own words stay hers.
        let article = article.filter(|a| a.version == known.version && a.version <= MOST_EDITS);
        if article.is_none() && again.all_known {
            return Ok(());
        }
        if !budget.spend() {
            tracing::info!(feed = %feed.id, "a feed changes too often: its changes wait for tomorrow");
            return Ok(());
        }
        let (version, content) = match &article {
            None => (known.version, known.content.clone()),
            Some(before) => {
                let shares = self.store.shares_of(before.id, None)?;
                if is_unsent(&shares) {
                    return self
                        .say_anew(config, feed, &again, before, &content, taken)
                        .await;
                }
                // What was taken back before it went out concerns nobody any more.
                if shares.iter().any(|s| !is_in(s)) {
                    tracing::info!(feed = %feed.id, article = %before.id, "an entry was changed after its article went out");
                    taken.late.push(before.id);
                }
                (known.version, content)
            }
        };
        self.perform(&Actor::Daemon, None, &(), |work| {
            work.event(again.learned(feed, version, &content));
            Ok(())
        })
        .await
    }

    /// What the entry says now goes into its article.
    async fn say_anew(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        again: &Again<'_>,
        before: &Article,
        content: &str,
        taken: &mut Taken,
    ) -> Result<(), OfficeError> {
        let mut edit = edit(config, feed, again.entry);
        edit.pictures = match again.entry.pictures.is_empty() {
            // Its page gave it.
            true if feed.page => None,
            true => Some(Vec::new()),
            // One that cannot be had now leaves the one that was had before.
            false => Some(self.picture_of(feed, again.entry).await).filter(|p| !p.is_empty()),
        };
        if edit.link.as_deref().unwrap_or_default()
            != before.content.link.as_deref().unwrap_or_default()
            && let Some(address) = again.entry.canonical.clone()
        {
            edit.canonical = self.own(feed, again.entry, address)?;
        }
        if !self.shows_everywhere(config, before, &edit)? {
            edit.pictures = Some(Vec::new());
        }
        let done = self
            .perform(&Actor::Daemon, None, &(), |work| {
                let mut done = Done::default();
                let shares = self.store.shares_of(before.id, None)?;
                if self.article(before.id)? != *before || !is_unsent(&shares) {
                    return Err(OfficeError::Stale);
                }
                let after = edited(config, before, &edit)?;
                if after != *before {
                    self.put_edit(work, config, before, &after, &mut done)?;
                    self.unapprove_all(work, config, feed, &shares);
                }
                work.event(again.learned(feed, after.version, content));
                Ok(after != *before)
            })
            .await;
        match done {
            Ok(true) => taken.edited.push(before.id),
            Ok(false) => {}
            // Somebody changed it at this moment, or it went out: looked at again the next time.
            Err(OfficeError::Stale | OfficeError::Busy) => {}
            // It says nothing now that an article may say: the one that is there stays.
            Err(OfficeError::Invalid { field, what }) => {
                tracing::info!(feed = %feed.id, field, %what, "an entry's change is no article's");
            }
            Err(other) => return Err(other),
        }
        Ok(())
    }

    /// Whether every channel that the article is to go to can show the pictures it would have.
    fn shows_everywhere(
        &self,
        config: &Config,
        before: &Article,
        edit: &Edit,
    ) -> Result<bool, OfficeError> {
        let Ok(after) = edited(config, before, edit) else {
            return Ok(true);
        };
        for share in self.store.shares_of(before.id, None)? {
            let Some(place) = config.channel(&share.channel) else {
                continue;
            };
            let own = share.own_text.as_deref();
            // What cannot be posted at all is told where it is to go.
            let Ok(post) = super::super::articles::composed(config, &after, own, None, place)
            else {
                continue;
            };
            match self.check_fits(place, &post) {
                Ok(()) => {}
                Err(OfficeError::Invalid {
                    what: Invalid::PictureUnfit { .. },
                    ..
                }) => return Ok(false),
                Err(other) => return Err(other),
            }
        }
        Ok(true)
    }

    /// Where the feed, not the channel, asks for approval, a change goes back to it too.
    fn unapprove_all(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        feed: &ConfiguredFeed,
        shares: &[Share],
    ) {
        if !feed.approval_required {
            return;
        }
        for share in shares {
            let channel = config.channel(&share.channel);
            let by_channel = channel.is_some_and(|c| c.rules.approval_required);
            if matches!(share.state, State::Waiting | State::Planned) && !by_channel {
                work.event(Event::ShareUnapproved {
                    share: share.id,
                    why: Why::new(Cause::Edited),
                });
            }
        }
    }
}

/// Whether nothing of it is out, on the wire or in a person's hands.
fn is_in(share: &Share) -> bool {
    is_open(share) || share.state == State::Cancelled
}

/// Whether it still may go, and did not.
fn is_open(share: &Share) -> bool {
    use State::{Draft, Failed, Missed, Planned, Submitted, Waiting};
    matches!(
        share.state,
        Draft | Submitted | Waiting | Planned | Failed | Missed
    )
}

/// Whether nothing is out, and something still may go.
fn is_unsent(shares: &[Share]) -> bool {
    shares.iter().all(is_in) && shares.iter().any(is_open)
}
