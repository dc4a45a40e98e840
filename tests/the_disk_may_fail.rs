//! Whichever call to the disk fails, and however: nothing that was acknowledged is lost, what was
//! refused has not happened, and after a failed sync nothing more is acknowledged.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod ledger_kit;

use jiff::SignedDuration;
use ledger_kit::{commit, commits, dir, disk, open, read, segment, text_id, with, written};
use proptest::prelude::*;
use raotin::disk::{Disk, Fault, FaultyDisk};
use raotin::model::{By, Commit, Event};
use raotin::store::ledger::{
    AppendError, Ledger, LedgerError, MIN_FREE, Mark, RESERVE, is_new_work, recover, verify,
};

const FAULTS: [Fault; 4] = [Fault::Io, Fault::Full, Fault::Short, Fault::Dead];

/// What a run was told.
#[derive(Debug, Default)]
struct Told {
    /// In order: each is synced.
    acknowledged: Vec<Commit>,
    head: Option<Mark>,
    /// The group that was on its way when the ledger stopped: perhaps there, perhaps not.
    in_doubt: Vec<Commit>,
    stopped: bool,
}

/// Two lives of a ledger with small segments, to the end or until it stops.
fn live(on: &FaultyDisk) -> Told {
    let mut told = Told::default();
    let mut next = 1;
    for life in 0..2 {
        let Ok(opened) = open(on, told.head) else {
            return told;
        };
        assert_eq!(opened.torn, None);
        let mut ledger = opened.ledger.with_segment_bytes(900);
        for group in 0..4u64 {
            let group = commits(next..next + 1 + group % 3);
            next += group.len() as u64;
            append(&mut ledger, group, &mut told);
            let since_boot = SignedDuration::from_millis(600 * next as i64);
            told.stopped |= matches!(ledger.renew_head(since_boot), Err(AppendError::Stopped(_)));
        }
        if life == 0 {
            told.stopped |= ledger.write_head().is_err();
        }
        if told.stopped {
            return told;
        }
    }
    told
}

fn append(ledger: &mut Ledger, group: Vec<Commit>, told: &mut Told) {
    match ledger.append(&group) {
        Ok(placed) => {
            assert!(!told.stopped, "acknowledged after it had stopped");
            assert_eq!(placed.len(), group.len());
            told.acknowledged.extend(group);
            told.head = placed.last().map(|p| p.mark);
        }
        Err(AppendError::Stopped(_)) => {
            if !told.stopped {
                told.in_doubt = group;
            }
            told.stopped = true;
        }
        Err(AppendError::Refused(_)) => assert!(!told.stopped),
    }
}

/// What a restart finds. `applied`: whether the index was kept, and how far.
fn check(found: &FaultyDisk, told: &Told, what: &str) {
    for applied in [None, told.head] {
        let found = found.restarted();
        let opened = open(&found, applied).unwrap_or_else(|e| panic!("{what}: {e}"));
        let read = read(&found, None).unwrap_or_else(|e| panic!("{what}: {e}"));
        let read: Vec<&Commit> = read.iter().map(|(_, _, c)| c).collect();
        let known = told.acknowledged.len();
        assert!(read.len() >= known, "{what}: lost");
        assert!(
            read[..known].iter().copied().eq(&told.acknowledged),
            "{what}"
        );
        // A group in doubt may be there, in part even, for each commit stands alone.
        let more = &read[known..];
        assert!(
            told.in_doubt
                .iter()
                .take(more.len())
                .eq(more.iter().copied()),
            "{what}: {more:?} were never asked for, or refused"
        );
        let mut ledger = opened.ledger;
        assert_eq!(ledger.append(&[commit(900)]).unwrap().len(), 1);
    }
}

fn seeded(mut seed: u64) -> impl FnMut() -> u32 {
    move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as u32
    }
}

#[test]
fn in_every_call() {
    let whole = FaultyDisk::new();
    let all = live(&whole);
    assert!(!all.stopped && all.acknowledged.len() == 14);
    assert!(
        whole.bytes(&segment(4)).is_some(),
        "segments are begun on the way"
    );
    check(&whole, &all, "no fault");
    for how in FAULTS {
        for call in 1..=whole.calls() {
            let disk = FaultyDisk::new();
            disk.fail_at(call, how);
            let told = live(&disk);
            let what = format!("{how:?} at call {call}");
            // A program that was killed, or restarted after it had stopped.
            check(&disk.restarted(), &told, &what);
            for seed in 0..6 {
                let cut = disk.after_power_cut(seeded(seed));
                check(&cut, &told, &format!("{what}, power cut {seed}"));
            }
        }
    }
}

#[test]
fn in_the_start_after_a_crash_too() {
    let (before, marks) = written(9, 2, 900);
    let last = segment(3);
    let mut bytes = before.bytes(&last).unwrap();
    bytes.extend_from_slice(b"{\"v\":1,\"seq\":10,\"at\":\"20");
    let torn = with(&before, &last, Some(&bytes));
    let whole = torn.restarted();
    assert!(open(&whole, None).unwrap().torn.is_some());
    let told = Told {
        acknowledged: commits(1..10),
        head: Some(marks[9]),
        ..Told::default()
    };
    for how in FAULTS {
        for call in 1..=whole.calls() {
            let disk = torn.restarted();
            disk.fail_at(call, how);
            let first = open(&disk, None);
            assert!(
                !matches!(first, Err(ref e) if e.is_damage()),
                "{how:?} at {call}"
            );
            for seed in 0..4 {
                let cut = disk.after_power_cut(seeded(seed));
                check(&cut, &told, &format!("{how:?} at {call}, power cut {seed}"));
                let again = open(&cut, None).unwrap();
                let torn = again.torn.expect("told until an event tells it");
                assert_eq!(torn.bytes, 24);
            }
        }
    }
}

#[test]
fn a_failed_sync_is_the_end_until_a_restart() {
    let (disk, _) = written(3, 1, 1 << 20);
    let mut ledger = open(&disk, None).unwrap().ledger;
    // An append is one write and one sync.
    disk.fail_at(disk.calls() + 2, Fault::Io);
    let first = ledger.append(&[commit(4)]);
    assert!(matches!(first, Err(AppendError::Stopped(_))), "{first:?}");
    // The kernel would call the next sync a success, and the bytes are lost all the same.
    for _ in 0..3 {
        let more = ledger.append(&[commit(5)]);
        assert!(matches!(more, Err(AppendError::Stopped(_))), "{more:?}");
    }
    assert!(matches!(ledger.write_head(), Err(AppendError::Stopped(_))));
    assert_eq!(ledger.head().seq, 3);
    let cut = disk.after_power_cut(|| 1);
    assert_eq!(open(&cut, None).unwrap().ledger.head().seq, 3);
    // Without a power cut the line can be read and is taken; it is copied, so that it stays.
    let restarted = disk.restarted();
    let ledger = open(&restarted, None).unwrap().ledger;
    assert_eq!(ledger.head().seq, 4);
    drop(ledger);
    let cut = restarted.after_power_cut(|| 0);
    assert_eq!(read(&cut, None).unwrap().len(), 4);
}

#[test]
fn what_was_refused_is_gone_when_the_refusal_is_told() {
    let (disk, _) = written(3, 1, 1 << 20);
    let mut ledger = open(&disk, None).unwrap().ledger;
    // Half of six commits reaches the file: some whole lines. No reserve saves them.
    disk.remove(&dir().join("reserve")).unwrap();
    disk.fail_at(disk.calls() + 1, Fault::Short);
    let refused = ledger.append(&commits(4..10));
    assert!(
        matches!(refused, Err(AppendError::Refused(_))),
        "{refused:?}"
    );
    for seed in 0..50 {
        let cut = disk.after_power_cut(seeded(seed));
        assert_eq!(open(&cut, None).unwrap().ledger.head().seq, 3, "{seed}");
    }
}

#[test]
fn a_full_disk_refuses_new_work_and_still_takes_receipts() {
    let disk = FaultyDisk::new();
    disk.set_size(MIN_FREE + RESERVE + (1 << 20));
    let mut ledger = open(&disk, None).unwrap().ledger;
    assert_eq!(ledger.short_of_room().unwrap(), None);
    ledger.append(&commits(1..4)).unwrap();
    // Somebody else fills the disk to the last byte.
    let left = disk.free(dir()).unwrap();
    disk.allot("/var/big".as_ref(), left).unwrap();
    assert_eq!(ledger.short_of_room().unwrap(), Some(0));
    assert!(is_new_work(&commit(3)) && !is_new_work(&commit(4)));
    // What happens to the old is still written, though not a byte is free: from the reserve.
    for n in [4, 5, 7, 8, 10] {
        ledger.append(&[commit(n)]).unwrap();
    }
    ledger.write_head().unwrap();
    assert!(disk.bytes(&dir().join("reserve")).is_none());
    // When even that is gone, a refusal leaves the ledger as it was, and usable.
    let left = disk.free(dir()).unwrap();
    disk.allot("/var/more".as_ref(), left).unwrap();
    let head = ledger.head();
    let refused = ledger.append(&[commit(11)]);
    assert!(
        matches!(refused, Err(AppendError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(ledger.head(), head);
    disk.remove("/var/big".as_ref()).unwrap();
    ledger.append(&[commit(13)]).unwrap();
    // With room again the reserve is made again.
    disk.remove("/var/more".as_ref()).unwrap();
    ledger.renew_head(SignedDuration::from_secs(5)).unwrap();
    assert!(disk.bytes(&dir().join("reserve")).is_some());
    let read: Vec<_> = read(&disk, None).unwrap();
    let wanted = [1, 2, 3, 4, 5, 7, 8, 10, 13].map(commit);
    assert!(read.iter().map(|(_, _, c)| c).eq(&wanted));
}

#[test]
fn head_is_renewed_at_most_once_a_second() {
    let (disk, _) = written(1, 1, 1 << 20);
    let mut ledger = open(&disk, None).unwrap().ledger;
    let head = || disk.bytes(&dir().join("HEAD")).unwrap();
    let at = |ms| SignedDuration::from_millis(ms);
    let mut renewals = 0;
    for n in 0..50 {
        let before = head();
        ledger.append(&[commit(n + 2)]).unwrap();
        ledger.renew_head(at(100_000 + 100 * n as i64)).unwrap();
        renewals += u32::from(head() != before);
    }
    assert_eq!(renewals, 5);
    ledger.write_head().unwrap();
    assert_eq!(head(), format!("{}\n", ledger.head()).into_bytes());
}

/// Erasing a text, with a fault at each call: it is there or gone, and nothing else changes.
#[test]
fn in_an_erasure() {
    let (before, _) = written(9, 2, 900);
    let texts = [text_id(7), text_id(13), text_id(19)].into();
    let mut ledger = open(&before, None).unwrap().ledger;
    let mut telling = Commit::new(commit(1).at, By::Daemon);
    telling.events.push(Event::Erased {
        texts: [text_id(7), text_id(13), text_id(19)].into(),
        why: "asked for by the person it names".into(),
    });
    ledger.append(&[telling]).unwrap();
    let head = ledger.head();
    drop(ledger);
    let run = |disk: &FaultyDisk| -> Result<usize, LedgerError> {
        let mut ledger = open(disk, Some(head))?.ledger;
        let found = ledger.erase(&texts)?.len();
        let mut told = Told::default();
        append(&mut ledger, vec![commit(20)], &mut told);
        assert!(!told.stopped || told.acknowledged.is_empty());
        Ok(found)
    };
    let whole = before.restarted();
    assert_eq!(run(&whole).unwrap(), 3);
    for how in FAULTS {
        for call in 1..=whole.calls() {
            let disk = before.restarted();
            disk.fail_at(call, how);
            let done = run(&disk);
            for seed in 0..4 {
                let cut = disk.after_power_cut(seeded(seed));
                let what = format!("{how:?} at {call}, power cut {seed}, {done:?}");
                drop(open(&cut, Some(head)).unwrap_or_else(|e| panic!("{what}: {e}")));
                let read = read(&cut, None).unwrap();
                for (n, (_, _, read)) in (1..10).zip(&read) {
                    let mut wanted = commit(n);
                    for (id, text) in &mut wanted.texts {
                        if texts.contains(id) && (done.is_ok() || read.texts[id].is_none()) {
                            *text = None;
                        }
                    }
                    assert_eq!(*read, wanted, "{what}");
                }
                run(&cut).unwrap();
                let verified = verify(ledger_kit::disk(&cut), dir(), None, |_, _, _| {}).unwrap();
                assert!(verified.is_clean(), "{what}: {:?}", verified.problems);
            }
        }
    }
}

/// Recovering from damage, with a fault at each call: it opens only when it is through.
#[test]
fn in_a_recovery() {
    let (before, marks) = written(9, 2, 900);
    let mut bytes = before.bytes(&segment(2)).unwrap();
    bytes[40] ^= 8;
    let damaged = with(&before, &segment(2), Some(&bytes));
    let at = commit(1).at;
    let run = |on: &FaultyDisk| recover(disk(on), dir(), at, By::Daemon);
    let whole = damaged.restarted();
    let kept = run(&whole).unwrap().kept;
    assert_eq!(Some(&kept), marks.get(kept.seq as usize));
    for how in FAULTS {
        for call in 1..=whole.calls() {
            let disk = damaged.restarted();
            disk.fail_at(call, how);
            let done = run(&disk);
            for seed in 0..4 {
                let cut = disk.after_power_cut(seeded(seed));
                let what = format!("{how:?} at {call}, power cut {seed}");
                match open(&cut.restarted(), Some(marks[9])) {
                    // It was broken off, or the index still has what is lost.
                    Err(e) => assert!(e.is_damage(), "{what}: {e}"),
                    Ok(_) => panic!("{what}: the index is ahead"),
                }
                if let Ok(opened) = open(&cut.restarted(), None) {
                    assert!(opened.ledger.head().seq > kept.seq, "{what}");
                } else {
                    assert!(done.is_err(), "{what}");
                    run(&cut).unwrap();
                }
                let read = read(&cut, None).unwrap();
                let same = read.iter().map(|(m, _, _)| *m).zip(&marks[1..]);
                let same = same.take_while(|(a, b)| a == *b).count();
                assert_eq!(same as u64, kept.seq, "{what}");
                let telling = &read[same].2.events[0];
                assert!(
                    matches!(telling, Event::LedgerRecovered { after, .. } if *after == kept.seq)
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Life after life, each ended by a power cut at some call.
    #[test]
    fn again_and_again(
        lives in prop::collection::vec((1..80u64, any::<u64>(), 1..5usize), 1..8),
        segment_bytes in 300..3000u64,
    ) {
        let mut disk = FaultyDisk::new();
        let mut acknowledged: Vec<Commit> = Vec::new();
        let mut n = 0;
        for (call, seed, group) in lives {
            disk.fail_at(call, Fault::Dead);
            if let Ok(opened) = open(&disk, None) {
                let mut ledger = opened.ledger.with_segment_bytes(segment_bytes);
                loop {
                    let commits = commits(n + 1..n + 1 + group as u64);
                    n += group as u64;
                    if ledger.append(&commits).is_err() {
                        break;
                    }
                    acknowledged.extend(commits);
                    if ledger.renew_head(SignedDuration::from_millis(n as i64 * 300)).is_err() {
                        break;
                    }
                }
            }
            disk = disk.after_power_cut(seeded(seed));
            let now = disk.restarted();
            open(&now, None).unwrap();
            let read: Vec<Commit> = read(&now, None).unwrap().into_iter().map(|(_, _, c)| c).collect();
            prop_assert!(read.starts_with(&acknowledged));
            // What was in doubt and is there is there for good.
            acknowledged = read;
            disk = now.restarted();
        }
    }
}
