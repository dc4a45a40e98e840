//! For tests that pull the plug: what is asked of the daemon at random, and what it acknowledged.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "every test uses another part of it"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::program::Daemon;

/// splitmix64: the moments and the texts, the same for the same seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A text unlike any other: two that are nearly the same would be a person's to tell apart.
    pub fn text(&mut self) -> String {
        let words: Vec<String> = (0..8)
            .map(|_| format!("{:08x}", self.roll() >> 32))
            .collect();
        words.join(" ")
    }
}

/// What was acknowledged: text by article id.
#[derive(Default)]
pub struct Acknowledged {
    pub articles: BTreeMap<String, String>,
    /// Sent without an answer: the same request again must do it once.
    pub open: Vec<(String, Value)>,
    keys: u64,
}

impl Acknowledged {
    pub fn add(&mut self, daemon: &Daemon, dice: &mut Dice) {
        self.keys += 1;
        let mut body = json!({"text": dice.text()});
        if dice.roll().is_multiple_of(3) {
            let soon = jiff::Timestamp::from_millisecond(now_ms() + 400).unwrap();
            body["at"] = json!(soon.to_string());
        }
        self.send(daemon, format!("kill-test-{}", self.keys), body);
    }
    pub fn add_text(&mut self, daemon: &Daemon, text: String) {
        self.keys += 1;
        let key = format!("kill-test-{}", self.keys);
        self.send(daemon, key, json!({ "text": text }));
    }
    pub fn again(&mut self, daemon: &Daemon) {
        for (key, body) in std::mem::take(&mut self.open) {
            self.send(daemon, key, body);
        }
    }
    pub fn send(&mut self, daemon: &Daemon, key: String, body: Value) {
        match daemon.call("POST", "/api/v1/articles", Some(&body), &key) {
            Some((200 | 201, answer)) => {
                let id = answer["article"].as_str().expect("an id").to_owned();
                self.articles
                    .insert(id, body["text"].as_str().unwrap().to_owned());
            }
            // A fixed time that is past by the second request.
            Some((status, answer)) => panic!("{status} {answer}"),
            None => self.open.push((key, body)),
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the daemon runs by the machine's clock"
)]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

pub fn shares(story: &Value) -> impl Iterator<Item = (&str, &Value)> {
    story["shares"]
        .as_array()
        .expect("shares")
        .iter()
        .map(|s| (s["channel"].as_str().unwrap(), s))
}
