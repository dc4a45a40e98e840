//! However long nobody was there: missed instants become one decision on the latest, the event says
//! how many were passed over and since when (RULES 2), and finding out takes no time.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod support;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use raotin::clock::Clock;
use raotin::model::Schedule;
use raotin::model::channel::Missed;
use raotin::model::plan::{Called, IN_TIME, Passed, called};
use raotin::platform::Settling;
use raotin::store::Store;
use support::{House, at, channel, schedule};

/// The same, instant by instant.
fn one_by_one(schedule: &Schedule, cursor: Timestamp, now: Timestamp) -> Called {
    let mut called = Called::default();
    let mut missed = Vec::new();
    for instant in schedule.cron.between(&schedule.zone, cursor, now) {
        if now.duration_since(instant) <= IN_TIME {
            called.fire.push((instant, false));
        } else {
            missed.push(instant);
        }
    }
    if let Some(latest) = missed.last().copied()
        && schedule.missed == Missed::Late
        && now.duration_since(latest) <= schedule.grace
    {
        called.fire.insert(0, (latest, true));
        missed.pop();
    }
    called.passed = missed.first().map(|since| {
        let passed = Passed {
            schedule: schedule.id.clone(),
            since: *since,
            instant: *missed.last().unwrap(),
            count: u32::try_from(missed.len()).unwrap(),
        };
        (passed, schedule.missed == Missed::Ask)
    });
    called
}

fn of(cron: &str, zone: &str, missed: Missed) -> Schedule {
    Schedule {
        zone: TimeZone::get(zone).unwrap(),
        missed,
        grace: SignedDuration::from_mins(20),
        ..schedule("s", cron, &["a"])
    }
}

#[test]
fn it_is_what_looking_at_each_instant_gives() {
    let mut rng = StdRng::seed_from_u64(41);
    let crons = [
        "* * * * * *",
        "*/7 * * * * *",
        "*/10 * * * *",
        "30 2 * * *",
        "0 0 L * *",
        "0 7 * * 1-5",
        "0 9 2 9 *",
        "0 0 9 2 9 * 2027",
    ];
    // A week around the clock's changes, and ends on and beside instants.
    let mut some = 0;
    for round in 0..600 {
        let cron = crons[rng.random_range(0..crons.len())];
        let zone = ["Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe"][round % 3];
        let missed = [Missed::Late, Missed::Skip, Missed::Ask][rng.random_range(0..3)];
        let schedule = of(cron, zone, missed);
        let far = if cron.starts_with('*') {
            3_000
        } else {
            40_000_000
        };
        let now = at("2027-10-31T03:00:00Z")
            + SignedDuration::from_millis(rng.random_range(-6_000_000..6_000_000i64) / 500 * 500);
        let cursor = now - SignedDuration::from_secs(rng.random_range(0..far));
        let found = called(&schedule, cursor, now);
        let told = one_by_one(&schedule, cursor, now);
        assert_eq!(
            found, told,
            "{cron} in {zone} from {cursor} to {now}, {missed:?}"
        );
        some += u32::from(found.passed.is_some());
    }
    assert!(some > 100, "{some}");
}

/// Of this thread: however busy the machine is.
fn cpu_time() -> std::time::Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap()
}

#[test]
fn a_year_of_seconds_is_counted_by_its_days() {
    let schedule = of("* * * * * *", "Europe/Berlin", Missed::Late);
    let (cursor, now) = (at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    let begun = cpu_time();
    let found = called(&schedule, cursor, now);
    let took = cpu_time() - begun;
    let (passed, _) = found.passed.unwrap();
    assert_eq!(passed.count, 365 * 86_400 - 61 - 1);
    assert_eq!(passed.since, at("2026-01-01T00:00:01Z"));
    assert_eq!(passed.instant, at("2026-12-31T23:58:58Z"));
    assert_eq!(found.fire[0], (at("2026-12-31T23:58:59Z"), true));
    assert_eq!(found.fire.len(), 1 + 61);
    // Generous: one by one it took a minute and more.
    assert!(took.as_secs() < 5, "{took:?}");
    println!("a year of seconds: {took:?}");
}

#[tokio::test]
async fn how_far_it_came_is_noted_every_ten_seconds_and_at_the_end() {
    let every_second = schedule("s", "* * * * * *", &["a"]);
    let mut house = House::new(vec![channel("a")], vec![every_second], Settling::Replay);
    house.start().await;
    let mut noted = Vec::new();
    for _ in 0..125 {
        house.clock.advance(SignedDuration::from_secs(1));
        house.settle_down().await;
        noted.push(house.store.considered().unwrap());
    }
    noted.dedup();
    assert!((12..=14).contains(&noted.len()), "{noted:?}");
    house.stop().await;
    let now = house.clock.now();
    let last = house.store.considered().unwrap().unwrap();
    assert!(
        now.duration_since(last) <= SignedDuration::from_secs(2),
        "{last} at {now}"
    );
}
