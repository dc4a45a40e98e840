//! Everything once more, from the first line. Unlike a replay it does not stop at the first thing
//! that is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{Folder, Head};
use super::line::Bad;
use super::walk::{Halt, Walk};
use super::{LedgerError, Mark, Position, aside, line};
use crate::disk::Disk;
use crate::model::id::TextId;
use crate::model::{Commit, Event};

/// So many problems are told in full; a segment full of noise would give one a line.
const MAX_PROBLEMS: usize = 100;

/// What a walk over everything found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Commits that are whole and in their place.
    pub commits: u64,
    /// The last of them.
    pub last: Option<Mark>,
    /// What is wrong, in order; the first 100.
    pub problems: Vec<Problem>,
    /// How many things are wrong.
    pub problem_count: u64,
    /// Texts that are gone under an event that says why.
    pub erased: Vec<ErasedText>,
    /// Files that a crash or a recovery moved aside.
    pub aside: Vec<String>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {what}", file.display())]
pub struct Problem {
    /// Which file.
    pub file: PathBuf,
    /// Which of its lines, from 1.
    pub line: u64,
    /// What.
    pub what: String,
}

/// A text that was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasedText {
    /// Which.
    pub text: TextId,
    /// The commit it belonged to.
    pub commit: u64,
    /// The commit that tells of the erasure.
    pub told_by: u64,
    /// Why.
    pub why: String,
}

/// Walks the whole ledger, or up to commit `up_to` (beside a writer: its head). `each` sees every
/// commit that is whole and in its place, so that counts can be recomputed.
///
/// # Errors
/// [`LedgerError::Io`] only: what is wrong with the ledger is in the answer.
pub fn verify(
    disk: Arc<dyn Disk>,
    dir: &Path,
    up_to: Option<u64>,
    mut each: impl FnMut(&Mark, Position, &Commit),
) -> Result<Verified, LedgerError> {
    let folder = Folder::new(disk, dir);
    let head = folder.head()?;
    let segments = folder.segments()?;
    let mut found = Verified {
        aside: folder
            .names()?
            .into_iter()
            .filter(|n| aside::is_aside(n))
            .collect(),
        ..Verified::default()
    };
    for (due, segment) in missing(&segments) {
        found.problem(
            folder.segment(due),
            1,
            match segment - due {
                1 => "this segment is missing".into(),
                n => format!("{n} segments from this one on are missing"),
            },
        );
    }
    let mut head_seen = false;
    let mut texts = Texts::default();
    let mut walk = Walk::new(folder.clone(), &segments, Some(Mark::START));
    while up_to.is_none_or(|seq| found.last.is_none_or(|m| m.seq < seq)) {
        match walk.step(line::decode) {
            Ok(Some((at, link, commit))) => {
                let mark = link.mark();
                let place = (folder.segment(at.segment), walk.line);
                if let Head::At(head) = head
                    && head.seq == mark.seq
                {
                    head_seen = true;
                    if head != mark {
                        let what = format!("this is not the commit {} that HEAD names", mark.seq);
                        found.problem(place.0.clone(), place.1, what);
                    }
                }
                texts.see(&mark, &commit, link.erased, place);
                each(&mark, at, &commit);
                found.commits += 1;
                found.last = Some(mark);
            }
            Ok(None) => break,
            Err(Halt::Disk(e)) => return Err(e),
            Err(Halt::Line { at, line, bad, .. }) => {
                let (Bad::Broken(what) | Bad::Unknown(what)) = bad;
                found.problem(folder.segment(at.segment), line, what);
                walk.before = None;
            }
        }
    }
    let last = found.last.map_or(0, |m| m.seq);
    if let Some(seq) = up_to
        && last < seq
    {
        let what = format!("the ledger ends before commit {seq}");
        found.problem(folder.segment(walk.next.segment), walk.line + 1, what);
    }
    let what = match head {
        Head::At(head) if head.seq == 0 || head_seen => None,
        // Renewed by the writer since `up_to` was asked for.
        Head::At(head) if up_to.is_some_and(|seq| seq < head.seq) => None,
        Head::At(head) => Some(format!("commit {} that it names is not there", head.seq)),
        Head::Missing if segments.is_empty() => None,
        Head::Missing => Some("this file is missing".into()),
        Head::Garbled => Some("this file is damaged".into()),
    };
    if let Some(what) = what {
        found.problem(folder.head_file(), 1, what);
    }
    texts.tell(&mut found);
    Ok(found)
}

/// For each hole in the row 1, 2, 3, …: the first number missing and the one that is there.
fn missing(segments: &[u32]) -> Vec<(u32, u32)> {
    let before = std::iter::once(0).chain(segments.iter().copied());
    before
        .zip(segments.iter().copied())
        .filter(|(before, segment)| before + 1 != *segment)
        .map(|(before, segment)| (before + 1, segment))
        .collect()
}

impl Verified {
    /// Whether all is as it was written.
    pub fn is_clean(&self) -> bool {
        self.problem_count == 0
    }
    fn problem(&mut self, file: PathBuf, line: u64, what: String) {
        self.problem_count += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(Problem { file, line, what });
        }
    }
}

/// Which texts are gone, and which events say so.
#[derive(Default)]
struct Texts {
    /// Of commits whose texts no longer have their hash, or that never had the text.
    gone: BTreeMap<TextId, Gone>,
    told: BTreeMap<TextId, Told>,
}

struct Gone {
    commit: u64,
    /// It was there when the commit was written.
    taken: bool,
    place: (PathBuf, u64),
}

struct Told {
    by: u64,
    why: String,
    place: (PathBuf, u64),
}

impl Texts {
    fn see(&mut self, mark: &Mark, commit: &Commit, taken: bool, place: (PathBuf, u64)) {
        for (id, _) in commit.texts.iter().filter(|(_, text)| text.is_none()) {
            let (commit, place) = (mark.seq, place.clone());
            self.gone.insert(
                *id,
                Gone {
                    commit,
                    taken,
                    place,
                },
            );
        }
        for event in &commit.events {
            let Event::Erased { texts, why } = event else {
                continue;
            };
            for id in texts {
                self.told.insert(
                    *id,
                    Told {
                        by: mark.seq,
                        why: why.clone(),
                        place: place.clone(),
                    },
                );
            }
        }
    }
    fn tell(mut self, found: &mut Verified) {
        for (text, gone) in self.gone {
            match self.told.remove(&text) {
                Some(told) => found.erased.push(ErasedText {
                    text,
                    commit: gone.commit,
                    told_by: told.by,
                    why: told.why,
                }),
                None if gone.taken => {
                    let what = format!("text {text} is gone, and no event tells why");
                    found.problem(gone.place.0, gone.place.1, what);
                }
                None => {}
            }
        }
        for (text, told) in self.told {
            let what = format!("text {text} should be erased by this and is not: erase it again");
            found.problem(told.place.0, told.place.1, what);
        }
    }
}
