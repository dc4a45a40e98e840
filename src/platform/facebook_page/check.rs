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

fn finding(weight: Weight, code: &str, text: impl Into<String>) -> Finding {
    Finding {
        weight,
        code: code.to_owned(),
        text: text.into(),
    }
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &FacebookPage) -> Result<Vec<Finding>, SendError> {
    let mut found = vec![finding(
        Weight::Warning,
        "facebook-development-mode",
        "Make sure that the app is in Live mode: what an app in Development mode posts is seen only by \
         people with a role in the app, and Facebook does not tell which mode it is in.",
    )];
    match look(place, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.outcome().harmless() {
            SendError::Unauthorized { reason } => {
                found.push(finding(Weight::Problem, "facebook-unauthorized", reason));
            }
            SendError::Refused { reason } => {
                found.push(finding(Weight::Problem, "facebook-refused", reason));
            }
            SendError::Blocked { until, reason } => found.push(finding(
                Weight::Problem,
                "facebook-blocked",
                format!("{reason}. Nothing is sent before {until}."),
            )),
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
    let text = format!("The token reads the Page «{name}» ({}).", page.id);
    found.push(finding(Weight::Note, "facebook-page", text));
    if page.is_published == Some(false) {
        found.push(finding(
            Weight::Warning,
            "facebook-unpublished",
            "The Page itself is not published: nobody sees its posts.",
        ));
    }
    let (Some(app), Some(secret)) = (&place.app_id, &place.app_secret) else {
        found.push(finding(
            Weight::Warning,
            "facebook-no-app",
            "Without `app_id` and `app_secret` nobody can tell when the token ends or what it may do, and \
             requests carry no proof: configure both.",
        ));
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
    let mut say = |weight, code: &str, text: String| found.push(finding(weight, code, text));
    if !token.is_valid {
        let why = token.error.as_ref().map_or("", |e| e.message.as_str());
        let text = format!("The token is no longer valid. Make a new one. {why}");
        say(
            Weight::Problem,
            "facebook-token-invalid",
            text.trim().to_owned(),
        );
    }
    if token.r#type.as_deref().is_some_and(|t| t != "PAGE") {
        let kind = token.r#type.as_deref().unwrap_or("");
        let text = format!("The token is of type {kind}: give the Page's own token instead.");
        say(Weight::Problem, "facebook-token-type", text);
    }
    if let Some(other) = token.profile_id.as_deref().filter(|id| *id != page) {
        let text = format!("The token is for the Page {other}, but the channel says {page}.");
        say(Weight::Problem, "facebook-other-page", text);
    }
    let instant = |seconds: i64| Timestamp::from_second(seconds).ok();
    match token.expires_at {
        Some(0) => {
            let text = "The token does not end by itself.".to_owned();
            say(Weight::Note, "facebook-token-lasting", text);
        }
        Some(seconds) => {
            let weight_of = |end: Timestamp| {
                if end <= now {
                    Weight::Problem
                } else if end <= now + SOON {
                    Weight::Warning
                } else {
                    Weight::Note
                }
            };
            let end = instant(seconds);
            let weight = end.map_or(Weight::Warning, weight_of);
            let when = end.map_or_else(|| "at an unknown time".to_owned(), |e| format!("at {e}"));
            let text = format!("The token ends {when}: make a new one before.");
            say(weight, "facebook-token-ends", text);
        }
        None => {
            let text = "Facebook does not say when the token ends: look after it.".to_owned();
            say(Weight::Warning, "facebook-token-end-unknown", text);
        }
    }
    if let Some(end) = token
        .data_access_expires_at
        .filter(|s| *s > 0)
        .and_then(instant)
        && end <= now + SOON
    {
        let text = format!(
            "The app's access to data ends at {end}: the token's owner must log in to the app again."
        );
        say(Weight::Warning, "facebook-data-access-ends", text);
    }
    match &token.scopes {
        Some(scopes) => {
            for missing in SCOPES.iter().filter(|s| !scopes.iter().any(|g| g == *s)) {
                let text = format!("The token lacks {missing}: make one that has it.");
                say(Weight::Problem, "facebook-scope-missing", text);
            }
        }
        None => {
            let text = "Facebook does not say what the token may do.".to_owned();
            say(Weight::Warning, "facebook-scopes-unknown", text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(token: &str) -> Vec<(Weight, String)> {
        let token: Token = serde_json::from_str(token).expect("a token");
        let now = Timestamp::from_second(1_000_000_000).expect("a time");
        let found = judge(&token, "17", now);
        found.into_iter().map(|f| (f.weight, f.code)).collect()
    }
    fn found(weight: Weight, code: &str) -> (Weight, String) {
        (weight, code.to_owned())
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
