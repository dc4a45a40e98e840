//! Each file of index and ledger cut short, flipped, zeroed, emptied, taken away, or put back from
//! earlier: the end is the right data, or a refusal that says where and what to do. Never less in
//! silence.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod store_kit;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use raotin::store::sled::SledStore;
use raotin::store::{MemoryStore, QueueAsk, ShareAsk, Store, StoreError};
use store_kit::{Dice, Office, channel, commit_all, count_asks, open, options};

/// What matters of a store: every row, and one question to each index.
fn essence(store: &SledStore) -> Result<String, StoreError> {
    let mut all = format!("{:?}", store.articles(None, usize::MAX)?);
    let page = ShareAsk {
        limit: usize::MAX,
        ..ShareAsk::default()
    };
    let shares = store.shares(&page)?;
    for share in shares.iter().step_by(1 + shares.len() / 20) {
        all += &format!("{:?}", store.story(share.id)?);
        all += &format!("{:?}", store.shares_of(share.article, None)?);
    }
    all += &format!(
        "{shares:?} {:?} {:?}",
        store.channels()?,
        store.schedules()?
    );
    for n in 0..4 {
        for order in [
            raotin::model::channel::Order::Oldest,
            raotin::model::channel::Order::Newest,
            raotin::model::channel::Order::Priority,
        ] {
            let id = channel(n);
            let ask = QueueAsk {
                channel: &id,
                order,
                topic: None,
                after: None,
                limit: 1000,
            };
            all += &format!("{:?}", store.queue(&ask)?);
        }
        all += &format!("{:?}", store.planned(&channel(n), 1000)?);
    }
    for ask in count_asks().iter().take(30) {
        all += &format!("{:?}", store.counts(ask)?);
    }
    Ok(all)
}

/// All files but the reserve, which is only bytes that take up room.
fn files(data: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in ["sled", "sled/blobs", "ledger"] {
        let Ok(entries) = fs::read_dir(data.join(folder)) else {
            continue;
        };
        let entries = entries
            .map(|e| e.unwrap())
            .filter(|e| e.file_type().unwrap().is_file());
        all.extend(entries.map(|e| Path::new(folder).join(e.file_name())));
    }
    all.retain(|file| file.file_name().unwrap() != "reserve");
    all.sort();
    all
}

fn keep(data: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |file: PathBuf| (file.clone(), fs::read(data.join(file)).unwrap());
    files(data).into_iter().map(read).collect()
}

fn lay_out(files: &BTreeMap<PathBuf, Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sled", "sled/blobs", "ledger"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for (file, bytes) in files {
        fs::write(folder.path().join(file), bytes).unwrap();
    }
    folder
}

/// Opens what was harmed. `None`: refused, in words that say where and what to do.
fn look(data: &Path, harm: &str, truth: &str) -> Option<bool> {
    for _ in 0..2 {
        let store = match SledStore::open(options(data)) {
            Ok(store) => store,
            Err(error) => {
                let words = error.to_string();
                assert!(words.contains("ledger/"), "{harm}: {words}");
                assert!(words.contains("raotin recover"), "{harm}: {words}");
                assert!(error.is_damage(), "{harm}: {words}");
                return None;
            }
        };
        // A question to each index; and every entry of it.
        match essence(&store).and_then(|found| Ok((found, store.verify()?))) {
            Ok((found, verified)) => {
                let left = verified.differences.iter().take(3).collect::<Vec<_>>();
                assert!(
                    verified.is_clean(),
                    "{harm}: {left:?} {:?}",
                    verified.ledger.problems
                );
                assert_eq!(found, truth, "{harm}");
                return Some(true);
            }
            // Found on the way: the next start rebuilds it.
            Err(error) => {
                let words = error.to_string();
                assert!(words.contains("restart"), "{harm}: {words}");
            }
        }
    }
    panic!("{harm}: a second start did not mend it");
}

#[test]
fn damage_never_loses_silently() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(77);
    let model = MemoryStore::new();
    let mut earlier = BTreeMap::new();
    let mut truth = String::new();
    for life in 0..3 {
        let store = open(folder.path());
        if life == 0 {
            let opening = [office.opening()];
            commit_all(&store, &opening);
            commit_all(&model, &opening);
        }
        for _ in 0..40 {
            let group: Vec<_> = (0..3).map(|_| office.anything(&model)).collect();
            commit_all(&store, &group);
            commit_all(&model, &group);
        }
        truth = essence(&store).unwrap();
        drop(store);
        if life == 1 {
            earlier = keep(folder.path());
        }
    }
    let whole = keep(folder.path());
    assert_eq!(look(lay_out(&whole).path(), "nothing", &truth), Some(true));

    let mut dice = Dice::new(3);
    let mut ends = BTreeMap::<(&str, Option<bool>), usize>::new();
    let mut try_harm = |harm: String, files: &BTreeMap<PathBuf, Vec<u8>>| {
        let end = look(lay_out(files).path(), &harm, &truth);
        let of = if harm.contains("sled") {
            "sled"
        } else {
            "ledger"
        };
        *ends.entry((of, end)).or_default() += 1;
        // Nothing that befalls the index alone may keep the office from working.
        assert!(of != "sled" || end.is_some(), "{harm}: refused");
    };
    for (file, bytes) in &whole {
        let name = file.display();
        let many = match bytes.len() {
            0..200 => 4,
            _ => 9,
        };
        let mut with = |harm: String, changed: Vec<u8>| {
            let mut files = whole.clone();
            files.insert(file.clone(), changed);
            try_harm(harm, &files);
        };
        for n in 0..many {
            let at = bytes.len() * n / many + dice.below(bytes.len() / many);
            with(
                format!("{name} cut to {at} of {}", bytes.len()),
                bytes[..at].to_vec(),
            );
            let at = bytes.len() * n / many + dice.below(bytes.len() / many);
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << dice.below(8);
            with(format!("{name}: bit flipped at {at}"), flipped);
            if bytes.len() > 4096 {
                let page = dice.below(bytes.len() / 4096) * 4096;
                let mut zeroed = bytes.clone();
                zeroed[page..page + 4096].fill(0);
                with(format!("{name}: page at {page} zeroed"), zeroed);
            }
        }
        with(format!("{name} emptied"), Vec::new());
        if let Some(old) = earlier.get(file) {
            with(format!("{name} from earlier"), old.clone());
        }
        let mut files = whole.clone();
        files.remove(file);
        try_harm(format!("{name} removed"), &files);
    }
    // Whole folders.
    for folder in ["sled", "ledger"] {
        let mut files = whole.clone();
        files.retain(|file, _| !file.starts_with(folder));
        try_harm(format!("{folder} removed"), &files);
        let old = earlier.iter().filter(|(file, _)| file.starts_with(folder));
        files.extend(old.map(|(file, bytes)| (file.clone(), bytes.clone())));
        try_harm(format!("{folder} from earlier"), &files);
    }
    // Both ends happen, else this proves nothing.
    assert!(ends.contains_key(&("ledger", None)), "{ends:?}");
    assert!(ends[&("sled", Some(true))] > 30, "{ends:?}");
}
