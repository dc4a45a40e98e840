//! Importing rows: every bad row is told, the good ones only with `skip_bad`, and the same row, file or
//! request adds nothing twice.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use office_kit::{Kit, lan};
use raotin::intake::columns::{Explained, Purpose};
use raotin::intake::list::Ask;
use raotin::intake::rows::{Here, parse};
use raotin::office::imports::{Import, Imported, MOST_ROWS, Row};

const FILE: &str = "title,text,link,topic,channels,at,priority
Tiêm phòng,Sáng thứ Ba,,y-te,,,3
Hội xuân,,https://example.org/hoi-xuan,van-hoa,cac-nhom,2026-12-01T07:30:00+07:00,
,,,,trang,,
Lạc chủ đề,x,,y-tee,,,
Lạc kênh,x,,,trnag,,
Đã qua,x,,,,2020-01-01T00:00:00Z,
";

fn rows(text: &str) -> Vec<Row> {
    let ask = Ask {
        purpose: Purpose::Articles,
        sheet: None,
        explained: &Explained::new(),
    };
    let here = Here {
        zone: jiff::tz::TimeZone::UTC,
        now: office_kit::now(),
    };
    let parsed = parse(text.as_bytes(), &ask, &here).unwrap();
    assert_eq!(parsed.faults, []);
    // As they come over the API.
    serde_json::from_value(serde_json::to_value(parsed.rows).unwrap()).unwrap()
}

fn import(text: &str) -> Import {
    Import {
        source: "cu.csv".to_owned(),
        rows: rows(text),
        ..Import::default()
    }
}

fn told(imported: &Imported) -> Vec<(u64, &str)> {
    let bad = imported.bad.iter();
    bad.map(|b| (b.line, b.code.as_str())).collect()
}

const BAD: [(u64, &str); 4] = [
    (4, "empty"),
    (5, "no-such-topic"),
    (6, "no-such-channel"),
    (7, "time-passed"),
];

#[tokio::test]
async fn one_bad_row_holds_all_back_and_all_bad_rows_are_told() {
    let kit = Kit::new().await;
    let before = kit.store.commits().len();
    let done = kit
        .office
        .import(&lan(), Some("k"), import(FILE))
        .await
        .unwrap();
    assert_eq!(told(&done), BAD);
    assert_eq!((done.added, done.known), (0, 0));
    assert_eq!(kit.store.commits().len(), before);
    let nearest = done.bad[2].fields.get("nearest").map(String::as_str);
    assert_eq!(nearest, Some("trang"));
}

#[tokio::test]
async fn the_good_rows_come_in_when_asked_for() {
    let kit = Kit::new().await;
    let asked = Import {
        skip_bad: true,
        ..import(FILE)
    };
    let done = kit.office.import(&lan(), None, asked).await.unwrap();
    assert_eq!(told(&done), BAD);
    assert_eq!(done.added, 2);
    let articles = kit.office.articles(&lan(), None, 9).unwrap();
    assert_eq!(articles[0].content.title, "Hội xuân");
    assert_eq!(articles[0].source, "import:cu.csv");
    let shares = kit.office.show(&lan(), articles[0].id).unwrap().shares;
    let channels: Vec<_> = shares.iter().map(|s| s.channel.as_str()).collect();
    assert_eq!(channels, ["nhom", "giao"]);
    assert!(shares.iter().all(|s| s.at.is_some()));
}

#[tokio::test]
async fn the_same_file_twice_adds_nothing_twice_under_whatever_name() {
    let kit = Kit::new().await;
    let good = FILE.lines().take(3).collect::<Vec<_>>().join("\n");
    let first = kit
        .office
        .import(&lan(), None, import(&good))
        .await
        .unwrap();
    assert_eq!((first.added, first.known), (2, 0));
    let again = Import {
        source: "ban-sao.csv".into(),
        ..import(&good)
    };
    let again = kit.office.import(&lan(), None, again).await.unwrap();
    assert_eq!((again.added, again.known), (0, 2));
    let longer = format!("{good}\nMới,x,,,,,\nMới,x,,,,,\n");
    let longer = kit
        .office
        .import(&lan(), None, import(&longer))
        .await
        .unwrap();
    assert_eq!((longer.added, longer.known), (1, 3));
    assert_eq!(kit.office.articles(&lan(), None, 9).unwrap().len(), 3);
}

#[tokio::test]
async fn at_once_too() {
    let kit = Kit::new().await;
    let good = FILE.lines().take(3).collect::<Vec<_>>().join("\n");
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let (office, rows) = (kit.office.clone(), import(&good));
            tokio::spawn(async move { office.import(&lan(), None, rows).await })
        })
        .collect();
    let mut added = 0;
    for asked in asked {
        added += asked.await.unwrap().unwrap().added;
    }
    assert_eq!(added, 2);
}

#[tokio::test]
async fn one_request_takes_so_many_rows_and_one_commit() {
    let kit = Kit::new().await;
    let many = |n: usize| {
        let lines: Vec<_> = (0..n).map(|i| format!("Tin {i},x,,,,,")).collect();
        import(&format!(
            "title,text,link,topic,channels,at,priority\n{}",
            lines.join("\n")
        ))
    };
    let too_many = kit.office.import(&lan(), None, many(MOST_ROWS + 1)).await;
    assert_eq!(too_many.unwrap_err().code(), "too-many");
    let before = kit.store.commits().len();
    let done = kit
        .office
        .import(&lan(), None, many(MOST_ROWS))
        .await
        .unwrap();
    assert_eq!(usize::try_from(done.added).unwrap(), MOST_ROWS);
    assert_eq!(kit.store.commits().len(), before + 1);
}
