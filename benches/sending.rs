//! How fast shares leave. One command, no assertion:
//!
//! ```text
//! cargo bench --bench sending
//! ```
//!
//! - `throughput`: 64 channels, each share end to end on loopback (attempt synced, HTTP POST, receipt
//!   synced, counted), as a ratio to a bare reqwest loop with 64 in flight on the same endpoint.
//! - `punctual`: 1,000 schedules on 1,000 channels due in one second; from due to request.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use raotin::chance::Chance;
use raotin::clock::{Clock, MachineClock};
use raotin::config::{Config, ConfiguredChannel, Secret, Target, WebhookTarget};
use raotin::daemon::{Health, Parts, Platforms};
use raotin::disk::MachineDisk;
use raotin::model::channel::Missed;
use raotin::model::event::Spot;
use raotin::model::*;
use raotin::platform::http::Http;
use raotin::platform::{Deps, Pictures};
use raotin::store::Store;
use raotin::store::sled::{OpenOptions, SledStore};
use tokio::sync::watch;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CHANNELS: usize = 64;
const SHARES: usize = 32_000;
const IN_FLIGHT: usize = 64;
const SCHEDULES: usize = 1_000;

struct NoPictures;
impl Pictures for NoPictures {
    fn bytes(&self, _: &str) -> std::io::Result<bytes::Bytes> {
        Err(std::io::ErrorKind::NotFound.into())
    }
}

/// An endpoint that takes everything, on a thread of its own.
struct Endpoint {
    url: String,
    taken: Arc<AtomicU64>,
    times: Arc<Mutex<Vec<Timestamp>>>,
}

fn endpoint() -> Endpoint {
    let (taken, times) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(Mutex::new(Vec::new())),
    );
    let (t, when) = (taken.clone(), times.clone());
    let (told, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap().port()).unwrap();
            let hook = async move |_body: axum::body::Bytes| {
                t.fetch_add(1, Ordering::Relaxed);
                when.lock().unwrap().push(MachineClock.now());
                "{}"
            };
            axum::serve(listener, axum::Router::new().route("/", post(hook)))
                .await
                .unwrap();
        });
    });
    Endpoint {
        url: format!("http://127.0.0.1:{}/", port.recv().unwrap()),
        taken,
        times,
    }
}

/// Processor time of the whole process so far: both ends of the wire, all threads.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    // Behind the name, which may hold spaces: utime and stime are fields 14 and 15, in 1/100 s.
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|f| f.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(10 * ticks)
}

async fn bare(endpoint: &Endpoint, n: usize) -> f64 {
    // The provider that the program uses, too.
    let _ = Http::new().unwrap();
    let client = reqwest::Client::builder().build().unwrap();
    let body = r#"{"type":"share.posted","timestamp":"2026-11-23T00:00:00Z","data":{"text":"Thông báo tiêm phòng đợt 2"}}"#;
    let left = Arc::new(AtomicU64::new(n as u64));
    let start = Instant::now();
    let tasks: Vec<_> = (0..IN_FLIGHT)
        .map(|_| {
            let (client, left, url) = (client.clone(), left.clone(), endpoint.url.clone());
            tokio::spawn(async move {
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
                {
                    let answer = client.post(&url).body(body).send().await.unwrap();
                    answer.bytes().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    n as f64 / start.elapsed().as_secs_f64()
}

fn with_hooks(mut config: Config, url: &str) -> Config {
    let target = WebhookTarget {
        url: url.parse().unwrap(),
        secrets: vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
    };
    config.channels = config
        .channels
        .iter()
        .map(|c| {
            let target = Target::Webhook(target.clone());
            Arc::new(ConfiguredChannel {
                rules: c.rules.clone(),
                target,
            })
        })
        .collect();
    config
}

fn open(dir: &std::path::Path) -> Arc<SledStore> {
    let options = OpenOptions {
        data_dir: dir.to_owned(),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    };
    Arc::new(SledStore::open(options).unwrap())
}

fn parts(store: Arc<SledStore>, config: Config) -> Parts {
    let deps = Deps {
        http: Http::new().unwrap(),
        clock: Arc::new(MachineClock),
        pictures: Arc::new(NoPictures),
        redactor: Arc::new(str::to_owned),
        vault: raotin::platform::vault::Vault::in_memory(),
    };
    // The sender is forgotten on purpose: the configuration never changes here.
    let (sender, receiver) = watch::channel(Arc::new(config));
    std::mem::forget(sender);
    Parts {
        almanac: Arc::default(),
        store,
        clock: Arc::new(MachineClock),
        chance: Chance::of_machine(),
        config: receiver,
        connect: Arc::new(Platforms::new(deps)),
        health: Arc::new(Health::default()),
        built: "2020-01-01T00:00:00Z".parse().unwrap(),
    }
}

/// Articles with one share each, in commits of a hundred.
async fn fill(store: &SledStore, channels: &[ChannelId], n: usize, when: Option<Timestamp>) {
    let (chance, now) = (Chance::of_machine(), MachineClock.now());
    let seen: Vec<Event> = channels
        .iter()
        .map(|channel| Event::ChannelSeen {
            channel: channel.clone(),
            title: channel.to_string(),
            platform: PlatformKind::Webhook,
            mode: Mode::Post,
        })
        .collect();
    let mut commit = Commit::new(now, By::Daemon);
    commit.events = seen;
    store.commit(commit).await.unwrap();
    let mut commit = Commit::new(now, By::Daemon);
    for i in 0..n {
        let (article, title, text) = (chance.article(now), chance.text(now), chance.text(now));
        commit
            .texts
            .insert(title, Some(format!("Thông báo số {i}")));
        commit.texts.insert(
            text,
            Some("Uỷ ban nhân dân huyện mời bà con đến tiêm phòng đợt 2.".into()),
        );
        commit.events.push(Event::ArticleAdded {
            article,
            title,
            text,
            link: Some(format!("https://chodon.example.vn/tin/{i}")),
            pictures: Vec::new(),
            topic: None,
            priority: 0,
            source: "typed".into(),
            row: None,
            member: None,
            unit: None,
        });
        commit.events.push(Event::ShareAdded {
            share: chance.share(now),
            article,
            channel: channels[i % channels.len()].clone(),
            state: if when.is_some() {
                State::Planned
            } else {
                State::Waiting
            },
            spot: when.is_none().then_some(Spot::End),
            at: when,
            day: when.map(support::local_day),
            key: when.map(|_| chance.key(now)),
            topic: None,
            priority: 0,
            own_text: None,
            again: false,
            receipt: None,
            count: None,
            origin: None,
        });
        if commit.events.len() >= 200 || i + 1 == n {
            store
                .commit(std::mem::replace(&mut commit, Commit::new(now, By::Daemon)))
                .await
                .unwrap();
        }
    }
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn names(n: usize) -> Vec<ChannelId> {
    (0..n).map(|i| support::id(&format!("kenh-{i}"))).collect()
}

async fn throughput(endpoint: &Endpoint) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let names = names(CHANNELS);
    let mut channels: Vec<Channel> = names.iter().map(|n| support::channel(n.as_str())).collect();
    channels
        .iter_mut()
        .for_each(|c| c.hand_within = SignedDuration::from_hours(1));
    let mut config = with_hooks(support::config(channels, Vec::new()), &endpoint.url);
    config.office.missed = Missed::Late;
    config.office.grace = SignedDuration::from_hours(24);
    let now = MachineClock.now();
    fill(&store, &names, SHARES, Some(now)).await;
    let bare_before = bare(endpoint, SHARES).await;
    let before = endpoint.taken.load(Ordering::Relaxed);
    let parts = parts(store.clone(), config);
    let health = parts.health.clone();
    let (stop, mut stopped) = watch::channel(false);
    let (start, worked) = (Instant::now(), processor_time());
    let daemon = tokio::spawn(raotin::daemon::run(parts, async move {
        let _ = stopped.wait_for(|s| *s).await;
    }));
    until(|| health.pulse().sent >= SHARES as u64).await;
    let ours = SHARES as f64 / start.elapsed().as_secs_f64();
    let each = (processor_time() - worked) / SHARES as u32;
    stop.send_replace(true);
    daemon.await.unwrap().unwrap();
    let sent = endpoint.taken.load(Ordering::Relaxed) - before;
    let bare_after = bare(endpoint, SHARES).await;
    let bare = f64::midpoint(bare_before, bare_after);
    println!("throughput: {SHARES} shares over {CHANNELS} channels, {sent} requests");
    println!("  bare loop {bare:>8.0}/s (before {bare_before:.0}, after {bare_after:.0})");
    println!("  raotin    {ours:>8.0}/s   ratio {:.3}", ours / bare);
    println!("  processor time a share, both ends of the wire: {each:.0?}");
    store.close();
}

async fn punctual(endpoint: &Endpoint) {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let names = names(SCHEDULES);
    let channels = names.iter().map(|n| support::channel(n.as_str())).collect();
    let due = Timestamp::from_second(MachineClock.now().as_second() + 4).unwrap();
    let second = due.to_string();
    let (minute, second) = (&second[14..16], &second[17..19]);
    let cron = format!(
        "{} {} * * * *",
        second.parse::<u8>().unwrap(),
        minute.parse::<u8>().unwrap()
    );
    let schedules = names
        .iter()
        .map(|n| support::schedule(n.as_str(), &cron, &[n.as_str()]))
        .collect();
    let config = with_hooks(support::config(channels, schedules), &endpoint.url);
    fill(&store, &names, SCHEDULES, None).await;
    endpoint.times.lock().unwrap().clear();
    let parts = parts(store.clone(), config);
    let health = parts.health.clone();
    let (stop, mut stopped) = watch::channel(false);
    let daemon = tokio::spawn(raotin::daemon::run(parts, async move {
        let _ = stopped.wait_for(|s| *s).await;
    }));
    until(|| health.pulse().sent >= SCHEDULES as u64).await;
    stop.send_replace(true);
    daemon.await.unwrap().unwrap();
    let mut late: Vec<i64> = endpoint
        .times
        .lock()
        .unwrap()
        .iter()
        .map(|t| t.as_millisecond() - due.as_millisecond())
        .collect();
    late.sort_unstable();
    let at = |p: usize| late[(late.len() * p / 100).min(late.len() - 1)];
    println!("punctual: {SCHEDULES} schedules on as many channels due in one second");
    println!(
        "  from due to request: p50 {} ms, p99 {} ms, last {} ms",
        at(50),
        at(99),
        late[late.len() - 1]
    );
    store.close();
}

fn main() {
    let endpoint = endpoint();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        throughput(&endpoint).await;
        punctual(&endpoint).await;
    });
}
