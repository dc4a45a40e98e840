//! Promise: every command that the README shows to people does what it is shown for.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

use std::process::Command;

const README: &str = include_str!("../README.md");

/// The commands of the `console` blocks, in order.
fn commands() -> Vec<Vec<String>> {
    let mut shown = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            shown.push(words(
                line.strip_prefix("$ raotin ").expect("a command of ours"),
            ));
        }
    }
    shown
}

/// As a shell splits it: blanks, and double quotes.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (i, piece) in line.split('"').enumerate() {
        if i % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn its_commands_run_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let commands = commands();
    assert!(
        commands.len() > 15,
        "the README shows its commands: {}",
        commands.len()
    );
    for command in commands {
        let output = Command::new(env!("CARGO_BIN_EXE_raotin"))
            .args(&command)
            .current_dir(dir.path())
            .env("LANG", "vi_VN.UTF-8")
            .env_remove("RAOTIN_CONFIG")
            .env_remove("RAOTIN_DATA")
            .env_remove("RAOTIN_SOCKET")
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "raotin {command:?}: {said}");
        assert!(!output.stdout.is_empty(), "raotin {command:?} says nothing");
    }
}

#[test]
fn its_first_two_commands_are_the_demo_and_the_tests() {
    let first = README.split("```sh\n").nth(1).unwrap();
    assert!(first.starts_with("cargo run --release -- demo\ncargo test\n```"));
}

#[test]
fn the_files_it_names_are_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut links = README
        .split("](")
        .skip(1)
        .map(|rest| rest.split(')').next().unwrap());
    assert!(links.all(|link| root.join(link).exists()));
}
