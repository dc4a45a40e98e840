//! One walk over RSS, RDF, Atom or a sitemap. Elements are known by their local names; a prefix only
//! tells Media RSS and iTunes from the feed's own. What is not known is looked through, what names
//! another feed or a person is passed over, and what is never closed is closed by what follows.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::raw::{Found, Link, Markup, Raw, looks_like_markup};
use super::{MOST_ENTRIES, NotAFeed};

/// Longest text of one element that is kept, in bytes: a long article with its markup.
const MOST_TEXT: usize = 1 << 20;

/// Elements that are about something else than the entry or the feed they stand in.
const ABOUT_OTHERS: [&str; 9] = [
    "source",
    "author",
    "contributor",
    "textinput",
    "cloud",
    "comments",
    "commentrss",
    "publication",
    "rights",
];

/// An element that is being read.
struct Open {
    name: String,
    own: bool,
    /// It stands in Atom.
    atom: bool,
    attrs: Vec<(String, String)>,
    /// Others of its name within it.
    nested: usize,
    /// Its text.
    text: String,
    /// Its text with the elements within it, which makes it markup.
    markup: String,
    has_elements: bool,
}

/// An element that is passed over: its name, and others of that name within it.
type Passed = (String, usize);

#[derive(Default)]
struct Walk {
    found: Found,
    entry: Option<Raw>,
    open: Option<Open>,
    passed: Option<Passed>,
    root: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Found, NotAFeed> {
    let text = stray_brackets_escaped(text);
    let mut reader = Reader::from_str(&text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut walk = Walk::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(&tag, false),
            Ok(Event::Empty(tag)) => walk.start(&tag, true),
            Ok(Event::End(tag)) => walk.end(&local(&tag.name().0.to_ascii_lowercase())),
            Ok(Event::Text(text)) => walk.text(&text.xml10_content()),
            Ok(Event::CData(text)) => walk.text(&text.xml10_content()),
            Ok(Event::GeneralRef(name)) => walk.text(&resolved(&name)),
            Ok(Event::Eof) => break,
            Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_)) => {}
            // What was read until here is good.
            Err(_) => {
                walk.found.broken = true;
                break;
            }
        }
        if walk.found.entries.len() >= MOST_ENTRIES {
            break;
        }
    }
    walk.finish()
}

/// A `<` that begins nothing (`giá < 5 triệu`) would swallow all up to the next `>`.
fn stray_brackets_escaped(text: &str) -> Cow<'_, str> {
    let stray = |rest: &str| {
        let next = rest.chars().next();
        !next.is_some_and(|c| c.is_alphabetic() || matches!(c, '/' | '!' | '?' | '_' | ':'))
    };
    if !text
        .match_indices('<')
        .any(|(at, _)| stray(&text[at + 1..]))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for (at, _) in text.match_indices('<') {
        if stray(&text[at + 1..]) {
            out.push_str(&text[done..at]);
            out.push_str("&lt;");
            done = at + 1;
        }
    }
    out.push_str(&text[done..]);
    Cow::Owned(out)
}

/// What a reference stands for. One that XML does not know (`&nbsp;`, an entity of the document's own,
/// which are never followed) stays as it is: where it is HTML's it is read with the HTML.
fn resolved(name: &BytesRef<'_>) -> String {
    if let Ok(Some(c)) = name.resolve_char_ref() {
        return c.to_string();
    }
    let name = name.xml10_content();
    match resolve_predefined_entity(&name) {
        Some(text) => text.to_owned(),
        None => format!("&{name};"),
    }
}

/// The name without its prefix.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// Whether the element belongs to the feed's own words, not to Media RSS, iTunes and the like.
fn is_own(name: &str) -> bool {
    let prefix = name.split_once(':').map_or("", |(prefix, _)| prefix);
    !matches!(
        prefix,
        "media"
            | "itunes"
            | "googleplay"
            | "podcast"
            | "image"
            | "video"
            | "geo"
            | "slash"
            | "wfw"
            | "sy"
            | "thr"
            | "admin"
            | "creativecommons"
    )
}

fn attributes(tag: &BytesStart<'_>) -> Vec<(String, String)> {
    let mut attributes = tag.html_attributes();
    let attributes = attributes.with_checks(false).filter_map(Result::ok);
    attributes
        .map(|a| {
            let name = a.key.0.to_ascii_lowercase();
            let value = unescaped(&a.value);
            (name, value.trim().to_owned())
        })
        .collect()
}

/// References resolved, those that are none left as they are.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 12);
        let known = end.and_then(|end| Some((resolved(&BytesRef::new(rest.get(1..end)?)), end)));
        match known {
            Some((text, end)) => {
                out.push_str(&text);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

impl Walk {
    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let full = tag.name().0.to_ascii_lowercase();
        let name = local(&full);
        if self.root.is_none() {
            self.root = Some(name.clone());
        }
        let begins_entry = self.begins_entry(&full);
        if let Some((passed, nested)) = &mut self.passed {
            // Where an entry begins, what was passed over was never closed.
            if !begins_entry || self.entry.is_some() {
                *nested += usize::from(*passed == name && !empty);
                return;
            }
            self.passed = None;
        }
        if let Some(open) = &mut self.open {
            // `entry` may stand within markup; an item within an item is one not closed.
            if (begins_entry && !open.is_markup()) || open.ends_before(&name) {
                self.close();
            } else {
                open.has_elements = true;
                open.nested += usize::from(open.name == name && !empty);
                let inner = &mut open.markup;
                inner.push('<');
                inner.push_str(tag);
                inner.push_str(if empty { "/>" } else { ">" });
                return;
            }
        }
        let attrs = attributes(tag);
        if begins_entry {
            self.end_entry();
            if empty {
                return;
            }
            let mut raw = Raw::default();
            for (key, value) in &attrs {
                match key.as_str() {
                    "rdf:about" => raw.about = Some(value.clone()),
                    "xml:base" => raw.base = Some(value.clone()),
                    _ => {}
                }
            }
            self.entry = Some(raw);
            return;
        }
        if ABOUT_OTHERS.contains(&name.as_str()) || (name == "image" && self.entry.is_none()) {
            if !empty {
                self.passed = Some((name, 0));
            }
            return;
        }
        if let Some((_, base)) = attrs.iter().find(|(key, _)| key == "xml:base")
            && self.entry.is_none()
        {
            self.found.base = Some(base.clone());
        }
        let own = is_own(&full);
        if let Some(entry) = &mut self.entry
            && !own
            && let Some(address) = shown_by(&name, &attrs)
        {
            entry.pictures.push(address);
            return;
        }
        let open = Open {
            name,
            own,
            atom: self.root.as_deref() == Some("feed"),
            attrs,
            nested: 0,
            text: String::new(),
            markup: String::new(),
            has_elements: false,
        };
        if !open.is_wanted() {
            return;
        }
        self.open = Some(open);
        if empty {
            self.close();
        }
    }

    fn text(&mut self, text: &str) {
        if self.passed.is_some() {
            return;
        }
        if let Some(open) = &mut self.open
            && open.text.len() + text.len() <= MOST_TEXT
        {
            open.text.push_str(text);
            let escaped = quick_xml::escape::partial_escape(text);
            open.markup.push_str(&escaped);
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((passed, nested)) = &mut self.passed {
            if passed == name && *nested == 0 {
                self.passed = None;
            } else if passed == name {
                *nested -= 1;
            } else if self.begins_entry(name) {
                self.passed = None;
                self.end_entry();
            }
            return;
        }
        if let Some(open) = &mut self.open {
            if open.name == name && open.nested == 0 {
                self.close();
                return;
            }
            if open.name == name {
                open.nested -= 1;
            }
            if matches!(name, "item" | "channel" | "rss" | "feed" | "rdf")
                || (name == "entry" && !open.is_markup())
            {
                self.close();
            } else {
                open.markup.push_str("</");
                open.markup.push_str(name);
                open.markup.push('>');
                return;
            }
        }
        if self.begins_entry(name) {
            self.end_entry();
        }
    }

    fn end_entry(&mut self) {
        self.close();
        self.found.entries.extend(self.entry.take());
    }

    /// Whether an element of this name is an entry.
    fn begins_entry(&self, full: &str) -> bool {
        let name = full.rsplit(':').next().unwrap_or(full);
        is_own(full) && (matches!(name, "item" | "entry") || name == "url" && self.is_sitemap())
    }

    fn is_sitemap(&self) -> bool {
        self.root.as_deref() == Some("urlset")
    }

    /// An element has ended: what it says goes where it belongs.
    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        match &mut self.entry {
            Some(entry) => open.into_entry(entry),
            None => open.into_feed(&mut self.found),
        }
    }

    fn finish(mut self) -> Result<Found, NotAFeed> {
        if self.entry.is_some() {
            self.found.broken = true;
        }
        // The last one is taken too if it says enough.
        self.end_entry();
        let sitemap = self.is_sitemap();
        if sitemap {
            let listed = self.found.entries.len();
            self.found.entries.retain(|e| e.title.is_some());
            if listed > 0 && self.found.entries.is_empty() {
                return Err(NotAFeed::PlainSitemap);
            }
            return Ok(self.found);
        }
        match self.root.as_deref() {
            Some("rss" | "rdf" | "feed" | "channel") => Ok(self.found),
            Some("item" | "entry") => Ok(self.found),
            Some("html" | "head" | "body" | "script" | "div" | "meta") => Err(NotAFeed::Page),
            Some("sitemapindex") => Err(NotAFeed::SitemapIndex),
            // A feed in something else: a SOAP envelope, a PHP warning in markup.
            Some(_) if !self.found.entries.is_empty() => Ok(self.found),
            _ => Err(NotAFeed::Unknown),
        }
    }
}

impl Open {
    fn is_wanted(&self) -> bool {
        matches!(
            (self.own, self.name.as_str()),
            (
                true,
                "title" | "link" | "guid" | "id" | "identifier" | "origlink" | "loc"
            ) | (
                true,
                "description" | "summary" | "encoded" | "content" | "body" | "abstract"
            ) | (
                true,
                "pubdate" | "published" | "issued" | "date" | "created"
            ) | (
                true,
                "publication_date" | "updated" | "modified" | "lastmod" | "available"
            ) | (true, "category" | "subject" | "keywords" | "tag")
                | (
                    true,
                    "enclosure" | "image" | "thumb" | "thumbnail" | "ttl" | "hour" | "day"
                )
                | (false, "loc")
        )
    }

    /// Whether other elements may stand in it.
    fn is_markup(&self) -> bool {
        self.own
            && matches!(
                self.name.as_str(),
                "description" | "summary" | "encoded" | "content" | "body" | "title"
            )
    }

    /// Whether an element of this name can only come behind this one: it was never closed.
    fn ends_before(&self, name: &str) -> bool {
        let begins = matches!(
            name,
            "guid" | "pubdate" | "published" | "updated" | "enclosure" | "category"
        );
        let plain = !self.is_markup() && matches!(name, "title" | "link" | "description");
        begins || plain || (self.name == "title" && matches!(name, "link" | "description"))
    }

    fn attr(&self, name: &str) -> Option<&str> {
        let found = self.attrs.iter().find(|(key, _)| key == name);
        found.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// What it says, as text or as markup. RSS leaves open which of the two, and nearly all of it is
    /// markup; Atom says that it is text where it does not say `html`.
    fn said(&self) -> Option<Markup> {
        let text = self.text.trim();
        let said = match self.attr("type") {
            _ if self.has_elements => Markup::Html(self.markup.trim().to_owned()),
            Some("text" | "text/plain") => Markup::Plain(text.to_owned()),
            None if self.atom && !looks_like_markup(text) => Markup::Plain(text.to_owned()),
            _ => Markup::Html(text.to_owned()),
        };
        Some(said).filter(|s| !s.as_str().is_empty())
    }

    fn word(&self) -> Option<String> {
        let word = self.text.trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn into_entry(self, entry: &mut Raw) {
        fn first<T>(place: &mut Option<T>, value: Option<T>) {
            if place.is_none() {
                *place = value;
            }
        }
        let name = self.name.as_str();
        if !self.own {
            // `image:loc`
            entry.pictures.extend(self.word());
            return;
        }
        match name {
            "title" => first(&mut entry.title, self.said()),
            "link" => {
                let rel = self.attr("rel").unwrap_or("alternate");
                let href = self.attr("href").map(str::to_owned).or_else(|| self.word());
                let Some(href) = href else { return };
                let link = Link {
                    href,
                    rel: rel.to_ascii_lowercase(),
                    kind: self.attr("type").unwrap_or_default().to_ascii_lowercase(),
                };
                entry.links.push(link);
            }
            "loc" => first(&mut entry.original, self.word()),
            "origlink" => entry.original = self.word(),
            "guid" => {
                entry.guid_is_link = self.attr("ispermalink") != Some("false");
                first(&mut entry.id, self.word());
            }
            "id" => first(&mut entry.id, self.word()),
            "identifier" => first(&mut entry.about, self.word()),
            "description" | "summary" | "abstract" => first(&mut entry.summary, self.said()),
            "encoded" | "content" | "body" => {
                // Atom's content elsewhere: a picture, or nothing that can be read.
                match self.attr("src") {
                    Some(src) if self.attr("type").is_some_and(|t| t.starts_with("image/")) => {
                        entry.pictures.push(src.to_owned());
                    }
                    Some(_) => {}
                    None => first(&mut entry.content, self.said()),
                }
            }
            "pubdate" | "published" | "issued" | "date" | "publication_date" => {
                first(&mut entry.published, self.word());
            }
            "updated" | "modified" | "lastmod" | "created" | "available" => {
                first(&mut entry.updated, self.word());
            }
            "category" | "subject" | "keywords" | "tag" => {
                let label = self.attr("label").or(self.attr("term")).map(str::to_owned);
                let said = label.or_else(|| self.said().map(Markup::into_line));
                let several = name == "keywords";
                for word in said.iter().flat_map(|all| all.split([',', ';'])) {
                    if several {
                        entry.categories.push(word.trim().to_owned());
                    }
                }
                entry.categories.extend(said.filter(|_| !several));
            }
            "enclosure" => {
                let kind = self.attr("type").unwrap_or_default();
                let url = self.attr("url").or(self.attr("href"));
                if let Some(url) = url.filter(|u| kind.starts_with("image/") || is_picture(u)) {
                    entry.pictures.push(url.to_owned());
                }
            }
            "image" | "thumb" | "thumbnail" => {
                let url = self.attr("url").or(self.attr("href")).map(str::to_owned);
                let url = url.or_else(|| self.word());
                let nested = || address_within(&self.markup);
                entry
                    .pictures
                    .extend(url.filter(|u| u.contains('/')).or_else(nested));
            }
            _ => {}
        }
    }

    fn into_feed(self, found: &mut Found) {
        match self.name.as_str() {
            "title" if self.own && found.title.is_none() => found.title = self.said(),
            "ttl" => found.wishes.ttl(&self.text),
            "hour" => found.wishes.skip_hour(&self.text),
            "day" => found.wishes.skip_day(&self.text),
            _ => {}
        }
    }
}

/// The picture that an element of Media RSS or iTunes names in its attributes.
fn shown_by(name: &str, attrs: &[(String, String)]) -> Option<String> {
    let attr = |key: &str| {
        attrs
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_str())
    };
    let url = attr("url").or(attr("href")).filter(|u| !u.is_empty())?;
    let kind = attr("type").or(attr("medium"));
    let shows = match name {
        "thumbnail" | "image" => true,
        "content" => kind.map_or_else(|| is_picture(url), |k| k.starts_with("image")),
        _ => false,
    };
    shows.then(|| url.to_owned())
}

/// Some write `<image><url>…</url></image>` into an item.
fn address_within(markup: &str) -> Option<String> {
    let (_, rest) = markup.split_once("<url>")?;
    let (url, _) = rest.split_once("</url>")?;
    Some(url.trim().to_owned()).filter(|u| !u.is_empty())
}

/// By its name's end; what it is is known when it is fetched.
pub(super) fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    [".jpg", ".jpeg", ".png", ".webp", ".gif"]
        .iter()
        .any(|end| path.ends_with(end))
}
