//! Verifies an exported ledger with no code of raotin's: whoever doubts the figures can read these
//! lines, or write them anew in another language.
//!
//! ```text
//! cargo run --example verify_ledger -- data/ledger
//! ```
//!
//! The folder holds `000001.jsonl`, `000002.jsonl`, … One line is one commit:
//! `RECORD<TAB>TEXTS<LF>`, the TAB and TEXTS left out where there are none.
//! RECORD = `{"v":1,"seq":N,"at":…,"by":…,"prev":H,"texts":H|null,"do":[{"type":…},…]}`, where H is
//! lower-case hex SHA-256: `prev` over the bytes of the RECORD before (64 zeros at first), `texts`
//! over the bytes of TEXTS. A share is counted by `share.shared`, or by `share.added` with a
//! `count` (brought in from a list), and no longer by `share.undone`.
//!
//! Prints the shares counted on each channel, trials (`log`) apart, and the hash of the last RECORD:
//! compare it with one noted earlier, for a ledger can also be written anew from the start.
//! Exit: 0 all is as it was written, 1 not, 2 it cannot be read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What the ledger adds up to.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    commits: u64,
    last: String,
    /// Channel → (shares, trials).
    counted: BTreeMap<String, (i64, i64)>,
    /// Share → its channel, and whether it was counted as a trial, once it is counted.
    shares: BTreeMap<String, (String, Option<bool>)>,
    /// Texts that are gone: where, and the event's reason once it is seen.
    erased: BTreeMap<String, (String, Option<String>)>,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: verify_ledger FOLDER");
        return ExitCode::from(2);
    };
    let segments = match segments(Path::new(&folder)) {
        Ok(segments) => segments,
        Err(e) => {
            eprintln!("{folder}: {e}");
            return ExitCode::from(2);
        }
    };
    match verify(&segments) {
        Ok(sum) => {
            print!("{}", told(&sum));
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("{folder}: {what}");
            ExitCode::FAILURE
        }
    }
}

/// Names and bytes of the segments, in order of their numbers.
pub(crate) fn segments(folder: &Path) -> std::io::Result<Vec<(u64, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|n| n.strip_suffix(".jsonl"));
        if let Some(number) = number.and_then(|n| n.parse().ok()) {
            found.push((number, fs::read(entry.path())?));
        }
    }
    found.sort();
    Ok(found)
}

pub(crate) fn verify(segments: &[(u64, Vec<u8>)]) -> Result<Sum, String> {
    let mut sum = Sum {
        last: "0".repeat(64),
        ..Sum::default()
    };
    for (due, (number, bytes)) in (1..).zip(segments) {
        if *number != due {
            return Err(format!("{due:06}.jsonl is missing"));
        }
        for (n, line) in (1..).zip(bytes.split_inclusive(|b| *b == b'\n')) {
            let place = format!("{number:06}.jsonl:{n}");
            commit(&mut sum, line, &place).map_err(|what| format!("{place}: {what}"))?;
        }
    }
    match sum.erased.iter().find(|(_, (_, why))| why.is_none()) {
        Some((text, (place, _))) => Err(format!(
            "{place}: text {text} is gone, and no event tells why"
        )),
        None => Ok(sum),
    }
}

fn commit(sum: &mut Sum, line: &[u8], place: &str) -> Result<(), String> {
    let line = line.strip_suffix(b"\n").ok_or("the line has no end")?;
    let mut halves = line.splitn(2, |b| *b == b'\t');
    let record = halves.next().unwrap_or_default();
    let texts = halves.next();
    let fields = object(record)?;
    let seq = sum.commits + 1;
    if fields.get("v") != Some(&1.into()) {
        return Err("the line is of another version".into());
    }
    if fields.get("seq") != Some(&seq.into()) {
        return Err(format!("commit {seq} belongs here"));
    }
    if text(&fields, "prev")? != sum.last {
        return Err(format!("commit {seq} does not follow the one before it"));
    }
    match (fields.get("texts"), texts) {
        (Some(Value::Null), None) => {}
        (Some(Value::String(hash)), Some(bytes)) => {
            if *hash != sha256(bytes) {
                erased_among(sum, &object(bytes)?, place)?;
            }
        }
        _ => return Err("record and texts do not belong together".into()),
    }
    let events = fields.get("do").and_then(Value::as_array);
    for event in events.ok_or("there are no events")? {
        count(sum, event.as_object().ok_or("an event is no object")?)?;
    }
    sum.commits = seq;
    sum.last = sha256(record);
    Ok(())
}

/// Texts that no longer have their hash are right only if some of them were erased since, which a
/// later event must tell.
fn erased_among(sum: &mut Sum, texts: &Map<String, Value>, place: &str) -> Result<(), String> {
    let gone: Vec<_> = texts.iter().filter(|(_, t)| t.is_null()).collect();
    if gone.is_empty() {
        return Err("the texts are not those that were written".into());
    }
    for (id, _) in gone {
        sum.erased.insert(id.clone(), (place.to_owned(), None));
    }
    Ok(())
}

fn count(sum: &mut Sum, event: &Map<String, Value>) -> Result<(), String> {
    match text(event, "type")? {
        "share.added" => {
            let (share, channel) = (text(event, "share")?, text(event, "channel")?);
            sum.shares
                .insert(share.to_owned(), (channel.to_owned(), None));
            enter(sum, event)
        }
        "share.shared" => enter(sum, event),
        "share.undone" => {
            let share = sum.shares.get_mut(text(event, "share")?);
            let (channel, trial) = share.ok_or("an unknown share is undone")?;
            let trial = trial
                .take()
                .ok_or("a share is undone that was not counted")?;
            add(sum.counted.entry(channel.clone()).or_default(), trial, -1);
            Ok(())
        }
        "erased" => {
            let why = text(event, "why")?;
            let texts = event.get("texts").and_then(Value::as_array);
            for id in texts.into_iter().flatten().filter_map(Value::as_str) {
                if let Some((_, told)) = sum.erased.get_mut(id) {
                    *told = Some(why.to_owned());
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Counts the event's share, if the event counts one.
fn enter(sum: &mut Sum, event: &Map<String, Value>) -> Result<(), String> {
    let Some(count) = event.get("count").and_then(Value::as_object) else {
        return Ok(());
    };
    let share = sum.shares.get_mut(text(event, "share")?);
    let (channel, counted) = share.ok_or("an unknown share is counted")?;
    let trial = text(count, "how")? == "log";
    if counted.replace(trial).is_some() {
        return Err("a share is counted twice".into());
    }
    add(sum.counted.entry(channel.clone()).or_default(), trial, 1);
    Ok(())
}

fn add((shares, trials): &mut (i64, i64), trial: bool, n: i64) {
    *if trial { trials } else { shares } += n;
}

pub(crate) fn told(sum: &Sum) -> String {
    let mut out = format!("{} commits, the chain holds\n", sum.commits);
    for (channel, (shares, trials)) in &sum.counted {
        out += &format!("{channel}\t{shares}\t({trials} trials)\n");
    }
    let total: i64 = sum.counted.values().map(|(shares, _)| shares).sum();
    out += &format!("total\t{total}\n");
    for (text, (place, why)) in &sum.erased {
        let why = why.as_deref().unwrap_or_default();
        out += &format!("erased\t{text}\t{place}\t{why}\n");
    }
    out + &format!("last\t{}\n", sum.last)
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(bytes).map_err(|e| format!("not whole ({e})"))
}

fn text<'a>(from: &'a Map<String, Value>, field: &str) -> Result<&'a str, String> {
    let value = from.get(field).and_then(Value::as_str);
    value.ok_or_else(|| format!("`{field}` is missing"))
}

fn sha256(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
