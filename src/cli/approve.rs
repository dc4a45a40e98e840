//! `raotin approve`: what is seen now, or back to its author.

use serde_json::json;

use super::CliError;
use super::context::{Context, Either};

/// Approve articles or shares, or send them back
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Articles or shares
    #[arg(required = true)]
    ids: Vec<String>,
    /// Send back to the author with this note instead (shares only)
    #[arg(long, value_name = "NOTE")]
    back: Option<String>,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    for id in &args.ids {
        let either = ctx.either(id).await?;
        if let Some(note) = &args.back {
            let Either::Share(_) = either else {
                return Err(CliError::Usage(ctx.lang.text("cli.back-shares").to_owned()));
            };
            let path = format!("/api/v1/shares/{id}/return");
            let said = ctx.lang.text("cli.sent-back");
            ctx.act(&path, json!({ "reason": note }), said).await?;
            continue;
        }
        // Just the version that was there to be seen: a change in between is refused as stale.
        let (path, body) = match either {
            Either::Article(story) => (
                format!("/api/v1/articles/{id}/approve"),
                json!({ "version": story.article.version }),
            ),
            Either::Share(share) => (
                format!("/api/v1/shares/{id}/approve"),
                json!({ "version": share.version }),
            ),
        };
        ctx.act(&path, body, ctx.lang.text("cli.approved")).await?;
    }
    Ok(())
}
