//! When two links count as the same (RULES 2 Repeat).

mod parameters;
mod sites;

use url::Url;

use super::clean::nfc;
use crate::model::Article;
pub(crate) use parameters::is_tracking;
use parameters::says_nothing;
use sites::{facebook, video, wrapped};

/// Counts up with every change of what [`link_key`] answers: an index built with another is rebuilt.
/// A macro, so that it can stand within other texts that are known when the program is built.
macro_rules! link_key_version {
    () => {
        3
    };
}
pub(crate) use link_key_version;

/// Files that servers show for their folder when none is named (DirectoryIndex of Apache, Default
/// Document of IIS).
const FOLDER_PAGES: [&str; 10] = [
    "default.asp",
    "default.aspx",
    "default.htm",
    "default.html",
    "index.asp",
    "index.aspx",
    "index.htm",
    "index.html",
    "index.jsp",
    "index.php",
];

/// A link within a link within a link: no honest one goes deeper.
const MOST_WRAPPINGS: usize = 8;

/// The key under which links count as the same (RULES 2 Repeat). `None` for what is no http(s) link.
///
/// - A redirecting address (Facebook's `l.php`, Google's `/url`, an AMP cache) stands for where it leads.
/// - Scheme and default port dropped, host lower-case (IDN as punycode) without `www.`, `m.` and
///   `amp.`, no fragment, no session id.
/// - Path without empty parts, without `/amp` and a folder's `index.html` at its end; percent-encoding
///   in capitals.
/// - Parameters without those that only tell where a reader came from; in the order of their names,
///   since none but a broken site shows something else for another order. Equal names keep theirs.
/// - A video on YouTube and a post on Facebook have one form each, however they are spelled. What
///   other short links (`bit.ly`, `fb.watch`) lead to cannot be told from them: they stand for themselves.
///
/// The key of a key (with a scheme before it) is the key itself.
pub fn link_key(link: &str) -> Option<String> {
    let mut key = once(link)?;
    if sites::is_known(&key) {
        // What is cleaned may be seen to be a wrapping only then (`google.com/url/?q=…`).
        for _ in 0..MOST_WRAPPINGS {
            match once(&format!("https://{key}")) {
                Some(next) if next != key => key = next,
                _ => break,
            }
        }
    }
    Some(key)
}

fn once(link: &str) -> Option<String> {
    let mut url = web_address(&nfc(link.trim()))?;
    for _ in 0..MOST_WRAPPINGS {
        match wrapped(&url) {
            Some(inner) => url = inner,
            None => break,
        }
    }
    let host = page_host(url.host_str()?);
    // Without the scheme it cannot be told whose default a default port was.
    let port = url.port().filter(|port| !matches!(port, 80 | 443));
    let path = path(&url);
    if port.is_none()
        && let Some(key) = video(host, &path, &url).or_else(|| facebook(host, &path, &url))
    {
        return Some(key);
    }
    let mut key = host.to_owned();
    if let Some(port) = port {
        key.push_str(&format!(":{port}"));
    }
    for segment in path {
        key.push('/');
        key.push_str(&segment);
    }
    let query = capital_escapes(url.query().unwrap_or_default());
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !says_nothing(pair))
        .collect();
    pairs.sort_by_key(|pair| pair.split('=').next());
    if !pairs.is_empty() {
        key.push('?');
        key.push_str(&pairs.join("&"));
    }
    Some(key)
}

/// The keys under which an article counts as the same: of its link, and of the address that the page
/// itself says is its own, where that is another.
pub fn link_keys(article: &Article) -> Vec<String> {
    let links = [&article.content.link, &article.canonical];
    let keys = links.into_iter().flatten();
    let mut keys: Vec<String> = keys.filter_map(|link| link_key(link)).collect();
    keys.dedup();
    keys
}

/// Without `www.` and `m.`, as long as a whole name is left.
pub(crate) fn bare_host(host: &str) -> &str {
    without_labels(host, &["www.", "m."])
}

/// The host of a page, whatever it is shown on. A dot at its end only says that the name is whole.
fn page_host(host: &str) -> &str {
    let host = host.strip_suffix('.').unwrap_or(host);
    without_labels(host, &["www.", "m.", "amp."])
}

fn without_labels<'a>(mut host: &'a str, labels: &[&str]) -> &'a str {
    while let Some(rest) = labels
        .iter()
        .find_map(|label| host.strip_prefix(label))
        .filter(|rest| rest.contains('.'))
    {
        host = rest;
    }
    host
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    // `https://./` and `https://www..vn/` are nobody's: a name has no empty part (RFC 1034 3.1).
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_name = !host.split('.').any(str::is_empty);
    (matches!(url.scheme(), "http" | "https") && is_name).then_some(url)
}

/// The first value of a query parameter.
fn parameter(url: &Url, name: &str) -> Option<String> {
    let found = url.query_pairs().find(|(given, _)| given == name)?;
    Some(found.1.into_owned()).filter(|value| !value.is_empty())
}

/// The path's parts, without those that say nothing of the page.
fn path(url: &Url) -> Vec<String> {
    let parts = url
        .path()
        .split('/')
        .map(|part| without_session(&capital_escapes(part)));
    let mut path: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    while path.last().is_some_and(|last| {
        let last = last.to_ascii_lowercase();
        last == "amp" || FOLDER_PAGES.contains(&last.as_str())
    }) {
        path.pop();
    }
    path
}

/// `tin;jsessionid=0A1B.node1` → `tin`: Java servers (Liferay, as many offices' portals) write it where
/// a reader has no cookie yet.
fn without_session(part: &str) -> String {
    const SESSION: &str = ";jsessionid=";
    match part.to_ascii_lowercase().find(SESSION) {
        Some(at) => part[..at].to_owned(),
        None => part.to_owned(),
    }
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
            "https://www.chodon.gov.vn./tin/5",
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
            "https://./tin",
            "https://.chodon.gov.vn/tin",
            "https://www..chodon.gov.vn/tin",
            "https://chodon.gov.vn../tin",
        ] {
            assert_eq!(link_key(link), None, "{link}");
        }
        // A host is never stripped to a top-level name.
        assert_eq!(key("https://www.vn/a"), "www.vn/a");
    }

    #[test]
    fn amp_and_the_page_are_the_same() {
        for link in [
            "https://amp.bao.vn/tin/lu-ve-5.html",
            "https://bao.vn/tin/lu-ve-5.html/amp",
            "https://bao.vn/tin/lu-ve-5.html/amp/",
            "https://bao.vn/tin/lu-ve-5.html?amp=1",
            "https://bao.vn/tin/lu-ve-5.html?amp",
            "https://bao.vn/tin/lu-ve-5.html?outputType=amp&amp_js_v=0.1",
            "https://bao.vn/tin/lu-ve-5.html?noamp=mobile",
            "https://bao-vn.cdn.ampproject.org/c/s/bao.vn/tin/lu-ve-5.html?amp_js_v=0.1&usqp=x",
            "https://cdn.ampproject.org/v/s/www.bao.vn/tin/lu-ve-5.html/amp",
            "https://www.google.com/amp/s/amp.bao.vn/tin/lu-ve-5.html",
            "https://www.google.com.vn/amp/bao.vn/tin/lu-ve-5.html",
        ] {
            assert_eq!(key(link), "bao.vn/tin/lu-ve-5.html", "{link}");
        }
        // A number of amperes is something else.
        assert_eq!(key("https://x.vn/day?amp=16"), "x.vn/day?amp=16");
    }

    #[test]
    fn a_wrapping_stands_for_what_it_wraps() {
        for link in [
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fchodon.gov.vn%2Ftin%2F5%3Ffbclid%3DIw&h=AT0",
            "https://lm.facebook.com/l.php?u=https%3A%2F%2Fwww.chodon.gov.vn%2Ftin%2F5",
            "https://l.instagram.com/?u=https%3A%2F%2Fchodon.gov.vn%2Ftin%2F5&e=A",
            "https://www.google.com/url?sa=t&q=https%3A%2F%2Fchodon.gov.vn%2Ftin%2F5&usg=A",
            "https://www.google.com.vn/url?url=https://chodon.gov.vn/tin/5",
            "https://www.youtube.com/redirect?event=x&q=https%3A%2F%2Fchodon.gov.vn%2Ftin%2F5",
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fchodon.gov.vn%252Ftin%252F5",
        ] {
            assert_eq!(key(link), "chodon.gov.vn/tin/5", "{link}");
        }
        // What carries no address stands for itself.
        assert_eq!(
            key("https://l.facebook.com/l.php?u=abc"),
            "l.facebook.com/l.php?u=abc"
        );
        assert_eq!(
            key("https://www.google.com/url?q=tin"),
            "google.com/url?q=tin"
        );
        assert_eq!(
            key("https://maps.google.com/amp/s/a.vn/b"),
            "maps.google.com/amp/s/a.vn/b"
        );
    }

    #[test]
    fn spellings_of_one_address_are_one() {
        for link in [
            "https://chodon.gov.vn//tin///5//",
            "https://chodon.gov.vn/tin/5/index.html",
            "https://chodon.gov.vn/tin/5/Default.aspx",
            "https://chodon.gov.vn/tin/5;jsessionid=0A1B2C.node1",
            "https://chodon.gov.vn/tin/5?zarsrc=30&gidzl=cyBx&utm_source=zalo",
            "https://chodon.gov.vn/tin/5?mc_cid=1&mtm_campaign=2&srsltid=3&_gl=1*a&igsh=x",
        ] {
            assert_eq!(key(link), "chodon.gov.vn/tin/5", "{link}");
        }
        assert_eq!(
            key("https://chodon.gov.vn/index.php?p=5"),
            "chodon.gov.vn?p=5"
        );
        assert_eq!(key("https://x.vn/a?b=2&a=1&b=1"), "x.vn/a?a=1&b=2&b=1");
        assert_eq!(
            key("https://x.vn/a?ref=1&source=2"),
            "x.vn/a?ref=1&source=2"
        );
    }

    #[test]
    fn a_video_has_one_key() {
        for link in [
            "https://youtu.be/dQw4w9WgXcQ?si=abc&t=4",
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PL1",
            "https://m.youtube.com/watch?app=desktop&v=dQw4w9WgXcQ",
            "https://youtube.com/shorts/dQw4w9WgXcQ?feature=share",
            "https://www.youtube.com/live/dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        ] {
            assert_eq!(key(link), "youtube.com/watch?v=dQw4w9WgXcQ", "{link}");
        }
        assert_eq!(
            key("https://www.youtube.com/@chodon"),
            "youtube.com/@chodon"
        );
        assert_ne!(
            key("https://youtu.be/dQw4w9WgXcQ"),
            key("https://youtu.be/dQw4w9WgXcq")
        );
    }

    #[test]
    fn a_post_on_facebook_has_one_key() {
        let same: [&[&str]; 5] = [
            &[
                "https://www.facebook.com/UBND.ChoDon/posts/123?__tn__=-R",
                "https://m.facebook.com/ubndchodon/posts/tin-moi/123/",
                "https://vi-vn.facebook.com/ubndchodon/posts/123?mibextid=x",
            ],
            &[
                "https://www.facebook.com/permalink.php?story_fbid=123&id=456",
                "https://mbasic.facebook.com/story.php?id=456&story_fbid=123&refid=17",
                "https://www.facebook.com/456/posts/123",
                "https://facebook.com/456_123",
            ],
            &[
                "https://www.facebook.com/groups/atk.chodon/permalink/99/",
                "https://web.facebook.com/groups/atkchodon/posts/99/?mibextid=y",
                "https://www.facebook.com/groups/atkchodon/?multi_permalinks=99&notif_t=group_activity",
                "https://m.facebook.com/groups/atkchodon?view=permalink&id=99&refid=18",
            ],
            &[
                "https://www.facebook.com/watch/?v=77",
                "https://www.facebook.com/reel/77",
                "https://www.facebook.com/chodon/videos/le-hoi/77/",
            ],
            &[
                "https://www.facebook.com/photo/?fbid=88&set=a.1",
                "https://www.facebook.com/chodon/photos/a.1/88/",
            ],
        ];
        let mut keys = std::collections::BTreeSet::new();
        for links in same {
            let first = key(links[0]);
            for link in links {
                assert_eq!(key(link), first, "{link}");
            }
            keys.insert(first);
        }
        assert_eq!(keys.len(), same.len());
        assert_eq!(key("https://fb.watch/aBc/"), "fb.watch/aBc");
        // A notice of several posts is none of them.
        assert_eq!(
            key("https://www.facebook.com/groups/atk/?multi_permalinks=9%2C8"),
            "facebook.com/groups/atk?multi_permalinks=9%2C8"
        );
        assert_eq!(
            key("https://www.facebook.com/share/p/1AbC/?mibextid=z"),
            "facebook.com/share/p/1AbC"
        );
        // The sites for developers and for business are not Facebook's.
        assert_eq!(
            key("https://developers.facebook.com/docs/posts/1"),
            "developers.facebook.com/docs/posts/1"
        );
        assert_eq!(
            key("https://www.facebook.com/chodon?locale=vi"),
            "facebook.com/chodon?locale=vi"
        );
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself_for_every_known_form(
            link in "https?://(www\\.|m\\.|amp\\.|vi-vn\\.)?(facebook\\.com|youtube\\.com|youtu\\.be|google\\.com|x-vn\\.cdn\\.ampproject\\.org|bao\\.vn)(/(amp|s|c|url|groups|posts|videos|photos|watch|permalink\\.php|story\\.php|index\\.php|a\\.vn|[0-9]{1,3}(_[0-9]{1,2})?|[a-zA-Z0-9_-]{11}|L\\.p|%c3%A1|b;jsessionid=1)){0,5}/?(\\?(&?(v|id|fbid|story_fbid|q|amp|b|a|utm_x|gidzl)=([0-9]{1,3}|[a-z_-]{11}|https%3A%2F%2Fa\\.vn%2Fb)){0,4})?",
        ) {
            if let Some(key) = link_key(&link) {
                prop_assert_eq!(link_key(&format!("https://{key}")), Some(key.clone()), "{}", link);
            }
        }
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
