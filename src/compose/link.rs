//! Links: made fit to stand in a text, tagged, found again in what somebody wrote.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use url::{Url, form_urlencoded};

use super::link_key::link_key;

/// A link as it can stand in a text and survive it: without white space, and the same after NFC. What
/// is typed plainly stays as it was typed (a percent-encoded Vietnamese address is three times as
/// long and nobody can read it); anything else is spelled out by the rules of URLs.
pub(super) fn plain(link: &str) -> String {
    let link = link.trim();
    let stands = link
        .chars()
        .all(|c| !c.is_whitespace() && !c.is_control() && !is_bidi(c))
        && unicode_normalization::is_nfc(link);
    if stands {
        return link.to_owned();
    }
    match Url::parse(link) {
        Ok(url) => url.into(),
        Err(_) => link
            .chars()
            .filter(|c| !c.is_whitespace() && !c.is_control() && !is_bidi(*c))
            .nfc()
            .collect(),
    }
}

fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The link with query parameters added, in order. What the link has already stays as it is, its
/// fragment too; a tag that it has is not added again, one without a value not at all.
pub(super) fn tagged(link: &str, tags: &[(String, String)]) -> String {
    if link_key(link).is_none() {
        return link.to_owned();
    }
    let (before, fragment) = match link.split_once('#') {
        Some((before, fragment)) => (before, Some(fragment)),
        None => (link, None),
    };
    let (address, query) = before.split_once('?').unwrap_or((before, ""));
    let mut names: Vec<String> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect();
    let mut query = query.to_owned();
    for (name, value) in tags {
        if value.is_empty() || names.contains(name) {
            continue;
        }
        names.push(name.clone());
        if !query.is_empty() && !query.ends_with('&') {
            query.push('&');
        }
        let pair = form_urlencoded::Serializer::new(String::new())
            .append_pair(name, value)
            .finish();
        query.push_str(&pair);
    }
    if query.is_empty() {
        return link.to_owned();
    }
    let mut out = address.to_owned();
    let has_path = address
        .split_once("//")
        .is_some_and(|(_, rest)| rest.contains('/'));
    if !has_path {
        out.push('/');
    }
    out.push('?');
    out.push_str(&query);
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

/// Where http(s) addresses stand in a text, in order. Closing punctuation belongs to the sentence.
pub(crate) fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.match_indices("://") {
        let before = &text[..start];
        let Some(scheme) = ["https", "http"].into_iter().find(|scheme| {
            before
                .get(before.len().wrapping_sub(scheme.len())..)
                .is_some_and(|end| end.eq_ignore_ascii_case(scheme))
        }) else {
            continue;
        };
        let start = start - scheme.len();
        let inside_another = found.last().is_some_and(|last| start < last.end);
        if inside_another || text[..start].ends_with(char::is_alphanumeric) {
            continue;
        }
        let body = &text[start..];
        let end = body
            .find(|c: char| {
                c.is_whitespace()
                    || c.is_control()
                    || matches!(c, '<' | '>' | '"' | '“' | '”' | '«' | '»')
            })
            .unwrap_or(body.len());
        let address = without_closing(&body[..end]);
        if address.len() > scheme.len() + "://".len() {
            found.push(start..start + address.len());
        }
    }
    found
}

/// Without what closes the sentence or the bracket around an address.
fn without_closing(mut address: &str) -> &str {
    // How many of each closing bracket there are more than opening ones: counted once, since a text may
    // end in thousands.
    let left_over = |opens: char, closes: char| {
        let closing = address.matches(closes).count();
        closing.saturating_sub(address.matches(opens).count())
    };
    let mut brackets = [
        (')', left_over('(', ')')),
        (']', left_over('[', ']')),
        ('}', left_over('{', '}')),
    ];
    while let Some(last) = address.chars().next_back() {
        let bracket = brackets.iter_mut().find(|(closes, _)| *closes == last);
        let closes = match (last, bracket) {
            ('.' | ',' | ';' | ':' | '!' | '?' | '…' | '\'' | '’', _) => true,
            (_, Some((_, left))) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        };
        if !closes {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

/// Whether an address in the text leads to the same page.
pub(super) fn is_spelled(text: &str, link: &str) -> bool {
    let key = link_key(link);
    key.is_some()
        && addresses(text)
            .into_iter()
            .any(|range| link_key(&text[range]) == key)
}

/// The text with every spelling of the same page put as `link`, if it has one.
pub(super) fn respelled(text: &str, same_as: &str, link: &str) -> Option<String> {
    let key = link_key(same_as)?;
    let mut out = String::with_capacity(text.len());
    let (mut done, mut any) = (0, false);
    for range in addresses(text) {
        if link_key(&text[range.clone()]).as_deref() == Some(&key) {
            out.push_str(&text[done..range.start]);
            out.push_str(link);
            done = range.end;
            any = true;
        }
    }
    out.push_str(&text[done..]);
    any.then_some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()))
            .collect()
    }

    #[test]
    fn tags_keep_what_is_there() {
        let utm = tags(&[("utm_source", "atk cho don"), ("utm_medium", "group")]);
        for (link, want) in [
            (
                "https://x.vn/a",
                "https://x.vn/a?utm_source=atk+cho+don&utm_medium=group",
            ),
            (
                "https://x.vn",
                "https://x.vn/?utm_source=atk+cho+don&utm_medium=group",
            ),
            (
                "https://x.vn/a?id=5&x=%20",
                "https://x.vn/a?id=5&x=%20&utm_source=atk+cho+don&utm_medium=group",
            ),
            (
                "https://x.vn/a#b?c",
                "https://x.vn/a?utm_source=atk+cho+don&utm_medium=group#b?c",
            ),
            (
                "https://x.vn/a?#b",
                "https://x.vn/a?utm_source=atk+cho+don&utm_medium=group#b",
            ),
            // A tag that is there stays, and is not doubled.
            (
                "https://x.vn/a?utm_source=mail",
                "https://x.vn/a?utm_source=mail&utm_medium=group",
            ),
            (
                "https://x.vn/a?utm%5Fsource=mail&",
                "https://x.vn/a?utm%5Fsource=mail&utm_medium=group",
            ),
            (
                "https://x.vn/Chợ_Đồn",
                "https://x.vn/Chợ_Đồn?utm_source=atk+cho+don&utm_medium=group",
            ),
            ("mailto:a@b.vn", "mailto:a@b.vn"),
        ] {
            assert_eq!(tagged(link, &utm), want);
        }
        assert_eq!(tagged("https://x.vn#b", &[]), "https://x.vn#b");
        assert_eq!(
            tagged("https://x.vn", &tags(&[("utm_source", "")])),
            "https://x.vn"
        );
        let twice = tags(&[("ref", "a"), ("ref", "b")]);
        assert_eq!(tagged("https://x.vn/", &twice), "https://x.vn/?ref=a");
    }

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        let find = |text: &'static str| -> Vec<&str> {
            addresses(text).into_iter().map(|r| &text[r]).collect()
        };
        assert_eq!(
            find("Xem https://x.vn/a, hoặc (https://x.vn/b)."),
            ["https://x.vn/a", "https://x.vn/b"]
        );
        assert_eq!(find("HTTP://X.vn/a_(b)!"), ["HTTP://X.vn/a_(b)"]);
        assert_eq!(find("“https://x.vn/Chợ”"), ["https://x.vn/Chợ"]);
        assert_eq!(find("[(https://x.vn/a(b)c)]).}"), ["https://x.vn/a(b)c"]);
        // Counting anew for each takes minutes.
        let many = format!("https://x.vn/a{}", ")".repeat(1_000_000));
        assert_eq!(addresses(&many).first(), Some(&(0..14)));
        assert_eq!(
            find("https://a.vn/?u=https://b.vn"),
            ["https://a.vn/?u=https://b.vn"]
        );
        assert_eq!(
            find("https:// xhttps://a.vn ftp://a.vn ://"),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn a_link_that_would_break_in_a_text_is_spelled_out() {
        assert_eq!(plain(" https://x.vn/Chợ_Đồn "), "https://x.vn/Chợ_Đồn");
        assert_eq!(plain("https://x.vn/a b"), "https://x.vn/a%20b");
        // Another spelling may be another page to its server: NFD is kept, as escapes.
        assert_eq!(plain("https://x.vn/e\u{301}"), "https://x.vn/e%CC%81");
        assert_eq!(plain("không phải"), "khôngphải");
    }

    #[test]
    fn the_same_page_is_respelled() {
        assert_eq!(
            respelled(
                "Xem http://www.x.vn/a/, x.vn/b",
                "https://x.vn/a",
                "https://x.vn/a?utm_source=f"
            )
            .as_deref(),
            Some("Xem https://x.vn/a?utm_source=f, x.vn/b")
        );
        assert_eq!(respelled("Xem https://x.vn/b", "https://x.vn/a", "l"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics_and_ranges_are_right(text in "(\\PC|https?://[a-zợ.()/]{0,9}| |\\.|\\)){0,30}") {
            let mut before = 0;
            for range in addresses(&text) {
                prop_assert!(range.start >= before && range.end <= text.len());
                before = range.end;
                prop_assert!(text[range].to_ascii_lowercase().starts_with("http"));
            }
            let _ = plain(&text);
        }

        #[test]
        fn tags_change_nothing_else(path in "(/[a-zợ%.]{0,5}){0,3}", query in "([a-z]=[a-z0-9%&]{0,4}){0,3}", fragment in "[a-z?&=#]{0,6}") {
            let mut link = format!("https://x.vn{path}");
            if !query.is_empty() { link = format!("{link}?{query}"); }
            if !fragment.is_empty() { link = format!("{link}#{fragment}"); }
            let utm = tags(&[("utm_source", "a"), ("utm_medium", "b&c=d")]);
            let once = tagged(&link, &utm);
            prop_assert_eq!(&tagged(&once, &utm), &once, "never twice");
            prop_assert_eq!(link_key(&once), link_key(&link), "the same page");
            let (was, is) = (Url::parse(&link).unwrap(), Url::parse(&once).unwrap());
            prop_assert_eq!(was.fragment(), is.fragment());
            let pairs: Vec<_> = is.query_pairs().into_owned().collect();
            for (name, value) in utm {
                prop_assert_eq!(pairs.iter().filter(|(n, v)| *n == name && *v == value).count(), 1);
            }
        }
    }
}
