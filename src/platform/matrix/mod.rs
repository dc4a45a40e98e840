//! A room on a Matrix homeserver, by the Client-Server API: `request` makes the messages of a part,
//! `client` speaks to the server, `errors` says what refusals mean, `check` looks at room and rights,
//! `look` reads the room back.
//!
//! A message is sent under a transaction id made from the share's key, and the same id from the same
//! login gets the same event again: so doubt is settled by sending again ([`Settling::Replay`]). That
//! holds while the login is the same and the server remembers (`REPLAY_WITHIN`); after that the room
//! is read back for our id, and only what is certainly missing is sent.
//!
//! A text and its pictures are messages of their own: one that fails between them leaves the part in
//! doubt, and the repeat completes it. Rooms with end-to-end encryption are refused.

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use self::client::{Fault, Homeserver, Me, NOT_FOUND, Sent};
use self::request::{Draft, Uploaded};
use super::http::Wire;
use super::pictures;
use super::settling::way;
use super::{
    Deps, Doubt, Engagement, Finding, IsTaken, Look, Pictures, Platform, SendError, Settling,
};
use crate::compose::limits::MATRIX_PICTURE;
use crate::config::MatrixTarget;
use crate::model::share::Attempt;
use crate::model::{Part, PlatformKind, Post, Receipt};
use crate::picture::{self, Takes};

mod check;
mod client;
pub mod discover;
mod errors;
mod look;
mod request;

pub use request::MAX_CONTENT;

/// For so long a server is trusted to know a transaction id again: Synapse kept it 30 minutes in
/// its older versions and 24 hours since, Dendrite 30 minutes.
pub const REPLAY_WITHIN: SignedDuration = SignedDuration::from_mins(20);
/// Reactions are counted over so many answers of up to 100: beyond that the figure says "many".
const MOST_PAGES: usize = 20;

/// What `prepare` found and uploaded.
#[derive(Debug, Serialize, Deserialize)]
struct Prepared {
    /// The room itself: an alias may lead elsewhere tomorrow.
    room: String,
    /// The login that the transaction ids belong to.
    device: Option<String>,
    /// The account's server, which knows the room.
    via: Option<String>,
    /// The pictures of each part.
    pictures: Vec<Vec<Uploaded>>,
}

/// One room, as one account posts to it.
pub struct Matrix {
    server: Homeserver,
    target: MatrixTarget,
    pictures: std::sync::Arc<dyn Pictures>,
    /// A token stays one login's.
    me: OnceCell<Me>,
    largest: OnceCell<usize>,
}

#[derive(Deserialize)]
struct RoomId {
    room_id: String,
}

#[derive(Deserialize)]
struct MediaConfig {
    #[serde(rename = "m.upload.size")]
    upload_size: Option<usize>,
}

#[derive(Deserialize)]
struct Related {
    chunk: Vec<Value>,
    next_batch: Option<String>,
}

impl Matrix {
    /// The room of a channel.
    pub fn new(target: &MatrixTarget, deps: Deps) -> Matrix {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        Matrix {
            server: Homeserver::new(wire, target.server.clone(), target.token.clone()),
            target: target.clone(),
            pictures: deps.pictures,
            me: OnceCell::new(),
            largest: OnceCell::new(),
        }
    }

    async fn me(&self) -> Result<&Me, Fault> {
        let ask = || async {
            let segments = ["client", "v3", "account", "whoami"];
            self.server.get("whoami", &segments, &[]).await
        };
        self.me.get_or_try_init(ask).await
    }

    /// The room's id, by its alias if that is what is configured.
    async fn room(&self) -> Result<String, Fault> {
        let room = self.target.room.as_str();
        if !room.starts_with('#') {
            return Ok(room.to_owned());
        }
        let segments = ["client", "v3", "directory", "room", room];
        let found: RoomId = self.server.get("alias", &segments, &[]).await?;
        Ok(found.room_id)
    }

    /// Whether the account is in the room; it joins first where that is wanted.
    async fn is_member(&self, room: &str) -> Result<bool, Fault> {
        let me = &self.me().await?.user_id;
        match self.server.state(room, "m.room.member", me).await {
            Ok(Some(member)) if member["membership"] == "join" => return Ok(true),
            Ok(_) => {}
            // Who was never there may not even ask.
            Err(fault) if fault.is("M_FORBIDDEN") => {}
            Err(fault) => return Err(fault),
        }
        if !self.target.join {
            return Ok(false);
        }
        // By its alias, where there is one: a room's id alone does not say which servers know it.
        let segments = ["client", "v3", "join", &self.target.room];
        let request = self
            .server
            .request(Method::POST, &segments)
            .json(&json!({}));
        let within = self.server.wire.limits().answer;
        let _: RoomId = self.server.exchange("join", request, within).await?;
        Ok(true)
    }

    async fn is_encrypted(&self, room: &str) -> Result<bool, Fault> {
        let state = self.server.state(room, "m.room.encryption", "").await?;
        Ok(state.is_some())
    }

    /// The server's own limit of a file, in bytes.
    async fn largest_upload(&self) -> Result<usize, Fault> {
        let ask = || async {
            let newer = ["client", "v1", "media", "config"];
            let config: Result<MediaConfig, _> = self.server.get("limits", &newer, &[]).await;
            let config = match config {
                // Before 1.11.
                Err(fault) if fault.is_unknown() => {
                    let older = ["media", "v3", "config"];
                    self.server.get("limits", &older, &[]).await?
                }
                other => other?,
            };
            Ok(config.upload_size.unwrap_or(MATRIX_PICTURE.bytes))
        };
        self.largest.get_or_try_init(ask).await.copied()
    }

    async fn uploaded(&self, part: &Part) -> Result<Vec<Uploaded>, SendError> {
        if part.pictures.is_empty() {
            return Ok(Vec::new());
        }
        let takes = Takes {
            bytes: self.largest_upload().await.map_err(Fault::outcome)?,
            ..MATRIX_PICTURE
        };
        let mut files = Vec::new();
        for picture in &part.pictures {
            files.push(pictures::load(&self.pictures, picture, takes).await?);
        }
        let mut uploaded = Vec::new();
        for file in files {
            let uri = self.server.upload(&file).await.map_err(Fault::outcome)?;
            uploaded.push(Uploaded {
                uri,
                size: file.bytes.len(),
                pixels: picture::look(&file.bytes).map(|l| (l.width, l.height)),
                mime: file.kind.media_type().to_owned(),
            });
        }
        Ok(uploaded)
    }

    async fn ready(&self, key: &str, post: &Post) -> Result<Prepared, SendError> {
        let me = self.me().await.map_err(Fault::outcome)?;
        let room = self.room().await.map_err(Fault::outcome)?;
        if self.target.join {
            self.is_member(&room).await.map_err(Fault::outcome)?;
        }
        if self.is_encrypted(&room).await.map_err(Fault::outcome)? {
            return Err(SendError::Unauthorized {
                reason: "the room is encrypted now, and this program writes only to rooms that \
                         everybody can read: choose another"
                    .to_owned(),
            });
        }
        let mut pictures = Vec::new();
        for part in &post.parts {
            pictures.push(self.uploaded(part).await?);
        }
        let prepared = Prepared {
            room,
            device: me.device_id.clone(),
            via: me
                .user_id
                .split_once(':')
                .map(|(_, server)| server.to_owned()),
            pictures,
        };
        // What the room would refuse is refused before an attempt is made.
        for number in 0..post.parts.len() {
            drafts(&prepared, key, post, number, &[])?;
        }
        Ok(prepared)
    }

    async fn send_part(
        &self,
        attempt: &Attempt,
        post: &Post,
        part: usize,
        receipts: &[Receipt],
    ) -> Result<Receipt, SendError> {
        let prepared = read(&attempt.prepared)?;
        let drafts = drafts(&prepared, &attempt.key, post, part, receipts)?;
        self.deliver(&prepared, &drafts, Vec::new()).await
    }

    /// Sends the drafts that have no event yet. Once one of a part's messages shows, the part is in
    /// doubt until all do.
    async fn deliver(
        &self,
        prepared: &Prepared,
        drafts: &[Draft],
        mut shown: Vec<(usize, String)>,
    ) -> Result<Receipt, SendError> {
        let room = prepared.room.as_str();
        for (n, draft) in drafts.iter().enumerate() {
            if shown.iter().any(|(there, _)| *there == n) {
                continue;
            }
            let sent = self.server.send(room, &draft.txn, &draft.content).await;
            let sent = sent.and_then(|Sent { event_id }| {
                let unreadable = || Fault::Unreadable("the homeserver names no event".to_owned());
                (event_id.starts_with('$'))
                    .then_some(event_id)
                    .ok_or_else(unreadable)
            });
            match sent {
                Ok(event) => shown.push((n, event)),
                Err(fault) if shown.is_empty() => return Err(fault.outcome()),
                Err(fault) => {
                    let error = fault.outcome();
                    let reason =
                        format!("{} of {} messages show; {error}", shown.len(), drafts.len());
                    return Err(SendError::Unsure {
                        reason,
                        ask_now: true,
                    });
                }
            }
        }
        shown.sort();
        let events: Vec<String> = shown.into_iter().map(|(_, event)| event).collect();
        Ok(Receipt {
            permalink: events.first().map(|event| permalink(prepared, event)),
            post_id: format!("{room}/{}", events.join(",")),
            at: self.server.wire.now(),
        })
    }

    async fn settle_part(&self, doubt: Doubt<'_>) -> Result<Look, SendError> {
        let attempt = doubt.attempt;
        let prepared = read(&attempt.prepared)?;
        let drafts = drafts(
            &prepared,
            &attempt.key,
            doubt.post,
            doubt.part,
            doubt.receipts,
        )?;
        let me = self.me().await.map_err(|f| f.harmless())?;
        let same_login = me.device_id.is_some() && me.device_id == prepared.device;
        let age = self.server.wire.now().duration_since(attempt.at);
        if same_login && (SignedDuration::ZERO..REPLAY_WITHIN).contains(&age) {
            let receipt = self.deliver(&prepared, &drafts, Vec::new()).await?;
            return Ok(Look::Posted(receipt));
        }
        let since = theirs(attempt);
        let prefix = format!("{}-{}-", attempt.key, doubt.part);
        let found = look::find(&self.server, &prepared.room, &prefix, since).await;
        let found = found.map_err(|fault| fault.harmless())?;
        let shown: Vec<(usize, String)> = drafts
            .iter()
            .enumerate()
            .filter_map(|(n, draft)| Some((n, found.events.get(&draft.txn)?.clone())))
            .collect();
        if shown.len() < drafts.len() && !found.complete {
            return Ok(Look::CannotTell {
                reason: "more was written in the room since than can be looked through".to_owned(),
                link: Some(format!("https://matrix.to/#/{}", self.target.room)),
            });
        }
        if shown.is_empty() {
            return Ok(Look::NotThere);
        }
        let receipt = self.deliver(&prepared, &drafts, shown).await?;
        Ok(Look::Posted(receipt))
    }

    async fn redact(&self, room: &str, event: &str) -> Result<(), SendError> {
        let segments = ["client", "v3", "rooms", room, "redact", event, event];
        let request = self.server.request(Method::PUT, &segments).json(&json!({}));
        let within = self.server.wire.limits().answer;
        let done: Result<Sent, Fault> = self.server.exchange("redaction", request, within).await;
        match done {
            Ok(_) => Ok(()),
            Err(fault) if fault.is(NOT_FOUND) => Ok(()),
            Err(fault) => Err(fault.outcome()),
        }
    }

    /// How many events of a kind relate to this one.
    async fn related(&self, room: &str, event: &str, relation: &str) -> Result<u64, Fault> {
        let segments = ["client", "v1", "rooms", room, "relations", event, relation];
        let mut from: Option<String> = None;
        let mut count = 0;
        for _ in 0..MOST_PAGES {
            let mut query = vec![("limit", "100")];
            if let Some(from) = &from {
                query.push(("from", from));
            }
            let page: Related = self.server.get("relations", &segments, &query).await?;
            count += page.chunk.len() as u64;
            from = page.next_batch;
            if from.is_none() {
                break;
            }
        }
        Ok(count)
    }
}

fn drafts(
    prepared: &Prepared,
    key: &str,
    post: &Post,
    part: usize,
    receipts: &[Receipt],
) -> Result<Vec<Draft>, SendError> {
    let refused = |reason| SendError::Refused { reason };
    let (Some(content), Some(pictures)) = (post.parts.get(part), prepared.pictures.get(part))
    else {
        return Err(refused("the post has no such part".to_owned()));
    };
    let last = receipts.last().and_then(|r| parse_post_id(&r.post_id));
    let after = last
        .as_ref()
        .and_then(|(_, events)| events.first().copied());
    request::drafts(key, part, content, pictures, after).map_err(refused)
}

/// `https://matrix.to/#/ROOM/EVENT?via=SERVER`: a room's id does not say which server knows it.
fn permalink(prepared: &Prepared, event: &str) -> String {
    let encode = |text: &str| {
        let encoded = url::form_urlencoded::byte_serialize(text.as_bytes());
        encoded.collect::<String>().replace('+', "%20")
    };
    let via = prepared.via.as_deref();
    let via = via.map(|server| format!("?via={}", encode(server)));
    format!(
        "https://matrix.to/#/{}/{}{}",
        encode(&prepared.room),
        encode(event),
        via.unwrap_or_default()
    )
}

fn read(prepared: &str) -> Result<Prepared, SendError> {
    serde_json::from_str(prepared).map_err(|_| SendError::Refused {
        reason: "what was prepared for this attempt cannot be read: queue the article again"
            .to_owned(),
    })
}

/// When the attempt began, by the server's clock.
fn theirs(attempt: &Attempt) -> Timestamp {
    attempt.at + SignedDuration::from_secs(attempt.clock_skew)
}

/// `!room:server/$a,$b` → the room and its events. No event id holds a comma, and no room id `/$`.
fn parse_post_id(post_id: &str) -> Option<(&str, Vec<&str>)> {
    let at = post_id.find("/$")?;
    let (room, events) = (post_id.get(..at)?, post_id.get(at + 1..)?);
    Some((room, events.split(',').collect()))
}

impl Platform for Matrix {
    fn settling(&self) -> Settling {
        way(PlatformKind::Matrix)
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(check::check(self))
    }

    /// Finds the room and uploads the pictures: what nothing names, nobody sees.
    fn prepare<'a>(
        &'a self,
        key: &'a str,
        post: &'a Post,
    ) -> BoxFuture<'a, Result<String, SendError>> {
        Box::pin(async move {
            let ready = self.ready(key, post).await;
            let ready = ready.map_err(SendError::harmless)?;
            serde_json::to_string(&ready).map_err(|e| SendError::Refused {
                reason: e.to_string(),
            })
        })
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
        _is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(self.settle_part(doubt))
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let Some((room, events)) = parse_post_id(&receipt.post_id) else {
                return Err(SendError::Refused {
                    reason: "the receipt names no message of a room: take it down by hand"
                        .to_owned(),
                });
            };
            for event in events {
                self.redact(room, event).await?;
            }
            Ok(())
        })
    }

    /// Reactions to the first message, and answers in its thread.
    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        Box::pin(async move {
            let Some((room, events)) = parse_post_id(&receipt.post_id) else {
                return Ok(None);
            };
            let Some(event) = events.first() else {
                return Ok(None);
            };
            let counted = async {
                Ok(Engagement {
                    likes: Some(self.related(room, event, "m.annotation").await?),
                    comments: Some(self.related(room, event, "m.thread").await?),
                    ..Engagement::default()
                })
            };
            match counted.await {
                Ok(counted) => Ok(Some(counted)),
                // The message is gone, or the server is older than 1.3.
                Err(fault) if Fault::is(&fault, NOT_FOUND) || fault.is_unknown() => Ok(None),
                Err(fault) => Err(fault.harmless()),
            }
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.server.wire.skew()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_the_room_and_every_message() {
        assert_eq!(
            parse_post_id("!a:b.vn/$x/y+z,$w"),
            Some(("!a:b.vn", vec!["$x/y+z", "$w"]))
        );
        assert_eq!(parse_post_id("!v12room/$e"), Some(("!v12room", vec!["$e"])));
        assert_eq!(parse_post_id("$e"), None);
    }
}
