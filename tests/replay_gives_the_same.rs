//! A replay of the ledger elsewhere, at another time, in another zone and language, gives the same
//! shares and counts: `apply` rests on nothing but the events (RULES 7).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use jiff::SignedDuration;
use raotin::clock::ManualClock;
use raotin::disk::MachineDisk;
use raotin::model::Event;
use raotin::store::MemoryStore;
use raotin::store::ledger::Reader;
use raotin::store::sled::SledStore;
use store_kit::{Office, answers, begin, commit_all, open, options};

const DATA: &str = "RAOTIN_TEST_DATA";

/// Everything that can be asked, as one number; what to ask about is read from the ledger.
fn essence(store: &SledStore, data: &Path) -> String {
    let mut office = Office::new(1);
    for line in Reader::from(Arc::new(MachineDisk), &data.join("ledger"), None).unwrap() {
        let (_, _, commit) = line.unwrap();
        office.now = commit.at;
        for event in &commit.events {
            match event {
                Event::ArticleAdded { article, .. } => office.articles.push(*article),
                Event::ShareAdded { share, .. } => office.shares.push(*share),
                _ => {}
            }
        }
    }
    assert!(office.shares.len() > 20);
    let words = format!("{:?}", answers(store, &office));
    format!(
        "{:08x} of {}",
        crc32fast::hash(words.as_bytes()),
        words.len()
    )
}

/// Run by the other test, in a process with another zone and language.
#[test]
#[ignore = "a part of the other test, which starts it in a process of its own"]
fn elsewhere() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let data = Path::new(&data);
    let mut options = options(data);
    let much_later = begin() + SignedDuration::from_hours(10 * 365 * 24);
    options.clock = Arc::new(ManualClock::new(much_later));
    let store = SledStore::rebuild(options).unwrap();
    println!("essence {}", essence(&store, data));
}

#[test]
fn a_replay_elsewhere_gives_the_same() {
    let here = tempfile::tempdir().unwrap();
    let mut office = Office::new(5);
    let model = MemoryStore::new();
    let store = open(here.path());
    let opening = [office.opening()];
    commit_all(&store, &opening);
    commit_all(&model, &opening);
    for _ in 0..60 {
        let group: Vec<_> = (0..4).map(|_| office.anything(&model)).collect();
        commit_all(&store, &group);
        commit_all(&model, &group);
    }
    store.close();
    let told = essence(&store, here.path());

    let there = tempfile::tempdir().unwrap();
    std::fs::create_dir(there.path().join("ledger")).unwrap();
    for file in ["000001.jsonl", "HEAD"] {
        let [from, to] = [here.path(), there.path()].map(|d| d.join("ledger").join(file));
        std::fs::copy(from, to).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "elsewhere", "--ignored", "--nocapture"])
        .env(DATA, there.path())
        .env("TZ", "America/St_Johns")
        .env("LC_ALL", "tr_TR.UTF-8")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains(&format!("essence {told}")),
        "{told}, but {said}"
    );
}
