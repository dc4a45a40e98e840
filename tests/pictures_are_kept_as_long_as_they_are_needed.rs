//! A picture that nothing has named for a week goes; one that is named, or that went out once, stays
//! for good, also after its article names it no longer. An upload that is about to be named stays.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod office_kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use office_kit::{Kit, article, local};
use raotin::clock::{Clock, ManualClock};
use raotin::daemon::collecting;
use raotin::disk::MachineDisk;
use raotin::model::{ArticleId, Event, Picture, ShareId};
use raotin::office::articles::{Edit, WhereTo};
use raotin::store::media::collect::Collector;
use raotin::store::media::{Media, MediaFolder};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The thread that collects takes its own time; on a busy machine up to this.
const PATIENCE: Duration = Duration::from_secs(60);

/// As a phone sends it, and each another one.
fn photo(n: u8) -> Vec<u8> {
    camera::phone_jpeg(camera::scene(8 + u32::from(n), 8), 6)
}

struct Pictures {
    kit: Kit,
    media: Arc<MediaFolder>,
    collector: Arc<Collector>,
}

impl Pictures {
    async fn new() -> Self {
        let kit = Kit::new().await;
        // A second hand on the same folder: all it knows is on the disk.
        let dir = kit.folder().join("media");
        let media = Arc::new(MediaFolder::open(Arc::new(MachineDisk), &dir).unwrap());
        let collector = Collector::new(media.clone(), kit.store.clone(), kit.store.clone());
        Self {
            kit,
            media,
            collector: Arc::new(collector),
        }
    }
    fn keep(&self, n: u8) -> String {
        self.kit.office.keep_picture(&local(), &photo(n)).unwrap()
    }
    async fn add(&self, hash: &str) -> (ArticleId, ShareId) {
        let mut new = article("nhom");
        new.pictures = vec![picture(hash)];
        let done = self.kit.office.add(&local(), None, new).await.unwrap();
        (done.article.unwrap(), done.shares[0])
    }
    async fn edit(&self, id: ArticleId, pictures: Vec<Picture>) {
        let edit = Edit {
            pictures: Some(pictures),
            ..Edit::default()
        };
        self.kit
            .office
            .edit(&local(), None, id, edit)
            .await
            .unwrap();
    }
    fn collect_on(&self, day: i32) -> Vec<String> {
        let now = office_kit::now() + DAY * day;
        self.collector.collect(now).unwrap()
    }
    fn there(&self, hash: &str) -> bool {
        self.media.get(hash).unwrap().is_some()
    }
}

/// The share becomes a hand task.
async fn hand_over(kit: &Kit, share: ShareId) {
    let (now, day) = (kit.clock.now(), "2026-11-23".parse().unwrap());
    let planned = Event::SharePlanned {
        share,
        due: now,
        day,
        key: "k".to_owned(),
        firing: None,
        fixed: false,
        why: None,
    };
    let handed = Event::ShareHanded {
        share,
        due: now,
        day,
        until: now + DAY,
        post: kit.office.chance.text(now),
        why: None,
    };
    kit.happens(vec![planned, handed]).await;
}

/// Time passes, and whoever waited for it has a moment.
async fn pass(clock: &ManualClock, time: SignedDuration) {
    clock.advance(time);
    tokio::time::sleep(Duration::from_millis(3)).await;
}

fn picture(hash: &str) -> Picture {
    Picture {
        hash: hash.to_owned(),
        alt: String::new(),
    }
}

#[tokio::test]
async fn what_was_never_named_goes_after_a_week() {
    let office = Pictures::new().await;
    let (named, never) = (office.keep(1), office.keep(2));
    office.add(&named).await;
    assert!(office.collect_on(0).is_empty());
    assert!(office.collect_on(6).is_empty());
    assert_eq!(office.collect_on(7), [never]);
    assert!(office.collect_on(400).is_empty());
    assert!(office.there(&named));
}

#[tokio::test]
async fn what_went_out_stays_though_nothing_names_it_any_more() {
    let office = Pictures::new().await;
    let (out, not_out, other) = (office.keep(1), office.keep(2), office.keep(3));
    let (article, share) = office.add(&not_out).await;
    office.edit(article, vec![picture(&out)]).await;
    hand_over(&office.kit, share).await;
    // Another share of it is still to go, so it can be edited.
    let to = WhereTo {
        channels: vec!["trang".to_owned()],
        ..WhereTo::default()
    };
    let queued = office.kit.office.queue(&local(), None, article, to).await;
    queued.unwrap();
    office.edit(article, vec![picture(&other)]).await;
    assert!(office.collect_on(0).is_empty());
    assert_eq!(office.collect_on(8), [not_out]);
    assert!(office.collect_on(400).is_empty());
    assert!(office.there(&out) && office.there(&other));
}

#[tokio::test]
async fn an_upload_that_is_named_at_last_stays() {
    let office = Pictures::new().await;
    let late = office.keep(1);
    assert!(office.collect_on(0).is_empty());
    // It is due; but somebody has just asked for it, to name it.
    assert!(office.media.renew(&late).unwrap());
    assert!(office.collect_on(8).is_empty());
    office.add(&late).await;
    assert!(office.collect_on(30).is_empty());
    assert!(!office.media.renew("../lock").unwrap());
}

#[tokio::test]
async fn the_daemon_collects_while_its_clock_is_trusted() {
    let office = Pictures::new().await;
    let never = office.keep(1);
    let clock = office.kit.clock.clone();
    let trusted = Arc::new(AtomicBool::new(false));
    let (stop, stopping) = tokio::sync::watch::channel(false);
    let run = collecting::run(
        office.collector.clone(),
        Arc::new(clock.clone()),
        {
            let trusted = trusted.clone();
            move || trusted.load(Ordering::Relaxed)
        },
        stopping,
    );
    let run = tokio::spawn(run);
    for day in 0..9 {
        // Nobody has said yet that the clock can be right.
        assert!(office.there(&never), "day {day}");
        pass(&clock, DAY).await;
    }
    trusted.store(true, Ordering::Relaxed);
    let (mut days, begun) = (0, Instant::now());
    while office.there(&never) {
        days += 1;
        assert!(begun.elapsed() < PATIENCE, "it never goes");
        pass(&clock, DAY).await;
    }
    assert!(days >= 7, "{days}");
    stop.send_replace(true);
    run.await.unwrap();
}
