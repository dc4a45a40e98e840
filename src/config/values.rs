//! What people write in a text → values, and back. Pure.

use std::net::IpAddr;

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use url::{Host, Url};

use super::defaults;
use super::nearest::nearest;
use super::problem::{Code, Values};
use crate::compose::{self, TemplateError, TemplateFault};
use crate::model::channel::Hours;

/// Why a text is not what it should be; the reader adds where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint(pub(super) Code, pub(super) Values);

fn complaint<T>(code: Code, found: &str) -> Result<T, Complaint> {
    Err(Complaint(code, vec![("found", found.to_owned())]))
}

/// Seconds in each unit a duration can be written in, longest first.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// `"90s"`, `"20m"`, `"2h"`, `"7d"`, `"1h30m"`.
pub(super) fn duration(text: &str) -> Result<SignedDuration, Complaint> {
    let bad = || complaint(Code::BadDuration, &format!("{text:?}"));
    let mut rest = text.trim();
    let mut seconds = 0_i64;
    if rest.is_empty() {
        return bad();
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let unit = after.chars().next();
        let factor = UNITS.iter().find(|(letter, _)| Some(*letter) == unit);
        let sum = (number.parse::<i64>().ok())
            .zip(factor)
            .and_then(|(n, (_, factor))| seconds.checked_add(n.checked_mul(*factor)?));
        let Some(sum) = sum else {
            return bad();
        };
        seconds = sum;
        rest = &after[1..];
    }
    Ok(SignedDuration::from_secs(seconds))
}

/// A duration as it would be written.
pub fn duration_text(duration: SignedDuration) -> String {
    let mut left = duration.as_secs();
    let mut text = String::new();
    for (letter, factor) in UNITS {
        if left / factor > 0 {
            text += &format!("{}{letter}", left / factor);
            left %= factor;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// `"06:00-22:00"`; over midnight where the end comes first; `24:00` is midnight.
pub(super) fn hours(text: &str) -> Result<Hours, Complaint> {
    let time = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let number = |text: &str| {
            let plain = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| text.parse::<i8>().ok()).flatten()
        };
        match (number(hour)?, number(minute)?) {
            (24, 0) => Some(Time::midnight()),
            (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
        }
    };
    let both = text
        .split_once(['-', '–'])
        .and_then(|(from, until)| Some((time(from)?, time(until)?)));
    match both {
        Some((from, until)) if from == until => complaint(Code::HoursEmpty, text),
        Some((from, until)) => Ok(Hours { from, until }),
        None => complaint(Code::BadHours, &format!("{text:?}")),
    }
}

/// How long a day the hours are open.
pub(super) fn open_for(hours: Option<Hours>) -> SignedDuration {
    let day = SignedDuration::from_hours(24);
    match hours {
        None => day,
        Some(Hours { from, until }) if from < until => from.duration_until(until),
        Some(Hours { from, until }) => day + from.duration_until(until),
    }
}

/// A name of the tz database.
pub(super) fn zone(text: &str) -> Result<TimeZone, Complaint> {
    TimeZone::get(text).map_err(|_| {
        let known: Vec<String> = jiff::tz::db()
            .available()
            .map(|name| name.to_string())
            .collect();
        let found = ("found", text.to_owned());
        match nearest(text, known.iter().map(String::as_str)) {
            Some(near) => Complaint(Code::BadZoneNear, vec![found, ("near", near.to_owned())]),
            None => Complaint(Code::BadZone, vec![found]),
        }
    })
}

/// A web address for people: http or https, without a password in it.
pub(super) fn page_url(text: &str) -> Result<Url, Complaint> {
    let url = Url::parse(text.trim()).ok();
    let url = url.filter(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    match url {
        // what stands there is not repeated: a password may be in it
        None => Err(Complaint(Code::BadUrl, Vec::new())),
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            Err(Complaint(Code::UrlPassword, Vec::new()))
        }
        Some(url) => Ok(url),
    }
}

/// An address the program sends credentials and articles to. `http://` only within the machine or
/// the office's own network: elsewhere anybody on the way could read the token and post with it.
/// There it is needed: a test server, a Bot API server or a website behind the same router has
/// seldom a certificate.
pub(super) fn api_url(text: &str) -> Result<Url, Complaint> {
    let url = page_url(text)?;
    if url.scheme() == "https" || url.host().is_some_and(is_near) {
        return Ok(url);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    Err(Complaint(Code::UrlPlain, vec![("host", host)]))
}

/// Endings of names that never leave a network: RFC 6761, RFC 6762, RFC 8375, and `.internal`, which
/// ICANN set aside in 2024; `.lan` is what home routers give.
const NEAR_NAMES: [&str; 5] = [".localhost", ".local", ".home.arpa", ".internal", ".lan"];

fn is_near(host: Host<&str>) -> bool {
    let near = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    match host {
        Host::Ipv4(ip) => near(ip.into()),
        Host::Ipv6(ip) => near(ip.into()),
        // a name without a dot is looked up in the own network
        Host::Domain(name) => !name.contains('.') || NEAR_NAMES.iter().any(|n| name.ends_with(n)),
    }
}

/// A post template, as `compose` will read it.
pub(super) fn template(text: &str) -> Result<String, Complaint> {
    let Err(TemplateError { line, column, what }) = compose::check_template(text) else {
        return Ok(text.to_owned());
    };
    let mut values = vec![("line", line.to_string()), ("column", column.to_string())];
    let code = match what {
        TemplateFault::Unknown(name) => {
            values.push(("found", format!("{{{name}}}")));
            let bare = name.trim_start_matches(['?', '!', '/']);
            match nearest(bare, compose::PLACEHOLDERS) {
                Some(near) => {
                    let sign = &name[..name.len() - bare.len()];
                    values.push(("near", format!("{{{sign}{near}}}")));
                    Code::TemplatePlaceholderNear
                }
                None => Code::TemplatePlaceholder,
            }
        }
        TemplateFault::Twice(name) => {
            values.push(("found", format!("{{{name}}}")));
            Code::TemplateTwice
        }
        TemplateFault::Open(name) => {
            values.push(("end", format!("{{/{name}}}")));
            Code::TemplateOpen
        }
        TemplateFault::Unopened => Code::TemplateUnopened,
        TemplateFault::SummaryLength => {
            let (least, most) = (compose::SUMMARY.start(), compose::SUMMARY.end());
            values.extend([("least", least.to_string()), ("most", most.to_string())]);
            Code::TemplateSummary
        }
        TemplateFault::Brace => Code::TemplateBrace,
        TemplateFault::Glued => Code::TemplateGlued,
        // It is about all of it.
        TemplateFault::Nothing => return Err(Complaint(Code::TemplateEmpty, Vec::new())),
    };
    Err(Complaint(code, values))
}

/// A hashtag with or without its sign: platforms end it at the first space or mark, and a number alone
/// is none.
pub(super) fn hashtag(text: &str) -> Result<String, Complaint> {
    let word = text.strip_prefix('#').unwrap_or(text);
    let whole = word.chars().all(|c| c.is_alphanumeric() || c == '_');
    if whole && word.chars().any(char::is_alphabetic) {
        return Ok(word.to_owned());
    }
    let found = vec![("found", text.to_owned())];
    Err(Complaint(Code::BadHashtag, found))
}

/// `"@name"` (5 to 32 of letters, digits and `_`) or a chat's number
/// (<https://core.telegram.org/bots/api#sendmessage>, `chat_id`).
pub(super) fn is_telegram_chat(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(name) => {
            (4..=32).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        }
        None => text.parse::<i64>().is_ok_and(|id| id != 0),
    }
}

/// `digits:letters`. It becomes part of a path, so no other characters.
pub(super) fn is_telegram_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, key)| {
        is_number(id)
            && !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    })
}

/// `whsec_` and 24 to 64 bytes in Base64
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).
pub(super) fn is_webhook_secret(text: &str) -> bool {
    use base64::Engine as _;
    text.strip_prefix("whsec_")
        .and_then(|key| base64::engine::general_purpose::STANDARD.decode(key).ok())
        .is_some_and(|key| (24..=64).contains(&key.len()))
}

/// `#name:server` or `!id` (with `:server` before room version 12): one word of at most 255 bytes
/// (<https://spec.matrix.org/latest/appendices/#common-identifier-format>).
pub(super) fn is_matrix_room(text: &str) -> bool {
    let plain = text.len() <= 255 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let opaque = text.strip_prefix('!').is_some_and(|id| !id.is_empty());
    let named = text
        .strip_prefix('#')
        .and_then(|alias| alias.split_once(':'))
        .is_some_and(|(name, server)| !name.is_empty() && !server.is_empty());
    plain && (opaque || named)
}

/// Digits only.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `v25.0`.
pub(super) fn is_graph_version(text: &str) -> bool {
    text.strip_prefix('v')
        .and_then(|v| v.split_once('.'))
        .is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// A handle (<https://atproto.com/specs/handle>) or a DID (<https://atproto.com/specs/did>); no e-mail
/// address, with which Bluesky would let one log in too: the handle stands in the posts' addresses.
pub(super) fn is_at_identifier(text: &str) -> bool {
    if let Some(did) = text.strip_prefix("did:") {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._:%-".contains(&b);
        return did.split_once(':').is_some_and(|(method, id)| {
            !method.is_empty()
                && method.bytes().all(|b| b.is_ascii_lowercase())
                && id.bytes().all(plain)
                && !id.is_empty()
                && !id.ends_with([':', '%'])
        });
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = text.split('.').collect();
    text.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(|l| label(l))
        && labels
            .last()
            .is_some_and(|l| !l.starts_with(|c: char| c.is_ascii_digit()))
}

/// A language tag as posts carry it: two or three letters, then perhaps script, region and the like
/// (BCP 47).
pub(super) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    matches!(first.len(), 2 | 3)
        && first.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A duration between nothing and ten years.
pub(super) const ANY: (SignedDuration, SignedDuration) = (SignedDuration::ZERO, defaults::LONGEST);
/// One that is not nothing.
pub(super) const SOME: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(1), defaults::LONGEST);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_written() {
        for (text, seconds) in [
            ("90s", 90),
            ("20m", 1_200),
            ("2h", 7_200),
            ("7d", 604_800),
            ("1h30m", 5_400),
            ("0s", 0),
        ] {
            assert_eq!(
                duration(text),
                Ok(SignedDuration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in [
            "",
            "20",
            "m",
            "-2h",
            "2 h",
            "2w",
            "1.5h",
            "9999999999999999999d",
            "2h-",
            "5é",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert_eq!(duration_text(SignedDuration::from_secs(90_061)), "1d1h1m1s");
    }

    #[test]
    fn hours_may_run_over_midnight() {
        let open = |text| hours(text).map(|h| open_for(Some(h)).as_secs() / 60);
        assert_eq!(open("06:00-22:00"), Ok(16 * 60));
        assert_eq!(open("22:00-06:00"), Ok(8 * 60));
        assert_eq!(open("6:30 - 24:00"), Ok(17 * 60 + 30));
        for text in [
            "08:00-08:00",
            "8-17",
            "06:00",
            "25:00-26:00",
            "+6:00-07:00",
            "06:000-07:00",
        ] {
            assert!(hours(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tokens_leave_only_over_https_or_within_the_own_network() {
        for good in [
            "https://graph.facebook.com",
            "http://127.0.0.1:8081",
            "http://192.168.1.7/hook",
            "http://[::1]/",
            "http://cms/hook",
            "http://web.lan/hook",
        ] {
            assert!(api_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://8.8.8.8/",
            "ftp://example.com",
            "https://user:pw@example.com/",
            "example.com",
            "https://",
        ] {
            assert!(api_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zone_is_guessed() {
        assert!(zone("Asia/Ho_Chi_Minh").is_ok());
        let near = ("near", "Asia/Ho_Chi_Minh".to_owned());
        assert!(
            matches!(zone("Asia/HoChiMinh"), Err(Complaint(Code::BadZoneNear, v)) if v.contains(&near))
        );
    }
}
