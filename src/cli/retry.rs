//! `raotin retry` and `raotin settle`: what failed, was missed, or is unsure.

use serde_json::json;

use super::CliError;
use super::context::{Context, share_id};

/// Try a failed or missed share again
#[derive(Debug, clap::Args)]
pub(super) struct RetryArgs {
    /// The share
    share: String,
    /// Put it on top of its queue instead of sending it as soon as may be
    #[arg(long, conflicts_with = "by_hand")]
    queue: bool,
    /// By a person
    #[arg(long)]
    by_hand: bool,
}

/// Say whether an unsure share is out, after a look at the place
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("found").required(true)))]
pub(super) struct SettleArgs {
    /// The share
    share: String,
    /// It is there
    #[arg(long, group = "found")]
    posted: bool,
    /// It is not there: it is sent again
    #[arg(long, group = "found")]
    not_posted: bool,
    /// With --posted: the post's address
    #[arg(long, value_name = "URL", requires = "posted")]
    link: Option<String>,
    /// With --not-posted: do not send it again
    #[arg(long, requires = "not_posted")]
    give_up: bool,
}

pub(super) async fn run(args: RetryArgs, ctx: &Context) -> Result<(), CliError> {
    let path = format!("/api/v1/shares/{}/retry", share_id(&args.share)?);
    let how = match (args.queue, args.by_hand) {
        (true, _) => "queue",
        (_, true) => "by-hand",
        _ => "now",
    };
    ctx.act(&path, json!({ "how": how }), ctx.lang.text("cli.retried"))
        .await
}

pub(super) async fn settle(args: SettleArgs, ctx: &Context) -> Result<(), CliError> {
    let path = format!("/api/v1/shares/{}/settle", share_id(&args.share)?);
    let body = if args.posted {
        json!({ "found": "posted", "link": args.link })
    } else {
        json!({ "found": "not-posted", "give_up": args.give_up })
    };
    ctx.act(&path, body, ctx.lang.text("cli.settled")).await
}
