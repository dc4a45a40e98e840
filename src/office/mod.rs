//! The use cases: everything an actor may ask for, one file an area. Permission is checked here and
//! only here (RULES 8), and every refusal says who may.
//!
//! | file | area |
//! |---|---|
//! | [`articles`], [`imports`], [`pictures`] | add, edit; rows of a list; what is shown |
//! | [`links`] | what an address leads to |
//! | [`uploads`], [`backfill`], [`exports`] | files of rows, in and out; shares of long ago |
//! | [`shares`], [`places`] | queue, fix a time, own text, cancel, free; move, skip |
//! | [`approval`] | submit, approve, send back |
//! | [`evergreen`], [`similar`] | shared again by a rule; what says nearly the same |
//! | [`by_hand`] | take a hand task, confirm it, undo, say it cannot be done |
//! | [`unfinished`] | what somebody is writing |
//! | [`unsure`] | try again, settle what nobody could tell |
//! | [`feeds`] | look at a feed, take what is new |
//! | [`removal`] | take down |
//! | [`erasure`] | what the law wants gone |
//! | [`pausing`] | pause, resume, trust the clock |
//! | [`members`] | who may what |
//! | [`accounts`] | who gets in: passwords, sessions, links, tokens |
//! | [`notices`] | being told: where, when not; what is due |
//! | [`firings`] | answer what a missed firing asks |
//! | [`settings`], [`configuring`] | tell the store what is configured; change the files |
//! | [`lookups`], [`search`] | read; find by words |
//! | [`composing`], [`may`] | what would become of it; what to offer |
//!
//! A function that changes something reads the state, decides, and commits all of it as one line of
//! the ledger, together with the answer to the request's Idempotency-Key ([`request`]). If the state
//! moved between reading and committing, it decides again.

pub mod accounts;
pub mod approval;
pub mod articles;
pub mod backfill;
pub mod by_hand;
pub mod changes;
pub mod composing;
pub mod configuring;
mod content;
pub mod erasure;
mod error;
pub mod evergreen;
pub mod exports;
pub mod feeds;
pub mod firings;
pub mod imports;
mod kept;
pub mod links;
pub mod lookups;
pub mod may;
pub mod members;
pub mod notices;
pub mod pausing;
mod permission;
pub mod pictures;
pub mod places;
pub mod removal;
mod repeat;
pub mod request;
pub mod search;
pub mod settings;
pub mod shares;
pub mod similar;
pub mod unfinished;
pub mod unsure;
pub mod uploads;
mod words;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::watch;

use crate::chance::Chance;
use crate::clock::Clock;
use crate::config::{Config, ConfiguredChannel, Desk};
use crate::intake::fetch::Fetcher;
use crate::model::{Actor, Article, ArticleId, ChannelId, Share, ShareId};
use crate::store::Store;
use crate::store::almanac::Almanac;
use crate::store::history::History;
use crate::store::media::Media;
use crate::store::private::Private;

pub use error::{Invalid, OfficeError, Refusal, What};
pub use permission::WhoMay;
pub use request::{Done, Note};

/// What the use cases work with.
pub struct Office {
    /// What is known.
    pub store: Arc<dyn Store>,
    /// All that ever happened, once more.
    pub history: Arc<dyn History>,
    /// What of it is known of settings and members.
    pub changes: Arc<changes::Changes>,
    /// Where articles with a rule stand.
    pub almanac: Arc<Almanac>,
    /// What is configured.
    pub config: watch::Receiver<Arc<Config>>,
    /// The configuration's files.
    pub desk: Arc<Desk>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Members' names, and whatever else must not stand in the ledger.
    pub private: Arc<dyn Private>,
    /// Pictures.
    pub media: Arc<dyn Media>,
    /// Files of rows that wait for somebody's word.
    pub uploads: Arc<uploads::Uploads>,
    /// Where ids and keys come from.
    pub chance: Chance,
    /// Reads addresses from outside.
    pub fetcher: Arc<Fetcher>,
}

impl Office {
    /// The configuration in force. Whoever holds a former one finishes with it.
    pub fn config(&self) -> Arc<Config> {
        self.config.borrow().clone()
    }

    /// Refuses whoever may read nothing.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`].
    pub fn may_read(&self, actor: &Actor) -> Result<(), OfficeError> {
        permission::read(actor)
    }

    /// The article, or a refusal that names it.
    fn article(&self, id: ArticleId) -> Result<Article, OfficeError> {
        self.store
            .article(id)?
            .ok_or_else(|| OfficeError::not_found(What::Article, id))
    }

    /// The share, or a refusal that names it.
    fn share(&self, id: ShareId) -> Result<Share, OfficeError> {
        self.store
            .share(id)?
            .ok_or_else(|| OfficeError::not_found(What::Share, id))
    }

    /// A share with its article.
    fn share_and_article(&self, id: ShareId) -> Result<(Share, Article), OfficeError> {
        let share = self.share(id)?;
        let article = self.article(share.article)?;
        Ok((share, article))
    }
}

/// The configured channel, or a refusal with the nearest one there is.
fn channel<'a>(config: &'a Config, id: &ChannelId) -> Result<&'a ConfiguredChannel, OfficeError> {
    config.channel(id).map(|c| &**c).ok_or_else(|| {
        let known = config.channels.iter().map(|c| c.rules.id.as_str());
        OfficeError::unknown(What::Channel, id.as_str(), known)
    })
}

/// The channel of a share that is still to go out; a channel that is gone serves nobody (RULES 6).
fn serving<'a>(config: &'a Config, share: &Share) -> Result<&'a ConfiguredChannel, OfficeError> {
    config.channel(&share.channel).map(|c| &**c).ok_or_else(|| {
        OfficeError::Refused(Refusal::ChannelGone {
            channel: share.channel.clone(),
        })
    })
}

/// The office's local day of an instant.
fn local_day(config: &Config, at: Timestamp) -> Date {
    crate::model::plan::local_day(at, &config.office.zone)
}
