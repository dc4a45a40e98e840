//! The real daemon in a folder of its own, started, asked and killed from outside: for tests that pull
//! the plug.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "every test uses another part of it"
)]

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A killed daemon starts again within this, or the test fails.
const STARTED_WITHIN: Duration = Duration::from_secs(60);
/// And answers within this.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);

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

/// A folder with a configuration, and what runs in it.
pub struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    pub fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn secret(&self, name: &str, value: &str) {
        let path = self.path(name);
        std::fs::write(&path, value).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
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

    pub fn start(&self) -> Daemon {
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

    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(40).collect();
        tail.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

pub struct Daemon {
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
    pub fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        key: &str,
    ) -> Option<(u16, Value)> {
        call(&self.socket, method, path, body, key).ok()
    }
    pub fn get(&self, path: &str) -> Value {
        let (status, value) = self.call("GET", path, None, "").expect("an answer");
        assert_eq!(status, 200, "{path}: {value}");
        value
    }
    pub fn kill_9(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
    pub fn terminate(mut self) -> std::process::ExitStatus {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

pub fn call(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
    key: &str,
) -> std::io::Result<(u16, Value)> {
    let bad = |what: &str| std::io::Error::other(what.to_owned());
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWERS_WITHIN))?;
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
