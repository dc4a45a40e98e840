//! What in a text is a link, a mention or a hashtag, and where: Bluesky shows as such only what a
//! facet names, by UTF-8 bytes. Found as Bluesky's own program finds it (`@atproto/api`, rich-text
//! detection; its vectors are under test), with two differences: a bare domain must be written in
//! small letters and end in a country's two letters or one of a few common words, for this program
//! carries no list of the 1,400 that there are; and what `compose` marked as a link is one.

use crate::model::{Mark, MarkKind};

/// Longest hashtag, in UTF-16 code units.
const LONGEST_TAG: usize = 64;
/// Longest part of a cashtag after `$`.
const LONGEST_CASHTAG: usize = 5;
/// Last parts of bare domains, beside those of countries (two letters).
const DOMAINS: [&str; 15] = [
    "com", "net", "org", "info", "edu", "gov", "mil", "int", "app", "dev", "blog", "news",
    "social", "online", "test",
];

/// What a stretch of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feature {
    /// A link to there.
    Link(String),
    /// A handle, still to be looked up.
    Mention(String),
    /// A hashtag without its sign.
    Tag(String),
}

/// A stretch of the text, in UTF-8 bytes, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What it is.
    pub feature: Feature,
}

/// Everything in `text` that wants a facet, in order, nothing overlapping.
pub fn find(text: &str, marks: &[Mark]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (start, before) in beginnings(text) {
        let rest = &text[start..];
        let hit = link(rest)
            .or_else(|| if before == Some('(') { None } else { tag(rest) })
            .or_else(|| mention(rest))
            .or_else(|| cashtag(rest));
        if let Some((length, feature)) = hit {
            add(&mut found, start, start + length, feature);
        }
    }
    for mark in marks.iter().filter(|m| m.kind == MarkKind::Link) {
        if let Some(address) = text.get(mark.start..mark.end) {
            add(
                &mut found,
                mark.start,
                mark.end,
                Feature::Link(address.to_owned()),
            );
        }
    }
    found.sort_by_key(|f| f.start);
    found
}

fn add(found: &mut Vec<Found>, start: usize, end: usize, feature: Feature) {
    if found.iter().all(|f| f.end <= start || end <= f.start) {
        found.push(Found {
            start,
            end,
            feature,
        });
    }
}

/// Where something can begin: at the text's start, after white space, after an opening bracket.
fn beginnings(text: &str) -> impl Iterator<Item = (usize, Option<char>)> {
    let first = (!text.is_empty()).then_some((0, None));
    let after = text
        .char_indices()
        .filter(|(_, c)| c.is_whitespace() || *c == '(');
    first
        .into_iter()
        .chain(after.map(|(at, c)| (at + c.len_utf8(), Some(c))))
}

fn word(text: &str) -> &str {
    &text[..text.find(char::is_whitespace).unwrap_or(text.len())]
}

fn link(text: &str) -> Option<(usize, Feature)> {
    let word = word(text);
    let scheme = ["https://", "http://"].into_iter().find(|s| {
        word.get(..s.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(s))
            && word.len() > s.len()
    });
    let address = without_end(word);
    if scheme.is_some() {
        return Some((address.len(), Feature::Link(address.to_owned())));
    }
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.';
    let domain = &word[..word.find(|c| !plain(c)).unwrap_or(word.len())];
    let domain = domain.trim_end_matches('.');
    let (name, last) = domain.rsplit_once('.')?;
    let known = DOMAINS.contains(&last)
        || (last.len() == 2 && last.bytes().all(|b| b.is_ascii_lowercase()));
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('.').all(|n| !n.is_empty());
    (known && fits && address.len() >= domain.len())
        .then(|| (address.len(), Feature::Link(format!("https://{address}"))))
}

/// Punctuation at the end belongs to the sentence; so does a closing bracket that was opened before.
fn without_end(word: &str) -> &str {
    let word = word
        .strip_suffix(['.', ',', ';', ':', '!', '?'])
        .unwrap_or(word);
    match word.strip_suffix(')') {
        Some(inner) if !inner.contains('(') => inner,
        _ => word,
    }
}

fn mention(text: &str) -> Option<(usize, Feature)> {
    let handle = text.strip_prefix('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let handle = &handle[..handle.find(|c| !plain(c)).unwrap_or(handle.len())];
    let handle = handle.trim_end_matches(['.', '-']);
    let fits = handle.contains('.') && handle.split('.').all(|label| !label.is_empty());
    fits.then(|| (1 + handle.len(), Feature::Mention(handle.to_owned())))
}

fn tag(text: &str) -> Option<(usize, Feature)> {
    let sign = text.chars().next().filter(|c| matches!(c, '#' | '＃'))?;
    let body = &text[sign.len_utf8()..];
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '\u{ad}' | '\u{2060}' | '\u{200a}'..='\u{200d}' | '\u{20e2}' | '\u{feff}'
            )
    };
    let body = &body[..body.find(ends).unwrap_or(body.len())];
    let says_something = body
        .chars()
        .any(|c| !c.is_ascii_digit() && !is_punctuation(c));
    if body.starts_with('\u{fe0f}') || !says_something {
        return None;
    }
    let tag = body.trim_end_matches(is_punctuation);
    let fits = !tag.is_empty() && tag.encode_utf16().count() <= LONGEST_TAG;
    fits.then(|| (sign.len_utf8() + tag.len(), Feature::Tag(tag.to_owned())))
}

fn cashtag(text: &str) -> Option<(usize, Feature)> {
    let name = text.strip_prefix('$')?;
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    let (name, after) = name.split_at(end);
    let closed = after.chars().next().is_none_or(|c| {
        c.is_whitespace()
            || matches!(
                c,
                '.' | ',' | ';' | ':' | '!' | '?' | ')' | '"' | '\'' | '’'
            )
    });
    let fits = name.len() <= LONGEST_CASHTAG && name.starts_with(|c: char| c.is_ascii_alphabetic());
    (fits && closed).then(|| {
        let tag = format!("${}", name.to_ascii_uppercase());
        (1 + name.len(), Feature::Tag(tag))
    })
}

/// Punctuation by Unicode's general category, in the blocks that people here write.
fn is_punctuation(c: char) -> bool {
    match c {
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => false,
        c if c.is_ascii() => c.is_ascii_punctuation(),
        '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' => true,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' => !matches!(c, '\u{2044}' | '\u{2052}'),
        '\u{2e00}'..='\u{2e4f}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' => true,
        '\u{3014}'..='\u{301f}' | '\u{30fb}' => c != '\u{301a}',
        '\u{ff01}'..='\u{ff0f}' => !matches!(c, '＄' | '＋'),
        '\u{ff1a}' | '\u{ff1b}' | '\u{ff1f}' | '\u{ff20}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, Feature)> {
        let all = find(text, &[]);
        all.into_iter()
            .map(|f| (&text[f.start..f.end], f.feature))
            .collect()
    }

    #[test]
    fn vietnamese_words_before_do_not_move_anything() {
        let text = "Huyện Chợ Đồn: xem https://chodon.gov.vn/tin-tức. #chuyểnđổisố";
        assert_eq!(
            found(text),
            [
                (
                    "https://chodon.gov.vn/tin-tức",
                    Feature::Link("https://chodon.gov.vn/tin-tức".into())
                ),
                ("#chuyểnđổisố", Feature::Tag("chuyểnđổisố".into())),
            ]
        );
    }

    #[test]
    fn what_is_no_address_stays_a_word() {
        for text in [
            "xong.Ba con",
            "v.v",
            "1.000.000",
            "a..vn",
            ".vn",
            "e.g.",
            "28.8.vn",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        assert_eq!(
            found("trang chodon.backan.gov.vn nhé"),
            [(
                "chodon.backan.gov.vn",
                Feature::Link("https://chodon.backan.gov.vn".into())
            )]
        );
    }

    #[test]
    fn a_marked_link_is_one_wherever_it_stands() {
        let text = "«https://a.vn/1»";
        let mark = Mark {
            start: 2,
            end: 2 + "https://a.vn/1".len(),
            kind: MarkKind::Link,
        };
        let all = find(text, &[mark]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].feature, Feature::Link("https://a.vn/1".into()));
    }
}
