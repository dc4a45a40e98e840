//! `raotin preview`: exactly what would be posted.

use super::CliError;
use super::context::{Context, Either};
use crate::web::api::views::{Preview, SimilarView};

/// Show exactly what would be posted on each channel
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An article or a share
    id: String,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let (article, only) = match ctx.either(&args.id).await? {
        Either::Article(story) => (story.article.id, None),
        Either::Share(share) => (share.article, Some(share.id)),
    };
    let similar: Vec<SimilarView> = ctx
        .get(&format!("/api/v1/articles/{article}/similar"))
        .await?;
    let mut posts: Vec<Preview> = ctx
        .get(&format!("/api/v1/articles/{article}/preview"))
        .await?;
    if only.is_some() {
        posts.retain(|p| p.share == only);
    }
    if ctx.common.json {
        return ctx.json(&posts);
    }
    for similar in &similar {
        ctx.say(&similar.text)?;
    }
    if posts.is_empty() {
        return ctx.say(ctx.lang.text("cli.nothing-to-preview"));
    }
    for post in &posts {
        ctx.say(&format!("── {} ──", post.channel))?;
        for (i, part) in post.parts.iter().enumerate() {
            if i > 0 {
                ctx.say("·")?;
            }
            ctx.say(&part.text)?;
            if let Some(link) = part.link.as_ref().filter(|l| !part.text.contains(*l)) {
                ctx.say(link)?;
            }
            if part.pictures > 0 {
                let n = u64::try_from(part.pictures).unwrap_or(0);
                ctx.say(&ctx.lang.count("cli.pictures", n, &[]))?;
            }
        }
        for picture in &post.pictures {
            ctx.say(&picture.says)?;
        }
    }
    Ok(())
}
