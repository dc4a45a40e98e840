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

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(telegram: &Telegram) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    match look(telegram, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.harmless() {
            SendError::Unauthorized { reason } => {
                let code = "telegram-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                found.push(Finding::new(Weight::Problem, "telegram-chat").with("reason", reason));
            }
            SendError::Moved { target } => {
                found.push(Finding::new(Weight::Warning, "telegram-moved").with("target", target));
            }
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
    found.push(Finding::new(Weight::Note, "telegram-bot").with("bot", bot));
    let mut fields = Map::new();
    fields.insert("chat_id".into(), telegram.chat.to_json());
    let chat: ChatSeen = telegram.api.call("getChat", &fields, within).await?;
    fields.insert("user_id".into(), json!(me.id));
    let member: Value = telegram.api.call("getChatMember", &fields, within).await?;
    let member = serde_json::from_value(member).unwrap_or_default();
    found.extend(may_post(&chat, &member));
    if telegram.manner.topic.is_some() && !chat.is_forum {
        found.push(Finding::new(Weight::Warning, "telegram-no-topics"));
    }
    Ok(())
}

/// Whether this member may post in this chat. Pure.
pub(super) fn may_post(chat: &ChatSeen, member: &Membership) -> Option<Finding> {
    let no = |code| Some(Finding::new(Weight::Problem, code));
    let is_channel = chat.r#type == "channel";
    let all_may = chat
        .permissions
        .as_ref()
        .and_then(|p| p.can_send_messages)
        .unwrap_or(true);
    match member.status.as_str() {
        "creator" => None,
        "administrator" if is_channel && member.can_post_messages != Some(true) => {
            no("telegram-no-right")
        }
        "administrator" => None,
        "member" if is_channel => no("telegram-admins-only"),
        "member" if !all_may => no("telegram-members-silent"),
        "member" => None,
        "restricted" if member.can_send_messages != Some(true) => no("telegram-restricted"),
        "restricted" if member.can_send_photos != Some(true) => {
            Some(Finding::new(Weight::Warning, "telegram-no-photos"))
        }
        "restricted" => None,
        _ => no("telegram-not-there"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_post_where() {
        let codes = |chat: Value, member: Value| -> Option<&str> {
            let chat = serde_json::from_value(chat).expect("a chat");
            let member = serde_json::from_value(member).expect("a member");
            may_post(&chat, &member).map(|f| f.code)
        };
        let channel = json!({"id": -100, "type": "channel"});
        let group = json!({"id": -1, "type": "group"});
        let quiet =
            json!({"id": -1, "type": "supergroup", "permissions": {"can_send_messages": false}});
        assert_eq!(codes(channel.clone(), json!({"status": "creator"})), None);
        assert_eq!(
            codes(
                channel.clone(),
                json!({"status": "administrator", "can_post_messages": true})
            ),
            None
        );
        for (chat, member, code) in [
            (
                channel.clone(),
                json!({"status": "administrator"}),
                "telegram-no-right",
            ),
            (channel, json!({"status": "member"}), "telegram-admins-only"),
            (
                quiet.clone(),
                json!({"status": "member"}),
                "telegram-members-silent",
            ),
            (
                group.clone(),
                json!({"status": "restricted", "can_send_messages": false}),
                "telegram-restricted",
            ),
        ] {
            assert_eq!(codes(chat, member), Some(code));
        }
        assert_eq!(codes(quiet, json!({"status": "administrator"})), None);
        assert_eq!(codes(group.clone(), json!({"status": "member"})), None);
        assert_eq!(
            codes(
                group.clone(),
                json!({"status": "restricted", "can_send_messages": true, "can_send_photos": false})
            ),
            Some("telegram-no-photos")
        );
        for status in ["left", "kicked", ""] {
            assert_eq!(
                codes(group.clone(), json!({"status": status})),
                Some("telegram-not-there")
            );
        }
    }
}
