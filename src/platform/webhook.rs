//! A signed webhook, by the Standard Webhooks specification (symmetric, `v1`).
//!
//! The share's key is the `webhook-id`, the same in every try; a receiver takes an id once. So doubt
//! is settled by sending the very same request again ([`Settling::Replay`]). The body is made from the
//! attempt alone, so that a repeat is byte-identical; only `webhook-timestamp` and the signature are of
//! the try. Pictures are named by hash and description: the specification advises small payloads.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::http::{Answer, Silence, Wire};
use super::outcome::{Class, THROTTLED_FOR};
use super::settling::way;
use super::{Deps, Doubt, Finding, IsTaken, Look, Platform, SendError, Settling, Weight};
use crate::config::WebhookTarget;
use crate::model::share::Attempt;
use crate::model::{PlatformKind, Post, Receipt};

/// Length of a signing key in bytes (Standard Webhooks).
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Longest id believed from an answer, in bytes: it stands in every row about the share.
const MAX_ANSWERED_ID: usize = 200;
/// Longest address believed from an answer, in bytes.
const MAX_ANSWERED_URL: usize = 2000;

/// Padding may be left out: people copy keys by hand.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that signs.
#[derive(Clone)]
pub struct SigningKey(Vec<u8>);

/// Why a secret is no signing key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It does not begin with `whsec_`.
    #[error("a webhook secret begins with whsec_")]
    Prefix,
    /// What follows is no base64.
    #[error("after whsec_ a webhook secret is base64")]
    Base64,
    /// Too short or too long.
    #[error("a webhook secret holds 24 to 64 bytes, this one {0}")]
    Length(usize),
}

impl SigningKey {
    /// Reads `whsec_` and base64 of 24 to 64 bytes.
    ///
    /// # Errors
    /// [`BadKey`].
    pub fn parse(secret: &str) -> Result<SigningKey, BadKey> {
        let encoded = secret.trim().strip_prefix("whsec_").ok_or(BadKey::Prefix)?;
        let key = BASE64.decode(encoded).map_err(|_| BadKey::Base64)?;
        if KEY_BYTES.contains(&key.len()) {
            Ok(SigningKey(key))
        } else {
            Err(BadKey::Length(key.len()))
        }
    }

    /// `v1,` and the signature over `id.timestamp.body`. The id holds no full stop.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        // HMAC takes keys of every length; the error cannot happen and would sign nothing.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

/// What is sent.
#[derive(Serialize)]
struct Envelope<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: Shared<'a>,
}

#[derive(Serialize)]
struct Shared<'a> {
    id: &'a str,
    part: usize,
    parts: usize,
    text: &'a str,
    link: Option<&'a str>,
    pictures: Vec<PictureNamed<'a>>,
}

#[derive(Serialize)]
struct PictureNamed<'a> {
    sha256: &'a str,
    alt: &'a str,
}

/// What a receiver may answer; all of it optional.
#[derive(Deserialize, Default)]
struct Answered {
    id: Option<String>,
    url: Option<String>,
}

/// A webhook.
pub struct Webhook {
    wire: Wire,
    url: url::Url,
    keys: Result<Vec<SigningKey>, BadKey>,
}

impl Webhook {
    /// The webhook of a channel.
    pub fn new(target: &WebhookTarget, deps: Deps) -> Webhook {
        let keys = target.secrets.iter();
        Webhook {
            wire: Wire::new(deps.http, deps.clock, deps.redactor),
            url: target.url.clone(),
            keys: keys.map(|s| SigningKey::parse(s.reveal())).collect(),
        }
    }

    /// Sends one part, for the first time or again: the request differs by its timestamp only.
    async fn deliver(
        &self,
        attempt: &Attempt,
        post: &Post,
        part: usize,
    ) -> Result<Receipt, Undelivered> {
        let keys = match &self.keys {
            Ok(keys) if !keys.is_empty() => keys,
            Ok(_) => return Err(Undelivered::NoKey("the webhook has no secret".to_owned())),
            Err(bad) => return Err(Undelivered::NoKey(bad.to_string())),
        };
        let id = attempt.key_of(part);
        let Some(body) = body(attempt, post, part, &id) else {
            return Err(Undelivered::NoPart);
        };
        let answer = post_once(&self.wire, &self.url, keys, &id, body).await;
        let answer = answer.map_err(Undelivered::Silence)?;
        if !answer.is_success() {
            return Err(Undelivered::Answer(answer));
        }
        Ok(receipt(&answer, id))
    }
}

/// One signed request, sent once.
async fn post_once(
    wire: &Wire,
    url: &url::Url,
    keys: &[SigningKey],
    id: &str,
    body: Vec<u8>,
) -> Result<Answer, Silence> {
    let sent_at = wire.now().as_second();
    let signatures: Vec<_> = keys.iter().map(|k| k.sign(id, sent_at, &body)).collect();
    let request = wire
        .request(reqwest::Method::POST, url.clone())
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", sent_at)
        .header("webhook-signature", signatures.join(" "))
        .body(body);
    wire.exchange("webhook", request, wire.limits().webhook)
        .await
}

/// Sends a body of another kind than a share's, signed in the same way: a member's letter.
///
/// # Errors
/// As [`Platform::send`]; a receiver takes an id once, so the same id may be sent again.
pub(super) async fn post_signed(
    wire: &Wire,
    url: &url::Url,
    key: &SigningKey,
    id: &str,
    body: Vec<u8>,
) -> Result<(), SendError> {
    let answer = post_once(wire, url, std::slice::from_ref(key), id, body).await;
    let undelivered = match answer {
        Ok(answer) if answer.is_success() => return Ok(()),
        Ok(answer) => Undelivered::Answer(answer),
        Err(silence) => Undelivered::Silence(silence),
    };
    Err(wire.clean(undelivered.outcome()))
}

enum Undelivered {
    NoKey(String),
    NoPart,
    Silence(Silence),
    Answer(Answer),
}

impl Undelivered {
    fn outcome(self) -> SendError {
        match self {
            Undelivered::NoKey(reason) => SendError::Unauthorized { reason },
            Undelivered::NoPart => SendError::Refused {
                reason: "the post has no such part".to_owned(),
            },
            Undelivered::Silence(silence) => silence.outcome(),
            Undelivered::Answer(answer) => {
                let class = class(answer.status);
                class.outcome(words(answer.status), answer.wait(THROTTLED_FOR), None)
            }
        }
    }
}

fn body(attempt: &Attempt, post: &Post, part: usize, id: &str) -> Option<Vec<u8>> {
    let content = post.parts.get(part)?;
    let pictures = content.pictures.iter();
    let envelope = Envelope {
        r#type: "share.posted",
        timestamp: attempt.at,
        data: Shared {
            id,
            part: part + 1,
            parts: post.parts.len(),
            text: &content.text,
            link: content.link.as_deref(),
            pictures: pictures
                .map(|p| PictureNamed {
                    sha256: &p.hash,
                    alt: &p.alt,
                })
                .collect(),
        },
    };
    serde_json::to_vec(&envelope).ok()
}

/// 2xx alone is the receiver's success; what it says beside is taken where it is of use.
fn receipt(answer: &Answer, id: String) -> Receipt {
    let said: Answered = answer.json().unwrap_or_default();
    let fits = |text: &String| !text.is_empty() && !text.chars().any(char::is_control);
    let post_id = said.id.filter(|i| fits(i) && i.len() <= MAX_ANSWERED_ID);
    let permalink = said.url.filter(|u| {
        u.len() <= MAX_ANSWERED_URL
            && url::Url::parse(u).is_ok_and(|u| matches!(u.scheme(), "http" | "https"))
    });
    Receipt {
        post_id: post_id.unwrap_or(id),
        permalink,
        at: answer.read_at,
    }
}

/// Standard Webhooks names 410 (disable) and 429; the rest is as RULES 3 says. 502 and 504, which the
/// specification throttles, stay in doubt: the receiver behind the gateway may have taken it.
fn class(status: u16) -> Class {
    match status {
        410 => Class::AuthRevoked,
        other => Class::unlisted(other),
    }
}

fn words(status: u16) -> String {
    match status {
        410 => "the receiver answers 410: it wants nothing more from here; ask it, or take the channel out of use".to_owned(),
        300..=399 => format!("the receiver answers {status} and points elsewhere; write the final address into the channel's url"),
        401 | 403 => format!("the receiver answers {status}: check that it knows the same secret"),
        _ => format!("the receiver answers {status}"),
    }
}

impl Platform for Webhook {
    fn settling(&self) -> Settling {
        way(PlatformKind::Webhook)
    }

    /// A webhook cannot be tried without posting; what can be seen from here is checked.
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        let mut found = Vec::new();
        match &self.keys {
            Ok(keys) if keys.is_empty() => {
                found.push(Finding::new(Weight::Problem, "webhook-no-secret"));
            }
            Ok(keys) => {
                found.push(Finding::new(Weight::Note, "webhook-untried").with("n", keys.len()));
            }
            Err(bad) => {
                found.push(Finding::new(Weight::Problem, "webhook-bad-secret").with("reason", bad));
            }
        }
        if self.url.scheme() != "https" && !is_this_machine(&self.url) {
            found.push(Finding::new(Weight::Warning, "webhook-plain-http"));
        }
        Box::pin(std::future::ready(Ok(found)))
    }

    fn prepare<'a>(
        &'a self,
        _key: &'a str,
        _post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>> {
        Box::pin(std::future::ready(Ok(String::new())))
    }

    fn send<'a>(
        &'a self,
        attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        _receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(async move {
            let delivered = self.deliver(attempt, post, part).await;
            delivered.map_err(Undelivered::outcome)
        })
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        _is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            match self.deliver(doubt.attempt, doubt.post, doubt.part).await {
                Ok(receipt) => Ok(Look::Posted(receipt)),
                // It answers the repeat in a way that tells nothing about the first request.
                Err(Undelivered::Answer(answer))
                    if answer.status == 409 || class(answer.status) == Class::Permanent =>
                {
                    Ok(Look::CannotTell {
                        reason: format!(
                            "{} to the repeat of what it may have taken before",
                            words(answer.status)
                        ),
                        link: None,
                    })
                }
                Err(other) => Err(other.outcome().harmless()),
            }
        })
    }

    fn delete<'a>(&'a self, _receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(std::future::ready(Err(SendError::Refused {
            reason: "a webhook cannot take a post back: ask those who run the receiver".to_owned(),
        })))
    }

    fn clock_skew(&self) -> SignedDuration {
        self.wire.skew()
    }
}

fn is_this_machine(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_whsec_and_base64_of_24_to_64_bytes() {
        let key = |bytes: usize| format!("whsec_{}", BASE64.encode(vec![7; bytes]));
        for good in [24, 32, 64] {
            assert!(SigningKey::parse(&key(good)).is_ok());
            assert!(SigningKey::parse(key(good).trim_end_matches('=')).is_ok());
        }
        for bad in [0, 23, 65] {
            assert_eq!(
                SigningKey::parse(&key(bad)).err(),
                Some(BadKey::Length(bad))
            );
        }
        assert_eq!(SigningKey::parse("secret").err(), Some(BadKey::Prefix));
        assert_eq!(SigningKey::parse("whsec_ü").err(), Some(BadKey::Base64));
    }

    #[test]
    fn a_repeat_has_the_same_body_and_each_part_its_own_id() {
        let attempt = Attempt {
            number: 1,
            at: "2026-11-23T08:00:00Z".parse().expect("a timestamp"),
            key: "0199".to_owned(),
            prepared: String::new(),
            clock_skew: 0,
        };
        let mut post = Post::default();
        post.parts.resize_with(2, Default::default);
        post.parts[0].text = "Chợ Đồn mến yêu".to_owned();
        let bytes = body(&attempt, &post, 0, "0199");
        assert_eq!(bytes, body(&attempt, &post, 0, "0199"));
        let sent = String::from_utf8(bytes.expect("a body")).expect("text");
        assert_eq!(
            sent,
            r#"{"type":"share.posted","timestamp":"2026-11-23T08:00:00Z","data":{"id":"0199","part":1,"parts":2,"text":"Chợ Đồn mến yêu","link":null,"pictures":[]}}"#
        );
        let docs = include_str!("../../docs/webhook.md");
        assert!(docs.contains(&sent), "docs/webhook.md shows another body");
        assert_eq!(attempt.key_of(0), attempt.key);
        assert_eq!(attempt.key_of(1), format!("{}-1", attempt.key));
        assert!(body(&attempt, &post, 2, "x").is_none());
    }
}
