//! The real program in an office's folder of its own: its commands, its daemon, what they say.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "no test uses all of it; for tests alone"
)]

use std::io::{Error, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const CONFIG: &str = r#"
[office]
name = "Phòng Văn hóa và Thông tin"
zone = "Asia/Ho_Chi_Minh"
lang = "vi"
default_channels = ["trang", "nhom"]

[[channels]]
id = "trang"
title = "Trang"
platform = "facebook-page"
mode = "log"

[[channels]]
id = "nhom"
title = "Tin Bắc Kạn"
platform = "facebook-group"
"#;

/// What is waited for comes within a moment; on a busy machine within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// An office's folder.
pub struct Office(pub tempfile::TempDir);

impl Office {
    pub fn new() -> Self {
        let office = Self::bare();
        office.write("raotin.toml", CONFIG);
        office
    }
    /// Nothing is configured yet.
    pub fn bare() -> Self {
        let office = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(office.path("schedules")).unwrap();
        office
    }
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    /// As editors do it: a new file, renamed over the old one.
    pub fn write(&self, name: &str, text: &str) {
        let beside = self.path(&format!("{name}.new"));
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(beside, self.path(name)).unwrap();
    }
    /// For the program's eyes alone.
    pub fn secret(&self, name: &str, value: &str) {
        self.write(name, value);
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(self.path(name), mode).unwrap();
    }
    pub fn data(&self) -> PathBuf {
        self.path("data")
    }
    pub fn socket(&self) -> PathBuf {
        self.data().join("raotin.sock")
    }
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raotin"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("LANG", "vi_VN.UTF-8");
        command
    }
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }
    /// What it says; it must end well.
    pub fn says(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {err}");
        plain(&String::from_utf8(output.stdout).unwrap())
    }
    /// What it complains of, and its exit code.
    pub fn fails(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = self.run(args);
        let err = plain(&String::from_utf8(output.stderr).unwrap());
        (output.status.code(), err)
    }
    /// What it answers to programs; it must end well.
    pub fn json(&self, args: &[&str]) -> Value {
        let output = self.run(&[&["--json"], args].concat());
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {err}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
    pub fn share(&self, channel: &str) -> String {
        let shares = self.json(&["shares", "--channel", channel]);
        shares[0]["id"].as_str().unwrap().to_owned()
    }
    /// The daemon, once it answers.
    pub fn serve(&self) -> Daemon {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.path("log"))
            .unwrap();
        let begins = log.metadata().unwrap().len();
        let mut child = self
            .command(&["serve"])
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while call(&self.socket(), "GET", "/healthz", None, "").is_err() {
            let ended = child.try_wait().unwrap();
            let in_time = begun.elapsed() < PATIENCE;
            assert!(ended.is_none() && in_time, "no daemon:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(3));
        }
        Daemon {
            child,
            socket: self.socket(),
            log: self.path("log"),
            begins,
        }
    }
    /// What its daemons have told at last.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.path("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

pub struct Daemon {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
    /// Where its part of the log begins.
    begins: u64,
}

impl Daemon {
    pub fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().unwrap().code()
    }
    /// As a power cut: `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }
    /// Its log so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap();
        let begins = usize::try_from(self.begins).unwrap();
        String::from_utf8_lossy(&bytes[begins..]).into_owned()
    }
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
}

/// A test that fails leaves no daemon behind.
impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until it holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ids are of chance: each is shown by its turn. Trailing blanks are nothing.
pub fn plain(text: &str) -> String {
    let mut seen: Vec<String> = Vec::new();
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let id = rest
            .get(..36)
            .filter(|id| uuid::Uuid::parse_str(id).is_ok());
        if let Some(id) = id {
            let turn = seen.iter().position(|s| s == id).unwrap_or_else(|| {
                seen.push(id.to_owned());
                seen.len() - 1
            });
            out.push_str(&format!("id-{turn}"));
            rest = &rest[36..];
        } else {
            let c = rest.chars().next().unwrap();
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    let lines: Vec<_> = out.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// What the API answers over the socket, headers and all.
pub fn over(socket: &Path, path: &str) -> String {
    let asked = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    exchange(socket, &asked).unwrap()
}

/// What the API answers to a request, if it comes whole.
fn call(
    socket: &Path,
    method: &str,
    path: &str,
    body: Option<&Value>,
    key: &str,
) -> Result<(u16, Value), Error> {
    let bad = |what: &str| Error::other(what.to_owned());
    let body = body.map(Value::to_string).unwrap_or_default();
    let length = body.len();
    let key = match key {
        "" => String::new(),
        key => format!("idempotency-key: {key}\r\n"),
    };
    let answer = exchange(
        socket,
        &format!(
            "{method} {path} HTTP/1.1\r\nhost: raotin\r\nconnection: close\r\ncontent-type: application/json\r\n{key}content-length: {length}\r\n\r\n{body}"
        ),
    )?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or_else(|| bad("no head"))?;
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
    let value = serde_json::from_str(body).unwrap_or_else(|_| json!(body));
    Ok((status, value))
}

fn exchange(socket: &Path, request: &str) -> Result<String, Error> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
