//! A disk for tests: it lives in memory, fails when told to, and can lose its power.
//!
//! It keeps apart what programs see and what would be there after a power cut: bytes count as kept
//! after `sync` of their file, names after `sync_dir` of their folder. A failed `sync` behaves as
//! Linux does: the bytes can still be read, a later `sync` succeeds, and they are lost all the same.
//!
//! Every call is numbered from 1, so that a test can count the calls of a run and then repeat the
//! run once for each number and each way to fail.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile, folder_of};

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// EIO. A `sync` that fails so has lost the bytes for good.
    Io,
    /// ENOSPC; nothing was written.
    Full,
    /// ENOSPC after half of the bytes of an `append`; other calls fail as with [`Fault::Full`].
    Short,
    /// This call and every later one fail, and an `append` leaves half of its bytes: the program
    /// was killed here. Go on with [`FaultyDisk::restarted`] or [`FaultyDisk::after_power_cut`].
    Dead,
}

/// The disk; clones are the same disk. Paths are only names, nothing of the machine is touched.
#[derive(Clone)]
pub struct FaultyDisk(Arc<Mutex<State>>);

#[derive(Clone, Default)]
struct State {
    /// What programs see.
    names: BTreeMap<PathBuf, u64>,
    /// What a power cut would leave.
    kept_names: BTreeMap<PathBuf, u64>,
    files: BTreeMap<u64, Bytes>,
    folders: Vec<PathBuf>,
    next_file: u64,
    calls: u64,
    fail: Option<(u64, Fault)>,
    dead: bool,
    /// Bytes the disk can hold.
    size: u64,
}

#[derive(Clone, Default)]
struct Bytes {
    live: Vec<u8>,
    kept: Vec<u8>,
    /// Bytes that only take up room ([`Disk::allot`]).
    hollow: u64,
    /// What stood there before it was cut back, while the cut is not synced: the kernel may have
    /// written that already.
    uncut: Option<Vec<u8>>,
    /// Stretches of `live` that a failed sync has lost.
    lost: Vec<(usize, usize)>,
}

/// What a [`FaultyDisk`] can hold unless told otherwise: more than any test writes.
const ROOMY: u64 = 1 << 40;
/// A power cut keeps or loses whole pages.
const PAGE: usize = 4096;

impl Default for FaultyDisk {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            size: ROOMY,
            ..State::default()
        })))
    }
}

impl FaultyDisk {
    /// Empty and in order.
    pub fn new() -> Self {
        Self::default()
    }
    /// The call with this number (see [`FaultyDisk::calls`]) will fail.
    pub fn fail_at(&self, call: u64, how: Fault) {
        self.state().fail = Some((call, how));
    }
    /// Calls so far.
    pub fn calls(&self) -> u64 {
        self.state().calls
    }
    /// Sets how many bytes the disk can hold: writing more gives ENOSPC.
    pub fn set_size(&self, bytes: u64) {
        self.state().size = bytes;
    }
    /// Another disk with all that programs see now and no fault: what a killed and restarted
    /// program finds, since the machine went on. What a failed sync lost is still only in memory.
    pub fn restarted(&self) -> Self {
        Self(Arc::new(Mutex::new(self.state().restarted())))
    }
    /// Another disk with what is left after a power cut. What was synced is all there; of the rest
    /// `chance` decides: whether a name's change was kept, which length a file has, which pages are
    /// zeros. The same answers give the same disk.
    pub fn after_power_cut(&self, mut chance: impl FnMut() -> u32) -> Self {
        let mut state = self.state().restarted();
        let changed: Vec<PathBuf> = state
            .names
            .keys()
            .chain(state.kept_names.keys())
            .filter(|p| state.names.get(*p) != state.kept_names.get(*p))
            .cloned()
            .collect();
        for path in changed {
            if chance().is_multiple_of(2) {
                continue;
            }
            match state.names.get(&path).copied() {
                Some(file) => state.kept_names.insert(path, file),
                None => state.kept_names.remove(&path),
            };
        }
        for bytes in state.files.values_mut() {
            bytes.lose_power(&mut chance);
        }
        state.names = state.kept_names.clone();
        Self(Arc::new(Mutex::new(state)))
    }
    /// Puts a file there, bytes and name durable. No call is counted.
    pub fn put(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        let id = state.new_file(path);
        state.kept_names.insert(path.to_owned(), id);
        if let Some(file) = state.files.get_mut(&id) {
            file.live = bytes.to_vec();
            file.kept = bytes.to_vec();
        }
        let folder = folder_of(path).to_owned();
        if !state.folders.contains(&folder) {
            state.folders.push(folder);
        }
    }
    /// What a program would read there now. No call is counted.
    pub fn bytes(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        let id = state.names.get(path)?;
        state.files.get(id).map(|b| b.live.clone())
    }
    /// Takes a file away, durably. No call is counted.
    pub fn take_away(&self, path: &Path) {
        let mut state = self.state();
        state.names.remove(path);
        state.kept_names.remove(path);
    }
    /// Every file there is, in order.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.state().names.keys().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Counts a call; the state, or how the call fails.
    fn call(&self) -> Result<MutexGuard<'_, State>, (Fault, MutexGuard<'_, State>)> {
        let mut state = self.state();
        state.calls += 1;
        if state.dead {
            return Err((Fault::Io, state));
        }
        match state.fail {
            Some((at, how)) if at == state.calls => {
                state.dead = how == Fault::Dead;
                Err((how, state))
            }
            _ => Ok(state),
        }
    }
    fn plain_call(&self) -> io::Result<MutexGuard<'_, State>> {
        self.call().map_err(|(how, _)| how.error())
    }
}

impl Fault {
    fn error(self) -> io::Error {
        io::Error::from_raw_os_error(match self {
            Fault::Io | Fault::Dead => rustix::io::Errno::IO.raw_os_error(),
            Fault::Full | Fault::Short => rustix::io::Errno::NOSPC.raw_os_error(),
        })
    }
}

impl State {
    fn restarted(&self) -> State {
        let mut state = self.clone();
        (state.calls, state.fail, state.dead) = (0, None, false);
        let named = |id: &u64| {
            state
                .names
                .values()
                .chain(state.kept_names.values())
                .any(|n| n == id)
        };
        // What only an open file kept alive is gone with it.
        state.files.retain(|id, _| named(id));
        state
    }
    fn new_file(&mut self, path: &Path) -> u64 {
        self.next_file += 1;
        self.files.insert(self.next_file, Bytes::default());
        self.names.insert(path.to_owned(), self.next_file);
        self.next_file
    }
    fn file(&mut self, path: &Path) -> io::Result<&mut Bytes> {
        let id = self.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        self.files.get_mut(id).ok_or(io::ErrorKind::NotFound.into())
    }
    fn used(&self) -> u64 {
        let mut ids: Vec<u64> = self.names.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.iter()
            .filter_map(|id| self.files.get(id))
            .map(Bytes::len)
            .sum()
    }
    fn left(&self) -> u64 {
        self.size.saturating_sub(self.used())
    }
}

impl Bytes {
    fn len(&self) -> u64 {
        self.live.len() as u64 + self.hollow
    }
    fn sync(&mut self) {
        self.kept = self.live.clone();
        self.uncut = None;
        for &(from, to) in &self.lost {
            for byte in self.kept.iter_mut().take(to).skip(from) {
                *byte = 0;
            }
        }
    }
    fn fail_sync(&mut self) {
        let from = self
            .live
            .iter()
            .zip(&self.kept)
            .take_while(|(a, b)| a == b)
            .count();
        self.lost.push((from, self.live.len()));
    }
    fn lose_power(&mut self, chance: &mut impl FnMut() -> u32) {
        if let Some(uncut) = self.uncut.take()
            && chance().is_multiple_of(2)
        {
            self.live = uncut;
        }
        let grew = self.live.len() > self.kept.len() && self.live.starts_with(&self.kept);
        if grew {
            let more = self.live.len() - self.kept.len();
            let synced = self.kept.len();
            let len = synced + chance() as usize % (more + 1);
            self.kept = self.live[..len].to_vec();
            for page in synced / PAGE..len.div_ceil(PAGE) {
                if chance().is_multiple_of(4) {
                    let from = (page * PAGE).max(synced);
                    let to = ((page + 1) * PAGE).min(len);
                    self.kept[from..to].fill(0);
                }
            }
        } else if self.live != self.kept && self.lost.is_empty() && chance().is_multiple_of(2) {
            self.kept = self.live.clone();
        }
        self.live = self.kept.clone();
        self.lost.clear();
    }
}

impl Disk for FaultyDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.plain_call()?;
        let file = match state.names.get(path) {
            Some(id) => *id,
            None => state.new_file(path),
        };
        Ok(Box::new(Open {
            disk: self.clone(),
            file,
        }))
    }
    fn create(&self, path: &Path, _mode: u32) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.plain_call()?;
        let file = state.new_file(path);
        Ok(Box::new(Open {
            disk: self.clone(),
            file,
        }))
    }
    fn allot(&self, path: &Path, len: u64) -> io::Result<()> {
        let mut state = self.plain_call()?;
        if state.left() < len {
            return Err(Fault::Full.error());
        }
        let id = state.new_file(path);
        if let Some(file) = state.files.get_mut(&id) {
            file.hollow = len;
        }
        Ok(())
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.plain_call()?.file(path).map(|b| b.live.clone())
    }
    fn reader(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut state = self.plain_call()?;
        let live = &state.file(path)?.live;
        let from = usize::try_from(from).map_or(live.len(), |n| n.min(live.len()));
        Ok(Box::new(Cursor::new(live[from..].to_vec())))
    }
    fn len(&self, path: &Path) -> io::Result<u64> {
        self.plain_call()?.file(path).map(|b| b.len())
    }
    fn rename_unsynced(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.plain_call()?;
        let id = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), id);
        Ok(())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.plain_call()?;
        state.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(())
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.plain_call()?;
        if !state.folders.iter().any(|f| f == path) {
            state.folders.push(path.to_owned());
        }
        Ok(())
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.plain_call()?;
        let within = |p: &PathBuf| folder_of(p) == path;
        let now: Vec<_> = state
            .names
            .iter()
            .filter(|(p, _)| within(p))
            .map(|(p, id)| (p.clone(), *id))
            .collect();
        state.kept_names.retain(|p, _| !within(p));
        state.kept_names.extend(now);
        Ok(())
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let state = self.plain_call()?;
        if !state.folders.iter().any(|f| f == path) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let names = state.names.keys();
        Ok(names.filter(|p| folder_of(p) == path).cloned().collect())
    }
    fn give(&self, path: &Path, _uid: u32, _gid: u32) -> io::Result<()> {
        self.plain_call()?.file(path).map(drop)
    }
    fn free(&self, _path: &Path) -> io::Result<u64> {
        Ok(self.plain_call()?.left())
    }
}

struct Open {
    disk: FaultyDisk,
    file: u64,
}

impl Open {
    fn with<T>(&self, state: &mut State, act: impl FnOnce(&mut Bytes) -> T) -> io::Result<T> {
        let file = state.files.get_mut(&self.file);
        file.map(act).ok_or(io::ErrorKind::NotFound.into())
    }
}

impl DiskFile for Open {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let half = bytes.len() / 2;
        match self.disk.call() {
            Ok(mut state) => {
                let fits =
                    usize::try_from(state.left()).map_or(bytes.len(), |n| n.min(bytes.len()));
                self.with(&mut state, |b| b.live.extend_from_slice(&bytes[..fits]))?;
                if fits < bytes.len() {
                    return Err(Fault::Full.error());
                }
                Ok(())
            }
            Err((how, mut state)) => {
                if matches!(how, Fault::Short | Fault::Dead) {
                    self.with(&mut state, |b| b.live.extend_from_slice(&bytes[..half]))?;
                }
                Err(how.error())
            }
        }
    }
    fn sync(&mut self) -> io::Result<()> {
        match self.disk.call() {
            Ok(mut state) => self.with(&mut state, Bytes::sync),
            Err((how, mut state)) => {
                if how == Fault::Io && !state.dead {
                    self.with(&mut state, Bytes::fail_sync)?;
                }
                Err(how.error())
            }
        }
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        let mut state = self.disk.plain_call()?;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.with(&mut state, |b| {
            if b.live != b.kept {
                b.uncut = Some(b.live.clone());
            }
            b.live.truncate(len);
            b.lost.retain(|(from, _)| *from < len);
        })
    }
    fn len(&self) -> io::Result<u64> {
        let mut state = self.disk.plain_call()?;
        self.with(&mut state, |b| b.len())
    }
}
