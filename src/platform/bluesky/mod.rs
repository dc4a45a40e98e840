//! Bluesky, by the AT Protocol: `client` speaks it, `session` logs in and renews, `errors` says what
//! refusals mean, `tid` names posts, `record` and `facets` make them, `check` looks at the account.
//!
//! A post stands under a name that we choose: a TID made from the share's key ([`Settling::Replay`]).
//! `putRecord` with `swapRecord: null` takes a record where there is none, answers the same for the
//! very same record, and refuses another (`InvalidSwap`): so no text ever replaces a post silently.
//! What a record is made of (time, blobs, who is mentioned) is frozen in the attempt. All of this was
//! seen on a real server (PDS 0.4.217, `tests/live`); a server that forgets `swapRecord` is guarded
//! against by looking before a replay.
//!
//! Not verified on a live service: that `ratelimit-*` headers come with every answer there (the
//! reference server sends them when limits are on), what the app view answers to `getPosts` through a
//! PDS (the lexicon is kept to), and how long an unused blob is kept (an upload is followed by its post
//! at once).

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use self::client::{Body, Fault, Xrpc};
use self::record::{COLLECTION, Prepared, Strong, Thread, Uploaded};
use self::session::Session;
use super::http::Wire;
use super::outcome::Class;
use super::pictures;
use super::settling::way;
use super::vault::Vault;
use super::{
    Deps, Doubt, Engagement, Finding, IsTaken, Look, Pictures, Platform, SendError, Settling,
};
use crate::compose::limits::picture_of;
use crate::config::{BlueskyTarget, Secret};
use crate::model::share::Attempt;
use crate::model::{Part, Picture, PlatformKind, Post, Receipt};
use crate::picture::{Takes, look};

mod check;
mod client;
mod errors;
pub mod facets;
mod record;
mod session;
mod tid;

pub use record::{MAX_BYTES, MAX_GRAPHEMES, MAX_PICTURES};

/// One account.
pub struct Bluesky {
    xrpc: Xrpc,
    base: url::Url,
    handle: String,
    password: Secret,
    lang: String,
    pictures: Arc<dyn Pictures>,
    vault: Vault,
    /// Where the session stands in the vault.
    file: String,
}

#[derive(Deserialize)]
struct Got {
    cid: Option<String>,
    value: Value,
}

#[derive(Deserialize)]
struct Blob {
    blob: Value,
}

#[derive(Deserialize)]
struct Resolved {
    did: String,
}

#[derive(Deserialize)]
struct Posts {
    posts: Vec<PostSeen>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct PostSeen {
    like_count: Option<u64>,
    reply_count: Option<u64>,
    repost_count: Option<u64>,
    quote_count: Option<u64>,
}

impl Bluesky {
    /// The account of a channel.
    pub fn new(target: &BlueskyTarget, deps: Deps) -> Bluesky {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        let mut place = Bluesky {
            xrpc: Xrpc::new(wire, target.base_url.clone()),
            base: target.base_url.clone(),
            handle: target.handle.clone(),
            password: target.password.clone(),
            lang: target.lang.clone(),
            pictures: deps.pictures,
            vault: deps.vault,
            file: String::new(),
        };
        place.file = session::file(&place);
        place
    }

    /// Asks with the session, renewed once if it has ended: a refusal for that reason did nothing.
    async fn with_session<T, F>(&self, ask: impl Fn(Session) -> F) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let session = self.session().await.map_err(harmless)?;
        match ask(session.clone()).await {
            Err(fault) if fault.is(Class::AuthExpired) => {
                let renewed = self.renewed(&session).await.map_err(harmless)?;
                ask(renewed).await
            }
            Err(fault) if fault.is(Class::AuthRevoked) => {
                self.forget(&session).await;
                Err(fault)
            }
            done => done,
        }
    }

    async fn upload(&self, picture: &Picture, takes: Takes) -> Result<Uploaded, SendError> {
        let file = pictures::load(&self.pictures, picture, takes).await?;
        let within = self.xrpc.wire.limits().answer;
        let done: Result<Blob, Fault> = self
            .with_session(async |session| {
                let method = "com.atproto.repo.uploadBlob";
                let body = Body::Blob(&file);
                let answer = self
                    .xrpc
                    .procedure(method, Some(&session.access), body, within);
                answer.await.map(|(blob, _)| blob)
            })
            .await;
        // Nobody sees a blob before a post names it, and the same bytes are the same blob.
        let Blob { blob } = done.map_err(|fault| fault.harmless())?;
        Ok(Uploaded {
            blob,
            size: look(&file.bytes).map(|l| (l.width, l.height)),
        })
    }

    async fn prepare_all(&self, post: &Post) -> Result<String, SendError> {
        self.xrpc.room()?;
        for part in &post.parts {
            record::judge(part).map_err(|reason| SendError::Refused { reason })?;
        }
        let mut prepared = Prepared::default();
        // All are looked at before the first goes up: one that cannot go is found without a trace.
        for part in &post.parts {
            for picture in &part.pictures {
                pictures::load(&self.pictures, picture, takes(part)).await?;
            }
        }
        for part in &post.parts {
            let mut blobs = Vec::new();
            for picture in &part.pictures {
                blobs.push(self.upload(picture, takes(part)).await?);
            }
            prepared.blobs.push(blobs);
            for handle in record::mentioned(part) {
                if !prepared.dids.contains_key(&handle)
                    && let Some(did) = self.resolve(&handle).await?
                {
                    prepared.dids.insert(handle, did);
                }
            }
        }
        if prepared.dids.is_empty() && prepared.blobs.iter().all(Vec::is_empty) {
            // Sent without a word before: the session is made now, so that a login is no part of the send.
            self.session().await.map_err(|f| f.harmless())?;
            return Ok(String::new());
        }
        serde_json::to_string(&prepared).map_err(|e| SendError::NotSent {
            reason: e.to_string(),
        })
    }

    /// Whose a handle is; none if nobody's.
    async fn resolve(&self, handle: &str) -> Result<Option<String>, SendError> {
        let method = "com.atproto.identity.resolveHandle";
        let asked = self.xrpc.query(method, None, &[("handle", handle)]).await;
        match asked {
            Ok(Resolved { did }) => Ok(Some(did)),
            Err(fault) if fault.is(Class::Permanent) => Ok(None),
            Err(fault) => Err(fault.harmless()),
        }
    }

    /// The record of a part, as this attempt writes it for ever, and its name.
    async fn record(
        &self,
        session: &Session,
        attempt: &Attempt,
        post: &Post,
        part: usize,
        receipts: &[Receipt],
    ) -> Result<(String, Value), Fault> {
        let known = |reason: &str| {
            Fault::Known(SendError::Refused {
                reason: reason.to_owned(),
            })
        };
        let content = post
            .parts
            .get(part)
            .ok_or_else(|| known("the post has no such part"))?;
        record::judge(content).map_err(|reason| Fault::Known(SendError::Refused { reason }))?;
        let prepared: Prepared = serde_json::from_str(&attempt.prepared).unwrap_or_default();
        let blobs = prepared.blobs.get(part).map_or(&[][..], Vec::as_slice);
        if blobs.len() != content.pictures.len() {
            return Err(Fault::Known(SendError::NotSent {
                reason: "the pictures are not uploaded yet".to_owned(),
            }));
        }
        let thread = match (receipts.first(), receipts.last()) {
            (Some(root), Some(parent)) => Some(self.thread(session, root, parent).await?),
            _ => None,
        };
        // Parts in one instant would be shown in any order.
        let at = attempt.at + SignedDuration::from_millis(i64::try_from(part).unwrap_or(0));
        let record = record::record(content, &self.lang, at, blobs, &prepared, thread.as_ref());
        Ok((tid::tid(&attempt.key, part), record))
    }

    /// The first and the last post of the thread so far, by their content as it stands there now.
    async fn thread(
        &self,
        session: &Session,
        root: &Receipt,
        parent: &Receipt,
    ) -> Result<Thread, Fault> {
        let strong = async |receipt: &Receipt| {
            let rkey = rkey(&receipt.post_id).unwrap_or_default();
            match self.get(session, rkey).await? {
                Some(Got { cid: Some(cid), .. }) => Ok(Strong {
                    uri: receipt.post_id.clone(),
                    cid,
                }),
                Some(_) => Err(Fault::Known(SendError::NotSent {
                    reason: "Bluesky does not say what stands in the post before".to_owned(),
                })),
                None => Err(Fault::Known(SendError::Refused {
                    reason: "the part before this one was taken down there".to_owned(),
                })),
            }
        };
        let root_post = strong(root).await.map_err(harmless)?;
        let parent = if parent.post_id == root.post_id {
            root_post.clone()
        } else {
            strong(parent).await.map_err(harmless)?
        };
        Ok(Thread {
            root: root_post,
            parent,
        })
    }

    /// The record of this name; none if there is none.
    async fn get(&self, session: &Session, rkey: &str) -> Result<Option<Got>, Fault> {
        let params = [
            ("repo", session.did.as_str()),
            ("collection", COLLECTION),
            ("rkey", rkey),
        ];
        let asked = self.xrpc.query("com.atproto.repo.getRecord", None, &params);
        match asked.await {
            Ok(got) => Ok(Some(got)),
            Err(fault) if fault.named("RecordNotFound") => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Puts the record where there is none.
    async fn put(&self, session: &Session, rkey: &str, record: &Value) -> Result<Timestamp, Fault> {
        let body = json!({
            "repo": session.did,
            "collection": COLLECTION,
            "rkey": rkey,
            "validate": true,
            "record": record,
            "swapRecord": null,
        });
        let method = "com.atproto.repo.putRecord";
        let within = self.xrpc.wire.limits().answer;
        let token = Some(&session.access);
        let put = self
            .xrpc
            .procedure::<Strong>(method, token, Body::Json(&body), within);
        let (made, read_at) = put.await?;
        if made.uri != uri(&session.did, rkey) {
            return Err(Fault::Unreadable(
                "Bluesky answers with another post than the one that was sent".to_owned(),
            ));
        }
        Ok(read_at)
    }

    async fn look(&self, doubt: &Doubt<'_>) -> Result<Look, Fault> {
        self.with_session(async |session| {
            let record = self.record(&session, doubt.attempt, doubt.post, doubt.part, doubt.receipts);
            let (rkey, record) = record.await?;
            match self.get(&session, &rkey).await.map_err(harmless)? {
                Some(got) if got.value == record => {
                    Ok(Look::Posted(receipt(&session.did, &rkey, doubt.attempt.at)))
                }
                Some(_) => Ok(Look::CannotTell {
                    reason: "another text stands there under this share's name: look whether it is the share"
                        .to_owned(),
                    link: Some(permalink(&session.did, &rkey)),
                }),
                None => {
                    let read_at = self.put(&session, &rkey, &record).await?;
                    Ok(Look::Posted(receipt(&session.did, &rkey, read_at)))
                }
            }
        })
        .await
    }

    async fn take_down(&self, post_id: &str) -> Result<(), Fault> {
        let Some(rkey) = rkey(post_id) else {
            return Err(Fault::Known(SendError::Refused {
                reason: "the receipt names no post of Bluesky: take it down by hand".to_owned(),
            }));
        };
        let within = self.xrpc.wire.limits().answer;
        self.with_session(async |session| {
            let body = json!({"repo": session.did, "collection": COLLECTION, "rkey": rkey});
            let method = "com.atproto.repo.deleteRecord";
            let token = Some(&session.access);
            let asked = self
                .xrpc
                .procedure::<Value>(method, token, Body::Json(&body), within);
            // One that is gone already is deleted all the same.
            asked.await.map(|_| ())
        })
        .await
    }

    async fn reception(&self, post_id: &str) -> Result<Option<Engagement>, Fault> {
        let asked: Result<Posts, Fault> = self
            .with_session(async |session| {
                let method = "app.bsky.feed.getPosts";
                let token = Some(&session.access);
                self.xrpc.query(method, token, &[("uris", post_id)]).await
            })
            .await;
        match asked {
            Ok(Posts { posts }) => Ok(posts.into_iter().next().map(|seen| Engagement {
                likes: seen.like_count,
                comments: seen.reply_count,
                shares: match (seen.repost_count, seen.quote_count) {
                    (None, None) => None,
                    (reposts, quotes) => Some(reposts.unwrap_or(0) + quotes.unwrap_or(0)),
                },
                views: None,
            })),
            // A server that belongs to no app view counts nothing.
            Err(fault) if fault.is(Class::Permanent) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// Nothing that shows has left yet, so nothing is in doubt.
fn harmless(fault: Fault) -> Fault {
    Fault::Known(fault.harmless())
}

fn takes(part: &Part) -> Takes {
    picture_of(PlatformKind::Bluesky, part, None)
}

fn uri(did: &str, rkey: &str) -> String {
    format!("at://{did}/{COLLECTION}/{rkey}")
}

fn rkey(post_id: &str) -> Option<&str> {
    let (place, rkey) = post_id.rsplit_once('/')?;
    (place.starts_with("at://") && place.ends_with(COLLECTION) && !rkey.is_empty()).then_some(rkey)
}

fn permalink(did: &str, rkey: &str) -> String {
    format!("https://bsky.app/profile/{did}/post/{rkey}")
}

fn receipt(did: &str, rkey: &str, at: Timestamp) -> Receipt {
    Receipt {
        post_id: uri(did, rkey),
        permalink: Some(permalink(did, rkey)),
        at,
    }
}

impl Platform for Bluesky {
    fn settling(&self) -> Settling {
        way(PlatformKind::Bluesky)
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
        Box::pin(async move {
            let sent = self.with_session(async |session| {
                let record = self.record(&session, attempt, post, part, receipts).await;
                let (rkey, record) = record?;
                let read_at = self.put(&session, &rkey, &record).await?;
                Ok(receipt(&session.did, &rkey, read_at))
            });
            sent.await.map_err(Fault::outcome)
        })
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        _is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            self.xrpc.room()?;
            self.look(&doubt).await.map_err(Fault::outcome)
        })
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            let deleted = self.take_down(&receipt.post_id).await;
            deleted.map_err(Fault::outcome)
        })
    }

    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        Box::pin(async move {
            let seen = self.reception(&receipt.post_id).await;
            seen.map_err(Fault::harmless)
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.xrpc.wire.skew()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_names_the_post() {
        assert_eq!(rkey("at://did:plc:a/app.bsky.feed.post/3mab"), Some("3mab"));
        assert_eq!(rkey("at://did:plc:a/app.bsky.feed.like/3mab"), None);
        assert_eq!(rkey("17"), None);
    }
}
