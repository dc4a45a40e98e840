//! Places with an API, and how each is spoken to. One file or folder per platform; all over the one
//! client in `http.rs`. A platform decides nothing about time or states: it says what it knows about
//! the world, and the dispatcher acts on it (RULES 3).

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::compose::limits::ToldLimits;
use crate::config::{Secret, Target};
use crate::model::share::Attempt;
use crate::model::{Post, Receipt};
use crate::picture::Kind;

mod alike;
pub mod bluesky;
pub mod by_hand;
pub mod facebook_page;
mod fault;
mod finding;
pub mod http;
pub mod letter;
pub mod mastodon;
pub mod matrix;
pub mod outcome;
mod pictures;
pub mod public;
mod redacted;
pub mod settling;
pub mod telegram;
pub mod vault;
pub mod webhook;
pub mod wordpress;

use redacted::Redacted;

pub use finding::{FINDING_CODES, Finding, Weight};

/// What an error says about the world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Certainly not sent, nothing wrong with the content: try again later.
    #[error("not sent: {reason}")]
    NotSent {
        /// The platform's or the network's words, redacted.
        reason: String,
    },
    /// Certainly not sent; nothing more to this account before `until`.
    #[error("throttled until {until}: {reason}")]
    Throttled {
        /// By our clock.
        until: Timestamp,
        /// Redacted.
        reason: String,
    },
    /// Certainly not sent; the credentials are not taken, or may not do this: a person must act.
    #[error("not authorized: {reason}")]
    Unauthorized {
        /// Redacted.
        reason: String,
    },
    /// Certainly not sent; the account is blocked or out of quota until then: a person is told.
    #[error("blocked until {until}: {reason}")]
    Blocked {
        /// By our clock.
        until: Timestamp,
        /// Redacted.
        reason: String,
    },
    /// Certainly not sent; this content will never be taken.
    #[error("refused: {reason}")]
    Refused {
        /// Redacted.
        reason: String,
    },
    /// It may have arrived. Nobody resends before the platform was asked.
    #[error("unsure: {reason}")]
    Unsure {
        /// Redacted.
        reason: String,
        /// The platform says so itself (duplicate, already done): ask it at once.
        ask_now: bool,
    },
    /// Certainly not sent; the place has moved. Store the new target, send there once.
    #[error("moved to {target}")]
    Moved {
        /// The new target, as the channel's state keeps it.
        target: String,
    },
}

/// How a platform settles a doubtful send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Settling {
    /// The share's key again: the platform answers with the same post.
    Replay,
    /// Draft, then publish: the draft tells.
    TwoPhase,
    /// Look at what is there, twice, patiently.
    ReadBack,
    /// Nobody can be asked but a person.
    AskPerson,
}

/// A place that credentials lead to, to choose from when a channel is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As the channel's table names it.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Its own token, where it has one.
    pub token: Option<Secret>,
}

/// What one look at the platform told about a doubtful part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It is there.
    Posted(Receipt),
    /// A complete look, and it is not there. By ReadBack two of these are needed (RULES 3).
    NotThere,
    /// Something alike is there, or the platform cannot be asked: a person looks.
    CannotTell {
        /// What was found, for people.
        reason: String,
        /// Where to look.
        link: Option<String>,
    },
}

/// One doubtful part of one attempt, as `settle` looks for it.
#[derive(Debug, Clone)]
pub struct Doubt<'a> {
    /// The attempt, with its key, its time, what was prepared.
    pub attempt: &'a Attempt,
    /// The frozen post.
    pub post: &'a Post,
    /// Which part.
    pub part: usize,
    /// Receipts of the parts before it.
    pub receipts: &'a [Receipt],
}

/// Who else's proof a post is: ReadBack passes over posts that are another share's receipt.
pub type IsTaken<'a> = &'a (dyn Fn(&str) -> bool + Send + Sync);

/// A place with an API. Every method may be called again after a crash.
pub trait Platform: Send + Sync {
    /// How a doubtful send is settled here.
    fn settling(&self) -> Settling;
    /// Whether the credentials live, may post here, and when they end.
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>>;
    /// Uploads, drafts, containers: repeatable and invisible. The answer goes into the attempt, in
    /// the platform's own JSON (empty where there is nothing to prepare).
    fn prepare<'a>(
        &'a self,
        key: &'a str,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>>;
    /// The request that shows something. `receipts`: of the parts before this one.
    fn send<'a>(
        &'a self,
        attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>>;
    /// Looks whether a doubtful part is there. `is_taken` says whether a post is another share's.
    ///
    /// # Errors
    /// No answer, no right to read: the share stays Unsure and is asked about again later.
    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>>;
    /// Takes a post down. One that is already gone counts as done.
    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>>;
    /// What the platform counts of a post's reception. `None` where it does not tell.
    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        let _ = receipt;
        Box::pin(std::future::ready(Ok(None)))
    }
    /// What this server says it takes, where servers of the platform differ. Asked before a post is
    /// made; kept a while.
    ///
    /// # Errors
    /// No answer: what is known from before holds.
    fn told(&self) -> BoxFuture<'_, Result<Option<ToldLimits>, SendError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
    /// The platform's clock minus ours, from its last Date header.
    fn clock_skew(&self) -> SignedDuration;
}

/// How a post was received, as far as its platform tells. Never a reason to share again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Engagement {
    /// Likes, or reactions of any kind.
    pub likes: Option<u64>,
    /// Comments, or replies.
    pub comments: Option<u64>,
    /// Shares, reposts, boosts; quotes included where they are counted apart.
    pub shares: Option<u64>,
    /// How often it was seen.
    pub views: Option<u64>,
}

/// A picture as it is uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureBytes {
    /// The file.
    pub bytes: Bytes,
    /// What it is.
    pub kind: Kind,
}

/// Where the pictures of articles are kept. Everything here may block.
pub trait Pictures: Send + Sync {
    /// The picture of that name (the hash of its content).
    ///
    /// # Errors
    /// `NotFound` when it is not there; anything else may pass.
    fn bytes(&self, hash: &str) -> io::Result<Bytes>;
    /// What was made of a picture under this name, if it is still there.
    fn made(&self, name: &str) -> Option<Bytes> {
        let _ = name;
        None
    }
    /// Keeps what was made of a picture, for the next try. One that forgets makes it again.
    fn keep_made(&self, name: &str, bytes: &[u8]) {
        let _ = (name, bytes);
    }
}

/// What a platform is given to work with.
#[derive(Clone)]
pub struct Deps {
    /// The one client.
    pub http: http::Http,
    /// Our clock.
    pub clock: Arc<dyn Clock>,
    /// Where pictures are.
    pub pictures: Arc<dyn Pictures>,
    /// Takes every known secret out of a text.
    pub redactor: http::Redact,
    /// Where credentials are kept that a platform renews.
    pub vault: vault::Vault,
}

/// The platform behind a channel's target; none where there is no API. `moved_to`: where the channel
/// has moved since it was configured ([`SendError::Moved`]).
pub fn connect(target: &Target, moved_to: Option<&str>, deps: Deps) -> Option<Arc<dyn Platform>> {
    let redact = deps.redactor.clone();
    Some(match target {
        Target::None => return None,
        Target::Webhook(target) => Redacted::around(webhook::Webhook::new(target, deps), redact),
        Target::Bluesky(target) => Redacted::around(bluesky::Bluesky::new(target, deps), redact),
        Target::Mastodon(target) => Redacted::around(mastodon::Mastodon::new(target, deps), redact),
        Target::Telegram(target) => {
            Redacted::around(telegram::Telegram::new(target, moved_to, deps), redact)
        }
        Target::FacebookPage(target) => {
            Redacted::around(facebook_page::FacebookPage::new(target, deps), redact)
        }
        Target::Matrix(target) => Redacted::around(matrix::Matrix::new(target, deps), redact),
        Target::Wordpress(target) => {
            Redacted::around(wordpress::Wordpress::new(target, deps), redact)
        }
    })
}
