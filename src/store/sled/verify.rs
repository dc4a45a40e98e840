//! The index held against the ledger: every state and every count is recomputed from the first line
//! by the model, and every entry of the index is looked at (RULES 6, 7).

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::index::Index;
use super::keys::{self, Name};
use super::{SledStore, entries};
use crate::model::Commit;
use crate::store::apply::{Key, KeyMap, Row, try_apply};
use crate::store::ledger::{self, Position, Reader};
use crate::store::memory::{MemoryRows, count};
use crate::store::{CountAsk, CountBy, StoreError};

/// So many differences are told in words; the rest is only counted.
const TOLD: usize = 100;

/// What a verification found.
#[derive(Debug, Default)]
pub struct Verified {
    /// The ledger by itself.
    pub ledger: ledger::Verified,
    /// Where the index differs from what the ledger adds up to; the first 100.
    pub differences: Vec<String>,
    /// How many there are.
    pub difference_count: u64,
    /// Articles in the ledger.
    pub articles: u64,
    /// Shares in the ledger.
    pub shares: u64,
}

impl Verified {
    /// Whether all is as it should be.
    pub fn is_clean(&self) -> bool {
        self.ledger.is_clean() && self.difference_count == 0
    }

    fn differs(&mut self, what: impl FnOnce() -> String) {
        self.difference_count += 1;
        if self.differences.len() < TOLD {
            self.differences.push(what());
        }
    }
}

impl SledStore {
    /// Recomputes everything from the ledger and compares. It takes memory for all rows, and
    /// commits wait while the index is compared.
    ///
    /// # Errors
    /// [`StoreError`] where ledger or index cannot be read at all.
    pub fn verify(&self) -> Result<Verified, StoreError> {
        let applied = self.index.sure(self.index.applied())?;
        let up_to = applied.map_or(0, |mark| mark.seq);
        let mut model = Model::default();
        let mut found = Verified::default();
        let each = |mark: &ledger::Mark, at: Position, commit: &Commit| {
            model.apply(mark.seq, at, commit, &mut found);
        };
        let walked = ledger::verify(self.disk.clone(), &self.ledger_dir, Some(up_to), each);
        found.ledger = walked.map_err(|e| StoreError::Ledger(e.to_string()))?;
        if !found.ledger.is_clean() {
            // Against a ledger that is not whole nothing can be held.
            return Ok(found);
        }
        let _together = self.index.together();
        let now = self.index.sure(self.index.applied())?;
        if now != applied {
            let reader = Reader::from(self.disk.clone(), &self.ledger_dir, applied);
            let reader = reader.map_err(|e| StoreError::Ledger(e.to_string()))?;
            for line in reader.up_to(now.map_or(0, |mark| mark.seq)) {
                let (mark, at, commit) = line.map_err(|e| StoreError::Ledger(e.to_string()))?;
                model.apply(mark.seq, at, &commit, &mut found);
            }
        }
        self.index
            .sure(compare(&self.index, &model.rows, &mut found))?;
        Ok(found)
    }
}

#[derive(Default)]
struct Model {
    rows: MemoryRows,
    scratch: KeyMap<Option<Row>>,
}

impl Model {
    fn apply(&mut self, seq: u64, at: Position, commit: &Commit, found: &mut Verified) {
        if let Err(why) = try_apply(&mut self.rows, &mut self.scratch, commit) {
            found.differs(|| format!("commit {seq} does not follow from those before: {why}"));
            return;
        }
        for id in commit.events.iter().filter_map(|event| event.share()) {
            self.rows.tell(id, (at.segment, at.offset));
        }
    }
}

fn compare(index: &Index, model: &MemoryRows, found: &mut Verified) -> Result<(), String> {
    let hasher = RandomState::new();
    let mut expected = HashSet::new();
    let mut written = Vec::new();
    for (key, row) in &model.0 {
        match row {
            Row::Article(_) => found.articles += 1,
            Row::Share(_) => found.shares += 1,
            _ => {}
        }
        match index.stored_row(key).map(|lies| lies.row) {
            Ok(Some(held)) if held == *row => {}
            Ok(held) => found.differs(|| difference(key, row, held.as_ref())),
            Err(what) => found.differs(|| format!("{}: {what}", name(key))),
        }
        written.clear();
        entries::of(key, row, &mut written)?;
        for (at, value) in &written {
            expected.insert(hasher.hash_one(at.as_slice()));
            if index.get(at)?.as_deref() != Some(value) {
                found.differs(|| {
                    format!("{}: its entry in the index is missing or wrong", name(key))
                });
            }
        }
    }
    for entry in index.under(Name::new_all()) {
        let (key, _) = entry?;
        if !keys::stands_for_itself(&key) && !expected.contains(&hasher.hash_one(&key[..])) {
            found.differs(|| format!("the index holds what the ledger does not tell: {key:?}"));
        }
    }
    use CountBy::{Channel, Day, Member, Month, Quarter, Topic, Year};
    for by in [Channel, Topic, Member, Day, Month, Quarter, Year] {
        let ask = CountAsk {
            since: None,
            until: None,
            by,
            channel: None,
            topic: None,
            member: None,
            with_log: true,
        };
        let (told, true_one) = (index.counts(&ask, true)?, count(model, &ask));
        if told != true_one {
            found.differs(|| {
                let (a, b) = (told.total, true_one.total);
                format!("counts by {by:?}: the index tells {a:?}, the ledger {b:?}")
            });
        }
    }
    Ok(())
}

/// As people know it.
fn name(key: &Key) -> String {
    match key {
        Key::Office => "the office".to_owned(),
        Key::Article(id) => format!("article {id}"),
        Key::Share(id) => format!("share {id}"),
        Key::Channel(id) => format!("channel {id}"),
        Key::Counted(period, slice) => format!("the count of {period:?}, {slice:?}"),
        other => format!("{other:?}"),
    }
}

fn difference(key: &Key, row: &Row, held: Option<&Row>) -> String {
    let name = name(key);
    match (row, held) {
        (_, None) => format!("{name}: not in the index"),
        (Row::Share(is), Some(Row::Share(held))) if is.share.state != held.share.state => {
            let (held, is) = (held.share.state.as_str(), is.share.state.as_str());
            format!("{name}: {held} in the index, {is} by the ledger")
        }
        (Row::Counted(is), Some(Row::Counted(held))) => {
            format!("{name}: {held:?} in the index, {is:?} by the ledger")
        }
        _ => format!("{name}: another in the index than by the ledger"),
    }
}
