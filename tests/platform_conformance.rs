//! One suite for every platform: whatever goes wrong on the wire, the outcome says what is known about
//! the world and no more, and settling finds what the fake really has.

mod fakes;

use std::sync::Arc;

use fakes::desk::{HASTY, PATIENT, attempt, clock, platform, post};
use fakes::facebook::{self as fb, FakeFacebook};
use fakes::server::Server;
use fakes::telegram::{self as tg, FakeTelegram};
use fakes::webhook::FakeWebhook;
use fakes::{Failure, Seen};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::{FacebookPageTarget, Secret, Target, TelegramTarget, WebhookTarget};
use raotin::model::share::Attempt;
use raotin::model::{Post, Receipt};
use raotin::platform::http::Limits;
use raotin::platform::{Doubt, Look, Platform, SendError, Settling};

/// A fake and how the program is pointed at it.
trait Place {
    fn target(&self) -> Target;
    fn server(&self) -> &Server;
    fn fail_next(&self, failure: Failure);
    fn posts(&self) -> Vec<Seen>;
    fn complaints(&self) -> Vec<String>;
    /// Whether the answer to this failure can still be read as the platform's own success.
    fn reads_success_from(&self, _failure: &Failure) -> bool {
        false
    }
}

type Make = fn(&ManualClock) -> Box<dyn Place>;

impl Place for FakeWebhook {
    fn target(&self) -> Target {
        Target::Webhook(WebhookTarget {
            url: self.url(),
            secrets: vec![Secret::new(WEBHOOK_SECRET)],
        })
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

const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(clock: &ManualClock) -> Box<dyn Place> {
    Box::new(FakeWebhook::start(
        Arc::new(clock.clone()),
        &[WEBHOOK_SECRET],
    ))
}

impl Place for FakeTelegram {
    fn target(&self) -> Target {
        Target::Telegram(TelegramTarget {
            chat: "@tinbackan".to_owned(),
            token: Secret::new(tg::TOKEN),
            topic: None,
            silent: false,
            preview: true,
            base_url: self.base_url(),
        })
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
        Target::FacebookPage(FacebookPageTarget {
            page: fb::PAGE.to_owned(),
            token: Secret::new(fb::TOKEN),
            app_id: Some(fb::APP_ID.to_owned()),
            app_secret: Some(Secret::new(fb::APP_SECRET)),
            graph_version: fb::VERSION.to_owned(),
            base_url: self.base_url(),
        })
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
        settling_without_an_answer_decides_nothing;
    telegram:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen;
    facebook:
        an_undisturbed_send_is_proven
        doubt_is_doubt_and_settles
        a_refused_connection_is_certainly_not_sent
        throttling_says_until_when
        the_platforms_clock_is_seen
        settling_without_an_answer_decides_nothing;
}
