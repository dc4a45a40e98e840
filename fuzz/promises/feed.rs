//! Any bytes as a feed: no more entries than are read and no longer ones than an article may be, every
//! link a whole web address, every entry known again by a name, and the same bytes give the same.

use jiff::tz::TimeZone;
use raotin::intake::feed::{From, MOST_ENTRIES, MOST_OF_AN_ENTRY, identity, read};
use raotin::model::article::{MAX_TEXT_CHARS, MAX_TITLE_CHARS};
use url::Url;

/// The first byte chooses what the server says of the rest: `1` an old encoding, `2` JSON, else nothing.
pub(super) fn hold(given: &[u8]) {
    let url = Url::parse("https://chodon.example.vn/rss").expect("an address");
    let zone = TimeZone::UTC;
    let (content_type, bytes) = match given.split_first() {
        Some((b'1', rest)) => (Some("text/xml; charset=windows-1258"), rest),
        Some((b'2', rest)) => (Some("application/json"), rest),
        _ => (None, given),
    };
    let from = From {
        url: &url,
        content_type,
        zone: &zone,
    };
    let Ok(feed) = read(bytes, from) else { return };
    assert_eq!(Ok(&feed), read(bytes, from).as_ref());
    assert!(feed.entries.len() <= MOST_ENTRIES);
    let names = identity::names(&feed.entries);
    for (entry, names) in feed.entries.iter().zip(names) {
        assert!(!names.is_empty());
        assert!(!entry.title.contains('\n') && entry.title.trim() == entry.title);
        assert!(entry.title.chars().count() <= MAX_TITLE_CHARS);
        assert!(entry.text.chars().count() <= MAX_TEXT_CHARS);
        for text in [&entry.title, &entry.text] {
            assert!(unicode_normalization::is_nfc(text));
            assert!(!text.contains(|c: char| c != '\n' && c.is_control()));
        }
        assert!(entry.pictures.len() <= MOST_OF_AN_ENTRY);
        assert!(entry.categories.len() <= MOST_OF_AN_ENTRY);
        for address in entry.link.iter().chain(&entry.pictures) {
            let address = Url::parse(address).expect("a whole address");
            assert!(matches!(address.scheme(), "http" | "https"));
        }
    }
}
