//! A website made with WordPress, by its REST API: `article` makes an article from a part, `client`
//! speaks to the site, `errors` says what refusals mean, `check` looks at the account.
//!
//! `prepare` files the pictures and writes a draft whose slug is made from the title and the share's
//! key, or finds the one that an earlier try wrote; publishing a draft is one repeatable request, and
//! the draft's state tells whether it happened ([`Settling::TwoPhase`]). The slug stays the published
//! article's, so a look for it finds the article too, and nothing is written twice. WordPress itself
//! would number a second article (`…-2`); the end of the key keeps that from happening.
//!
//! Not verified against live hosts, only against WordPress 6.1: what web application firewalls answer.

use futures_util::future::BoxFuture;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::article::{Article, Filed};
use self::client::{Fault, Form, Site};
use self::errors::RestError;
use super::http::Wire;
use super::pictures;
use super::settling::way;
use super::{
    Deps, Doubt, Engagement, Finding, IsTaken, Look, Pictures, Platform, SendError, Settling,
};
use crate::compose::limits::WORDPRESS_PICTURE;
use crate::config::WordpressTarget;
use crate::model::share::Attempt;
use crate::model::{Part, Picture, PlatformKind, Post, Receipt};

mod article;
mod check;
mod client;
mod errors;

/// So much of the end of a picture's hash names its file.
const HASH_IN_NAME: usize = 32;

/// What `prepare` wrote.
#[derive(Debug, Serialize, Deserialize)]
struct Prepared {
    form: Form,
    id: u64,
}

/// A post, as the website tells it.
#[derive(Debug, Deserialize)]
struct PostSeen {
    id: u64,
    status: String,
    #[serde(default)]
    link: String,
    date_gmt: Option<String>,
}

#[derive(Deserialize)]
struct MediaSeen {
    id: u64,
    source_url: String,
}

#[derive(Deserialize)]
struct Term {
    id: u64,
    #[serde(default)]
    name: String,
}

/// A website, as one account publishes there.
pub struct Wordpress {
    site: Site,
    target: WordpressTarget,
    pictures: std::sync::Arc<dyn Pictures>,
}

impl Wordpress {
    /// The website of a channel.
    pub fn new(target: &WordpressTarget, deps: Deps) -> Wordpress {
        let wire = Wire::new(deps.http, deps.clock, deps.redactor);
        let (user, password) = (target.user.clone(), target.password.clone());
        Wordpress {
            site: Site::new(wire, target.site.clone(), user, password),
            target: target.clone(),
            pictures: deps.pictures,
        }
    }

    async fn ready(&self, key: &str, post: &Post) -> Result<Prepared, SendError> {
        let [part] = post.parts.as_slice() else {
            return Err(SendError::Refused {
                reason: "a website takes an article whole, not in parts".to_owned(),
            });
        };
        let mut files = Vec::new();
        for picture in &part.pictures {
            files.push(pictures::load(&self.pictures, picture, WORDPRESS_PICTURE).await?);
        }
        self.written(key, part, files).await.map_err(Fault::outcome)
    }

    async fn written(
        &self,
        key: &str,
        part: &Part,
        files: Vec<super::PictureBytes>,
    ) -> Result<Prepared, Fault> {
        let form = self.site.index().await?.form;
        // Whoever is not let in is told so here alone: a look for drafts would be an invalid request.
        let me = "/wp/v2/users/me";
        let _: Value = self
            .site
            .get("account", form, me, &[("_fields", "id")])
            .await?;
        let mut filed = Vec::new();
        for (picture, file) in part.pictures.iter().zip(files) {
            filed.push(self.filed(form, picture, file).await?);
        }
        let article = article::article(part, &filed);
        let slug = article::slug(&article.plain_title, key);
        let found = self.find(form, &slug).await?;
        // One that is out already stays as it is; whoever publishes it again changes nothing.
        if let Some(there) = found.iter().find(|p| p.status != "draft") {
            return Ok(Prepared { form, id: there.id });
        }
        let body = self.body(form, &article).await?;
        let draft: PostSeen = match found.first() {
            Some(draft) => {
                let route = format!("/wp/v2/posts/{}", draft.id);
                self.site.post("draft", form, &route, &body).await?
            }
            None => {
                let mut body = body;
                body["slug"] = json!(slug);
                body["status"] = json!("draft");
                self.site.post("draft", form, "/wp/v2/posts", &body).await?
            }
        };
        Ok(Prepared { form, id: draft.id })
    }

    /// Posts of this slug in any state, the oldest first; those in the bin apart.
    async fn find(&self, form: Form, slug: &str) -> Result<Vec<PostSeen>, Fault> {
        let query = [
            ("slug", slug),
            ("status", "any"),
            ("context", "edit"),
            ("orderby", "id"),
            ("order", "asc"),
            ("_fields", "id,status,link,date_gmt"),
        ];
        self.site.get("look up", form, "/wp/v2/posts", &query).await
    }

    async fn body(&self, form: Form, article: &Article) -> Result<Value, Fault> {
        let mut body = json!({
            "title": article.title,
            "content": article.content,
            "excerpt": article.excerpt,
        });
        if let Some(id) = article.featured {
            body["featured_media"] = json!(id);
        }
        let mut tags = self.target.tags.clone();
        tags.extend(article.tags.iter().cloned());
        for (field, names) in [("categories", &self.target.categories), ("tags", &tags)] {
            let mut ids: Vec<u64> = Vec::new();
            for name in names {
                let id = self.term(form, field, name).await?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            if !ids.is_empty() {
                body[field] = json!(ids);
            }
        }
        Ok(body)
    }

    /// The category or tag of that name; made, if there is none.
    async fn term(&self, form: Form, kind: &str, name: &str) -> Result<u64, Fault> {
        let route = format!("/wp/v2/{kind}");
        let query = [
            ("search", name),
            ("per_page", "100"),
            ("_fields", "id,name"),
        ];
        let found: Vec<Term> = self.site.get("term", form, &route, &query).await?;
        let wanted = name.to_lowercase();
        let same = |t: &&Term| unescaped(&t.name).to_lowercase() == wanted;
        if let Some(term) = found.iter().find(same) {
            return Ok(term.id);
        }
        let body = json!({"name": name});
        let made = self.site.post("new term", form, &route, &body).await;
        match made {
            Ok(Term { id, .. }) => Ok(id),
            // The search passes over some that are there (names with `&`).
            Err(Fault::Said {
                error: RestError {
                    term_id: Some(id), ..
                },
                ..
            }) => Ok(id),
            Err(fault) => Err(fault),
        }
    }

    /// The picture in the website's library; uploaded, if it is not there. The file is named by its
    /// content, so that a picture is there once, however often it is shared or a try is repeated.
    async fn filed(
        &self,
        form: Form,
        picture: &Picture,
        file: super::PictureBytes,
    ) -> Result<Filed, Fault> {
        let start = picture.hash.len().saturating_sub(HASH_IN_NAME);
        let hash = picture.hash.get(start..).unwrap_or(&picture.hash);
        let slug = format!("anh-{hash}");
        let filed = |seen: MediaSeen| Filed {
            id: seen.id,
            url: seen.source_url,
            alt: picture.alt.clone(),
        };
        let query = [("slug", slug.as_str()), ("_fields", "id,source_url")];
        let found: Vec<MediaSeen> = self
            .site
            .get("library", form, "/wp/v2/media", &query)
            .await?;
        if let Some(there) = found.into_iter().next() {
            return Ok(filed(there));
        }
        let ending = file.kind.extension();
        let query = [("slug", slug.as_str()), ("alt_text", &picture.alt)];
        let request = self
            .site
            .request(form, Method::POST, "/wp/v2/media", &query)
            .header("content-type", file.kind.media_type())
            .header(
                "content-disposition",
                format!("attachment; filename=\"{slug}.{ending}\""),
            )
            .body(file.bytes);
        let within = self.site.wire.limits().answer;
        let (seen, _) = self.site.exchange("upload", request, within).await?;
        Ok(filed(seen))
    }

    async fn publish(&self, prepared: &Prepared) -> Result<Receipt, Fault> {
        let route = format!("/wp/v2/posts/{}", prepared.id);
        let body = json!({"status": "publish"});
        let post: PostSeen = self
            .site
            .post("publish", prepared.form, &route, &body)
            .await?;
        if post.id != prepared.id || !is_out(&post.status) {
            return Err(Fault::Unreadable(format!(
                "the website says that the article is «{}» after publishing",
                post.status
            )));
        }
        Ok(self.receipt(&post))
    }

    fn receipt(&self, post: &PostSeen) -> Receipt {
        let date = post.date_gmt.as_deref().and_then(gmt);
        Receipt {
            post_id: post.id.to_string(),
            permalink: Some(post.link.clone()).filter(|link| !link.is_empty()),
            at: date.unwrap_or_else(|| self.site.wire.now()),
        }
    }

    async fn state(&self, prepared: &Prepared) -> Result<Look, SendError> {
        let route = format!("/wp/v2/posts/{}", prepared.id);
        let query = [("context", "edit"), ("_fields", "id,status,link,date_gmt")];
        let seen: Result<PostSeen, Fault> =
            self.site.get("state", prepared.form, &route, &query).await;
        let cannot_tell = |what: String| Look::CannotTell {
            reason: format!(
                "article {} of the website {what}: look whether it was public",
                prepared.id
            ),
            link: Some(self.target.site.to_string()),
        };
        match seen {
            Ok(post) if is_out(&post.status) => Ok(Look::Posted(self.receipt(&post))),
            Ok(post) if post.status == "draft" => Ok(Look::NotThere),
            Ok(post) => Ok(cannot_tell(format!("is «{}»", post.status))),
            Err(fault) if fault.code() == errors::NO_POST => Ok(cannot_tell("is gone".to_owned())),
            Err(fault) => Err(fault.harmless()),
        }
    }

    async fn remove(&self, id: &str) -> Result<(), Fault> {
        let form = self.site.index().await?.form;
        let route = format!("/wp/v2/posts/{id}");
        let within = self.site.wire.limits().answer;
        let mut query: client::Query<'_> = &[];
        loop {
            let request = self.site.request(form, Method::DELETE, &route, query);
            let done = self.site.exchange::<Value>("delete", request, within).await;
            match done {
                Ok(_) => return Ok(()),
                Err(fault) if [errors::NO_POST, errors::IN_BIN].contains(&fault.code()) => {
                    return Ok(());
                }
                // Into the bin where there is one, so that a mistake can be mended.
                Err(fault) if fault.code() == errors::NO_BIN && query.is_empty() => {
                    query = &[("force", "true")];
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    async fn comments(&self, id: &str) -> Result<Option<u64>, Fault> {
        let form = self.site.index().await?.form;
        let query = [("post", id), ("per_page", "1"), ("_fields", "id")];
        let request = self
            .site
            .request(form, Method::GET, "/wp/v2/comments", &query);
        let read = self.site.wire.limits().read;
        let (_, answer) = self
            .site
            .exchange::<Vec<Value>>("comments", request, read)
            .await?;
        Ok(answer
            .header("x-wp-total")
            .and_then(|n| n.trim().parse().ok()))
    }
}

/// Public, or public at its time: a site whose clock is behind keeps a new article back for a while.
fn is_out(status: &str) -> bool {
    matches!(status, "publish" | "future")
}

/// `2026-11-24T02:51:42`, in UTC.
fn gmt(text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// Names come with a few entities in them.
fn unescaped(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#8217;", "’"),
        ("&amp;", "&"),
    ];
    let replace = |text: String, (entity, plain): (&str, &str)| text.replace(entity, plain);
    entities.into_iter().fold(text.to_owned(), replace)
}

fn escape_xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn read(prepared: &str) -> Result<Prepared, SendError> {
    serde_json::from_str(prepared).map_err(|_| SendError::Refused {
        reason: "what was prepared for this attempt cannot be read: queue the article again"
            .to_owned(),
    })
}

impl Platform for Wordpress {
    fn settling(&self) -> Settling {
        way(PlatformKind::Wordpress)
    }

    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(check::check(self))
    }

    /// Pictures, categories, tags and the draft: each looked for before it is made.
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
        _post: &'a Post,
        _part: usize,
        _receipts: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(async move {
            let prepared = read(&attempt.prepared)?;
            let sent = self.publish(&prepared).await;
            sent.map_err(Fault::outcome)
        })
    }

    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        _is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            let prepared = read(&doubt.attempt.prepared)?;
            self.state(&prepared).await
        })
    }

    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            if receipt.post_id.parse::<u64>().is_err() {
                return Err(SendError::Refused {
                    reason: "the receipt names no article of the website: take it down by hand"
                        .to_owned(),
                });
            }
            let removed = self.remove(&receipt.post_id).await;
            removed.map_err(Fault::outcome)
        })
    }

    fn engagement<'a>(
        &'a self,
        receipt: &'a Receipt,
    ) -> BoxFuture<'a, Result<Option<Engagement>, SendError>> {
        Box::pin(async move {
            let counted = self.comments(&receipt.post_id).await;
            let comments = counted.map_err(Fault::harmless)?;
            Ok(comments.map(|comments| Engagement {
                comments: Some(comments),
                ..Engagement::default()
            }))
        })
    }

    fn clock_skew(&self) -> SignedDuration {
        self.site.wire.skew()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_utc_and_names_plain() {
        let at = gmt("2026-11-24T02:51:42").map(|t| t.to_string());
        assert_eq!(at.as_deref(), Some("2026-11-24T02:51:42Z"));
        assert_eq!(gmt("0000-00-00T00:00:00"), None);
        assert_eq!(unescaped("Tin &amp; bài"), "Tin & bài");
    }
}
