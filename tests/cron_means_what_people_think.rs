//! Promise: cron means what people think.
//!
//! `raotin::cron` against a walk over every minute (or second) of some days,
//! written from the rules alone: it reads fields in its own way, knows neither
//! spans nor civil cursors, and asks the zone at every step what the clock shows.
//! Beside it `croner`, where its rules are ours, and cases written by hand for
//! what the manual pages of Debian's cron pin down.

// clippy's leave for tests does not reach the functions beside them
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use raotin::cron::{Cron, CronError};

// ---------------------------------------------------------------- the oracle

const NAMES: &str = "sun0 mon1 tue2 wed3 thu4 fri5 sat6 jan1 feb2 mar3 apr4 may5 jun6 jul7 aug8 sep9 oct10 nov11 dec12 ";

/// Whether `field`, whose values are `low..=high`, names `value`.
fn names(field: &str, low: i32, high: i32, value: i32) -> bool {
    let number = |text: &str| {
        let after = NAMES.split(text).nth(1).filter(|_| text.len() == 3);
        let digits = after
            .and_then(|rest| rest.split(' ').next())
            .unwrap_or(text);
        digits.parse::<i32>().unwrap()
    };
    field.to_lowercase().split(',').any(|item| {
        let (range, step) = item.split_once('/').unwrap_or((item, "1"));
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((a, b)) => (number(a), number(b)),
            None => (number(range), number(range)),
        };
        // the 5 to the 0 is Friday to Sunday: only weekdays may end before they begin
        let last = if last < first { last + 7 } else { last };
        value >= first && value <= last && (value - first) % step.parse::<i32>().unwrap() == 0
    })
}

/// For each value from nought whether `field` names it; looked up, as a walk asks often.
fn table(field: &str, low: i32, high: i32) -> Vec<bool> {
    let value = |v| !field.is_empty() && v >= low && names(field, low, high, v);
    (0..=high).map(value).collect()
}

/// An expression, as the rules read it.
struct Rule {
    /// Second, minute, hour, day, month, weekday, year.
    tables: [Vec<bool>; 7],
    last: bool,
    both: bool,
    interval: bool,
}

impl Rule {
    fn new(expression: &str) -> Self {
        let words: Vec<&str> = expression.split_whitespace().collect();
        let fields = match words.len() {
            5 => [&["0"], &words[..], &["*"]].concat(),
            6 => [&words[..], &["*"]].concat(),
            _ => words,
        };
        let [second, minute, hour, day, month, weekday, year] = fields[..] else {
            panic!("{expression}")
        };
        let star = |field: &str| field.starts_with('*');
        let (last, plain): (Vec<_>, Vec<_>) = day.split(',').partition(|d| *d == "L");
        let mut weekdays = table(weekday, 0, 7);
        weekdays[0] |= weekdays[7];
        Self {
            last: !last.is_empty(),
            both: star(day) || star(weekday),
            interval: star(minute) || star(hour),
            tables: [
                table(second, 0, 59),
                table(minute, 0, 59),
                table(hour, 0, 23),
                table(&plain.join(","), 1, 31),
                table(month, 1, 12),
                weekdays,
                table(year, 1970, 2100),
            ],
        }
    }

    /// Whether a clock and calendar that show `now` fit.
    fn fits(&self, now: DateTime) -> bool {
        let [second, minute, hour, day, month, weekday, year] = &self.tables;
        let at = |table: &[bool], value: i8| table[value as usize];
        if !(at(minute, now.minute()) && at(hour, now.hour()) && at(second, now.second())) {
            return false;
        }
        let last = self.last && now.date() == now.date().last_of_month();
        let by_day = last || at(day, now.day());
        let by_weekday = at(weekday, now.weekday().to_sunday_zero_offset());
        at(month, now.month())
            && year[now.year() as usize]
            && if self.both {
                by_day && by_weekday
            } else {
                by_day || by_weekday
            }
    }
}

/// What a clock on the wall of a zone shows, every so many seconds of some time.
struct Walk(Vec<Step>);

struct Step {
    instant: Timestamp,
    now: DateTime,
    /// The readings that the clock has now come to or leapt over for the first time.
    first: Vec<DateTime>,
}

impl Walk {
    fn new(zone: &TimeZone, from: Timestamp, until: Timestamp, step: i64) -> Self {
        let mut furthest = zone.to_datetime(from);
        let mut steps = Vec::new();
        for second in (from.as_second() + step..=until.as_second()).step_by(step as usize) {
            let instant = Timestamp::from_second(second).unwrap();
            let now = zone.to_datetime(instant);
            let mut first = Vec::new();
            while furthest < now {
                furthest = furthest.checked_add(step.seconds()).unwrap();
                first.push(furthest);
            }
            steps.push(Step {
                instant,
                now,
                first,
            });
        }
        Self(steps)
    }

    /// The firings after `after`: all that was seen before is only for the clock's past.
    fn firings(&self, expression: &str, after: Timestamp) -> Vec<Timestamp> {
        let rule = Rule::new(expression);
        let fires = |step: &&Step| match rule.interval {
            true => rule.fits(step.now),
            false => step.first.iter().any(|reading| rule.fits(*reading)),
        };
        let later = self.0.iter().filter(|step| step.instant > after);
        later.filter(fires).map(|step| step.instant).collect()
    }
}

// ------------------------------------------------------ random expressions

/// Fixed, so that a failure comes back.
const SEED: u64 = 0x7261_6f74_696e;

fn number(rng: &mut StdRng, low: i32, high: i32) -> String {
    let n = rng.random_range(low..=high);
    if rng.random_ratio(1, 8) {
        format!("{n:02}")
    } else {
        n.to_string()
    }
}

/// One item of a list: a number, a range, a range with a step.
fn item(rng: &mut StdRng, low: i32, high: i32) -> String {
    let (a, b) = (rng.random_range(low..=high), rng.random_range(low..=high));
    let (a, b) = (a.min(b), a.max(b));
    match rng.random_range(0..6) {
        0 => format!("{a}-{b}"),
        1 => format!("{a}-{b}/{}", rng.random_range(1..=high.min(12))),
        _ => number(rng, low, high),
    }
}

fn field(rng: &mut StdRng, low: i32, high: i32, stars: u32) -> String {
    if rng.random_ratio(stars, 10) {
        return match rng.random_range(0..6) {
            0 => format!("*/{}", rng.random_range(1..=high.min(20))),
            1 => format!("*,{}", number(rng, low, high)),
            _ => "*".to_owned(),
        };
    }
    let items = *[1, 1, 1, 2, 3].choose(rng).unwrap();
    let items: Vec<String> = (0..items).map(|_| item(rng, low, high)).collect();
    items.join(",")
}

fn weekday(rng: &mut StdRng) -> String {
    let special = [
        "0",
        "7",
        "sun",
        "1-5",
        "5-7",
        "0-7",
        "Sun-Tue",
        "fri-sun",
        "5-0",
        "MON,wed,FRI",
        "*/2",
        "1-7/2",
        "mon-sat/2",
        "7,3",
        "0-7/3",
        "sat-sun",
        "*/7",
        "3,*",
    ];
    match rng.random_range(0..10) {
        0..5 => "*".to_owned(),
        5..8 => (*special.choose(rng).unwrap()).to_owned(),
        _ => field(rng, 0, 7, 1),
    }
}

fn day(rng: &mut StdRng, around: DateTime) -> String {
    match rng.random_range(0..12) {
        0..5 => "*".to_owned(),
        5 => "L".to_owned(),
        6 => format!("{},L", number(rng, 1, 28)),
        // days in the walk, so that something fires
        7..9 => around.day().to_string(),
        _ => field(rng, 1, 31, 3),
    }
}

/// Five fields, sometimes six or seven, with a liking for the small hours in
/// which clocks are changed.
fn expression(rng: &mut StdRng, around: DateTime, seconds: bool) -> String {
    let minute = field(rng, 0, 59, 3);
    let hour = match rng.random_range(0..3) {
        0 => rng.random_range(0..=3).to_string(),
        _ => field(rng, 0, 23, 3),
    };
    let month = match rng.random_range(0..8) {
        0 => format!("{},{}", around.month(), number(rng, 1, 12)),
        1 => "jan-Jun,jul-DEC/1".to_owned(),
        2 => field(rng, 1, 12, 5),
        _ => "*".to_owned(),
    };
    let five = format!(
        "{minute} {hour} {} {month} {}",
        day(rng, around),
        weekday(rng)
    );
    if !seconds {
        return five;
    }
    let six = format!("{} {five}", field(rng, 0, 59, 4));
    let year = around.year();
    match rng.random_range(0..4) {
        0 => format!("{six} {year}"),
        1 => format!("{six} {}-{}/1", year - 1, year + 1),
        2 => format!("{six} *"),
        _ => six,
    }
}

/// Zones, and instants near which each one's clock does something odd (or not).
const PLACES: [(&str, &[&str]); 15] = [
    (
        "Asia/Ho_Chi_Minh",
        &["2026-12-31T17:00:00Z", "1975-06-12T16:00:00Z"],
    ),
    ("UTC", &["2028-02-29T00:00:00Z"]),
    (
        "Europe/Berlin",
        &[
            "2027-03-28T01:00:00Z",
            "2027-10-31T01:00:00Z",
            "1980-04-06T01:00:00Z",
        ],
    ),
    (
        "America/New_York",
        &[
            "2027-03-14T07:00:00Z",
            "2027-11-07T06:00:00Z",
            "2050-03-13T07:00:00Z",
        ],
    ),
    (
        "America/St_Johns",
        &["2006-04-02T03:31:00Z", "2006-10-29T02:31:00Z"],
    ),
    // half an hour
    (
        "Australia/Lord_Howe",
        &["2027-04-03T15:00:00Z", "2027-10-02T15:30:00Z"],
    ),
    // at midnight, so that a day has no beginning, or two
    (
        "America/Sao_Paulo",
        &["2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z"],
    ),
    (
        "America/Havana",
        &["2027-03-14T05:00:00Z", "2027-11-07T05:00:00Z"],
    ),
    // summer time interrupted by Ramadan
    (
        "Africa/Casablanca",
        &["2027-02-07T02:00:00Z", "2027-03-14T02:00:00Z"],
    ),
    (
        "Asia/Gaza",
        &[
            "2027-03-26T22:00:00Z",
            "2027-10-29T23:00:00Z",
            "2026-03-27T22:00:00Z",
        ],
    ),
    // a day left out
    (
        "Pacific/Apia",
        &["2011-12-30T10:00:00Z", "2012-03-31T14:00:00Z"],
    ),
    // two hours
    (
        "Antarctica/Troll",
        &["2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"],
    ),
    // winter time is the one that is saved
    (
        "Europe/Dublin",
        &["2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z"],
    ),
    // three hours back, by decree
    (
        "Antarctica/Casey",
        &["2010-03-04T15:00:00Z", "2011-10-27T18:00:00Z"],
    ),
    (
        "Asia/Pyongyang",
        &["2015-08-14T15:00:00Z", "2018-05-04T15:00:00Z"],
    ),
];

/// Compares one expression with the walk, from `after` to the walk's end.
fn agree(walk: &Walk, zone: &TimeZone, expression: &str, after: Timestamp) -> usize {
    let cron: Cron = match expression.parse() {
        Ok(cron) => cron,
        // 31 April: nothing to compare
        Err(CronError::Never { .. }) => {
            assert!(
                walk.firings(expression, after).is_empty(),
                "{expression} is no date that never comes"
            );
            return 0;
        }
        Err(refused) => panic!("{expression}: {refused}"),
    };
    let until = walk.0.last().unwrap().instant;
    let ours: Vec<Timestamp> = cron.between(zone, after, until).collect();
    let name = zone.iana_name().unwrap();
    assert_eq!(
        ours,
        walk.firings(expression, after),
        "{expression} in {name} after {after}"
    );
    assert!(ours.is_sorted_by(|a, b| a < b), "{expression} in {name}");
    // counted by days, not one by one; from between two of them, too
    for (n, from) in [after, after + 1.nanosecond()]
        .iter()
        .chain(&ours)
        .enumerate()
        .take(9)
    {
        assert_eq!(
            cron.between(zone, *from, until).count(),
            ours.iter().filter(|instant| *instant > from).count(),
            "{expression} in {name} from {from} ({n})"
        );
    }
    // asked anew after each, as a daemon does that was restarted in between
    if let (Some(first), Some(second)) = (ours.first(), ours.get(1)) {
        assert_eq!(
            cron.after(zone, *first).next(),
            Some(*second),
            "{expression} in {name}"
        );
    }
    ours.len()
}

/// `rounds` windows per odd instant, `each` expressions per window.
fn agree_around(rounds: u32, each: u32, seconds: bool) -> (u32, usize) {
    let mut rng = StdRng::seed_from_u64(SEED + u64::from(seconds));
    let (mut compared, mut firings) = (0, 0);
    for (name, odd) in PLACES {
        let zone = TimeZone::get(name).unwrap();
        for instant in odd.iter().map(|text| text.parse::<Timestamp>().unwrap()) {
            for _ in 0..rounds {
                // a walk over seconds is short; one over minutes has days on both sides
                let (step, before, hours) = if seconds { (1, 2, 5) } else { (60, 40, 96) };
                let from = instant - rng.random_range(0..=before).hours();
                let walk = Walk::new(&zone, from - 26.hours(), from + hours.hours(), step);
                for _ in 0..each {
                    let text = expression(&mut rng, zone.to_datetime(instant), seconds);
                    // inside a minute, inside a second, and right on the change
                    let after = match rng.random_range(0..4) {
                        0 => instant,
                        1 => instant - 1.second(),
                        2 => from + rng.random_range(0..=7200).minutes().milliseconds(250),
                        _ => from + rng.random_range(0..=before * 60).minutes(),
                    };
                    let after = after.min(from + hours.hours());
                    firings += agree(&walk, &zone, &text, after);
                    compared += 1;
                }
            }
        }
    }
    (compared, firings)
}

#[test]
fn random_expressions_agree_with_a_walk_over_minutes() {
    let (compared, firings) = agree_around(4, 30, false);
    assert!(
        compared > 3_000 && firings > 100_000,
        "{compared} {firings}"
    );
}

#[test]
fn random_expressions_with_seconds_agree_with_a_walk_over_seconds() {
    let (compared, firings) = agree_around(1, 12, true);
    assert!(compared > 300 && firings > 10_000, "{compared} {firings}");
}

/// Sparse expressions over a whole year, both changes of the clock within it.
#[test]
fn a_whole_year_agrees_with_the_walk() {
    let mut rng = StdRng::seed_from_u64(SEED);
    let start: Timestamp = "2027-01-10T00:00:00Z".parse().unwrap();
    for name in ["Europe/Berlin", "Australia/Lord_Howe"] {
        let zone = TimeZone::get(name).unwrap();
        let walk = Walk::new(&zone, start - 26.hours(), start + (366 * 24).hours(), 60);
        for day in ["L", "31", "29,30", "1,L", "*/10", "*", "13", "1-7"] {
            let (minute, hour) = (field(&mut rng, 0, 59, 0), rng.random_range(0..4));
            let text = format!(
                "{minute} {hour} {day} {} {}",
                field(&mut rng, 1, 12, 7),
                weekday(&mut rng)
            );
            agree(&walk, &zone, &text, start);
        }
    }
}

/// `croner` has our rules where no day field begins with `*/` and no clock is
/// changed: far ahead, where no walk reaches.
#[test]
fn croner_agrees_where_its_rules_are_ours() {
    use std::str::FromStr;
    let mut rng = StdRng::seed_from_u64(SEED);
    let ours = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let days = ["*", "*", "1", "L", "1,15", "31", "10-20/5", "28,30"];
    let weekdays = [
        "*", "*", "0", "7", "1-5", "5-7", "MON,WED", "FRI-SUN", "1-7/2", "6",
    ];
    let mut compared = 0;
    for _ in 0..600 {
        let text = format!(
            "{} {} {} {} {}",
            field(&mut rng, 0, 59, 2),
            field(&mut rng, 0, 23, 2),
            days.choose(&mut rng).unwrap(),
            field(&mut rng, 1, 12, 6),
            weekdays.choose(&mut rng).unwrap()
        );
        // it knows no star inside a list
        let Some(cron) = Cron::from_str(&text).ok().filter(|_| !text.contains("*,")) else {
            continue;
        };
        let start = Timestamp::from_second(rng.random_range(1_000_000_000..3_500_000_000)).unwrap();
        let theirs = croner::Cron::from_str(&text).unwrap();
        let first = chrono::DateTime::from_timestamp(start.as_second(), 0)
            .unwrap()
            .with_timezone(&chrono_tz::Asia::Ho_Chi_Minh);
        let theirs: Vec<i64> = theirs
            .iter_after(first)
            .take(20)
            .map(|t| t.timestamp())
            .collect();
        let ours: Vec<i64> = cron
            .after(&ours, start)
            .take(20)
            .map(|t| t.as_second())
            .collect();
        assert_eq!(ours, theirs, "{text} after {start}");
        compared += 1;
    }
    assert!(compared > 400, "{compared}");
}

// ------------------------------------------------------------ hand-written

/// The next `count` instants in `zone`, as the clock on the wall shows them.
fn next(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let cron: Cron = expression.parse().unwrap();
    let zone = TimeZone::get(zone).unwrap();
    let next = cron.after(&zone, after.parse().unwrap()).take(count);
    next.map(|t| t.display_with_offset(zone.to_offset(t)).to_string())
        .collect()
}

/// crontab(5): "If both fields are restricted (i.e., do not contain the "*"
/// character), the command will be run when either field matches the current
/// time. For example, "30 4 1,15 * 5" would cause a command to be run at 4:30 am
/// on the 1st and 15th of each month, plus every Friday."
#[test]
fn two_restricted_day_fields_are_ored() {
    assert_eq!(
        next("30 4 1,15 * 5", "UTC", "2027-01-01T04:29:00Z", 6),
        [
            "2027-01-01T04:30:00+00:00",
            "2027-01-08T04:30:00+00:00",
            "2027-01-15T04:30:00+00:00",
            "2027-01-22T04:30:00+00:00",
            "2027-01-29T04:30:00+00:00",
            "2027-02-01T04:30:00+00:00",
        ]
    );
}

/// Debian's cron looks at the first character of a day field: `*/2` ANDs, and
/// `1-31/2`, the same days, ORs.
#[test]
fn a_day_field_that_begins_with_a_star_is_anded() {
    let days = |text| {
        let all = next(text, "UTC", "2027-01-01T00:00:00Z", 3);
        all.iter().map(|t| t[5..10].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(days("0 9 */2 * 1"), ["01-11", "01-25", "02-01"]);
    assert_eq!(days("0 9 1-31/2 * 1"), ["01-01", "01-03", "01-04"]);
    assert_eq!(days("0 9 *,10 * 1"), ["01-04", "01-11", "01-18"]);
    assert_eq!(days("0 9 10,* * 1"), ["01-01", "01-02", "01-03"]);
    assert_eq!(days("0 9 13 * */5"), ["06-13", "08-13", "02-13"]);
}

/// cron(8): "those jobs which would have run in the time that was skipped will
/// be run soon after the change".
#[test]
fn a_fixed_time_in_a_gap_fires_once_right_after_it() {
    let berlin = |text, count| next(text, "Europe/Berlin", "2027-03-27T12:00:00Z", count);
    assert_eq!(
        berlin("30 2 * * *", 2),
        ["2027-03-28T03:00:00+02:00", "2027-03-29T02:30:00+02:00"]
    );
    // several in the gap, and one right behind it, are one
    assert_eq!(
        berlin("0,20,40 2,3 28 * *", 4),
        [
            "2027-03-28T03:00:00+02:00",
            "2027-03-28T03:20:00+02:00",
            "2027-03-28T03:40:00+02:00",
            "2027-04-28T02:00:00+02:00",
        ]
    );
    // seconds of one minute are fixed times too
    assert_eq!(
        berlin("*/30 15 2 * * *", 2),
        ["2027-03-28T03:00:00+02:00", "2027-03-29T02:15:00+02:00"]
    );
    // a day without a beginning begins at one
    assert_eq!(
        next("@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2),
        ["2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"]
    );
    // a day that there was not: its morning is due when the next one begins
    assert_eq!(
        next("30 7 * * *", "Pacific/Apia", "2011-12-29T12:00:00-10:00", 3),
        [
            "2011-12-31T00:00:00+14:00",
            "2011-12-31T07:30:00+14:00",
            "2012-01-01T07:30:00+14:00",
        ]
    );
    // asked from inside the answer's second, and from right behind it
    for (after, first) in [
        ("2027-03-28T00:59:59.999Z", "2027-03-28T03:00:00+02:00"),
        ("2027-03-28T01:00:00Z", "2027-03-29T02:30:00+02:00"),
        ("2027-03-28T01:00:00.001Z", "2027-03-29T02:30:00+02:00"),
    ] {
        assert_eq!(next("30 2 * * *", "Europe/Berlin", after, 1), [first]);
    }
}

/// cron(8): "if the time has moved backwards by less than 3 hours, those jobs
/// that fall into the repeated time will not be re-run".
#[test]
fn a_fixed_time_in_an_overlap_fires_the_first_time_round() {
    let fixed = |after| next("30 2 * * *", "Europe/Berlin", after, 2);
    assert_eq!(
        fixed("2027-10-30T12:00:00Z"),
        ["2027-10-31T02:30:00+02:00", "2027-11-01T02:30:00+01:00"]
    );
    // asked between the passes, and in the second before its half
    for after in [
        "2027-10-31T00:30:00Z",
        "2027-10-31T00:59:59Z",
        "2027-10-31T01:10:00Z",
    ] {
        assert_eq!(fixed(after)[0], "2027-11-01T02:30:00+01:00");
    }
    // a midnight that comes twice
    assert_eq!(
        next("0 0 * * *", "America/Havana", "2027-11-06T12:00:00Z", 2),
        ["2027-11-07T00:00:00-04:00", "2027-11-08T00:00:00-05:00"]
    );
}

/// cron(8): "Jobs which are specified with wildcards are run based on the new
/// time immediately."
#[test]
fn an_interval_follows_elapsed_time() {
    assert_eq!(
        next("*/30 * * * *", "Europe/Berlin", "2027-10-30T23:59:00Z", 6),
        [
            "2027-10-31T02:00:00+02:00",
            "2027-10-31T02:30:00+02:00",
            "2027-10-31T02:00:00+01:00",
            "2027-10-31T02:30:00+01:00",
            "2027-10-31T03:00:00+01:00",
            "2027-10-31T03:30:00+01:00",
        ]
    );
    assert_eq!(
        next("0 */2 * * *", "Europe/Berlin", "2027-03-27T23:30:00Z", 2),
        ["2027-03-28T04:00:00+02:00", "2027-03-28T06:00:00+02:00"]
    );
    assert_eq!(
        next("*/30 * * * *", "Europe/Berlin", "2027-03-28T00:15:00Z", 2),
        ["2027-03-28T01:30:00+01:00", "2027-03-28T03:00:00+02:00"]
    );
    // `*/20 2` is an interval that has nothing on the day of the gap
    assert_eq!(
        next("*/20 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z", 1),
        ["2027-03-29T02:00:00+02:00"]
    );
    for (text, interval) in [
        ("@hourly", true),
        ("*/15 7 * * *", true),
        ("0-59/15 0-23 * * *", false),
        ("* 0 7 * * *", false),
        ("@daily", false),
    ] {
        assert_eq!(
            text.parse::<Cron>().unwrap().is_interval(),
            interval,
            "{text}"
        );
    }
}

/// The `cron` crate counts weekdays from 1 = Sunday; nobody else does.
#[test]
fn monday_to_friday_is_monday_to_friday() {
    let days: BTreeSet<_> = next(
        "30 7 * * 1-5",
        "Asia/Ho_Chi_Minh",
        "2027-01-01T00:00:00Z",
        20,
    )
    .iter()
    .map(|t| {
        t[..10]
            .parse::<jiff::civil::Date>()
            .unwrap()
            .weekday()
            .to_monday_one_offset()
    })
    .collect();
    assert_eq!(days, BTreeSet::from([1, 2, 3, 4, 5]));
}

#[test]
fn years_end_and_what_is_over_is_told() {
    let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let cron: Cron = "0 0 9 2 9 * 2027".parse().unwrap();
    let at: Timestamp = "2027-09-02T09:00:00+07:00".parse().unwrap();
    let before = at - 1.nanosecond();
    assert!(!cron.is_over(before, &zone) && cron.is_over(at, &zone));
    assert_eq!(cron.between(&zone, before, at).collect::<Vec<_>>(), [at]);
    assert_eq!(cron.between(&zone, at, at).count(), 0);
    assert_eq!(cron.between(&zone, at, before).count(), 0);
    let mut last = cron.after(&zone, before);
    assert_eq!(
        (last.next(), last.next(), last.next()),
        (Some(at), None, None)
    );
    // the last of all, and nothing after it
    assert_eq!(
        next(
            "@hourly",
            "America/New_York",
            "2100-12-31T22:30:00-05:00",
            3
        ),
        ["2100-12-31T23:00:00-05:00"]
    );
    assert_eq!(
        next("@yearly", "UTC", "-009999-01-03T00:00:00Z", 1),
        ["1970-01-01T00:00:00+00:00"]
    );
}

#[test]
fn dates_that_never_come_are_refused_and_say_so() {
    for text in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 0 29 2 * 2027"] {
        let refused = text.parse::<Cron>().unwrap_err();
        assert!(
            matches!(refused, CronError::Never { .. }),
            "{text}: {refused}"
        );
    }
    assert_eq!(
        "0 0 30 2 *".parse::<Cron>().unwrap_err().to_string(),
        "no date from 1970 to 2100 fits day of month \"30\", month \"2\", weekday \"*\", year \"*\"; write a day that the month has, or L in the day of month for its last day"
    );
}

#[test]
fn it_is_shown_as_written() {
    let cron: Cron = "  30  7 * * Mon-FRI\n".parse().unwrap();
    assert_eq!(cron.to_string(), "30  7 * * Mon-FRI");
    assert_eq!(format!("{cron:?}"), "Cron(\"30  7 * * Mon-FRI\")");
    assert_eq!(cron.words("vi").as_deref(), Some("07:30 mỗi ngày làm việc"));
    fn anywhere<T: Send + Sync + 'static>(_: &T) {}
    anywhere(&cron);
    anywhere(&cron.after(&TimeZone::UTC, Timestamp::UNIX_EPOCH));
}

/// Of this thread: however busy the machine is.
fn cpu_time() -> std::time::Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.try_into().unwrap()
}

/// Someone who was away for a month with the busiest expression there is.
#[test]
fn a_month_of_minutes_is_cheap() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let cron: Cron = "* * * * *".parse().unwrap();
    let until: Timestamp = "2027-11-15T00:00:00Z".parse().unwrap();
    let begun = cpu_time();
    assert_eq!(
        cron.between(&zone, until - (30 * 24).hours(), until)
            .count(),
        30 * 24 * 60
    );
    let took = cpu_time() - begun;
    // generous: measured far below
    assert!(took.as_secs() < 5, "{took:?}");
    println!("a month of minutes: {took:?}");
}

// ---------------------------------------------------------------- anything

/// Reads, asks and speaks whatever the text; strictly increasing if it is cron.
fn survives(text: &str, second: i64) -> Result<(), TestCaseError> {
    let Ok(cron) = text.parse::<Cron>() else {
        return Ok(());
    };
    prop_assert_eq!(cron.to_string().parse::<Cron>(), Ok(cron.clone()));
    let (_, _) = (cron.words("vi"), cron.words("en"));
    for zone in ["Africa/Casablanca", "Pacific/Apia"] {
        let zone = TimeZone::get(zone).unwrap();
        for after in [
            Timestamp::MIN,
            Timestamp::from_second(second).unwrap(),
            Timestamp::MAX,
        ] {
            let found: Vec<Timestamp> = cron.after(&zone, after).take(5).collect();
            prop_assert!(found.is_sorted_by(|a, b| a < b));
            prop_assert!(found.iter().all(|t| *t > after));
        }
    }
    Ok(())
}

#[test]
fn no_text_panics() {
    let run = |texts: BoxedStrategy<String>| {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let config = Config {
            cases: 3_000,
            failure_persistence: None,
            ..Config::default()
        };
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
        let seconds = -3_000_000_000_i64..6_000_000_000;
        runner
            .run(&(texts, seconds), |(text, second)| survives(&text, second))
            .unwrap();
    };
    let part = "([*0-9]{1,2}|[0-7]-[0-7]|\\*/[0-9]|L|sun|[a-z@?#/,-]|[1-9],[1-9]|20[0-9]{2})";
    let strategy = |regex: &str| proptest::string::string_regex(regex).unwrap().boxed();
    run(any::<String>().boxed());
    run(strategy("[-*/,0-9 @LWa-z?#\u{a0}ạ]{0,40}"));
    run(strategy(&format!("{part}( {part}){{4,6}}")));
    run(strategy("[*1-5] [*1-5] [*1-9L] [*1-9] [*0-7]( [*1-9])?"));
}
