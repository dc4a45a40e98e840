//! A receiver of signed webhooks, as the Standard Webhooks specification wants receivers to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use raotin::clock::Clock;
use raotin::config::{Secret, Target, WebhookTarget};
use serde_json::{Value, json};
use sha2::Sha256;

use super::failure::{Dialect, Script};
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Failure, Kept, Seen};

/// A secret like any other.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Older or newer is no webhook of now (the specification's libraries).
const TOLERANCE_SECONDS: i64 = 300;

pub struct FakeWebhook {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    keys: Vec<Vec<u8>>,
    /// By `webhook-id`: the body, and what was answered.
    taken: BTreeMap<String, (Vec<u8>, Value)>,
    posts: Vec<Seen>,
    /// Requests for an id that was taken already.
    repeats: usize,
    /// It wants nothing more.
    gone: bool,
    complaints: Vec<String>,
    script: Script,
}

impl FakeWebhook {
    /// Takes what any of the secrets (`whsec_…`) signed.
    pub fn start(clock: Arc<dyn Clock>, secrets: &[&str]) -> FakeWebhook {
        let keys = secrets.iter().map(|s| {
            let encoded = s.strip_prefix("whsec_").expect("a webhook secret");
            STANDARD.decode(encoded).expect("base64")
        });
        let truth = Arc::new(Kept::new(Truth {
            keys: keys.collect(),
            taken: BTreeMap::new(),
            posts: Vec::new(),
            repeats: 0,
            gone: false,
            complaints: Vec::new(),
            script: Script::default(),
        }));
        let (shared, time) = (truth.clone(), clock.clone());
        // Its `Date` may run wrong, the clock that it verifies by does not.
        let handler = move |request: Request, _| shared.with(|t| t.handle(&request, time.now()));
        FakeWebhook {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn target(&self, secrets: &[&str]) -> Target {
        Target::Webhook(WebhookTarget {
            url: self.url(),
            secrets: secrets.iter().map(|s| Secret::new(*s)).collect(),
        })
    }
    /// Takes what this secret signs, too.
    pub fn trust(&self, secret: &str) {
        let encoded = secret.strip_prefix("whsec_").expect("a webhook secret");
        let key = STANDARD.decode(encoded).expect("base64");
        self.truth.with(|t| t.keys.push(key));
    }
    pub fn url(&self) -> url::Url {
        self.server.base_url().join("hook").expect("a URL")
    }
    /// Everything it really has, in order; an id only once.
    pub fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| t.posts.clone())
    }
    pub fn repeats(&self) -> usize {
        self.truth.with(|t| t.repeats)
    }
    /// What was wrong with requests; empty when the sender is right.
    pub fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    pub fn fail_next(&self, failure: Failure) {
        self.truth.with(|t| t.script.push(failure));
    }
    pub fn failures(&self, seed: u64, per_mille: u64) {
        self.truth.with(|t| t.script.chance(seed, per_mille));
    }
    pub fn behave(&self) {
        self.truth.with(|t| t.script.clear());
    }
}

impl Place for FakeWebhook {
    fn target(&self) -> Target {
        FakeWebhook::target(self, &[SECRET])
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        FakeWebhook::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeWebhook::complaints(self)
    }
    fn revoke(&self, _how: Lost) {
        self.truth.with(|t| t.gone = true);
    }
    fn restore(&self) {
        self.truth.with(|t| t.gone = false);
    }
    /// 2xx is success; the body is of no weight.
    fn reads_success_from(&self, failure: &Failure) -> bool {
        matches!(failure, Failure::Garbage | Failure::Huge | Failure::Slow)
    }
    /// They are named, not sent.
    fn most_pictures(&self) -> usize {
        0
    }
    fn deletes(&self) -> bool {
        false
    }
    fn can_be_checked(&self) -> bool {
        false
    }
}

impl Truth {
    fn handle(&mut self, request: &Request, now: jiff::Timestamp) -> Reply {
        let (id, content) = match self.verify(request, now) {
            Ok(verified) => verified,
            Err(why) => {
                self.complaints.push(why.clone());
                return Reply::Answer(Response::json(400, &json!({"error": why})));
            }
        };
        if self.gone {
            return Reply::Answer(Response::json(410, &json!({})));
        }
        let failure = self.script.take();
        if failure.as_ref().is_some_and(|f| !f.takes()) {
            let proper = Response::json(200, &json!({}));
            return failure
                .map(|f| f.reply(proper, &Receiver))
                .unwrap_or(Reply::Close);
        }
        let answer = if let Some((_, answer)) = self.taken.get(&id) {
            self.repeats += 1;
            answer.clone()
        } else {
            let number = self.posts.len() + 1;
            let answer = json!({"id": format!("w{number}"), "url": format!("https://receiver.example/w{number}")});
            self.posts.push(Seen {
                id: format!("w{number}"),
                key: Some(id.clone()),
                text: content["data"]["text"].as_str().unwrap_or("").to_owned(),
                link: content["data"]["link"].as_str().map(str::to_owned),
                pictures: content["data"]["pictures"].as_array().map_or(0, Vec::len),
                at: now,
                raw: content,
            });
            self.taken
                .insert(id, (request.body.clone(), answer.clone()));
            answer
        };
        let proper = Response::json(200, &answer);
        match failure {
            Some(failure) => failure.reply(proper, &Receiver),
            None => Reply::Answer(proper),
        }
    }

    fn verify(&self, request: &Request, now: jiff::Timestamp) -> Result<(String, Value), String> {
        if request.method != "POST" {
            return Err(format!("{} is no POST", request.method));
        }
        if !request
            .header("content-type")
            .is_some_and(|t| t.starts_with("application/json"))
        {
            return Err("the content type is not application/json".into());
        }
        let header = |name: &str| request.header(name).ok_or(format!("no header {name}"));
        let id = header("webhook-id")?;
        if id.is_empty() || id.contains('.') {
            return Err(format!("«{id}» is no webhook-id"));
        }
        let stamp: i64 = header("webhook-timestamp")?
            .parse()
            .map_err(|_| "webhook-timestamp is no whole number".to_owned())?;
        if (now.as_second() - stamp).abs() > TOLERANCE_SECONDS {
            return Err(format!("webhook-timestamp {stamp} is not of now"));
        }
        let signatures = header("webhook-signature")?;
        let signed = self.keys.iter().any(|key| {
            signatures.split(' ').any(|s| {
                let Some(given) = s.strip_prefix("v1,").and_then(|s| STANDARD.decode(s).ok())
                else {
                    return false;
                };
                let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
                mac.update(id.as_bytes());
                mac.update(b".");
                mac.update(stamp.to_string().as_bytes());
                mac.update(b".");
                mac.update(&request.body);
                mac.verify_slice(&given).is_ok()
            })
        });
        if !signed {
            return Err("no signature fits".into());
        }
        let content: Value =
            serde_json::from_slice(&request.body).map_err(|_| "the body is no JSON".to_owned())?;
        if !(content["type"].is_string() && content["data"].is_object()) {
            return Err("the body has no type or no data".into());
        }
        let at = content["timestamp"].as_str().unwrap_or("");
        if at.parse::<jiff::Timestamp>().is_err() {
            return Err(format!("«{at}» is no ISO 8601 timestamp"));
        }
        if let Some((body, _)) = self.taken.get(id)
            && *body != request.body
        {
            return Err(format!("the id {id} came again with another body"));
        }
        Ok((id.to_owned(), content))
    }
}

struct Receiver;

impl Dialect for Receiver {
    fn error(&self, status: u16) -> Response {
        Response::json(status, &json!({"error": "trouble"}))
    }
    fn throttled(&self, seconds: u32) -> Response {
        Response::json(429, &json!({"error": "slow down"})).with("retry-after", seconds)
    }
    /// For a webhook 2xx is success, whatever the body says: so this one is no 2xx.
    fn ok_error(&self) -> Response {
        Response::json(
            500,
            &json!({"error": "an error that a webhook cannot put into a 200"}),
        )
    }
}
