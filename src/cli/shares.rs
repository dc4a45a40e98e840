//! `raotin shares`: shares, newest first.

use super::CliError;
use super::context::Context;
use crate::model::State;
use crate::web::api::views::ShareView;

/// List shares, newest first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only in this state; may be given several times
    #[arg(long = "state", value_name = "STATE", value_parser = state)]
    states: Vec<State>,
    /// Only this channel
    #[arg(long, short = 'c', value_name = "CHANNEL")]
    channel: Option<String>,
    /// Only this article
    #[arg(long, value_name = "ARTICLE")]
    article: Option<String>,
    /// So many at most
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

fn state(word: &str) -> Result<State, String> {
    let found = State::ALL.into_iter().find(|s| s.as_str() == word);
    found.ok_or_else(|| {
        let known: Vec<_> = State::ALL.iter().map(|s| s.as_str()).collect();
        format!("one of {}", known.join(", "))
    })
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let states: Vec<_> = args.states.iter().map(|s| s.as_str()).collect();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", &states.join(","));
    if let Some(channel) = &args.channel {
        query.append_pair("channel", channel);
    }
    if let Some(article) = &args.article {
        query.append_pair("article", article);
    }
    let path = format!("/api/v1/shares?{}", query.finish());
    let shares: Vec<ShareView> = ctx.pages(&path, args.limit).await?;
    if ctx.common.json {
        return ctx.json(&shares);
    }
    table(ctx, &shares, ctx.lang.text("cli.no-shares"))
}

/// Shares as a table.
pub(super) fn table(ctx: &Context, shares: &[ShareView], empty: &str) -> Result<(), CliError> {
    let lang = ctx.lang;
    let rows = shares.iter().map(|s| {
        vec![
            s.channel.clone().into(),
            s.title.clone().into(),
            s.says.clone().into(),
            s.id.clone().into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.channel"),
            lang.text("column.article"),
            lang.text("column.state"),
            lang.text("column.share"),
        ],
        rows.collect(),
        empty,
    )
}
