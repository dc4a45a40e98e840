//! A crash in the middle of a write leaves a ledger that opens with everything that was
//! acknowledged, and what was not is moved aside and told.

mod ledger_kit;

use std::sync::Arc;

use ledger_kit::commits;
use raotin::disk::MachineDisk;
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
