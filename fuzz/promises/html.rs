//! Whatever markup comes in: it becomes a bounded, composed text in paragraphs that survives being
//! written as HTML again, and what a page says of itself is one line each and keeps to its limits.

use jiff::tz::TimeZone;
use raotin::intake::page;
use raotin::intake::text::{html_to_line, html_to_text, html_to_text_at};
use raotin::model::article::{MAX_TEXT_CHARS, MAX_TITLE_CHARS};
use url::Url;

/// Longest summary of a page, in characters.
const MOST_SUMMARY: usize = 2000;

/// The bytes are the markup.
pub(super) fn hold(bytes: &[u8]) {
    let markup = String::from_utf8_lossy(bytes);
    let at: Url = "https://chodon.example.vn/tin/1.html"
        .parse()
        .expect("an address");
    let _ = html_to_text_at(&markup, Some(&at));
    let text = html_to_text(&markup);
    is_text(&text);
    is_line(&html_to_line(&markup));
    // Indentation, which HTML does not keep, is all that gets lost.
    let plain: Vec<&str> = text.lines().map(str::trim_start).collect();
    let escaped = plain.join("\n").replace('&', "&amp;").replace('<', "&lt;");
    assert_eq!(
        html_to_text(&escaped.replace('\n', "<br>")),
        plain.join("\n")
    );
    says(&markup, &at);
}

fn is_text(text: &str) {
    assert!(text.chars().count() <= MAX_TEXT_CHARS);
    assert!(!text.contains("\n\n\n") && text.trim() == text);
    assert!(!text.contains(|c: char| c != '\n' && c.is_control()));
    assert!(unicode_normalization::is_nfc(text));
}

fn is_line(text: &str) {
    assert!(!text.contains(char::is_control) && text.trim() == text);
}

fn says(markup: &str, at: &Url) {
    let page = page::read(markup, at, &TimeZone::UTC);
    let alt = page.picture.as_ref().and_then(|p| p.alt.as_ref());
    for (line, most) in [
        (page.title.as_ref(), MAX_TITLE_CHARS),
        (page.site_name.as_ref(), MAX_TITLE_CHARS),
        (page.description.as_ref(), MOST_SUMMARY),
        (alt, usize::MAX),
        (page.lang.as_ref(), 35),
    ] {
        let Some(line) = line else { continue };
        assert!(!line.is_empty() && line.chars().count() <= most);
        is_line(line);
    }
    let addresses = page.picture.iter().map(|p| &p.address);
    let addresses = addresses
        .chain(&page.canonical)
        .chain(&page.amp_of)
        .chain(&page.moved_to)
        .chain(page.feeds.iter().map(|f| &f.address));
    for address in addresses {
        assert!(matches!(address.scheme(), "http" | "https") && address.has_host());
    }
}
