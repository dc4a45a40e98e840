//! To the API: over the daemon's socket; else, under the data folder's lock, the same router
//! in-process, without planner, dispatcher or recovery (RULES 7).

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower::ServiceExt;

use super::open::Opened;
use super::progress::Replay;
use super::{CliError, Common, parts};
use crate::clock::{Clock, MachineClock};
use crate::lang::Lang;
use crate::office::accounts::Accounts;
use crate::store::lock::{Lock, LockError, WAIT};
use crate::web::api::problem::Problem;
use crate::web::api::{AS_HEADER, KEY_HEADER};
use crate::web::socket::{Peer, check_path, remove_stale};
use crate::web::{Site, router};

/// Between two looks whether a daemon listens or the lock is free.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// An answer takes longer than this only where something hangs; counts over years take less.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);
/// Largest answer that is read from the router in-process.
const MOST_ANSWER_BYTES: usize = 256 << 20;

/// The way to the API.
pub struct Client {
    way: Way,
    on_behalf_of: Option<String>,
    lang: Lang,
}

enum Way {
    Socket(reqwest::Client),
    Here(Box<Opened>, Router),
}

impl Client {
    /// To the daemon, or to oneself.
    ///
    /// # Errors
    /// [`CliError::Lock`] if another command has the data folder for too long.
    pub async fn connect(common: &Common, lang: Lang) -> Result<Self, CliError> {
        let socket = common.socket();
        check_path(&socket)?;
        let way = Self::way(common, &socket, lang).await?;
        Ok(Self {
            way,
            on_behalf_of: common.on_behalf_of.clone(),
            lang,
        })
    }

    async fn way(common: &Common, socket: &Path, lang: Lang) -> Result<Way, CliError> {
        let place = common.place();
        let begun = MachineClock.since_boot();
        loop {
            if listens(socket).await {
                return over(socket).map(Way::Socket);
            }
            // A folder is made only where an office is configured: not wherever somebody stands.
            if !place.data.exists() && !place.config.exists() {
                let file = place.config.display();
                return Err(CliError::Usage(
                    lang.fill("cli.no-office", &[("file", &file)]),
                ));
            }
            match Lock::take(&place.data, &command_line()) {
                Ok(lock) => {
                    remove_stale(socket)?;
                    let bar = Replay::of_command(lang);
                    let opened = Opened::open(place, lock, Some(bar.told())).await;
                    bar.end();
                    let opened = opened?;
                    opened.configured().await?;
                    let router = router(Site {
                        office: opened.office.clone(),
                        accounts: Arc::new(Accounts::new(opened.office.clone())),
                        health: None,
                        connect: Some(parts::connect(&opened)?),
                        refused: opened.desk.refused(),
                        messenger: Some(parts::messenger(&opened)?),
                        sled: Some(opened.store.clone()),
                    });
                    return Ok(Way::Here(Box::new(opened), router));
                }
                Err(held @ LockError::Held { .. }) => {
                    let waited = (MachineClock.since_boot() - begun).unsigned_abs();
                    if waited >= WAIT {
                        return Err(CliError::Lock(held));
                    }
                    MachineClock.sleep(LOOK_EVERY).await;
                }
                Err(other) => return Err(CliError::Lock(other)),
            }
        }
    }

    /// Asks, and reads the answer.
    ///
    /// # Errors
    /// [`CliError::Problem`] with the API's own words.
    pub async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, CliError> {
        let (status, bytes) = match &self.way {
            Way::Socket(client) => self.over_socket(client, method, path, key, body).await?,
            Way::Here(_, router) => self.here(router, method, path, key, body).await?,
        };
        if (200..300).contains(&status) {
            return Ok(serde_json::from_slice(&bytes)?);
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(CliError::Problem(Box::new(problem))),
            Err(_) => Err(CliError::Unreachable(format!("HTTP {status}"))),
        }
    }

    fn headers<'a>(&'a self, key: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let mut headers = vec![("accept-language", self.lang.as_str())];
        headers.extend(self.on_behalf_of.as_deref().map(|id| (AS_HEADER, id)));
        headers.extend(key.map(|key| (KEY_HEADER, key)));
        headers
    }

    async fn over_socket(
        &self,
        client: &reqwest::Client,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(u16, Vec<u8>), CliError> {
        let unreachable = |e: reqwest::Error| CliError::Unreachable(e.without_url().to_string());
        // The host is never looked up: the socket is where it goes.
        let mut request = client.request(method, format!("http://raotin{path}"));
        for (name, value) in self.headers(key) {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(unreachable)?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(unreachable)?;
        Ok((status, bytes.to_vec()))
    }

    async fn here(
        &self,
        router: &Router,
        method: Method,
        path: &str,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Result<(u16, Vec<u8>), CliError> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in self.headers(key) {
            request = request.header(name, value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(serde_json::to_vec(body)?)
            }
            None => Body::empty(),
        };
        let unreadable = |e: &dyn std::fmt::Display| CliError::Unreachable(e.to_string());
        let mut request = request.body(body).map_err(|e| unreadable(&e))?;
        let uid = rustix::process::geteuid().as_raw();
        request.extensions_mut().insert(ConnectInfo(Peer { uid }));
        let response = match router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), MOST_ANSWER_BYTES)
            .await
            .map_err(|e| unreadable(&e))?;
        Ok((status, bytes.to_vec()))
    }

    /// Makes what was done in-process durable and lets go of the data folder.
    pub fn close(&self) {
        if let Way::Here(opened, _) = &self.way {
            opened.close();
        }
    }
}

async fn listens(socket: &Path) -> bool {
    tokio::net::UnixStream::connect(socket).await.is_ok()
}

fn over(socket: &Path) -> Result<reqwest::Client, CliError> {
    // reqwest wants a provider although nothing here is encrypted; a second installation is no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .unix_socket(socket)
        .no_proxy()
        .timeout(ANSWER_WITHIN)
        .build()
        .map_err(|e| CliError::Unreachable(e.to_string()))
}

/// What others are told who wait for the lock: the command, without what it was given.
fn command_line() -> String {
    let command = std::env::args().skip(1).find(|a| !a.starts_with('-'));
    format!("raotin {}", command.unwrap_or_default())
}
