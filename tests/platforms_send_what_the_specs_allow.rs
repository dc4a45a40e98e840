//! Every kind of request that a connector makes, judged by the platform's own published specification.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::bluesky::{FRIEND, FakeBluesky, HANDLE};
use fakes::desk::{PATIENT, attempt, clock, part, platform, post};
use fakes::facebook::FakeFacebook;
use fakes::lexicon::{Lexicons, has_format};
use fakes::mastodon::{FakeMastodon, OpenApi};
use fakes::matrix::FakeMatrix;
use fakes::place::Place as _;
use fakes::server::Request;
use fakes::telegram::FakeTelegram;
use fakes::webhook::{FakeWebhook, SECRET};
use fakes::wordpress::FakeWordpress;
use fakes::{Failure, spec};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::compose::limits::MATRIX_TEXT;
use raotin::config::{MastodonTarget, Target, Visibility};
use raotin::model::{Mark, MarkKind, Post, Receipt};
use raotin::platform::telegram::{MAX_ALBUM, MAX_CAPTION, MAX_TEXT};
use raotin::platform::webhook::SigningKey;
use raotin::platform::{Doubt, Look, Platform};
use serde_json::{Map, Value, json};

/// Prepares and sends every part, as the dispatcher does.
async fn share(platform: &dyn Platform, clock: &ManualClock, post: &Post) -> Vec<Receipt> {
    let prepared = platform.prepare("0199", post).await.expect("prepared");
    let attempt = attempt("0199", clock.now(), prepared, 0);
    let mut receipts = Vec::new();
    for n in 0..post.parts.len() {
        let receipt = platform.send(&attempt, post, n, &receipts).await;
        receipts.push(receipt.expect("sent"));
    }
    receipts
}

fn marked(text: &str) -> Post {
    let mut post = post(text, Some("https://chodon.gov.vn/tin/1"), 0);
    let mark = |word: &str, kind| {
        let start = text.find(word).expect("the word");
        Mark {
            start,
            end: start + word.len(),
            kind,
        }
    };
    post.parts[0].marks = vec![
        mark("📣 Thông báo", MarkKind::Bold),
        mark("https://chodon.gov.vn/tin/1", MarkKind::Link),
        mark("#chợđồn", MarkKind::Tag),
    ];
    post
}

const MARKED: &str = "📣 Thông báo 💉 tiêm chủng https://chodon.gov.vn/tin/1 #chợđồn";

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn telegram() {
    spec::BotApi::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    let fake = FakeTelegram::start(Arc::new(clock.clone()));
    let supergroup = json!({"id": -1_001_234_567_890_i64, "type": "supergroup", "title": "Tin", "username": "tinbackan", "is_forum": true});
    fake.set_chat(supergroup);
    for (topic, silent, preview) in [(None, false, true), (Some(7), true, false)] {
        let mut target = fake.target();
        (target.topic, target.silent, target.preview) = (topic, silent, preview);
        let platform = platform(&Target::Telegram(target), PATIENT, &clock);
        platform.check().await.expect("an answer");
        let mut captioned = marked(MARKED);
        captioned.parts[0].pictures = post("", None, 1).parts.remove(0).pictures;
        let mut album = marked(MARKED);
        album.parts[0].pictures = post("", None, MAX_ALBUM).parts.remove(0).pictures;
        album.parts.push(part("Phần hai", None, 0));
        let longest = post(&"ộ".repeat(MAX_TEXT), None, 0);
        let wordless = post("", None, 2);
        for content in [marked(MARKED), captioned, album, longest, wordless] {
            for receipt in share(&*platform, &clock, &content).await {
                platform.delete(&receipt).await.expect("deleted");
            }
        }
    }
    let methods: Vec<String> = fake.calls().into_iter().map(|(m, _)| m).collect();
    for method in [
        "getMe",
        "getChat",
        "getChatMember",
        "sendMessage",
        "sendPhoto",
        "sendMediaGroup",
        "deleteMessage",
    ] {
        assert!(methods.iter().any(|m| m == method), "no {method} was made");
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn the_judge_of_telegram_sees_what_is_wrong() {
    let spec = spec::BotApi::load().expect("RAOTIN_SPECS names the folder");
    let judged = |method: &str, fields: Value| {
        let fields: Map<String, Value> = serde_json::from_value(fields).expect("an object");
        spec.complaints(method, &fields).len()
    };
    assert_eq!(
        judged("sendMessage", json!({"chat_id": "@a", "text": "a"})),
        0
    );
    for wrong in [
        json!({"chat_id": "@a"}),
        json!({"chat_id": "@a", "text": "a", "bogus": 1}),
        json!({"chat_id": true, "text": "a"}),
        json!({"chat_id": 1, "text": "a", "entities": [{"type": "bold", "offset": "0", "length": 1}]}),
        json!({"chat_id": 1, "text": "a", "entities": [{"type": "bold", "offset": 0}]}),
        json!({"chat_id": 1, "text": "a", "link_preview_options": {"is_off": true}}),
        json!({"chat_id": 1, "text": "a", "message_thread_id": "7"}),
    ] {
        assert_eq!(judged("sendMessage", wrong.clone()), 1, "{wrong}");
    }
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn bluesky() {
    Lexicons::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    let fake = FakeBluesky::start(Arc::new(clock.clone()));
    let platform = platform(&fake.target(), PATIENT, &clock);
    platform.check().await.expect("an answer");
    let mut card = marked(MARKED);
    card.parts[0].title = Some("Thông báo".to_owned());
    card.parts[0].summary = Some("Tiêm chủng".to_owned());
    let mut with_thumb = card.clone();
    with_thumb.parts[0].pictures = post("", None, 1).parts.remove(0).pictures;
    let mentions = post(
        &format!("@{HANDLE} và @{} và @ai-do.test", FRIEND.0),
        None,
        0,
    );
    let mut thread = post("Phần một", None, 4);
    thread.parts.push(part("Phần hai", None, 0));
    thread.parts.push(part("Phần ba", None, 1));
    let longest = post(&"ộ".repeat(300), None, 0);
    let wordless = post("", None, 2);
    for content in [card, with_thumb, mentions, thread, longest, wordless] {
        // Each is another share.
        clock.advance(jiff::SignedDuration::from_secs(1));
        let key = raotin::chance::Chance::of_machine().key(clock.now());
        let prepared = platform.prepare(&key, &content).await.expect("prepared");
        let attempt = attempt(&key, clock.now(), prepared, 0);
        let mut receipts = Vec::new();
        for n in 0..content.parts.len() {
            let receipt = platform.send(&attempt, &content, n, &receipts).await;
            receipts.push(receipt.expect("sent"));
        }
        for receipt in &receipts {
            let seen = platform.engagement(receipt).await.expect("an answer");
            assert_eq!(seen.map(|s| (s.likes, s.shares)), Some((Some(3), Some(3))));
        }
        for receipt in &receipts {
            platform.delete(receipt).await.expect("deleted");
        }
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn mastodon() {
    OpenApi::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    let fake = FakeMastodon::start(Arc::new(clock.clone()));
    for (visibility, warning) in [
        (Visibility::Public, None),
        (Visibility::Unlisted, Some("Tin y tế".to_owned())),
        (Visibility::Private, None),
    ] {
        let target = MastodonTarget {
            visibility,
            warning,
            ..fake.mastodon_target()
        };
        let platform = platform(&Target::Mastodon(target), PATIENT, &clock);
        platform.check().await.expect("an answer");
        let mut thread = marked(MARKED);
        thread.parts[0].pictures = post("", None, 4).parts.remove(0).pictures;
        thread.parts.push(part("Phần hai", None, 0));
        let longest = post(&"ộ".repeat(492), None, 0);
        for (n, content) in [marked(MARKED), thread, longest, post("", None, 2)]
            .into_iter()
            .enumerate()
        {
            let key = format!("{visibility:?}-{n}");
            let prepared = platform.prepare(&key, &content).await.expect("prepared");
            let attempt = attempt(&key, clock.now(), prepared, 0);
            let mut receipts = Vec::new();
            for part in 0..content.parts.len() {
                let receipt = platform.send(&attempt, &content, part, &receipts).await;
                receipts.push(receipt.expect("sent"));
            }
            let doubt = Doubt {
                attempt: &attempt,
                post: &content,
                part: 0,
                receipts: &[],
            };
            let look = platform.settle(doubt, &|_| false).await;
            assert!(matches!(look, Ok(Look::Posted(_))), "{look:?}");
            let seen = platform.engagement(&receipts[0]).await.expect("an answer");
            assert_eq!(seen.map(|s| (s.likes, s.shares)), Some((Some(5), Some(3))));
            for receipt in receipts.iter().rev() {
                platform.delete(receipt).await.expect("deleted");
            }
        }
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

/// The protocol's own vectors: the judge of records is tried before it is believed.
#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn the_judge_of_bluesky_agrees_with_the_protocols_vectors() {
    let folder = spec::folder().expect("RAOTIN_SPECS names the folder");
    let tests = folder.join("atproto/interop-tests");
    let catalogue = Lexicons::of(&tests.join("lexicon/catalog"));
    for (file, valid) in [("valid", true), ("invalid", false)] {
        let cases = spec::read(&format!(
            "atproto/interop-tests/lexicon/record-data-{file}.json"
        ));
        let cases = cases.and_then(|c| c.as_array().cloned()).expect("cases");
        assert!(!cases.is_empty());
        for case in cases {
            let found = catalogue.record_complaints("example.lexicon.record", &case["data"]);
            assert_eq!(found.is_empty(), valid, "{}: {found:?}", case["name"]);
        }
    }
    for (file, format) in [
        ("tid", "tid"),
        ("recordkey", "record-key"),
        ("did", "did"),
        ("handle", "handle"),
        ("nsid", "nsid"),
        ("language", "language"),
        ("uri", "uri"),
        ("aturi", "at-uri"),
        ("datetime", "datetime"),
    ] {
        for valid in [true, false] {
            let word = if valid { "valid" } else { "invalid" };
            let path = tests.join(format!("syntax/{file}_syntax_{word}.txt"));
            let text = std::fs::read_to_string(&path).expect("the vectors");
            for line in text
                .lines()
                .filter(|l| !l.is_empty() && !l.starts_with('#'))
            {
                assert_eq!(has_format(format, line), valid, "{file}: «{line}»");
            }
        }
    }
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn bluesky_finds_what_its_own_program_finds() {
    use raotin::platform::bluesky::facets::{Feature, Found, find};
    let vectors = spec::read("atproto/richtext-vectors.derived.json").expect("the vectors");
    let cases = |name: &str| vectors[name].as_array().cloned().expect("cases");
    let text_of = |case: &Value| case["text"].as_str().expect("a text").to_owned();
    let place = |index: &Value| {
        let byte = |name: &str| index[name].as_u64().and_then(|n| usize::try_from(n).ok());
        (
            byte("byteStart").expect("a byte"),
            byte("byteEnd").expect("a byte"),
        )
    };
    for case in cases("link_and_mention") {
        let wanted = case["facets"].as_array().expect("facets").iter().map(|f| {
            let what = match (&f["link_uri"], &f["mention_did"]) {
                (Value::String(uri), _) => Feature::Link(uri.clone()),
                (_, Value::String(did)) => {
                    Feature::Mention(did.trim_start_matches("did:fake:").to_owned())
                }
                _ => panic!("{f}"),
            };
            (place(f), what)
        });
        let found = find(&text_of(&case), &[]);
        let found: Vec<_> = found
            .into_iter()
            .map(|f| ((f.start, f.end), f.feature))
            .collect();
        assert_eq!(found, wanted.collect::<Vec<_>>(), "{case}");
    }
    for name in ["hashtags", "cashtags"] {
        for case in cases(name) {
            let tags = case["tags"].as_array().expect("tags").iter();
            let places = case["indices"].as_array().expect("indices").iter();
            let wanted: Vec<Found> = tags
                .zip(places)
                .map(|(tag, index)| Found {
                    start: place(index).0,
                    end: place(index).1,
                    feature: Feature::Tag(tag.as_str().expect("a tag").to_owned()),
                })
                .collect();
            assert_eq!(find(&text_of(&case), &[]), wanted, "{case}");
        }
    }
    for case in cases("lengths") {
        let text = text_of(&case);
        let graphemes = raotin::compose::count::graphemes::count(&text);
        assert_eq!(json!(graphemes), case["graphemes"], "{case}");
        assert_eq!(json!(text.len()), case["utf8_bytes"], "{case}");
    }
    // The lexicon's limits are ours.
    let lexicon = spec::read("atproto/lexicons/app/bsky/feed/post.json").expect("the lexicon");
    let text = &lexicon["defs"]["main"]["record"]["properties"]["text"];
    assert_eq!(
        text["maxGraphemes"],
        json!(raotin::platform::bluesky::MAX_GRAPHEMES)
    );
    assert_eq!(
        text["maxLength"],
        json!(raotin::platform::bluesky::MAX_BYTES)
    );
    let lexicon = spec::read("atproto/lexicons/app/bsky/embed/images.json").expect("the lexicon");
    let images = &lexicon["defs"]["main"]["properties"]["images"];
    assert_eq!(
        images["maxLength"],
        json!(raotin::platform::bluesky::MAX_PICTURES)
    );
}

/// The limits stand in the specification's prose.
#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn telegrams_limits_are_the_published_ones() {
    let spec =
        spec::read("telegram/bot-api.publisher.json").expect("RAOTIN_SPECS names the folder");
    let says = |method: &str, field: &str, words: &str| {
        let fields = spec["methods"][method]["fields"]
            .as_array()
            .expect("fields");
        let field = fields
            .iter()
            .find(|f| f["name"] == field)
            .expect("the field");
        let text = field["description"].as_str().expect("words");
        assert!(text.contains(words), "«{text}» does not say «{words}»");
    };
    says("sendMessage", "text", &format!("1-{MAX_TEXT} characters"));
    says(
        "sendPhoto",
        "caption",
        &format!("0-{MAX_CAPTION} characters"),
    );
    says("sendMediaGroup", "media", &format!("2-{MAX_ALBUM} items"));
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn facebook() {
    spec::Graph::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    let fake = FakeFacebook::start(Arc::new(clock.clone()));
    let platform = platform(&fake.target(), PATIENT, &clock);
    platform.check().await.expect("an answer");
    for content in [
        post("Chữ", None, 0),
        post("Chữ và liên kết", Some("https://chodon.gov.vn/tin/1"), 0),
        post("", Some("https://chodon.gov.vn/tin/2"), 0),
        post("Một ảnh", None, 1),
        post("Nhiều ảnh", None, 10),
    ] {
        for receipt in share(&*platform, &clock, &content).await {
            platform.delete(&receipt).await.expect("deleted");
            platform.delete(&receipt).await.expect("gone already");
        }
    }
    fake.list_in_pages_of(1);
    fake.add_post("Tin khác", None);
    fake.add_post("Tin khác nữa", None);
    fake.fail_next(Failure::DieAfter);
    let content = post("Một tin", None, 0);
    let attempt = attempt("0199", clock.now(), String::new(), 0);
    let sent = platform.send(&attempt, &content, 0, &[]).await;
    sent.expect_err("a doubt");
    let doubt = Doubt {
        attempt: &attempt,
        post: &content,
        part: 0,
        receipts: &[],
    };
    platform.settle(doubt, &|_| false).await.expect("a look");
    let calls = fake.calls();
    for (method, edge) in [
        ("POST", "feed"),
        ("POST", "photos"),
        ("GET", "published_posts"),
        ("GET", "debug_token"),
        ("GET", ""),
        ("DELETE", ""),
    ] {
        let made = calls.iter().any(|(m, e, _)| m == method && e == edge);
        assert!(made, "no {method} {edge} was made");
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn the_judge_of_facebook_sees_what_is_wrong() {
    let spec = spec::Graph::load().expect("RAOTIN_SPECS names the folder");
    let judged = |method: &str, edge: &str, name: &str, value: &str, files: &[&str]| {
        let files: Vec<String> = files.iter().map(|f| (*f).to_owned()).collect();
        let params = [(name.to_owned(), value.to_owned())];
        spec.page_complaints(method, edge, &params, &files).len()
    };
    assert_eq!(judged("POST", "feed", "message", "a", &[]), 0);
    assert_eq!(
        judged(
            "POST",
            "feed",
            "attached_media[0]",
            "{\"media_fbid\":\"1\"}",
            &[]
        ),
        0
    );
    assert_eq!(
        judged("POST", "photos", "published", "false", &["source"]),
        0
    );
    assert_eq!(judged("POST", "feed", "mesage", "a", &[]), 1);
    assert_eq!(judged("POST", "feed", "published", "yes", &[]), 1);
    assert_eq!(judged("POST", "feed", "message", "a", &["source"]), 1);
    assert_eq!(
        judged("GET", "published_posts", "include_hidden", "2", &[]),
        1
    );
    assert_eq!(judged("POST", "nowhere", "message", "a", &[]), 1);
    assert_eq!(
        spec.field_complaints("PagePost", "id,permalink_url,attachments{url}")
            .len(),
        0
    );
    assert_eq!(spec.field_complaints("PagePost", "id,permalink").len(), 1);
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn matrix() {
    fakes::matrix::spec::Spec::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    let fake = FakeMatrix::start(Arc::new(clock.clone()));
    fake.leave(true);
    let mut target = fake.target();
    target.join = true;
    let platform = platform(&Target::Matrix(target), PATIENT, &clock);
    platform.check().await.expect("an answer");
    let mut pictured = marked(MARKED);
    pictured.parts[0].pictures = post("", None, 3).parts.remove(0).pictures;
    pictured.parts.push(part("Phần hai", None, 0));
    let longest = post(&"ộ".repeat(MATRIX_TEXT), None, 0);
    for content in [marked(MARKED), pictured, longest, post("", None, 2)] {
        for receipt in share(&*platform, &clock, &content).await {
            platform.engagement(&receipt).await.expect("an answer");
            platform.delete(&receipt).await.expect("deleted");
        }
    }
    // Read back, a long time after.
    fake.list_in_pages_of(2);
    fake.chatter(5);
    let content = post("Một tin", None, 0);
    let prepared = platform.prepare("0200", &content).await.expect("prepared");
    let attempt = attempt("0200", clock.now(), prepared, 0);
    clock.advance(SignedDuration::from_hours(1));
    let doubt = Doubt {
        attempt: &attempt,
        post: &content,
        part: 0,
        receipts: &[],
    };
    let look = platform.settle(doubt, &|_| false).await;
    assert_eq!(look, Ok(Look::NotThere));
    let calls = fake.calls();
    for call in [
        "GET account",
        "GET directory",
        "POST join",
        "GET rooms",
        "PUT rooms",
        "POST upload",
        "GET media",
    ] {
        assert!(calls.iter().any(|c| c == call), "no {call} in {calls:?}");
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn the_judge_of_matrix_sees_what_is_wrong() {
    let spec = fakes::matrix::spec::Spec::load().expect("RAOTIN_SPECS names the folder");
    let judged = |method: &str, path: &str, query: &[(&str, &str)], body: Value| {
        let segments = path.trim_start_matches('/').split('/');
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            segments: segments.map(str::to_owned).collect(),
            query: query
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            headers: Vec::new(),
            body: body.to_string().into_bytes(),
        };
        spec.complaints(&request).len()
    };
    let send = "/_matrix/client/v3/rooms/!a:b/send/m.room.message/t";
    let text = json!({"msgtype": "m.text", "body": "a"});
    assert_eq!(judged("PUT", send, &[], text.clone()), 0);
    assert_eq!(judged("POST", send, &[], text.clone()), 1);
    assert_eq!(judged("PUT", &send.replace('!', ""), &[], text), 1);
    for wrong in [
        json!({"msgtype": "m.text"}),
        json!({"msgtype": "m.text", "body": 1}),
        json!({"msgtype": "m.shout", "body": "a"}),
        json!({"msgtype": "m.image", "body": "a", "url": "https://a"}),
        json!({"msgtype": "m.image", "body": "a", "url": "mxc://a/b", "info": {"size": "1"}}),
        json!({"msgtype": "m.image", "body": "a", "url": "mxc://a/b", "info": {"bytes": 1}}),
    ] {
        assert_eq!(judged("PUT", send, &[], wrong.clone()), 1, "{wrong}");
    }
    let messages = "/_matrix/client/v3/rooms/!a:b/messages";
    assert_eq!(judged("GET", messages, &[("dir", "b")], Value::Null), 0);
    assert_eq!(judged("GET", messages, &[], Value::Null), 1);
    assert_eq!(judged("GET", messages, &[("dir", "x")], Value::Null), 1);
    let far = [("dir", "b"), ("limit", "all")];
    assert_eq!(judged("GET", messages, &far, Value::Null), 1);
    assert_eq!(
        judged("GET", "/_matrix/client/v3/nowhere", &[], Value::Null),
        1
    );
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn wordpress() {
    fakes::wordpress::spec::Spec::load().expect("RAOTIN_SPECS names the folder");
    let clock = clock();
    for plain in [false, true] {
        let fake = FakeWordpress::start(Arc::new(clock.clone()));
        if plain {
            fake.be_plain();
        }
        let mut target = fake.target();
        target.categories = vec!["Tin tức".into()];
        target.tags = vec!["Chợ Đồn".into()];
        let platform = platform(&Target::Wordpress(target), PATIENT, &clock);
        platform.check().await.expect("an answer");
        let mut pictured = marked(MARKED);
        pictured.parts[0].pictures = post("", None, 3).parts.remove(0).pictures;
        for (n, content) in [marked(MARKED), pictured, post("", None, 2)]
            .iter()
            .enumerate()
        {
            let key = format!("0199-{n}");
            // Twice: what is there is looked up and written over.
            platform.prepare(&key, content).await.expect("prepared");
            let prepared = platform.prepare(&key, content).await.expect("prepared");
            let attempt = attempt(&key, clock.now(), prepared, 0);
            let sent = platform.send(&attempt, content, 0, &[]).await;
            let receipt = sent.expect("sent");
            let doubt = Doubt {
                attempt: &attempt,
                post: content,
                part: 0,
                receipts: &[],
            };
            platform.settle(doubt, &|_| false).await.expect("a look");
            platform.engagement(&receipt).await.expect("an answer");
            platform.delete(&receipt).await.expect("deleted");
        }
        let calls = fake.calls();
        for call in [
            "GET /wp/v2/users/me",
            "GET /wp/v2/posts",
            "POST /wp/v2/posts",
            "POST /wp/v2/posts/7",
            "DELETE /wp/v2/posts/7",
            "POST /wp/v2/media",
            "POST /wp/v2/categories",
            "POST /wp/v2/tags",
        ] {
            assert!(calls.iter().any(|c| c == call), "no {call} in {calls:?}");
        }
        assert_eq!(fake.complaints(), Vec::<String>::new());
    }
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn the_judge_of_wordpress_sees_what_is_wrong() {
    let spec = fakes::wordpress::spec::Spec::load().expect("RAOTIN_SPECS names the folder");
    let judged = |method: &str, route: &str, given: Value| {
        let given: Map<String, Value> = serde_json::from_value(given).expect("an object");
        spec.complaints(method, route, &given).len()
    };
    let posts = "/wp/v2/posts";
    assert_eq!(
        judged("POST", posts, json!({"status": "draft", "tags": [1]})),
        0
    );
    assert_eq!(
        judged("GET", posts, json!({"slug": "a", "status": "any"})),
        0
    );
    for wrong in [
        json!({"status": "shown"}),
        json!({"tags": ["one"]}),
        json!({"titel": "a"}),
        json!({"featured_media": "a"}),
    ] {
        assert_eq!(judged("POST", posts, wrong.clone()), 1, "{wrong}");
    }
    assert_eq!(judged("DELETE", posts, json!({})), 1);
    assert_eq!(judged("GET", "/wp/v2/nowhere", json!({})), 1);
    assert_eq!(judged("POST", "/wp/v2/tags", json!({})), 1);
}

#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn webhooks_are_signed_as_the_published_vectors() {
    let vectors = spec::read("standard-webhooks/test-vectors.derived.json")
        .expect("RAOTIN_SPECS names the folder");
    let vectors = vectors["sign"].as_array().expect("vectors");
    assert!(vectors.len() >= 2);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().expect("text");
        let key = SigningKey::parse(text("secret")).expect("a key");
        let stamp = vector["webhook-timestamp"].as_i64().expect("a number");
        let signature = key.sign(text("webhook-id"), stamp, text("payload").as_bytes());
        assert_eq!(signature, text("webhook-signature"));
    }
}

/// During a change of secrets both the old and the new receiver take it.
#[tokio::test]
async fn a_webhook_is_signed_with_every_secret() {
    let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let clock = clock();
    for knows in [SECRET, other] {
        let fake = FakeWebhook::start(Arc::new(clock.clone()), &[knows]);
        let platform = platform(&fake.target(&[SECRET, other]), PATIENT, &clock);
        share(&*platform, &clock, &post("Tin", None, 0)).await;
        assert_eq!(fake.posts().len(), 1);
    }
    let stranger = FakeWebhook::start(Arc::new(clock.clone()), &[other]);
    let platform = platform(&stranger.target(&[SECRET]), PATIENT, &clock);
    let attempt = attempt("0199", clock.now(), String::new(), 0);
    let content = post("Tin", None, 0);
    let refused = platform.send(&attempt, &content, 0, &[]).await;
    refused.expect_err("another's signature");
    assert_eq!(stranger.complaints(), ["no signature fits"]);
}

/// Mastodon finds addresses as twitter-text does, but takes none without `http://` or `https://`.
#[test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
fn mastodons_addresses_are_those_of_twitter_text() {
    use raotin::compose::count::{graphemes, mastodon};
    let folder = spec::folder().expect("RAOTIN_SPECS names the folder");
    let path = folder.join("twitter-text/conformance/extract.yml");
    let text = std::fs::read_to_string(path).expect("the vectors");
    let urls = text.split("\n  urls:\n").nth(1).expect("addresses");
    let urls = urls.split("\n  urls_with").next().expect("addresses");
    let value = |case: &str, name: &str| {
        let line = case.lines().find_map(|l| l.trim().strip_prefix(name));
        line.map(|l| l.trim().to_owned())
    };
    let (mut exact, mut longer) = (0, Vec::<String>::new());
    for case in urls.split("- description:").skip(1) {
        let (Some(text), Some(expected)) = (value(case, "text:"), value(case, "expected:")) else {
            continue;
        };
        let (Ok(text), Ok(expected)) = (
            serde_json::from_str::<String>(&text),
            serde_json::from_str::<Vec<String>>(&expected),
        ) else {
            continue;
        };
        // Without a scheme, and t.co's own rules: those are X's alone.
        let bare = |u: &String| !u.to_lowercase().starts_with("http");
        if expected.iter().any(bare) || text.contains("t.co/") {
            continue;
        }
        let inside: usize = expected.iter().map(|u| graphemes::count(u)).sum();
        let wanted = graphemes::count(&text) - inside + 23 * expected.len();
        let counted = mastodon::count(&text);
        // Never less than it would count: a post that fits here fits there.
        assert!(counted >= wanted, "{counted} instead of {wanted}: {text}");
        if counted == wanted {
            exact += 1;
        } else {
            longer.push(text);
        }
    }
    assert!(
        exact >= 50 && longer.len() <= 10,
        "{exact} exact; longer: {longer:#?}"
    );
}
