//! A start: the index is opened with suspicion, the ledger decides, and what the index lacks is
//! replayed; whatever is odd about the index costs a rebuild and nothing else (RULES 7, Open).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::index::{Index, Odd};
use super::overlay::Overlay;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::model::{By, Commit, Event};
use crate::store::apply::Fail;
use crate::store::committer::erased;
use crate::store::ledger::{self, Ledger, LedgerError, Mark, Opened, Reader};

/// Commits replayed, and how many there are. Called now and then while a start takes long.
pub type Progress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What a store is opened from.
#[derive(Clone)]
pub struct OpenOptions {
    /// Holds `ledger/` and `sled/`. The caller holds its lock.
    pub data_dir: PathBuf,
    /// The ledger's.
    pub disk: Arc<dyn Disk>,
    /// For the events of the store itself.
    pub clock: Arc<dyn Clock>,
    /// Told how far a replay has come.
    pub progress: Option<Progress>,
}

impl OpenOptions {
    /// The ledger's folder.
    pub(super) fn ledger_dir(&self) -> PathBuf {
        self.data_dir.join("ledger")
    }
    /// The index's folder.
    pub(super) fn index_dir(&self) -> PathBuf {
        self.data_dir.join("sled")
    }
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The index, and it could not be made anew either.
    #[error("{}: {what}. Look after the disk, then start again; the ledger is whole", dir.display())]
    Index {
        /// Its folder.
        dir: PathBuf,
        /// What was wrong.
        what: String,
    },
    /// The state does not take a commit that the ledger has.
    #[error(
        "commit {seq} of the ledger cannot be replayed: {why}. It was written by another version of this program: start that one"
    )]
    Replay {
        /// Which.
        seq: u64,
        /// Why.
        why: String,
    },
}

impl OpenError {
    /// Whether acknowledged commits are lost or changed: exit 5.
    pub fn is_damage(&self) -> bool {
        matches!(self, OpenError::Ledger(e) if e.is_damage())
    }
}

/// A ledger and an index that is level with it.
pub(super) struct Level {
    pub(super) ledger: Ledger,
    pub(super) index: Arc<Index>,
    pub(super) torn: Option<ledger::Torn>,
}

/// Opens both and makes the index level with the ledger.
pub(super) fn open(options: &OpenOptions) -> Result<Level, OpenError> {
    let dir = options.index_dir();
    let mut found = match Index::open(&dir) {
        Ok((index, applied)) => Some((index, applied)),
        Err(Odd(what)) => {
            tracing::warn!(
                what,
                "the index is not trusted; it is rebuilt from the ledger"
            );
            None
        }
    };
    let applied = found.as_ref().map(|(_, applied)| *applied);
    let ledger_dir = options.ledger_dir();
    let opened = Ledger::open(options.disk.clone(), &ledger_dir, applied)?;
    let Opened { mut ledger, torn } = opened;
    if let Some((index, applied)) = found.take() {
        let index = Arc::new(index);
        match replay(options, &index, &mut ledger, applied) {
            Ok(()) => {
                return Ok(Level {
                    ledger,
                    index,
                    torn,
                });
            }
            Err(Halt::Error(e)) => return Err(e),
            // A state that is not what the ledger adds up to takes other commits than it should.
            Err(Halt::Odd(what) | Halt::Refused(_, what)) => {
                tracing::warn!(what, "the index is not what the ledger says; it is rebuilt");
            }
        }
    }
    let broken = |what| OpenError::Index {
        dir: dir.clone(),
        what,
    };
    clear(&dir).map_err(|e| broken(e.to_string()))?;
    let (index, applied) = Index::open(&dir).map_err(|Odd(what)| broken(what))?;
    let index = Arc::new(index);
    match replay(options, &index, &mut ledger, applied) {
        Ok(()) => Ok(Level {
            ledger,
            index,
            torn,
        }),
        Err(Halt::Error(e)) => Err(e),
        Err(Halt::Odd(what)) => Err(broken(what)),
        Err(Halt::Refused(seq, why)) => Err(OpenError::Replay { seq, why }),
    }
}

/// Takes an index away: the ledger has all that it holds.
pub(super) fn clear(dir: &Path) -> io::Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

enum Halt {
    /// The ledger, or the disk.
    Error(OpenError),
    /// The index.
    Odd(String),
    /// The state did not take a commit.
    Refused(u64, String),
}

/// Rows that change before they are written in one batch: enough to spare the writing of busy ones,
/// in some tens of megabytes.
const TOGETHER: usize = 4096;

fn replay(
    options: &OpenOptions,
    index: &Arc<Index>,
    ledger: &mut Ledger,
    applied: Mark,
) -> Result<(), Halt> {
    let head = ledger.head();
    if applied == head {
        return Ok(());
    }
    let stop = |e: LedgerError| Halt::Error(e.into());
    let after = Some(applied).filter(|mark| mark.seq > 0);
    let reader = Reader::from(options.disk.clone(), &options.ledger_dir(), after).map_err(stop)?;
    let mut overlay = Overlay::new(index.clone());
    let mut last = applied;
    let mut texts = std::collections::BTreeSet::new();
    for line in reader {
        let (mark, at, commit) = line.map_err(stop)?;
        overlay.apply(&commit).map_err(|fail| match fail {
            Fail::Damaged(what) => Halt::Odd(what),
            Fail::Refused(why) => Halt::Refused(mark.seq, why.to_string()),
        })?;
        overlay.tell(&commit, (at.segment, at.offset));
        texts.append(&mut erased(std::iter::once(&commit)));
        last = mark;
        if overlay.len() >= TOGETHER || mark == head {
            // A crash may have come between the event and the erasure.
            if !texts.is_empty() {
                ledger.erase(&texts).map_err(stop)?;
                texts.clear();
            }
            overlay.write(mark).map_err(Halt::Odd)?;
            if let Some(tell) = &options.progress {
                tell(mark.seq - applied.seq, head.seq - applied.seq);
            }
        }
    }
    if last == head {
        Ok(())
    } else {
        Err(Halt::Odd(format!(
            "the ledger ends with {last}, not with {head}"
        )))
    }
}

/// The event that tells of what a crash left.
pub(super) fn torn_event(torn: ledger::Torn, clock: &dyn Clock) -> Commit {
    let mut commit = Commit::new(clock.now(), By::Daemon);
    commit.events.push(Event::LedgerTorn {
        file: torn.file,
        bytes: torn.bytes,
    });
    commit
}
