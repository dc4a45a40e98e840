//! What became of a doubtful status: the account's own list is read, all of it since shortly before.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Prepared;
use super::client::Api;
use crate::model::{Part, Receipt};
use crate::platform::alike::{Likeness, Shown, likeness};
use crate::platform::{Doubt, IsTaken, Look, SendError};

/// The look begins so long before the attempt (RULES 3).
pub const LOOKS_BACK: SignedDuration = SignedDuration::from_hours(1);
/// Statuses asked for at once (the API's most).
const PAGE_OF_LIST: &str = "40";
/// Most pages read: 2,000 statuses within about an hour is no account of an office's.
const MOST_PAGES: usize = 50;

/// A status, as far as it tells what it is.
#[derive(Deserialize)]
pub(super) struct Status {
    pub(super) id: String,
    pub(super) url: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) created_at: Option<String>,
    #[serde(default)]
    content: String,
    in_reply_to_id: Option<String>,
    #[serde(default)]
    media_attachments: Vec<Attached>,
    card: Option<Card>,
    reblog: Option<serde::de::IgnoredAny>,
    pub(super) favourites_count: Option<u64>,
    pub(super) reblogs_count: Option<u64>,
    pub(super) replies_count: Option<u64>,
    #[serde(default)]
    pub(super) quotes_count: Option<u64>,
}

#[derive(Deserialize)]
struct Attached {
    id: String,
}

#[derive(Deserialize)]
struct Card {
    #[serde(default)]
    url: String,
}

impl Status {
    pub(super) fn receipt(&self, now: Timestamp) -> Receipt {
        let made = self.created_at.as_deref().and_then(|t| t.parse().ok());
        Receipt {
            post_id: self.id.clone(),
            permalink: self.url.clone().or_else(|| self.uri.clone()),
            at: made.unwrap_or(now),
        }
    }

    fn shown(&self) -> Shown {
        let card = self.card.as_ref().map(|c| c.url.clone());
        Shown {
            text: words_of(&self.content),
            link: card.filter(|url| !url.is_empty()),
            photos: self
                .media_attachments
                .iter()
                .map(|m| m.id.clone())
                .collect(),
        }
    }
}

/// One look. The answer is [`Look::NotThere`] only when the list was read far enough back.
pub(super) async fn look(
    api: &Api,
    account: &str,
    doubt: &Doubt<'_>,
    is_taken: IsTaken<'_>,
) -> Result<Look, SendError> {
    let Some(part) = doubt.post.parts.get(doubt.part) else {
        return Ok(Look::NotThere);
    };
    // A status has no link of its own: what is carried stands in the text, and the card is the server's.
    let part = Part {
        text: shown_mentions(&part.text),
        link: None,
        ..part.clone()
    };
    let prepared = Prepared::parse(&doubt.attempt.prepared);
    let media = prepared.of_part(doubt.part);
    let answers = doubt.receipts.last().map(|r| r.post_id.as_str());
    let begun = doubt.attempt.at + SignedDuration::from_secs(doubt.attempt.clock_skew);
    let since = begun - LOOKS_BACK;
    let path = format!("v1/accounts/{account}/statuses");
    let mut same: Option<(SignedDuration, Receipt)> = None;
    let mut near: Option<Receipt> = None;
    let mut before: Option<String> = None;
    let mut complete = false;
    for _ in 0..MOST_PAGES {
        let mut params = vec![("limit", PAGE_OF_LIST), ("exclude_reblogs", "true")];
        if let Some(before) = &before {
            params.push(("max_id", before));
        }
        let list = api.get::<Vec<Status>>(&path, &params).await;
        let list = list.map_err(|fault| fault.harmless())?.what;
        for status in list.iter().filter(|s| s.reblog.is_none()) {
            let receipt = status.receipt(api.wire.now());
            let earlier_part = doubt.receipts.iter().any(|r| r.post_id == status.id);
            if receipt.at < since || earlier_part || is_taken(&status.id) {
                continue;
            }
            let in_place = status.in_reply_to_id.as_deref() == answers;
            let mut shown = status.shown();
            // A card of an address that stands in the text says nothing new.
            shown.link = shown.link.filter(|_| !part.text.contains("http"));
            match likeness(&part, media, &shown) {
                Likeness::Same if in_place => {
                    let distance = receipt.at.duration_since(begun).abs();
                    if same.as_ref().is_none_or(|(d, _)| distance < *d) {
                        same = Some((distance, receipt));
                    }
                }
                Likeness::Same | Likeness::Near => near = near.or(Some(receipt)),
                Likeness::Other => {}
            }
        }
        let oldest = list.last();
        let far_enough = oldest.is_none_or(|s| s.receipt(api.wire.now()).at < since);
        if far_enough {
            complete = true;
            break;
        }
        let next = oldest.map(|s| s.id.clone());
        if next == before {
            break;
        }
        before = next;
    }
    if let Some((_, receipt)) = same {
        return Ok(Look::Posted(receipt));
    }
    if let Some(receipt) = near {
        return Ok(Look::CannotTell {
            reason: "something alike is on the account's page: look whether it is this post"
                .to_owned(),
            link: receipt.permalink,
        });
    }
    if complete {
        Ok(Look::NotThere)
    } else {
        Err(SendError::NotSent {
            reason: "the account's list of statuses could not be read far enough back".to_owned(),
        })
    }
}

/// `@lan@vd.vn` is shown as `@lan`.
fn shown_mentions(text: &str) -> String {
    let word = |word: &str| match word.strip_prefix('@').and_then(|w| w.split_once('@')) {
        Some((name, server)) if !name.is_empty() && server.contains('.') => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let after = server.trim_start_matches(plain);
            format!("@{name}{after}")
        }
        _ => word.to_owned(),
    };
    text.split_inclusive(char::is_whitespace)
        .map(word)
        .collect()
}

/// The words of a status, out of its HTML.
fn words_of(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('<') { '>' } else { ';' };
        let Some(close) = rest.find(end) else { break };
        let inside = &rest[1..close];
        if end == '>' {
            let name = inside.trim_start_matches('/');
            if ["p", "br", "br/", "br /", "div", "li"].contains(&name) {
                text.push('\n');
            }
        } else {
            match entity(inside) {
                Some(c) => text.push(c),
                None => text.push_str(&rest[..=close]),
            }
        }
        rest = &rest[close + 1..];
    }
    text.push_str(rest);
    text
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_come_out_of_the_html() {
        let html = r##"<p>Tin &amp; bài &lt;mới&gt; &#39;hay&#39;<br />xem <a href="https://chodon.gov.vn/tin/1" rel="nofollow"><span class="invisible">https://</span><span class="ellipsis">chodon.gov.vn/ti</span><span class="invisible">n/1</span></a></p><p><a href="https://m.vn/tags/x" class="hashtag">#<span>chợđồn</span></a></p>"##;
        let words: Vec<String> = words_of(html)
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        assert_eq!(
            words.join(" "),
            "Tin & bài <mới> 'hay' xem https://chodon.gov.vn/tin/1 #chợđồn"
        );
        assert_eq!(words_of("5 < 6 & 7"), "5 < 6 & 7");
    }

    #[test]
    fn mentions_are_shown_without_their_server() {
        assert_eq!(
            shown_mentions("hỏi @lan@vd.vn, @mai và a@b.vn"),
            "hỏi @lan, @mai và a@b.vn"
        );
    }
}
