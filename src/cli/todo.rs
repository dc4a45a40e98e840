//! `raotin todo`: hand tasks.

use super::CliError;
use super::context::{Context, nothing, share_id};
use crate::web::api::views::ShareView;

/// List hand tasks, or take one
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Take this task for 15 minutes and show its text
    #[arg(long, value_name = "SHARE")]
    take: Option<String>,
    /// Give this task back to the others
    #[arg(long, value_name = "SHARE", conflicts_with = "take")]
    release: Option<String>,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    if let Some(id) = &args.release {
        let path = format!("/api/v1/shares/{}/release", share_id(id)?);
        return ctx
            .act(&path, nothing(), ctx.lang.text("cli.released"))
            .await;
    }
    if let Some(id) = &args.take {
        let id = share_id(id)?;
        let path = format!("/api/v1/shares/{id}/take");
        ctx.act(&path, nothing(), ctx.lang.text("cli.taken"))
            .await?;
        if ctx.common.json {
            return Ok(());
        }
        let share: ShareView = ctx.get(&format!("/api/v1/shares/{id}")).await?;
        for part in share.post.iter().flatten() {
            ctx.say(&part.text)?;
        }
        return Ok(());
    }
    let tasks: Vec<ShareView> = ctx.get("/api/v1/todo").await?;
    if ctx.common.json {
        return ctx.json(&tasks);
    }
    super::shares::table(ctx, &tasks, ctx.lang.text("cli.nothing-todo"))
}
