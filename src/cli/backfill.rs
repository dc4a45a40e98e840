//! `raotin backfill`: shares of long ago from a spreadsheet, shown before they are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, IsTerminal, Write};

use axum::http::Method;
use serde_json::{Value, json};

use super::CliError;
use super::bring::{File, confirm, let_go, line, rows, tell_strange_channels};
use super::context::Context;
use super::table::Cell;
use crate::web::api::views::{ChannelView, UploadView};

/// Count shares made long ago, from CSV or XLSX: date, channel, title or link, who, link to the post
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    file: File,
    /// Count these rows although the same seems to be counted already; "all" for every one of them
    #[arg(long, value_name = "ROW", value_delimiter = ',')]
    add: Vec<String>,
    /// Do not ask before they are counted
    #[arg(long, short = 'y')]
    yes: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let (lang, file) = (ctx.lang, &args.file);
    let upload = file.bring(ctx, "shares").await?;
    let name = file.name();
    let told = |n: u64, text: &str| line(ctx, &name, n, text);
    for kind in ["bad", "clash"] {
        for row in rows(ctx, &upload, kind).await? {
            eprintln!(
                "{}",
                told(row.line, row.text.as_deref().unwrap_or_default())
            );
        }
    }
    tell_strange_channels(ctx, &upload).await?;
    for (who, n) in &upload.strange_members {
        eprintln!("{}", lang.count("backfill.stranger", *n, &[("who", who)]));
    }
    if !ctx.common.json {
        show(ctx, &upload).await?;
    }
    let held = upload.bad > 0 && !file.skip_bad;
    if file.dry_run || held {
        let_go(ctx, &upload).await?;
        if ctx.common.json {
            ctx.json(&upload)?;
        }
        return if held {
            Err(CliError::Found(lang.count(
                "backfill.held",
                upload.bad,
                &[],
            )))
        } else {
            Ok(())
        };
    }
    let chosen = choose(&args.add, ctx, &upload).await?;
    let only_chosen = chosen.iter().filter(|line| !upload.both.contains(line));
    let n = upload.good + only_chosen.count() as u64;
    if n > 0 && !args.yes && !asked(ctx, n)? {
        let_go(ctx, &upload).await?;
        return Err(CliError::Found(lang.text("backfill.not-done").to_owned()));
    }
    let done = confirm(ctx, &upload, file.skip_bad).await?;
    for row in &done.left_rows {
        eprintln!("{}", told(row.line, &row.text));
    }
    if ctx.common.json {
        ctx.json(&done)?;
    } else {
        ctx.say(&lang.count("backfill.added", done.added, &[("file", &name)]))?;
        let known = upload.known + done.known;
        if known > 0 {
            ctx.say(&lang.count("backfill.known", known, &[]))?;
        }
    }
    let left = upload.bad + done.left + upload.clashes.saturating_sub(chosen.len() as u64);
    if left == 0 {
        return Ok(());
    }
    Err(CliError::Found(lang.count("backfill.left", left, &[])))
}

/// Years and channels, with how many shares each would get.
async fn show(ctx: &Context, upload: &UploadView) -> Result<(), CliError> {
    let lang = ctx.lang;
    let channels: Vec<ChannelView> = ctx.get("/api/v1/channels").await?;
    let titles: BTreeMap<&str, &str> = channels
        .iter()
        .map(|c| (c.id.as_str(), c.title.as_str()))
        .collect();
    let row = |t: &crate::web::api::views::TotalView| {
        let channel = titles.get(t.channel.as_str()).copied();
        vec![
            Cell::Words(t.year.to_string()),
            Cell::Words(channel.unwrap_or(&t.channel).to_owned()),
            Cell::Figure(t.shares),
        ]
    };
    let mut table: Vec<_> = upload.totals.iter().map(row).collect();
    if !table.is_empty() {
        let total = upload.totals.iter().map(|t| t.shares).sum();
        let blank = Cell::Words(String::new());
        table.push(vec![
            Cell::Words(lang.text("cli.total").to_owned()),
            blank,
            Cell::Figure(total),
        ]);
    }
    let shares = format!("#{}", lang.text("column.shares"));
    ctx.table(
        &[
            lang.word("count-by", "year"),
            lang.word("count-by", "channel"),
            &shares,
        ],
        table,
        lang.text("backfill.nothing"),
    )?;
    if upload.day_only > 0 {
        ctx.say(&lang.count("backfill.day-only", upload.day_only, &[]))?;
    }
    Ok(())
}

/// Tells which doubtful rows count.
async fn choose(
    add: &[String],
    ctx: &Context,
    upload: &UploadView,
) -> Result<BTreeSet<u64>, CliError> {
    if add.is_empty() {
        return Ok(BTreeSet::new());
    }
    let all = rows(ctx, upload, "clash")
        .await?
        .into_iter()
        .map(|r| r.line);
    let all: Vec<u64> = all.collect();
    let chosen: BTreeSet<u64> = if add.iter().any(|word| word == "all") {
        all.into_iter().collect()
    } else {
        let named = add.iter().map(|n| n.trim().parse::<u64>().ok());
        named.flatten().filter(|n| all.contains(n)).collect()
    };
    let path = format!("/api/v1/uploads/{}/choose", upload.id);
    let body = json!({ "add": chosen });
    let _: Value = ctx.send(Method::POST, &path, &body).await?;
    Ok(chosen)
}

/// Whether a person says yes; off a terminal nobody can, and `--yes` is asked for.
fn asked(ctx: &Context, n: u64) -> Result<bool, CliError> {
    if !std::io::stdin().is_terminal() {
        let words = ctx.lang.text("backfill.say-yes").to_owned();
        return Err(CliError::Usage(words));
    }
    eprint!("{} ", ctx.lang.count("backfill.ask", n, &[]));
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let word = line.trim().to_lowercase();
    Ok(matches!(word.as_str(), "y" | "yes" | "c" | "có" | "co"))
}
