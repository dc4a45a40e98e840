//! A login, and which rooms an account is in, for when a channel is made.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::Homeserver;
use crate::config::Secret;
use crate::platform::http::Wire;
use crate::platform::{Deps, Found, SendError};

/// Rooms whose names are asked for: a person chooses from no more.
const MOST_ROOMS: usize = 50;

#[derive(Deserialize)]
struct LoggedIn {
    access_token: String,
}

#[derive(Deserialize)]
struct Joined {
    joined_rooms: Vec<String>,
}

fn homeserver(server: &url::Url, token: Secret, deps: Deps) -> Homeserver {
    Homeserver::new(
        Wire::new(deps.http, deps.clock, deps.redactor),
        server.clone(),
        token,
    )
}

/// Logs in once; the token is kept for good, for a repeat is known as one only within its login.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn log_in(
    server: &url::Url,
    user: &str,
    password: &Secret,
    deps: Deps,
) -> Result<Secret, SendError> {
    // The request carries no token yet; an empty one is not looked at.
    let homeserver = homeserver(server, Secret::new(""), deps);
    let body = json!({
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": user},
        "password": password.reveal(),
        "initial_device_display_name": "raotin",
    });
    let request = homeserver
        .request(Method::POST, &["client", "v3", "login"])
        .json(&body);
    let within = homeserver.wire.limits().read;
    let done: Result<LoggedIn, _> = homeserver.exchange("login", request, within).await;
    let done = done.map_err(|fault| homeserver.wire.clean(fault.harmless()))?;
    Ok(Secret::new(done.access_token))
}

/// The unencrypted rooms the account is in.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn rooms(server: &url::Url, token: &Secret, deps: Deps) -> Result<Vec<Found>, SendError> {
    let homeserver = homeserver(server, token.clone(), deps);
    let asked = homeserver.get("rooms", &["client", "v3", "joined_rooms"], &[]);
    let joined: Joined = asked
        .await
        .map_err(|fault| homeserver.wire.clean(fault.harmless()))?;
    let mut found = Vec::new();
    for room in joined.joined_rooms.into_iter().take(MOST_ROOMS) {
        let text = |state: Option<Value>, name: &str| {
            state.and_then(|s| s[name].as_str().map(str::to_owned))
        };
        // What cannot be learnt of a room is left out; the check says the rest.
        let encrypted = homeserver.state(&room, "m.room.encryption", "").await;
        if matches!(encrypted, Ok(Some(_))) {
            continue;
        }
        let alias = homeserver.state(&room, "m.room.canonical_alias", "").await;
        let name = homeserver.state(&room, "m.room.name", "").await;
        found.push(Found {
            title: text(name.ok().flatten(), "name").unwrap_or_default(),
            id: text(alias.ok().flatten(), "alias").unwrap_or(room),
            token: None,
        });
    }
    Ok(found)
}
