//! Which chats a bot has seen, to choose from when a channel is made.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, json};

use super::client::BotApi;
use crate::config::Secret;
use crate::platform::http::Wire;
use crate::platform::{Deps, Found, SendError};

#[derive(Deserialize)]
struct Update {
    message: Option<Seen>,
    channel_post: Option<Seen>,
    my_chat_member: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    chat: Chat,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    r#type: String,
    title: Option<String>,
    username: Option<String>,
}

/// The groups and channels that the bot was lately added to or written to in (Telegram keeps that for a
/// day). A bot cannot list where it is.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn chats(token: &Secret, base: &url::Url, deps: Deps) -> Result<Vec<Found>, SendError> {
    let wire = Wire::new(deps.http, deps.clock, deps.redactor);
    let api = BotApi::new(wire, base.clone(), token.clone());
    let mut fields = Map::new();
    let kinds = ["message", "channel_post", "my_chat_member"];
    fields.insert("allowed_updates".into(), json!(kinds));
    let within = api.wire.limits().read;
    let updates: Vec<Update> = api
        .call("getUpdates", &fields, within)
        .await
        .map_err(|fault| api.wire.clean(fault.harmless()))?;
    let mut chats = BTreeMap::new();
    for update in updates {
        let seen = update
            .channel_post
            .or(update.my_chat_member)
            .or(update.message);
        if let Some(chat) = seen.map(|s| s.chat).filter(|c| c.r#type != "private") {
            let id = chat
                .username
                .map_or(chat.id.to_string(), |name| format!("@{name}"));
            chats.insert(id, chat.title.unwrap_or_default());
        }
    }
    let found = chats.into_iter().map(|(id, title)| Found {
        id,
        title,
        token: None,
    });
    Ok(found.collect())
}
