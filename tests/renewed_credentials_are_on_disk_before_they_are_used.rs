//! Promise: a session is renewed by one at a time, the new pair is kept before it is used, and no
//! restart costs a login.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use fakes::bluesky::FakeBluesky;
use fakes::desk::{PATIENT, attempt, clock, deps, post};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::platform::vault::{Shelf, Vault};
use raotin::platform::{Deps, Doubt, Look, Platform, SendError, connect};

/// A shelf that can be full, and shows what stands on it.
#[derive(Default)]
struct Glass {
    full: AtomicBool,
    kept: Mutex<HashMap<String, Vec<u8>>>,
}

impl Shelf for Glass {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.kept.lock().unwrap().get(name).cloned())
    }
    fn swap(&self, name: &str, _: Option<&[u8]>, new: Option<&[u8]>) -> io::Result<()> {
        if self.full.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut kept = self.kept.lock().unwrap();
        match new {
            Some(bytes) => kept.insert(name.to_owned(), bytes.to_owned()),
            None => kept.remove(name),
        };
        Ok(())
    }
}

struct Desk {
    clock: ManualClock,
    fake: FakeBluesky,
    shelf: Arc<Glass>,
    vault: Vault,
    sent: std::cell::Cell<usize>,
}

impl Desk {
    fn new() -> Desk {
        let clock = clock();
        let shelf = Arc::new(Glass::default());
        Desk {
            fake: FakeBluesky::start(Arc::new(clock.clone())),
            vault: Vault::new(shelf.clone()),
            clock,
            shelf,
            sent: 0.into(),
        }
    }
    /// As after a start: nothing is remembered but what is kept.
    fn platform(&self) -> Arc<dyn Platform> {
        let deps = Deps {
            vault: self.vault.clone(),
            ..deps(PATIENT, &self.clock)
        };
        connect(&self.fake.target(), None, deps).unwrap()
    }
    async fn share(&self, platform: &dyn Platform) -> Result<(), SendError> {
        let n = self.sent.replace(self.sent.get() + 1);
        let attempt = attempt(&format!("key-{n}"), self.clock.now(), String::new(), 0);
        let content = post(&format!("Tin {n}"), None, 0);
        platform.send(&attempt, &content, 0, &[]).await.map(drop)
    }
}

#[tokio::test]
async fn two_channels_of_one_account_renew_once_and_a_restart_costs_nothing() {
    let desk = Desk::new();
    let (one, two) = (desk.platform(), desk.platform());
    desk.share(&*one).await.unwrap();
    desk.share(&*two).await.unwrap();
    assert_eq!(desk.fake.sessions(), (1, 0));
    desk.fake.expire();
    let (first, second) = tokio::join!(desk.share(&*one), desk.share(&*two));
    first.unwrap();
    second.unwrap();
    assert_eq!(desk.fake.sessions(), (1, 1));
    desk.share(&*desk.platform()).await.unwrap();
    // Hours later the session has ended by itself.
    desk.clock.advance(SignedDuration::from_hours(3));
    desk.share(&*desk.platform()).await.unwrap();
    assert_eq!(desk.fake.sessions(), (1, 2));
    // Unused for months: it cannot be renewed, and the app password makes another.
    desk.fake.expire();
    desk.fake.forget_renewals();
    desk.share(&*one).await.unwrap();
    assert_eq!(desk.fake.sessions().0, 2);
    assert_eq!(desk.fake.posts().len(), desk.sent.get());
    assert_eq!(desk.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_pair_that_cannot_be_kept_is_not_used() {
    let desk = Desk::new();
    desk.shelf.full.store(true, Ordering::Relaxed);
    let sent = desk.share(&*desk.platform()).await;
    assert!(matches!(sent, Err(SendError::NotSent { .. })), "{sent:?}");
    assert!(desk.fake.posts().is_empty());
    desk.shelf.full.store(false, Ordering::Relaxed);
    desk.share(&*desk.platform()).await.unwrap();
    let kept = desk.shelf.kept.lock().unwrap().clone();
    assert_eq!(kept.len(), 1);
    let text = String::from_utf8(kept.into_values().next().unwrap()).unwrap();
    assert!(text.contains("refresh") && !text.contains(fakes::bluesky::PASSWORD));
}

#[tokio::test]
async fn a_password_that_was_taken_back_is_a_persons() {
    let desk = Desk::new();
    let platform = desk.platform();
    desk.share(&*platform).await.unwrap();
    desk.fake.revoke();
    for _ in 0..2 {
        let sent = desk.share(&*platform).await;
        assert!(
            matches!(sent, Err(SendError::Unauthorized { .. })),
            "{sent:?}"
        );
    }
    let found = platform.check().await.unwrap();
    assert!(found.iter().any(|f| f.code == "bluesky-unauthorized"));
    assert_eq!(desk.fake.posts().len(), 1);
}

#[tokio::test]
async fn what_was_changed_there_is_not_written_over() {
    let desk = Desk::new();
    let platform = desk.platform();
    let attempt = attempt("key", desk.clock.now(), String::new(), 0);
    let content = post("Tin", None, 0);
    let receipt = platform.send(&attempt, &content, 0, &[]).await.unwrap();
    desk.fake.rewrite(&receipt.post_id, "Tin đã sửa");
    let doubt = || Doubt {
        attempt: &attempt,
        post: &content,
        part: 0,
        receipts: &[],
    };
    let look = platform.settle(doubt(), &|_| false).await;
    assert!(matches!(look, Ok(Look::CannotTell { .. })), "{look:?}");
    let again = platform.send(&attempt, &content, 0, &[]).await;
    assert!(matches!(again, Err(SendError::Unsure { .. })), "{again:?}");
    assert_eq!(desk.fake.posts()[0].text, "Tin đã sửa");
    assert_eq!(desk.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn an_account_that_is_put_to_sleep_is_told() {
    let desk = Desk::new();
    desk.fake.deactivate();
    let found = desk.platform().check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "bluesky-inactive"),
        "{found:?}"
    );
}
