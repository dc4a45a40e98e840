//! Whether the token lives, until when, for which Page, and with which rights.
//!
//! Unverified against the live API, since no published specification describes `/debug_token`: the
//! names of its fields are those of Meta's guides. Whether an app is in Development mode cannot be
//! learned by any call known to us, so the warning about it is always given.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::FacebookPage;
use super::client::Fault;
use crate::config::Secret;
use crate::platform::{Finding, SendError, Weight};

/// What posting and reading back need.
const SCOPES: [&str; 2] = ["pages_manage_posts", "pages_read_engagement"];
/// A token that ends within this is told about: making a new one may need a person who is on leave.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);

#[derive(Deserialize)]
struct Debug {
    data: Token,
}

/// `/debug_token`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Token {
    is_valid: bool,
    r#type: Option<String>,
    /// Seconds since 1970; 0 is never, missing is unknown.
    expires_at: Option<i64>,
    data_access_expires_at: Option<i64>,
    scopes: Option<Vec<String>>,
    profile_id: Option<String>,
    error: Option<TokenError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenError {
    message: String,
}

#[derive(Deserialize)]
struct PageSeen {
    id: String,
    name: Option<String>,
    is_published: Option<bool>,
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &FacebookPage) -> Result<Vec<Finding>, SendError> {
    let code = "facebook-development-mode";
    let mut found = vec![Finding::new(Weight::Warning, code)];
    match look(place, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.harmless() {
            SendError::Unauthorized { reason } => {
                let code = "facebook-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                found
                    .push(Finding::new(Weight::Problem, "facebook-refused").with("reason", reason));
            }
            SendError::Blocked { until, reason } => found.push(
                Finding::new(Weight::Problem, "facebook-blocked")
                    .with("reason", reason)
                    .with("at", until),
            ),
            // No answer: nothing is known.
            other => return Err(other),
        },
    }
    Ok(found)
}

async fn look(place: &FacebookPage, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let page: PageSeen = place
        .graph
        .get(&place.page, &[("fields", "id,name,is_published")])
        .await?;
    let name = page.name.unwrap_or_default();
    found.push(
        Finding::new(Weight::Note, "facebook-page")
            .with("name", name)
            .with("page", page.id),
    );
    if page.is_published == Some(false) {
        found.push(Finding::new(Weight::Warning, "facebook-unpublished"));
    }
    let (Some(app), Some(secret)) = (&place.app_id, &place.app_secret) else {
        found.push(Finding::new(Weight::Warning, "facebook-no-app"));
        return Ok(());
    };
    let app_token = Secret::new(format!("{app}|{}", secret.reveal()));
    let input = place.token.reveal();
    let debug: Debug = place
        .graph
        .get_as(&app_token, "debug_token", &[("input_token", input)])
        .await?;
    found.extend(judge(&debug.data, &place.page, place.graph.wire.now()));
    Ok(())
}

/// What the token's own description says. Pure.
pub(super) fn judge(token: &Token, page: &str, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    if !token.is_valid {
        let why = token.error.as_ref().map_or("", |e| e.message.as_str());
        found.push(Finding::new(Weight::Problem, "facebook-token-invalid").with("reason", why));
    }
    if let Some(kind) = token.r#type.as_deref().filter(|kind| *kind != "PAGE") {
        found.push(Finding::new(Weight::Problem, "facebook-token-type").with("kind", kind));
    }
    if let Some(other) = token.profile_id.as_deref().filter(|id| *id != page) {
        found.push(
            Finding::new(Weight::Problem, "facebook-other-page")
                .with("other", other)
                .with("page", page),
        );
    }
    let instant = |seconds: i64| Timestamp::from_second(seconds).ok();
    found.push(match token.expires_at {
        Some(0) => Finding::new(Weight::Note, "facebook-token-lasting"),
        seconds => match seconds.and_then(instant) {
            Some(end) => {
                Finding::new(weight_of_end(end, now), "facebook-token-ends").with("at", end)
            }
            None => Finding::new(Weight::Warning, "facebook-token-end-unknown"),
        },
    });
    if let Some(end) = token
        .data_access_expires_at
        .filter(|s| *s > 0)
        .and_then(instant)
        && end <= now + SOON
    {
        found.push(Finding::new(Weight::Warning, "facebook-data-access-ends").with("at", end));
    }
    match &token.scopes {
        Some(scopes) => {
            for missing in SCOPES.iter().filter(|s| !scopes.iter().any(|g| g == *s)) {
                let code = "facebook-scope-missing";
                found.push(Finding::new(Weight::Problem, code).with("scope", missing));
            }
        }
        None => found.push(Finding::new(Weight::Warning, "facebook-scopes-unknown")),
    }
    found
}

fn weight_of_end(end: Timestamp, now: Timestamp) -> Weight {
    if end <= now {
        Weight::Problem
    } else if end <= now + SOON {
        Weight::Warning
    } else {
        Weight::Note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(token: &str) -> Vec<(Weight, &'static str)> {
        let token: Token = serde_json::from_str(token).expect("a token");
        let now = Timestamp::from_second(1_000_000_000).expect("a time");
        let found = judge(&token, "17", now);
        found.into_iter().map(|f| (f.weight, f.code)).collect()
    }
    fn found(weight: Weight, code: &str) -> (Weight, &str) {
        (weight, code)
    }

    #[test]
    fn a_good_token_has_nothing_but_a_note() {
        let token = r#"{"is_valid":true,"type":"PAGE","profile_id":"17","expires_at":0,"data_access_expires_at":1900000000,"scopes":["pages_manage_posts","pages_read_engagement"]}"#;
        assert_eq!(
            codes(token),
            [found(Weight::Note, "facebook-token-lasting")]
        );
    }

    #[test]
    fn everything_that_ends_or_lacks_is_told() {
        let scopes = r#""scopes":["pages_manage_posts","pages_read_engagement"]"#;
        let ends = |at: i64| {
            codes(&format!(
                r#"{{"is_valid":true,"expires_at":{at},{scopes}}}"#
            ))
        };
        assert_eq!(
            ends(999_999_999),
            [found(Weight::Problem, "facebook-token-ends")]
        );
        assert_eq!(
            ends(1_000_086_400),
            [found(Weight::Warning, "facebook-token-ends")]
        );
        assert_eq!(
            ends(1_100_000_000),
            [found(Weight::Note, "facebook-token-ends")]
        );
        assert_eq!(
            codes(
                r#"{"is_valid":false,"type":"USER","profile_id":"18","scopes":[],"data_access_expires_at":1000000001}"#
            ),
            [
                found(Weight::Problem, "facebook-token-invalid"),
                found(Weight::Problem, "facebook-token-type"),
                found(Weight::Problem, "facebook-other-page"),
                found(Weight::Warning, "facebook-token-end-unknown"),
                found(Weight::Warning, "facebook-data-access-ends"),
                found(Weight::Problem, "facebook-scope-missing"),
                found(Weight::Problem, "facebook-scope-missing"),
            ]
        );
        assert_eq!(
            codes(r#"{"is_valid":true,"expires_at":0}"#)[1],
            found(Weight::Warning, "facebook-scopes-unknown")
        );
    }
}
