//! The sled store answers everything as the in-memory model does, which looks at every row for every
//! question and shares no index with it: after whatever may happen, sensible or refused.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use proptest::prelude::*;
use raotin::model::Commit;
use raotin::store::almanac::Almanac;
use raotin::store::{MemoryStore, Store, StoreError};
use store_kit::{Office, answers, assert_same, commit_all, open};

fn words(outcomes: &[Result<(), StoreError>]) -> Vec<String> {
    outcomes.iter().map(|o| format!("{o:?}")).collect()
}

/// Lives `rounds` groups of commits on both stores; says how many were taken and refused.
fn live(office: &mut Office, sled: &dyn Store, model: &MemoryStore, rounds: usize) -> [usize; 2] {
    let mut seen = [0, 0];
    let kept = Almanac::default();
    for round in 0..rounds {
        let group: Vec<Commit> = (0..=office.dice.below(5))
            .map(|_| office.anything(model))
            .collect();
        let (is, should) = (commit_all(sled, &group), commit_all(model, &group));
        for (n, outcome) in words(&is).iter().enumerate() {
            assert_eq!(*outcome, words(&should)[n], "of {:?}", group[n]);
            seen[usize::from(should[n].is_err())] += 1;
        }
        // What was kept up is what is read anew; the model looks at every row for it.
        if round % 10 == 0 {
            let anew = Almanac::default().standings(model).unwrap();
            assert_eq!(kept.standings(sled).unwrap(), anew);
        }
    }
    seen
}

#[test]
fn a_long_life_is_the_same_on_both() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(7);
    let model = MemoryStore::new();
    let mut seen = [0, 0];
    for life in 0..4 {
        // A start now and then: what was not yet flushed is replayed.
        let sled = open(folder.path());
        if life == 0 {
            let opening = [office.opening()];
            assert!(commit_all(&sled, &opening)[0].is_ok());
            assert!(commit_all(&model, &opening)[0].is_ok());
        }
        let new = live(&mut office, &sled, &model, 150);
        seen = [seen[0] + new[0], seen[1] + new[1]];
        assert_same(&sled, &model, &office);
        let found = sled.verify().unwrap();
        assert!(
            found.is_clean(),
            "{:#?} {:#?}",
            found.differences,
            found.ledger
        );
        assert_eq!(found.shares as usize, count_shares(&model));
    }
    // The story has both sides, else it proves nothing.
    assert!(seen[0] > 500 && seen[1] > 100, "{seen:?}");
    let commits = model.commits();
    let kinds: std::collections::BTreeSet<_> = commits
        .iter()
        .flat_map(|c| &c.events)
        .map(|e| e.kind())
        .filter(|kind| kind.starts_with("share.") || kind.starts_with("removal."))
        .collect();
    assert_eq!(kinds.len(), 27, "everything happens to shares: {kinds:?}");
}

fn count_shares(model: &MemoryStore) -> usize {
    let all = raotin::store::ShareAsk {
        limit: usize::MAX,
        ..Default::default()
    };
    model.shares(&all).unwrap().len()
}

#[test]
fn what_is_watched_comes_in_order_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let sled = open(folder.path());
    let mut watched = sled.watch();
    let model = MemoryStore::new();
    let mut office = Office::new(3);
    let mut group = vec![office.opening()];
    group.extend((0..20).map(|_| office.anything(&model)));
    let outcomes = commit_all(&sled, &group);
    for (commit, outcome) in group.iter().zip(&outcomes) {
        if outcome.is_ok() {
            assert_eq!(&*watched.try_recv().unwrap(), commit);
        }
    }
    assert!(watched.try_recv().is_err());
}

#[test]
fn notes_are_kept_whatever_their_length() {
    let folder = tempfile::tempdir().unwrap();
    let long = vec![7; 100_000];
    {
        let sled = open(folder.path());
        sled.set_note("a", Some(&long)).unwrap();
        sled.set_note("ab", Some(b"x")).unwrap();
        sled.set_note("b", Some(&long)).unwrap();
        sled.set_note("b", Some(&long[..9000])).unwrap();
        sled.set_note("c", Some(&long)).unwrap();
        sled.set_note("c", None).unwrap();
    }
    let sled = open(folder.path());
    assert_eq!(sled.note("a").unwrap(), Some(long.clone()));
    assert_eq!(sled.note("ab").unwrap().as_deref(), Some(&b"x"[..]));
    assert_eq!(sled.note("b").unwrap().as_deref(), Some(&long[..9000]));
    assert_eq!(sled.note("c").unwrap(), None);
    assert!(sled.verify().unwrap().is_clean());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn any_life_is_the_same_on_both(seed in any::<u64>(), rounds in 1_usize..25) {
        let folder = tempfile::tempdir().unwrap();
        let mut office = Office::new(seed);
        let model = MemoryStore::new();
        let sled = open(folder.path());
        let opening = [office.opening()];
        commit_all(&sled, &opening);
        commit_all(&model, &opening);
        live(&mut office, &sled, &model, rounds);
        assert_same(&sled, &model, &office);
        prop_assert!(!answers(&sled, &office).is_empty());
    }
}
