//! Places, and the rules that hold there. These are configuration, checked by `config/`;
//! the pure decisions read them.

use jiff::SignedDuration;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::id::{ChannelId, MemberId, ScheduleId, TopicId};

/// A kind of place and how it is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlatformKind {
    /// A Facebook Page, by the Graph API.
    FacebookPage,
    /// A Telegram channel, group or topic, by the Bot API.
    Telegram,
    /// A signed webhook (Standard Webhooks).
    Webhook,
    /// Bluesky, by the AT Protocol.
    Bluesky,
    /// Mastodon, and servers that speak its API.
    Mastodon,
    /// A room on a Matrix homeserver.
    Matrix,
    /// A website made with WordPress.
    Wordpress,
    /// A Facebook group: no API since 22 April 2024.
    FacebookGroup,
    /// A person's own Facebook profile: no API.
    FacebookProfile,
    /// A Zalo group: no API for an office's own groups here.
    ZaloGroup,
    /// Any other place a person can share to.
    Other,
}

impl PlatformKind {
    /// Every platform, in the order of the docs.
    pub const ALL: [PlatformKind; 11] = [
        PlatformKind::FacebookPage,
        PlatformKind::Telegram,
        PlatformKind::Webhook,
        PlatformKind::Bluesky,
        PlatformKind::Mastodon,
        PlatformKind::Matrix,
        PlatformKind::Wordpress,
        PlatformKind::FacebookGroup,
        PlatformKind::FacebookProfile,
        PlatformKind::ZaloGroup,
        PlatformKind::Other,
    ];

    /// The word used in files, the API and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            PlatformKind::FacebookPage => "facebook-page",
            PlatformKind::Telegram => "telegram",
            PlatformKind::Webhook => "webhook",
            PlatformKind::Bluesky => "bluesky",
            PlatformKind::Mastodon => "mastodon",
            PlatformKind::Matrix => "matrix",
            PlatformKind::Wordpress => "wordpress",
            PlatformKind::FacebookGroup => "facebook-group",
            PlatformKind::FacebookProfile => "facebook-profile",
            PlatformKind::ZaloGroup => "zalo-group",
            PlatformKind::Other => "other",
        }
    }

    /// Whether the daemon can post there by itself.
    pub fn has_api(self) -> bool {
        matches!(
            self,
            PlatformKind::FacebookPage
                | PlatformKind::Telegram
                | PlatformKind::Webhook
                | PlatformKind::Bluesky
                | PlatformKind::Mastodon
                | PlatformKind::Matrix
                | PlatformKind::Wordpress
        )
    }

    /// Whether it is a group of people who did not choose each post: spacing is kept by default.
    pub fn is_group(self) -> bool {
        matches!(self, PlatformKind::FacebookGroup | PlatformKind::ZaloGroup)
    }
}

/// Who does the sharing on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The daemon.
    Post,
    /// A person.
    ByHand,
    /// Nobody: a trial; nothing leaves the machine.
    Log,
}

impl Mode {
    /// The word used in files and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Post => "post",
            Mode::ByHand => "by-hand",
            Mode::Log => "log",
        }
    }
}

/// What becomes of firings and times that passed while nobody could act (RULES 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missed {
    /// Fire the latest if it is within the grace, else skip.
    Late,
    /// Record it, do nothing.
    Skip,
    /// Ask a person: fire now or skip.
    Ask,
}

/// Which waiting share a firing takes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// By place in the queue.
    #[default]
    Oldest,
    /// Last added first.
    Newest,
    /// Highest priority, then place.
    Priority,
}

/// Opening hours for automatic sends, local to the office. `from > until` runs over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// First minute that is open.
    pub from: Time,
    /// First minute that is closed again.
    pub until: Time,
}

/// One configured place on a platform, with the rules that hold there.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// For ever.
    pub id: ChannelId,
    /// What people call it.
    pub title: String,
    /// What kind of place it is.
    pub platform: PlatformKind,
    /// Who shares there.
    pub mode: Mode,
    /// Channels with the same account share its pacing.
    pub account: Option<String>,
    /// Where a person opens it.
    pub url: Option<String>,
    /// Whether a share needs approval first.
    pub approval_required: bool,
    /// Shares a local day at most.
    pub max_per_day: Option<u32>,
    /// Between two shares.
    pub min_gap: SignedDuration,
    /// How long an article or a link is not repeated.
    pub repeat_after: SignedDuration,
    /// When automatic sends are allowed; always if none.
    pub hours: Option<Hours>,
    /// Wait until the same article is Shared there.
    pub after: Option<ChannelId>,
    /// Use the article's own link even where `after` would put the other share's address.
    pub own_link: bool,
    /// How long a hand task stays open before it is Missed.
    pub hand_within: SignedDuration,
    /// Post template with `{title} {text} {link} {topic}`; the platform's own if none.
    pub template: Option<String>,
    /// Query parameters added to the link, in order (`utm_source` …).
    pub link_tags: Vec<(String, String)>,
    /// Only these topics go here; all if empty.
    pub topics: Vec<TopicId>,
    /// Members who do its hand tasks; any officer if empty.
    pub assignees: Vec<MemberId>,
    /// ReadBack: the last look at least so long after the request began (RULES 3; default 5 min).
    pub settle_after: SignedDuration,
    /// ReadBack: two looks at least so far apart (RULES 3; default 60 s).
    pub settle_gap: SignedDuration,
}

/// A file `schedules/ID.toml`.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The file's name.
    pub id: ScheduleId,
    /// When it fires.
    pub cron: crate::cron::Cron,
    /// In which zone.
    pub zone: TimeZone,
    /// Whom it feeds, in order (groups already resolved).
    pub channels: Vec<ChannelId>,
    /// Shares a firing takes from each channel.
    pub take: u32,
    /// Which first.
    pub order: Order,
    /// Only these topics; all if empty.
    pub topics: Vec<TopicId>,
    /// Channel i of n is offset by i × spread / n.
    pub spread: SignedDuration,
    /// What becomes of missed firings.
    pub missed: Missed,
    /// How late `late` may be.
    pub grace: SignedDuration,
    /// A disabled schedule fires nothing and misses nothing.
    pub enabled: bool,
}

/// A declared topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// For ever.
    pub id: TopicId,
    /// What people call it.
    pub title: String,
    /// Where its articles go when nothing else is said.
    pub channels: Vec<ChannelId>,
    /// What a template's `{hashtags}` shows, each one word, with or without its `#`.
    pub hashtags: Vec<String>,
}

/// `[office]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Office {
    /// What people call it.
    pub name: String,
    /// Whose local days are counted.
    pub zone: TimeZone,
    /// `vi` or `en`.
    pub lang: String,
    /// For fixed times that passed.
    pub missed: Missed,
    /// How late `late` may be for fixed times.
    pub grace: SignedDuration,
    /// Where articles go when neither they nor their topic say.
    pub default_channels: Vec<ChannelId>,
    /// Whether a person may approve her own text.
    pub approve_own: bool,
}
