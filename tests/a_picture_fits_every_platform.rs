//! What a platform would refuse is made to fit before it goes there: too many bytes, too many pixels,
//! another kind. The fakes decode what they get and refuse what the real ones refuse; after fitting none
//! does. What cannot be made to fit is refused before anything leaves, and told when it is written.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod fakes;
mod office_kit;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use fakes::bluesky::FakeBluesky;
use fakes::desk::{PATIENT, attempt, clock, deps, post};
use fakes::facebook::FakeFacebook;
use fakes::mastodon::FakeMastodon;
use fakes::matrix::FakeMatrix;
use fakes::place::Place;
use fakes::telegram::FakeTelegram;
use fakes::wordpress::FakeWordpress;
use office_kit::{CONFIG, Kit, article, local};
use raotin::clock::{Clock as _, ManualClock};
use raotin::lang::Lang;
use raotin::model::{Picture, Post};
use raotin::office::{Invalid, OfficeError};
use raotin::platform::{Deps, Pictures, SendError, connect};

/// Pictures by name, and what was made of them.
#[derive(Default)]
struct Shelf {
    pictures: HashMap<String, Bytes>,
    made: Mutex<HashMap<String, Bytes>>,
    made_so_often: Mutex<usize>,
}

impl Pictures for Shelf {
    fn bytes(&self, hash: &str) -> io::Result<Bytes> {
        let found = self.pictures.get(hash).cloned();
        found.ok_or(io::ErrorKind::NotFound.into())
    }
    fn made(&self, name: &str) -> Option<Bytes> {
        self.made.lock().unwrap().get(name).cloned()
    }
    fn keep_made(&self, name: &str, bytes: &[u8]) {
        *self.made_so_often.lock().unwrap() += 1;
        let bytes = Bytes::copy_from_slice(bytes);
        self.made.lock().unwrap().insert(name.to_owned(), bytes);
    }
}

fn shelf() -> Shelf {
    let scene = camera::scene;
    let pictures = [
        // Over every platform's bytes.
        ("heavy", camera::heavy_jpeg(scene(200, 150), 17 << 20)),
        // 1.1 MB that nothing makes small but fewer pixels: over those of a card on Bluesky.
        ("leaves", camera::plain_png(camera::leaves(700, 500))),
        // Over Telegram's sum of sides, and over this Mastodon's pixels.
        ("banner", camera::plain_png(scene(9000, 1001))),
        ("webp", camera::plain_webp(scene(300, 200))),
        ("film", camera::plain_gif(&scene(80, 60), 3)),
        ("half", camera::half_png(90, 60)),
        // As an older version kept it: with all that it tells, and on its side.
        ("phone", camera::phone_jpeg(scene(120, 90), 6)),
        ("strip", camera::plain_png(scene(2100, 100))),
    ];
    let pictures = pictures.map(|(name, bytes)| (name.to_owned(), bytes.into()));
    Shelf {
        pictures: pictures.into(),
        ..Shelf::default()
    }
}

type Make = fn(&ManualClock) -> Box<dyn Place>;

const PLACES: [(&str, Make); 6] = [
    ("telegram", |clock| {
        Box::new(FakeTelegram::start(Arc::new(clock.clone())))
    }),
    ("facebook", |clock| {
        Box::new(FakeFacebook::start(Arc::new(clock.clone())))
    }),
    ("bluesky", |clock| {
        Box::new(FakeBluesky::start(Arc::new(clock.clone())))
    }),
    ("mastodon", |clock| {
        Box::new(FakeMastodon::start(Arc::new(clock.clone())))
    }),
    ("matrix", |clock| {
        Box::new(FakeMatrix::start(Arc::new(clock.clone())))
    }),
    ("wordpress", |clock| {
        Box::new(FakeWordpress::start(Arc::new(clock.clone())))
    }),
];

const KEY: &str = "0199a0c0-0000-7000-8000-000000000001";

fn of(names: &[&str], link: Option<&str>) -> Post {
    let mut content = post("Ảnh lễ hội Lồng Tồng", link, names.len());
    for (picture, name) in content.parts[0].pictures.iter_mut().zip(names) {
        picture.hash = (*name).to_owned();
    }
    content
}

/// Prepares and sends; what the place has then.
async fn sent(make: Make, shelf: &Arc<Shelf>, content: &Post) -> Result<usize, SendError> {
    let clock = clock();
    let place = make(&clock);
    let deps = Deps {
        pictures: shelf.clone(),
        ..deps(PATIENT, &clock)
    };
    let platform = connect(&place.target(), None, deps).unwrap();
    let prepared = platform.prepare(KEY, content).await;
    assert!(place.posts().is_empty(), "shown too early");
    let attempt = attempt(KEY, clock.now(), prepared?, 0);
    platform.send(&attempt, content, 0, &[]).await?;
    assert_eq!(place.complaints(), Vec::<String>::new());
    let [seen] = &place.posts()[..] else {
        panic!("not one post");
    };
    Ok(seen.pictures)
}

#[tokio::test]
async fn whatever_it_is_none_refuses_it() {
    let shelf = Arc::new(shelf());
    for (name, make) in PLACES {
        for picture in ["heavy", "banner", "webp", "film", "half", "phone"] {
            let sent = sent(make, &shelf, &of(&[picture], None)).await;
            assert_eq!(sent, Ok(1), "{name}: {picture}");
        }
        let several = of(&["heavy", "webp", "phone"], None);
        assert_eq!(sent(make, &shelf, &several).await, Ok(3), "{name}");
    }
    // The picture of a link's card may be half as large.
    let card = of(&["leaves"], Some("https://chodon.gov.vn/le-hoi"));
    assert_eq!(sent(PLACES[2].1, &shelf, &card).await, Ok(1));
}

#[tokio::test]
async fn what_was_made_for_one_try_goes_with_the_next() {
    let shelf = Arc::new(shelf());
    let facebook = PLACES[1].1;
    for _ in 0..2 {
        // Read for preparing and for sending, twice.
        assert_eq!(sent(facebook, &shelf, &of(&["heavy"], None)).await, Ok(1));
    }
    assert_eq!(*shelf.made_so_often.lock().unwrap(), 1);
    // One that forgets makes the very same again.
    let first = shelf.made.lock().unwrap().drain().next().unwrap();
    assert_eq!(sent(facebook, &shelf, &of(&["heavy"], None)).await, Ok(1));
    assert_eq!(shelf.made(&first.0), Some(first.1));
}

#[tokio::test]
async fn what_cannot_fit_is_refused_before_anything_leaves() {
    let shelf = Arc::new(shelf());
    let refused = sent(PLACES[0].1, &shelf, &of(&["strip"], None)).await;
    assert!(
        matches!(&refused, Err(SendError::Refused { reason }) if reason.contains("20 times")),
        "{refused:?}"
    );
    assert_eq!(
        sent(PLACES[1].1, &shelf, &of(&["strip"], None)).await,
        Ok(1)
    );
}

/// Compose says what will be done, and a picture that one channel cannot take is told there.
#[tokio::test]
async fn it_is_told_when_it_is_written() {
    let kit = Kit::with(CONFIG).await;
    let keep = |name: &str| {
        let bytes = shelf().pictures[name].clone();
        kit.office.keep_picture(&local(), &bytes).unwrap()
    };
    let with = |hashes: &[String], channel: &str| {
        let mut new = article(channel);
        new.pictures = hashes
            .iter()
            .map(|hash| Picture {
                hash: hash.clone(),
                alt: "Lễ hội".to_owned(),
            })
            .collect();
        new
    };
    let pictures = ["heavy", "film", "half", "phone", "banner"].map(keep);
    // `trang` is a Page, `duyet` on Telegram, `nhom` is served by a person.
    let mut told = String::new();
    for channel in ["trang", "duyet", "nhom"] {
        let new = with(&pictures, channel);
        for foreseen in kit.office.foresee(&local(), None, &new).unwrap() {
            told.push_str(&format!("{channel}:\n"));
            for fitting in &foreseen.fittings {
                let says = kit.office.tell_fitting(Lang::Vi, fitting);
                told.push_str(&format!("  {says}\n"));
            }
        }
        kit.office.add(&local(), None, new).await.unwrap();
    }
    insta::assert_snapshot!(told, @r"
    trang:
      Ảnh 1: nén lại cho nhẹ.
      Ảnh 2: đổi từ GIF sang JPEG, chỉ đăng hình đầu tiên của ảnh động.
    duyet:
      Ảnh 1: nén lại cho nhẹ.
      Ảnh 2: đổi từ GIF sang JPEG, chỉ đăng hình đầu tiên của ảnh động.
      Ảnh 5: thu nhỏ còn nhiều nhất 2560 × 284 điểm ảnh.
    nhom:
    ");
    let strip = [keep("strip")];
    let refused = kit.office.add(&local(), None, with(&strip, "duyet")).await;
    assert!(
        matches!(
            &refused,
            Err(OfficeError::Invalid {
                field: "pictures",
                what: Invalid::PictureUnfit { number: 1, .. }
            })
        ),
        "{refused:?}"
    );
    let foreseen = kit.office.foresee(&local(), None, &with(&strip, "duyet"));
    assert!(foreseen.unwrap()[0].fittings[0].what.is_err());
    kit.office
        .add(&local(), None, with(&strip, "trang"))
        .await
        .unwrap();
}
