//! A list that is being added may be cut off at any moment, by a kill or a full disk: it says so, and the
//! word said again adds the rest. Every row is there once, and counted once.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use std::path::Path;
use std::sync::Arc;

use office_kit::{CONFIG, configured, hoa, now, over};
use raotin::chance::Chance;
use raotin::clock::ManualClock;
use raotin::disk::{Fault, FaultyDisk};
use raotin::intake::columns::Purpose;
use raotin::model::Actor;
use raotin::office::Office;
use raotin::office::uploads::{HowToRead, Stage, Upload};
use raotin::store::sled::{OpenOptions, SledStore};
use raotin::store::{CountAsk, CountBy, Store};

/// Three commits.
const ROWS: u64 = 210;

fn list(purpose: Purpose) -> String {
    let row = |n: u64| match purpose {
        Purpose::Articles => format!("Tin số {n};Nội dung của tin số {n};nhom\n"),
        Purpose::Shares => format!("{}/8/2019;Tin số {n};nhom\n", n % 31 + 1),
    };
    let head = match purpose {
        Purpose::Articles => "Tiêu đề;Nội dung;Kênh\n",
        Purpose::Shares => "Ngày;Tiêu đề;Kênh\n",
    };
    head.to_owned() + &(0..ROWS).map(row).collect::<String>()
}

/// A program that runs, from its start to a kill.
struct Life {
    number: u64,
    disk: FaultyDisk,
    store: Arc<SledStore>,
    office: Arc<Office>,
    folder: tempfile::TempDir,
}

impl Life {
    /// On what the life before left on its disk: ledger and lists. The index is made anew.
    async fn begin(number: u64, left: Option<(&FaultyDisk, &Path)>) -> Self {
        let (_, folder) = configured(CONFIG);
        let disk = FaultyDisk::new();
        if let Some((left, there)) = left {
            for path in left.paths() {
                let name = path.strip_prefix(there).unwrap();
                disk.put(&folder.path().join(name), &left.bytes(&path).unwrap());
            }
        }
        let clock = ManualClock::new(now());
        let store = SledStore::open(OpenOptions {
            data_dir: folder.path().join("data"),
            disk: Arc::new(disk.clone()),
            clock: Arc::new(clock.clone()),
            progress: None,
        });
        let store = Arc::new(store.unwrap());
        let uploads = Arc::new(disk.clone());
        // No life gives the ids of another.
        let chance = Chance::seeded(number);
        let (office, _) = over(folder.path(), store.clone(), uploads, &clock, chance);
        office.configured(&Actor::Daemon).await.unwrap();
        Self {
            number,
            disk,
            store,
            office,
            folder,
        }
    }

    async fn again(&self, left: &FaultyDisk) -> Self {
        Self::begin(self.number + 1, Some((left, self.folder.path()))).await
    }

    async fn bring(&self, purpose: Purpose) -> Upload {
        let (by, bytes) = (hoa(), list(purpose).into_bytes());
        let how = HowToRead::default();
        let brought = self.office.upload(&by, purpose, "cu.csv", bytes, how);
        let id = brought.await.unwrap().id;
        self.idle(&id).await;
        let upload = self.office.upload_of(&hoa(), &id).unwrap();
        assert_eq!((upload.stage, upload.looked.good), (Stage::Ready, ROWS));
        upload
    }

    /// Says the word, and waits until nothing is done any more.
    async fn confirm(&self, id: &str) {
        // On a disk that fails at once the word itself is refused.
        let by = hoa();
        let _ = self.office.confirm(&by, id, false).await;
        self.idle(id).await;
    }

    async fn idle(&self, id: &str) {
        while self.office.uploads.progress(id).is_some() {
            tokio::task::yield_now().await;
        }
    }

    /// Articles there are, and shares that are counted.
    fn there(&self) -> (u64, u64) {
        let articles = self.store.articles(None, 1_000).unwrap();
        let ask = CountAsk {
            since: None,
            until: None,
            by: CountBy::Year,
            channel: None,
            topic: None,
            member: None,
            with_log: false,
        };
        let counted = self.store.counts(&ask).unwrap().total.shares;
        (articles.len() as u64, counted)
    }

    /// Whatever had happened: the word once more, and all of it is there, once.
    async fn goes_on(&self, purpose: Purpose, id: &str, what: &str) {
        let (before, _) = self.there();
        let upload = self.office.upload_of(&hoa(), id).unwrap();
        match upload.stage {
            Stage::Ready => {
                // Nothing was added, or it says why it ended before its time.
                let said = upload.outcome.map(|o| (o.added, o.stopped.is_some()));
                assert!(matches!(said, None | Some((_, true))), "{what}: {said:?}");
                // What was in doubt may be there all the same.
                assert!(said.map_or(0, |(added, _)| added) <= before, "{what}");
            }
            Stage::Interrupted => assert!(before <= ROWS, "{what}"),
            Stage::Done => assert_eq!(before, ROWS, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
        self.confirm(id).await;
        let done = self.office.upload_of(&hoa(), id).unwrap();
        assert_eq!(done.stage, Stage::Done, "{what}: {:?}", done.outcome);
        if upload.stage != Stage::Done {
            let outcome = done.outcome.unwrap();
            let counts = (outcome.added, outcome.known, outcome.left);
            assert_eq!(counts, (ROWS - before, before, 0), "{what}");
        }
        let counted = match purpose {
            Purpose::Articles => 0,
            Purpose::Shares => ROWS,
        };
        assert_eq!(self.there(), (ROWS, counted), "{what}");
        let verified = self.store.verify().unwrap();
        assert!(verified.is_clean(), "{what}: {verified:#?}");
    }
}

async fn broken_off_anywhere(purpose: Purpose, how: Fault, every: usize) {
    let first = Life::begin(1, None).await;
    let id = first.bring(purpose).await.id;
    let ready = first.disk.restarted();
    let (mut midst, mut call) = (0, 0);
    loop {
        call += every as u64;
        let what = format!("{how:?} at call {call}");
        let life = first.again(&ready).await;
        life.disk.fail_at(life.disk.calls() + call, how);
        let calls = life.disk.calls();
        life.confirm(&id).await;
        let was_reached = life.disk.calls() >= calls + call;
        let (added, _) = life.there();
        midst += usize::from(added > 0 && added < ROWS);
        if how != Fault::Dead && was_reached {
            // The program lives on, and so may the store.
            let upload = life.office.upload_of(&hoa(), &id).unwrap();
            let stopped = upload.outcome.is_some_and(|o| o.stopped.is_some());
            assert!(stopped || added == ROWS || added == 0, "{what}");
        }
        let next = life.again(&life.disk.restarted()).await;
        next.goes_on(purpose, &id, &what).await;
        if !was_reached {
            break;
        }
    }
    assert!(midst >= 2, "it was cut off between two commits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn articles_after_a_kill() {
    broken_off_anywhere(Purpose::Articles, Fault::Dead, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shares_of_long_ago_after_a_kill() {
    broken_off_anywhere(Purpose::Shares, Fault::Dead, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_on_a_disk_that_fails_once() {
    broken_off_anywhere(Purpose::Articles, Fault::Full, 2).await;
    broken_off_anywhere(Purpose::Shares, Fault::Io, 2).await;
}
