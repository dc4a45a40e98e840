//! `kill -9` at any moment: whatever was acknowledged before is there afterwards, once, and the index
//! is what the ledger adds up to.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use raotin::model::{ArticleId, By, Commit, State};
use raotin::store::Store;
use raotin::store::sled::SledStore;
use store_kit::{Dice, Office, open, options};

const DATA: &str = "RAOTIN_TEST_DATA";
const SEED: &str = "RAOTIN_TEST_SEED";

/// Run by the other test in a process of its own: adds articles until it is killed, and says so after
/// each answer.
#[test]
#[ignore = "a part of the other test, which starts it in a process of its own and kills it"]
fn the_killed() {
    let Some(data) = std::env::var_os(DATA) else {
        return;
    };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let store = Arc::new(SledStore::open(options(Path::new(&data))).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut opening = Office::new(seed).opening();
        opening.by = By::Daemon;
        store.commit(opening).await.unwrap();
        let lanes = (0..16).map(|lane| {
            let store = store.clone();
            async move {
                let mut office = Office::new(seed * 100 + lane);
                loop {
                    let mut commit = Commit::new(office.now, By::Local(lane as u32, None));
                    let article = office.add_article(&mut commit);
                    for _ in 0..3 {
                        office.add_share(&mut commit, article, State::Draft);
                    }
                    if store.commit(commit).await.is_ok() {
                        println!("ack {article}");
                    }
                }
            }
        });
        futures_util::future::join_all(lanes).await;
    });
}

#[test]
fn a_kill_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice::new(11);
    let mut acknowledged: Vec<ArticleId> = Vec::new();
    for round in 1..=8_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_killed", "--ignored", "--nocapture"])
            .env(DATA, folder.path())
            .env(SEED, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let acks = 1 + dice.below(400);
        let mut seen = 0;
        // Up to a number of answers; then whatever was said before the kill took hold.
        while let Some(Ok(line)) = lines.next() {
            if let Some((_, id)) = line.split_once("ack ") {
                acknowledged.push(id.parse().unwrap());
                seen += 1;
            }
            if seen == acks {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(seen >= acks, "it ended by itself after {seen}");
        let store = open(folder.path());
        for article in &acknowledged {
            assert!(
                store.article(*article).unwrap().is_some(),
                "{article} is lost"
            );
            assert_eq!(store.shares_of(*article, None).unwrap().len(), 3);
        }
        let found = store.verify().unwrap();
        assert!(found.is_clean(), "{found:#?}");
        assert!(found.articles >= acknowledged.len() as u64);
    }
}
