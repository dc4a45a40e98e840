//! A part of a post → the record that shows it (`app.bsky.feed.post`). Pure: what had to be asked for is
//! in [`Prepared`], and the same attempt makes the same record for ever.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::facets::{self, Feature};
use crate::compose::count::graphemes;
use crate::compose::limits::{BLUESKY_PICTURES, BLUESKY_TEXT};
use crate::model::Part;

/// Where posts stand in an account's repository.
pub(super) const COLLECTION: &str = "app.bsky.feed.post";
/// Longest text, in graphemes.
pub const MAX_GRAPHEMES: usize = BLUESKY_TEXT;
/// Longest text, in bytes.
pub const MAX_BYTES: usize = 3000;
/// Most pictures.
pub const MAX_PICTURES: usize = BLUESKY_PICTURES;

/// What was asked for ahead.
#[derive(Serialize, Deserialize, Default, Debug, PartialEq)]
pub(super) struct Prepared {
    /// For each part, its pictures in order: what the server calls each, and its size in pixels.
    pub(super) blobs: Vec<Vec<Uploaded>>,
    /// Whom each handle in the text belongs to; those of nobody are not here.
    pub(super) dids: BTreeMap<String, String>,
}

/// A picture that the server has.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Uploaded {
    pub(super) blob: Value,
    /// Width and height, where they are known.
    pub(super) size: Option<(u32, u32)>,
}

/// A post by its address and content.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub(super) struct Strong {
    pub(super) uri: String,
    pub(super) cid: String,
}

/// The posts that a part answers to.
#[derive(Debug, Clone)]
pub(super) struct Thread {
    pub(super) root: Strong,
    pub(super) parent: Strong,
}

/// Whether a part's link is shown as a card: one picture beside it is the card's.
pub(super) fn is_card(part: &Part) -> bool {
    part.link.is_some() && part.pictures.len() <= 1
}

/// What Bluesky would refuse, or quietly leave out.
///
/// # Errors
/// In words.
pub(super) fn judge(part: &Part) -> Result<(), String> {
    let length = graphemes::count(&part.text);
    if length > MAX_GRAPHEMES {
        return Err(format!(
            "the text has {length} characters, and Bluesky takes {MAX_GRAPHEMES}"
        ));
    }
    if part.text.len() > MAX_BYTES {
        return Err(format!(
            "the text has {} bytes, and Bluesky takes {MAX_BYTES}",
            part.text.len()
        ));
    }
    if part.pictures.len() > MAX_PICTURES {
        return Err(format!(
            "{} pictures, and Bluesky takes {MAX_PICTURES}",
            part.pictures.len()
        ));
    }
    match &part.link {
        None if part.text.trim().is_empty() && part.pictures.is_empty() => {
            Err("the post is empty".to_owned())
        }
        Some(link) if !is_card(part) && !part.text.contains(link.as_str()) => Err(
            "a post with several pictures shows no link of its own: write the link into the text"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// Handles that a text mentions.
pub(super) fn mentioned(part: &Part) -> Vec<String> {
    let found = facets::find(&part.text, &part.marks);
    let handles = found.into_iter().filter_map(|f| match f.feature {
        Feature::Mention(handle) => Some(handle),
        _ => None,
    });
    handles.collect()
}

/// The record of a part. `at`: when the attempt was written, so that a replay writes the same.
pub(super) fn record(
    part: &Part,
    lang: &str,
    at: Timestamp,
    blobs: &[Uploaded],
    prepared: &Prepared,
    thread: Option<&Thread>,
) -> Value {
    let mut record = Map::new();
    record.insert("$type".into(), json!(COLLECTION));
    record.insert("text".into(), json!(part.text));
    record.insert("createdAt".into(), json!(created_at(at)));
    record.insert("langs".into(), json!([lang]));
    let facets = facets_of(part, &prepared.dids);
    if !facets.is_empty() {
        record.insert("facets".into(), facets.into());
    }
    if let Some(embed) = embed(part, blobs) {
        record.insert("embed".into(), embed);
    }
    if let Some(thread) = thread {
        record.insert(
            "reply".into(),
            json!({"root": thread.root, "parent": thread.parent}),
        );
    }
    Value::Object(record)
}

/// Three digits of seconds and a `Z`, as the datetime syntax prefers.
fn created_at(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn facets_of(part: &Part, dids: &BTreeMap<String, String>) -> Vec<Value> {
    let facet = |found: facets::Found| {
        let feature = match found.feature {
            Feature::Link(uri) => json!({"$type": "app.bsky.richtext.facet#link", "uri": uri}),
            Feature::Tag(tag) => json!({"$type": "app.bsky.richtext.facet#tag", "tag": tag}),
            // A handle of nobody stays a word.
            Feature::Mention(handle) => {
                json!({"$type": "app.bsky.richtext.facet#mention", "did": dids.get(&handle)?})
            }
        };
        Some(json!({
            "index": {"byteStart": found.start, "byteEnd": found.end},
            "features": [feature],
        }))
    };
    let found = facets::find(&part.text, &part.marks);
    found.into_iter().filter_map(facet).collect()
}

fn embed(part: &Part, blobs: &[Uploaded]) -> Option<Value> {
    if let Some(link) = part.link.as_ref().filter(|_| is_card(part)) {
        let mut external = json!({
            "uri": link,
            "title": part.title.as_deref().unwrap_or_default(),
            "description": part.summary.as_deref().unwrap_or_default(),
        });
        if let Some(thumb) = blobs.first() {
            external["thumb"] = thumb.blob.clone();
        }
        return Some(json!({"$type": "app.bsky.embed.external", "external": external}));
    }
    if part.pictures.is_empty() {
        return None;
    }
    let images = part.pictures.iter().zip(blobs).map(|(picture, uploaded)| {
        let mut image = json!({"image": uploaded.blob, "alt": picture.alt});
        if let Some((width, height)) = uploaded.size {
            image["aspectRatio"] = json!({"width": width, "height": height});
        }
        image
    });
    let images: Vec<Value> = images.collect();
    Some(json!({"$type": "app.bsky.embed.images", "images": images}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Picture;

    fn part(text: &str) -> Part {
        Part {
            text: text.into(),
            ..Part::default()
        }
    }

    #[test]
    fn both_limits_hold() {
        assert_eq!(judge(&part(&"ộ".repeat(300))), Ok(()));
        assert!(judge(&part(&"ộ".repeat(301))).is_err());
        let families = "👨‍👩‍👧‍👦";
        assert_eq!(
            judge(&part(&families.repeat(3000 / families.len()))),
            Ok(())
        );
        assert!(judge(&part(&families.repeat(3000 / families.len() + 1))).is_err());
        assert!(judge(&part(" ")).is_err());
    }

    #[test]
    fn a_link_is_a_card_or_stands_in_the_text() {
        let mut part = Part {
            link: Some("https://a.vn/1".into()),
            title: Some("Tin".into()),
            ..Part::default()
        };
        let record = |part: &Part| {
            let at = Timestamp::from_second(1_800_000_000).expect("a time");
            record(part, "vi", at, &[], &Prepared::default(), None)
        };
        assert_eq!(judge(&part), Ok(()));
        assert_eq!(record(&part)["embed"]["external"]["uri"], "https://a.vn/1");
        assert_eq!(record(&part)["createdAt"], "2027-01-15T08:00:00.000Z");
        let picture = Picture {
            hash: "ab".into(),
            alt: String::new(),
        };
        part.pictures = vec![picture; 2];
        assert!(judge(&part).is_err());
        part.text = "Tin https://a.vn/1".into();
        assert_eq!(judge(&part), Ok(()));
        assert_eq!(record(&part)["embed"]["$type"], "app.bsky.embed.images");
        assert_eq!(
            record(&part)["facets"][0]["index"],
            json!({"byteStart": 4, "byteEnd": 18})
        );
    }

    #[test]
    fn a_handle_of_nobody_stays_a_word() {
        let part = part("@lan.test và @ai-do.test");
        assert_eq!(mentioned(&part), ["lan.test", "ai-do.test"]);
        let dids = [("lan.test".to_owned(), "did:plc:lan".to_owned())];
        let facets = facets_of(&part, &dids.into());
        assert_eq!(facets.len(), 1);
        assert_eq!(facets[0]["features"][0]["did"], "did:plc:lan");
    }
}
