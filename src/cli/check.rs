//! `raotin check`: everything that is wrong with the configuration, at once.
//!
//! [`look`] needs neither data nor daemon. What only the platforms can say (whether a token lives,
//! what it may do) is asked over the API, for the channels of [`Checked::loaded`], and told behind.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;

use crate::config::problem::Code;
use crate::config::{Env, Known, Loaded, Problems, Sources};
use crate::lang::Lang;

/// Problems were found, or could not be told (RULES 10).
const EXIT_PROBLEMS: u8 = 1;

/// Check the configuration and show everything that is wrong with it
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A JSON array of problems instead of lines
    #[arg(long)]
    pub json: bool,
}

/// What came of looking at the files.
#[derive(Debug)]
pub struct Checked {
    /// Errors and warnings, in the order of files and lines.
    pub problems: Problems,
    /// The configuration, if it holds.
    pub loaded: Option<Loaded>,
}

/// Reads and checks the files. `known`: what was there before, as far as anybody can say.
pub fn look(config: &Path, env: &Env, known: &Known, now: Timestamp) -> Checked {
    match Sources::read(config).check(env, known, now) {
        Ok(loaded) => Checked {
            problems: loaded.warnings.clone(),
            loaded: Some(loaded),
        },
        Err(mut problems) => {
            // a person at a terminal never has the service's credentials, and need not
            problems.soften(Code::SecretOutsideService);
            Checked {
                problems,
                loaded: None,
            }
        }
    }
}

/// Tells what [`look`] found.
///
/// Ends with 0 if nothing keeps the configuration from being taken, else with 1.
pub fn run(
    args: &Args,
    checked: &Checked,
    lang: Lang,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> ExitCode {
    match tell(args, checked, lang, out) {
        Ok(()) => {}
        // the reader has seen enough, as `head` does
        Err(gone) if gone.kind() == io::ErrorKind::BrokenPipe => {}
        Err(why) => {
            let _ = writeln!(err, "raotin: the output cannot be written: {why}");
            return ExitCode::from(EXIT_PROBLEMS);
        }
    }
    match checked.problems.has_errors() {
        true => ExitCode::from(EXIT_PROBLEMS),
        false => ExitCode::SUCCESS,
    }
}

fn tell(args: &Args, checked: &Checked, lang: Lang, out: &mut dyn Write) -> io::Result<()> {
    if args.json {
        serde_json::to_writer_pretty(&mut *out, &checked.problems).map_err(io::Error::from)?;
        return writeln!(out);
    }
    for problem in &checked.problems {
        writeln!(out, "{}", problem.line_of_text(lang))?;
    }
    if let Some(Loaded { config, .. }) = &checked.loaded {
        let line = lang.fill(
            "check.good",
            &[
                ("file", &config.file.display()),
                ("channels", &config.channels.len()),
                ("topics", &config.topics.len()),
                ("schedules", &config.schedules.len()),
            ],
        );
        writeln!(out, "{line}")?;
    }
    out.flush()
}
