//! A bot's letters to a person: her private chat is found by a code that she writes to the bot, since a
//! bot cannot write first and nobody knows the number of her own chat.

use serde::Deserialize;
use serde_json::{Map, json};

use super::client::{BotApi, Message};
use super::request::Chat;
use crate::config::Bot;
use crate::platform::SendError;
use crate::platform::http::Wire;

#[derive(Deserialize)]
struct Me {
    username: String,
}

#[derive(Deserialize)]
struct Update {
    message: Option<Written>,
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    text: String,
    chat: Id,
}

#[derive(Deserialize)]
struct Id {
    id: i64,
}

fn api(bot: &Bot, wire: Wire) -> BotApi {
    BotApi::new(wire, bot.base_url.clone(), bot.token.clone())
}

/// Writes to a chat; its links are not looked at (they lead to pages that ask for a password).
///
/// # Errors
/// As [`crate::platform::Platform::send`].
pub async fn write(bot: &Bot, wire: Wire, chat: &str, text: &str) -> Result<(), SendError> {
    let api = api(bot, wire);
    let mut fields = Map::new();
    fields.insert("chat_id".to_owned(), Chat::parse(chat).to_json());
    fields.insert("text".to_owned(), json!(text));
    let preview = json!({"is_disabled": true});
    fields.insert("link_preview_options".to_owned(), preview);
    let within = api.wire.limits().answer;
    let sent = api.call::<Message>("sendMessage", &fields, within).await;
    sent.map(drop)
        .map_err(|fault| api.wire.clean(fault.outcome()))
}

/// What people write to the bot as: `raotin_bot`.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn name(bot: &Bot, wire: Wire) -> Result<String, SendError> {
    let api = api(bot, wire);
    let within = api.wire.limits().read;
    let me: Result<Me, _> = api.call("getMe", &Map::new(), within).await;
    me.map(|me| me.username)
        .map_err(|fault| api.wire.clean(fault.harmless()))
}

/// The chat in which somebody wrote this code, of the hundred oldest messages that Telegram keeps for
/// the bot (for a day).
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn chat_with(bot: &Bot, wire: Wire, code: &str) -> Result<Option<i64>, SendError> {
    let api = api(bot, wire);
    let mut fields = Map::new();
    // As `discover` asks: Telegram remembers what was asked for last.
    let kinds = ["message", "channel_post", "my_chat_member"];
    fields.insert("allowed_updates".into(), json!(kinds));
    let within = api.wire.limits().read;
    let updates: Result<Vec<Update>, _> = api.call("getUpdates", &fields, within).await;
    let updates = updates.map_err(|fault| api.wire.clean(fault.harmless()))?;
    let written = updates.into_iter().rev().filter_map(|u| u.message);
    // `/start CODE` comes of the link that opens the bot.
    let holds = |text: &str| text.split_whitespace().any(|word| word == code);
    let mut found = written.filter(|w| holds(&w.text));
    Ok(found.next().map(|w| w.chat.id))
}
