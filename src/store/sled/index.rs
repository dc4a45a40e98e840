//! The one sled tree, opened with suspicion. sled 0.34.7 may open a shortened file as empty, and may
//! panic on a wrong bit (SLED.md): whatever is odd makes the index be rebuilt from the ledger.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use ::sled::{Batch, IVec};
use jiff::SignedDuration;

use super::carry;
use super::codec;
use super::kept::{Found, Kept, Lies};
use super::keys::{self, Name};
use super::looks::{self, Looks};
use super::recent::{Load, Merged, Recent};
use super::sketches::Sketches;
use crate::compose::similar::Sketch;
use crate::compose::{link_key_version, sketch_version};
use crate::model::ChannelId;
use crate::model::words::words_version;
use crate::store::StoreError;
use crate::store::apply::{ChannelRow, Fail, Key, Row};
use crate::store::ledger;

/// How rows and keys are written; another one makes the index be rebuilt. The program's own version
/// stands beside it: what postcard writes follows the types of the model, which change with it.
const FORMAT: &str = concat!(
    "4.",
    link_key_version!(),
    ".",
    words_version!(),
    ".",
    sketch_version!(),
    " ",
    env!("CARGO_PKG_VERSION")
);

/// What sled may keep of its pages in memory. It counts their size on disk, and takes two to three
/// times as much (SLED.md); a small office's whole index is smaller. What a tick asks for again and again
/// is kept above it (`kept`, `looks`), and behind it is the system's own cache. With twice as much an
/// import of 100,000 rows takes 70 MB more and no less time (`benches/sheets.rs`).
const CACHE: u64 = 32 << 20;

/// sled's own thread writes out what is new so often, and collects its garbage; it must not be off.
/// Nothing is lost by a longer time: the ledger has it.
const FLUSH_EVERY_MS: u64 = 500;

/// The index is made durable, and the mark renewed, so often: a kill costs the replay of no more
/// than what was written since; a power cut neither.
pub(super) const MARK_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// The file beside sled's own that says how far it had certainly come.
const MARK: &str = "mark";

/// See the module.
pub(in crate::store) struct Index {
    db: ::sled::Db,
    dir: PathBuf,
    names: RwLock<Names>,
    /// Something in it cannot be right: it gets no mark any more.
    distrusted: AtomicBool,
    /// Held for reading by a question that reads twice, for writing while a batch goes in.
    together: RwLock<()>,
    /// What sled has not taken yet.
    recent: Recent,
    /// What was read or written last.
    kept: Kept,
    /// What articles say, sketched.
    sketches: Sketches,
    /// What was asked last.
    looks: Looks,
    /// Why it takes no more.
    broken: OnceLock<String>,
}

/// Channels by number, and back.
#[derive(Default)]
struct Names {
    ids: Vec<ChannelId>,
    numbers: HashMap<ChannelId, u32>,
}

/// Why an index must be rebuilt.
#[derive(Debug)]
pub(super) struct Odd(pub(super) String);

impl<T: Into<String>> From<T> for Odd {
    fn from(what: T) -> Self {
        Self(what.into())
    }
}

/// Runs what may panic on damage.
fn caught<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("sled panicked".to_owned()))
}

pub(super) fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

impl Index {
    /// Opens what is there, or makes a new one; and says which commit it is of.
    pub(super) fn open(dir: &Path) -> Result<(Self, ledger::Mark), Odd> {
        let db_file = dir.join("db");
        let was_there = dir.exists();
        let mark = if was_there {
            let mark = fs::read_to_string(dir.join(MARK)).map_err(|e| format!("its mark: {e}"))?;
            let mark = read_mark(&mark).ok_or("its mark is damaged, or of another version")?;
            let len = fs::metadata(&db_file).map_err(text)?.len();
            if len < mark.len {
                return Err(Odd(format!("it was cut from {} to {len} bytes", mark.len)));
            }
            Some(mark)
        } else {
            // It holds what the ledger holds, and nobody else may read that.
            let mut folder = fs::DirBuilder::new();
            folder
                .recursive(true)
                .mode(0o700)
                .create(dir)
                .map_err(text)?;
            None
        };
        let db = caught(|| {
            ::sled::Config::new()
                .path(dir)
                .cache_capacity(CACHE)
                .flush_every_ms(Some(FLUSH_EVERY_MS))
                .open()
                .map_err(text)
        })?;
        caught(|| carry::finish(&db))?;
        let index = Self {
            db,
            dir: dir.to_owned(),
            names: RwLock::default(),
            distrusted: AtomicBool::new(false),
            together: RwLock::default(),
            recent: Recent::default(),
            kept: Kept::default(),
            sketches: Sketches::default(),
            looks: Looks::default(),
            broken: OnceLock::new(),
        };
        let Some(mark) = mark else {
            index.write(Vec::new(), [], ledger::Mark::START)?;
            index.settle()?;
            return Ok((index, ledger::Mark::START));
        };
        let applied = index.applied()?.ok_or("it does not say how far it came")?;
        if applied.seq < mark.seq {
            let seq = applied.seq;
            return Err(Odd(format!(
                "it fell back from commit {} to {seq}",
                mark.seq
            )));
        }
        index.read_names()?;
        Ok((index, applied))
    }

    /// The commit the rows are of.
    pub(super) fn applied(&self) -> Result<Option<ledger::Mark>, String> {
        let Some(body) = self.get(keys::APPLIED)? else {
            return Ok(None);
        };
        let (body, _) = codec::unseal(keys::APPLIED, &body)?;
        let (format, seq, hash): (&str, u64, [u8; 32]) = codec::read(body)?;
        if format != FORMAT {
            return Err(format!("it is of version «{format}»"));
        }
        Ok(Some(ledger::Mark { seq, hash }))
    }

    /// Gives sled what it has not taken yet. What cannot be given makes the next write fail.
    pub(in crate::store) fn carry_down(&self) -> Result<(), String> {
        let carried = self
            .recent
            .carry_down(|entries| caught(|| carry::down(&self.db, entries)));
        carried.inspect_err(|why| drop(self.broken.set(why.clone())))
    }

    /// Makes durable what is there, and marks it.
    pub(in crate::store) fn settle(&self) -> Result<(), String> {
        if self.distrusted.load(Ordering::Relaxed) {
            return Ok(());
        }
        let applied = self.applied()?.map_or(0, |mark| mark.seq);
        self.carry_down()?;
        // flush is no fsync on Linux (SLED.md), so the file is synced besides.
        caught(|| self.db.flush().map_err(text))?;
        let file = File::open(self.dir.join("db")).map_err(text)?;
        file.sync_all().map_err(text)?;
        let mark = Marked {
            seq: applied,
            len: file.metadata().map_err(text)?.len(),
        };
        let beside = self.dir.join("mark.new");
        fs::write(&beside, write_mark(&mark)).map_err(text)?;
        File::open(&beside)
            .and_then(|f| f.sync_all())
            .map_err(text)?;
        fs::rename(&beside, self.dir.join(MARK)).map_err(text)?;
        if self.distrusted.load(Ordering::Relaxed) {
            // It was found wrong meanwhile.
            return fs::remove_file(self.dir.join(MARK)).map_err(text);
        }
        File::open(&self.dir)
            .and_then(|f| f.sync_all())
            .map_err(text)
    }

    /// Writes entries (`None`: takes them away), the rows they are of, and which commit they lead to.
    /// `true`: so many have come together that they want to be carried down.
    pub(super) fn write(
        &self,
        entries: Vec<(Vec<u8>, Option<Vec<u8>>)>,
        rows: impl IntoIterator<Item = (Key, Lies)>,
        applied: ledger::Mark,
    ) -> Result<bool, String> {
        if let Some(why) = self.broken.get() {
            return Err(why.clone());
        }
        let leads_to = (FORMAT, applied.seq, applied.hash);
        let (key, value) = codec::small(keys::APPLIED.to_vec(), &leads_to)?;
        let sketched = Sketches::among(&entries)?;
        let changed: Vec<Vec<u8>> = entries
            .iter()
            .filter_map(|(key, _)| keys::scope(key).map(<[u8]>::to_vec))
            .collect();
        let entries = entries.into_iter().chain([(key, Some(value))]);
        let load = {
            let _alone = self
                .together
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            self.sketches.write(sketched);
            let load = self
                .recent
                .put(entries.map(|(key, value)| (IVec::from(key), value.map(IVec::from))));
            self.kept.write(rows);
            self.looks.forget(changed.iter().map(Vec::as_slice));
            load
        };
        if load == Load::FarTooFull {
            self.carry_down()?;
        }
        Ok(load == Load::Full)
    }

    /// Writes what no commit tells of.
    pub(super) fn write_beside(
        &self,
        make: impl FnOnce(&Self) -> Result<Batch, String>,
    ) -> Result<(), StoreError> {
        let _alone = self
            .together
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let write = || self.db.apply_batch(make(self)?).map_err(text);
        self.sure(caught(write))
    }

    /// Numbers of the articles whose sketches agree with this one in so many bytes at least, and in how
    /// many. Whoever asks holds [`Index::together`].
    pub(super) fn like(&self, sketch: &Sketch, least: usize) -> Result<Vec<(u64, usize)>, String> {
        self.sketches.like(sketch, least, || {
            let entries = self.under(keys::sketches());
            entries.map(|entry| {
                let (key, body) = entry?;
                Sketches::read(&key, Some(&body))
            })
        })
    }

    /// Nothing is written while this is held.
    pub(super) fn together(&self) -> RwLockReadGuard<'_, ()> {
        self.together.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What cannot be right makes the index be rebuilt at the next start.
    pub(super) fn sure<T>(&self, found: Result<T, String>) -> Result<T, StoreError> {
        found.map_err(|what| {
            self.distrust(&what);
            StoreError::Index(what)
        })
    }

    /// Makes the index be rebuilt at the next start.
    pub(in crate::store) fn distrust(&self, why: &str) {
        tracing::error!(why, "the index is damaged; it is rebuilt at the next start");
        self.distrusted.store(true, Ordering::Relaxed);
        // Without its mark it is not trusted. Where it cannot be taken away, its damage stays.
        let _ = fs::remove_file(self.dir.join(MARK));
    }

    /// A value as it is stored.
    pub(super) fn get(&self, key: &[u8]) -> Result<Option<IVec>, String> {
        if let Some(known) = self.recent.get(key) {
            return Ok(known);
        }
        caught(|| self.db.get(key).map_err(text))
    }

    /// The body of a small value.
    pub(super) fn body<T: serde::de::DeserializeOwned>(
        &self,
        key: &[u8],
    ) -> Result<Option<T>, String> {
        let Some(value) = self.get(key)? else {
            return Ok(None);
        };
        let (body, _) = codec::unseal(key, &value)?;
        codec::read(body).map(Some)
    }

    /// A row.
    pub(super) fn row(&self, key: &Key) -> Result<Option<Row>, String> {
        Ok(self.kept_row(key)?.row)
    }

    /// A row, and how it lies.
    pub(super) fn kept_row(&self, key: &Key) -> Result<Lies, String> {
        match self.kept.get(key) {
            Found::Row(lies) => Ok(lies),
            Found::Unknown(as_of) => {
                let lies = self.stored_row(key)?;
                self.kept.read(key, lies.clone(), as_of);
                Ok(lies)
            }
        }
    }

    /// A row as it is stored.
    pub(super) fn stored_row(&self, key: &Key) -> Result<Lies, String> {
        let Some(value) = self.get(&keys::row(key))? else {
            return Ok(Lies::default());
        };
        let mut apart = false;
        let mut more = |key: &[u8]| {
            apart = true;
            Ok(self.get(key)?.map(|v| v.to_vec()))
        };
        let row = codec::get_row(&mut more, &|number| self.channel(number), key, &value)?;
        Ok(Lies {
            row: Some(row),
            apart,
        })
    }

    /// A long value, put together.
    pub(super) fn whole(&self, key: &[u8]) -> Result<Option<Vec<u8>>, String> {
        let Some(value) = self.get(key)? else {
            return Ok(None);
        };
        let mut more = |key: &[u8]| Ok(self.get(key)?.map(|v| v.to_vec()));
        codec::whole(&mut more, key, &value).map(Some)
    }

    /// Entries from `from` on and before `to`, checked.
    pub(super) fn range(
        &self,
        from: Vec<u8>,
        to: Vec<u8>,
    ) -> impl DoubleEndedIterator<Item = Result<(IVec, IVec), String>> + use<> {
        // First the layers: what leaves them in between is seen twice rather than not at all.
        let layers = self.recent.now().map(|layer| layer.between(&from, &to));
        Scan(Merged::new(layers, Below(self.db.range(from..to))))
    }

    /// Entries that begin with a prefix.
    pub(super) fn under(
        &self,
        prefix: Name,
    ) -> impl DoubleEndedIterator<Item = Result<(IVec, IVec), String>> + use<> {
        let from = prefix.done();
        let to = behind(&from);
        self.range(from, to)
    }

    /// The first entries that begin with a name, at most `limit`.
    pub(super) fn first_under(&self, name: Name, limit: usize) -> Result<looks::Entries, String> {
        let name = name.done();
        match self.looks.get(&name, limit) {
            looks::Found::Head(entries) => Ok(entries),
            looks::Found::Unknown(as_of) => {
                let to = behind(&name);
                let entries = self.range(name.clone(), to).take(limit);
                let entries = Arc::new(entries.collect::<Result<Vec<_>, String>>()?);
                self.looks.read(&name, &entries, limit, as_of);
                Ok(entries)
            }
        }
    }

    /// The id of a channel's number.
    pub(super) fn channel(&self, number: u32) -> Option<ChannelId> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.ids.get(number as usize).cloned()
    }

    /// The number of a channel.
    pub(super) fn number(&self, id: &ChannelId) -> Option<u32> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.numbers.get(id).copied()
    }

    /// All channels' numbers.
    pub(super) fn numbers(&self) -> std::ops::Range<u32> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        0..u32::try_from(names.ids.len()).unwrap_or(u32::MAX)
    }

    /// Learns a new channel's number. They come in order.
    pub(super) fn learn(&self, row: &ChannelRow) {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if names.ids.len() == row.number as usize {
            names.ids.push(row.state.id.clone());
            names.numbers.insert(row.state.id.clone(), row.number);
        }
    }

    fn read_names(&self) -> Result<(), String> {
        let mut rows = Vec::new();
        for found in self.under(Name::new(keys::CHANNEL)) {
            let (_, value) = found?;
            rows.push(codec::get_channel(&value)?);
        }
        rows.sort_by_key(|row| row.number);
        for row in &rows {
            self.learn(row);
        }
        if self.numbers().len() == rows.len() {
            Ok(())
        } else {
            Err("a channel is missing".into())
        }
    }
}

impl From<String> for Fail {
    fn from(what: String) -> Self {
        Fail::Damaged(what)
    }
}

/// The first key behind all that begin with `prefix`.
pub(super) fn behind(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// What sled tells. It may panic on damage.
struct Below(::sled::Iter);

impl Iterator for Below {
    type Item = Result<(IVec, IVec), String>;
    fn next(&mut self) -> Option<Self::Item> {
        caught(|| self.0.next().transpose().map_err(text)).transpose()
    }
}

impl DoubleEndedIterator for Below {
    fn next_back(&mut self) -> Option<Self::Item> {
        caught(|| self.0.next_back().transpose().map_err(text)).transpose()
    }
}

/// Entries with their checksums verified and their heads taken off.
struct Scan(Merged<Below>);

impl Scan {
    fn check(found: Result<(IVec, IVec), String>) -> Result<(IVec, IVec), String> {
        let (key, value) = found?;
        let (_, in_pieces) = codec::unseal(&key, &value)?;
        // Whoever scans rows that may lie in pieces reads them one by one.
        let body = match in_pieces {
            true => IVec::from(&[]),
            false => value.subslice(codec::HEAD, value.len() - codec::HEAD),
        };
        Ok((key, body))
    }
}

impl Iterator for Scan {
    type Item = Result<(IVec, IVec), String>;
    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Self::check)
    }
}

impl DoubleEndedIterator for Scan {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(Self::check)
    }
}

/// What the mark says: the index held commit `seq`, and its file was `len` bytes long; it never shrinks.
struct Marked {
    seq: u64,
    len: u64,
}

fn write_mark(mark: &Marked) -> String {
    let said = format!("{FORMAT} {} {}", mark.seq, mark.len);
    format!("{said} {:08x}\n", crc32fast::hash(said.as_bytes()))
}

fn read_mark(text: &str) -> Option<Marked> {
    let (said, sum) = text.trim_end().rsplit_once(' ')?;
    if format!("{:08x}", crc32fast::hash(said.as_bytes())) != sum {
        return None;
    }
    let (seq, len) = said.strip_prefix(FORMAT)?.trim().split_once(' ')?;
    Some(Marked {
        seq: seq.parse().ok()?,
        len: len.parse().ok()?,
    })
}
