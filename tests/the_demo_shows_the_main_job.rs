//! Promise: `raotin demo` shows the main job, from queue to counts, and ends well; also when stopped.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn demo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_raotin"));
    command.args(["demo", "--lang", "vi"]).stdin(Stdio::null());
    command
}

#[test]
fn everything_goes_out_and_is_counted() {
    let output = demo().output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let lines = |word: &str| {
        said.lines()
            .filter(|l| l.get(10..).is_some_and(|l| l.starts_with(word)))
            .count()
    };
    assert_eq!(lines("đã đăng  "), 5, "{said}");
    assert_eq!(lines("đã đăng thử"), 5);
    assert_eq!(lines("chờ chia sẻ thủ công"), 10);
    assert_eq!(lines("đã chia sẻ"), 10);
    let total: Vec<&str> = said.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(total, ["Tổng", "20", "5", "5", "10", "5"]);
    assert!(!said.contains('\u{1b}'), "no colour off a terminal");
}

#[test]
fn ctrl_c_is_clean() {
    let mut child = demo().stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The first share is out: it is in the middle of its work.
    let first = lines.by_ref().nth(1).unwrap().unwrap();
    assert!(first.contains("đã đăng"), "{first}");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(child.wait().unwrap().success());
    assert!(rest.iter().any(|l| l.starts_with("Tổng")), "{rest:#?}");
}
