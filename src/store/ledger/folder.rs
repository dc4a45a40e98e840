//! What lies in the ledger's folder: `NNNNNN.jsonl` segments, `HEAD`, `reserve`, and what was moved
//! aside (`torn-SEQ`, `lost-…`).

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::line::{self, Link};
use super::{LedgerError, Mark};
use crate::disk::{self, Disk};
use crate::store::hash;

/// Read buffers: large enough that a sequential read is one of the disk's own.
pub(super) const READ_BYTES: usize = 256 << 10;

const HEAD: &str = "HEAD";
const RESERVE: &str = "reserve";

/// The folder, and the disk it is on.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: PathBuf,
}

/// What HEAD says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head {
    Missing,
    Garbled,
    At(Mark),
}

impl Folder {
    pub(super) fn new(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
        }
    }
    pub(super) fn segment(&self, number: u32) -> PathBuf {
        self.dir.join(format!("{number:06}.jsonl"))
    }
    pub(super) fn head_file(&self) -> PathBuf {
        self.dir.join(HEAD)
    }
    pub(super) fn reserve_file(&self) -> PathBuf {
        self.dir.join(RESERVE)
    }
    pub(super) fn names(&self) -> Result<Vec<String>, LedgerError> {
        let found = self.disk.list(&self.dir).map_err(io(&self.dir))?;
        Ok(found
            .iter()
            .filter_map(|p| p.file_name()?.to_str().map(str::to_owned))
            .collect())
    }
    /// Numbers of the segments, in order, gaps and all.
    pub(super) fn segments(&self) -> Result<Vec<u32>, LedgerError> {
        let mut found: Vec<u32> = self.names()?.iter().filter_map(|n| number(n)).collect();
        found.sort_unstable();
        Ok(found)
    }
    pub(super) fn head(&self) -> Result<Head, LedgerError> {
        let file = self.head_file();
        match self.disk.read(&file) {
            Ok(bytes) => Ok(parse_head(&bytes).map_or(Head::Garbled, Head::At)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Head::Missing),
            Err(e) => Err(io(&file)(e)),
        }
    }
    pub(super) fn write_head(&self, mark: &Mark) -> std::io::Result<()> {
        self.disk
            .replace(&self.head_file(), format!("{mark}\n").as_bytes(), 0o600)
    }
    /// Takes away what a crash left half written.
    pub(super) fn sweep(&self) -> Result<(), LedgerError> {
        disk::sweep(&*self.disk, &self.dir).map_err(io(&self.dir))
    }
    pub(super) fn lines(
        &self,
        segment: u32,
        from: u64,
    ) -> Result<BufReader<Box<dyn Read + Send>>, LedgerError> {
        let file = self.segment(segment);
        let reader = self.disk.reader(&file, from).map_err(io(&file))?;
        Ok(BufReader::with_capacity(READ_BYTES, reader))
    }
    /// A segment's first line; none if it is empty.
    pub(super) fn first(&self, segment: u32) -> Result<Option<Link>, LedgerError> {
        let mut line = Vec::new();
        self.lines(segment, 0)?
            .read_until(b'\n', &mut line)
            .map_err(io(&self.segment(segment)))?;
        if line.is_empty() {
            return Ok(None);
        }
        line::decode_link(&line)
            .map(Some)
            .map_err(|bad| self.bad(segment, 1, bad))
    }
    /// A segment's last line, by a look at its end only; none if it is empty.
    pub(super) fn last(&self, segment: u32) -> Result<Option<Link>, LedgerError> {
        let file = self.segment(segment);
        let len = self.disk.len(&file).map_err(io(&file))?;
        let mut window = READ_BYTES as u64;
        loop {
            let from = len.saturating_sub(window);
            let mut bytes = Vec::new();
            let mut end = self.disk.reader(&file, from).map_err(io(&file))?;
            end.read_to_end(&mut bytes).map_err(io(&file))?;
            let Some((_, before)) = bytes.split_last() else {
                return Ok(None);
            };
            let begin = match before.iter().rposition(|b| *b == b'\n') {
                Some(lf) => lf + 1,
                None if from == 0 => 0,
                None => {
                    window *= 8;
                    continue;
                }
            };
            return match line::decode_link(&bytes[begin..]) {
                Ok(link) => Ok(Some(link)),
                Err(bad) => {
                    let line = self.count_lines(segment)?;
                    Err(self.bad(segment, line, bad))
                }
            };
        }
    }
    /// How many lines a segment has, an unended last one included: only to name a place.
    fn count_lines(&self, segment: u32) -> Result<u64, LedgerError> {
        let mut reader = self.lines(segment, 0)?;
        let (mut lines, mut line) = (0, Vec::new());
        loop {
            line.clear();
            let n = reader.read_until(b'\n', &mut line);
            if n.map_err(io(&self.segment(segment)))? == 0 {
                return Ok(lines);
            }
            lines += 1;
        }
    }
    pub(super) fn damaged(&self, segment: u32, line: u64, what: impl Into<String>) -> LedgerError {
        LedgerError::Damaged {
            file: self.segment(segment),
            line,
            what: what.into(),
        }
    }
    pub(super) fn bad(&self, segment: u32, line: u64, bad: line::Bad) -> LedgerError {
        match bad {
            line::Bad::Broken(what) => self.damaged(segment, line, what),
            line::Bad::Unknown(what) => LedgerError::Unknown {
                file: self.segment(segment),
                line,
                what,
            },
        }
    }
}

/// The first number of a row 1, 2, 3, … that is not there.
pub(super) fn gap(segments: &[u32]) -> Option<u32> {
    (1..)
        .zip(segments)
        .find(|(want, have)| want != *have)
        .map(|(want, _)| want)
}

/// For `map_err`: what the disk said about this file.
pub(super) fn io(file: &Path) -> impl Fn(std::io::Error) -> LedgerError {
    move |source| LedgerError::Io {
        file: file.to_owned(),
        source,
    }
}

fn number(name: &str) -> Option<u32> {
    let digits = name.strip_suffix(".jsonl")?;
    let plain = digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|n| plain && *n > 0)
}

/// Exactly `SEQ HASH<LF>`: a flipped bit makes it another mark, which is not in the chain, or none.
fn parse_head(bytes: &[u8]) -> Option<Mark> {
    let (seq, hash) = std::str::from_utf8(bytes)
        .ok()?
        .strip_suffix('\n')?
        .split_once(' ')?;
    let mark = Mark {
        seq: seq.parse().ok()?,
        hash: hash::unhex(hash)?,
    };
    (mark.seq > 0 || mark == Mark::START).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_reads_what_it_writes_and_nothing_else() {
        let mark = Mark {
            seq: 7,
            hash: [3; 32],
        };
        let text = format!("{mark}\n");
        assert_eq!(parse_head(text.as_bytes()), Some(mark));
        assert_eq!(parse_head(text.trim_end().as_bytes()), None);
        assert_eq!(parse_head(b""), None);
        let start = format!("{}\n", Mark::START);
        assert_eq!(parse_head(start.as_bytes()), Some(Mark::START));
        assert_eq!(parse_head(start.replacen("00", "0a", 1).as_bytes()), None);
    }

    #[test]
    fn gaps_are_seen() {
        assert_eq!(gap(&[1, 2, 3]), None);
        assert_eq!(gap(&[]), None);
        assert_eq!(gap(&[2, 3]), Some(1));
        assert_eq!(gap(&[1, 3]), Some(2));
    }
}
