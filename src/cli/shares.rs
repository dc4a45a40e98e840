//! `raotin shares`: shares, newest first; of a period, its last day first.

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
    /// Only this topic
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Only this member: who shared it by hand, else who queued the article
    #[arg(long, value_name = "MEMBER")]
    member: Option<String>,
    /// Only what went out on this day or later: 2026-11-23 or 23/11/2026
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Only what went out on this day or before
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
    /// Only articles with words that begin so, in title or link; marks may be left out
    #[arg(long, short = 'w', value_name = "WORDS")]
    words: Option<String>,
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
    for (name, text) in [
        ("channel", &args.channel),
        ("article", &args.article),
        ("topic", &args.topic),
        ("member", &args.member),
        ("words", &args.words),
    ] {
        query.extend_pairs(text.as_ref().map(|text| (name, text)));
    }
    for (name, text) in [("since", &args.since), ("until", &args.until)] {
        let Some(text) = text else { continue };
        let day = super::when::day(text)
            .ok_or_else(|| CliError::Usage(ctx.lang.fill("cli.no-day", &[("text", text)])))?;
        query.append_pair(name, &day.to_string());
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
