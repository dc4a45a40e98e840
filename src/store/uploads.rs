//! Files that people brought and that wait for a word of theirs: `data/uploads/`. Nothing of it is state:
//! what is lost there is brought again, so nothing is synced but what a person is told was kept.
//!
//! An upload is some parts under one id, each a file `ID-PART`.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, DiskFile, sweep};

const MODE: u32 = 0o600;
/// Lines are written so many bytes at a time.
const TOGETHER: usize = 256 << 10;

/// The folder.
pub struct UploadFolder {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

/// Why a part was not read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}. Look after the disk", file.display())]
pub struct UploadError {
    /// Which file.
    file: PathBuf,
    /// What the disk said.
    source: io::Error,
}

impl UploadFolder {
    /// Opens the folder, or makes it.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, UploadError> {
        let failed = |source| UploadError {
            file: dir.to_owned(),
            source,
        };
        disk.create_dir(dir).map_err(failed)?;
        sweep(&*disk, dir).map_err(failed)?;
        Ok(Self {
            disk,
            dir: dir.to_owned(),
        })
    }

    /// The ids of all uploads, sorted. An id has no `-`.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn list(&self) -> Result<Vec<String>, UploadError> {
        let mut ids: Vec<String> = self
            .names()?
            .into_iter()
            .filter_map(|name| Some(name.split_once('-')?.0.to_owned()))
            .collect();
        ids.dedup();
        Ok(ids)
    }

    fn names(&self) -> Result<Vec<String>, UploadError> {
        let all = self.disk.list(&self.dir).map_err(self.failed(&self.dir))?;
        let name = |path: PathBuf| Some(path.file_name()?.to_str()?.to_owned());
        Ok(all.into_iter().filter_map(name).collect())
    }

    /// Puts a part there, in place of what stood there; whole or not at all.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn put(&self, id: &str, part: &str, bytes: &[u8]) -> Result<(), UploadError> {
        let file = self.file(id, part);
        self.disk
            .replace(&file, bytes, MODE)
            .map_err(self.failed(&file))
    }

    /// A part's bytes; none if it is not there.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn get(&self, id: &str, part: &str) -> Result<Option<Vec<u8>>, UploadError> {
        let file = self.file(id, part);
        match self.disk.read(&file) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.failed(&file)(e)),
        }
    }

    /// Begins a part of lines anew.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn write(&self, id: &str, part: &str) -> Result<LinesTo, UploadError> {
        let path = self.file(id, part);
        let file = self.disk.create(&path, MODE).map_err(self.failed(&path))?;
        Ok(LinesTo {
            path,
            file,
            waiting: Vec::new(),
        })
    }

    /// Lines of a part from a byte on, one after the other, each with the byte behind it; until `each`
    /// says that it is enough.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn read(
        &self,
        id: &str,
        part: &str,
        from: u64,
        each: &mut dyn FnMut(&[u8], u64) -> bool,
    ) -> Result<(), UploadError> {
        let file = self.file(id, part);
        let reader = match self.disk.reader(&file, from) {
            Ok(reader) => reader,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(self.failed(&file)(e)),
        };
        let mut reader = BufReader::new(reader);
        let (mut line, mut at) = (Vec::new(), from);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line);
            let n = read.map_err(self.failed(&file))?;
            at += n as u64;
            if n == 0 || !each(line.trim_ascii_end(), at) {
                return Ok(());
            }
        }
    }

    /// Removes an upload.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn remove(&self, id: &str) -> Result<(), UploadError> {
        for name in self.names()? {
            if name.split_once('-').is_some_and(|(of, _)| of == id) {
                let file = self.dir.join(name);
                self.disk.remove(&file).map_err(self.failed(&file))?;
            }
        }
        Ok(())
    }

    fn file(&self, id: &str, part: &str) -> PathBuf {
        self.dir.join(format!("{id}-{part}"))
    }

    fn failed(&self, file: &Path) -> impl FnOnce(io::Error) -> UploadError {
        let file = file.to_owned();
        move |source| UploadError { file, source }
    }
}

/// Lines that are being written.
pub struct LinesTo {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    waiting: Vec<u8>,
}

impl LinesTo {
    /// One more line; it holds no line's end.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn line(&mut self, line: &[u8]) -> Result<(), UploadError> {
        self.waiting.extend_from_slice(line);
        self.waiting.push(b'\n');
        if self.waiting.len() >= TOGETHER {
            self.flush()?;
        }
        Ok(())
    }

    /// All of it is with the system.
    ///
    /// # Errors
    /// [`UploadError`].
    pub fn end(mut self) -> Result<(), UploadError> {
        self.flush()
    }

    fn flush(&mut self) -> Result<(), UploadError> {
        let written = self.file.append(&self.waiting);
        self.waiting.clear();
        written.map_err(|source| UploadError {
            file: self.path.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MachineDisk;

    #[test]
    fn lines_are_read_from_where_one_left_off() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = UploadFolder::open(Arc::new(MachineDisk), folder.path()).unwrap();
        let mut lines = uploads.write("a1", "rows").unwrap();
        for line in ["một", "hai", "ba"] {
            lines.line(line.as_bytes()).unwrap();
        }
        lines.end().unwrap();
        uploads.put("b2", "about", b"{}").unwrap();
        let read = |from, most: usize| {
            let (mut found, mut next) = (Vec::new(), from);
            uploads
                .read("a1", "rows", from, &mut |line, at| {
                    found.push(String::from_utf8(line.to_vec()).unwrap());
                    next = at;
                    found.len() < most
                })
                .unwrap();
            (found, next)
        };
        let (first, next) = read(0, 2);
        assert_eq!(first, ["một", "hai"]);
        assert_eq!(read(next, 2).0, ["ba"]);
        assert_eq!(uploads.list().unwrap(), ["a1", "b2"]);
        uploads.remove("a1").unwrap();
        assert_eq!(uploads.list().unwrap(), ["b2"]);
        assert_eq!(uploads.get("a1", "rows").unwrap(), None);
    }
}
