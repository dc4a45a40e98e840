//! Whatever markup comes in: it becomes a bounded text, and what a page says of itself keeps to its
//! limits.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use raotin::intake::{page, text::html_to_text};
use raotin::model::article::{MAX_TEXT_CHARS, MAX_TITLE_CHARS};

fuzz_target!(|markup: &str| {
    let text = html_to_text(markup);
    assert!(text.chars().count() <= MAX_TEXT_CHARS);
    assert!(!text.contains("\n\n\n") && text.trim() == text);
    let at = "https://chodon.gov.vn/tin/1.html".parse().expect("an address");
    let page = page::read(markup, &at, &TimeZone::UTC);
    assert!(page.title.is_none_or(|t| t.chars().count() <= MAX_TITLE_CHARS));
    let addresses = page.picture.iter().map(|p| &p.address);
    let addresses = addresses.chain(&page.canonical).chain(page.feeds.iter().map(|f| &f.address));
    for address in addresses {
        assert!(matches!(address.scheme(), "http" | "https"));
    }
});
