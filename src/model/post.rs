//! Exactly what goes out: made by `compose/`, frozen in the attempt, spoken by `platform/`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::article::Picture;

/// What a stretch of a part's text means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// Set apart (the title).
    Bold,
    /// An address, spelled out in the text.
    Link,
    /// A hashtag.
    Tag,
}

/// A stretch of a part's text. Offsets are UTF-8 bytes into [`Part::text`], end exclusive, on
/// character boundaries; a platform turns them into its own unit (UTF-16 for Telegram).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub kind: MarkKind,
}

/// One message on the platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// NFC, within the platform's limit by its own count.
    pub text: String,
    /// In order, not overlapping.
    pub marks: Vec<Mark>,
    /// The link the post carries (tags already added), whether or not it also stands in the text.
    pub link: Option<String>,
    /// In order.
    pub pictures: Vec<Picture>,
    /// The title, where the platform shows it apart from the text: on a link's card, above an article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about in a sentence or two, where the platform shows that apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// One share as the platform will show it: one part, or several in reply to one another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// At least one.
    pub parts: Vec<Part>,
}

/// A platform's proof of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The platform's own id of the post.
    pub post_id: String,
    /// Where people see it, if the platform tells or it can be known.
    pub permalink: Option<String>,
    /// The platform's time if it tells one, else ours when the answer was read.
    pub at: Timestamp,
}
