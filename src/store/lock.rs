//! `data/lock`: one process at a time opens the data folder (RULES 7). An flock, so that it goes
//! with the process however that ends; the file itself stays, for removing it would let two in.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use crate::clock::Clock;
use crate::disk::{Disk, MachineDisk};

/// A command waits so long for another one to end; the daemon never lets go, but is spoken to over
/// its socket.
pub const WAIT: Duration = Duration::from_secs(10);

/// Between two looks at a lock that is held: no command is noticed to be slower.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// More of the file is not read: it holds a number and a command's name.
const MAX_NOTE: u64 = 4096;

const FILE: &str = "lock";

/// Held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it. The command line exits 4.
    #[error(
        "the data folder is in use by `{command}` (process {pid}): wait until it ends, or stop it"
    )]
    Held {
        /// Its process; 0 if it has not told.
        pid: u32,
        /// Its command.
        command: String,
    },
    /// The file cannot be made or locked.
    #[error("{}: {source}: the data folder must be writable, on a disk of this machine", file.display())]
    Io {
        /// The lock file.
        file: PathBuf,
        /// What the machine said.
        source: io::Error,
    },
}

impl Lock {
    /// Takes the lock of a data folder, which is made if it is not there, or tells at once who has
    /// it. `command`: what others are told while it is held.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn take(data: &Path, command: &str) -> Result<Lock, LockError> {
        let path = data.join(FILE);
        let failed = |source| LockError::Io {
            file: path.clone(),
            source,
        };
        MachineDisk.create_dir(data).map_err(failed)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(holder(file)),
            Err(e) => return Err(failed(e.into())),
        }
        let note = format!("{} {}\n", std::process::id(), command.replace('\n', " "));
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .map_err(failed)?;
        Ok(Lock { _file: file })
    }

    /// As [`Lock::take`], but waits so long for the holder to let go.
    ///
    /// # Errors
    /// [`LockError`]: the last holder after the wait.
    pub async fn take_within(
        data: &Path,
        command: &str,
        wait: Duration,
        clock: &dyn Clock,
    ) -> Result<Lock, LockError> {
        let begun = clock.since_boot();
        loop {
            match Lock::take(data, command) {
                Err(LockError::Held { .. })
                    if (clock.since_boot() - begun).unsigned_abs() < wait =>
                {
                    clock.sleep(LOOK_EVERY).await;
                }
                other => return other,
            }
        }
    }
}

fn holder(file: File) -> LockError {
    let mut note = String::new();
    // Whoever just took it may not have written yet: then it is only not named.
    let _ = file.take(MAX_NOTE).read_to_string(&mut note);
    let (pid, command) = note.trim_end().split_once(' ').unwrap_or(("", "raotin"));
    LockError::Held {
        pid: pid.parse().unwrap_or(0),
        command: command.to_owned(),
    }
}
