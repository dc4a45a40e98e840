//! One walk over RSS, RDF, Atom or a sitemap. Elements are known by their local names; a prefix only
//! tells Media RSS and iTunes from the feed's own. What is not known is looked through, what names
//! another feed or a person is passed over, and what is never closed is closed by what follows.

mod element;

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use self::element::{Open, shown_by};
use super::raw::{Found, Raw};
use super::{MOST_ENTRIES, NotAFeed};
use crate::intake::html::reference_end;

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
        let end = reference_end(rest);
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
