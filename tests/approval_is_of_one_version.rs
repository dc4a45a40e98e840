//! Approval is of one version of what will be seen; what changes later goes back to the approver, and
//! nobody approves her own text (RULES 1).
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use jiff::SignedDuration;
use office_kit::{CONFIG, Kit, article, first, hoa, lan, member, now};
use raotin::model::{Actor, ArticleId, Cause, Role, Share, ShareId, State, Version};
use raotin::office::articles::{Edit, NewArticle};
use raotin::office::places::MoveTo;
use raotin::office::unsure::Retry;
use raotin::office::{Done, OfficeError, WhoMay};

async fn approved(kit: &Kit) -> (ArticleId, ShareId) {
    let (article, share) = kit.add(&lan(), "duyet").await;
    assert_eq!(kit.share(share).state, State::Submitted);
    kit.office.approve(&hoa(), None, share, None).await.unwrap();
    assert_eq!(kit.share(share).state, State::Waiting);
    (article, share)
}

fn notes(done: &Done) -> Vec<&str> {
    done.notes.iter().map(|n| n.code.as_str()).collect()
}

fn stands(share: &Share) -> (State, Option<Cause>) {
    (share.state, share.why.as_ref().map(|w| w.cause))
}

async fn edit(kit: &Kit, actor: &Actor, id: ArticleId, edit: Edit) -> Done {
    kit.office.edit(actor, None, id, edit).await.unwrap()
}

#[tokio::test]
async fn a_change_of_what_is_seen_goes_back_to_the_approver_and_says_so() {
    let seen = [
        Edit {
            title: Some("Khác".into()),
            ..Edit::default()
        },
        Edit {
            text: Some("Khác".into()),
            ..Edit::default()
        },
        Edit {
            link: Some("https://example.org/khac".into()),
            ..Edit::default()
        },
    ];
    for change in seen {
        let kit = Kit::new().await;
        let (article, share) = approved(&kit).await;
        let done = edit(&kit, &lan(), article, change).await;
        assert_eq!(notes(&done), ["back-to-approval"]);
        assert_eq!(
            stands(&kit.share(share)),
            (State::Submitted, Some(Cause::Edited))
        );
        assert_eq!(kit.share(share).approved, None);
    }
    let kit = Kit::new().await;
    let (_, share) = approved(&kit).await;
    let text = Some("Riêng cho kênh này".into());
    let own = kit.office.own_text(&lan(), None, share, text).await;
    assert_eq!(notes(&own.unwrap()), ["back-to-approval"]);
    assert_eq!(kit.share(share).state, State::Submitted);
}

#[tokio::test]
async fn place_time_and_priority_are_not_seen() {
    let kit = Kit::new().await;
    let (article, share) = approved(&kit).await;
    kit.office
        .move_to(&lan(), None, share, MoveTo::Top)
        .await
        .unwrap();
    let priority = Edit {
        priority: Some(9),
        ..Edit::default()
    };
    assert!(notes(&edit(&kit, &lan(), article, priority).await).is_empty());
    let at = now() + SignedDuration::from_hours(2);
    kit.office.fix(&lan(), None, share, at).await.unwrap();
    let share = kit.share(share);
    assert_eq!((share.state, share.priority), (State::Planned, 9));
    assert_eq!(share.approved, Some(Version { article: 1, own: 0 }));
}

#[tokio::test]
async fn another_version_than_the_one_looked_at_is_not_approved() {
    let kit = Kit::new().await;
    let (article, share) = kit.add(&lan(), "duyet").await;
    let looked_at = kit.share(share).version(1);
    let change = Edit {
        text: Some("Khác".into()),
        ..Edit::default()
    };
    edit(&kit, &lan(), article, change).await;
    let stale = kit
        .office
        .approve(&hoa(), None, share, Some(looked_at))
        .await;
    assert!(matches!(stale, Err(OfficeError::Stale)));
    let stale = kit
        .office
        .approve_article(&hoa(), None, article, Some(1))
        .await;
    assert!(matches!(stale, Err(OfficeError::Stale)));
    kit.office
        .approve(&hoa(), None, share, Some(kit.share(share).version(2)))
        .await
        .unwrap();
}

#[tokio::test]
async fn nobody_approves_her_own_text() {
    let both = member("mai", &[Role::Officer, Role::Approver]);
    let other = |result| {
        matches!(
            result,
            Err(OfficeError::NotAllowed {
                who_may: WhoMay::OtherApprover
            })
        )
    };
    let kit = Kit::new().await;
    let (_, share) = kit.add(&both, "duyet").await;
    assert!(
        other(kit.office.approve(&both, None, share, None).await),
        "she added it"
    );
    kit.office.approve(&hoa(), None, share, None).await.unwrap();

    let (article, share) = kit.add(&lan(), "duyet").await;
    edit(
        &kit,
        &both,
        article,
        Edit {
            priority: Some(3),
            ..Edit::default()
        },
    )
    .await;
    let before = kit.store.commits().len();
    edit(
        &kit,
        &both,
        article,
        Edit {
            text: Some("Sửa".into()),
            ..Edit::default()
        },
    )
    .await;
    assert_eq!(kit.store.commits().len(), before + 1);
    assert!(
        other(kit.office.approve(&both, None, share, None).await),
        "she changed the text"
    );
    kit.office.approve(&hoa(), None, share, None).await.unwrap();

    let (article, share) = kit.add(&lan(), "duyet").await;
    edit(
        &kit,
        &both,
        article,
        Edit {
            priority: Some(3),
            ..Edit::default()
        },
    )
    .await;
    kit.office
        .approve(&both, None, share, None)
        .await
        .expect("a priority is no text");

    let kit =
        Kit::with(&CONFIG.replace("lang = \"vi\"", "lang = \"vi\"\napprove_own = true")).await;
    let (_, share) = kit.add(&both, "duyet").await;
    kit.office
        .approve(&both, None, share, None)
        .await
        .expect("this office lets her");
}

#[tokio::test]
async fn an_approved_share_goes_to_its_time_and_a_sent_back_one_to_its_author() {
    let kit = Kit::new().await;
    let at = now() + SignedDuration::from_hours(3);
    let new = NewArticle {
        at: Some(at),
        ..article("duyet")
    };
    let share = first(&kit.office.add(&lan(), None, new).await.unwrap());
    assert_eq!(kit.share(share).state, State::Submitted);
    kit.office
        .send_back(&hoa(), None, share, Some("thiếu ảnh".into()))
        .await
        .unwrap();
    let back = kit.share(share);
    assert_eq!(stands(&back), (State::Draft, Some(Cause::SentBack)));
    kit.office.submit(&lan(), None, share).await.unwrap();
    kit.office.approve(&hoa(), None, share, None).await.unwrap();
    let planned = kit.share(share);
    assert_eq!(
        (planned.state, planned.due, planned.at),
        (State::Planned, Some(at), Some(at))
    );
    assert!(planned.key.is_some());
}

#[tokio::test]
async fn without_approval_a_draft_goes_on_at_once_in_one_commit() {
    let kit = Kit::new().await;
    let share = kit.share_in(State::Draft, &lan(), "trang").await;
    let before = kit.store.commits().len();
    kit.office.submit(&lan(), None, share).await.unwrap();
    assert_eq!(kit.share(share).state, State::Waiting);
    assert_eq!(kit.store.commits().len(), before + 1);
}

#[tokio::test]
async fn a_failed_share_whose_text_changed_is_approved_before_it_is_tried_again() {
    let kit = Kit::new().await;
    for how in [Retry::Now, Retry::Queue, Retry::ByHand] {
        let share = kit.share_in(State::Submitted, &lan(), "duyet").await;
        kit.office.approve(&hoa(), None, share, None).await.unwrap();
        let id = kit.share(share).article;
        fail(&kit, share).await;
        edit(
            &kit,
            &lan(),
            id,
            Edit {
                text: Some(format!("{how:?}")),
                ..Edit::default()
            },
        )
        .await;
        let done = kit.office.retry(&lan(), None, share, how).await.unwrap();
        assert_eq!(notes(&done), ["back-to-approval"], "{how:?}");
        assert_eq!(kit.share(share).state, State::Submitted, "{how:?}");
    }
}

async fn fail(kit: &Kit, share: ShareId) {
    use raotin::model::share::Attempt;
    use raotin::model::{Event, Why};
    let due = kit.share(share).changed;
    let planned = Event::SharePlanned {
        share,
        due,
        day: "2026-11-23".parse().unwrap(),
        key: "k".into(),
        firing: None,
        fixed: false,
        why: None,
    };
    let attempt = Attempt {
        number: 1,
        at: due,
        key: "k".into(),
        prepared: String::new(),
        clock_skew: 0,
    };
    let attempted = Event::ShareAttempted {
        share,
        attempt,
        post: kit.office.chance.text(due),
        version: kit.share(share).version(1),
        approval: true,
    };
    let failed = Event::ShareFailed {
        share,
        why: Why::new(Cause::Refused),
    };
    kit.happens(vec![planned, attempted, failed]).await;
}
