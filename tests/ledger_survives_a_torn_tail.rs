//! A crash in the middle of a write leaves a ledger that opens with everything that was
//! acknowledged, and what was not is moved aside and told.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod ledger_kit;

use std::sync::Arc;

use ledger_kit::{commit, commits, dir, open, read, segment, with, written};
use raotin::disk::{FaultyDisk, MachineDisk};
use raotin::model::Event;
use raotin::store::ledger::{Ledger, Mark, Reader, read_at};

#[test]
fn what_is_appended_is_read_in_order_and_by_place() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data/ledger");
    let disk: Arc<dyn raotin::disk::Disk> = Arc::new(MachineDisk);
    let all = commits(1..40);
    let mut placed = Vec::new();
    for group in all.chunks(7) {
        // A start before every group, and segments of a few lines.
        let opened = Ledger::open(disk.clone(), &dir, placed.last().map(|(m, _)| *m)).unwrap();
        assert_eq!(opened.torn, None);
        let mut ledger = opened.ledger.with_segment_bytes(3000);
        let new = ledger.append(group).unwrap();
        placed.extend(new.iter().map(|p| (p.mark, p.position())));
        assert_eq!(Some(ledger.head()), placed.last().map(|(m, _)| *m));
    }
    assert!(placed.last().unwrap().1.segment > 2);
    let read: Vec<_> = Reader::from(disk.clone(), &dir, None)
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let of_read: Vec<_> = read.iter().map(|(m, p, _)| (*m, *p)).collect();
    assert_eq!(of_read, placed);
    assert!(read.iter().map(|(_, _, c)| c).eq(&all));
    for (i, (mark, at)) in placed.iter().enumerate() {
        assert_eq!(
            read_at(&disk, &dir, *at).unwrap(),
            (*mark, all[i].clone()),
            "commit {i} by its place"
        );
        let rest = Reader::from(disk.clone(), &dir, Some(*mark)).unwrap();
        assert_eq!(rest.count(), all.len() - i - 1, "after commit {i}");
    }
    let some = Reader::from(disk, &dir, Some(Mark::START)).unwrap();
    assert_eq!(some.up_to(5).count(), 5);
}

/// Twelve commits in one segment; HEAD vouches for the first eight.
fn eight_of_twelve() -> (FaultyDisk, Vec<Mark>, Vec<u64>) {
    let disk = FaultyDisk::new();
    let mut ledger = open(&disk, None).unwrap().ledger;
    let mut marks = vec![Mark::START];
    let mut ends = vec![0];
    for n in 1..13 {
        marks.push(ledger.append(&[commit(n)]).unwrap()[0].mark);
        ends.push(disk.bytes(&segment(1)).unwrap().len() as u64);
        if n == 8 {
            ledger.write_head().unwrap();
        }
    }
    (disk, marks, ends)
}

#[test]
fn a_tail_cut_anywhere_is_moved_aside_and_told_once() {
    let (disk, marks, ends) = eight_of_twelve();
    let whole = disk.bytes(&segment(1)).unwrap();
    for len in ends[8]..=ends[12] {
        let cut = with(&disk, &segment(1), Some(&whole[..len as usize]));
        let kept = ends.iter().rposition(|end| *end <= len).unwrap();
        let rest = &whole[ends[kept] as usize..len as usize];
        // Whoever opens it twice before telling it is told twice.
        for _ in 0..2 {
            let opened = open(&cut, None).unwrap();
            assert_eq!(opened.ledger.head(), marks[kept]);
            match opened.torn {
                None => assert!(rest.is_empty()),
                Some(torn) => {
                    assert_eq!(torn.bytes, rest.len() as u64);
                    assert_eq!(cut.bytes(&dir().join(torn.file)).unwrap(), rest);
                }
            }
        }
        let mut opened = open(&cut, Some(marks[8])).unwrap();
        if let Some(torn) = opened.torn {
            let mut telling = commit(99);
            telling.texts.clear();
            telling.events = vec![Event::LedgerTorn {
                file: torn.file,
                bytes: torn.bytes,
            }];
            let placed = opened.ledger.append(&[telling]).unwrap();
            assert_eq!(placed[0].mark.seq, kept as u64 + 1);
            assert_eq!(open(&cut, None).unwrap().torn, None);
        }
        let read = read(&cut, None).unwrap();
        let all = commits(1..kept as u64 + 1);
        assert!(read.iter().map(|(_, _, c)| c).take(kept).eq(&all));
    }
}

#[test]
fn whole_lines_behind_a_broken_one_were_never_acknowledged_either() {
    let (disk, marks, ends) = eight_of_twelve();
    let mut bytes = disk.bytes(&segment(1)).unwrap();
    bytes[ends[9] as usize..ends[10] as usize - 1].fill(0);
    let torn = with(&disk, &segment(1), Some(&bytes));
    let opened = open(&torn, None).unwrap();
    assert_eq!(opened.ledger.head(), marks[9]);
    assert_eq!(opened.torn.unwrap().bytes, ends[12] - ends[9]);
}

#[test]
fn a_changed_line_that_nothing_vouches_for_is_not_served() {
    let (disk, marks, ends) = eight_of_twelve();
    // Still JSON, still the right number; only the next line's `prev` tells.
    let line = ends[9] as usize..ends[10] as usize;
    let bytes = disk.bytes(&segment(1)).unwrap();
    let changed = String::from_utf8(bytes[line.clone()].to_vec()).unwrap();
    let changed = changed.replace("1234_10", "1234_77");
    let mut bytes = bytes;
    bytes.splice(line, changed.into_bytes());
    let torn = with(&disk, &segment(1), Some(&bytes));
    assert_eq!(open(&torn, None).unwrap().ledger.head(), marks[9]);
    // If the index vouches for it, it is damage.
    let refused = open(&torn, Some(marks[10])).err().unwrap();
    assert!(refused.is_damage());
    assert!(
        refused.to_string().contains("000001.jsonl:10: "),
        "{refused}"
    );
}

#[test]
fn a_segment_begun_and_empty_is_gone_on_with() {
    let (disk, marks) = written(9, 3, 1);
    assert!(disk.bytes(&segment(3)).is_some());
    let begun = with(&disk, &segment(4), Some(b""));
    let mut ledger = open(&begun, None).unwrap().ledger;
    assert_eq!(ledger.head(), marks[9]);
    assert_eq!(ledger.append(&[commit(10)]).unwrap()[0].segment, 4);
    assert_eq!(read(&begun, None).unwrap().len(), 10);
}
