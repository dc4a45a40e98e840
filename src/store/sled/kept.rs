//! Rows as they were last read or written, so that a share that is looked at, sent and counted within
//! moments is read from sled once.

use std::sync::{PoisonError, RwLock};

use crate::store::apply::{Key, KeyMap, Row};

/// Rows of one generation; there are two. What a thousand schedules read that are due at once (channel,
/// share and article of each) stays together.
const GENERATION: usize = 4096;

/// And so many bytes of them: a thousand articles of four kilobytes. A list of long articles that is
/// brought in, or a look through many of them, takes no more than this twice.
const GENERATION_BYTES: usize = 4 << 20;

/// What a row takes beside the texts in it.
const ROW_BYTES: usize = 512;

/// A row, and how it lies in the index.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Lies {
    /// `None`: there is no such row.
    pub(super) row: Option<Row>,
    /// In more than one value: parts of it are long.
    pub(super) apart: bool,
}

type Rows = KeyMap<Lies>;

#[derive(Default)]
struct Generations {
    young: Rows,
    old: Rows,
    /// What the young ones take, about.
    bytes: usize,
    /// How often rows were written.
    writes: u64,
}

impl Generations {
    fn put(&mut self, key: Key, row: Lies) {
        if self.young.len() >= GENERATION || self.bytes >= GENERATION_BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        // One that is written over is counted again: a row that changes all the time makes its generation
        // a short one, and stays in the next.
        self.bytes += ROW_BYTES + row.row.as_ref().map_or(0, texts);
        self.young.insert(key, row);
    }
}

/// Bytes of what makes some rows larger than others.
fn texts(row: &Row) -> usize {
    match row {
        Row::Article(row) => {
            let content = &row.article.content;
            content.title.len() + content.text.len() + row.shares.len() * size_of::<(u128, i64)>()
        }
        Row::Share(row) => row.share.own_text.as_ref().map_or(0, String::len),
        Row::Posting(posting) => posting.size(),
        Row::Added(ids) => ids.len() * size_of::<u128>(),
        Row::Entered(ids) => ids.len() * size_of::<u128>(),
        _ => 0,
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Kept(RwLock<Generations>);

/// What a look found.
pub(super) enum Found {
    /// The row, or that there is none.
    Row(Lies),
    /// Nothing is known here; as of so many writes.
    Unknown(u64),
}

impl Kept {
    pub(super) fn get(&self, key: &Key) -> Found {
        let old = {
            let rows = self.0.read().unwrap_or_else(PoisonError::into_inner);
            match (rows.young.get(key), rows.old.get(key)) {
                (Some(row), _) => return Found::Row(row.clone()),
                (None, Some(row)) => row.clone(),
                (None, None) => return Found::Unknown(rows.writes),
            }
        };
        // What is asked for again stays for another generation, unless it was written in between.
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(row) = rows.young.get(key) {
            return Found::Row(row.clone());
        }
        rows.put(key.clone(), old.clone());
        Found::Row(old)
    }

    /// Keeps what was read since [`Kept::get`] did not know it, unless something was written meanwhile:
    /// what was read may be older.
    pub(super) fn read(&self, key: &Key, row: Lies, as_of: u64) {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if rows.writes == as_of {
            rows.put(key.clone(), row);
        }
    }

    /// Keeps what is written. It can be read before this is called, and not as it was afterwards.
    pub(super) fn write(&self, written: impl IntoIterator<Item = (Key, Lies)>) {
        let mut rows = self.0.write().unwrap_or_else(PoisonError::into_inner);
        rows.writes += 1;
        for (key, row) in written {
            rows.put(key, row);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::ShareId;

    fn key(n: u64) -> Key {
        Key::Added(n)
    }

    fn lies(n: u32) -> Lies {
        Lies {
            row: Some(Row::Used(n)),
            apart: false,
        }
    }

    fn known(kept: &Kept, n: u64) -> Option<Option<Row>> {
        match kept.get(&key(n)) {
            Found::Row(lies) => Some(lies.row),
            Found::Unknown(_) => None,
        }
    }

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let kept = Kept::default();
        let Found::Unknown(as_of) = kept.get(&key(1)) else {
            panic!("nothing was read yet");
        };
        kept.write([(key(1), lies(2))]);
        kept.read(&key(1), lies(1), as_of);
        assert_eq!(known(&kept, 1), Some(Some(Row::Used(2))));
        kept.write([(key(1), Lies::default())]);
        assert_eq!(known(&kept, 1), Some(None));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let kept = Kept::default();
        kept.write([(key(0), lies(0)), (key(1), lies(1))]);
        let many = 4 * GENERATION as u64;
        for n in 2..many {
            kept.write([(key(n), lies(7))]);
            assert_eq!(known(&kept, 0), Some(Some(Row::Used(0))));
        }
        assert_eq!(known(&kept, 1), None);
        let rows = kept.0.read().unwrap();
        assert!(rows.young.len() + rows.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn large_rows_are_fewer() {
        let kept = Kept::default();
        let ids: Arc<Vec<ShareId>> = Arc::new(vec![ShareId(uuid::Uuid::nil()); 64 << 10]);
        for n in 0..64 {
            let row = Some(Row::Entered(ids.clone()));
            kept.write([(key(n), Lies { row, apart: true })]);
        }
        let rows = kept.0.read().unwrap();
        let held = (rows.young.len() + rows.old.len()) * 16 * ids.len();
        assert!(held <= 4 * GENERATION_BYTES, "{held}");
        assert!(held >= GENERATION_BYTES, "{held}");
    }
}
