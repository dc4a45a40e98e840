//! Whether the app password lives, whose account it opens, and whether that may post.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::Bluesky;
use super::client::Fault;
use super::session::Session;
use crate::platform::{Finding, SendError, Weight};

/// What a session made with the account's own password may do; one of an app password says otherwise.
const WHOLE_ACCESS: &str = "com.atproto.access";

/// `getSession`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Who {
    did: String,
    handle: String,
    active: Option<bool>,
    status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Claims {
    scope: String,
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Bluesky) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    match look(place, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.harmless() {
            SendError::Unauthorized { reason } => {
                let code = "bluesky-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                let code = "bluesky-refused";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Blocked { until, reason } => {
                let finding = Finding::new(Weight::Problem, "bluesky-blocked");
                found.push(finding.with("reason", reason).with("at", until));
            }
            // No answer: nothing is known.
            other => return Err(other),
        },
    }
    Ok(found)
}

async fn look(place: &Bluesky, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let (session, who) = place
        .with_session(async |session: Session| {
            let method = "com.atproto.server.getSession";
            let who: Who = place.xrpc.query(method, Some(&session.access), &[]).await?;
            Ok((session, who))
        })
        .await?;
    found.extend(judge(&who, &place.handle, scope(&session)));
    Ok(())
}

/// What the session's own token says it may do. It is not ours to verify, only to read.
fn scope(session: &Session) -> String {
    let payload = session
        .access
        .reveal()
        .split('.')
        .nth(1)
        .unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let claims: Claims = serde_json::from_slice(&bytes).unwrap_or_default();
    claims.scope
}

/// What the account says of itself. Pure.
pub(super) fn judge(who: &Who, configured: &str, scope: String) -> Vec<Finding> {
    let account = Finding::new(Weight::Note, "bluesky-account");
    let mut found = vec![account.with("handle", &who.handle).with("did", &who.did)];
    if who.active == Some(false) {
        let status = who.status.as_deref().unwrap_or("inactive");
        found.push(Finding::new(Weight::Problem, "bluesky-inactive").with("status", status));
    }
    if who.handle == "handle.invalid" {
        found.push(Finding::new(Weight::Warning, "bluesky-handle-invalid"));
    } else if !configured.starts_with("did:") && !who.handle.eq_ignore_ascii_case(configured) {
        let code = "bluesky-handle-changed";
        found.push(Finding::new(Weight::Warning, code).with("handle", &who.handle));
    }
    if scope == WHOLE_ACCESS {
        found.push(Finding::new(Weight::Warning, "bluesky-own-password"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(who: serde_json::Value, configured: &str, scope: &str) -> Vec<&'static str> {
        let who = serde_json::from_value(who).expect("a session");
        let found = judge(&who, configured, scope.to_owned());
        found.into_iter().skip(1).map(|f| f.code).collect()
    }

    #[test]
    fn what_a_person_should_know_is_told() {
        use serde_json::json;
        let good = json!({"did": "did:plc:a", "handle": "lan.test", "active": true});
        let app = "com.atproto.appPass";
        assert_eq!(codes(good.clone(), "Lan.test", app), Vec::<&str>::new());
        assert_eq!(codes(good.clone(), "did:plc:a", app), Vec::<&str>::new());
        assert_eq!(
            codes(good.clone(), "mai.test", app),
            ["bluesky-handle-changed"]
        );
        assert_eq!(
            codes(good, "lan.test", WHOLE_ACCESS),
            ["bluesky-own-password"]
        );
        let gone = json!({"handle": "handle.invalid", "active": false, "status": "suspended"});
        assert_eq!(
            codes(gone, "lan.test", app),
            ["bluesky-inactive", "bluesky-handle-invalid"]
        );
    }
}
