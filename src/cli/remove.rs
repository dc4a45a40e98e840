//! `raotin remove`: take down what is out.

use serde_json::json;

use super::CliError;
use super::context::{Context, nothing, share_id};

/// Take down what went out: an article's shares, or single ones
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Articles or shares
    #[arg(required = true)]
    ids: Vec<String>,
    /// Why
    #[arg(long)]
    reason: Option<String>,
    /// Confirm that a person took it down (shares only)
    #[arg(long, conflicts_with = "keep")]
    done: bool,
    /// Give the take-down up: it stays out (shares only)
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let why = json!({ "reason": args.reason });
    for id in &args.ids {
        if args.done || args.keep {
            let id = share_id(id)?;
            let (what, body, said) = if args.done {
                ("removed", nothing(), ctx.lang.text("cli.removal-done"))
            } else {
                ("keep", why.clone(), ctx.lang.text("cli.removal-given-up"))
            };
            let path = format!("/api/v1/shares/{id}/{what}");
            ctx.act(&path, body, said).await?;
            continue;
        }
        let path = format!("{}/remove", ctx.path_of(id).await?);
        ctx.act(&path, why.clone(), ctx.lang.text("cli.removing"))
            .await?;
    }
    Ok(())
}
