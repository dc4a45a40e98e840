//! What every real server is tried with: one place of the program's, a server that may die, and what
//! stands there in the end. A server's own module brings a [`Place`]; the runs are here.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "not every server is tried with everything"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::daemon_kit::{Acknowledged, Dice, shares};
use crate::program::{Daemon, Office};

/// The channel that a [`Place`] describes.
pub const CHANNEL: &str = "place";
/// Everything that is left is done within this after the last kill, or the test fails: a share that met
/// a dead server waits for its next try, at most a few minutes.
const SETTLED_WITHIN: Duration = Duration::from_secs(540);

/// A place on a real server.
pub trait Place {
    /// `platform = "…"` and the table named after it; secrets as `{ file = "…" }` by the names of
    /// [`Place::secrets`]. Further keys of the channel may stand before the table.
    fn channel(&self) -> String;
    /// Files beside the configuration: name and content.
    fn secrets(&self) -> Vec<(String, String)>;
    /// What really stands there now: the id as a receipt has it, and the words.
    fn posts(&self) -> Vec<(String, String)>;
    /// The server dies by SIGKILL.
    fn kill(&self);
    /// It runs again, with what it kept.
    fn restart(&self);
}

/// Pictures of a size: their name says how many bytes they have, in a JPEG of one pixel with a long
/// colour profile. Any other name is the smallest PNG.
pub struct Sized;

impl raotin::platform::Pictures for Sized {
    fn bytes(&self, hash: &str) -> std::io::Result<bytes::Bytes> {
        Ok(match hash.strip_prefix("size-") {
            Some(size) => jpeg(size.parse().unwrap()).into(),
            None => bytes::Bytes::from_static(crate::fakes::desk::PNG),
        })
    }
}

/// A segment's marker, its length and its name.
const FRAME: usize = 16;

fn jpeg(size: usize) -> Vec<u8> {
    let mut plain = std::io::Cursor::new(Vec::new());
    let pixel = image::DynamicImage::new_rgb8(1, 1);
    pixel
        .write_to(&mut plain, image::ImageFormat::Jpeg)
        .unwrap();
    let plain = plain.into_inner();
    let mut jpeg = plain[..2].to_vec();
    let mut left = size - plain.len();
    while left > 0 {
        // The last one must have room for its frame.
        let here = if left > 60_000 { 30_000 } else { left };
        jpeg.extend([0xff, 0xe2]);
        jpeg.extend(u16::try_from(here - 2).unwrap().to_be_bytes());
        jpeg.extend(b"ICC_PROFILE\0");
        jpeg.resize(jpeg.len() + here - FRAME, 0);
        left -= here;
    }
    jpeg.extend(&plain[2..]);
    jpeg
}

/// A post with one picture of so many bytes, for [`Sized`].
pub fn picture(bytes: usize) -> raotin::model::Post {
    let mut post = crate::fakes::desk::post("", None, 1);
    post.parts[0].pictures[0].hash = format!("size-{bytes}");
    post
}

/// A start script under `tests/live/servers`: run as `NAME.sh`, it starts the server if it does not run
/// and prints `KEY=VALUE` lines.
pub fn start(script: &str) -> BTreeMap<String, String> {
    // The tests' own requests need the same TLS provider, chosen once a process.
    raotin::platform::http::Http::new().unwrap();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/live/servers")
        .join(script);
    let output = Command::new("bash").arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// `kill -9` of a whole process group, and until nothing of it is left.
pub fn kill_group(leader: &str) {
    let pid = rustix::process::Pid::from_raw(leader.parse().unwrap()).unwrap();
    let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    let begun = Instant::now();
    while std::fs::read_to_string(format!("/proc/{leader}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z "))
    {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{leader} lives on"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A folder with an office whose only channel is the place; every second takes what waits.
pub fn site(place: &dyn Place) -> Office {
    let site = Office::bare();
    for (name, content) in place.secrets() {
        site.secret(&name, &content);
    }
    let config = format!(
        "[office]\nname = \"Huyện\"\nmissed = \"late\"\ndefault_channels = [\"{CHANNEL}\"]\n\n\
         [[channels]]\nid = \"{CHANNEL}\"\ntitle = \"Nơi đăng\"\n{}\n",
        place.channel()
    );
    site.write("raotin.toml", &config);
    let schedule = format!(
        "cron = \"* * * * * *\"\nchannels = [\"{CHANNEL}\"]\ntake = 50\nmissed = \"late\"\n"
    );
    site.write("schedules/moi-giay.toml", &schedule);
    site
}

/// Who dies in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dies {
    Daemon,
    Server,
}

/// So many shares while somebody dies at random moments; then exactly one post a share, and receipts
/// and counts agree with the server.
pub fn kill_run(place: &dyn Place, wanted: usize, who: Dies, seed: u64) {
    // A server keeps what earlier runs left there.
    let before: BTreeSet<String> = place.posts().into_iter().map(|(id, _)| id).collect();
    let site = site(place);
    let mut dice = Dice(seed);
    let mut acknowledged = Acknowledged::default();
    let mut kills = 0;
    let mut daemon = Some(site.serve());
    while acknowledged.articles.len() < wanted {
        let running = daemon.take().unwrap_or_else(|| site.serve());
        acknowledged.again(&running);
        let most = match who {
            Dies::Daemon => 12,
            Dies::Server => wanted / 8,
        };
        let end = Instant::now() + Duration::from_millis(200 + dice.roll() % 1500);
        for _ in 0..most {
            acknowledged.add(&running, &mut dice);
            std::thread::sleep(Duration::from_millis(dice.roll() % 60));
        }
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        kills += 1;
        match who {
            Dies::Daemon => running.kill(),
            Dies::Server => {
                place.kill();
                std::thread::sleep(Duration::from_millis(dice.roll() % 800));
                place.restart();
                daemon = Some(running);
            }
        }
    }
    let daemon = daemon.unwrap_or_else(|| site.serve());
    acknowledged.again(&daemon);
    assert!(acknowledged.open.is_empty());
    let stories = settled(&site, &daemon, &acknowledged);

    // The server's own truth.
    let mut posts = place.posts();
    posts.retain(|(id, _)| !before.contains(id));
    let mut times: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, text) in &posts {
        times.entry(text).or_default().push(id);
    }
    for (story, text) in stories.iter().zip(acknowledged.articles.values()) {
        let found = times.get(text.as_str()).cloned().unwrap_or_default();
        assert_eq!(found.len(), 1, "«{text}» stands there as {found:?}");
        for (_, share) in shares(story) {
            let receipts = share["receipts"].as_array().expect("receipts");
            assert_eq!(receipts.len(), 1, "{share:#}");
            assert_eq!(receipts[0]["post_id"], json!(found[0]), "another's receipt");
        }
    }
    assert_eq!(
        posts.len(),
        acknowledged.articles.len(),
        "something stands there that nobody asked for"
    );
    let counts = daemon.get("/api/v1/counts?by=channel");
    let row = &counts["rows"].as_array().expect("rows")[0];
    assert_eq!(row["key"], json!(CHANNEL));
    assert_eq!(row["figures"]["shares"], json!(acknowledged.articles.len()));
    assert_eq!(daemon.stop(), Some(0), "{}", site.log());
    let verify = site.command(&["verify"]).output().unwrap();
    assert!(
        verify.status.success(),
        "{}{}",
        String::from_utf8_lossy(&verify.stdout),
        String::from_utf8_lossy(&verify.stderr)
    );
    println!(
        "{kills} kills of the {who:?}, {} shares",
        acknowledged.articles.len()
    );
}

/// Every share is out, or the test fails.
fn settled(site: &Office, daemon: &Daemon, acknowledged: &Acknowledged) -> Vec<Value> {
    let begun = Instant::now();
    loop {
        let stories: Vec<Value> = acknowledged
            .articles
            .keys()
            .map(|id| daemon.get(&format!("/api/v1/articles/{id}")))
            .collect();
        let left: Vec<&Value> = stories
            .iter()
            .flat_map(shares)
            .map(|(_, share)| share)
            .filter(|share| share["state"] != "shared")
            .collect();
        if left.is_empty() {
            return stories;
        }
        assert!(
            begun.elapsed() < SETTLED_WITHIN,
            "{} left: {:#?}\n{}",
            left.len(),
            left.iter().take(3).collect::<Vec<_>>(),
            site.log()
        );
        std::thread::sleep(Duration::from_millis(500));
    }
}
