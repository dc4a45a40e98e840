//! What a configuration takes from the machine: the secrets that its references name.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::keys;
use super::problem::{Code, Values, Weight};
use super::reader::Fields;
use super::secret::{Redactor, SHORTEST, Secret};

/// Asks the environment for a variable.
type Vars = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where secrets come from, as a value: tests bring their own.
#[derive(Clone)]
pub struct Env {
    vars: Arc<Vars>,
    /// Who we are: a secret file must be ours.
    uid: u32,
    /// Learns every secret that is read, before anybody else sees it.
    redactor: Redactor,
}

impl Env {
    /// This process's own environment and user.
    pub fn of_process(redactor: &Redactor) -> Self {
        Self {
            vars: Arc::new(|name| std::env::var(name).ok()),
            uid: rustix::process::geteuid().as_raw(),
            redactor: redactor.clone(),
        }
    }
    /// An environment of `vars` alone.
    pub fn of(vars: &[(&str, &str)], uid: u32, redactor: &Redactor) -> Self {
        let vars: std::collections::HashMap<String, String> = vars
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            vars: Arc::new(move |name| vars.get(name).cloned()),
            uid,
            redactor: redactor.clone(),
        }
    }
    /// What keeps the secrets it read out of every text.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Env")
            .field("uid", &self.uid)
            .finish_non_exhaustive()
    }
}

/// Set by systemd for a service with credentials (systemd.exec(5), "Credentials").
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// Permission bits by which others than the owner may do anything with a file.
const OTHERS: u32 = 0o077;
/// The superuser may read and change every file anyway, so ownership tells nothing.
const ROOT: u32 = 0;
/// Longest secret file: far over any token, far under what would fill the memory.
const LONGEST_FILE: u64 = 64 * 1024;

/// Reads the secrets of one configuration.
pub(super) struct Vault<'e> {
    pub(super) env: &'e Env,
    /// From where on file names are meant: the configuration's own folder.
    pub(super) folder: &'e Path,
    /// Every secret file that was asked for, there or not.
    pub(super) files: RefCell<Vec<PathBuf>>,
}

/// Longest name of a variable or credential: what is longer is most likely the secret itself, written
/// where its name belongs, and is not repeated.
const LONGEST_NAME: usize = 64;

/// Why a secret could not be had.
type Lack = (Code, Values);

impl Vault<'_> {
    /// The secret that `{ env = … }`, `{ file = … }` or `{ credential = … }` names, in the form that
    /// `fits` knows; what keeps it from being had is noted with `weight`.
    pub(super) fn read(
        &self,
        fields: &Fields<'_>,
        weight: Weight,
        fits: impl FnOnce(&str) -> Option<Code>,
    ) -> Option<Secret> {
        let sources = fields.present(keys::SECRET.iter().map(|key| key.name));
        let [source] = sources.as_slice() else {
            fields.place.note(weight, Code::SecretSource, Vec::new());
            return None;
        };
        let name = fields.text(source.value)?;
        match self.value(source.value, name.value, fits) {
            Ok(secret) => Some(secret),
            Err((code, values)) => {
                name.place.note(weight, code, values);
                None
            }
        }
    }

    fn value(
        &self,
        source: &str,
        name: &str,
        fits: impl FnOnce(&str) -> Option<Code>,
    ) -> Result<Secret, Lack> {
        let (place, value) = match source {
            "env" => (format!("${name}"), self.variable(name)?),
            "file" => (name.to_owned(), self.file(name)?),
            _ => (name.to_owned(), self.credential(name)?),
        };
        let value = value.trim();
        if value.len() < SHORTEST {
            let least = ("least", SHORTEST.to_string());
            return Err((Code::SecretShort, vec![("place", place), least]));
        }
        let secret = Secret::new(value);
        self.env.redactor.learn(&secret);
        match fits(value) {
            Some(code) => Err((code, vec![("place", place)])),
            None => Ok(secret),
        }
    }

    fn variable(&self, name: &str) -> Result<String, Lack> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if name.len() > LONGEST_NAME || !name.bytes().all(plain) {
            return Err((Code::WantSecret, vec![("key", "env".to_owned())]));
        }
        (self.env.vars)(name).ok_or_else(|| (Code::SecretEnv, vec![("name", name.to_owned())]))
    }

    /// Checks the opened file, not its name: what was checked is what is read.
    fn file(&self, name: &str) -> Result<String, Lack> {
        let path = self.folder.join(name);
        self.files.borrow_mut().push(path.clone());
        let shown = || ("path", path.display().to_string());
        let failed = |e: io::Error| (Code::SecretFile, vec![shown(), ("why", e.to_string())]);
        let mut file = File::open(&path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.mode() & OTHERS != 0 {
            let mode = ("mode", format!("{:04o}", about.mode() & 0o7777));
            return Err((Code::SecretFileOpen, vec![shown(), mode]));
        }
        if about.uid() != self.env.uid && self.env.uid != ROOT {
            let owner = ("owner", about.uid().to_string());
            let uid = ("uid", self.env.uid.to_string());
            return Err((Code::SecretFileOwner, vec![shown(), owner, uid]));
        }
        text_of(&mut file).map_err(failed)
    }

    /// systemd alone can write there, so permissions need no look.
    fn credential(&self, name: &str) -> Result<String, Lack> {
        let named = || ("name", name.to_owned());
        if name.len() > LONGEST_NAME || name.contains('/') || matches!(name, "." | "..") {
            return Err((Code::SecretName, Vec::new()));
        }
        let folder = (self.env.vars)(CREDENTIALS)
            .ok_or_else(|| (Code::SecretOutsideService, vec![named()]))?;
        let failed = |e: io::Error| {
            (
                Code::SecretCredential,
                vec![named(), ("why", e.to_string())],
            )
        };
        let mut file = File::open(Path::new(&folder).join(name)).map_err(failed)?;
        text_of(&mut file).map_err(failed)
    }
}

fn text_of(file: &mut File) -> io::Result<String> {
    let mut text = String::new();
    file.take(LONGEST_FILE).read_to_string(&mut text)?;
    Ok(text)
}
