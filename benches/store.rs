//! How fast the store is, phase by phase: `cargo bench --bench store -- [PHASE …]`.
//!
//! | phase | what it does | budget (issue 2) |
//! |---|---|---|
//! | `load` | 1,000,000 articles, each waiting on one of 1,000 channels | |
//! | `open` | after a kill: time and resident memory, in a process of its own | 3 s, 350 MB |
//! | `tick` | 1,000 schedules due at once, over 1,000,000 waiting articles and over 1,000 | 1.5 times |
//! | `rebuild` | the index anew from the ledger | 10,000 events/s |
//! | `sends` | attempt and receipt of 64 channels at once: commits a second | 15,000 |
//! | `counts` | 100,000 counted shares in three years: shares, then items | 20 ms, 250 ms |
//! | `similar` | 100,000 articles of 60 words: what says nearly the same as one, read and compared | 20 ms |
//! | `turns` | 10,000 articles with a rule: what looking ahead and a look of the planner cost | |
//! | `small` | resident memory of a small office's store | |
//!
//! Each phase prints one line. The sizes can be divided for a quick look: `RAOTIN_BENCH_DIVIDE=10`.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a program for people who measure: it may stop at the first surprise"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use raotin::clock::MachineClock;
use raotin::disk::MachineDisk;
use raotin::model::channel::Order;
use raotin::model::plan::{Decision, Spent, plan};
use raotin::model::share::Attempt;
use raotin::model::upcoming::{Considered, free, upcoming};
use raotin::model::*;
use raotin::store::almanac::Almanac;
use raotin::store::outlook::StoreOutlook;
use raotin::store::sled::{OpenOptions, SledStore};
use raotin::store::{CountAsk, CountBy, QueueAsk, ShareAsk, Store};

fn main() {
    let mut asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    if let [phase, dir] = &asked[..] {
        match phase.as_str() {
            "loaded" => return loaded(Path::new(dir)),
            "opened" => return opened(Path::new(dir)),
            "ticked" => return ticked(Path::new(dir)),
            _ => {}
        }
    }
    if asked.is_empty() {
        asked = [
            "load", "open", "tick", "rebuild", "sends", "counts", "similar", "turns", "small",
        ]
        .map(String::from)
        .to_vec();
    }
    let base = std::env::var_os("RAOTIN_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(base).unwrap();
    for phase in asked {
        match phase.as_str() {
            "load" => load(&folder.path().join("big")),
            "open" => open_after_kill(&folder.path().join("big")),
            "tick" => tick(folder.path()),
            "rebuild" => rebuild(&folder.path().join("big")),
            "sends" => sends(&folder.path().join("sends")),
            "counts" => counts(&folder.path().join("counts")),
            "similar" => similar(&folder.path().join("similar")),
            "turns" => turns(&folder.path().join("turns")),
            "small" => small(&folder.path().join("small")),
            other => println!("there is no phase {other}"),
        }
    }
}

fn divide(n: usize) -> usize {
    let by = std::env::var("RAOTIN_BENCH_DIVIDE")
        .ok()
        .and_then(|n| n.parse().ok());
    n / by.unwrap_or(1)
}

fn options(dir: &Path) -> OpenOptions {
    OpenOptions {
        data_dir: dir.to_owned(),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    }
}

fn now() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        >> 10
}

fn random(n: u64) -> [u8; 10] {
    let mut out = [0; 10];
    out[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    out
}
fn ms() -> u64 {
    now().as_millisecond().cast_unsigned()
}
fn article_id(n: usize) -> ArticleId {
    ArticleId::new(ms() + n as u64, random(n as u64))
}
fn share_id(n: usize) -> ShareId {
    ShareId::new(ms() + n as u64, random(n as u64 + (1 << 40)))
}
fn channel(n: usize) -> ChannelId {
    ChannelId::new(&format!("kenh-{n}")).unwrap()
}
fn topic(n: usize) -> TopicId {
    TopicId::new(&format!("chu-de-{n}")).unwrap()
}

fn opening(channels: usize) -> Commit {
    let mut commit = Commit::new(now(), By::Daemon);
    for n in 0..channels {
        commit.events.push(Event::ChannelSeen {
            channel: channel(n),
            title: format!("Kênh {n}"),
            platform: PlatformKind::Webhook,
            mode: Mode::Post,
        });
    }
    for n in 0..8 {
        commit.events.push(Event::TopicSeen {
            topic: topic(n),
            title: format!("Chủ đề {n}"),
        });
    }
    commit
}

fn added(n: usize) -> Commit {
    let mut commit = Commit::new(now(), By::Local(1000, None));
    let [title, text] =
        [0, 1].map(|k| TextId::new(ms() + n as u64, random((2 * n + k) as u64 + (1 << 50))));
    let headline = format!("Lịch tiêm chủng mở rộng tháng 12 tại xã số {n}");
    commit.texts.insert(title, Some(headline));
    let body = "Trạm y tế xã thông báo lịch tiêm chủng cho trẻ dưới 2 tuổi. Đề nghị gia đình mang theo sổ tiêm chủng và đến đúng giờ.";
    commit.texts.insert(text, Some(body.to_owned()));
    commit.events.push(Event::ArticleAdded {
        article: article_id(n),
        title,
        text,
        link: Some(format!("https://xa.example.vn/tin/{n}")),
        pictures: Vec::new(),
        topic: None,
        priority: 0,
        source: "import:tin.csv".into(),
        row: None,
        member: None,
        unit: None,
    });
    commit
}

/// A text of 60 words from a thousand, as like another one as texts about other things are.
fn wordy(n: usize) -> String {
    let mut state = n as u64;
    let words = (0..60).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        format!("từ{}", (state >> 33) % 1000)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn similar(dir: &Path) {
    use raotin::compose::similar::{ALIKE, Sketch, likeness};
    let n = divide(100_000);
    let store = SledStore::open(options(dir)).unwrap();
    commit_all(&store, [opening(1)].into_iter(), 1);
    let all = (0..n).map(|n| {
        let mut commit = added(n);
        if let Some(Event::ArticleAdded { text, .. }) = commit.events.first() {
            let text = *text;
            commit.texts.insert(text, Some(wordy(n)));
        }
        commit
    });
    let load = commit_all(&store, all, 512);
    let ask = |n: usize| {
        let begun = Instant::now();
        let text = wordy(n).replacen("từ1", "khác", 3);
        let sketch = Sketch::of("", &text).unwrap();
        let found = store.like(&sketch, 30).unwrap();
        let alike = found.iter().filter(|id| {
            let other = store.article(**id).unwrap().unwrap();
            let content = other.content;
            likeness(("", &text), (&content.title, &content.text)) >= ALIKE
        });
        assert!(alike.count() > 0 || n >= divide(100_000));
        begun.elapsed()
    };
    let before = rss();
    let first = ask(7);
    let mut asks: Vec<Duration> = (0..200).map(|k| ask(k * 499 % n)).collect();
    asks.sort();
    let begun = Instant::now();
    for k in 0..1000 {
        std::hint::black_box(Sketch::of("", &wordy(k)));
    }
    println!(
        "similar: {n} articles loaded in {load:.1?}; the first question {first:.1?}, then {:.2?} in the middle, {:.2?} at most; {} MB more; a sketch {:.1?}",
        asks[100],
        asks[199],
        rss().saturating_sub(before),
        begun.elapsed() / 1000,
    );
}

fn share_of(n: usize, channels: usize, state: State, count: Option<Count>) -> Event {
    Event::ShareAdded {
        share: share_id(n),
        article: article_id(n),
        channel: channel(n % channels),
        state,
        spot: Some(Spot::End),
        at: (state == State::Planned).then(now),
        day: Some(date(2026, 11, 23)),
        key: Some(format!("{}", share_id(n))),
        topic: None,
        priority: 0,
        own_text: None,
        again: false,
        receipt: count.as_ref().map(|c| Receipt {
            post_id: format!("{n}"),
            permalink: None,
            at: c.at,
        }),
        count,
        origin: None,
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// Commits in groups; says how long it took.
fn commit_all(
    store: &SledStore,
    commits: impl Iterator<Item = Commit>,
    together: usize,
) -> Duration {
    let begun = Instant::now();
    let runtime = runtime();
    let mut commits = commits.peekable();
    while commits.peek().is_some() {
        let group = commits.by_ref().take(together).map(|c| store.commit(c));
        for outcome in runtime.block_on(join_all(group.collect::<Vec<_>>())) {
            outcome.unwrap();
        }
    }
    begun.elapsed()
}

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BIG: usize = 1_000_000;
const MANY_CHANNELS: usize = 1000;

/// Runs a phase in a process of its own, which ends as by a kill.
fn apart(phase: &str, dir: &Path) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.arg(phase).arg(dir).stdout(Stdio::inherit());
    child.status().unwrap();
}

fn load(dir: &Path) {
    apart("loaded", dir);
}

fn loaded(dir: &Path) {
    let n = divide(BIG);
    let store = SledStore::open(options(dir)).unwrap();
    commit_all(&store, [opening(MANY_CHANNELS)].into_iter(), 1);
    let all = (0..n).map(|n| {
        let mut commit = added(n);
        commit
            .events
            .push(share_of(n, MANY_CHANNELS, State::Waiting, None));
        commit
    });
    let took = commit_all(&store, all, 512);
    let each = n as f64 / took.as_secs_f64();
    println!(
        "load: {n} articles in {took:.1?}: {each:.0} commits/s; {} MB resident",
        rss()
    );
    std::process::abort();
}

fn size_of(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir)
        .unwrap()
        .map(|f| f.unwrap().metadata().unwrap().len());
    files.sum::<u64>() >> 20
}

fn open_after_kill(dir: &Path) {
    println!(
        "open: index {} MB, ledger {} MB on disk",
        size_of(&dir.join("sled")),
        size_of(&dir.join("ledger"))
    );
    apart("opened", dir);
    apart("opened", dir);
}

/// In a process of its own, so that its memory is only its own. It ends as by a kill.
fn opened(dir: &Path) {
    let begun = Instant::now();
    let store = SledStore::open(options(dir)).unwrap();
    let open = begun.elapsed();
    let at_open = rss();
    let begun = Instant::now();
    for n in 0..MANY_CHANNELS {
        let found = store.queue(&QueueAsk {
            channel: &channel(n),
            order: Order::Oldest,
            topic: None,
            after: None,
            limit: 3,
        });
        assert!(!found.unwrap().is_empty());
    }
    let queues = begun.elapsed();
    let begun = Instant::now();
    let page = ShareAsk {
        limit: 50,
        ..ShareAsk::default()
    };
    assert_eq!(store.shares(&page).unwrap().len(), 50);
    let pages = begun.elapsed();
    println!(
        "open: {open:.2?}, {at_open} MB resident; the heads of {MANY_CHANNELS} queues {queues:.1?}; a page of all shares {pages:.1?}; then {} MB",
        rss()
    );
    std::process::abort();
}

fn tick(dir: &Path) {
    let few = dir.join("few");
    {
        let store = SledStore::open(options(&few)).unwrap();
        commit_all(&store, [opening(MANY_CHANNELS)].into_iter(), 1);
        let all = (0..MANY_CHANNELS).map(|n| {
            let mut commit = added(n);
            let share = share_of(n, MANY_CHANNELS, State::Waiting, None);
            commit.events.push(share);
            commit
        });
        commit_all(&store, all, 512);
    }
    apart("ticked", &few);
    apart("ticked", &dir.join("big"));
}

/// What every schedule of a thousand takes when all are due in the same second: the first time, and
/// then as it usually is.
fn ticked(dir: &Path) {
    let store = SledStore::open(options(dir)).unwrap();
    let names: Vec<String> = (0..MANY_CHANNELS).map(|n| channel(n).to_string()).collect();
    let schedules = names
        .iter()
        .map(|name| support::schedule(name, "0 * * * * *", &[name]));
    let channels = names.iter().map(|name| support::channel(name)).collect();
    let config = support::config(channels, schedules.collect());
    let before = now() - SignedDuration::from_secs(30);
    let tick = || {
        let begun = Instant::now();
        let (mut spent, mut taken) = (Spent::default(), 0);
        for schedule in &config.schedules {
            let outlook = StoreOutlook(&store);
            let decided = plan(now(), schedule, before, &config, &outlook, &mut spent).unwrap();
            taken += decided
                .iter()
                .map(|d| match d {
                    Decision::Fire { taken, .. } => taken.len(),
                    _ => 0,
                })
                .sum::<usize>();
        }
        assert_eq!(taken, MANY_CHANNELS);
        begun.elapsed()
    };
    let first = tick();
    let mut again: Vec<_> = (0..9).map(|_| tick()).collect();
    again.sort();
    let (file, median) = (dir.file_name().unwrap_or_default(), again[4]);
    println!("tick ({}): {first:.1?}, then {median:.1?}", file.display());
}

fn rebuild(dir: &Path) {
    let n = divide(BIG) * 2;
    let begun = Instant::now();
    let store = SledStore::rebuild(options(dir)).unwrap();
    let took = begun.elapsed();
    let each = n as f64 / took.as_secs_f64();
    println!(
        "rebuild: {n} events in {took:.1?}: {each:.0} events/s; {} MB resident",
        rss()
    );
    drop(store);
}

fn attempted(n: usize, by: &str) -> Commit {
    let mut commit = Commit::new(now(), By::Daemon);
    let post = TextId::new(ms(), random(n as u64 + (1 << 55)));
    let part = Part {
        text: format!("Lịch tiêm chủng mở rộng tháng 12 tại xã số {n}. {by}"),
        ..Part::default()
    };
    let json = serde_json::to_string(&Post { parts: vec![part] }).unwrap();
    commit.texts.insert(post, Some(json));
    commit.events.push(Event::ShareAttempted {
        share: share_id(n),
        attempt: Attempt {
            number: 1,
            at: now(),
            key: share_id(n).to_string(),
            prepared: String::new(),
            clock_skew: 0,
        },
        post,
        version: Version { article: 1, own: 0 },
        approval: false,
    });
    commit
}

fn shared(n: usize) -> Commit {
    let mut commit = Commit::new(now(), By::Daemon);
    commit.events.push(Event::ShareShared {
        share: share_id(n),
        receipt: Some(Receipt {
            post_id: format!("bai-{n}"),
            permalink: Some(format!("https://mang.example/bai/{n}")),
            at: now(),
        }),
        count: Count {
            at: now(),
            day: date(2026, 11, 23),
            topic: Some(topic(n % 8)),
            unit: None,
            member: MemberId::new(&format!("can-bo-{}", n % 20)).ok(),
            how: How::Auto,
        },
    });
    commit
}

/// Attempt, then receipt, of one share a channel at a time: 64 lanes.
fn sends(dir: &Path) {
    const LANES: usize = 64;
    let n = divide(100_000) / LANES * LANES;
    let store = Arc::new(SledStore::open(options(dir)).unwrap());
    commit_all(&store, [opening(LANES)].into_iter(), 1);
    let planned = (0..n).map(|n| {
        let mut commit = added(n);
        commit.events.push(share_of(n, LANES, State::Planned, None));
        commit
    });
    commit_all(&store, planned, 512);
    let begun = Instant::now();
    let lanes = (0..LANES).map(|lane| {
        let store = store.clone();
        async move {
            for n in (lane..n).step_by(LANES) {
                store.commit(attempted(n, "")).await.unwrap();
                store.commit(shared(n)).await.unwrap();
            }
        }
    });
    runtime().block_on(join_all(lanes));
    let took = begun.elapsed();
    let each = 2.0 * n as f64 / took.as_secs_f64();
    println!("sends: {n} shares in {took:.1?}: {each:.0} commits/s over {LANES} channels");
}

fn counts(dir: &Path) {
    const CHANNELS: usize = 12;
    let n = divide(100_000);
    let store = SledStore::open(options(dir)).unwrap();
    commit_all(&store, [opening(CHANNELS)].into_iter(), 1);
    let all = (0..n / 4).map(|item| {
        let mut commit = added(item);
        for n in 4 * item..4 * item + 4 {
            let days = jiff::Span::new().days((n % 1095) as i64);
            let count = Count {
                at: now(),
                day: date(2023, 11, 24).saturating_add(days),
                topic: Some(topic(n / 7 % 8)),
                unit: None,
                member: MemberId::new(&format!("can-bo-{}", n / 3 % 20)).ok(),
                how: How::BackFilled,
            };
            let mut event = share_of(n, CHANNELS, State::Shared, Some(count));
            if let Event::ShareAdded { article, .. } = &mut event {
                *article = article_id(item);
            }
            commit.events.push(event);
        }
        commit
    });
    let took = commit_all(&store, all, 512);
    println!(
        "counts: {n} counted shares written in {took:.1?}; {} MB resident",
        rss()
    );
    use CountBy::*;
    let filters = [
        (None, None),
        (Some(channel(1)), None),
        (Some(channel(1)), Some(topic(1))),
    ];
    for (channel, topic) in filters {
        for by in [Channel, Topic, Member, Day, Month, Quarter, Year] {
            let ask = CountAsk {
                since: Some(date(2023, 12, 5)),
                until: Some(date(2026, 11, 10)),
                by,
                channel: channel.clone(),
                topic: topic.clone(),
                member: None,
                with_log: false,
            };
            let median = |count: &dyn Fn() -> u64| {
                let mut took: Vec<_> = (0..5)
                    .map(|_| {
                        let begun = Instant::now();
                        assert!(count() > 0);
                        begun.elapsed()
                    })
                    .collect();
                took.sort();
                took[2]
            };
            let shares = median(&|| store.counts_of_shares(&ask).unwrap().total.shares);
            let items = median(&|| store.counts(&ask).unwrap().total.items);
            let filters = usize::from(channel.is_some()) + usize::from(topic.is_some());
            println!(
                "counts: by {by:?}, {filters} filters: shares {shares:.1?}, with items {items:.1?}"
            );
        }
    }
}

/// Articles that come round, each on one of twelve channels, every one to sixty days; each channel is
/// served every ten minutes, at most twenty times a day.
fn turns(dir: &Path) {
    const CHANNELS: usize = 12;
    let n = divide(10_000);
    let store = SledStore::open(options(dir)).unwrap();
    commit_all(&store, [opening(CHANNELS)].into_iter(), 1);
    let all = (0..n).map(|n| {
        let mut commit = added(n);
        let every = u16::try_from(1 + n % 60).unwrap();
        let hours = SignedDuration::from_hours(i64::from(every) * 24);
        let at = now() - hours + SignedDuration::from_mins(1 + (n * 7) as i64 % (60 * 24));
        let count = Count {
            at,
            day: support::local_day(at),
            topic: None,
            unit: None,
            member: None,
            how: How::BackFilled,
        };
        commit
            .events
            .push(share_of(n, CHANNELS, State::Shared, Some(count)));
        commit.events.push(Event::ArticleEvergreen {
            article: article_id(n),
            rule: Some(Evergreen {
                every: Every::days(every).unwrap(),
                until: None,
                at_most: None,
            }),
        });
        commit
    });
    commit_all(&store, all, 512);
    let names: Vec<String> = (0..CHANNELS).map(|n| channel(n).to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let channels = names.iter().map(|name| Channel {
        max_per_day: Some(20),
        ..support::channel(name)
    });
    let every_ten = support::schedule("muoi-phut", "*/10 * * * *", &names);
    let config = support::config(channels.collect(), vec![every_ten]);
    let before = rss();
    let almanac = Almanac::default();
    let standings = || {
        let begun = Instant::now();
        let standings = almanac.standings(&store).unwrap();
        (begun.elapsed(), standings)
    };
    let (first, known) = standings();
    assert_eq!(known.len(), n);
    let (again, _) = standings();
    let considered = [Considered {
        schedule: &config.schedules[0],
        cursor: now(),
    }];
    let outlook = StoreOutlook(&store);
    let mut told = Vec::new();
    for days in [1, 3, 31] {
        let until = now() + SignedDuration::from_hours(24 * days);
        let (read, known) = standings();
        let begun = Instant::now();
        let coming = upcoming(now(), until, &considered, &config, &outlook, vec![], known);
        told.push(format!(
            "{days} days {:.1?} ({} come)",
            begun.elapsed() + read,
            coming.unwrap().len()
        ));
    }
    let (read, known) = standings();
    let begun = Instant::now();
    let until = now() + SignedDuration::from_hours(24 * 14);
    free(now(), until, &considered, &config, &outlook, known).unwrap();
    let free = begun.elapsed() + read;
    println!(
        "turns: {n} rules are read in {first:.1?}, then known in {again:.1?}, {} MB more; ahead: {}; free slots of 14 days {free:.1?}",
        rss().saturating_sub(before),
        told.join(", "),
    );
}

fn small(dir: &Path) {
    let before = rss();
    {
        let store = SledStore::open(options(dir)).unwrap();
        commit_all(&store, [opening(6)].into_iter(), 1);
        let all = (0..1000).map(|n| {
            let mut commit = added(n);
            commit.events.push(share_of(n, 6, State::Waiting, None));
            commit
        });
        commit_all(&store, all, 16);
    }
    let store = SledStore::open(options(dir)).unwrap();
    let page = ShareAsk {
        limit: 50,
        ..ShareAsk::default()
    };
    store.shares(&page).unwrap();
    let waits = SignedDuration::from_secs(1);
    std::thread::sleep(waits.try_into().unwrap());
    println!(
        "small: {} MB resident with 1,000 waiting articles, {before} before",
        rss()
    );
}
