//! Promise: how a post was received is what its platform counts, and nothing where it does not tell.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::bluesky::FakeBluesky;
use fakes::desk::{PATIENT, attempt, clock, platform, post};
use fakes::facebook::FakeFacebook;
use fakes::mastodon::FakeMastodon;
use fakes::place::Place;
use fakes::telegram::FakeTelegram;
use raotin::clock::{Clock as _, ManualClock};
use raotin::platform::{Engagement, SendError};

/// Before it is taken down, and after.
async fn received(
    place: &dyn Place,
    clock: &ManualClock,
) -> [Result<Option<Engagement>, SendError>; 2] {
    let platform = platform(&place.target(), PATIENT, clock);
    let content = post("Tin", None, 0);
    let prepared = platform.prepare("0199", &content).await.unwrap();
    let attempt = attempt("0199", clock.now(), prepared, 0);
    let receipt = platform.send(&attempt, &content, 0, &[]).await.unwrap();
    let before = platform.engagement(&receipt).await;
    platform.delete(&receipt).await.unwrap();
    let after = platform.engagement(&receipt).await;
    assert_eq!(place.complaints(), Vec::<String>::new());
    [before, after]
}

fn counts(likes: u64, comments: u64, shares: u64) -> Result<Option<Engagement>, SendError> {
    Ok(Some(Engagement {
        likes: Some(likes),
        comments: Some(comments),
        shares: Some(shares),
        views: None,
    }))
}

#[tokio::test]
async fn where_it_is_told() {
    let clock = clock();
    let facebook = FakeFacebook::start(Arc::new(clock.clone()));
    assert_eq!(
        received(&facebook, &clock).await,
        [counts(12, 3, 2), Ok(None)]
    );
    // quotes are shares too
    let bluesky = FakeBluesky::start(Arc::new(clock.clone()));
    assert_eq!(
        received(&bluesky, &clock).await,
        [counts(3, 4, 3), Ok(None)]
    );
    let mastodon = FakeMastodon::start(Arc::new(clock.clone()));
    assert_eq!(
        received(&mastodon, &clock).await,
        [counts(5, 1, 3), Ok(None)]
    );
}

#[tokio::test]
async fn where_it_is_not() {
    let clock = clock();
    let telegram = FakeTelegram::start(Arc::new(clock.clone()));
    assert_eq!(received(&telegram, &clock).await, [Ok(None), Ok(None)]);
}
