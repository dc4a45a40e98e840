//! Whatever happens to the ledger's files, what comes of it is the right data or a refusal that
//! names the place and the remedy; never silently less. And the remedy works.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod ledger_kit;

use std::path::{Path, PathBuf};

use ledger_kit::{commit, commits, dir, disk, open, read, segment, with};
use proptest::prelude::*;
use raotin::disk::FaultyDisk;
use raotin::model::{By, Commit, Event};
use raotin::store::ledger::{Ledger, LedgerError, Mark, recover, verify};

/// A ledger as it was written, and how far each of its witnesses reaches.
struct Case {
    disk: FaultyDisk,
    marks: Vec<Mark>,
    head: u64,
}

const LAST: u64 = 9;

/// Nine commits in segments of about three, HEAD renewed after commit `head`.
fn case(head: u64) -> Case {
    large_case(head, LAST, 1, 800)
}

fn large_case(head: u64, last: u64, group: usize, segment_bytes: u64) -> Case {
    let disk = FaultyDisk::new();
    let ledger = open(&disk, None).unwrap().ledger;
    let mut ledger: Ledger = ledger.with_segment_bytes(segment_bytes);
    let mut marks = vec![Mark::START];
    for commits in commits(1..last + 1).chunks(group) {
        marks.extend(ledger.append(commits).unwrap().iter().map(|p| p.mark));
        if marks.len() as u64 - 1 <= head {
            ledger.write_head().unwrap();
        }
    }
    let disk = disk.restarted();
    Case { disk, marks, head }
}

impl Case {
    fn last(&self) -> u64 {
        self.marks.len() as u64 - 1
    }
    /// What an index may say it holds: nothing (it was lost), less than HEAD, as much as the ledger.
    fn applied(&self) -> Vec<Option<Mark>> {
        let at = |n: u64| Some(self.marks[usize::try_from(n).unwrap()]);
        vec![None, at(self.head / 2), at(self.last())]
    }
    fn segments(&self) -> Vec<PathBuf> {
        let all = self.disk.paths().into_iter();
        all.filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
            .collect()
    }
    /// The promise itself.
    fn check(&self, now: &FaultyDisk, what: &str) {
        let mut refused = None;
        for applied in self.applied() {
            refused = self.check_with(now, applied, what).or(refused);
        }
        // What a recovery does, does not hang on the index: once is enough.
        if let Some(what) = refused {
            self.check_recovery(&now.restarted(), &what);
        }
    }
    /// What was refused, if it was.
    fn check_with(&self, now: &FaultyDisk, applied: Option<Mark>, what: &str) -> Option<String> {
        let acknowledged = self.head.max(applied.map_or(0, |m| m.seq));
        let what = format!("{what}; HEAD {}, applied {applied:?}", self.head);
        let now = now.restarted();
        match open(&now, applied) {
            Err(refused) => {
                check_refusal(&refused, &what);
                Some(what)
            }
            Ok(opened) => {
                assert!(opened.ledger.head().seq >= acknowledged, "{what}: less");
                // An index that is there goes on from where it was, one that is not reads it all.
                let mut afters = vec![applied, None];
                afters.dedup();
                for after in afters {
                    match read(&now, after) {
                        Err(refused) => {
                            check_refusal(&refused, &what);
                            return Some(what);
                        }
                        Ok(read) => {
                            let from = after.map_or(0, |m| m.seq);
                            let read: Vec<Commit> = read.into_iter().map(|(_, _, c)| c).collect();
                            self.check_data(&read, from, acknowledged, &what);
                        }
                    }
                }
                None
            }
        }
    }
    fn check_data(&self, read: &[Commit], from: u64, acknowledged: u64, what: &str) {
        let until = from + read.len() as u64;
        assert!(until >= acknowledged, "{what}: {until} of {acknowledged}");
        assert!(until <= self.last(), "{what}: {until}");
        for (n, read) in (from + 1..).zip(read) {
            // Of the very last line nothing but its form tells, if neither HEAD nor the index has
            // seen it: the second before a crash. All others are vouched for.
            if n < until || n <= acknowledged {
                assert_eq!(*read, commit(n), "{what}: commit {n}");
            }
        }
    }
    fn check_recovery(&self, now: &FaultyDisk, what: &str) {
        let at = jiff::Timestamp::UNIX_EPOCH;
        let recovered = recover(disk(now), dir(), at, By::Daemon).unwrap();
        let opened = open(now, None).unwrap();
        assert_eq!((opened.ledger.head(), opened.torn), (recovered.head, None));
        let read = read(now, None).unwrap();
        let (_, _, telling) = read.last().unwrap();
        assert!(
            matches!(&telling.events[0], Event::LedgerRecovered { after, .. } if *after == recovered.kept.seq),
            "{what}: {telling:?}"
        );
        // The last line kept may be one that nothing vouches for; those before it are as written.
        let kept = &read[..read.len() - 1];
        assert_eq!(kept.len() as u64, recovered.kept.seq);
        for (n, (_, _, read)) in (1..).zip(&kept[..kept.len().saturating_sub(1)]) {
            assert_eq!(*read, commit(n), "{what}: commit {n} after the recovery");
        }
        let verified = verify(disk(now), dir(), None, |_, _, _| {}).unwrap();
        assert!(verified.is_clean(), "{what}: {:?}", verified.problems);
    }
}

fn check_refusal(refused: &LedgerError, what: &str) {
    let text = refused.to_string();
    assert!(refused.is_damage(), "{what}: {text}");
    assert!(text.contains("`raotin recover`"), "{what}: {text}");
    assert!(text.starts_with("/data/ledger/"), "{what}: {text}");
    let place = text.trim_start_matches("/data/ledger/");
    let file = place.split(':').next().unwrap();
    assert!(file == "HEAD" || file.ends_with(".jsonl"), "{what}: {text}");
}

fn cases() -> [Case; 3] {
    [case(0), case(5), case(LAST)]
}

#[test]
fn untouched_it_opens() {
    for case in cases() {
        assert!(case.segments().len() >= 3);
        for applied in case.applied() {
            let now = case.disk.restarted();
            let opened = open(&now, applied).unwrap();
            assert_eq!(Some(&opened.ledger.head()), case.marks.last());
            assert_eq!(opened.torn, None);
            assert_eq!(read(&now, None).unwrap().len() as u64, LAST);
        }
    }
}

#[test]
fn cut_at_every_byte() {
    for case in [case(5), case(LAST)] {
        for file in case.disk.paths() {
            let bytes = case.disk.bytes(&file).unwrap();
            for len in 0..bytes.len() {
                let now = with(&case.disk, &file, Some(&bytes[..len]));
                case.check(&now, &format!("{} cut to {len}", file.display()));
            }
        }
    }
}

#[test]
fn a_bit_flipped_in_every_byte() {
    for case in [case(5), case(LAST)] {
        for file in case.disk.paths() {
            let bytes = case.disk.bytes(&file).unwrap();
            for at in 0..bytes.len() {
                let bit = at.wrapping_mul(2_654_435_761) >> 7 & 7;
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << bit;
                let now = with(&case.disk, &file, Some(&bytes));
                case.check(&now, &format!("{}: bit {bit} of byte {at}", file.display()));
            }
        }
    }
}

#[test]
fn pages_zeroed() {
    for case in cases() {
        for file in case.disk.paths() {
            let bytes = case.disk.bytes(&file).unwrap();
            for page in [16, 128, 512] {
                for at in (0..bytes.len()).step_by(page) {
                    let mut bytes = bytes.clone();
                    let end = bytes.len().min(at + page);
                    bytes[at..end].fill(0);
                    let now = with(&case.disk, &file, Some(&bytes));
                    case.check(&now, &format!("{}: zeros at {at}", file.display()));
                }
            }
        }
    }
}

#[test]
fn files_removed_swapped_and_doubled() {
    for case in cases() {
        for file in case.disk.paths() {
            let now = with(&case.disk, &file, None);
            case.check(&now, &format!("{} removed", file.display()));
            for other in case.disk.paths() {
                let bytes = case.disk.bytes(&other).unwrap();
                let now = with(&case.disk, &file, Some(&bytes));
                let what = format!("{} in place of {}", other.display(), file.display());
                case.check(&now, &what);
            }
        }
        let next = segment(case.segments().len() as u32 + 1);
        for file in case.segments() {
            let bytes = case.disk.bytes(&file).unwrap();
            let now = with(&case.disk, &next, Some(&bytes));
            case.check(&now, &format!("{} once more at the end", file.display()));
        }
        let bare = FaultyDisk::new();
        // With nothing left and no index nobody can know; HEAD or an index knows.
        for applied in case
            .applied()
            .into_iter()
            .filter(|a| a.is_some_and(|m| m.seq > 0))
        {
            case.check_with(&bare, applied, "all removed");
        }
        if case.head > 0 {
            let head = dir().join("HEAD");
            bare.put(&head, &case.disk.bytes(&head).unwrap());
            case.check_with(&bare, None, "all but HEAD removed");
        }
    }
}

#[test]
fn an_older_copy_put_back() {
    let case = case(LAST);
    for n in 0..LAST {
        // The files as they were after commit n.
        let old = large_case(n, n, 1, 800);
        for file in case.disk.paths() {
            let bytes = old.disk.bytes(&file);
            let name = file.file_name().unwrap().to_str().unwrap();
            let now = with(&case.disk, &file, bytes.as_deref());
            let what = format!("{name} of after commit {n}");
            if name == "HEAD" {
                // Then HEAD vouches for less, and the index for all or nothing.
                let less = Case {
                    disk: now.clone(),
                    marks: case.marks.clone(),
                    head: n,
                };
                less.check(&now, &what);
                assert_eq!(
                    open(&now, None).unwrap().ledger.head(),
                    case.marks[LAST as usize]
                );
            } else {
                case.check(&now, &what);
            }
        }
        // All segments older, HEAD and index as they are; then only the index as it is.
        let mut now = case.disk.clone();
        for file in case.segments() {
            now = with(&now, &file, old.disk.bytes(&file).as_deref());
        }
        assert!(open(&now, None).is_err());
        case.check(&now, &format!("all segments of after commit {n}"));
        let head = dir().join("HEAD");
        let now = with(&now, &head, old.disk.bytes(&head).as_deref());
        assert!(open(&now, case.applied()[2]).is_err());
        case.check_with(&now, case.applied()[2], &format!("all of after commit {n}"));
    }
}

#[test]
fn an_index_that_is_ahead_or_elsewhere_is_refused() {
    let case = case(5);
    let more = large_case(5, LAST + 4, 1, 800);
    let ahead = Some(more.marks[LAST as usize + 4]);
    let refused = open(&case.disk.restarted(), ahead).err().unwrap();
    check_refusal(&refused, "index ahead");
    case.check_recovery(&case.disk.restarted(), "index ahead");
    for n in 1..=LAST {
        let other = Mark {
            seq: n,
            hash: [7; 32],
        };
        let refused = open(&case.disk.restarted(), Some(other)).err().unwrap();
        check_refusal(&refused, "index elsewhere");
    }
}

#[test]
fn a_place_is_named_by_file_and_line() {
    let case = case(LAST);
    let file = case.segments().pop().unwrap();
    let bytes = case.disk.bytes(&file).unwrap();
    let lines = bytes.iter().filter(|b| **b == b'\n').count();
    let now = with(&case.disk, &file, Some(&bytes[..bytes.len() - 5]));
    let refused = open(&now, None).err().unwrap().to_string();
    let place = format!("{}:{lines}: the line has no end", file.display());
    assert!(refused.starts_with(&place), "{refused}");
    let first = segment(1);
    let now = with(&case.disk, &first, None);
    let refused = open(&now, None).err().unwrap().to_string();
    let place = format!("{}:1: this segment is missing", first.display());
    assert!(refused.starts_with(&place), "{refused}");
}

/// Nobody reads old segments while the index is whole: their ends are looked at all the same.
#[test]
fn a_closed_segment_cut_short_is_noticed_at_the_next_start() {
    let case = case(LAST);
    let closed = case.segments().len() - 1;
    for file in &case.segments()[..closed] {
        let bytes = case.disk.bytes(file).unwrap();
        let first = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
        let last = bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n');
        for rest in [&bytes[..last.unwrap() + 1], &bytes[first..], &[]] {
            let now = with(&case.disk, file, Some(rest));
            let refused = open(&now, case.applied()[2]).err();
            let refused = refused.unwrap_or_else(|| panic!("{} opens", file.display()));
            check_refusal(&refused, "cut short");
        }
    }
}

#[test]
fn a_recovery_keeps_no_line_that_head_says_is_another() {
    let case = case(LAST);
    let file = case.segments().pop().unwrap();
    let text = String::from_utf8(case.disk.bytes(&file).unwrap()).unwrap();
    let at = text.rfind("\"at\":\"2019").unwrap() + "\"at\":\"201".len();
    let mut bytes = text.into_bytes();
    bytes[at] = b'7';
    let now = with(&case.disk, &file, Some(&bytes));
    assert!(open(&now, None).is_err_and(|e| e.is_damage()));
    let at = jiff::Timestamp::UNIX_EPOCH;
    let recovered = recover(disk(&now), dir(), at, By::Daemon).unwrap();
    assert_eq!(recovered.kept, case.marks[LAST as usize - 1]);
    assert_eq!(recovered.aside, [format!("lost-{LAST}")]);
    assert_eq!(
        now.bytes(&dir().join(&recovered.aside[0])).unwrap().last(),
        Some(&b'\n')
    );
}

/// How a file is hurt.
#[derive(Debug, Clone)]
enum Harm {
    Cut(usize),
    Flip(usize, u8),
    Zero(usize, usize),
    Drop(usize, usize),
    Insert(usize, Vec<u8>),
}

fn harm() -> impl Strategy<Value = Harm> {
    let at = any::<usize>();
    prop_oneof![
        at.prop_map(Harm::Cut),
        (at, 0..8u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        (at, 1..9000usize).prop_map(|(at, len)| Harm::Zero(at, len)),
        (at, 1..9000usize).prop_map(|(at, len)| Harm::Drop(at, len)),
        (at, prop::collection::vec(any::<u8>(), 1..50)).prop_map(|(at, b)| Harm::Insert(at, b)),
    ]
}

impl Harm {
    fn to(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let len = bytes.len();
        let within = |at: usize| at % len;
        match self {
            Harm::Cut(at) => bytes.truncate(within(*at)),
            Harm::Flip(at, bit) => bytes[within(*at)] ^= 1 << bit,
            Harm::Zero(at, n) => {
                let at = within(*at);
                bytes[at..len.min(at + n)].fill(0);
            }
            Harm::Drop(at, n) => {
                let at = within(*at);
                bytes.drain(at..len.min(at + n));
            }
            Harm::Insert(at, new) => {
                let at = within(*at);
                bytes.splice(at..at, new.iter().copied());
            }
        }
        bytes
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// A larger ledger, harmed in one or two places at once.
    #[test]
    fn a_large_one_harmed_anywhere(
        harms in prop::collection::vec((any::<prop::sample::Index>(), harm()), 1..3),
        head in 0..=600u64,
    ) {
        let case = large_case(head / 7 * 7, 600, 7, 40_000);
        let mut now = case.disk.clone();
        for (which, harm) in &harms {
            let files = case.segments();
            let file: &Path = &files[which.index(files.len())];
            let Some(bytes) = now.bytes(file).filter(|b| !b.is_empty()) else { continue };
            now = with(&now, file, Some(&harm.to(bytes)));
        }
        case.check(&now, &format!("{harms:?}"));
    }
}
