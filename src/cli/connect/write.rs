//! A channel into `raotin.toml`, its secret beside it. What stands in the file stays as it is, comments
//! and all: the channel is put behind the others.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::Keys;
use crate::cli::CliError;
use crate::config::edit;
use crate::config::{Env, Known, Redactor, Secret, Source, Sources};
use crate::disk::{Disk, MachineDisk};
use crate::lang::Lang;
use crate::model::{ChannelId, PlatformKind};

/// Only the owner may read a secret.
const SECRET_MODE: u32 = 0o600;
/// Where secrets stand, from the configuration's folder on.
const SECRETS: &str = "secrets";

/// A channel as it is written.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) platform: PlatformKind,
    pub(super) id: ChannelId,
    pub(super) title: String,
    /// Keys of the platform's table, in order.
    pub(super) keys: Keys,
    /// Secrets of the platform's table.
    pub(super) secrets: Vec<(&'static str, Secret)>,
}

/// `raotin.toml` as it is now.
pub(super) struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// # Errors
    /// It is not there, or is no TOML.
    pub(super) fn read(path: &Path, lang: Lang) -> Result<File, CliError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let words = lang.fill("connect.no-file", &[("file", &path.display())]);
                return Err(CliError::Usage(words));
            }
            Err(e) => return Err(e.into()),
        };
        Ok(File {
            path: path.to_owned(),
            text,
        })
    }

    /// Ids that are in use.
    pub(super) fn ids(&self) -> Vec<String> {
        let table: Table = self.text.parse().unwrap_or_default();
        let channels = table.get("channels").and_then(Value::as_array);
        let ids = channels.into_iter().flatten();
        ids.filter_map(|c| Some(c.get("id")?.as_str()?.to_owned()))
            .collect()
    }

    /// Writes the channel and its secrets, if the configuration holds with them; else nothing is left
    /// behind. Returns what was written.
    ///
    /// # Errors
    /// [`CliError::Config`] with everything that is wrong; the disk's.
    pub(super) fn add(&self, draft: &Draft) -> Result<Vec<PathBuf>, CliError> {
        let folder = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let mut written = Vec::new();
        for (key, secret) in &draft.secrets {
            let path = folder.join(secret_file(draft, key));
            if let Err(error) = put_secret(&path, secret) {
                take_away(&written);
                return Err(error.into());
            }
            written.push(path);
        }
        let text = self.with(draft);
        if let Err(error) = check(&self.path, &text, &folder) {
            take_away(&written);
            return Err(error);
        }
        let mode = fs::metadata(&self.path)?.permissions().mode() & 0o777;
        if let Err(error) = MachineDisk.replace(&self.path, text.as_bytes(), mode) {
            take_away(&written);
            return Err(error.into());
        }
        written.insert(0, self.path.clone());
        Ok(written)
    }

    fn with(&self, draft: &Draft) -> String {
        let platform = draft.platform.as_str();
        let quoted = |text: &str| Value::from(text).to_string();
        let mut lines = vec![
            format!("id = {}", quoted(draft.id.as_str())),
            format!("title = {}", quoted(&draft.title)),
            format!("platform = {}", quoted(platform)),
            String::new(),
            format!("[channels.{platform}]"),
        ];
        let keys = draft.keys.iter();
        lines.extend(keys.map(|(key, value)| format!("{key} = {value}")));
        lines.extend(draft.secrets.iter().map(|(key, _)| {
            let file = quoted(&secret_file(draft, key));
            format!("{key} = {{ file = {file} }}")
        }));
        // A file that cannot be read is told by the check, whatever stands at its end.
        let at_the_end = || format!("{}\n\n[[channels]]\n{}\n", self.text, lines.join("\n"));
        edit::with_channel(&self.text, &lines).unwrap_or_else(at_the_end)
    }
}

fn secret_file(draft: &Draft, key: &str) -> String {
    format!("{SECRETS}/{}-{}", draft.id, key.replace('_', "-"))
}

/// A new file: somebody else's secret is never written over.
fn put_secret(path: &Path, secret: &Secret) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        MachineDisk.create_dir(folder)?;
    }
    if path.exists() {
        let words = format!("{} is already there: take it away first", path.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, words));
    }
    let line = format!("{}\n", secret.reveal());
    MachineDisk.replace(path, line.as_bytes(), SECRET_MODE)
}

fn take_away(written: &[PathBuf]) {
    for path in written {
        // What stays is a secret file that nothing names.
        let _ = fs::remove_file(path);
    }
}

/// Whether the configuration holds with this text. Schedules are not looked at: a new channel changes
/// nothing about them.
fn check(path: &Path, text: &str, folder: &Path) -> Result<(), CliError> {
    let source = Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let sources = Sources::of(source, Vec::new(), folder.to_owned());
    let env = Env::of_process(&Redactor::default());
    use crate::clock::Clock as _;
    let now = crate::clock::MachineClock.now();
    match sources.check(&env, &Known::default(), now) {
        Ok(_) => Ok(()),
        Err(problems) => Err(CliError::Config(problems)),
    }
}
