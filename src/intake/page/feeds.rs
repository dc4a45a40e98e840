//! The feeds that a page leads to.

use serde::Serialize;
use url::Url;

use crate::intake::html::Attributes;

/// A feed's format, as far as the page tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedKind {
    /// RSS of any version.
    Rss,
    /// Atom.
    Atom,
    /// JSON Feed.
    Json,
}

/// A feed that a page names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedLink {
    /// As the page calls it; may be empty.
    pub title: String,
    /// Where it is.
    pub address: Url,
    /// Its format.
    pub kind: FeedKind,
}

/// A feed as it stands on the page.
#[derive(Debug, Clone)]
pub(super) struct RawFeed {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) kind: FeedKind,
    /// In a `<link>`, not only in the text.
    pub(super) is_declared: bool,
}

/// Feeds stand at these places on the sites of common systems: WordPress and Drupal (`/feed`,
/// `/rss.xml`), Jekyll and Hugo (`/feed.xml`, `/index.xml`), Blogger (`/feeds/posts/default`), Joomla
/// (`?format=feed&type=rss`), and what Vietnamese portals and newspapers call theirs.
const USUAL: [&str; 11] = [
    "/feed",
    "/rss",
    "/rss.xml",
    "/feed.xml",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/feeds/posts/default",
    "/?format=feed&type=rss",
    "/rss/home.rss",
    "/rss/trang-chu.rss",
];

/// The usual addresses of feeds on a page's site, to be tried one after another where the page names
/// none and a person asked.
pub fn usual_feeds(page: &Url) -> Vec<Url> {
    USUAL
        .iter()
        .filter_map(|path| page.join(path).ok())
        .collect()
}

/// Of `<link rel="alternate">`, by its type: <https://html.spec.whatwg.org/multipage/links.html#link-type-alternate>.
/// `rel="feed"` says so without one.
pub(super) fn declared(href: &str, is_feed: bool, attributes: Attributes<'_>) -> Option<RawFeed> {
    let kind = if is_type(attributes, "application/rss+xml")
        || is_type(attributes, "application/rdf+xml")
    {
        FeedKind::Rss
    } else if is_type(attributes, "application/atom+xml") {
        FeedKind::Atom
    } else if is_type(attributes, "application/feed+json") {
        FeedKind::Json
    } else if is_type(attributes, "application/json")
        || is_type(attributes, "text/xml")
        || is_type(attributes, "application/xml")
    {
        // WordPress names its API so too; a sitemap is XML as well.
        by_path(href)?
    } else if is_feed {
        by_path(href).unwrap_or(FeedKind::Rss)
    } else {
        return None;
    };
    Some(RawFeed {
        title: attributes.get("title").unwrap_or_default().to_owned(),
        href: href.to_owned(),
        kind,
        is_declared: true,
    })
}

/// Of `<a href>`: portals list their feeds on a page of links and declare none.
pub(super) fn linked(href: &str) -> Option<RawFeed> {
    by_path(href).map(|kind| RawFeed {
        title: String::new(),
        href: href.to_owned(),
        kind,
        is_declared: false,
    })
}

/// What the last part of an address says.
fn by_path(href: &str) -> Option<FeedKind> {
    let path = href.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    let last = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    if last.ends_with("feed.json") {
        return Some(FeedKind::Json);
    }
    if last.ends_with("atom.xml") || last.ends_with(".atom") {
        return Some(FeedKind::Atom);
    }
    let is_rss = last.ends_with(".rss")
        || last.ends_with("rss.xml")
        || last.ends_with("feed.xml")
        || last.ends_with("rss.aspx")
        || last.ends_with("rss.ashx")
        || last == "feed"
        || last == "index.rdf";
    is_rss.then_some(FeedKind::Rss)
}

/// Whether `type` is this, parameters aside.
pub(super) fn is_type(attributes: Attributes<'_>, what: &str) -> bool {
    let given = attributes.get("type").unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    given.eq_ignore_ascii_case(what)
}
