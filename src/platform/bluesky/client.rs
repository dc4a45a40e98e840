//! The server's calls (XRPC): where they go, how their answers are read, when it wants rest.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::DATE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::errors;
use crate::config::Secret;
use crate::platform::http::{Answer, Wire};
use crate::platform::outcome::{Class, THROTTLED_FOR, Wait, http_date};
use crate::platform::{PictureBytes, SendError, fault};

/// What the server said instead of a result.
pub(super) type Fault = fault::Fault<Error>;

/// An error, as the server tells it.
#[derive(Debug)]
pub(super) struct Error {
    name: String,
    class: Class,
}

impl Fault {
    pub(super) fn is(&self, wanted: Class) -> bool {
        self.said().is_some_and(|error| error.class == wanted)
    }

    pub(super) fn named(&self, wanted: &str) -> bool {
        self.said().is_some_and(|error| error.name == wanted)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    error: String,
    message: String,
}

/// What is sent along.
pub(super) enum Body<'a> {
    None,
    Json(&'a Value),
    Blob(&'a PictureBytes),
}

/// One account's server.
pub(super) struct Xrpc {
    pub(super) wire: Wire,
    base: url::Url,
    /// The server wants nothing before then: milliseconds since 1970, by our clock.
    rest_until: AtomicI64,
}

impl Xrpc {
    pub(super) fn new(wire: Wire, base: url::Url) -> Xrpc {
        Xrpc {
            wire,
            base,
            rest_until: AtomicI64::new(0),
        }
    }

    /// Refuses to begin anything that would certainly be throttled.
    pub(super) fn room(&self) -> Result<(), SendError> {
        let until = Timestamp::from_millisecond(self.rest_until.load(Ordering::Relaxed));
        match until {
            Ok(until) if until > self.wire.now() => Err(SendError::Throttled {
                until,
                reason: "the server's limit for this account is used up".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// A question.
    pub(super) async fn query<T: DeserializeOwned>(
        &self,
        method: &'static str,
        token: Option<&Secret>,
        params: &[(&str, &str)],
    ) -> Result<T, Fault> {
        let mut url = self.url(method);
        url.query_pairs_mut().extend_pairs(params);
        let within = self.wire.limits().read;
        self.exchange(method, Method::GET, url, token, Body::None, within)
            .await
            .map(|(result, _)| result)
    }

    /// A request that changes something; also says when the answer was read.
    pub(super) async fn procedure<T: DeserializeOwned>(
        &self,
        method: &'static str,
        token: Option<&Secret>,
        body: Body<'_>,
        within: Duration,
    ) -> Result<(T, Timestamp), Fault> {
        self.exchange(method, Method::POST, self.url(method), token, body, within)
            .await
    }

    fn url(&self, method: &str) -> url::Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/xrpc/{method}"));
        url
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        what: &'static str,
        method: Method,
        url: url::Url,
        token: Option<&Secret>,
        body: Body<'_>,
        within: Duration,
    ) -> Result<(T, Timestamp), Fault> {
        let mut request = self.wire.request(method, url);
        if let Some(token) = token {
            request = request.bearer_auth(token.reveal());
        }
        request = match body {
            Body::None => request,
            Body::Json(value) => request.json(value),
            Body::Blob(picture) => request
                .header("content-type", picture.kind.media_type())
                .body(picture.bytes.clone()),
        };
        let answer = self.wire.exchange(what, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        if answer.header("ratelimit-remaining") == Some("0") {
            let until = answer.read_at + reset(&answer).unwrap_or(SignedDuration::ZERO);
            let until = until.min(wait(&answer).throttled_until());
            self.rest_until
                .store(until.as_millisecond(), Ordering::Relaxed);
        }
        if !answer.is_success() {
            return Err(said(&answer));
        }
        // A procedure without output answers with nothing at all.
        let empty = matches!(&answer.body, Ok(bytes) if bytes.is_empty());
        let result = if empty {
            serde_json::from_str("{}")
                .map_err(|_| Fault::Unreadable("the answer is empty".to_owned()))?
        } else {
            fault::read(&answer, "Bluesky")?
        };
        Ok((result, answer.read_at))
    }
}

/// How long until the limit is lifted: `ratelimit-reset`, seconds since 1970 by the server's clock.
fn reset(answer: &Answer) -> Option<SignedDuration> {
    let reset: i64 = answer.header("ratelimit-reset")?.trim().parse().ok()?;
    let theirs = answer.header(DATE.as_str()).and_then(http_date);
    let at = Timestamp::from_second(reset).ok()?;
    Some(
        at.duration_since(theirs.unwrap_or(answer.read_at))
            .max(SignedDuration::ZERO),
    )
}

fn wait(answer: &Answer) -> Wait {
    let wait = answer.wait(THROTTLED_FOR);
    Wait {
        asked: wait.asked.or_else(|| reset(answer)),
        ..wait
    }
}

/// An answer that is no 2xx.
fn said(answer: &Answer) -> Fault {
    let Said { error, message } = answer.json().unwrap_or_default();
    let class = errors::class(answer.status, &error);
    let words = errors::words(answer.status, &error, &message, class);
    let outcome = class.outcome(words, wait(answer), None);
    Fault::Said {
        error: Error { name: error, class },
        outcome,
    }
}
