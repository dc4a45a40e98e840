//! Schema.org data in a page's `application/ld+json` scripts:
//! <https://developers.google.com/search/docs/appearance/structured-data/article>.

use std::collections::HashMap;

use serde_json::{Deserializer, Map, Value};
use url::Url;

use crate::compose::link_key;

/// Nodes are looked for so deep; serde_json itself refuses what is nested deeper than 128.
const MOST_DEPTH: usize = 8;

/// No page describes more.
const MOST_NODES: usize = 500;

/// What is said of the page's article.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Described {
    pub(super) title: Option<String>,
    pub(super) description: Option<String>,
    pub(super) picture: Option<String>,
    pub(super) picture_alt: Option<String>,
    pub(super) site_name: Option<String>,
    pub(super) url: Option<String>,
    pub(super) published: Option<String>,
    pub(super) lang: Option<String>,
}

type Node = Map<String, Value>;

/// What the scripts say of the page at `page`.
pub(super) fn read(scripts: &[String], page: &Url) -> Described {
    let values: Vec<Value> = scripts.iter().flat_map(|script| values(script)).collect();
    let mut nodes = Vec::new();
    for value in &values {
        gather(value, 0, &mut nodes);
    }
    let graph = Graph::of(&nodes);
    let Some(node) = pick(&nodes, page) else {
        return Described {
            site_name: graph.site_name(None),
            ..Described::default()
        };
    };
    let picture = ["image", "primaryImageOfPage", "thumbnail", "thumbnailUrl"]
        .iter()
        .find_map(|name| graph.picture(node.get(*name)?, 0));
    let (picture, picture_alt) = picture.unzip();
    Described {
        title: text(node, "headline").or_else(|| text(node, "name")),
        description: text(node, "description"),
        picture,
        picture_alt: picture_alt.flatten(),
        site_name: graph.site_name(Some(node)),
        url: address(node),
        published: ["datePublished", "dateCreated", "uploadDate"]
            .iter()
            .find_map(|name| text(node, name)),
        lang: text(node, "inLanguage"),
    }
}

/// The JSON values in a script, as well as they can be had.
fn values(script: &str) -> Vec<Value> {
    // What systems put around it for old browsers.
    let mut script = script.trim();
    for (before, after) in [
        ("//<![CDATA[", "//]]>"),
        ("<![CDATA[", "]]>"),
        ("<!--", "-->"),
    ] {
        script = script.strip_prefix(before).unwrap_or(script);
        script = script.strip_suffix(after).unwrap_or(script).trim();
    }
    let read = |text: &str| {
        Deserializer::from_str(text)
            .into_iter::<Value>()
            .map_while(Result::ok)
            .collect::<Vec<_>>()
    };
    let found = read(script);
    if found.is_empty() {
        return read(&mended(script));
    }
    found
}

/// Line ends within texts, and commas before a closing bracket: what templates make that put texts
/// between quotes.
fn mended(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for c in json.chars() {
        match c {
            c if in_text && c.is_control() => {
                out.push(' ');
                continue;
            }
            '"' if !escaped => in_text = !in_text,
            ']' | '}' if !in_text => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
            }
            _ => {}
        }
        escaped = in_text && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// Every node, also those in `@graph`, lists and within others.
fn gather<'a>(value: &'a Value, depth: usize, nodes: &mut Vec<&'a Node>) {
    if depth > MOST_DEPTH || nodes.len() >= MOST_NODES {
        return;
    }
    match value {
        Value::Array(values) => {
            for value in values {
                gather(value, depth + 1, nodes);
            }
        }
        Value::Object(node) => {
            if node.contains_key("@type") || node.contains_key("@id") {
                nodes.push(node);
            }
            for value in node.values().filter(|v| v.is_array() || v.is_object()) {
                gather(value, depth + 1, nodes);
            }
        }
        _ => {}
    }
}

/// A node's types, without the vocabulary's address.
fn types(node: &Node) -> impl Iterator<Item = &str> {
    let types = match node.get("@type") {
        Some(Value::Array(types)) => types.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    types
        .iter()
        .filter_map(Value::as_str)
        .map(|t| t.rsplit(['/', '#', ':']).next().unwrap_or(t))
}

fn is(node: &Node, wanted: impl Fn(&str) -> bool) -> bool {
    types(node).any(wanted)
}

/// How well a node's type tells that it is about the page itself.
fn rank(node: &Node) -> Option<u8> {
    if is(node, |t| {
        t.ends_with("Article")
            || matches!(
                t,
                "BlogPosting" | "LiveBlogPosting" | "SocialMediaPosting" | "Report"
            )
    }) {
        Some(0)
    } else if is(node, |t| {
        matches!(t, "VideoObject" | "Event" | "SpecialAnnouncement")
    }) {
        Some(1)
    } else if is(node, |t| matches!(t, "WebPage" | "ItemPage" | "AboutPage")) {
        Some(2)
    } else {
        None
    }
}

/// The article; where there are several, the one whose address is the page's.
fn pick<'a>(nodes: &[&'a Node], page: &Url) -> Option<&'a Node> {
    let key = link_key(page.as_str());
    let is_here = |node: &Node| {
        address(node)
            .and_then(|a| page.join(&a).ok())
            .is_some_and(|a| link_key(a.as_str()) == key)
    };
    nodes
        .iter()
        .filter(|node| {
            text(node, "headline")
                .or_else(|| text(node, "name"))
                .is_some()
        })
        .filter_map(|node| Some((rank(node)?, node)))
        .min_by_key(|(rank, node)| (*rank, !is_here(node)))
        .map(|(_, node)| *node)
}

/// The address a node gives itself.
fn address(node: &Node) -> Option<String> {
    text(node, "url").or_else(|| match node.get("mainEntityOfPage")? {
        Value::String(address) => Some(address.clone()),
        Value::Object(page) => text(page, "@id").or_else(|| text(page, "url")),
        _ => None,
    })
}

/// A text, the first of several, a value with a language, or what a thing is called.
fn text(node: &Node, name: &str) -> Option<String> {
    fn of(value: &Value, depth: usize) -> Option<String> {
        match value {
            _ if depth > 2 => None,
            Value::String(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Value::Array(all) => all.iter().find_map(|v| of(v, depth + 1)),
            Value::Object(node) => ["@value", "name"]
                .iter()
                .find_map(|name| of(node.get(*name)?, depth + 1)),
            _ => None,
        }
    }
    of(node.get(name)?, 0)
}

/// Nodes by their id: they name each other.
struct Graph<'a> {
    nodes: &'a [&'a Node],
    by_id: HashMap<&'a str, &'a Node>,
}

impl<'a> Graph<'a> {
    fn of(nodes: &'a [&'a Node]) -> Self {
        let mut by_id: HashMap<&str, &Node> = HashMap::new();
        for node in nodes {
            if let Some(id) = node.get("@id").and_then(Value::as_str) {
                // The node itself says more than a mention of it.
                let known = by_id.entry(id).or_insert(node);
                if node.len() > known.len() {
                    *known = node;
                }
            }
        }
        Self { nodes, by_id }
    }

    fn whole(&self, node: &'a Node) -> &'a Node {
        let id = node.get("@id").and_then(Value::as_str);
        id.and_then(|id| self.by_id.get(id).copied())
            .unwrap_or(node)
    }

    /// An address and what the picture shows: a string, an object, a name for one, the first of a list.
    fn picture(&self, value: &'a Value, depth: usize) -> Option<(String, Option<String>)> {
        match value {
            _ if depth > 2 => None,
            Value::String(address) if !address.trim().is_empty() => {
                // Or the name of a node.
                match self.by_id.get(address.as_str()) {
                    Some(node) => self.of_object(node, depth),
                    None => Some((address.trim().to_owned(), None)),
                }
            }
            Value::Array(all) => all.iter().find_map(|v| self.picture(v, depth + 1)),
            Value::Object(node) => self.of_object(self.whole(node), depth),
            _ => None,
        }
    }

    fn of_object(&self, node: &'a Node, depth: usize) -> Option<(String, Option<String>)> {
        let address = ["url", "contentUrl"]
            .iter()
            .find_map(|name| self.picture(node.get(*name)?, depth + 1))?;
        Some((address.0, text(node, "caption")))
    }

    /// What the site is called: the article's publisher or site, else the one site that is described.
    fn site_name(&self, node: Option<&'a Node>) -> Option<String> {
        let named = |name: &str| match node?.get(name)? {
            Value::Object(other) => text(self.whole(other), "name"),
            Value::Array(all) => all
                .first()?
                .as_object()
                .and_then(|o| text(self.whole(o), "name")),
            _ => None,
        };
        let site = || self.nodes.iter().find(|n| is(n, |t| t == "WebSite"));
        named("publisher").or_else(|| text(site()?, "name"))
    }
}
