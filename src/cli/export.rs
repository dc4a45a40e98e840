//! `raotin export`: the queue, or what went out, as a file that can be brought in again.

use std::io::Write;
use std::path::PathBuf;

use super::CliError;
use super::context::Context;

/// Write the queue, or what went out, as CSV or XLSX
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What is written
    #[arg(value_enum, default_value_t = What::Queue)]
    what: What,
    /// The file [default: standard output, as CSV]; *.xlsx is written as a workbook
    #[arg(long, short = 'o', value_name = "FILE")]
    output: Option<PathBuf>,
    /// Shares from this day on: 2026-11-23 or 23/11/2026
    #[arg(long, value_name = "DAY")]
    since: Option<String>,
    /// Shares up to this day
    #[arg(long, value_name = "DAY")]
    until: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    Queue,
    Shares,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let ending = args.output.as_ref().and_then(|file| file.extension());
    let xlsx = ending.is_some_and(|e| e.eq_ignore_ascii_case("xlsx"));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("format", if xlsx { "xlsx" } else { "csv" });
    for (name, text) in [("since", &args.since), ("until", &args.until)] {
        let Some(text) = text else { continue };
        let day = super::when::day(text)
            .ok_or_else(|| CliError::Usage(ctx.lang.fill("cli.no-day", &[("text", text)])))?;
        query.append_pair(name, &day.to_string());
    }
    let query = query.finish();
    let path = match args.what {
        What::Queue => format!("/api/v1/exports/queue?{query}"),
        What::Shares => format!("/api/v1/exports/shares?{query}"),
    };
    let bytes = ctx.get_file(&path).await?;
    match &args.output {
        Some(file) => std::fs::write(file, bytes).map_err(|e| {
            let why = ctx.lang.foreign(&e.to_string());
            let file = file.display();
            CliError::Usage(
                ctx.lang
                    .fill("export.unwritten", &[("file", &file), ("why", &why)]),
            )
        }),
        None => match std::io::stdout().write_all(&bytes) {
            // The reader has seen enough, as `head` does.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        },
    }
}
