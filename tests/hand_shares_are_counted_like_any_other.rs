//! A share by hand is a first-class citizen: taken, confirmed at the time she gives, undone within a
//! minute, confirmed late, and counted like any other (RULES 1, 2, 6).
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use jiff::SignedDuration;
use office_kit::{Kit, channel, hoa, lan, local, member, now};
use raotin::model::{Actor, Event, How, Role, State};
use raotin::office::by_hand::Instead;
use raotin::office::{OfficeError, Refusal};
use raotin::store::{CountAsk, CountBy, Figures};

fn total(kit: &Kit) -> Figures {
    let ask = CountAsk {
        since: None,
        until: None,
        by: CountBy::Member,
        channel: None,
        topic: None,
        member: None,
        with_log: false,
    };
    kit.office.counts(&lan(), &ask).unwrap().table.total
}

fn minh() -> Actor {
    member("minh", &[Role::Officer])
}

#[tokio::test]
async fn it_counts_for_whoever_did_it_on_the_day_she_did_it() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let yesterday = now() - SignedDuration::from_hours(20);
    let link = "https://m.facebook.com/groups/tinbackan/posts/123?mibextid=x".to_owned();
    kit.office
        .done(&minh(), None, id, Some(link), Some(yesterday))
        .await
        .unwrap();
    let share = kit.share(id);
    let count = share.count.unwrap();
    assert_eq!(share.state, State::Shared);
    assert_eq!(count.how, How::ByHand);
    assert_eq!(count.member.unwrap().as_str(), "minh");
    assert_eq!(count.day.to_string(), "2026-11-22");
    let kept = share.receipts[0].permalink.as_deref();
    assert_eq!(
        kept,
        Some("https://www.facebook.com/groups/tinbackan/posts/123/")
    );
    let figures = total(&kit);
    assert_eq!((figures.shares, figures.items, figures.by_hand), (1, 1, 1));
}

#[tokio::test]
async fn an_undo_within_a_minute_takes_the_count_back() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::ByHand, &lan(), "nhom").await;
    kit.office.done(&lan(), None, id, None, None).await.unwrap();
    kit.clock.advance(SignedDuration::from_secs(59));
    let others = kit.office.undo(&minh(), None, id).await;
    assert!(matches!(others, Err(OfficeError::NotAllowed { .. })));
    kit.office.undo(&lan(), None, id).await.unwrap();
    assert_eq!(kit.share(id).state, State::ByHand);
    assert_eq!(total(&kit).shares, 0);
    kit.office.done(&lan(), None, id, None, None).await.unwrap();
    kit.clock.advance(SignedDuration::from_secs(61));
    let late = kit.office.undo(&lan(), None, id).await;
    assert!(matches!(
        late,
        Err(OfficeError::Refused(Refusal::TooLateToUndo))
    ));
    assert_eq!(total(&kit).shares, 1);
}

#[tokio::test]
async fn a_task_that_is_taken_is_left_to_her_for_a_quarter_of_an_hour() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::ByHand, &lan(), "nhom").await;
    kit.office.take(&lan(), None, id).await.unwrap();
    let taken = kit.office.take(&minh(), None, id).await;
    assert!(matches!(
        taken,
        Err(OfficeError::Refused(Refusal::TakenByOther { .. }))
    ));
    let taken = kit.office.done(&minh(), None, id, None, None).await;
    assert!(matches!(
        taken,
        Err(OfficeError::Refused(Refusal::TakenByOther { .. }))
    ));
    kit.clock.advance(SignedDuration::from_mins(16));
    kit.office
        .done(&minh(), None, id, None, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_late_confirmation_is_still_taken() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::Missed, &lan(), "nhom").await;
    kit.office.done(&lan(), None, id, None, None).await.unwrap();
    assert_eq!(total(&kit).by_hand, 1);
}

#[tokio::test]
async fn one_link_proves_one_share() {
    let kit = Kit::new().await;
    let first = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let second = kit.share_in(State::ByHand, &minh(), "nhom").await;
    let link = "https://www.facebook.com/groups/tinbackan/posts/123/".to_owned();
    kit.office
        .done(&lan(), None, first, Some(link.clone()), None)
        .await
        .unwrap();
    let again = kit
        .office
        .done(&minh(), None, second, Some(link), None)
        .await;
    assert!(
        matches!(again, Err(OfficeError::Refused(Refusal::LinkKnown { share })) if share == first)
    );
    let other = "https://example.org/x".to_owned();
    let other = kit
        .office
        .done(&minh(), None, second, Some(other), None)
        .await;
    assert!(matches!(
        other,
        Err(OfficeError::Invalid { field: "link", .. })
    ));
}

#[tokio::test]
async fn what_cannot_be_done_goes_back_or_is_cancelled_with_the_reason() {
    let kit = Kit::new().await;
    let id = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let blank = kit
        .office
        .cannot(&lan(), None, id, "  ".into(), Instead::Back)
        .await;
    assert!(matches!(
        blank,
        Err(OfficeError::Invalid {
            field: "reason",
            ..
        })
    ));
    kit.office
        .cannot(&lan(), None, id, "nhóm đang khóa".into(), Instead::Back)
        .await
        .unwrap();
    let share = kit.share(id);
    assert_eq!(share.state, State::Waiting);
    assert_eq!(share.why.unwrap().detail.as_deref(), Some("nhóm đang khóa"));
    let id = kit.share_in(State::ByHand, &minh(), "nhom").await;
    kit.office
        .cannot(&hoa(), None, id, "không hợp".into(), Instead::Cancel)
        .await
        .unwrap();
    assert_eq!(kit.share(id).state, State::Cancelled);
}

#[tokio::test]
async fn todo_shows_what_she_may_do() {
    let kit = Kit::new().await;
    let open = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let hers = kit.share_in(State::ByHand, &lan(), "giao").await;
    let ids = |actor: &Actor| -> Vec<_> {
        let found = kit.office.todo(actor, 9).unwrap();
        found.iter().map(|(s, _)| s.id).collect()
    };
    assert_eq!(ids(&lan()), [open, hers]);
    assert_eq!(ids(&minh()), [open]);
    assert_eq!(ids(&local()), [open, hers]);
}

#[tokio::test]
async fn a_repeat_is_refused_with_the_earlier_share_unless_asked_for() {
    use raotin::office::articles::{NewArticle, WhereTo};
    let kit = Kit::new().await;
    let linked = |link: &str| NewArticle {
        link: Some(link.to_owned()),
        ..office_kit::article("nhom")
    };
    let first = kit
        .office
        .add(
            &lan(),
            None,
            linked("https://www.example.org/tin?utm_source=fb"),
        )
        .await;
    let id = first.unwrap().shares[0];
    let now = kit.share(id).changed;
    let handed = Event::ShareHanded {
        share: id,
        due: now,
        day: "2026-11-23".parse().unwrap(),
        until: now + SignedDuration::from_hours(24),
        post: kit.office.chance.text(now),
        why: None,
    };
    let planned = Event::SharePlanned {
        share: id,
        due: now,
        day: "2026-11-23".parse().unwrap(),
        key: "k".into(),
        firing: None,
        fixed: false,
        why: None,
    };
    kit.happens(vec![planned, handed]).await;
    kit.office.done(&lan(), None, id, None, None).await.unwrap();
    kit.clock.advance(SignedDuration::from_hours(24));
    let repeat = kit
        .office
        .add(&lan(), None, linked("http://example.org/tin/#top"))
        .await;
    assert!(matches!(
        repeat,
        Err(OfficeError::Refused(Refusal::Repeat { share, earlier, .. })) if share == id && earlier == now
    ));
    let asked = NewArticle {
        again: true,
        ..linked("http://example.org/tin/#top")
    };
    kit.office
        .add(&lan(), None, asked)
        .await
        .expect("a person asked for it");
    // The same article on the same channel is refused whenever it was.
    kit.clock.advance(SignedDuration::from_hours(24 * 400));
    let to = WhereTo {
        channels: vec!["nhom".into()],
        ..WhereTo::default()
    };
    let article = kit.share(id).article;
    let again = kit.office.queue(&lan(), None, article, to.clone()).await;
    assert!(matches!(
        again,
        Err(OfficeError::Refused(Refusal::Repeat { .. }))
    ));
    let to = WhereTo { again: true, ..to };
    kit.office.queue(&lan(), None, article, to).await.unwrap();
    assert_eq!(
        kit.office
            .queue_of(&lan(), &channel("nhom"), None, 9)
            .unwrap()
            .len(),
        2
    );
}
