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
use fakes::server::Server;
use fakes::telegram::FakeTelegram;
use fakes::webhook::{self as wh, FakeWebhook};
use fakes::{Failure, Seen};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::Target;
use raotin::model::share::Attempt;
use raotin::model::{Post, Receipt};
use raotin::platform::http::Limits;
use raotin::platform::{Doubt, Look, Platform, SendError, Settling, Weight};

/// A fake and how the program is pointed at it.
trait Place {
    fn target(&self) -> Target;
    fn server(&self) -> &Server;
    fn fail_next(&self, failure: Failure);
    fn posts(&self) -> Vec<Seen>;
    fn complaints(&self) -> Vec<String>;
    /// Most pictures of one post.
    fn most_pictures(&self) -> usize {
        10
    }
    /// Whether the answer to this failure can still be read as the platform's own success.
    fn reads_success_from(&self, _failure: &Failure) -> bool {
        false
    }
}

type Make = fn(&ManualClock) -> Box<dyn Place>;

impl Place for FakeWebhook {
    fn target(&self) -> Target {
        FakeWebhook::target(self, &[wh::SECRET])
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn fail_next(&self, failure: Failure) {
        FakeWebhook::fail_next(self, failure);
    }
    fn posts(&self) -> Vec<Seen> {
        FakeWebhook::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeWebhook::complaints(self)
    }
    /// 2xx is success; the body is of no weight.
    fn reads_success_from(&self, failure: &Failure) -> bool {
        matches!(failure, Failure::Garbage | Failure::Huge | Failure::Slow)
    }
}

fn webhook(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeWebhook::start(Arc::new(clock.clone()), &[wh::SECRET]))
}

impl Place for FakeTelegram {
    fn target(&self) -> Target {
        Target::Telegram(FakeTelegram::target(self))
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn fail_next(&self, failure: Failure) {
        FakeTelegram::fail_next(self, failure);
    }
    fn posts(&self) -> Vec<Seen> {
        FakeTelegram::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeTelegram::complaints(self)
    }
}

fn telegram(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeTelegram::start(Arc::new(clock.clone())))
}

impl Place for FakeFacebook {
    fn target(&self) -> Target {
        FakeFacebook::target(self)
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn fail_next(&self, failure: Failure) {
        FakeFacebook::fail_next(self, failure);
    }
    fn posts(&self) -> Vec<Seen> {
        FakeFacebook::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeFacebook::complaints(self)
    }
}

fn facebook(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeFacebook::start(Arc::new(clock.clone())))
}

impl Place for FakeBluesky {
    fn target(&self) -> Target {
        FakeBluesky::target(self)
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn fail_next(&self, failure: Failure) {
        FakeBluesky::fail_next(self, failure);
    }
    fn posts(&self) -> Vec<Seen> {
        FakeBluesky::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeBluesky::complaints(self)
    }
    fn most_pictures(&self) -> usize {
        4
    }
}

fn bluesky(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeBluesky::start(Arc::new(clock.clone())))
}

impl Place for FakeMastodon {
    fn target(&self) -> Target {
        FakeMastodon::target(self)
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn fail_next(&self, failure: Failure) {
        FakeMastodon::fail_next(self, failure);
    }
    fn posts(&self) -> Vec<Seen> {
        FakeMastodon::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeMastodon::complaints(self)
    }
    fn most_pictures(&self) -> usize {
        4
    }
}

fn mastodon(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeMastodon::start(Arc::new(clock.clone())))
}

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
    // A connection that still stands from preparing may take a request and die: that is a doubt.
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
    for pictures in [1, 2, 3, 10] {
        if pictures > make(&clock()).most_pictures() {
            continue;
        }
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
    let platform = platform(&place.target(), PATIENT, &clock);
    place.server().refuse();
    let found = platform.check().await;
    assert!(matches!(found, Err(SendError::NotSent { .. })), "{found:?}");
}

macro_rules! conforms {
    ($($place:ident: $($promise:ident)*;)*) => { $( mod $place {
        $(
            #[tokio::test]
            async fn $promise() {
                super::$promise(super::$place).await;
            }
        )*
    } )* };
}

conforms! {
    webhook:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        settling_without_an_answer_decides_nothing
        every_part_has_its_own_proof
        a_good_place_has_no_problem;
    telegram:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        pictures_arrive_with_their_words
        a_picture_that_cannot_go_is_refused_before_anything_leaves
        pictures_in_doubt_settle
        every_part_has_its_own_proof
        taking_down_twice_is_done
        a_good_place_has_no_problem
        a_check_without_an_answer_says_so;
    bluesky:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        settling_without_an_answer_decides_nothing
        pictures_arrive_with_their_words
        a_picture_that_cannot_go_is_refused_before_anything_leaves
        pictures_in_doubt_settle
        every_part_has_its_own_proof
        taking_down_twice_is_done
        a_good_place_has_no_problem
        a_check_without_an_answer_says_so;
    mastodon:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        settling_without_an_answer_decides_nothing
        pictures_arrive_with_their_words
        a_picture_that_cannot_go_is_refused_before_anything_leaves
        pictures_in_doubt_settle
        every_part_has_its_own_proof
        taking_down_twice_is_done
        a_good_place_has_no_problem
        a_check_without_an_answer_says_so;
    facebook:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        settling_without_an_answer_decides_nothing
        pictures_arrive_with_their_words
        a_picture_that_cannot_go_is_refused_before_anything_leaves
        pictures_in_doubt_settle
        every_part_has_its_own_proof
        taking_down_twice_is_done
        a_good_place_has_no_problem
        a_check_without_an_answer_says_so;
}
