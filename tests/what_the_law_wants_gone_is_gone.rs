//! An administrator erases an article, and no file of the office holds its words any more: no version
//! of them, no exact post. Counts and chain stay. An erasure that breaks off is finished at the next
//! start, whichever call to the disk fails.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod program;
mod store_kit;

use std::path::Path;
use std::sync::Arc;

use program::Office;
use raotin::clock::ManualClock;
use raotin::disk::{Fault, FaultyDisk};
use raotin::model::{Commit, Event, State, TextId};
use raotin::store::MemoryStore;
use raotin::store::history::texts_of;
use raotin::store::sled::{OpenOptions, SledStore};
use store_kit::{begin, commit_all};

/// Whether any file under `folder` holds the words, as they are or as JSON writes them.
fn holds(folder: &Path, words: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, words);
        }
        let bytes = std::fs::read(&path).unwrap_or_default();
        bytes.windows(words.len()).any(|w| w == words.as_bytes())
    })
}

#[test]
fn an_article_can_be_erased_by_an_administrator() {
    let office = Office::new();
    let words = ["Hộ ông X nợ thuế", "số nhà 12 tổ 5", "bản sửa sau cùng"];
    office.says(&["member", "add", "lan", "--role", "officer"]);
    let added = office.json(&["add", words[1], "--title", words[0]]);
    let article = added["article"].as_str().unwrap();
    let (log, hand) = (office.share("trang"), office.share("nhom"));
    office.says(&["edit", article, "--text", words[2]]);
    let erase = ["erase", article, "--reason", "Nghị định 13/2023, điều 16"];

    // Not by an officer, not without a reason, not while something of it is to go.
    let (code, err) = office.fails(&[&["--as", "lan"], &erase[..]].concat());
    assert_eq!(code, Some(3), "{err}");
    assert_eq!(
        office.fails(&["erase", article, "--reason", " "]).0,
        Some(3)
    );
    assert_eq!(office.fails(&erase).0, Some(3));
    assert!(holds(&office.data(), words[0]));

    office.says(&["cancel", &log]);
    let daemon = office.serve();
    office.says(&["move", &hand, "--at", "2099-12-31 07:30"]);
    office.says(&["retry", &hand, "--by-hand"]);
    let link = "https://www.facebook.com/groups/tinbackan/posts/123/";
    office.says(&["done", &hand, "--link", link]);
    insta::assert_snapshot!(office.says(&erase), @"Đã xóa vĩnh viễn nội dung bài khỏi sổ ghi; số liệu vẫn nguyên. Tệp chỉ mục có thể còn dấu vết: dừng chương trình chạy nền rồi chạy raotin rebuild để tạo lại.");
    let ledger = office.data().join("ledger");
    for words in words {
        assert!(!holds(&ledger, words), "{words}");
        assert!(!office.says(&["show", article]).contains(words), "{words}");
    }
    let (code, err) = office.fails(&erase);
    assert_eq!(code, Some(3), "{err}");
    insta::assert_snapshot!(err, @"raotin: Bài này không còn văn bản nào để xóa.");
    // What it counted for stays, and verify says what is gone and why.
    assert!(
        office
            .says(&["counts", "--format", "csv"])
            .contains("total,,1,1,")
    );
    let verified = office.json(&["verify"]);
    assert_eq!(verified["clean"], true, "{verified}");
    // Title and text, the text after the edit, the exact post: whatever was kept.
    let erased = verified["erased"].as_array().unwrap();
    assert!(erased.len() >= 4, "{verified}");
    assert_eq!(erased[0]["why"], "Nghị định 13/2023, điều 16");
    assert_eq!(daemon.stop(), Some(0));

    // The index's own files may still hold what they no longer show; made anew they do not.
    office.says(&["rebuild"]);
    for words in words {
        assert!(!holds(&office.data(), words), "{words}");
    }
    assert!(
        office
            .says(&["counts", "--format", "csv"])
            .contains("total,,1,1,")
    );
}

fn options(data: &Path, disk: &FaultyDisk) -> OpenOptions {
    OpenOptions {
        data_dir: data.to_owned(),
        disk: Arc::new(disk.clone()),
        clock: Arc::new(ManualClock::new(begin())),
        progress: None,
    }
}

/// An office with one article on the way, and the erasure of it.
fn life() -> (Vec<Commit>, Commit, Vec<TextId>) {
    let mut office = store_kit::Office::new(9);
    let mut commits = vec![office.opening()];
    let mut commit = office.commit();
    let article = office.add_article(&mut commit);
    office.add_share(&mut commit, article, State::Waiting);
    commits.push(commit);
    let model = MemoryStore::new();
    assert!(commit_all(&model, &commits).iter().all(Result::is_ok));
    let texts: Vec<_> = texts_of(&model, article).unwrap().into_iter().collect();
    assert!(texts.len() >= 2);
    let mut erasure = office.commit();
    erasure.events.push(Event::Erased {
        texts: texts.clone(),
        why: "điều 16".to_owned(),
    });
    (commits, erasure, texts)
}

#[test]
fn an_erasure_that_broke_off_is_finished_at_the_next_start() {
    let (commits, erasure, texts) = life();
    let held = |disk: &FaultyDisk, words: &str| {
        let mut files = disk.paths().into_iter().filter_map(|p| disk.bytes(&p));
        files.any(|bytes| String::from_utf8_lossy(&bytes).contains(words))
    };
    let words: Vec<String> = commits
        .iter()
        .flat_map(|c| {
            texts
                .iter()
                .filter_map(|t| c.texts.get(t).cloned().flatten())
        })
        .map(|text| serde_json::to_string(&text).unwrap())
        .filter(|text| text.len() > 8)
        .collect();
    assert!(!words.is_empty());
    let mut broken_off = 0;
    for how in [Fault::Io, Fault::Full, Fault::Short, Fault::Dead] {
        for call in 1.. {
            let (folder, disk) = (tempfile::tempdir().unwrap(), FaultyDisk::new());
            let store = SledStore::open(options(folder.path(), &disk)).unwrap();
            assert!(commit_all(&store, &commits).iter().all(Result::is_ok));
            assert!(words.iter().all(|w| held(&disk, w)));
            let before = disk.calls();
            disk.fail_at(before + call, how);
            let done = commit_all(&store, std::slice::from_ref(&erasure));
            let reached = disk.calls() >= before + call;
            store.close();
            drop(store);

            // The next start, on what a crash leaves.
            let disk = disk.restarted();
            let store = SledStore::open(options(folder.path(), &disk)).unwrap();
            let asked = texts_of(&store, commits[1].events.iter().find_map(added).unwrap());
            let left = asked.unwrap();
            let verified = store.verify().unwrap();
            assert!(verified.is_clean(), "{how:?} at {call}: {verified:?}");
            let finished = !verified.ledger.erased.is_empty();
            assert_eq!(left.is_empty(), finished, "{how:?} at {call}");
            assert_eq!(
                finished,
                !words.iter().any(|w| held(&disk, w)),
                "{how:?} at {call}"
            );
            assert!(
                finished || done[0].is_err(),
                "{how:?} at {call}: acknowledged in vain"
            );
            broken_off += u32::from(finished && done[0].is_err());
            if !reached {
                break;
            }
        }
    }
    assert!(
        broken_off > 3,
        "the fault never came between the event and the erasure"
    );
}

fn added(event: &Event) -> Option<raotin::model::ArticleId> {
    match event {
        Event::ArticleAdded { article, .. } => Some(*article),
        _ => None,
    }
}
