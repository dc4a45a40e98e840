//! The API's calls: where they go, how their answers are read, what errors mean.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use reqwest::header::DATE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Secret;
use crate::platform::http::{Answer, Silence, Wire};
use crate::platform::outcome::{Class, THROTTLED_FOR, Wait, http_date};
use crate::platform::{PictureBytes, fault, pictures};

/// What the server said instead of a result: there are no codes, the status says it all.
pub(super) type Fault = fault::Fault<u16>;

impl Fault {
    pub(super) fn is(&self, wanted: u16) -> bool {
        self.said() == Some(&wanted)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Said {
    error: String,
}

/// A success, with its status and when it was read.
pub(super) struct Told<T> {
    pub(super) what: T,
    pub(super) status: u16,
    pub(super) read_at: Timestamp,
}

/// The API, as one account's token sees it.
pub(super) struct Api {
    pub(super) wire: Wire,
    base: url::Url,
    token: Secret,
}

impl Api {
    pub(super) fn new(wire: Wire, base: url::Url, token: Secret) -> Api {
        Api { wire, base, token }
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[(&str, &str)],
    ) -> Result<Told<T>, Fault> {
        let mut url = self.url(path);
        if !params.is_empty() {
            url.query_pairs_mut().extend_pairs(params);
        }
        let request = self.wire.request(Method::GET, url);
        self.exchange("GET", request, self.wire.limits().read).await
    }

    /// Posts JSON under a key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Told<T>, Fault> {
        let request = self.wire.request(Method::POST, self.url(path));
        let request = request.header("Idempotency-Key", key).json(body);
        let within = self.wire.limits().answer;
        self.exchange("POST", request, within).await
    }

    /// Uploads a picture with its description.
    pub(super) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        picture: &PictureBytes,
        description: &str,
    ) -> Result<Told<T>, Fault> {
        let file = pictures::file_part("file", picture);
        let file = file.map_err(|why| Fault::Silence(Silence::NeverLeft(why)))?;
        let mut form = reqwest::multipart::Form::new();
        if !description.is_empty() {
            form = form.text("description", description.to_owned());
        }
        let request = self.wire.request(Method::POST, self.url(path));
        let request = request.multipart(form.part("file", file));
        let within = self.wire.limits().answer;
        self.exchange("POST", request, within).await
    }

    pub(super) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<Told<T>, Fault> {
        let request = self.wire.request(Method::DELETE, self.url(path));
        let within = self.wire.limits().answer;
        self.exchange("DELETE", request, within).await
    }

    /// Asks without a token, anywhere on the server.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, Fault> {
        let request = self.wire.request(method, self.at(path)).json(body);
        let within = self.wire.limits().read;
        self.read("login", request, within)
            .await
            .map(|told| told.what)
    }

    fn url(&self, path: &str) -> url::Url {
        self.at(&format!("api/{path}"))
    }

    fn at(&self, path: &str) -> url::Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<Told<T>, Fault> {
        let request = request.bearer_auth(self.token.reveal());
        self.read(what, request, within).await
    }

    async fn read<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<Told<T>, Fault> {
        let answer = self.wire.exchange(what, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        if !answer.is_success() {
            return Err(said(&answer));
        }
        Ok(Told {
            what: fault::read(&answer, "the server")?,
            status: answer.status,
            read_at: answer.read_at,
        })
    }
}

/// How long until the limit is lifted: `X-RateLimit-Reset`, an ISO 8601 timestamp by the server's clock.
fn reset(answer: &Answer) -> Option<SignedDuration> {
    let at: Timestamp = answer.header("x-ratelimit-reset")?.trim().parse().ok()?;
    let theirs = answer.header(DATE.as_str()).and_then(http_date);
    let wait = at.duration_since(theirs.unwrap_or(answer.read_at));
    Some(wait.max(SignedDuration::ZERO))
}

/// An answer that is no 2xx.
fn said(answer: &Answer) -> Fault {
    let class = match answer.status {
        401 => Class::AuthRevoked,
        403 => Class::Permission,
        other => Class::unlisted(other),
    };
    let Said { error } = answer.json().unwrap_or_default();
    let mut words = format!("the server answers {}", answer.status);
    if !error.is_empty() {
        words.push_str(&format!(": {error}"));
    }
    words.push_str(match class {
        Class::AuthRevoked => {
            "; the access token is no longer taken: make a new one in the account's preferences, Development"
        }
        Class::Permission => {
            "; the token needs the scopes «read» and «write», and the account must be in good standing"
        }
        _ if (300..400).contains(&answer.status) => {
            "; it points elsewhere: check the channel's `base_url`"
        }
        _ => "",
    });
    let wait = answer.wait(THROTTLED_FOR);
    let wait = Wait {
        asked: reset(answer).or(wait.asked),
        ..wait
    };
    Fault::Said {
        error: answer.status,
        outcome: class.outcome(words, wait, None),
    }
}
