//! The senders' one HTTP client, and one channel's use of it. For addresses that the operator
//! configured: private hosts are allowed, no redirect is followed, nothing is ever sent twice here.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use super::outcome::{Wait, http_date, retry_after};
use super::{SendError, redacted};
use crate::clock::Clock;

/// A visible send ends within this, whatever happens (RULES 3). The limits below keep to it: the
/// dispatcher may cut at the same length without cutting a success that is being read.
pub const HARD_DEADLINE: Duration = Duration::from_secs(120);
/// TCP and TLS to a far platform over a poor line; over it the request certainly did not leave.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Request and answer together; [`READ_WITHIN`] fits beside it under [`HARD_DEADLINE`].
pub const ANSWER_WITHIN: Duration = Duration::from_secs(100);
/// A webhook's receiver answers within this (Standard Webhooks: 15 to 30 s).
pub const WEBHOOK_WITHIN: Duration = Duration::from_secs(30);
/// Small requests that show nothing.
pub const READ_WITHIN: Duration = Duration::from_secs(15);
/// Longest answer read: 100 posts with their texts are under 1 MiB in practice.
pub const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// An idle connection is dropped before a server would drop it (5 s at the shortest we know): a request
/// on a connection that dies is a doubt, and on some platforms a doubt costs a person's time.
pub const IDLE_CONNECTION: Duration = Duration::from_secs(4);

/// How long and how much; tests make it short.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`CONNECT_WITHIN`].
    pub connect: Duration,
    /// See [`ANSWER_WITHIN`].
    pub answer: Duration,
    /// See [`WEBHOOK_WITHIN`].
    pub webhook: Duration,
    /// See [`READ_WITHIN`].
    pub read: Duration,
    /// See [`MAX_ANSWER_BYTES`].
    pub most_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: CONNECT_WITHIN,
            answer: ANSWER_WITHIN,
            webhook: WEBHOOK_WITHIN,
            read: READ_WITHIN,
            most_bytes: MAX_ANSWER_BYTES,
        }
    }
}

/// Takes every known secret out of a text.
pub type Redact = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot start: {0}")]
pub struct NoClient(String);

/// The client: one for the program, cheap to clone. Connections are shared, nothing else is.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    /// How long and how much.
    pub limits: Limits,
}

impl Http {
    /// A client with the usual limits.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new() -> Result<Http, NoClient> {
        Http::with_limits(Limits::default())
    }

    /// A client with other limits.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn with_limits(limits: Limits) -> Result<Http, NoClient> {
        Http::built(limits, false)
    }

    /// A client that finds public addresses alone, for names that came from outside. An address that
    /// stands there as a number asks nobody for a name: whoever sends looks at it first
    /// ([`super::public::may_be_asked`]).
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn public_only(limits: Limits) -> Result<Http, NoClient> {
        Http::built(limits, true)
    }

    fn built(limits: Limits, public_only: bool) -> Result<Http, NoClient> {
        // Once a process; somebody else may have been first, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |roots: Roots| {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("raotin/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                // What shows something leaves once; the dispatcher alone decides on another try.
                .retry(reqwest::retry::never())
                // What is configured is what is spoken to, whatever stands in the environment.
                .no_proxy()
                // Answers are short; the other client reads pages and feeds, which are not.
                .no_gzip()
                .no_brotli()
                .referer(false)
                .connect_timeout(limits.connect)
                .pool_idle_timeout(IDLE_CONNECTION);
            let builder = if public_only {
                builder.dns_resolver(Arc::new(super::public::PublicNames))
            } else {
                builder
            };
            match roots {
                Roots::System => builder.build(),
                Roots::None => builder.tls_certs_only([]).build(),
            }
        };
        let client = build(Roots::System).or_else(|error| {
            // A bare machine without certificates can still speak to plain http on its own network;
            // every https address fails to connect, and says so.
            tracing::warn!(
                %error,
                "no certificate authorities on this machine: https addresses cannot be reached; \
                 install the package ca-certificates"
            );
            build(Roots::None)
        });
        let client = client.map_err(|e| NoClient(e.without_url().to_string()))?;
        Ok(Http { client, limits })
    }
}

#[derive(Clone, Copy)]
enum Roots {
    System,
    None,
}

/// A platform's answer, as far as it came.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or why it could not be read to its end.
    pub body: Result<Bytes, String>,
    /// By our clock.
    pub read_at: Timestamp,
}

impl Answer {
    /// A header's value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// What the platform asks to wait by its `Retry-After`.
    pub fn wait(&self, usual: SignedDuration) -> Wait {
        let date = self.header(DATE.as_str()).and_then(http_date);
        let asked = self
            .header(RETRY_AFTER.as_str())
            .and_then(|value| retry_after(value, date, self.read_at));
        Wait {
            now: self.read_at,
            asked,
            usual,
        }
    }

    /// The body as JSON, or the reason in words.
    ///
    /// # Errors
    /// The body did not come to its end, or is not this JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        match &self.body {
            // serde_json's own message would quote the body.
            Ok(bytes) => serde_json::from_slice(bytes)
                .map_err(|_| "the answer is not what this platform sends".to_owned()),
            Err(why) => Err(why.clone()),
        }
    }

    /// Whether the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// No answer came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// The connection failed, or the request was never handed over.
    NeverLeft(String),
    /// Anything else: it may have arrived.
    Broken(String),
}

impl Silence {
    /// For the request that shows something (RULES 3).
    pub fn outcome(self) -> SendError {
        match self {
            Silence::NeverLeft(reason) => SendError::NotSent { reason },
            Silence::Broken(reason) => SendError::Unsure {
                reason,
                ask_now: false,
            },
        }
    }
}

/// One channel's use of the client: its clock, its platform's clock, its redactor.
pub struct Wire {
    http: Http,
    clock: Arc<dyn Clock>,
    redact: Redact,
    /// The platform's clock minus ours, in milliseconds.
    skew_ms: AtomicI64,
}

impl Wire {
    /// A channel's line.
    pub fn new(http: Http, clock: Arc<dyn Clock>, redact: Redact) -> Wire {
        Wire {
            http,
            clock,
            redact,
            skew_ms: AtomicI64::new(0),
        }
    }

    /// How long and how much.
    pub fn limits(&self) -> &Limits {
        &self.http.limits
    }

    /// Our clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits, by our clock.
    pub async fn rest(&self, how_long: Duration) {
        self.clock.sleep(how_long).await;
    }

    /// The platform's clock minus ours, from its last `Date`.
    pub fn skew(&self) -> SignedDuration {
        SignedDuration::from_millis(self.skew_ms.load(Ordering::Relaxed))
    }

    /// A request to be filled in.
    pub fn request(&self, method: reqwest::Method, url: url::Url) -> reqwest::RequestBuilder {
        self.http.client.request(method, url)
    }

    /// Sends once and reads what comes, all within the time given. `what` stands in the log.
    ///
    /// # Errors
    /// [`Silence`], told apart by whether the request can have arrived.
    pub async fn exchange(
        &self,
        what: &'static str,
        request: reqwest::RequestBuilder,
        within: Duration,
    ) -> Result<Answer, Silence> {
        let request = request.timeout(within).build();
        let request = request.map_err(|e| Silence::NeverLeft(told(e)))?;
        let response = self.http.client.execute(request).await;
        let response = response.map_err(|error| {
            let never_left = error.is_connect() || error.is_builder();
            let words = self.clean_words(&told(error));
            tracing::debug!(what, never_left, error = %words, "no answer");
            if never_left {
                Silence::NeverLeft(words)
            } else {
                Silence::Broken(words)
            }
        })?;
        let read_at = self.clock.now();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        self.see_date(&headers, read_at);
        let body = read_capped(response, self.http.limits.most_bytes).await;
        tracing::debug!(what, status, complete = body.is_ok(), "answered");
        Ok(Answer {
            status,
            headers,
            body,
            read_at,
        })
    }

    fn see_date(&self, headers: &HeaderMap, read_at: Timestamp) {
        let date = headers.get(DATE).and_then(|v| v.to_str().ok());
        if let Some(theirs) = date.and_then(http_date) {
            // `Date` has whole seconds: on average half a second went by since.
            let skew = theirs.as_millisecond() + 500 - read_at.as_millisecond();
            // Within the header's own grain there is no skew to speak of.
            let skew = if skew.abs() <= 1000 { 0 } else { skew };
            self.skew_ms.store(skew, Ordering::Relaxed);
        }
    }

    /// A platform's words without secrets, on one line, short.
    pub fn clean_words(&self, words: &str) -> String {
        redacted::clean(&self.redact, words)
    }

    /// An error of a request that no [`super::Platform`] makes: those pass [`redacted`] on their way out.
    pub fn clean(&self, error: SendError) -> SendError {
        error.map_words(|words| self.clean_words(words))
    }
}

/// The error with its causes, and without the address: a token or a key may stand in it.
pub(crate) fn in_words(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = inner.source();
    }
    words
}

/// The same of a request that was made, and whether it was waited for in vain.
fn told(error: reqwest::Error) -> String {
    let timed_out = error.is_timeout();
    let mut words = in_words(error);
    if timed_out {
        words.push_str(" (no answer in time)");
    }
    words
}

async fn read_capped(mut response: reqwest::Response, most: usize) -> Result<Bytes, String> {
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                if body.len() + chunk.len() > most {
                    return Err(format!("the answer is longer than {most} bytes"));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(None) => return Ok(body.freeze()),
            Err(error) => return Err(format!("the answer broke off: {}", told(error))),
        }
    }
}
