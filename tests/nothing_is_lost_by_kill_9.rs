//! Promise: no share is posted twice and none is lost, whatever dies when; and the counts are the
//! truth. The real daemon is killed at random moments while it sends to platforms that keep their own
//! truth and fail at random; then everything is held against everything.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use fakes::facebook::FakeFacebook;
use fakes::telegram::FakeTelegram;
use fakes::webhook::FakeWebhook;
use raotin::clock::MachineClock;
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// One request in ten goes wrong in one of the quick ways.
const FAILURES_PER_MILLE: u64 = 100;
/// Everything that is left is done within this after the last kill, or the test fails.
const SETTLED_WITHIN: Duration = Duration::from_secs(120);
/// A killed daemon starts again within this, or the test fails.
const STARTED_WITHIN: Duration = Duration::from_secs(20);

/// splitmix64: the moments and the texts, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// A text unlike any other: two that are nearly the same would be a person's to tell apart.
    fn text(&mut self) -> String {
        let words: Vec<String> = (0..8)
            .map(|_| format!("{:08x}", self.roll() >> 32))
            .collect();
        words.join(" ")
    }
}

struct World {
    dir: tempfile::TempDir,
    webhook: FakeWebhook,
    telegram: FakeTelegram,
    facebook: FakeFacebook,
}

impl World {
    /// `facebook_fails`: it asks to wait for a minute at least, as the real one does.
    fn new(seed: u64, facebook_fails: bool) -> Self {
        let clock = Arc::new(MachineClock);
        let world = Self {
            dir: tempfile::tempdir().unwrap(),
            webhook: FakeWebhook::start(clock.clone(), &[SECRET]),
            telegram: FakeTelegram::start(clock.clone()),
            facebook: FakeFacebook::start(clock),
        };
        world.webhook.failures(seed, FAILURES_PER_MILLE);
        world.telegram.failures(seed + 1, FAILURES_PER_MILLE);
        if facebook_fails {
            world.facebook.failures(seed + 2, FAILURES_PER_MILLE);
        }
        world.write();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn secret(&self, name: &str, value: &str) {
        let path = self.path(name);
        std::fs::write(&path, value).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn write(&self) {
        self.secret("hook", SECRET);
        self.secret("bot", fakes::telegram::TOKEN);
        self.secret("page", fakes::facebook::TOKEN);
        self.secret("app", fakes::facebook::APP_SECRET);
        let config = format!(
            r#"
[office]
name = "Huyện"
zone = "Asia/Ho_Chi_Minh"
missed = "late"
grace = "2h"
default_channels = ["website", "telegram", "fanpage", "thu", "nhom"]

[[channels]]
id = "website"
title = "Website"
platform = "webhook"
[channels.webhook]
url = "{webhook}"
secret = {{ file = "hook" }}

[[channels]]
id = "telegram"
title = "Telegram"
platform = "telegram"
[channels.telegram]
chat = "@tinbackan"
token = {{ file = "bot" }}
base_url = "{telegram}"

[[channels]]
id = "fanpage"
title = "Fanpage"
platform = "facebook-page"
settle_after = "1s"
settle_gap = "1s"
[channels.facebook-page]
page = "{page}"
token = {{ file = "page" }}
app_id = "{app}"
app_secret = {{ file = "app" }}
graph_version = "{version}"
base_url = "{facebook}"

[[channels]]
id = "thu"
title = "Thử"
platform = "webhook"
mode = "log"

[[channels]]
id = "nhom"
title = "Nhóm"
platform = "facebook-group"
mode = "by-hand"
min_gap = "0s"
"#,
            webhook = self.webhook.url(),
            telegram = self.telegram.base_url(),
            facebook = self.facebook.base_url(),
            page = fakes::facebook::PAGE,
            app = fakes::facebook::APP_ID,
            version = fakes::facebook::VERSION,
        );
        std::fs::write(self.path("raotin.toml"), config).unwrap();
        std::fs::create_dir_all(self.path("schedules")).unwrap();
        let schedule = r#"
cron = "* * * * * *"
channels = ["website", "telegram", "fanpage", "thu", "nhom"]
take = 20
missed = "late"
"#;
        std::fs::write(self.path("schedules/moi-giay.toml"), schedule).unwrap();
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raotin"));
        command
            .arg("--config")
            .arg(self.path("raotin.toml"))
            .args(["--lang", "en"])
            .args(args)
            .env_remove("RAOTIN_DATA")
            .env("RAOTIN_LOG", "warn");
        command
    }

    fn start(&self) -> Daemon {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let daemon = Daemon {
            child,
            socket: self.path("data/raotin.sock"),
        };
        let begun = Instant::now();
        while daemon.call("GET", "/healthz", None, "").is_none() {
            assert!(
                begun.elapsed() < STARTED_WITHIN,
                "no daemon:\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(3));
        }
        daemon
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(40).collect();
        tail.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

struct Daemon {
    child: Child,
    socket: PathBuf,
}

/// A test that fails leaves no daemon behind.
impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Daemon {
    /// One request over the socket; nothing if the answer did not come whole.
    fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> Option<(u16, Value)> {
        call(&self.socket, method, path, body, key).ok()
    }
    fn get(&self, path: &str) -> Value {
        let (status, value) = self.call("GET", path, None, "").expect("an answer");
        assert_eq!(status, 200, "{path}: {value}");
        value
    }
    fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
    fn terminate(mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

fn call(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
    key: &str,
) -> std::io::Result<(u16, Value)> {
    let bad = |what: &str| std::io::Error::other(what.to_owned());
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = body.len();
    let key = if key.is_empty() {
        String::new()
    } else {
        format!("idempotency-key: {key}\r\n")
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: raotin\r\nconnection: close\r\ncontent-type: application/json\r\n{key}content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| bad("no head"))?;
    let status = head
        .get(9..12)
        .and_then(|s| s.parse().ok())
        .ok_or_else(|| bad("no status"))?;
    let length = head.lines().find_map(|l| {
        l.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .parse::<usize>()
            .ok()
    });
    if length.is_some_and(|l| l != body.len()) {
        return Err(bad("cut short"));
    }
    Ok((
        status,
        serde_json::from_str(body).unwrap_or_else(|_| json!(body)),
    ))
}

/// What was acknowledged: text by article id.
#[derive(Default)]
struct Acknowledged {
    articles: BTreeMap<String, String>,
    /// Sent without an answer: the same request again must do it once.
    open: Vec<(String, Value)>,
    keys: u64,
}

impl Acknowledged {
    fn add(&mut self, daemon: &Daemon, dice: &mut Dice) {
        self.keys += 1;
        let mut body = json!({"text": dice.text()});
        if dice.roll().is_multiple_of(3) {
            let soon = jiff::Timestamp::from_millisecond(now_ms() + 400).unwrap();
            body["at"] = json!(soon.to_string());
        }
        self.send(daemon, format!("kill-test-{}", self.keys), body);
    }
    fn again(&mut self, daemon: &Daemon) {
        for (key, body) in std::mem::take(&mut self.open) {
            self.send(daemon, key, body);
        }
    }
    fn send(&mut self, daemon: &Daemon, key: String, body: Value) {
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
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn rounds(rounds: u64, seed: u64, facebook_fails: bool) {
    let world = World::new(seed, facebook_fails);
    let mut dice = Dice(seed);
    let mut acknowledged = Acknowledged::default();
    for _ in 0..rounds {
        let daemon = world.start();
        acknowledged.again(&daemon);
        let end = Instant::now() + Duration::from_millis(30 + dice.roll() % 900);
        while Instant::now() < end {
            acknowledged.add(&daemon, &mut dice);
            std::thread::sleep(Duration::from_millis(dice.roll() % 60));
        }
        daemon.kill_9();
    }
    let daemon = world.start();
    acknowledged.again(&daemon);
    assert!(acknowledged.open.is_empty());
    // From here on the platforms answer: what is left gets done.
    world.webhook.behave();
    world.telegram.behave();
    world.facebook.behave();
    let begun = Instant::now();
    let stories = loop {
        let stories: Vec<Value> = acknowledged
            .articles
            .keys()
            .map(|id| daemon.get(&format!("/api/v1/articles/{id}")))
            .collect();
        if stories
            .iter()
            .flat_map(shares)
            .all(|(channel, share)| at_rest(channel, share))
        {
            break stories;
        }
        let left = stories
            .iter()
            .flat_map(shares)
            .filter(|(c, s)| !at_rest(c, s))
            .take(5);
        assert!(
            begun.elapsed() < SETTLED_WITHIN,
            "left: {:#?}\n{}",
            left.collect::<Vec<_>>(),
            world.log()
        );
        std::thread::sleep(Duration::from_millis(200));
    };
    hold_against_everything(&world, &daemon, &acknowledged, &stories);
    assert!(daemon.terminate().success(), "{}", world.log());
    let verify = world.command(&["verify"]).output().unwrap();
    let said = String::from_utf8_lossy(&verify.stdout).into_owned()
        + &String::from_utf8_lossy(&verify.stderr);
    assert!(verify.status.success(), "{said}");
    println!(
        "{rounds} kills, {} articles acknowledged",
        acknowledged.articles.len()
    );
}

fn shares(story: &Value) -> impl Iterator<Item = (&str, &Value)> {
    story["shares"]
        .as_array()
        .expect("shares")
        .iter()
        .map(|s| (s["channel"].as_str().unwrap(), s))
}

/// Nothing more happens to it by itself.
fn at_rest(channel: &str, share: &Value) -> bool {
    match (channel, share["state"].as_str().unwrap()) {
        ("nhom", state) => state == "by-hand",
        // Nobody but a person can be asked.
        ("telegram", "unsure") => share["why"]["cause"] == "cannot-tell",
        (_, state) => state == "shared",
    }
}

/// Shares = counts = what the platforms really have.
fn hold_against_everything(
    world: &World,
    daemon: &Daemon,
    acknowledged: &Acknowledged,
    stories: &[Value],
) {
    let times = |posts: Vec<fakes::Seen>| {
        let mut times: BTreeMap<String, u64> = BTreeMap::new();
        for post in posts {
            *times.entry(post.text.trim().to_owned()).or_default() += 1;
        }
        times
    };
    let truth: BTreeMap<&str, BTreeMap<String, u64>> = [
        ("website", times(world.webhook.posts())),
        ("telegram", times(world.telegram.posts())),
        ("fanpage", times(world.facebook.posts())),
    ]
    .into();
    let mut shared: BTreeMap<String, u64> = BTreeMap::new();
    for (story, text) in stories.iter().zip(acknowledged.articles.values()) {
        assert_eq!(
            story["article"]["text"],
            json!(text),
            "what was acknowledged is there"
        );
        let mut seen = Vec::new();
        for (channel, share) in shares(story) {
            seen.push(channel.to_owned());
            let state = share["state"].as_str().unwrap();
            if state == "shared" {
                *shared.entry(channel.to_owned()).or_default() += 1;
            }
            let Some(truth) = truth.get(channel) else {
                continue;
            };
            let posted = truth.get(text).copied().unwrap_or(0);
            match state {
                "shared" => assert_eq!(posted, 1, "{channel}: {text}: {share:#}"),
                // At most one, and a person is asked.
                _ => assert!(posted <= 1, "{channel}: {text} stands there {posted} times"),
            }
        }
        seen.sort();
        assert_eq!(seen, ["fanpage", "nhom", "telegram", "thu", "website"]);
    }
    // Nothing stands anywhere that was never acknowledged or asked for.
    for (channel, posts) in &truth {
        for text in posts.keys() {
            assert!(
                acknowledged.articles.values().any(|t| t == text),
                "{channel} has {text}"
            );
        }
    }
    let counts = daemon.get("/api/v1/counts?by=channel&log=true");
    let counted: BTreeMap<String, u64> = counts["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|r| {
            (
                r["key"].as_str().unwrap().to_owned(),
                r["figures"]["shares"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(counted, shared);
    assert_eq!(world.webhook.complaints(), Vec::<String>::new());
    assert_eq!(world.telegram.complaints(), Vec::<String>::new());
    assert_eq!(world.facebook.complaints(), Vec::<String>::new());
}

#[test]
fn a_few_kills() {
    rounds(4, 20_261_123, false);
}

#[test]
#[ignore = "sixty kills take over a minute: tests/live/run, or cargo test --test nothing_is_lost_by_kill_9 -- --ignored"]
fn sixty_kills() {
    rounds(60, 7, true);
}
