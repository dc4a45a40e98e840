//! A secret that was loaded is in no debug output and no problem, and the redactor that learnt it
//! takes it out of everything else: also when the configuration as a whole was refused.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::path::PathBuf;

use raotin::config::secret::HIDDEN;
use raotin::config::{Env, Known, Redactor, Source, Sources, Target};

const BOT: &str = "123456:PLANTED-bot-token";
const PAGE: &str = "EAAB+PLANTED/page token";
const HOOK: &str = "whsec_UExBTlRFRC13ZWJob29rLXNlY3JldC1rZXk=";

const MAIN: &str = r#"
[office]
name = "Office"
[[channels]]
id = "chat"
title = "Chat"
platform = "telegram"
[channels.telegram]
chat = "@office"
token = { env = "BOT" }
[[channels]]
id = "page"
title = "Page"
platform = "facebook-page"
[channels.facebook-page]
page = "1"
token = { env = "PAGE" }
[[channels]]
id = "hook"
title = "Hook"
platform = "webhook"
mode = "log"
[channels.webhook]
url = "https://example.org/"
secret = [{ env = "HOOK" }, { env = "HOOK" }]
"#;

fn sources(main: &str) -> Sources {
    let main = Source {
        path: PathBuf::from("raotin.toml"),
        text: main.to_owned(),
    };
    Sources::of(main, Vec::new(), PathBuf::new())
}

fn env(redactor: &Redactor) -> Env {
    Env::of(&[("BOT", BOT), ("PAGE", PAGE), ("HOOK", HOOK)], 0, redactor)
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    let redactor = Redactor::default();
    let env = env(&redactor);
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let loaded = sources(MAIN).check(&env, &Known::default(), now).unwrap();
    let Target::Telegram(telegram) = &loaded.config.channels[0].target else {
        panic!("the first channel is Telegram's");
    };
    assert_eq!(telegram.token.reveal(), BOT, "whoever sends still has it");
    let printed = format!("{loaded:?} {env:?} {redactor:?}");
    assert!(
        !printed.contains("PLANTED") && !printed.contains("UExBTlRFRC"),
        "{printed}"
    );

    for said in [
        format!("error sending request for url (https://api.telegram.org/bot{BOT}/sendMessage)"),
        "access_token=EAAB%2BPLANTED%2Fpage%20token".to_owned(),
        "access_token=EAAB%2BPLANTED%2Fpage+token&message=x".to_owned(),
        format!("key {HOOK}"),
    ] {
        let told = redactor.redact(&said);
        assert!(told.contains(HIDDEN), "{told}");
        assert!(
            !told.contains("PLANTED") && !told.contains("UExBTlRFRC"),
            "{told}"
        );
    }
}

#[test]
fn a_refused_configuration_taught_its_secrets_too() {
    let redactor = Redactor::default();
    let main = MAIN.replace("name = \"Office\"", "nam = 1");
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    let problems = sources(&main)
        .check(&env(&redactor), &Known::default(), now)
        .unwrap_err();
    assert!(!problems.to_string().contains("PLANTED"));
    assert_eq!(redactor.redact(PAGE), HIDDEN);
}
