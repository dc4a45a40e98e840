//! JSON Feed 1 and 1.1 (<https://www.jsonfeed.org/version/1.1/>).

use serde_json::Value;

use super::raw::{Found, Link, Markup, Raw};
use super::{MOST_ENTRIES, NotAFeed};

pub(super) fn read(text: &str) -> Result<Found, NotAFeed> {
    let (document, broken) = match serde_json::from_str::<Value>(text) {
        Ok(document) => (document, false),
        Err(_) => (rescued(text), true),
    };
    // Some serve the bare list.
    let items = document.get("items").unwrap_or(&document).as_array();
    let version = document.get("version").and_then(Value::as_str);
    let is_feed = version.is_some_and(|v| v.contains("jsonfeed.org"));
    let items = match items {
        Some(items) if is_feed || items.iter().any(says_something) => items.as_slice(),
        None if is_feed => &[],
        _ => return Err(NotAFeed::Unknown),
    };
    Ok(Found {
        title: word(&document, "title").map(Markup::Plain),
        base: None,
        entries: items.iter().take(MOST_ENTRIES).filter_map(entry).collect(),
        broken,
        ..Found::default()
    })
}

fn says_something(item: &Value) -> bool {
    ["url", "title", "content_html", "content_text"]
        .iter()
        .any(|key| item.get(key).is_some())
}

/// The items up to where the text breaks.
fn rescued(text: &str) -> Value {
    let items = text
        .split_once("\"items\"")
        .and_then(|(_, rest)| rest.split_once('['));
    let mut rest = items.map_or(text, |(_, rest)| rest);
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',' || c == '[');
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        match stream.next() {
            Some(Ok(item)) if item.is_object() => found.push(item),
            _ => break,
        }
        rest = &rest[stream.byte_offset()..];
    }
    serde_json::json!({ "items": found })
}

/// A text; a number is one too, for ids that should be texts.
fn word(of: &Value, key: &str) -> Option<String> {
    let word = match of.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(word).filter(|w| !w.is_empty())
}

fn entry(item: &Value) -> Option<Raw> {
    item.as_object()?;
    let link = |rel: &str, key: &str| {
        let href = word(item, key)?;
        Some(Link {
            href,
            rel: rel.to_owned(),
            kind: String::new(),
        })
    };
    let html = word(item, "content_html").map(Markup::Html);
    let plain = word(item, "content_text").map(Markup::Plain);
    let mut pictures: Vec<String> = ["image", "banner_image"]
        .iter()
        .filter_map(|key| word(item, key))
        .collect();
    let attachments = item.get("attachments").and_then(Value::as_array);
    let attachments = attachments.into_iter().flatten();
    pictures.extend(
        attachments
            .filter(|a| word(a, "mime_type").is_some_and(|t| t.starts_with("image/")))
            .filter_map(|a| word(a, "url")),
    );
    let tags = item.get("tags").and_then(Value::as_array);
    let tags = tags.into_iter().flatten();
    Some(Raw {
        id: word(item, "id"),
        title: word(item, "title").map(Markup::Plain),
        links: [link("alternate", "url"), link("related", "external_url")]
            .into_iter()
            .flatten()
            .collect(),
        summary: word(item, "summary").map(Markup::Plain),
        content: html.or(plain),
        published: word(item, "date_published"),
        updated: word(item, "date_modified"),
        categories: tags.filter_map(|t| t.as_str().map(str::to_owned)).collect(),
        pictures,
        ..Raw::default()
    })
}
