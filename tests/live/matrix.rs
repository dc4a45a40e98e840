//! A Matrix homeserver (Synapse).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use raotin::clock::{Clock as _, MachineClock};
use raotin::compose::limits::MATRIX_TEXT;
use raotin::config::{MatrixTarget, Secret, Target};
use raotin::model::share::Attempt;
use raotin::model::{Mark, MarkKind, Post, Receipt};
use raotin::platform::{Doubt, Engagement, Look, Platform, SendError, Weight, connect};
use reqwest::Method;
use serde_json::{Value, json};

use crate::fakes::desk::{self, PATIENT, PNG, post};
use crate::live_kit::{self, Dies, Place, kill_run};

/// One server, one test at a time.
static SERVER: Mutex<()> = Mutex::new(());

/// The server, and a public room of this test's own.
struct Synapse {
    said: RefCell<BTreeMap<String, String>>,
    room: String,
    _one: std::sync::MutexGuard<'static, ()>,
}

impl Synapse {
    fn start() -> Synapse {
        let one = SERVER
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Synapse {
            said: RefCell::new(live_kit::start("matrix.sh")),
            room: String::new(),
            _one: one,
        }
    }
    async fn with_room() -> Synapse {
        let mut synapse = Synapse::start();
        let room = synapse.make_room("MATRIX_TOKEN", json!({})).await;
        synapse.room = room;
        synapse
    }
    fn says(&self, key: &str) -> String {
        self.said.borrow()[key].clone()
    }
    /// As the account whose token `who` is.
    async fn ask(
        &self,
        who: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let url = format!("{}/_matrix/{path}", self.says("MATRIX_URL"));
        let request = reqwest::Client::new().request(method, url);
        let request = request.bearer_auth(self.says(who));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
    async fn make_room(&self, who: &str, more: Value) -> String {
        let mut body = json!({"preset": "public_chat", "name": "Tin huyện"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let made = self.ask(who, Method::POST, "client/v3/createRoom", Some(body));
        made.await.1["room_id"].as_str().unwrap().to_owned()
    }
    fn target(&self) -> MatrixTarget {
        MatrixTarget {
            server: url::Url::parse(&self.says("MATRIX_URL")).unwrap(),
            room: self.room.clone(),
            token: Secret::new(self.says("MATRIX_TOKEN")),
            join: false,
        }
    }
    /// Events of a room, the oldest first.
    async fn events(&self, room: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut from = String::new();
        loop {
            let path = format!("client/v3/rooms/{room}/messages?dir=b&limit=500{from}");
            let (_, page) = self.ask("MATRIX_TOKEN", Method::GET, &path, None).await;
            found.extend(page["chunk"].as_array().unwrap().iter().cloned());
            match page["end"].as_str() {
                Some(end) => from = format!("&from={end}"),
                None => break,
            }
        }
        found.reverse();
        found.retain(|e| e["type"] == "m.room.message");
        found
    }
    async fn event(&self, receipt: &Receipt, n: usize) -> Value {
        let (room, events) = receipt.post_id.split_once("/$").unwrap();
        let event = events.split(',').nth(n).unwrap().trim_start_matches('$');
        let path = format!("client/v3/rooms/{room}/event/${event}");
        self.ask("MATRIX_TOKEN", Method::GET, &path, None).await.1
    }
}

fn platform(target: MatrixTarget) -> Arc<dyn Platform> {
    let deps = raotin::platform::Deps {
        clock: Arc::new(MachineClock),
        pictures: Arc::new(live_kit::Sized),
        ..desk::deps(PATIENT, &desk::clock())
    };
    connect(&Target::Matrix(target), None, deps).unwrap()
}

fn key() -> String {
    raotin::chance::Chance::of_machine().key(MachineClock.now())
}

async fn prepared(platform: &dyn Platform, post: &Post) -> Result<Attempt, SendError> {
    let key = key();
    let prepared = platform.prepare(&key, post).await?;
    Ok(desk::attempt(&key, MachineClock.now(), prepared, 0))
}

fn doubt<'a>(attempt: &'a Attempt, post: &'a Post) -> Doubt<'a> {
    Doubt {
        attempt,
        post,
        part: 0,
        receipts: &[],
    }
}

/// Sent, and asked for again: the same post.
async fn share(platform: &dyn Platform, post: &Post) -> Result<Receipt, SendError> {
    let attempt = prepared(platform, post).await?;
    let receipt = platform.send(&attempt, post, 0, &[]).await?;
    let look = platform.settle(doubt(&attempt, post), &|_| false).await?;
    assert!(matches!(look, Look::Posted(r) if r.post_id == receipt.post_id));
    Ok(receipt)
}

impl Place for Synapse {
    fn channel(&self) -> String {
        format!(
            "platform = \"matrix\"\n[channels.matrix]\nserver = \"{}\"\nroom = \"{}\"\ntoken = {{ file = \"token\" }}\n",
            self.says("MATRIX_URL"),
            self.room
        )
    }
    fn secrets(&self) -> Vec<(String, String)> {
        vec![("token".to_owned(), self.says("MATRIX_TOKEN"))]
    }
    fn posts(&self) -> Vec<(String, String)> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let events = runtime.block_on(self.events(&self.room));
        let events = events.iter().map(|e| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let id = format!("{}/{}", self.room, text(&e["event_id"]));
            (id, text(&e["content"]["body"]))
        });
        events.collect()
    }
    fn kill(&self) {
        live_kit::kill_group(&self.says("MATRIX_PID"));
    }
    fn restart(&self) {
        *self.said.borrow_mut() = live_kit::start("matrix.sh");
    }
}

#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn text_link_and_pictures_are_read_back() {
    let synapse = Synapse::with_room().await;
    let platform = platform(synapse.target());
    let found = platform.check().await.unwrap();
    assert!(found.iter().all(|f| f.weight == Weight::Note), "{found:?}");
    assert!(
        found
            .iter()
            .any(|f| f.values.contains(&("bytes", "1048576".to_owned()))),
        "{found:?}"
    );

    let text = "📣 Huyện <Chợ Đồn>\nxem https://chodon.gov.vn/tin/1?a=1&b=2";
    let mut content = post(text, Some("https://chodon.gov.vn/tin/1?a=1&b=2"), 3);
    let mark = |word: &str, kind| {
        let start = text.find(word).unwrap();
        Mark {
            start,
            end: start + word.len(),
            kind,
        }
    };
    content.parts[0].marks = vec![
        mark("📣 Huyện <Chợ Đồn>", MarkKind::Bold),
        mark("https://chodon.gov.vn/tin/1?a=1&b=2", MarkKind::Link),
    ];
    let receipt = share(&*platform, &content).await.unwrap();
    let event = synapse.event(&receipt, 0).await;
    assert_eq!(event["content"]["msgtype"], "m.text");
    assert_eq!(event["content"]["body"], text);
    assert_eq!(event["content"]["format"], "org.matrix.custom.html");
    assert_eq!(
        event["content"]["formatted_body"],
        "<strong>📣 Huyện &lt;Chợ Đồn&gt;</strong><br>xem <a href=\"https://chodon.gov.vn/tin/1?a=1&amp;b=2\">https://chodon.gov.vn/tin/1?a=1&amp;b=2</a>"
    );
    assert_eq!(event["content"]["m.mentions"], json!({}));
    assert_eq!(event["sender"], json!(synapse.says("MATRIX_USER")));
    for n in 1..4 {
        let content = &synapse.event(&receipt, n).await["content"];
        assert_eq!(content["msgtype"], "m.image");
        assert_eq!(content["body"], json!(format!("Ảnh {}", n - 1)));
        assert_eq!(content["info"]["size"], json!(PNG.len()));
        assert_eq!(
            (&content["info"]["w"], &content["info"]["h"]),
            (&json!(1), &json!(1))
        );
        let uri = content["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("mxc://");
        let url = format!(
            "{}/_matrix/client/v1/media/download/{uri}",
            synapse.says("MATRIX_URL")
        );
        let client = reqwest::Client::new();
        let answer = client.get(url).bearer_auth(synapse.says("MATRIX_TOKEN"));
        let bytes = answer.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(&bytes[..], PNG);
    }
    assert_eq!(synapse.events(&synapse.room).await.len(), 4);

    // What others do with it.
    let event_id = event["event_id"].as_str().unwrap();
    let relation =
        json!({"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": "👍"}});
    let path = format!("client/v3/rooms/{}/send/m.reaction/{}", synapse.room, key());
    synapse
        .ask("MATRIX_TOKEN", Method::PUT, &path, Some(relation))
        .await;
    let expected = Engagement {
        likes: Some(1),
        comments: Some(0),
        ..Engagement::default()
    };
    assert_eq!(platform.engagement(&receipt).await, Ok(Some(expected)));

    // Taken down, twice.
    for _ in 0..2 {
        platform.delete(&receipt).await.unwrap();
        for n in 0..4 {
            assert_eq!(synapse.event(&receipt, n).await["content"], json!({}));
        }
    }
}

/// A new login has none of the old one's transactions, and after a day the server has none at all: the
/// room is read back.
#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn another_login_finds_what_the_first_one_sent() {
    let synapse = Synapse::with_room().await;
    let first = platform(synapse.target());
    let content = post("Một tin, hai lần đăng nhập", None, 1);
    let attempt = prepared(&*first, &content).await.unwrap();
    let receipt = first.send(&attempt, &content, 0, &[]).await.unwrap();
    let login = json!({
        "type": "m.login.password", "password": synapse.says("MATRIX_OWN_PASSWORD"),
        "identifier": {"type": "m.id.user", "user": synapse.says("MATRIX_USER")},
    });
    let (_, login) = synapse
        .ask("MATRIX_TOKEN", Method::POST, "client/v3/login", Some(login))
        .await;
    let second = platform(MatrixTarget {
        token: Secret::new(login["access_token"].as_str().unwrap()),
        ..synapse.target()
    });
    let look = second.settle(doubt(&attempt, &content), &|_| false).await;
    assert!(matches!(look, Ok(Look::Posted(r)) if r.post_id == receipt.post_id));
    let old = Attempt {
        at: attempt.at - jiff::SignedDuration::from_hours(30),
        ..attempt.clone()
    };
    let look = first.settle(doubt(&old, &content), &|_| false).await;
    assert!(matches!(look, Ok(Look::Posted(r)) if r.post_id == receipt.post_id));
    let never = prepared(&*first, &content).await.unwrap();
    let look = second.settle(doubt(&never, &content), &|_| false).await;
    assert_eq!(look, Ok(Look::NotThere));
    assert_eq!(synapse.events(&synapse.room).await.len(), 2);
}

#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn the_limits_are_the_servers() {
    let synapse = Synapse::with_room().await;
    let platform = platform(synapse.target());
    // The longest text that is ever composed, in the widest letters, and with its formatted twin.
    for letter in ["📣", "ộ"] {
        let mut longest = post(&letter.repeat(MATRIX_TEXT), None, 0);
        longest.parts[0].marks = vec![Mark {
            start: 0,
            end: letter.len(),
            kind: MarkKind::Bold,
        }];
        share(&*platform, &longest).await.unwrap();
    }
    let over = post(&"📣".repeat(16_400), None, 0);
    let refused = share(&*platform, &over).await;
    assert!(
        matches!(refused, Err(SendError::Refused { .. })),
        "{refused:?}"
    );
    // … and the server's own word.
    let path = format!(
        "client/v3/rooms/{}/send/m.room.message/{}",
        synapse.room,
        key()
    );
    let body = json!({"msgtype": "m.text", "body": over.parts[0].text});
    let (status, said) = synapse
        .ask("MATRIX_TOKEN", Method::PUT, &path, Some(body))
        .await;
    assert_eq!((status, &said["errcode"]), (413, &json!("M_TOO_LARGE")));

    // The server takes 1 MiB.
    let most = 1024 * 1024;
    share(&*platform, &live_kit::picture(most)).await.unwrap();
    // What is over it is made smaller.
    share(&*platform, &live_kit::picture(most + 1))
        .await
        .unwrap();
    let events = synapse.events(&synapse.room).await;
    assert_eq!(events.len(), 4);
    let sizes = events.iter().map(|e| e["content"]["info"]["size"].as_u64());
    assert!(sizes.flatten().any(|size| size < 10_000));
}

/// The account's own limit: three at once, then one a second. A text with five pictures cannot go out at
/// once; it is completed without doubling, as the server lets it.
#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn a_real_429_says_how_long_and_what_was_begun_is_completed() {
    let synapse = Synapse::start();
    let room = synapse.make_room("MATRIX_SLOW_TOKEN", json!({})).await;
    let slow = platform(MatrixTarget {
        token: Secret::new(synapse.says("MATRIX_SLOW_TOKEN")),
        room: room.clone(),
        ..synapse.target()
    });
    let mut throttled = 0;
    for n in 0..8 {
        let content = post(&format!("Tin {n}"), None, 0);
        let attempt = prepared(&*slow, &content).await.unwrap();
        match slow.send(&attempt, &content, 0, &[]).await {
            Ok(_) => {}
            Err(SendError::Throttled { until, .. }) => {
                throttled += 1;
                let wait = until.duration_since(MachineClock.now()).as_secs();
                assert!((0..=10).contains(&wait), "{wait} s");
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(throttled > 0, "the server's limit was never met");
    let content = post("Một tin với năm ảnh", None, 5);
    let attempt = prepared(&*slow, &content).await.unwrap();
    let mut sent = Err(SendError::NotSent {
        reason: String::new(),
    });
    for _ in 0..60 {
        sent = match slow.send(&attempt, &content, 0, &[]).await {
            Err(SendError::Throttled { .. } | SendError::Unsure { .. }) => {
                tokio::time::sleep(std::time::Duration::from_millis(700)).await;
                continue;
            }
            other => other,
        };
        break;
    }
    let receipt = sent.expect("sent in the end");
    assert_eq!(receipt.post_id.matches('$').count(), 6);
    synapse
        .ask(
            "MATRIX_TOKEN",
            Method::POST,
            &format!("client/v3/join/{room}"),
            Some(json!({})),
        )
        .await;
    let there = synapse.events(&room).await;
    assert_eq!(there.len(), 8 - throttled + 6);
}

#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn rooms_where_it_cannot_post_are_told_and_those_it_may_are_joined() {
    let synapse = Synapse::with_room().await;
    let encryption = json!({"initial_state": [{
        "type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"},
    }]});
    let encrypted = synapse.make_room("MATRIX_TOKEN", encryption).await;
    let closed = synapse
        .make_room("MATRIX_ADMIN_TOKEN", json!({"preset": "private_chat"}))
        .await;
    let alias = format!("tin-{}", key());
    let open = json!({"room_alias_name": alias});
    let open = synapse.make_room("MATRIX_ADMIN_TOKEN", open).await;
    let quiet = json!({"power_level_content_override": {"events_default": 50}});
    let quiet = synapse.make_room("MATRIX_ADMIN_TOKEN", quiet).await;
    let at = |room: &str, join| MatrixTarget {
        room: room.to_owned(),
        join,
        ..synapse.target()
    };
    for (room, join, problem) in [
        (encrypted.as_str(), false, "matrix-encrypted"),
        (&closed, true, "matrix-unauthorized"),
        (&open, false, "matrix-not-there"),
        (&quiet, true, "matrix-no-right"),
        ("!nowhere:localhost", false, "matrix-not-there"),
        ("#nowhere:localhost", false, "matrix-room"),
    ] {
        let found = platform(at(room, join)).check().await.unwrap();
        let problems = found.iter().filter(|f| f.weight == Weight::Problem);
        let codes: Vec<&str> = problems.map(|f| f.code).collect();
        assert_eq!(codes, [problem], "{room}: {found:?}");
    }
    let refused = share(&*platform(at(&encrypted, false)), &post("Tin", None, 0)).await;
    assert!(
        matches!(refused, Err(SendError::Unauthorized { .. })),
        "{refused:?}"
    );
    let refused = share(&*platform(at(&quiet, true)), &post("Tin", None, 0)).await;
    assert!(
        matches!(refused, Err(SendError::Unauthorized { .. })),
        "{refused:?}"
    );
    let joining = platform(at(&format!("#{alias}:localhost"), true));
    let receipt = share(&*joining, &post("Tin", None, 0)).await.unwrap();
    assert!(receipt.post_id.starts_with(&open), "{}", receipt.post_id);
}

#[tokio::test]
#[ignore = "needs a Matrix homeserver: tests/live/run"]
async fn wrong_and_revoked_tokens_are_told() {
    let synapse = Synapse::with_room().await;
    let login = json!({
        "type": "m.login.password", "password": synapse.says("MATRIX_OWN_PASSWORD"),
        "identifier": {"type": "m.id.user", "user": synapse.says("MATRIX_USER")},
    });
    let (_, login) = synapse
        .ask("MATRIX_TOKEN", Method::POST, "client/v3/login", Some(login))
        .await;
    let token = login["access_token"].as_str().unwrap();
    let given = |token: &str| {
        platform(MatrixTarget {
            token: Secret::new(token),
            ..synapse.target()
        })
    };
    let revoked = given(token);
    let content = post("Trước khi đăng xuất", None, 0);
    let attempt = prepared(&*revoked, &content).await.unwrap();
    revoked.send(&attempt, &content, 0, &[]).await.unwrap();
    let url = format!("{}/_matrix/client/v3/logout", synapse.says("MATRIX_URL"));
    let client = reqwest::Client::new();
    let out = client.post(url).bearer_auth(token).json(&json!({})).send();
    assert_eq!(out.await.unwrap().status(), 200);
    for platform in [revoked, given("syt_wrong_token")] {
        let sent = platform.send(&attempt, &content, 0, &[]).await;
        assert!(
            matches!(sent, Err(SendError::Unauthorized { .. })),
            "{sent:?}"
        );
        let look = platform.settle(doubt(&attempt, &content), &|_| false).await;
        assert!(
            matches!(look, Err(SendError::Unauthorized { .. })),
            "{look:?}"
        );
        let found = platform.check().await.unwrap();
        assert!(
            found.iter().any(|f| f.code == "matrix-unauthorized"),
            "{found:?}"
        );
    }
}

fn alone() -> Synapse {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(Synapse::with_room())
}

#[test]
#[ignore = "needs a Matrix homeserver, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_daemon_dies() {
    kill_run(&alone(), 200, Dies::Daemon, 5);
}

#[test]
#[ignore = "needs a Matrix homeserver, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_server_dies() {
    kill_run(&alone(), 200, Dies::Server, 6);
}
