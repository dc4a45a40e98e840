//! `check` tells everything that is wrong at once: where, what, and what to do, in the reader's
//! language; and nothing that can be written makes it stumble.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use proptest::prelude::*;
use raotin::cli::check;
use raotin::config::{Env, Known, Problems, Redactor, Source, Sources};
use raotin::lang::Lang;
use raotin::model::{ChannelId, MemberId, PlatformKind, ScheduleId, TopicId};

fn now() -> jiff::Timestamp {
    "2026-11-23T00:00:00Z".parse().unwrap()
}

fn source(path: &str, text: &str) -> Source {
    Source {
        path: PathBuf::from(path),
        text: text.to_owned(),
    }
}

/// Problems of a configuration that lies in no folder.
fn problems_of(main: &str, schedules: &[(&str, &str)], known: &Known) -> Problems {
    let vars = [("TOKEN", "123456:AAbbccdd"), ("SHORT", "abc")];
    let env = Env::of(&vars, 0, &Redactor::default());
    let schedules = schedules.iter().map(|(path, text)| source(path, text));
    let sources = Sources::of(
        source("raotin.toml", main),
        schedules.collect(),
        "nowhere".into(),
    );
    match sources.check(&env, known, now()) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    }
}

fn told(problems: &Problems, lang: Lang) -> String {
    let lines: Vec<String> = problems.iter().map(|p| p.line_of_text(lang)).collect();
    lines.join("\n")
}

const BAD: &str = r#"
[office]
nmae = "Văn phòng"
zone = "Asia/HoChiMinh"
lang = "vn"
missed = "late "
grace = "2 hours"
default_channels = ["fanpgae", "zzz"]

[[channels]]
id = "fanpage"
title = "Fanpage"
platform = "facebook-page"
max_per_day = 0
hours = "08:00-08:00"
template = "{titel}\n{text}"
colour = "red"
[channels.facebook-page]
page = "thongtinhuyen"
token = "EAAB-very-secret"
base_url = "http://graph.facebook.com"

[[channels]]
id = "fanpage"
title = ""
platform = "facebok-page"
mode = "post"
after = "group"

[[channels]]
id = "group"
title = "Nhóm"
platform = "facebook-group"
mode = "post"
url = "facebook.com/groups/x"
max_per_day = 200
min_gap = "10m"
after = "chat"
topics = ["y-tế"]
assignees = ["lann"]

[[channels]]
id = "chat"
title = "Telegram"
platform = "telegram"
after = "group"
hand_within = "0s"
[channels.telegram]
chat = "thongtinhuyen"
token = { env = "SHORT" }
silent = "yes"
[channels.webhook]
url = "https://u:p@example.org/"
secret = [{ file = "missing" }, { env = "A", file = "b" }]

[[channels]]
id = "Chợ Đồn"
title = "x"
platform = "webhook"
approval = true
template = "{text"
[channels.webhook]
url = "https://example.org/"
secret = { env = "TOKEN" }

[[channels]]
id = "self"
title = "x"
platform = "other"
after = "self"
utm = { sorce = "x" }
template = "{text} xem{link}"

[[topics]]
id = "y-te"
title = "Y tế"
[[topics]]
id = "y-te"
title = "Y tế"

[[groups]]
id = "group"
channels = []
"#;

#[test]
fn one_look_tells_everything() {
    let known = Known {
        members: Some(vec![MemberId::new("lan").unwrap()]),
        ..Known::default()
    };
    let schedules = [
        (
            "schedules/Sáng.toml",
            "cron = \"30 7 * * 1-5\"\nchannels = [\"fanpage\"]\nspread = \"2d\"\n",
        ),
        (
            "schedules/a.toml",
            "cron = \"30 25 * * 1-5\"\nchannels = []\ntake = 0\nfoo = 1\n",
        ),
        (
            "schedules/b.toml",
            "cron = \"*/5 * * * *\"\nchannels = [\"self\"]\nspread = \"20m\"\nenabled = \"no\"\n",
        ),
        (
            "schedules/c.toml",
            "cron = \"0 0 7 1 1 * 2020\"\nchannel = [\"self\"]\n",
        ),
        (
            "schedules/d.toml",
            "cron = \"0 7 30 2 *\"\nchannels = 7\ntopics = [\"yte\"]\n",
        ),
        (
            "schedules/e.toml",
            "cron = \"0 7 * * *\nchannels = [\"self\"]\nzone = 7 7\ntake = -1\n",
        ),
    ];
    let problems = problems_of(BAD, &schedules, &known);
    insta::assert_snapshot!(told(&problems, Lang::En), @r#"
    raotin.toml:2: «name» is missing; add it
    raotin.toml:3: nobody knows the key «nmae»; did you mean «name»?
    raotin.toml:4: there is no time zone «Asia/HoChiMinh»; did you mean «Asia/Ho_Chi_Minh»?
    raotin.toml:5: «lang» cannot be «vn»; did you mean «vi»?
    raotin.toml:6: «missed» cannot be «late »; did you mean «late»?
    raotin.toml:7: «grace» must be a duration, not "2 hours"; write for example "90s", "20m", "2h" or "7d"
    raotin.toml:8: there is no channel or group «fanpgae»; did you mean «fanpage»?
    raotin.toml:8: there is no channel or group «zzz»; there are: fanpage, group, chat, self
    raotin.toml:14: max_per_day = 0 lets nothing out, ever; write at least 1, or pause the channel with `raotin pause fanpage`
    raotin.toml:15: these hours open and close at the same minute; for the whole day leave «hours» out
    raotin.toml:16: a template knows no {titel}; did you mean {title}? (line 1, character 1 of the template)
    raotin.toml:17: nobody knows the key «colour»; known here are: id, title, platform, mode, account, url, approval, max_per_day, min_gap, repeat_after, hours, after, link, hand_within, template, utm, topic, topics, assignees, settle_after, settle_gap, webhook, telegram, facebook-page, bluesky, mastodon, matrix, wordpress
    raotin.toml:19: this is no Page id; write its number, from the Page's About
    raotin.toml:20: «token» is a secret and must not stand in this file; put it elsewhere and write { env = "NAME" }, { file = "path" } or { credential = "name" }. If it was real, have it changed
    raotin.toml:21: «base_url» goes to graph.facebook.com unencrypted, so that anybody on the way can read and change it; write https:// (http:// is only for this machine and the office's own network)
    raotin.toml:24: «fanpage» is already the channel on line 11; give this one another id
    raotin.toml:25: «title» is empty; write something, or leave the key out if it may be left out
    raotin.toml:26: «platform» cannot be «facebok-page»; did you mean «facebook-page»?
    raotin.toml:34: a facebook-group has no API, so nobody but a person can share there; write mode = "by-hand" (or "log" for a trial)
    raotin.toml:35: «url» must be a web address; write it whole, such as https://example.org/page
    raotin.toml:36: 200 a day, 10m apart, do not fit into 1d; lower max_per_day or min_gap
    raotin.toml:38: these channels wait for each other for ever: group → chat → group; take one «after» out
    raotin.toml:39: there is no topic «y-tế»; did you mean «y-te»?
    raotin.toml:40: warning: there is no member «lann»; did you mean «lan»?
    raotin.toml:47: «hand_within» must lie between 1s and 3660d, not 0s
    raotin.toml:49: this names no chat; write "@name" or the chat's number, such as -1001234567890
    raotin.toml:50: the secret in $SHORT is empty or shorter than 8 characters; put the whole secret there
    raotin.toml:51: «silent» must be true or false, not "yes"
    raotin.toml:52: [channels.webhook] is of no use to a channel with platform = "telegram"; take it out, or change the platform
    raotin.toml:57: «Chợ Đồn» cannot be an id; write 1 to 40 of a-z, 0-9 and '-'
    raotin.toml:60: «approval» cannot be «true»; write one of: none, required
    raotin.toml:61: a brace of the template stands alone; close it, or write it twice where a brace is meant (line 1, character 1 of the template)
    raotin.toml:64: the secret in $TOKEN is none for a signed webhook; write whsec_ and 24 to 64 bytes in Base64, for example from: echo whsec_$(openssl rand -base64 32)
    raotin.toml:70: «self» cannot wait for itself; name another channel, or leave «after» out
    raotin.toml:71: nobody knows the key «sorce»; did you mean «source»?
    raotin.toml:72: something in the template touches the link and would break it; put a space or a new line between (line 1, character 11 of the template)
    raotin.toml:78: «y-te» is already the topic on line 75; give this one another id
    raotin.toml:81: warning: the group «group» has no channels; name some, or take it out
    raotin.toml:82: «group» is already the channel on line 31, and lists name both; give the group another id
    schedules/Sáng.toml:1: «Sáng» cannot be the id of a schedule; name the file with 1 to 40 of a-z, 0-9 and '-', then .toml
    schedules/Sáng.toml:3: «spread» must lie between 0s and 1d, not 2d
    schedules/a.toml:1: in the cron expression «25» lies outside the field; this field is hour (0-23)
    schedules/a.toml:2: the schedule feeds no channel; name at least one that exists in «channels», or take the file away
    schedules/a.toml:3: «take» must be a whole number from 1 to 200, not 0
    schedules/a.toml:4: nobody knows the key «foo»; known here are: cron, channels, zone, take, order, topics, spread, missed, grace, enabled
    schedules/b.toml:3: warning: spread = 20m is longer than the 5m between two firings; shorten it, or fire less often
    schedules/b.toml:4: «enabled» must be true or false, not "no"
    schedules/c.toml:1: «channels» is missing; add it
    schedules/c.toml:1: warning: «0 0 7 1 1 * 2020» never comes again: its years are over; change the year, or set enabled = false
    schedules/c.toml:2: nobody knows the key «channel»; did you mean «channels»?
    schedules/d.toml:1: no date fits «0 7 30 2 *»; write a day that the month has, or L for its last day
    schedules/d.toml:2: «channels» must be a list of ids, not 7; write ["one", "another"]
    schedules/d.toml:3: there is no topic «yte»; did you mean «y-te»?
    schedules/e.toml:1: this is not TOML: invalid basic string, expected `"`; mend this line
    schedules/e.toml:3: this is not TOML: string values must be quoted, expected literal string; mend this line
    schedules/e.toml:4: «take» must be a whole number from 1 to 200, not -1
    "#);
    insta::assert_snapshot!(told(&problems, Lang::Vi), @r#"
    raotin.toml:2: thiếu «name»; hãy thêm vào
    raotin.toml:3: không có khóa «nmae»; có phải là «name» không?
    raotin.toml:4: không có múi giờ «Asia/HoChiMinh»; có phải là «Asia/Ho_Chi_Minh» không?
    raotin.toml:5: «lang» không thể là «vn»; có phải là «vi» không?
    raotin.toml:6: «missed» không thể là «late »; có phải là «late» không?
    raotin.toml:7: «grace» phải là khoảng thời gian, không phải "2 hours"; viết ví dụ "90s" (giây), "20m" (phút), "2h" (giờ) hoặc "7d" (ngày)
    raotin.toml:8: không có kênh hay cụm kênh «fanpgae»; có phải là «fanpage» không?
    raotin.toml:8: không có kênh hay cụm kênh «zzz»; hiện có: fanpage, group, chat, self
    raotin.toml:14: max_per_day = 0 thì không bao giờ đăng được gì; viết ít nhất 1, hoặc tạm dừng kênh bằng `raotin pause fanpage`
    raotin.toml:15: giờ mở và giờ đóng trùng nhau; nếu là cả ngày thì bỏ «hours»
    raotin.toml:16: mẫu bài không biết {titel}; có phải là {title} không? (dòng 1, chữ thứ 1 của mẫu)
    raotin.toml:17: không có khóa «colour»; ở đây có: id, title, platform, mode, account, url, approval, max_per_day, min_gap, repeat_after, hours, after, link, hand_within, template, utm, topic, topics, assignees, settle_after, settle_gap, webhook, telegram, facebook-page, bluesky, mastodon, matrix, wordpress
    raotin.toml:19: đây không phải mã số của trang; viết dãy số trong phần Giới thiệu của trang
    raotin.toml:20: «token» là bí mật, không được ghi trong tệp này; để ở nơi khác và viết { env = "NAME" }, { file = "path" } hoặc { credential = "name" }. Nếu đó là mã thật thì phải đổi mã
    raotin.toml:21: «base_url» gửi đến graph.facebook.com không mã hóa, ai trên đường truyền cũng đọc và sửa được; viết https:// (http:// chỉ dùng cho chính máy này và mạng nội bộ của cơ quan)
    raotin.toml:24: «fanpage» đã là kênh ở dòng 11; đặt mã khác cho kênh này
    raotin.toml:25: «title» đang để trống; hãy điền, hoặc bỏ khóa này nếu được phép bỏ
    raotin.toml:26: «platform» không thể là «facebok-page»; có phải là «facebook-page» không?
    raotin.toml:34: facebook-group không có API nên chỉ có người mới chia sẻ được; viết mode = "by-hand" (hoặc "log" để thử)
    raotin.toml:35: «url» phải là địa chỉ web; viết đầy đủ, ví dụ https://example.org/page
    raotin.toml:36: 200 lượt một ngày, cách nhau 10m, không vừa trong 1d; giảm max_per_day hoặc min_gap
    raotin.toml:38: các kênh này chờ nhau mãi mãi: group → chat → group; hãy bỏ một «after»
    raotin.toml:39: không có chủ đề «y-tế»; có phải là «y-te» không?
    raotin.toml:40: lưu ý: không có thành viên «lann»; có phải là «lan» không?
    raotin.toml:47: «hand_within» phải từ 1s đến 3660d, không phải 0s
    raotin.toml:49: đây không phải là một cuộc trò chuyện; viết "@tên" hoặc số của nó, ví dụ -1001234567890
    raotin.toml:50: bí mật trong $SHORT để trống hoặc ngắn hơn 8 ký tự; ghi đủ cả bí mật vào đó
    raotin.toml:51: «silent» phải là true hoặc false, không phải "yes"
    raotin.toml:52: kênh có platform = "telegram" không dùng [channels.webhook]; bỏ bảng này, hoặc đổi platform
    raotin.toml:57: «Chợ Đồn» không thể là mã; viết 1 đến 40 ký tự a-z, 0-9 và '-'
    raotin.toml:60: «approval» không thể là «true»; chọn một trong: none, required
    raotin.toml:61: trong mẫu bài có một dấu ngoặc nhọn đứng lẻ; hãy đóng lại, hoặc viết hai lần nếu muốn chính dấu ấy (dòng 1, chữ thứ 1 của mẫu)
    raotin.toml:64: bí mật trong $TOKEN không phải của webhook có chữ ký; viết whsec_ rồi 24 đến 64 byte dạng Base64, ví dụ từ: echo whsec_$(openssl rand -base64 32)
    raotin.toml:70: «self» không thể chờ chính nó; chọn kênh khác, hoặc bỏ «after»
    raotin.toml:71: không có khóa «sorce»; có phải là «source» không?
    raotin.toml:72: trong mẫu bài có chữ dính vào liên kết, làm hỏng liên kết; thêm dấu cách hoặc xuống dòng (dòng 1, chữ thứ 11 của mẫu)
    raotin.toml:78: «y-te» đã là chủ đề ở dòng 75; đặt mã khác cho chủ đề này
    raotin.toml:81: lưu ý: cụm kênh «group» không có kênh nào; thêm kênh, hoặc bỏ cụm này
    raotin.toml:82: «group» đã là kênh ở dòng 31, mà danh sách gọi cả hai; đặt mã khác cho cụm kênh
    schedules/Sáng.toml:1: «Sáng» không thể là mã lịch đăng; đặt tên tệp bằng 1 đến 40 ký tự a-z, 0-9 và '-', rồi đến .toml
    schedules/Sáng.toml:3: «spread» phải từ 0s đến 1d, không phải 2d
    schedules/a.toml:1: trong cron, «25» nằm ngoài trường; ở đây viết giờ (0-23)
    schedules/a.toml:2: lịch đăng này không có kênh nào; ghi ít nhất một kênh đang có vào «channels», hoặc bỏ tệp này
    schedules/a.toml:3: «take» phải là số nguyên từ 1 đến 200, không phải 0
    schedules/a.toml:4: không có khóa «foo»; ở đây có: cron, channels, zone, take, order, topics, spread, missed, grace, enabled
    schedules/b.toml:3: lưu ý: spread = 20m dài hơn khoảng 5m giữa hai lần chạy lịch; rút ngắn lại, hoặc chạy thưa hơn
    schedules/b.toml:4: «enabled» phải là true hoặc false, không phải "no"
    schedules/c.toml:1: thiếu «channels»; hãy thêm vào
    schedules/c.toml:1: lưu ý: «0 0 7 1 1 * 2020» không bao giờ đến nữa: các năm ghi trong đó đã qua; sửa năm, hoặc đặt enabled = false
    schedules/c.toml:2: không có khóa «channel»; có phải là «channels» không?
    schedules/d.toml:1: không có ngày nào hợp với «0 7 30 2 *»; viết ngày mà tháng ấy có, hoặc L cho ngày cuối tháng
    schedules/d.toml:2: «channels» phải là danh sách mã, không phải 7; viết ["mot", "hai"]
    schedules/d.toml:3: không có chủ đề «yte»; có phải là «y-te» không?
    schedules/e.toml:1: dòng này không đúng cú pháp TOML: chuỗi viết sai, thường là thiếu dấu nháy ở cuối (invalid basic string, expected `"`); hãy sửa lại
    schedules/e.toml:3: dòng này không đúng cú pháp TOML: chữ phải để trong dấu nháy kép (string values must be quoted, expected literal string); hãy sửa lại
    schedules/e.toml:4: «take» phải là số nguyên từ 1 đến 200, không phải -1
    "#);
}

const GOOD: &str = r#"
[office]
name = "Office"
[[channels]]
id = "page"
title = "Page"
platform = "facebook-page"
mode = "log"
[[channels]]
id = "group"
title = "Group"
platform = "facebook-group"
[[topics]]
id = "health"
title = "Health"
"#;

#[test]
fn a_broken_line_hides_nothing_else_and_invents_nothing() {
    let main = GOOD
        .replace("name = \"Office\"", "name = \"Office")
        .replace("log", "lgo");
    let schedules = [(
        "schedules/a.toml",
        "cron = \"@daily\"\nchannels = [\"page\"]\ntopics = [\"health\"]\n",
    )];
    insta::assert_snapshot!(told(&problems_of(&main, &schedules, &Known::default()), Lang::En), @r#"
    raotin.toml:3: this is not TOML: invalid basic string, expected `"`; mend this line
    raotin.toml:8: «mode» cannot be «lgo»; did you mean «log»?
    "#);
    // the same key twice, and a list that never ends
    let main = GOOD.to_owned() + "title = \"again\"\nchannels = [\"page\"\n";
    insta::assert_snapshot!(told(&problems_of(&main, &[], &Known::default()), Lang::En), @r#"
    raotin.toml:16: this is not TOML: duplicate key; mend this line
    raotin.toml:17: this is not TOML: unclosed array, expected `]`; mend this line
    "#);
}

#[test]
fn an_id_that_goes_while_another_comes_is_told() {
    let id = |text| ChannelId::new(text).unwrap();
    let known = Known {
        channels: [
            (id("page"), PlatformKind::FacebookPage),
            (id("old-group"), PlatformKind::FacebookGroup),
        ]
        .into(),
        topics: vec![TopicId::new("y-te").unwrap()],
        schedules: [(ScheduleId::new("morning").unwrap(), "0 7 * * *".to_owned())].into(),
        members: None,
    };
    let schedules = [(
        "schedules/sang.toml",
        "cron = \"0 7 * * *\"\nchannels = [\"page\"]\n",
    )];
    insta::assert_snapshot!(told(&problems_of(GOOD, &schedules, &known), Lang::En), @r#"
    raotin.toml:10: the channel «old-group» goes while «group» comes. Is it the same place? Then keep the id, which is for ever, and change the title. Is it another? Then take «old-group» out first, save, and add «group» after that
    raotin.toml:14: the topic «y-te» goes while «health» comes. Is it the same topic? Then keep the id, which is for ever, and change the title. Is it another? Then take «y-te» out first, save, and add «health» after that
    schedules/sang.toml:1: the schedule «morning» goes while «sang» with the same times comes. Is it the same schedule? Then keep the file's name, which is its id for ever. Is it another? Then take «morning» away first, and add «sang» after that
    "#);

    // one that only goes, one that only comes, and one of another kind are no renames
    let only_gone = Known {
        topics: vec![],
        ..known.clone()
    };
    let main = GOOD.replace("\"facebook-group\"", "\"zalo-group\"");
    let other_times = [(
        "schedules/sang.toml",
        "cron = \"0 8 * * *\"\nchannels = [\"page\"]\n",
    )];
    assert_eq!(
        told(&problems_of(&main, &other_times, &only_gone), Lang::En),
        ""
    );
}

#[test]
fn secrets_that_cannot_be_trusted_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, mode) in [("open", 0o644), ("ours", 0o600)] {
        fs::write(at(name), "123456:AAbbccdd\n").unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let uid = fs::metadata(folder.path()).unwrap().uid();
    let problems = |reference: &str, uid: u32| {
        let main = format!(
            "[office]\nname = \"Office\"\n[[channels]]\nid = \"t\"\ntitle = \"T\"\nplatform = \"telegram\"\n\
             [channels.telegram]\nchat = \"@office\"\ntoken = {reference}\n"
        );
        let env = Env::of(&[("EMPTY", " ")], uid, &Redactor::default());
        let sources = Sources::of(
            source("raotin.toml", &main),
            vec![],
            folder.path().to_owned(),
        );
        let told_of = match sources.check(&env, &Known::default(), now()) {
            Ok(loaded) => told(&loaded.warnings, Lang::En),
            Err(problems) => told(&problems, Lang::En),
        };
        told_of.replace(folder.path().to_str().unwrap(), "DIR")
    };
    assert_eq!(problems("{ file = \"ours\" }", uid), "");
    let all = [
        problems("{ file = \"open\" }", uid),
        problems("{ file = \"nowhere\" }", uid),
        problems("{ env = \"EMPTY\" }", uid),
        problems("{ env = \"NOT_SET\" }", uid),
        problems("{ env = \"123456:AAbbccdd\" }", uid),
        problems("{ credential = \"bot\" }", uid),
        problems("{}", uid),
        problems("\"123456:AAbbccdd\"", uid),
    ];
    assert!(
        !all.join("").contains("AAbbccdd"),
        "a secret is never repeated"
    );
    insta::assert_snapshot!(all.join("\n"), @r#"
    raotin.toml:9: others may read the secret file DIR/open (mode 0644); run chmod 600 DIR/open
    raotin.toml:9: the secret file DIR/nowhere cannot be read (No such file or directory (os error 2)); write the secret into it and run chmod 600 DIR/nowhere
    raotin.toml:9: the secret in $EMPTY is empty or shorter than 8 characters; put the whole secret there
    raotin.toml:9: the environment has no NOT_SET; set it where the daemon is started, or use { file = "path" }
    raotin.toml:9: «env» is a secret and must not stand in this file; put it elsewhere and write { env = "NAME" }, { file = "path" } or { credential = "name" }. If it was real, have it changed
    raotin.toml:9: the credential «bot» is given by systemd to the service alone and cannot be seen here; start the program as the service, with LoadCredential=bot:/path in its unit
    raotin.toml:9: a secret comes from one place; write exactly one of { env = "NAME" }, { file = "path" } and { credential = "name" }
    raotin.toml:9: «token» is a secret and must not stand in this file; put it elsewhere and write { env = "NAME" }, { file = "path" } or { credential = "name" }. If it was real, have it changed
    "#);
    let of_another = problems("{ file = \"ours\" }", uid + 7);
    assert!(
        of_another.contains("belongs to another user"),
        "{of_another}"
    );
}

/// Runs `check` on `main` in a folder of its own; gives how it ended and what it said.
fn run_check(main: Option<&str>, json: bool) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raotin.toml");
    if let Some(main) = main {
        fs::write(&path, main).unwrap();
    }
    let env = Env::of(&[], 0, &Redactor::default());
    let checked = check::look(&path, &env, &Known::default(), now());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = check::run(
        &check::Args { json },
        &checked,
        Lang::En,
        &mut out,
        &mut err,
    );
    assert!(err.is_empty());
    let out = String::from_utf8(out).unwrap();
    (
        format!("{code:?}"),
        out.replace(folder.path().to_str().unwrap(), "DIR"),
    )
}

#[test]
fn it_ends_with_1_on_errors_and_0_on_warnings() {
    let ends_with = |n: u8| format!("{:?}", std::process::ExitCode::from(n));
    let (code, out) = run_check(Some(GOOD), false);
    assert_eq!(code, ends_with(0));
    assert_eq!(
        out,
        "DIR/raotin.toml is in order. Channels: 2, topics: 1, schedules: 0\n"
    );

    let (code, out) = run_check(Some("[office]\nname = \"x\"\n"), false);
    assert_eq!(code, ends_with(0));
    assert!(
        out.starts_with("DIR/raotin.toml:1: warning: there is no [[channels]] yet"),
        "{out}"
    );

    let (code, out) = run_check(None, false);
    assert_eq!(code, ends_with(1));
    insta::assert_snapshot!(out, @"DIR/raotin.toml:1: there is no configuration here; write one with `raotin init`, or name yours with --config FILE");

    let (code, out) = run_check(Some("[ofice]\nname = \"x\"\n"), true);
    assert_eq!(code, ends_with(1));
    insta::assert_snapshot!(out, @r#"
    [
      {
        "file": "DIR/raotin.toml",
        "line": 1,
        "weight": "error",
        "code": "config.unknown-key-near",
        "text": "nobody knows the key «ofice»; did you mean «office»?",
        "values": {
          "key": "ofice",
          "near": "office"
        }
      },
      {
        "file": "DIR/raotin.toml",
        "line": 1,
        "weight": "error",
        "code": "config.missing-key",
        "text": "«office» is missing; add it",
        "values": {
          "key": "office"
        }
      },
      {
        "file": "DIR/raotin.toml",
        "line": 1,
        "weight": "warning",
        "code": "config.nothing-configured",
        "text": "there is no [[channels]] yet, so nothing can be shared; add one",
        "values": {}
      }
    ]
    "#);
    assert_eq!(
        run_check(Some(GOOD), true),
        (ends_with(0), "[]\n".to_owned())
    );
}

#[test]
fn credentials_are_no_error_at_a_terminal_but_one_for_the_service() {
    let main = "[office]\nname = \"Office\"\n[[channels]]\nid = \"t\"\ntitle = \"T\"\nplatform = \"telegram\"\n\
                [channels.telegram]\nchat = \"@office\"\ntoken = { credential = \"bot\" }\n";
    assert!(problems_of(main, &[], &Known::default()).has_errors());
    let (code, out) = run_check(Some(main), false);
    assert_eq!(code, format!("{:?}", std::process::ExitCode::SUCCESS));
    assert!(out.contains("warning: the credential «bot»"), "{out}");
}

fn pieces() -> impl Strategy<Value = String> {
    let words = [
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        "\"",
        "\"\"\"",
        "'",
        "\n",
        "#",
        ".",
        "-1",
        "0x7f",
        "9e99",
        "1979-05-27",
        "true",
        "office",
        "channels",
        "channels.telegram",
        "id",
        "cron",
        "\"* * * * *\"",
        "\"page\"",
        "\"99999999999d\"",
        "\"24:00-00:00\"",
        "\u{0}",
        "\u{feff}",
        "Chợ Đồn",
        "\\u12",
    ];
    prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        any::<char>().prop_map(String::from)
    ]
}

proptest! {
    /// Whatever is written, `check` answers; each problem stands at a line of its file.
    #[test]
    fn nothing_that_is_written_makes_it_stumble(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0..40_usize, pieces()), 1..6),
        of_bad: bool,
    ) {
        let mut chars: Vec<char> = if of_bad { BAD } else { GOOD }.chars().collect();
        for (at, length, piece) in cuts {
            let at = at.index(chars.len() + 1);
            let end = (at + length).min(chars.len());
            chars.splice(at..end, piece.chars());
        }
        let text: String = chars.into_iter().collect();
        let as_schedule = [("schedules/a.toml", text.as_str())];
        for problem in &problems_of(&text, &as_schedule, &Known::default()) {
            prop_assert!(problem.line >= 1 && problem.line <= text.lines().count() + 1, "{problem}");
            prop_assert!(!problem.text(Lang::Vi).is_empty());
        }
    }
}
