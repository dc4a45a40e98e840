//! `raotin.toml` and `schedules/*.toml` → checked values (RULES 9).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::model::{Channel, ChannelId, Office, Schedule, Topic, TopicId};

/// A secret value. It has no Display, and its Debug shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a value that must not be seen.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }
    /// The value itself, for the one request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// `[channels.webhook]`.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhookTarget {
    /// Where to POST.
    pub url: url::Url,
    /// `whsec_…` (Standard Webhooks); the first signs, all are accepted (key rotation).
    pub secrets: Vec<Secret>,
}

/// `[channels.telegram]`.
#[derive(Debug, Clone, PartialEq)]
pub struct TelegramTarget {
    /// `@name` or a numeric chat id.
    pub chat: String,
    /// The bot's token.
    pub token: Secret,
    /// A forum topic.
    pub topic: Option<i64>,
    /// Whether messages arrive without sound.
    pub silent: bool,
    /// Whether link previews are shown.
    pub preview: bool,
    /// `https://api.telegram.org` unless a local Bot API server is used.
    pub base_url: url::Url,
}

/// `[channels.facebook-page]`.
#[derive(Debug, Clone, PartialEq)]
pub struct FacebookPageTarget {
    /// The Page's id.
    pub page: String,
    /// The Page access token.
    pub token: Secret,
    /// For `appsecret_proof` and debug_token.
    pub app_id: Option<String>,
    /// For `appsecret_proof` and debug_token.
    pub app_secret: Option<Secret>,
    /// `v25.0` unless configured.
    pub graph_version: String,
    /// `https://graph.facebook.com` unless configured.
    pub base_url: url::Url,
}

/// How a channel's place is reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Places without an API, and channels whose mode needs none.
    None,
    /// A signed webhook.
    Webhook(WebhookTarget),
    /// Telegram.
    Telegram(TelegramTarget),
    /// A Facebook Page.
    FacebookPage(FacebookPageTarget),
}

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
    /// Where it was read from.
    pub file: PathBuf,
}

impl Config {
    /// One channel.
    pub fn channel(&self, id: &ChannelId) -> Option<&Arc<ConfiguredChannel>> {
        self.channels.iter().find(|c| c.rules.id == *id)
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
