//! Whether the bot lives, finds its chat and may post there.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Telegram;
use super::client::{ChatSeen, Fault};
use crate::platform::{Finding, SendError, Weight};

#[derive(Deserialize)]
struct Me {
    id: i64,
    username: Option<String>,
}

/// A member of a chat, as far as it decides about posting.
#[derive(Deserialize, Debug, Default)]
pub(super) struct Membership {
    pub(super) status: String,
    pub(super) can_post_messages: Option<bool>,
    pub(super) can_send_messages: Option<bool>,
    pub(super) can_send_photos: Option<bool>,
}

fn finding(weight: Weight, code: &str, text: impl Into<String>) -> Finding {
    Finding {
        weight,
        code: code.to_owned(),
        text: text.into(),
    }
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(telegram: &Telegram) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    match look(telegram, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.outcome().harmless() {
            SendError::Unauthorized { reason } => {
                found.push(finding(Weight::Problem, "telegram-unauthorized", reason));
            }
            SendError::Refused { reason } => found.push(finding(
                Weight::Problem,
                "telegram-chat",
                format!("{reason}. Check the channel's `chat`, and add the bot to it."),
            )),
            SendError::Moved { target } => found.push(finding(
                Weight::Warning,
                "telegram-moved",
                format!("The group was upgraded and is {target} now: write that into `chat`."),
            )),
            // No answer: nothing is known.
            other => return Err(other),
        },
    }
    Ok(found)
}

async fn look(telegram: &Telegram, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let within = telegram.api.wire.limits().read;
    let me: Me = telegram.api.call("getMe", &Map::new(), within).await?;
    let bot = me.username.unwrap_or_else(|| me.id.to_string());
    found.push(finding(
        Weight::Note,
        "telegram-bot",
        format!("The bot is @{bot}."),
    ));
    let mut fields = Map::new();
    fields.insert("chat_id".into(), telegram.chat.to_json());
    let chat: ChatSeen = telegram.api.call("getChat", &fields, within).await?;
    fields.insert("user_id".into(), json!(me.id));
    let member: Value = telegram.api.call("getChatMember", &fields, within).await?;
    let member = serde_json::from_value(member).unwrap_or_default();
    found.extend(may_post(&chat, &member));
    if telegram.manner.topic.is_some() && !chat.is_forum {
        found.push(finding(
            Weight::Warning,
            "telegram-no-topics",
            "A topic is configured, but the chat has no topics: leave `topic` out.",
        ));
    }
    Ok(())
}

/// Whether this member may post in this chat. Pure.
pub(super) fn may_post(chat: &ChatSeen, member: &Membership) -> Vec<Finding> {
    let no = |code: &str, text: &str| vec![finding(Weight::Problem, code, text)];
    let is_channel = chat.r#type == "channel";
    let all_may = chat
        .permissions
        .as_ref()
        .and_then(|p| p.can_send_messages)
        .unwrap_or(true);
    match member.status.as_str() {
        "creator" => Vec::new(),
        "administrator" if is_channel && member.can_post_messages != Some(true) => no(
            "telegram-no-right",
            "The bot is an administrator but may not post: give it the right to post messages.",
        ),
        "administrator" => Vec::new(),
        "member" if is_channel => no(
            "telegram-no-right",
            "In a channel only administrators post: make the bot an administrator.",
        ),
        "member" if !all_may => no(
            "telegram-no-right",
            "Members of this group may not write: make the bot an administrator.",
        ),
        "member" => Vec::new(),
        "restricted" if member.can_send_messages != Some(true) => no(
            "telegram-no-right",
            "The bot is restricted and may not write here: lift the restriction.",
        ),
        "restricted" if member.can_send_photos != Some(true) => vec![finding(
            Weight::Warning,
            "telegram-no-photos",
            "The bot may write here but not send pictures: lift the restriction.",
        )],
        "restricted" => Vec::new(),
        _ => no(
            "telegram-not-there",
            "The bot is not in this chat: add it, and let it post.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_post_where() {
        let codes = |chat: Value, member: Value| -> Vec<String> {
            let chat = serde_json::from_value(chat).expect("a chat");
            let member = serde_json::from_value(member).expect("a member");
            let found = may_post(&chat, &member);
            found.into_iter().map(|f| f.code).collect()
        };
        let channel = json!({"id": -100, "type": "channel"});
        let group = json!({"id": -1, "type": "group"});
        let quiet =
            json!({"id": -1, "type": "supergroup", "permissions": {"can_send_messages": false}});
        let none = Vec::<String>::new();
        assert_eq!(codes(channel.clone(), json!({"status": "creator"})), none);
        assert_eq!(
            codes(
                channel.clone(),
                json!({"status": "administrator", "can_post_messages": true})
            ),
            none
        );
        for (chat, member) in [
            (channel.clone(), json!({"status": "administrator"})),
            (channel, json!({"status": "member"})),
            (quiet.clone(), json!({"status": "member"})),
            (
                group.clone(),
                json!({"status": "restricted", "can_send_messages": false}),
            ),
        ] {
            assert_eq!(codes(chat, member), ["telegram-no-right"]);
        }
        assert_eq!(codes(quiet, json!({"status": "administrator"})), none);
        assert_eq!(codes(group.clone(), json!({"status": "member"})), none);
        assert_eq!(
            codes(
                group.clone(),
                json!({"status": "restricted", "can_send_messages": true, "can_send_photos": false})
            ),
            ["telegram-no-photos"]
        );
        for status in ["left", "kicked", ""] {
            assert_eq!(
                codes(group.clone(), json!({"status": status})),
                ["telegram-not-there"]
            );
        }
    }
}
