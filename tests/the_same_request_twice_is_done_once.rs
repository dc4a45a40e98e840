//! Every request that creates, confirms or settles may be repeated under its Idempotency-Key: it is
//! done once, and answered alike (RULES 7).
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use jiff::SignedDuration;
use office_kit::{Kit, article, hoa, lan, local, now};
use raotin::model::{Event, State};
use raotin::office::OfficeError;
use raotin::office::articles::NewArticle;
use raotin::office::unsure::Found;

#[tokio::test]
async fn the_first_answer_comes_again_and_nothing_else_happens() {
    let kit = Kit::new().await;
    let first = kit
        .office
        .add(&lan(), Some("k1"), article("trang"))
        .await
        .unwrap();
    let commits = kit.store.commits().len();
    kit.clock.advance(SignedDuration::from_hours(5));
    let again = kit
        .office
        .add(&lan(), Some("k1"), article("trang"))
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(kit.store.commits().len(), commits);
}

#[tokio::test]
async fn the_answer_stands_in_the_commit_that_did_it() {
    let kit = Kit::new().await;
    kit.office
        .add(&lan(), Some("k1"), article("trang"))
        .await
        .unwrap();
    let last = kit.store.commits().pop().unwrap();
    let kinds: Vec<_> = last.events.iter().map(Event::kind).collect();
    assert_eq!(kinds, ["article.added", "share.added", "request.answered"]);
}

#[tokio::test]
async fn other_content_under_the_same_key_is_refused() {
    let kit = Kit::new().await;
    kit.office
        .add(&lan(), Some("k1"), article("trang"))
        .await
        .unwrap();
    let other = NewArticle {
        title: "Khác".into(),
        ..article("trang")
    };
    let refused = kit.office.add(&lan(), Some("k1"), other).await;
    assert!(matches!(refused, Err(OfficeError::KeyReused)));
    // Another use case under that key is other content too.
    let refused = kit.office.trust_clock(&local(), Some("k1")).await;
    refused.expect("another actor's key is another key");
    let pause = kit
        .office
        .pause(&hoa(), Some("k2"), None, "x".into(), None)
        .await;
    pause.unwrap();
    let refused = kit.office.resume(&hoa(), Some("k2"), None).await;
    assert!(matches!(refused, Err(OfficeError::KeyReused)));
}

#[tokio::test]
async fn a_refusal_is_no_answer_and_may_be_tried_again() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let future = now() + SignedDuration::from_hours(1);
    let refused = kit
        .office
        .done(&lan(), Some("k"), id, None, Some(future))
        .await;
    assert!(matches!(
        refused,
        Err(OfficeError::Invalid { field: "at", .. })
    ));
    kit.clock.advance(SignedDuration::from_hours(2));
    kit.office
        .done(&lan(), Some("k"), id, None, Some(future))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_confirmation_and_a_settlement_repeat_without_a_second_count() {
    let kit = Kit::new().await;
    let by_hand = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let unsure = kit.share_in(State::Unsure, &lan(), "trang").await;
    for _ in 0..2 {
        kit.office
            .done(&lan(), Some("d"), by_hand, None, None)
            .await
            .unwrap();
        let found = Found::Posted { link: None };
        kit.office
            .settle(&hoa(), Some("s"), unsure, found)
            .await
            .unwrap();
    }
    let ask = raotin::store::CountAsk {
        since: None,
        until: None,
        by: raotin::store::CountBy::Year,
        channel: None,
        topic: None,
        member: None,
        with_log: true,
    };
    let counted = kit.office.counts(&hoa(), &ask).unwrap();
    assert_eq!(counted.table.total.shares, 2);
}

#[tokio::test]
async fn many_at_once_under_one_key_are_one() {
    let kit = Kit::new().await;
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let office = kit.office.clone();
            tokio::spawn(async move { office.add(&lan(), Some("k"), article("trang")).await })
        })
        .collect();
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap().unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    assert_eq!(kit.office.articles(&lan(), None, 9).unwrap().len(), 1);
}

#[tokio::test]
async fn after_thirty_days_a_key_is_new() {
    let kit = Kit::new().await;
    let first = kit
        .office
        .add(&lan(), Some("k"), article("trang"))
        .await
        .unwrap();
    kit.clock.advance(SignedDuration::from_hours(24 * 31));
    let second = kit
        .office
        .add(&lan(), Some("k"), article("trang"))
        .await
        .unwrap();
    assert_ne!(first.article, second.article);
}
