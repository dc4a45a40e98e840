//! `raotin done`: what became of a hand task.

use serde_json::{Value, json};

use super::CliError;
use super::context::{Context, given, nothing, share_id};

/// Confirm that a hand task was shared; or undo that, or say that it cannot be done
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The share
    share: String,
    /// The post's address
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// When it was shared [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Take the confirmation back, within 60 seconds
    #[arg(long, conflicts_with_all = ["link", "at", "cannot"])]
    undo: bool,
    /// It cannot be done, because …: back into the queue
    #[arg(long, value_name = "REASON", conflicts_with_all = ["link", "at"])]
    cannot: Option<String>,
    /// With --cannot: cancel it instead
    #[arg(long, requires = "cannot")]
    cancel: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let id = share_id(&args.share)?;
    let path = |what: &str| format!("/api/v1/shares/{id}/{what}");
    if args.undo {
        return ctx
            .act(&path("undo"), nothing(), ctx.lang.text("cli.undone"))
            .await;
    }
    if let Some(reason) = &args.cannot {
        let (instead, said) = if args.cancel {
            ("cancel", ctx.lang.text("cli.cancelled"))
        } else {
            ("back", ctx.lang.text("cli.put-back"))
        };
        let body = json!({ "reason": reason, "instead": instead });
        return ctx.act(&path("cannot"), body, said).await;
    }
    let at = match &args.at {
        Some(text) => Some(json!(ctx.when(text)?)),
        None => None,
    };
    let body = given([("link", args.link.map(Value::from)), ("at", at)]);
    ctx.act(&path("done"), body, ctx.lang.text("cli.confirmed"))
        .await
}
