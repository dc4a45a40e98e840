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

#[path = "office/mod.rs"]
mod office;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};
use raotin::clock::{Clock, MachineClock};
use raotin::disk::MachineDisk;
use raotin::model::*;
use raotin::office::accounts::Accounts;
use raotin::store::Store;
use raotin::store::sled::{OpenOptions, SledStore};
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
const CHANNELS: usize = 12;
const TOPICS: usize = 8;
const MEMBERS: usize = 20;
const YEARS: i64 = 5;
/// Requests of a page that are measured, after [`WARM`] that are not.
const ASKED: usize = 200;
const WARM: usize = 5;
const PASSWORD: &str = "mùa xuân trên bản";
/// What people of a district office write about.
const SYLLABLES: &str = "thông báo tiêm chủng mở rộng tháng lịch tại trạm y tế xã hội nghị tổng kết công tác \
    dân vận chợ đồn bắc kạn ngọc phái nghĩa tá bằng lũng đồng lạc xuân nông thôn mới giảm nghèo bền vững chuyển \
    đổi số cải cách hành chính đại biểu nhân dân tuyên truyền phòng chống cháy rừng mưa lũ sạt lở an toàn giao \
    thông trường học sinh khai giảng năm học kỳ thi tuyển quân nhập ngũ ngày truyền thống đoàn thanh niên phụ nữ \
    hội cựu chiến binh văn hóa thể thao du lịch lễ hội lồng tồng sản phẩm ocop gạo bao thai cam quýt hồng không \
    hạt giá điện nước sạch đường bê tông khánh thành cầu treo bản tày nao dao mông tập huấn khuyến nông vay vốn \
    chính sách ưu đãi người có công bảo hiểm xã hội căn cước điện tử dịch vụ trực tuyến họp giao ban ủy ban";

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

// ---- the store ----

fn configure(dir: &Path) {
    let mut text = String::from(
        "[office]\nname = \"Phòng Văn hóa\"\nzone = \"Asia/Ho_Chi_Minh\"\nlang = \"vi\"\ndefault_channels = [\"kenh-0\"]\n",
    );
    for n in 0..CHANNELS {
        let platform = match n {
            0..4 => "platform = \"facebook-page\"\nmode = \"log\"",
            _ => "platform = \"facebook-group\"",
        };
        text.push_str(&format!(
            "[[channels]]\nid = \"kenh-{n}\"\ntitle = \"Kênh số {n}\"\n{platform}\n"
        ));
    }
    for n in 0..TOPICS {
        text.push_str(&format!(
            "[[topics]]\nid = \"chu-de-{n}\"\ntitle = \"Chủ đề {n}\"\n"
        ));
    }
    std::fs::write(dir.join("raotin.toml"), text).unwrap();
    std::fs::create_dir_all(dir.join("schedules")).unwrap();
    for (id, cron) in [("sang", "30 7 * * *"), ("chieu", "0 14 * * 1-5")] {
        let schedule = format!(
            "cron = \"{cron}\"\nchannels = [{}]\n",
            (0..CHANNELS)
                .map(|n| format!("\"kenh-{n}\""))
                .collect::<Vec<_>>()
                .join(", ")
        );
        std::fs::write(dir.join("schedules").join(format!("{id}.toml")), schedule).unwrap();
    }
}

fn store(dir: &Path) -> SledStore {
    let options = OpenOptions {
        data_dir: dir.to_owned(),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress: None,
    };
    SledStore::open(options).unwrap()
}

/// Numbers without chance: the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn random(&mut self) -> [u8; 10] {
        let mut out = [0; 10];
        out[..8].copy_from_slice(&self.next().to_be_bytes());
        out
    }
}

fn channel(n: usize) -> ChannelId {
    ChannelId::new(&format!("kenh-{n}")).unwrap()
}
fn topic(n: usize) -> TopicId {
    TopicId::new(&format!("chu-de-{n}")).unwrap()
}
fn member(n: usize) -> MemberId {
    MemberId::new(&format!("can-bo-{n}")).unwrap()
}

/// Makes the store, the members and their passwords.
fn made(dir: &Path, articles: usize) {
    let begun = Instant::now();
    configure(dir);
    let zone = jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
    let now = MachineClock.now();
    let today = now.to_zoned_datetime(zone).date();
    let store = store(dir);
    let mut opening = Commit::new(now, By::Daemon);
    for n in 0..CHANNELS {
        opening.events.push(Event::ChannelSeen {
            channel: channel(n),
            title: format!("Kênh số {n}"),
            platform: if n < 4 {
                PlatformKind::FacebookPage
            } else {
                PlatformKind::FacebookGroup
            },
            mode: if n < 4 { Mode::Log } else { Mode::ByHand },
        });
    }
    for n in 0..TOPICS {
        let (topic, title) = (topic(n), format!("Chủ đề {n}"));
        opening.events.push(Event::TopicSeen { topic, title });
    }
    for n in 0..MEMBERS {
        opening.events.push(Event::MemberSet {
            member: member(n),
            roles: vec![Role::Officer],
            unit: None,
        });
    }
    let mut dice = Dice(7);
    let words: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let commits = (0..articles).map(|n| article(n, articles, &mut dice, &words, now, today));
    let mut commits = std::iter::once(opening).chain(commits).peekable();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    while commits.peek().is_some() {
        let group = commits.by_ref().take(512).map(|c| store.commit(c));
        for outcome in runtime.block_on(join_all(group.collect::<Vec<_>>())) {
            outcome.unwrap();
        }
    }
    drop(store);
    let size = |name: &str| {
        let files = std::fs::read_dir(dir.join(name)).unwrap();
        files
            .map(|f| f.unwrap().metadata().unwrap().len())
            .sum::<u64>()
            >> 20
    };
    println!(
        "made: {articles} articles in {:.1?}; index {} MB, ledger {} MB",
        begun.elapsed(),
        size("sled"),
        size("ledger")
    );
    std::fs::write(dir.join("made"), "").unwrap();
}

/// The n-th article with its shares, from the oldest to today's. The last ones wait, are late, or
/// stand open in people's hands, a few of each.
fn article(
    n: usize,
    of: usize,
    dice: &mut Dice,
    words: &[&str],
    now: Timestamp,
    today: Date,
) -> Commit {
    let back = (of - n) as i64 * YEARS * 365 / of as i64;
    let at = now - SignedDuration::from_hours(24 * back) - SignedDuration::from_mins(30);
    let day = today.saturating_sub(back.days());
    let ms = at.as_millisecond().cast_unsigned();
    let mut commit = Commit::new(at, By::Member(member(n % MEMBERS)));
    // Common words are common: the first of the list come most.
    let title: Vec<&str> = (0..8 + dice.below(8))
        .map(|_| {
            let among = 1 + dice.below(words.len());
            words[dice.below(among)]
        })
        .collect();
    let title = format!("{} số {}", capital(&title.join(" ")), n % 997);
    let body = "Trạm y tế xã thông báo lịch tiêm chủng cho trẻ dưới 2 tuổi. Đề nghị gia đình mang theo sổ tiêm chủng và đến đúng giờ.";
    let [title_id, text_id] = [title, body.to_owned()].map(|text| {
        let id = TextId::new(ms, dice.random());
        commit.texts.insert(id, Some(text));
        id
    });
    let article = ArticleId::new(ms, dice.random());
    let (topic, owner) = (dice.below(TOPICS), member(dice.below(MEMBERS)));
    let topic = Some(self::topic(topic));
    commit.events.push(Event::ArticleAdded {
        article,
        title: title_id,
        text: text_id,
        link: Some(format!(
            "https://chodon.backan.gov.vn/tin-tuc/{}/bai-{n}.html",
            day.year()
        )),
        pictures: Vec::new(),
        topic: topic.clone(),
        priority: 0,
        source: "typed".into(),
        row: None,
        member: Some(owner.clone()),
        unit: None,
    });
    let shares = 2 + dice.below(3) + usize::from(n.is_multiple_of(3));
    let first = dice.below(CHANNELS);
    for k in 0..shares {
        let share = ShareId::new(ms + k as u64, dice.random());
        let left = of - n;
        // One in twelve of the last twentieth waits; a few are elsewhere.
        let state = match (left * 20 < of, dice.below(400)) {
            (true, 0..130) => State::Waiting,
            (true, 130..134) => State::Draft,
            (true, 134..136) => State::Submitted,
            (_, 399) => State::Planned,
            _ => State::Shared,
        };
        let waits = matches!(state, State::Waiting);
        let counted = state == State::Shared;
        let count = Count {
            at,
            day,
            topic: topic.clone(),
            unit: None,
            member: Some(owner.clone()),
            how: How::BackFilled,
        };
        commit.events.push(Event::ShareAdded {
            share,
            article,
            channel: channel((first + k) % CHANNELS),
            state,
            spot: waits.then_some(Spot::End),
            at: (state == State::Planned).then_some(at),
            day: Some(day),
            key: Some(share.to_string()),
            topic: topic.clone(),
            priority: 0,
            own_text: None,
            again: false,
            receipt: counted.then(|| Receipt {
                post_id: format!("{n}-{k}"),
                permalink: None,
                at,
            }),
            count: counted.then_some(count),
            origin: None,
        });
        if state == State::Planned {
            let why = Why::new(Cause::TimePassed);
            // Late ones were missed; the last few lie in people's hands.
            commit.events.push(match left < 2_000.min(of / 2) {
                false => Event::ShareMissed { share, why },
                true => {
                    let post = TextId::new(ms, dice.random());
                    let json = serde_json::to_string(&Post {
                        parts: vec![Part {
                            text: body.to_owned(),
                            ..Part::default()
                        }],
                    });
                    commit.texts.insert(post, Some(json.unwrap()));
                    Event::ShareHanded {
                        share,
                        due: at,
                        day,
                        until: now + SignedDuration::from_hours(24 * 30),
                        post,
                        why: None,
                    }
                }
            });
        }
    }
    commit
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
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
