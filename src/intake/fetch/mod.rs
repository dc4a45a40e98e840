//! The one fetcher for addresses that come from outside: feeds, links, pictures (RULES 3).
//!
//! It speaks http and https only, carries no cookie, credential or referrer, uses no proxy of the
//! environment, and never reaches the office's own network: every name is resolved by [`guard`],
//! which hands out public addresses only, and the connection goes to one of those and to no other, so
//! that a name which answers differently the second time gains nothing. Redirects are followed here,
//! each through the same gate. What the operator allows by name (`[fetch] allow`) may lie inside.
//!
//! Size is capped after decompression, as the body streams in: what is beyond is never held. Time is
//! capped for the whole. A body that is cut, by us or by the line, is given as far as it came, and
//! [`Fetched::cut`] says why: half a feed is still news.

mod error;
pub mod guard;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION, USER_AGENT,
};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use crate::config::Config;
use crate::platform::http::in_words;

pub use error::FetchError;
pub use guard::{Allowed, Lookup, MachineLookup};

use error::transport;
use guard::{Gate, check, host_of};

/// DNS, TCP and TLS to a site on a poor line; a site that needs longer is down.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// The whole of a fetch, redirects and body included, if nothing else is asked: a slow office website
/// answers in seconds, and nobody waits longer for a preview.
pub const WITHIN: Duration = Duration::from_secs(30);
/// Redirects in a row; feed readers and browsers allow 5 to 20, real chains have up to 4.
pub const MOST_REDIRECTS: usize = 8;
/// Headers of an answer; with hyper's own limit of about 400 kB for all of them together.
pub const MOST_HEADERS: usize = 100;
/// Longest value of ETag, Last-Modified and the like that is kept or sent back.
pub const MOST_VALIDATOR: usize = 1024;
/// A connection is kept for the next page of the same site, not longer than a server would keep it.
const IDLE_CONNECTION: Duration = Duration::from_secs(4);

/// What to fetch, and how much of it.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The address, as it came.
    pub url: String,
    /// The `Accept` header.
    pub accept: &'static str,
    /// Bytes of the body, after decompression.
    pub most_bytes: usize,
    /// For all of it, from the moment the host is free.
    pub within: Duration,
    /// Somebody sits and waits: a host that is still busy with others after `within` is given up too.
    pub awaited: bool,
    /// What the last answer said of itself.
    pub known: Validators,
}

impl Ask {
    /// Everything at this address up to `most_bytes`, in the usual time.
    pub fn new(url: impl Into<String>, accept: &'static str, most_bytes: usize) -> Ask {
        Ask {
            url: url.into(),
            accept,
            most_bytes,
            within: WITHIN,
            awaited: false,
            known: Validators::default(),
        }
    }
}

/// By what a server knows whether something changed; sent back as they came.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    /// `ETag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// Why a body is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is longer than was asked for.
    TooLong,
    /// It took longer than was allowed.
    TooSlow,
    /// The connection broke, or what came could not be decompressed.
    BrokeOff,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The status of the last answer; no redirect.
    pub status: u16,
    /// Where it came from in the end.
    pub url: Url,
    /// Where the address asked for has moved for good: by 301 and 308 alone, from the first step on.
    pub moved_for_good: Option<Url>,
    /// The last answer's headers.
    pub headers: HeaderMap,
    /// The body, decompressed, as far as it came.
    pub body: Bytes,
    /// Why there is no more of it; nothing where it is whole.
    pub cut: Option<Cut>,
}

impl Fetched {
    /// A header's value, if it is text.
    pub fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }
    /// 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
    /// `Content-Type`, parameters and all.
    pub fn content_type(&self) -> Option<&str> {
        self.header(reqwest::header::CONTENT_TYPE)
    }
    /// What to send back the next time.
    pub fn validators(&self) -> Validators {
        let kept = |name| {
            let value = self.header(name).filter(|v| v.len() <= MOST_VALIDATOR);
            value.map(str::to_owned)
        };
        Validators {
            etag: kept(ETAG),
            last_modified: kept(LAST_MODIFIED),
        }
    }
}

/// How long and how often; tests make it short.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// See [`CONNECT_WITHIN`].
    pub connect: Duration,
    /// See [`MOST_REDIRECTS`].
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: CONNECT_WITHIN,
            redirects: MOST_REDIRECTS,
        }
    }
}

/// Who is calling, for the `User-Agent`: the office's own address, where there is one.
pub type About = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// One for the program; it asks each host for one thing at a time.
pub struct Fetcher {
    /// Made when it is first needed: most commands need none, and certificates take a while to read.
    client: OnceLock<Result<reqwest::Client, String>>,
    allowed: Allowed,
    about: About,
    lookup: Arc<dyn Lookup>,
    limits: Limits,
    hosts: Hosts,
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fetcher")
    }
}

impl Fetcher {
    /// As the configuration in force says, whenever it is asked.
    pub fn of_config(config: watch::Receiver<Arc<Config>>) -> Fetcher {
        let office = config.clone();
        Fetcher::new(
            Arc::new(move |host| config.borrow().fetch.allow.iter().any(|a| a == host)),
            Arc::new(move || office.borrow().web.address.clone()),
            Arc::new(MachineLookup),
            Limits::default(),
        )
    }

    /// `allowed`: the hosts that may lie inside, asked anew each time; `about`: see [`About`].
    pub fn new(allowed: Allowed, about: About, lookup: Arc<dyn Lookup>, limits: Limits) -> Fetcher {
        Fetcher {
            client: OnceLock::new(),
            allowed,
            about,
            lookup,
            limits,
            hosts: Hosts::default(),
        }
    }

    fn client(&self) -> Result<&reqwest::Client, FetchError> {
        let client = self.client.get_or_init(|| {
            // Once a process; somebody else may have been first, with the same provider.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let builder = || {
                reqwest::Client::builder()
                    .redirect(reqwest::redirect::Policy::none())
                    .retry(reqwest::retry::never())
                    .no_proxy()
                    .referer(false)
                    .http1_max_headers(MOST_HEADERS)
                    .connect_timeout(self.limits.connect)
                    .pool_idle_timeout(IDLE_CONNECTION)
                    .dns_resolver(Gate::new(self.allowed.clone(), self.lookup.clone()))
            };
            let client = builder().build().or_else(|error| {
                tracing::warn!(%error, "no certificate authorities: https addresses cannot be read");
                builder().tls_certs_only([]).build()
            });
            client.map_err(in_words)
        });
        client
            .as_ref()
            .map_err(|why| FetchError::NoClient { why: why.clone() })
    }

    /// Fetches once, following redirects.
    ///
    /// # Errors
    /// [`FetchError`]: no answer came, or none that may be asked for. An answer of any status is one.
    pub async fn get(&self, ask: Ask) -> Result<Fetched, FetchError> {
        let mut url = check(&ask.url, &self.allowed)?;
        let turn = self.hosts.turn(&url);
        let mut turn = match ask.awaited {
            // Fifty feeds of a site that answers none of them take half an hour.
            true => timeout(ask.within, turn)
                .await
                .map_err(|_| FetchError::Busy {
                    host: host_of(&url),
                })?,
            false => turn.await,
        };
        let started = Instant::now();
        let until = started.checked_add(ask.within).unwrap_or(started);
        let mut moved_for_good = None;
        let mut only_for_good = true;
        for _ in 0..=self.limits.redirects {
            let late = || FetchError::TooSlow {
                host: host_of(&url),
                seconds: ask.within.as_secs(),
            };
            let asked = timeout_at(until, self.step(&ask, &url)).await;
            let response = asked.map_err(|_| late())??;
            let status = response.status().as_u16();
            let Some(next) = redirect(&response, &url)? else {
                let headers = response.headers().clone();
                let (body, cut) = read(response, ask.most_bytes, until).await;
                if body.is_empty() && cut == Some(Cut::TooSlow) {
                    return Err(late());
                }
                return Ok(Fetched {
                    status,
                    url,
                    moved_for_good,
                    headers,
                    body,
                    cut,
                });
            };
            // Nothing secret goes along, so that https may lead to http; what it may not do is lead inside.
            let next = check(next.as_str(), &self.allowed)?;
            only_for_good &= matches!(status, 301 | 308);
            if only_for_good {
                moved_for_good = Some(next.clone());
            }
            if host_of(&next) != host_of(&url) {
                // Never two at once: two fetches that lead to each other's host would wait for ever.
                drop(turn);
                let waited = timeout_at(until, self.hosts.turn(&next)).await;
                turn = waited.map_err(|_| late())?;
            }
            url = next;
        }
        drop(turn);
        Err(FetchError::TooManyRedirects {
            host: host_of(&url),
            most: self.limits.redirects,
        })
    }

    async fn step(&self, ask: &Ask, url: &Url) -> Result<reqwest::Response, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(ask.accept));
        headers.insert(USER_AGENT, user_agent((self.about)().as_deref()));
        for (name, value) in [
            (IF_NONE_MATCH, &ask.known.etag),
            (IF_MODIFIED_SINCE, &ask.known.last_modified),
        ] {
            let value = value.as_deref().and_then(|v| HeaderValue::from_str(v).ok());
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        let request = self.client()?.get(url.clone()).headers(headers);
        request.send().await.map_err(|e| transport(e, url))
    }
}

/// Names the program, and where the office can be found: whoever runs the site sees who asks.
fn user_agent(about: Option<&str>) -> HeaderValue {
    const PROGRAM: &str = concat!("raotin/", env!("CARGO_PKG_VERSION"));
    about
        .and_then(|about| HeaderValue::from_str(&format!("{PROGRAM} (+{about})")).ok())
        .unwrap_or(HeaderValue::from_static(PROGRAM))
}

/// Where an answer leads, if it leads on.
fn redirect(response: &reqwest::Response, from: &Url) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let bad = || FetchError::BadRedirect {
        host: host_of(from),
    };
    // Sites write bare UTF-8 into Location although it must be escaped; `Url` escapes it.
    let location = response.headers().get(LOCATION).ok_or_else(bad)?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| bad())?;
    let mut to = from.join(location.trim()).map_err(|_| bad())?;
    to.set_fragment(None);
    Ok(Some(to))
}

async fn read(
    mut response: reqwest::Response,
    most: usize,
    until: Instant,
) -> (Bytes, Option<Cut>) {
    let mut body = BytesMut::new();
    let cut = loop {
        match timeout_at(until, response.chunk()).await {
            Ok(Ok(Some(chunk))) => {
                let room = most - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    break Some(Cut::TooLong);
                }
            }
            Ok(Ok(None)) => break None,
            Ok(Err(error)) => {
                tracing::debug!(error = %in_words(error), "a body broke off");
                break Some(Cut::BrokeOff);
            }
            Err(_) => break Some(Cut::TooSlow),
        }
    };
    (body.freeze(), cut)
}

/// Whose turn it is at each host; a host that nobody asks is forgotten.
#[derive(Default)]
struct Hosts(Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Hosts {
    /// Above so many the forgotten ones are swept out.
    const SWEEP_ABOVE: usize = 256;

    /// Waits for the host of this address, port or not: a host is one machine to be spared.
    async fn turn(&self, url: &Url) -> tokio::sync::OwnedMutexGuard<()> {
        let lock = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if hosts.len() > Self::SWEEP_ABOVE {
                hosts.retain(|_, lock| lock.strong_count() > 0);
            }
            let host = host_of(url);
            let there = hosts.get(&host).and_then(Weak::upgrade);
            there.unwrap_or_else(|| {
                let lock = Arc::new(tokio::sync::Mutex::new(()));
                hosts.insert(host, Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }
}
