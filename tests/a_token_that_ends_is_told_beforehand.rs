//! Promise: channels are asked now and then whether they would take a post, and what a person should act
//! on stands on Today and at the channel, not only where somebody thought of asking.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use faces_kit::House;
use jiff::SignedDuration;
use office_kit::{Kit, channel};
use raotin::clock::Clock;
use raotin::config::ConfiguredChannel;
use raotin::daemon::checking::{self, Asking};
use raotin::daemon::health::Checked;
use raotin::daemon::{Connect, Health};
use raotin::model::Role;
use raotin::platform::{Finding, Platform, SendError, Weight};
use tokio::sync::watch;

const CONFIG: &str = r#"
[office]
name = "Huyện"

[[channels]]
id = "trang"
title = "Trang"
platform = "webhook"
url = "https://huyen.example.vn"
[channels.webhook]
url = "http://127.0.0.1:9/"
secret = { env = "A_SECRET" }

[[channels]]
id = "nhom"
title = "Nhóm"
platform = "facebook-group"
"#;

/// Counts who is asked, and reaches nothing.
struct Nowhere(AtomicUsize);

impl Connect for Nowhere {
    fn connect(&self, at: &ConfiguredChannel, _: Option<&str>) -> Option<Arc<dyn Platform>> {
        assert_eq!(at.rules.id, channel("trang"), "a group has nobody to ask");
        self.0.fetch_add(1, Ordering::SeqCst);
        None
    }
}

#[tokio::test]
async fn each_channel_with_an_api_is_asked_again_and_again() {
    let kit = Kit::with(CONFIG).await;
    let health = Arc::new(Health::default());
    let asked = Arc::new(Nowhere(AtomicUsize::new(0)));
    let (stop, stopping) = watch::channel(false);
    let asking = Asking {
        connect: asked.clone(),
        store: kit.store.clone(),
        config: kit.office.desk.config(),
        health,
        clock: Arc::new(kit.clock.clone()),
    };
    let running = tokio::spawn(checking::run(asking, stopping));
    let times = || asked.0.load(Ordering::SeqCst);
    let passes = async |minutes: i64| {
        let until = kit.clock.since_boot() + SignedDuration::from_mins(minutes);
        while kit.clock.since_boot() < until {
            kit.clock.advance(SignedDuration::from_secs(20));
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
    };
    passes(5).await;
    assert_eq!(times(), 1);
    passes(5 * 60).await;
    assert_eq!(times(), 1, "not before six hours");
    passes(2 * 60).await;
    assert_eq!(times(), 2);
    stop.send_replace(true);
    running.await.unwrap();
}

#[tokio::test]
async fn what_was_found_stands_where_it_is_seen() {
    let health = Arc::new(Health::default());
    let house = House::with_health(Kit::with(CONFIG).await, health.clone());
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    for path in ["/", "/channels", "/channels/trang"] {
        assert!(!browser.get(path).await.text.contains("hết hạn"), "{path}");
    }
    let at = house.kit.clock.now();
    let ends = Finding::new(Weight::Warning, "facebook-token-ends")
        .with("at", at + SignedDuration::from_hours(48));
    let found = Ok(vec![Finding::new(Weight::Note, "webhook-untried"), ends]);
    health.checked(channel("trang"), Checked { at, found });
    for path in ["/", "/channels", "/channels/trang"] {
        let page = browser.get(path).await.text;
        assert!(page.contains("hết hạn"), "{path}: {page}");
    }
    assert!(
        browser
            .get("/channels/trang")
            .await
            .text
            .contains("Kiểm tra kết nối lúc")
    );
    let reason = "connection refused".to_owned();
    let found = Err(Arc::new(SendError::NotSent { reason }));
    health.checked(channel("trang"), Checked { at, found });
    let page = browser.get("/channels").await.text;
    assert!(
        !page.contains("hết hạn") && page.contains("<b>! "),
        "{page}"
    );
}
