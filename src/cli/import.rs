//! `raotin import`: articles from a spreadsheet (CSV, XLSX) or from JSON Lines.

use serde_json::json;

use super::CliError;
use super::bring::{File, confirm, let_go, line, rows, tell_strange_channels};
use super::context::Context;

/// Import articles from CSV, XLSX or JSON Lines: title, text, link, topic, channels, at, priority, state
/// (draft or not), repeat
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: File,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let (lang, file) = (ctx.lang, args.file);
    let upload = file.bring(ctx, "articles").await?;
    // All bad rows are told at once, before anything is imported.
    let bad = rows(ctx, &upload, "bad").await?;
    let name = file.name();
    let told = |n: u64, text: &str| line(ctx, &name, n, text);
    for row in &bad {
        eprintln!(
            "{}",
            told(row.line, row.text.as_deref().unwrap_or_default())
        );
    }
    tell_strange_channels(ctx, &upload).await?;
    let held = upload.bad > 0 && !file.skip_bad;
    if file.dry_run || held {
        let_go(ctx, &upload).await?;
    }
    if file.dry_run {
        if ctx.common.json {
            return ctx.json(&upload);
        }
        ctx.say(&lang.count("import.would", upload.good, &[]))?;
        if upload.known > 0 {
            ctx.say(&lang.count("import.known", upload.known, &[]))?;
        }
    }
    if held {
        return Err(CliError::Found(lang.count("import.held", upload.bad, &[])));
    }
    if file.dry_run {
        return Ok(());
    }
    let done = confirm(ctx, &upload, file.skip_bad).await?;
    for row in &done.left_rows {
        eprintln!("{}", told(row.line, &row.text));
    }
    let known = upload.known + done.known;
    let left = upload.bad + done.left;
    if ctx.common.json {
        let text = |row: &crate::web::api::views::KeptRowView| row.text.clone().unwrap_or_default();
        let bad = bad
            .iter()
            .map(|b| json!({ "line": b.line, "text": text(b) }));
        let late = done.left_rows.iter();
        let late = late.map(|b| json!({ "line": b.line, "text": b.text }));
        let bad: Vec<_> = bad.chain(late).collect();
        return ctx.json(&json!({ "added": done.added, "known": known, "bad": bad }));
    }
    ctx.say(&lang.count("import.added", done.added, &[]))?;
    if known > 0 {
        ctx.say(&lang.count("import.known", known, &[]))?;
    }
    if left == 0 {
        return Ok(());
    }
    Err(CliError::Found(lang.count("import.skipped", left, &[])))
}
