//! A Bluesky PDS.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use raotin::clock::{Clock as _, MachineClock};
use raotin::config::{BlueskyTarget, Secret, Target};
use raotin::model::{Post, Receipt};
use raotin::platform::{Doubt, Look, Platform, SendError, Weight, connect};
use serde_json::{Value, json};

use crate::fakes::desk::{self, PATIENT, PNG, part, post};
use crate::live_kit::{self, Dies, Place, kill_run};

/// One server, one test at a time.
static SERVER: Mutex<()> = Mutex::new(());

struct Pds {
    said: RefCell<BTreeMap<String, String>>,
    _one: std::sync::MutexGuard<'static, ()>,
}

impl Pds {
    fn start() -> Pds {
        let one = SERVER
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Pds {
            said: RefCell::new(live_kit::start("bluesky.sh")),
            _one: one,
        }
    }
    fn says(&self, key: &str) -> String {
        self.said.borrow()[key].clone()
    }
    fn target(&self) -> BlueskyTarget {
        BlueskyTarget {
            handle: self.says("BSKY_HANDLE"),
            password: Secret::new(self.says("BSKY_APP_PASSWORD")),
            lang: "vi".to_owned(),
            base_url: url::Url::parse(&self.says("BSKY_URL")).unwrap(),
        }
    }
    fn platform(&self) -> std::sync::Arc<dyn Platform> {
        platform(self.target())
    }
    /// Asked as anybody may ask.
    async fn ask(&self, method: &str, params: &[(&str, &str)]) -> Value {
        let url = format!("{}/xrpc/{method}", self.says("BSKY_URL"));
        let url = url::Url::parse_with_params(&url, params).unwrap();
        let answer = reqwest::get(url).await.unwrap();
        answer.json().await.unwrap()
    }
    async fn record(&self, receipt: &Receipt) -> Value {
        let rkey = receipt.post_id.rsplit('/').next().unwrap();
        let params = [
            ("repo", &*self.says("BSKY_DID")),
            ("collection", "app.bsky.feed.post"),
            ("rkey", rkey),
        ];
        self.ask("com.atproto.repo.getRecord", &params).await
    }
    /// As the account itself, with its own password.
    async fn as_owner(&self, method: &str, body: &Value) -> Value {
        let url = |m: &str| format!("{}/xrpc/com.atproto.server.{m}", self.says("BSKY_URL"));
        let client = reqwest::Client::new();
        let login = json!({"identifier": self.says("BSKY_HANDLE"), "password": self.says("BSKY_OWN_PASSWORD")});
        let session = client.post(url("createSession")).json(&login).send();
        let session: Value = session.await.unwrap().json().await.unwrap();
        let token = session["accessJwt"].as_str().unwrap();
        let answer = client
            .post(url(method))
            .bearer_auth(token)
            .json(body)
            .send();
        let text = answer.await.unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }
}

fn platform(target: BlueskyTarget) -> std::sync::Arc<dyn Platform> {
    let deps = raotin::platform::Deps {
        clock: std::sync::Arc::new(MachineClock),
        ..desk::deps(PATIENT, &desk::clock())
    };
    connect(&Target::Bluesky(target), None, deps).unwrap()
}

impl Place for Pds {
    fn channel(&self) -> String {
        format!(
            "platform = \"bluesky\"\n[channels.bluesky]\nhandle = \"{}\"\npassword = {{ file = \"app-password\" }}\nbase_url = \"{}\"\n",
            self.says("BSKY_HANDLE"),
            self.says("BSKY_URL")
        )
    }
    fn secrets(&self) -> Vec<(String, String)> {
        vec![("app-password".to_owned(), self.says("BSKY_APP_PASSWORD"))]
    }
    fn posts(&self) -> Vec<(String, String)> {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let mut found = Vec::new();
            let mut cursor = String::new();
            loop {
                let did = self.says("BSKY_DID");
                let params = [
                    ("repo", &*did),
                    ("collection", "app.bsky.feed.post"),
                    ("limit", "100"),
                    ("cursor", &cursor),
                ];
                let params = &params[..if cursor.is_empty() { 3 } else { 4 }];
                let page = self.ask("com.atproto.repo.listRecords", params).await;
                for record in page["records"].as_array().unwrap() {
                    let text = |name: &Value| name.as_str().unwrap().to_owned();
                    found.push((text(&record["uri"]), text(&record["value"]["text"])));
                }
                match page["cursor"].as_str() {
                    Some(next) => cursor = next.to_owned(),
                    None => return found,
                }
            }
        })
    }
    fn kill(&self) {
        live_kit::kill_group(&self.says("BSKY_PID"));
    }
    fn restart(&self) {
        *self.said.borrow_mut() = live_kit::start("bluesky.sh");
    }
}

fn key() -> String {
    raotin::chance::Chance::of_machine().key(MachineClock.now())
}

async fn share(platform: &dyn Platform, post: &Post) -> Result<Vec<Receipt>, SendError> {
    let key = key();
    let prepared = platform.prepare(&key, post).await?;
    let attempt = desk::attempt(&key, MachineClock.now(), prepared, 0);
    let mut receipts = Vec::new();
    for n in 0..post.parts.len() {
        let receipt = platform.send(&attempt, post, n, &receipts).await?;
        // The same again is the same post.
        let doubt = Doubt {
            attempt: &attempt,
            post,
            part: n,
            receipts: &receipts,
        };
        let look = platform.settle(doubt, &|_| false).await?;
        assert!(matches!(look, Look::Posted(r) if r.post_id == receipt.post_id));
        receipts.push(receipt);
    }
    Ok(receipts)
}

#[tokio::test]
#[ignore = "needs a Bluesky PDS: tests/live/run"]
async fn text_link_pictures_and_thread_are_read_back() {
    let pds = Pds::start();
    let platform = pds.platform();
    let found = platform.check().await.unwrap();
    assert!(found.iter().all(|f| f.weight == Weight::Note), "{found:?}");

    // text, with everything that wants a facet
    let text = "Huyện Chợ Đồn 📣 @chodon.test xem https://chodon.gov.vn/tin/1 #chuyểnđổisố";
    let receipts = share(&*platform, &post(text, None, 0)).await.unwrap();
    let record = pds.record(&receipts[0]).await;
    assert_eq!(record["uri"], json!(receipts[0].post_id));
    let value = &record["value"];
    assert_eq!(value["text"], json!(text));
    assert_eq!(value["langs"], json!(["vi"]));
    let features: Vec<(&str, &Value)> = value["facets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| {
            let place = |n: &str| usize::try_from(f["index"][n].as_u64().unwrap()).unwrap();
            (
                &text[place("byteStart")..place("byteEnd")],
                &f["features"][0],
            )
        })
        .collect();
    assert_eq!(features[0].0, "@chodon.test");
    assert_eq!(features[0].1["did"], json!(pds.says("BSKY_DID")));
    assert_eq!(features[1].0, "https://chodon.gov.vn/tin/1");
    assert_eq!(features[1].1["uri"], json!("https://chodon.gov.vn/tin/1"));
    assert_eq!(features[2].0, "#chuyểnđổisố");
    assert_eq!(features[2].1["tag"], json!("chuyểnđổisố"));

    // a link as a card with its picture
    let mut card = post("Tin mới", Some("https://chodon.gov.vn/tin/2"), 1);
    card.parts[0].title = Some("Tựa đề".to_owned());
    card.parts[0].summary = Some("Tóm tắt".to_owned());
    let receipts = share(&*platform, &card).await.unwrap();
    let external = &pds.record(&receipts[0]).await["value"]["embed"]["external"];
    assert_eq!(external["uri"], json!("https://chodon.gov.vn/tin/2"));
    assert_eq!(external["title"], json!("Tựa đề"));
    assert_eq!(external["description"], json!("Tóm tắt"));
    assert_eq!(external["thumb"]["size"], json!(PNG.len()));

    // four pictures, and their bytes
    let receipts = share(&*platform, &post("Ảnh lễ hội", None, 4))
        .await
        .unwrap();
    let images = pds.record(&receipts[0]).await["value"]["embed"]["images"].clone();
    assert_eq!(images.as_array().unwrap().len(), 4);
    assert_eq!(images[3]["alt"], json!("Ảnh 3"));
    assert_eq!(images[0]["aspectRatio"], json!({"width": 1, "height": 1}));
    let cid = images[0]["image"]["ref"]["$link"].as_str().unwrap();
    let url = format!(
        "{}/xrpc/com.atproto.sync.getBlob?did={}&cid={cid}",
        pds.says("BSKY_URL"),
        pds.says("BSKY_DID")
    );
    let bytes = reqwest::get(url).await.unwrap().bytes().await.unwrap();
    assert_eq!(&bytes[..], PNG);

    // a thread
    let mut thread = post("Phần một", None, 0);
    thread.parts.push(part("Phần hai", None, 0));
    thread.parts.push(part("Phần ba", None, 0));
    let receipts = share(&*platform, &thread).await.unwrap();
    let first = pds.record(&receipts[0]).await;
    let second = pds.record(&receipts[1]).await;
    let third = pds.record(&receipts[2]).await;
    let strong = |record: &Value| json!({"uri": record["uri"], "cid": record["cid"]});
    assert_eq!(second["value"]["reply"]["parent"], strong(&first));
    assert_eq!(third["value"]["reply"]["root"], strong(&first));
    assert_eq!(third["value"]["reply"]["parent"], strong(&second));

    // taken down, twice
    for _ in 0..2 {
        platform.delete(&receipts[2]).await.unwrap();
        assert_eq!(pds.record(&receipts[2]).await["error"], "RecordNotFound");
    }
    // This server belongs to no app view.
    assert_eq!(platform.engagement(&receipts[0]).await, Ok(None));
}

#[tokio::test]
#[ignore = "needs a Bluesky PDS: tests/live/run"]
async fn the_limits_are_the_servers() {
    let pds = Pds::start();
    let platform = pds.platform();
    let families = "👨‍👩‍👧‍👦";
    let by_bytes = 3000 / families.len();
    for longest in ["ộ".repeat(300), families.repeat(by_bytes)] {
        share(&*platform, &post(&longest, None, 0)).await.unwrap();
        let mut over = longest.clone();
        over.push_str(if over.starts_with('ộ') {
            "ộ"
        } else {
            families
        });
        // Known before anything leaves …
        let refused = share(&*platform, &post(&over, None, 0)).await;
        assert!(
            matches!(refused, Err(SendError::Refused { .. })),
            "{refused:?}"
        );
        // … and the server's own word.
        let login = json!({"identifier": pds.says("BSKY_HANDLE"), "password": pds.says("BSKY_APP_PASSWORD")});
        let url = |m: &str| format!("{}/xrpc/com.atproto.{m}", pds.says("BSKY_URL"));
        let client = reqwest::Client::new();
        let session = client.post(url("server.createSession")).json(&login).send();
        let session: Value = session.await.unwrap().json().await.unwrap();
        let record = json!({"$type": "app.bsky.feed.post", "text": over, "createdAt": "2026-11-24T00:00:00.000Z"});
        let body = json!({"repo": pds.says("BSKY_DID"), "collection": "app.bsky.feed.post", "record": record});
        let answer = client
            .post(url("repo.createRecord"))
            .bearer_auth(session["accessJwt"].as_str().unwrap())
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400);
    }
    assert!(share(&*platform, &post("Ảnh", None, 5)).await.is_err());

    // a picture's bytes
    let deps = raotin::platform::Deps {
        clock: std::sync::Arc::new(MachineClock),
        pictures: std::sync::Arc::new(live_kit::Sized),
        ..desk::deps(PATIENT, &desk::clock())
    };
    let platform = connect(&Target::Bluesky(pds.target()), None, deps).unwrap();
    // This server's version still takes half of what today's lexicon allows; ours is today's.
    let receipts = share(&*platform, &live_kit::picture(1_000_000))
        .await
        .unwrap();
    let image = &pds.record(&receipts[0]).await["value"]["embed"]["images"][0]["image"];
    assert_eq!(image["size"], json!(1_000_000));
    let refused = share(&*platform, &live_kit::picture(1_000_001)).await;
    assert!(
        matches!(refused, Err(SendError::Refused { .. })),
        "{refused:?}"
    );
    // What is over the lexicon's own limit is made smaller.
    let receipts = share(&*platform, &live_kit::picture(2_000_001))
        .await
        .unwrap();
    let image = &pds.record(&receipts[0]).await["value"]["embed"]["images"][0]["image"];
    assert!(image["size"].as_u64() < Some(10_000), "{image}");
}

#[tokio::test]
#[ignore = "needs a Bluesky PDS: tests/live/run"]
async fn another_text_never_replaces_a_post() {
    let pds = Pds::start();
    let platform = pds.platform();
    let key = key();
    let attempt = desk::attempt(&key, MachineClock.now(), String::new(), 0);
    let first = post("Lời thứ nhất", None, 0);
    let receipt = platform.send(&attempt, &first, 0, &[]).await.unwrap();
    let other = post("Lời thứ hai", None, 0);
    let sent = platform.send(&attempt, &other, 0, &[]).await;
    assert!(matches!(sent, Err(SendError::Unsure { .. })), "{sent:?}");
    let doubt = Doubt {
        attempt: &attempt,
        post: &other,
        part: 0,
        receipts: &[],
    };
    let look = platform.settle(doubt, &|_| false).await;
    assert!(matches!(look, Ok(Look::CannotTell { .. })), "{look:?}");
    assert_eq!(pds.record(&receipt).await["value"]["text"], "Lời thứ nhất");
}

#[tokio::test]
#[ignore = "needs a Bluesky PDS: tests/live/run"]
async fn wrong_and_revoked_passwords_are_told() {
    let pds = Pds::start();
    let unauthorized = |sent: Result<Vec<Receipt>, SendError>| {
        assert!(
            matches!(sent, Err(SendError::Unauthorized { .. })),
            "{sent:?}"
        );
    };
    let wrong = platform(BlueskyTarget {
        password: Secret::new("aaaa-bbbb-cccc-dddd"),
        ..pds.target()
    });
    unauthorized(share(&*wrong, &post("Không được đăng", None, 0)).await);
    let found = wrong.check().await.unwrap();
    assert!(found.iter().any(|f| f.code == "bluesky-unauthorized"));

    // the account's own password works, and is warned about
    let own = platform(BlueskyTarget {
        password: Secret::new(pds.says("BSKY_OWN_PASSWORD")),
        ..pds.target()
    });
    let found = own.check().await.unwrap();
    assert!(
        found.iter().any(|f| f.code == "bluesky-own-password"),
        "{found:?}"
    );

    // one that is taken back after a session was made with it: its access lives on until it ends, its
    // renewal does not
    let name = format!("thu-{}", &key()[..12]);
    let made = pds
        .as_owner("createAppPassword", &json!({"name": name}))
        .await;
    let given = platform(BlueskyTarget {
        password: Secret::new(made["password"].as_str().unwrap()),
        ..pds.target()
    });
    share(
        &*given,
        &post(&format!("Trước khi thu hồi {name}"), None, 0),
    )
    .await
    .unwrap();
    pds.as_owner("revokeAppPassword", &json!({"name": name}))
        .await;
    let fresh = platform(BlueskyTarget {
        password: Secret::new(made["password"].as_str().unwrap()),
        ..pds.target()
    });
    unauthorized(share(&*fresh, &post("Không được đăng", None, 0)).await);
}

/// A token like the server's own, that has ended.
fn expired(secret: &str, did: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let head = BASE64.encode(json!({"typ": "at+jwt", "alg": "HS256"}).to_string());
    let claims = json!({
        "scope": "com.atproto.appPass", "aud": "did:web:localhost", "sub": did,
        "iat": 1_700_000_000, "exp": 1_700_007_200,
    });
    let signed = format!("{head}.{}", BASE64.encode(claims.to_string()));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", BASE64.encode(mac.finalize().into_bytes()))
}

#[derive(Default)]
struct Shelf(Mutex<BTreeMap<String, Vec<u8>>>);

impl raotin::platform::vault::Shelf for Shelf {
    fn get(&self, name: &str) -> std::io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap().get(name).cloned())
    }
    fn swap(&self, name: &str, _: Option<&[u8]>, new: Option<&[u8]>) -> std::io::Result<()> {
        let new = new.unwrap_or_default().to_owned();
        self.0.lock().unwrap().insert(name.to_owned(), new);
        Ok(())
    }
}

#[tokio::test]
#[ignore = "needs a Bluesky PDS: tests/live/run"]
async fn a_session_that_ended_is_renewed() {
    let pds = Pds::start();
    let shelf = std::sync::Arc::new(Shelf::default());
    let deps = raotin::platform::Deps {
        clock: std::sync::Arc::new(MachineClock),
        vault: raotin::platform::vault::Vault::new(shelf.clone()),
        ..desk::deps(PATIENT, &desk::clock())
    };
    let platform = connect(&Target::Bluesky(pds.target()), None, deps).unwrap();
    share(&*platform, &post("Trước khi hết hạn", None, 0))
        .await
        .unwrap();
    let kept = || -> Value {
        let shelf = shelf.0.lock().unwrap();
        serde_json::from_slice(shelf.values().next().unwrap()).unwrap()
    };
    let mut session = kept();
    let refresh = session["refresh"].clone();
    let over = expired(&pds.says("PDS_JWT_SECRET"), &pds.says("BSKY_DID"));
    session["access"] = json!(over);
    for kept in shelf.0.lock().unwrap().values_mut() {
        *kept = session.to_string().into_bytes();
    }
    share(&*platform, &post("Sau khi hết hạn", None, 0))
        .await
        .unwrap();
    let renewed = kept();
    assert_ne!(renewed["access"], session["access"]);
    assert_ne!(
        renewed["refresh"], refresh,
        "it was renewed, and the new pair is kept"
    );
    assert_eq!(renewed["did"], session["did"]);
}

#[test]
#[ignore = "needs a Bluesky PDS, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_daemon_dies() {
    kill_run(&Pds::start(), 200, Dies::Daemon, 3);
}

#[test]
#[ignore = "needs a Bluesky PDS, and some minutes: tests/live/run"]
fn two_hundred_shares_while_the_server_dies() {
    kill_run(&Pds::start(), 200, Dies::Server, 4);
}
