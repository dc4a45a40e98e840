//! A website made with WordPress.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use raotin::clock::{Clock as _, MachineClock};
use raotin::compose::limits::WORDPRESS_TEXT;
use raotin::config::{Secret, Target, WordpressTarget};
use raotin::model::share::Attempt;
use raotin::model::{Mark, MarkKind, Post, Receipt};
use raotin::platform::{Doubt, Engagement, Look, Platform, SendError, Weight, connect};
use reqwest::Method;
use serde_json::{Value, json};

use crate::fakes::desk::{self, PATIENT, PNG, post};
use crate::live_kit::{self, Dies, Place, kill_run};

/// One server, one test at a time.
static SERVER: Mutex<()> = Mutex::new(());

struct Wordpress {
    said: RefCell<BTreeMap<String, String>>,
    _one: std::sync::MutexGuard<'static, ()>,
}

impl Wordpress {
    fn start() -> Wordpress {
        let one = SERVER
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Wordpress {
            said: RefCell::new(live_kit::start("wordpress.sh")),
            _one: one,
        }
    }
    fn says(&self, key: &str) -> String {
        self.said.borrow()[key].clone()
    }
    /// As the account that publishes.
    async fn ask(&self, method: Method, route: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}/wp-json/wp/v2/{route}", self.says("WP_URL"));
        let request = reqwest::Client::new().request(method, url);
        let request = request.basic_auth(self.says("WP_USER"), Some(self.says("WP_APP_PASSWORD")));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
    async fn post(&self, receipt: &Receipt) -> Value {
        let route = format!("posts/{}?context=edit", receipt.post_id);
        self.ask(Method::GET, &route, None).await.1
    }
    fn target(&self) -> WordpressTarget {
        WordpressTarget {
            site: url::Url::parse(&self.says("WP_URL")).unwrap(),
            user: self.says("WP_USER"),
            password: Secret::new(self.says("WP_APP_PASSWORD")),
            categories: Vec::new(),
            tags: Vec::new(),
        }
    }
}

fn platform(target: WordpressTarget) -> Arc<dyn Platform> {
    let deps = raotin::platform::Deps {
        clock: Arc::new(MachineClock),
        pictures: Arc::new(live_kit::Sized),
        ..desk::deps(PATIENT, &desk::clock())
    };
    connect(&Target::Wordpress(target), None, deps).unwrap()
}

fn key() -> String {
    raotin::chance::Chance::of_machine().key(MachineClock.now())
}

async fn prepared(platform: &dyn Platform, post: &Post) -> Result<Attempt, SendError> {
    let key = key();
    // Twice, as after a crash between them.
    platform.prepare(&key, post).await?;
    let prepared = platform.prepare(&key, post).await?;
    Ok(desk::attempt(&key, MachineClock.now(), prepared, 0))
}

async fn settle(platform: &dyn Platform, attempt: &Attempt, post: &Post) -> Look {
    let doubt = Doubt {
        attempt,
        post,
        part: 0,
        receipts: &[],
    };
    platform.settle(doubt, &|_| false).await.unwrap()
}

/// Not there before, there after, and one article however often.
async fn share(platform: &dyn Platform, post: &Post) -> Result<Receipt, SendError> {
    let attempt = prepared(platform, post).await?;
    assert_eq!(settle(platform, &attempt, post).await, Look::NotThere);
    let receipt = platform.send(&attempt, post, 0, &[]).await?;
    let again = platform.send(&attempt, post, 0, &[]).await?;
    assert_eq!(again, receipt);
    let look = settle(platform, &attempt, post).await;
    assert_eq!(look, Look::Posted(receipt.clone()));
    let late = platform.prepare(&attempt.key, post).await?;
    assert_eq!(late, attempt.prepared, "a try after all finds the article");
    Ok(receipt)
}

impl Place for Wordpress {
    fn channel(&self) -> String {
        format!(
            "platform = \"wordpress\"\n[channels.wordpress]\nsite = \"{}\"\nuser = \"{}\"\npassword = {{ file = \"app-password\" }}\ncategories = [\"Tin tức\"]\n",
            self.says("WP_URL"),
            self.says("WP_USER")
        )
    }
    fn secrets(&self) -> Vec<(String, String)> {
        vec![("app-password".to_owned(), self.says("WP_APP_PASSWORD"))]
    }
    fn posts(&self) -> Vec<(String, String)> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut found = Vec::new();
            for page in 1.. {
                let route = format!(
                    "posts?per_page=100&page={page}&context=edit&orderby=id&order=asc&_fields=id,content.raw"
                );
                let (status, posts) = self.ask(Method::GET, &route, None).await;
                if status != 200 {
                    break;
                }
                for post in posts.as_array().unwrap() {
                    let content = post["content"]["raw"].as_str().unwrap();
                    let text = content.split("<p>").nth(1).unwrap_or_default();
                    let text = text.split("</p>").next().unwrap_or_default();
                    found.push((post["id"].to_string(), text.to_owned()));
                }
            }
            found
        })
    }
    fn kill(&self) {
        for pid in ["WP_PID", "WP_DB_PID"] {
            live_kit::kill_group(&self.says(pid));
        }
    }
    fn restart(&self) {
        *self.said.borrow_mut() = live_kit::start("wordpress.sh");
    }
}

#[tokio::test]
#[ignore = "needs a WordPress: tests/live/run"]
async fn text_link_and_pictures_are_read_back() {
    let site = Wordpress::start();
    let unique = key();
    let platform = platform(WordpressTarget {
        categories: vec!["Tin & bài".into(), format!("Chuyên mục {unique}")],
        tags: vec!["Chợ Đồn".into()],
        ..site.target()
    });
    let found = platform.check().await.unwrap();
    assert!(found.iter().all(|f| f.weight == Weight::Note), "{found:?}");

    let text = "Lịch <tiêm> chủng\n\nSáng thứ hai,\ntại trạm y tế [1]. #tiêmchủng\n\nhttps://chodon.gov.vn/tin/1?a=1&b=2";
    let mut content = post(text, Some("https://chodon.gov.vn/tin/1?a=1&b=2"), 2);
    let mark = |word: &str, kind| {
        let start = text.find(word).unwrap();
        Mark {
            start,
            end: start + word.len(),
            kind,
        }
    };
    content.parts[0].marks = vec![
        mark("Lịch <tiêm> chủng", MarkKind::Bold),
        mark("#tiêmchủng", MarkKind::Tag),
        mark("https://chodon.gov.vn/tin/1?a=1&b=2", MarkKind::Link),
    ];
    // Names of this run's own, so that they are uploaded by it.
    for (n, picture) in content.parts[0].pictures.iter_mut().enumerate() {
        picture.hash = format!("{n}{}", unique.replace('-', ""));
    }
    let receipt = share(&*platform, &content).await.unwrap();
    let there = site.post(&receipt).await;
    assert_eq!(there["status"], "publish");
    assert_eq!(there["title"]["raw"], "Lịch &lt;tiêm&gt; chủng");
    assert_eq!(
        there["excerpt"]["raw"],
        "Sáng thứ hai, tại trạm y tế &#91;1]. #tiêmchủng"
    );
    let raw = there["content"]["raw"].as_str().unwrap();
    assert!(
        raw.contains("<p>Sáng thứ hai,<br>tại trạm y tế &#91;1]. #tiêmchủng</p>"),
        "{raw}"
    );
    assert!(
        raw.contains("<a href=\"https://chodon.gov.vn/tin/1?a=1&amp;b=2\">https://chodon.gov.vn/tin/1?a=1&amp;b=2</a>"),
        "{raw}"
    );
    let slug = there["slug"].as_str().unwrap();
    assert!(slug.starts_with("lich-tiem-chung-"), "{slug}");
    let link = receipt.permalink.as_deref().unwrap();
    assert_eq!(link, format!("{}/{slug}/", site.says("WP_URL")));
    assert_eq!(json!(link), there["link"]);
    let date = there["date_gmt"].as_str().unwrap();
    assert_eq!(receipt.at.to_string(), format!("{date}Z"));

    for (kind, names) in [
        (
            "categories",
            vec!["Tin &amp; bài".to_owned(), format!("Chuyên mục {unique}")],
        ),
        ("tags", vec!["Chợ Đồn".to_owned(), "tiêmchủng".to_owned()]),
    ] {
        let mut found = Vec::new();
        for id in there[kind].as_array().unwrap() {
            let (_, term) = site.ask(Method::GET, &format!("{kind}/{id}"), None).await;
            found.push(term["name"].as_str().unwrap().to_owned());
        }
        found.sort();
        let mut names = names;
        names.sort();
        assert_eq!(found, names);
    }
    let featured = there["featured_media"].as_u64().unwrap();
    let (_, media) = site
        .ask(Method::GET, &format!("media/{featured}"), None)
        .await;
    assert_eq!(media["alt_text"], "Ảnh 0");
    let bytes = reqwest::get(media["source_url"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(&bytes.bytes().await.unwrap()[..], PNG);
    assert_eq!(raw.matches("<img ").count(), 1);
    assert!(raw.contains("alt=\"Ảnh 1\""), "{raw}");

    // What readers get.
    let page = reqwest::get(link).await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("tại trạm y tế &#91;1]") || page.contains("tại trạm y tế [1]"));

    // What they say to it.
    let comment = json!({"post": there["id"], "content": "Cảm ơn", "author_name": "Bà con", "author_email": "b@example.test", "status": "approve"});
    let (status, said) = site.ask(Method::POST, "comments", Some(comment)).await;
    assert_eq!(status, 201, "{said}");
    let expected = Engagement {
        comments: Some(1),
        ..Engagement::default()
    };
    assert_eq!(platform.engagement(&receipt).await, Ok(Some(expected)));

    // Taken down, twice; it lies in the bin.
    for _ in 0..2 {
        platform.delete(&receipt).await.unwrap();
        assert_eq!(site.post(&receipt).await["status"], "trash");
        assert_eq!(reqwest::get(link).await.unwrap().status(), 404);
    }
}

/// The same title on the same day: two articles, two addresses, and neither has the other's number.
#[tokio::test]
#[ignore = "needs a WordPress: tests/live/run"]
async fn two_articles_of_one_title_are_two() {
    let site = Wordpress::start();
    let platform = platform(site.target());
    let content = post("Thông báo", None, 0);
    let first = share(&*platform, &content).await.unwrap();
    let second = share(&*platform, &content).await.unwrap();
    assert_ne!(first.post_id, second.post_id);
    assert_ne!(first.permalink, second.permalink);
    for receipt in [first, second] {
        let slug = site.post(&receipt).await["slug"].clone();
        assert!(!slug.as_str().unwrap().ends_with("-2"), "{slug}");
    }
}

#[tokio::test]
#[ignore = "needs a WordPress: tests/live/run"]
async fn the_longest_article_is_whole_and_too_large_a_picture_is_refused() {
    let site = Wordpress::start();
    let platform = platform(site.target());
    let longest = "ộ".repeat(WORDPRESS_TEXT - 2);
    let receipt = share(&*platform, &post(&longest, None, 0)).await.unwrap();
    let raw = site.post(&receipt).await["content"]["raw"].clone();
    assert!(raw.as_str().unwrap().contains(&longest));

    // The limit is the program's own: this server has none for what comes as a body.
    let most = 10 * 1024 * 1024;
    share(&*platform, &live_kit::picture(most)).await.unwrap();
    // What is over it is made smaller.
    share(&*platform, &live_kit::picture(most + 1))
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "needs a WordPress: tests/live/run"]
async fn a_host_that_strips_authorization_and_plain_addresses_are_found() {
    let site = Wordpress::start();
    let at = |key: &str| {
        platform(WordpressTarget {
            site: url::Url::parse(&site.says(key)).unwrap(),
            ..site.target()
        })
    };
    let found = at("WP_STRIPPING_URL").check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "wordpress-header-stripped"),
        "{found:?}"
    );
    let refused = share(&*at("WP_STRIPPING_URL"), &post("Tin", None, 0)).await;
    assert!(
        matches!(refused, Err(SendError::Unauthorized { .. })),
        "{refused:?}"
    );
    let plain = at("WP_PLAIN_URL");
    let found = plain.check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "wordpress-plain"),
        "{found:?}"
    );
    let receipt = share(&*plain, &post("Tin qua địa chỉ trơn", None, 1))
        .await
        .unwrap();
    assert_eq!(site.post(&receipt).await["status"], "publish");
    plain.delete(&receipt).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a WordPress: tests/live/run"]
async fn wrong_and_revoked_passwords_and_missing_rights_are_told() {
    let site = Wordpress::start();
    let content = post("Không được đăng", None, 0);
    let unauthorized = |sent: Result<Receipt, SendError>| {
        assert!(
            matches!(sent, Err(SendError::Unauthorized { .. })),
            "{sent:?}"
        );
    };
    let with = |user: &str, password: &str| {
        platform(WordpressTarget {
            user: user.to_owned(),
            password: Secret::new(password),
            ..site.target()
        })
    };
    let user = site.says("WP_USER");
    for wrong in [
        with(&user, "not the password"),
        with("nobody", "not the password"),
    ] {
        unauthorized(share(&*wrong, &content).await);
        let found = wrong.check().await.unwrap();
        assert!(
            found.iter().any(|f| f.code == "wordpress-wrong-password"),
            "{found:?}"
        );
    }
    let guest = with(&site.says("WP_GUEST"), &site.says("WP_GUEST_PASSWORD"));
    let found = guest.check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "wordpress-no-right"),
        "{found:?}"
    );
    unauthorized(share(&*guest, &content).await);

    // One that is taken back between draft and publication.
    let name = json!({"name": key()});
    let (_, made) = site
        .ask(Method::POST, "users/me/application-passwords", Some(name))
        .await;
    let given = with(&user, made["password"].as_str().unwrap());
    let attempt = prepared(&*given, &content).await.unwrap();
    let route = format!(
        "users/me/application-passwords/{}",
        made["uuid"].as_str().unwrap()
    );
    assert_eq!(site.ask(Method::DELETE, &route, None).await.0, 200);
    unauthorized(given.send(&attempt, &content, 0, &[]).await);
    assert_eq!(
        settle(&*platform(site.target()), &attempt, &content).await,
        Look::NotThere
    );
}

#[test]
#[ignore = "needs a WordPress, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_daemon_dies() {
    kill_run(&Wordpress::start(), 200, Dies::Daemon, 7);
}

#[test]
#[ignore = "needs a WordPress, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_server_dies() {
    kill_run(&Wordpress::start(), 200, Dies::Server, 8);
}
