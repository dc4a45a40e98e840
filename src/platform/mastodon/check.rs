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

/// The findings; what stops the look before its end is the last of them.
pub(super) async fn check(place: &Mastodon) -> Result<Vec<Finding>, SendError> {
    let mut found = Vec::new();
    match look(place, &mut found).await {
        Ok(()) => {}
        Err(fault) => match fault.harmless() {
            SendError::Unauthorized { reason } => {
                let code = "mastodon-unauthorized";
                found.push(Finding::new(Weight::Problem, code).with("reason", reason));
            }
            SendError::Refused { reason } => {
                found
                    .push(Finding::new(Weight::Problem, "mastodon-refused").with("reason", reason));
            }
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
    found.push(Finding::new(Weight::Note, "mastodon-account").with("account", account.acct));
    if account.suspended {
        found.push(Finding::new(Weight::Problem, "mastodon-suspended"));
    }
    if account.limited {
        found.push(Finding::new(Weight::Warning, "mastodon-limited"));
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
    let largest = instance.configuration.media_attachments.image_size_limit / (1024 * 1024);
    let mut found = vec![
        Finding::new(Weight::Note, "mastodon-server")
            .with("name", &instance.title)
            .with("version", &instance.version)
            .with("characters", statuses.max_characters)
            .with("pictures", statuses.max_media_attachments)
            .with("megabytes", largest),
    ];
    if statuses.max_characters < MASTODON_TEXT {
        let code = "mastodon-short";
        let most = statuses.max_characters;
        found.push(Finding::new(Weight::Warning, code).with("characters", most));
    }
    if statuses.characters_reserved_per_url > AN_ADDRESS {
        let finding = Finding::new(Weight::Warning, "mastodon-addresses");
        let counted = statuses.characters_reserved_per_url;
        found.push(finding.with("counted", counted).with("usual", AN_ADDRESS));
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
            let code = "mastodon-scope-missing";
            found.push(Finding::new(Weight::Problem, code).with("scope", word));
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
