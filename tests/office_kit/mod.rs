//! What the tests of the office share: an office in memory, its people, and shares anywhere in their
//! lives.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test uses a part of it"
)]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use raotin::chance::Chance;
use raotin::clock::{Clock, ManualClock};
use raotin::config::{Config, Desk, Env, Known, Place, Redactor, load};
use raotin::disk::{Disk, MachineDisk};
use raotin::intake::fetch::Fetcher;
use raotin::model::share::Attempt;
use raotin::model::{
    Actor, ArticleId, By, Cause, ChannelId, Commit, Count, Event, How, Post, Receipt, Role, Share,
    ShareId, State, Why,
};
use raotin::office::articles::NewArticle;
use raotin::office::uploads::Uploads;
use raotin::office::{Done, Office};
use raotin::store::history::History;
use raotin::store::media::MediaFolder;
use raotin::store::private::PrivateFolder;
use raotin::store::uploads::UploadFolder;
use raotin::store::{MemoryStore, Store};

pub const CONFIG: &str = r#"
[office]
name = "Phòng Văn hóa và Thông tin"
zone = "Asia/Ho_Chi_Minh"
lang = "vi"
default_channels = ["trang"]

[[channels]]
id = "trang"
title = "Trang"
platform = "facebook-page"
mode = "log"

[[channels]]
id = "duyet"
title = "Kênh phải duyệt"
platform = "telegram"
mode = "log"
approval = "required"

[[channels]]
id = "nhom"
title = "Tin Bắc Kạn"
platform = "facebook-group"
url = "https://www.facebook.com/groups/tinbackan"

[[channels]]
id = "giao"
title = "Nhóm Zalo"
platform = "zalo-group"
assignees = ["lan"]

[[channels]]
id = "sau"
title = "Sau trang"
platform = "other"
after = "trang"

[[groups]]
id = "cac-nhom"
channels = ["nhom", "giao"]

[[topics]]
id = "y-te"
title = "Y tế"
channels = ["trang", "nhom"]

[[topics]]
id = "van-hoa"
title = "Văn hóa"

[[feeds]]
id = "cong"
title = "Cổng thông tin"
url = "http://127.0.0.1:9/rss"
"#;

pub const SCHEDULE: &str = r#"
cron = "30 7 * * *"
channels = ["trang", "nhom"]
missed = "ask"
"#;

/// An office in memory. Its clock stands at 08:00 on Monday 23 November 2026, office time.
pub struct Kit {
    pub office: Arc<Office>,
    pub store: Arc<MemoryStore>,
    pub clock: ManualClock,
    pub config: InForce,
    _folder: tempfile::TempDir,
}

/// Puts another configuration in force, whatever the files say.
pub struct InForce(Arc<Desk>);

impl InForce {
    pub fn send_replace(&self, config: Arc<Config>) {
        self.0.put_in_force(config);
    }
}

pub fn now() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

/// A secret that a configuration may name: `{ env = "A_SECRET" }`.
pub const SECRET: (&str, &str) = ("A_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

fn env() -> Env {
    Env::of(&[SECRET], 0, &Redactor::default())
}

pub fn configured(text: &str) -> (Config, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("raotin.toml");
    std::fs::write(&file, text).unwrap();
    std::fs::create_dir(folder.path().join("schedules")).unwrap();
    std::fs::write(folder.path().join("schedules/sang.toml"), SCHEDULE).unwrap();
    let env = env();
    let loaded = load(&file, &env, now());
    let loaded = loaded.unwrap_or_else(|p| panic!("{p:?}"));
    (loaded.config, folder)
}

/// An office over a store, configured by the files of a folder. What it keeps stands there too, by name;
/// the lists that people bring on a disk of their own.
pub fn over<S: Store + History + 'static>(
    folder: &std::path::Path,
    store: Arc<S>,
    uploads: Arc<dyn Disk>,
    clock: &ManualClock,
    chance: Chance,
) -> (Arc<Office>, Arc<Desk>) {
    let place = Place {
        config: folder.join("raotin.toml"),
        data: folder.join("data"),
    };
    let disk = Arc::new(MachineDisk);
    let desk = Desk::open(place, env(), disk.clone(), &Known::default(), now());
    let desk = Arc::new(desk.unwrap());
    let private = PrivateFolder::open(disk.clone(), &folder.join("private")).unwrap();
    let media = MediaFolder::open(disk, &folder.join("media")).unwrap();
    let uploads = UploadFolder::open(uploads, &folder.join("uploads")).unwrap();
    let office = Office {
        store: store.clone(),
        history: store,
        changes: Arc::default(),
        almanac: Arc::default(),
        config: desk.config(),
        desk: desk.clone(),
        clock: Arc::new(clock.clone()),
        private: Arc::new(private),
        media: Arc::new(media),
        uploads: Arc::new(Uploads::new(uploads)),
        chance,
        fetcher: Arc::new(Fetcher::of_config(desk.config())),
    };
    (Arc::new(office), desk)
}

impl Kit {
    pub async fn new() -> Self {
        Self::with(CONFIG).await
    }

    pub async fn with(config: &str) -> Self {
        let (_, folder) = configured(config);
        let store = Arc::new(MemoryStore::new());
        let clock = ManualClock::new(now());
        let (disk, chance) = (Arc::new(MachineDisk), Chance::seeded(7));
        let (office, desk) = over(folder.path(), store.clone(), disk, &clock, chance);
        let kit = Self {
            office,
            store,
            clock,
            config: InForce(desk),
            _folder: folder,
        };
        kit.office.configured(&Actor::Daemon).await.unwrap();
        kit
    }

    pub async fn add(&self, actor: &Actor, channel: &str) -> (ArticleId, ShareId) {
        let done = self
            .office
            .add(actor, None, article(channel))
            .await
            .unwrap();
        (done.article.unwrap(), done.shares[0])
    }

    pub fn folder(&self) -> &std::path::Path {
        self._folder.path()
    }

    pub fn share(&self, id: ShareId) -> Share {
        self.store.share(id).unwrap().unwrap()
    }

    pub async fn happens(&self, events: Vec<Event>) {
        let mut commit = Commit::new(self.clock.now(), By::Daemon);
        for event in &events {
            if let Event::ShareAttempted { post, .. } | Event::ShareHanded { post, .. } = event {
                let text = serde_json::to_string(&Post::default()).unwrap();
                commit.texts.insert(*post, Some(text));
            }
        }
        commit.events = events;
        self.store.commit(commit).await.unwrap();
    }

    /// A share of `actor`'s, brought to a state as daemon and platform would.
    pub async fn share_in(&self, state: State, actor: &Actor, channel: &str) -> ShareId {
        let new = NewArticle {
            draft: state == State::Draft,
            ..article(channel)
        };
        let done = self.office.add(actor, None, new).await.unwrap();
        let id = done.shares[0];
        let now = self.clock.now();
        let day = "2026-11-23".parse().unwrap();
        let planned = Event::SharePlanned {
            share: id,
            due: now,
            day,
            key: "k".to_owned(),
            firing: None,
            fixed: false,
            why: None,
        };
        let attempted = Event::ShareAttempted {
            share: id,
            attempt: Attempt {
                number: 1,
                at: now,
                key: "k".to_owned(),
                prepared: String::new(),
                clock_skew: 0,
            },
            post: self.office.chance.text(now),
            version: self.share(id).version(1),
            approval: false,
        };
        let handed = Event::ShareHanded {
            share: id,
            due: now,
            day,
            until: now + SignedDuration::from_hours(24),
            post: self.office.chance.text(now),
            why: None,
        };
        let shared = Event::ShareShared {
            share: id,
            receipt: Some(Receipt {
                post_id: id.to_string(),
                permalink: None,
                at: now,
            }),
            count: Count {
                at: now,
                day,
                topic: None,
                unit: None,
                member: actor.member().cloned(),
                how: How::Auto,
            },
        };
        let why = Why::new(Cause::NoAnswer);
        let doubted = Event::ShareDoubted {
            share: id,
            why: why.clone(),
        };
        let failed = Event::ShareFailed {
            share: id,
            why: why.clone(),
        };
        let missed = Event::ShareMissed { share: id, why };
        match state {
            State::Draft | State::Submitted | State::Waiting => {}
            State::Planned => self.happens(vec![planned]).await,
            State::Sending => self.happens(vec![planned, attempted]).await,
            State::Unsure => self.happens(vec![planned, attempted, doubted]).await,
            State::Failed => self.happens(vec![planned, attempted, failed]).await,
            State::Shared => self.happens(vec![planned, attempted, shared]).await,
            State::ByHand => self.happens(vec![planned, handed]).await,
            State::Missed => self.happens(vec![planned, missed]).await,
            other => panic!("nobody needs {other:?}"),
        }
        assert_eq!(self.share(id).state, state);
        id
    }
}

pub fn article(channel: &str) -> NewArticle {
    NewArticle {
        title: "Tiêm phòng đợt 2".to_owned(),
        text: "Tại trạm y tế xã Nghĩa Tá, sáng thứ Ba.".to_owned(),
        channels: vec![channel.to_owned()],
        ..NewArticle::default()
    }
}

pub fn member(id: &str, roles: &[Role]) -> Actor {
    Actor::Member {
        id: id.parse().unwrap(),
        roles: roles.to_vec(),
    }
}

/// An officer.
pub fn lan() -> Actor {
    member("lan", &[Role::Officer])
}
/// An approver.
pub fn hoa() -> Actor {
    member("hoa", &[Role::Approver])
}
/// The local operator.
pub fn local() -> Actor {
    Actor::Local {
        uid: 1000,
        on_behalf_of: None,
    }
}

pub fn channel(id: &str) -> ChannelId {
    id.parse().unwrap()
}

pub fn first(done: &Done) -> ShareId {
    done.shares[0]
}
