//! Mastodon, and servers that speak its API: `client` speaks it, `instance` holds what the server says
//! it takes, `read_back` what became of a doubt, `check` looks at the account.
//!
//! A status is posted under the share's key (`Idempotency-Key`), which Mastodon keeps for an hour. It is
//! never relied on alone, for a compatible server was seen making two statuses for one key
//! (GoToSocial, October 2025): doubt is settled by reading the account's own list
//! ([`Settling::ReadBack`]), and the same key goes out again only after two complete lists without the
//! status. Later than an hour the key is no more than a name, and the lists alone decide.
//!
//! No Mastodon server was met: requests are judged by its published OpenAPI (4.7.0), and the fake under
//! `tests/fakes` follows that. Not verified live: how long a server takes over a picture (202), that a
//! status' HTML shows an address whole in its text, and counting of mentions.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use self::client::{Api, Fault};
use self::instance::Instance;
use self::read_back::Status;
use super::http::Wire;
use super::pictures;
use super::settling::way;
use super::{
    Deps, Doubt, Engagement, Finding, IsTaken, Look, Pictures, Platform, SendError, Settling,
};
use crate::compose::limits::{ToldLimits, limits};
use crate::config::{MastodonTarget, Visibility};
use crate::model::share::Attempt;
use crate::model::{Part, Picture, PlatformKind, Post, Receipt};
use crate::picture::Takes;

mod check;
mod client;
pub mod discover;
mod instance;
mod read_back;

pub use read_back::LOOKS_BACK;

/// A server's limits are asked for again after so long: an admin changes them now and then.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(1);
/// A picture that the server is still at work on is asked about so often …
const ASK_EVERY: Duration = Duration::from_secs(1);
/// … and so many times: a picture is no film.
const MOST_ASKED: usize = 120;

/// One account.
pub struct Mastodon {
    api: Api,
    visibility: Visibility,
    lang: String,
    warning: Option<String>,
    pictures: Arc<dyn Pictures>,
    known: Mutex<Known>,
}

/// What the server told.
#[derive(Default)]
struct Known {
    instance: Option<(Timestamp, Instance)>,
    account: Option<String>,
}

/// What was uploaded ahead: for each part, the ids of its pictures in order.
#[derive(Serialize, Deserialize, Default, Debug)]
struct Prepared {
    media: Vec<Vec<String>>,
}

impl Prepared {
    fn parse(text: &str) -> Prepared {
        serde_json::from_str(text).unwrap_or_default()
    }
    fn of_part(&self, part: usize) -> &[String] {
        self.media.get(part).map_or(&[], Vec::as_slice)
    }
}

#[derive(Deserialize)]
struct Uploaded {
    id: String,
}

#[derive(Deserialize)]
struct Account {
    id: String,
    #[serde(default)]
    acct: String,
    #[serde(default)]
    suspended: bool,
    #[serde(default)]
    limited: bool,
}

impl Mastodon {
    /// The account of a channel.
    pub fn new(target: &MastodonTarget, deps: Deps) -> Mastodon {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        Mastodon {
            api: Api::new(wire, target.base_url.clone(), target.token.clone()),
            visibility: target.visibility,
            lang: target.lang.clone(),
            warning: target.warning.clone(),
            pictures: deps.pictures,
            known: Mutex::default(),
        }
    }

    /// What the server says it takes; asked once an hour.
    async fn instance(&self) -> Result<Instance, Fault> {
        let now = self.api.wire.now();
        let known = |known: &Mutex<Known>| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            let fresh = known
                .instance
                .as_ref()
                .filter(|(at, _)| now < *at + KNOWN_FOR);
            fresh.map(|(_, instance)| instance.clone())
        };
        if let Some(instance) = known(&self.known) {
            return Ok(instance);
        }
        let told = match self.api.get::<Instance>("v2/instance", &[]).await {
            // Older servers know the first version only.
            Err(fault) if fault.is(404) => self.api.get("v1/instance", &[]).await?,
            told => told?,
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.instance = Some((now, told.what.clone()));
        Ok(told.what)
    }

    /// The account's id, by which its statuses are listed.
    async fn account(&self) -> Result<String, Fault> {
        let known = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.account.clone()
        };
        if let Some(id) = known {
            return Ok(id);
        }
        let account = self
            .api
            .get::<Account>("v1/accounts/verify_credentials", &[])
            .await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.account = Some(account.what.id.clone());
        Ok(account.what.id)
    }

    fn takes(&self, instance: &Instance) -> Takes {
        let told = instance.told(self.warning.as_deref());
        limits(PlatformKind::Mastodon).as_told(Some(told)).picture
    }

    async fn prepare_all(&self, post: &Post) -> Result<String, SendError> {
        let instance = self.instance().await.map_err(Fault::harmless)?;
        let refused = |reason| SendError::Refused { reason };
        for part in &post.parts {
            instance
                .judge(part, self.warning.as_deref())
                .map_err(refused)?;
            for picture in &part.pictures {
                pictures::load(&self.pictures, picture, self.takes(&instance)).await?;
            }
        }
        let mut prepared = Prepared::default();
        for part in &post.parts {
            let mut ids = Vec::new();
            for picture in &part.pictures {
                let uploaded = self.upload(picture, &instance).await;
                ids.push(uploaded?);
            }
            prepared.media.push(ids);
        }
        if prepared.media.iter().all(Vec::is_empty) {
            return Ok(String::new());
        }
        serde_json::to_string(&prepared).map_err(|e| SendError::NotSent {
            reason: e.to_string(),
        })
    }

    /// Nobody sees a picture before a status names it, so it may be uploaded again.
    async fn upload(&self, picture: &Picture, instance: &Instance) -> Result<String, SendError> {
        let file = pictures::load(&self.pictures, picture, self.takes(instance)).await?;
        let harmless = |fault: Fault| fault.harmless();
        let uploaded = self
            .api
            .upload::<Uploaded>("v2/media", &file, &picture.alt)
            .await;
        let uploaded = uploaded.map_err(harmless)?;
        let id = uploaded.what.id;
        let mut status = uploaded.status;
        let path = format!("v1/media/{id}");
        for _ in 0..MOST_ASKED {
            // 202: taken, still at work; 206: the same, asked again.
            if !matches!(status, 202 | 206) {
                return Ok(id);
            }
            self.api.wire.rest(ASK_EVERY).await;
            let asked = self.api.get::<Value>(&path, &[]).await.map_err(harmless)?;
            status = asked.status;
        }
        Err(SendError::NotSent {
            reason: "the server is still at work on a picture: it is tried again later".to_owned(),
        })
    }

    async fn send_part(
        &self,
        attempt: &Attempt,
        post: &Post,
        part: usize,
        receipts: &[Receipt],
    ) -> Result<Receipt, SendError> {
        let refused = |reason: String| SendError::Refused { reason };
        let content = post.parts.get(part);
        let content = content.ok_or_else(|| refused("the post has no such part".to_owned()))?;
        let prepared = Prepared::parse(&attempt.prepared);
        let media = prepared.of_part(part);
        if media.len() != content.pictures.len() {
            return Err(SendError::NotSent {
                reason: "the pictures are not uploaded yet".to_owned(),
            });
        }
        if content.text.trim().is_empty() && content.pictures.is_empty() {
            return Err(refused("the post is empty".to_owned()));
        }
        let body = self.body(content, media, receipts.last());
        let key = attempt.key_of(part);
        let sent = self.api.post::<Status>("v1/statuses", &key, &body).await;
        let status = sent.map_err(Fault::outcome)?;
        if status.what.id.is_empty() {
            return Err(SendError::Unsure {
                reason: "the server answers without the id of a status".to_owned(),
                ask_now: false,
            });
        }
        Ok(status.what.receipt(status.read_at))
    }

    fn body(&self, part: &Part, media: &[String], answers: Option<&Receipt>) -> Value {
        let mut body = Map::new();
        if !part.text.is_empty() {
            body.insert("status".into(), json!(part.text));
        }
        if !media.is_empty() {
            body.insert("media_ids".into(), json!(media));
        }
        if let Some(receipt) = answers {
            body.insert("in_reply_to_id".into(), json!(receipt.post_id));
        }
        if let Some(warning) = &self.warning {
            body.insert("spoiler_text".into(), json!(warning));
            body.insert("sensitive".into(), json!(true));
        }
        let visibility = match self.visibility {
            Visibility::Public => "public",
            Visibility::Unlisted => "unlisted",
            Visibility::Private => "private",
        };
        body.insert("visibility".into(), json!(visibility));
        body.insert("language".into(), json!(self.lang));
        Value::Object(body)
    }

    async fn look(&self, doubt: &Doubt<'_>, is_taken: IsTaken<'_>) -> Result<Look, SendError> {
        let account = self.account().await.map_err(Fault::harmless)?;
        read_back::look(&self.api, &account, doubt, is_taken).await
    }
}

impl Platform for Mastodon {
    fn settling(&self) -> Settling {
        way(PlatformKind::Mastodon)
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(check::check(self))
    }

    fn prepare<'a>(
        &'a self,
        _key: &'a str,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>> {
        Box::pin(self.prepare_all(post))
    }

    fn send<'a>(
        &'a self,
        attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(self.send_part(attempt, post, part, receipts))
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move { self.look(&doubt, is_taken).await })
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let path = format!("v1/statuses/{}", receipt.post_id);
            match self.api.delete::<Value>(&path).await {
                Ok(_) => Ok(()),
                Err(fault) if fault.is(404) || fault.is(410) => Ok(()),
                Err(fault) => Err(fault.outcome()),
            }
        })
    }

    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        Box::pin(async move {
            let path = format!("v1/statuses/{}", receipt.post_id);
            match self.api.get::<Status>(&path, &[]).await {
                Ok(told) => Ok(Some(Engagement {
                    likes: told.what.favourites_count,
                    comments: told.what.replies_count,
                    shares: match (told.what.reblogs_count, told.what.quotes_count) {
                        (None, None) => None,
                        (boosts, quotes) => Some(boosts.unwrap_or(0) + quotes.unwrap_or(0)),
                    },
                    views: None,
                })),
                Err(fault) if fault.is(404) || fault.is(410) => Ok(None),
                Err(fault) => Err(fault.harmless()),
            }
        })
    }

    fn told(&self) -> BoxFuture<'_, Result<Option<ToldLimits>, SendError>> {
        Box::pin(async move {
            let instance = self.instance().await;
            let instance = instance.map_err(Fault::harmless)?;
            Ok(Some(instance.told(self.warning.as_deref())))
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.api.wire.skew()
    }
}
