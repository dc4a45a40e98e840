//! Whether the account lives, is in the room and may write there, and that the room is no encrypted one.

use serde_json::Value;

use super::Matrix;
use super::client::Fault;
use crate::platform::{Finding, SendError, Weight};

/// The level of a member nobody gave another (spec, `m.room.power_levels`).
const USUAL_LEVEL: i64 = 0;

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Matrix) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    if let Err(fault) = look(place, &mut found).await {
        match fault.harmless() {
            SendError::Unauthorized { reason } => {
                let code = "matrix-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                found.push(Finding::new(Weight::Problem, "matrix-room").with("reason", reason));
            }
            // No answer: nothing is known.
            other => return Err(other),
        }
    }
    Ok(found)
}

async fn look(place: &Matrix, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let me = place.me().await?;
    found.push(Finding::new(Weight::Note, "matrix-account").with("user", &me.user_id));
    let room = place.room().await?;
    if place.is_member(&room).await? {
        found.push(Finding::new(Weight::Note, "matrix-member").with("room", &room));
    } else {
        found.push(Finding::new(Weight::Problem, "matrix-not-there"));
        return Ok(());
    }
    if place.is_encrypted(&room).await? {
        found.push(Finding::new(Weight::Problem, "matrix-encrypted"));
    }
    let state = |kind| place.server.state(&room, kind, "");
    let levels = state("m.room.power_levels").await?.unwrap_or_default();
    found.extend(may_write(&levels, &me.user_id));
    if let Some(next) = state("m.room.tombstone").await? {
        let next = next["replacement_room"].as_str().unwrap_or("?");
        found.push(Finding::new(Weight::Problem, "matrix-replaced").with("room", next));
    }
    let most = place.largest_upload().await?;
    found.push(Finding::new(Weight::Note, "matrix-uploads").with("bytes", most));
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
        let finding = Finding::new(Weight::Problem, "matrix-no-right");
        finding.with("own", own).with("needed", needed)
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
