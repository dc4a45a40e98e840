//! A page's title, summary, picture, date and feeds are read right, whatever system wrote it: each
//! case under `fixtures/pages` is a documented quirk and what must come of it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::Path;

use encoding_rs::WINDOWS_1258;
use jiff::tz::TimeZone;
use raotin::intake::charset::{Hints, decode};
use raotin::intake::page::{PageMeta, read};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    page: Vec<Case>,
}

/// What is not named is not looked at; `none` names what must not be found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
struct Case {
    name: String,
    source: String,
    at: Option<String>,
    html: String,
    bytes: Option<String>,
    content_type: Option<String>,
    #[serde(default)]
    none: Vec<String>,
    title: Option<String>,
    description: Option<String>,
    picture: Option<String>,
    alt: Option<String>,
    site: Option<String>,
    canonical: Option<String>,
    published: Option<String>,
    lang: Option<String>,
    amp_of: Option<String>,
    moved_to: Option<String>,
    charset: Option<String>,
    feeds: Option<Vec<String>>,
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match self.bytes.as_deref() {
            None => self.html.clone().into_bytes(),
            Some("utf-16le") => self
                .html
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            Some("windows-1258") => windows_1258(&self.html),
            Some("tcvn3") => self.html.chars().map(tcvn3).collect(),
            Some(other) => panic!("{}: nobody writes {other}", self.name),
        }
    }

    fn expected(&self) -> Vec<(&'static str, Option<String>)> {
        let fields = [
            ("title", &self.title),
            ("description", &self.description),
            ("picture", &self.picture),
            ("alt", &self.alt),
            ("site", &self.site),
            ("canonical", &self.canonical),
            ("published", &self.published),
            ("lang", &self.lang),
            ("amp_of", &self.amp_of),
            ("moved_to", &self.moved_to),
        ];
        fields
            .into_iter()
            .filter(|(name, value)| value.is_some() || self.none.iter().any(|n| n == name))
            .map(|(name, value)| (name, value.clone()))
            .collect()
    }
}

fn found(page: &PageMeta, name: &str) -> Option<String> {
    let text = |url: &Option<Url>| url.as_ref().map(ToString::to_string);
    match name {
        "title" => page.title.clone(),
        "description" => page.description.clone(),
        "picture" => page.picture.as_ref().map(|p| p.address.to_string()),
        "alt" => page.picture.as_ref().and_then(|p| p.alt.clone()),
        "site" => page.site_name.clone(),
        "canonical" => text(&page.canonical),
        "published" => page.published.map(|at| at.to_string()),
        "lang" => page.lang.clone(),
        "amp_of" => text(&page.amp_of),
        "moved_to" => text(&page.moved_to),
        other => panic!("no field {other}"),
    }
}

/// As Windows writes it: vowels with their own marks, tones as characters of their own.
fn windows_1258(text: &str) -> Vec<u8> {
    let is_tone = |c: &char| matches!(c, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    let parts: String = text
        .chars()
        .flat_map(|c| {
            let (tones, rest): (Vec<char>, Vec<char>) = std::iter::once(c).nfd().partition(is_tone);
            rest.into_iter().nfc().chain(tones).collect::<Vec<_>>()
        })
        .collect();
    let (bytes, _, lossy) = WINDOWS_1258.encode(&parts);
    assert!(!lossy, "{text}");
    bytes.into_owned()
}

/// The lower-case letters of TCVN 5712:1993 by their codes, written once more beside the program's own
/// table.
fn tcvn3(c: char) -> u8 {
    const LETTERS: [(u8, &str); 8] = [
        (0xa1, "ĂÂÊÔƠƯĐăâêôơưđ"),
        (0xb5, "àảãáạ"),
        (0xbb, "ằẳẵắ"),
        (0xc6, "ặầẩẫấậè"),
        (0xce, "ẻẽéẹềểễếệìỉ"),
        (0xdc, "ĩíịò"),
        (0xe1, "ỏõóọồổỗốộờởỡớợù"),
        (0xf1, "ủũúụừửữứựỳỷỹýỵ"),
    ];
    if c.is_ascii() {
        return c as u8;
    }
    for (first, letters) in LETTERS {
        if let Some(at) = letters.chars().position(|l| l == c) {
            return first + u8::try_from(at).unwrap();
        }
    }
    panic!("no letter of TCVN3: {c}")
}

#[test]
fn every_page_says_what_it_is() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let (mut cases, mut wrong) = (0, Vec::new());
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let text = fs::read_to_string(&file).unwrap();
        let list: Cases =
            toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for case in list.page {
            cases += 1;
            assert!(!case.source.is_empty(), "{}", case.name);
            let at = case
                .at
                .as_deref()
                .unwrap_or("https://chodon.gov.vn/tin/1.html");
            let at = Url::parse(at).unwrap();
            let hints = Hints {
                content_type: case.content_type.as_deref(),
                host: at.host_str(),
            };
            let decoded = decode(&case.bytes(), hints);
            let page = read(&decoded.text, &at, &zone);
            for (name, expected) in case.expected() {
                let found = found(&page, name);
                if found != expected {
                    wrong.push(format!(
                        "{}: {name} is {found:?}, not {expected:?}",
                        case.name
                    ));
                }
            }
            if case
                .charset
                .as_deref()
                .is_some_and(|c| c != decoded.charset)
            {
                wrong.push(format!("{}: written in {}", case.name, decoded.charset));
            }
            let feeds = page.feeds.iter().map(|f| {
                let kind = serde_json::to_value(f.kind).unwrap();
                format!("{} {} {}", kind.as_str().unwrap(), f.address, f.title)
            });
            let feeds: Vec<String> = feeds.collect();
            if case
                .feeds
                .as_ref()
                .is_some_and(|expected| *expected != feeds)
            {
                wrong.push(format!("{}: feeds {feeds:#?}", case.name));
            }
        }
    }
    assert!(cases >= 80, "{cases} pages");
    assert!(
        wrong.is_empty(),
        "{} of {cases}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// No markup is too broken, too deep or too long.
#[test]
fn any_page_gives_an_answer() {
    let at = Url::parse("https://chodon.gov.vn/tin/1.html").unwrap();
    let parts = [
        "<div class=date>",
        "<meta property=og:image content=x>",
        "<h1>",
        "<script type=application/ld+json>[{",
        "<a href=/feed>",
        "<title>",
        "<link rel=canonical href=/x>",
        "<svg>",
        "</article>",
        "&#x110000;",
        "<!--",
        "\u{0}",
    ];
    for part in parts {
        let page = read(&part.repeat(20_000), &at, &TimeZone::UTC);
        assert!(
            page.title.is_none_or(|t| t.chars().count() <= 300),
            "{part}"
        );
    }
    // What is looked through again and again is short.
    let names: String = (0..400).map(|n| format!("a{n} ")).collect();
    for slow in [
        format!("<title>{}</title>", " - a".repeat(100_000)),
        format!("<h1>{}</h1>", "a | <b>b</b>".repeat(40_000)),
        format!("<meta name=description content='{}'>", "&".repeat(500_000)),
        format!(
            "<meta property='{names}' content='{}'>",
            "x".repeat(400_000)
        ),
    ] {
        let site = "<meta property=og:site_name content=Huyện>";
        let _ = read(&format!("{site}{slow}"), &at, &TimeZone::UTC);
    }
    // Cut anywhere, also within a tag.
    let whole = "<html lang=vi><title>Tin</title><meta property='og:image' content='/1.jpg'><script type='application/ld+json'>{\"@type\":\"Article\"}</script>";
    for (end, _) in whole.char_indices() {
        let _ = read(&whole[..end], &at, &TimeZone::UTC);
    }
}
