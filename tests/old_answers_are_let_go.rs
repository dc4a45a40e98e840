//! An answer is kept for 30 days under its Idempotency-Key and then let go, a few with each commit;
//! the index and a replay of the ledger let go of the same ones.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod store_kit;

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use raotin::model::{By, Commit, Event};
use raotin::store::apply::{Key, try_apply};
use raotin::store::memory::MemoryRows;
use raotin::store::sled::SledStore;
use raotin::store::{MemoryStore, Store};
use store_kit::{begin, commit_all, open, options};

fn day(n: i64) -> Timestamp {
    begin() + SignedDuration::from_hours(24 * n)
}

fn answered(at: Timestamp, key: &str, digest: &str) -> Commit {
    let mut commit = Commit::new(at, By::Daemon);
    commit.events.push(Event::RequestAnswered {
        key: key.to_owned(),
        digest: digest.to_owned(),
        answer: serde_json::json!({}),
    });
    commit
}

fn tick(at: Timestamp) -> Commit {
    let mut commit = Commit::new(at, By::Daemon);
    commit.events.push(Event::Tick { until: at });
    commit
}

/// Everything on the way, so that what one commit did can be counted.
#[derive(Default)]
struct Lived {
    rows: MemoryRows,
    commits: Vec<Commit>,
}

impl Lived {
    fn commit(&mut self, commit: Commit) {
        try_apply(&mut self.rows, &mut HashMap::default(), &commit).unwrap();
        self.commits.push(commit);
    }
    /// Answers that are kept, and notes of when they were given.
    fn kept(&self) -> (usize, usize) {
        let all = || self.rows.0.keys();
        (
            all().filter(|k| matches!(k, Key::Request(..))).count(),
            all().filter(|k| matches!(k, Key::Answered(_))).count(),
        )
    }
}

fn life() -> Lived {
    let mut lived = Lived::default();
    for n in 0..1200 {
        lived.commit(answered(day(0), &format!("k{n}"), "first"));
    }
    // Not a moment too early.
    lived.commit(tick(day(30) - SignedDuration::from_millis(1)));
    assert_eq!(lived.kept(), (1200, 1200));
    lived
}

#[test]
fn they_go_after_thirty_days_a_few_with_each_commit() {
    let mut lived = life();
    // The last of them is asked for anew: the later answer stays.
    lived.commit(answered(day(30), "k1199", "second"));
    assert_eq!(lived.kept(), (1198, 1199));
    lived.commit(answered(day(30), "new", "first"));
    assert_eq!(lived.kept(), (1197, 1198));
    lived.commit(tick(day(31)));
    assert_eq!(lived.kept(), (697, 698));
    lived.commit(tick(day(31)));
    lived.commit(tick(day(31)));
    assert_eq!(lived.kept(), (2, 2));

    let folder = tempfile::tempdir().unwrap();
    let (sled, model) = (open(folder.path()), MemoryStore::new());
    for store in [&sled as &dyn Store, &model] {
        // A few at once: where more wait than are let in, their order is open.
        for group in lived.commits.chunks(100) {
            commit_all(store, group)
                .into_iter()
                .for_each(Result::unwrap);
        }
        let first = |key, at| store.answered(&By::Daemon, key, at).unwrap();
        assert_eq!(first("k1199", day(59)).unwrap().digest, "second");
        assert_eq!(first("k1199", day(60)), None);
        assert_eq!(first("k0", day(31)), None);
    }
    assert!(sled.verify().unwrap().is_clean());
    sled.close();
    drop(sled);
    let again = SledStore::rebuild(options(folder.path())).unwrap();
    let verified = again.verify().unwrap();
    assert!(verified.is_clean(), "{:?}", verified.differences);
}

#[test]
fn a_clock_that_goes_back_lets_nothing_go() {
    let mut lived = life();
    lived.commit(tick(day(-400)));
    lived.commit(answered(day(-400), "then", "first"));
    assert_eq!(lived.kept(), (1201, 1201));
}
