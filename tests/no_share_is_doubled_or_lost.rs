//! Promise: whatever an answer is, or is not, no share goes out twice and none is lost (RULES 3).
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod support;

use jiff::SignedDuration;
use raotin::model::*;
use raotin::platform::{SendError, Settling};
use raotin::store::Store;
use support::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const WHEN: Option<&str> = Some("2026-11-23T00:01:00Z");

async fn house(settling: Settling) -> House {
    let mut house = House::new(vec![channel("a")], vec![], settling);
    house.start().await;
    house
}

fn not_sent() -> Fail {
    Fail::Before(SendError::NotSent {
        reason: "connection refused".into(),
    })
}

#[tokio::test]
async fn an_accepted_post_whose_answer_was_lost_is_found_by_its_key() {
    let house = house(Settling::Replay).await;
    house.fake("a").fail(Fail::After);
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 5).await;
    assert_eq!(
        (house.posts("a").len(), house.state(s[0])),
        (1, State::Shared)
    );
}

#[tokio::test]
async fn by_reading_back_patience_is_kept_and_a_late_list_does_not_double() {
    let house = house(Settling::ReadBack).await;
    house.fake("a").fail(Fail::After);
    *house.fake("a").listed_after.lock().unwrap() = 1;
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 4).await;
    assert_eq!(house.state(s[0]), State::Unsure);
    house.pass(MINUTE * 5).await;
    assert_eq!(
        (house.posts("a").len(), house.state(s[0])),
        (1, State::Shared)
    );
}

#[tokio::test]
async fn by_reading_back_what_is_not_there_after_two_looks_is_sent_again() {
    let house = house(Settling::ReadBack).await;
    house.fake("a").fail(Fail::Before(SendError::Unsure {
        reason: "reset".into(),
        ask_now: false,
    }));
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 5).await;
    assert_eq!(house.state(s[0]), State::Unsure);
    house.pass(MINUTE * 5).await;
    assert_eq!(
        (house.posts("a").len(), house.state(s[0])),
        (1, State::Shared)
    );
}

#[tokio::test]
async fn where_nobody_can_be_asked_it_stays_unsure_and_others_go_on() {
    let house = house(Settling::AskPerson).await;
    house.fake("a").fail(Fail::After);
    let (_, s) = house.add("một", &["a"], WHEN).await;
    let (_, other) = house.add("hai", &["a"], WHEN).await;
    house.pass(MINUTE * 60).await;
    assert_eq!(
        (house.state(s[0]), house.cause(s[0])),
        (State::Unsure, Some(Cause::CannotTell))
    );
    assert_eq!(house.state(other[0]), State::Shared);
    assert_eq!(house.posts("a"), ["một", "hai"]);
}

#[tokio::test]
async fn what_was_certainly_not_sent_is_tried_again_before_the_others() {
    let house = house(Settling::ReadBack).await;
    for _ in 0..3 {
        house.fake("a").fail(not_sent());
    }
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.add("hai", &["a"], WHEN).await;
    house.pass(MINUTE * 10).await;
    assert_eq!(house.posts("a"), ["một", "hai"]);
    assert_eq!(house.share(s[0]).tries, 3);
    assert_eq!(house.share(s[0]).attempt.unwrap().number, 4);
}

#[tokio::test]
async fn after_ten_tries_it_is_given_up_with_the_last_error() {
    let house = house(Settling::ReadBack).await;
    for _ in 0..20 {
        house.fake("a").fail(not_sent());
    }
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(SignedDuration::from_hours(8)).await;
    let share = house.share(s[0]);
    assert_eq!(
        (share.state, share.attempt.unwrap().number),
        (State::Failed, 10)
    );
    assert_eq!(
        share.why.unwrap(),
        Why::with(Cause::GaveUp, "connection refused")
    );
    assert_eq!(house.fake("a").fails.lock().unwrap().len(), 10);
}

#[tokio::test]
async fn throttling_waits_as_told_is_no_try_and_holds_the_account() {
    let mut other = channel("b");
    other.account = Some("bot".into());
    let mut a = channel("a");
    a.account = Some("bot".into());
    let mut house = House::new(vec![a, other], vec![], Settling::ReadBack);
    house.start().await;
    let until = at("2026-11-23T00:31:00Z");
    house.fake("a").fail(Fail::Before(SendError::Throttled {
        until,
        reason: "429".into(),
    }));
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.add("hai", &["b"], Some("2026-11-23T00:05:00Z")).await;
    house.pass(MINUTE * 29).await;
    assert!(house.posts("a").is_empty() && house.posts("b").is_empty());
    house.pass(MINUTE * 5).await;
    assert_eq!((house.posts("a").len(), house.posts("b").len()), (1, 1));
    assert_eq!(house.share(s[0]).tries, 0);
}

#[tokio::test]
async fn without_authority_the_channel_stops_and_nothing_is_lost() {
    let mut house = House::new(
        vec![channel("a")],
        vec![schedule("s", "5 7 * * *", &["a"])],
        Settling::ReadBack,
    );
    house.start().await;
    house.fake("a").fail(Fail::Before(SendError::Unauthorized {
        reason: "revoked".into(),
    }));
    let (_, s) = house.add("một", &["a"], None).await;
    house.pass(MINUTE * 10).await;
    assert_eq!(house.state(s[0]), State::Waiting);
    let paused = house
        .store
        .channel(&id("a"))
        .unwrap()
        .unwrap()
        .paused
        .unwrap();
    assert_eq!(paused.why.cause, Cause::Unauthorized);
}

#[tokio::test]
async fn a_block_lifts_itself_and_the_share_goes_then() {
    let house = house(Settling::ReadBack).await;
    let until = at("2026-11-24T01:00:00Z");
    house.fake("a").fail(Fail::Before(SendError::Blocked {
        until,
        reason: "368".into(),
    }));
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 60 * 24).await;
    assert!(house.posts("a").is_empty());
    house.pass(MINUTE * 90).await;
    assert_eq!(house.state(s[0]), State::Shared);
}

#[tokio::test]
async fn what_is_refused_fails_and_the_next_goes() {
    let house = house(Settling::ReadBack).await;
    house.fake("a").fail(Fail::Before(SendError::Refused {
        reason: "too long".into(),
    }));
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.add("hai", &["a"], WHEN).await;
    house.pass(MINUTE * 3).await;
    assert_eq!(house.state(s[0]), State::Failed);
    assert_eq!(house.posts("a"), ["hai"]);
}

#[tokio::test]
async fn a_death_on_the_wire_is_settled_at_the_next_start() {
    for settling in [Settling::Replay, Settling::ReadBack] {
        let mut house = House::new(vec![channel("a")], vec![], settling);
        house.start().await;
        house.fake("a").fail(Fail::Hang);
        let (_, s) = house.add("một", &["a"], WHEN).await;
        house.pass(MINUTE * 2).await;
        assert_eq!(house.state(s[0]), State::Sending);
        house.kill().await;
        house.start().await;
        house.pass(MINUTE * 10).await;
        assert_eq!(
            (house.posts("a").len(), house.state(s[0])),
            (1, State::Shared),
            "{settling:?}"
        );
    }
}

#[tokio::test]
async fn a_removal_deletes_what_is_there_and_stays_counted() {
    let house = house(Settling::ReadBack).await;
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 2).await;
    let asked = Event::RemovalChanged {
        share: s[0],
        removal: Some(share::Removal::Asked),
        why: None,
    };
    house.commit(vec![asked], vec![]).await;
    house.pass(MINUTE).await;
    assert_eq!(house.state(s[0]), State::Removed);
    assert_eq!(*house.fake("a").deleted.lock().unwrap(), ["p0"]);
    assert!(house.share(s[0]).count.is_some());
}

#[tokio::test]
async fn text_changed_after_approval_does_not_go_out() {
    let mut a = channel("a");
    a.approval_required = true;
    let mut house = House::new(vec![a], vec![], Settling::Replay);
    house.start().await;
    let (_, s) = house.add("một", &["a"], WHEN).await;
    house.pass(MINUTE * 3).await;
    assert_eq!(
        (house.state(s[0]), house.posts("a").len()),
        (State::Submitted, 0)
    );
}
