//! What stands in a feed → what an article needs.

use url::Url;

use super::date;
use super::pace::Wishes;
use super::{Entry, Feed, From, MOST_OF_AN_ENTRY};
use crate::intake::html::reference_end;
use crate::intake::text::{html_to_line, html_to_text_at, plain_line, plain_text};
use crate::model::article::MAX_TITLE_CHARS;

/// A text as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Markup {
    Plain(String),
    Html(String),
}

impl Markup {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Markup::Plain(text) | Markup::Html(text) => text,
        }
    }
    /// On one line.
    pub(super) fn into_line(self) -> String {
        match self {
            Markup::Plain(text) => plain_line(&text),
            Markup::Html(html) => {
                let once = html_to_line(&html);
                // Escaped twice: what is left still has an element or an entity in it.
                if looks_like_markup(&once) {
                    html_to_line(&once)
                } else {
                    once
                }
            }
        }
    }
    fn into_text(self, base: &Url) -> String {
        match self {
            Markup::Plain(text) => plain_text(&text),
            Markup::Html(html) => {
                let once = html_to_text_at(&html, Some(base));
                if looks_like_markup(&once) {
                    html_to_text_at(&once, Some(base))
                } else {
                    once
                }
            }
        }
    }
}

/// Whether a text that was read from HTML is HTML again: many plugins escape twice.
pub(super) fn looks_like_markup(text: &str) -> bool {
    let closes = [
        "</p>",
        "</b>",
        "</a>",
        "</i>",
        "</div>",
        "</span>",
        "</strong>",
        "</em>",
        "<br",
    ];
    closes.iter().any(|tag| text.contains(tag)) || has_entity(text)
}

fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let name = reference_end(&text[at..]).map(|end| &text[at + 1..at + end]);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'#';
        name.is_some_and(|n| n.len() > 1 && n.bytes().all(plain))
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) rel: String,
    pub(super) kind: String,
}

/// An entry as it stands there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) id: Option<String>,
    pub(super) guid_is_link: bool,
    pub(super) about: Option<String>,
    pub(super) title: Option<Markup>,
    pub(super) links: Vec<Link>,
    /// The link as it was before somebody put a counter before it; a sitemap's `loc`.
    pub(super) original: Option<String>,
    pub(super) summary: Option<Markup>,
    pub(super) content: Option<Markup>,
    pub(super) published: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) categories: Vec<String>,
    pub(super) pictures: Vec<String>,
    pub(super) base: Option<String>,
}

/// A feed as it stands there.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) title: Option<Markup>,
    pub(super) base: Option<String>,
    pub(super) entries: Vec<Raw>,
    pub(super) wishes: Wishes,
    pub(super) broken: bool,
}

pub(super) fn finish(found: Found, from: From<'_>) -> Feed {
    let base = found.base.as_deref().and_then(|b| from.url.join(b).ok());
    let base = base.unwrap_or_else(|| from.url.clone());
    let entries = found.entries.into_iter().map(|raw| entry(raw, &base, from));
    Feed {
        title: cut(found.title.map(Markup::into_line).unwrap_or_default()),
        entries: entries.filter(says_something).collect(),
        wishes: found.wishes,
        broken: found.broken,
    }
}

/// An entry without a word and without a page is nothing to share.
fn says_something(entry: &Entry) -> bool {
    !entry.title.is_empty() || !entry.text.is_empty() || entry.link.is_some()
}

fn entry(raw: Raw, base: &Url, from: From<'_>) -> Entry {
    let own = raw.base.as_deref().and_then(|b| base.join(b).ok());
    let base = own.as_ref().unwrap_or(base);
    let link = link(&raw, base);
    let canonical = canonical(&raw, base).filter(|own| link.as_ref() != Some(own));
    let date = |text: &Option<String>| date::read(text.as_deref()?, from.zone);
    let published = date(&raw.published).or_else(|| date(&raw.updated));
    let mut pictures = Vec::new();
    let attached = raw.links.iter().filter(|l| l.rel == "enclosure");
    let attached = attached.filter(|l| l.kind.starts_with("image/"));
    let shown = [&raw.summary, &raw.content].into_iter().flatten();
    let shown = shown.flat_map(|markup| match markup {
        Markup::Html(html) => shown_in(html),
        Markup::Plain(_) => Vec::new(),
    });
    let all = raw.pictures.iter().cloned();
    for address in all.chain(attached.map(|l| l.href.clone())).chain(shown) {
        if let Some(address) = web(&address, base)
            && !pictures.contains(&address)
            && pictures.len() < MOST_OF_AN_ENTRY
        {
            pictures.push(address);
        }
    }
    let mut categories: Vec<String> = Vec::new();
    for category in raw.categories {
        let category = category.trim().to_owned();
        let fresh = !category.is_empty() && !categories.contains(&category);
        if fresh && categories.len() < MOST_OF_AN_ENTRY {
            categories.push(category);
        }
    }
    let id = raw.id.or(raw.about);
    let title = raw.title.map(Markup::into_line).unwrap_or_default();
    // A summary that only repeats the title says nothing; the content may.
    let text = [raw.summary, raw.content]
        .into_iter()
        .flatten()
        .map(|markup| markup.into_text(base))
        .find(|text| !text.is_empty() && *text != title)
        .unwrap_or_default();
    Entry {
        id,
        title: cut(title),
        text,
        link,
        canonical,
        published,
        categories,
        pictures,
    }
}

/// The page of an entry: the original before a counter's, the alternate before any other, and the
/// guid where it is a link and no other is given.
fn link(raw: &Raw, base: &Url) -> Option<String> {
    let usual = |l: &&Link| l.rel == "alternate" && !l.kind.starts_with("application/json");
    let html = raw
        .links
        .iter()
        .find(|l| usual(l) && (l.kind.is_empty() || l.kind.contains("html")));
    let usual = html.or_else(|| raw.links.iter().find(usual));
    let other = raw.links.iter().find(|l| {
        !matches!(
            l.rel.as_str(),
            "self" | "edit" | "enclosure" | "replies" | "hub"
        )
    });
    let guid = permanent(raw);
    let about = raw.about.as_deref().filter(|a| a.starts_with("http"));
    [
        raw.original.as_deref(),
        usual.map(|l| l.href.as_str()),
        other.map(|l| l.href.as_str()),
        guid,
        about,
    ]
    .into_iter()
    .flatten()
    .find_map(|address| web(address, base))
}

/// A guid that is the entry's address. Only a whole one: a relative guid is a number.
fn permanent(raw: &Raw) -> Option<&str> {
    let whole = |id: &&str| id.starts_with("http://") || id.starts_with("https://");
    raw.id.as_deref().filter(whole).filter(|_| raw.guid_is_link)
}

/// What the entry calls its own address.
fn canonical(raw: &Raw, base: &Url) -> Option<String> {
    let said = raw.links.iter().find(|l| l.rel == "canonical");
    let said = said.map(|l| l.href.as_str()).or_else(|| permanent(raw));
    let own = Url::parse(&web(said?, base)?).ok()?;
    // The front page is everybody's.
    (own.path() != "/" || own.query().is_some()).then(|| own.into())
}

/// Longest address that is taken, in bytes: servers and browsers in use stop at 2,000 to 8,000.
const LONGEST_ADDRESS: usize = 8192;

/// A whole http(s) address, spaces and line breaks within it taken out as browsers do.
fn web(address: &str, base: &Url) -> Option<String> {
    if address.len() > LONGEST_ADDRESS {
        return None;
    }
    let address: String = address.chars().filter(|c| !c.is_control()).collect();
    let address = address.trim();
    if address.is_empty() {
        return None;
    }
    let url = base.join(address).ok()?;
    let fits = matches!(url.scheme(), "http" | "https") && url.username().is_empty();
    (fits && url.has_host()).then(|| url.into())
}

/// The pictures that markup shows, without those that only count.
fn shown_in(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lower = html.to_ascii_lowercase();
    let mut at = 0;
    while let Some(start) = lower[at..].find("<img") {
        let start = at + start + 4;
        let end = lower[start..].find('>').map_or(lower.len(), |e| start + e);
        let (tag, lower_tag) = (&html[start..end], &lower[start..end]);
        at = end;
        let counts = ["width=\"1\"", "height=\"1\"", "width='1'", "height='1'"];
        if counts.iter().any(|c| lower_tag.contains(c)) {
            continue;
        }
        let source = ["data-src", "data-original", "src"]
            .iter()
            .find_map(|name| value_of(tag, lower_tag, name));
        found.extend(source.filter(|s| !s.starts_with("data:")));
        if found.len() >= MOST_OF_AN_ENTRY {
            break;
        }
    }
    found
}

fn value_of(tag: &str, lower: &str, name: &str) -> Option<String> {
    let mut at = 0;
    while let Some(found) = lower[at..].find(name) {
        let start = at + found;
        at = start + name.len();
        let own = lower[..start].ends_with(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let Some(rest) = tag[at..].trim_start().strip_prefix('=') else {
            continue;
        };
        if !own {
            continue;
        }
        let rest = rest.trim_start();
        let value = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
            _ => rest.split([' ', '\t', '\n', '/']).next()?,
        };
        return Some(value.trim().replace("&amp;", "&")).filter(|v| !v.is_empty());
    }
    None
}

/// A headline that is a whole text is cut at a word.
fn cut(title: String) -> String {
    if title.chars().count() <= MAX_TITLE_CHARS {
        return title;
    }
    let kept: String = title.chars().take(MAX_TITLE_CHARS - 1).collect();
    let kept = kept
        .rsplit_once(' ')
        .map_or(kept.as_str(), |(before, _)| before);
    format!("{kept}…")
}
