//! Promise: `raotin connect` ends with a channel that works, or with nothing written; comments stay,
//! and a secret stands in its own file and nowhere else.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod fakes;

use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use fakes::bluesky::{self as sky, FakeBluesky};
use fakes::facebook::{self as fb, FakeFacebook};
use fakes::mastodon::{self as masto, FakeMastodon};
use fakes::matrix::{self as mx, FakeMatrix};
use fakes::place::Place;
use fakes::telegram::{self as tg, FakeTelegram};
use fakes::wordpress::{self as wp, FakeWordpress};
use raotin::clock::MachineClock;

const MAIN: &str = r#"# Văn phòng huyện
[office]   # khoảng trắng   và chú thích ở nguyên chỗ
name = "Huyện Chợ Đồn"

[[channels]]
id = "nhom"
title = "Tin Bắc Kạn"     # nhóm công khai
platform = "facebook-group"

[[topics]]
id = "y-te"
title = "Y tế"
# chú thích cuối"#;

struct Office(tempfile::TempDir);

impl Office {
    fn new() -> Office {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("raotin.toml"), MAIN).unwrap();
        Office(folder)
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn main(&self) -> String {
        std::fs::read_to_string(self.path("raotin.toml")).unwrap()
    }
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_raotin"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env_clear()
            .env("LANG", "en_US.UTF-8");
        command
    }
    fn run(&self, args: &[&str], typed: &str) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may end before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        child.wait_with_output().unwrap()
    }
    /// Connects, and looks at all that was left behind.
    fn connects(
        &self,
        platform: &str,
        server: &str,
        typed: &str,
        secrets: &[(&str, &str)],
    ) -> String {
        let output = self.run(&["connect", platform, "--server", server], typed);
        let said = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}\n{err}");
        let main = self.main();
        let (head, tail) = MAIN.split_at(MAIN.find("\n[[topics]]").unwrap());
        assert!(main.starts_with(head) && main.ends_with(tail), "{main}");
        for (name, secret) in secrets {
            let path = self.path(&format!("secrets/{platform}-{name}"));
            assert_eq!(std::fs::read_to_string(&path).unwrap().trim(), *secret);
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            for text in [&said, &err, &main] {
                assert!(!text.contains(secret), "{text}");
            }
        }
        let checked = self.run(&["check"], "");
        let told = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success(), "{told}");
        main[head.len()..main.len() - tail.len()].trim().to_owned()
    }
    fn fails(&self, args: &[&str], typed: &str) -> (Option<i32>, String) {
        let output = self.run(args, typed);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(self.main(), MAIN, "something was written");
        let secrets = std::fs::read_dir(self.path("secrets"));
        assert!(secrets.is_err() || secrets.unwrap().next().is_none());
        (output.status.code(), said + &err)
    }
}

fn server(place: &dyn Place) -> String {
    place.server().base_url().to_string()
}

#[test]
fn bluesky() {
    let fake = FakeBluesky::start(Arc::new(MachineClock));
    let typed = format!("@{}\n{}\n", sky::HANDLE, sky::PASSWORD);
    let url = server(&fake);
    let made = Office::new().connects("bluesky", &url, &typed, &[("password", sky::PASSWORD)]);
    insta::assert_snapshot!(made.replace(&url, "http://server/"), @r#"
    [[channels]]
    id = "bluesky"
    title = "Bluesky @chodon.test"
    platform = "bluesky"

    [channels.bluesky]
    handle = "chodon.test"
    base_url = "http://server/"
    password = { file = "secrets/bluesky-password" }
    "#);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn mastodon() {
    let fake = FakeMastodon::start(Arc::new(MachineClock));
    let typed = format!("{}\n", masto::CODE);
    let made = Office::new().connects(
        "mastodon",
        &server(&fake),
        &typed,
        &[("token", masto::TOKEN)],
    );
    assert!(made.contains("[channels.mastodon]\nbase_url = "), "{made}");
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn telegram() {
    let fake = FakeTelegram::start(Arc::new(MachineClock));
    let typed = format!("{}\n1\n", tg::TOKEN);
    let made = Office::new().connects("telegram", &server(&fake), &typed, &[("token", tg::TOKEN)]);
    assert!(made.contains("title = \"Tin Bắc Kạn\""), "{made}");
    assert!(made.contains("chat = \"@tinbackan\""), "{made}");
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn facebook_page() {
    let fake = FakeFacebook::start(Arc::new(MachineClock));
    let typed = format!("{}\n{}\n{}\n\n", fb::APP_ID, fb::APP_SECRET, fb::USER_TOKEN);
    let secrets = [("token", fb::TOKEN), ("app-secret", fb::APP_SECRET)];
    let office = Office::new();
    let made = office.connects("facebook-page", &server(&fake), &typed, &secrets);
    assert!(made.contains(&format!("page = \"{}\"", fb::PAGE)), "{made}");
    assert!(
        !made.contains(fb::USER_TOKEN),
        "a person's own token is kept nowhere"
    );
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn matrix() {
    let fake = FakeMatrix::start(Arc::new(MachineClock));
    let typed = format!("raotin\n{}\n1\n", mx::PASSWORD);
    let office = Office::new();
    let made = office.connects("matrix", &server(&fake), &typed, &[("token", mx::TOKEN)]);
    assert!(made.contains("[channels.matrix]"), "{made}");
    assert!(!made.contains(mx::PASSWORD));
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn wordpress() {
    let fake = FakeWordpress::start(Arc::new(MachineClock));
    let typed = format!("{}\n{}\n", wp::USER, wp::PASSWORD);
    let secrets = [("password", wp::PASSWORD)];
    let made = Office::new().connects("wordpress", &server(&fake), &typed, &secrets);
    assert!(made.contains(&format!("user = \"{}\"", wp::USER)), "{made}");
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[test]
fn what_does_not_work_is_not_written() {
    let office = Office::new();
    let fake = FakeBluesky::start(Arc::new(MachineClock));
    let url = server(&fake);
    let args = ["connect", "bluesky", "--server", &url];
    let typed = format!("{}\nwrong-password\n", sky::HANDLE);
    let (code, said) = office.fails(&args, &typed);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("✗") && said.contains("nothing was written"),
        "{said}"
    );
    assert!(!said.contains("wrong-password"), "{said}");
    // nothing more is typed
    let (code, said) = office.fails(&args, "");
    assert_eq!(code, Some(2), "{said}");
    // nobody answers
    fake.server.refuse();
    let (code, said) = office.fails(&args, &format!("{}\n{}\n", sky::HANDLE, sky::PASSWORD));
    assert_eq!(code, Some(1), "{said}");
    // the id is another's
    let (code, said) = office.fails(&["connect", "telegram", "--id", "nhom"], "");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("nhom"), "{said}");
    let (code, _) = office.fails(&["connect", "telegram", "--id", "Nhóm"], "");
    assert_eq!(code, Some(2));
}

#[test]
fn a_second_one_has_another_name_and_somebodys_secret_stays() {
    let fake = FakeTelegram::start(Arc::new(MachineClock));
    let office = Office::new();
    let url = server(&fake);
    let typed = format!("{}\n1\n", tg::TOKEN);
    office.connects("telegram", &url, &typed, &[("token", tg::TOKEN)]);
    let before = office.main();
    std::fs::write(office.path("secrets/telegram-2-token"), "another's").unwrap();
    let args = [
        "connect",
        "telegram",
        "--server",
        &url,
        "--title",
        "Kênh \"hai\"",
    ];
    let output = office.run(&args, &typed);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(office.main(), before);
    std::fs::remove_file(office.path("secrets/telegram-2-token")).unwrap();
    assert!(office.run(&args, &typed).status.success());
    assert!(
        office
            .main()
            .contains("id = \"telegram-2\"\ntitle = 'Kênh \"hai\"'"),
        "{}",
        office.main()
    );
}

#[test]
fn a_terminal_shows_no_secret() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let fake = FakeBluesky::start(Arc::new(MachineClock));
    let office = Office::new();
    let controller = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&controller).unwrap();
    unlockpt(&controller).unwrap();
    let name = ptsname(&controller, Vec::new()).unwrap();
    let open = || {
        std::fs::File::options()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap()
    };
    let url = server(&fake);
    let mut child = office
        .command(&["connect", "bluesky", "--server", &url])
        .stdin(open())
        .stdout(open())
        .stderr(open())
        .spawn()
        .unwrap();
    let mut terminal = std::fs::File::from(controller);
    let mut shown = String::new();
    let mut until = |terminal: &mut std::fs::File, words: &str| {
        let mut buffer = [0; 4096];
        while !shown.contains(words) {
            let n = terminal.read(&mut buffer).unwrap();
            shown.push_str(&String::from_utf8_lossy(&buffer[..n]));
        }
        shown.clone()
    };
    until(&mut terminal, "bsky.social: ");
    terminal
        .write_all(format!("{}\n", sky::HANDLE).as_bytes())
        .unwrap();
    until(&mut terminal, "(not shown): ");
    // with a letter too many, taken back
    terminal
        .write_all(format!("{}ộ\u{7f}\n", sky::PASSWORD).as_bytes())
        .unwrap();
    let shown = until(&mut terminal, "is connected");
    assert!(child.wait().unwrap().success(), "{shown}");
    assert!(shown.contains(sky::HANDLE), "{shown}");
    assert!(
        !shown.contains(sky::PASSWORD) && !shown.contains(&sky::PASSWORD[..4]),
        "{shown}"
    );
    let kept = std::fs::read_to_string(office.path("secrets/bluesky-password")).unwrap();
    assert_eq!(kept.trim(), sky::PASSWORD);
}
