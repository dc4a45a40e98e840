//! Telegram, by the Bot API: `request` makes the call from a part, `client` speaks it, `errors` says
//! what refusals mean, `check` looks at the rights.
//!
//! A bot can neither repeat a message under a key nor read what was posted, so doubt is settled by a
//! person ([`Settling::AskPerson`]). Pictures travel in the request that shows them.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};

use self::client::{BotApi, ChatSeen, Fault, Message, Said};
use self::request::{Chat, Manner, file_field};
use super::http::Wire;
use super::pictures;
use super::settling::way;
use super::{
    Deps, Doubt, Finding, IsTaken, Look, PictureBytes, Pictures, Platform, SendError, Settling,
};
use crate::compose::limits::TELEGRAM_PICTURE;
use crate::config::TelegramTarget;
use crate::model::share::Attempt;
use crate::model::{Part, PlatformKind, Post, Receipt};

mod check;
mod client;
pub mod discover;
mod errors;
pub mod letter;
mod request;

pub use request::{MAX_ALBUM, MAX_CAPTION, MAX_TEXT};

/// Ids of supergroups and channels are this far below zero.
const LONG_ID: i64 = -1_000_000_000_000;

/// One chat, as one bot posts to it.
pub struct Telegram {
    api: BotApi,
    chat: Chat,
    manner: Manner,
    pictures: std::sync::Arc<dyn Pictures>,
}

impl Telegram {
    /// The chat of a channel; `moved_to` is its id since a group was upgraded.
    pub fn new(target: &TelegramTarget, moved_to: Option<&str>, deps: Deps) -> Telegram {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        Telegram {
            api: BotApi::new(wire, target.base_url.clone(), target.token.clone()),
            chat: Chat::parse(moved_to.unwrap_or(&target.chat)),
            manner: Manner {
                topic: target.topic,
                silent: target.silent,
                preview: target.preview,
            },
            pictures: deps.pictures,
        }
    }

    async fn send_part(&self, part: &Part, after: Option<i64>) -> Result<Receipt, SendError> {
        let refused = |reason| SendError::Refused { reason };
        let call = request::call(&self.chat, &self.manner, part, after).map_err(refused)?;
        let files = self.files(part).await?;
        let within = self.api.wire.limits().answer;
        let sent = match part.pictures.len() {
            0 => self.api.call(call.method, &call.fields, within).await,
            1 => {
                self.api
                    .call_with_files(call.method, &call.fields, files, within)
                    .await
            }
            _ => {
                let album: Result<Vec<Message>, Fault> = self
                    .api
                    .call_with_files(call.method, &call.fields, files, within)
                    .await;
                return self.receipt(&album.map_err(Fault::outcome)?);
            }
        };
        self.receipt(&[sent.map_err(Fault::outcome)?])
    }

    async fn files(&self, part: &Part) -> Result<Vec<(String, PictureBytes)>, SendError> {
        let mut files = Vec::new();
        for (n, picture) in part.pictures.iter().enumerate() {
            let loaded = pictures::load(&self.pictures, picture, TELEGRAM_PICTURE).await?;
            files.push((file_field(n), loaded));
        }
        Ok(files)
    }

    fn receipt(&self, messages: &[Message]) -> Result<Receipt, SendError> {
        let Some(first) = messages.first().filter(|m| m.message_id > 0) else {
            return Err(SendError::Unsure {
                reason: "Telegram answers without a message".to_owned(),
                ask_now: false,
            });
        };
        let ids: Vec<_> = messages.iter().map(|m| m.message_id.to_string()).collect();
        Ok(Receipt {
            // Message ids count from 1 in every chat, so the chat belongs to the proof.
            post_id: format!("{}/{}", first.chat.id, ids.join(",")),
            permalink: permalink(&first.chat, self.manner.topic, first.message_id),
            at: Timestamp::from_second(first.date).unwrap_or_else(|_| self.api.wire.now()),
        })
    }

    async fn delete_message(&self, chat: i64, message: i64) -> Result<(), SendError> {
        let mut fields = Map::new();
        fields.insert("chat_id".into(), json!(chat));
        fields.insert("message_id".into(), json!(message));
        let within = self.api.wire.limits().answer;
        let deleted: Result<bool, Fault> = self.api.call("deleteMessage", &fields, within).await;
        match deleted {
            Ok(_) => Ok(()),
            Err(fault) if fault.said().is_some_and(Said::is_gone) => Ok(()),
            Err(fault) => Err(match fault.outcome() {
                SendError::Moved { .. } => SendError::Refused {
                    reason: "it was posted before the group was upgraded, and a bot can no longer \
                             reach it there: take it down by hand"
                        .to_owned(),
                },
                other => other,
            }),
        }
    }
}

/// Where people see a message. Basic groups have no addresses.
fn permalink(chat: &ChatSeen, topic: Option<i64>, message: i64) -> Option<String> {
    let place = match &chat.username {
        Some(name) if !name.is_empty() => name.clone(),
        _ if chat.id < LONG_ID => format!("c/{}", LONG_ID - chat.id),
        _ => return None,
    };
    let topic = topic.map(|t| format!("{t}/")).unwrap_or_default();
    Some(format!("https://t.me/{place}/{topic}{message}"))
}

/// `-1001234/17,18` → the chat and its messages.
fn parse_post_id(post_id: &str) -> Option<(i64, Vec<i64>)> {
    let (chat, messages) = post_id.split_once('/')?;
    let messages: Result<_, _> = messages.split(',').map(str::parse).collect();
    Some((chat.parse().ok()?, messages.ok()?))
}

impl Platform for Telegram {
    fn settling(&self) -> Settling {
        way(PlatformKind::Telegram)
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(check::check(self))
    }

    /// Nothing is uploaded ahead; what cannot go is refused before an attempt is made.
    fn prepare<'a>(
        &'a self,
        _key: &'a str,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>> {
        Box::pin(async move {
            for part in &post.parts {
                request::call(&self.chat, &self.manner, part, None)
                    .map_err(|reason| SendError::Refused { reason })?;
                self.files(part).await?;
            }
            Ok(String::new())
        })
    }

    fn send<'a>(
        &'a self,
        _attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(async move {
            let Some(content) = post.parts.get(part) else {
                return Err(SendError::Refused {
                    reason: "the post has no such part".to_owned(),
                });
            };
            let after = receipts.last().and_then(|r| parse_post_id(&r.post_id));
            let after = after.and_then(|(_, messages)| messages.first().copied());
            self.send_part(content, after).await
        })
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        _is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        let link = match &self.chat {
            Chat::Name(name) => Some(format!("https://t.me/{}", name.trim_start_matches('@'))),
            Chat::Id(_) => doubt.receipts.last().and_then(|r| r.permalink.clone()),
        };
        Box::pin(std::future::ready(Ok(Look::CannotTell {
            reason: "Telegram cannot be asked what a bot has posted: look whether it is there"
                .to_owned(),
            link,
        })))
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let Some((chat, messages)) = parse_post_id(&receipt.post_id) else {
                return Err(SendError::Refused {
                    reason: "the receipt names no message of Telegram: take it down by hand"
                        .to_owned(),
                });
            };
            for message in messages {
                self.delete_message(chat, message).await?;
            }
            Ok(())
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.api.wire.skew()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permalinks_of_public_and_private_places() {
        let chat = |id, username: Option<&str>| ChatSeen {
            id,
            r#type: String::new(),
            username: username.map(str::to_owned),
            is_forum: false,
            permissions: None,
        };
        let link = |chat: ChatSeen, topic| permalink(&chat, topic, 7);
        let long = -1_001_234_567_890;
        assert_eq!(
            link(chat(long, Some("tinbackan")), None).as_deref(),
            Some("https://t.me/tinbackan/7")
        );
        assert_eq!(
            link(chat(long, None), None).as_deref(),
            Some("https://t.me/c/1234567890/7")
        );
        assert_eq!(
            link(chat(long, None), Some(3)).as_deref(),
            Some("https://t.me/c/1234567890/3/7")
        );
        assert_eq!(link(chat(-500, None), None), None);
    }

    #[test]
    fn a_receipt_names_the_chat_and_every_message() {
        assert_eq!(parse_post_id("-1001/7,8"), Some((-1001, vec![7, 8])));
        assert_eq!(parse_post_id("7"), None);
    }
}
