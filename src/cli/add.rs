//! `raotin add`.

use std::io::Read;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::CliError;
use super::context::{Context, given};
use crate::web::api::views::{DoneView, LookedView};

/// Add an article: one share per channel
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The text; - reads it from standard input
    text: Option<String>,
    /// The headline
    #[arg(long)]
    title: Option<String>,
    /// Where it leads
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Take title and text from the link's page, where none are given
    #[arg(long, requires = "link")]
    fetch: bool,
    /// Take the page's picture too, where none is given
    #[arg(long, requires = "fetch")]
    fetch_picture: bool,
    /// A picture's file or address; may be given several times
    #[arg(long = "picture", value_name = "FILE|URL")]
    pictures: Vec<std::path::PathBuf>,
    /// What a picture shows, for who cannot see it; one for each picture, in their order
    #[arg(long = "alt", value_name = "TEXT", requires = "pictures")]
    alts: Vec<String>,
    /// A declared topic
    #[arg(long)]
    topic: Option<String>,
    /// 0 to 9, higher first where a schedule goes by priority
    #[arg(long)]
    priority: Option<u8>,
    #[command(flatten)]
    to: To,
    #[command(flatten)]
    again: ComeRound,
}

/// The rule by which an article comes round again.
#[derive(Debug, clap::Args)]
pub(super) struct ComeRound {
    /// Share it again and again, so long after it was last shared on a channel: 30d, 4w; empty ends it
    #[arg(long, value_name = "DAYS")]
    every: Option<String>,
    /// With --every: no more after this day: 2027-12-31 or 31/12/2027
    #[arg(long, value_name = "DAY", requires = "every")]
    until: Option<String>,
    /// With --every: so often on each channel at most, the first time included
    #[arg(long, value_name = "TIMES", requires = "every")]
    at_most: Option<u32>,
}

impl ComeRound {
    /// As the API wants it; none where nothing was said of it.
    pub(super) fn body(&self, ctx: &Context) -> Result<Option<Value>, CliError> {
        let Some(every) = &self.every else {
            return Ok(None);
        };
        let until = match &self.until {
            Some(text) => Some(json!(super::when::day(text).ok_or_else(|| {
                CliError::Usage(ctx.lang.fill("cli.no-day", &[("text", text)]))
            })?)),
            None => None,
        };
        Ok(Some(given([
            ("every", Some(json!(every))),
            ("until", until),
            ("at_most", self.at_most.map(Value::from)),
        ])))
    }
}

/// Where an article goes.
#[derive(Debug, clap::Args)]
pub(super) struct To {
    /// A channel or group; may be given several times [default: the topic's, else the office's]
    #[arg(long = "channel", short = 'c', value_name = "CHANNEL")]
    channels: Vec<String>,
    /// A fixed time: 07:30, 2026-11-24 07:30, 24/11/2026 07:30 or RFC 3339
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Although the same went there lately
    #[arg(long)]
    again: bool,
    /// Keep as drafts
    #[arg(long)]
    draft: bool,
}

impl To {
    /// As the API wants it.
    pub(super) fn body(&self, ctx: &Context) -> Result<Map<String, Value>, CliError> {
        let at = match &self.at {
            Some(text) => Some(json!(ctx.when(text)?)),
            None => None,
        };
        let body = given([
            ("channels", Some(json!(self.channels))),
            ("at", at),
            ("again", Some(json!(self.again))),
            ("draft", Some(json!(self.draft))),
        ]);
        match body {
            Value::Object(body) => Ok(body),
            _ => Ok(Map::new()),
        }
    }
}

/// A text that was given, or standard input for `-`.
pub(super) fn text_or_stdin(text: Option<String>) -> Result<Option<String>, CliError> {
    if text.as_deref() != Some("-") {
        return Ok(text);
    }
    let mut read = String::new();
    std::io::stdin().read_to_string(&mut read)?;
    Ok(Some(read))
}

/// What is not given, from the page that the link leads to. Answers what the page calls its own address.
async fn fill(args: &mut Args, ctx: &Context) -> Result<Option<String>, CliError> {
    let body = json!({ "url": args.link });
    let page: LookedView = ctx.send(Method::POST, "/api/v1/links/look", &body).await?;
    args.title = args.title.take().or(page.title);
    args.text = args.text.take().or(page.description);
    if args.fetch_picture && args.pictures.is_empty() {
        args.pictures.extend(page.picture.map(Into::into));
    }
    Ok(page.canonical)
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let mut args = args;
    let canonical = match args.fetch {
        true => fill(&mut args, ctx).await?,
        false => None,
    };
    let mut body = args.to.body(ctx)?;
    let come_round = args.again.body(ctx)?;
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("text", text_or_stdin(args.text)?.map(Value::from));
    put("title", args.title.map(Value::from));
    put("link", args.link.map(Value::from));
    put("canonical", canonical.map(Value::from));
    put("topic", args.topic.map(Value::from));
    put("priority", args.priority.map(Value::from));
    put("evergreen", come_round);
    if !args.pictures.is_empty() {
        put(
            "pictures",
            Some(super::picture::put_all(ctx, &args.pictures, &args.alts).await?),
        );
    }
    let done: DoneView = ctx
        .send(Method::POST, "/api/v1/articles", &Value::Object(body))
        .await?;
    let article = done.article.clone().unwrap_or_default();
    let n = u64::try_from(done.shares.len()).unwrap_or(0);
    let said = ctx.lang.count("cli.added", n, &[("article", &article)]);
    ctx.done(&done, &said)
}
