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
struct ChangeOffice {
    /// Those that are named change; `null` takes one away.
    keys: OfficeKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeChannel {
    /// Those that are named change; `null` takes one away.
    keys: ChannelKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
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

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeTopic {
    /// Those that are named change; `null` takes one away.
    keys: TopicKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTopic {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// All that is not its default.
    keys: TopicKeys,
}

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeGroup {
    /// Those that are named change; `null` takes one away.
    keys: GroupKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// All that is not its default.
    keys: GroupKeys,
}

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeSchedule {
    /// Those that are named change; `null` takes one away.
    keys: ScheduleKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSchedule {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// All that is not its default.
    keys: ScheduleKeys,
}

/// Keys to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeFeed {
    /// Those that are named change; `null` takes one away.
    keys: FeedKeys,
    /// The table as it was seen; refused where somebody changed it since.
    #[serde(default)]
    seen: Option<String>,
}

/// A new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFeed {
    /// For ever: a-z, 0-9 and -, at most 40.
    id: String,
    /// All that is not its default.
    keys: FeedKeys,
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
        .body::<ChangeOffice>()
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
            .body::<ChangeChannel>()
            .answers::<DoneView>(),
        change_channel,
    );
    to.add(
        post(
            "/api/v1/channels/{id}/retire",
            "retireChannel",
            "Take a channel out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire_channel,
    );
    to.add(
        post("/api/v1/topics", "addTopic", "Add a topic")
            .body::<NewTopic>()
            .answers::<DoneView>(),
        add_topic,
    );
    to.add(
        patch("/api/v1/topics/{id}", "changeTopic", "Change a topic")
            .body::<ChangeTopic>()
            .answers::<DoneView>(),
        change_topic,
    );
    to.add(
        post(
            "/api/v1/topics/{id}/retire",
            "retireTopic",
            "Take a topic out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire_topic,
    );
    to.add(
        post("/api/v1/groups", "addGroup", "Add a group of channels")
            .body::<NewGroup>()
            .answers::<DoneView>(),
        add_group,
    );
    to.add(
        patch(
            "/api/v1/groups/{id}",
            "changeGroup",
            "Change a group of channels",
        )
        .body::<ChangeGroup>()
        .answers::<DoneView>(),
        change_group,
    );
    to.add(
        post(
            "/api/v1/groups/{id}/retire",
            "retireGroup",
            "Take a group of channels out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire_group,
    );
    to.add(
        post("/api/v1/schedules", "addSchedule", "Add a schedule")
            .body::<NewSchedule>()
            .answers::<DoneView>(),
        add_schedule,
    );
    to.add(
        patch(
            "/api/v1/schedules/{id}",
            "changeSchedule",
            "Change a schedule",
        )
        .body::<ChangeSchedule>()
        .answers::<DoneView>(),
        change_schedule,
    );
    to.add(
        post(
            "/api/v1/schedules/{id}/retire",
            "retireSchedule",
            "Take a schedule out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire_schedule,
    );
    to.add(
        post("/api/v1/feeds", "addFeed", "Add a feed")
            .body::<NewFeed>()
            .answers::<DoneView>(),
        add_feed,
    );
    to.add(
        patch("/api/v1/feeds/{id}", "changeFeed", "Change a feed")
            .body::<ChangeFeed>()
            .answers::<DoneView>(),
        change_feed,
    );
    to.add(
        post(
            "/api/v1/feeds/{id}/retire",
            "retireFeed",
            "Take a feed out of the configuration",
        )
        .body::<RetireAsk>()
        .answers::<DoneView>(),
        retire_feed,
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
    Body(ask): Body<ChangeOffice>,
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

async fn change_channel(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChangeChannel>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(Kind::Channel, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire_channel(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(Kind::Channel, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}

async fn add_topic(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<NewTopic>,
) -> Answer<DoneView> {
    let edit = Edit::Add(Part::new(Kind::Topic, ask.id), named(&ask.keys));
    configure(site, caller, edit, None).await
}

async fn change_topic(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChangeTopic>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(Kind::Topic, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire_topic(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(Kind::Topic, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}

async fn add_group(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<NewGroup>,
) -> Answer<DoneView> {
    let edit = Edit::Add(Part::new(Kind::Group, ask.id), named(&ask.keys));
    configure(site, caller, edit, None).await
}

async fn change_group(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChangeGroup>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(Kind::Group, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire_group(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(Kind::Group, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}

async fn add_schedule(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<NewSchedule>,
) -> Answer<DoneView> {
    let edit = Edit::Add(Part::new(Kind::Schedule, ask.id), named(&ask.keys));
    configure(site, caller, edit, None).await
}

async fn change_schedule(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChangeSchedule>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(Kind::Schedule, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire_schedule(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(Kind::Schedule, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}

async fn add_feed(
    State(site): State<Site>,
    caller: Caller,
    Body(ask): Body<NewFeed>,
) -> Answer<DoneView> {
    let edit = Edit::Add(Part::new(Kind::Feed, ask.id), named(&ask.keys));
    configure(site, caller, edit, None).await
}

async fn change_feed(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<ChangeFeed>,
) -> Answer<DoneView> {
    let edit = Edit::Change(Part::new(Kind::Feed, id), named(&ask.keys));
    configure(site, caller, edit, ask.seen).await
}

async fn retire_feed(
    State(site): State<Site>,
    caller: Caller,
    At(id): At<String>,
    Body(ask): Body<RetireAsk>,
) -> Answer<DoneView> {
    let (part, mend) = (Part::new(Kind::Feed, id), ask.mend);
    configure(site, caller, Edit::Retire { part, mend }, ask.seen).await
}
