//! The one writer. A group of commits is one append and one `fdatasync`; nothing is told to anybody
//! before that has returned.

use std::borrow::Borrow;
use std::io;

use jiff::SignedDuration;

use super::folder::Folder;
use super::room::Reserve;
use super::{AppendError, MIN_FREE, Mark, Placed, SEGMENT_BYTES, line};
use crate::disk::{self, DiskFile};
use crate::model::Commit;

/// HEAD is renewed at most so often: each time costs a file, a rename and three syncs.
const HEAD_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// The ledger, open for appending. There is one at a time: who opens it holds `data/lock`.
pub struct Ledger {
    pub(super) folder: Folder,
    pub(super) file: Box<dyn DiskFile>,
    pub(super) segment: u32,
    /// Bytes of the segment that are synced.
    pub(super) synced: u64,
    pub(super) head: Mark,
    /// What the file HEAD says.
    pub(super) told: Mark,
    /// When it was renewed, since boot.
    pub(super) told_at: Option<SignedDuration>,
    pub(super) segment_bytes: u64,
    pub(super) reserve: Reserve,
    /// Why nothing more may be written.
    pub(super) stopped: Option<String>,
    /// The group's bytes, kept for the next one.
    pub(super) bytes: Vec<u8>,
}

impl Ledger {
    pub(super) fn new(
        folder: Folder,
        file: Box<dyn DiskFile>,
        segment: u32,
        synced: u64,
        head: Mark,
    ) -> Self {
        Self {
            reserve: Reserve::open(folder.clone()),
            folder,
            file,
            segment,
            synced,
            head,
            told: head,
            told_at: None,
            segment_bytes: SEGMENT_BYTES,
            stopped: None,
            bytes: Vec::new(),
        }
    }

    /// Begins new segments after so many bytes instead of [`SEGMENT_BYTES`].
    #[must_use]
    pub fn with_segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// The last synced commit.
    pub fn head(&self) -> Mark {
        self.head
    }

    /// Writes the commits, in order, and syncs them: all or none.
    ///
    /// # Errors
    /// [`AppendError::Refused`]: nothing was written, others may be. [`AppendError::Stopped`]:
    /// nothing was acknowledged, and nothing more will be until a restart has looked at the disk.
    pub fn append<C: Borrow<Commit>>(&mut self, commits: &[C]) -> Result<Vec<Placed>, AppendError> {
        self.may_write()?;
        if commits.is_empty() {
            return Ok(Vec::new());
        }
        self.next_segment()?;
        self.bytes.clear();
        let mut head = self.head;
        let mut placed = Vec::with_capacity(commits.len());
        for commit in commits {
            let offset = self.synced + self.bytes.len() as u64;
            head = line::encode(commit.borrow(), &head, &mut self.bytes)
                .map_err(|e| AppendError::Refused(e.to_string()))?;
            placed.push(Placed {
                mark: head,
                segment: self.segment,
                offset,
            });
        }
        self.write()?;
        if let Err(e) = self.file.sync() {
            // The kernel may have dropped the bytes and call the next sync a success.
            return Err(self.stop("sync", &e));
        }
        self.synced += self.bytes.len() as u64;
        self.head = head;
        Ok(placed)
    }

    /// Appends the group's bytes; after an error the file is as it was.
    fn write(&mut self) -> Result<(), AppendError> {
        let Err(first) = self.file.append(&self.bytes) else {
            return Ok(());
        };
        self.cut_back()?;
        if !self.reserve.yield_to(&first) {
            return Err(self.refused(&first));
        }
        let Err(second) = self.file.append(&self.bytes) else {
            return Ok(());
        };
        self.cut_back()?;
        Err(self.refused(&second))
    }

    fn cut_back(&mut self) -> Result<(), AppendError> {
        let cut = self.file.cut(self.synced).and_then(|()| self.file.sync());
        cut.map_err(|e| self.stop("cutting a failed write back", &e))
    }

    /// Begins the next segment if this one is full: the old one is synced, the new one's name
    /// durable before anything is written to it.
    fn next_segment(&mut self) -> Result<(), AppendError> {
        if self.synced == 0 || self.synced < self.segment_bytes {
            return Ok(());
        }
        let next = self.segment + 1;
        let opened = self.folder.disk.open(&self.folder.segment(next));
        let file = opened.map_err(|e| self.refused(&e))?;
        if let Err(e) = self.folder.disk.sync_dir(&self.folder.dir) {
            return Err(self.stop("syncing the folder", &e));
        }
        (self.file, self.segment, self.synced) = (file, next, 0);
        Ok(())
    }

    /// Renews HEAD if the last time was long enough ago; `since_boot` is the clock's. To be called
    /// after a sync and now and then.
    ///
    /// # Errors
    /// As [`Ledger::append`]; the commits themselves are safe.
    pub fn renew_head(&mut self, since_boot: SignedDuration) -> Result<(), AppendError> {
        let early = self.told_at.is_some_and(|at| since_boot - at < HEAD_EVERY);
        if early || self.head == self.told {
            return Ok(());
        }
        self.told_at = Some(since_boot);
        self.reserve.keep();
        self.write_head()
    }

    /// Renews HEAD now: at shutdown.
    ///
    /// # Errors
    /// As [`Ledger::append`]; the commits themselves are safe.
    pub fn write_head(&mut self) -> Result<(), AppendError> {
        self.may_write()?;
        if self.head == self.told {
            return Ok(());
        }
        let mut wrote = self.folder.write_head(&self.head);
        if let Err(e) = &wrote
            && self.reserve.yield_to(e)
        {
            wrote = self.folder.write_head(&self.head);
        }
        match wrote {
            Ok(()) => {
                self.told = self.head;
                Ok(())
            }
            Err(e) if disk::is_full(&e) => Err(self.refused(&e)),
            Err(e) => Err(self.stop("renewing HEAD", &e)),
        }
    }

    /// Bytes free, if there is too little room for new work (see [`super::is_new_work`]).
    ///
    /// # Errors
    /// What the disk said when it was asked.
    pub fn short_of_room(&self) -> io::Result<Option<u64>> {
        let free = self.reserve.free()?;
        Ok((free < MIN_FREE).then_some(free))
    }

    pub(super) fn may_write(&self) -> Result<(), AppendError> {
        match &self.stopped {
            Some(why) => Err(AppendError::Stopped(why.clone())),
            None => Ok(()),
        }
    }
    pub(super) fn stop(&mut self, doing: &str, error: &io::Error) -> AppendError {
        let file = self.folder.segment(self.segment);
        let why = format!("{}: {doing}: {error}", file.display());
        self.stopped = Some(why.clone());
        AppendError::Stopped(why)
    }
    fn refused(&self, error: &io::Error) -> AppendError {
        let file = self.folder.segment(self.segment);
        AppendError::Refused(format!("{}: {error}", file.display()))
    }
}
