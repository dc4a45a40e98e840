//! A member is told once when a task of hers opens and once an hour before it is missed: on Telegram by
//! the office's bot or by a signed webhook, never in her quiet hours, and never twice.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod fakes;
mod office_kit;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use fakes::Failure;
use fakes::desk::HASTY;
use fakes::telegram::{FakeTelegram, TOKEN};
use fakes::webhook::{FakeWebhook, SECRET};
use jiff::SignedDuration;
use office_kit::{Kit, hoa, local, member};
use raotin::clock::Clock;
use raotin::config::{Bot, Secret};
use raotin::daemon::notices;
use raotin::lang::Lang;
use raotin::model::{Actor, MemberId, Role, ShareId, State};
use raotin::office::accounts::Accounts;
use raotin::office::notices::{Chosen, Tried};
use raotin::office::{Invalid, OfficeError};
use raotin::platform::http::Http;
use raotin::platform::letter::Messenger;
use raotin::web::socket::Peer;
use raotin::web::{Site, router};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower::ServiceExt;

const CHAT: i64 = 7_007;

/// An office with a bot, and officer `lan` who is told in her chat.
struct House {
    kit: Kit,
    telegram: FakeTelegram,
    messenger: Arc<Messenger>,
    daemon: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    /// So many hold the office while no daemon runs.
    at_rest: usize,
}

fn id(name: &str) -> MemberId {
    MemberId::new(name).unwrap()
}

fn lan() -> Actor {
    member("lan", &[Role::Officer])
}

impl House {
    async fn new() -> Self {
        let kit = Kit::new().await;
        let telegram = FakeTelegram::start(Arc::new(kit.clock.clone()));
        telegram.set_chat(serde_json::json!({"id": CHAT, "type": "private", "first_name": "Lan"}));
        let mut config = (*kit.office.config()).clone();
        config.notices.bot = Some(Bot {
            token: Secret::new(TOKEN),
            base_url: telegram.base_url(),
        });
        config.notices.private_addresses = true;
        kit.config.send_replace(Arc::new(config));
        let http = Http::with_limits(HASTY).unwrap();
        let redact = Arc::new(str::to_owned);
        let messenger = Messenger::new(http, Arc::new(kit.clock.clone()), redact).unwrap();
        let mut house = Self {
            kit,
            telegram,
            messenger: Arc::new(messenger),
            daemon: None,
            at_rest: 0,
        };
        house.member("lan", Role::Officer).await;
        house.member("hoa", Role::Approver).await;
        house.start();
        house
    }

    async fn member(&self, name: &str, role: Role) {
        let (office, by) = (&self.kit.office, local());
        let set = office.set_member(&by, None, id(name), vec![role], None, None);
        set.await.unwrap();
    }

    async fn told_on_telegram() -> Self {
        let house = Self::new().await;
        house.names(Chosen::Telegram(CHAT.to_string()));
        house
    }

    fn names(&self, to: Chosen) -> Option<String> {
        let office = &self.kit.office;
        office
            .set_notices(&lan(), &id("lan"), Some(to), None)
            .unwrap()
    }

    fn start(&mut self) {
        self.at_rest = Arc::strong_count(&self.kit.office);
        let (stop, stopping) = watch::channel(false);
        let run = notices::run(
            self.kit.office.clone(),
            self.messenger.clone(),
            || Some("https://raotin.example.vn".to_owned()),
            || true,
            stopping,
        );
        self.daemon = Some((stop, tokio::spawn(run)));
    }

    /// As a power cut would: whatever is on its way is on its way.
    async fn dies(&mut self) {
        let (_, running) = self.daemon.take().unwrap();
        running.abort();
        let _ = running.await;
        // A process takes its threads along. Here what was handed to one runs on for a moment, and
        // would note tasks as told that open after the daemon's end.
        while Arc::strong_count(&self.kit.office) > self.at_rest {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn task_opens(&self, channel: &str) -> ShareId {
        self.kit.share_in(State::ByHand, &hoa(), channel).await
    }

    fn letters(&self) -> Vec<String> {
        self.telegram.posts().into_iter().map(|p| p.text).collect()
    }

    /// Time passes, a second at a time, until `done`, at most so long.
    async fn until(&self, what: &str, most: SignedDuration, done: impl Fn(&Self) -> bool) {
        let end = self.kit.clock.now() + most;
        let begun = std::time::Instant::now();
        while !done(self) {
            assert!(
                self.kit.clock.now() < end,
                "not {what}: {:#?}",
                self.letters()
            );
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "not {what} in time"
            );
            self.kit.clock.advance(SignedDuration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn letters_are(&self, n: usize) {
        let what = format!("{n} letters");
        let soon = SignedDuration::from_hours(2);
        self.until(&what, soon, |h| h.letters().len() >= n).await;
        assert_eq!(self.letters().len(), n, "{:#?}", self.letters());
    }

    /// Whatever was due has been looked at: a task that opens last is told last.
    async fn nothing_more_than(&self, n: usize) {
        self.task_opens("nhom").await;
        self.letters_are(n + 1).await;
    }

    /// A letter is there a moment before its arrival is noted.
    async fn no_trouble_is_left(&self) {
        let soon = SignedDuration::from_mins(5);
        self.until("without trouble", soon, |h| h.trouble().is_none())
            .await;
    }

    fn trouble(&self) -> Option<String> {
        let shown = self.kit.office.notices(&lan(), &id("lan")).unwrap();
        shown.trouble.map(|t| t.code)
    }
}

#[tokio::test]
async fn once_when_it_opens_and_once_an_hour_before_it_is_missed() {
    let house = House::told_on_telegram().await;
    let share = house.task_opens("nhom").await;
    house.letters_are(1).await;
    let first = &house.letters()[0];
    assert_eq!(
        first,
        &format!(
            "Bạn có 1 việc mới:\n• Chia sẻ vào Tin Bắc Kạn: Tiêm phòng đợt 2 (hạn 08:00 mai)\nhttps://raotin.example.vn/hand/{share}"
        )
    );
    // Nothing more for 22 hours; then what ends, and the new one is another letter.
    house.kit.clock.advance(SignedDuration::from_hours(21));
    house.nothing_more_than(1).await;
    house.kit.clock.advance(SignedDuration::from_hours(2));
    house.letters_are(3).await;
    let ending = &house.letters()[2];
    assert!(ending.starts_with("Sắp hết hạn 1 việc:"), "{ending}");
    assert!(ending.contains(&share.to_string()), "{ending}");
    house.nothing_more_than(3).await;
    assert_eq!(house.telegram.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn in_her_language_and_of_her_tasks_alone() {
    let house = House::told_on_telegram().await;
    // `giao` is hers by name; others' are not: `hoa` approves, and tasks are not hers to be told of.
    house
        .kit
        .office
        .set_notices(
            &hoa(),
            &id("hoa"),
            Some(Chosen::Telegram(CHAT.to_string())),
            None,
        )
        .unwrap();
    house.task_opens("giao").await;
    house.letters_are(1).await;
    house.member("mai", Role::Officer).await;
    let mai = member("mai", &[Role::Officer]);
    let to = Chosen::Telegram(CHAT.to_string());
    let office = &house.kit.office;
    office
        .set_notices(&mai, &id("mai"), Some(to), None)
        .unwrap();
    let accounts = Accounts::new(office.clone());
    accounts.choose_lang(&id("mai"), Lang::En).unwrap();
    // Both officers are told of the group's task; that `lan` was given another is not `mai`'s to know.
    house.task_opens("nhom").await;
    house.letters_are(3).await;
    let letters = house.letters();
    let hers = letters
        .iter()
        .find(|l| l.starts_with("You have 1 new task:"));
    assert!(hers.unwrap().contains("Tin Bắc Kạn"), "{letters:#?}");
    // What somebody is on is hers: the others are told only if she lets it lie.
    let share = house.task_opens("nhom").await;
    office.take(&mai, None, share).await.unwrap();
    house
        .until(
            "what was taken lies open",
            SignedDuration::from_mins(30),
            |h| h.letters().len() == 5,
        )
        .await;
    let after = house.kit.clock.now().duration_since(office_kit::now());
    assert!(
        house.letters()[3].starts_with("You have"),
        "{:#?}",
        house.letters()
    );
    assert!(after >= SignedDuration::from_mins(15), "told after {after}");
    let retired = office.retire_member(&local(), None, id("mai")).await;
    retired.unwrap();
    assert!(!office.notices(&local(), &id("mai")).unwrap().is_told());
}

#[tokio::test]
async fn quiet_hours_end_with_what_is_still_true() {
    let house = House::told_on_telegram().await;
    // It is eight o'clock in the office.
    let quiet = Some("07:00-09:30".parse().unwrap());
    let office = &house.kit.office;
    office
        .set_notices(&lan(), &id("lan"), None, Some(quiet))
        .unwrap();
    let done = house.task_opens("nhom").await;
    let open = house.task_opens("giao").await;
    house.kit.clock.advance(SignedDuration::from_mins(30));
    office.done(&lan(), None, done, None, None).await.unwrap();
    house.letters_are(1).await;
    let now = house.kit.clock.now().to_string();
    assert!(now.as_str() >= "2026-11-23T02:30:00Z", "told at {now}");
    let letter = &house.letters()[0];
    assert!(letter.contains(&open.to_string()), "{letter}");
    assert!(!letter.contains(&done.to_string()), "{letter}");
}

#[tokio::test]
async fn a_restart_tells_nothing_again_and_forgets_nothing() {
    let mut house = House::told_on_telegram().await;
    house.task_opens("nhom").await;
    house.letters_are(1).await;
    house.dies().await;
    house.task_opens("giao").await;
    house.start();
    house.letters_are(2).await;
    // An answer that never came: she may have it, so it is not sent again.
    house.telegram.fail_next(Failure::DieAfter);
    house.task_opens("nhom").await;
    house.letters_are(3).await;
    house
        .until("a trouble", SignedDuration::from_mins(5), |h| {
            h.trouble().is_some()
        })
        .await;
    assert_eq!(house.trouble().as_deref(), Some("unsure"));
    house.dies().await;
    house.start();
    house.nothing_more_than(3).await;
    house.no_trouble_is_left().await;
}

#[tokio::test]
async fn a_line_that_is_down_loses_no_letter_and_holds_up_nobody() {
    let house = House::told_on_telegram().await;
    house.telegram.server.refuse();
    house.task_opens("nhom").await;
    house
        .until("a trouble", SignedDuration::from_mins(5), |h| {
            h.trouble().is_some()
        })
        .await;
    assert_eq!(house.trouble().as_deref(), Some("unreachable"));
    house.telegram.server.accept();
    house.letters_are(1).await;
    house.no_trouble_is_left().await;
    // Whoever stopped the bot is told so, and her letter waits for her.
    house.telegram.set_token("another");
    house.task_opens("nhom").await;
    house
        .until("a trouble", SignedDuration::from_mins(5), |h| {
            h.trouble().is_some()
        })
        .await;
    assert_eq!(house.trouble().as_deref(), Some("bot-refused"));
    house.telegram.set_token(TOKEN);
    house.letters_are(2).await;
}

#[tokio::test]
async fn a_webhook_is_signed_and_takes_each_letter_once() {
    let house = House::new().await;
    let receiver = FakeWebhook::start(Arc::new(house.kit.clock.clone()), &[SECRET]);
    let secret = house
        .names(Chosen::Webhook(receiver.url().to_string()))
        .unwrap();
    receiver.trust(&secret);
    // It takes it, and its answer is lost: the same letter comes again under the same id.
    receiver.fail_next(Failure::ErrorAfter(500));
    let share = house.task_opens("nhom").await;
    let soon = SignedDuration::from_mins(5);
    house
        .until("a repeat", soon, |_| receiver.repeats() > 0)
        .await;
    let posts = receiver.posts();
    assert_eq!(posts.len(), 1);
    assert_eq!(posts[0].raw["type"], "task.opened");
    let task = &posts[0].raw["data"]["tasks"][0];
    assert_eq!(
        task["link"],
        format!("https://raotin.example.vn/hand/{share}")
    );
    assert_eq!(receiver.complaints(), Vec::<String>::new());
    // The same address keeps its key.
    assert_eq!(
        house.names(Chosen::Webhook(receiver.url().to_string())),
        None
    );
}

#[tokio::test]
async fn her_chat_is_found_by_a_code_and_tried() {
    let house = House::new().await;
    let office = &house.kit.office;
    let (name, code) = office
        .begin_chat(&lan(), &id("lan"), &house.messenger)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(name, "raotin_bot");
    let (who, lan_id) = (lan(), id("lan"));
    let find = || office.find_chat(&who, &lan_id, &house.messenger);
    assert_eq!(find().await.unwrap(), Tried::NothingYet);
    house.telegram.write(9, "/start khac");
    house.telegram.write(CHAT, &format!("/start {code}"));
    assert_eq!(find().await.unwrap(), Tried::Done);
    let tried = office
        .try_notice(&lan(), &id("lan"), &house.messenger)
        .await;
    assert_eq!(tried.unwrap(), Tried::Done);
    assert!(house.letters()[0].contains("Phòng Văn hóa và Thông tin"));
    // A code works once.
    assert!(find().await.is_err());
}

#[tokio::test]
async fn her_chat_is_found_over_the_api_too() {
    let house = House::new().await;
    let office = &house.kit.office;
    let api = router(Site {
        office: office.clone(),
        accounts: Arc::new(Accounts::new(office.clone())),
        health: None,
        connect: None,
        refused: office.desk.refused(),
        messenger: Some(house.messenger.clone()),
        sled: None,
    });
    let ask = async |path: &str| -> Value {
        let request = Request::post(format!("/api/v1/members/lan/notices{path}"))
            .header("content-type", "application/json")
            .extension(ConnectInfo(Peer { uid: 0 }))
            .body(Body::from("{}"));
        let answer = api.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let chat = ask("/chat").await;
    let line = chat["line"].as_str().unwrap();
    let code = line.strip_prefix("/start ").unwrap();
    assert_eq!(
        chat["link"],
        format!("https://t.me/raotin_bot?start={code}")
    );
    assert_eq!(
        ask("/chat/find").await,
        json!({ "arrived": false, "trouble": null })
    );
    house.telegram.write(CHAT, line);
    assert_eq!(
        ask("/chat/find").await,
        json!({ "arrived": true, "trouble": null })
    );
    assert_eq!(house.letters().len(), 1, "a letter says so");
}

#[tokio::test]
async fn addresses_are_hers_alone_and_lead_to_no_inside() {
    let house = House::told_on_telegram().await;
    let office = &house.kit.office;
    let lan_id = id("lan");
    assert_eq!(
        office.notices(&lan(), &lan_id).unwrap().telegram.as_deref(),
        Some("7007")
    );
    // Whoever looks after members sees that she is told, not where.
    assert_eq!(
        office
            .notices(&local(), &lan_id)
            .unwrap()
            .telegram
            .as_deref(),
        Some("")
    );
    assert!(matches!(
        office.notices(&hoa(), &lan_id),
        Err(OfficeError::NotAllowed { .. })
    ));
    let mut config = (*house.kit.office.config()).clone();
    config.notices.private_addresses = false;
    house.kit.config.send_replace(Arc::new(config));
    for (url, why) in [
        ("https://127.0.0.1/hook", Invalid::NotPublic),
        ("https://[fd00::1]/hook", Invalid::NotPublic),
        ("http://example.com/hook", Invalid::NotHttps),
        (
            "ftp://example.com/",
            Invalid::NoAddress("ftp://example.com/".to_owned()),
        ),
    ] {
        let set = office.set_notices(&lan(), &lan_id, Some(Chosen::Webhook(url.to_owned())), None);
        match set {
            Err(OfficeError::Invalid { what, .. }) => assert_eq!(what, why, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }
    // A name that leads inside is found out when it is looked up.
    let inside = Chosen::Webhook("https://localhost/hook".to_owned());
    house.names(inside);
    let tried = office.try_notice(&lan(), &lan_id, &house.messenger).await;
    assert!(matches!(tried.unwrap(), Tried::Failed(_)));
    let shown = office.notices(&lan(), &lan_id).unwrap();
    let reason = shown.trouble.unwrap().reason;
    assert!(reason.contains("no public address"), "{reason}");
}
