//! `raotin queue`: queue an article, submit a draft; or show queues.

use axum::http::Method;
use serde_json::Value;

use super::CliError;
use super::add::To;
use super::context::{Context, Either, nothing};
use super::table::Cell;
use crate::web::api::views::{ChannelView, DoneView, ShareView};

/// Queue an article on further channels, submit a draft share; without ID: show the queues
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An article, or a share that is a draft
    id: Option<String>,
    #[command(flatten)]
    to: To,
    /// Without ID: so many of each queue at most
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let body = args.to.body(ctx)?;
    let Some(id) = &args.id else {
        return show(&body, args.limit, ctx).await;
    };
    let (path, body) = match ctx.either(id).await? {
        Either::Article(_) => (format!("/api/v1/articles/{id}/queue"), Value::Object(body)),
        Either::Share(_) => (format!("/api/v1/shares/{id}/submit"), nothing()),
    };
    let done: DoneView = ctx.send(Method::POST, &path, &body).await?;
    let n = u64::try_from(done.shares.len()).unwrap_or(0);
    ctx.done(&done, &ctx.lang.count("cli.queued", n, &[]))
}

async fn show(
    body: &serde_json::Map<String, Value>,
    limit: usize,
    ctx: &Context,
) -> Result<(), CliError> {
    let named = body.get("channels").and_then(Value::as_array);
    let named: Vec<&str> = named
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let channels: Vec<String> = if named.is_empty() {
        let all: Vec<ChannelView> = ctx.get("/api/v1/channels").await?;
        all.into_iter()
            .filter(|c| c.waiting > 0)
            .map(|c| c.id)
            .collect()
    } else {
        named.into_iter().map(str::to_owned).collect()
    };
    let mut shares: Vec<ShareView> = Vec::new();
    for channel in &channels {
        let path = format!("/api/v1/channels/{channel}/queue");
        shares.extend(ctx.pages::<ShareView>(&path, limit).await?);
    }
    if ctx.common.json {
        return ctx.json(&shares);
    }
    let mut place = 0;
    let mut last = "";
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for share in &shares {
        place = if share.channel == last { place + 1 } else { 1 };
        last = &share.channel;
        rows.push(vec![
            share.channel.clone().into(),
            Cell::Figure(place),
            share.title.clone().into(),
            share.says.clone().into(),
            share.id.clone().into(),
        ]);
    }
    let lang = ctx.lang;
    ctx.table(
        &[
            lang.text("column.channel"),
            &format!("#{}", lang.text("column.place")),
            lang.text("column.article"),
            lang.text("column.state"),
            lang.text("column.share"),
        ],
        rows,
        lang.text("cli.queues-empty"),
    )
}
