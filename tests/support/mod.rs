//! What the tests of the daemon share: an office in memory, a clock that is moved by hand, and
//! platforms that keep their own truth.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use raotin::chance::Chance;
use raotin::clock::{Clock, ManualClock};
use raotin::config::{Config, ConfiguredChannel, Target};
use raotin::daemon::{Connect, Health, Parts};
use raotin::model::channel::{Hours, Missed, Order};
use raotin::model::share::Attempt;
use raotin::model::*;
use raotin::platform::{Doubt, Finding, IsTaken, Look, Platform, SendError, Settling};
use raotin::store::{MemoryStore, ShareAsk, Store};
use tokio::sync::watch;

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
pub fn local_day(at: Timestamp) -> jiff::civil::Date {
    TimeZone::get("Asia/Ho_Chi_Minh")
        .unwrap()
        .to_datetime(at)
        .date()
}
pub fn id(text: &str) -> ChannelId {
    ChannelId::new(text).unwrap()
}

/// A channel without any rule.
pub fn channel(name: &str) -> Channel {
    Channel {
        id: id(name),
        title: name.to_owned(),
        platform: PlatformKind::Webhook,
        mode: Mode::Post,
        account: None,
        url: None,
        approval_required: false,
        max_per_day: None,
        min_gap: SignedDuration::ZERO,
        repeat_after: SignedDuration::from_hours(30 * 24),
        hours: None,
        after: None,
        own_link: false,
        hand_within: SignedDuration::from_hours(24),
        template: None,
        link_tags: Vec::new(),
        topics: Vec::new(),
        assignees: Vec::new(),
        settle_after: SignedDuration::from_mins(5),
        settle_gap: SignedDuration::from_secs(60),
    }
}

pub fn hours(from: i8, until: i8) -> Option<Hours> {
    Some(Hours {
        from: jiff::civil::time(from, 0, 0, 0),
        until: jiff::civil::time(until, 0, 0, 0),
    })
}

pub fn schedule(name: &str, cron: &str, channels: &[&str]) -> Schedule {
    Schedule {
        id: ScheduleId::new(name).unwrap(),
        cron: cron.parse().unwrap(),
        zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
        channels: channels.iter().map(|c| id(c)).collect(),
        take: 1,
        order: Order::Oldest,
        topics: Vec::new(),
        spread: SignedDuration::ZERO,
        missed: Missed::Ask,
        grace: SignedDuration::from_hours(2),
        enabled: true,
    }
}

pub fn config(channels: Vec<Channel>, schedules: Vec<Schedule>) -> Config {
    Config {
        office: Office {
            name: "Huyện".into(),
            zone: TimeZone::get("Asia/Ho_Chi_Minh").unwrap(),
            lang: "vi".into(),
            missed: Missed::Ask,
            grace: SignedDuration::from_hours(2),
            default_channels: Vec::new(),
            approve_own: false,
        },
        channels: channels
            .into_iter()
            .map(|rules| {
                Arc::new(ConfiguredChannel {
                    rules,
                    target: Target::None,
                })
            })
            .collect(),
        topics: Vec::new(),
        groups: Default::default(),
        schedules: schedules.into_iter().map(Arc::new).collect(),
        web: Default::default(),
        feeds: Vec::new(),
        fetch: Default::default(),
        notices: Default::default(),
        file: "raotin.toml".into(),
    }
}

/// What the next request does instead of being answered.
#[derive(Debug, Clone)]
pub enum Fail {
    /// Nothing arrives.
    Before(SendError),
    /// It arrives, and the answer is lost.
    After,
    /// Never answers; it arrives.
    Hang,
}

/// A platform in memory that keeps its own truth.
pub struct FakePlatform {
    pub settling: Settling,
    pub clock: ManualClock,
    pub truth: Mutex<Vec<(String, usize, String)>>,
    pub fails: Mutex<Vec<Fail>>,
    pub deleted: Mutex<Vec<String>>,
    /// ReadBack: posts are listed only so many looks later.
    pub listed_after: Mutex<u32>,
    /// An answer takes so long.
    pub slow: Mutex<Duration>,
    /// Requests under way now, and the most there ever were.
    pub at_once: Mutex<(u32, u32)>,
}

impl FakePlatform {
    pub fn new(settling: Settling, clock: &ManualClock) -> Arc<Self> {
        Arc::new(Self {
            settling,
            clock: clock.clone(),
            truth: Mutex::default(),
            fails: Mutex::default(),
            deleted: Mutex::default(),
            listed_after: Mutex::default(),
            slow: Mutex::default(),
            at_once: Mutex::default(),
        })
    }
    pub fn fail(&self, fail: Fail) {
        self.fails.lock().unwrap().push(fail);
    }
    pub fn posts(&self) -> Vec<String> {
        self.truth
            .lock()
            .unwrap()
            .iter()
            .map(|(_, _, text)| text.clone())
            .collect()
    }
    fn receipt(&self, n: usize) -> Receipt {
        Receipt {
            post_id: format!("p{n}"),
            permalink: Some(format!("https://example.vn/p{n}")),
            at: self.clock.now(),
        }
    }
    fn accept(&self, attempt: &Attempt, post: &Post, part: usize) -> Receipt {
        let mut truth = self.truth.lock().unwrap();
        if self.settling == Settling::Replay
            && let Some(n) = truth
                .iter()
                .position(|(k, p, _)| *k == attempt.key && *p == part)
        {
            return self.receipt(n);
        }
        truth.push((attempt.key.clone(), part, post.parts[part].text.clone()));
        self.receipt(truth.len() - 1)
    }
}

impl Platform for FakePlatform {
    fn settling(&self) -> Settling {
        self.settling
    }
    fn check(&self) -> BoxFuture<'_, Result<Vec<Finding>, SendError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn prepare<'a>(&'a self, _: &'a str, _: &'a Post) -> BoxFuture<'a, Result<String, SendError>> {
        Box::pin(async { Ok(String::new()) })
    }
    fn send<'a>(
        &'a self,
        attempt: &'a Attempt,
        post: &'a Post,
        part: usize,
        _: &'a [Receipt],
    ) -> BoxFuture<'a, Result<Receipt, SendError>> {
        Box::pin(async move {
            let fail = {
                let mut fails = self.fails.lock().unwrap();
                (!fails.is_empty()).then(|| fails.remove(0))
            };
            let slow = *self.slow.lock().unwrap();
            if !slow.is_zero() {
                {
                    let mut at_once = self.at_once.lock().unwrap();
                    at_once.0 += 1;
                    at_once.1 = at_once.1.max(at_once.0);
                }
                self.clock.sleep(slow).await;
                self.at_once.lock().unwrap().0 -= 1;
            }
            match fail {
                None => Ok(self.accept(attempt, post, part)),
                Some(Fail::Before(error)) => Err(error),
                Some(Fail::After) => {
                    self.accept(attempt, post, part);
                    Err(SendError::Unsure {
                        reason: "connection closed".into(),
                        ask_now: false,
                    })
                }
                Some(Fail::Hang) => {
                    self.accept(attempt, post, part);
                    std::future::pending().await
                }
            }
        })
    }
    fn settle<'a>(
        &'a self,
        doubt: Doubt<'a>,
        is_taken: IsTaken<'a>,
    ) -> BoxFuture<'a, Result<Look, SendError>> {
        Box::pin(async move {
            match self.settling {
                Settling::Replay => self
                    .send(doubt.attempt, doubt.post, doubt.part, doubt.receipts)
                    .await
                    .map(Look::Posted),
                Settling::AskPerson => Ok(Look::CannotTell {
                    reason: "look".into(),
                    link: None,
                }),
                _ => {
                    {
                        let mut hidden = self.listed_after.lock().unwrap();
                        if *hidden > 0 {
                            *hidden -= 1;
                            return Ok(Look::NotThere);
                        }
                    }
                    let wanted = &doubt.post.parts[doubt.part].text;
                    let truth = self.truth.lock().unwrap();
                    let found = truth
                        .iter()
                        .enumerate()
                        .find(|(n, (_, _, text))| text == wanted && !is_taken(&format!("p{n}")));
                    Ok(found.map_or(Look::NotThere, |(n, _)| Look::Posted(self.receipt(n))))
                }
            }
        })
    }
    fn delete<'a>(&'a self, receipt: &'a Receipt) -> BoxFuture<'a, Result<(), SendError>> {
        Box::pin(async move {
            self.deleted.lock().unwrap().push(receipt.post_id.clone());
            Ok(())
        })
    }
    fn clock_skew(&self) -> SignedDuration {
        SignedDuration::ZERO
    }
}

/// Channels and the platform each is on.
#[derive(Default, Clone)]
pub struct Fakes(pub HashMap<ChannelId, Arc<FakePlatform>>);

impl Connect for Fakes {
    fn connect(&self, channel: &ConfiguredChannel, _: Option<&str>) -> Option<Arc<dyn Platform>> {
        Some(self.0.get(&channel.rules.id)?.clone())
    }
}

/// An office whose daemon runs in this test, over a clock that the test moves.
pub struct House {
    pub store: Arc<MemoryStore>,
    pub clock: ManualClock,
    pub fakes: Fakes,
    pub config: watch::Sender<Arc<Config>>,
    pub health: Arc<Health>,
    chance: Chance,
    running: Option<(watch::Sender<bool>, tokio::task::JoinHandle<()>)>,
}

/// The daemon looks once a second; what tests see here is told in minutes.
const STEP: SignedDuration = SignedDuration::from_secs(10);
pub const START: &str = "2026-11-23T00:00:00Z"; // 07:00 in Vietnam, a Monday

impl House {
    pub fn new(channels: Vec<Channel>, schedules: Vec<Schedule>, settling: Settling) -> Self {
        let clock = ManualClock::new(at(START));
        let fakes = channels
            .iter()
            .map(|c| (c.id.clone(), FakePlatform::new(settling, &clock)))
            .collect();
        Self {
            store: Arc::new(MemoryStore::new()),
            fakes: Fakes(fakes),
            config: watch::Sender::new(Arc::new(config(channels, schedules))),
            health: Arc::default(),
            chance: Chance::seeded(7),
            running: None,
            clock,
        }
    }

    pub async fn start(&mut self) {
        let (stop, mut stopped) = watch::channel(false);
        let parts = Parts {
            store: self.store.clone(),
            almanac: Arc::default(),
            clock: Arc::new(self.clock.clone()),
            chance: self.chance.clone(),
            config: self.config.subscribe(),
            connect: Arc::new(self.fakes.clone()),
            health: self.health.clone(),
            built: at("2019-01-01T00:00:00Z"),
        };
        let task = tokio::spawn(async move {
            raotin::daemon::run(parts, async move {
                let _ = stopped.wait_for(|s| *s).await;
            })
            .await
            .unwrap();
        });
        self.running = Some((stop, task));
        self.settle_down().await;
    }

    /// As `kill -9`: nothing more happens, whatever was on the wire.
    pub async fn kill(&mut self) {
        let (_, task) = self.running.take().unwrap();
        task.abort();
        let _ = task.await;
        // What the aborted task had spawned ends with its runtime; here it is left without a clock.
        self.settle_down().await;
    }

    pub async fn stop(&mut self) {
        let (stop, task) = self.running.take().unwrap();
        stop.send_replace(true);
        for _ in 0..200 {
            if task.is_finished() {
                break;
            }
            self.clock.advance(SignedDuration::from_millis(100));
            self.settle_down().await;
        }
        task.await.unwrap();
    }

    /// Lets every task run until all wait for the clock.
    pub async fn settle_down(&self) {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Time passes, some seconds at a time.
    pub async fn pass(&self, time: SignedDuration) {
        let until = self.clock.now() + time;
        while self.clock.now() < until {
            let left = until.duration_since(self.clock.now());
            self.clock.advance(left.min(STEP));
            self.settle_down().await;
        }
    }

    /// The machine stands still while the world goes on: no task runs meanwhile.
    pub async fn leap_asleep(&self, time: SignedDuration) {
        self.clock.advance(time);
        self.settle_down().await;
    }

    pub async fn commit(&self, events: Vec<Event>, texts: Vec<(TextId, &str)>) {
        let mut commit = Commit::new(self.clock.now(), By::Daemon);
        commit.events = events;
        commit.texts = texts
            .into_iter()
            .map(|(id, t)| (id, Some(t.to_owned())))
            .collect();
        self.store.commit(commit).await.unwrap();
    }

    /// An article waiting on these channels, or fixed to a time there.
    pub async fn add(
        &self,
        text: &str,
        channels: &[&str],
        when: Option<&str>,
    ) -> (ArticleId, Vec<ShareId>) {
        self.add_with(text, None, channels, when).await
    }

    pub async fn add_with(
        &self,
        text: &str,
        link: Option<&str>,
        channels: &[&str],
        when: Option<&str>,
    ) -> (ArticleId, Vec<ShareId>) {
        let now = self.clock.now();
        let article = self.chance.article(now);
        let (title, body) = (self.chance.text(now), self.chance.text(now));
        let mut events = vec![Event::ArticleAdded {
            article,
            title,
            text: body,
            link: link.map(str::to_owned),
            pictures: Vec::new(),
            topic: None,
            priority: 0,
            source: "typed".into(),
            row: None,
            member: None,
            unit: None,
        }];
        let zone = self.config.borrow().office.zone.clone();
        let mut shares = Vec::new();
        for channel in channels {
            let share = self.chance.share(now);
            shares.push(share);
            let fixed = when.map(at);
            events.push(Event::ShareAdded {
                share,
                article,
                channel: id(channel),
                state: if fixed.is_some() {
                    State::Planned
                } else {
                    State::Waiting
                },
                spot: fixed.is_none().then_some(Spot::End),
                at: fixed,
                day: fixed.map(|t| zone.to_datetime(t).date()),
                key: fixed.map(|_| self.chance.key(now)),
                topic: None,
                priority: 0,
                own_text: None,
                again: false,
                receipt: None,
                count: None,
                origin: None,
            });
        }
        self.commit(events, vec![(title, ""), (body, text)]).await;
        (article, shares)
    }

    pub fn share(&self, id: ShareId) -> Share {
        self.store.share(id).unwrap().unwrap()
    }
    pub fn state(&self, id: ShareId) -> State {
        self.share(id).state
    }
    pub fn posts(&self, channel: &str) -> Vec<String> {
        self.fakes.0[&id(channel)].posts()
    }
    pub fn in_state(&self, state: State) -> usize {
        let ask = ShareAsk {
            states: vec![state],
            limit: 10_000,
            ..ShareAsk::default()
        };
        self.store.shares(&ask).unwrap().len()
    }
    /// For a test that fails: everything that happened.
    pub fn story(&self) -> String {
        let commits = self.store.commits();
        let lines = commits
            .iter()
            .map(|c| format!("{} {} {:?}\n", c.at, c.by, c.events));
        lines.collect()
    }
    pub fn cause(&self, id: ShareId) -> Option<Cause> {
        self.share(id).why.map(|w| w.cause)
    }
    /// The channels are on one server, and of one account there.
    pub fn on_one_server(&mut self, channels: &[&str]) {
        let one = self.fakes.0[&id(channels[0])].clone();
        for channel in channels {
            self.fakes.0.insert(id(channel), one.clone());
        }
    }
    pub fn fake(&self, channel: &str) -> &FakePlatform {
        &self.fakes.0[&id(channel)]
    }
}

/// A wait that fails the test instead of hanging it.
pub async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("a deadlock")
}
