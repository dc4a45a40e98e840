//! A bad edit keeps the last good configuration running, and whoever looks is told: the log,
//! `/readyz`, `/metrics`, the API and every command, in the reader's language; over a restart, and
//! where a command serves itself. It is gone when a good edit follows.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod program;

use program::{CONFIG, Office, over, plain, until};
use rustix::process::Signal;

fn bad() -> String {
    CONFIG.replace(
        "platform = \"facebook-page\"",
        "platform = \"facebok-page\"",
    )
}

/// What a command complains of although it ends well.
fn beside(office: &Office, args: &[&str]) -> String {
    let output = office.run(args);
    assert!(output.status.success(), "{args:?}");
    plain(&String::from_utf8(output.stderr).unwrap())
}

#[test]
fn it_is_told_everywhere_and_gone_when_a_good_one_follows() {
    let office = Office::new();
    let daemon = office.serve();
    let ready = || over(&office.socket(), "/readyz");
    until("it is ready", || ready().contains("200 OK"));
    assert!(!ready().contains("configuration"), "{}", ready());

    // Seen by itself, as an editor saves it.
    office.write("raotin.toml", &bad());
    until("the bad edit is seen", || ready().contains("configuration"));
    let told = ready();
    assert!(
        told.contains("200 OK") && told.contains("facebok-page"),
        "{told}"
    );
    let metrics = over(&office.socket(), "/metrics");
    assert!(
        metrics.contains("raotin_configuration_refused 1"),
        "{metrics}"
    );
    until("the log tells it", || {
        let log = daemon.log();
        log.contains("facebok-page") && log.contains("the former one stays in force")
    });
    insta::assert_snapshot!(beside(&office, &["queue"]), @"raotin: Các tệp cấu hình đang có 1 lỗi nên chưa được dùng; bản tốt gần nhất vẫn đang chạy. raotin.toml:11: «platform» không thể là «facebok-page»; có phải là «facebook-page» không? (Xem tất cả: raotin check)");
    insta::assert_snapshot!(beside(&office, &["--lang", "en", "queue"]), @"raotin: The configuration's files do not hold and the last good ones stay in force. raotin.toml:11: «platform» cannot be «facebok-page»; did you mean «facebook-page»? (See: raotin check)");
    let today = office.json(&["show"]);
    assert!(
        today["refused"][0]
            .as_str()
            .unwrap()
            .contains("facebok-page")
    );

    // It goes on with what was good.
    assert!(
        office
            .says(&["add", "--title", "Vẫn chạy"])
            .contains("2 lượt")
    );

    // Over a restart, and where no daemon runs.
    assert_eq!(daemon.stop(), Some(0));
    assert!(beside(&office, &["queue"]).contains("facebok-page"));
    let daemon = office.serve();
    assert!(daemon.log().contains("the last good one is in force"));
    assert!(ready().contains("facebok-page"));

    office.write("raotin.toml", CONFIG);
    daemon.signal(Signal::HUP);
    until("the good edit is seen", || {
        !ready().contains("configuration")
    });
    assert_eq!(beside(&office, &["queue"]), "");
    assert_eq!(office.json(&["show"])["refused"], serde_json::json!([]));
    assert!(over(&office.socket(), "/metrics").contains("raotin_configuration_refused 0"));
    assert_eq!(daemon.stop(), Some(0));
}
