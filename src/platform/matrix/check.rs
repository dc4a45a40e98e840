//! Whether the account lives, is in the room and may write there, and that the room is no encrypted one.

use serde_json::Value;

use super::Matrix;
use super::client::Fault;
use crate::platform::{Finding, SendError, Weight};

/// The level of a member nobody gave another (spec, `m.room.power_levels`).
const USUAL_LEVEL: i64 = 0;

fn finding(weight: Weight, code: &str, text: impl Into<String>) -> Finding {
    Finding {
        weight,
        code: code.to_owned(),
        text: text.into(),
    }
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Matrix) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    if let Err(fault) = look(place, &mut found).await {
        match fault.outcome().harmless() {
            SendError::Unauthorized { reason } => {
                found.push(finding(Weight::Problem, "matrix-unauthorized", reason));
            }
            SendError::Refused { reason } => found.push(finding(
                Weight::Problem,
                "matrix-room",
                format!("{reason}. Check the channel's `server` and `room`."),
            )),
            // No answer: nothing is known.
            other => return Err(other),
        }
    }
    Ok(found)
}

async fn look(place: &Matrix, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let me = place.me().await?;
    let text = format!("The token is of {}.", me.user_id);
    found.push(finding(Weight::Note, "matrix-account", text));
    let room = place.room().await?;
    if place.is_member(&room).await? {
        let text = format!("The account is in the room {room}.");
        found.push(finding(Weight::Note, "matrix-member", text));
    } else {
        found.push(finding(
            Weight::Problem,
            "matrix-not-there",
            "The account is not in the room: invite it and let it join, or write join = true.",
        ));
        return Ok(());
    }
    if place.is_encrypted(&room).await? {
        found.push(finding(
            Weight::Problem,
            "matrix-encrypted",
            "The room is encrypted, and this program writes only to rooms that everybody can read: \
             choose an unencrypted one.",
        ));
    }
    let state = |kind| place.server.state(&room, kind, "");
    let levels = state("m.room.power_levels").await?.unwrap_or_default();
    found.extend(may_write(&levels, &me.user_id));
    if let Some(next) = state("m.room.tombstone").await? {
        let next = next["replacement_room"].as_str().unwrap_or("another");
        found.push(finding(
            Weight::Problem,
            "matrix-replaced",
            format!("The room was replaced by {next}: write that into `room`."),
        ));
    }
    let most = place.largest_upload().await?;
    found.push(finding(
        Weight::Note,
        "matrix-uploads",
        format!("The homeserver takes files of {most} bytes."),
    ));
    Ok(())
}

/// Whether the power levels let this user write. Pure.
fn may_write(levels: &Value, user: &str) -> Option<Finding> {
    let number = |value: &Value| {
        // Old rooms have numbers as texts.
        value
            .as_i64()
            .or_else(|| value.as_str()?.trim().parse().ok())
    };
    let usual = number(&levels["users_default"]).unwrap_or(USUAL_LEVEL);
    let own = number(&levels["users"][user]).unwrap_or(usual);
    let all = number(&levels["events_default"]).unwrap_or(USUAL_LEVEL);
    let needed = number(&levels["events"]["m.room.message"]).unwrap_or(all);
    (own < needed).then(|| {
        finding(
            Weight::Problem,
            "matrix-no-right",
            format!(
                "The account has level {own} in the room, and writing needs {needed}: give it that level."
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_may_write() {
        let may = |levels: Value| may_write(&levels, "@a:b.vn").is_none();
        assert!(may(json!({})));
        assert!(may(json!({"events_default": 0, "users_default": 0})));
        assert!(!may(json!({"events_default": 50})));
        assert!(may(json!({"events_default": 50, "users": {"@a:b.vn": 50}})));
        assert!(!may(
            json!({"events": {"m.room.message": 100}, "users": {"@a:b.vn": 50}})
        ));
        assert!(may(json!({"events_default": "50", "users_default": "50"})));
        assert!(!may(json!({"users": {"@a:b.vn": -1}})));
    }
}
