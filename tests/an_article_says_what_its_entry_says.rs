//! Promise: an article from a feed has its entry's picture, and until it goes out it says what its entry
//! says: title, text, link, picture. What is out stays as its readers saw it, and that the site has
//! changed it is told once. A feed that changes at every look fills no ledger.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod faces_kit;
mod office_kit;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State as With};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use camera::{plain_png, scene};
use faces_kit::House as Pages;
use jiff::SignedDuration;
use office_kit::{Kit, hoa};
use raotin::clock::Clock as _;
use raotin::model::{Article, ArticleId, Event, FeedId, Role, State};
use raotin::office::feeds::Looked;
use raotin::office::feeds::polled::Polled;
use raotin::picture::clean;
use raotin::store::Store;

/// What the office's website has at each path: its kind and its bytes; and what was asked of it.
#[derive(Clone, Default)]
struct Website(Arc<Mutex<Site>>);

#[derive(Default)]
struct Site {
    has: HashMap<String, (String, Vec<u8>)>,
    asked: Vec<String>,
}

impl Website {
    fn put(&self, path: &str, kind: &str, body: impl Into<Vec<u8>>) {
        let mut site = self.0.lock().unwrap();
        site.has
            .insert(path.to_owned(), (kind.to_owned(), body.into()));
    }
    fn asked(&self, path: &str) -> usize {
        let site = self.0.lock().unwrap();
        site.asked.iter().filter(|p| *p == path).count()
    }
}

async fn answer(With(site): With<Website>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let mut site = site.0.lock().unwrap();
    let found = site.has.get(&path).cloned();
    site.asked.push(path);
    match found {
        Some((kind, body)) => ([(header::CONTENT_TYPE, kind)], body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Pictures that are told apart: as they lie at the site.
fn picture(width: u32) -> Vec<u8> {
    plain_png(scene(width, 60))
}

struct House {
    kit: Kit,
    website: Website,
    port: u16,
    feed: FeedId,
}

impl House {
    async fn new(more: &str) -> House {
        let website = Website::default();
        let router = Router::new().fallback(answer).with_state(website.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let config = format!(
            "{}enabled = false\n[fetch]\nallow = [\"127.0.0.1\"]\n[[feeds]]\nid = \"huyen\"\ntitle = \"Cổng huyện\"\n\
             url = \"http://127.0.0.1:{port}/rss\"\nchannels = [\"duyet\", \"nhom\"]\n{more}\n",
            office_kit::CONFIG
        );
        House {
            kit: Kit::with(&config).await,
            website,
            port,
            feed: FeedId::new("huyen").unwrap(),
        }
    }
    fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
    /// The feed has these items.
    fn publish(&self, items: &[String]) {
        let items = items.concat();
        let body = format!(
            "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel>\
             <title>Chợ Đồn</title>{items}</channel></rss>"
        );
        self.website.put("/rss", "application/rss+xml", body);
    }
    async fn look(&self) -> Looked {
        let office = &self.kit.office;
        let config = office.config();
        let feed = config.feed(&self.feed).unwrap();
        office.poll(&config, feed).await.unwrap()
    }
    fn article(&self, id: ArticleId) -> Article {
        self.kit.store.article(id).unwrap().unwrap()
    }
    fn states(&self, id: ArticleId) -> Vec<State> {
        let shares = self.kit.store.shares_of(id, None).unwrap();
        shares.into_iter().map(|s| s.state).collect()
    }
    /// What is kept for the article, as it lies in the media folder.
    fn shown(&self, id: ArticleId) -> Option<Vec<u8>> {
        let pictures = self.article(id).content.pictures;
        let picture = pictures.first()?;
        Some(self.kit.office.media.get(&picture.hash).unwrap().unwrap())
    }
    /// How often the ledger was told something new about known entries.
    fn learned(&self) -> usize {
        let commits = self.kit.store.commits();
        let events = commits.iter().flat_map(|c| &c.events);
        events
            .filter(|e| matches!(e, Event::FeedLearned { .. }))
            .count()
    }
}

fn kept(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(clean(bytes).unwrap().to_vec())
}

fn item(n: u32, title: &str, link: &str, more: &str) -> String {
    format!(
        "<item><title>{title}</title><link>{link}</link><guid isPermaLink=\"false\">tin-{n}</guid>\
         <description>Nội dung {n}.</description>{more}</item>"
    )
}

#[tokio::test]
async fn a_picture_comes_along_however_the_feed_names_it() {
    let house = House::new("first = 9").await;
    for n in 1..=3 {
        house
            .website
            .put(&format!("/anh/{n}.png"), "image/png", picture(60 + n));
    }
    house
        .website
        .put("/anh/khong.png", "text/html", "<p>Không có</p>");
    let at = |path: &str| house.at(path);
    house.publish(&[
        item(
            1,
            "Một",
            &at("/tin/bai-1"),
            &format!(
                "<media:content url=\"{}\" medium=\"image\"/>",
                at("/anh/1.png")
            ),
        ),
        item(
            2,
            "Hai",
            &at("/tin/bai-2"),
            &format!(
                "<enclosure url=\"{}\" type=\"image/png\" length=\"9\"/>",
                at("/anh/2.png")
            ),
        ),
        // Within the text, by an address that is the page's own; the first one is none.
        item(3, "Ba", &at("/tin/bai-3"), "").replace(
            "Nội dung 3.",
            "<![CDATA[<p>Nội dung 3.</p><img src=\"/anh/khong.png\"><img src=\"/anh/3.png\">]]>",
        ),
        // It is gone: the news goes out without it.
        item(
            4,
            "Bốn",
            &at("/tin/bai-4"),
            &format!(
                "<enclosure url=\"{}\" type=\"image/png\" length=\"9\"/>",
                at("/anh/4.png")
            ),
        ),
    ]);
    let taken = house.look().await.taken;
    assert_eq!(taken.added.len(), 4);
    for id in taken.added {
        let article = house.article(id);
        let bytes = match article.content.title.as_str() {
            "Một" => kept(&picture(61)),
            "Hai" => kept(&picture(62)),
            "Ba" => kept(&picture(63)),
            _ => None,
        };
        assert_eq!(house.shown(id), bytes, "{}", article.content.title);
        let alt = article.content.pictures.first().map(|p| p.alt.clone());
        assert_eq!(alt, bytes.map(|_| article.content.title));
    }
    assert_eq!(house.website.asked("/anh/1.png"), 1);
}

#[tokio::test]
async fn it_follows_its_entry_until_it_is_out() {
    let house = House::new("").await;
    for n in [1, 2] {
        house
            .website
            .put(&format!("/anh/{n}.png"), "image/png", picture(60 + n));
    }
    let shows = |n: u32| {
        format!(
            "<enclosure url=\"{}\" type=\"image/png\" length=\"9\"/>",
            house.at(&format!("/anh/{n}.png"))
        )
    };
    let link = house.at("/tin/bai-1");
    house.publish(&[item(1, "Tiêm phòng", &link, &shows(1))]);
    let id = house.look().await.taken.added[0];
    let office = &house.kit.office;
    let approve = async || {
        let done = office.approve_article(&hoa(), None, id, None).await;
        done.unwrap();
    };
    approve().await;
    assert_eq!(house.states(id), [State::Waiting, State::Waiting]);

    // Everything of it changes at once, and what was approved is asked for once more.
    let moved = house.at("/tin/bai-mot-moi");
    house.publish(&[item(1, "Tiêm phòng dại", &moved, &shows(2)).replace("Nội dung", "Nói thêm")]);
    assert_eq!(house.look().await.taken.edited, [id]);
    let content = house.article(id).content;
    assert_eq!(
        (content.title.as_str(), content.text.as_str()),
        ("Tiêm phòng dại", "Nói thêm 1.")
    );
    assert_eq!(content.link.as_deref(), Some(moved.as_str()));
    assert_eq!(content.pictures[0].alt, "Tiêm phòng dại");
    assert_eq!(house.shown(id), kept(&picture(62)));
    assert_eq!(house.states(id), [State::Submitted, State::Waiting]);

    // A picture that cannot be had leaves the one that is there; one that is taken away is gone.
    house.publish(&[item(1, "Tiêm phòng dại", &moved, &shows(9))]);
    house.look().await;
    assert_eq!(house.shown(id), kept(&picture(62)));
    house.publish(&[item(1, "Tiêm phòng dại", &moved, "")]);
    assert_eq!(house.look().await.taken.edited, [id]);
    assert_eq!(house.shown(id), None);
    // Nothing new: nothing is done, and no picture is asked for again.
    let (asked, learned) = (house.website.asked("/anh/2.png"), house.learned());
    house.look().await;
    assert_eq!(
        (house.website.asked("/anh/2.png"), house.learned()),
        (asked, learned)
    );

    // One of its shares goes out.
    approve().await;
    let shares = house.kit.store.shares_of(id, None).unwrap();
    let now = house.kit.clock.now();
    let day = "2026-11-23".parse().unwrap();
    let share = shares[1].id;
    let planned = Event::SharePlanned {
        share,
        due: now,
        day,
        key: "k".to_owned(),
        firing: None,
        fixed: false,
        why: None,
    };
    let handed = Event::ShareHanded {
        share,
        due: now,
        day,
        until: now + SignedDuration::from_hours(24),
        post: office.chance.text(now),
        why: None,
    };
    house.kit.happens(vec![planned, handed]).await;
    let before = house.article(id);
    house.publish(&[item(1, "Hoãn tiêm phòng", &moved, &shows(1))]);
    let taken = house.look().await.taken;
    assert_eq!((taken.edited.len(), taken.late), (0, vec![id]));
    assert_eq!(house.article(id), before);
    assert_eq!(house.states(id), [State::Waiting, State::ByHand]);
    assert_eq!(house.website.asked("/anh/1.png"), 1, "nobody needs it");
    // Told once, where the feed stands.
    assert_eq!(house.learned(), learned + 1);
    assert_eq!(house.look().await.taken.late, []);
    assert_eq!(house.learned(), learned + 1);
    let polled = Polled::of(&*house.kit.store, &house.feed).unwrap();
    assert_eq!(
        polled.late.iter().map(|l| l.article).collect::<Vec<_>>(),
        [id]
    );

    // On Today, on its page, and where it is shared by hand; two days later Today has other news.
    let said = "Trang nguồn đã sửa";
    let pages = Pages::of(house.kit);
    pages.member("lan", &[Role::Officer]).await;
    let mut browser = pages.browser_of("lan").await;
    for page in [
        "/".to_owned(),
        format!("/articles/{id}"),
        format!("/hand/{share}"),
    ] {
        let seen = browser.get(&page).await;
        assert!(seen.text.contains(said), "{page}: {}", seen.text);
    }
    pages.kit.clock.advance(SignedDuration::from_hours(49));
    for (page, tells) in [("/".to_owned(), false), (format!("/articles/{id}"), true)] {
        let seen = browser.get(&page).await;
        assert_eq!(seen.text.contains(said), tells, "{page}");
    }
}

#[tokio::test]
async fn a_page_is_read_where_the_feed_is_set_so() {
    let house = House::new("page = true\nfirst = 9").await;
    house
        .website
        .put("/anh/trang.png", "image/png", picture(70));
    let page = |own: &str| {
        format!(
            "<html><head><title>Tin</title><link rel=\"canonical\" href=\"{own}\">\
             <meta property=\"og:image\" content=\"/anh/trang.png\"></head><body>Tin</body></html>"
        )
    };
    // The feed's links count its readers; two of its pages say one address, as careless sites do.
    for (n, own) in [
        (1, "/tin/tiem-phong"),
        (2, "/tin/nuoc-sach"),
        (3, "/tin/nuoc-sach"),
    ] {
        house
            .website
            .put(&format!("/dem/{n}"), "text/html", page(&house.at(own)));
    }
    let items: Vec<String> = (1..=3)
        .map(|n| item(n, &format!("Bài {n}"), &house.at(&format!("/dem/{n}")), ""))
        .collect();
    house.publish(&items);
    let taken = house.look().await.taken;
    assert_eq!(taken.added.len(), 3, "no news is taken for another");
    let own = |n: usize| house.article(taken.added[n]).canonical;
    let mut known: Vec<_> = (0..3).filter_map(own).collect();
    known.sort();
    assert_eq!(
        known,
        [house.at("/tin/nuoc-sach"), house.at("/tin/tiem-phong")]
    );
    for id in &taken.added {
        assert_eq!(house.shown(*id), kept(&picture(70)));
    }
    // Who pastes the same by its own address is told.
    let own = house.at("/tin/tiem-phong");
    house
        .website
        .put("/tin/tiem-phong", "text/html", page(&own));
    let office = &house.kit.office;
    let looked = office.look_at_link(&office_kit::lan(), &own).await;
    assert_eq!(looked.unwrap().earlier.len(), 2, "on both channels");
    // Each page once, and none for what is known: an edit leaves the page's picture.
    let mended = items[0].replace("Nội dung", "Nói thêm");
    house.publish(&[mended]);
    let edited = house.look().await.taken.edited;
    assert_eq!(edited.len(), 1);
    assert_eq!(house.shown(edited[0]), kept(&picture(70)));
    assert_eq!(house.website.asked("/dem/1"), 1);
}

#[tokio::test]
async fn a_feed_that_is_another_at_every_look_fills_no_ledger() {
    let house = House::new("").await;
    let link = house.at("/tin/bai-viet-dai");
    for n in 1..=30 {
        // The id is made up anew, and the text counts its readers.
        let text = item(n, "Tin", &link, "").replace("Nội dung", "Đã xem");
        house.publish(&[text]);
        house.look().await;
    }
    let articles = house.kit.store.articles(None, 9).unwrap();
    assert_eq!(articles.len(), 1);
    assert_eq!(house.learned(), 4, "four a day for its one entry");
    house.kit.clock.advance(SignedDuration::from_hours(24));
    house.publish(&[item(31, "Tin, sửa", &link, "")]);
    assert_eq!(house.look().await.taken.edited.len(), 1);
}

#[tokio::test]
async fn a_feed_that_comes_from_two_machines_is_one() {
    let house = House::new("").await;
    let link = house.at("/tin/bai-viet-dai");
    let of = |machine: u32, title: &str| item(machine, title, &link, "");
    house.publish(&[of(1, "Một")]);
    let id = house.look().await.taken.added[0];
    // The other machine's id is learned with what it says; then the first one says it, and more.
    for (machine, title) in [(2, "Hai"), (1, "Hai"), (1, "Ba")] {
        house.publish(&[of(machine, title)]);
        house.look().await;
        assert_eq!(house.article(id).content.title, title);
    }
    assert_eq!(house.kit.store.articles(None, 9).unwrap().len(), 1);
}
