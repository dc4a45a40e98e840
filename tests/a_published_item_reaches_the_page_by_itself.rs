//! The office publishes on its website, and everything else follows: a real web server, the real
//! daemon, the feed read and its article queued with its picture, mended while nothing is out, approved
//! by a person, posted to the Fanpage, handed to a person for the group, and counted.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod fakes;
mod program;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fakes::facebook::{APP_ID, APP_SECRET, FakeFacebook, PAGE, TOKEN, VERSION};
use fakes::server::{Reply, Response, Server};
use program::{Daemon, Office};
use raotin::clock::{Clock, MachineClock};
use serde_json::{Value, json};

/// The whole way takes seconds; on a busy machine some more.
const WITHIN: Duration = Duration::from_secs(60);

fn until<T>(what: &str, site: &Office, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < WITHIN, "{what}:\n{}", site.log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn shares(daemon: &Daemon) -> Vec<Value> {
    daemon.get("/api/v1/shares")["items"]
        .as_array()
        .unwrap()
        .clone()
}

fn post(daemon: &Daemon, path: &str, body: &Value, key: &str) -> Value {
    let (status, answer) = daemon
        .call("POST", path, Some(body), key)
        .expect("an answer");
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

fn share_on(daemon: &Daemon, channel: &str, state: &str) -> Option<Value> {
    let all = shares(daemon);
    all.into_iter()
        .find(|s| s["channel"] == channel && s["state"] == state)
}

#[test]
fn a_published_item_reaches_the_page_by_itself() {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let facebook = FakeFacebook::start(clock.clone());
    let said = Arc::new(Mutex::new(String::new()));
    let saying = said.clone();
    let picture = camera::plain_png(camera::scene(640, 420));
    let website = Server::start(
        clock.clone(),
        Arc::new(move |request, _| {
            let (status, kind, body) = match request.path.as_str() {
                "/rss" => (200, "text/xml", saying.lock().unwrap().clone().into_bytes()),
                "/anh/tiem.png" => (200, "image/png", picture.clone()),
                _ => (404, "text/plain", Vec::new()),
            };
            Reply::Answer(Response {
                status,
                headers: vec![("content-type".into(), kind.into())],
                body,
            })
        }),
    );
    let shows = format!(
        "<enclosure url='{}anh/tiem.png' type='image/png' length='1'/>",
        website.base_url()
    );
    let publish = |title: &str| {
        let now = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_string(&clock.now());
        *said.lock().unwrap() = format!(
            "<rss version='2.0'><channel><title>Chợ Đồn</title><item><title>{title}</title>\
             <link>https://chodon.example.vn/tin/tiem-phong-dai</link><guid>tin-1</guid>{shows}\
             <description>Từ 8h ngày mai.</description><pubDate>{}</pubDate></item></channel></rss>",
            now.unwrap()
        );
    };
    publish("Tim phòng dại");

    let site = Office::bare();
    site.secret("token", TOKEN);
    site.secret("app", APP_SECRET);
    let config = format!(
        r#"
[office]
name = "Phòng Văn hóa"
default_channels = ["trang", "nhom"]
[[channels]]
id = "trang"
title = "Fanpage"
platform = "facebook-page"
[channels.facebook-page]
page = {PAGE}
token = {{ file = "token" }}
app_id = {APP_ID}
app_secret = {{ file = "app" }}
graph_version = "{VERSION}"
base_url = "{}"
[[channels]]
id = "nhom"
title = "ATK Chợ Đồn"
platform = "facebook-group"
url = "https://www.facebook.com/groups/atkchodon"
min_gap = "0s"
[[feeds]]
id = "cong"
title = "Cổng thông tin"
url = "{}rss"
every = "1m"
approval = "required"
[fetch]
allow = ["127.0.0.1"]
[web]
enabled = false
"#,
        facebook.base_url(),
        website.base_url()
    );
    site.write("raotin.toml", &config);
    let schedule = "cron = \"* * * * * *\"\nchannels = [\"trang\", \"nhom\"]\n";
    site.write("schedules/moi-giay.toml", schedule);
    let daemon = site.serve();

    // By itself: the article, and on every channel it asks for approval.
    let waiting = until("nothing came in", &site, || {
        share_on(&daemon, "trang", "submitted")
    });
    let article = waiting["article"].clone();
    // The site mends its headline before anybody approved it.
    publish("Tiêm phòng dại");
    post(&daemon, "/api/v1/feeds/cong/poll", &json!({}), "mended");
    let path = format!("/api/v1/articles/{}", article.as_str().unwrap());
    let mended = daemon.get(&path);
    assert_eq!(mended["article"]["title"], "Tiêm phòng dại", "{mended}");
    post(&daemon, &format!("{path}/approve"), &json!({}), "approve");
    let posted = until("nothing was posted", &site, || {
        share_on(&daemon, "trang", "shared")
    });
    assert_eq!(posted["article"], article);
    let on_the_page = facebook.posts();
    assert_eq!(on_the_page.len(), 1);
    assert!(
        on_the_page[0].text.contains("Từ 8h ngày mai."),
        "{:?}",
        on_the_page[0]
    );
    assert_eq!(on_the_page[0].pictures, 1, "{:?}", on_the_page[0]);
    assert_eq!(facebook.loose_photos(), 0);

    // By hand.
    let task = until("no task", &site, || share_on(&daemon, "nhom", "by-hand"));
    assert_eq!(task["post"][0]["pictures"], 1, "{task}");
    let path = format!("/api/v1/shares/{}/done", task["id"].as_str().unwrap());
    post(&daemon, &path, &json!({}), "done");
    let counts = daemon.get("/api/v1/counts?by=channel");
    assert_eq!(counts["total"]["items"], 1, "{counts}");
    assert_eq!(counts["total"]["shares"], 2, "{counts}");
    assert_eq!(counts["total"]["by_hand"], 1, "{counts}");

    // What is out stays as its readers saw it, and nothing comes twice; not after kill -9 and a rebuild.
    publish("Tiêm phòng dại: sửa sau");
    let looked = post(&daemon, "/api/v1/feeds/cong/poll", &json!({}), "look");
    assert_eq!(looked["taken"], 1, "{looked}");
    assert_eq!(looked["changed_since"], json!([article]), "it is told");
    let told = site.command(&["feeds"]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(
        told.contains("Changed at the source") && told.contains("Tiêm phòng dại"),
        "{told}"
    );
    daemon.kill();
    std::fs::remove_dir_all(site.path("data/sled")).unwrap();
    let daemon = site.serve();
    let looked = post(&daemon, "/api/v1/feeds/cong/poll", &json!({}), "look-again");
    assert_eq!(
        (&looked["taken"], &looked["trouble"]),
        (&json!(1), &Value::Null),
        "{looked}"
    );
    let articles = daemon.get("/api/v1/articles");
    let items = articles["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{articles}");
    assert_eq!(items[0]["title"], "Tiêm phòng dại");
    assert_eq!(items[0]["source"], "cong");
    assert_eq!(facebook.posts().len(), 1);
    assert_eq!(daemon.stop(), Some(0));
}
