//! What the tests of stores share: an office in which anything happens, sensible or not, and the
//! questions by which two stores are compared.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use raotin::clock::ManualClock;
use raotin::disk::{Disk, MachineDisk};
use raotin::model::channel::Order;
use raotin::model::share::{Attempt, Cause, Removal, Taken, TakenDownBy};
use raotin::model::words::Sought;
use raotin::model::{
    ArticleId, By, ChannelId, Commit, Count, Event, FeedId, Firing, How, MemberId, Mode, Part,
    PlatformKind, Post, Receipt, Role, ScheduleId, Share, ShareId, Spot, State, TextId, TopicId,
    UnitId, Version, Why,
};
use raotin::model::{Evergreen, Every};
use raotin::store::sled::{OpenOptions, SledStore};
use raotin::store::{ArticleAsk, CountAsk, CountBy, MemoryStore, QueueAsk, ShareAsk, Store};

pub const CHANNELS: [&str; 4] = ["trang", "nhom-1", "nhom-2", "zalo"];
pub const TOPICS: [&str; 3] = ["y-te", "giao-duc", "lua"];
pub const MEMBERS: [&str; 2] = ["lan", "minh"];
pub const SCHEDULES: [&str; 2] = ["sang", "chieu"];
const LINKS: [&str; 3] = [
    "https://a.example/1",
    "https://a.example/2",
    "https://b.example/x?y=1",
];

pub fn channel(n: usize) -> ChannelId {
    ChannelId::new(CHANNELS[n % CHANNELS.len()]).unwrap()
}
pub fn topic(n: usize) -> TopicId {
    TopicId::new(TOPICS[n % TOPICS.len()]).unwrap()
}
pub fn member(n: usize) -> MemberId {
    MemberId::new(MEMBERS[n % MEMBERS.len()]).unwrap()
}
pub fn schedule(n: usize) -> ScheduleId {
    ScheduleId::new(SCHEDULES[n % SCHEDULES.len()]).unwrap()
}
pub fn begin() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

/// Numbers without chance: the same for the same seed.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn maybe<T>(&mut self, value: T) -> Option<T> {
        self.one_in(2).then_some(value)
    }
}

pub fn feed() -> FeedId {
    FeedId::new("cong").unwrap()
}

/// An office in which anything happens.
pub struct Office {
    pub dice: Dice,
    pub now: Timestamp,
    made: u64,
    pub articles: Vec<ArticleId>,
    pub shares: Vec<ShareId>,
}

impl Office {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            now: begin(),
            made: 0,
            articles: Vec::new(),
            shares: Vec::new(),
        }
    }

    fn unique(&mut self) -> ([u8; 10], u64) {
        self.made += 1;
        let mut random = [0; 10];
        // Ids are in no order: nothing may rest on it.
        random[..8].copy_from_slice(&self.dice.next().to_be_bytes());
        (random, self.dice.next() % 1_000_000_000_000)
    }
    pub fn article_id(&mut self) -> ArticleId {
        let (random, ms) = self.unique();
        ArticleId::new(ms, random)
    }
    pub fn share_id(&mut self) -> ShareId {
        let (random, ms) = self.unique();
        ShareId::new(ms, random)
    }
    pub fn text(&mut self, commit: &mut Commit, text: String) -> TextId {
        let (random, ms) = self.unique();
        let id = TextId::new(ms, random);
        commit.texts.insert(id, Some(text));
        id
    }

    pub fn by(&mut self) -> By {
        match self.dice.below(3) {
            0 => By::Daemon,
            1 => By::Member(member(self.dice.below(2))),
            _ => By::Local(1000, self.dice.one_in(2).then(|| member(0))),
        }
    }

    pub fn commit(&mut self) -> Commit {
        self.now += SignedDuration::from_millis(1 + (self.dice.next() % 4_000) as i64);
        let by = self.by();
        Commit::new(self.now, by)
    }

    /// All that is configured.
    pub fn opening(&mut self) -> Commit {
        let mut commit = Commit::new(self.now, By::Daemon);
        for n in 0..CHANNELS.len() {
            commit.events.push(Event::ChannelSeen {
                channel: channel(n),
                title: format!("Kênh {n}"),
                platform: PlatformKind::ALL[n],
                mode: [Mode::Post, Mode::ByHand, Mode::Log][n % 3],
            });
        }
        for n in 0..TOPICS.len() {
            commit.events.push(Event::TopicSeen {
                topic: topic(n),
                title: format!("Chủ đề {n}"),
            });
        }
        for n in 0..SCHEDULES.len() {
            commit.events.push(Event::ScheduleSeen {
                schedule: schedule(n),
                cron: "0 8 * * *".into(),
                zone: "Asia/Ho_Chi_Minh".into(),
                known_since: self.now,
            });
        }
        commit.events.push(Event::FeedSeen {
            feed: feed(),
            title: "Nguồn".into(),
            url: "https://example.vn/rss".into(),
        });
        for n in 0..MEMBERS.len() {
            commit.events.push(Event::MemberSet {
                member: member(n),
                roles: vec![Role::Officer],
                unit: UnitId::new("ubnd").ok(),
            });
        }
        commit
    }

    pub fn day(&mut self) -> Date {
        let days = self.dice.below(120) as i64;
        date(2026, 10, 1).saturating_add(jiff::Span::new().days(days))
    }
    fn why(&mut self) -> Why {
        let cause = [Cause::Gap, Cause::Person, Cause::NoAnswer][self.dice.below(3)];
        Why {
            cause,
            detail: self.dice.maybe("vì thế".to_owned()),
        }
    }
    fn spot(&mut self, share: Option<&Share>) -> Spot {
        match self.dice.below(4) {
            0 | 1 => Spot::End,
            2 => Spot::Top,
            _ => {
                let near = share.and_then(|s| s.place).unwrap_or(0);
                Spot::At(near + [0, 1, -1, 1 << 19, 1 << 20, i64::MAX / 2][self.dice.below(6)])
            }
        }
    }
    pub fn count(&mut self, how: How) -> Count {
        Count {
            at: self.now - SignedDuration::from_secs(self.dice.below(4000) as i64),
            day: self.day(),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            unit: None,
            member: self.dice.one_in(2).then(|| member(self.dice.below(2))),
            how,
        }
    }
    fn receipt(&mut self) -> Receipt {
        Receipt {
            post_id: format!("bài-{}", self.dice.below(30)),
            permalink: self.dice.maybe("https://x.example/p".to_owned()),
            at: self.now,
        }
    }
    fn later(&mut self) -> (Timestamp, Date) {
        let due = self.now + SignedDuration::from_secs(self.dice.below(100_000) as i64);
        (due, self.day())
    }
    fn long_or_short(&mut self) -> String {
        match self.dice.below(12) {
            0 => "Trạm y tế xã thông báo. ".repeat(400),
            1 => "ờ".repeat(63_206),
            2 => String::new(),
            _ => format!("Bài số {}", self.made),
        }
    }

    pub fn add_article(&mut self, commit: &mut Commit) -> ArticleId {
        let id = self.article_id();
        let title = format!("Tiêu đề {}", self.made);
        let text = self.long_or_short();
        let event = Event::ArticleAdded {
            article: id,
            title: self.text(commit, title),
            text: self.text(commit, text),
            link: self
                .dice
                .one_in(3)
                .then(|| LINKS[self.dice.below(3)].into()),
            pictures: Vec::new(),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            priority: [0, 0, 3, 9][self.dice.below(4)],
            source: "typed".into(),
            row: self
                .dice
                .one_in(5)
                .then(|| format!("row-{}", self.dice.below(9))),
            member: self.dice.one_in(2).then(|| member(self.dice.below(2))),
            unit: None,
        };
        commit.events.push(event);
        self.articles.push(id);
        commit.events.extend(self.about_a_feed(id));
        id
    }

    /// Something of a feed, now and then; no dice are thrown for it.
    fn about_a_feed(&self, article: ArticleId) -> Option<Event> {
        let made = self.made;
        let feed = feed();
        let names = vec![format!("n{}", made % 100), format!("m{made}")];
        let content = format!("c{made}");
        match made % 20 {
            0 => Some(Event::FeedSeen {
                feed,
                title: format!("Nguồn {made}"),
                url: format!("https://example.vn/{}", made % 3),
            }),
            4 => Some(Event::FeedPassedOver {
                feed,
                entries: vec![names],
                why: "old".into(),
            }),
            8 => Some(Event::FeedLearned {
                feed,
                article: Some(article),
                names,
                content,
                version: 1,
            }),
            12 => Some(Event::FeedBegun { feed }),
            16 => Some(Event::FeedTook {
                feed,
                article,
                names: vec![format!("m{made}")],
                content,
                day: date(2026, 11, 1),
            }),
            _ => None,
        }
    }

    pub fn add_share(&mut self, commit: &mut Commit, article: ArticleId, state: State) -> ShareId {
        let id = self.share_id();
        let (at, day) = self.later();
        let own = self.dice.one_in(8).then(|| self.long_or_short());
        let how = match self.dice.one_in(9) {
            true => How::Auto,
            false => How::BackFilled,
        };
        let event = Event::ShareAdded {
            share: id,
            article,
            channel: channel(self.dice.below(4)),
            state,
            spot: (!self.dice.one_in(20)).then(|| match self.dice.one_in(5) {
                true => self.spot(None),
                false => Spot::End,
            }),
            at: (state == State::Planned || self.dice.one_in(30)).then_some(at),
            day: (!self.dice.one_in(30)).then_some(day),
            key: Some(format!("key-{}", self.made)),
            topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
            priority: [0, 0, 0, 1, 5][self.dice.below(5)],
            own_text: own.map(|text| self.text(commit, text)),
            again: self.dice.one_in(4),
            receipt: self.dice.one_in(2).then(|| self.receipt()),
            count: (!self.dice.one_in(20)).then(|| self.count(how)),
            origin: None,
        };
        commit.events.push(event);
        self.shares.push(id);
        id
    }

    /// Something that may happen to a share, more or less fitting.
    pub fn befall_share(&mut self, commit: &mut Commit, model: &MemoryStore) {
        if self.shares.is_empty() {
            return;
        }
        // Mostly the latest ones, so that some live to the end.
        let all = self.shares.len();
        let among = if self.dice.one_in(4) { all } else { all.min(5) };
        let share = self.shares[all - 1 - self.dice.below(among)];
        let known = model.share(share).unwrap();
        let article = known
            .as_ref()
            .and_then(|s| model.article(s.article).unwrap());
        let version = Version {
            article: article.map_or(1, |a| a.version) + u32::from(self.dice.one_in(15)),
            own: known.as_ref().map_or(0, |s| s.own_version),
        };
        let (due, day) = self.later();
        let why = self.why();
        use State::*;
        let state = known.as_ref().map_or(Draft, |s| s.state);
        let fitting: &[u8] = match state {
            Draft => &[0, 1, 2],
            Submitted => &[3, 4, 4, 5, 6],
            Waiting => &[7, 8, 8, 9, 9, 9, 9, 2, 28],
            Planned => &[10, 10, 10, 10, 11, 12, 13, 14, 14, 7, 23],
            Sending => &[15, 15, 16, 16, 17, 18, 18, 19],
            Unsure => &[15, 17, 19, 20, 20, 20],
            ByHand => &[21, 22, 22, 22, 23, 5],
            Shared => &[24, 24, 24, 25, 26],
            Failed | Missed => &[9, 14, 5, 22, 2],
            Cancelled | Removed => &[1],
        };
        let which = match self.dice.one_in(12) {
            true => self.dice.below(29) as u8,
            false => fitting[self.dice.below(fitting.len())],
        };
        let event = match which {
            0 => Event::ShareSubmitted { share },
            1 => {
                let changed = self.dice.below(3) as u32;
                let text = self.dice.one_in(2).then(|| self.long_or_short());
                Event::ShareEdited {
                    share,
                    topic: self.dice.one_in(2).then(|| topic(self.dice.below(3))),
                    priority: self.dice.below(10) as u8,
                    own_text: text.map(|text| self.text(commit, text)),
                    own_version: version.own + changed,
                }
            }
            2 => Event::ShareCancelled { share, why },
            3 => Event::ShareReturned { share, note: None },
            4 => {
                commit.events.push(Event::ShareApproved { share, version });
                Event::ShareQueued {
                    share,
                    spot: Spot::End,
                    why: None,
                }
            }
            5 | 13 => Event::ShareQueued {
                share,
                spot: self.spot(known.as_ref()),
                why: Some(why),
            },
            6 => Event::ShareApproved { share, version },
            7 => Event::ShareUnapproved { share, why },
            8 => Event::ShareMoved {
                share,
                spot: self.spot(known.as_ref()),
            },
            9 => Event::SharePlanned {
                share,
                due,
                day,
                key: format!("key-{share}"),
                firing: self.dice.one_in(2).then(|| Firing {
                    schedule: schedule(0),
                    instant: due,
                }),
                fixed: self.dice.one_in(4),
                why: None,
            },
            10 => {
                let post = self.post();
                Event::ShareAttempted {
                    share,
                    attempt: Attempt {
                        number: 1,
                        at: self.now,
                        key: known
                            .as_ref()
                            .and_then(|s| s.key.clone())
                            .unwrap_or_default(),
                        prepared: "{}".into(),
                        clock_skew: -3,
                    },
                    post: self.text(commit, post),
                    version,
                    approval: self.dice.one_in(6),
                }
            }
            11 => Event::ShareDelayed {
                share,
                due,
                day,
                why: Some(why),
            },
            12 => Event::ShareFixed { share, due, day },
            14 | 27 => {
                let post = self.post();
                Event::ShareHanded {
                    share,
                    due,
                    day,
                    until: due + SignedDuration::from_hours(24),
                    post: self.text(commit, post),
                    why: None,
                }
            }
            15 => {
                let how = [How::Auto, How::Log][self.dice.below(2)];
                Event::ShareShared {
                    share,
                    receipt: Some(self.receipt()),
                    count: self.count(how),
                }
            }
            16 => Event::SharePartSent {
                share,
                receipt: self.receipt(),
            },
            17 => Event::ShareNotSent {
                share,
                due,
                day,
                counts: self.dice.one_in(2),
                receipt: self.dice.one_in(4).then(|| self.receipt()),
                why,
            },
            18 => Event::ShareDoubted { share, why },
            19 => Event::ShareFailed { share, why },
            20 => Event::ShareAsked { share, why },
            21 => Event::ShareTaken {
                share,
                taken: self.dice.one_in(2).then(|| Taken {
                    by: Some(member(0)),
                    until: due,
                }),
            },
            22 => Event::ShareShared {
                share,
                receipt: self.dice.one_in(2).then(|| self.receipt()),
                count: self.count(How::ByHand),
            },
            23 => Event::ShareMissed { share, why },
            24 => Event::ShareUndone {
                share,
                due,
                day,
                until: due,
            },
            25 => Event::RemovalChanged {
                share,
                removal: [None, Some(Removal::Asked), Some(Removal::ByHand)][self.dice.below(3)],
                why: None,
            },
            28 => Event::ShareFreed { share },
            _ => Event::ShareRemoved { share },
        };
        commit.events.push(event);
    }

    fn post(&mut self) -> String {
        let text = self.long_or_short();
        let part = Part {
            text,
            ..Part::default()
        };
        serde_json::to_string(&Post { parts: vec![part] }).unwrap()
    }

    fn edit_article(&mut self, commit: &mut Commit, model: &MemoryStore) {
        let Some(n) = self.articles.len().checked_sub(1) else {
            return;
        };
        let article = self.articles[self.dice.below(n + 1)];
        let version = model.article(article).unwrap().map_or(1, |a| a.version);
        let text = self.long_or_short();
        let event = Event::ArticleEdited {
            article,
            version: version + [0, 1, 1, 2][self.dice.below(4)],
            title: self.text(commit, "Tiêu đề mới".into()),
            text: self.text(commit, text),
            link: self
                .dice
                .one_in(2)
                .then(|| LINKS[self.dice.below(3)].into()),
            pictures: Vec::new(),
            topic: self.dice.one_in(3).then(|| topic(self.dice.below(3))),
            priority: self.dice.below(10) as u8,
        };
        commit.events.push(event);
    }

    fn of_the_office(&mut self, commit: &mut Commit, model: &MemoryStore) {
        let dice = &mut self.dice;
        let minute = |n: usize| begin() + SignedDuration::from_mins(n as i64);
        let one = dice.one_in(2).then(|| channel(0));
        let event = match dice.below(15) {
            0 => Event::Paused {
                channel: one,
                why: Why::new(Cause::Person),
                until: (!dice.one_in(6)).then(|| commit.at + SignedDuration::from_secs(12)),
            },
            1 | 2 => Event::Resumed { channel: one },
            3 => Event::ChannelGone {
                channel: channel(dice.below(4)),
            },
            4 => Event::ChannelSeen {
                channel: channel(dice.below(4)),
                title: "Tên mới".into(),
                platform: PlatformKind::Other,
                mode: Mode::ByHand,
            },
            5 => Event::ChannelRetargeted {
                channel: channel(1),
                target: "-100123".into(),
            },
            6 | 7 => Event::FiringFired {
                schedule: schedule(dice.below(2)),
                instant: minute(dice.below(12)),
                late: false,
            },
            8 => Event::FiringSkipped {
                schedule: schedule(dice.below(2)),
                since: minute(1),
                instant: minute(dice.below(12)),
                count: 3,
            },
            9 => Event::FiringAsked {
                schedule: schedule(dice.below(2)),
                since: minute(1),
                instant: minute(dice.below(12)),
                count: 3,
            },
            10 => Event::Tick {
                until: minute(dice.below(100)),
            },
            11 | 12 => Event::RequestAnswered {
                key: format!("k{}", dice.below(6)),
                digest: "d".into(),
                answer: serde_json::json!({"id": [1, null, "x".repeat(dice.below(9000))]}),
            },
            13 if dice.one_in(3) => {
                let commits = model.commits();
                let there: Vec<_> = commits.iter().flat_map(|c| c.texts.keys()).collect();
                Event::Erased {
                    texts: (0..4)
                        .filter(|_| !there.is_empty())
                        .map(|_| *there[dice.below(there.len())])
                        .collect(),
                    why: "luật".into(),
                }
            }
            13 => Event::TopicGone {
                topic: topic(dice.below(3)),
            },
            _ => Event::MemberRetired { member: member(1) },
        };
        commit.events.push(event);
    }

    /// Whatever comes next.
    pub fn anything(&mut self, model: &MemoryStore) -> Commit {
        let mut commit = self.commit();
        match self.dice.below(20) {
            0..4 => {
                let article = self.add_article(&mut commit);
                for _ in 0..self.dice.below(4) {
                    use State::*;
                    let states = [Waiting, Waiting, Waiting, Draft, Submitted, Planned, Shared];
                    let state = match self.dice.one_in(25) {
                        true => State::ALL[self.dice.below(12)],
                        false => states[self.dice.below(7)],
                    };
                    self.add_share(&mut commit, article, state);
                }
            }
            4 => self.edit_article(&mut commit, model),
            5 => self.of_the_office(&mut commit, model),
            6 => {
                // Several in one commit: all or none.
                self.befall_share(&mut commit, model);
                self.befall_share(&mut commit, model);
                self.of_the_office(&mut commit, model);
            }
            7 if !self.articles.is_empty() => {
                let article = self.articles[self.dice.below(self.articles.len())];
                let share = self.add_share(&mut commit, article, State::Waiting);
                commit.events.push(Event::ShareCameRound { share, turn: 2 });
                let rule = (!self.made.is_multiple_of(4)).then(|| Evergreen {
                    every: Every::days(30).unwrap(),
                    until: self
                        .made
                        .is_multiple_of(3)
                        .then_some(jiff::civil::date(2027, 6, 1)),
                    at_most: (self.made % 3 == 1).then_some(3),
                });
                commit
                    .events
                    .push(Event::ArticleEvergreen { article, rule });
                if self.made.is_multiple_of(2) {
                    let link = LINKS[usize::from(self.made.is_multiple_of(3))].into();
                    commit
                        .events
                        .push(Event::ArticleCanonical { article, link });
                }
            }
            _ => self.befall_share(&mut commit, model),
        }
        commit
    }
}

/// Opens a store over the machine's disk.
pub fn options(data: &Path) -> OpenOptions {
    let disk: Arc<dyn Disk> = Arc::new(MachineDisk);
    OpenOptions {
        data_dir: data.to_owned(),
        disk,
        clock: Arc::new(ManualClock::new(begin())),
        progress: None,
    }
}

pub fn open(data: &Path) -> SledStore {
    SledStore::open(options(data)).unwrap()
}

/// Commits in order, all on their way at once, so that they fall into one group or several.
pub fn commit_all(
    store: &dyn Store,
    commits: &[Commit],
) -> Vec<Result<(), raotin::store::StoreError>> {
    let on_their_way = commits.iter().map(|c| store.commit(c.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(futures_util::future::join_all(on_their_way))
}

/// A few of many, from first to last.
fn some<T: Copy>(all: &[T]) -> impl Iterator<Item = T> {
    all.iter().copied().step_by(1 + all.len() / 12)
}

/// All that can be asked, in words.
pub fn answers(store: &dyn Store, office: &Office) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut ask = |question: String, answer: String| all.push((question, answer));
    macro_rules! ask {
        ($($what:tt)*) => { ask(stringify!($($what)*).to_owned(), format!("{:?}", store.$($what)*)) };
    }
    ask!(articles(None, usize::MAX));
    ask!(articles(None, 3));
    ask!(channels());
    ask!(schedules());
    ask!(topics());
    ask!(feeds());
    for n in (0..100).step_by(4) {
        ask!(feed_entry(&feed(), &format!("n{n}")));
        ask!(feed_entry(&feed(), &format!("m{n}")));
    }
    ask!(members());
    ask!(paused_all());
    ask!(considered());
    ask!(last_commit());
    ask!(removals(TakenDownBy::Daemon, 100));
    ask!(removals(TakenDownBy::Person, 1));
    ask!(evergreens(100));
    ask!(evergreens(2));
    for key in LINKS.iter().filter_map(|l| raotin::compose::link_key(l)) {
        ask(
            format!("link {key}"),
            format!("{:?}", store.articles_with_link(&key)),
        );
    }
    for n in 0..9 {
        ask(
            format!("row {n}"),
            format!("{:?}", store.imported(&format!("row-{n}"))),
        );
    }
    for id in &some(&office.articles).collect::<Vec<_>>() {
        ask(format!("article {id}"), format!("{:?}", store.article(*id)));
        if let Ok(Some(article)) = store.article(*id) {
            let content = &article.content;
            let sketch = raotin::compose::similar::Sketch::of(&content.title, &content.text);
            if let Some(sketch) = sketch {
                let like = |limit| format!("{:?}", store.like(&sketch, limit));
                ask(format!("like {id}"), like(100) + &like(2));
            }
        }
        ask(
            format!("after {id}"),
            format!("{:?}", store.articles(Some(*id), 2)),
        );
        let mine = store.shares_of(*id, None);
        ask(format!("shares of {id}"), format!("{mine:?}"));
        let there = store.shares_of(*id, Some(&channel(1)));
        ask(format!("shares of {id} there"), format!("{there:?}"));
        let page = ShareAsk {
            article: Some(*id),
            limit: 2,
            ..ShareAsk::default()
        };
        ask(format!("{page:?}"), format!("{:?}", store.shares(&page)));
    }
    for id in &office.shares {
        ask(format!("share {id}"), format!("{:?}", store.share(*id)));
    }
    for id in &some(&office.shares).collect::<Vec<_>>() {
        ask(format!("story {id}"), format!("{:?}", store.story(*id)));
    }
    let mut afters = vec![None];
    afters.extend(some(&office.shares).map(Some));
    let states = [
        vec![],
        vec![State::Waiting],
        vec![State::Shared, State::Sending],
        vec![State::Unsure, State::Failed, State::Waiting, State::ByHand],
        vec![State::Planned],
    ];
    for after in afters {
        for states in &states {
            for channel in [
                None,
                Some(channel(0)),
                Some(channel(2)),
                ChannelId::new("x").ok(),
            ] {
                for limit in [1, 4, 1000] {
                    let page = ShareAsk {
                        states: states.clone(),
                        channel: channel.clone(),
                        after: after.map(Into::into),
                        limit,
                        ..ShareAsk::default()
                    };
                    ask(format!("{page:?}"), format!("{:?}", store.shares(&page)));
                }
            }
        }
    }
    for page in share_asks() {
        ask(
            format!("{page:?}"),
            format!("{:?}", store.find_shares(&page)),
        );
        // The same, a few at a time, and looking at no more than it must.
        let few = ShareAsk {
            limit: 3,
            enough: Some(40),
            ..page.clone()
        };
        ask(
            format!("walked {page:?}"),
            format!("{:?}", walked(store, few)),
        );
    }
    for words in WORDS {
        let page = ArticleAsk {
            words: Sought::of(words),
            limit: 3,
            ..ArticleAsk::default()
        };
        ask(
            format!("{page:?}"),
            format!("{:?}", store.find_articles(&page)),
        );
        let mut all = Vec::new();
        let mut few = ArticleAsk {
            enough: Some(40),
            ..page
        };
        loop {
            let found = store.find_articles(&few).unwrap();
            all.extend(found.articles.iter().map(|a| a.id));
            few.after = found.next;
            if found.next.is_none() {
                break;
            }
        }
        ask(format!("articles {words}"), format!("{all:?}"));
    }
    for n in 0..CHANNELS.len() {
        let channel = channel(n);
        ask(
            format!("{channel}"),
            format!("{:?}", store.channel(&channel)),
        );
        for limit in [2, 1000] {
            ask(
                format!("planned {channel}"),
                format!("{:?}", store.planned(&channel, limit)),
            );
        }
        for post in 0..30 {
            let found = store.share_posted_as(&channel, &format!("bài-{post}"));
            ask(format!("{channel} bài-{post}"), format!("{found:?}"));
        }
        for days in 0..120 {
            let day = date(2026, 10, 1).saturating_add(jiff::Span::new().days(days));
            ask(
                format!("{channel} {day}"),
                format!("{:?}", store.used_on(&channel, day)),
            );
        }
        for order in [Order::Oldest, Order::Newest, Order::Priority] {
            for topic in [None, Some(topic(0)), Some(topic(1))] {
                let mut page = QueueAsk {
                    channel: &channel,
                    order,
                    topic: topic.as_ref(),
                    after: None,
                    limit: 1000,
                };
                let whole = store.queue(&page).unwrap();
                ask(format!("{page:?}"), format!("{whole:?}"));
                page.limit = 3;
                for after in whole.iter().step_by(1 + whole.len() / 6) {
                    page.after = Some(after);
                    ask(format!("{page:?}"), format!("{:?}", store.queue(&page)));
                }
                // Behind one that has left the queue meanwhile.
                let gone = office
                    .shares
                    .first()
                    .and_then(|id| store.share(*id).unwrap());
                let gone = gone.map(|s| raotin::store::Queued {
                    share: s.id,
                    place: 5,
                    entry: s.entry + 3,
                    priority: s.priority,
                });
                page.after = gone.as_ref();
                ask(format!("{page:?}"), format!("{:?}", store.queue(&page)));
            }
        }
    }
    for hours in [0, 10, 30, 1000] {
        let until = office.now + SignedDuration::from_hours(hours);
        ask(
            format!("hand {until}"),
            format!("{:?}", store.hand_tasks_until(until, 1000)),
        );
        ask(
            format!("hand {until}, 2"),
            format!("{:?}", store.hand_tasks_until(until, 2)),
        );
    }
    for n in 0..6 {
        for by in [By::Daemon, By::Member(member(0)), By::Local(1000, None)] {
            for days in [0, 29, 31] {
                let now = begin() + SignedDuration::from_hours(24 * days);
                let found = store.answered(&by, &format!("k{n}"), now);
                ask(format!("answered {by} {n} {days}"), format!("{found:?}"));
            }
        }
    }
    for page in count_asks() {
        ask(format!("{page:?}"), format!("{:?}", store.counts(&page)));
        let of_shares = store.counts_of_shares(&page);
        ask(format!("shares alone {page:?}"), format!("{of_shares:?}"));
    }
    all
}

/// What is looked for: by beginnings, with and without marks, in titles and links.
pub const WORDS: [&str; 6] = ["", "tieu de", "Tiêu mơi", "mới", "example 1", "t d 3"];

/// Filters of every kind, alone and together.
pub fn share_asks() -> Vec<ShareAsk> {
    let states = [
        vec![],
        vec![State::Shared],
        vec![State::Waiting, State::Failed, State::Removed],
    ];
    let periods = [
        (None, None),
        (Some(date(2026, 10, 20)), Some(date(2026, 12, 10))),
        (None, Some(date(2026, 11, 5))),
    ];
    let mut asks = Vec::new();
    for states in states {
        for (since, until) in periods {
            for words in WORDS {
                // All filters together once without words, some with each.
                let filters = match words {
                    "" => &[0, 1, 2, 3, 4, 5, 6, 7][..],
                    _ => &[0, 5],
                };
                for filters in filters {
                    asks.push(ShareAsk {
                        states: states.clone(),
                        channel: (filters & 1 > 0).then(|| channel(1)),
                        topic: (filters & 2 > 0).then(|| topic(1)),
                        member: (filters & 4 > 0).then(|| member(1)),
                        since,
                        until,
                        words: Sought::of(words),
                        limit: 20,
                        ..ShareAsk::default()
                    });
                }
            }
        }
    }
    asks
}

/// All of it, page by page.
pub fn walked(store: &dyn Store, mut ask: ShareAsk) -> Vec<ShareId> {
    let mut all = Vec::new();
    loop {
        let page = store.find_shares(&ask).unwrap();
        assert!(page.shares.len() <= ask.limit);
        assert!(page.stopped || page.next.is_none() || page.shares.len() == ask.limit);
        all.extend(page.shares.iter().map(|s| s.id));
        assert!(
            page.next.is_none() || page.next != ask.after,
            "it stands still"
        );
        ask.after = page.next;
        if page.next.is_none() {
            return all;
        }
    }
}

pub fn count_asks() -> Vec<CountAsk> {
    use CountBy::*;
    let days = [
        (None, None),
        (Some(date(2026, 10, 5)), Some(date(2026, 12, 31))),
        (Some(date(2026, 11, 1)), None),
        (None, Some(date(2026, 11, 17))),
        (Some(date(2026, 11, 3)), Some(date(2026, 11, 19))),
        (Some(date(2026, 11, 30)), Some(date(2026, 12, 1))),
        (Some(date(2027, 11, 30)), Some(date(2026, 12, 1))),
    ];
    let mut asks = Vec::new();
    for (since, until) in days {
        for by in [Channel, Topic, Member, Day, Month, Quarter, Year] {
            for filters in 0..8 {
                asks.push(CountAsk {
                    since,
                    until,
                    by,
                    channel: (filters & 1 > 0).then(|| channel(1)),
                    topic: (filters & 2 > 0).then(|| topic(1)),
                    member: (filters & 4 > 0).then(|| member(1)),
                    with_log: filters % 3 == 0,
                });
            }
        }
    }
    asks
}

/// Both answer everything the same.
pub fn assert_same(is: &dyn Store, should: &dyn Store, office: &Office) {
    let (is, should) = (answers(is, office), answers(should, office));
    for (is, should) in is.iter().zip(&should) {
        assert_eq!(is, should);
    }
    assert_eq!(is.len(), should.len());
}
