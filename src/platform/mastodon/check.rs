//! Whether the token lives, whose it is, what it may do, and what the server takes.

use serde::Deserialize;

use super::client::Fault;
use super::instance::Instance;
use super::{Account, Mastodon};
use crate::compose::count::mastodon::AN_ADDRESS;
use crate::compose::limits::MASTODON_TEXT;
use crate::platform::{Finding, SendError, Weight};

/// `apps/verify_credentials`, where a server tells the scopes (Mastodon 4.3 and later).
#[derive(Deserialize, Default)]
#[serde(default)]
struct App {
    scopes: Vec<String>,
}

fn finding(weight: Weight, code: &str, text: impl Into<String>) -> Finding {
    Finding {
        weight,
        code: code.to_owned(),
        text: text.into(),
    }
}

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Mastodon) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    match look(place, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.outcome().harmless() {
            SendError::Unauthorized { reason } => {
                found.push(finding(Weight::Problem, "mastodon-unauthorized", reason));
            }
            SendError::Refused { reason } => found.push(finding(
                Weight::Problem,
                "mastodon-refused",
                format!("{reason}. Check that `base_url` is a server that speaks Mastodon's API."),
            )),
            // No answer: nothing is known.
            other => return Err(other),
        },
    }
    Ok(found)
}

async fn look(place: &Mastodon, found: &mut Vec<Finding>) -> Result<(), Fault> {
    let instance = place.instance().await?;
    found.extend(judge(&instance));
    let account = place
        .api
        .get::<Account>("v1/accounts/verify_credentials", &[])
        .await?
        .what;
    found.push(finding(
        Weight::Note,
        "mastodon-account",
        format!("The account is @{}.", account.acct),
    ));
    if account.suspended {
        found.push(finding(
            Weight::Problem,
            "mastodon-suspended",
            "The account is suspended: ask the server's moderators.",
        ));
    }
    if account.limited {
        found.push(finding(
            Weight::Warning,
            "mastodon-limited",
            "The server's moderators have limited the account: only its followers see its posts.",
        ));
    }
    // Not every server tells; one that does not is found out by posting.
    if let Ok(app) = place
        .api
        .get::<App>("v1/apps/verify_credentials", &[])
        .await
    {
        found.extend(judge_scopes(&app.what.scopes));
    }
    Ok(())
}

/// What the server's limits mean for what is written here. Pure.
fn judge(instance: &Instance) -> Vec<Finding> {
    let statuses = &instance.configuration.statuses;
    let mut found = vec![finding(
        Weight::Note,
        "mastodon-server",
        format!(
            "{} ({}) takes {} characters and {} pictures of {} MB.",
            instance.title,
            instance.version,
            statuses.max_characters,
            statuses.max_media_attachments,
            instance.configuration.media_attachments.image_size_limit / (1024 * 1024),
        ),
    )];
    if statuses.max_characters < MASTODON_TEXT {
        found.push(finding(
            Weight::Warning,
            "mastodon-short",
            format!(
                "The server takes only {} characters: longer posts are refused before they are sent.",
                statuses.max_characters
            ),
        ));
    }
    if statuses.characters_reserved_per_url > AN_ADDRESS {
        found.push(finding(
            Weight::Warning,
            "mastodon-addresses",
            format!(
                "The server counts {} characters for each address, not {AN_ADDRESS}: a post that is just short enough may be refused.",
                statuses.characters_reserved_per_url
            ),
        ));
    }
    found
}

fn judge_scopes(scopes: &[String]) -> Vec<Finding> {
    let has = |names: &[&str]| scopes.iter().any(|s| names.contains(&s.as_str()));
    let mut found = Vec::new();
    if scopes.is_empty() {
        return found;
    }
    for (names, word) in [
        (&["write", "write:statuses"][..], "write:statuses"),
        (&["write", "write:media"], "write:media"),
        (&["read", "read:statuses"], "read:statuses"),
    ] {
        if !has(names) {
            found.push(finding(
                Weight::Problem,
                "mastodon-scope-missing",
                format!("The token's application lacks {word}: make one that has read and write."),
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_scopes_are_judged() {
        let mut instance = Instance::default();
        assert_eq!(judge(&instance).len(), 1);
        instance.configuration.statuses.max_characters = 300;
        instance.configuration.statuses.characters_reserved_per_url = 40;
        assert_eq!(judge(&instance).len(), 3);
        let scopes = |text: &str| {
            let scopes: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            judge_scopes(&scopes).len()
        };
        assert_eq!(scopes(""), 0);
        assert_eq!(scopes("read write"), 0);
        assert_eq!(scopes("read:statuses write:statuses write:media"), 0);
        assert_eq!(scopes("read"), 2);
    }
}
