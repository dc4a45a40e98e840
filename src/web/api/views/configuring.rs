//! The configuration's tables over the API: what can be changed of each, by its key. A key that is not
//! named stays as it is; `null` takes it away, and its default holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::patch::Patch;

/// `[office]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = OfficeKeys)]
#[serde(deny_unknown_fields, default)]
pub struct OfficeKeys {
    /// What people call the office.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub name: Patch<String>,
    /// A name of the tz database: whose local days are counted.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub zone: Patch<String>,
    /// `vi` or `en`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub lang: Patch<String>,
    /// `late`, `skip` or `ask`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub missed: Patch<String>,
    /// How late `late` may be: `2h`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub grace: Patch<String>,
    /// Channels or groups of articles about which nothing else is said.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub default_channels: Patch<Vec<String>>,
    /// Whether a person may approve her own text.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<bool>)]
    pub approve_own: Patch<bool>,
}

/// `[[channels]]`, without where and with which secret its platform is reached.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ChannelKeys)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelKeys {
    /// What people call it.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// `post`, `by-hand` or `log`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub mode: Patch<String>,
    /// Channels with the same account share its pacing.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub account: Patch<String>,
    /// Where a person opens it.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub url: Patch<String>,
    /// `none` or `required`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub approval: Patch<String>,
    /// Shares a local day at most.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<u32>)]
    pub max_per_day: Patch<u32>,
    /// Between two shares at least: `20m`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub min_gap: Patch<String>,
    /// How long an article is not repeated: `30d`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub repeat_after: Patch<String>,
    /// When the program may send: `06:00-22:00`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub hours: Patch<String>,
    /// Wait for the same article on that channel.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub after: Patch<String>,
    /// `own`: the article's own link although it waits.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub link: Patch<String>,
    /// How long a hand task stays open: `24h`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub hand_within: Patch<String>,
    /// With `{title} {text} {link} {topic}`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub template: Patch<String>,
    /// Tags of the link: `source`, `medium`, `campaign`, `term`, `content`, `id`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub utm: Patch<BTreeMap<String, String>>,
    /// Only these topics.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub topics: Patch<Vec<String>>,
    /// Members who do its tasks.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub assignees: Patch<Vec<String>>,
    /// When the last look is taken where it is unsure: `5m`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub settle_after: Patch<String>,
    /// How far apart two looks are: `60s`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub settle_gap: Patch<String>,
}

/// `[[topics]]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = TopicKeys)]
#[serde(deny_unknown_fields, default)]
pub struct TopicKeys {
    /// What people call it.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// Channels or groups its articles go to.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Patch<Vec<String>>,
}

/// `[[groups]]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = GroupKeys)]
#[serde(deny_unknown_fields, default)]
pub struct GroupKeys {
    /// The channels it stands for.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Patch<Vec<String>>,
}

/// `schedules/ID.toml`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleKeys)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleKeys {
    /// Minute, hour, day of month, month, weekday.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub cron: Patch<String>,
    /// Its time zone; the office's if not given.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub zone: Patch<String>,
    /// Channels or groups it feeds, in order.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Patch<Vec<String>>,
    /// Shares a firing takes from each channel.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<u32>)]
    pub take: Patch<u32>,
    /// `oldest`, `newest` or `priority`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub order: Patch<String>,
    /// Only these topics.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub topics: Patch<Vec<String>>,
    /// Over how long its channels are spread: `20m`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub spread: Patch<String>,
    /// `late`, `skip` or `ask`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub missed: Patch<String>,
    /// How late `late` may be.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub grace: Patch<String>,
    /// Whether it fires at all.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<bool>)]
    pub enabled: Patch<bool>,
}

/// `[[feeds]]`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedKeys)]
#[serde(deny_unknown_fields, default)]
pub struct FeedKeys {
    /// What people call it.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub title: Patch<String>,
    /// The feed's address.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub url: Patch<String>,
    /// Its articles' topic.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub topic: Patch<String>,
    /// Channels or groups its articles go to.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub channels: Patch<Vec<String>>,
    /// With `{title} {text} {link} {topic}`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub template: Patch<String>,
    /// Only entries with one of these words.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub words: Patch<Vec<String>>,
    /// No entries with one of these words.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub without: Patch<Vec<String>>,
    /// Only entries of one of these categories.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<Vec<String>>)]
    pub categories: Patch<Vec<String>>,
    /// No older entries: `30d`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub max_age: Patch<String>,
    /// `none` or `required`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub approval: Patch<String>,
    /// Articles a local day at most.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<u32>)]
    pub max_per_day: Patch<u32>,
    /// How many of the newest entries its first look takes.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<u32>)]
    pub first: Patch<u32>,
    /// Whether each new entry's page is read once.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<bool>)]
    pub page: Patch<bool>,
    /// How often it is looked at: `30m`.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<String>)]
    pub every: Patch<String>,
    /// Whether it is looked at at all.
    #[serde(skip_serializing_if = "Patch::stays")]
    #[schema(value_type = Option<bool>)]
    pub enabled: Patch<bool>,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OfficeSetting)]
pub struct OfficeSettingView {
    /// Its keys.
    pub keys: OfficeKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ChannelSetting)]
pub struct ChannelSettingView {
    /// Its id, for ever.
    pub id: String,
    /// What kind of place it is; never changed.
    pub platform: String,
    /// Its keys.
    pub keys: ChannelKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = TopicSetting)]
pub struct TopicSettingView {
    /// Its id, for ever.
    pub id: String,
    /// Its keys.
    pub keys: TopicKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = GroupSetting)]
pub struct GroupSettingView {
    /// Its id, for ever.
    pub id: String,
    /// Its keys.
    pub keys: GroupKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduleSetting)]
pub struct ScheduleSettingView {
    /// Its id, for ever.
    pub id: String,
    /// Its keys.
    pub keys: ScheduleKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// A table as it stands in the files.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = FeedSetting)]
pub struct FeedSettingView {
    /// Its id, for ever.
    pub id: String,
    /// Its keys.
    pub keys: FeedKeys,
    /// To be sent with a change.
    pub seen: String,
}

/// The configuration as it can be changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// The office's own.
    pub office: Option<OfficeSettingView>,
    /// In the order of the file.
    pub channels: Vec<ChannelSettingView>,
    /// In the order of the file.
    pub topics: Vec<TopicSettingView>,
    /// In the order of the file.
    pub groups: Vec<GroupSettingView>,
    /// By id.
    pub schedules: Vec<ScheduleSettingView>,
    /// In the order of the file.
    pub feeds: Vec<FeedSettingView>,
    /// Why the program cannot write the files, if it cannot.
    pub read_only: Option<String>,
}
