//! The configuration of a running daemon: read again when a file changes or when told to; a bad edit
//! changes nothing, and the last good files are kept under the data folder for the next start.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::Config;
use super::env::Env;
use super::files::{SCHEDULES, schedule_files};
use super::known::Known;
use super::load::{Loaded, Sources};
use super::place::{HERE, Place};
use super::problem::Problems;
use crate::disk::Disk;

/// The folder under the data folder that keeps the last good files.
pub const GOOD: &str = "good";
/// The copies are for the daemon alone: chats and addresses of an office stand in them.
const COPY_MODE: u32 = 0o600;

/// The configuration that runs, and what is wrong with the files meanwhile.
pub struct Live {
    place: Place,
    env: Env,
    disk: Arc<dyn Disk>,
    running: Arc<Config>,
    warnings: Problems,
    /// Why the files, as they are now, do not run.
    refused: Option<Problems>,
    /// The copies of the last good files could not be written.
    uncopied: Option<String>,
    secret_files: Vec<PathBuf>,
    /// The files that were read last, and as they looked the last time.
    read: Stamp,
    seen: Stamp,
}

impl Live {
    /// Reads the files. If they are bad, the last good ones run, and [`Live::refused`] says why.
    ///
    /// # Errors
    /// What is wrong with the files, if there are no last good ones either, or those do not hold any
    /// more (a secret is gone).
    pub fn start(
        place: Place,
        env: Env,
        disk: Arc<dyn Disk>,
        known: &Known,
        now: Timestamp,
    ) -> Result<Self, Problems> {
        let looked = Stamp::of_config(&place.config);
        let examined = Sources::read(&place.config).examine(&env, known, now);
        let (loaded, refused) = match examined.result {
            Ok(loaded) => (loaded, None),
            Err(problems) => {
                let good = last_good(&place, disk.as_ref());
                match good.and_then(|good| good.check(&env, known, now).ok()) {
                    Some(loaded) => (loaded, Some(problems)),
                    None => return Err(problems),
                }
            }
        };
        let read = looked.and(&examined.secret_files);
        let mut live = Self {
            place,
            env,
            disk,
            running: Arc::new(loaded.config.clone()),
            warnings: loaded.warnings.clone(),
            uncopied: None,
            secret_files: examined.secret_files,
            seen: read.clone(),
            read,
            refused,
        };
        if live.refused.is_none() {
            live.take(loaded);
        }
        Ok(live)
    }

    /// What runs.
    pub fn config(&self) -> &Arc<Config> {
        &self.running
    }
    /// What is hardly meant in what runs.
    pub fn warnings(&self) -> &Problems {
        &self.warnings
    }
    /// Why the files, as they are now, do not run and others do: to be said everywhere.
    pub fn refused(&self) -> Option<&Problems> {
        self.refused.as_ref()
    }
    /// Why the last good files could not be kept for the next start.
    pub fn uncopied(&self) -> Option<&str> {
        self.uncopied.as_deref()
    }

    /// To be called every second or so. Reads the files if one of them changed and then stood still
    /// from one call to the next: a file that is still being written may be half a file, and half a
    /// file may be a good one with half the channels.
    pub fn reload_if_changed(
        &mut self,
        known: &Known,
        now: Timestamp,
    ) -> Option<Result<Arc<Config>, Problems>> {
        let stamp = Stamp::of_config(&self.place.config).and(&self.secret_files);
        let stands_still = stamp == self.seen;
        self.seen = stamp;
        if self.seen == self.read || !stands_still {
            return None;
        }
        Some(self.reload(known, now))
    }

    /// Reads the files now (SIGHUP).
    ///
    /// # Errors
    /// What is wrong with them; what ran before goes on.
    pub fn reload(&mut self, known: &Known, now: Timestamp) -> Result<Arc<Config>, Problems> {
        // before reading: what changes while it is read is seen as changed afterwards
        let looked = Stamp::of_config(&self.place.config);
        let examined = Sources::read(&self.place.config).examine(&self.env, known, now);
        self.read = looked.and(&examined.secret_files);
        self.secret_files = examined.secret_files;
        match examined.result {
            Ok(loaded) => {
                self.take(loaded);
                Ok(self.running.clone())
            }
            Err(problems) => {
                self.refused = Some(problems.clone());
                Err(problems)
            }
        }
    }

    fn take(&mut self, loaded: Loaded) {
        let kept = keep(&self.place, self.disk.as_ref(), &loaded.sources);
        self.uncopied = kept.err().map(|e| e.to_string());
        self.refused = None;
        self.warnings = loaded.warnings;
        self.running = Arc::new(loaded.config);
    }
}

/// By what a change of files is seen: no file is read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp(Vec<(PathBuf, Option<Look>)>);

/// When it was written last (seconds and nanoseconds), how long it is, which file it is.
type Look = (i64, i64, u64, u64);

impl Stamp {
    fn of_config(config: &Path) -> Self {
        let folder = config.parent().unwrap_or(Path::new("")).join(SCHEDULES);
        let schedules = schedule_files(&folder).unwrap_or_default();
        Self(Vec::new()).and(&[config.to_owned()]).and(&schedules)
    }
    fn and(mut self, files: &[PathBuf]) -> Self {
        self.0.extend(files.iter().map(|path| {
            let about = fs::metadata(path).ok();
            let look = about.map(|m| (m.mtime(), m.mtime_nsec(), m.len(), m.ino()));
            (path.clone(), look)
        }));
        self
    }
}

/// Copies the files to `data/good/`. What stands there already is not written again. A crash in
/// between leaves files of two sets; they count only if the office's own files are bad at the next
/// start, and then they are checked like any others.
fn keep(place: &Place, disk: &dyn Disk, sources: &Sources) -> io::Result<()> {
    let good = place.data.join(GOOD);
    let schedules = good.join(SCHEDULES);
    disk.create_dir(&schedules)?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_owned();
    for old in disk.list(&schedules)? {
        if !sources
            .schedules
            .iter()
            .any(|s| name(&s.path) == name(&old))
        {
            disk.remove(&old)?;
        }
    }
    let copies = sources
        .schedules
        .iter()
        .map(|s| (schedules.join(name(&s.path)), s));
    for (path, source) in copies.chain([(good.join(HERE), &sources.main)]) {
        let bytes = source.text.as_bytes();
        if disk.read(&path).is_ok_and(|there| there == bytes) {
            continue;
        }
        disk.replace(&path, bytes, COPY_MODE)?;
    }
    Ok(())
}

/// The last good files, if there are any. The secret files they name lie where they lay.
fn last_good(place: &Place, disk: &dyn Disk) -> Option<Sources> {
    let path = place.data.join(GOOD).join(HERE);
    disk.read(&path).ok()?;
    let mut sources = Sources::read(&path);
    sources.folder = place.config.parent().unwrap_or(Path::new("")).to_owned();
    Some(sources)
}
