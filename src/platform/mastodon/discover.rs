//! A token by way of the browser (OAuth, without an address to come back to), for when a channel is
//! made.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::client::Api;
use crate::config::Secret;
use crate::platform::http::Wire;
use crate::platform::{Deps, SendError};

/// The server shows the code instead of leading anywhere.
const SHOWN: &str = "urn:ietf:wg:oauth:2.0:oob";
/// What posting, pictures and reading back need.
const SCOPES: &str = "read write";

/// This program, as the server knows it.
pub struct App {
    api: Api,
    base: url::Url,
    client_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
struct Registered {
    client_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
}

/// Makes the program known to the server.
///
/// # Errors
/// As [`crate::platform::Platform::check`].
pub async fn register(base: &url::Url, deps: Deps) -> Result<App, SendError> {
    let wire = Wire::new(deps.http, deps.clock, deps.redactor);
    let api = Api::new(wire, base.clone(), Secret::new(""));
    let body = json!({"client_name": "raotin", "redirect_uris": [SHOWN], "scopes": SCOPES});
    let made: Result<Registered, _> = api.ask(Method::POST, "api/v1/apps", &body).await;
    let made = made.map_err(|fault| api.wire.clean(fault.harmless()))?;
    Ok(App {
        api,
        base: base.clone(),
        client_id: made.client_id,
        client_secret: made.client_secret,
    })
}

impl App {
    /// The page where a person allows it and is shown a code.
    pub fn address(&self) -> String {
        let mut url = self.base.clone();
        url.set_path("/oauth/authorize");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", SHOWN)
            .append_pair("scope", SCOPES);
        url.into()
    }

    /// The token for the code that was shown.
    ///
    /// # Errors
    /// As [`crate::platform::Platform::check`].
    pub async fn token(&self, code: &Secret) -> Result<Secret, SendError> {
        let body = json!({
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": SHOWN,
            "scope": SCOPES,
        });
        let given: Result<Granted, _> = self.api.ask(Method::POST, "oauth/token", &body).await;
        let given = given.map_err(|fault| self.api.wire.clean(fault.harmless()))?;
        Ok(Secret::new(given.access_token))
    }
}
