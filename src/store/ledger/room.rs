//! A disk that is nearly full: new work is refused while there is still room to write down what
//! happens to the old (RULES 7).

use std::io;

use super::folder::Folder;
use crate::disk;
use crate::model::{Commit, Event};

/// Under so many bytes free, new articles, imports and claims are refused: one segment, which must
/// be copied at the next start.
pub const MIN_FREE: u64 = 64 << 20;

/// The file that is given up when the disk is full: receipts of some ten thousand shares that were
/// on the wire or are confirmed by hand meanwhile.
pub const RESERVE: u64 = 16 << 20;

/// Whether a commit is new work, which must not be begun on a disk that is nearly full: an article
/// is added, or a share goes on the wire. Receipts, confirmations and settlements are not.
pub fn is_new_work(commit: &Commit) -> bool {
    commit
        .events
        .iter()
        .any(|e| matches!(e, Event::ArticleAdded { .. } | Event::ShareAttempted { .. }))
}

/// The file that is given up.
pub(super) struct Reserve {
    folder: Folder,
    held: bool,
}

impl Reserve {
    /// As it is found; made if there is room.
    pub(super) fn open(folder: Folder) -> Self {
        let found = folder.disk.len(&folder.reserve_file());
        let mut reserve = Self {
            held: found.is_ok_and(|n| n == RESERVE),
            folder,
        };
        reserve.keep();
        reserve
    }
    /// Bytes free beside it.
    pub(super) fn free(&self) -> io::Result<u64> {
        self.folder.disk.free(&self.folder.dir)
    }
    /// Makes it again if it was given up and there is room by now. That it cannot be made is no
    /// error: the ledger works without it.
    pub(super) fn keep(&mut self) {
        if !self.held && self.free().is_ok_and(|n| n >= MIN_FREE + RESERVE) {
            let made = self.folder.disk.allot(&self.folder.reserve_file(), RESERVE);
            self.held = made.is_ok();
        }
    }
    /// Gives it up if `error` says that the disk is full; whether there is more room now.
    pub(super) fn yield_to(&mut self, error: &io::Error) -> bool {
        if !self.held || !disk::is_full(error) {
            return false;
        }
        self.held = false;
        self.folder.disk.remove(&self.folder.reserve_file()).is_ok()
    }
}
