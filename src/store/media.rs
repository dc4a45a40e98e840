//! Pictures: files named by the SHA-256 of what is in them, so that one picture is there once and a
//! damaged one is noticed (RULES 7).

pub mod collect;
mod made;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::disk::{Disk, sweep};
use crate::model::article::MediaHash;
use crate::picture::{Facts, facts};
use crate::store::hash;

pub use made::Made;

/// A picture that nothing names any more goes after so long: time to queue what was just uploaded.
pub const KEEP_UNNAMED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where what was made of them lies, in their folder.
const MADE: &str = "made";

/// So many pictures' facts are held; more than any office has open at once.
const MOST_FACTS: usize = 4096;

/// Since when which pictures are named by nothing.
const UNNAMED: &str = "unnamed.json";

const MODE: u32 = 0o600;

/// Pictures by hash.
pub trait Media: Send + Sync + 'static {
    /// Keeps the bytes; durable when it returns. Putting what is there changes nothing, but what
    /// nothing names gets its full time again.
    ///
    /// # Errors
    /// [`MediaError`].
    fn put(&self, bytes: &[u8]) -> Result<MediaHash, MediaError>;
    /// The bytes; none if they are not there.
    ///
    /// # Errors
    /// [`MediaError::Damaged`] if they are no longer what their name says.
    fn get(&self, hash: &str) -> Result<Option<Vec<u8>>, MediaError>;
    /// What decides about it; none if it is not there, or no picture.
    ///
    /// # Errors
    /// As [`Media::get`].
    fn facts(&self, hash: &str) -> Result<Option<Facts>, MediaError> {
        Ok(self.get(hash)?.and_then(|bytes| facts(&bytes)))
    }
    /// Whether it is there, damaged or not. If nothing names it, it gets its full time again: whoever
    /// is about to name it asks this first.
    ///
    /// # Errors
    /// [`MediaError`].
    fn renew(&self, hash: &str) -> Result<bool, MediaError>;
    /// All hashes, sorted.
    ///
    /// # Errors
    /// [`MediaError`].
    fn list(&self) -> Result<Vec<MediaHash>, MediaError>;
}

/// Why a picture was not kept or found.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The file's bytes do not have its name's hash.
    #[error("{}: the picture is damaged: add it again, or put it back from a backup", .0.display())]
    Damaged(PathBuf),
    /// The disk did not do as asked.
    #[error("{}: {source}. Look after the disk", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
}

/// `data/media/`.
pub struct MediaFolder {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    made: Made,
    /// What is under a hash never changes.
    facts: Mutex<HashMap<MediaHash, Facts>>,
    /// Putting and collecting stay apart, or a picture could go that was just put again.
    changing: Mutex<()>,
}

impl MediaFolder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// [`MediaError::Io`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, MediaError> {
        disk.create_dir(dir).map_err(failed(dir))?;
        sweep(&*disk, dir).map_err(failed(dir))?;
        Ok(Self {
            made: Made::new(disk.clone(), dir.join(MADE)),
            facts: Mutex::default(),
            disk,
            dir: dir.to_owned(),
            changing: Mutex::new(()),
        })
    }

    /// What was made of the pictures.
    pub fn made(&self) -> &Made {
        &self.made
    }

    /// Removes what nothing has named for [`KEEP_UNNAMED`] and tells what went; to be called now and
    /// then. `named`: whether anything names it now, or ever froze it in a share that reached
    /// Sending, ByHand or Shared.
    ///
    /// # Errors
    /// [`MediaError`].
    pub fn collect(
        &self,
        now: Timestamp,
        named: impl Fn(&str) -> bool,
    ) -> Result<Vec<MediaHash>, MediaError> {
        self.made.tidy();
        let _one = self.changing();
        let known = self.unnamed()?;
        let (unnamed, gone) = sort_out(self.list()?, &known, now, named);
        for hash in &gone {
            let file = self.dir.join(hash);
            self.disk.remove(&file).map_err(failed(&file))?;
        }
        if unnamed != known {
            self.write_unnamed(&unnamed)?;
        }
        Ok(gone)
    }

    /// What nothing had named for [`KEEP_UNNAMED`] when it was looked at last: the next
    /// [`MediaFolder::collect`] takes these at most.
    ///
    /// # Errors
    /// [`MediaError`].
    pub fn due(&self, now: Timestamp) -> Result<Vec<MediaHash>, MediaError> {
        let unnamed = self.unnamed()?.into_iter();
        let due = unnamed.filter(|(_, since)| is_due(*since, now));
        Ok(due.map(|(hash, _)| hash).collect())
    }

    /// Begins a picture's time anew.
    fn forget_unnamed(&self, hash: &str) -> Result<(), MediaError> {
        let mut unnamed = self.unnamed()?;
        if unnamed.remove(hash).is_some() {
            self.write_unnamed(&unnamed)?;
        }
        Ok(())
    }
    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// A list that is missing or damaged only means that everything gets its full time again.
    fn unnamed(&self) -> Result<BTreeMap<MediaHash, Timestamp>, MediaError> {
        let file = self.dir.join(UNNAMED);
        match self.disk.read(&file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(e) => Err(failed(&file)(e)),
        }
    }
    fn write_unnamed(&self, unnamed: &BTreeMap<MediaHash, Timestamp>) -> Result<(), MediaError> {
        let file = self.dir.join(UNNAMED);
        let bytes = serde_json::to_vec(unnamed).map_err(|e| failed(&file)(e.into()))?;
        self.disk
            .replace(&file, &bytes, MODE)
            .map_err(failed(&file))
    }
}

/// What nothing names, and since when; and what has to go.
fn sort_out(
    all: Vec<MediaHash>,
    known: &BTreeMap<MediaHash, Timestamp>,
    now: Timestamp,
    named: impl Fn(&str) -> bool,
) -> (BTreeMap<MediaHash, Timestamp>, Vec<MediaHash>) {
    let mut unnamed = BTreeMap::new();
    let mut gone = Vec::new();
    for hash in all.into_iter().filter(|h| !named(h)) {
        // An instant in the future was written by a wrong clock.
        let since = known
            .get(&hash)
            .copied()
            .filter(|at| *at <= now)
            .unwrap_or(now);
        if is_due(since, now) {
            gone.push(hash);
        } else {
            unnamed.insert(hash, since);
        }
    }
    (unnamed, gone)
}

fn is_due(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) >= KEEP_UNNAMED
}

impl Media for MediaFolder {
    fn put(&self, bytes: &[u8]) -> Result<MediaHash, MediaError> {
        let hash = hash_of(bytes);
        let file = self.dir.join(&hash);
        let _one = self.changing();
        // A damaged file is not there: it is replaced.
        if !matches!(self.get(&hash), Ok(Some(_))) {
            self.disk
                .replace(&file, bytes, MODE)
                .map_err(failed(&file))?;
        }
        self.forget_unnamed(&hash)?;
        Ok(hash)
    }
    fn renew(&self, hash: &str) -> Result<bool, MediaError> {
        if !is_hash(hash) {
            return Ok(false);
        }
        let _one = self.changing();
        let there = self.list()?.iter().any(|there| there == hash);
        if there {
            self.forget_unnamed(hash)?;
        }
        Ok(there)
    }
    fn get(&self, hash: &str) -> Result<Option<Vec<u8>>, MediaError> {
        if !is_hash(hash) {
            return Ok(None);
        }
        let file = self.dir.join(hash);
        match self.disk.read(&file) {
            Ok(bytes) if hash_of(&bytes) == hash => Ok(Some(bytes)),
            Ok(_) => Err(MediaError::Damaged(file)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(failed(&file)(e)),
        }
    }
    fn facts(&self, hash: &str) -> Result<Option<Facts>, MediaError> {
        let known = || self.facts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(facts) = known().get(hash) {
            return Ok(Some(*facts));
        }
        let found = self.get(hash)?.and_then(|bytes| facts(&bytes));
        if let Some(facts) = found {
            let mut known = known();
            if known.len() >= MOST_FACTS {
                known.clear();
            }
            known.insert(hash.to_owned(), facts);
        }
        Ok(found)
    }
    fn list(&self) -> Result<Vec<MediaHash>, MediaError> {
        let found = self.disk.list(&self.dir).map_err(failed(&self.dir))?;
        let names = found.iter().filter_map(|p| p.file_name()?.to_str());
        Ok(names.filter(|n| is_hash(n)).map(str::to_owned).collect())
    }
}

fn is_hash(name: &str) -> bool {
    hash::unhex(name).is_some()
}

fn hash_of(bytes: &[u8]) -> MediaHash {
    hash::hex(&hash::sha256(bytes))
}

fn failed(file: &Path) -> impl Fn(io::Error) -> MediaError {
    move |source| MediaError::Io {
        file: file.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::{Fault, FaultyDisk};

    const DIR: &str = "/data/media";

    fn folder() -> (FaultyDisk, MediaFolder) {
        let disk = FaultyDisk::new();
        let media = MediaFolder::open(Arc::new(disk.clone()), Path::new(DIR)).unwrap();
        (disk, media)
    }
    fn day(n: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + n * 86_400).unwrap()
    }

    #[test]
    fn what_was_put_is_there_once_under_its_hash() {
        let (disk, media) = folder();
        let hash = media.put(b"abc").unwrap();
        assert_eq!(
            hash,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        media.put(b"abc").unwrap();
        assert_eq!(media.list().unwrap(), [&*hash]);
        assert_eq!(media.get(&hash).unwrap().unwrap(), b"abc");
        assert_eq!(media.get("../lock").unwrap(), None);
        let cut = disk.after_power_cut(|| 0);
        assert_eq!(cut.bytes(&Path::new(DIR).join(&hash)).unwrap(), b"abc");
    }

    #[test]
    fn a_damaged_picture_is_told_and_can_be_put_again() {
        let (disk, media) = folder();
        let hash = media.put(b"abc").unwrap();
        disk.put(&Path::new(DIR).join(&hash), b"abd");
        assert!(matches!(media.get(&hash), Err(MediaError::Damaged(_))));
        media.put(b"abc").unwrap();
        assert_eq!(media.get(&hash).unwrap().unwrap(), b"abc");
    }

    #[test]
    fn whatever_fails_no_half_picture_has_its_name() {
        for how in [Fault::Io, Fault::Full, Fault::Short, Fault::Dead] {
            for call in 1.. {
                let (disk, media) = folder();
                disk.fail_at(disk.calls() + call, how);
                let done = media.put(b"abc");
                let left = disk.after_power_cut(|| 1);
                let media = MediaFolder::open(Arc::new(left), Path::new(DIR)).unwrap();
                let there = media.get(&hash_of(b"abc")).unwrap();
                assert!(there.is_some() || done.is_err(), "{how:?} at {call}");
                if done.is_ok() {
                    break;
                }
            }
        }
    }

    #[test]
    fn only_what_nothing_has_named_for_a_week_goes() {
        let (_, media) = folder();
        let (kept, other) = (media.put(b"kept").unwrap(), media.put(b"other").unwrap());
        let none = Vec::<MediaHash>::new();
        let collect = |n| media.collect(day(n), |h| h == kept).unwrap();
        assert_eq!(media.collect(day(0), |_| true).unwrap(), none);
        assert_eq!(collect(8), none, "named until now");
        assert_eq!(collect(14), none);
        // Put again: its week begins anew.
        media.put(b"other").unwrap();
        assert_eq!(collect(15), none);
        assert_eq!(collect(21), none);
        assert_eq!(collect(22), [other]);
        assert_eq!(collect(100), none);
        assert_eq!(media.list().unwrap(), [kept]);
    }

    #[test]
    fn a_clock_that_was_wrong_removes_nothing_early() {
        let (_, media) = folder();
        media.put(b"other").unwrap();
        for n in [1000, 0, 6] {
            assert!(media.collect(day(n), |_| false).unwrap().is_empty());
        }
        assert_eq!(media.collect(day(7), |_| false).unwrap().len(), 1);
    }
}
