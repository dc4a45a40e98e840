//! The seam to the disk: append, sync, rename, free space, as values, so that tests make each of
//! them fail ([`FaultyDisk`]). The ledger, the private files and the media go through it; sled does
//! not, because what sled holds can be rebuilt.

mod faulty;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use faulty::{Fault, FaultyDisk};

/// Ends the name of a file that is being written and will be renamed over its elder. One that is
/// found at a start was left by a crash and means nothing.
pub const BESIDE: &str = ".new";

/// So many bytes are copied at a time.
const COPY_BYTES: usize = 1 << 20;

/// What the program asks of a disk. All calls block. The steps that can fail apart from one another
/// are the required methods; what is made of several of them is provided, so that a disk that fails
/// for tests fails inside those too.
pub trait Disk: Send + Sync + 'static {
    /// Opens for appending and cutting, creating an empty file (0600) if there is none. The name of
    /// a new file is durable only after [`Disk::sync_dir`].
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Makes an empty file with these permissions, in place of what stood there.
    fn create(&self, path: &Path, mode: u32) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a file of `len` bytes that really takes up that room.
    fn allot(&self, path: &Path, len: u64) -> io::Result<()>;
    /// The whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Opens for reading from a byte offset.
    fn reader(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>>;
    /// Bytes a file holds.
    fn len(&self, path: &Path) -> io::Result<u64>;
    /// Renames, over what stands there; durable only after [`Disk::sync_dir`].
    fn rename_unsynced(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; durable only after [`Disk::sync_dir`].
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Creates a folder and its missing parents (0700), each durable.
    fn create_dir(&self, path: &Path) -> io::Result<()>;
    /// Makes a folder's entries durable.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;
    /// The paths of a folder's entries, sorted.
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>>;
    /// Gives a file to this user and group.
    fn give(&self, path: &Path, uid: u32, gid: u32) -> io::Result<()>;
    /// Bytes a normal user may still write on the disk of `path`.
    fn free(&self, path: &Path) -> io::Result<u64>;

    /// Renames within one folder and syncs the folder.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.rename_unsynced(from, to)?;
        self.sync_dir(folder_of(to))
    }
    /// Writes a new file beside `path`, syncs it, renames it over `path`, syncs the folder.
    /// `mode`: its permissions (0o600 for what is private).
    fn replace(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let beside = beside(path);
        let mut file = self.create(&beside, mode)?;
        file.append(bytes)?;
        file.sync()?;
        drop(file);
        self.rename(&beside, path)
    }
    /// The same, for a file whose owner is not us: it stays theirs, or nothing is written.
    fn replace_for(
        &self,
        path: &Path,
        bytes: &[u8],
        mode: u32,
        (uid, gid): (u32, u32),
    ) -> io::Result<()> {
        let beside = beside(path);
        let mut file = self.create(&beside, mode)?;
        let written = file.append(bytes).and_then(|()| file.sync());
        drop(file);
        let written = written.and_then(|()| self.give(&beside, uid, gid));
        if let Err(error) = written {
            // What is left of it means nothing, and is written over the next time.
            let _ = self.remove(&beside);
            return Err(error);
        }
        self.rename(&beside, path)
    }
    /// Writes the first `len` bytes of a file anew, as [`Disk::replace`] does: what the page cache
    /// shows may never have reached the disk if a sync failed before a restart.
    fn renew(&self, path: &Path, len: u64) -> io::Result<()> {
        let beside = beside(path);
        let mut from = self.reader(path, 0)?.take(len);
        let mut file = self.create(&beside, 0o600)?;
        let mut chunk = vec![0; COPY_BYTES];
        let mut copied = 0;
        loop {
            let n = from.read(&mut chunk)?;
            if n == 0 {
                break;
            }
            file.append(&chunk[..n])?;
            copied += n as u64;
        }
        if copied != len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.sync()?;
        drop(file);
        self.rename(&beside, path)
    }
}

/// An open file that grows at its end.
pub trait DiskFile: Send {
    /// Writes all bytes at the end. After an error some of them may be there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// `fdatasync`: bytes and length.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts back to `len` bytes.
    fn cut(&mut self, len: u64) -> io::Result<()>;
    /// Bytes it holds.
    fn len(&self) -> io::Result<u64>;
    /// Whether it holds none.
    fn is_empty(&self) -> io::Result<bool> {
        self.len().map(|n| n == 0)
    }
}

/// Whether an error says that the disk, or the user's share of it, is full.
pub fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// Takes away what a crash left half written in a folder.
///
/// # Errors
/// What the disk said.
pub fn sweep(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    for file in disk.list(folder)? {
        if file.to_str().is_some_and(|name| name.ends_with(BESIDE)) {
            disk.remove(&file)?;
        }
    }
    Ok(())
}

/// The folder a path stands in; `.` for a bare name.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(BESIDE);
    name.into()
}

/// The machine's own disk.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineDisk;

struct MachineFile(File);

impl Disk for MachineDisk {
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        Ok(Box::new(MachineFile(file)))
    }
    fn create(&self, path: &Path, mode: u32) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(path)?;
        // A file that was left there keeps its old permissions otherwise.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        Ok(Box::new(MachineFile(file)))
    }
    fn allot(&self, path: &Path, len: u64) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        match rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, len) {
            // Some file systems cannot: there the bytes are written.
            Err(rustix::io::Errno::OPNOTSUPP) => {
                io::copy(&mut io::repeat(0).take(len), &mut file).map(drop)
            }
            other => other.map_err(Into::into),
        }
    }
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }
    fn reader(&self, path: &Path, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Box::new(file))
    }
    fn len(&self, path: &Path) -> io::Result<u64> {
        fs::metadata(path).map(|m| m.len())
    }
    fn rename_unsynced(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        if path.is_dir() {
            return Ok(());
        }
        let parent = folder_of(path);
        if parent != path {
            self.create_dir(parent)?;
        }
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            other => other?,
        }
        self.sync_dir(parent)
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = fs::read_dir(path)?
            .map(|e| e.map(|e| e.path()))
            .collect::<io::Result<Vec<_>>>()?;
        found.sort();
        Ok(found)
    }
    fn give(&self, path: &Path, uid: u32, gid: u32) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(uid), Some(gid))
    }
    fn free(&self, path: &Path) -> io::Result<u64> {
        let s = rustix::fs::statvfs(path)?;
        Ok(s.f_bavail.saturating_mul(s.f_frsize))
    }
}

impl DiskFile for MachineFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn cut(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
    fn len(&self) -> io::Result<u64> {
        self.0.metadata().map(|m| m.len())
    }
}
