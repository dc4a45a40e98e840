//! What the commits of a group add up to before it is written: rows on top of the index.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::codec::{self, Entry};
use super::entries;
use super::index::Index;
use super::kept::Lies;
use super::keys::{self, Name};
use crate::model::{ArticleId, Commit, ShareId, TextId};
use crate::store::apply::{self, Fail, Key, KeyMap, Row, Rows, Told};
use crate::store::ledger;

pub(in crate::store) struct Overlay {
    index: Arc<Index>,
    rows: KeyMap<Held>,
    /// Keys whose row differs from the index.
    changed: Vec<Key>,
    /// Who stands where, as far as it differs from the index.
    places: HashMap<(u32, i64), Option<ShareId>>,
    scratch: KeyMap<Option<Row>>,
    /// What went wrong where no error could be returned.
    fault: Option<Fail>,
}

struct Held {
    /// In the index.
    was: Lies,
    /// After the commits so far.
    now: Option<Row>,
    changed: bool,
}

impl Overlay {
    pub(in crate::store) fn new(index: Arc<Index>) -> Self {
        Self {
            index,
            rows: KeyMap::default(),
            changed: Vec::new(),
            places: HashMap::new(),
            scratch: KeyMap::default(),
            fault: None,
        }
    }

    /// Applies all of a commit, or nothing.
    ///
    /// # Errors
    /// What [`apply::try_apply`] says.
    pub(in crate::store) fn apply(&mut self, commit: &Commit) -> Result<(), Fail> {
        let mut scratch = std::mem::take(&mut self.scratch);
        let outcome = apply::try_apply(self, &mut scratch, commit);
        self.scratch = scratch;
        match self.fault.take() {
            Some(fault) => Err(fault),
            None => outcome,
        }
    }

    /// A commit that was applied now stands in the ledger: its shares' stories grow by it.
    pub(in crate::store) fn tell(&mut self, commit: &Commit, at: Told) {
        for id in commit.events.iter().filter_map(|event| event.share()) {
            if let Some(Held {
                now: Some(Row::Share(row)),
                ..
            }) = self.rows.get_mut(&Key::Share(id))
                && row.story.last() != Some(&at)
            {
                Arc::make_mut(row).story.push(at);
            }
        }
    }

    /// Forgets the group.
    pub(in crate::store) fn undo(&mut self) {
        self.changed.clear();
        self.places.clear();
        self.rows.clear();
    }

    /// Writes all that changed at once, with the commit it leads to. `true`: the index wants to carry
    /// down what has come together.
    ///
    /// # Errors
    /// What sled said. The index is as it was, or as it shall be.
    pub(in crate::store) fn write(&mut self, applied: ledger::Mark) -> Result<bool, String> {
        let mut gone: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
        let mut fresh: Vec<Entry> = Vec::new();
        let mut channels = Vec::new();
        let mut rows = Vec::with_capacity(self.changed.len());
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for key in &self.changed {
            let Some(mut held) = self.rows.remove(key) else {
                continue;
            };
            if let (None, Some(Row::Channel(row))) = (&held.was.row, &held.now) {
                channels.push(row.clone());
            }
            old.clear();
            new.clear();
            match &held.was {
                Lies { row: None, .. } => {}
                Lies {
                    row: Some(row),
                    apart: true,
                } => {
                    codec::put_row(key, row, &mut old)?;
                    entries::where_found(row, &mut old)?;
                }
                // Its one value is written over, whatever it was.
                Lies { row: Some(row), .. } => {
                    old.push((keys::row(key), Vec::new()));
                    entries::where_found(row, &mut old)?;
                }
            }
            let mut apart = false;
            if let Some(row) = &held.now {
                codec::put_row(key, row, &mut new)?;
                apart = new.len() > 1;
                entries::where_found(row, &mut new)?;
            }
            let (was, now) = (held.was.row.as_ref(), held.now.as_ref());
            entries::sketched_anew(was, now, &mut old, &mut new)?;
            // Removals of all rows go before what any row puts there: places change hands.
            for (key, _) in &old {
                if !new.iter().any(|(k, _)| k == key) {
                    gone.push((key.clone(), None));
                }
            }
            fresh.extend(new.drain(..).filter(|entry| !old.contains(entry)));
            let row = held.now.take();
            rows.push((key.clone(), Lies { row, apart }));
        }
        channels.sort_by_key(|row| row.number);
        for row in channels {
            self.index.learn(&row);
        }
        let fresh = fresh.into_iter().map(|(key, value)| (key, Some(value)));
        gone.extend(fresh);
        self.undo();
        self.index.write(gone, rows, applied)
    }

    /// Rows that differ from the index.
    pub(in crate::store) fn len(&self) -> usize {
        self.changed.len()
    }

    fn hold(&mut self, key: &Key) -> Result<&mut Held, Fail> {
        if !self.rows.contains_key(key) {
            let was = self.index.kept_row(key)?;
            let held = Held {
                now: was.row.clone(),
                was,
                changed: false,
            };
            self.rows.insert(key.clone(), held);
        }
        let gone = || Fail::Damaged("a row that was just read".to_owned());
        self.rows.get_mut(key).ok_or_else(gone)
    }
}

impl Rows for Overlay {
    fn get(&mut self, key: &Key) -> Result<Option<Row>, Fail> {
        match self.rows.get(key) {
            Some(held) => Ok(held.now.clone()),
            None => Ok(self.hold(key)?.now.clone()),
        }
    }

    fn put(&mut self, key: Key, row: Option<Row>) {
        let place = |row: &Option<Row>| match row {
            Some(Row::Share(row)) => row.share.place.map(|place| (row.number, place)),
            _ => None,
        };
        let id = match &key {
            Key::Share(id) => Some(*id),
            _ => None,
        };
        let is = place(&row);
        let held = match self.hold(&key) {
            Ok(held) => held,
            Err(fault) => {
                self.fault = Some(fault);
                return;
            }
        };
        let was = place(&held.now);
        let first = !std::mem::replace(&mut held.changed, true);
        held.now = row;
        if was != is {
            if let Some(place) = was
                && self
                    .places
                    .get(&place)
                    .copied()
                    .flatten()
                    .is_none_or(|there| Some(there) == id)
            {
                self.places.insert(place, None);
            }
            if let Some(place) = is {
                self.places.insert(place, id);
            }
        }
        if first {
            self.changed.push(key);
        }
    }

    fn at_place(&mut self, channel: u32, place: i64) -> Result<Option<ShareId>, Fail> {
        if let Some(there) = self.places.get(&(channel, place)) {
            return Ok(*there);
        }
        for moved in [false, true] {
            let key = keys::queue(channel, None, moved).i64(place).done();
            if let Some(stand) = self.index.body::<entries::Stand>(&key)? {
                return Ok(Some(stand.0));
            }
        }
        Ok(None)
    }

    fn holding(&mut self, texts: &BTreeSet<TextId>) -> Result<Vec<Key>, Fail> {
        let mut found = Vec::new();
        for kind in [keys::ARTICLE, keys::SHARE] {
            for entry in self.index.under(Name::new(kind)) {
                let (name, _) = entry?;
                let bytes = name.get(1..).and_then(|b| <[u8; 16]>::try_from(b).ok());
                let id = uuid::Uuid::from_bytes(bytes.ok_or_else(|| "a key is cut".to_owned())?);
                let key = match kind {
                    keys::ARTICLE => Key::Article(ArticleId(id)),
                    _ => Key::Share(ShareId(id)),
                };
                // What is held is looked at below.
                if !self.rows.contains_key(&key)
                    && self
                        .index
                        .row(&key)?
                        .is_some_and(|row| apply::holds(&row, texts))
                {
                    found.push(key);
                }
            }
        }
        let held = self.rows.iter().filter(|(_, held)| {
            let now = held.now.as_ref();
            now.is_some_and(|row| apply::holds(row, texts))
        });
        found.extend(held.map(|(key, _)| key.clone()));
        Ok(found)
    }
}
