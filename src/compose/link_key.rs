//! When two links count as the same (RULES 2 Repeat).

use super::clean::nfc;
use url::Url;
use url::form_urlencoded;

/// Counts up with every change of what [`link_key`] answers: an index built with another is rebuilt.
/// A macro, so that it can stand within other texts that are known when the program is built.
macro_rules! link_key_version {
    () => {
        1
    };
}
pub(crate) use link_key_version;

/// Query parameters that tell where a reader came from and not what she reads; and all `utm_*`.
pub(crate) const TRACKING: [&str; 3] = ["fbclid", "gclid", "zarsrc"];

/// The key under which links count as the same (RULES 2 Repeat). `None` for what is no http(s) link.
///
/// Scheme and default port dropped, host lower-case (IDN as punycode) without `www.` and `m.`, no
/// fragment, no `utm_* fbclid gclid zarsrc`, no trailing slash; percent-encoding in capitals. The key
/// of a key (with a scheme before it) is the key itself.
pub fn link_key(link: &str) -> Option<String> {
    let url = Url::parse(&nfc(link.trim())).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut key = bare_host(url.host_str()?).to_owned();
    // Without the scheme it cannot be told whose default a default port was.
    if let Some(port) = url.port().filter(|port| !matches!(port, 80 | 443)) {
        key.push_str(&format!(":{port}"));
    }
    key.push_str(&capital_escapes(url.path().trim_end_matches('/')));
    let query: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair))
        .collect();
    if !query.is_empty() {
        key.push('?');
        key.push_str(&capital_escapes(&query.join("&")));
    }
    Some(key)
}

/// Whether a query's `name=value` only tells where a reader came from.
fn is_tracking(pair: &str) -> bool {
    form_urlencoded::parse(pair.as_bytes())
        .next()
        .is_some_and(|(name, _)| name.starts_with("utm_") || TRACKING.contains(&&*name))
}

/// Without `www.` and `m.`, as long as a whole name is left.
pub(crate) fn bare_host(mut host: &str) -> &str {
    while let Some(rest) = host
        .strip_prefix("www.")
        .or_else(|| host.strip_prefix("m."))
        .filter(|rest| rest.contains('.') && !rest.starts_with('.'))
    {
        host = rest;
    }
    host
}

/// `%c3%a1` and `%C3%A1` are the same letter.
fn capital_escapes(text: &str) -> String {
    let mut escape_left = 0;
    text.chars()
        .map(|c| {
            if c == '%' {
                escape_left = 2;
                c
            } else if escape_left > 0 && c.is_ascii_hexdigit() {
                escape_left -= 1;
                c.to_ascii_uppercase()
            } else {
                escape_left = 0;
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(link: &str) -> String {
        link_key(link).unwrap_or_else(|| panic!("{link} has no key"))
    }

    #[test]
    fn what_leads_to_the_same_page_has_the_same_key() {
        for link in [
            "https://chodon.gov.vn/tin/5",
            "http://chodon.gov.vn/tin/5",
            "HTTPS://WWW.ChoDon.gov.vn:443/tin/5/",
            "http://m.chodon.gov.vn:80/tin/5#binh-luan",
            "https://www.m.chodon.gov.vn/tin/./x/../5?",
            " https://chodon.gov.vn/tin/5?utm_source=fb&utm_medium=x&fbclid=1&gclid=2&zarsrc=30 ",
            "https://chodon.gov.vn/tin/5?&utm_campaign=&",
            "https://ai:do@chodon.gov.vn/tin/5",
        ] {
            assert_eq!(key(link), "chodon.gov.vn/tin/5", "{link}");
        }
        assert_eq!(
            key("https://chodon.gov.vn/"),
            key("http://www.chodon.gov.vn")
        );
        assert_eq!(key("https://x.vn/?id=7&utm_source=a&p=2"), "x.vn?id=7&p=2");
    }

    #[test]
    fn what_may_be_another_page_has_another_key() {
        let different = [
            "https://chodon.gov.vn/tin/5",
            "https://chodon.gov.vn/Tin/5",
            "https://chodon.gov.vn:8443/tin/5",
            "https://chodon.gov.vn/tin/5?id=1",
            "https://chodon.gov.vn/tin/5?id=2",
            "https://tin.chodon.gov.vn/tin/5",
            "https://chodon.gov.vn/tin/5?utmx=1",
        ];
        let keys: std::collections::BTreeSet<String> = different.iter().map(|l| key(l)).collect();
        assert_eq!(keys.len(), different.len());
    }

    #[test]
    fn letters_are_the_same_however_they_are_spelled() {
        for link in [
            "https://vi.example.vn/Chợ_Đồn",
            "https://vi.example.vn/Cho\u{31b}\u{323}_Đo\u{302}\u{300}n",
            "https://vi.example.vn/Ch%e1%bb%a3_%c4%90%e1%bb%93n",
            "https://vi.example.vn/Ch%E1%BB%A3_%C4%90%E1%BB%93n",
        ] {
            assert_eq!(key(link), "vi.example.vn/Ch%E1%BB%A3_%C4%90%E1%BB%93n");
        }
        assert_eq!(
            key("https://tên-miền.vn/a"),
            key("http://xn--tn-min-iva0322d.vn/a")
        );
        assert_eq!(key("https://TÊN-MIỀN.vn/a"), key("https://tên-miền.vn/a"));
    }

    #[test]
    fn what_is_no_web_link_has_none() {
        for link in [
            "",
            "chodon.gov.vn",
            "mailto:a@b.vn",
            "ftp://x.vn/a",
            "https://",
            "javascript:1",
        ] {
            assert_eq!(link_key(link), None, "{link}");
        }
        // A host is never stripped to a top-level name.
        assert_eq!(key("https://www.vn/a"), "www.vn/a");
    }

    proptest! {
        #[test]
        fn it_never_panics(link in "\\PC{0,80}|https?://\\PC{0,60}") {
            let _ = link_key(&link);
        }

        #[test]
        fn the_key_of_a_key_is_itself(
            link in "https?://(www\\.|m\\.){0,3}[a-zA-ZđợĐ0-9-]{1,8}(\\.[a-z]{1,5}){0,2}(:(80|443|[0-9]{1,4}))?(/[^#?\\s]{0,12}){0,4}(\\?[^#\\s]{0,30})?(#.{0,9})?",
            secure in any::<bool>(),
        ) {
            if let Some(key) = link_key(&link) {
                let scheme = if secure { "https" } else { "http" };
                prop_assert_eq!(link_key(&format!("{scheme}://{key}")), Some(key));
            }
        }
    }
}
