//! How sled takes many entries, whole or not at all, while it goes on answering. sled's own batches
//! are whole, but it answers nobody while one goes in (SLED.md), and a thousand entries take it some
//! milliseconds. So a few go in as one batch; of many, first a copy does, in few large pieces, then
//! each by itself, then the copy's head goes. sled keeps the order of what it was given: whatever a
//! crash leaves, the copy is there from before the first entry until after the last, and what it holds
//! is put in once more.

use std::collections::BTreeMap;
use std::io::{self, Write};

use ::sled::{Batch, Db, IVec};
use serde::{Serialize, Serializer};

use super::codec::{self, MOST};
use super::index::text;
use super::keys::carried;

/// So many go in as one batch: well below a millisecond.
const FEW: usize = 64;

/// Entries by key; `None`: taken away.
type Layer = BTreeMap<IVec, Option<IVec>>;

/// Puts entries in.
///
/// # Errors
/// What sled said. They are in, or [`finish`] puts them in, or none of them is.
pub(super) fn down(db: &Db, entries: &Layer) -> Result<(), String> {
    if entries.len() <= FEW {
        let mut batch = Batch::default();
        for (key, value) in entries {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        return db.apply_batch(batch).map_err(text);
    }
    copy(db, entries)?;
    one_by_one(db, entries.iter().map(|(k, v)| (&k[..], v.as_deref())))
}

/// Puts in what a crash left on the way.
///
/// # Errors
/// What sled said, or that the copy is damaged.
pub(super) fn finish(db: &Db) -> Result<(), String> {
    let Some(head) = db.get(carried(None)).map_err(text)? else {
        return Ok(());
    };
    let (head, _) = codec::unseal(&carried(None), &head)?;
    let pieces: u32 = codec::read(head)?;
    let mut body = Vec::new();
    for number in 0..pieces {
        let key = carried(Some(number));
        let piece = db.get(&key).map_err(text)?;
        let piece = piece.ok_or("a piece of what was on its way is missing")?;
        body.extend_from_slice(codec::unseal(&key, &piece)?.0);
    }
    let entries: Vec<(&[u8], Option<&[u8]>)> = codec::read(&body)?;
    one_by_one(db, entries.into_iter())
}

/// The copy: piece by piece, so that it is not in memory once more, and its head last. Pieces of one that
/// has none are nothing.
fn copy(db: &Db, entries: &Layer) -> Result<(), String> {
    let entries: Vec<(Bytes<'_>, Option<Bytes<'_>>)> = entries
        .iter()
        .map(|(key, value)| (Bytes(key), value.as_deref().map(Bytes)))
        .collect();
    let mut pieces = Pieces {
        db,
        piece: Vec::with_capacity(MOST - codec::HEAD),
        put: 0,
    };
    postcard::to_io(&entries, &mut pieces).map_err(text)?;
    pieces.put().map_err(text)?;
    let (key, value) = codec::small(carried(None), &pieces.put)?;
    db.insert(key, value).map_err(text).map(drop)
}

/// Written at once and not byte by byte; it reads as `&[u8]`.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

/// Where the copy is written.
struct Pieces<'a> {
    db: &'a Db,
    piece: Vec<u8>,
    /// So many are in.
    put: u32,
}

impl Pieces<'_> {
    fn put(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let (key, value) = codec::piece(carried(Some(self.put)), &self.piece);
        self.db.insert(key, value).map_err(io::Error::other)?;
        self.piece.clear();
        self.put += 1;
        Ok(())
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = MOST - codec::HEAD - self.piece.len();
        let taken = &bytes[..bytes.len().min(room)];
        self.piece.extend_from_slice(taken);
        if taken.len() == room {
            self.put()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The entries, then away with the copy's head. Its pieces are written over by the next.
fn one_by_one<'a>(
    db: &Db,
    entries: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>,
) -> Result<(), String> {
    for (key, value) in entries {
        match value {
            Some(value) => drop(db.insert(key, value).map_err(text)?),
            None => drop(db.remove(key).map_err(text)?),
        }
    }
    db.remove(carried(None)).map_err(text).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(from: u32, to: u32, value: Option<u32>) -> Layer {
        let iv = |n: u32| IVec::from(&n.to_be_bytes());
        let name = |n: u32| IVec::from([b"k".as_slice(), &n.to_be_bytes()].concat());
        (from..to).map(|n| (name(n), value.map(iv))).collect()
    }

    /// sled's own threads may hold a closed one's file for a moment.
    fn open(dir: &std::path::Path) -> Db {
        let begun = std::time::Instant::now();
        loop {
            match ::sled::Config::new().path(dir).open() {
                Ok(db) => return db,
                Err(::sled::Error::Io(why)) if why.to_string().contains("lock") => {
                    assert!(begun.elapsed().as_secs() < 30, "{why}");
                    std::thread::yield_now();
                }
                Err(why) => panic!("{why}"),
            }
        }
    }

    /// What is in, but for the copy.
    fn held(db: &Db) -> Layer {
        let all = db.iter().map(Result::unwrap);
        all.filter(|(key, _)| key[0] == b'k')
            .map(|(key, value)| (key, Some(value)))
            .collect()
    }

    #[test]
    fn wherever_it_was_cut_off_a_start_puts_in_the_rest() {
        let many = u32::try_from(FEW).unwrap() * 40;
        for done in [0, 1, FEW, 40 * FEW - 1, 40 * FEW] {
            let dir = tempfile::tempdir().unwrap();
            let db = open(dir.path());
            down(&db, &layer(0, many, Some(1))).unwrap();
            // Half of them change, half go.
            let mut next = layer(0, many / 2, Some(2));
            next.append(&mut layer(many / 2, many, None));
            copy(&db, &next).unwrap();
            for (key, value) in next.iter().take(done) {
                match value {
                    Some(value) => drop(db.insert(key, value).unwrap()),
                    None => drop(db.remove(key).unwrap()),
                }
            }
            drop(db);
            let db = open(dir.path());
            finish(&db).unwrap();
            assert_eq!(held(&db), layer(0, many / 2, Some(2)), "{done}");
            assert_eq!(db.get(carried(None)).unwrap(), None);
        }
    }

    #[test]
    fn a_damaged_copy_is_told_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let db = open(dir.path());
        copy(&db, &layer(0, 4000, Some(1))).unwrap();
        let key = carried(Some(3));
        let mut piece = db.get(&key).unwrap().unwrap().to_vec();
        piece[100] ^= 1;
        db.insert(key, piece).unwrap();
        assert!(finish(&db).is_err());
        assert_eq!(held(&db), Layer::new());
    }

    #[test]
    fn few_and_many_come_to_the_same() {
        for n in [1, u32::try_from(FEW).unwrap(), 5000] {
            let dir = tempfile::tempdir().unwrap();
            let db = open(dir.path());
            down(&db, &layer(0, n, Some(9))).unwrap();
            assert_eq!(held(&db), layer(0, n, Some(9)));
            down(&db, &layer(0, n, None)).unwrap();
            assert_eq!(held(&db), Layer::new());
        }
    }
}
