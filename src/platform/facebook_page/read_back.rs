//! What became of a doubtful post: the Page's own list is read, all of it since shortly before.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::client::Graph;
use super::{Prepared, created};
use crate::model::Receipt;
use crate::platform::alike::{Likeness, Shown, likeness};
use crate::platform::{Doubt, IsTaken, Look, SendError};

/// The look begins so long before the attempt (RULES 3): clocks differ, and lists are not exact.
pub const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(1);
/// Posts asked for at once (the Graph API's most).
const PAGE_OF_LIST: &str = "100";
/// Most pages read: 5,000 posts within about an hour is no Page of an office, but a list that turns in a circle.
const MOST_PAGES: usize = 50;
const FIELDS: &str = "id,message,permalink_url,created_time,\
    attachments{media_type,url,unshimmed_url,target,subattachments}";

#[derive(Deserialize)]
struct List {
    data: Vec<Listed>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    id: String,
    #[serde(default)]
    message: String,
    permalink_url: Option<String>,
    created_time: Option<String>,
    #[serde(default)]
    attachments: Attachments,
}

#[derive(Deserialize, Default)]
struct Attachments {
    #[serde(default)]
    data: Vec<Attachment>,
}

#[derive(Deserialize)]
struct Attachment {
    #[serde(default)]
    media_type: String,
    url: Option<String>,
    unshimmed_url: Option<String>,
    target: Option<Target>,
    #[serde(default)]
    subattachments: Attachments,
}

#[derive(Deserialize)]
struct Target {
    id: Option<String>,
}

impl Listed {
    fn shown(&self) -> Shown {
        let mut shown = Shown {
            text: self.message.clone(),
            ..Shown::default()
        };
        let outer = self.attachments.data.iter();
        for attachment in outer.flat_map(|a| std::iter::once(a).chain(&a.subattachments.data)) {
            match attachment.media_type.as_str() {
                "photo" | "image" => {
                    let id = attachment.target.as_ref().and_then(|t| t.id.clone());
                    shown.photos.push(id.unwrap_or_default());
                }
                // An album stands for the pictures in it.
                "album" | "video" => {}
                _ => shown.link = shown.link.or_else(|| attachment.link()),
            }
        }
        shown
    }

    fn receipt(&self, now: Timestamp) -> Receipt {
        Receipt {
            post_id: self.id.clone(),
            permalink: Some(super::permalink(&self.id, self.permalink_url.as_deref())),
            at: self
                .created_time
                .as_deref()
                .and_then(created)
                .unwrap_or(now),
        }
    }
}

impl Attachment {
    /// Where it leads, without Facebook's own way there (`l.facebook.com/l.php?u=…`).
    fn link(&self) -> Option<String> {
        if let Some(plain) = &self.unshimmed_url {
            return Some(plain.clone());
        }
        let shown = self.url.as_ref()?;
        let inner = url::Url::parse(shown).ok().and_then(|u| {
            let (_, inner) = u.query_pairs().find(|(name, _)| name == "u")?;
            (u.path() == "/l.php").then(|| inner.into_owned())
        });
        Some(inner.unwrap_or_else(|| shown.clone()))
    }
}

/// One look. The answer is [`Look::NotThere`] only when the list was read to its end.
pub(super) async fn look(
    graph: &Graph,
    page: &str,
    doubt: &Doubt<'_>,
    is_taken: IsTaken<'_>,
) -> Result<Look, SendError> {
    let Some(part) = doubt.post.parts.get(doubt.part) else {
        return Ok(Look::NotThere);
    };
    let prepared = Prepared::parse(&doubt.attempt.prepared);
    let photo_ids = prepared.of_part(doubt.part);
    let begun = doubt.attempt.at + SignedDuration::from_secs(doubt.attempt.clock_skew);
    let since = begun - LOOKS_BACK;
    let since_seconds = since.as_second().to_string();
    let path = format!("{page}/published_posts");
    let mut same: Option<(SignedDuration, Receipt)> = None;
    let mut near: Option<Receipt> = None;
    let mut after: Option<String> = None;
    let mut complete = false;
    for _ in 0..MOST_PAGES {
        let mut params = vec![
            ("fields", FIELDS),
            ("limit", PAGE_OF_LIST),
            ("since", since_seconds.as_str()),
        ];
        if let Some(after) = &after {
            params.push(("after", after));
        }
        let list: List = graph
            .get(&path, &params)
            .await
            .map_err(|fault| fault.harmless())?;
        let earlier_part = |id: &str| doubt.receipts.iter().any(|r| r.post_id == id);
        let free = |post: &&Listed| !is_taken(&post.id) && !earlier_part(&post.id);
        for post in list.data.iter().filter(free) {
            let receipt = post.receipt(graph.wire.now());
            // Not every version of the API honours `since` to the second.
            if receipt.at < since {
                continue;
            }
            match likeness(part, photo_ids, &post.shown()) {
                Likeness::Same => {
                    let distance = receipt.at.duration_since(begun).abs();
                    if same.as_ref().is_none_or(|(d, _)| distance < *d) {
                        same = Some((distance, receipt));
                    }
                }
                Likeness::Near => near = near.or(Some(receipt)),
                Likeness::Other => {}
            }
        }
        let next = list
            .paging
            .and_then(|p| p.next.map(|next| (next, p.cursors)));
        let Some((next, cursors)) = next else {
            complete = true;
            break;
        };
        // The address of the next page holds the token; only its cursor is taken.
        let cursor = cursors.and_then(|c| c.after).or_else(|| cursor_of(&next));
        if cursor.is_none() || cursor == after {
            break;
        }
        after = cursor;
    }
    if let Some((_, receipt)) = same {
        return Ok(Look::Posted(receipt));
    }
    if let Some(receipt) = near {
        return Ok(Look::CannotTell {
            reason: "something alike is on the Page: look whether it is this post".to_owned(),
            link: receipt.permalink,
        });
    }
    if complete {
        Ok(Look::NotThere)
    } else {
        Err(SendError::NotSent {
            reason: "the Page's list of posts could not be read to its end".to_owned(),
        })
    }
}

fn cursor_of(next: &str) -> Option<String> {
    let url = url::Url::parse(next).ok()?;
    let (_, cursor) = url.query_pairs().find(|(name, _)| name == "after")?;
    Some(cursor.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_listed_post_shows() {
        let listed = |attachments: &str| -> Shown {
            let json = format!(r#"{{"id":"1_2","message":"m","attachments":{attachments}}}"#);
            let listed: Listed = serde_json::from_str(&json).expect("a listed post");
            listed.shown()
        };
        let link = listed(
            r#"{"data":[{"media_type":"link","url":"https://l.facebook.com/l.php?u=https%3A%2F%2Fa.vn%2F1%3Fx%3D2&h=AT0"}]}"#,
        );
        assert_eq!(link.link.as_deref(), Some("https://a.vn/1?x=2"));
        let album = listed(
            r#"{"data":[{"media_type":"album","subattachments":{"data":[{"media_type":"photo","target":{"id":"7"}},{"media_type":"photo","target":{"id":"8"}}]}}]}"#,
        );
        assert_eq!(album.photos, ["7", "8"]);
        assert_eq!(album.link, None);
    }
}
