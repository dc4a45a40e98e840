//! Promise: on Matrix a share is one text with its pictures, however often it is tried, as long as the
//! login is the same and the server remembers, and after that too.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::desk::{PATIENT, attempt, clock, platform, post};
use fakes::matrix::{ALIAS, FakeMatrix, ROOM, TOKEN, Wait};
use fakes::place::Place as _;
use fakes::{Failure, Seen};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::{MatrixTarget, Target};
use raotin::model::share::Attempt;
use raotin::model::{Mark, MarkKind, Post, Receipt};
use raotin::platform::{Doubt, Engagement, Look, Platform, SendError, Weight};
use serde_json::json;

const KEY: &str = "0199a0c0-0000-7000-8000-000000000001";
/// Longer than any server is trusted to remember.
const LATER: SignedDuration = SignedDuration::from_hours(25);

struct Room {
    clock: ManualClock,
    fake: FakeMatrix,
    platform: Arc<dyn Platform>,
}

impl Room {
    fn open() -> Room {
        let clock = clock();
        let fake = FakeMatrix::start(Arc::new(clock.clone()));
        let platform = connected(&fake.target(), &clock);
        Room {
            clock,
            fake,
            platform,
        }
    }

    async fn attempt(&self, content: &Post) -> Attempt {
        let prepared = self.platform.prepare(KEY, content).await.expect("prepared");
        attempt(KEY, self.clock.now(), prepared, 0)
    }

    async fn settle(&self, attempt: &Attempt, content: &Post) -> Result<Look, SendError> {
        let doubt = Doubt {
            attempt,
            post: content,
            part: 0,
            receipts: &[],
        };
        self.platform.settle(doubt, &|_| false).await
    }

    /// The one post there is, and that it is the receipt's.
    fn only(&self, receipt: &Receipt) -> Seen {
        let posts = self.fake.posts();
        assert_eq!(posts.len(), 1, "{posts:?}");
        assert_eq!(posts[0].id, receipt.post_id);
        assert_eq!(self.fake.complaints(), Vec::<String>::new());
        posts[0].clone()
    }
}

fn connected(target: &MatrixTarget, clock: &ManualClock) -> Arc<dyn Platform> {
    platform(&Target::Matrix(target.clone()), PATIENT, clock)
}

fn posted(look: Result<Look, SendError>) -> Receipt {
    match look {
        Ok(Look::Posted(receipt)) => receipt,
        other => panic!("not there: {other:?}"),
    }
}

/// Refused between the text and the second picture, in every way: what shows is completed, not doubled.
#[tokio::test]
async fn what_shows_in_part_is_completed() {
    for failure in [
        Failure::DieAfter,
        Failure::DieBefore,
        Failure::Throttle(7),
        Failure::ErrorAfter(502),
        Failure::Says {
            status: 403,
            body: json!({"errcode": "M_FORBIDDEN", "error": "no"}),
        },
    ] {
        for later in [SignedDuration::ZERO, LATER] {
            let room = Room::open();
            let content = post("Lễ hội Lồng Tồng", None, 3);
            let attempt = room.attempt(&content).await;
            room.fake.script(&mut |script| {
                script.pass(2);
                script.push(failure.clone());
            });
            let sent = room.platform.send(&attempt, &content, 0, &[]).await;
            assert!(
                matches!(sent, Err(SendError::Unsure { ask_now: true, .. })),
                "{failure:?}: {sent:?}"
            );
            room.clock.advance(later);
            if later == LATER {
                room.fake.forget();
            }
            let receipt = posted(room.settle(&attempt, &content).await);
            let seen = room.only(&receipt);
            assert_eq!((seen.pictures, seen.text.as_str()), (3, "Lễ hội Lồng Tồng"));
        }
    }
}

/// A server that forgot the transaction, and a new login that never had it, are read back instead.
#[tokio::test]
async fn where_a_repeat_would_be_another_message_the_room_is_read() {
    for (forgets, new_login) in [(true, false), (false, true), (true, true)] {
        for taken in [true, false] {
            let room = Room::open();
            room.fake.list_in_pages_of(2);
            let content = post("Một tin", None, 1);
            let attempt = room.attempt(&content).await;
            let failure = if taken {
                Failure::DieAfter
            } else {
                Failure::DieBefore
            };
            room.fake.fail_next(failure);
            let sent = room.platform.send(&attempt, &content, 0, &[]).await;
            sent.expect_err("a doubt");
            room.fake.chatter(7);
            if forgets {
                room.fake.forget();
                room.clock.advance(LATER);
            }
            let room = if new_login {
                room.fake.set_login(TOKEN, Some("DEVICE2"));
                let platform = connected(&room.fake.target(), &room.clock);
                Room { platform, ..room }
            } else {
                room
            };
            let look = room.settle(&attempt, &content).await;
            if taken {
                room.only(&posted(look));
            } else {
                assert_eq!(look, Ok(Look::NotThere));
                assert!(room.fake.posts().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_room_that_cannot_be_read_to_its_end_is_a_persons_to_look_at() {
    let room = Room::open();
    let content = post("Một tin", None, 0);
    let attempt = room.attempt(&content).await;
    room.fake.fail_next(Failure::DieBefore);
    let sent = room.platform.send(&attempt, &content, 0, &[]).await;
    sent.expect_err("a doubt");
    room.fake.list_in_pages_of(1);
    room.fake.chatter(60);
    room.clock.advance(LATER);
    let look = room.settle(&attempt, &content).await;
    assert!(matches!(look, Ok(Look::CannotTell { .. })), "{look:?}");
    assert!(room.fake.posts().is_empty());
}

#[tokio::test]
async fn encrypted_rooms_are_refused_at_check_and_before_a_post() {
    let room = Room::open();
    let algorithm = json!({"algorithm": "m.megolm.v1.aes-sha2"});
    room.fake.set_state("m.room.encryption", algorithm);
    let found = room.platform.check().await.expect("an answer");
    assert!(
        found
            .iter()
            .any(|f| f.code == "matrix-encrypted" && f.weight == Weight::Problem)
    );
    let prepared = room.platform.prepare(KEY, &post("Tin", None, 0)).await;
    assert!(
        matches!(prepared, Err(SendError::Unauthorized { .. })),
        "{prepared:?}"
    );
    assert!(room.fake.posts().is_empty());
}

#[tokio::test]
async fn the_account_joins_where_it_is_told_to_and_only_there() {
    for (join, open, inside) in [
        (true, true, true),
        (true, false, false),
        (false, true, false),
    ] {
        for room_name in [ALIAS, ROOM] {
            let room = Room::open();
            room.fake.leave(open);
            let target = MatrixTarget {
                join,
                room: room_name.to_owned(),
                ..room.fake.target()
            };
            let platform = connected(&target, &room.clock);
            let found = platform.check().await.expect("an answer");
            let problem = found.iter().any(|f| f.weight == Weight::Problem);
            assert_eq!(problem, !inside, "{found:?}");
            assert_eq!(room.fake.is_member(), inside);
            room.fake.leave(open);
            let prepared = platform.prepare(KEY, &post("Tin", None, 0)).await;
            assert_eq!(prepared.is_ok(), inside, "{prepared:?}");
        }
    }
}

#[tokio::test]
async fn a_room_without_the_right_or_one_that_was_replaced_is_a_problem() {
    for (kind, content, code) in [
        (
            "m.room.power_levels",
            json!({"events_default": 100}),
            "matrix-no-right",
        ),
        (
            "m.room.tombstone",
            json!({"body": "moved", "replacement_room": "!new:fake.vn"}),
            "matrix-replaced",
        ),
    ] {
        let room = Room::open();
        room.fake.set_state(kind, content);
        let found = room.platform.check().await.expect("an answer");
        let problems = found.iter().filter(|f| f.weight == Weight::Problem);
        let codes: Vec<&str> = problems.map(|f| f.code).collect();
        assert_eq!(codes, [code]);
    }
}

#[tokio::test]
async fn both_forms_of_the_time_to_wait_are_read() {
    for wait in [Wait::Header, Wait::Body, Wait::Both] {
        let room = Room::open();
        room.fake.say_wait_in(wait);
        let content = post("Tin", None, 0);
        let attempt = room.attempt(&content).await;
        room.fake.fail_next(Failure::Throttle(77));
        let sent = room.platform.send(&attempt, &content, 0, &[]).await;
        let Err(SendError::Throttled { until, .. }) = sent else {
            panic!("{sent:?}");
        };
        assert_eq!(until, room.clock.now() + SignedDuration::from_secs(77));
    }
}

#[tokio::test]
async fn an_older_server_says_its_limit_elsewhere() {
    let room = Room::open();
    room.fake.be_older();
    let content = post("Ảnh", None, 1);
    let attempt = room.attempt(&content).await;
    let sent = room.platform.send(&attempt, &content, 0, &[]).await;
    room.only(&sent.expect("sent"));
}

#[tokio::test]
async fn a_notice_is_shown_as_it_is_meant_and_its_address_leads_to_it() {
    let room = Room::open();
    let text = "Lịch <tiêm>\nhttps://chodon.gov.vn/?a=1&b=2";
    let mut content = post(text, Some("https://chodon.gov.vn/?a=1&b=2"), 1);
    content.parts[0].marks = vec![
        Mark {
            start: 0,
            end: "Lịch <tiêm>".len(),
            kind: MarkKind::Bold,
        },
        Mark {
            start: text.find("https").unwrap(),
            end: text.len(),
            kind: MarkKind::Link,
        },
    ];
    let attempt = room.attempt(&content).await;
    let sent = room.platform.send(&attempt, &content, 0, &[]).await;
    let receipt = sent.expect("sent");
    room.only(&receipt);
    let contents = room.fake.contents();
    assert_eq!(contents[0]["body"], text);
    assert_eq!(
        contents[0]["formatted_body"],
        "<strong>Lịch &lt;tiêm&gt;</strong><br><a href=\"https://chodon.gov.vn/?a=1&amp;b=2\">https://chodon.gov.vn/?a=1&amp;b=2</a>"
    );
    assert_eq!(contents[1]["body"], "Ảnh 0");
    assert_eq!(
        contents[1]["info"],
        json!({"mimetype": "image/png", "size": fakes::desk::PNG.len(), "w": 1, "h": 1})
    );
    assert_eq!(
        receipt.permalink.as_deref(),
        Some("https://matrix.to/#/%21tin%3Afake.vn/%24event%2F0%2Bx?via=fake.vn")
    );
}

#[tokio::test]
async fn reactions_and_answers_are_counted_over_all_pages() {
    let room = Room::open();
    room.fake.list_in_pages_of(2);
    let content = post("Tin", None, 0);
    let attempt = room.attempt(&content).await;
    let sent = room.platform.send(&attempt, &content, 0, &[]).await;
    let receipt = sent.expect("sent");
    let (_, event) = receipt.post_id.split_once('/').unwrap();
    room.fake.relate(event, "m.annotation", 5);
    room.fake.relate(event, "m.thread", 1);
    let counted = room.platform.engagement(&receipt).await;
    let expected = Engagement {
        likes: Some(5),
        comments: Some(1),
        ..Engagement::default()
    };
    assert_eq!(counted, Ok(Some(expected)));
}
