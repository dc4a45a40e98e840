//! Where the configuration's files are read, changed and put in force. One for the whole process: what
//! a person changes on a page, what somebody edits in a file, and SIGHUP come by the same way.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rustix::fs::Access;
use tokio::sync::watch;

use super::env::Env;
use super::known::Known;
use super::live::Live;
use super::place::Place;
use super::problem::{Problems, Weight};
use super::{Config, Loaded, Source, Sources};
use crate::disk::{Disk, folder_of};
use crate::lang::Lang;

/// A new schedule's permissions: there are no secrets in it.
const NEW_MODE: u32 = 0o644;
/// Where any of these is missing, nobody is meant to write the file.
const ANY_WRITES: u32 = 0o222;
/// A retired schedule stays beside the others under such a name, which is read by nobody.
const RETIRED: &str = "retired";

/// See the module.
pub struct Desk {
    place: Place,
    env: Env,
    disk: Arc<dyn Disk>,
    live: Mutex<Live>,
    config: watch::Sender<Arc<Config>>,
    refused: watch::Sender<Problems>,
    /// One change at a time: read, decide, write.
    changing: tokio::sync::Mutex<()>,
}

/// Why files were not written. Nothing of them was, but where it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Unsaved {
    /// Somebody changed a file since it was read.
    #[error("{} was changed meanwhile", .0.display())]
    Moved(PathBuf),
    /// The program may not write there: a person has to.
    #[error("{}: {why}", file.display())]
    ReadOnly {
        /// Which.
        file: PathBuf,
        /// As the machine says it.
        why: io::Error,
    },
    /// The disk failed. Of several files the first may be written; they hold without the others.
    #[error("{}: {why}", file.display())]
    Disk {
        /// Which.
        file: PathBuf,
        /// As the machine says it.
        why: io::Error,
    },
}

impl Desk {
    /// Reads the files, and puts them in force, or the last good ones.
    ///
    /// # Errors
    /// As [`Live::start`].
    pub fn open(
        place: Place,
        env: Env,
        disk: Arc<dyn Disk>,
        known: &Known,
        now: Timestamp,
    ) -> Result<Self, Problems> {
        let live = Live::start(place.clone(), env.clone(), disk.clone(), known, now)?;
        let (config, _) = watch::channel(live.config().clone());
        let (refused, _) = watch::channel(live.refused().cloned().unwrap_or_default());
        Ok(Self {
            place,
            env,
            disk,
            live: Mutex::new(live),
            config,
            refused,
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// What is in force, now and whenever it changes.
    pub fn config(&self) -> watch::Receiver<Arc<Config>> {
        self.config.subscribe()
    }
    /// Why the files, as they are now, are not what is in force; empty where they are.
    pub fn refused(&self) -> watch::Receiver<Problems> {
        self.refused.subscribe()
    }
    /// What is hardly meant in what is in force.
    pub fn warnings(&self) -> Problems {
        self.live().warnings().clone()
    }
    /// Puts a configuration in force that was read elsewhere, until the files are read again.
    pub fn put_in_force(&self, config: Arc<Config>) {
        self.config.send_replace(config);
    }
    /// Held from reading the files until what came of it is in force.
    pub async fn one_at_a_time(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// The files as they are now.
    pub fn read(&self) -> Sources {
        Sources::read(&self.place.config)
    }

    /// Whether these texts would hold, in place of the files.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn try_out(
        &self,
        sources: Sources,
        known: &Known,
        now: Timestamp,
    ) -> Result<Loaded, Problems> {
        sources.check(&self.env, known, now)
    }

    /// Why the files cannot be written, where that can be told beforehand.
    pub fn read_only(&self) -> Option<Unsaved> {
        let path = self.place.config.clone();
        writable(&path)
            .err()
            .map(|why| Unsaved::ReadOnly { file: path, why })
    }

    /// Writes what differs between the files as they were read and as they shall be. Owner and
    /// permissions stay; a link is followed. Schedules first: they hold without what leaves the other
    /// file, and not the other way round.
    ///
    /// # Errors
    /// [`Unsaved`].
    pub fn save(&self, before: &Sources, after: &Sources) -> Result<(), Unsaved> {
        let works = works(before, after);
        for work in &works {
            let path = work.path();
            let moved = || Unsaved::Moved(path.to_owned());
            if fs::read_to_string(path).ok().as_deref() != work.before() {
                return Err(moved());
            }
            writable(path).map_err(|why| Unsaved::ReadOnly {
                file: path.to_owned(),
                why,
            })?;
        }
        for work in &works {
            let file = work.path().to_owned();
            self.write(work).map_err(|why| match why.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    Unsaved::ReadOnly { file, why }
                }
                _ => Unsaved::Disk { file, why },
            })?;
        }
        Ok(())
    }

    fn write(&self, work: &Work<'_>) -> io::Result<()> {
        match work {
            Work::Change(_, new) => {
                let path = fs::canonicalize(&new.path)?;
                let about = fs::metadata(&path)?;
                let (mode, bytes) = (about.mode() & 0o7777, new.text.as_bytes());
                let owner = (about.uid(), about.gid());
                self.disk.replace_for(&path, bytes, mode, owner)
            }
            Work::New(new) => {
                self.disk.create_dir(folder_of(&new.path))?;
                self.disk.replace(&new.path, new.text.as_bytes(), NEW_MODE)
            }
            Work::Gone(old) => {
                let aside = old.path.with_extension(RETIRED);
                self.disk.rename(&old.path, &aside)
            }
        }
    }

    /// Reads the files again if they changed (or `at_once`), and puts them in force if they hold. Bad
    /// ones change nothing, and are told.
    ///
    /// # Errors
    /// What is wrong with them, where they were read.
    pub fn reload(&self, at_once: bool, known: &Known, now: Timestamp) -> Result<(), Problems> {
        let mut live = self.live();
        let read = if at_once {
            Some(live.reload(known, now))
        } else {
            live.reload_if_changed(known, now)
        };
        match read {
            None => Ok(()),
            Some(Ok(config)) => {
                tracing::info!("the configuration was read again");
                self.refused.send_replace(Problems::default());
                self.config.send_replace(config);
                tell_beside(&live);
                Ok(())
            }
            Some(Err(problems)) => {
                tell(&problems);
                tracing::error!(
                    "the configuration was changed but does not hold: the former one stays in force"
                );
                self.refused.send_replace(problems.clone());
                Err(problems)
            }
        }
    }

    /// Tells the log what is wrong with the files although a configuration is in force.
    pub fn tell(&self) {
        let live = self.live();
        if let Some(problems) = live.refused() {
            tracing::error!("the configuration does not hold: the last good one is in force");
            tell(problems);
        }
        tell_beside(&live);
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One file to be written.
enum Work<'s> {
    Change(&'s Source, &'s Source),
    New(&'s Source),
    Gone(&'s Source),
}

impl Work<'_> {
    fn path(&self) -> &Path {
        match self {
            Work::Change(_, source) | Work::New(source) | Work::Gone(source) => &source.path,
        }
    }
    fn before(&self) -> Option<&str> {
        match self {
            Work::Change(before, _) | Work::Gone(before) => Some(&before.text),
            Work::New(_) => None,
        }
    }
}

fn works<'s>(before: &'s Sources, after: &'s Sources) -> Vec<Work<'s>> {
    let in_ = |all: &'s [Source], path: &Path| all.iter().find(|s| s.path == path);
    let mut works = Vec::new();
    for new in &after.schedules {
        match in_(&before.schedules, &new.path) {
            None => works.push(Work::New(new)),
            Some(old) if old.text != new.text => works.push(Work::Change(old, new)),
            Some(_) => {}
        }
    }
    let gone = before.schedules.iter();
    let gone = gone.filter(|old| in_(&after.schedules, &old.path).is_none());
    works.extend(gone.map(Work::Gone));
    if before.main.text != after.main.text {
        works.push(Work::Change(&before.main, &after.main));
    }
    works
}

/// The files that would be written: for a person who has to do it herself.
pub fn differing(before: &Sources, after: &Sources) -> Vec<(PathBuf, String)> {
    let text = |work: Work<'_>| match work {
        Work::Change(_, new) | Work::New(new) => Some((new.path.clone(), new.text.clone())),
        Work::Gone(old) => Some((old.path.clone(), String::new())),
    };
    works(before, after).into_iter().filter_map(text).collect()
}

/// A file is written beside and renamed over: both it and its folder must be ours to write.
fn writable(path: &Path) -> io::Result<()> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(about) = fs::metadata(&real) {
        // The superuser could; but whoever took the permission away meant it.
        if about.mode() & ANY_WRITES == 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        rustix::fs::access(&real, Access::WRITE_OK)?;
    }
    let mut folder = folder_of(&real);
    // A folder that is not there yet is made.
    while !folder.exists() && folder != folder_of(folder) {
        folder = folder_of(folder);
    }
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)?;
    Ok(())
}

/// What is to be told of a configuration that is in force.
fn tell_beside(live: &Live) {
    tell(live.warnings());
    if let Some(why) = live.uncopied() {
        tracing::warn!(why, "the last good configuration could not be kept");
    }
}

fn tell(problems: &Problems) {
    for problem in problems {
        let line = problem.line_of_text(Lang::En);
        match problem.weight {
            Weight::Error => tracing::error!("{line}"),
            Weight::Warning => tracing::warn!("{line}"),
        }
    }
}
