//! The real program in an office's folder of its own: its commands, its daemon, what they say.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "no test uses all of it; for tests alone"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
        let folder = tempfile::tempdir().unwrap();
        let office = Self(folder);
        std::fs::create_dir(office.path("schedules")).unwrap();
        office.write("raotin.toml", CONFIG);
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
    pub fn json(&self, args: &[&str]) -> serde_json::Value {
        let output = self.run(&[&["--json"], args].concat());
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {err}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
    pub fn share(&self, channel: &str) -> String {
        let shares = self.json(&["shares", "--channel", channel]);
        shares[0]["id"].as_str().unwrap().to_owned()
    }
    pub fn serve(&self) -> Daemon {
        let mut child = self
            .command(&["serve"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let told = Arc::new(Mutex::new(String::new()));
        let mut line = String::new();
        while !line.contains("\"ready\"") {
            line.clear();
            assert!(
                log.read_line(&mut line).unwrap() > 0,
                "it ended: {}",
                told.lock().unwrap()
            );
            told.lock().unwrap().push_str(&line);
        }
        // Somebody must read on, or the daemon would wait for its log at last.
        let rest = told.clone();
        std::thread::spawn(move || {
            let mut line = String::new();
            while log.read_line(&mut line).is_ok_and(|n| n > 0) {
                rest.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Daemon { child, told }
    }
}

pub struct Daemon {
    child: Child,
    told: Arc<Mutex<String>>,
}

impl Daemon {
    pub fn stop(mut self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.child.wait().unwrap().code()
    }
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
        self.told.lock().unwrap().clone()
    }
}

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
    let mut stream = UnixStream::connect(socket).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
