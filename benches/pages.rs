//! How quick and how small the pages are: `cargo bench --bench pages`.
//!
//! It makes a store of 1,000,000 shares of 300,000 articles in five years (12 channels, 8 topics, 20
//! members; 20,000 of them wait), serves the real pages over HTTP on loopback from a process of its own,
//! and asks each page 200 times, one request at a time, with what it asks for changing where it can.
//! Printed: p50 and p99 of the answer's time, its bytes (uncompressed), the requests that a first visit
//! takes (with its style, script and pictures) and their bytes in all, and the server's resident memory;
//! then the sizes once more over a small office's store.
//!
//! | budget (issue 4) | |
//! |---|---|
//! | Today, Compose, the hand-share card | 60 kB, 4 requests |
//! | every other page | 150 kB |
//! | Today; Shares unfiltered or by one filter | p99 50 ms |
//! | Shares by two filters or words | 300 ms, or what was found so far |
//! | the others (of our own) | 300 ms |
//! | resident memory | 500 MB |
//!
//! `RAOTIN_BENCH_DIR=DIR` keeps the store in DIR and takes it from there the next time (it takes some
//! minutes to make); `RAOTIN_BENCH_DIVIDE=10` makes a smaller one.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a program for people who measure: it may stop at the first surprise"
)]

#[path = "five_years/mod.rs"]
mod five_years;
#[path = "office/mod.rs"]
mod office;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use five_years::{CHANNELS, MEMBERS, TOPICS, YEARS, configure, made, member, store};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use raotin::model::Actor;
use raotin::office::accounts::Accounts;
use raotin::web::Site;
use raotin::web::door::Remote;
use raotin::web::door::listen::Doors;
use raotin::web::pages::{Faces, router};

/// As the program has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ARTICLES: usize = 300_000;
/// Articles of the small office.
const FEW: usize = 60;
/// Requests of a page that are measured, after [`WARM`] that are not.
const ASKED: usize = 200;
const WARM: usize = 5;
const PASSWORD: &str = "mùa xuân trên bản";

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with('-'))
        .collect();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_writer(std::io::stderr)
        .init();
    if let [phase, dir] = &asked[..] {
        match phase.as_str() {
            "made" => return made(Path::new(dir), divide(ARTICLES)),
            "made-few" => return made(Path::new(dir), FEW),
            "served" => return served(Path::new(dir)),
            _ => {}
        }
    }
    let scratch = tempfile::tempdir().unwrap();
    let kept = std::env::var_os("RAOTIN_BENCH_DIR").map(PathBuf::from);
    let base = kept.as_deref().unwrap_or(scratch.path());
    let big = base.join(format!("pages-{}", divide(ARTICLES)));
    if !big.join("made").exists() {
        let _ = std::fs::remove_dir_all(&big);
        std::fs::create_dir_all(&big).unwrap();
        run("made", &big);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("over {} articles:", divide(ARTICLES));
    runtime.block_on(measure(&big, true));
    let few = scratch.path().join("few");
    std::fs::create_dir_all(&few).unwrap();
    run("made-few", &few);
    println!("over a small office's {FEW} articles:");
    runtime.block_on(measure(&few, false));
}

fn divide(n: usize) -> usize {
    let by = std::env::var("RAOTIN_BENCH_DIVIDE").ok();
    n / by.and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// Runs a part in a process of its own.
fn run(phase: &str, dir: &Path) {
    let me = std::env::current_exe().unwrap();
    let status = Command::new(me).arg(phase).arg(dir).status().unwrap();
    assert!(status.success());
}

// ---- the server ----

/// Serves the pages; says where, and by which link a member gets in.
fn served(dir: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        let store = Arc::new(store(dir));
        let opened = begun.elapsed();
        configure(dir);
        let office = office::office(dir, store);
        let faces = Faces::new(Site {
            accounts: Arc::new(Accounts::new(office.clone())),
            refused: office.desk.refused(),
            office,
            health: None,
            connect: None,
            messenger: None,
            sled: None,
        });
        let operator = Actor::Local {
            uid: 0,
            on_behalf_of: None,
        };
        let secret = faces.accounts.invite(&operator, &member(0)).unwrap();
        faces
            .accounts
            .choose_password(&secret, PASSWORD)
            .await
            .unwrap();
        let doors = Doors::open("127.0.0.1:0".parse().unwrap(), None)
            .await
            .unwrap();
        println!("{} {}", doors.local(), opened.as_millis());
        let app = router(faces).into_make_service_with_connect_info::<Remote>();
        axum::serve(doors, app).await.unwrap();
    });
}

/// A server in a process of its own, and somebody logged in to it.
struct Server {
    child: Child,
    base: String,
    cookie: String,
    http: reqwest::Client,
    opened: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    async fn start(dir: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("served")
            .arg(dir)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (at, opened) = line.trim().split_once(' ').unwrap();
        // The provider of the program's own client.
        let _ = raotin::platform::http::Http::new().unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let mut server = Self {
            base: format!("http://{at}"),
            opened: opened.to_owned(),
            cookie: String::new(),
            child,
            http,
        };
        let login = server.http.post(format!("{}/login", server.base));
        let form = [("name", "can-bo-0"), ("password", PASSWORD)];
        let answer = login.form(&form).send().await.unwrap();
        let set = answer.headers().get("set-cookie").expect("logged in");
        let cookie = set.to_str().unwrap().split(';').next().unwrap();
        server.cookie = cookie.to_owned();
        server
    }

    async fn get(&self, path: &str) -> (Duration, String, usize) {
        let begun = Instant::now();
        let request = self.http.get(format!("{}{path}", self.base));
        let answer = request.header("cookie", &self.cookie).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let bytes = answer.bytes().await.unwrap();
        let took = begun.elapsed();
        let size = bytes.len();
        (took, String::from_utf8_lossy(&bytes).into_owned(), size)
    }

    fn rss_mb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            >> 10
    }
}

/// What a first visit asks for besides the page itself.
fn assets(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (tag, attribute) in [
        ("<link rel=\"stylesheet\"", "href=\""),
        ("<script", "src=\""),
        ("<img", "src=\""),
    ] {
        for part in html.split(tag).skip(1) {
            let part = part.split('>').next().unwrap_or_default();
            if let Some((_, rest)) = part.split_once(attribute) {
                let path = rest.split('"').next().unwrap_or_default();
                if path.starts_with('/') && !found.contains(&path.to_owned()) {
                    found.push(path.to_owned());
                }
            }
        }
    }
    found
}

/// A page: its name, its budget in kB and ms, and its address for the n-th request.
struct Page(&'static str, usize, u64, Box<dyn Fn(usize) -> String>);

fn pages(today: Date, hand: Option<String>) -> Vec<Page> {
    let page =
        |name, kb, ms, of: &'static str| Page(name, kb, ms, Box::new(move |_| of.to_owned()));
    let shares = |name, ms, of: Box<dyn Fn(usize) -> String>| {
        Page(
            name,
            150,
            ms,
            Box::new(move |n| format!("/shares?{}", of(n))),
        )
    };
    let month = move |n: usize| {
        let first = today
            .first_of_month()
            .saturating_sub((1 + (n % 48) as i64).months());
        format!("since={first}&until={}", first.last_of_month())
    };
    let year = move |n: usize| {
        let year = today.year() - (n % YEARS as usize) as i16;
        format!("since={year}-01-01&until={year}-12-31")
    };
    let states = ["shared", "waiting", "missed", "draft", "by-hand", "failed"];
    let words = [
        "cho don",
        "tiem chung",
        "Chợ Đồn",
        "t",
        "bai-2999",
        "khanh thanh cau treo",
        "zzz",
        "so 7 ocop",
    ];
    let encoded =
        |words: &str| url::form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
    let mut all = vec![
        page("today", 60, 50, "/"),
        page("compose", 60, 50, "/compose"),
        page("queues", 150, 300, "/queue"),
        page("queue", 150, 300, "/queue/kenh-1"),
        page("calendar", 150, 300, "/calendar?view=month"),
        page("approvals", 150, 300, "/approvals"),
        page("hand list", 150, 300, "/hand"),
        page("channels", 150, 300, "/channels"),
        page("schedules", 150, 300, "/schedules"),
        page("articles", 150, 300, "/articles"),
        page("articles: words", 150, 300, "/articles?q=cho+don"),
        page("shares", 150, 50, "/shares"),
        shares(
            "shares: channel",
            50,
            Box::new(|n| format!("channel=kenh-{}", n % CHANNELS)),
        ),
        shares(
            "shares: topic",
            50,
            Box::new(|n| format!("topic=chu-de-{}", n % TOPICS)),
        ),
        shares(
            "shares: member",
            50,
            Box::new(|n| format!("member=can-bo-{}", n % MEMBERS)),
        ),
        shares("shares: month", 50, Box::new(month)),
        shares("shares: year", 50, Box::new(year)),
        shares(
            "shares: today",
            50,
            Box::new(move |_| format!("since={today}&until={today}")),
        ),
        shares(
            "shares: trouble",
            50,
            Box::new(|_| "state=unsure&state=failed&state=missed".to_owned()),
        ),
    ];
    for state in states {
        all.push(Page(
            "shares: state",
            150,
            50,
            Box::new(move |_| format!("/shares?state={state}")),
        ));
    }
    for w in words {
        let w = encoded(w);
        all.push(Page(
            "shares: words",
            150,
            300,
            Box::new(move |_| format!("/shares?q={w}")),
        ));
    }
    let two: Vec<Page> = vec![
        shares(
            "shares: channel, topic",
            300,
            Box::new(|n| format!("channel=kenh-{}&topic=chu-de-{}", n % CHANNELS, n % TOPICS)),
        ),
        shares(
            "shares: member, state",
            300,
            Box::new(|n| format!("member=can-bo-{}&state=waiting", n % MEMBERS)),
        ),
        shares(
            "shares: topic, missed",
            300,
            Box::new(|n| format!("topic=chu-de-{}&state=missed", n % TOPICS)),
        ),
        shares(
            "shares: topic, draft",
            300,
            Box::new(|n| format!("topic=chu-de-{}&state=draft", n % TOPICS)),
        ),
        shares(
            "shares: member, year",
            300,
            Box::new(move |n| format!("member=can-bo-{}&{}", n % MEMBERS, year(n))),
        ),
        shares(
            "shares: words, channel",
            300,
            Box::new(|n| format!("q=cho+don&channel=kenh-{}", n % CHANNELS)),
        ),
        shares(
            "shares: words, month",
            300,
            Box::new(move |n| format!("q=tiem&{}", month(n))),
        ),
        shares(
            "shares: rare, year",
            300,
            Box::new(move |n| format!("q=bai-77&{}", year(n))),
        ),
        shares(
            "shares: rare, waiting",
            300,
            Box::new(|_| "q=bai-77&state=waiting".to_owned()),
        ),
        shares(
            "shares: all of it",
            300,
            Box::new(move |n| {
                format!(
                    "q=cho&channel=kenh-{}&topic=chu-de-{}&member=can-bo-{}&{}",
                    n % CHANNELS,
                    n % TOPICS,
                    n % MEMBERS,
                    year(n)
                )
            }),
        ),
    ];
    all.extend(two);
    all.push(page("reports", 150, 300, "/reports"));
    if let Some(hand) = hand {
        all.insert(
            2,
            Page("hand card", 60, 50, Box::new(move |_| hand.clone())),
        );
    }
    all
}

async fn measure(dir: &Path, timed: bool) {
    let server = Server::start(dir).await;
    println!(
        "open: {} ms, {} MB resident",
        server.opened,
        server.rss_mb()
    );
    let (_, list, _) = server.get("/hand").await;
    let hand = list.split("href=\"/hand/").nth(1).map(|rest| {
        let id = rest.split('"').next().unwrap_or_default();
        format!("/hand/{id}")
    });
    let today = Timestamp::now();
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let today = today.to_zoned_datetime(zone).date();
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    println!(
        "{:<26} {:>9} {:>9} {:>7} {:>9} {:>9}",
        "page", "p50", "p99", "bytes", "requests", "in all"
    );
    for Page(name, kb, ms, address) in pages(today, hand) {
        let first = address(0);
        let (_, html, size) = server.get(&first).await;
        let mut all = size;
        let assets = assets(&html);
        for asset in &assets {
            if !sizes.contains_key(asset) {
                let (_, _, bytes) = server.get(asset).await;
                sizes.insert(asset.clone(), bytes);
            }
            all += sizes[asset];
        }
        let requests = 1 + assets.len();
        let mut took = Vec::with_capacity(ASKED);
        let mut largest = size;
        let asked = if timed { WARM + ASKED } else { 1 };
        for n in 0..asked {
            let (time, _, size) = server.get(&address(n)).await;
            largest = largest.max(size);
            if n >= WARM || !timed {
                took.push(time);
            }
        }
        took.sort();
        let [p50, p99] = [50, 99].map(|p| took[(took.len() * p / 100).min(took.len() - 1)]);
        let mut over = String::new();
        if p99 > Duration::from_millis(ms) {
            over.push_str(" SLOW");
        }
        if all + largest - size > kb * 1000 || (kb == 60 && requests > 4) {
            over.push_str(" LARGE");
        }
        let stops = if html.contains("role=\"status\">") && html.contains("class=\"soft\" role") {
            " (stops)"
        } else {
            ""
        };
        let shown = if name.contains("state") || name.contains("words") {
            first.replace("/shares?", " ")
        } else {
            String::new()
        };
        println!(
            "{:<26} {:>9} {:>9} {:>7} {:>9} {:>9}{over}{stops}",
            format!("{name}{shown}"),
            ms_of(p50),
            ms_of(p99),
            largest,
            requests,
            all + largest - size
        );
    }
    println!("{} MB resident afterwards", server.rss_mb());
}

fn ms_of(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
