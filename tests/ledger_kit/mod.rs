//! What the tests of the ledger share: commits to write, and reading them back.
#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use raotin::disk::{Disk, FaultyDisk};
use raotin::model::id::TextId;
use raotin::model::{ArticleId, By, ChannelId, Commit, Event, Receipt, ShareId, Why};
use raotin::model::{Cause, Count, How};
use raotin::store::ledger::{Ledger, LedgerError, Mark, Opened, Position, Reader};

pub(crate) const DIR: &str = "/data/ledger";

pub(crate) fn dir() -> &'static Path {
    Path::new(DIR)
}

pub(crate) fn segment(number: u32) -> PathBuf {
    dir().join(format!("{number:06}.jsonl"))
}

pub(crate) fn disk(disk: &FaultyDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

fn ten(n: u64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&n.to_be_bytes());
    bytes
}

pub(crate) fn text_id(n: u64) -> TextId {
    TextId::new(n, ten(n))
}

pub(crate) fn share_id(n: u64) -> ShareId {
    ShareId::new(n, ten(n))
}

/// The `n`th commit, different from all others: some with texts, some without.
pub(crate) fn commit(n: u64) -> Commit {
    let at = jiff::Timestamp::from_millisecond(1_566_954_000_000 + n as i64 * 1003).unwrap();
    let mut commit = Commit::new(at, By::Daemon);
    match n % 3 {
        0 => {
            let (title, text) = (text_id(n * 2), text_id(n * 2 + 1));
            commit.events.push(Event::ArticleAdded {
                article: ArticleId::new(n, ten(n)),
                title,
                text,
                link: Some(format!("https://chodon.example/bai/{n}")),
                pictures: vec![],
                topic: None,
                priority: 3,
                source: "typed".into(),
                row: None,
                member: None,
                unit: None,
            });
            commit.texts.insert(title, Some(String::new()));
            let body = format!("Bà con chú ý: tin số {n}\nChợ Đồn mến yêu 🌾");
            commit.texts.insert(text, Some(body));
        }
        1 => commit.events.push(Event::ShareShared {
            share: share_id(n),
            receipt: Some(Receipt {
                post_id: format!("1234_{n}"),
                permalink: None,
                at,
            }),
            count: Count {
                at,
                day: "2019-08-28".parse().unwrap(),
                topic: None,
                unit: None,
                member: None,
                how: How::Auto,
            },
        }),
        _ => {
            commit.events.push(Event::ShareDoubted {
                share: share_id(n),
                why: Why::with(Cause::NoAnswer, "timed out"),
            });
            commit.events.push(Event::ChannelGone {
                channel: ChannelId::new("tin-bac-kan").unwrap(),
            });
        }
    }
    commit
}

pub(crate) fn commits(range: std::ops::Range<u64>) -> Vec<Commit> {
    range.map(commit).collect()
}

pub(crate) fn open(on: &FaultyDisk, applied: Option<Mark>) -> Result<Opened, LedgerError> {
    Ledger::open(disk(on), dir(), applied)
}

/// Everything, as a replay reads it.
pub(crate) fn read(
    on: &FaultyDisk,
    after: Option<Mark>,
) -> Result<Vec<(Mark, Position, Commit)>, LedgerError> {
    Reader::from(disk(on), dir(), after)?.collect()
}

/// A ledger of `n` commits in groups of `group`, in segments of `segment_bytes`, and the marks of
/// its commits with `Mark::START` at 0. HEAD is that of the opening.
pub(crate) fn written(n: u64, group: usize, segment_bytes: u64) -> (FaultyDisk, Vec<Mark>) {
    let disk = FaultyDisk::new();
    let ledger = open(&disk, None).unwrap().ledger;
    let mut ledger = ledger.with_segment_bytes(segment_bytes);
    let mut marks = vec![Mark::START];
    for group in commits(1..n + 1).chunks(group) {
        let placed = ledger.append(group).unwrap();
        marks.extend(placed.iter().map(|p| p.mark));
    }
    (disk, marks)
}

/// What is on this disk instead of `bytes` there.
pub(crate) fn with(on: &FaultyDisk, file: &Path, bytes: Option<&[u8]>) -> FaultyDisk {
    let other = on.restarted();
    match bytes {
        Some(bytes) => other.put(file, bytes),
        None => other.take_away(file),
    }
    other
}
