//! `raotin erase`: what the law wants gone.

use serde_json::json;

use super::CliError;
use super::context::Context;
use crate::model::ArticleId;
use crate::model::id::BadId;

/// Erase every text of articles for good, as the law may want; counts and evidence stay
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Articles of which nothing is still to go (raotin cancel) or in doubt (raotin settle)
    #[arg(required = true)]
    articles: Vec<String>,
    /// The law or request that asks for it; kept for ever, so name nobody
    #[arg(long)]
    reason: String,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    for id in &args.articles {
        let id: ArticleId = id
            .parse()
            .map_err(|e: BadId| CliError::Usage(e.to_string()))?;
        let path = format!("/api/v1/articles/{id}/erase");
        let body = json!({ "reason": args.reason });
        ctx.act(&path, body, ctx.lang.text("cli.erased")).await?;
    }
    Ok(())
}
