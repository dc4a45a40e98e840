//! What a person asks for at the command line, of the real program with its real daemon: answering
//! for missed firings, letting a turn pass, taking down, making the index anew, going on after a loss,
//! reading the configuration again.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod program;
mod store_kit;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use program::{CONFIG, Office, until};
use raotin::clock::{Clock, MachineClock};
use raotin::model::{By, Commit, Event};
use rustix::process::Signal;

/// An office that was last there two days ago, with an hourly schedule that asks. Half an hour is left
/// until its next firing: none comes while a test looks.
fn long_away() -> Office {
    let office = Office::new();
    let now = MachineClock.now();
    let later = now + SignedDuration::from_mins(30);
    let cron = format!("{} * * * *", TimeZone::UTC.to_datetime(later).minute());
    office.write(
        "schedules/gio.toml",
        &format!("cron = \"{cron}\"\nchannels = [\"trang\"]\nmissed = \"ask\"\n"),
    );
    let then = now - SignedDuration::from_hours(48);
    let mut seen = Commit::new(then, By::Daemon);
    seen.events.push(Event::ScheduleSeen {
        schedule: "gio".parse().unwrap(),
        cron,
        zone: "Asia/Ho_Chi_Minh".to_owned(),
        known_since: seen.at,
    });
    let store = store_kit::open(&office.data());
    store_kit::commit_all(&store, &[seen])[0].as_ref().unwrap();
    store.close();
    office
}

/// The state of a channel's first share.
fn state(office: &Office, channel: &str) -> String {
    let shares = office.json(&["shares", "--channel", channel]);
    shares[0]["state"].as_str().unwrap().to_owned()
}

fn asked(office: &Office) -> u64 {
    let schedules = office.json(&["schedules"]);
    schedules[0]["asked"]["count"].as_u64().unwrap_or(0)
}

#[test]
fn a_missed_firing_is_fired_when_a_person_says_so() {
    let office = long_away();
    office.says(&["add", "--title", "Tin sáng", "--channel", "trang"]);
    let daemon = office.serve();
    until("it asks", || asked(&office) > 0);
    assert_eq!(asked(&office), 48);
    let today = office.says(&["show"]);
    assert!(today.contains("raotin schedules --fire gio"), "{today}");
    assert_eq!(state(&office, "trang"), "waiting");
    insta::assert_snapshot!(office.says(&["schedules", "--fire", "gio"]), @"Đã chạy lịch.");
    until("it is out", || state(&office, "trang") == "shared");
    assert_eq!(asked(&office), 0);
    let (code, err) = office.fails(&["schedules", "--fire", "gio"]);
    assert_eq!(code, Some(3));
    insta::assert_snapshot!(err, @"raotin: Không có câu hỏi nào về lịch đăng gio.");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn missed_firings_are_passed_over_when_a_person_says_so() {
    let office = long_away();
    office.says(&["add", "--title", "Tin sáng", "--channel", "trang"]);
    let daemon = office.serve();
    until("it asks", || asked(&office) > 0);
    insta::assert_snapshot!(office.says(&["schedules", "--skip", "gio"]), @"Đã bỏ qua.");
    assert_eq!(asked(&office), 0);
    assert_eq!(daemon.stop(), Some(0));
    // Answered for good: the next start asks no more.
    let daemon = office.serve();
    until("it has looked", || {
        program::over(&office.socket(), "/readyz").contains("200 OK")
    });
    assert_eq!(
        (asked(&office), state(&office, "trang").as_str()),
        (0, "waiting")
    );
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_turn_can_be_let_pass() {
    let office = Office::new();
    for title in ["Một", "Hai", "Ba"] {
        office.says(&["add", "--title", title, "--channel", "trang"]);
    }
    let titles = || -> Vec<String> {
        let queue = office.json(&["queue", "--channel", "trang"]);
        let title = |s: &serde_json::Value| s["title"].as_str().unwrap().to_owned();
        queue.as_array().unwrap().iter().map(title).collect()
    };
    let first = office.json(&["queue", "--channel", "trang"]);
    let first = first[0]["id"].as_str().unwrap();
    insta::assert_snapshot!(office.says(&["move", first, "--skip"]), @"Đã bỏ qua.");
    assert_eq!(titles(), ["Hai", "Ba", "Một"]);
    // One that has a time gives it up.
    let first = office.json(&["queue", "--channel", "trang"]);
    let first = first[0]["id"].as_str().unwrap();
    office.says(&["move", first, "--at", "2099-12-31 07:30"]);
    assert_eq!(titles(), ["Ba", "Một"]);
    office.says(&["move", first, "--skip"]);
    assert_eq!(titles(), ["Ba", "Một", "Hai"]);
    assert_eq!(office.fails(&["move", first, "--skip", "--top"]).0, Some(2));
}

#[test]
fn what_is_out_can_be_taken_down_and_stays_counted() {
    let office = Office::new();
    office.says(&["add", "--title", "Nhầm", "--channel", "nhom"]);
    let hand = office.share("nhom");
    office.says(&["move", &hand, "--at", "2099-12-31 07:30"]);
    office.says(&["retry", &hand, "--by-hand"]);
    let (code, _) = office.fails(&["remove", &hand]);
    assert_eq!(code, Some(3), "nothing is out yet");
    let link = "https://www.facebook.com/groups/tinbackan/posts/123/";
    office.says(&["done", &hand, "--link", link]);

    let daemon = office.serve();
    // A group has no API: a person is asked, and may give it up.
    office.says(&["remove", &hand, "--reason", "đăng nhầm"]);
    let share = || office.json(&["shares", "--channel", "nhom"])[0].clone();
    assert_eq!(share()["removal"], "by-hand", "{}", share());
    office.says(&["remove", &hand, "--keep"]);
    assert!(share()["removal"].is_null());
    assert_eq!(office.fails(&["remove", &hand, "--done"]).0, Some(3));
    let article = share()["article"].as_str().unwrap().to_owned();
    office.says(&["remove", &article]);
    assert!(office.says(&["todo"]).contains("Nhầm"));
    insta::assert_snapshot!(office.says(&["remove", &hand, "--done"]), @"Đã ghi nhận: đã gỡ.");
    assert_eq!(share()["state"], "removed");
    let counts = office.says(&["counts", "--format", "csv"]);
    assert!(counts.contains("total,,1,1,0,1,0,0,1"), "{counts}");
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn the_index_is_made_anew_while_no_daemon_runs() {
    let office = Office::new();
    office.says(&["add", "--title", "Tin"]);
    let daemon = office.serve();
    let (code, err) = office.fails(&["rebuild"]);
    assert_eq!(code, Some(4));
    assert!(err.contains("raotin serve"), "{err}");
    assert_eq!(daemon.stop(), Some(0));
    let queue = office.says(&["queue"]);
    insta::assert_snapshot!(office.says(&["rebuild"]), @"Đã dựng lại chỉ mục từ sổ ghi.");
    assert_eq!(office.says(&["queue"]), queue);
    assert!(office.says(&["verify"]).contains("1 bài"));
}

#[test]
fn after_a_loss_nothing_goes_on_before_a_person_accepts_it() {
    let office = Office::new();
    office.says(&["add", "--title", "Còn lại", "--channel", "trang"]);
    office.says(&["add", "--title", "Sẽ mất", "--channel", "trang"]);
    let segment = office.data().join("ledger/000001.jsonl");
    let bytes = std::fs::read(&segment).unwrap();
    let last = bytes[..bytes.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap();
    std::fs::write(&segment, &bytes[..=last]).unwrap();

    for command in [&["queue"][..], &["serve"], &["rebuild"]] {
        let (code, err) = office.fails(command);
        assert_eq!(code, Some(5), "{command:?}: {err}");
        assert!(err.contains("raotin recover"), "{command:?}: {err}");
    }
    let (code, err) = office.fails(&["recover"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--accept-loss"), "{err}");
    assert!(
        office
            .says(&["recover", "--accept-loss"])
            .contains("raotin resume --all")
    );
    let queue = office.says(&["queue"]);
    assert!(
        queue.contains("Còn lại") && !queue.contains("Sẽ mất"),
        "{queue}"
    );
    assert!(office.says(&["show"]).contains("tạm dừng"));
    office.says(&["resume", "--all"]);
    assert!(office.says(&["verify"]).starts_with("Mọi thứ đúng"));
}

#[test]
fn a_hangup_reads_the_configuration_again() {
    let office = Office::new();
    let daemon = office.serve();
    let file = office.path("raotin.toml");
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    // Of the same length and time, so that nothing but the signal tells of it.
    std::fs::write(&file, CONFIG.replace("Tin Bắc Kạn", "Tin Bắc Cạn")).unwrap();
    let opened = std::fs::File::options().append(true).open(&file).unwrap();
    opened.set_modified(before).unwrap();
    assert!(office.says(&["channels"]).contains("Tin Bắc Kạn"));
    daemon.signal(Signal::HUP);
    until("it is read", || {
        office.says(&["channels"]).contains("Tin Bắc Cạn")
    });
    until("it is told", || {
        daemon.log().contains("the configuration was read again")
    });
    assert_eq!(daemon.stop(), Some(0));
}

#[test]
fn a_check_of_channels_speaks_the_readers_language() {
    let office = Office::new();
    let webhook = "[[channels]]\nid = \"web\"\ntitle = \"Web\"\nplatform = \"webhook\"\n\
                   [channels.webhook]\nurl = \"http://10.0.0.7/hook\"\nsecret = { file = \"hook\" }\n";
    office.write("raotin.toml", &format!("{CONFIG}{webhook}"));
    office.write("hook", "whsec_c2VjcmV0LW9mLXRoZS1vZmZpY2UtMDEyMzQ1");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(office.path("hook"), mode).unwrap();
    insta::assert_snapshot!(office.says(&["channels", "--check"]), @r"
    web: ghi chú: Ký bằng 1 khóa. Webhook không thử được nếu không đăng thật.
    web: lưu ý: Địa chỉ là http, ai trên đường truyền cũng đọc được nội dung. Hãy dùng https nếu bên nhận có.
    Không nền tảng nào báo lỗi.
    ");
    insta::assert_snapshot!(office.says(&["--lang", "en", "channels", "--check"]), @r"
    web: note: Signed with 1 secret(s). A webhook cannot be tried without posting.
    web: warning: The address is plain http: everybody on the way can read what is sent. Use https if the receiver has it.
    No platform complains.
    ");
}

#[test]
fn what_the_system_says_is_said_in_the_readers_language_first() {
    let office = Office::new();
    let (code, err) = office.fails(&["import", "khong-co.csv"]);
    assert_eq!(code, Some(2));
    insta::assert_snapshot!(err, @"raotin: Không đọc được khong-co.csv: không có tệp hay thư mục này (No such file or directory (os error 2))");
    office.write("schedules/sai.toml", "cron = 0 7 * * *\n");
    let checked = office.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1));
    insta::assert_snapshot!(program::plain(&String::from_utf8(checked.stdout).unwrap()), @"schedules/sai.toml:1: dòng này không đúng cú pháp TOML: chữ phải để trong dấu nháy kép (string values must be quoted, expected literal string); hãy sửa lại");
}

#[test]
fn feeds_are_listed_looked_at_and_found() {
    let office = Office::new();
    assert!(office.says(&["feeds"]).contains("raotin feeds --find"));
    let feed =
        "[[feeds]]\nid = \"cong\"\ntitle = \"Cổng huyện\"\nurl = \"http://127.0.0.1:8480/rss\"\n";
    office.write("raotin.toml", &format!("{CONFIG}\n{feed}"));
    let listed = office.json(&["feeds"]);
    assert_eq!(
        (
            &listed[0]["id"],
            &listed[0]["standing"],
            &listed[0]["trouble"]
        ),
        (&"cong".into(), &"on".into(), &serde_json::Value::Null)
    );
    // It lies in the own network, and nobody allowed that: the table says so, and what to do.
    let looked = office.says(&["feeds", "--check"]);
    assert!(
        looked.contains("Cổng huyện") && looked.contains("allow"),
        "{looked}"
    );
    let (code, err) = office.fails(&["feeds", "--check", "cogn"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("cong"), "{err}");
    let (code, err) = office.fails(&["feeds", "--find", "http://127.0.0.1:8480/"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("allow"), "{err}");
}

/// A website of one page, which names its feed.
fn website() -> u16 {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 2048];
            let read = stream.read(&mut request).unwrap_or(0);
            let asked = String::from_utf8_lossy(&request[..read]).into_owned();
            let (kind, body) = match asked.split(' ').nth(1) {
                Some("/tin.xml") => (
                    "application/rss+xml",
                    "<rss version=\"2.0\"><channel><title>Tin Chợ Đồn</title><item><title>Tiêm phòng</title>\
                     <guid>1</guid><description>Sáng mai.</description></item></channel></rss>",
                ),
                _ => (
                    "text/html; charset=utf-8",
                    "<html><head><title>Cổng</title><link rel=\"alternate\" type=\"application/rss+xml\" \
                     title=\"Tin Chợ Đồn\" href=\"/tin.xml\"></head><body></body></html>",
                ),
            };
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body.as_bytes());
        }
    });
    port
}

#[test]
fn a_feed_is_found_added_looked_at_changed_and_retired() {
    let office = Office::new();
    let allowed = "[fetch]\nallow = [\"127.0.0.1\"]\n";
    office.write("raotin.toml", &format!("{CONFIG}\n{allowed}"));
    let port = website();
    let found = office.says(&["feeds", "--find", &format!("http://127.0.0.1:{port}/")]);
    let url = format!("http://127.0.0.1:{port}/tin.xml");
    assert!(
        found.contains("Tin Chợ Đồn") && found.contains(&url),
        "{found}"
    );
    let found = office.json(&["feeds", "--find", &url]);
    assert_eq!(found[0]["url"], url.as_str(), "a feed's own address does");
    let (title, at) = ("title=Cổng huyện", format!("url={url}"));
    office.says(&[
        "feeds",
        "add",
        "cong",
        title,
        &at,
        "channels=nhom",
        "max_per_day=3",
    ]);
    let looked = office.json(&["feeds", "--check", "cong"]);
    assert_eq!(
        (&looked[0]["taken"], &looked[0]["max_per_day"]),
        (&1.into(), &3.into())
    );
    assert_eq!(looked[0]["channels"], serde_json::json!(["nhom"]));
    office.says(&[
        "feeds",
        "edit",
        "cong",
        "max_per_day=",
        "words=tiêm phòng, nước",
    ]);
    let listed = office.json(&["feeds"]);
    assert_eq!(listed[0]["max_per_day"], serde_json::Value::Null);
    let file = std::fs::read_to_string(office.path("raotin.toml")).unwrap();
    assert!(
        file.contains("words = [\"tiêm phòng\", \"nước\"]"),
        "{file}"
    );
    // An article that was typed in a hurry takes its title from the page it leads to.
    let added = office.json(&["add", "Mời bà con xem", "-c", "nhom"]);
    let id = added["article"].as_str().unwrap();
    let page = format!("http://127.0.0.1:{port}/");
    office.says(&["edit", id, "--link", &page, "--fetch"]);
    let shown = office.json(&["show", id]);
    assert_eq!(
        (&shown["article"]["title"], &shown["article"]["text"]),
        (&"Cổng".into(), &"Mời bà con xem".into())
    );
    // What it feeds is not taken from under it.
    let (code, err) = office.fails(&["channels", "retire", "nhom"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("cong"), "{err}");
    office.says(&["feeds", "retire", "cong"]);
    let listed = office.json(&["feeds"]);
    assert_eq!(
        (&listed[0]["standing"], &listed[0]["taken"]),
        (&"gone".into(), &1.into())
    );
}

#[test]
fn the_configuration_is_changed_by_commands_with_a_daemon_and_without() {
    let office = Office::new();
    let file = |name: &str| std::fs::read_to_string(office.path(name)).unwrap();
    let daemon = office.serve();
    let new = [
        "channels",
        "add",
        "atk",
        "title=ATK Chợ Đồn",
        "platform=facebook-group",
    ];
    insta::assert_snapshot!(office.says(&new), @"Đã lưu, có hiệu lực ngay.");
    office.says(&["add", "--title", "Tin", "--channel", "atk"]);
    assert_eq!(state(&office, "atk"), "waiting");
    let when = [
        "schedules",
        "add",
        "sang",
        "cron=30 7 * * 1-5",
        "channels=atk, nhom",
    ];
    office.says(&when);
    office.says(&["schedules", "disable", "sang"]);
    insta::assert_snapshot!(file("schedules/sang.toml"), @r#"
    cron = "30 7 * * 1-5"
    channels = ["atk", "nhom"]
    enabled = false
    "#);
    let (code, err) = office.fails(&["channels", "edit", "atk", "hours=6-7"]);
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("raotin.toml:"), "{err}");
    let (code, err) = office.fails(&["channels", "edit", "atk", "max_per_day=ba"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("số nguyên"), "{err}");
    let (code, err) = office.fails(&["channels", "edit", "atk", "max_per_dya=3"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("max_per_day"), "{err}");
    let (code, err) = office.fails(&["channels", "retire", "atk"]);
    assert_eq!(code, Some(3));
    assert!(err.contains("lịch đăng sang"), "{err}");
    office.says(&["channels", "retire", "atk", "--mend"]);
    assert_eq!(file("raotin.toml"), CONFIG, "as if nothing had been");
    assert_eq!(daemon.stop(), Some(0));
    // Without a daemon the command does it itself.
    office.says(&["topics", "add", "y-te", "title=Y tế", "channels=nhom"]);
    office.says(&["groups", "add", "tat-ca", "channels=trang,nhom"]);
    office.says(&["settings", "grace=1h"]);
    assert!(office.says(&["topics"]).contains("Y tế"));
    assert!(office.says(&["settings"]).contains("1h"));
    let changes = office.says(&["settings", "--changes", "--limit", "3"]);
    for told in [
        "Sửa cài đặt của cơ quan",
        "grace = \"1h\"",
        "Thêm chủ đề Y tế",
    ] {
        assert!(changes.contains(told), "{told}: {changes}");
    }
    office.says(&["member", "add", "lan", "--role", "officer"]);
    assert!(office.says(&["member", "link", "lan"]).contains("/link/"));
}
