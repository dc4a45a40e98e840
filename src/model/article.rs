//! What is to go out. An article has no state of its own; its shares do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::actor::By;
use super::evergreen::Evergreen;
use super::id::{ArticleId, MemberId, TopicId, UnitId};

/// Longest text of an article, in characters: the longest any platform takes (Facebook, PLATFORMS 1).
pub const MAX_TEXT_CHARS: usize = 63_206;
/// Longest title, in characters: a headline; the rows of tables and queues rest on it.
pub const MAX_TITLE_CHARS: usize = 300;
/// Highest article priority; 0 is the default and the lowest.
pub const MAX_PRIORITY: u8 = 9;

/// SHA-256, lower-case hex: the name of a picture's file.
pub type MediaHash = String;

/// A picture of an article: a file in the media folder, named by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// Lower-case hex SHA-256 of the bytes.
    pub hash: MediaHash,
    /// What it shows, for those who cannot see it.
    pub alt: String,
}

/// Longest headline made from a text, in characters.
const HEADLINE_CHARS: usize = 80;

/// What of an article is seen by readers: the part that approval is of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Headline; may be empty.
    pub title: String,
    /// Body as typed; may be empty when there is a link.
    pub text: String,
    /// Where it leads, as given (http or https).
    pub link: Option<String>,
    /// In order.
    pub pictures: Vec<Picture>,
}

/// An article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    /// UUIDv7.
    pub id: ArticleId,
    /// What readers see.
    pub content: Content,
    /// Counts up with every change of `content`; 1 at first. Approval names it.
    pub version: u32,
    /// A declared topic.
    pub topic: Option<TopicId>,
    /// 0–9, higher first where a schedule's order is `priority`.
    pub priority: u8,
    /// Where it came from: `typed`, `import:FILE`, a feed's id.
    pub source: String,
    /// Who added it.
    pub by: By,
    /// Who is counted as having queued it.
    pub member: Option<MemberId>,
    /// The unit its shares count for.
    pub unit: Option<UnitId>,
    /// When it was added.
    pub added: Timestamp,
    /// The address that the page behind the link says is its own, where it was looked at. Readers never
    /// see it; it tells that another link leads to the same.
    pub canonical: Option<String>,
    /// It is shared again and again by this rule.
    pub evergreen: Option<Evergreen>,
}

impl Article {
    /// What people would call it: its title, else the first line of its text, else its link.
    pub fn headline(&self) -> String {
        let c = &self.content;
        if !c.title.is_empty() {
            return c.title.clone();
        }
        let first = c.text.lines().next().unwrap_or_default();
        if first.is_empty() {
            return c.link.clone().unwrap_or_default();
        }
        let mut cut: String = first.chars().take(HEADLINE_CHARS).collect();
        if cut.len() < first.len() {
            cut.push('…');
        }
        cut
    }
}
