//! Accepting a loss: what is whole from the first line on is kept, the rest moved aside, and a
//! `ledger.recovered` event told in its place, which pauses everything (RULES 7).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::folder::{Folder, Head, io};
use super::walk::{Halt, Walk};
use super::{LedgerError, Mark, Position, aside, line};
use crate::disk::Disk;
use crate::model::id::TextId;
use crate::model::{By, Commit, Event};

/// Why a text is gone whose erasure was told in a commit that is lost.
const ERASURE_LOST: &str = "erased before the ledger was recovered; the event was lost";

/// What a recovery did.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The last commit that was kept.
    pub kept: Mark,
    /// The commit that tells of the loss.
    pub head: Mark,
    /// What was wrong: where, and what.
    pub why: String,
    /// Files that hold what was given up, within the ledger's folder.
    pub aside: Vec<String>,
}

/// Keeps what is whole and ends the ledger with an event that tells of the loss. The caller holds
/// `data/lock`, rebuilds the index afterwards from nothing, and treats the office as restored from a
/// backup. May be repeated if it fails or the machine dies: until it is through, the ledger does
/// not open.
///
/// # Errors
/// [`LedgerError::Io`].
pub fn recover(
    disk: Arc<dyn Disk>,
    dir: &Path,
    at: Timestamp,
    by: By,
) -> Result<Recovered, LedgerError> {
    let folder = Folder::new(disk, dir);
    folder.disk.create_dir(dir).map_err(io(dir))?;
    folder.sweep()?;
    let found = look(&folder)?;
    // Without HEAD it does not open: a recovery that is broken off is never taken for a whole ledger.
    let head_file = folder.head_file();
    if folder.head()? != Head::Missing {
        let removed = folder.disk.remove(&head_file);
        removed.map_err(io(&head_file))?;
        folder.disk.sync_dir(dir).map_err(io(dir))?;
    }
    let aside = clear(&folder, &found)?;
    let mut commit = Commit::new(at, by);
    commit.events.push(Event::LedgerRecovered {
        after: found.kept.seq,
        why: found.why.clone(),
    });
    if !found.unexplained.is_empty() {
        commit.events.push(Event::Erased {
            texts: found.unexplained.iter().copied().collect(),
            why: ERASURE_LOST.into(),
        });
    }
    let file = folder.segment(found.end.segment);
    let mut bytes = Vec::new();
    let head = line::encode(&commit, &found.kept, &mut bytes)
        .map_err(|e| io(&file)(std::io::Error::other(e)))?;
    if folder.segments()?.contains(&found.end.segment) {
        let renewed = folder.disk.renew(&file, found.end.offset);
        renewed.map_err(io(&file))?;
    }
    let mut open = folder.disk.open(&file).map_err(io(&file))?;
    open.append(&bytes)
        .and_then(|()| open.sync())
        .and_then(|()| folder.disk.sync_dir(dir))
        .map_err(io(&file))?;
    folder.write_head(&head).map_err(io(&head_file))?;
    Ok(Recovered {
        kept: found.kept,
        head,
        why: found.why,
        aside,
    })
}

struct Found {
    kept: Mark,
    end: Position,
    why: String,
    /// Erased texts among what is kept, whose event is not.
    unexplained: BTreeSet<TextId>,
}

/// The longest whole beginning.
fn look(folder: &Folder) -> Result<Found, LedgerError> {
    let segments = folder.segments()?;
    let whole = (1..).zip(&segments).take_while(|(n, s)| n == *s).count();
    let mut walk = Walk::new(folder.clone(), &segments[..whole], Some(Mark::START));
    let head = folder.head()?;
    let mut unexplained = BTreeSet::new();
    let mut kept = Mark::START;
    // The last line, in case it must go too: where it began, and what it followed.
    let mut line_before = (walk.next, kept);
    let mut end = walk.next;
    let mut last: Option<(Commit, bool)> = None;
    let mut drop_last = false;
    let why = loop {
        match walk.step(line::decode) {
            Ok(Some((at, link, commit))) => {
                line_before = (at, kept);
                kept = link.mark();
                end = walk.next;
                if let Some((commit, erased)) = last.replace((commit, link.erased)) {
                    explain(&mut unexplained, &commit, erased);
                }
            }
            Ok(None) if whole < segments.len() => {
                let missing = folder.segment(u32::try_from(whole + 1).unwrap_or(u32::MAX));
                break format!("{} is missing", missing.display());
            }
            Ok(None) => {
                // Either HEAD or the last line was changed: no changed line is kept.
                drop_last = matches!(head, Head::At(m) if m.seq == kept.seq && m != kept);
                break past_the_end(&head, &kept);
            }
            Err(Halt::Disk(e)) => return Err(e),
            Err(Halt::Line {
                at,
                line,
                bad,
                unchained,
            }) => {
                let (line::Bad::Broken(what) | line::Bad::Unknown(what)) = bad;
                let why = format!("{}:{line}: {what}", folder.segment(at.segment).display());
                // One of two lines was changed: the one before stays only if HEAD vouches for it.
                drop_last = unchained && head != Head::At(kept) && kept != Mark::START;
                break why;
            }
        }
    };
    if drop_last {
        (end, kept) = line_before;
    } else if let Some((commit, erased)) = last {
        explain(&mut unexplained, &commit, erased);
    }
    Ok(Found {
        kept,
        end,
        why,
        unexplained,
    })
}

/// Every line is whole: then the end is missing, or it is the index or HEAD that is not right.
fn past_the_end(head: &Head, kept: &Mark) -> String {
    match head {
        Head::At(mark) if mark.seq > kept.seq => {
            format!("commits {} to {} are missing", kept.seq + 1, mark.seq)
        }
        Head::At(mark) if mark.seq == kept.seq && mark != kept => {
            format!("commit {} is not the one that HEAD names", kept.seq)
        }
        Head::At(_) => "every line is whole; the index or HEAD named other commits".into(),
        Head::Missing => "HEAD is missing".into(),
        Head::Garbled => "HEAD is damaged".into(),
    }
}

fn explain(unexplained: &mut BTreeSet<TextId>, commit: &Commit, erased: bool) {
    if erased {
        let gone = commit.texts.iter().filter(|(_, text)| text.is_none());
        unexplained.extend(gone.map(|(id, _)| *id));
    }
    for event in &commit.events {
        if let Event::Erased { texts, .. } = event {
            for id in texts {
                unexplained.remove(id);
            }
        }
    }
}

/// Moves aside what stands behind the kept part: later segments first, the last of them before the
/// others, so that the numbers stay without a hole; then the rest of the segment it ends in.
fn clear(folder: &Folder, found: &Found) -> Result<Vec<String>, LedgerError> {
    let mut aside = Vec::new();
    let segments = folder.segments()?;
    for &segment in segments.iter().rev().filter(|s| **s > found.end.segment) {
        let from = folder.segment(segment);
        let name = aside::free(&folder.names()?, &format!("lost-{segment:06}.jsonl"));
        let renamed = folder.disk.rename(&from, &folder.dir.join(&name));
        renamed.map_err(io(&from))?;
        aside.push(name);
    }
    if segments.contains(&found.end.segment) {
        let file = folder.segment(found.end.segment);
        if folder.disk.len(&file).map_err(io(&file))? > found.end.offset {
            let name = aside::lost(found.kept.seq + 1);
            aside.push(aside::copy(folder, found.end, &name)?);
        }
    }
    aside.reverse();
    Ok(aside)
}
