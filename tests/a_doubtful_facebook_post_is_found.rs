//! Reading back: equal is proof, alike goes to a person, nothing counts only when the list was complete.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::Failure;
use fakes::desk::{PATIENT, attempt, clock, platform, post};
use fakes::facebook::{FakeFacebook, PAGE};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::model::Post;
use raotin::model::share::Attempt;
use raotin::platform::{Doubt, Look, Platform, SendError};

const TEXT: &str = "Lịch tiêm chủng tuần này tại các xã";
const LINK: &str = "https://chodon.gov.vn/tin/1?utm_source=facebook";

struct Case {
    clock: ManualClock,
    fake: FakeFacebook,
    platform: Arc<dyn Platform>,
    post: Post,
    attempt: Attempt,
}

impl Case {
    fn begin() -> Case {
        let clock = clock();
        let fake = FakeFacebook::start(Arc::new(clock.clone()));
        let platform = platform(&fake.target(), PATIENT, &clock);
        Case {
            attempt: attempt("0199", clock.now(), String::new(), 0),
            post: post(TEXT, Some(LINK), 0),
            clock,
            fake,
            platform,
        }
    }

    async fn send_into_doubt(&self, failure: Failure) {
        self.fake.fail_next(failure);
        let sent = self.platform.send(&self.attempt, &self.post, 0, &[]).await;
        assert!(matches!(sent, Err(SendError::Unsure { .. })), "{sent:?}");
    }

    async fn look(&self, taken: &[&str]) -> Result<Look, SendError> {
        let doubt = Doubt {
            attempt: &self.attempt,
            post: &self.post,
            part: 0,
            receipts: &[],
        };
        let is_taken = |id: &str| taken.contains(&id);
        self.platform.settle(doubt, &is_taken).await
    }

    fn ids(&self) -> Vec<String> {
        self.fake.posts().into_iter().map(|p| p.id).collect()
    }
}

fn posted(look: &Result<Look, SendError>) -> Option<&str> {
    match look {
        Ok(Look::Posted(receipt)) => Some(&receipt.post_id),
        _ => None,
    }
}

#[tokio::test]
async fn a_post_that_lists_late_is_not_there_at_first() {
    let case = Case::begin();
    case.fake.list_late(1);
    case.send_into_doubt(Failure::DieAfter).await;
    assert_eq!(case.look(&[]).await, Ok(Look::NotThere));
    let second = case.look(&[]).await;
    assert_eq!(posted(&second), Some(case.ids()[0].as_str()));
}

#[tokio::test]
async fn every_page_of_the_list_is_read() {
    let case = Case::begin();
    case.fake.list_in_pages_of(2);
    case.send_into_doubt(Failure::DieAfter).await;
    for n in 0..7 {
        case.fake.add_post(&format!("Tin số {n} của xã"), None);
    }
    assert_eq!(posted(&case.look(&[]).await), Some(case.ids()[0].as_str()));
    assert_eq!(case.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_list_that_breaks_off_proves_nothing() {
    let case = Case::begin();
    case.fake.list_in_pages_of(2);
    case.send_into_doubt(Failure::DieBefore).await;
    for n in 0..5 {
        case.fake.add_post(&format!("Tin số {n} của xã"), None);
    }
    for failure in [
        Failure::DieBefore,
        Failure::ErrorBefore(500),
        Failure::Garbage,
        Failure::OkError,
        Failure::Huge,
    ] {
        case.fake.fail_next_quiet(failure.clone());
        let look = case.look(&[]).await;
        assert!(
            matches!(look, Err(SendError::NotSent { .. })),
            "{failure:?}: {look:?}"
        );
    }
    assert_eq!(case.look(&[]).await, Ok(Look::NotThere));
    case.fake.list_in_a_circle();
    let look = case.look(&[]).await;
    assert!(matches!(look, Err(SendError::NotSent { .. })), "{look:?}");
}

#[tokio::test]
async fn another_shares_post_is_passed_over() {
    let case = Case::begin();
    let before = case.fake.add_post(TEXT, Some(LINK));
    case.fake.add_post("Tin xen giữa", None);
    case.send_into_doubt(Failure::DieAfter).await;
    let own = case.ids()[2].clone();
    assert_eq!(posted(&case.look(&[&before]).await), Some(own.as_str()));
    assert_eq!(case.look(&[&before, &own]).await, Ok(Look::NotThere));
}

#[tokio::test]
async fn alike_goes_to_a_person_with_the_link() {
    for (text, link) in [
        (TEXT, None),
        ("Lịch tiêm chủng tuần này tại các thôn", None),
        ("Mời bà con xem", Some(LINK)),
    ] {
        let case = Case::begin();
        let id = case.fake.add_post(text, link);
        case.fake.add_post("Chuyện khác", None);
        case.send_into_doubt(Failure::DieBefore).await;
        let look = case.look(&[]).await;
        let Ok(Look::CannotTell {
            link: Some(link), ..
        }) = &look
        else {
            panic!("{text}: {look:?}");
        };
        let number = id.split('_').nth(1).expect("a post of the Page");
        assert!(link.contains(number), "{link}");
        assert_eq!(case.look(&[&id]).await, Ok(Look::NotThere));
    }
}

/// The Page's own clock says since when to look, whatever ours says.
#[tokio::test]
async fn the_look_begins_an_hour_before_by_facebooks_clock() {
    let case = Case::begin();
    case.fake.server.set_skew(-7200);
    case.fake.add_post(TEXT, Some(LINK));
    case.clock.advance(SignedDuration::from_mins(61));
    let attempt = Attempt {
        at: case.clock.now(),
        clock_skew: -7200,
        ..case.attempt.clone()
    };
    let case = Case { attempt, ..case };
    case.fake.add_post("Tin xen giữa", None);
    assert_eq!(
        case.look(&[]).await,
        Ok(Look::NotThere),
        "the old one is no proof"
    );
    case.send_into_doubt(Failure::DieAfter).await;
    assert_eq!(posted(&case.look(&[]).await), Some(case.ids()[2].as_str()));
}

/// Facebook refuses the same post twice in a row: that is a reason to ask, not a proof.
#[tokio::test]
async fn its_word_duplicate_is_asked_about_at_once() {
    let case = Case::begin();
    case.send_into_doubt(Failure::DieAfter).await;
    let again = case.platform.send(&case.attempt, &case.post, 0, &[]).await;
    assert!(
        matches!(again, Err(SendError::Unsure { ask_now: true, .. })),
        "{again:?}"
    );
    assert_eq!(posted(&case.look(&[]).await), Some(case.ids()[0].as_str()));
    assert_eq!(case.ids().len(), 1);
}

/// A success stays one, though the Page cannot be asked where people see it.
#[tokio::test]
async fn a_missing_permalink_makes_no_doubt() {
    for failure in [
        Failure::DieBefore,
        Failure::ErrorBefore(500),
        Failure::Garbage,
        Failure::Throttle(60),
    ] {
        let case = Case::begin();
        case.fake.fail_next_quiet(failure.clone());
        let sent = case.platform.send(&case.attempt, &case.post, 0, &[]).await;
        let receipt = sent.unwrap_or_else(|e| panic!("{failure:?}: {e}"));
        let address = format!("https://www.facebook.com/{}", receipt.post_id);
        assert_eq!(receipt.permalink, Some(address));
    }
}

#[tokio::test]
async fn pictures_that_were_not_uploaded_are_not_sent_without() {
    let case = Case::begin();
    let pictures = post("Ảnh", None, 3);
    let sent = case.platform.send(&case.attempt, &pictures, 0, &[]).await;
    assert!(matches!(sent, Err(SendError::NotSent { .. })), "{sent:?}");
    case.fake.fail_next_quiet(Failure::DieAfter);
    let prepared = case.platform.prepare("0199", &pictures).await;
    assert!(
        matches!(prepared, Err(SendError::NotSent { .. })),
        "{prepared:?}"
    );
    let prepared = case
        .platform
        .prepare("0199", &pictures)
        .await
        .expect("prepared again");
    assert_eq!(case.fake.loose_photos(), 4, "the lost one stays invisible");
    let attempt = Attempt {
        prepared,
        ..case.attempt.clone()
    };
    case.platform
        .send(&attempt, &pictures, 0, &[])
        .await
        .expect("sent");
    assert_eq!((case.ids().len(), case.fake.posts()[0].pictures), (1, 3));
    assert!(case.ids()[0].starts_with(PAGE));
}
