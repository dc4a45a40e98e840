//! `raotin times`: when an expression fires.
//!
//! Needs neither an office nor a daemon: it answers from the expression alone.

use std::io::{self, Write};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cron::{Cron, CronError};

/// The zone where the machine does not name one.
pub const DEFAULT_ZONE: &str = "Asia/Ho_Chi_Minh";

/// How many instants are shown unless asked otherwise.
const DEFAULT_COUNT: u32 = 10;

/// The most that may be asked for: a year of minutes, and a typing error does
/// not fill a disk.
const MAX_COUNT: u32 = 366 * 24 * 60;

/// What was asked for cannot be understood; the same number that clap ends with.
const EXIT_USAGE: u8 = 2;

/// The output could not be written.
const EXIT_FAILED: u8 = 1;

/// Show when a cron expression fires
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The expression in quotes: "30 7 * * 1-5", "@daily"
    pub expr: String,
    /// The time zone, such as Europe/Berlin [default: the system's, else Asia/Ho_Chi_Minh]
    #[arg(long, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Only instants after this one, such as 2027-01-31T07:00:00+07:00 [default: now]
    #[arg(long, value_name = "RFC3339")]
    pub from: Option<String>,
    /// How many instants to show
    #[arg(short = 'n', long = "count", value_name = "N", default_value_t = DEFAULT_COUNT,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_COUNT)))]
    pub count: u32,
    /// A JSON array of strings instead of lines
    #[arg(long)]
    pub json: bool,
}

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0}")]
    Cron(#[from] CronError),
    #[error(
        "no time zone is named {0:?}; write a name such as Asia/Ho_Chi_Minh, Europe/Berlin or UTC"
    )]
    Zone(String),
    #[error(
        "--from {0:?} is no instant; write date, time and offset, such as 2027-01-31T07:00:00+07:00 or 2027-01-31T00:00:00Z"
    )]
    From(String),
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// Writes the instants after `--from`, or `now`, to `out`, one RFC 3339 line
/// each, and what went wrong to `err`.
///
/// Ends with 0, also when the expression's years are over (which is said on
/// `err`); with 2 when expression, zone or start cannot be understood.
pub fn run(args: &Args, now: Timestamp, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let refused = match show(args, now, out, err) {
        Ok(()) => return ExitCode::SUCCESS,
        // the reader has seen enough, as `head` does
        Err(Refused::Output(gone)) if gone.kind() == io::ErrorKind::BrokenPipe => {
            return ExitCode::SUCCESS;
        }
        Err(refused) => refused,
    };
    // nobody is left to hear that standard error is gone
    let _ = writeln!(err, "raotin: {refused}");
    ExitCode::from(match refused {
        Refused::Output(_) => EXIT_FAILED,
        _ => EXIT_USAGE,
    })
}

fn show(
    args: &Args,
    now: Timestamp,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(), Refused> {
    let cron: Cron = args.expr.parse()?;
    let zone = zone(args.tz.as_deref())?;
    let from = match &args.from {
        None => now,
        Some(text) => text.parse().map_err(|_| Refused::From(text.clone()))?,
    };

    let count = usize::try_from(args.count).unwrap_or(usize::MAX);
    let mut lines = cron
        .after(&zone, from)
        .take(count)
        .map(|at| at.display_with_offset(zone.to_offset(at)).to_string())
        .peekable();
    if lines.peek().is_none() {
        writeln!(
            err,
            "raotin: {cron} is over: nothing fires after {from}; change or take away its year"
        )?;
    }
    if args.json {
        let all: Vec<String> = lines.collect();
        serde_json::to_writer(&mut *out, &all).map_err(io::Error::from)?;
        writeln!(out)?;
    } else {
        for line in lines {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(())
}

/// The zone asked for, else the system's, else [`DEFAULT_ZONE`].
fn zone(asked: Option<&str>) -> Result<TimeZone, Refused> {
    let named = |name: &str| TimeZone::get(name).map_err(|_| Refused::Zone(name.to_owned()));
    match asked {
        Some(name) => named(name),
        None => TimeZone::try_system().or_else(|_| named(DEFAULT_ZONE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standard output, standard error, and whether it ended well.
    fn times(expr: &str, change: impl FnOnce(&mut Args)) -> (String, String, bool) {
        let mut args = Args {
            expr: expr.to_owned(),
            tz: Some("Europe/Berlin".to_owned()),
            from: None,
            count: 2,
            json: false,
        };
        change(&mut args);
        let now = "2027-03-27T12:00:00Z".parse().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = run(&args, now, &mut out, &mut err);
        let well = format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS);
        if !well {
            assert_eq!(
                format!("{code:?}"),
                format!("{:?}", ExitCode::from(EXIT_USAGE))
            );
        }
        (
            String::from_utf8(out).unwrap(),
            String::from_utf8(err).unwrap(),
            well,
        )
    }

    #[test]
    fn one_instant_a_line_with_its_offset() {
        let (out, err, well) = times("30 2 * * *", |_| ());
        assert_eq!(
            out,
            "2027-03-28T03:00:00+02:00\n2027-03-29T02:30:00+02:00\n"
        );
        assert!(err.is_empty() && well);
        let (out, ..) = times("@yearly", |args| {
            args.json = true;
            args.tz = Some("Asia/Ho_Chi_Minh".to_owned());
            args.from = Some("2030-01-01T00:00:00+07:00".to_owned());
        });
        assert_eq!(
            out,
            "[\"2031-01-01T00:00:00+07:00\",\"2032-01-01T00:00:00+07:00\"]\n"
        );
    }

    #[test]
    fn an_expression_that_is_over_is_said_and_no_failure() {
        let (out, err, well) = times("0 0 9 2 9 * 2026", |_| ());
        assert_eq!(out, "");
        assert_eq!(
            err,
            "raotin: 0 0 9 2 9 * 2026 is over: nothing fires after 2027-03-27T12:00:00Z; change or take away its year\n"
        );
        assert!(well);
        let (out, ..) = times("0 0 9 2 9 * 2026", |args| args.json = true);
        assert_eq!(out, "[]\n");
    }

    #[test]
    fn what_cannot_be_understood_says_what_to_write() {
        let (out, err, well) = times("0 25 * * *", |_| ());
        assert_eq!(
            err,
            "raotin: hour field: \"25\" lies outside the field; write a number from 0 to 23\n"
        );
        assert!(out.is_empty() && !well);
        let (_, err, well) = times("@daily", |args| args.tz = Some("Hanoi".to_owned()));
        assert!(
            err.contains("no time zone is named \"Hanoi\"; write"),
            "{err}"
        );
        assert!(!well);
        let (_, err, well) = times("@daily", |args| args.from = Some("31/1/2027".to_owned()));
        assert!(
            err.contains("--from \"31/1/2027\" is no instant; write"),
            "{err}"
        );
        assert!(!well);
    }
}
