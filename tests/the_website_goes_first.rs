//! Promise: an article goes to the office's website first, and what the other channels share is its
//! address there (`after`, RULES 2). The real daemon, a website and a Telegram channel that keep their
//! own truth.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod daemon_kit;
mod fakes;
mod program;

use std::sync::Arc;
use std::time::{Duration, Instant};

use daemon_kit::shares;
use fakes::Failure;
use fakes::place::Place as _;
use fakes::telegram::FakeTelegram;
use fakes::wordpress::FakeWordpress;
use program::{Daemon, Office};
use raotin::clock::MachineClock;
use serde_json::{Value, json};

/// Everything is out within this, or the test fails: schedules fire every second.
const OUT_WITHIN: Duration = Duration::from_secs(60);

struct World {
    site: Office,
    website: FakeWordpress,
    telegram: FakeTelegram,
}

/// `link`: a further line of the Telegram channel.
fn world(link: &str) -> World {
    let world = World {
        site: Office::bare(),
        website: FakeWordpress::start(Arc::new(MachineClock)),
        telegram: FakeTelegram::start(Arc::new(MachineClock)),
    };
    world.site.secret("password", fakes::wordpress::PASSWORD);
    world.site.secret("bot", fakes::telegram::TOKEN);
    let config = format!(
        r#"
[office]
name = "Huyện"
default_channels = ["website", "telegram"]

[[channels]]
id = "website"
title = "Trang tin"
platform = "wordpress"
[channels.wordpress]
site = "{website}"
user = "{user}"
password = {{ file = "password" }}
categories = ["Tin tức"]

[[channels]]
id = "telegram"
title = "Telegram"
platform = "telegram"
after = "website"
{link}
utm = {{ source = "telegram" }}
[channels.telegram]
chat = "@tinbackan"
token = {{ file = "bot" }}
base_url = "{telegram}"
"#,
        user = fakes::wordpress::USER,
        website = world.website.server.base_url(),
        telegram = world.telegram.base_url(),
    );
    world.site.write("raotin.toml", &config);
    let schedule = "cron = \"* * * * * *\"\nchannels = [\"telegram\", \"website\"]\n";
    world.site.write("schedules/moi-giay.toml", schedule);
    world
}

fn add(daemon: &Daemon, body: &Value) -> String {
    let answer = daemon.call("POST", "/api/v1/articles", Some(body), "one");
    let (status, answer) = answer.expect("an answer");
    assert!(matches!(status, 200 | 201), "{status} {answer}");
    answer["article"].as_str().unwrap().to_owned()
}

/// The share's state on a channel, and why.
fn share(daemon: &Daemon, article: &str, channel: &str) -> Value {
    let story = daemon.get(&format!("/api/v1/articles/{article}"));
    let found = shares(&story).find(|(c, _)| *c == channel);
    found.expect("a share").1.clone()
}

fn until_shared(world: &World, daemon: &Daemon, article: &str) {
    let begun = Instant::now();
    for channel in ["website", "telegram"] {
        while share(daemon, article, channel)["state"] != "shared" {
            let told = share(daemon, article, channel);
            assert!(
                begun.elapsed() < OUT_WITHIN,
                "{told:#}\n{}",
                world.site.log()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn what_others_share_is_the_address_on_the_website() {
    let world = world("");
    // The website stumbles first; the others wait for it all the same.
    world.website.fail_next(Failure::DieAfter);
    let daemon = world.site.serve();
    let article = add(
        &daemon,
        &json!({"title": "Lịch tiêm chủng", "text": "Sáng thứ hai tại trạm y tế", "link": "https://so-y-te.example.vn/1"}),
    );
    until_shared(&world, &daemon, &article);
    let there = world.website.posts();
    assert_eq!(there.len(), 1);
    assert!(
        there[0].raw["content"]
            .as_str()
            .unwrap()
            .contains("https://so-y-te.example.vn/1")
    );
    let receipt = &share(&daemon, &article, "website")["receipts"][0];
    assert_eq!(receipt["post_id"], json!(there[0].id));
    let address = receipt["permalink"].as_str().unwrap();
    assert!(address.contains("/lich-tiem-chung-"), "{address}");
    let said = world.telegram.posts();
    assert_eq!(said.len(), 1);
    // The address as it is: link tags tell the office's own site where readers of its links came from.
    assert_eq!(
        said[0].text,
        format!("Lịch tiêm chủng\n\nSáng thứ hai tại trạm y tế\n\n{address}")
    );
    assert_eq!(daemon.stop(), Some(0), "{}", world.site.log());
    assert_eq!(world.website.complaints(), Vec::<String>::new());
    assert_eq!(world.telegram.complaints(), Vec::<String>::new());
}

#[test]
fn its_own_link_stays_where_that_is_wanted() {
    let world = world("link = \"own\"");
    let daemon = world.site.serve();
    let article = add(
        &daemon,
        &json!({"title": "Lịch tiêm chủng", "link": "https://so-y-te.example.vn/1"}),
    );
    until_shared(&world, &daemon, &article);
    let said = &world.telegram.posts()[0].text;
    assert!(
        said.contains("https://so-y-te.example.vn/1?utm_source=telegram"),
        "{said}"
    );
}

/// As long as the article is not on the website, nothing of it is anywhere else.
#[test]
fn nothing_goes_before_the_website() {
    let world = world("");
    world.website.server.refuse();
    let daemon = world.site.serve();
    let article = add(&daemon, &json!({"title": "Chưa đăng được"}));
    let begun = Instant::now();
    while share(&daemon, &article, "website")["why"]["cause"] != "unreachable" {
        assert!(begun.elapsed() < OUT_WITHIN, "{}", world.site.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_ne!(share(&daemon, &article, "telegram")["state"], "shared");
    assert!(world.telegram.posts().is_empty());
}
