//! Letters to members: told of their tasks on Telegram by the office's bot, or by a signed webhook.

use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use super::http::{Http, NoClient, Redact, Wire};
use super::webhook::{SigningKey, post_signed};
use super::{SendError, public, telegram};
use crate::clock::Clock;
use crate::config::{Bot, Notices, Secret};

/// Where a member is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Address {
    /// A chat with the office's bot.
    Telegram {
        /// Its number, or `@name`.
        chat: String,
    },
    /// A webhook, signed as those of channels (Standard Webhooks).
    Webhook {
        /// Where to POST.
        url: Url,
        /// `whsec_…`.
        secret: Secret,
    },
}

/// What a member is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// The same for the same letter: a receiver takes an id once.
    pub id: String,
    /// `task.opened`, `task.ending` or `notice.test`.
    pub kind: &'static str,
    /// Since when its news are news.
    pub at: Timestamp,
    /// For people.
    pub text: String,
    /// For programs.
    pub tasks: Vec<TaskTold>,
}

/// A task, as programs are told of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskTold {
    /// The share's id.
    pub share: String,
    /// The channel's title.
    pub channel: String,
    /// What people would call the article.
    pub title: String,
    /// When it is missed; none for a take-down.
    pub until: Option<Timestamp>,
    /// The card; none where the configuration does not say what address people open.
    pub link: Option<String>,
    /// Whether it is missed within the hour.
    pub ending: bool,
}

#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Told<'a>,
}

#[derive(Serialize)]
struct Told<'a> {
    text: &'a str,
    tasks: &'a [TaskTold],
}

/// Delivers letters. Never twice by itself: whoever calls decides on another try.
pub struct Messenger {
    /// For what the operator configured, and private addresses where he allows them.
    open: Http,
    /// For addresses from outside.
    public: Http,
    clock: Arc<dyn Clock>,
    redact: Redact,
}

impl Messenger {
    /// With the same client that channels are reached by.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(open: Http, clock: Arc<dyn Clock>, redact: Redact) -> Result<Self, NoClient> {
        let public = Http::public_only(open.limits)?;
        Ok(Self {
            open,
            public,
            clock,
            redact,
        })
    }

    /// Sends a letter, once.
    ///
    /// # Errors
    /// As [`super::Platform::send`]. A webhook's doubt is no doubt: its receiver takes an id once, so
    /// the letter may be sent again.
    pub async fn deliver(
        &self,
        notices: &Notices,
        to: &Address,
        letter: &Letter,
    ) -> Result<(), SendError> {
        match to {
            Address::Telegram { chat } => {
                let bot = self.bot(notices)?;
                telegram::letter::write(bot, self.wire(true), chat, &letter.text).await
            }
            Address::Webhook { url, secret } => self
                .post(notices, url, secret, letter)
                .await
                .map_err(SendError::harmless),
        }
    }

    /// What people write to the office's bot as.
    ///
    /// # Errors
    /// As [`super::Platform::check`].
    pub async fn bot_name(&self, notices: &Notices) -> Result<String, SendError> {
        telegram::letter::name(self.bot(notices)?, self.wire(true)).await
    }

    /// The chat in which somebody wrote this code to the office's bot.
    ///
    /// # Errors
    /// As [`super::Platform::check`].
    pub async fn chat_with(&self, notices: &Notices, code: &str) -> Result<Option<i64>, SendError> {
        telegram::letter::chat_with(self.bot(notices)?, self.wire(true), code).await
    }

    fn bot<'a>(&self, notices: &'a Notices) -> Result<&'a Bot, SendError> {
        notices.bot.as_ref().ok_or_else(|| SendError::Unauthorized {
            reason: "no Telegram bot is configured: set [notices] telegram".to_owned(),
        })
    }

    fn wire(&self, open: bool) -> Wire {
        let http = if open { &self.open } else { &self.public };
        Wire::new(http.clone(), self.clock.clone(), self.redact.clone())
    }

    async fn post(
        &self,
        notices: &Notices,
        url: &Url,
        secret: &Secret,
        letter: &Letter,
    ) -> Result<(), SendError> {
        if !notices.private_addresses && !public::may_be_asked(url) {
            let reason = "the address is not public: the operator may allow it by [notices] private_addresses";
            return Err(SendError::Refused {
                reason: reason.to_owned(),
            });
        }
        let key = SigningKey::parse(secret.reveal()).map_err(|bad| SendError::Unauthorized {
            reason: bad.to_string(),
        })?;
        let envelope = Envelope {
            r#type: letter.kind,
            timestamp: letter.at,
            data: Told {
                text: &letter.text,
                tasks: &letter.tasks,
            },
        };
        let body = serde_json::to_vec(&envelope).map_err(|e| SendError::Refused {
            reason: e.to_string(),
        })?;
        let wire = self.wire(notices.private_addresses);
        post_signed(&wire, url, &key, &letter.id, body).await
    }
}
