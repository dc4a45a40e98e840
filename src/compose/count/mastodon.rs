//! As Mastodon counts: graphemes, but an address of the web counts [`AN_ADDRESS`] however long it is,
//! and of a mention on another server only the name.
//!
//! Sources: `configuration.statuses.characters_reserved_per_url` of the published OpenAPI (23 on every
//! Mastodon server; a server that counts otherwise is found at check); mentions and graphemes as the
//! documentation of posting says. What is an address Mastodon decides by twitter-text's patterns: after
//! `?` plain letters only, before it letters with marks too; what is glued to it beyond counts by
//! itself. Addresses without `https://` are counted as they are written: never less than Mastodon counts.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::compose::link;

/// The addresses in a text, as far as they reach.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let found = link::addresses(text).into_iter();
    found
        .filter(|range| leads_somewhere(&text[range.clone()]))
        .map(|range| {
            let end = range.start + reach(&text[range.clone()]);
            range.start..end
        })
        .collect()
}

/// Whether the host could be one; what has none is read as words, and counts in full.
fn leads_somewhere(address: &str) -> bool {
    let after = address.split_once("://").map_or("", |(_, rest)| rest);
    let host = after.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let edges = ['-', '_'];
    let whole =
        |label: &&str| !label.is_empty() && !label.starts_with(edges) && !label.ends_with(edges);
    let top = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && labels.iter().all(whole)
        && labels
            .iter()
            .rev()
            .take(2)
            .all(|label| !label.contains('_'))
        && top.chars().count() >= 2
        && (top.chars().all(char::is_alphabetic) || top.starts_with("xn--"))
}

/// How far twitter-text reads an address: `valid_url_path` and `valid_url_query_chars`.
fn reach(address: &str) -> usize {
    let mut in_query = false;
    let outside = |c: char| {
        in_query |= c == '?';
        let marked = matches!(c, 'À'..='ɏ' | '\u{300}'..='\u{36f}' | 'Ѐ'..='ӿ' | 'Ḁ'..='ỿ');
        !(c.is_ascii() || !in_query && marked)
    };
    address.find(outside).unwrap_or(address.len())
}

/// What an address counts.
pub const AN_ADDRESS: usize = 23;

/// How long `text` is.
pub fn count(text: &str) -> usize {
    count_with(text, AN_ADDRESS)
}

/// How long `text` is on a server that counts so much for an address.
pub fn count_with(text: &str, an_address: usize) -> usize {
    let mut used = 0;
    let mut at = 0;
    for address in addresses(text) {
        used += words(&text[at..address.start]) + an_address;
        at = address.end;
    }
    used + words(&text[at..])
}

/// Bytes of the longest start of `text` that counts at most `max`: whole graphemes, whole addresses.
pub(super) fn fitting(text: &str, max: usize) -> usize {
    let mut room = max;
    let mut at = 0;
    for address in addresses(text) {
        let before = &text[at..address.start];
        let used = words(before) + AN_ADDRESS;
        if used > room {
            return at + words_fitting(before, room);
        }
        room -= used;
        at = address.end;
    }
    at + words_fitting(&text[at..], room)
}

/// Mentions are counted whole here: never more than fits.
fn words_fitting(text: &str, max: usize) -> usize {
    let ends = text.grapheme_indices(true).map(|(at, g)| at + g.len());
    ends.take(max).last().unwrap_or(0)
}

/// What stands between addresses; `@name@server` counts as `@name`.
fn words(text: &str) -> usize {
    let mut used = text.graphemes(true).count();
    for word in text.split_whitespace() {
        let Some((name, server)) = word.strip_prefix('@').and_then(|w| w.split_once('@')) else {
            continue;
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let end = server.find(|c| !plain(c)).unwrap_or(server.len());
        let server = server[..end].trim_end_matches(['.', '-', '_']);
        if !name.is_empty() && name.chars().all(plain) && server.contains('.') {
            used -= 1 + server.len();
        }
    }
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_count_23_and_mentions_their_name() {
        assert_eq!(count("Chợ Đồn"), 7);
        assert_eq!(count("https://a.vn/1"), 23);
        assert_eq!(
            count(&format!("xem https://chodon.gov.vn/{} nhé", "x".repeat(80))),
            4 + 23 + 4
        );
        assert_eq!(
            count("@lan@mastodon.social, @lan@vd.vn và a@b.vn"),
            "@lan, @lan và a@b.vn".len() - 1
        );
        assert_eq!(count("https://a.vn/?x=1\u{1f600}"), 24);
        assert_eq!(count("https://khong-co-ten"), 20);
    }

    #[test]
    fn what_fits_holds_whole_addresses() {
        let text = "xem https://chodon.gov.vn/tin/12345/67890 nhé";
        assert_eq!(&text[..fitting(text, 26)], "xem ");
        assert_eq!(
            &text[..fitting(text, 28)],
            "xem https://chodon.gov.vn/tin/12345/67890 "
        );
        assert_eq!(fitting(text, 100), text.len());
    }
}
