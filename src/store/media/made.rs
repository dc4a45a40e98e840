//! What was made of pictures for a platform: kept beside them for the next try, and gone after a day
//! or two. All of it can be made again, so nothing here is ever an error.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::MODE;
use crate::disk::Disk;
use crate::store::hash;

/// What stands before the bytes: their SHA-256, for a damaged one must not go out.
const SEAL: usize = 32;

/// A folder of what was made, by name.
pub struct Made {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// Those that were there when it was tidied last.
    old: Mutex<HashSet<PathBuf>>,
}

impl Made {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: PathBuf) -> Self {
        Self {
            disk,
            dir,
            old: Mutex::default(),
        }
    }

    /// What was made under this name, if it is there and whole.
    pub fn get(&self, name: &str) -> Option<Bytes> {
        let file = self.disk.read(&self.file(name)?).ok()?;
        let (seal, made) = file.split_at_checked(SEAL)?;
        (hash::sha256(made)[..] == *seal).then(|| Bytes::copy_from_slice(made))
    }

    /// Keeps what was made under this name.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let Some(file) = self.file(name) else {
            return;
        };
        // One at a time: two that make the same write to the same name.
        let _one = self.old();
        let sealed = [&hash::sha256(bytes)[..], bytes].concat();
        let kept = self.disk.create_dir(&self.dir);
        if let Err(error) = kept.and_then(|()| self.disk.replace(&file, &sealed, MODE)) {
            tracing::debug!(%error, "what was made of a picture is not kept");
        }
    }

    /// Removes what was there the last time already: to be called once a day.
    pub(super) fn tidy(&self) {
        let mut old = self.old();
        let there = self.disk.list(&self.dir).unwrap_or_default();
        let (gone, fresh): (HashSet<_>, HashSet<_>) =
            there.into_iter().partition(|file| old.contains(file));
        for file in gone {
            if let Err(error) = self.disk.remove(&file) {
                tracing::debug!(%error, "what was made of a picture stays a day longer");
            }
        }
        *old = fresh;
    }

    fn old(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.old.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// None for a name that is no file's of this folder.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        (plain && !name.starts_with('.')).then(|| self.dir.join(Path::new(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::FaultyDisk;

    #[test]
    fn what_was_made_is_there_for_a_while_and_only_whole() {
        let disk = FaultyDisk::new();
        let made = Made::new(Arc::new(disk.clone()), "/data/media/made".into());
        assert_eq!(made.get("a.1-2x2-9"), None);
        made.put("a.1-2x2-9", b"small");
        made.put("../out", b"no");
        assert_eq!(made.get("a.1-2x2-9").unwrap(), &b"small"[..]);
        let file = Path::new("/data/media/made/a.1-2x2-9");
        let whole = disk.bytes(file).unwrap();
        disk.put(file, &[&whole[..], b"!"].concat());
        assert_eq!(made.get("a.1-2x2-9"), None);
        made.put("a.1-2x2-9", b"small");
        made.tidy();
        assert!(made.get("a.1-2x2-9").is_some());
        made.put("b", b"new");
        made.tidy();
        assert_eq!(made.get("a.1-2x2-9"), None);
        assert!(made.get("b").is_some());
    }
}
