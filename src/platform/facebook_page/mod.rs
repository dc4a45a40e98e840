//! A Facebook Page, by the Graph API: `client` speaks and signs it, `errors` says what refusals mean,
//! `usage` when to rest, `read_back` what became of a doubt, `check` looks at the token.
//!
//! A post takes no key, so doubt is settled by reading the Page's own list ([`Settling::ReadBack`]).
//! Several pictures are uploaded unpublished while preparing: invisible, and repeatable.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::client::{Fault, Graph};
use super::http::Wire;
use super::pictures;
use super::settling::way;
use super::{
    Deps, Doubt, Engagement, Finding, IsTaken, Look, PictureBytes, Pictures, Platform, SendError,
    Settling,
};
use crate::compose::limits::FACEBOOK_PICTURE;
use crate::config::{FacebookPageTarget, Secret};
use crate::model::share::Attempt;
use crate::model::{Part, Picture, PlatformKind, Post, Receipt};

mod check;
mod client;
pub mod discover;
mod errors;
mod read_back;
mod reception;
mod usage;

pub use read_back::LOOKS_BACK;
pub use usage::{BUSY_PER_CENT, REST};

/// Longest text, in characters.
pub const MAX_TEXT: usize = 63_206;
/// Most pictures of one post that are known to work.
pub const MAX_PICTURES: usize = 10;
/// "That object does not exist, or you may not see it".
const NO_SUCH_OBJECT: (i64, i64) = (100, 33);

/// One Page.
pub struct FacebookPage {
    graph: Graph,
    page: String,
    token: Secret,
    app_id: Option<String>,
    app_secret: Option<Secret>,
    pictures: Arc<dyn Pictures>,
}

/// What was uploaded ahead: for each part, the ids of its pictures in order.
#[derive(Serialize, Deserialize, Default, Debug)]
struct Prepared {
    photos: Vec<Vec<String>>,
}

impl Prepared {
    fn parse(text: &str) -> Prepared {
        serde_json::from_str(text).unwrap_or_default()
    }
    fn of_part(&self, part: usize) -> &[String] {
        self.photos.get(part).map_or(&[], Vec::as_slice)
    }
}

/// The answer to `/feed` and `/photos`.
#[derive(Deserialize)]
struct Made {
    id: String,
    post_id: Option<String>,
}

#[derive(Deserialize)]
struct Where {
    permalink_url: Option<String>,
    created_time: Option<String>,
}

#[derive(Deserialize)]
struct Done {
    success: bool,
}

impl FacebookPage {
    /// The Page of a channel.
    pub fn new(target: &FacebookPageTarget, deps: Deps) -> FacebookPage {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        FacebookPage {
            graph: Graph::new(
                wire,
                target.base_url.clone(),
                target.graph_version.clone(),
                target.token.clone(),
                target.app_secret.clone(),
            ),
            page: target.page.clone(),
            token: target.token.clone(),
            app_id: target.app_id.clone(),
            app_secret: target.app_secret.clone(),
            pictures: deps.pictures,
        }
    }

    async fn upload(&self, picture: &Picture) -> Result<String, SendError> {
        let bytes = pictures::load(&self.pictures, picture, FACEBOOK_PICTURE).await?;
        let mut params = vec![("published", "false")];
        if !picture.alt.is_empty() {
            params.push(("alt_text_custom", &picture.alt));
        }
        let path = format!("{}/photos", self.page);
        let made: Result<(Made, _), Fault> = self.graph.post(&path, &params, Some(&bytes)).await;
        // Nobody sees an unpublished picture, so it may be uploaded again.
        let (made, _) = made.map_err(|fault| fault.harmless())?;
        Ok(made.id)
    }

    async fn prepare_all(&self, post: &Post) -> Result<String, SendError> {
        self.graph.room()?;
        for part in &post.parts {
            judge(part).map_err(|reason| SendError::Refused { reason })?;
        }
        let mut prepared = Prepared::default();
        for part in &post.parts {
            let mut ids = Vec::new();
            match part.pictures.as_slice() {
                [] => {}
                [only] => {
                    pictures::load(&self.pictures, only, FACEBOOK_PICTURE).await?;
                }
                several => {
                    for picture in several {
                        ids.push(self.upload(picture).await?);
                    }
                }
            }
            prepared.photos.push(ids);
        }
        if prepared.photos.iter().all(Vec::is_empty) {
            return Ok(String::new());
        }
        serde_json::to_string(&prepared).map_err(|e| SendError::NotSent {
            reason: e.to_string(),
        })
    }

    async fn send_part(&self, part: &Part, photo_ids: &[String]) -> Result<Receipt, SendError> {
        judge(part).map_err(|reason| SendError::Refused { reason })?;
        let made = match part.pictures.as_slice() {
            [] => self.post_words(part).await,
            [only] => {
                let bytes = pictures::load(&self.pictures, only, FACEBOOK_PICTURE).await?;
                self.post_picture(part, only, &bytes).await
            }
            several if several.len() == photo_ids.len() => {
                self.post_pictures(part, photo_ids).await
            }
            _ => {
                return Err(SendError::NotSent {
                    reason: "the pictures are not uploaded yet".to_owned(),
                });
            }
        };
        let (made, read_at) = made.map_err(Fault::outcome)?;
        let post_id = made.post_id.unwrap_or(made.id);
        if post_id.is_empty() {
            return Err(SendError::Unsure {
                reason: "Facebook answers without the id of a post".to_owned(),
                ask_now: false,
            });
        }
        Ok(self.proven(post_id, read_at).await)
    }

    async fn post_words(&self, part: &Part) -> Result<(Made, Timestamp), Fault> {
        let mut params = vec![("published", "true")];
        if !part.text.is_empty() {
            params.push(("message", &part.text));
        }
        if let Some(link) = &part.link {
            params.push(("link", link));
        }
        let path = format!("{}/feed", self.page);
        self.graph.post(&path, &params, None).await
    }

    async fn post_picture(
        &self,
        part: &Part,
        picture: &Picture,
        bytes: &PictureBytes,
    ) -> Result<(Made, Timestamp), Fault> {
        let mut params = vec![("published", "true")];
        if !part.text.is_empty() {
            params.push(("message", &part.text));
        }
        if !picture.alt.is_empty() {
            params.push(("alt_text_custom", &picture.alt));
        }
        let path = format!("{}/photos", self.page);
        self.graph.post(&path, &params, Some(bytes)).await
    }

    async fn post_pictures(
        &self,
        part: &Part,
        photo_ids: &[String],
    ) -> Result<(Made, Timestamp), Fault> {
        let media = photo_ids.iter().enumerate().map(|(n, id)| {
            let value = serde_json::json!({ "media_fbid": id }).to_string();
            (format!("attached_media[{n}]"), value)
        });
        let media: Vec<_> = media.collect();
        let mut params = vec![("published", "true")];
        if !part.text.is_empty() {
            params.push(("message", &part.text));
        }
        params.extend(media.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let path = format!("{}/feed", self.page);
        self.graph.post(&path, &params, None).await
    }

    /// The receipt of what is certainly there. Where people see it is asked for; without an answer the
    /// address is made from the id, for a success must not turn into doubt.
    async fn proven(&self, post_id: String, read_at: Timestamp) -> Receipt {
        let asked = if self.graph.room().is_ok() {
            let fields = [("fields", "permalink_url,created_time")];
            self.graph.get::<Where>(&post_id, &fields).await.ok()
        } else {
            None
        };
        let (address, time) = asked.map_or((None, None), |w| (w.permalink_url, w.created_time));
        Receipt {
            permalink: Some(permalink(&post_id, address.as_deref())),
            at: time.as_deref().and_then(created).unwrap_or(read_at),
            post_id,
        }
    }

    async fn take_down(&self, post_id: &str) -> Result<(), SendError> {
        match self.graph.delete::<Done>(post_id).await {
            Ok(Done { success: true }) => Ok(()),
            Ok(Done { success: false }) => Err(SendError::Unsure {
                reason: "Facebook answers that the post was not deleted".to_owned(),
                ask_now: true,
            }),
            Err(fault) if is_gone(&fault) => {
                let outcome = fault.outcome();
                // The same words are said to a token that may not see it. One that still reads its Page
                // would see its own posts, so the post is gone.
                let fields = [("fields", "id")];
                let seen = self.graph.get::<serde_json::Value>(&self.page, &fields);
                seen.await.map(|_| ()).map_err(|_| outcome)
            }
            Err(fault) => Err(fault.outcome()),
        }
    }
}

/// Whether Facebook says that there is no such post, or that it may not be seen.
fn is_gone(fault: &Fault) -> bool {
    let gone = (Some(NO_SUCH_OBJECT.0), Some(NO_SUCH_OBJECT.1));
    fault
        .said()
        .is_some_and(|error| (error.code, error.error_subcode) == gone)
}

/// What Facebook would refuse, or quietly leave out.
fn judge(part: &Part) -> Result<(), String> {
    let length = part.text.chars().count();
    if length > MAX_TEXT {
        return Err(format!(
            "the text has {length} characters, and Facebook takes {MAX_TEXT}"
        ));
    }
    if part.pictures.len() > MAX_PICTURES {
        return Err(format!(
            "{} pictures, and {MAX_PICTURES} may be",
            part.pictures.len()
        ));
    }
    match &part.link {
        None if part.text.trim().is_empty() && part.pictures.is_empty() => {
            Err("the post is empty".to_owned())
        }
        Some(link) if !part.pictures.is_empty() && !part.text.contains(link.as_str()) => Err(
            "a post with pictures shows no link of its own: write the link into the text"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// What Facebook says, else the address that leads to every post by its id.
fn permalink(post_id: &str, said: Option<&str>) -> String {
    match said {
        Some(path) if path.starts_with('/') => format!("https://www.facebook.com{path}"),
        Some(address) if address.starts_with("http") => address.to_owned(),
        _ => format!("https://www.facebook.com/{post_id}"),
    }
}

/// `2026-11-23T08:00:00+0000`.
fn created(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%z", text)
        .ok()
        .or_else(|| text.parse().ok())
}

impl Platform for FacebookPage {
    fn settling(&self) -> Settling {
        way(PlatformKind::FacebookPage)
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
        _receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(async move {
            let Some(content) = post.parts.get(part) else {
                return Err(SendError::Refused {
                    reason: "the post has no such part".to_owned(),
                });
            };
            let prepared = Prepared::parse(&attempt.prepared);
            self.send_part(content, prepared.of_part(part)).await
        })
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            self.graph.room()?;
            read_back::look(&self.graph, &self.page, &doubt, is_taken).await
        })
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(self.take_down(&receipt.post_id))
    }

    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        Box::pin(async move {
            self.graph.room()?;
            let seen = reception::ask(&self.graph, &receipt.post_id).await;
            seen.map_err(Fault::harmless)
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.graph.wire.skew()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_addresses_as_facebook_writes_them() {
        let at = created("2026-11-23T15:00:00+0700").map(|t| t.to_string());
        assert_eq!(at.as_deref(), Some("2026-11-23T08:00:00Z"));
        assert_eq!(permalink("1_2", None), "https://www.facebook.com/1_2");
        assert_eq!(
            permalink("1_2", Some("/p/posts/2")),
            "https://www.facebook.com/p/posts/2"
        );
    }

    #[test]
    fn a_link_is_never_lost_beside_pictures() {
        let mut part = Part {
            text: "Tin".into(),
            link: Some("https://a.vn/1".into()),
            ..Part::default()
        };
        assert_eq!(judge(&part), Ok(()));
        part.pictures.push(Picture {
            hash: "ab".into(),
            alt: String::new(),
        });
        assert!(judge(&part).is_err());
        part.text = "Tin https://a.vn/1".into();
        assert_eq!(judge(&part), Ok(()));
        assert!(judge(&Part::default()).is_err());
    }
}
