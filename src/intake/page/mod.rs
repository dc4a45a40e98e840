//! A web page → what it says of itself: title, summary, picture, when it was published, its feeds.
//!
//! Where several say it, the order is: OpenGraph (<https://ogp.me>), JSON-LD, Twitter cards, plain HTML.
//! What pages get wrong is told where it is mended, below.

mod dates;
mod facts;
mod feeds;
mod json_ld;
mod picture;
mod words;

use jiff::tz::TimeZone;
use serde::Serialize;
use url::{Host, Url};

use self::facts::{Facts, Reader};
use self::json_ld::Described;
use self::words::{cut, is_placeholder, said, same, without_site};
use super::html::{beginning, walk};
use crate::compose::link_key;
use crate::model::article::MAX_TITLE_CHARS;

pub use self::dates::Published;
pub use self::feeds::{FeedKind, FeedLink, usual_feeds};
pub use self::picture::PagePicture;

/// So much of a page is read, in bytes: what it says of itself stands in the first tens of kilobytes,
/// behind the scripts of some portals in the first hundreds.
pub const MOST_PAGE: usize = 512 << 10;

/// So much of what stands for a title is looked at, in bytes: the longest one, four bytes a character,
/// with as long a name of its site.
const MOST_TITLE: usize = 8 * MAX_TITLE_CHARS;

/// Longest summary, in characters. Some pages put the whole article there.
const MOST_SUMMARY: usize = 2000;

/// What a page says of itself. Addresses are whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PageMeta {
    /// Headline, without the site's name.
    pub title: Option<String>,
    /// Summary.
    pub description: Option<String>,
    /// The picture shown beside it.
    pub picture: Option<PagePicture>,
    /// What the site is called.
    pub site_name: Option<String>,
    /// The page's own address for itself, where it can be believed.
    pub canonical: Option<Url>,
    /// When it was published.
    pub published: Option<Published>,
    /// Its language, as BCP 47 has it.
    pub lang: Option<String>,
    /// Feeds that it names; those declared stand first.
    pub feeds: Vec<FeedLink>,
    /// It is an AMP copy of this page.
    pub amp_of: Option<Url>,
    /// It sends its readers on to this page at once, and is none itself.
    pub moved_to: Option<Url>,
}

/// What the page found at `at` says of itself. A date without a zone is in `zone`. Every input gives an
/// answer; what is not there is left out.
pub fn read(markup: &str, at: &Url, zone: &TimeZone) -> PageMeta {
    let mut reader = Reader::default();
    walk(markup, |piece| reader.see(piece));
    let facts = reader.facts;
    let base = facts.base.as_deref().and_then(|b| at.join(b).ok());
    let page = Page {
        described: json_ld::read(&facts.json_ld, at),
        base: base.filter(is_web).unwrap_or_else(|| at.clone()),
        at,
        facts,
    };
    let site_name = page.site_name();
    let canonical = page.canonical();
    let title = page.title(site_name.as_deref());
    PageMeta {
        description: page.description(title.as_deref()),
        picture: page.picture(),
        published: page.published(zone),
        lang: page.lang(),
        feeds: page.feeds(),
        amp_of: canonical
            .clone()
            .filter(|canonical| page.facts.amp && canonical != at),
        moved_to: page.moved_to(title.is_some()),
        title,
        site_name,
        canonical,
    }
}

struct Page<'a> {
    facts: Facts,
    described: Described,
    /// Against which its addresses are read.
    base: Url,
    at: &'a Url,
}

impl Page<'_> {
    /// The first of these names that says something.
    fn meta(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.metas(name).next())
    }

    fn metas<'s>(&'s self, name: &'s str) -> impl Iterator<Item = String> + 's {
        self.facts
            .metas
            .iter()
            .filter(move |(n, _)| n == name)
            .filter_map(|(_, value)| said(value))
    }

    fn site_name(&self) -> Option<String> {
        self.meta(&["og:site_name"])
            .or_else(|| said(self.described.site_name.as_deref()?))
            .or_else(|| self.meta(&["application-name"]))
            .map(|name| cut(&name, MAX_TITLE_CHARS))
    }

    /// A title that is only the site's name stands on every page of a portal that never sets one.
    fn title(&self, site: Option<&str>) -> Option<String> {
        let candidates = [
            self.meta(&["og:title"]),
            self.described.title.as_deref().and_then(said),
            self.meta(&["twitter:title"]),
            self.facts.title.as_deref().and_then(said),
            self.facts.heading.as_deref().and_then(said),
            self.meta(&["title", "dc.title", "dcterms.title"]),
        ];
        let candidates: Vec<String> = candidates
            .into_iter()
            .flatten()
            // A whole text in the place of a title has signs without end to be cut at.
            .map(|title| without_site(beginning(&title, MOST_TITLE), site))
            .collect();
        let is_site = |title: &&String| site.is_some_and(|site| same(title, site));
        let chosen = candidates
            .iter()
            .find(|t| !is_site(t))
            .or(candidates.first());
        chosen.map(|title| cut(title, MAX_TITLE_CHARS))
    }

    fn description(&self, title: Option<&str>) -> Option<String> {
        let candidates = [
            self.meta(&["og:description"]),
            self.described.description.as_deref().and_then(said),
            self.meta(&["twitter:description"]),
            self.meta(&["description", "dc.description", "dcterms.description"]),
        ];
        candidates
            .into_iter()
            .flatten()
            .find(|text| !title.is_some_and(|title| same(title, text)))
            .map(|text| cut(&text, MOST_SUMMARY))
    }

    /// Several that differ say nothing (<https://developers.google.com/search/docs/crawling-indexing/consolidate-duplicate-urls>
    /// tells so of its own reading); neither does the front page's, another machine's or one that has
    /// lost what tells this page from others. Systems write those into every page.
    fn canonical(&self) -> Option<Url> {
        let mut linked: Vec<Url> = self
            .facts
            .canonicals
            .iter()
            .filter_map(|c| self.address(c))
            .collect();
        linked.dedup();
        let linked = if linked.len() == 1 {
            linked.pop()
        } else {
            None
        };
        let others = [self.meta(&["og:url"]), self.described.url.clone()];
        let others = others
            .into_iter()
            .flatten()
            .filter_map(|a| self.address(&a));
        linked
            .into_iter()
            .chain(others)
            .find(|url| self.is_believed(url))
    }

    fn is_believed(&self, canonical: &Url) -> bool {
        let same_host = canonical.host_str() == self.at.host_str();
        let is_public = matches!(canonical.host(), Some(Host::Domain(d)) if d.contains('.'));
        let is_front = is_front(canonical) && !is_front(self.at);
        // The same script without the query that says which article.
        let lost = canonical.path() == self.at.path()
            && is_script(canonical)
            && canonical.query().is_none()
            && link_key(self.at.as_str()).is_some_and(|key| key.contains('?'));
        (same_host || is_public) && !is_front && !(same_host && lost)
    }

    fn published(&self, zone: &TimeZone) -> Option<Published> {
        let named = [
            "article:published_time",
            "og:article:published_time",
            "og:published_time",
        ];
        let plain = [
            "datepublished",
            "pubdate",
            "publishdate",
            "publish-date",
            "publish_date",
            "publication_date",
            "article.published",
            "dcterms.issued",
            "dc.date.issued",
            "dcterms.created",
            "dcterms.date",
            "dc.date",
            "parsely-pub-date",
            "sailthru.date",
            "cxenseparse:recs:publishtime",
            "date",
        ];
        let of = |names: &[&str]| {
            names
                .iter()
                .flat_map(|name| self.metas(name))
                .find_map(|text| dates::read(&text, zone))
        };
        of(&named)
            .or_else(|| dates::read(self.described.published.as_deref()?, zone))
            .or_else(|| of(&plain))
            .or_else(|| {
                let all = &self.facts.dates;
                let read = |after: bool| {
                    all.iter()
                        .filter(move |date| date.after_heading == after)
                        .filter_map(|date| dates::read(&date.text, zone))
                };
                // Before the heading stands the day on which the page is read, as often as not.
                read(true).next().or_else(|| {
                    let mut before: Vec<Published> = read(false).collect();
                    before.dedup();
                    (before.len() == 1).then(|| before.pop()).flatten()
                })
            })
    }

    /// OpenGraph writes `vi_VN`.
    fn lang(&self) -> Option<String> {
        let lang = self
            .facts
            .lang
            .clone()
            .filter(|l| !l.is_empty())
            .or_else(|| self.meta(&["og:locale"]))
            .or_else(|| self.described.lang.clone())
            .or_else(|| self.meta(&["content-language", "language"]))?;
        let lang = lang.trim().replace('_', "-");
        let is_tag = (2..=35).contains(&lang.len())
            && lang.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_tag.then_some(lang)
    }

    fn feeds(&self) -> Vec<FeedLink> {
        let mut feeds: Vec<FeedLink> = Vec::new();
        let raw = &self.facts.feeds;
        let declared = raw.iter().filter(|f| f.is_declared);
        for feed in declared.chain(raw.iter().filter(|f| !f.is_declared)) {
            let Some(address) = self.address(&feed.href) else {
                continue;
            };
            // WordPress declares a feed of each article's comments beside the site's own.
            let is_comments = address.path().contains("/comments/")
                || self.at.path().trim_end_matches('/').len() > 1
                    && address.path().trim_end_matches('/')
                        == format!("{}/feed", self.at.path().trim_end_matches('/'))
                    && feed.is_declared
                    && feeds.iter().any(|f| f.kind == feed.kind);
            if is_comments || feeds.iter().any(|f| f.address == address) {
                continue;
            }
            feeds.push(FeedLink {
                title: said(&feed.title).unwrap_or_default(),
                address,
                kind: feed.kind,
            });
        }
        feeds
    }

    /// `<meta http-equiv="refresh" content="0; url=…">` on a page that says nothing else, or at once.
    fn moved_to(&self, is_page: bool) -> Option<Url> {
        let refresh = self.meta(&["refresh"])?;
        let (after, rest) = refresh.split_once([';', ','])?;
        let after: f32 = after.trim().parse().ok()?;
        if is_page && after > 0.0 {
            return None;
        }
        let rest = rest.trim();
        let address = match rest.get(..3) {
            Some(url) if url.eq_ignore_ascii_case("url") => {
                rest[3..].trim_start().strip_prefix('=')?.trim()
            }
            _ => rest,
        };
        self.address(address.trim_matches(['"', '\'']))
            .filter(|to| link_key(to.as_str()) != link_key(self.at.as_str()))
    }

    /// A whole http(s) address.
    fn address(&self, text: &str) -> Option<Url> {
        let text = text.trim();
        if text.is_empty() || is_placeholder(text) {
            return None;
        }
        self.base.join(text).ok().filter(is_web)
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// A site's first page, by the names that it has.
fn is_front(url: &Url) -> bool {
    const NAMES: [&str; 14] = [
        "",
        "index.html",
        "index.htm",
        "index.php",
        "index.aspx",
        "default.aspx",
        "default.htm",
        "home",
        "home.aspx",
        "trang-chu",
        "trangchu",
        "vi",
        "vn",
        "web/guest",
    ];
    let path = url.path().trim_matches('/').to_ascii_lowercase();
    url.query().is_none() && NAMES.contains(&path.as_str())
}

/// One program that shows every article, by its query.
fn is_script(url: &Url) -> bool {
    const ENDINGS: [&str; 6] = [".aspx", ".asp", ".php", ".jsp", ".do", ".cgi"];
    let path = url.path().to_ascii_lowercase();
    path.ends_with('/') || ENDINGS.iter().any(|ending| path.ends_with(ending))
}
