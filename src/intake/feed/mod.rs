//! A feed's bytes → its entries, as far as they can be had.
//!
//! RSS 0.9x to 2.0, RDF, Atom, JSON Feed, and news sitemaps. Feeds are written by hand, by plugins and
//! by accident; a reader that stops at the first wrong byte misses news. So there is one tolerant walk
//! over the XML ([`xml`]), which keeps what it had when something breaks, and one over JSON ([`json`]);
//! both give [`raw::Raw`] entries, and [`raw`] makes of these what an article needs.
//!
//! - [`identity`]: by what an entry is known again
//! - [`filter`]: which entries are wanted
//! - [`pace`]: when to come again
//!
//! Everything here is pure.

mod date;
pub mod filter;
pub mod identity;
mod json;
pub mod pace;
mod raw;
mod xml;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use url::Url;

use super::charset::{Hints, decode};

/// Entries read of one feed. Feeds have 10 to 100; what is behind this is an archive.
pub const MOST_ENTRIES: usize = 1000;
/// Categories, and pictures, of one entry.
pub const MOST_OF_AN_ENTRY: usize = 20;

/// What a feed says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Feed {
    /// What it calls itself.
    pub title: String,
    /// In its own order.
    pub entries: Vec<Entry>,
    /// When it wants to be read again, and when not.
    pub wishes: pace::Wishes,
    /// It breaks off or is broken: there may be more entries than these.
    pub broken: bool,
}

/// One entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `guid`, `id`: as it stands there.
    pub id: Option<String>,
    /// Plain, one line.
    pub title: String,
    /// Plain, in paragraphs: the summary, or what stands for one.
    pub text: String,
    /// The article's page.
    pub link: Option<String>,
    /// Another address that is its own, by its own word: a permanent one.
    pub canonical: Option<String>,
    /// When it was published, or changed if it does not say.
    pub published: Option<Timestamp>,
    /// As they stand there.
    pub categories: Vec<String>,
    /// Addresses of its pictures, the main one first.
    pub pictures: Vec<String>,
}

/// Why there is no feed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotAFeed {
    /// Nothing came.
    #[error("the answer is empty")]
    Empty,
    /// A page for people: its feed has another address.
    #[error("that is a web page, no feed")]
    Page,
    /// A list of sitemaps.
    #[error("that is a list of sitemaps; give the one with the news")]
    SitemapIndex,
    /// A sitemap without titles.
    #[error("that sitemap lists pages, but no news")]
    PlainSitemap,
    /// Anything else.
    #[error("that is neither RSS nor Atom nor JSON Feed")]
    Unknown,
}

/// Where a feed came from, which its own words may leave open.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    /// The address it came from in the end.
    pub url: &'a Url,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// The zone of times that name none.
    pub zone: &'a TimeZone,
}

/// Reads a feed.
///
/// # Errors
/// [`NotAFeed`]: not one entry, and nothing that says it is a feed.
pub fn read(bytes: &[u8], from: From<'_>) -> Result<Feed, NotAFeed> {
    let hints = Hints {
        content_type: from.content_type,
        host: from.url.host_str(),
    };
    let text = decode(bytes, hints).text;
    let text = clean(&text);
    let found = match text.bytes().next() {
        None => return Err(NotAFeed::Empty),
        Some(b'{' | b'[') => json::read(&text),
        Some(_) => xml::read(&text),
    }?;
    Ok(raw::finish(found, from))
}

/// Without what stands before the first `<` or `{` (blank lines, a stray byte order mark, PHP's
/// warnings), and without control characters, which no XML may hold.
fn clean(text: &str) -> String {
    let start = text.find(['<', '{']).unwrap_or(text.len());
    let before = text[..start].trim_end();
    let start = match text[start..].starts_with('{') && before.ends_with('[') {
        // A bare list of entries.
        true => before.len() - 1,
        false => start,
    };
    let allowed = |c: &char| !c.is_control() || matches!(c, '\n' | '\t' | '\r');
    text[start..].chars().filter(allowed).collect()
}
