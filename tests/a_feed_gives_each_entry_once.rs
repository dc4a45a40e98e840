//! A feed gives each of its entries once, whatever is done to it meanwhile: a real web server on
//! loopback, the real fetcher, and the office behind it.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State as With;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use office_kit::Kit;
use raotin::daemon::feeds;
use raotin::model::{Actor, ArticleId, FeedId, MemberId, Role, Share, State};
use raotin::office::feeds::Standing;
use raotin::office::feeds::polled::Polled;
use raotin::store::Store;
use tokio::sync::watch;

/// What is waited for comes within a moment; on a busy machine within this.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the office's website says now.
#[derive(Clone, Default)]
struct Website(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    body: String,
    status: u16,
    headers: Vec<(&'static str, String)>,
    /// Requests, and those of them that were answered with "nothing has changed".
    asked: u32,
    unchanged: u32,
}

impl Website {
    fn say(&self, status: u16, body: String) {
        let mut said = self.0.lock().unwrap();
        said.status = status;
        said.body = body;
    }
    fn asked(&self) -> (u32, u32) {
        let said = self.0.lock().unwrap();
        (said.asked, said.unchanged)
    }
    fn header(&self, name: &'static str, value: &str) {
        self.0.lock().unwrap().headers = vec![(name, value.to_owned())];
    }
}

async fn answer(With(site): With<Website>, uri: Uri, asks: HeaderMap) -> Response {
    // A site that takes its time.
    if uri.path() == "/cham" {
        std::future::pending::<()>().await;
    }
    let mut said = site.0.lock().unwrap();
    said.asked += 1;
    let tag = format!(
        "\"{:x}\"",
        said.body.len() + said.body.bytes().map(usize::from).sum::<usize>()
    );
    if asks.get(header::IF_NONE_MATCH).is_some_and(|t| *t == *tag) {
        said.unchanged += 1;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let status = StatusCode::from_u16(said.status).unwrap();
    let mut response = (status, [(header::ETAG, tag)], said.body.clone()).into_response();
    for (name, value) in &said.headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}

fn item(n: u32, title: &str) -> String {
    let at = format!("Mon, 23 Nov 2026 {:02}:{:02}:00 +0700", n / 60, n % 60);
    format!(
        "<item><title>{title}</title><link>https://chodon.example.vn/tin/bai-viet-{n}</link>\
         <guid isPermaLink=\"false\">tin-{n}</guid><description>&lt;p&gt;Nội dung {n}.&lt;/p&gt;</description>\
         <category>Y tế</category><pubDate>{at}</pubDate></item>"
    )
}

/// The newest first, as feeds are.
fn rss(items: &[String]) -> String {
    let items: String = items.iter().rev().cloned().collect();
    format!("<rss version=\"2.0\"><channel><title>Chợ Đồn</title>{items}</channel></rss>")
}

struct House {
    kit: Kit,
    website: Website,
    feed: FeedId,
}

impl House {
    async fn new(more: &str) -> House {
        let website = Website::default();
        website.say(200, rss(&[]));
        let router = Router::new().fallback(answer).with_state(website.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let more = more.replace("PORT", &port.to_string());
        let config = format!(
            "{}enabled = false\n[fetch]\nallow = [\"127.0.0.1\", \"localhost\"]\n[[feeds]]\nid = \"huyen\"\ntitle = \"Cổng huyện\"\n\
             url = \"http://127.0.0.1:{port}/rss\"\ntopic = \"y-te\"\n{more}\n",
            office_kit::CONFIG
        );
        House {
            kit: Kit::with(&config).await,
            website,
            feed: FeedId::new("huyen").unwrap(),
        }
    }
    async fn look(&self) -> raotin::office::feeds::Looked {
        let office = &self.kit.office;
        let config = office.config();
        office
            .poll(&config, config.feed(&self.feed).unwrap())
            .await
            .unwrap()
    }
    fn titles(&self) -> Vec<String> {
        let all = self.kit.store.articles(None, 100).unwrap();
        all.iter().rev().map(|a| a.content.title.clone()).collect()
    }
    fn shares(&self, article: ArticleId) -> HashMap<String, Share> {
        let all = self.kit.store.shares_of(article, None).unwrap();
        all.into_iter()
            .map(|s| (s.channel.to_string(), s))
            .collect()
    }
    fn polled(&self) -> Polled {
        Polled::of(&*self.kit.store, &self.feed).unwrap()
    }
    /// The clock goes on a second at a time until it holds. The website is real: it takes its own time,
    /// and on a busy machine more of it.
    async fn seconds_pass(&self, until: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(
                begun.elapsed() < PATIENCE,
                "not within {PATIENCE:?}: {until}"
            );
            self.kit.clock.advance(SignedDuration::from_secs(1));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn officer() -> Actor {
    Actor::Member {
        id: MemberId::new("lan").unwrap(),
        roles: vec![Role::Officer],
    }
}

fn approver() -> Actor {
    Actor::Member {
        id: MemberId::new("minh").unwrap(),
        roles: vec![Role::Approver],
    }
}

#[tokio::test]
async fn the_first_look_takes_the_newest_and_no_later_one_takes_a_thing_twice() {
    let house = House::new("first = 2").await;
    let mut items: Vec<String> = (1..=30).map(|n| item(n, &format!("Bài {n}"))).collect();
    house.website.say(200, rss(&items));
    let looked = house.look().await;
    assert_eq!(
        (looked.taken.added.len(), looked.taken.passed_over),
        (2, 28)
    );
    assert_eq!(house.titles(), ["Bài 29", "Bài 30"]);
    // In the order they were published; on the topic's channels; by nobody but the feed.
    let article = house
        .kit
        .store
        .article(looked.taken.added[0])
        .unwrap()
        .unwrap();
    assert_eq!(article.source, "huyen");
    assert_eq!(article.content.text, "Nội dung 29.");
    assert_eq!(
        article.content.link.as_deref(),
        Some("https://chodon.example.vn/tin/bai-viet-29")
    );
    let shares = house.shares(article.id);
    assert_eq!(shares.len(), 2);
    assert_eq!(shares["trang"].state, State::Waiting);

    // Nothing has changed, by the site's own word.
    assert!(house.look().await.unchanged);
    assert_eq!(house.website.asked(), (2, 1));

    // One more; everything again under another host, with tags, in another order; the order reversed.
    items.push(item(31, "Bài 31"));
    let moved: Vec<String> = items
        .iter()
        .rev()
        .map(|i| {
            i.replace("https://chodon.example.vn", "http://www.chodon.example.vn")
                .replace("</link>", "?utm_source=rss</link>")
        })
        .collect();
    house.website.say(200, rss(&moved));
    let looked = house.look().await;
    assert_eq!((looked.taken.added.len(), looked.taken.passed_over), (1, 0));
    assert_eq!(house.titles(), ["Bài 29", "Bài 30", "Bài 31"]);
    // New guids, every one of them: the links are known.
    let guids: Vec<String> = moved.iter().map(|i| i.replace("tin-", "n-")).collect();
    house.website.say(200, rss(&guids));
    assert_eq!(house.look().await.taken.added, []);
    // And then new links, since the guids were learned.
    let links: Vec<String> = guids
        .iter()
        .map(|i| i.replace("/tin/bai-viet-", "/2027/bai/so-"))
        .collect();
    house.website.say(200, rss(&links));
    assert_eq!(house.look().await.taken.added, []);
    assert_eq!(house.titles().len(), 3);

    // All of it stands in the ledger: a store made from the commits alone knows it too.
    let again = raotin::store::MemoryStore::new();
    for commit in house.kit.store.commits() {
        again.commit((*commit).clone()).await.unwrap();
    }
    assert_eq!(again.feeds().unwrap(), house.kit.store.feeds().unwrap());
    let state = again.feed(&house.feed).unwrap().unwrap();
    assert!(state.begun);
    assert_eq!(state.taken, 3);
}

/// What was taken and what was passed over: neither comes again with a site's new system, nor later with
/// what it is then changed to.
#[tokio::test]
async fn a_site_with_a_new_system_brings_nothing_again() {
    let house = House::new("first = 1").await;
    let title = |n: u32| format!("Thông báo lịch tiêm phòng số {n}");
    let items: Vec<String> = (1..=5).map(|n| item(n, &title(n))).collect();
    house.website.say(200, rss(&items));
    assert_eq!(house.look().await.taken.added.len(), 1);
    let moved: Vec<String> = items
        .iter()
        .map(|i| {
            i.replace("tin-", "https://moi.example.vn/?p=")
                .replace("chodon.example.vn/tin/bai-viet-", "moi.example.vn/2027/so-")
        })
        .collect();
    assert_ne!(moved, items);
    house.website.say(200, rss(&moved));
    assert_eq!(house.look().await.taken.added, []);
    let renamed: Vec<String> = moved
        .iter()
        .map(|i| i.replace("lịch tiêm", "giờ tiêm"))
        .collect();
    house.website.say(200, rss(&renamed));
    assert_eq!(house.look().await.taken.added, []);
    assert_eq!(house.titles(), ["Thông báo giờ tiêm phòng số 5"]);
}

#[tokio::test]
async fn what_changes_after_approval_goes_back_to_it() {
    let house = House::new("approval = \"required\"").await;
    house.website.say(200, rss(&[item(1, "Tiêm phòng dại")]));
    let article = house.look().await.taken.added[0];
    // Nothing goes out unapproved, whatever the channels say.
    assert!(
        house
            .shares(article)
            .values()
            .all(|s| s.state == State::Submitted)
    );

    // The website mends its title before anybody approved: the article says it too.
    house
        .website
        .say(200, rss(&[item(1, "Tiêm phòng dại cho chó mèo")]));
    let looked = house.look().await;
    assert_eq!(looked.taken.edited, [article]);
    assert_eq!(house.titles(), ["Tiêm phòng dại cho chó mèo"]);

    let office = &house.kit.office;
    for share in house.shares(article).values() {
        office
            .approve(&approver(), None, share.id, None)
            .await
            .unwrap();
    }
    assert!(
        house
            .shares(article)
            .values()
            .all(|s| s.state == State::Waiting)
    );
    // A change after approval goes back to it.
    house
        .website
        .say(200, rss(&[item(1, "Tiêm phòng dại toàn huyện")]));
    assert_eq!(house.look().await.taken.edited, [article]);
    assert!(
        house
            .shares(article)
            .values()
            .all(|s| s.state == State::Submitted)
    );
    for share in house.shares(article).values() {
        office
            .approve(&approver(), None, share.id, None)
            .await
            .unwrap();
    }
    assert!(
        house
            .shares(article)
            .values()
            .all(|s| s.state == State::Waiting)
    );
}

#[tokio::test]
async fn filters_caps_and_what_a_person_did_are_kept_to() {
    let house = House::new(
        "first = 5\nmax_per_day = 1\nwords = [\"tiem phong\"]\nwithout = [\"quảng cáo\"]\nmax_age = \"2d\"\n\
         template = \"TIN: {title}\\n\\n{text}\"",
    )
    .await;
    let old = item(1, "Tiêm phòng cũ").replace("23 Nov 2026", "10 Nov 2026");
    let items = [
        old,
        item(2, "Tiêm phòng một"),
        item(3, "Tiêm phòng, quảng cáo"),
        item(4, "Tin khác"),
        item(5, "Tiêm phòng hai"),
    ];
    house.website.say(200, rss(&items));
    let looked = house.look().await;
    assert_eq!(
        (
            looked.taken.added.len(),
            looked.taken.passed_over,
            looked.taken.waiting
        ),
        (1, 3, 1)
    );
    let first = looked.taken.added[0];
    let content = house.kit.store.article(first).unwrap().unwrap().content;
    assert_eq!(content.text, "TIN: Tiêm phòng một\n\nNội dung 2.");
    assert_eq!(house.look().await.taken.waiting, 1);
    house.kit.clock.advance(SignedDuration::from_hours(24));
    // The next day, although the site would say that nothing has changed.
    let looked = house.look().await;
    assert_eq!((looked.taken.added.len(), looked.taken.waiting), (1, 0));

    // A person's own words are hers: the feed leaves them alone.
    let edit = raotin::office::articles::Edit {
        title: Some("Của tôi".into()),
        ..Default::default()
    };
    house
        .kit
        .office
        .edit(&approver(), None, first, edit)
        .await
        .unwrap();
    let mut changed = items.to_vec();
    changed[1] = item(2, "Tiêm phòng một, sửa");
    house.website.say(200, rss(&changed));
    assert_eq!(house.look().await.taken.edited, []);
    assert!(house.titles().contains(&"Của tôi".to_owned()));
}

#[tokio::test]
async fn trouble_is_told_in_words_and_waited_out() {
    let house = House::new("every = \"10m\"").await;
    let office = &house.kit.office;
    let trouble = || {
        let feed = office.feed(&officer(), &house.feed).unwrap();
        let words = feed
            .polled
            .trouble
            .as_ref()
            .map(|t| raotin::lang::InWords::in_words(t, raotin::lang::Lang::Vi));
        (feed.standing, words.unwrap_or_default())
    };
    let mut waits = Vec::new();
    for _ in 0..4 {
        house.website.say(500, "oops".into());
        house.look().await;
        waits.push(
            house
                .polled()
                .next
                .unwrap()
                .duration_since(house.kit.office.clock.now())
                .as_secs(),
        );
    }
    assert!(trouble().1.contains("HTTP 500"), "{:?}", trouble());
    assert!(waits.windows(2).all(|w| w[1] > w[0]), "{waits:?}");
    house.website.header("retry-after", "7200");
    house.website.say(503, String::new());
    house.look().await;
    let wait = house
        .polled()
        .next
        .unwrap()
        .duration_since(house.kit.office.clock.now())
        .as_secs();
    assert!((7200..=14400).contains(&wait), "{wait}");
    house.website.header("x-a", "b");
    house
        .website
        .say(200, "<html><body>Bảo trì</body></html>".into());
    house.look().await;
    assert!(
        trouble().1.contains("không phải nguồn tin"),
        "{:?}",
        trouble()
    );
    // Half a feed is better than none, and said.
    let half = rss(&[item(1, "Một"), item(2, "Hai")]);
    house.website.say(200, half[..half.len() - 60].to_owned());
    assert_eq!(house.look().await.taken.added.len(), 2);
    assert!(house.polled().broken);
    assert_eq!(trouble(), (Standing::On, String::new()));
    house.website.say(410, String::new());
    house.look().await;
    assert_eq!(trouble().0, Standing::Stopped);
    // Somebody says to look all the same.
    house
        .website
        .say(200, rss(&[item(1, "Một"), item(2, "Hai"), item(3, "Ba")]));
    let looked = office.poll_now(&officer(), &house.feed).await.unwrap();
    assert_eq!(looked.taken.added.len(), 1);
    assert_eq!(trouble(), (Standing::On, String::new()));
    // Who only reads may not.
    let reader = Actor::Member {
        id: MemberId::new("xem").unwrap(),
        roles: vec![Role::Supervisor],
    };
    assert!(office.poll_now(&reader, &house.feed).await.is_err());
    assert!(
        office
            .poll_now(&officer(), &FeedId::new("khac").unwrap())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_daemon_looks_when_it_is_time_and_not_before() {
    let house = House::new("every = \"10m\"").await;
    house.website.say(200, rss(&[item(1, "Một")]));
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(feeds::run(house.kit.office.clone(), || true, stopping));
    house
        .seconds_pass("the first look", || house.polled().polls >= 1)
        .await;
    assert_eq!(house.titles(), ["Một"]);
    let polled = house.polled();
    let (done, next) = (polled.succeeded.unwrap(), polled.next.unwrap());
    let waits = next.duration_since(done).as_secs();
    assert!((600..=660).contains(&waits), "{waits}");
    house
        .website
        .say(200, rss(&[item(1, "Một"), item(2, "Hai")]));
    let now = || house.kit.office.clock.now();
    let almost = next - SignedDuration::from_secs(2);
    house.seconds_pass("almost there", || now() >= almost).await;
    assert_eq!(house.polled().polls, 1, "before it is time");
    house
        .seconds_pass("the second look", || house.polled().polls >= 2)
        .await;
    assert!(house.polled().last.unwrap() >= next);
    assert_eq!(house.titles(), ["Một", "Hai"]);
    stop.send_replace(true);
    running.await.unwrap();
}

#[tokio::test]
async fn two_looks_at_once_are_as_one() {
    let house = House::new("first = 5\nmax_per_day = 2").await;
    let items: Vec<String> = (1..=5).map(|n| item(n, &format!("Bài {n}"))).collect();
    house.website.say(200, rss(&items));
    let (one, other) = tokio::join!(house.look(), house.look());
    let added = one.taken.added.len() + other.taken.added.len();
    assert_eq!(added, 2, "{one:?} {other:?}");
    assert_eq!(house.titles(), ["Bài 1", "Bài 2"]);
    let state = house.kit.store.feed(&house.feed).unwrap().unwrap();
    assert_eq!((state.taken, state.begun), (2, true));
}

#[tokio::test]
async fn what_a_site_asked_for_holds_while_nothing_changes() {
    let house = House::new("every = \"10m\"").await;
    let patient = rss(&[item(1, "Một")]).replace("<channel>", "<channel><ttl>120</ttl>");
    house.website.say(200, patient);
    let now = || house.kit.office.clock.now();
    let wait = || house.polled().next.unwrap().duration_since(now()).as_mins();
    house.look().await;
    assert!((120..=132).contains(&wait()), "{}", wait());
    house.kit.clock.advance(SignedDuration::from_hours(3));
    // The answer is empty, and says nothing of patience: what the feed said still holds.
    assert!(house.look().await.unchanged);
    assert!((120..=132).contains(&wait()), "{}", wait());
}

/// More feeds of one slow site than are looked at together: those of other sites do not wait for it.
#[tokio::test]
async fn a_slow_site_holds_up_no_other() {
    let slow: String = (0..feeds::AT_ONCE + 2)
        .map(|n| {
            format!(
                "\n[[feeds]]\nid = \"a{n}\"\ntitle = \"Chậm\"\nurl = \"http://127.0.0.1:PORT/cham?{n}\"\n"
            )
        })
        .collect();
    let other =
        "\n[[feeds]]\nid = \"khac\"\ntitle = \"Khác\"\nurl = \"http://localhost:PORT/rss\"\n";
    let house = House::new(&format!("enabled = false\n{slow}{other}")).await;
    house.website.say(200, rss(&[item(1, "Một")]));
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(feeds::run(house.kit.office.clone(), || true, stopping));
    let khac = FeedId::new("khac").unwrap();
    let polled = || Polled::of(&*house.kit.store, &khac).unwrap().polls;
    house
        .seconds_pass("the other site is read", || polled() > 0)
        .await;
    assert_eq!(polled(), 1);
    assert_eq!(house.titles(), ["Một"]);
    stop.send_replace(true);
    running.await.unwrap();
}
