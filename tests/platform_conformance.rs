//! One suite for every platform: whatever goes wrong on the wire, the outcome says what is known about
//! the world and no more, and settling finds what the fake really has.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::bluesky::FakeBluesky;
use fakes::desk::{HASTY, PATIENT, attempt, clock, part, platform, post};
use fakes::facebook::FakeFacebook;
use fakes::mastodon::FakeMastodon;
use fakes::matrix::FakeMatrix;
use fakes::place::{Lost, Place};
use fakes::telegram::FakeTelegram;
use fakes::webhook::{self as wh, FakeWebhook};
use fakes::wordpress::FakeWordpress;
use fakes::{Failure, Seen};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::model::share::Attempt;
use raotin::model::{Post, Receipt};
use raotin::platform::http::Limits;
use raotin::platform::{Doubt, Look, Platform, SendError, Settling, Weight};

type Make = fn(&ManualClock) -> Box<dyn Place>;

/// One share on its way: the platform, the frozen post, the attempt on disk.
struct Journey {
    clock: ManualClock,
    place: Box<dyn Place>,
    platform: Arc<dyn Platform>,
    post: Post,
    attempt: Attempt,
}

impl Journey {
    async fn begin(make: Make, limits: Limits, post: Post) -> Journey {
        let clock = clock();
        let place = make(&clock);
        Journey::at(place, clock, limits, post).await
    }

    async fn at(place: Box<dyn Place>, clock: ManualClock, limits: Limits, post: Post) -> Journey {
        let platform = platform(&place.target(), limits, &clock);
        let prepared = platform.prepare(KEY, &post).await.expect("prepared");
        let skew = platform.clock_skew().as_secs();
        let attempt = attempt(KEY, clock.now(), prepared, skew);
        Journey {
            clock,
            place,
            platform,
            post,
            attempt,
        }
    }

    async fn send(&self) -> Result<Receipt, SendError> {
        self.platform.send(&self.attempt, &self.post, 0, &[]).await
    }

    async fn settle(&self, taken: &[String]) -> Result<Look, SendError> {
        let doubt = Doubt {
            attempt: &self.attempt,
            post: &self.post,
            part: 0,
            receipts: &[],
        };
        let is_taken = |id: &str| taken.iter().any(|t| t == id);
        self.platform.settle(doubt, &is_taken).await
    }

    /// After doubt: what settling says must be what the fake has.
    async fn settling_finds_the_truth(&self, what: &str) {
        let had = self.place.posts();
        // Settling comes later: nothing in it may hang on the time of the first try.
        self.clock.advance(SignedDuration::from_mins(6));
        let look = self.settle(&[]).await;
        match self.platform.settling() {
            Settling::Replay => {
                assert!(matches!(look, Ok(Look::Posted(_))), "{what}: {look:?}");
                assert_eq!(self.place.posts().len(), 1, "{what}: the repeat doubled it");
            }
            Settling::ReadBack | Settling::TwoPhase => match (had.first(), look) {
                (Some(seen), Ok(Look::Posted(receipt))) => assert_eq!(receipt.post_id, seen.id),
                (None, Ok(Look::NotThere)) => {}
                (had, look) => panic!("{what}: has {had:?}, settling says {look:?}"),
            },
            Settling::AskPerson => {
                assert!(
                    matches!(look, Ok(Look::CannotTell { .. })),
                    "{what}: {look:?}"
                );
                assert_eq!(self.place.posts(), had, "{what}: asking changed something");
            }
        }
    }
}

const KEY: &str = "0199a0c0-0000-7000-8000-000000000001";

fn text() -> Post {
    post("Chợ Đồn mến yêu: lịch tiêm chủng tuần này", None, 0)
}

async fn an_undisturbed_send_is_proven(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    let receipt = journey.send().await.expect("sent");
    let posts = journey.place.posts();
    assert_eq!(posts.len(), 1);
    assert_eq!(receipt.post_id, posts[0].id);
    assert_eq!(posts[0].text, journey.post.parts[0].text);
    assert!(receipt.permalink.is_some());
    assert_eq!(journey.place.complaints(), Vec::<String>::new());
}

/// Everything after which it may be there, whether or not it is.
async fn doubt_is_doubt_and_settles(make: Make) {
    let failures = [
        (Failure::DieBefore, PATIENT),
        (Failure::DieAfter, PATIENT),
        (Failure::HangBefore, HASTY),
        (Failure::HangAfter, HASTY),
        (Failure::ErrorBefore(500), PATIENT),
        (Failure::ErrorAfter(500), PATIENT),
        (Failure::ErrorAfter(502), PATIENT),
        (Failure::ErrorBefore(504), PATIENT),
        (Failure::ErrorBefore(408), PATIENT),
        (Failure::OkError, PATIENT),
        (Failure::Garbage, PATIENT),
        (Failure::Huge, PATIENT),
        (Failure::Slow, HASTY),
        (Failure::Redirect("http://127.0.0.1:9/".into()), PATIENT),
    ];
    for (failure, limits) in failures {
        let journey = Journey::begin(make, limits, text()).await;
        journey.place.fail_next(failure.clone());
        let sent = journey.send().await;
        assert_eq!(
            journey.place.posts().len(),
            usize::from(failure.takes()),
            "{failure:?}"
        );
        if journey.place.reads_success_from(&failure) {
            assert!(sent.is_ok(), "{failure:?}: {sent:?}");
            continue;
        }
        assert!(
            matches!(sent, Err(SendError::Unsure { .. })),
            "{failure:?}: {sent:?}"
        );
        let patient = Journey {
            platform: platform(&journey.place.target(), PATIENT, &journey.clock),
            ..journey
        };
        patient
            .settling_finds_the_truth(&format!("{failure:?}"))
            .await;
        assert_eq!(patient.place.complaints(), Vec::<String>::new());
    }
}

async fn a_refused_connection_is_certainly_not_sent(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    journey.place.server().refuse();
    // On a connection of its own: one that was cut while it stood open leaves a doubt.
    let journey = Journey {
        platform: platform(&journey.place.target(), PATIENT, &journey.clock),
        ..journey
    };
    let sent = journey.send().await;
    assert!(matches!(sent, Err(SendError::NotSent { .. })), "{sent:?}");
    journey.place.server().accept();
    journey.send().await.expect("sent once it listens again");
    assert_eq!(journey.place.posts().len(), 1);
}

async fn throttling_says_until_when(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    journey.place.fail_next(Failure::Throttle(90));
    let sent = journey.send().await;
    let Err(SendError::Throttled { until, .. }) = sent else {
        panic!("not throttled: {sent:?}");
    };
    let wait = until.duration_since(journey.clock.now());
    // Facebook counts in minutes.
    assert!(
        (90..=120).contains(&wait.as_secs()),
        "waits {wait} instead of 90 s"
    );
    assert!(journey.place.posts().is_empty());
}

async fn the_platforms_clock_is_seen(make: Make) {
    for skew in [-7200, 90] {
        let clock = clock();
        let place = make(&clock);
        place.server().set_skew(skew);
        let journey = Journey::at(place, clock, PATIENT, text()).await;
        journey.place.fail_next(Failure::ErrorAfter(503));
        journey.send().await.expect_err("a doubt");
        let seen = journey.platform.clock_skew();
        assert!(
            (seen - SignedDuration::from_secs(skew)).abs() <= SignedDuration::from_secs(1),
            "{seen} instead of {skew} s"
        );
        let attempt = Attempt {
            clock_skew: seen.as_secs(),
            ..journey.attempt.clone()
        };
        let journey = Journey { attempt, ..journey };
        journey
            .settling_finds_the_truth(&format!("skew {skew}"))
            .await;
    }
}

/// While the platform cannot be asked nobody decides.
async fn settling_without_an_answer_decides_nothing(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    if journey.platform.settling() == Settling::AskPerson {
        return;
    }
    journey.place.fail_next(Failure::DieAfter);
    journey.send().await.expect_err("a doubt");
    journey.place.server().refuse();
    let look = journey.settle(&[]).await;
    assert!(matches!(look, Err(SendError::NotSent { .. })), "{look:?}");
    journey.place.server().accept();
    journey
        .settling_finds_the_truth("after it listens again")
        .await;
}

async fn pictures_arrive_with_their_words(make: Make) {
    let most = make(&clock()).most_pictures();
    for pictures in [1, 2, 3, most].into_iter().filter(|n| *n <= most && *n > 0) {
        let content = post("Ảnh lễ hội Lồng Tồng", None, pictures);
        let journey = Journey::begin(make, PATIENT, content).await;
        let receipt = journey.send().await.expect("sent");
        let posts = journey.place.posts();
        assert_eq!(posts.len(), 1);
        assert_eq!(
            (posts[0].pictures, posts[0].id.as_str()),
            (pictures, receipt.post_id.as_str())
        );
        assert_eq!(posts[0].text, "Ảnh lễ hội Lồng Tồng");
        assert_eq!(journey.place.complaints(), Vec::<String>::new());
    }
}

/// With pictures too the doubt is settled by what is there, even when no word was said.
async fn pictures_in_doubt_settle(make: Make) {
    if make(&clock()).most_pictures() == 0 {
        return;
    }
    for (text, pictures) in [("Ảnh lễ hội", 1), ("Ảnh lễ hội", 3), ("", 3)] {
        for failure in [Failure::DieBefore, Failure::DieAfter] {
            let content = post(text, None, pictures);
            let journey = Journey::begin(make, PATIENT, content).await;
            journey.place.fail_next(failure.clone());
            journey.send().await.expect_err("a doubt");
            let what = format!("{pictures} pictures, «{text}», {failure:?}");
            journey.settling_finds_the_truth(&what).await;
        }
    }
}

async fn a_picture_that_cannot_go_is_refused_before_anything_leaves(make: Make) {
    for hash in ["gone", "vast"] {
        let clock = clock();
        let place = make(&clock);
        if place.most_pictures() == 0 {
            return;
        }
        let mut content = post("Ảnh", None, 2);
        content.parts[0].pictures[1].hash = hash.to_owned();
        let platform = platform(&place.target(), PATIENT, &clock);
        let prepared = platform.prepare(KEY, &content).await;
        assert!(
            matches!(prepared, Err(SendError::Refused { .. })),
            "{hash}: {prepared:?}"
        );
        assert!(place.posts().is_empty());
    }
}

async fn every_part_has_its_own_proof(make: Make) {
    if !make(&clock()).threads() {
        return;
    }
    let mut content = post("Phần một", None, 0);
    content.parts.push(part("Phần hai", None, 0));
    let journey = Journey::begin(make, PATIENT, content).await;
    let first = journey.send().await.expect("the first part");
    let receipts = [first.clone()];
    let second = journey
        .platform
        .send(&journey.attempt, &journey.post, 1, &receipts)
        .await
        .expect("the second part");
    assert_ne!(first.post_id, second.post_id);
    let texts: Vec<String> = journey.place.posts().into_iter().map(|p| p.text).collect();
    assert_eq!(texts, ["Phần một", "Phần hai"]);
    assert_eq!(journey.place.complaints(), Vec::<String>::new());
}

async fn taking_down_twice_is_done(make: Make) {
    if !make(&clock()).deletes() {
        return;
    }
    for pictures in [0, 3] {
        let content = post("Tin sẽ gỡ", None, pictures);
        let journey = Journey::begin(make, PATIENT, content).await;
        let receipt = journey.send().await.expect("sent");
        for time in ["first", "second"] {
            let deleted = journey.platform.delete(&receipt).await;
            assert_eq!(deleted, Ok(()), "the {time} time");
            assert!(journey.place.posts().is_empty());
        }
    }
}

async fn a_good_place_has_no_problem(make: Make) {
    let clock = clock();
    let place = make(&clock);
    let platform = platform(&place.target(), PATIENT, &clock);
    let found = platform.check().await.expect("an answer");
    assert!(!found.is_empty());
    assert!(
        found.iter().all(|f| f.weight < Weight::Problem),
        "{found:?}"
    );
    assert!(place.posts().is_empty(), "a check shows nothing");
    assert_eq!(place.complaints(), Vec::<String>::new());
}

async fn a_check_without_an_answer_says_so(make: Make) {
    let clock = clock();
    let place = make(&clock);
    if !place.can_be_checked() {
        return;
    }
    let platform = platform(&place.target(), PATIENT, &clock);
    place.server().refuse();
    let found = platform.check().await;
    assert!(matches!(found, Err(SendError::NotSent { .. })), "{found:?}");
}

/// Credentials that ended stop the channel; nothing is lost, and nothing is shown without them.
async fn lost_credentials_stop_the_channel(make: Make) {
    for how in [Lost::Expired, Lost::Revoked] {
        let clock = clock();
        let place = make(&clock);
        if how == Lost::Expired && place.renews() {
            continue;
        }
        let platform = platform(&place.target(), PATIENT, &clock);
        let content = text();
        place.revoke(how);
        let sent = match platform.prepare(KEY, &content).await {
            Ok(prepared) => {
                let attempt = attempt(KEY, clock.now(), prepared, 0);
                platform.send(&attempt, &content, 0, &[]).await.map(drop)
            }
            Err(error) => Err(error),
        };
        assert!(
            matches!(sent, Err(SendError::Unauthorized { .. })),
            "{how:?}: {sent:?}"
        );
        assert!(place.posts().is_empty());
        if place.can_be_checked() {
            let found = platform.check().await.expect("an answer");
            assert!(
                found.iter().any(|f| f.weight == Weight::Problem),
                "{found:?}"
            );
        }
        place.restore();
        let journey = Journey::at(place, clock, PATIENT, content).await;
        journey.send().await.expect("sent with new credentials");
        assert_eq!(journey.place.posts().len(), 1);
    }
}

/// Where credentials renew themselves, nobody sees that they expired: before a post, or while it is in doubt.
async fn expired_credentials_renew_themselves(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    if !journey.place.renews() {
        return;
    }
    journey.place.revoke(Lost::Expired);
    journey.place.fail_next(Failure::DieAfter);
    journey.send().await.expect_err("a doubt");
    journey.place.revoke(Lost::Expired);
    journey.settling_finds_the_truth("renewed").await;
}

/// Who may not ask learns nothing, and decides nothing; where everybody may read, the truth is found.
async fn lost_credentials_settle_nothing_wrong(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    if journey.platform.settling() == Settling::AskPerson {
        return;
    }
    journey.place.fail_next(Failure::DieAfter);
    journey.send().await.expect_err("a doubt");
    journey.place.revoke(Lost::Revoked);
    match journey.settle(&[]).await {
        Err(SendError::Unauthorized { .. }) => {}
        Ok(Look::Posted(receipt)) => assert_eq!(receipt.post_id, journey.place.posts()[0].id),
        look => panic!("{look:?}"),
    }
    journey.place.restore();
    journey
        .settling_finds_the_truth("after new credentials")
        .await;
}

/// The platform's own word that it has the same already: it is asked which, at once.
async fn a_duplicate_is_asked_about(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    if !journey.place.knows_duplicates() {
        return;
    }
    journey.place.fail_next(Failure::DieAfter);
    journey.send().await.expect_err("a doubt");
    journey.place.fail_next(Failure::Duplicate);
    let sent = journey.send().await;
    assert!(
        matches!(sent, Err(SendError::Unsure { ask_now: true, .. })),
        "{sent:?}"
    );
    journey.settling_finds_the_truth("a duplicate").await;
}

/// The same attempt sent twice, as after a crash between the answer and the disk, is one post with one
/// proof wherever the platform knows keys or drafts.
async fn the_same_attempt_twice_is_one_post(make: Make) {
    let pictures = make(&clock()).most_pictures().min(2);
    let content = post("Hai lần một tin", None, pictures);
    let journey = Journey::begin(make, PATIENT, content).await;
    if !matches!(
        journey.platform.settling(),
        Settling::Replay | Settling::TwoPhase
    ) {
        return;
    }
    let first = journey.send().await.expect("sent");
    let second = journey.send().await.expect("sent again");
    assert_eq!(first.post_id, second.post_id);
    assert_eq!(first.permalink, second.permalink);
    assert_eq!(journey.place.posts().len(), 1);
    assert_eq!(journey.place.complaints(), Vec::<String>::new());
}

/// Share after share through failures by chance, each driven as the dispatcher drives it: at the end
/// every share is there once where the platform can be asked, and at most once where it cannot.
async fn whatever_goes_wrong_there_is_one_post(make: Make) {
    for seed in 0..4 {
        let clock = clock();
        let place = make(&clock);
        let platform = platform(&place.target(), PATIENT, &clock);
        place.failures(seed, 400);
        let (mut proofs, mut unsure) = (Vec::new(), 0);
        for n in 0..8 {
            let key = format!("0199a0c0-0000-7000-8000-{seed:04}{n:08}");
            let content = post(&format!("Tin số {n} của đợt {seed}"), None, n % 2);
            match driven(&*platform, &clock, &key, &content, &proofs).await {
                Some(receipt) => proofs.push(receipt.post_id),
                None => unsure += 1,
            }
            clock.advance(SignedDuration::from_mins(10));
        }
        let there = place.posts();
        let of = |proof: &String| {
            // Where the answer names no post, the key is the proof.
            let is = |p: &&Seen| p.id == *proof || p.key.as_ref() == Some(proof);
            there.iter().filter(is).count()
        };
        assert_eq!(place.complaints(), Vec::<String>::new());
        assert!(proofs.iter().all(|p| of(p) == 1), "seed {seed}: {proofs:?}");
        if platform.settling() == Settling::AskPerson {
            assert!((proofs.len()..=proofs.len() + unsure).contains(&there.len()));
        } else {
            assert_eq!((there.len(), unsure), (proofs.len(), 0), "seed {seed}");
        }
    }
}

/// One share until it is proven, or nobody but a person can tell.
async fn driven(
    platform: &dyn Platform,
    clock: &ManualClock,
    key: &str,
    content: &Post,
    taken: &[String],
) -> Option<Receipt> {
    let is_taken = |id: &str| taken.iter().any(|t| t == id);
    for number in 1..50 {
        let Ok(prepared) = platform.prepare(key, content).await else {
            clock.advance(SignedDuration::from_mins(1));
            continue;
        };
        let skew = platform.clock_skew().as_secs();
        let attempt = Attempt {
            number,
            ..attempt(key, clock.now(), prepared, skew)
        };
        match platform.send(&attempt, content, 0, &[]).await {
            Ok(receipt) => return Some(receipt),
            Err(SendError::NotSent { .. } | SendError::Throttled { .. }) => {
                clock.advance(SignedDuration::from_mins(2));
                continue;
            }
            Err(SendError::Unsure { .. }) => {}
            Err(error) => panic!("{key}: {error}"),
        }
        for _ in 0..50 {
            clock.advance(SignedDuration::from_mins(6));
            let doubt = Doubt {
                attempt: &attempt,
                post: content,
                part: 0,
                receipts: &[],
            };
            match platform.settle(doubt, &is_taken).await {
                Ok(Look::Posted(receipt)) => return Some(receipt),
                Ok(Look::NotThere) => break,
                Ok(Look::CannotTell { .. }) => return None,
                Err(_) => {}
            }
        }
    }
    panic!("{key}: no end to it");
}

/// What the platform counts of a post is asked without changing it; what cannot be counted is none.
async fn reception_is_read_and_changes_nothing(make: Make) {
    let journey = Journey::begin(make, PATIENT, text()).await;
    let receipt = journey.send().await.expect("sent");
    let had = journey.place.posts();
    journey
        .platform
        .engagement(&receipt)
        .await
        .expect("an answer");
    assert_eq!(journey.place.posts(), had);
    assert_eq!(journey.place.complaints(), Vec::<String>::new());
}

macro_rules! promises {
    ($($promise:ident)*) => { $(
        #[tokio::test]
        async fn $promise() {
            super::$promise(PLACE).await;
        }
    )* };
}

/// Every place keeps every promise, as far as its kit says that it can.
macro_rules! conforms {
    ($($place:ident: $make:expr;)*) => { $( mod $place {
        use super::*;

        const PLACE: Make = $make;

        promises! {
            an_undisturbed_send_is_proven
            doubt_is_doubt_and_settles
            a_refused_connection_is_certainly_not_sent
            throttling_says_until_when
            the_platforms_clock_is_seen
            settling_without_an_answer_decides_nothing
            lost_credentials_stop_the_channel
            lost_credentials_settle_nothing_wrong
            expired_credentials_renew_themselves
            a_duplicate_is_asked_about
            the_same_attempt_twice_is_one_post
            whatever_goes_wrong_there_is_one_post
            pictures_arrive_with_their_words
            a_picture_that_cannot_go_is_refused_before_anything_leaves
            pictures_in_doubt_settle
            every_part_has_its_own_proof
            taking_down_twice_is_done
            reception_is_read_and_changes_nothing
            a_good_place_has_no_problem
            a_check_without_an_answer_says_so
        }
    } )* };
}

conforms! {
    webhook: |clock| Box::new(FakeWebhook::start(Arc::new(clock.clone()), &[wh::SECRET]));
    telegram: |clock| Box::new(FakeTelegram::start(Arc::new(clock.clone())));
    facebook: |clock| Box::new(FakeFacebook::start(Arc::new(clock.clone())));
    bluesky: |clock| Box::new(FakeBluesky::start(Arc::new(clock.clone())));
    mastodon: |clock| Box::new(FakeMastodon::start(Arc::new(clock.clone())));
    matrix: |clock| Box::new(FakeMatrix::start(Arc::new(clock.clone())));
    wordpress: |clock| Box::new(FakeWordpress::start(Arc::new(clock.clone())));
}
