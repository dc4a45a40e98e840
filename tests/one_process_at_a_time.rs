//! The data folder has one holder at a time, who is named to all others; a command waits for
//! another one, and not for ever.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use raotin::clock::ManualClock;
use raotin::store::lock::{Lock, LockError, WAIT};

fn held(result: Result<Lock, LockError>) -> (u32, String) {
    match result {
        Err(LockError::Held { pid, command }) => (pid, command),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_holder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let lock = Lock::take(&data, "raotin import danh sách.csv").unwrap();
    let refused = held(Lock::take(&data, "raotin serve"));
    assert_eq!(
        refused,
        (std::process::id(), "raotin import danh sách.csv".into())
    );
    drop(lock);
    // A shorter note leaves nothing of the longer one.
    let _lock = Lock::take(&data, "raotin serve").unwrap();
    assert_eq!(held(Lock::take(&data, "x")).1, "raotin serve");
}

#[test]
fn a_lock_left_by_the_dead_is_free() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lock"), "4711 raotin serve\n").unwrap();
    Lock::take(folder.path(), "raotin add").unwrap();
}

#[tokio::test]
async fn a_command_waits_and_then_says_for_whom() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(Timestamp::UNIX_EPOCH));
    let begin = |what: &'static str| {
        let (data, clock) = (folder.path().to_owned(), clock.clone());
        tokio::spawn(async move { Lock::take_within(&data, what, WAIT, &*clock).await })
    };
    let tick = async |times: u32| {
        for _ in 0..times {
            clock.advance(SignedDuration::from_millis(50));
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        }
    };
    let first = Lock::take(folder.path(), "raotin rebuild").unwrap();
    let patient = begin("raotin add");
    tick(20).await;
    assert!(!patient.is_finished());
    drop(first);
    tick(1).await;
    let second = patient.await.unwrap().unwrap();
    let late = begin("raotin queue");
    tokio::task::yield_now().await;
    let steps = u32::try_from(WAIT.as_millis() / 50).unwrap();
    tick(steps - 1).await;
    assert!(!late.is_finished());
    tick(2).await;
    assert_eq!(held(late.await.unwrap()).1, "raotin add");
    drop(second);
    assert!(Duration::from_secs(10) == WAIT);
}
