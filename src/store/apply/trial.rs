//! A commit is tried on a layer of its own, so that a refusal in its midst leaves nothing behind.

use std::collections::BTreeSet;

use super::rows::{Fail, Key, KeyMap, Row, Rows, holds};
use crate::model::{Commit, ShareId, TextId};

/// Applies all of `commit` to `rows`, or nothing. `scratch` is only room to work in: it is empty
/// before and after, and kept to spare its allocation.
///
/// # Errors
/// What [`super::apply`] says.
pub fn try_apply<R: Rows>(
    rows: &mut R,
    scratch: &mut KeyMap<Option<Row>>,
    commit: &Commit,
) -> Result<(), Fail> {
    let mut trial = Trial {
        below: rows,
        over: scratch,
    };
    let outcome = super::apply(&mut trial, commit);
    if outcome.is_ok() {
        for (key, row) in scratch.drain() {
            rows.put(key, row);
        }
    }
    scratch.clear();
    outcome
}

struct Trial<'a, R> {
    below: &'a mut R,
    over: &'a mut KeyMap<Option<Row>>,
}

impl<R: Rows> Rows for Trial<'_, R> {
    fn get(&mut self, key: &Key) -> Result<Option<Row>, Fail> {
        match self.over.get(key) {
            Some(row) => Ok(row.clone()),
            None => self.below.get(key),
        }
    }

    fn put(&mut self, key: Key, row: Option<Row>) {
        self.over.insert(key, row);
    }

    fn at_place(&mut self, channel: u32, place: i64) -> Result<Option<ShareId>, Fail> {
        let stands = |row: &Row| matches!(row, Row::Share(s) if s.number == channel && s.share.place == Some(place));
        for (key, row) in self.over.iter() {
            if let (Key::Share(id), Some(row)) = (key, row)
                && stands(row)
            {
                return Ok(Some(*id));
            }
        }
        let below = self.below.at_place(channel, place)?;
        // Whoever is in the upper layer and does not stand there has left.
        Ok(below.filter(|id| !self.over.contains_key(&Key::Share(*id))))
    }

    fn holding(&mut self, texts: &BTreeSet<TextId>) -> Result<Vec<Key>, Fail> {
        let mut keys = self.below.holding(texts)?;
        keys.retain(|key| !self.over.contains_key(key));
        let above = self.over.iter();
        keys.extend(
            above
                .filter(|(_, row)| row.as_ref().is_some_and(|row| holds(row, texts)))
                .map(|(key, _)| key.clone()),
        );
        Ok(keys)
    }
}
