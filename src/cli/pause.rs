//! `raotin pause` and `raotin resume`.

use serde_json::{Value, json};

use super::CliError;
use super::context::{Context, given, nothing};

/// Pause a channel, or everything
#[derive(Debug, clap::Args)]
pub(super) struct PauseArgs {
    /// Everything, instead of a channel
    #[arg(long)]
    all: bool,
    /// The channel (unless --all), then the reason, which is shown everywhere
    #[arg(required = true, value_name = "CHANNEL] [REASON")]
    words: Vec<String>,
    /// It lifts itself then
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

/// Resume a channel, or everything; or say that the clock is right
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("what").required(true)))]
pub(super) struct ResumeArgs {
    /// The channel
    #[arg(group = "what")]
    channel: Option<String>,
    /// Everything
    #[arg(long, group = "what")]
    all: bool,
    /// The clock is right: planning and sending go on
    #[arg(long, group = "what")]
    clock: bool,
}

pub(super) async fn pause(args: PauseArgs, ctx: &Context) -> Result<(), CliError> {
    let until = match &args.until {
        Some(text) => Some(json!(ctx.when(text)?)),
        None => None,
    };
    let mut words = args.words;
    let path = if args.all {
        "/api/v1/pause".to_owned()
    } else {
        format!("/api/v1/channels/{}/pause", words.remove(0))
    };
    let body = given([
        ("reason", Some(Value::from(words.join(" ")))),
        ("until", until),
    ]);
    ctx.act(&path, body, ctx.lang.text("cli.paused")).await
}

pub(super) async fn resume(args: ResumeArgs, ctx: &Context) -> Result<(), CliError> {
    if args.clock {
        let said = ctx.lang.text("cli.clock-trusted");
        return ctx.act("/api/v1/clock/trust", nothing(), said).await;
    }
    let path = match &args.channel {
        Some(channel) => format!("/api/v1/channels/{channel}/resume"),
        None => "/api/v1/resume".to_owned(),
    };
    ctx.act(&path, nothing(), ctx.lang.text("cli.resumed"))
        .await
}
