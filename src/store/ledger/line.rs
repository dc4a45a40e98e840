//! A commit → the bytes of its line, and back. Hashes are over the bytes as they stand.

use std::io::Write;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Mark;
use crate::model::event::Texts;
use crate::model::{By, Commit, Event};
use crate::store::hash::{hex, sha256, unhex};

/// The version of the line's form.
const FORM: u32 = 1;

/// Room every text takes at least, quotes included: that of `null`, so that an erased text leaves
/// its line as long as it was and no line ever moves.
const MIN_TEXT: usize = "null".len();

/// Adds the commit's line to `out`, chained on `prev`.
pub(super) fn encode(commit: &Commit, prev: &Mark, out: &mut Vec<u8>) -> serde_json::Result<Mark> {
    let texts = if commit.texts.is_empty() {
        None
    } else {
        Some(encode_texts(&commit.texts)?)
    };
    let seq = prev.seq + 1;
    let begin = out.len();
    // Writing to a Vec cannot fail.
    let _ = write!(
        out,
        r#"{{"v":{FORM},"seq":{seq},"at":"{}","by":"{}","prev":"{}","texts":"#,
        commit.at,
        commit.by,
        hex(&prev.hash)
    );
    match &texts {
        Some(texts) => {
            out.push(b'"');
            out.extend_from_slice(hex(&sha256(texts)).as_bytes());
            out.push(b'"');
        }
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"do\":");
    serde_json::to_writer(&mut *out, &commit.events)?;
    out.push(b'}');
    let hash = sha256(&out[begin..]);
    if let Some(texts) = &texts {
        out.push(b'\t');
        out.extend_from_slice(texts);
    }
    out.push(b'\n');
    Ok(Mark { seq, hash })
}

fn encode_texts(texts: &Texts) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(texts.values().flatten().map(|t| t.len() + 48).sum());
    for (id, text) in texts {
        out.push(if out.is_empty() { b'{' } else { b',' });
        let _ = write!(out, r#""{id}":"#);
        let begin = out.len();
        serde_json::to_writer(&mut out, text)?;
        while out.len() < begin + MIN_TEXT {
            out.push(b' ');
        }
    }
    out.push(b'}');
    Ok(out)
}

/// What of a line the chain needs; its events and texts are not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) prev: [u8; 32],
    pub(super) hash: [u8; 32],
    /// The texts are no longer those whose hash the record names, and one of them was erased.
    pub(super) erased: bool,
}

impl Link {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            seq: self.seq,
            hash: self.hash,
        }
    }
    /// The commit it says it follows.
    pub(super) fn before(&self) -> Mark {
        Mark {
            seq: self.seq - 1,
            hash: self.prev,
        }
    }
}

/// Why a line is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// Its bytes are not what was written.
    Broken(String),
    /// Whole, as far as can be told, but of a form or with events nobody here knows.
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record<'a, Events> {
    v: u32,
    seq: u64,
    at: Timestamp,
    by: By,
    prev: &'a str,
    texts: Option<&'a str>,
    #[serde(rename = "do")]
    events: Events,
}

struct Parts<'a> {
    record: &'a [u8],
    texts: Option<&'a [u8]>,
}

/// `line` with its LF.
fn split(line: &[u8]) -> Result<Parts<'_>, Bad> {
    let Some(line) = line.strip_suffix(b"\n") else {
        return Err(Bad::Broken("the line has no end".into()));
    };
    Ok(match line.iter().position(|b| *b == b'\t') {
        Some(tab) => Parts {
            record: &line[..tab],
            texts: Some(&line[tab + 1..]),
        },
        None => Parts {
            record: line,
            texts: None,
        },
    })
}

fn link<E>(parts: &Parts<'_>, record: &Record<'_, E>) -> Result<Link, Bad> {
    let broken = |what: &str| Bad::Broken(what.into());
    if record.v != FORM {
        return Err(Bad::Unknown(format!("the line is of version {}", record.v)));
    }
    let prev = unhex(record.prev).ok_or_else(|| broken("`prev` is no hash"))?;
    if record.seq == 0 {
        return Err(broken("there is no commit 0"));
    }
    let erased = match (record.texts, parts.texts) {
        (None, None) => false,
        (Some(hash), Some(bytes)) => {
            let hash = unhex(hash).ok_or_else(|| broken("`texts` is no hash"))?;
            let changed = sha256(bytes) != hash;
            if changed && !has_erased(bytes)? {
                return Err(broken("the texts are not those that were written"));
            }
            changed
        }
        (None, Some(_)) => return Err(broken("there are texts that the record does not name")),
        (Some(_), None) => return Err(broken("the texts are missing")),
    };
    Ok(Link {
        seq: record.seq,
        prev,
        hash: sha256(parts.record),
        erased,
    })
}

/// Texts with another hash than the record's are taken only if one of them was erased; whoever reads
/// on to the end checks that an event says so.
fn has_erased(texts: &[u8]) -> Result<bool, Bad> {
    Ok(parse_texts(texts)?.values().any(Option::is_none))
}

fn parse_texts(bytes: &[u8]) -> Result<Texts, Bad> {
    serde_json::from_slice(bytes).map_err(|e| Bad::Broken(format!("the texts are no JSON ({e})")))
}

/// What the chain needs of a line (with its LF), its texts' hash checked.
pub(super) fn decode_link(line: &[u8]) -> Result<Link, Bad> {
    let parts = split(line)?;
    let record: Record<'_, &RawValue> = parse_record(parts.record)?;
    link(&parts, &record)
}

/// A whole line (with its LF), its texts' hash checked.
pub(super) fn decode(line: &[u8]) -> Result<(Link, Commit), Bad> {
    let parts = split(line)?;
    let record: Record<'_, Vec<Event>> = match parse_record(parts.record) {
        Ok(record) => record,
        // Broken, or only not known here?
        Err(why) => {
            decode_link(line)?;
            let (Bad::Broken(what) | Bad::Unknown(what)) = why;
            return Err(Bad::Unknown(what));
        }
    };
    let link = link(&parts, &record)?;
    let texts = parts
        .texts
        .map(parse_texts)
        .transpose()?
        .unwrap_or_default();
    let commit = Commit {
        at: record.at,
        by: record.by,
        events: record.events,
        texts,
    };
    Ok((link, commit))
}

fn parse_record<'a, E: Deserialize<'a>>(bytes: &'a [u8]) -> Result<Record<'a, E>, Bad> {
    serde_json::from_slice(bytes).map_err(|e| Bad::Broken(format!("the record is not whole ({e})")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::TextId;
    use crate::model::{ArticleId, MemberId};

    fn sample() -> Commit {
        let text = |n| TextId::new(1, [n; 10]);
        let mut commit = Commit::new(
            "2019-08-28T01:02:03.456Z".parse().unwrap(),
            By::Member(MemberId::new("lan").unwrap()),
        );
        commit.events.push(Event::ArticleAdded {
            article: ArticleId::new(1, [9; 10]),
            title: text(1),
            text: text(2),
            link: Some("https://example.vn/a\tb".into()),
            pictures: vec![],
            topic: None,
            priority: 0,
            source: "typed".into(),
            row: None,
            member: None,
            unit: None,
        });
        commit.texts.insert(text(1), Some(String::new()));
        let body = "Chợ Đồn\tmến\nyêu 🌾".to_owned();
        commit.texts.insert(text(2), Some(body));
        commit
    }

    #[test]
    fn a_line_is_as_the_rules_write_it() {
        let mut commit = Commit::new("2026-11-23T22:48:00Z".parse().unwrap(), By::Daemon);
        commit.events.push(Event::ClockTrusted);
        let mut out = Vec::new();
        encode(&commit, &Mark::START, &mut out).unwrap();
        let zeros = "0".repeat(64);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(
                r#"{{"v":1,"seq":1,"at":"2026-11-23T22:48:00Z","by":"daemon","prev":"{zeros}","texts":null,"do":[{{"type":"clock.trusted"}}]}}"#
            ) + "\n"
        );
    }

    #[test]
    fn what_was_written_is_read() {
        let commit = sample();
        let mut out = Vec::new();
        let mark = encode(&commit, &Mark::START, &mut out).unwrap();
        assert_eq!(out.iter().filter(|b| **b == b'\n').count(), 1);
        assert_eq!(out.iter().filter(|b| **b == b'\t').count(), 1);
        let (link, read) = decode(&out).unwrap();
        assert_eq!((link.mark(), link.before()), (mark, Mark::START));
        assert_eq!(read, commit);
        assert_eq!(decode_link(&out).unwrap(), link);
    }

    #[test]
    fn the_shortest_text_has_room_for_null() {
        let texts = encode_texts(&sample().texts).unwrap();
        assert!(String::from_utf8(texts).unwrap().contains("\"\"  ,"));
    }

    #[test]
    fn an_event_of_later_is_unknown_and_not_broken() {
        let mut out = Vec::new();
        encode(&sample(), &Mark::START, &mut out).unwrap();
        let line = String::from_utf8(out).unwrap();
        let later = line.replace("article.added", "article.danced");
        assert!(matches!(decode(later.as_bytes()), Err(Bad::Unknown(_))));
        let later = line.replace("{\"v\":1,", "{\"v\":2,");
        assert!(matches!(decode(later.as_bytes()), Err(Bad::Unknown(_))));
    }
}
