//! `raotin counts`: how many went out, items apart from shares.

use super::CliError;
use super::context::Context;
use super::table::Cell;
use crate::web::api::views::{CountRow, Counts, FiguresView};

/// Count what went out
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// First day: 2026-11-23 or 23/11/2026
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Last day
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
    /// By what the rows are told apart
    #[arg(long, value_enum, default_value_t = By::Channel)]
    by: By,
    /// Only this channel
    #[arg(long, short = 'c')]
    channel: Option<String>,
    /// Only this topic
    #[arg(long)]
    topic: Option<String>,
    /// Only this member
    #[arg(long)]
    member: Option<String>,
    /// With trials, which otherwise enter no total
    #[arg(long)]
    with_log: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum By {
    Channel,
    Topic,
    Member,
    Day,
    Month,
    Quarter,
    Year,
}

impl By {
    fn as_str(self) -> &'static str {
        match self {
            By::Channel => "channel",
            By::Topic => "topic",
            By::Member => "member",
            By::Day => "day",
            By::Month => "month",
            By::Quarter => "quarter",
            By::Year => "year",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("by", args.by.as_str());
    for (name, text) in [("since", &args.since), ("until", &args.until)] {
        let Some(text) = text else { continue };
        let day = super::when::day(text)
            .ok_or_else(|| CliError::Usage(ctx.lang.fill("cli.no-day", &[("text", text)])))?;
        query.append_pair(name, &day.to_string());
    }
    for (name, id) in [
        ("channel", &args.channel),
        ("topic", &args.topic),
        ("member", &args.member),
    ] {
        if let Some(id) = id {
            query.append_pair(name, id);
        }
    }
    if args.with_log {
        query.append_pair("log", "true");
    }
    let counts: Counts = ctx
        .get(&format!("/api/v1/counts?{}", query.finish()))
        .await?;
    match args.format {
        _ if ctx.common.json => ctx.json(&counts),
        Format::Json => ctx.json(&counts),
        Format::Csv => ctx.say(csv(args.by, &counts)?.trim_end()),
        Format::Table => table(ctx, args.by, &counts),
    }
}

fn table(ctx: &Context, by: By, counts: &Counts) -> Result<(), CliError> {
    let lang = ctx.lang;
    let row = |name: String, f: FiguresView| {
        vec![
            Cell::Words(name),
            Cell::Figure(f.shares),
            Cell::Figure(f.items),
            Cell::Figure(f.auto),
            Cell::Figure(f.by_hand),
            Cell::Figure(f.back_filled),
            Cell::Figure(f.removed),
        ]
    };
    let mut rows: Vec<_> = counts
        .rows
        .iter()
        .map(|r| row(name(ctx, by, r), r.figures))
        .collect();
    if !rows.is_empty() {
        rows.push(row(lang.text("cli.total").to_owned(), counts.total));
    }
    let figures = |text: &str| format!("#{text}");
    ctx.table(
        &[
            lang.word("count-by", by.as_str()),
            &figures(lang.text("column.shares")),
            &figures(lang.text("column.items")),
            &figures(lang.text("column.auto")),
            &figures(lang.text("column.by-hand")),
            &figures(lang.text("column.back-filled")),
            &figures(lang.text("column.removed")),
        ],
        rows,
        lang.text("cli.nothing-counted"),
    )
}

/// A row's name as people say it.
fn name(ctx: &Context, by: By, row: &CountRow) -> String {
    if row.key.is_empty() {
        return ctx.lang.text("cli.none").to_owned();
    }
    let parts: Vec<i16> = row
        .key
        .split(['-', 'Q'])
        .filter_map(|p| p.parse().ok())
        .collect();
    let small = |n: i16| i8::try_from(n).unwrap_or(1);
    match (by, &parts[..]) {
        (By::Day, _) => row
            .key
            .parse()
            .map_or(row.key.clone(), |d| ctx.lang.date(d)),
        (By::Month, [y, m]) => ctx.lang.month(*y, small(*m)),
        (By::Quarter, [y, q]) => ctx.lang.quarter(*y, small(*q)),
        _ => row.title.clone().unwrap_or_else(|| row.key.clone()),
    }
}

/// For spreadsheets: keys and figures, English headings, the total last.
fn csv(by: By, counts: &Counts) -> Result<String, CliError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| CliError::Io(e.into());
    writer
        .write_record([
            by.as_str(),
            "title",
            "shares",
            "items",
            "auto",
            "by_hand",
            "back_filled",
            "log",
            "removed",
        ])
        .map_err(failed)?;
    let mut write = |key: &str, title: &str, f: FiguresView| {
        let figures = [
            f.shares,
            f.items,
            f.auto,
            f.by_hand,
            f.back_filled,
            f.log,
            f.removed,
        ];
        let mut record = vec![no_formula(key), no_formula(title)];
        record.extend(figures.map(|n| n.to_string()));
        writer.write_record(record).map_err(failed)
    };
    for row in &counts.rows {
        write(
            &row.key,
            row.title.as_deref().unwrap_or_default(),
            row.figures,
        )?;
    }
    write("total", "", counts.total)?;
    let bytes = writer
        .into_inner()
        .map_err(|e| CliError::Io(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that a spreadsheet would run as a formula is written so that it does not (OWASP, CSV
/// injection): an apostrophe stands before it.
fn no_formula(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_runs_nothing() {
        let row = CountRow {
            key: "van-hoa".to_owned(),
            title: Some("=HYPERLINK(\"x\")".to_owned()),
            figures: FiguresView {
                shares: 2,
                items: 1,
                ..FiguresView::default()
            },
        };
        let counts = Counts {
            total: row.figures,
            rows: vec![row],
        };
        insta::assert_snapshot!(csv(By::Topic, &counts).unwrap(), @r#"
        topic,title,shares,items,auto,by_hand,back_filled,log,removed
        van-hoa,"'=HYPERLINK(""x"")",2,1,0,0,0,0,0
        total,,2,1,0,0,0,0,0
        "#);
    }
}
