//! `raotin demo`: a sample office on its own temporary data, from queue to counts in half a minute.
//! Everything is real (store, ledger, schedules, a signed webhook over HTTP) but the people: a sample
//! officer does the hand tasks.

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::sync::watch;

use super::open::Opened;
use super::table::{Column, Table};
use super::{CliError, parts};
use crate::clock::{Clock, MachineClock};
use crate::config::Place;
use crate::daemon::{self, Health};
use crate::lang::Lang;
use crate::model::{Actor, Commit, Event, How, MemberId, Role, ShareId, State};
use crate::office::articles::NewArticle;
use crate::store::lock::Lock;
use crate::store::{CountAsk, CountBy, Figures, Store};

/// Show the main job on a sample office: nothing to set up, nothing leaves this machine
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Keep the sample office's files here instead of a temporary folder
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

const OFFICE: &str = include_str!("demo/raotin.toml");
const ARTICLES: &str = include_str!("demo/articles.toml");
/// Signs what goes to the sample website, which is this program.
const SECRET: &str = "whsec_cmFvdGluLWRlbW8tc2VjcmV0LW5vdC1yZWFs";
/// A schedule every few seconds: one article at a time can be followed by eye.
const SCHEDULES: [(&str, &str); 2] = [
    (
        "trang-tin",
        "cron = \"*/2 * * * * *\"\nchannels = [\"trang-tin\"]\n",
    ),
    (
        "lan-toa",
        "cron = \"1-59/2 * * * * *\"\nchannels = [\"fanpage\", \"cac-nhom\"]\nspread = \"1s\"\n",
    ),
];
/// The sample officer needs so long for a hand task.
const BY_HAND_AFTER: SignedDuration = SignedDuration::from_millis(1500);
/// Whatever happens, the demo ends after so long.
const AT_MOST: Duration = Duration::from_secs(120);
/// So often the sample officer looks at her tasks.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Samples {
    articles: Vec<NewArticle>,
}

pub(super) async fn run(args: Args, lang: Lang) -> Result<ExitCode, CliError> {
    let temporary = tempfile::Builder::new().prefix("raotin-demo-").tempdir()?;
    let home = args
        .keep
        .clone()
        .unwrap_or_else(|| temporary.path().to_owned());
    let website = website().await?;
    write_office(&home, &website)?;

    let place = Place::find(Some(&home.join("raotin.toml")), None, |_| true);
    let lock = Lock::take(&place.data, "raotin demo").map_err(CliError::Lock)?;
    let opened = Opened::open(place, lock, None).await?;
    opened.configured().await?;
    println!("{}", lang.text("demo.begin"));
    let shares = add_articles(&opened).await?;

    let health = Arc::new(Health::default());
    let (stop, mut stopping) = watch::channel(false);
    let commits = opened.store.watch();
    let connect = parts::connect(&opened)?;
    let daemon = parts::daemon(&opened, connect, health);
    let running = tokio::spawn(daemon::run(daemon, async move {
        // An error means that nobody is left to stop it: the same.
        let _ = stopping.wait_for(|s| *s).await;
    }));
    let mut show = Show {
        lang,
        opened: &opened,
        hands: VecDeque::new(),
        left: shares,
    };
    tokio::select! {
        ended = show.until_all_is_out(commits) => ended?,
        () = tokio::time::sleep(AT_MOST) => {}
        _ = tokio::signal::ctrl_c() => println!("\n{}", lang.text("demo.stopping")),
    }
    stop.send_replace(true);
    match running.await {
        Ok(ended) => ended.map_err(|e| CliError::Data(e.to_string()))?,
        Err(error) => return Err(CliError::Data(error.to_string())),
    }
    counts(&opened, lang)?;
    opened.close();
    if args.keep.is_some() {
        println!("{}", lang.fill("demo.kept", &[("dir", &home.display())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// The sample website: takes every signed post and gives it an address.
async fn website() -> Result<String, CliError> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let take = async move |headers: axum::http::HeaderMap| {
        let id = headers
            .get("webhook-id")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let url = format!(
            "https://huyen.example.vn/tin/{}",
            &id[id.len().saturating_sub(6)..]
        );
        axum::Json(serde_json::json!({"id": id, "url": url}))
    };
    let router = axum::Router::new().route("/", axum::routing::post(take));
    // It ends with the program.
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://{address}/"))
}

fn write_office(home: &Path, website: &str) -> Result<(), CliError> {
    std::fs::create_dir_all(home.join("schedules"))?;
    std::fs::write(home.join("raotin.toml"), OFFICE.replace("WEBSITE", website))?;
    for (id, schedule) in SCHEDULES {
        std::fs::write(home.join(format!("schedules/{id}.toml")), schedule)?;
    }
    let mut secret = std::fs::OpenOptions::new();
    let mut secret = secret
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(home.join("website-secret"))?;
    std::io::Write::write_all(&mut secret, SECRET.as_bytes())?;
    Ok(())
}

/// Who queues and shares in the sample office.
fn officer() -> Result<Actor, CliError> {
    let id = MemberId::new("can-bo-mau").map_err(|e| CliError::Data(e.to_string()))?;
    Ok(Actor::Member {
        id,
        roles: vec![Role::Officer],
    })
}

/// The shares that are to go out.
async fn add_articles(opened: &Opened) -> Result<usize, CliError> {
    let samples: Samples = toml::from_str(ARTICLES).map_err(|e| CliError::Data(e.to_string()))?;
    let mut shares = 0;
    for article in samples.articles {
        let done = opened.office.add(&officer()?, None, article).await;
        shares += done
            .map_err(|e| CliError::Data(e.to_string()))?
            .shares
            .len();
    }
    Ok(shares)
}

struct Show<'a> {
    lang: Lang,
    opened: &'a Opened,
    /// Hand tasks, and when the sample officer is done with each.
    hands: VecDeque<(Timestamp, ShareId)>,
    left: usize,
}

impl Show<'_> {
    async fn until_all_is_out(
        &mut self,
        mut commits: tokio::sync::broadcast::Receiver<Arc<Commit>>,
    ) -> Result<(), CliError> {
        while self.left > 0 {
            match tokio::time::timeout(LOOK_EVERY, commits.recv()).await {
                Ok(Ok(commit)) => {
                    for event in &commit.events {
                        self.tell(&commit, event)?;
                    }
                }
                Ok(Err(tokio::sync::broadcast::error::RecvError::Closed)) => return Ok(()),
                Ok(Err(_)) | Err(_) => {}
            }
            self.do_hand_tasks().await?;
        }
        Ok(())
    }

    /// One line a share, with its state's word.
    fn tell(&mut self, commit: &Commit, event: &Event) -> Result<(), CliError> {
        let (id, word) = match event {
            Event::ShareHanded { share, .. } => {
                self.hands.push_back((commit.at + BY_HAND_AFTER, *share));
                (*share, self.lang.state(State::ByHand, None))
            }
            Event::ShareShared { share, count, .. } => {
                self.left -= 1;
                (*share, self.lang.state(State::Shared, Some(count.how)))
            }
            Event::ShareFailed { share, .. } | Event::ShareMissed { share, .. } => {
                self.left -= 1;
                (*share, self.lang.state(self.opened_state(*share)?, None))
            }
            Event::ShareDoubted { share, .. } => (*share, self.lang.state(State::Unsure, None)),
            _ => return Ok(()),
        };
        let data = |e: crate::store::StoreError| CliError::Data(e.to_string());
        let store = &self.opened.store;
        let Some(share) = store.share(id).map_err(data)? else {
            return Ok(());
        };
        let channel = store.channel(&share.channel).map_err(data)?;
        let article = store.article(share.article).map_err(data)?;
        let zone = &self.opened.office.config().office.zone;
        let time = zone.to_datetime(commit.at).time();
        println!(
            "{:02}:{:02}:{:02}  {}  {}  {}",
            time.hour(),
            time.minute(),
            time.second(),
            super::table::padded(word, STATE_WIDTH),
            super::table::padded(&channel.map(|c| c.title).unwrap_or_default(), CHANNEL_WIDTH),
            article.map(|a| a.content.title).unwrap_or_default(),
        );
        Ok(())
    }

    fn opened_state(&self, share: ShareId) -> Result<State, CliError> {
        let share = self
            .opened
            .store
            .share(share)
            .map_err(|e| CliError::Data(e.to_string()))?;
        Ok(share.map_or(State::Failed, |s| s.state))
    }

    async fn do_hand_tasks(&mut self) -> Result<(), CliError> {
        while let Some((at, share)) = self.hands.front().copied()
            && at <= MachineClock.now()
        {
            self.hands.pop_front();
            let done = self
                .opened
                .office
                .done(&officer()?, None, share, None, None)
                .await;
            done.map_err(|e| CliError::Data(e.to_string()))?;
        }
        Ok(())
    }
}

/// The longest word of a state the demo shows («chờ chia sẻ thủ công»).
const STATE_WIDTH: usize = 20;
/// The longest channel of the sample office.
const CHANNEL_WIDTH: usize = 15;

fn counts(opened: &Opened, lang: Lang) -> Result<(), CliError> {
    let data = |e: crate::store::StoreError| CliError::Data(e.to_string());
    let ask = CountAsk {
        since: None,
        until: None,
        by: CountBy::Channel,
        channel: None,
        topic: None,
        member: None,
        with_log: true,
    };
    let table = opened.store.counts(&ask).map_err(data)?;
    let channels = opened.store.channels().map_err(data)?;
    let titles: BTreeMap<String, String> = channels
        .into_iter()
        .map(|c| (c.id.to_string(), c.title))
        .collect();
    let figures = |key: &'static str| Column::Figures(lang.text(key).to_owned());
    let mut shown = Table::new(
        lang,
        [
            Column::Words(lang.word("count-by", "channel").to_owned()),
            figures("column.shares"),
            figures("column.items"),
            Column::Figures(lang.how(How::Auto).to_owned()),
            Column::Figures(lang.how(How::ByHand).to_owned()),
            Column::Figures(lang.how(How::Log).to_owned()),
        ],
    );
    let mut row = |name: String, f: Figures| {
        shown.row([
            name.into(),
            f.shares.into(),
            f.items.into(),
            f.auto.into(),
            f.by_hand.into(),
            f.log.into(),
        ]);
    };
    for (key, figures) in table.rows {
        row(titles.get(&key).cloned().unwrap_or(key), figures);
    }
    row(lang.text("cli.total").to_owned(), table.total);
    println!("\n{}", lang.text("demo.counts"));
    shown.print()?;
    Ok(())
}
