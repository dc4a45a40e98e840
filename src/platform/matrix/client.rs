//! The Client-Server API: where calls go, and how their answers are read.

use std::time::Duration;

use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors::{self, MatrixError};
use crate::config::Secret;
use crate::platform::http::{Answer, Wire};
use crate::platform::outcome::THROTTLED_FOR;
use crate::platform::{PictureBytes, fault};

/// A homeserver, as one account sees it.
pub(super) struct Homeserver {
    pub(super) wire: Wire,
    base: url::Url,
    token: Secret,
}

/// What is asked for is not there.
pub(super) const NOT_FOUND: &str = "M_NOT_FOUND";

/// What the server said instead of a result.
pub(super) type Fault = fault::Fault<Said>;

/// An error, as the server tells it.
#[derive(Debug)]
pub(super) struct Said {
    status: u16,
    errcode: String,
}

impl Fault {
    /// Whether the server said this code, with whatever status it has for it.
    pub(super) fn is(&self, wanted: &str) -> bool {
        self.said().is_some_and(|said| said.errcode == wanted)
    }

    /// Whether the server does not know the request at all: it is older than that.
    pub(super) fn is_unknown(&self) -> bool {
        let unknown = |said: &Said| matches!(said.status, 404 | 405) && said.errcode != NOT_FOUND;
        self.said().is_some_and(unknown)
    }
}

/// Whose the token is.
#[derive(Deserialize, Debug, Clone)]
pub(super) struct Me {
    pub(super) user_id: String,
    /// The login that transaction ids belong to.
    pub(super) device_id: Option<String>,
}

/// The answer to a message.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub(super) event_id: String,
}

#[derive(Deserialize)]
struct Content {
    content_uri: String,
}

impl Homeserver {
    pub(super) fn new(wire: Wire, base: url::Url, token: Secret) -> Homeserver {
        Homeserver { wire, base, token }
    }

    /// A request to `/_matrix/…`; each segment is one, whatever stands in it.
    pub(super) fn request(&self, method: Method, segments: &[&str]) -> reqwest::RequestBuilder {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("_matrix").extend(segments);
        }
        let request = self.wire.request(method, url);
        request.bearer_auth(self.token.reveal())
    }

    /// Asks something that changes nothing.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        what: &'static str,
        segments: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, Fault> {
        let request = self.request(Method::GET, segments).query(query);
        self.exchange(what, request, self.wire.limits().read).await
    }

    /// A state event of a room; none where there is none of that kind.
    pub(super) async fn state(
        &self,
        room: &str,
        kind: &str,
        key: &str,
    ) -> Result<Option<Value>, Fault> {
        let segments = ["client", "v3", "rooms", room, "state", kind, key];
        match self.get("room state", &segments, &[]).await {
            Ok(state) => Ok(Some(state)),
            Err(fault) if fault.is(NOT_FOUND) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Sends a message; the same `txn` from the same login gets the first answer again.
    pub(super) async fn send(&self, room: &str, txn: &str, content: &Value) -> Result<Sent, Fault> {
        let segments = ["client", "v3", "rooms", room, "send", "m.room.message", txn];
        let request = self.request(Method::PUT, &segments).json(content);
        self.exchange("message", request, self.wire.limits().answer)
            .await
    }

    /// Uploads a file; its `mxc://` address.
    pub(super) async fn upload(&self, file: &PictureBytes) -> Result<String, Fault> {
        let request = self
            .request(Method::POST, &["media", "v3", "upload"])
            .header(reqwest::header::CONTENT_TYPE, file.kind.media_type())
            .body(file.bytes.clone());
        let within = self.wire.limits().answer;
        let content: Content = self.exchange("upload", request, within).await?;
        Ok(content.content_uri)
    }

    pub(super) async fn exchange<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<T, Fault> {
        let answer = self.wire.exchange(what, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        if !answer.is_success() {
            return Err(said(&answer));
        }
        fault::read(&answer, "the homeserver")
    }
}

/// An answer that is no 2xx.
fn said(answer: &Answer) -> Fault {
    let error = MatrixError::read(&answer.json().unwrap_or_default());
    let mut wait = answer.wait(THROTTLED_FOR);
    // Header and body are rounded differently: the longer is never too early.
    wait.asked = wait.asked.max(error.asked());
    let class = errors::class(answer.status, &error.errcode);
    let words = errors::words(answer.status, &error, class);
    Fault::Said {
        outcome: class.outcome(words, wait, None),
        error: Said {
            status: answer.status,
            errcode: error.errcode,
        },
    }
}
