//! `raotin.toml` and `schedules/*.toml` → checked values (RULES 9).
//!
//! ```text
//! files ──Sources::read──▶ text ──reader (keys)──▶ channels, schedules … ──▶ Config
//!                                   └──▶ every problem, at its line, in two languages
//! ```
//!
//! - [`load`]: reads and checks everything as a whole, and tells everything that is wrong at once;
//! - [`keys`]: every key that can be written, as data; the JSON Schemas are made from it;
//! - [`problem`]: what is wrong, where, and what to do;
//! - [`secret`], [`env`]: secrets, where they come from, what keeps them out of texts;
//! - [`known`](Known): ids are for ever, so renames are told;
//! - [`live`]: read again on change; a bad edit changes nothing;
//! - [`edit`]: changed in place as a person asks, comments and all;
//! - [`desk`]: where files are read, written and put in force, one for the process;
//! - [`place`]: where the files are.

mod at;
mod channel;
mod cron;
pub mod defaults;
pub mod desk;
pub mod edit;
pub mod env;
pub mod feed;
pub mod fetch;
mod files;
pub mod keys;
mod known;
pub mod live;
mod load;
mod names;
mod nearest;
pub mod notices;
pub mod place;
pub mod problem;
mod reader;
mod schedule;
pub mod secret;
mod target;
mod values;
pub mod web;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Channel, ChannelId, FeedId, Office, Schedule, Topic, TopicId};

pub use at::Source;
pub use cron::read_cron;
pub use desk::Desk;
pub use env::Env;
pub use feed::ConfiguredFeed;
pub use fetch::Fetch;
pub use files::SCHEDULES;
pub use known::Known;
pub use live::Live;
pub use load::{Loaded, Sources, load};
pub use nearest::nearest;
pub use notices::{Bot, Notices};
pub use place::Place;
pub use problem::{Problem, Problems};
pub use secret::{Redactor, Secret};
pub use target::{
    BlueskyTarget, FacebookPageTarget, MastodonTarget, MatrixTarget, Target, TelegramTarget,
    Visibility, WebhookTarget, WordpressTarget,
};
pub use values::duration_text;
pub use web::Web;

/// One `[[channels]]` entry.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfiguredChannel {
    /// The rules that hold there.
    pub rules: Channel,
    /// How it is reached.
    pub target: Target,
}

/// Everything configured, checked as a whole.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[office]`.
    pub office: Office,
    /// In the order of the file.
    pub channels: Vec<Arc<ConfiguredChannel>>,
    /// In the order of the file.
    pub topics: Vec<Topic>,
    /// Group id → channels.
    pub groups: BTreeMap<String, Vec<ChannelId>>,
    /// By id.
    pub schedules: Vec<Arc<Schedule>>,
    /// In the order of the file.
    pub feeds: Vec<Arc<ConfiguredFeed>>,
    /// `[web]`.
    pub web: Web,
    /// `[fetch]`.
    pub fetch: Fetch,
    /// `[notices]`.
    pub notices: Notices,
    /// Where it was read from.
    pub file: PathBuf,
}

impl Config {
    /// One channel.
    pub fn channel(&self, id: &ChannelId) -> Option<&Arc<ConfiguredChannel>> {
        self.channels.iter().find(|c| c.rules.id == *id)
    }
    /// One feed.
    pub fn feed(&self, id: &FeedId) -> Option<&Arc<ConfiguredFeed>> {
        self.feeds.iter().find(|f| f.id == *id)
    }
    /// One topic.
    pub fn topic(&self, id: &TopicId) -> Option<&Topic> {
        self.topics.iter().find(|t| t.id == *id)
    }
}

impl crate::model::plan::Rules for Config {
    fn office(&self) -> &Office {
        &self.office
    }
    fn channel(&self, id: &ChannelId) -> Option<&Channel> {
        Config::channel(self, id).map(|c| &c.rules)
    }
}
