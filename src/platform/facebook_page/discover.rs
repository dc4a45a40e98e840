//! Which Pages a person may post to, to choose from when a channel is made.

use serde::Deserialize;

use super::client::Graph;
use crate::config::Secret;
use crate::platform::http::Wire;
use crate::platform::{Deps, Found, SendError};

/// The task without which a person may not post (Graph API, `Page.tasks`).
const MAY_POST: &str = "CREATE_CONTENT";

#[derive(Deserialize)]
struct Accounts {
    data: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    #[serde(default)]
    name: String,
    access_token: Option<String>,
    tasks: Option<Vec<String>>,
}

/// The Pages of the person whose token this is, each with its own token.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn pages(
    token: &Secret,
    app_secret: Option<&Secret>,
    base: &url::Url,
    version: &str,
    deps: Deps,
) -> Result<Vec<Found>, SendError> {
    let wire = Wire::new(deps.http, deps.clock, deps.redactor);
    let graph = Graph::new(
        wire,
        base.clone(),
        version.to_owned(),
        token.clone(),
        app_secret.cloned(),
    );
    let fields = [("fields", "id,name,access_token,tasks"), ("limit", "100")];
    let accounts: Accounts = graph
        .get("me/accounts", &fields)
        .await
        .map_err(|fault| graph.wire.clean(fault.harmless()))?;
    let may_post = |a: &Account| {
        a.tasks
            .as_ref()
            .is_none_or(|t| t.iter().any(|t| t == MAY_POST))
    };
    let pages = accounts.data.into_iter().filter(may_post);
    let found = pages.filter_map(|account| {
        Some(Found {
            id: account.id,
            title: account.name,
            token: Some(Secret::new(account.access_token?)),
        })
    });
    Ok(found.collect())
}
