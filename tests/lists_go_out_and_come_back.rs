//! What is exported is read again: in the same office it adds nothing, in another it says the same.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use std::sync::Arc;

use office_kit::{Kit, hoa, lan, local};
use raotin::intake::columns::{Field, Purpose};
use raotin::intake::sheet::Form;
use raotin::lang::Lang;
use raotin::model::State;
use raotin::office::Office;
use raotin::office::articles::NewArticle;
use raotin::office::evergreen::Rule;
use raotin::office::places::MoveTo;
use raotin::office::uploads::{HowToRead, Stage, Upload};
use raotin::store::{CountAsk, CountBy, Store};

const FORMS: [Form; 3] = [Form::Csv(b';'), Form::Csv(b','), Form::Xlsx];

async fn bring(office: &Arc<Office>, purpose: Purpose, bytes: Vec<u8>) -> Upload {
    let how = HowToRead::default();
    let upload = office.upload(&local(), purpose, "list", bytes, how).await;
    let mut upload = upload.unwrap();
    while matches!(upload.stage, Stage::Looking | Stage::Running) {
        tokio::task::yield_now().await;
        upload = office.upload_of(&local(), &upload.id).unwrap();
    }
    upload
}

async fn confirm(office: &Arc<Office>, upload: &Upload) {
    let mut upload = office.confirm(&local(), &upload.id, false).await.unwrap();
    while upload.stage == Stage::Running {
        tokio::task::yield_now().await;
        upload = office.upload_of(&local(), &upload.id).unwrap();
    }
    assert_eq!(upload.outcome.unwrap().left, 0);
}

#[test]
fn every_heading_leads_back_to_its_column() {
    for lang in Lang::ALL {
        for field in Purpose::Articles
            .fields()
            .iter()
            .chain(Purpose::Shares.fields())
        {
            if *field != Field::Nothing {
                assert_eq!(
                    Field::of_heading(field.in_words(lang)),
                    Some(*field),
                    "{lang}"
                );
            }
        }
        assert_eq!(
            Field::of_heading(lang.text("export.how")),
            Some(Field::Nothing)
        );
    }
}

#[tokio::test]
async fn the_queue() {
    let kit = Kit::new().await;
    for (title, text, at) in [
        ("=HYPERLINK(\"x\")", "dòng một\ndòng hai; có \"nháy\"", None),
        ("Tiêm phòng, đợt 2", "", Some("2026-12-01T00:30:00Z")),
        ("+84 281", "x", None),
    ] {
        let new = NewArticle {
            title: title.to_owned(),
            text: text.to_owned(),
            link: Some(format!("https://example.org/{}", title.len())),
            topic: Some("y-te".parse().unwrap()),
            priority: 3,
            at: at.map(|at| at.parse().unwrap()),
            channels: vec!["trang".to_owned(), "Tin Bắc Kạn".to_owned()],
            ..NewArticle::default()
        };
        kit.office.add(&lan(), None, new).await.unwrap();
    }
    // One whose group has a text of its own: it goes out there with that, and so it stands in the list.
    let with_own = NewArticle {
        title: "Chợ hoa".to_owned(),
        text: "Mời bà con".to_owned(),
        channels: vec!["trang".to_owned(), "nhom".to_owned()],
        own_texts: [("nhom".parse().unwrap(), "Mời cả nhóm".to_owned())].into(),
        ..NewArticle::default()
    };
    kit.office.add(&lan(), None, with_own).await.unwrap();
    // A draft, and one that comes round again.
    let draft = NewArticle {
        title: "Lịch tiêm".to_owned(),
        channels: vec!["trang".to_owned()],
        draft: true,
        evergreen: Some(Rule {
            every: "4w".to_owned(),
            until: Some("2099-12-31".parse().unwrap()),
            at_most: Some(5),
        }),
        ..NewArticle::default()
    };
    kit.office.add(&lan(), None, draft).await.unwrap();
    // What is out stands in no queue.
    kit.share_in(State::Shared, &lan(), "sau").await;
    for form in FORMS {
        for lang in Lang::ALL {
            let bytes = kit.office.export_queue(&lan(), lang, form).unwrap();
            let same = bring(&kit.office, Purpose::Articles, bytes.clone()).await;
            assert_eq!(same.looked.faults, [], "{form:?} {lang}");
            let seen = (same.looked.known, same.looked.good, same.looked.bad);
            assert_eq!(seen, (6, 0, 0), "{form:?} {lang}");

            let other = Kit::new().await;
            let upload = bring(&other.office, Purpose::Articles, bytes).await;
            assert_eq!(
                (upload.looked.good, upload.looked.bad),
                (6, 0),
                "{form:?} {lang}"
            );
            confirm(&other.office, &upload).await;
            // What goes out where, and when.
            let said = |kit: &Kit| {
                let articles = kit.office.articles(&hoa(), None, 9).unwrap().into_iter();
                let articles = articles.filter(|a| a.content.title != "Tiêm phòng đợt 2");
                let all = articles.flat_map(|a| {
                    let shares = kit.store.shares_of(a.id, None).unwrap().into_iter();
                    shares.map(move |s| {
                        let content = a.content.clone();
                        let text = s.own_text.unwrap_or(content.text);
                        let said = (content.title, text, content.link);
                        let rule = a.evergreen.as_ref().map(|rule| format!("{rule:?}"));
                        let how = (s.at, s.state == State::Draft, rule);
                        (said, a.topic.clone(), a.priority, s.channel, how)
                    })
                });
                let mut all: Vec<_> = all.collect();
                all.sort();
                all
            };
            assert_eq!(said(&kit), said(&other), "{form:?} {lang}");
        }
    }
}

#[tokio::test]
async fn the_queue_keeps_its_order() {
    let kit = Kit::new().await;
    let mut added = Vec::new();
    for title in ["một", "hai", "ba"] {
        let new = NewArticle {
            title: title.to_owned(),
            channels: vec!["trang".to_owned()],
            ..NewArticle::default()
        };
        added.push(kit.office.add(&lan(), None, new).await.unwrap());
    }
    let last = added[2].shares[0];
    let moved = kit.office.move_to(&lan(), None, last, MoveTo::Top).await;
    moved.unwrap();
    let form = Form::Csv(b';');
    let list = kit.office.export_queue(&lan(), Lang::Vi, form).unwrap();
    let list = String::from_utf8(list).unwrap();
    let titles: Vec<&str> = list
        .lines()
        .skip(1)
        .filter_map(|l| l.split(';').nth(1))
        .collect();
    assert_eq!(titles, ["ba", "một", "hai"]);
}

#[tokio::test]
async fn what_went_out() {
    let kit = Kit::new().await;
    let past = "Ngày;Kênh;Tiêu đề;Liên kết;Chủ đề;Link bài đăng\n28/8/2019;Tin Bắc Kạn;Hội xuân;https://x.vn/1;Văn hóa;https://www.facebook.com/groups/tinbackan/posts/5/\n1/9/2019 7:30;giao;Chợ hoa;;;\n";
    let upload = bring(&kit.office, Purpose::Shares, past.into()).await;
    confirm(&kit.office, &upload).await;
    kit.share_in(State::Shared, &lan(), "trang").await;
    let table = |kit: &Kit, by| {
        let ask = CountAsk {
            since: None,
            until: None,
            by,
            channel: None,
            topic: None,
            member: None,
            with_log: false,
        };
        let rows = kit.store.counts(&ask).unwrap().rows.into_iter();
        rows.map(|(key, f)| (key, f.shares, f.items))
            .collect::<Vec<_>>()
    };
    for form in FORMS {
        let bytes = kit
            .office
            .export_shares(&hoa(), Lang::Vi, form, (None, None))
            .unwrap();
        let same = bring(&kit.office, Purpose::Shares, bytes.clone()).await;
        assert_eq!(
            (same.looked.known, same.looked.good, same.looked.bad),
            (3, 0, 0),
            "{form:?}"
        );
        let other = Kit::new().await;
        let upload = bring(&other.office, Purpose::Shares, bytes).await;
        assert_eq!((upload.looked.good, upload.looked.bad), (3, 0), "{form:?}");
        confirm(&other.office, &upload).await;
        for by in [CountBy::Day, CountBy::Channel, CountBy::Topic] {
            assert_eq!(table(&kit, by), table(&other, by), "{form:?}");
        }
    }
    let until = Some("2019-08-31".parse().unwrap());
    let some = kit
        .office
        .export_shares(&hoa(), Lang::Vi, Form::Csv(b';'), (None, until));
    assert_eq!(String::from_utf8(some.unwrap()).unwrap().lines().count(), 2);
}
