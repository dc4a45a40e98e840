//! Line after line over the segments, the chain verified on the way.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::folder::{Folder, gap, io};
use super::line::{self, Bad, Link};
use super::{LedgerError, Mark, Position};
use crate::disk::Disk;
use crate::model::id::TextId;
use crate::model::{Commit, Event};

/// Walks whole lines from the head of a segment.
pub(super) struct Walk {
    pub(super) folder: Folder,
    /// Those not begun yet, last first.
    rest: Vec<u32>,
    reader: Option<BufReader<Box<dyn Read + Send>>>,
    /// Where the next line begins.
    pub(super) next: Position,
    /// Number of the last line in its segment, from 1.
    pub(super) line: u64,
    /// What the next line must follow; none: whatever it says.
    pub(super) before: Option<Mark>,
    bytes: Vec<u8>,
}

/// Why a walk cannot go on.
pub(super) enum Halt {
    /// The disk failed.
    Disk(LedgerError),
    /// This line is not what must stand here.
    Line {
        at: Position,
        line: u64,
        bad: Bad,
        /// Whole and with the right number, but it follows another commit than the one before it:
        /// either of the two was changed.
        unchained: bool,
    },
}

impl Walk {
    /// From the head of `segments[0]`, whose first line must follow `before`.
    pub(super) fn new(folder: Folder, segments: &[u32], before: Option<Mark>) -> Self {
        Self {
            folder,
            rest: segments.iter().rev().copied().collect(),
            reader: None,
            next: Position {
                segment: segments.first().copied().unwrap_or(1),
                offset: 0,
            },
            line: 0,
            before,
            bytes: Vec::new(),
        }
    }

    /// The next line's bytes with its LF and where it begins; none at the end of the last segment.
    pub(super) fn bytes(&mut self) -> Result<Option<(Position, &[u8])>, LedgerError> {
        loop {
            if let Some(reader) = &mut self.reader {
                self.bytes.clear();
                let read = reader.read_until(b'\n', &mut self.bytes);
                let n = read.map_err(io(&self.folder.segment(self.next.segment)))?;
                if n > 0 {
                    let at = self.next;
                    self.next.offset += n as u64;
                    self.line += 1;
                    return Ok(Some((at, &self.bytes)));
                }
            }
            let Some(segment) = self.rest.pop() else {
                return Ok(None);
            };
            self.reader = Some(self.folder.lines(segment, 0)?);
            self.next = Position { segment, offset: 0 };
            self.line = 0;
        }
    }

    /// The next line, decoded and chained.
    pub(super) fn step<T>(
        &mut self,
        decode: impl Fn(&[u8]) -> Result<(Link, T), Bad>,
    ) -> Result<Option<(Position, Link, T)>, Halt> {
        let before = self.before;
        let Some((at, bytes)) = self.bytes().map_err(Halt::Disk)? else {
            return Ok(None);
        };
        let decoded = decode(bytes);
        let line = self.line;
        let halt = |bad, unchained| Halt::Line {
            at,
            line,
            bad,
            unchained,
        };
        let (link, content) = decoded.map_err(|bad| halt(bad, false))?;
        if let Some(before) = before {
            let due = before.seq + 1;
            if link.seq != due {
                let what = format!("commit {} stands where {due} belongs", link.seq);
                return Err(halt(Bad::Broken(what), false));
            }
            if link.prev != before.hash {
                let what = format!("commit {due} does not follow the one before it");
                return Err(halt(Bad::Broken(what), true));
            }
        }
        self.before = Some(link.mark());
        Ok(Some((at, link, content)))
    }

    /// The next line's link only.
    pub(super) fn link(&mut self) -> Result<Option<(Position, Link)>, Halt> {
        let step = self.step(|bytes| line::decode_link(bytes).map(|link| (link, ())))?;
        Ok(step.map(|(at, link, ())| (at, link)))
    }

    /// As an error for who cannot mend it.
    pub(super) fn error(&self, halt: Halt) -> LedgerError {
        match halt {
            Halt::Disk(e) => e,
            Halt::Line { at, line, bad, .. } => self.folder.bad(at.segment, line, bad),
        }
    }
}

/// The segments from the one that holds commit `seq` on. One whose first line cannot be read is
/// passed over: whoever walks there finds it.
pub(super) fn from_segment_of<'a>(
    folder: &Folder,
    segments: &'a [u32],
    seq: u64,
) -> Result<&'a [u32], LedgerError> {
    for (i, segment) in segments.iter().enumerate().skip(1).rev() {
        match folder.first(*segment) {
            Ok(Some(link)) if link.seq <= seq => return Ok(&segments[i..]),
            Err(e) if !e.is_damage() => return Err(e),
            _ => {}
        }
    }
    Ok(segments)
}

/// Commits in order, the chain verified on the way. After an error it ends.
pub struct Reader {
    walk: Walk,
    up_to: u64,
    /// Erased texts that no event has told of yet, and where they were.
    unexplained: BTreeMap<TextId, (u32, u64)>,
    done: bool,
}

impl Reader {
    /// The commits after `after`, which must be in the ledger; all of them if there is none.
    ///
    /// # Errors
    /// [`LedgerError`] where the folder cannot be read, or `after` is not there.
    pub fn from(disk: Arc<dyn Disk>, dir: &Path, after: Option<Mark>) -> Result<Self, LedgerError> {
        let after = after.unwrap_or(Mark::START);
        let folder = Folder::new(disk, dir);
        let segments = folder.segments()?;
        if let Some(missing) = gap(&segments) {
            return Err(folder.damaged(missing, 1, "this segment is missing"));
        }
        let from = from_segment_of(&folder, &segments, after.seq)?;
        // Midway the first line is taken as it is: `after` vouches for it, once it is reached.
        let before = (from.len() == segments.len()).then_some(Mark::START);
        let mut walk = Walk::new(folder, from, before);
        while walk.before.is_none_or(|m| m.seq < after.seq) {
            match walk.link() {
                Ok(Some(_)) => {}
                Ok(None) => {
                    let what = format!("the ledger ends before commit {}", after.seq);
                    return Err(walk.folder.damaged(walk.next.segment, walk.line + 1, what));
                }
                Err(halt) => return Err(walk.error(halt)),
            }
        }
        if walk.before != Some(after) {
            let what = format!("another commit {} stands here", after.seq);
            return Err(walk.folder.damaged(walk.next.segment, walk.line, what));
        }
        Ok(Self {
            walk,
            up_to: u64::MAX,
            unexplained: BTreeMap::new(),
            done: false,
        })
    }

    /// Ends after commit `seq`: for reading beside a writer, whose last line may be half there.
    #[must_use]
    pub fn up_to(mut self, seq: u64) -> Self {
        self.up_to = seq;
        self
    }

    fn read(&mut self) -> Result<Option<(Mark, Position, Commit)>, LedgerError> {
        if self.walk.before.is_some_and(|m| m.seq >= self.up_to) {
            return Ok(None);
        }
        let step = match self.walk.step(line::decode) {
            Ok(step) => step,
            Err(halt) => return Err(self.walk.error(halt)),
        };
        let Some((at, link, commit)) = step else {
            return match self.unexplained.first_key_value() {
                None => Ok(None),
                Some((text, (segment, line))) => {
                    let what = format!("text {text} is gone, and no event tells why");
                    Err(self.walk.folder.damaged(*segment, *line, what))
                }
            };
        };
        if link.erased {
            let gone = commit.texts.iter().filter(|(_, text)| text.is_none());
            let place = (at.segment, self.walk.line);
            self.unexplained.extend(gone.map(|(id, _)| (*id, place)));
        }
        if !self.unexplained.is_empty() {
            for event in &commit.events {
                if let Event::Erased { texts, .. } = event {
                    self.unexplained.retain(|id, _| !texts.contains(id));
                }
            }
        }
        Ok(Some((link.mark(), at, commit)))
    }
}

impl Iterator for Reader {
    type Item = Result<(Mark, Position, Commit), LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let item = self.read().transpose();
        self.done = !matches!(item, Some(Ok(_)));
        item
    }
}

/// One commit by its place, for a share's story. Its texts' hash is checked, its chain is not.
///
/// # Errors
/// [`LedgerError`] where no whole line begins there.
pub fn read_at(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    at: Position,
) -> Result<(Mark, Commit), LedgerError> {
    let folder = Folder::new(disk.clone(), dir);
    let mut bytes = Vec::new();
    let read = folder
        .lines(at.segment, at.offset)?
        .read_until(b'\n', &mut bytes);
    read.map_err(io(&folder.segment(at.segment)))?;
    match line::decode(&bytes) {
        Ok((link, commit)) => Ok((link.mark(), commit)),
        Err(bad) => {
            let before = folder.lines(at.segment, 0)?.take(at.offset);
            let line = 1 + before.split(b'\n').count() as u64;
            Err(folder.bad(at.segment, line, bad))
        }
    }
}
