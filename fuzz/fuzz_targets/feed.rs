//! Any bytes as a feed: no panic, no more entries than are read, every link a whole web address, and
//! the same bytes give the same names.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use raotin::intake::feed::{From, MOST_ENTRIES, identity, read};
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let url = Url::parse("https://chodon.example.vn/rss").unwrap();
    let zone = TimeZone::UTC;
    // The first byte chooses what the server says of the rest.
    let (content_type, bytes) = match bytes.split_first() {
        Some((b'1', rest)) => (Some("text/xml; charset=windows-1258"), rest),
        Some((b'2', rest)) => (Some("application/json"), rest),
        _ => (None, bytes),
    };
    let from = From {
        url: &url,
        content_type,
        zone: &zone,
    };
    let Ok(feed) = read(bytes, from) else { return };
    assert!(feed.entries.len() <= MOST_ENTRIES);
    let names = identity::names(&feed.entries);
    assert_eq!(names, identity::names(&feed.entries));
    for (entry, names) in feed.entries.iter().zip(names) {
        assert!(!names.is_empty());
        assert!(!entry.title.contains('\n'));
        for address in entry.link.iter().chain(&entry.pictures) {
            let address = Url::parse(address).unwrap();
            assert!(matches!(address.scheme(), "http" | "https"));
        }
    }
});
