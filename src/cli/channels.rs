//! `raotin channels`.

use super::context::Context;
use super::table::Cell;
use super::{CliError, setting};
use crate::config::edit::Kind;
use crate::web::api::views::{ChannelView, FindingView};

/// List channels, or add, change, retire one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<setting::Verb>,
    /// Ask the platforms whether they would take a post
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    if let Some(verb) = args.what {
        return setting::run(verb, Kind::Channel, "channels", ctx).await;
    }
    let channels: Vec<ChannelView> = ctx.get("/api/v1/channels").await?;
    if args.check {
        return check(ctx, &channels).await;
    }
    if ctx.common.json {
        return ctx.json(&channels);
    }
    let lang = ctx.lang;
    let rows = channels.iter().map(|c| {
        let state = match (&c.paused, c.gone) {
            (_, true) => lang.text("cli.gone").to_owned(),
            (Some(pause), _) => lang.fill("cli.paused-why", &[("why", &pause.why.text)]),
            _ => String::new(),
        };
        vec![
            c.id.clone().into(),
            c.title.clone().into(),
            lang.look("platform", &c.platform).into(),
            lang.look("mode", &c.mode).into(),
            Cell::Figure(c.waiting),
            state.into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.channel"),
            lang.text("column.title"),
            lang.text("column.platform"),
            lang.text("column.mode"),
            &format!("#{}", lang.text("column.waiting")),
            lang.text("column.state"),
        ],
        rows.collect(),
        lang.text("cli.no-channels"),
    )
}

/// One line a finding; a problem makes it an error.
async fn check(ctx: &Context, channels: &[ChannelView]) -> Result<(), CliError> {
    let mut all: Vec<(String, FindingView)> = Vec::new();
    for channel in channels.iter().filter(|c| !c.gone) {
        let path = format!("/api/v1/channels/{}/check", channel.id);
        let found: Vec<FindingView> = ctx.get(&path).await?;
        all.extend(found.into_iter().map(|f| (channel.id.clone(), f)));
    }
    if ctx.common.json {
        ctx.json(&all)?;
    } else {
        for (channel, f) in &all {
            let weight = ctx.lang.look("weight", &f.weight);
            ctx.say(&format!("{channel}: {weight}: {}", f.text))?;
        }
    }
    let problems = all.iter().filter(|(_, f)| f.weight == "problem").count();
    let n = u64::try_from(problems).unwrap_or(u64::MAX);
    if n > 0 {
        return Err(CliError::Found(ctx.lang.count(
            "cli.check-problems",
            n,
            &[],
        )));
    }
    if !ctx.common.json {
        ctx.say(ctx.lang.text("cli.check-clean"))?;
    }
    Ok(())
}
