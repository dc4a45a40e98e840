//! The Graph API's calls: where they go, how they are signed, how their answers are read.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use super::errors::{self, GraphError};
use super::usage::{Load, Usage};
use crate::config::Secret;
use crate::platform::http::{Answer, Silence, Wire};
use crate::platform::outcome::{Class, Wait};
use crate::platform::{PictureBytes, SendError, fault, pictures};

/// Throttled without a time: Facebook counts in hours and days, and every early try prolongs it.
const THROTTLED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The API, as one Page's token sees it.
pub(super) struct Graph {
    pub(super) wire: Wire,
    base: url::Url,
    version: String,
    token: Secret,
    app_secret: Option<Secret>,
    usage: Usage,
}

/// Names and values of a call.
pub(super) type Params = Vec<(String, String)>;

/// What the API said instead of a result.
pub(super) type Fault = fault::Fault<GraphError>;

#[derive(Deserialize, Default)]
struct Envelope {
    #[serde(default)]
    error: GraphError,
}

impl Graph {
    pub(super) fn new(
        wire: Wire,
        base: url::Url,
        version: String,
        token: Secret,
        app_secret: Option<Secret>,
    ) -> Graph {
        Graph {
            wire,
            base,
            version,
            token,
            app_secret,
            usage: Usage::default(),
        }
    }

    /// Refuses to begin anything while Facebook says that its limits are nearly used up.
    pub(super) fn room(&self) -> Result<(), SendError> {
        match self.usage.busy_until(self.wire.now()) {
            None => Ok(()),
            Some(until) => Err(SendError::Throttled {
                until,
                reason: "Facebook's limits for this Page are nearly used up".to_owned(),
            }),
        }
    }

    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[(&str, &str)],
    ) -> Result<T, Fault> {
        self.get_as(&self.token, path, params).await
    }

    /// Like `get`, with another token: an app's own.
    pub(super) async fn get_as<T: DeserializeOwned>(
        &self,
        token: &Secret,
        path: &str,
        params: &[(&str, &str)],
    ) -> Result<T, Fault> {
        let url = self.url(path, &self.signed(params, token));
        let request = self.wire.request(Method::GET, url);
        let within = self.wire.limits().read;
        self.exchange("GET", request, within).await.map(|(t, _)| t)
    }

    /// Posts a form; with a picture, as `source` of a multipart one. The token is in the body, so that
    /// no address holds it. Also says when the answer was read.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        params: &[(&str, &str)],
        picture: Option<&PictureBytes>,
    ) -> Result<(T, Timestamp), Fault> {
        let signed = self.signed(params, &self.token);
        let request = self.wire.request(Method::POST, self.url(path, &[]));
        let request = match picture {
            None => request.form(&signed),
            Some(picture) => {
                let mut form = reqwest::multipart::Form::new();
                for (name, value) in signed {
                    form = form.text(name, value);
                }
                let file = pictures::file_part("source", picture);
                let file = file.map_err(|why| Fault::Silence(Silence::NeverLeft(why)))?;
                request.multipart(form.part("source", file))
            }
        };
        let within = self.wire.limits().answer;
        self.exchange("POST", request, within).await
    }

    pub(super) async fn delete<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        let url = self.url(path, &self.signed(&[], &self.token));
        let request = self.wire.request(Method::DELETE, url);
        let within = self.wire.limits().answer;
        self.exchange("DELETE", request, within)
            .await
            .map(|(t, _)| t)
    }

    fn url(&self, path: &str, query: &[(String, String)]) -> url::Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}/{path}", self.version));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    fn signed(&self, params: &[(&str, &str)], token: &Secret) -> Params {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut params: Params = params.iter().map(own).collect();
        params.push(("access_token".to_owned(), token.reveal().to_owned()));
        if let Some(secret) = &self.app_secret {
            let proof = appsecret_proof(secret.reveal(), token.reveal());
            params.push(("appsecret_proof".to_owned(), proof));
        }
        params
    }

    async fn exchange<T: DeserializeOwned>(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<(T, Timestamp), Fault> {
        let answer = self.wire.exchange(what, request, within).await;
        let answer = answer.map_err(Fault::Silence)?;
        let load = Load::read(&answer.headers);
        self.usage.see(load, answer.read_at);
        if !answer.is_success() {
            return Err(said(&answer, load));
        }
        Ok((fault::read(&answer, "Facebook")?, answer.read_at))
    }
}

/// An answer that is no 2xx.
fn said(answer: &Answer, load: Load) -> Fault {
    let error = answer.json::<Envelope>().unwrap_or_default().error;
    let class = errors::class(answer.status, &error);
    let words = errors::words(answer.status, &error, class);
    let wait = answer.wait(THROTTLED_FOR);
    let wait = Wait {
        asked: load.regain().or(wait.asked),
        ..wait
    };
    let outcome = match (class, answer.status) {
        // A redirect is no refusal, and its target is not followed: say what to mend.
        (Class::InDoubt, 300..=399) => SendError::Unsure {
            reason: format!("{words}; it points elsewhere: check the channel's `base_url`"),
            ask_now: false,
        },
        _ => class.outcome(words, wait, None),
    };
    Fault::Said { error, outcome }
}

/// Hex HMAC-SHA256 of the token under the app's secret (Graph API, "Securing requests").
fn appsecret_proof(secret: &str, token: &str) -> String {
    // HMAC takes keys of every length; the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(token.as_bytes());
    let proof = mac.finalize().into_bytes();
    proof.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_hex_hmac_of_the_token() {
        // RFC 4231, test case 2.
        assert_eq!(
            appsecret_proof("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
