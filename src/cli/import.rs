//! `raotin import`: articles from a spreadsheet's CSV or from JSON Lines.

use std::path::PathBuf;

use axum::http::Method;
use serde_json::json;

use super::CliError;
use super::context::Context;
use super::progress::Progress;
use crate::clock::MachineClock;
use crate::intake::rows::{Fault, Format, Row, parse};
use crate::office::imports::MOST_ROWS;
use crate::web::api::articles::ImportedView;

/// Import articles from CSV (title,text,link,topic,channels,at,priority) or JSON Lines
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; *.jsonl and *.ndjson are JSON Lines, others CSV
    file: PathBuf,
    /// Import the good rows although others are bad
    #[arg(long)]
    skip_bad: bool,
}

/// A row that cannot be an article, as it is told.
struct Bad {
    line: u64,
    text: String,
}

/// Bytes of one request's rows at most: the API reads a little more.
const MOST_BATCH_BYTES: usize = 4 << 20;

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let lang = ctx.lang;
    let bytes = std::fs::read(&args.file).map_err(|e| {
        let file = args.file.display();
        let why = lang.foreign(&e.to_string());
        CliError::Usage(lang.fill("cli.unreadable", &[("file", &file), ("why", &why)]))
    })?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let time = |text: &str| super::when::parse(text, &ctx.zone, ctx.now);
    let parsed = parse(&bytes, Format::of(&args.file), &time);
    let mut bad: Vec<Bad> = parsed
        .faults
        .iter()
        .map(|(line, fault)| Bad {
            line: *line,
            text: fault_text(ctx, fault),
        })
        .collect();
    let batches = batches(parsed.rows)?;
    let total = batches.iter().map(Vec::len).sum::<usize>();
    // All bad rows are told at once, before anything is imported.
    let looked = send(ctx, &name, &batches, total, true).await?;
    bad.extend(looked.bad);
    bad.sort_by_key(|b| b.line);
    for b in &bad {
        let text = lang.fill(
            "import.bad",
            &[("file", &name), ("line", &b.line), ("text", &b.text)],
        );
        eprintln!("{text}");
    }
    if !bad.is_empty() && !args.skip_bad {
        let n = u64::try_from(bad.len()).unwrap_or(u64::MAX);
        return Err(CliError::Found(lang.count("import.held", n, &[])));
    }
    let done = send(ctx, &name, &batches, total, false).await?;
    if ctx.common.json {
        let bad: Vec<_> = bad
            .iter()
            .map(|b| json!({ "line": b.line, "text": b.text }))
            .collect();
        return ctx.json(&json!({ "added": done.added, "known": done.known, "bad": bad }));
    }
    ctx.say(&lang.count("import.added", done.added, &[]))?;
    if done.known > 0 {
        ctx.say(&lang.count("import.known", done.known, &[]))?;
    }
    if bad.is_empty() {
        return Ok(());
    }
    let n = u64::try_from(bad.len()).unwrap_or(u64::MAX);
    Err(CliError::Found(lang.count("import.skipped", n, &[])))
}

#[derive(Default)]
struct Sum {
    added: u64,
    known: u64,
    bad: Vec<Bad>,
}

async fn send(
    ctx: &Context,
    name: &str,
    batches: &[Vec<Row>],
    total: usize,
    dry_run: bool,
) -> Result<Sum, CliError> {
    let what = if dry_run {
        ctx.lang.text("import.looking")
    } else {
        ctx.lang.text("import.working")
    };
    let clock = std::sync::Arc::new(MachineClock);
    let total = u64::try_from(total).ok();
    let mut progress = Progress::begin(ctx.lang, what, total, clock);
    let mut sum = Sum::default();
    let mut rows = 0;
    for batch in batches {
        let body = json!({
            "source": name,
            "rows": batch,
            "skip_bad": true,
            "dry_run": dry_run,
        });
        let answer: ImportedView = ctx.send(Method::POST, "/api/v1/imports", &body).await?;
        sum.added += u64::from(answer.added);
        sum.known += u64::from(answer.known);
        sum.bad.extend(answer.bad.into_iter().map(|b| Bad {
            line: b.line,
            text: b.text,
        }));
        rows += u64::try_from(batch.len()).unwrap_or(0);
        progress.at(rows);
    }
    progress.end();
    Ok(sum)
}

/// Rows in requests that are not too many and not too large.
fn batches(rows: Vec<Row>) -> Result<Vec<Vec<Row>>, CliError> {
    let mut batches = Vec::new();
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for row in rows {
        let size = serde_json::to_vec(&row)?.len();
        if batch.len() == MOST_ROWS || (bytes + size > MOST_BATCH_BYTES && !batch.is_empty()) {
            batches.push(std::mem::take(&mut batch));
            bytes = 0;
        }
        bytes += size;
        batch.push(row);
    }
    if !batch.is_empty() {
        batches.push(batch);
    }
    Ok(batches)
}

fn fault_text(ctx: &Context, fault: &Fault) -> String {
    let lang = ctx.lang;
    match fault {
        Fault::NotUtf8 => lang.text("row.not-utf8").to_owned(),
        Fault::Heading { given, known } => {
            lang.fill("row.heading", &[("given", given), ("known", known)])
        }
        Fault::Shape(why) => lang.fill("row.shape", &[("why", why)]),
        Fault::Time(text) => lang.fill("cli.no-time", &[("text", text)]),
        Fault::Priority(text) => lang.fill("row.priority", &[("text", text)]),
        Fault::Topic(text) => lang.fill("row.topic", &[("text", text)]),
    }
}
