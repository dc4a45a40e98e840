//! What can be wrong with a ledger, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why the ledger cannot be read or opened. Every text says where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Acknowledged commits are gone or changed. The command line exits 5.
    #[error(
        "{}:{line}: {what}. Acknowledged commits are lost or changed. Put the data folder back from a backup, or run `raotin recover`, which accepts the loss",
        file.display()
    )]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// Which of its lines, from 1.
        line: u64,
        /// What was found there.
        what: String,
    },
    /// The chain holds, but this version does not know what the line tells.
    #[error(
        "{}:{line}: {what}. A newer version wrote it: run that one. If there is none, the line is damaged: put the data folder back from a backup, or run `raotin recover`, which accepts the loss",
        file.display()
    )]
    Unknown {
        /// Which file.
        file: PathBuf,
        /// Which of its lines, from 1.
        line: u64,
        /// What was found there.
        what: String,
    },
    /// The disk did not do as asked.
    #[error("{}: {source}. Look after the disk, then start again", file.display())]
    Io {
        /// Which file.
        file: PathBuf,
        /// What the disk said.
        source: io::Error,
    },
}

impl LedgerError {
    /// Whether what was acknowledged is gone or cannot be read: exit 5.
    pub fn is_damage(&self) -> bool {
        !matches!(self, LedgerError::Io { .. })
    }
}

/// Why a group of commits was not written. None of it is in the ledger.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// The ledger is as it was before and takes others: the disk is full, or a commit cannot be
    /// written as JSON.
    #[error("the ledger did not take it: {0}")]
    Refused(String),
    /// Nothing more may be written: what is on the disk is not certain. Only a restart helps.
    #[error("the ledger has stopped: {0}. Look after the disk, then start again")]
    Stopped(String),
}
