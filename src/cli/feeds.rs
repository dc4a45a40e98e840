//! `raotin feeds`: how they stand; look at one now; find, add, change, retire one.

use axum::http::Method;
use serde_json::json;

use super::context::Context;
use super::table::Cell;
use super::{CliError, setting};
use crate::config::edit::Kind;
use crate::web::api::views::{FeedView, FoundFeedView, Story};

/// List feeds, look at them now, or add, change, retire one
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    what: Option<setting::Verb>,
    /// Look now: at this feed, or at all of them
    #[arg(long, value_name = "FEED", num_args = 0..=1, default_missing_value = "")]
    check: Option<String>,
    /// Find the feeds of a page, by its address
    #[arg(long, value_name = "URL", conflicts_with = "check")]
    find: Option<String>,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    if let Some(verb) = args.what {
        return setting::run(verb, Kind::Feed, "feeds", ctx).await;
    }
    if let Some(url) = &args.find {
        return find(url, ctx).await;
    }
    let mut feeds: Vec<FeedView> = ctx.get("/api/v1/feeds").await?;
    if let Some(one) = args.check {
        let looked_at = |f: &FeedView| match one.as_str() {
            "" => matches!(f.standing.as_str(), "on" | "stopped"),
            id => f.id == id,
        };
        let mut ids: Vec<String> = feeds
            .iter()
            .filter(|f| looked_at(f))
            .map(|f| f.id.clone())
            .collect();
        if ids.is_empty() && !one.is_empty() {
            // The API says that there is none, and which is near.
            ids.push(one);
        }
        feeds = Vec::new();
        for id in ids {
            let path = format!("/api/v1/feeds/{id}/poll");
            feeds.push(ctx.send(Method::POST, &path, &json!({})).await?);
        }
    }
    if ctx.common.json {
        return ctx.json(&feeds);
    }
    let lang = ctx.lang;
    let rows = feeds.iter().map(|f| {
        let state = match (&f.trouble, f.standing.as_str()) {
            (Some(trouble), "on" | "stopped") => trouble.clone(),
            (_, standing) => lang.look("feed-standing", standing).to_owned(),
        };
        vec![
            f.id.clone().into(),
            f.title.clone().into(),
            Cell::Figure(f.taken),
            ctx.moment(f.last.as_deref()).into(),
            ctx.moment(f.next.as_deref()).into(),
            state.into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.feed"),
            lang.text("column.title"),
            &format!("#{}", lang.text("column.taken-in")),
            lang.text("column.last"),
            lang.text("column.next"),
            lang.text("column.state"),
        ],
        rows.collect(),
        lang.text("cli.no-feeds"),
    )?;
    for feed in &feeds {
        notes(feed, ctx).await?;
    }
    Ok(())
}

/// What of a feed a person should act on, below the table.
async fn notes(feed: &FeedView, ctx: &Context) -> Result<(), CliError> {
    let lang = ctx.lang;
    if let Some(url) = &feed.moved {
        let moved = lang.fill("feeds.moved", &[("url", url)]);
        ctx.say(&format!("{}: {moved}", feed.id))?;
    }
    if !feed.changed_since.is_empty() {
        ctx.say(&format!("{}: {}", feed.id, lang.text("feeds.late")))?;
    }
    for id in &feed.changed_since {
        let story: Story = ctx.get(&format!("/api/v1/articles/{id}")).await?;
        ctx.say(&format!("  {id}  {}", story.article.title))?;
    }
    Ok(())
}

async fn find(url: &str, ctx: &Context) -> Result<(), CliError> {
    let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
    let found: Vec<FoundFeedView> = ctx.get(&format!("/api/v1/feeds/find?url={url}")).await?;
    if ctx.common.json {
        return ctx.json(&found);
    }
    let lang = ctx.lang;
    let rows = found
        .iter()
        .map(|f| vec![f.title.clone().into(), f.url.clone().into()]);
    ctx.table(
        &[lang.text("column.title"), lang.text("column.address")],
        rows.collect(),
        lang.text("cli.no-feeds-found"),
    )
}
