//! `raotin settings`, `raotin topics`, `raotin groups`: what of the configuration is no channel and no
//! schedule.

use serde::Serialize;
use serde_json::Value;

use super::context::Context;
use super::{CliError, setting};
use crate::config::edit::Kind;
use crate::web::api::views::{ChangeView, SettingsView};

const SETTINGS: &str = "/api/v1/settings";

/// Show the office's own settings, or change them: KEY=VALUE; KEY= takes a key away
#[derive(Debug, clap::Args)]
pub(super) struct SettingsArgs {
    /// Such as name="Huyện Chợ Đồn" or grace=2h
    #[arg(value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// Show who changed which setting or member, and when, newest first
    #[arg(long, conflicts_with = "keys")]
    changes: bool,
    /// With --changes: so many at most
    #[arg(long, default_value_t = 50, requires = "changes")]
    limit: usize,
}

/// List topics, or add, change, retire one
#[derive(Debug, clap::Args)]
pub(super) struct TopicsArgs {
    #[command(subcommand)]
    what: Option<setting::Verb>,
}

/// List groups of channels, or add, change, retire one
#[derive(Debug, clap::Args)]
pub(super) struct GroupsArgs {
    #[command(subcommand)]
    what: Option<setting::Verb>,
}

pub(super) async fn settings(args: SettingsArgs, ctx: &Context) -> Result<(), CliError> {
    if args.changes {
        return changes(args.limit, ctx).await;
    }
    if !args.keys.is_empty() {
        let keys = setting::read(Kind::Office, &args.keys, ctx)?;
        return setting::change(ctx, SETTINGS, keys).await;
    }
    let settings: SettingsView = ctx.get(SETTINGS).await?;
    if ctx.common.json {
        return ctx.json(&settings);
    }
    let keys = settings
        .office
        .map(|o| keys_of(&o.keys))
        .unwrap_or_default();
    let rows = keys.into_iter().map(|(key, value)| {
        let label = ctx.lang.look("setting", &key.replace('_', "-"));
        vec![key.into(), label.into(), value.into()]
    });
    ctx.table(
        &[
            ctx.lang.text("column.key"),
            ctx.lang.text("column.title"),
            ctx.lang.text("column.value"),
        ],
        rows.collect(),
        ctx.lang.text("settings.none"),
    )
}

async fn changes(limit: usize, ctx: &Context) -> Result<(), CliError> {
    let path = format!("{SETTINGS}/changes?limit={limit}");
    let changes: Vec<ChangeView> = ctx.get(&path).await?;
    if ctx.common.json {
        return ctx.json(&changes);
    }
    let row = |change: ChangeView| {
        let what = change.settings.into_iter().map(|s| match (s.from, s.to) {
            (None, Some(to)) => format!("{} = {to}", s.key),
            (Some(from), None) => format!("{} = {from} → -", s.key),
            (from, to) => {
                let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
                format!("{} = {from} → {to}", s.key)
            }
        });
        let what = what.collect::<Vec<_>>().join("; ");
        let who = match change.in_file {
            true => ctx.lang.text("changes.in-file").to_owned(),
            false => change.by,
        };
        vec![
            ctx.moment(Some(&change.at)).into(),
            who.into(),
            change.text.into(),
            what.into(),
        ]
    };
    ctx.table(
        &[
            ctx.lang.text("column.when"),
            ctx.lang.text("column.who"),
            ctx.lang.text("column.event"),
            ctx.lang.text("column.value"),
        ],
        changes.into_iter().map(row).collect(),
        ctx.lang.text("changes.none"),
    )
}

pub(super) async fn topics(args: TopicsArgs, ctx: &Context) -> Result<(), CliError> {
    if let Some(verb) = args.what {
        return setting::run(verb, Kind::Topic, "topics", ctx).await;
    }
    let settings: SettingsView = ctx.get(SETTINGS).await?;
    if ctx.common.json {
        return ctx.json(&settings.topics);
    }
    let rows = settings
        .topics
        .into_iter()
        .map(|t| (t.id, keys_of(&t.keys)));
    list(ctx, "topic", rows.collect())
}

pub(super) async fn groups(args: GroupsArgs, ctx: &Context) -> Result<(), CliError> {
    if let Some(verb) = args.what {
        return setting::run(verb, Kind::Group, "groups", ctx).await;
    }
    let settings: SettingsView = ctx.get(SETTINGS).await?;
    if ctx.common.json {
        return ctx.json(&settings.groups);
    }
    let rows = settings
        .groups
        .into_iter()
        .map(|g| (g.id, keys_of(&g.keys)));
    list(ctx, "group", rows.collect())
}

type Row = (String, Vec<(String, String)>);

fn list(ctx: &Context, first: &'static str, rows: Vec<Row>) -> Result<(), CliError> {
    let rows = rows.into_iter().map(|(id, keys)| {
        let of = |name: &str| {
            let found = keys.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        vec![id.into(), of("title").into(), of("channels").into()]
    });
    ctx.table(
        &[
            ctx.lang.look("column", first),
            ctx.lang.text("column.title"),
            ctx.lang.text("settings.channels"),
        ],
        rows.collect(),
        ctx.lang.text("settings.none"),
    )
}

/// Keys that are there, as they would be typed.
fn keys_of(keys: &impl Serialize) -> Vec<(String, String)> {
    let Ok(Value::Object(map)) = serde_json::to_value(keys) else {
        return Vec::new();
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Array(all) => {
            let all = all.iter().filter_map(Value::as_str);
            all.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    map.into_iter().map(|(k, v)| (k, text(v))).collect()
}
