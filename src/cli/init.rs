//! `raotin init`: a commented starter, in the reader's language, that passes `check` as it stands.
//!
//! Needs neither data nor daemon.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::lang::Lang;

/// Something is there already: nothing was written (RULES 10, "refused").
const EXIT_REFUSED: u8 = 3;
/// A file could not be written.
const EXIT_FAILED: u8 = 1;

/// Write a commented configuration to start from
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The folder it is written into
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// A file of the starter: its path under the folder, and what stands in it.
type File = (&'static str, &'static str);

const SCHEMAS: [File; 2] = [
    (
        "schema/raotin.schema.json",
        include_str!("../../schema/raotin.schema.json"),
    ),
    (
        "schema/schedule.schema.json",
        include_str!("../../schema/schedule.schema.json"),
    ),
];
const VI: [File; 3] = [
    ("raotin.toml", include_str!("starter/vi/raotin.toml")),
    ("schedules/sang.toml", include_str!("starter/vi/sang.toml")),
    (
        "schedules/chieu.toml",
        include_str!("starter/vi/chieu.toml"),
    ),
];
const EN: [File; 3] = [
    ("raotin.toml", include_str!("starter/en/raotin.toml")),
    (
        "schedules/morning.toml",
        include_str!("starter/en/morning.toml"),
    ),
    (
        "schedules/afternoon.toml",
        include_str!("starter/en/afternoon.toml"),
    ),
];

/// Writes the starter into `args.dir` and says on `out` what was written and what comes next. If one
/// of its files is there with something else in it, nothing is written.
///
/// Ends with 0; with 3 if something is there already; with 1 if the folder cannot be written.
pub fn run(args: &Args, lang: Lang, out: &mut dyn Write, err: &mut dyn Write) -> ExitCode {
    let starter = match lang {
        Lang::Vi => VI,
        Lang::En => EN,
    };
    let files: Vec<(PathBuf, &str)> = starter
        .into_iter()
        .chain(SCHEMAS)
        .map(|(path, text)| (args.dir.join(path), text))
        .collect();
    let others: Vec<String> = files
        .iter()
        .filter(|(path, text)| is_another(path, text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    // nobody is left to hear it where the streams are gone
    if !others.is_empty() {
        let files = others.join(", ");
        let _ = writeln!(
            err,
            "raotin: {}",
            lang.fill("init.exists", &[("files", &files)])
        );
        return ExitCode::from(EXIT_REFUSED);
    }
    for (path, text) in &files {
        if let Err(why) = write(path, text) {
            let file = path.display();
            let why = lang.foreign(&why.to_string());
            let values: [(&str, &dyn std::fmt::Display); 2] = [("file", &file), ("why", &why)];
            let _ = writeln!(err, "raotin: {}", lang.fill("init.failed", &values));
            return ExitCode::from(EXIT_FAILED);
        }
        let _ = writeln!(out, "{}", path.display());
    }
    let config = files.first().map(|(path, _)| path.display().to_string());
    let config = config.unwrap_or_default();
    let _ = writeln!(out, "{}", lang.fill("init.next", &[("file", &config)]));
    ExitCode::SUCCESS
}

/// Whether something other than `text` is there: what somebody wrote is never written over.
fn is_another(path: &Path, text: &str) -> bool {
    match fs::read(path) {
        Ok(there) => there != text.as_bytes(),
        Err(e) => e.kind() != io::ErrorKind::NotFound,
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file.write_all(text.as_bytes()),
        // the same text is there: seen above
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(e),
    }
}
