//! Everything once more, up to what the index holds.

use super::SledStore;
use crate::model::Commit;
use crate::store::history::History;
use crate::store::ledger::{Mark, Reader};
use crate::store::{StoreError, ledger};

impl History for SledStore {
    fn each_commit_after(
        &self,
        after: Mark,
        each: &mut dyn FnMut(&Commit),
    ) -> Result<Mark, StoreError> {
        let unreadable = |e: ledger::LedgerError| StoreError::Ledger(e.to_string());
        // Behind it a line may be half there, or not yet synced.
        let applied = self.index.sure(self.index.applied())?;
        let to = applied.map_or(0, |mark| mark.seq);
        if after.seq >= to {
            return Ok(after);
        }
        let reader = Reader::from(self.disk.clone(), &self.ledger_dir, Some(after));
        let mut last = after;
        for line in reader.map_err(unreadable)?.up_to(to) {
            let (mark, _, commit) = line.map_err(unreadable)?;
            each(&commit);
            last = mark;
        }
        Ok(last)
    }
}
