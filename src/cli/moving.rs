//! `raotin move`: another place in the queue, or a fixed time.

use serde_json::json;

use super::CliError;
use super::context::{Context, nothing, share_id};

/// Give a share another place in its queue, or a fixed time
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("to").required(true)))]
pub(super) struct Args {
    /// The share
    share: String,
    /// Before all others
    #[arg(long, group = "to")]
    top: bool,
    /// Behind all others
    #[arg(long, group = "to")]
    end: bool,
    /// Behind this share of the same queue
    #[arg(long, group = "to", value_name = "SHARE")]
    behind: Option<String>,
    /// To a fixed time, out of the queue
    #[arg(long, group = "to", value_name = "TIME")]
    at: Option<String>,
    /// Let this turn pass: to the end of its queue, or back into it
    #[arg(long, group = "to")]
    skip: bool,
    /// Without waiting for the other channel that its channel's `after` names
    #[arg(long, group = "to")]
    alone: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let id = share_id(&args.share)?;
    let path = |what: &str| format!("/api/v1/shares/{id}/{what}");
    let said = ctx.lang.text("cli.moved");
    if let Some(text) = &args.at {
        let at = ctx.when(text)?;
        let when = ctx.moment(Some(&at.to_string()));
        let said = ctx.lang.fill("cli.fixed", &[("at", &when)]);
        return ctx.act(&path("time"), json!({ "at": at }), &said).await;
    }
    if args.alone {
        return ctx
            .act(&path("free"), nothing(), ctx.lang.text("cli.freed"))
            .await;
    }
    if args.skip {
        return ctx
            .act(&path("skip"), nothing(), ctx.lang.text("cli.skipped"))
            .await;
    }
    let to = match &args.behind {
        Some(other) => json!({ "behind": share_id(other)? }),
        None if args.top => json!("top"),
        None => json!("end"),
    };
    ctx.act(&path("move"), json!({ "to": to }), said).await
}
