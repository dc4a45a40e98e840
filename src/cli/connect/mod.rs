//! `raotin connect PLATFORM`: from credentials to a channel that works. It says what to make where,
//! takes the secret without showing it, lets a person choose the place, asks the platform, and only
//! then writes the channel into `raotin.toml` and the secret into a file of its own. A running daemon
//! takes it up by itself.
//!
//! Needs neither data nor daemon.

mod ask;
mod flows;
mod write;

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use bytes::Bytes;
use clap::ValueEnum;
use toml::Value;
use url::Url;

use self::ask::Ask;
use self::write::{Draft, File};
use super::{CliError, Common};
use crate::clock::MachineClock;
use crate::config::{Redactor, Secret, Target};
use crate::lang::{self, Lang};
use crate::model::{ChannelId, PlatformKind};
use crate::platform::http::Http;
use crate::platform::vault::Vault;
use crate::platform::{Deps, Pictures, SendError, Weight, connect};

/// Connect a page, channel, room, account or website, step by step
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where to
    platform: Place,
    /// The channel's id [default: the platform's name]
    #[arg(long)]
    id: Option<String>,
    /// What people call it [default: as the platform calls it]
    #[arg(long)]
    title: Option<String>,
    /// The server's address, where there are many or it is your own
    #[arg(long, value_name = "URL")]
    server: Option<Url>,
}

/// What can be connected.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    Bluesky,
    Matrix,
    Wordpress,
    Mastodon,
    Telegram,
    FacebookPage,
}

impl Place {
    fn kind(self) -> PlatformKind {
        match self {
            Place::Bluesky => PlatformKind::Bluesky,
            Place::Matrix => PlatformKind::Matrix,
            Place::Wordpress => PlatformKind::Wordpress,
            Place::Mastodon => PlatformKind::Mastodon,
            Place::Telegram => PlatformKind::Telegram,
            Place::FacebookPage => PlatformKind::FacebookPage,
        }
    }
}

/// Keys of a platform's table and their values, in order.
type Keys = Vec<(&'static str, Value)>;

/// What the questions led to.
struct Answers {
    /// As the platform calls the place.
    title: String,
    keys: Keys,
    secrets: Vec<(&'static str, Secret)>,
    target: Target,
}

/// What the questions are asked with.
struct Desk {
    http: Http,
    redactor: Redactor,
    server: Option<Url>,
    lang: Lang,
}

impl Desk {
    fn deps(&self) -> Deps {
        let redactor = self.redactor.clone();
        Deps {
            http: self.http.clone(),
            clock: Arc::new(MachineClock),
            pictures: Arc::new(NoPictures),
            redactor: Arc::new(move |text: &str| redactor.redact(text)),
            // Nothing is configured yet, so nothing is kept.
            vault: Vault::in_memory(),
        }
    }

    fn refused(&self, error: &SendError) -> CliError {
        let why = self.redactor.redact(&error.to_string());
        CliError::Found(self.lang.fill("connect.refused", &[("why", &why)]))
    }
}

/// A check shows nothing.
struct NoPictures;

impl Pictures for NoPictures {
    fn bytes(&self, _: &str) -> io::Result<Bytes> {
        Err(io::ErrorKind::NotFound.into())
    }
}

pub(super) async fn run(args: Args, common: &Common, lang: Lang) -> Result<ExitCode, CliError> {
    let kind = args.platform.kind();
    let file = File::read(&common.place().config, lang)?;
    let ids = file.ids();
    let id = match &args.id {
        Some(id) => id.clone(),
        None => free_id(kind.as_str(), &ids),
    };
    let channel = ChannelId::new(&id);
    let channel =
        channel.map_err(|_| CliError::Usage(lang.fill("connect.bad-id", &[("id", &id)])))?;
    if ids.contains(&id) {
        let words = lang.fill("connect.id-taken", &[("id", &id)]);
        return Err(CliError::Usage(words));
    }
    let ask = Ask { lang };
    let desk = Desk {
        http: Http::new().map_err(|e| CliError::Data(e.to_string()))?,
        redactor: Redactor::default(),
        server: args.server,
        lang,
    };
    ask.say(lang.word("connect-where", kind.as_str()))?;
    let answers = match args.platform {
        Place::Bluesky => flows::bluesky(&ask, &desk).await?,
        Place::Mastodon => flows::mastodon(&ask, &desk).await?,
        Place::Telegram => flows::telegram(&ask, &desk).await?,
        Place::FacebookPage => flows::facebook_page(&ask, &desk).await?,
        Place::Matrix => flows::matrix(&ask, &desk).await?,
        Place::Wordpress => flows::wordpress(&ask, &desk).await?,
    };
    check(&ask, &desk, &answers.target).await?;
    let draft = Draft {
        platform: kind,
        id: channel,
        title: args.title.unwrap_or(answers.title),
        keys: answers.keys,
        secrets: answers.secrets,
    };
    for path in file.add(&draft)? {
        ask.say(&lang.fill("connect.wrote", &[("file", &path.display())]))?;
    }
    ask.say(&lang.fill("connect.done", &[("id", &id)]))?;
    Ok(ExitCode::SUCCESS)
}

/// The platform's own word on the credentials. What keeps it from working stops here.
async fn check(ask: &Ask, desk: &Desk, target: &Target) -> Result<(), CliError> {
    ask.say(ask.lang.text("connect.checking"))?;
    let Some(platform) = connect(target, None, desk.deps()) else {
        return Ok(());
    };
    let found = platform.check().await.map_err(|e| desk.refused(&e))?;
    for finding in &found {
        let mark = match finding.weight {
            Weight::Note => "·",
            Weight::Warning => "!",
            Weight::Problem => "✗",
        };
        let values: Vec<(&str, &dyn std::fmt::Display)> = finding
            .values
            .iter()
            .map(|(name, value)| (*name, value as &dyn std::fmt::Display))
            .collect();
        let words = lang::filled(ask.lang.look("finding", finding.code), &values);
        ask.say(&format!("  {mark} {}", words.trim_end()))?;
    }
    if found.iter().any(|f| f.weight == Weight::Problem) {
        let words = ask.lang.text("connect.nothing-written").to_owned();
        return Err(CliError::Found(words));
    }
    Ok(())
}

/// The platform's name, with a number if it is in use.
fn free_id(name: &str, ids: &[String]) -> String {
    let is_free = |id: &String| !ids.contains(id);
    let numbered = (2..).map(|n| format!("{name}-{n}"));
    let mut all = std::iter::once(name.to_owned()).chain(numbered);
    all.find(is_free).unwrap_or_else(|| name.to_owned())
}
