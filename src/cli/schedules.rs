//! `raotin schedules`: list them, change them, or answer what a missed firing asks.

use serde_json::json;

use super::context::Context;
use super::{CliError, setting};
use crate::config::edit::Kind;
use crate::web::api::views::ScheduleView;

/// List schedules, add, change or retire one, or say what becomes of missed firings
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Fire this schedule's latest missed firing now
    #[arg(long, value_name = "SCHEDULE")]
    fire: Option<String>,
    /// Pass over this schedule's missed firings
    #[arg(long, value_name = "SCHEDULE", conflicts_with = "fire")]
    skip: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    #[command(flatten)]
    Change(setting::Verb),
    /// Have one fire again
    Enable {
        /// Its id
        id: String,
    },
    /// Let one rest: it fires nothing and misses nothing
    Disable {
        /// Its id
        id: String,
    },
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let lang = ctx.lang;
    let (id, enabled) = match args.what {
        Some(What::Change(verb)) => {
            return setting::run(verb, Kind::Schedule, "schedules", ctx).await;
        }
        Some(What::Enable { id }) => (Some(id), true),
        Some(What::Disable { id }) => (Some(id), false),
        None => (None, false),
    };
    if let Some(id) = id {
        let keys = serde_json::Map::from_iter([("enabled".to_owned(), enabled.into())]);
        return setting::change(ctx, &format!("/api/v1/schedules/{id}"), keys).await;
    }
    let answer = match (&args.fire, &args.skip) {
        (Some(id), _) => Some((id, "fire", lang.text("cli.fired"))),
        (_, Some(id)) => Some((id, "skip", lang.text("cli.skipped"))),
        _ => None,
    };
    if let Some((id, answer, said)) = answer {
        let path = format!("/api/v1/schedules/{id}/missed");
        return ctx.act(&path, json!({ "answer": answer }), said).await;
    }
    let schedules: Vec<ScheduleView> = ctx.get("/api/v1/schedules").await?;
    if ctx.common.json {
        return ctx.json(&schedules);
    }
    let rows = schedules.iter().map(|s| {
        let state = match (&s.asked, s.gone) {
            (_, true) => lang.text("cli.gone").to_owned(),
            (Some(asked), _) => lang.count("cli.asked", u64::from(asked.count), &[]),
            _ => String::new(),
        };
        vec![
            s.id.clone().into(),
            s.cron.clone().into(),
            s.zone.clone().into(),
            ctx.moment(s.last.as_deref()).into(),
            ctx.moment(s.next.as_deref()).into(),
            state.into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.schedule"),
            lang.text("column.cron"),
            lang.text("column.zone"),
            lang.text("column.last"),
            lang.text("column.next"),
            lang.text("column.state"),
        ],
        rows.collect(),
        lang.text("cli.no-schedules"),
    )
}
