//! Promise: a text that is too long for one post becomes a thread, and whatever dies in the middle of
//! it, every part stands there once, in its place.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod daemon_kit;
mod fakes;
mod program;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daemon_kit::{Acknowledged, Dice, shares};
use fakes::bluesky::{self as sky, FakeBluesky};
use program::{Daemon, Office};
use raotin::clock::MachineClock;
use serde_json::{Value, json};

/// Threads of three parts each.
const THREADS: usize = 12;
/// One request in four goes wrong.
const FAILURES_PER_MILLE: u64 = 250;
/// Everything is out within this after the last kill, or the test fails.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);

fn site(fake: &FakeBluesky) -> Office {
    let site = Office::bare();
    site.secret("app-password", sky::PASSWORD);
    let config = format!(
        "[office]\nname = \"Huyện\"\nmissed = \"late\"\ndefault_channels = [\"sky\"]\n\n\
         [[channels]]\nid = \"sky\"\ntitle = \"Bluesky\"\nplatform = \"bluesky\"\n\
         [channels.bluesky]\nhandle = \"{}\"\npassword = {{ file = \"app-password\" }}\nbase_url = \"{}\"\n",
        sky::HANDLE,
        fake.server.base_url()
    );
    site.write("raotin.toml", &config);
    let schedule = "cron = \"* * * * * *\"\nchannels = [\"sky\"]\ntake = 20\nmissed = \"late\"\n";
    site.write("schedules/moi-giay.toml", schedule);
    site
}

/// About 650 letters, unlike any other.
fn long_text(dice: &mut Dice) -> String {
    let sentences: Vec<String> = (0..9).map(|_| dice.text() + ".").collect();
    sentences.join(" ")
}

fn all_out(site: &Office, daemon: &Daemon, acknowledged: &Acknowledged) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let stories: Vec<Value> = acknowledged
            .articles
            .keys()
            .map(|id| daemon.get(&format!("/api/v1/articles/{id}")))
            .collect();
        let left = stories
            .iter()
            .flat_map(shares)
            .filter(|(_, share)| share["state"] != "shared");
        let left: Vec<_> = left.collect();
        if left.is_empty() {
            return stories;
        }
        assert!(
            begun.elapsed() < SETTLED_WITHIN,
            "left: {:#?}\n{}",
            left.first(),
            site.log()
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn every_part_stands_there_once_and_in_its_place() {
    let fake = FakeBluesky::start(Arc::new(MachineClock));
    fake.failures(11, FAILURES_PER_MILLE);
    let site = site(&fake);
    let mut dice = Dice(5);
    let mut acknowledged = Acknowledged::default();
    while acknowledged.articles.len() < THREADS {
        let daemon = site.serve();
        acknowledged.again(&daemon);
        for _ in 0..3 {
            acknowledged.add_text(&daemon, long_text(&mut dice));
        }
        std::thread::sleep(Duration::from_millis(900 + dice.roll() % 900));
        daemon.kill();
    }
    let daemon = site.serve();
    acknowledged.again(&daemon);
    fake.behave();
    let stories = all_out(&site, &daemon, &acknowledged);

    let posts = fake.posts();
    let by_id: BTreeMap<&str, &fakes::Seen> = posts.iter().map(|p| (p.id.as_str(), p)).collect();
    let mut parts_in_all = 0;
    for (story, text) in stories.iter().zip(acknowledged.articles.values()) {
        for (_, share) in shares(story) {
            let receipts = share["receipts"].as_array().unwrap();
            let ids: Vec<&str> = receipts
                .iter()
                .map(|r| r["post_id"].as_str().unwrap())
                .collect();
            assert!(ids.len() >= 3, "{share:#}");
            parts_in_all += ids.len();
            let words: Vec<&str> = ids.iter().map(|id| by_id[id].text.as_str()).collect();
            assert_eq!(&words.join(" "), text, "no word is lost or doubled");
            for (n, id) in ids.iter().enumerate() {
                let reply = &by_id[id].raw["reply"];
                match n {
                    0 => assert_eq!(reply, &Value::Null),
                    _ => {
                        assert_eq!(reply["root"]["uri"], json!(ids[0]));
                        assert_eq!(reply["parent"]["uri"], json!(ids[n - 1]));
                    }
                }
            }
        }
    }
    assert_eq!(posts.len(), parts_in_all, "something stands there twice");
    assert_eq!(fake.complaints(), Vec::<String>::new());
    let counts = daemon.get("/api/v1/counts?by=channel");
    let counted = &counts["rows"][0]["figures"]["shares"];
    assert_eq!(counted, &json!(acknowledged.articles.len()));
    assert_eq!(daemon.stop(), Some(0), "{}", site.log());
}
