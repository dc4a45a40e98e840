//! A feed gives its entries, whatever was done to it on the way: every case stands in
//! `tests/fixtures/feeds/`, with where its quirk is known from, what came and what is to be had of it.
//! A source is a document, a public test or issue that was looked up, a place where it was seen, or says
//! that it is the writer's own.
//!
//! A case is a whole document (`input`), or what stands in an RSS item (`item`), an Atom entry (`entry`)
//! or a JSON item (`json`). Only what a case lists is compared.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;
use raotin::intake::feed::{Entry, From, NotAFeed, identity, read};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    /// Where the quirks of this file are known from, if a case does not say.
    source: String,
    #[serde(default)]
    case: Vec<Case>,
    #[serde(default)]
    date: Vec<Dated>,
    #[serde(default)]
    same: Vec<Same>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    source: Option<String>,
    input: Option<String>,
    item: Option<String>,
    entry: Option<String>,
    json: Option<String>,
    /// What the text is written in; UTF-8.
    encoding: Option<String>,
    content_type: Option<String>,
    url: Option<String>,
    /// Repeats this in place of `@@@`.
    times: Option<usize>,
    repeat: Option<String>,
    #[serde(default)]
    entries: Vec<Expected>,
    count: Option<usize>,
    title: Option<String>,
    broken: Option<bool>,
    error: Option<NotAFeed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: Option<String>,
    title: Option<String>,
    text: Option<String>,
    link: Option<String>,
    published: Option<String>,
    categories: Option<Vec<String>>,
    pictures: Option<Vec<String>>,
}

/// A date as it is written, and what it means; empty where it says nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dated {
    text: String,
    means: String,
}

/// Two items in documents of their own: whether the second is known as the first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    name: String,
    first: String,
    then: String,
    /// Stands beside them in both documents.
    beside: Option<String>,
    known: bool,
}

fn families() -> Vec<(String, Family)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let family = toml::from_str(&fs::read_to_string(path).unwrap());
        (
            name.clone(),
            family.unwrap_or_else(|e| panic!("{name}: {e}")),
        )
    };
    files.iter().map(read).collect()
}

fn rss(item: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>Huyện</title>{item}</channel></rss>")
}

fn document(case: &Case) -> String {
    if let Some(item) = &case.item {
        return rss(&format!("<item>{item}</item>"));
    }
    if let Some(entry) = &case.entry {
        return format!(
            "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Huyện</title><entry>{entry}</entry></feed>"
        );
    }
    if let Some(item) = &case.json {
        return format!(
            "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Huyện\",\"items\":[{item}]}}"
        );
    }
    case.input.clone().unwrap()
}

fn bytes(case: &Case) -> Vec<u8> {
    let mut text = document(case);
    if let (Some(times), Some(piece)) = (case.times, &case.repeat) {
        text = text.replace("@@@", &piece.repeat(times));
    }
    match case.encoding.as_deref() {
        None => text.into_bytes(),
        Some("utf-16le") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some("utf-16be") => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        // Each `\xHH` is that byte.
        Some("bytes") => {
            let mut out = Vec::new();
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("\\x") {
                out.extend_from_slice(before.as_bytes());
                out.push(u8::from_str_radix(&after[..2], 16).unwrap());
                rest = &after[2..];
            }
            out.extend_from_slice(rest.as_bytes());
            out
        }
        Some(label) => {
            let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, lossy) = encoding.encode(&text);
            assert!(!lossy, "{}: {label} cannot say it", case.name);
            bytes.into_owned()
        }
    }
}

fn zone() -> TimeZone {
    TimeZone::get("Asia/Ho_Chi_Minh").unwrap()
}

fn from<'a>(url: &'a Url, content_type: Option<&'a str>, zone: &'a TimeZone) -> From<'a> {
    From {
        url,
        content_type,
        zone,
    }
}

fn differs(expected: &Expected, entry: &Entry) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut compare = |what: &str, expected: &Option<String>, found: Option<&str>| {
        if let Some(expected) = expected
            && expected != found.unwrap_or_default()
        {
            wrong.push(format!("{what}: {found:?}, not {expected:?}"));
        }
    };
    compare("id", &expected.id, entry.id.as_deref());
    compare("title", &expected.title, Some(&entry.title));
    compare("text", &expected.text, Some(&entry.text));
    compare("link", &expected.link, entry.link.as_deref());
    let published = entry.published.map(|at| at.to_string());
    compare("published", &expected.published, published.as_deref());
    for (what, expected, found) in [
        ("categories", &expected.categories, &entry.categories),
        ("pictures", &expected.pictures, &entry.pictures),
    ] {
        if let Some(expected) = expected
            && expected != found
        {
            wrong.push(format!("{what}: {found:?}, not {expected:?}"));
        }
    }
    wrong
}

#[test]
fn every_case_gives_what_can_be_had() {
    let zone = zone();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (file, family) in families() {
        assert!(!family.source.is_empty(), "{file} names no source");
        for case in &family.case {
            seen += 1;
            assert!(case.source.as_deref() != Some(""), "{file}: {}", case.name);
            let url = case
                .url
                .as_deref()
                .unwrap_or("https://chodon.example.vn/rss/tin.xml");
            let url = Url::parse(url).unwrap();
            let found = read(
                &bytes(case),
                from(&url, case.content_type.as_deref(), &zone),
            );
            let mut told = |what: String| wrong.push(format!("{file}: {}: {what}", case.name));
            let feed = match (found, case.error) {
                (Err(found), Some(expected)) if found == expected => continue,
                (Ok(feed), None) => feed,
                (found, expected) => {
                    told(format!("{found:?}, not {expected:?}"));
                    continue;
                }
            };
            let count = case.count.unwrap_or(case.entries.len());
            if feed.entries.len() != count {
                told(format!(
                    "{} entries, not {count}: {:?}",
                    feed.entries.len(),
                    feed.entries
                ));
            }
            if feed.broken != case.broken.unwrap_or(false) {
                told(format!("broken: {}", feed.broken));
            }
            if let Some(title) = &case.title
                && *title != feed.title
            {
                told(format!("feed's title: {:?}", feed.title));
            }
            for (expected, entry) in case.entries.iter().zip(&feed.entries) {
                for what in differs(expected, entry) {
                    told(what);
                }
            }
        }
        for dated in &family.date {
            seen += 1;
            let item = format!(
                "<item><title>a</title><pubDate>{}</pubDate></item>",
                dated.text
            );
            let url = Url::parse("https://chodon.example.vn/").unwrap();
            let feed = read(rss(&item).as_bytes(), from(&url, None, &zone)).unwrap();
            let found = feed.entries[0].published.map(|at| at.to_string());
            if found.as_deref().unwrap_or_default() != dated.means {
                wrong.push(format!(
                    "{file}: {:?}: {found:?}, not {:?}",
                    dated.text, dated.means
                ));
            }
        }
        for same in &family.same {
            seen += 1;
            let url = Url::parse("https://chodon.example.vn/").unwrap();
            let names = |item: &str| {
                let beside = same.beside.as_deref().unwrap_or_default();
                let text = rss(&format!("<item>{item}</item>{beside}"));
                let feed = read(text.as_bytes(), from(&url, None, &zone)).unwrap();
                identity::names(&feed.entries).swap_remove(0)
            };
            let (first, then) = (names(&same.first), names(&same.then));
            let known = then.iter().any(|name| first.contains(name));
            if known != same.known {
                wrong.push(format!("{file}: {}: known: {known}", same.name));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {seen}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(seen >= 120, "only {seen} cases");
}
