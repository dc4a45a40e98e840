//! Planted secrets appear in no error, no finding, no Debug, no receipt and no line of the log, at the
//! loudest level, whatever the platform answers.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fakes::Failure;
use fakes::desk::{PATIENT, attempt, clock, deps_redacting, post};
use fakes::facebook::{self as fb, FakeFacebook};
use fakes::matrix::{self as mx, FakeMatrix};
use fakes::place::{Lost, Place as _};
use fakes::telegram::{self as tg, FakeTelegram};
use fakes::webhook::{FakeWebhook, SECRET};
use fakes::wordpress::{self as wp, FakeWordpress};
use raotin::clock::Clock as _;
use raotin::config::Target;
use raotin::platform::http::{Limits, Redact};
use raotin::platform::{Doubt, connect};
use serde_json::json;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The secrets, and what is made of them for the wire.
fn planted() -> Vec<String> {
    let mut planted = vec![
        SECRET.to_owned(),
        SECRET.trim_start_matches("whsec_").to_owned(),
        tg::TOKEN.to_owned(),
        fb::TOKEN.to_owned(),
        fb::APP_SECRET.to_owned(),
        mx::TOKEN.to_owned(),
        wp::PASSWORD.to_owned(),
    ];
    let encoded: String = url::form_urlencoded::byte_serialize(tg::TOKEN.as_bytes()).collect();
    planted.push(encoded);
    // As the header carries it.
    planted.push(STANDARD.encode(format!("{}:{}", wp::USER, wp::PASSWORD)));
    planted
}

fn redactor() -> Redact {
    Arc::new(|text: &str| {
        let secrets = planted().into_iter();
        secrets.fold(text.to_owned(), |text, secret| text.replace(&secret, "…"))
    })
}

/// What is said when an answer comes too late is looked at too; nothing rests on one that comes in time.
const AT_ONCE: Limits = Limits {
    answer: Duration::from_millis(400),
    webhook: Duration::from_millis(400),
    read: Duration::from_millis(400),
    ..PATIENT
};

/// Everything that a platform hands out, at its most talkative.
async fn everything_said(target: &Target, redactor: Redact, fail: impl Fn()) -> String {
    let clock = clock();
    let deps = deps_redacting(AT_ONCE, &clock, redactor);
    let platform = connect(target, None, deps).expect("a platform");
    let mut said = format!("{target:?}");
    let mut say = |thing: &dyn std::fmt::Debug| said.push_str(&format!("\n{thing:?}"));
    fail();
    say(&platform.check().await);
    fail();
    let content = post("Tin", None, 2);
    let prepared = platform.prepare("0199", &content).await;
    say(&prepared);
    let attempt = attempt("0199", clock.now(), prepared.unwrap_or_default(), 0);
    for content in [post("Tin", None, 0), post("Tin", None, 1), content] {
        fail();
        let sent = platform.send(&attempt, &content, 0, &[]).await;
        if let Err(error) = &sent {
            say(&error.to_string());
        }
        fail();
        if let Ok(receipt) = &sent {
            say(&platform.delete(receipt).await);
        }
        say(&sent);
        fail();
        let doubt = Doubt {
            attempt: &attempt,
            post: &content,
            part: 0,
            receipts: &[],
        };
        say(&platform.settle(doubt, &|_| false).await);
    }
    said
}

fn assert_clean(what: &str, said: &str) {
    for secret in planted() {
        if let Some(at) = said.find(&secret) {
            let from = said[..at]
                .char_indices()
                .rev()
                .nth(120)
                .map_or(0, |(i, _)| i);
            panic!("{what}: «{secret}» after «{}»", &said[from..at]);
        }
    }
}

#[tokio::test]
async fn planted_secrets_appear_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let clock = clock();
    let webhook = FakeWebhook::start(Arc::new(clock.clone()), &[SECRET]);
    let telegram = FakeTelegram::start(Arc::new(clock.clone()));
    let facebook = FakeFacebook::start(Arc::new(clock.clone()));
    let matrix = FakeMatrix::start(Arc::new(clock.clone()));
    let wordpress = FakeWordpress::start(Arc::new(clock.clone()));
    let targets = [
        webhook.target(&[SECRET]),
        Target::Telegram(telegram.target()),
        facebook.target(),
        Target::Matrix(matrix.target()),
        Target::Wordpress(wordpress.target()),
    ];
    let servers = [
        &webhook.server,
        &telegram.server,
        &facebook.server,
        &matrix.server,
        &wordpress.server,
    ];
    let fail = |failure: &Failure| {
        webhook.fail_next(failure.clone());
        telegram.fail_next(failure.clone());
        facebook.fail_next(failure.clone());
        facebook.fail_next_quiet(failure.clone());
        matrix.fail_next(failure.clone());
        wordpress.fail_next(failure.clone());
        wordpress.fail_next_quiet(failure.clone());
    };
    let behave = || {
        webhook.behave();
        telegram.behave();
        facebook.behave();
        matrix.behave();
        wordpress.behave();
    };

    // The address of a request holds Telegram's token and Facebook's: without any redactor, no error
    // and no line of the log may tell it.
    let nothing: Redact = Arc::new(str::to_owned);
    for failure in [
        Failure::DieBefore,
        Failure::HangAfter,
        Failure::ErrorBefore(500),
        Failure::Garbage,
        Failure::Slow,
        Failure::Redirect("http://127.0.0.1:9/".to_owned()),
    ] {
        for target in &targets {
            let said = everything_said(target, nothing.clone(), || fail(&failure)).await;
            assert_clean(&format!("{failure:?}"), &said);
            behave();
        }
    }
    for server in servers {
        server.refuse();
    }
    for target in &targets {
        let said = everything_said(target, nothing.clone(), || {}).await;
        assert!(said.contains("NotSent"), "{said}");
        assert_clean("a refused connection", &said);
    }
    for server in servers {
        server.accept();
    }
    assert_clean("the log", &log.text());

    // A platform that says them aloud: the redactor stands in every way out.
    let aloud = planted().join(" and ");
    for status in [200, 302, 400, 401, 403, 429, 500] {
        let failure = Failure::Says {
            status,
            body: json!({
                "errcode": aloud, "code": aloud, "message": aloud,
                "ok": false, "error_code": status, "description": aloud,
                "error": {"message": aloud, "code": 190, "error_user_msg": aloud, "fbtrace_id": aloud},
            }),
        };
        for target in &targets {
            let said = everything_said(target, redactor(), || fail(&failure)).await;
            assert_clean(&format!("{status} said aloud"), &said);
            behave();
        }
    }
    telegram.set_token("another");
    matrix.revoke(Lost::Revoked);
    wordpress.revoke(Lost::Revoked);
    facebook.set_token_error(190, Some(467), &aloud);
    facebook.set_debug(json!({"is_valid": false, "error": {"message": aloud}}));
    for target in &targets {
        assert_clean("revoked", &everything_said(target, redactor(), || {}).await);
    }
    let log = log.text();
    assert!(log.contains("answered"), "the log was caught");
    assert_clean("the log", &log);
}
