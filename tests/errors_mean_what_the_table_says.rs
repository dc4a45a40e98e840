//! What a platform says becomes what the dispatcher acts on (RULES 3): the cases that matter most by
//! hand, and every row of the collected table where it is given.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::sync::Arc;

use fakes::bluesky::FakeBluesky;
use fakes::desk::{PATIENT, attempt, clock, platform, post};
use fakes::facebook::FakeFacebook;
use fakes::mastodon::FakeMastodon;
use fakes::matrix::FakeMatrix;
use fakes::place::Place as _;
use fakes::telegram::FakeTelegram;
use fakes::webhook::{FakeWebhook, SECRET};
use fakes::wordpress::FakeWordpress;
use fakes::{Failure, spec};
use jiff::SignedDuration;
use raotin::clock::{Clock as _, ManualClock};
use raotin::config::{Secret, Target};
use raotin::model::Receipt;
use raotin::platform::{Doubt, Look, SendError};
use serde_json::{Value, json};

/// The outcome in a word, as RULES 3 has it.
fn word(sent: &Result<Receipt, SendError>) -> &'static str {
    match sent {
        Ok(_) => "shared",
        Err(SendError::NotSent { .. }) => "not sent",
        Err(SendError::Throttled { .. }) => "throttled",
        Err(SendError::Unauthorized { .. }) => "unauthorized",
        Err(SendError::Blocked { .. }) => "blocked",
        Err(SendError::Refused { .. }) => "refused",
        Err(SendError::Unsure { ask_now: true, .. }) => "unsure, ask now",
        Err(SendError::Unsure { ask_now: false, .. }) => "unsure",
        Err(SendError::Moved { .. }) => "moved",
    }
}

async fn send(target: &Target, clock: &ManualClock) -> Result<Receipt, SendError> {
    let platform = platform(target, PATIENT, clock);
    let attempt = attempt("0199", clock.now(), String::new(), 0);
    platform.send(&attempt, &post("Tin", None, 0), 0, &[]).await
}

async fn facebook_says(status: u16, error: Value) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeFacebook::start(Arc::new(clock.clone()));
    let body = json!({ "error": error });
    fake.fail_next(Failure::Says { status, body });
    let sent = send(&fake.target(), &clock).await;
    assert!(fake.posts().is_empty());
    sent
}

async fn bluesky_says(status: u16, name: &str, times: usize) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeBluesky::start(Arc::new(clock.clone()));
    for _ in 0..times {
        let body = json!({"error": name, "message": "words of the server"});
        fake.fail_next(Failure::Says { status, body });
    }
    send(&fake.target(), &clock).await
}

async fn telegram_says(
    status: u16,
    description: &str,
    parameters: Value,
) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeTelegram::start(Arc::new(clock.clone()));
    let body = json!({
        "ok": false, "error_code": status, "description": description, "parameters": parameters,
    });
    fake.fail_next(Failure::Says { status, body });
    send(&Target::Telegram(fake.target()), &clock).await
}

#[tokio::test]
async fn facebook_by_hand() {
    for (status, error, outcome) in [
        (
            400,
            json!({"code": 190, "error_subcode": 463}),
            "unauthorized",
        ),
        (
            401,
            json!({"code": 190, "error_subcode": 460}),
            "unauthorized",
        ),
        (403, json!({"code": 200}), "unauthorized"),
        (400, json!({"code": 10}), "unauthorized"),
        (400, json!({"code": 80001}), "throttled"),
        (400, json!({"code": 4, "is_transient": true}), "throttled"),
        (429, json!({"code": 99999}), "throttled"),
        (
            400,
            json!({"code": 368, "error_subcode": 1390008}),
            "blocked",
        ),
        (400, json!({"code": 506}), "unsure, ask now"),
        (
            400,
            json!({"code": 100, "error_subcode": 1366051}),
            "unsure, ask now",
        ),
        (400, json!({"code": 1}), "unsure"),
        (400, json!({"code": 2}), "unsure"),
        (400, json!({"code": 99999, "is_transient": true}), "unsure"),
        (500, json!({"code": 190}), "unsure"),
        (409, json!({"code": 99999}), "unsure"),
        (200, json!({"code": 190}), "unsure"),
        (400, json!({"code": 100}), "refused"),
        (400, json!({"code": 99999}), "refused"),
        (404, json!({}), "refused"),
    ] {
        let sent = facebook_says(status, error.clone()).await;
        assert_eq!(word(&sent), outcome, "{status} {error}: {sent:?}");
    }
}

#[tokio::test]
async fn facebooks_support_gets_its_trace_and_the_office_its_advice() {
    let error = json!({
        "message": "Session has expired", "code": 190, "error_subcode": 463, "fbtrace_id": "AbC9",
        "error_user_msg": "Hãy đăng nhập lại",
    });
    let sent = facebook_says(400, error).await;
    let Err(SendError::Unauthorized { reason }) = sent else {
        panic!("{sent:?}");
    };
    for part in [
        "Session has expired",
        "Hãy đăng nhập lại",
        "190",
        "463",
        "AbC9",
        "make a new one",
    ] {
        assert!(reason.contains(part), "«{reason}» without «{part}»");
    }
}

/// It lies in the credentials, not in the post: the channel stops instead of failing one post after another.
#[tokio::test]
async fn a_missing_or_wrong_proof_stops_the_channel() {
    let clock = clock();
    let fake = FakeFacebook::start(Arc::new(clock.clone()));
    for app_secret in [None, Some(Secret::new("of another app"))] {
        let Target::FacebookPage(mut target) = fake.target() else {
            panic!("a Page");
        };
        target.app_secret = app_secret;
        let sent = send(&Target::FacebookPage(target), &clock).await;
        assert_eq!(word(&sent), "unauthorized", "{sent:?}");
    }
    assert!(fake.posts().is_empty());
}

#[tokio::test]
async fn facebooks_limits_are_kept_before_it_refuses() {
    let clock = clock();
    let fake = FakeFacebook::start(Arc::new(clock.clone()));
    let business = r#"{"1":[{"type":"pages","call_count":95,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":12}]}"#;
    for (header, value, minutes) in [
        ("x-business-use-case-usage", business, 12),
        (
            "x-app-usage",
            r#"{"call_count":91,"total_time":2,"total_cputime":2}"#,
            10,
        ),
        (
            "x-page-usage",
            r#"{"call_count":2,"total_time":97,"total_cputime":2}"#,
            10,
        ),
    ] {
        let platform = platform(&fake.target(), PATIENT, &clock);
        fake.set_usage(header, value);
        let attempt = attempt("0199", clock.now(), String::new(), 0);
        let content = post(header, None, 0);
        let sent = platform.send(&attempt, &content, 0, &[]).await;
        assert_eq!(word(&sent), "shared", "what is told is about the next");
        let next = platform.prepare("0199", &content).await;
        let Err(SendError::Throttled { until, .. }) = next else {
            panic!("{header}: {next:?}");
        };
        assert_eq!(
            until,
            clock.now() + SignedDuration::from_mins(minutes),
            "{header}"
        );
        fake.set_usage(header, "{}");
        clock.advance(SignedDuration::from_mins(minutes));
        assert!(platform.prepare("0199", &content).await.is_ok(), "{header}");
    }
}

#[tokio::test]
async fn telegram_by_hand() {
    for (status, description, outcome) in [
        (401, "Unauthorized", "unauthorized"),
        (404, "Not Found", "unauthorized"),
        (
            403,
            "Forbidden: bot was kicked from the supergroup chat",
            "unauthorized",
        ),
        (
            403,
            "Forbidden: bot is not a member of the channel chat",
            "unauthorized",
        ),
        (
            400,
            "Bad Request: not enough rights to send text messages to the chat",
            "unauthorized",
        ),
        (
            400,
            "Bad Request: need administrator rights in the channel chat",
            "unauthorized",
        ),
        (429, "Too Many Requests: retry after 7", "throttled"),
        (
            400,
            "Bad Request: failed to get HTTP URL content",
            "not sent",
        ),
        (400, "Bad Request: chat not found", "refused"),
        (400, "Bad Request: message is too long", "refused"),
        (403, "Forbidden: something new", "refused"),
        (413, "Request Entity Too Large", "refused"),
        (409, "Conflict", "unsure"),
        (500, "Internal Server Error", "unsure"),
        (502, "Bad Gateway", "unsure"),
        (200, "Bad Request: chat not found", "unsure"),
    ] {
        let sent = telegram_says(status, description, json!({})).await;
        assert_eq!(word(&sent), outcome, "{status} {description}: {sent:?}");
    }
}

#[tokio::test]
async fn telegrams_retry_after_is_kept() {
    let sent = telegram_says(
        429,
        "Too Many Requests: retry after 77",
        json!({"retry_after": 77}),
    )
    .await;
    let Err(SendError::Throttled { until, .. }) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(until, clock().now() + SignedDuration::from_secs(77));
}

#[tokio::test]
async fn an_upgraded_group_is_followed_once_told() {
    let clock = clock();
    let fake = FakeTelegram::start(Arc::new(clock.clone()));
    fake.set_chat(json!({"id": -500, "type": "group", "title": "Tổ dân phố"}));
    fake.migrate_to_chat_id(-1_009_876_543_210);
    let mut target = fake.target();
    target.chat = "-500".to_owned();
    let target = Target::Telegram(target);
    let sent = send(&target, &clock).await;
    let Err(SendError::Moved { target: moved }) = sent else {
        panic!("{sent:?}");
    };
    assert_eq!(moved, "-1009876543210");
    assert!(fake.posts().is_empty());
    let deps = fakes::desk::deps(PATIENT, &clock);
    let platform = raotin::platform::connect(&target, Some(&moved), deps).expect("a platform");
    let attempt = attempt("0199", clock.now(), String::new(), 0);
    let sent = platform.send(&attempt, &post("Tin", None, 0), 0, &[]).await;
    assert_eq!(sent.expect("sent").post_id, "-1009876543210/100");
}

#[tokio::test]
async fn webhook_by_hand() {
    let clock = clock();
    let fake = FakeWebhook::start(Arc::new(clock.clone()), &[SECRET]);
    for (status, outcome) in [
        (200, "shared"),
        (204, "shared"),
        (301, "unsure"),
        (400, "refused"),
        (401, "refused"),
        (404, "refused"),
        (408, "unsure"),
        (409, "unsure"),
        (410, "unauthorized"),
        (429, "throttled"),
        (500, "unsure"),
        (502, "unsure"),
        (503, "unsure"),
        (504, "unsure"),
    ] {
        let body = json!({});
        fake.fail_next(Failure::Says { status, body });
        let sent = send(&fake.target(&[SECRET]), &clock).await;
        assert_eq!(word(&sent), outcome, "{status}: {sent:?}");
    }
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_receiver_that_refuses_the_repeat_leaves_it_to_a_person() {
    let clock = clock();
    let fake = FakeWebhook::start(Arc::new(clock.clone()), &[SECRET]);
    let platform = platform(&fake.target(&[SECRET]), PATIENT, &clock);
    let attempt = attempt("0199", clock.now(), String::new(), 0);
    let content = post("Tin", None, 0);
    for status in [400, 404, 409] {
        fake.fail_next(Failure::Says {
            status,
            body: json!({}),
        });
        let doubt = Doubt {
            attempt: &attempt,
            post: &content,
            part: 0,
            receipts: &[],
        };
        let look = platform.settle(doubt, &|_| false).await;
        assert!(matches!(look, Ok(Look::CannotTell { .. })), "{look:?}");
    }
}

#[tokio::test]
async fn a_webhook_key_that_cannot_sign_sends_nothing() {
    let clock = clock();
    let fake = FakeWebhook::start(Arc::new(clock.clone()), &[SECRET]);
    for secrets in [&["whsec_short"][..], &["plain text"], &[]] {
        let sent = send(&fake.target(secrets), &clock).await;
        assert_eq!(word(&sent), "unauthorized", "{sent:?}");
    }
    assert!(fake.posts().is_empty() && fake.complaints().is_empty());
}

/// The class of a row → its outcome, written from RULES 3 and nothing else.
fn rules_3(class: &str) -> &'static [&'static str] {
    match class {
        "transient" => &["not sent"],
        "rate_limited" => &["throttled"],
        "blocked" | "quota" => &["blocked"],
        "auth_expired" | "auth_revoked" | "permission" => &["unauthorized"],
        "permanent" => &["refused"],
        "transient_in_doubt" | "in_doubt" | "conflict" => &["unsure"],
        "duplicate" => &["unsure", "unsure, ask now"],
        "already_done" => &["unsure, ask now"],
        "retarget" => &["moved"],
        other => panic!("RULES 3 knows no class {other}"),
    }
}

fn rows(platform: &str) -> Vec<Value> {
    let table = spec::read("error-classes.derived.json").expect("RAOTIN_SPECS names the folder");
    let rows = table["rows"].as_array().cloned().expect("rows");
    rows.into_iter()
        .filter(|r| r["platform"] == platform)
        .collect()
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_facebook() {
    let rows = rows("facebook");
    assert!(rows.len() >= 36, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        let codes: Vec<i64> = match (&row["code"], row["subcode"].as_i64()) {
            (Value::String(range), _) => {
                let (from, to) = range.split_once('-').expect("a range");
                let (from, to) = (from.parse::<i64>(), to.parse::<i64>());
                let (from, to) = (from.expect("a number"), to.expect("a number"));
                vec![from, from + (to - from) / 2, to]
            }
            (Value::Number(code), _) => vec![code.as_i64().expect("a code")],
            // A subcode alone stands beside any code, also one that is listed otherwise.
            (_, Some(1_390_008)) => vec![368],
            (_, Some(_)) => vec![100, 1, 99_999],
            (code, None) => panic!("a row without a code: {code}"),
        };
        for code in codes {
            let mut error = json!({"message": row["note"], "code": code});
            if let Some(subcode) = row["subcode"].as_i64() {
                error["error_subcode"] = json!(subcode);
            }
            let sent = facebook_says(status, error).await;
            let allowed = rules_3(row["class"].as_str().expect("a class"));
            assert!(allowed.contains(&word(&sent)), "{row} as {code}: {sent:?}");
        }
    }
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_telegram() {
    let rows = rows("telegram");
    assert!(rows.len() >= 14, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        let words = row["match"].as_str().expect("its words");
        for description in spelled_out(words) {
            let parameters = match row["class"].as_str() {
                Some("rate_limited") => json!({"retry_after": 7}),
                Some("retarget") => json!({"migrate_to_chat_id": -1_001_111_111_111_i64}),
                _ => json!({}),
            };
            let sent = telegram_says(status, &description, parameters).await;
            let allowed = rules_3(row["class"].as_str().expect("a class"));
            assert!(
                allowed.contains(&word(&sent)),
                "{row} as «{description}»: {sent:?}"
            );
        }
    }
}

async fn mastodon_says(status: u16, error: &str) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeMastodon::start(Arc::new(clock.clone()));
    let body = json!({"error": error});
    fake.fail_next(Failure::Says { status, body });
    send(&fake.target(), &clock).await
}

#[tokio::test]
async fn mastodon_by_hand() {
    for (status, outcome) in [
        (302, "unsure"),
        (401, "unauthorized"),
        (403, "unauthorized"),
        (404, "refused"),
        (408, "unsure"),
        (409, "unsure"),
        (410, "refused"),
        (422, "refused"),
        (429, "throttled"),
        (500, "unsure"),
        (503, "unsure"),
    ] {
        let sent = mastodon_says(status, "words of the server").await;
        assert_eq!(word(&sent), outcome, "{status}: {sent:?}");
    }
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_mastodon() {
    let rows = rows("mastodon");
    assert!(rows.len() >= 7, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        let sent = mastodon_says(status, row["note"].as_str().unwrap_or("")).await;
        let allowed = rules_3(row["class"].as_str().expect("a class"));
        assert!(allowed.contains(&word(&sent)), "{row}: {sent:?}");
    }
}

#[tokio::test]
async fn bluesky_by_hand() {
    for (status, name, outcome) in [
        (400, "InvalidToken", "unauthorized"),
        (401, "AuthMissing", "unauthorized"),
        (401, "", "unauthorized"),
        (400, "InvalidRequest", "refused"),
        (400, "SomethingNew", "refused"),
        (403, "AccountDeactivated", "unauthorized"),
        (413, "PayloadTooLarge", "refused"),
        (429, "", "throttled"),
        (400, "InvalidSwap", "unsure"),
        (408, "", "unsure"),
        (409, "", "unsure"),
        (302, "", "unsure"),
        (500, "InternalServerError", "unsure"),
        (502, "UpstreamFailure", "unsure"),
    ] {
        let sent = bluesky_says(status, name, 1).await;
        assert_eq!(word(&sent), outcome, "{status} {name}: {sent:?}");
    }
    // Renewed once; then it is a person's.
    assert_eq!(word(&bluesky_says(400, "ExpiredToken", 1).await), "shared");
    let twice = bluesky_says(400, "ExpiredToken", 2).await;
    assert_eq!(word(&twice), "unauthorized");
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_bluesky() {
    let rows = rows("bluesky");
    assert!(rows.len() >= 10, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        let name = row["code"].as_str().expect("a name");
        // What has expired is renewed once.
        let times = if row["class"] == "auth_expired" { 2 } else { 1 };
        let sent = bluesky_says(status, name, times).await;
        let allowed = rules_3(row["class"].as_str().expect("a class"));
        assert!(allowed.contains(&word(&sent)), "{row}: {sent:?}");
    }
}

/// Prepares and sends, for platforms that post only what was prepared.
async fn prepared_and_sent(target: &Target, clock: &ManualClock) -> Result<Receipt, SendError> {
    let platform = platform(target, PATIENT, clock);
    let content = post("Tin", None, 0);
    let prepared = platform.prepare("0199", &content).await.expect("prepared");
    let attempt = attempt("0199", clock.now(), prepared, 0);
    platform.send(&attempt, &content, 0, &[]).await
}

async fn matrix_says(status: u16, body: Value) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeMatrix::start(Arc::new(clock.clone()));
    fake.fail_next(Failure::Says { status, body });
    let sent = prepared_and_sent(&Target::Matrix(fake.target()), &clock).await;
    assert!(fake.posts().is_empty());
    sent
}

#[tokio::test]
async fn matrix_by_hand() {
    for (status, code, outcome) in [
        (401, "M_UNKNOWN_TOKEN", "unauthorized"),
        (401, "M_MISSING_TOKEN", "unauthorized"),
        (401, "M_USER_LOCKED", "unauthorized"),
        (403, "M_FORBIDDEN", "unauthorized"),
        (403, "M_USER_DEACTIVATED", "unauthorized"),
        (429, "M_LIMIT_EXCEEDED", "throttled"),
        (429, "", "throttled"),
        (413, "M_TOO_LARGE", "refused"),
        (404, "M_NOT_FOUND", "refused"),
        (400, "M_BAD_JSON", "refused"),
        (403, "ORG.MATRIX.SOMETHING", "refused"),
        (408, "", "unsure"),
        (409, "", "unsure"),
        (500, "M_UNKNOWN", "unsure"),
        (502, "M_FORBIDDEN", "unsure"),
        (301, "", "unsure"),
        (200, "M_FORBIDDEN", "unsure"),
    ] {
        let sent = matrix_says(status, json!({"errcode": code, "error": "no"})).await;
        assert_eq!(word(&sent), outcome, "{status} {code}: {sent:?}");
    }
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_matrix() {
    let rows = rows("matrix");
    assert!(rows.len() >= 7, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        for soft in [false, true] {
            let body = json!({"errcode": row["code"], "error": row["note"], "soft_logout": soft});
            let sent = matrix_says(status, body).await;
            let allowed = rules_3(row["class"].as_str().expect("a class"));
            assert!(allowed.contains(&word(&sent)), "{row}: {sent:?}");
        }
    }
}

async fn wordpress_says(status: u16, code: &str) -> Result<Receipt, SendError> {
    let clock = clock();
    let fake = FakeWordpress::start(Arc::new(clock.clone()));
    let body = json!({"code": code, "message": "Không được", "data": {"status": status}});
    fake.fail_next(Failure::Says { status, body });
    let sent = prepared_and_sent(&Target::Wordpress(fake.target()), &clock).await;
    assert!(fake.posts().is_empty());
    sent
}

#[tokio::test]
async fn wordpress_by_hand() {
    for (status, code, outcome) in [
        (401, "rest_not_logged_in", "unauthorized"),
        (401, "incorrect_password", "unauthorized"),
        (401, "rest_cannot_create", "unauthorized"),
        (403, "rest_cannot_create", "unauthorized"),
        (403, "rest_cannot_publish", "unauthorized"),
        (403, "rest_cannot_edit", "unauthorized"),
        (403, "rest_forbidden", "unauthorized"),
        (403, "a_firewalls_own", "refused"),
        (400, "rest_invalid_param", "refused"),
        (404, "rest_post_invalid_id", "refused"),
        (404, "rest_no_route", "refused"),
        (413, "", "refused"),
        (429, "", "throttled"),
        (408, "", "unsure"),
        (409, "", "unsure"),
        (500, "internal_server_error", "unsure"),
        (503, "", "unsure"),
        (302, "", "unsure"),
        (200, "something", "unsure"),
    ] {
        let sent = wordpress_says(status, code).await;
        assert_eq!(word(&sent), outcome, "{status} {code}: {sent:?}");
    }
}

#[tokio::test]
#[ignore = "needs the platforms' published specs: RAOTIN_SPECS=… cargo test -- --ignored"]
async fn every_row_of_wordpress() {
    let rows = rows("wordpress");
    assert!(rows.len() >= 7, "{} rows", rows.len());
    for row in rows {
        let status = u16::try_from(row["http"].as_u64().expect("a status")).expect("a status");
        for code in row["code"].as_str().unwrap_or("").split(" / ") {
            let sent = wordpress_says(status, code).await;
            let allowed = rules_3(row["class"].as_str().expect("a class"));
            assert!(allowed.contains(&word(&sent)), "{row} as {code}: {sent:?}");
        }
    }
}

/// `… (group|channel) …` as each of its readings; `N` and `...` as something.
fn spelled_out(words: &str) -> Vec<String> {
    let words = words
        .replace("after N", "after 7")
        .replace("...", "to send text messages to the chat");
    let Some((before, rest)) = words.split_once('(') else {
        return vec![words];
    };
    let (choices, after) = rest.split_once(')').expect("a closing bracket");
    let choices = choices.split('|');
    choices.map(|c| format!("{before}{c}{after}")).collect()
}
