//! What must never stand in the ledger, because it may have to be erased or must not be seen:
//! members' names, password hashes, second factors, digests of API tokens, refreshed platform tokens.
//! One small 0600 file a concern under `data/private/`, replaced atomically, and written before the
//! event that needs it (RULES 7).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::disk::{BESIDE, Disk, sweep};

/// Longest name of a concern: it is a file's name, with room for an ending.
const MAX_NAME: usize = 100;

/// Only the owner may read.
const MODE: u32 = 0o600;

/// Small files by name.
pub trait Private: Send + Sync + 'static {
    /// What stands there; none if there is nothing.
    ///
    /// # Errors
    /// [`PrivateError`].
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PrivateError>;
    /// Puts `new` there (or nothing) if `expected` (or nothing) stands there now; durable when it
    /// returns.
    ///
    /// # Errors
    /// [`PrivateError::Changed`] if something else stands there.
    fn swap(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<(), PrivateError>;
}

/// Why a private file was not read or written. Never shows what is in it.
#[derive(Debug, thiserror::Error)]
pub enum PrivateError {
    /// Somebody else changed it meanwhile: look again.
    #[error("{0} was changed meanwhile: look again")]
    Changed(String),
    /// No name of a file of this folder.
    #[error(
        "«{0}» is no name: write 1 to 100 of a-z, 0-9, '-' and '.', beginning with a letter or digit"
    )]
    Name(String),
    /// The disk did not do as asked.
    #[error("{}: {source}. Look after the disk and the folder's permissions", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
}

/// `data/private/`. One process has it at a time (`data/lock`), so a mutex makes the swap whole.
pub struct PrivateFolder {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    swapping: Mutex<()>,
}

impl PrivateFolder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// [`PrivateError::Io`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, PrivateError> {
        disk.create_dir(dir).map_err(failed(dir))?;
        sweep(&*disk, dir).map_err(failed(dir))?;
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            swapping: Mutex::new(()),
        })
    }

    fn file(&self, name: &str) -> Result<PathBuf, PrivateError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let fits = name.len() <= MAX_NAME
            && name.bytes().next().is_some_and(plain)
            && name.bytes().all(|b| plain(b) || b == b'-' || b == b'.')
            && !name.ends_with(BESIDE);
        if fits {
            Ok(self.dir.join(name))
        } else {
            Err(PrivateError::Name(name.to_owned()))
        }
    }
    fn read(&self, file: &Path) -> Result<Option<Vec<u8>>, PrivateError> {
        match self.disk.read(file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed(file)(e)),
        }
    }
}

impl Private for PrivateFolder {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PrivateError> {
        self.read(&self.file(name)?)
    }
    fn swap(
        &self,
        name: &str,
        expected: Option<&[u8]>,
        new: Option<&[u8]>,
    ) -> Result<(), PrivateError> {
        let file = self.file(name)?;
        let _one = self.swapping.lock().unwrap_or_else(PoisonError::into_inner);
        if self.read(&file)?.as_deref() != expected {
            return Err(PrivateError::Changed(name.to_owned()));
        }
        let done = match new {
            Some(bytes) => self.disk.replace(&file, bytes, MODE),
            None if expected.is_none() => Ok(()),
            None => self
                .disk
                .remove(&file)
                .and_then(|()| self.disk.sync_dir(&self.dir)),
        };
        done.map_err(failed(&file))
    }
}

fn failed(file: &Path) -> impl Fn(io::Error) -> PrivateError {
    move |source| PrivateError::Io {
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Fault, FaultyDisk, MachineDisk};

    #[test]
    fn a_swap_takes_only_what_was_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("private");
        let private = PrivateFolder::open(Arc::new(MachineDisk), &dir).unwrap();
        assert_eq!(private.get("members.json").unwrap(), None);
        private.swap("members.json", None, Some(b"1")).unwrap();
        let twice = private.swap("members.json", None, Some(b"2"));
        assert!(matches!(twice, Err(PrivateError::Changed(_))));
        private
            .swap("members.json", Some(b"1"), Some(b"2"))
            .unwrap();
        assert_eq!(private.get("members.json").unwrap().unwrap(), b"2");
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir.join("members.json")), 0o600);
        assert_eq!(mode(&dir), 0o700);
        private.swap("members.json", Some(b"2"), None).unwrap();
        assert_eq!(private.get("members.json").unwrap(), None);
    }

    #[test]
    fn a_name_stays_in_the_folder() {
        let disk = Arc::new(FaultyDisk::new());
        let private = PrivateFolder::open(disk, Path::new("/data/private")).unwrap();
        for bad in [
            "",
            "..",
            "../x",
            ".hidden",
            "a/b",
            "A",
            "x.new",
            &"x".repeat(101),
        ] {
            assert!(
                matches!(private.get(bad), Err(PrivateError::Name(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn whatever_fails_the_old_or_the_new_stands_there() {
        let dir = Path::new("/data/private");
        let file = dir.join("tokens");
        for how in [Fault::Io, Fault::Full, Fault::Short, Fault::Dead] {
            for call in 1.. {
                let disk = FaultyDisk::new();
                disk.put(&file, b"old");
                let private = PrivateFolder::open(Arc::new(disk.clone()), dir).unwrap();
                disk.fail_at(disk.calls() + call, how);
                let done = private.swap("tokens", Some(b"old"), Some(b"newer"));
                for seed in 0..4 {
                    let left = disk.after_power_cut(|| seed).bytes(&file).unwrap();
                    let fits = left == b"newer" || (done.is_err() && left == b"old");
                    assert!(fits, "{how:?} at {call}: {left:?} after {done:?}");
                }
                if done.is_ok() {
                    break;
                }
            }
        }
    }
}
