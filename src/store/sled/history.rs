//! Everything once more, up to what the index holds.

use super::SledStore;
use crate::model::Commit;
use crate::store::history::History;
use crate::store::ledger::Reader;
use crate::store::{StoreError, ledger};

impl History for SledStore {
    fn each_commit(&self, each: &mut dyn FnMut(&Commit)) -> Result<(), StoreError> {
        let unreadable = |e: ledger::LedgerError| StoreError::Ledger(e.to_string());
        // Behind it a line may be half there, or not yet synced.
        let applied = self.index.sure(self.index.applied())?;
        let reader = Reader::from(self.disk.clone(), &self.ledger_dir, None).map_err(unreadable)?;
        for line in reader.up_to(applied.map_or(0, |mark| mark.seq)) {
            let (_, _, commit) = line.map_err(unreadable)?;
            each(&commit);
        }
        Ok(())
    }
}
