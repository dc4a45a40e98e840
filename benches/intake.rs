//! What comes in: `cargo bench --bench intake`.
//!
//! `feeds`: 1,000 feeds, each on a host of its own (addresses of loopback), 20 entries each, looked at
//! in three cycles as the daemon does it (eight at once): the first looks; nothing has changed; one in
//! ten has a new entry. Told: the time of a cycle, requests and those answered with "nothing has
//! changed", bytes that came, and the most memory the process ever held.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a benchmark stops where something is wrong, and reads the machine's clock"
)]

#[path = "office/mod.rs"]
mod office;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use raotin::clock::MachineClock;
use raotin::daemon::feeds::AT_ONCE;
use raotin::disk::MachineDisk;
use raotin::model::Actor;
use raotin::office::Office;
use raotin::store::sled::{OpenOptions, SledStore};

const FEEDS: usize = 1_000;
const ENTRIES: usize = 20;

/// What the sites say and what they were asked.
#[derive(Default)]
struct Sites {
    /// Feeds whose number divides by it have one more entry; 0: none has.
    news_for: AtomicU64,
    asked: AtomicU64,
    unchanged: AtomicU64,
    bytes: AtomicU64,
}

async fn answer(State(sites): State<Arc<Sites>>, request: Request) -> Response {
    sites.asked.fetch_add(1, Ordering::Relaxed);
    // An entry's picture: there is none.
    let Ok(number) = request.uri().path().trim_start_matches('/').parse::<u64>() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let every = sites.news_for.load(Ordering::Relaxed);
    let has_news = every > 0 && number.is_multiple_of(every);
    let count = ENTRIES + usize::from(has_news);
    let tag = format!("\"{number}-{count}\"");
    if request
        .headers()
        .get(header::IF_NONE_MATCH)
        .is_some_and(|t| *t == *tag)
    {
        sites.unchanged.fetch_add(1, Ordering::Relaxed);
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let now = jiff::Timestamp::now();
    let items: String = (0..count)
        .rev()
        .map(|n| {
            let at = now - jiff::SignedDuration::from_hours(i64::try_from(count - n).unwrap());
            let words = "Ủy ban nhân dân huyện thông báo lịch tiêm phòng dại cho chó, mèo. ".repeat(8);
            format!(
                "<item><title>Bài {n} của trang {number}</title><guid>tin-{n}</guid>\
                 <link>https://trang-{number}.example.vn/tin/{n}</link><pubDate>{at}</pubDate>\
                 <description><![CDATA[<p>{words}</p><img src=\"/anh/{n}.jpg\">]]></description></item>"
            )
        })
        .collect();
    let body = format!("<rss version=\"2.0\"><channel><title>Trang</title>{items}</channel></rss>");
    sites.bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
    ([(header::ETAG, tag)], body).into_response()
}

/// Each feed's host: an address of loopback.
fn hosts() -> Vec<String> {
    let host = |n: usize| format!("127.0.{}.{}", 1 + n / 250, 1 + n % 250);
    (0..FEEDS).map(host).collect()
}

fn configure(folder: &std::path::Path, port: u16) {
    use std::fmt::Write as _;
    let mut text = String::from(
        "[office]\nname = \"Huyện\"\ndefault_channels = [\"nhom\"]\n\
         [[channels]]\nid = \"nhom\"\ntitle = \"Nhóm\"\nplatform = \"facebook-group\"\n",
    );
    let hosts = hosts();
    for (n, host) in hosts.iter().enumerate() {
        let _ = write!(
            text,
            "[[feeds]]\nid = \"f{n}\"\ntitle = \"Nguồn {n}\"\nurl = \"http://{host}:{port}/{n}\"\nfirst = 1\n"
        );
    }
    let allow: Vec<String> = hosts.iter().map(|h| format!("{h:?}")).collect();
    let _ = write!(text, "[fetch]\nallow = [{}]\n", allow.join(", "));
    std::fs::write(folder.join("raotin.toml"), text).unwrap();
}

fn opened(folder: &std::path::Path) -> Arc<Office> {
    let store = SledStore::open(OpenOptions {
        data_dir: folder.join("data"),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    });
    office::office(folder, Arc::new(store.unwrap()))
}

/// As the kernel counts it: what is held now, and the most that ever was, in MiB.
fn memory() -> (u64, u64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name));
        line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .map_or(0, |kib| kib / 1024)
    };
    (of("VmRSS:"), of("VmHWM:"))
}

async fn cycle(what: &str, office: &Arc<Office>, sites: &Arc<Sites>) {
    for counter in [&sites.asked, &sites.unchanged, &sites.bytes] {
        counter.store(0, Ordering::Relaxed);
    }
    let config = office.config();
    let begun = Instant::now();
    let looks = futures_util::stream::iter(config.feeds.clone()).map(|feed| {
        let (office, config) = (office.clone(), config.clone());
        async move { office.poll(&config, &feed).await.unwrap().taken.added.len() }
    });
    let added: usize = looks
        .buffer_unordered(AT_ONCE)
        .fold(0, async |sum, n| sum + n)
        .await;
    let took = begun.elapsed();
    let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    let (now, most) = memory();
    println!(
        "feeds, {what:<16} {:>7.2} s  {added:>5} articles  {:>5} requests  {:>5} unchanged  {:>6.2} MB came  {now:>4} MiB held, {most} at most",
        took.as_secs_f64(),
        of(&sites.asked),
        of(&sites.unchanged),
        of(&sites.bytes) as f64 / 1e6,
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let sites = Arc::new(Sites::default());
        let router = axum::Router::new()
            .fallback(answer)
            .with_state(sites.clone());
        let mut port = 0;
        for host in hosts() {
            let listener = tokio::net::TcpListener::bind((host, port)).await.unwrap();
            port = listener.local_addr().unwrap().port();
            let router = router.clone();
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        let folder = tempfile::tempdir().unwrap();
        configure(folder.path(), port);
        let office = opened(folder.path());
        office.configured(&Actor::Daemon).await.unwrap();
        cycle("first looks", &office, &sites).await;
        cycle("nothing new", &office, &sites).await;
        sites.news_for.store(10, Ordering::Relaxed);
        cycle("one in ten new", &office, &sites).await;
    });
}
