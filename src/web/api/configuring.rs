//! The configuration: read and changed, in the files themselves.

use axum::Json;
use axum::extract::State;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::Site;
use super::caller::Caller;
use super::document::{Routes, get, patch, post};
use super::extract::{At, Body};
use super::look::beside;
use super::problem::Failed;
use super::shares::done;
use super::views::{
    ChannelKeys, ChannelSettingView, DoneView, FeedKeys, FeedSettingView, GroupKeys,
    GroupSettingView, OfficeKeys, OfficeSettingView, ScheduleKeys, ScheduleSettingView,
    SettingsView, TopicKeys, TopicSettingView,
};
use crate::config::edit::{Edit, Entry, Kind, Part};
use crate::office::configuring::Setting;

type Answer<T> = Result<Json<T>, Failed>;

/// What shall leave the configuration.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct RetireAsk {
    /// Whether it is taken out of what names it, too; refused otherwise.
    mend: bool,
    /// The table as it was seen; refused where somebody changed it since.
    seen: Option<String>,
}

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Change<K> {
    /// Those that are named change; `null` takes one away.
    keys: K,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct New<K> {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// All that is not its default.
    keys: K,
}

/// A new channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewChannel {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// What kind of place it is.
    platform: String,
    /// All that is not its default.
    keys: ChannelKeys,
}

/// The keys of a kind of table that there are several of.
trait Keys: Serialize + DeserializeOwned + Send + 'static {
    const KIND: Kind;
}

impl Keys for ChannelKeys {
    const KIND: Kind = Kind::Channel;
}
impl Keys for TopicKeys {
    const KIND: Kind = Kind::Topic;
}
impl Keys for GroupKeys {
    const KIND: Kind = Kind::Group;
}
impl Keys for ScheduleKeys {
    const KIND: Kind = Kind::Schedule;
}
impl Keys for FeedKeys {
    const KIND: Kind = Kind::Feed;
}

pub(super) fn add(to: &mut Routes) {
    to.add(
        get(
            "/api/v1/settings",
            "getSettings",
            "The configuration as it can be changed",
        )
        .answers::<SettingsView>(),
        settings,
    );
    to.add(
        patch(
            "/api/v1/settings",
            "changeSettings",
            "Change the office's own settings",
        )
        .body::<Change<OfficeKeys>>()
        .answers::<DoneView>(),
        change_office,
    );
    to.add(
        post("/api/v1/channels", "addChannel", "Add a channel")
            .body::<NewChannel>()
            .answers::<DoneView>(),
        add_channel,
    );
    to.add(
        patch("/api/v1/channels/{id}", "changeChannel", "Change a channel")
            .body::<Change<ChannelKeys>>()
            .answers::<DoneView>(),
        change::<ChannelKeys>,
    );
    to.add(
        post(
            "/api/v1/channels/{id}/retire",
            "retireChannel",
            "Take a channel out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire::<ChannelKeys>,
    );
    to.add(
        post("/api/v1/topics", "addTopic", "Add a topic")
            .body::<New<TopicKeys>>()
            .answers::<DoneView>(),
        add_one::<TopicKeys>,
    );
    to.add(
        patch("/api/v1/topics/{id}", "changeTopic", "Change a topic")
            .body::<Change<TopicKeys>>()
            .answers::<DoneView>(),
        change::<TopicKeys>,
    );
    to.add(
        post(
            "/api/v1/topics/{id}/retire",
            "retireTopic",
            "Take a topic out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire::<TopicKeys>,
    );
    to.add(
        post("/api/v1/groups", "addGroup", "Add a group of channels")
            .body::<New<GroupKeys>>()
            .answers::<DoneView>(),
        add_one::<GroupKeys>,
    );
    to.add(
        patch(
            "/api/v1/groups/{id}",
            "changeGroup",
            "Change a group of channels",
        )
        .body::<Change<GroupKeys>>()
        .answers::<DoneView>(),
        change::<GroupKeys>,
    );
    to.add(
        post(
            "/api/v1/groups/{id}/retire",
            "retireGroup",
            "Take a group of channels out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire::<GroupKeys>,
    );
    to.add(
        post("/api/v1/schedules", "addSchedule", "Add a schedule")
            .body::<New<ScheduleKeys>>()
            .answers::<DoneView>(),
        add_one::<ScheduleKeys>,
    );
    to.add(
        patch(
            "/api/v1/schedules/{id}",
            "changeSchedule",
            "Change a schedule",
        )
        .body::<Change<ScheduleKeys>>()
        .answers::<DoneView>(),
        change::<ScheduleKeys>,
    );
    to.add(
        post(
            "/api/v1/schedules/{id}/retire",
            "retireSchedule",
            "Take a schedule out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire::<ScheduleKeys>,
    );
    to.add(
        post("/api/v1/feeds", "addFeed", "Add a feed")
            .body::<New<FeedKeys>>()
            .answers::<DoneView>(),
        add_one::<FeedKeys>,
    );
    to.add(
        patch("/api/v1/feeds/{id}", "changeFeed", "Change a feed")
            .body::<Change<FeedKeys>>()
            .answers::<DoneView>(),
        change::<FeedKeys>,
    );
    to.add(
        post(
            "/api/v1/feeds/{id}/retire",
            "retireFeed",
            "Take a feed out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire::<FeedKeys>,
    );
}

async fn settings(State(site): State<Site>, caller: Caller) -> Answer<SettingsView> {
    let actor = caller.actor.clone();
    let found = beside(&site, &caller, move |site| site.office.settings(&actor)).await?;
    Ok(Json(SettingsView {
        office: found.office.map(|s| OfficeSettingView {
            keys: keys(&s),
            seen: s.seen,
        }),
        channels: found
            .channels
            .into_iter()
            .map(|s| ChannelSettingView {
                platform: word(&s, "platform"),
                keys: keys(&without(&s, "platform")),
                id: s.part.id,
                seen: s.seen,
            })
            .collect(),
        topics: found
            .topics
            .into_iter()
            .map(|s| TopicSettingView {
                keys: keys(&s),
                id: s.part.id,
                seen: s.seen,
            })
            .collect(),
        groups: found
            .groups
            .into_iter()
            .map(|s| GroupSettingView {
                keys: keys(&s),
                id: s.part.id,
                seen: s.seen,
            })
            .collect(),
        schedules: found
            .schedules
            .into_iter()
            .map(|s| ScheduleSettingView {
                keys: keys(&s),
                id: s.part.id,
                seen: s.seen,
            })
            .collect(),
        feeds: found
            .feeds
            .into_iter()
            .map(|s| FeedSettingView {
                keys: keys(&s),
                id: s.part.id,
                seen: s.seen,
            })
            .collect(),
        read_only: found.read_only,
    }))
}

/// A table's keys, typed. They have the shapes of their keys, or were left out.
fn keys<T: DeserializeOwned + Default>(setting: &Setting) -> T {
    serde_json::from_value(Value::Object(setting.entry.clone())).unwrap_or_default()
}

fn without(setting: &Setting, key: &str) -> Setting {
    let mut rest = setting.clone();
    rest.entry.remove(key);
    rest
}

fn word(setting: &Setting, key: &str) -> String {
    let found = setting.entry.get(key).and_then(Value::as_str);
    found.unwrap_or_default().to_owned()
}

/// What was named, `null` among it.
fn named(keys: &impl Serialize) -> Entry {
    match serde_json::to_value(keys) {
        Ok(Value::Object(map)) => map,
        _ => Entry::new(),
    }
}

async fn configure(
    site: Site,
    caller: Caller,
    edit: Edit,
    seen: Option<String>,
) -> Answer<DoneView> {
    let changed = site
        .office
        .configure(&caller.actor, caller.key(), edit, seen)
        .await;
    done(&site, &caller, changed)
}

async fn change_office(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<Change<OfficeKeys>>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::office(), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn add_channel(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<NewChannel>,
) -> Answer<DoneView> {
    let mut entry = named(&ask.keys);
    entry.insert("platform".to_owned(), Value::from(ask.platform));
    let edit = Edit::Add(Part::new(Kind::Channel, ask.id), entry);
    configure(site, caller, edit, None).await
}

async fn add_one<K: Keys>(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<New<K>>,
) -> Answer<DoneView> {
    let edit = Edit::Add(Part::new(K::KIND, ask.id), named(&ask.keys));
    configure(site, caller, edit, None).await
}

async fn change<K: Keys>(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<Change<K>>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(K::KIND, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire<K: Keys>(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(K::KIND, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}
