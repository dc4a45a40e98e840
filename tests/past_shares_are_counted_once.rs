//! Shares of long ago, brought in from a list: each is counted on its real day, once, with the file and
//! the row that it comes from beside it; what may be counted already waits for a person's word.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;
/// The example that holds no code of ours.
#[path = "../examples/verify_ledger.rs"]
#[allow(dead_code, reason = "its main is for the command line")]
mod outsider;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::{Date, date};
use office_kit::{Kit, hoa, lan, local};
use raotin::intake::columns::Purpose;
use raotin::lang::Lang;
use raotin::model::{Actor, Event, How, Role, State};
use raotin::office::uploads::{HowToRead, KeptRow, RowKind, Stage, Upload};
use raotin::office::{Office, OfficeError, Refusal};
use raotin::store::{CountAsk, CountBy, CountTable, Store};

/// Six channels; one of them is no longer configured when the list comes.
const CHANNELS: [(&str, &str); 6] = [
    ("trang", "Fanpage huyện"),
    ("atk", "ATK Chợ Đồn"),
    ("men-yeu", "Chợ Đồn Mến yêu"),
    ("huong-sen", "Hương Sen Việt"),
    ("nhom", "Tin Bắc Kạn"),
    ("cu", "Nhóm cũ"),
];

fn config(channels: &[(&str, &str)]) -> String {
    let mut text = "[office]\nname = \"Huyện\"\nzone = \"Asia/Ho_Chi_Minh\"\nlang = \"vi\"\ndefault_channels = [\"atk\"]\n[[topics]]\nid = \"y-te\"\ntitle = \"Y tế\"\n".to_owned();
    for (id, title) in channels {
        text.push_str(&format!(
            "[[channels]]\nid = \"{id}\"\ntitle = \"{title}\"\nplatform = \"facebook-group\"\n"
        ));
    }
    text
}

async fn kit() -> Kit {
    let kit = Kit::with(&config(&CHANNELS)).await;
    let office = &kit.office;
    for (id, name) in [("lan", "Nguyễn Thị Lan"), ("hoa", "Hòa")] {
        let roles = vec![Role::Officer];
        let unit = Some("van-hoa".parse().unwrap());
        let (id, name) = (id.parse().unwrap(), Some(name.to_owned()));
        let by = local();
        let set = office.set_member(&by, None, id, roles, unit, name);
        set.await.unwrap();
    }
    let (fewer, _folder) = office_kit::configured(&config(&CHANNELS[..5]));
    kit.config.send_replace(Arc::new(fewer));
    kit.office.configured(&Actor::Daemon).await.unwrap();
    kit
}

async fn bring(office: &Arc<Office>, actor: &Actor, text: &str) -> Upload {
    let how = HowToRead::default();
    let bytes = text.as_bytes().to_vec();
    let upload = office.upload(actor, Purpose::Shares, "cu.csv", bytes, how);
    let upload = upload.await.unwrap();
    settled(office, actor, upload).await
}

/// Once nothing is being done with it.
async fn settled(office: &Office, actor: &Actor, upload: Upload) -> Upload {
    let mut upload = upload;
    while matches!(upload.stage, Stage::Looking | Stage::Running) {
        tokio::task::yield_now().await;
        upload = office.upload_of(actor, &upload.id).unwrap();
    }
    upload
}

async fn confirm(office: &Arc<Office>, actor: &Actor, upload: &Upload) -> Upload {
    let upload = office.confirm(actor, &upload.id, false).await.unwrap();
    settled(office, actor, upload).await
}

fn rows(office: &Office, upload: &Upload, kind: RowKind) -> Vec<KeptRow> {
    let rows = office.upload_rows(&hoa(), &upload.id, kind, 0, 1_000);
    rows.unwrap().0
}

fn told(office: &Office, upload: &Upload, kind: RowKind) -> Vec<(u64, String)> {
    let rows = rows(office, upload, kind).into_iter();
    rows.map(|row| {
        let text = office.tell_row(Lang::En, &row.wrong.unwrap());
        (row.line, text)
    })
    .collect()
}

fn counts(kit: &Kit, by: CountBy) -> CountTable {
    let ask = CountAsk {
        since: None,
        until: None,
        by,
        channel: None,
        topic: None,
        member: None,
        with_log: false,
    };
    kit.store.counts(&ask).unwrap()
}

/// 638 shares over three years: every fifth day an article or two, each on some of the channels.
fn three_years() -> (String, Vec<(Date, &'static str, String)>) {
    let mut text = "Ngày;Kênh;Tiêu đề;Liên kết;Người đăng\n".to_owned();
    let mut by_hand = Vec::new();
    let mut day = date(2019, 1, 3);
    let mut n = 0;
    while by_hand.len() < 638 {
        n += 1;
        for (i, (_, title)) in CHANNELS.iter().enumerate() {
            if (n + i) % 2 == 0 || by_hand.len() == 638 {
                continue;
            }
            // One in four has no link; a link is written in one of its many ways.
            let (headline, link) = match n % 4 {
                0 => (format!("Tin số {n}"), String::new()),
                1 => (
                    format!("Tin số {n}"),
                    format!("http://www.x.vn/tin/{n}/?utm_source=fb{i}"),
                ),
                _ => (String::new(), format!("https://x.vn/tin/{n}")),
            };
            let who = ["lan", "nguyen thi lan", "Hòa", "Bác Tư"][(n + i) / 2 % 4];
            let written = match n % 3 {
                0 => format!("{}/{}/{}", day.day(), day.month(), day.year()),
                1 => format!("{:02}-{:02}-{}", day.day(), day.month(), day.year()),
                _ => format!("{}.{}.{} 7h30", day.day(), day.month(), day.year()),
            };
            text.push_str(&format!("{written};{title};{headline};{link};{who}\n"));
            by_hand.push((day, CHANNELS[i].0, n.to_string()));
        }
        day = day.saturating_add(jiff::Span::new().days(5));
    }
    (text, by_hand)
}

#[tokio::test]
async fn three_years_are_counted_as_a_person_counts_them() {
    let kit = kit().await;
    let (text, by_hand) = three_years();
    let upload = bring(&kit.office, &hoa(), &text).await;
    assert_eq!((upload.stage, upload.looked.good), (Stage::Ready, 638));
    assert_eq!((upload.looked.bad, upload.looked.clashes), (0, 0));
    assert_eq!(kit.store.shares(&all()).unwrap().len(), 0, "only shown");
    let strangers: Vec<_> = upload.looked.strange_members.keys().collect();
    assert_eq!(strangers, ["Bác Tư"]);
    let before = kit.store.commits().len();
    let done = confirm(&kit.office, &hoa(), &upload).await;
    let outcome = done.outcome.unwrap();
    assert_eq!((outcome.added, outcome.known, outcome.left), (638, 0, 0));
    assert_eq!(kit.store.commits().len() - before, 7, "a hundred a commit");

    // A recount from the list, by other means.
    type Recount = BTreeMap<String, (u64, BTreeSet<String>)>;
    let mut by: BTreeMap<&str, Recount> = BTreeMap::new();
    let mut add = |kind, key: String, n: &String| {
        let row = by.entry(kind).or_default().entry(key).or_default();
        row.0 += 1;
        row.1.insert(n.clone());
    };
    for (day, channel, n) in &by_hand {
        add("year", day.year().to_string(), n);
        let quarter = (day.month() + 2) / 3;
        add("quarter", format!("{}-Q{quarter}", day.year()), n);
        add("channel", (*channel).to_owned(), n);
    }
    for (kind, counted) in [
        ("year", CountBy::Year),
        ("quarter", CountBy::Quarter),
        ("channel", CountBy::Channel),
    ] {
        let table = counts(&kit, counted);
        let found: Vec<_> = table
            .rows
            .iter()
            .map(|(key, f)| (key.clone(), f.shares, f.items, f.back_filled))
            .collect();
        let expected: Vec<_> = by[kind]
            .iter()
            .map(|(key, (n, items))| (key.clone(), *n, items.len() as u64, *n))
            .collect();
        assert_eq!(found, expected, "{kind}");
    }
    let total = counts(&kit, CountBy::Year).total;
    assert_eq!((total.shares, total.back_filled), (638, 638));
    let members = counts(&kit, CountBy::Member).rows;
    let members: Vec<_> = members.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(
        members,
        ["", "hoa", "lan"],
        "by id and by name; a stranger is nobody"
    );

    // The same again, by somebody else: nothing.
    let again = bring(&kit.office, &local(), &text).await;
    assert_eq!((again.looked.good, again.looked.known), (0, 638));
    confirm(&kit.office, &local(), &again).await;
    assert_eq!(counts(&kit, CountBy::Year).total, total);
}

fn all() -> raotin::store::ShareAsk {
    raotin::store::ShareAsk {
        limit: 2_000,
        ..Default::default()
    }
}

const FEW: &str = "Ngày;Kênh;Tiêu đề;Liên kết;Người đăng;Link bài đăng;Chủ đề
28/8/2019;ATK Chợ Đồn;Tiêm phòng;https://x.vn/tin/5;Bác Tư;https://www.facebook.com/groups/1/posts/77/;Y tế
29/8/2019 7:30;nhom;Hội xuân;;;;
";

#[tokio::test]
async fn a_share_says_where_it_comes_from() {
    let kit = kit().await;
    let upload = bring(&kit.office, &hoa(), FEW).await;
    confirm(&kit.office, &hoa(), &upload).await;
    let shares = kit.store.shares(&all()).unwrap();
    let first = shares.iter().find(|s| s.channel.as_str() == "atk").unwrap();
    assert_eq!(first.state, State::Shared);
    let count = first.count.as_ref().unwrap();
    assert_eq!((count.how, count.day), (How::BackFilled, date(2019, 8, 28)));
    assert_eq!(count.at.to_string(), "2019-08-28T05:00:00Z", "noon");
    assert_eq!(count.topic.as_ref().unwrap().as_str(), "y-te");
    assert_eq!(
        (&count.member, first.receipts[0].post_id.as_str()),
        (&None, "77")
    );
    let story = kit.store.story(first.id).unwrap();
    let Event::ShareAdded {
        origin: Some(origin),
        ..
    } = &story[0].event
    else {
        panic!("{:?}", story[0]);
    };
    assert_eq!(
        (origin.name.as_str(), origin.line, origin.day_only),
        ("cu.csv", 2, true)
    );
    assert_eq!(origin.file, upload.file.sha256);
    assert_eq!(story[0].who.as_deref(), Some("Bác Tư"));
    assert_eq!(story[0].by.to_string(), "m:hoa");
    let begun: Vec<_> = kit
        .store
        .commits()
        .iter()
        .flat_map(|c| c.events.clone())
        .filter(|e| matches!(e, Event::BackfillBegun { .. }))
        .collect();
    assert_eq!(
        begun,
        [Event::BackfillBegun {
            file: upload.file.sha256.clone(),
            name: "cu.csv".to_owned(),
            rows: 2
        }]
    );
    // The name stands in the texts alone, where the law can have it erased.
    let commits = kit.store.commits();
    let record = commits.last().unwrap();
    assert!(
        !serde_json::to_string(&record.events)
            .unwrap()
            .contains("Bác Tư")
    );
    assert!(record.texts.values().flatten().any(|t| t == "Bác Tư"));
    let article = kit.store.article(first.article).unwrap().unwrap();
    assert_eq!(
        (article.content.title.as_str(), article.source.as_str()),
        ("Tiêm phòng", "back-fill:cu.csv")
    );
}

#[tokio::test]
async fn what_may_be_counted_already_waits_for_a_word() {
    let kit = kit().await;
    let upload = bring(&kit.office, &hoa(), FEW).await;
    confirm(&kit.office, &hoa(), &upload).await;
    let text = "Ngày;Kênh;Tiêu đề;Liên kết;Link bài đăng
30/8/2019;ATK Chợ Đồn;Khác;http://www.x.vn/tin/5/?utm_source=fb;
2/9/2019;ATK Chợ Đồn;;https://x.vn/tin/5;
1/3/2020;ATK Chợ Đồn;Bài khác hẳn;;https://m.facebook.com/groups/1/permalink/77/
1/4/2020;ATK Chợ Đồn;Hai lần;;
2/4/2020;ATK Chợ Đồn;hai  lần;;
";
    let upload = bring(&kit.office, &hoa(), text).await;
    let good: Vec<u64> = rows(&kit.office, &upload, RowKind::Good)
        .iter()
        .map(|r| r.line)
        .collect();
    assert_eq!(good, [3, 5], "five days later is another time");
    let clashes = told(&kit.office, &upload, RowKind::Clash);
    let lines: Vec<u64> = clashes.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4, 6]);
    assert!(clashes[0].1.contains("28 Aug 2019"), "{clashes:?}");
    assert!(clashes[1].1.contains("stands for a share"), "{clashes:?}");
    assert!(clashes[2].1.contains("in row 5"), "{clashes:?}");
    // Nothing of them is added unless it is said; one is.
    kit.office.choose(&hoa(), &upload.id, &[6], &[]).unwrap();
    let done = confirm(&kit.office, &hoa(), &upload).await;
    let outcome = done.outcome.unwrap();
    assert_eq!((outcome.added, outcome.left), (3, 0));
    // The same link is the same article, so items are counted right.
    assert_eq!(counts(&kit, CountBy::Year).total.items, 3);
}

#[tokio::test]
async fn a_row_waits_only_where_it_clashes() {
    let kit = kit().await;
    let upload = bring(&kit.office, &hoa(), FEW).await;
    confirm(&kit.office, &hoa(), &upload).await;
    let text = "Ngày;Kênh;Tiêu đề;Liên kết
30/8/2019;ATK Chợ Đồn, Tin Bắc Kạn;Khác;https://x.vn/tin/5
30/8/2019;Tin Bắc Kạn, Hương Sen Việt;Khác nữa;https://x.vn/tin/5
";
    let upload = bring(&kit.office, &hoa(), text).await;
    let places = |kind| -> Vec<(u64, String)> {
        let rows = rows(&kit.office, &upload, kind).into_iter();
        rows.map(|r| (r.line, r.channels[0].to_string())).collect()
    };
    let place = |line, channel: &str| (line, channel.to_owned());
    assert_eq!(
        places(RowKind::Good),
        [place(2, "nhom"), place(3, "huong-sen")]
    );
    // One is counted here, the other stands in the row above.
    assert_eq!(places(RowKind::Clash), [place(2, "atk"), place(3, "nhom")]);
    let chosen = kit.office.choose(&hoa(), &upload.id, &[3], &[]).unwrap();
    assert_eq!(chosen.rows_to_add(), 2);
    let done = confirm(&kit.office, &hoa(), &upload).await;
    let outcome = done.outcome.unwrap();
    assert_eq!((outcome.added, outcome.known, outcome.left), (3, 0, 0));
    let by = |kit: &Kit| -> Vec<(String, u64)> {
        let rows = counts(kit, CountBy::Channel).rows.into_iter();
        rows.map(|(channel, f)| (channel, f.shares)).collect()
    };
    let expected = [("atk", 1), ("huong-sen", 1), ("nhom", 3)].map(|(c, n)| (c.to_owned(), n));
    assert_eq!(by(&kit), expected);
    // The same again: what was ticked is known, what was not still waits.
    let again = bring(&kit.office, &hoa(), text).await;
    let seen = &again.looked;
    assert_eq!((seen.good, seen.known, seen.clashes), (0, 3, 1));
    confirm(&kit.office, &hoa(), &again).await;
    assert_eq!(by(&kit), expected);
}

#[tokio::test]
async fn what_is_wrong_is_told_and_holds_all_back() {
    let kit = kit().await;
    let text = "Ngày;Kênh;Tiêu đề;Liên kết;Link bài đăng;Chủ đề
31/2/2019;ATK Chợ Đồn;a;;;
28/8/2019;ATK Chợ Đon;a;;;
28/8/2019;Nhóm lạ lắm;a;;;
28/8/2030;ATK Chợ Đồn;a;;;
28/8/1919;ATK Chợ Đồn;a;;;
28/8/2019;ATK Chợ Đồn;a;x.vn/5;;
28/8/2019;ATK Chợ Đồn;a;;https://youtube.com/watch?v=1;
28/8/2019;ATK Chợ Đồn;a;;;Y tee
28/8/2019;atk, Tin Bắc Kạn;b;;;
28/8/2019;Nhóm cũ;c;;;
";
    let upload = bring(&kit.office, &hoa(), text).await;
    let bad = told(&kit.office, &upload, RowKind::Bad);
    let lines: Vec<u64> = bad.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9], "{bad:?}");
    assert!(bad[1].1.contains("Nhóm lạ lắm"), "{bad:?}");
    assert_eq!(
        upload.looked.strange_channels.keys().collect::<Vec<_>>(),
        ["Nhóm lạ lắm"]
    );
    let held = kit.office.confirm(&hoa(), &upload.id, false).await;
    assert!(matches!(
        held,
        Err(OfficeError::Refused(Refusal::BadRows { bad: 7 }))
    ));
    assert_eq!(kit.store.shares(&all()).unwrap().len(), 0);
    // A name that nobody knows is explained once for all its rows.
    let how = HowToRead {
        places: BTreeMap::from([("nhóm lạ lắm".to_owned(), "cu".parse().unwrap())]),
        ..HowToRead::default()
    };
    let explained = kit.office.explain(&hoa(), &upload.id, how).await.unwrap();
    let explained = settled(&kit.office, &hoa(), explained).await;
    assert_eq!(
        (
            explained.looked.bad,
            explained.looked.strange_channels.len()
        ),
        (6, 0)
    );
    let done = kit.office.confirm(&hoa(), &upload.id, true).await.unwrap();
    settled(&kit.office, &hoa(), done).await;
    // Two channels in one cell are two shares; a channel that is gone may be named.
    let by: Vec<_> = counts(&kit, CountBy::Channel)
        .rows
        .into_iter()
        .map(|(c, f)| (c, f.shares))
        .collect();
    assert_eq!(
        by,
        [
            ("atk".to_owned(), 2),
            ("cu".to_owned(), 2),
            ("nhom".to_owned(), 1)
        ]
    );
}

#[tokio::test]
async fn only_who_answers_for_the_figures_may() {
    let kit = kit().await;
    let how = HowToRead::default();
    let refused = kit
        .office
        .upload(&lan(), Purpose::Shares, "x.csv", FEW.into(), how)
        .await;
    assert!(matches!(refused, Err(OfficeError::NotAllowed { .. })));
    let upload = bring(&kit.office, &hoa(), FEW).await;
    assert!(kit.office.upload_of(&lan(), &upload.id).is_err());
    assert!(kit.office.confirm(&lan(), &upload.id, false).await.is_err());
}

/// The sample, through the real program: counted, told, verified by us and by an outsider; again, and
/// nothing changes.
#[test]
fn the_sample_is_counted_and_verified() {
    let office = program::Office::new();
    office.write(
        "raotin.toml",
        &config(&[
            ("atk", "ATK Chợ Đồn"),
            ("men-yeu", "Chợ Đồn Mến yêu"),
            ("huong-sen", "Hương Sen Việt"),
            ("nhom", "Tin Bắc Kạn"),
        ]),
    );
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/past-shares.csv");
    let (code, err) = office.fails(&["backfill", sample]);
    assert_eq!(code, Some(2), "nobody is there to say yes: {err}");
    office.write(
        "la.csv",
        "Ngày;Kênh;Tiêu đề\n28/8/2019;ATK;Một\n29/8/2019;ATK;Hai\n",
    );
    let strange = office.path("la.csv");
    let strange = strange.to_str().unwrap();
    let (code, err) = office.fails(&["--lang", "en", "backfill", strange]);
    assert_eq!(code, Some(1), "{err}");
    assert!(
        err.contains("which channel is meant: “ATK”. Say so with --channel-map"),
        "{err}"
    );
    assert!(err.contains("atk, men-yeu, huong-sen, nhom"), "{err}");
    let said = office.says(&[
        "--lang",
        "en",
        "backfill",
        strange,
        "--channel-map",
        "ATK=atk",
        "--dry-run",
    ]);
    let both = |line: &str| line.contains("ATK Chợ Đồn") && line.trim_end().ends_with(" 2");
    assert!(said.lines().any(both), "{said}");
    let said = office.says(&["--lang", "en", "backfill", sample, "--yes"]);
    assert!(
        said.contains("Counted 16 shares from past-shares.csv."),
        "{said}"
    );
    let counted = office.says(&["counts", "--by", "year", "--format", "csv"]);
    for (year, figures) in [
        ("2019,", ",5,3,0,0,5,0,0"),
        ("2020,", ",7,3,0,0,7,0,0"),
        ("2021,", ",4,3,0,0,4,0,0"),
    ] {
        let fits = |line: &str| line.starts_with(year) && line.ends_with(figures);
        assert!(counted.lines().any(fits), "{counted}");
    }
    let again = office.says(&["--lang", "en", "backfill", sample, "--yes"]);
    assert!(again.contains("Counted 0 shares"), "{again}");
    assert!(again.contains("16 shares were here already"), "{again}");
    assert!(office.says(&["verify"]).starts_with("Mọi thứ đúng"));
    let segments = outsider::segments(&office.data().join("ledger")).unwrap();
    outsider::verify(&segments).unwrap();
}
