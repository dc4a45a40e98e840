//! The example `verify_ledger`, which holds no code of ours, finds the same counts and chain as we
//! do, and finds every change.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod ledger_kit;
/// The example itself, as anybody would read it.
#[path = "../examples/verify_ledger.rs"]
#[allow(dead_code, reason = "its main is for the command line")]
mod outsider;

use std::path::Path;
use std::sync::Arc;

use ledger_kit::{commit, share_id, text_id};
use raotin::disk::MachineDisk;
use raotin::model::{ArticleId, By, ChannelId, Commit, Count, Event, How, ShareId, State};
use raotin::store::ledger::{Ledger, verify};

fn added(n: u64, channel: &str, how: Option<How>) -> Commit {
    let mut told = Commit::new(commit(n).at, By::Daemon);
    told.events.push(Event::ShareAdded {
        share: share_id(n),
        article: ArticleId::new(n, [0; 10]),
        channel: ChannelId::new(channel).unwrap(),
        state: if how.is_some() {
            State::Shared
        } else {
            State::Planned
        },
        spot: None,
        at: None,
        day: None,
        key: None,
        topic: None,
        priority: 0,
        own_text: None,
        again: false,
        receipt: None,
        count: how.map(count),
        origin: None,
    });
    told
}

fn count(how: How) -> Count {
    Count {
        at: commit(1).at,
        day: "2020-02-29".parse().unwrap(),
        topic: None,
        unit: None,
        member: None,
        how,
    }
}

fn event(event: Event) -> Commit {
    let mut told = Commit::new(commit(1).at, By::Daemon);
    told.events.push(event);
    told
}

fn shared(share: ShareId, how: How) -> Commit {
    event(Event::ShareShared {
        share,
        receipt: None,
        count: count(how),
    })
}

fn undone(share: ShareId) -> Commit {
    let at = commit(1).at;
    event(Event::ShareUndone {
        share,
        due: at,
        day: "2020-02-29".parse().unwrap(),
        until: at,
    })
}

/// Two by hand on the group, one of them undone and confirmed again, one undone for good; on the
/// Page one by itself, one back-filled and a trial.
fn write(dir: &Path) -> Ledger {
    let opened = Ledger::open(Arc::new(MachineDisk), dir, None).unwrap();
    let mut ledger = opened.ledger.with_segment_bytes(1500);
    let story = [
        commit(3),
        added(1, "tin-bac-kan", None),
        added(2, "tin-bac-kan", None),
        added(3, "fanpage", None),
        added(4, "fanpage", Some(How::BackFilled)),
        added(5, "fanpage", None),
        shared(share_id(1), How::ByHand),
        shared(share_id(2), How::ByHand),
        undone(share_id(1)),
        shared(share_id(1), How::ByHand),
        undone(share_id(2)),
        shared(share_id(3), How::Auto),
        shared(share_id(5), How::Log),
        commit(6),
    ];
    for commit in story {
        ledger.append(&[commit]).unwrap();
    }
    ledger
}

fn outsider(dir: &Path) -> Result<String, String> {
    outsider::verify(&outsider::segments(dir).unwrap()).map(|sum| outsider::told(&sum))
}

#[test]
fn it_counts_what_was_shared() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = write(folder.path());
    let told = outsider(folder.path()).unwrap();
    let last = ledger.head().to_string().replace("14 ", "");
    assert_eq!(
        told,
        format!(
            "14 commits, the chain holds\n\
             fanpage\t2\t(1 trials)\n\
             tin-bac-kan\t1\t(0 trials)\n\
             total\t3\n\
             last\t{last}\n"
        )
    );
}

#[test]
fn it_takes_what_was_erased_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = write(folder.path());
    let telling = event(Event::Erased {
        texts: vec![text_id(7)],
        why: "asked for".into(),
    });
    ledger.append(&[telling]).unwrap();
    ledger.erase(&[text_id(7)].into()).unwrap();
    let told = outsider(folder.path()).unwrap();
    let line = format!("erased\t{}\t000001.jsonl:1\tasked for\n", text_id(7));
    assert!(told.contains(&line), "{told}");
}

#[test]
fn it_finds_every_changed_byte_that_we_find() {
    let folder = tempfile::tempdir().unwrap();
    drop(write(folder.path()));
    let mut files: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    assert!(files.len() > 2);
    for file in &files[..files.len() - 1] {
        let bytes = std::fs::read(file).unwrap();
        for at in (0..bytes.len()).step_by(3) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 7);
            std::fs::write(file, &changed).unwrap();
            let theirs = outsider(folder.path());
            assert!(theirs.is_err(), "{}: byte {at}: {theirs:?}", file.display());
            let ours = verify(Arc::new(MachineDisk), folder.path(), None, |_, _, _| {}).unwrap();
            assert!(!ours.is_clean(), "{}: byte {at}", file.display());
        }
        std::fs::write(file, &bytes).unwrap();
    }
    // A whole segment left out, from the middle and from the beginning.
    for file in &files[..files.len() - 1] {
        let bytes = std::fs::read(file).unwrap();
        std::fs::remove_file(file).unwrap();
        assert!(outsider(folder.path()).is_err_and(|e| e.contains("missing")));
        std::fs::write(file, &bytes).unwrap();
    }
    assert!(outsider(folder.path()).is_ok());
}

/// It is code of its own, and the command line shows what it found.
#[test]
fn it_stands_alone() {
    let source = include_str!("../examples/verify_ledger.rs");
    for line in source.lines().filter(|l| l.starts_with("use ")) {
        let foreign = ["std::", "serde_json::", "sha2::"];
        assert!(
            foreign.iter().any(|f| line["use ".len()..].starts_with(f)),
            "{line}"
        );
    }
    assert!(!source.contains("raotin::"));
}
