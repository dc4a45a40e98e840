//! A text that the law wants erased is gone from the files, and chain, places and all other texts
//! are as before; a text that is gone without an event that says why is damage.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod ledger_kit;

use ledger_kit::{commit, dir, disk, open, read, segment, text_id, with, written};
use raotin::disk::FaultyDisk;
use raotin::model::id::TextId;
use raotin::model::{By, Commit, Event};
use raotin::store::ledger::{Verified, read_at, verify};

fn erased(texts: &[TextId]) -> Commit {
    let mut commit = Commit::new(commit(50).at, By::Daemon);
    commit.events.push(Event::Erased {
        texts: texts.to_vec(),
        why: "điều 16, NĐ 13/2023".into(),
    });
    commit
}

fn verified(on: &FaultyDisk) -> Verified {
    verify(disk(on), dir(), None, |_, _, _| {}).unwrap()
}

#[test]
fn the_text_goes_and_all_else_stays() {
    let (on, marks) = written(9, 2, 900);
    let places: Vec<_> = read(&on, None)
        .unwrap()
        .iter()
        .map(|(m, p, _)| (*m, *p))
        .collect();
    // The body of commit 3, the (empty) title of 6, the body of 9, and one that never was.
    let gone = [text_id(7), text_id(12), text_id(19), text_id(999)];
    let body = commit(3).text(text_id(7)).replace('\n', "\\n");
    let in_files = |on: &FaultyDisk| {
        let files = on.paths().into_iter().filter_map(|p| on.bytes(&p));
        files
            .map(|b| String::from_utf8_lossy(&b).matches(&body).count())
            .sum::<usize>()
    };
    assert_eq!(in_files(&on), 1);
    let mut ledger = open(&on, None).unwrap().ledger;
    ledger.append(&[erased(&gone[..3])]).unwrap();
    let found = ledger.erase(&gone.into()).unwrap();
    assert_eq!(found, gone[..3].iter().copied().collect());
    assert_eq!(in_files(&on), 0);
    // It goes on where it was, also in the segment that was rewritten.
    ledger.append(&[commit(11)]).unwrap();
    drop(ledger);
    let after = read(&on, None).unwrap();
    assert_eq!(after.len(), 11);
    for (n, (mark, at, read)) in (1..10).zip(&after) {
        assert_eq!((*mark, *at), places[n as usize - 1]);
        assert_eq!(*mark, marks[n as usize]);
        let mut wanted = commit(n);
        for (id, text) in &mut wanted.texts {
            if gone.contains(id) {
                *text = None;
            }
        }
        assert_eq!(*read, wanted);
        assert_eq!(read_at(&disk(&on), dir(), *at).unwrap().1, wanted);
    }
    let verified = verified(&on);
    assert!(verified.is_clean(), "{:?}", verified.problems);
    let told: Vec<_> = verified
        .erased
        .iter()
        .map(|e| (e.text, e.commit, e.told_by))
        .collect();
    assert_eq!(told, [(gone[0], 3, 10), (gone[1], 6, 10), (gone[2], 9, 10)]);
    assert!(
        verified
            .erased
            .iter()
            .all(|e| e.why == "điều 16, NĐ 13/2023")
    );
    assert!(open(&on, None).unwrap().torn.is_none());
}

#[test]
fn a_text_that_is_gone_without_a_word_is_damage() {
    let (on, _) = written(9, 2, 900);
    let with_event = on.restarted();
    let mut ledger = open(&with_event, None).unwrap().ledger;
    ledger.append(&[erased(&[text_id(7)])]).unwrap();
    ledger.erase(&[text_id(7)].into()).unwrap();
    drop(ledger);
    // The segment as it is after the erasure, in a ledger that knows of none.
    let holding = read(&on, None).unwrap()[2].1.segment;
    let bytes = with_event.bytes(&segment(holding)).unwrap();
    let on = with(&on, &segment(holding), Some(&bytes));
    let refused = read(&on, None).err().unwrap();
    assert!(refused.is_damage() && refused.to_string().contains("no event tells why"));
    assert_eq!(verified(&on).problem_count, 1);
}

#[test]
fn an_erasure_that_was_broken_off_is_told() {
    let (on, _) = written(9, 2, 900);
    let mut ledger = open(&on, None).unwrap().ledger;
    ledger.append(&[erased(&[text_id(7)])]).unwrap();
    let verified_now = verified(&on);
    assert_eq!(verified_now.problem_count, 1);
    assert!(
        verified_now.problems[0]
            .to_string()
            .contains("erase it again")
    );
    ledger.erase(&[text_id(7)].into()).unwrap();
    assert!(verified(&on).is_clean());
}

#[test]
fn other_texts_of_other_lines_are_still_vouched_for() {
    let (on, _) = written(9, 2, 900);
    for n in [3u64, 6, 9] {
        let at = read(&on, None).unwrap()[n as usize - 1].1;
        let file = segment(at.segment);
        let text = String::from_utf8(on.bytes(&file).unwrap()).unwrap();
        let changed = text.replace(&format!("tin số {n}"), &format!("tin só {n}"));
        assert_ne!(text, changed);
        let on = with(&on, &file, Some(changed.as_bytes()));
        let found = verified(&on);
        assert_eq!(found.problem_count, 1, "{:?}", found.problems);
        assert!(found.problems[0].what.contains("the texts are not those"));
    }
}
