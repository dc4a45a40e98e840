//! `raotin edit`: an article, or a share's own text.

use axum::http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::add::{ComeRound, text_or_stdin};
use super::context::{Context, Either, given};
use crate::web::api::views::{ArticleView, DoneView, LookedView};

/// Change an article, or give one of its shares a text of its own
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An article or a share
    id: String,
    /// The headline
    #[arg(long)]
    title: Option<String>,
    /// The text; - reads it from standard input; of a share: its own text, empty for the article's
    #[arg(long)]
    text: Option<String>,
    /// Where it leads; empty takes the link away
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// A declared topic; empty takes it away
    #[arg(long)]
    topic: Option<String>,
    /// 0 to 9
    #[arg(long)]
    priority: Option<u8>,
    /// All pictures anew, files or addresses; may be given several times
    #[arg(long = "picture", value_name = "FILE|URL")]
    pictures: Vec<std::path::PathBuf>,
    /// What a picture shows, for who cannot see it; one for each picture, in their order
    #[arg(long = "alt", value_name = "TEXT", requires = "pictures")]
    alts: Vec<String>,
    /// Fill what is empty, title and text, from the page that the link leads to
    #[arg(long)]
    fetch: bool,
    /// And take that page's picture, where the article has none
    #[arg(long, requires = "fetch")]
    fetch_picture: bool,
    #[command(flatten)]
    again: ComeRound,
}

/// What is still empty, from the page that the link leads to. Answers what the page calls its own address.
async fn fill(
    args: &mut Args,
    text: &mut Option<String>,
    article: &ArticleView,
    ctx: &Context,
) -> Result<Option<String>, CliError> {
    let link = args.link.as_ref().or(article.link.as_ref());
    let body = json!({ "url": link.map_or("", String::as_str) });
    let page: LookedView = ctx.send(Method::POST, "/api/v1/links/look", &body).await?;
    if args.title.is_none() && article.title.is_empty() {
        args.title = page.title;
    }
    if text.is_none() && article.text.is_empty() {
        *text = page.description;
    }
    if args.fetch_picture && args.pictures.is_empty() && article.pictures.is_empty() {
        args.pictures.extend(page.picture.map(Into::into));
    }
    Ok(page.canonical)
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let mut args = args;
    let mut text = text_or_stdin(args.text.take())?;
    let come_round = args.again.body(ctx)?;
    let article = match ctx.either(&args.id).await? {
        Either::Article(story) => story.article,
        Either::Share(_) => {
            let others = args.title.is_some()
                || args.link.is_some()
                || args.topic.is_some()
                || args.priority.is_some()
                || come_round.is_some()
                || args.fetch
                || !args.pictures.is_empty();
            let Some(text) = text.filter(|_| !others) else {
                return Err(CliError::Usage(ctx.lang.text("cli.only-text").to_owned()));
            };
            let path = format!("/api/v1/shares/{}/text", args.id);
            let said = ctx.lang.text("cli.edited");
            return ctx.act(&path, json!({ "text": text }), said).await;
        }
    };
    if let Some(rule) = come_round {
        let path = format!("/api/v1/articles/{}/evergreen", args.id);
        let done: DoneView = ctx.send(Method::POST, &path, &rule).await?;
        let only = args.title.is_none()
            && text.is_none()
            && args.link.is_none()
            && args.topic.is_none()
            && args.priority.is_none()
            && !args.fetch
            && args.pictures.is_empty();
        if only {
            return ctx.done(&done, ctx.lang.text("cli.edited"));
        }
    }
    let canonical = match args.fetch {
        true => fill(&mut args, &mut text, &article, ctx).await?,
        false => None,
    };
    let pictures = if args.pictures.is_empty() {
        None
    } else {
        Some(super::picture::put_all(ctx, &args.pictures, &args.alts).await?)
    };
    let body = given([
        // What was looked at a moment ago: an edit in between is not written over.
        ("version", Some(json!(article.version))),
        ("title", args.title.map(Value::from)),
        ("text", text.map(Value::from)),
        ("link", args.link.map(Value::from)),
        ("canonical", canonical.map(Value::from)),
        ("topic", args.topic.map(Value::from)),
        ("priority", args.priority.map(Value::from)),
        ("pictures", pictures),
    ]);
    let path = format!("/api/v1/articles/{}", args.id);
    let done: DoneView = ctx.send(Method::PATCH, &path, &body).await?;
    ctx.done(&done, ctx.lang.text("cli.edited"))
}
