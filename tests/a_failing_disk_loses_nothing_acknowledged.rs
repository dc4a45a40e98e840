//! Each call to the disk fails once, in each way a disk fails, power cuts among them: what was
//! acknowledged is there after the next start, and the index is what the ledger adds up to.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use std::path::Path;
use std::sync::Arc;

use raotin::clock::ManualClock;
use raotin::disk::{Fault, FaultyDisk};
use raotin::model::Commit;
use raotin::store::ledger::{MIN_FREE, Reader};
use raotin::store::sled::{OpenOptions, SledStore};
use raotin::store::{MemoryStore, Refused, ShareAsk, Store, StoreError};
use store_kit::{Dice, Office, begin, commit_all, count_asks};

fn options(data: &Path, disk: &FaultyDisk) -> OpenOptions {
    OpenOptions {
        data_dir: data.to_owned(),
        disk: Arc::new(disk.clone()),
        clock: Arc::new(ManualClock::new(begin())),
        progress: None,
    }
}

/// The groups of commits of a short life, all of which the state takes in this order.
fn life() -> Vec<Vec<Commit>> {
    let model = MemoryStore::new();
    let mut office = Office::new(4);
    let mut groups = vec![vec![office.opening()]];
    commit_all(&model, &groups[0]);
    while groups.len() < 9 {
        let mut group = Vec::new();
        while group.len() < 3 {
            let commit = office.anything(&model);
            if commit_all(&model, std::slice::from_ref(&commit))[0].is_ok() {
                group.push(commit);
            }
        }
        groups.push(group);
    }
    groups
}

/// Lives; the commits that were acknowledged.
fn live(store: &SledStore, groups: &[Vec<Commit>]) -> Vec<Commit> {
    let mut acknowledged = Vec::new();
    let mut stopped = false;
    for group in groups {
        for (commit, outcome) in group.iter().zip(commit_all(store, group)) {
            match outcome {
                Ok(()) => {
                    assert!(!stopped, "a store that stopped takes nothing more");
                    acknowledged.push(commit.clone());
                }
                Err(StoreError::Stopped(why)) => {
                    assert!(!why.is_empty());
                    stopped = true;
                }
                // Something before it was not written.
                Err(StoreError::NotWritten(_) | StoreError::Refused(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    acknowledged
}

/// After a start on what is left: nothing acknowledged is missing, nothing is there but what was asked
/// for, and the index agrees with the ledger.
fn look(data: &Path, disk: &FaultyDisk, acknowledged: &[Commit], asked: &[Commit], how: &str) {
    let store = SledStore::open(options(data, disk)).unwrap_or_else(|e| panic!("{how}: {e}"));
    let model = MemoryStore::new();
    let mut there = Vec::new();
    let ledger = data.join("ledger");
    for line in Reader::from(Arc::new(disk.clone()), &ledger, None).unwrap() {
        let (_, _, commit) = line.unwrap();
        assert!(
            commit_all(&model, std::slice::from_ref(&commit))[0].is_ok(),
            "{how}"
        );
        there.push(commit);
    }
    // Beside what was asked for there is only the store's own event of a torn end.
    there.retain(|c| !c.events.iter().any(|e| e.kind() == "ledger.torn"));
    let mut asked = asked.iter();
    for commit in &there {
        assert!(asked.any(|a| a == commit), "{how}: something else is there");
    }
    let mut left = there.iter();
    for commit in acknowledged {
        assert!(
            left.any(|c| c == commit),
            "{how}: an acknowledged commit is lost"
        );
    }
    let verified = store.verify().unwrap();
    assert!(verified.is_clean(), "{how}: {verified:#?}");
    let all = ShareAsk {
        limit: usize::MAX,
        ..ShareAsk::default()
    };
    assert_eq!(
        store.shares(&all).unwrap(),
        model.shares(&all).unwrap(),
        "{how}"
    );
    let ask = &count_asks()[0];
    assert_eq!(
        store.counts(ask).unwrap(),
        model.counts(ask).unwrap(),
        "{how}"
    );
}

#[test]
fn a_failing_disk_loses_nothing_acknowledged() {
    let groups = life();
    let asked = groups.concat();
    let calls = {
        let (folder, disk) = (tempfile::tempdir().unwrap(), FaultyDisk::new());
        let store = SledStore::open(options(folder.path(), &disk)).unwrap();
        let acknowledged = live(&store, &groups);
        assert_eq!(acknowledged.len(), asked.len());
        drop(store);
        disk.calls()
    };
    assert!(calls > 30, "{calls}");
    let mut dice = Dice::new(8);
    let mut harmed = 0;
    for (n, fault) in [Fault::Io, Fault::Full, Fault::Short, Fault::Dead]
        .into_iter()
        .enumerate()
    {
        for call in (1 + n as u64..=calls).step_by(3) {
            let (folder, disk) = (tempfile::tempdir().unwrap(), FaultyDisk::new());
            disk.fail_at(call, fault);
            let acknowledged = match SledStore::open(options(folder.path(), &disk)) {
                Ok(store) => live(&store, &groups),
                Err(_) => Vec::new(),
            };
            harmed += usize::from(acknowledged.len() < asked.len());
            let how = format!("{fault:?} at call {call}");
            let restarted = disk.restarted();
            let cut = disk.after_power_cut(|| dice.next() as u32);
            // A start after a kill changes the index; the one after a power cut finds it so.
            let copy = tempfile::tempdir().unwrap();
            copy_dir(&folder.path().join("sled"), &copy.path().join("sled"));
            if fault == Fault::Dead {
                look(folder.path(), &restarted, &acknowledged, &asked, &how);
            }
            let ledger = copy.path().join("ledger");
            for path in cut.paths() {
                cut.put(
                    &ledger.join(path.file_name().unwrap()),
                    &cut.bytes(&path).unwrap(),
                );
            }
            look(
                copy.path(),
                &cut,
                &acknowledged,
                &asked,
                &format!("{how}, then a power cut"),
            );
        }
    }
    assert!(harmed > 20, "{harmed}");
}

fn copy_dir(from: &Path, to: &Path) {
    let Ok(files) = std::fs::read_dir(from) else {
        return;
    };
    std::fs::create_dir_all(to).unwrap();
    for file in files.map(|f| f.unwrap()) {
        let to = to.join(file.file_name());
        match file.file_type().unwrap().is_dir() {
            true => copy_dir(&file.path(), &to),
            false => drop(std::fs::copy(file.path(), to).unwrap()),
        }
    }
}

#[test]
fn a_group_that_was_not_written_leaves_nothing_behind() {
    let groups = life();
    let mut not_written = 0;
    for call in 1..8 {
        let (folder, disk) = (tempfile::tempdir().unwrap(), FaultyDisk::new());
        let store = SledStore::open(options(folder.path(), &disk)).unwrap();
        assert!(commit_all(&store, &groups[0])[0].is_ok());
        disk.fail_at(disk.calls() + call, Fault::Io);
        let outcomes = commit_all(&store, &groups[1]);
        let refused = |o: &Result<(), StoreError>| matches!(o, Err(StoreError::NotWritten(_)));
        if !outcomes.iter().all(refused) {
            continue;
        }
        not_written += 1;
        // The state has forgotten them: they are taken as new.
        for outcome in commit_all(&store, &groups[1]) {
            assert!(outcome.is_ok(), "{outcome:?}");
        }
        assert!(store.verify().unwrap().is_clean());
    }
    assert!(not_written > 0, "the append failed once");
}

#[test]
fn a_disk_that_is_nearly_full_takes_no_new_work_but_receipts() {
    let (folder, disk) = (tempfile::tempdir().unwrap(), FaultyDisk::new());
    let store = SledStore::open(options(folder.path(), &disk)).unwrap();
    let model = MemoryStore::new();
    let mut office = Office::new(2);
    let opening = [office.opening()];
    commit_all(&store, &opening);
    commit_all(&model, &opening);
    disk.set_size(MIN_FREE);
    let mut commit = office.commit();
    office.add_article(&mut commit);
    let refused = commit_all(&store, &[commit]).remove(0).unwrap_err();
    assert!(matches!(refused, StoreError::NoRoom { .. }), "{refused:?}");
    assert!(refused.to_string().contains("free some room"));
    // What is known is still judged by the state.
    let mut commit = office.commit();
    let share = office.share_id();
    commit
        .events
        .push(raotin::model::Event::ShareFreed { share });
    let refused = commit_all(&store, &[commit]).remove(0).unwrap_err();
    assert!(
        matches!(refused, StoreError::Refused(Refused::Nonsense(_))),
        "{refused:?}"
    );
}
