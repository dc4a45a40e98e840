//! The real program: with a daemon its commands go over the socket, without one they serve themselves,
//! one at a time; what they say is in the reader's language, and their exit codes tell how it ended.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod program;

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use program::{Office, over};
use raotin::store::lock::Lock;

#[test]
fn what_it_says_in_both_languages() {
    let office = Office::new();
    let add = [
        "add",
        "Sáng thứ Ba, tại trạm y tế.",
        "--title",
        "Tiêm phòng đợt 2",
    ];
    insta::assert_snapshot!(office.says(&add), @"Đã thêm bài id-0: 2 lượt chia sẻ.");
    let hand = office.share("nhom");
    insta::assert_snapshot!(office.says(&["queue"]), @r"
    Kênh   Thứ tự  Bài               Trạng thái      Lượt
    ─────────────────────────────────────────────────────────────────────────────────────
    trang       1  Tiêm phòng đợt 2  trong hàng chờ  id-0
    nhom        1  Tiêm phòng đợt 2  trong hàng chờ  id-1
    ");
    insta::assert_snapshot!(office.says(&["--lang", "en", "queue"]), @r"
    Channel  Place  Article           State         Share
    ────────────────────────────────────────────────────────────────────────────────────
    trang        1  Tiêm phòng đợt 2  in the queue  id-0
    nhom         1  Tiêm phòng đợt 2  in the queue  id-1
    ");
    insta::assert_snapshot!(office.says(&["channels"]), @r"
    Kênh   Tên          Nền tảng          Cách đăng  Đang chờ  Trạng thái
    ─────────────────────────────────────────────────────────────────────
    trang  Trang        Fanpage Facebook  đăng thử          1
    nhom   Tin Bắc Kạn  nhóm Facebook     thủ công          1
    ");
    insta::assert_snapshot!(office.says(&["preview", &hand]), @r"
    ── nhom ──
    Tiêm phòng đợt 2

    Sáng thứ Ba, tại trạm y tế.
    ");
    office.says(&["move", &hand, "--at", "2099-12-31 07:30"]);
    office.says(&["retry", &hand, "--by-hand"]);
    let link = "https://www.facebook.com/groups/tinbackan/posts/123/";
    insta::assert_snapshot!(office.says(&["done", &hand, "--link", link]), @"Đã ghi nhận: đã chia sẻ và đã tính. Hoàn tác được trong 60 giây (--undo).");
    insta::assert_snapshot!(office.says(&["counts"]), @r"
    Kênh         Lượt chia sẻ  Tin, bài  Tự động  Thủ công  Nhập cũ  Đã gỡ
    ──────────────────────────────────────────────────────────────────────
    Tin Bắc Kạn             1         1        0         1        0      0
    Tổng                    1         1        0         1        0      0
    ");
    insta::assert_snapshot!(office.says(&["--lang", "en", "counts"]), @r"
    Channel      Shares  Items  Automatic  By hand  Back-filled  Taken down
    ───────────────────────────────────────────────────────────────────────
    Tin Bắc Kạn       1      1          0        1            0           0
    Total             1      1          0        1            0           0
    ");
    insta::assert_snapshot!(office.says(&["counts", "--format", "csv"]), @r"
    channel,title,shares,items,auto,by_hand,back_filled,log,removed
    nhom,Tin Bắc Kạn,1,1,0,1,0,0,0
    total,,1,1,0,1,0,0,0
    ");
    insta::assert_snapshot!(office.says(&["upcoming"]), @"Không có gì sẽ đăng trong 7 ngày tới.");
    insta::assert_snapshot!(office.says(&["verify"]), @"Mọi thứ đúng: 5 lần ghi, 1 bài, 2 lượt, đã tính lại toàn bộ số liệu.");
}

#[test]
fn the_exit_code_tells_how_it_ended() {
    let office = Office::new();
    let (code, err) = office.fails(&["add", "x", "--channel", "trnag"]);
    assert_eq!(code, Some(3));
    insta::assert_snapshot!(err, @"raotin: Không có kênh “trnag”. Ý bạn là “trang”?");
    let nobody = "00000000-0000-7000-8000-000000000000";
    assert_eq!(office.fails(&["show", nobody]).0, Some(3));
    assert_eq!(office.fails(&["show", "x"]).0, Some(2));
    assert_eq!(office.fails(&["move", nobody]).0, Some(2));
    std::fs::write(office.0.path().join("bad.csv"), "title,at\nTin,hôm qua\n").unwrap();
    let (code, err) = office.fails(&["import", "bad.csv"]);
    assert_eq!(code, Some(1));
    insta::assert_snapshot!(err, @r"
    bad.csv:2: “hôm qua” không phải ngày giờ: hãy viết 28/8/2019, 28/8/2019 7:30 hoặc 7h30 28/8/2019.
    raotin: Có 1 dòng sai: chưa nhập gì. Hãy sửa, hoặc nhập các dòng còn lại bằng --skip-bad.
    ");
    let long = format!("/tmp/{}/raotin.sock", "x".repeat(100));
    let (code, err) = office.fails(&["--socket", &long, "queue"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("--socket"), "{err}");
    std::fs::write(office.0.path().join("raotin.toml"), "[office]\n").unwrap();
    std::fs::remove_dir_all(office.data()).unwrap();
    assert_eq!(office.fails(&["queue"]).0, Some(1));
    let empty = tempfile::tempdir().unwrap();
    let nowhere = Office(empty);
    let (code, err) = nowhere.fails(&["queue"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("raotin init"), "{err}");
    assert!(
        !nowhere.data().exists(),
        "a folder was made where no office is"
    );
}

#[test]
fn without_a_daemon_commands_serve_themselves_one_at_a_time() {
    let office = Office::new();
    let children: Vec<Child> = (0..4)
        .map(|i| {
            let title = format!("Tin {i}");
            let mut command = office.command(&["add", "--title", &title]);
            command.stdout(Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(
        office
            .says(&["queue", "--channel", "trang"])
            .lines()
            .count(),
        2 + 4
    );
}

#[test]
fn whoever_holds_the_data_too_long_is_named() {
    let office = Office::new();
    let _lock = Lock::take(&office.data(), "raotin rebuild").unwrap();
    let (code, err) = office.fails(&["--lang", "en", "queue"]);
    assert_eq!(code, Some(4));
    assert!(err.contains("raotin rebuild") && err.contains(&std::process::id().to_string()));
}

#[test]
fn with_a_daemon_commands_go_over_its_socket() {
    let office = Office::new();
    let daemon = office.serve();
    let mode = std::fs::metadata(office.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    office.says(&["add", "--title", "Qua socket"]);
    assert!(office.says(&["queue"]).contains("Qua socket"));
    assert!(office.says(&["verify"]).contains("1 bài"));

    // The example program speaks to it too; twice under one key adds once.
    let example = example();
    for _ in 0..2 {
        let ran = Command::new(&example)
            .arg(office.socket())
            .args(["Từ chương trình khác", "https://example.org/tin"])
            .output()
            .unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert!(ran.status.success(), "{answer}");
        assert_eq!(answer["shares"].as_array().unwrap().len(), 2);
    }
    let queue = office.says(&["queue", "--channel", "trang"]);
    assert_eq!(queue.matches("Từ chương trình khác").count(), 1);

    assert!(over(&office.socket(), "/readyz").contains("200 OK"));
    let metrics = over(&office.socket(), "/metrics");
    assert!(metrics.contains("raotin_shares_waiting 4"), "{metrics}");
    assert_eq!(daemon.stop(), Some(0));
    assert!(!office.socket().exists());
    assert!(office.says(&["queue"]).contains("Qua socket"));
}

#[test]
fn a_socket_that_a_dead_daemon_left_is_stale() {
    let office = Office::new();
    let daemon = office.serve();
    office.says(&["add", "--title", "Trước khi mất điện"]);
    daemon.kill();
    assert!(office.socket().exists());
    assert!(office.says(&["queue"]).contains("Trước khi mất điện"));
    assert!(!office.socket().exists());
    let daemon = office.serve();
    assert!(office.says(&["queue"]).contains("Trước khi mất điện"));
    assert_eq!(daemon.stop(), Some(0));
}

/// `examples/add_article.rs`, which cargo builds beside the tests.
fn example() -> PathBuf {
    let here = std::env::current_exe().unwrap();
    let target = here.parent().unwrap().parent().unwrap();
    let built = target.join("examples/add_article");
    assert!(
        built.exists(),
        "run all tests, or first: cargo build --examples"
    );
    built
}
