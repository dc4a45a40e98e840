//! What a page's values say, as lines that people read.

use crate::intake::html::reference_end;
use crate::intake::text::{html_to_line, plain_line};

/// A value as a line of text; `None` where it says nothing.
pub(super) fn said(value: &str) -> Option<String> {
    let line = if has_markup(value) {
        // Written as HTML, or escaped twice.
        html_to_line(value)
    } else {
        plain_line(value)
    };
    Some(line).filter(|l| !l.is_empty() && !is_placeholder(l))
}

/// What systems print where they have nothing.
pub(super) fn is_placeholder(text: &str) -> bool {
    const NOTHING: [&str; 8] = [
        "null",
        "undefined",
        "none",
        "[object object]",
        "nan",
        "about:blank",
        "n/a",
        "-",
    ];
    let text = text.trim();
    NOTHING.iter().any(|n| text.eq_ignore_ascii_case(n))
        || (text.starts_with("{{") && text.ends_with("}}"))
}

fn has_markup(value: &str) -> bool {
    let tag = value
        .match_indices('<')
        .any(|(at, _)| value[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'))
        && value.contains('>');
    let reference = value.match_indices('&').any(|(at, _)| {
        let name = reference_end(&value[at..]).map(|end| &value[at + 1..at + end]);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'#';
        name.is_some_and(|n| !n.is_empty() && n.bytes().all(plain))
    });
    tag || reference
}

/// Cuts the site's name off a title's end or beginning, where a sign stands between.
pub(super) fn without_site(title: &str, site: Option<&str>) -> String {
    const BETWEEN: [char; 9] = ['-', '|', '–', '—', ':', '·', '•', '»', '~'];
    let Some(site) = site else {
        return title.to_owned();
    };
    let mut kept = title;
    for (at, sign) in title.char_indices().filter(|(_, c)| BETWEEN.contains(c)) {
        let (before, after) = (&title[..at], &title[at + sign.len_utf8()..]);
        // "Bắc Kạn-Thái Nguyên" is one name.
        let is_apart =
            before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace);
        if !is_apart {
            continue;
        }
        let bare = |text: &'_ str| {
            text.trim_matches(|c: char| c.is_whitespace() || BETWEEN.contains(&c))
                .to_owned()
        };
        if same(&bare(after), site) && !bare(before).is_empty() {
            kept = before;
            break;
        }
        if same(&bare(before), site) && !bare(after).is_empty() {
            kept = after;
        }
    }
    kept.trim_matches(|c: char| {
        c.is_whitespace() || BETWEEN.contains(&c) && kept.len() < title.len()
    })
    .to_owned()
}

pub(super) fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    // At a word's end, where one is near.
    let end = kept.rfind(' ').filter(|end| *end > kept.len() / 2);
    format!("{}…", kept[..end.unwrap_or(kept.len())].trim_end())
}
