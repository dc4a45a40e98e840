//! Promise: whatever a Mastodon server does with keys, a doubtful status is found if it is there, and
//! not taken for another.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::Failure;
use fakes::desk::{PATIENT, attempt, clock, part, platform, post};
use fakes::mastodon::FakeMastodon;
use fakes::place::Place as _;
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::{MastodonTarget, Target};
use raotin::model::{Post, Receipt};
use raotin::platform::{Doubt, Look, Platform, SendError};

struct Desk {
    clock: ManualClock,
    fake: FakeMastodon,
    platform: Arc<dyn Platform>,
}

impl Desk {
    fn new() -> Desk {
        let clock = clock();
        let fake = FakeMastodon::start(Arc::new(clock.clone()));
        let platform = platform(&fake.target(), PATIENT, &clock);
        Desk {
            clock,
            fake,
            platform,
        }
    }
    async fn send(&self, key: &str, content: &Post) -> Result<Receipt, SendError> {
        let prepared = self.platform.prepare(key, content).await?;
        let attempt = attempt(key, self.clock.now(), prepared, 0);
        self.platform.send(&attempt, content, 0, &[]).await
    }
    async fn look(&self, content: &Post, prepared: &str, taken: &[&str]) -> Look {
        let attempt = attempt("doubt", self.clock.now(), prepared.to_owned(), 0);
        let doubt = Doubt {
            attempt: &attempt,
            post: content,
            part: 0,
            receipts: &[],
        };
        let is_taken = |id: &str| taken.contains(&id);
        self.platform.settle(doubt, &is_taken).await.unwrap()
    }
}

#[tokio::test]
async fn it_is_found_among_many_and_on_a_server_that_forgets_keys() {
    let desk = Desk::new();
    desk.fake.forget_keys();
    let wanted = post(
        "Lịch tiêm chủng, xem https://chodon.gov.vn/tin/1?a=1&b=<2> nhé\n\n#chợđồn",
        None,
        0,
    );
    desk.fake.fail_next(Failure::DieAfter);
    let sent = desk.send("wanted", &wanted).await;
    assert!(matches!(sent, Err(SendError::Unsure { .. })), "{sent:?}");
    let id = desk.fake.posts()[0].id.clone();
    for n in 0..90 {
        let other = post(&format!("chuyện khác số {n} hẳn hoi"), None, 0);
        desk.send(&format!("other-{n}"), &other).await.unwrap();
    }
    let look = desk.look(&wanted, "", &[]).await;
    assert!(
        matches!(&look, Look::Posted(r) if r.post_id == id),
        "{look:?}"
    );
    // Another share's proof is not ours: nothing else is there.
    assert_eq!(desk.look(&wanted, "", &[&id]).await, Look::NotThere);
    assert_eq!(desk.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_nearly_the_same_is_a_persons() {
    let desk = Desk::new();
    let near = post(
        "Huyện Chợ Đồn thông báo lịch tiêm chủng tuần này cho bà con",
        None,
        0,
    );
    desk.send("near", &near).await.unwrap();
    let wanted = post(
        "Huyện Chợ Đồn thông báo lịch tiêm chủng tuần sau cho bà con",
        None,
        0,
    );
    let look = desk.look(&wanted, "", &[]).await;
    assert!(
        matches!(look, Look::CannotTell { link: Some(_), .. }),
        "{look:?}"
    );
    // The same words as an answer to something are another status.
    let mut thread = post("Mở đầu câu chuyện dài", None, 0);
    thread.parts.push(part("Phần hai của câu chuyện", None, 0));
    let attempt = attempt("thread", desk.clock.now(), String::new(), 0);
    let first = desk.platform.send(&attempt, &thread, 0, &[]).await.unwrap();
    let second = desk.platform.send(&attempt, &thread, 1, &[first]).await;
    second.unwrap();
    let alone = post("Phần hai của câu chuyện", None, 0);
    let look = desk.look(&alone, "", &[]).await;
    assert!(matches!(look, Look::CannotTell { .. }), "{look:?}");
}

#[tokio::test]
async fn pictures_are_proof_and_may_take_their_time() {
    let desk = Desk::new();
    desk.fake.slow_media(3);
    let wordless = post("", None, 2);
    let preparing = desk.platform.prepare("p", &wordless);
    let ticking = async {
        loop {
            desk.clock.advance(SignedDuration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    let prepared = tokio::select! {
        prepared = preparing => prepared.unwrap(),
        () = ticking => unreachable!("it ticks for ever"),
    };
    let attempt = attempt("p", desk.clock.now(), prepared.clone(), 0);
    desk.fake.fail_next(Failure::ErrorAfter(503));
    let sent = desk.platform.send(&attempt, &wordless, 0, &[]).await;
    assert!(matches!(sent, Err(SendError::Unsure { .. })), "{sent:?}");
    let look = desk.look(&wordless, &prepared, &[]).await;
    assert!(matches!(look, Look::Posted(_)), "{look:?}");
    assert_eq!(desk.fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn the_servers_own_limits_hold() {
    let desk = Desk::new();
    desk.fake.most_characters(100);
    let platform = platform(&desk.fake.target(), PATIENT, &desk.clock);
    assert!(
        platform
            .prepare("a", &post(&"ộ".repeat(100), None, 0))
            .await
            .is_ok()
    );
    let over = platform
        .prepare("a", &post(&"ộ".repeat(101), None, 0))
        .await;
    assert!(matches!(over, Err(SendError::Refused { .. })), "{over:?}");
    // A content warning counts too.
    let warned = Target::Mastodon(MastodonTarget {
        warning: Some("Tin y tế".to_owned()),
        ..desk.fake.mastodon_target()
    });
    let warned = fakes::desk::platform(&warned, PATIENT, &desk.clock);
    assert!(
        warned
            .prepare("a", &post(&"ộ".repeat(92), None, 0))
            .await
            .is_ok()
    );
    assert!(
        warned
            .prepare("a", &post(&"ộ".repeat(93), None, 0))
            .await
            .is_err()
    );
    let found = platform.check().await.unwrap();
    assert!(found.iter().any(|f| f.code == "mastodon-short"));
    desk.fake.set_token("another-token");
    let found = platform.check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "mastodon-unauthorized"),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_post_is_made_as_long_as_the_server_takes() {
    use raotin::compose::{Source, compose};
    let desk = Desk::new();
    let text = "Huyện Chợ Đồn ra quân làm đường. ".repeat(30);
    for (most, parts) in [(5000, 1), (500, 2), (200, 5)] {
        desk.fake.most_characters(most);
        let platform = platform(&desk.fake.target(), PATIENT, &desk.clock);
        let told = platform.told().await.unwrap();
        assert_eq!(told.map(|t| (t.text, t.pictures)), Some((most, 4)));
        let content = raotin::model::Content {
            text: text.clone(),
            ..raotin::model::Content::default()
        };
        let source = Source {
            content: &content,
            topic: None,
            hashtags: &[],
            own_text: None,
            link_instead: None,
            told,
        };
        let config = format!(
            "[office]\nname = \"Huyện\"\n[[channels]]\nid = \"m\"\ntitle = \"M\"\nplatform = \"mastodon\"\n\
             [channels.mastodon]\nbase_url = \"{}\"\ntoken = {{ env = \"T\" }}\n",
            desk.fake.server.base_url()
        );
        let source_of = raotin::config::Source {
            path: "raotin.toml".into(),
            text: config,
        };
        let vars = [("T", "a-token-of-mastodon")];
        let env = raotin::config::Env::of(&vars, 0, &raotin::config::Redactor::default());
        let sources = raotin::config::Sources::of(source_of, Vec::new(), "".into());
        let known = raotin::config::Known::default();
        let loaded = sources.check(&env, &known, desk.clock.now()).unwrap();
        let post = compose(source, &loaded.config.channels[0].rules).unwrap();
        assert_eq!(post.parts.len(), parts, "{most}");
        assert!(platform.prepare("k", &post).await.is_ok());
    }
}
