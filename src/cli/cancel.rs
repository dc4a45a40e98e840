//! `raotin cancel`.

use serde_json::json;

use super::CliError;
use super::context::Context;

/// Cancel what has not gone out: an article's shares, or single ones
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Articles or shares
    #[arg(required = true)]
    ids: Vec<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    for id in &args.ids {
        let path = format!("{}/cancel", ctx.path_of(id).await?);
        let body = json!({ "reason": args.reason });
        ctx.act(&path, body, ctx.lang.text("cli.cancelled")).await?;
    }
    Ok(())
}
