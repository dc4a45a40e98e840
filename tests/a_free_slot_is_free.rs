//! Promise: a slot shown as free is one: who queues one more for the channel fills the first of them, and
//! none breaks a cap, a gap or the hours.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use raotin::clock::Clock;
use raotin::config::Config;
use raotin::model::channel::Order;
use raotin::model::plan::{Outlook, QueueAsk, Queued, opens};
use raotin::model::upcoming::{Considered, Free, MOST_A_DAY, free, upcoming};
use raotin::model::*;
use raotin::platform::Settling;
use raotin::store::almanac::Almanac;
use raotin::store::outlook::StoreOutlook;
use raotin::store::{ShareAsk, Store};
use support::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const PLACES: [&str; 2] = ["page", "group"];

/// Looks ahead over an office's store.
struct Look<'a> {
    house: &'a House,
    config: Arc<Config>,
    until: Timestamp,
}

impl<'a> Look<'a> {
    fn new(house: &'a House, ahead: SignedDuration) -> Self {
        let config = house.config.borrow().clone();
        let until = house.clock.now() + ahead;
        Self {
            house,
            config,
            until,
        }
    }

    fn schedules(&self) -> Vec<Considered<'_>> {
        let considered = |schedule| Considered {
            schedule,
            cursor: self.house.clock.now(),
        };
        self.config
            .schedules
            .iter()
            .map(|s| considered(s))
            .collect()
    }

    fn rounds(&self) -> Vec<evergreen::Standing> {
        Almanac::default().standings(&*self.house.store).unwrap()
    }

    fn free(&self) -> Vec<Free> {
        let (now, outlook) = (self.house.clock.now(), StoreOutlook(&*self.house.store));
        let schedules = self.schedules();
        free(
            now,
            self.until,
            &schedules,
            &*self.config,
            &outlook,
            self.rounds(),
        )
        .unwrap()
    }

    fn free_at(&self, channel: &str) -> Vec<Timestamp> {
        let there = self.free().into_iter().filter(|f| f.channel == id(channel));
        there.map(|f| second(f.at)).collect()
    }

    /// When something goes out there, in order.
    fn coming_at(&self, channel: &str) -> Vec<Timestamp> {
        let ask = ShareAsk {
            states: vec![State::Planned],
            limit: 1000,
            ..ShareAsk::default()
        };
        let planned = self.house.store.shares(&ask).unwrap();
        let (now, outlook) = (self.house.clock.now(), StoreOutlook(&*self.house.store));
        let (schedules, rounds) = (self.schedules(), self.rounds());
        let coming = upcoming(
            now,
            self.until,
            &schedules,
            &*self.config,
            &outlook,
            planned,
            rounds,
        );
        let there = coming.unwrap().into_iter();
        let there = there.filter(|c| c.channel == id(channel));
        there.map(|c| second(c.at)).collect()
    }
}

/// As people see it: within a second, shares without a gap are only kept in order.
fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap()
}

fn both(mut some: Vec<Timestamp>, more: &[Timestamp]) -> Vec<Timestamp> {
    some.extend(more);
    some.sort();
    some
}

fn up_to(all: &[Timestamp], until: Timestamp) -> Vec<Timestamp> {
    all.iter().copied().filter(|at| *at <= until).collect()
}

fn any_channel(name: &'static str) -> impl Strategy<Value = Channel> {
    let cap = prop_oneof![Just(None), (1..5_u32).prop_map(Some)];
    let gap = select(vec![0, 10, 45, 120, 7 * 60]);
    let open = select(vec![None, hours(6, 21), hours(9, 11), hours(22, 3)]);
    let mode = select(vec![Mode::Post, Mode::Post, Mode::ByHand]);
    (cap, gap, open, mode).prop_map(move |(cap, gap, open, mode)| Channel {
        max_per_day: cap,
        min_gap: MINUTE * gap,
        hours: open,
        mode,
        ..channel(name)
    })
}

fn any_schedule(name: &'static str) -> impl Strategy<Value = Schedule> {
    let cron = select(vec![
        "* * * * *",
        "*/5 * * * *",
        "*/20 * * * *",
        "0 * * * *",
        "30 7 * * *",
        "0 8,12,17 * * *",
        "45 6-21/3 * * 1-5",
        "50 22,23 * * *",
    ]);
    let channels = subsequence(PLACES.to_vec(), 1..=2);
    let order = select(vec![Order::Oldest, Order::Newest, Order::Priority]);
    let spread = select(vec![0, 30, 120]);
    let made =
        move |(cron, channels, take, spread, order): (&str, Vec<&str>, u32, i32, Order)| Schedule {
            take,
            spread: MINUTE * spread,
            order,
            ..schedule(name, cron, &channels)
        };
    (cron, channels, 1..4_u32, spread, order).prop_map(made)
}

/// An office, and what waits on both channels, what on one, and what has its hour.
type Given = (Vec<Channel>, Vec<Schedule>, [usize; 2], Vec<i64>);

fn any_office() -> impl Strategy<Value = Given> {
    let channels = (any_channel("page"), any_channel("group")).prop_map(|(a, b)| vec![a, b]);
    let schedules = prop_oneof![
        any_schedule("one").prop_map(|a| vec![a]),
        (any_schedule("one"), any_schedule("two")).prop_map(|(a, b)| vec![a, b]),
    ];
    let fixed = proptest::collection::vec(1..60_i64, 0..3);
    (channels, schedules, [0..5_usize, 0..9], fixed)
}

/// A house whose channels are known, though no daemon told them.
async fn known(channels: Vec<Channel>, schedules: Vec<Schedule>) -> House {
    let seen = |c: &Channel| Event::ChannelSeen {
        channel: c.id.clone(),
        title: c.title.clone(),
        platform: c.platform,
        mode: c.mode,
    };
    let seen = channels.iter().map(seen).collect();
    let house = House::new(channels, schedules, Settling::Replay);
    house.commit(seen, Vec::new()).await;
    house
}

async fn opened(given: &Given) -> House {
    let (channels, schedules, waiting, fixed) = given.clone();
    let house = known(channels, schedules).await;
    for n in 0..waiting[0] {
        house.add(&format!("hai nơi {n}"), &PLACES, None).await;
    }
    for n in 0..waiting[1] {
        house.add(&format!("trang {n}"), &["page"], None).await;
    }
    for hour in fixed {
        let at = house.clock.now() + SignedDuration::from_hours(hour);
        house
            .add(&format!("hẹn giờ {hour}"), &["page"], Some(&at.to_string()))
            .await;
    }
    house
}

fn run<T>(what: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(what)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_fills_the_first_and_none_breaks_a_rule(given in any_office()) {
        run(async {
            let house = opened(&given).await;
            for place in PLACES {
                let look = Look::new(&house, DAY * 3);
                let (before, slots) = (look.coming_at(place), look.free_at(place));
                keeps_the_rules(&house, place, &before, &slots)?;
                // As many as there are, where all of them were told.
                let mut a_day: BTreeMap<_, usize> = BTreeMap::new();
                for slot in &slots {
                    *a_day.entry(local_day(*slot)).or_default() += 1;
                }
                let spread = given.1.iter().any(|s| !s.spread.is_zero());
                let all_told = a_day.values().all(|n| *n < MOST_A_DAY) && !spread;
                let more = if all_told { slots.len() } else { 1 };
                house.add("thêm một bài", &[place], None).await;
                let after = look.coming_at(place);
                let until = slots.first().copied().unwrap_or(look.until);
                let first = slots.get(..1).unwrap_or_default();
                prop_assert_eq!(up_to(&after, until), up_to(&both(before.clone(), first), until));
                for _ in 1..more {
                    house.add("và thêm nữa", &[place], None).await;
                }
                if all_told {
                    prop_assert_eq!(look.coming_at(place), both(before, &slots));
                    prop_assert_eq!(look.free_at(place), []);
                }
            }
            Ok(())
        })?;
    }
}

fn keeps_the_rules(
    house: &House,
    place: &str,
    coming: &[Timestamp],
    slots: &[Timestamp],
) -> Result<(), TestCaseError> {
    let config = house.config.borrow().clone();
    let rules = &config.channel(&id(place)).unwrap().rules;
    let all = both(coming.to_vec(), slots);
    for slot in slots {
        prop_assert!(*slot > house.clock.now());
        prop_assert_eq!(opens(rules, &config.office.zone, *slot), *slot);
        let day = local_day(*slot);
        let on_day = all.iter().filter(|at| local_day(**at) == day).count();
        prop_assert!(rules.max_per_day.is_none_or(|most| on_day <= most as usize));
        let near = all
            .iter()
            .filter(|at| at.duration_since(*slot).abs() < rules.min_gap);
        prop_assert!(near.count() <= 1, "something stands too near {}", slot);
    }
    Ok(())
}

/// The daemon itself: what is queued goes where the first slot was.
#[test]
fn the_daemon_takes_it_there() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 6,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let result = runner.run(&any_office(), |mut given| {
        for schedule in &mut given.1 {
            schedule.order = Order::Oldest;
        }
        for channel in &mut given.0 {
            channel.mode = Mode::Post;
        }
        run(async {
            let mut house = opened(&given).await;
            house.start().await;
            let slot = Look::new(&house, DAY).free_at("page").first().copied();
            let (_, shares) = house.add("một bài nữa", &["page"], None).await;
            let planned_for = |house: &House| {
                let share = house.share(shares[0]);
                share.planned_for.or(share.due)
            };
            match slot {
                Some(slot) => {
                    let left = slot.duration_since(house.clock.now());
                    house.pass(left + MINUTE * 2).await;
                    // The gap runs from when the one before it was really sent, some seconds late here.
                    let at = planned_for(&house).unwrap();
                    prop_assert!(
                        slot <= at && at < slot + MINUTE * 3,
                        "{} instead of {}",
                        at,
                        slot
                    );
                }
                None => {
                    let end = house.clock.now() + DAY;
                    house.pass(DAY - MINUTE).await;
                    prop_assert!(planned_for(&house).is_none_or(|at| at > end));
                }
            }
            house.stop().await;
            Ok(())
        })
    });
    result.unwrap();
}

/// Where an article comes round is no free slot; who queues one more makes one slot more be filled.
#[tokio::test]
async fn a_turn_takes_its_slot() {
    let twice = schedule("twice", "30 8,14 * * *", &["page"]);
    let mut house = House::new(vec![channel("page")], vec![twice], Settling::Replay);
    house.start().await;
    let (article, _) = house.add("mỗi ngày", &["page"], None).await;
    let rule = Some(Evergreen {
        every: Every::days(1).unwrap(),
        until: None,
        at_most: None,
    });
    let rule = Event::ArticleEvergreen { article, rule };
    house.commit(vec![rule], Vec::new()).await;
    house.pass(MINUTE * 120).await;
    let look = Look::new(&house, DAY * 2);
    let (coming, slots) = (look.coming_at("page"), look.free_at("page"));
    let instants = |texts: [&str; 2]| texts.map(at);
    assert_eq!(
        coming,
        instants(["2026-11-24T01:30:00Z", "2026-11-25T01:30:00Z"])
    );
    assert_eq!(
        slots,
        instants(["2026-11-23T07:30:00Z", "2026-11-24T07:30:00Z"])
    );
    house.stop().await;
}

/// What gets through no topic's filter is told by its topics; a pause has no slots, and its end does.
#[tokio::test]
async fn topics_are_told_and_a_pause_has_none() {
    let topic = |name: &str| TopicId::new(name).unwrap();
    let mut group = channel("group");
    group.topics = vec![topic("y-te"), topic("van-hoa")];
    let mut health = schedule("health", "0 9 * * *", &["page", "group"]);
    health.topics = vec![topic("y-te"), topic("khac")];
    let any = schedule("any", "0 10 * * *", &["page", "group"]);
    let house = known(vec![channel("page"), group], vec![health, any]).await;
    let told = |look: &Look<'_>| {
        let free = look.free().into_iter();
        let told = free.map(|f| (f.at, f.channel.to_string(), f.topics));
        told.collect::<Vec<_>>()
    };
    let slot = |when: &str, channel: &str, topics: &[&str]| {
        let topics = topics.iter().map(|t| topic(t)).collect();
        (at(when), channel.to_owned(), topics)
    };
    let (nine, ten) = ("2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z");
    assert_eq!(
        told(&Look::new(&house, DAY)),
        [
            slot(nine, "group", &["y-te"]),
            slot(nine, "page", &["y-te", "khac"]),
            slot(ten, "group", &["y-te", "van-hoa"]),
            slot(ten, "page", &[]),
        ]
    );
    let pause = |channel: &str, until: Option<&str>| Event::Paused {
        channel: Some(id(channel)),
        why: Why::new(Cause::Person),
        until: until.map(at),
    };
    let pauses = vec![pause("group", None), pause("page", Some(ten))];
    house.commit(pauses, Vec::new()).await;
    assert_eq!(told(&Look::new(&house, DAY)), [slot(ten, "page", &[])]);
}

/// A schedule of every minute over a month: little is read and few slots are told, whether its queue is
/// empty or its day is always full.
#[tokio::test]
async fn a_month_of_minutes_is_looked_at_in_few_steps() {
    let mut page = channel("page");
    page.max_per_day = Some(3);
    page.min_gap = MINUTE * 30;
    page.hours = hours(6, 21);
    let each = schedule("each", "* * * * *", &["page"]);
    let every = schedule("every", "* * * * *", &["group"]);
    let house = known(vec![page, channel("group")], vec![each, every]).await;
    for n in 0..200 {
        house.add(&format!("tin {n}"), &["page"], None).await;
    }
    let look = Look::new(&house, DAY * 31);
    let outlook = Counting {
        real: StoreOutlook(&*house.store),
        reads: std::cell::Cell::new(0),
    };
    let (now, schedules) = (house.clock.now(), look.schedules());
    let coming = upcoming(
        now,
        look.until,
        &schedules,
        &*look.config,
        &outlook,
        vec![],
        vec![],
    );
    assert_eq!(coming.unwrap().len(), 3 * 32, "the last day until seven");
    assert!(outlook.reads.get() < 6_000, "{}", outlook.reads.get());
    outlook.reads.set(0);
    let slots = free(now, look.until, &schedules, &*look.config, &outlook, vec![]).unwrap();
    // The first and the last day are none whole.
    assert_eq!(slots.len(), MOST_A_DAY * 32);
    assert!(slots.iter().all(|f| f.channel == id("group")));
    assert!(outlook.reads.get() < 6_000, "{}", outlook.reads.get());
}

/// Counts what is read.
struct Counting<'a> {
    real: StoreOutlook<'a>,
    reads: std::cell::Cell<usize>,
}

impl Counting<'_> {
    fn counted(&self) -> &Self {
        self.reads.set(self.reads.get() + 1);
        self
    }
}

impl Outlook for Counting<'_> {
    type Error = raotin::store::StoreError;
    fn queue(&self, ask: &QueueAsk<'_>) -> Result<Vec<Queued>, Self::Error> {
        self.counted().real.queue(ask)
    }
    fn share(&self, id: ShareId) -> Result<Option<Share>, Self::Error> {
        self.counted().real.share(id)
    }
    fn shares_at(&self, article: ArticleId, at: &ChannelId) -> Result<Vec<Share>, Self::Error> {
        self.counted().real.shares_at(article, at)
    }
    fn same_link(&self, article: ArticleId) -> Result<Vec<ArticleId>, Self::Error> {
        self.counted().real.same_link(article)
    }
    fn used_on(&self, at: &ChannelId, day: jiff::civil::Date) -> Result<u32, Self::Error> {
        self.counted().real.used_on(at, day)
    }
    fn paused_until(
        &self,
        at: &ChannelId,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Self::Error> {
        self.counted().real.paused_until(at, now)
    }
    fn last_start(&self, at: &ChannelId, now: Timestamp) -> Result<Option<Timestamp>, Self::Error> {
        self.counted().real.last_start(at, now)
    }
    fn dues(&self, at: &ChannelId) -> Result<Vec<Timestamp>, Self::Error> {
        self.counted().real.dues(at)
    }
}
