//! What is found at a start (RULES 7, Open): whole, torn by a crash, or damaged.
//!
//! Acknowledged is whatever HEAD or the index's `applied` names, and all before it. A broken line
//! beyond both was never answered for and is moved aside; anything else is refused, for going on
//! would lose or double what people rely on.

use std::path::Path;
use std::sync::Arc;

use super::append::Ledger;
use super::folder::{Folder, Head, gap, io};
use super::line::Bad;
use super::walk::{Halt, Walk, from_segment_of};
use super::{LedgerError, Mark, Position, aside};
use crate::disk::Disk;

/// A ledger that was opened.
pub struct Opened {
    /// Ready to append to; all that it holds is synced.
    pub ledger: Ledger,
    /// Set if bytes at the end were moved aside and no event has told it yet. The caller's first
    /// commit must be the `ledger.torn` that does.
    pub torn: Option<Torn>,
}

/// Unacknowledged bytes that a crash left at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// Name of the file they are in now, within the ledger's folder.
    pub file: String,
    /// How many they are.
    pub bytes: u64,
}

impl Ledger {
    /// Opens the ledger in `dir`, or begins one. `applied`: what the index says it holds, if there
    /// is an index. The caller holds `data/lock`.
    ///
    /// # Errors
    /// [`LedgerError::Damaged`] where acknowledged commits are gone; see the others.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &Path,
        applied: Option<Mark>,
    ) -> Result<Opened, LedgerError> {
        let folder = Folder::new(disk, dir);
        folder.disk.create_dir(dir).map_err(io(dir))?;
        folder.sweep()?;
        let found = look(&folder, applied)?;
        if found.torn {
            aside::copy(&folder, found.end, &aside::torn(found.last.seq + 1))?;
        }
        let file = folder.segment(found.end.segment);
        let tell_head = |mark: &Mark| folder.write_head(mark).map_err(io(&folder.head_file()));
        if found.fresh {
            tell_head(&Mark::START)?;
        } else {
            let renewed = folder.disk.renew(&file, found.end.offset);
            renewed.map_err(io(&file))?;
        }
        let open = folder.disk.open(&file).map_err(io(&file))?;
        folder.disk.sync_dir(dir).map_err(io(dir))?;
        if found.head != found.last {
            tell_head(&found.last)?;
        }
        let torn = untold(&folder, found.last.seq + 1)?;
        let end = found.end;
        let ledger = Ledger::new(folder, open, end.segment, end.offset, found.last);
        Ok(Opened { ledger, torn })
    }
}

/// What a look at the folder found, nothing changed yet.
struct Found {
    /// The last commit that is whole.
    last: Mark,
    /// Where it ends.
    end: Position,
    /// Behind it stand bytes that were never acknowledged.
    torn: bool,
    /// What HEAD says.
    head: Mark,
    /// There is no ledger yet.
    fresh: bool,
}

fn look(folder: &Folder, applied: Option<Mark>) -> Result<Found, LedgerError> {
    let segments = folder.segments()?;
    if let Some(missing) = gap(&segments) {
        return Err(folder.damaged(missing, 1, "this segment is missing"));
    }
    let head = folder.head()?;
    let applied = applied.filter(|m| m.seq > 0);
    let fresh = segments.is_empty();
    let head = match head {
        Head::At(mark) => mark,
        Head::Missing if fresh && applied.is_none() => Mark::START,
        // It is written before the first segment is made, and never taken away.
        Head::Missing => return Err(bad_head(folder, "missing")),
        Head::Garbled => return Err(bad_head(folder, "damaged")),
    };
    let marks: Vec<Mark> = [head].into_iter().chain(applied).collect();
    if !fresh {
        return scan(folder, &segments, head, &marks);
    }
    match marks.iter().map(|m| m.seq).max() {
        Some(seq) if seq > 0 => {
            let what = format!("this segment is missing, and commit {seq} was acknowledged");
            Err(folder.damaged(1, 1, what))
        }
        _ => Ok(Found {
            last: Mark::START,
            end: Position {
                segment: 1,
                offset: 0,
            },
            torn: false,
            head,
            fresh,
        }),
    }
}

fn bad_head(folder: &Folder, state: &str) -> LedgerError {
    LedgerError::Damaged {
        file: folder.head_file(),
        line: 1,
        what: format!("this file is {state}, so nobody can say how far the ledger must reach"),
    }
}

/// Walks from the segment of the earliest of `marks` to the end. What lies before is looked at only
/// where segments join.
fn scan(
    folder: &Folder,
    segments: &[u32],
    head: Mark,
    marks: &[Mark],
) -> Result<Found, LedgerError> {
    let acknowledged = marks.iter().map(|m| m.seq).max().unwrap_or(0);
    let earliest = marks.iter().map(|m| m.seq).min().unwrap_or(0);
    let walked = from_segment_of(folder, segments, earliest)?;
    let unread = &segments[..segments.len() - walked.len()];
    let mut last = check_joints(folder, unread)?;
    let mut walk = Walk::new(folder.clone(), walked, Some(last));
    // Where the last line began, and what it followed.
    let mut line_before: Option<(Position, Mark)> = None;
    let (end, torn) = loop {
        match walk.link() {
            Ok(Some((at, link))) => {
                line_before = Some((at, last));
                last = link.mark();
                if marks.iter().any(|m| m.seq == last.seq && *m != last) {
                    let what = format!("this is not the commit {} that was acknowledged", last.seq);
                    return Err(folder.damaged(at.segment, walk.line, what));
                }
            }
            Ok(None) if last.seq < acknowledged => {
                let what = format!(
                    "the ledger ends with commit {}, and {acknowledged} was acknowledged",
                    last.seq
                );
                return Err(folder.damaged(walk.next.segment, walk.line + 1, what));
            }
            Ok(None) => break (walk.next, false),
            Err(Halt::Line {
                at,
                bad: Bad::Broken(_),
                unchained,
                ..
            }) if last.seq >= acknowledged && Some(&at.segment) == segments.last() => {
                if !unchained || last.seq == acknowledged {
                    break (at, true);
                }
                // One of two lines was changed, and nothing vouches for the one before: both go. If
                // that one closed the segment before, it was synced, so this is damage.
                match line_before {
                    Some((begin, before)) if begin.segment == at.segment => {
                        last = before;
                        break (begin, true);
                    }
                    _ => {
                        let what =
                            format!("commit {} does not follow the segment before", last.seq + 1);
                        return Err(folder.damaged(at.segment, 1, what));
                    }
                }
            }
            Err(halt) => return Err(walk.error(halt)),
        }
    };
    Ok(Found {
        last,
        end,
        torn,
        head,
        fresh: false,
    })
}

/// Each segment must begin with what follows the last commit of the one before: a look at both ends
/// of each, so that one that was cut short long ago is noticed without reading it all. The mark the
/// last of them ends in.
fn check_joints(folder: &Folder, segments: &[u32]) -> Result<Mark, LedgerError> {
    let mut last = Mark::START;
    for &segment in segments {
        let (Some(first), Some(end)) = (folder.first(segment)?, folder.last(segment)?) else {
            return Err(folder.damaged(segment, 1, "this segment is empty"));
        };
        if first.before() != last {
            let what = format!("commit {} does not follow the segment before", first.seq);
            return Err(folder.damaged(segment, 1, what));
        }
        last = end.mark();
    }
    Ok(last)
}

/// What was moved aside and no event has told yet: the event would be the very next commit.
fn untold(folder: &Folder, seq: u64) -> Result<Option<Torn>, LedgerError> {
    let Some(name) = aside::latest(&folder.names()?, &aside::torn(seq)) else {
        return Ok(None);
    };
    let file = folder.dir.join(&name);
    let bytes = folder.disk.len(&file).map_err(io(&file))?;
    Ok(Some(Torn { file: name, bytes }))
}
