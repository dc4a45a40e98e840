//! A text that the law wants erased becomes `null` in place. The chain runs over RECORDs and is not
//! touched; blanks keep every line where it is. Nothing else in a segment is ever rewritten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::append::Ledger;
use super::folder::io;
use super::walk::Walk;
use super::{AppendError, LedgerError};
use crate::model::id::TextId;

/// What stands where a text stood.
const GONE: &[u8] = b"null";

impl Ledger {
    /// Erases these texts wherever they stand, and tells which were found. The `erased` event that
    /// names them must be synced before, for a text that is gone without one is damage. May be
    /// called again after it failed or the machine died: what is erased already stays so.
    ///
    /// # Errors
    /// [`LedgerError`] where a segment cannot be read or rewritten. If it is the last one, the
    /// ledger has stopped.
    pub fn erase(&mut self, texts: &BTreeSet<TextId>) -> Result<BTreeSet<TextId>, LedgerError> {
        if let Err(AppendError::Stopped(why) | AppendError::Refused(why)) = self.may_write() {
            let file = self.folder.segment(self.segment);
            return Err(io(&file)(std::io::Error::other(why)));
        }
        let mut found = BTreeSet::new();
        for segment in self.folder.segments()? {
            let Some(bytes) = self.without(segment, texts, &mut found)? else {
                continue;
            };
            let file = self.folder.segment(segment);
            let replaced = self.folder.disk.replace(&file, &bytes, 0o600);
            let reopened = match replaced {
                Ok(()) if segment == self.segment => self.folder.disk.open(&file).map(Some),
                other => other.map(|()| None),
            };
            match reopened {
                Ok(Some(open)) => self.file = open,
                Ok(None) => {}
                Err(e) => {
                    // Open for appending may be a file that no longer has the name.
                    if segment == self.segment {
                        self.stop("erasing a text", &e);
                    }
                    return Err(io(&file)(e));
                }
            }
        }
        Ok(found)
    }

    /// The segment's bytes without these texts; none if it holds none of them.
    fn without(
        &self,
        segment: u32,
        texts: &BTreeSet<TextId>,
        found: &mut BTreeSet<TextId>,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let mut walk = Walk::new(self.folder.clone(), &[segment], None);
        let (mut out, mut changed) = (Vec::new(), false);
        loop {
            let line = match walk.bytes()? {
                Some((_, line)) => {
                    let begin = out.len();
                    out.extend_from_slice(line);
                    &mut out[begin..]
                }
                None => return Ok(changed.then_some(out)),
            };
            match erase_in(line, texts, found) {
                Ok(erased) => changed |= erased,
                Err(what) => return Err(self.folder.damaged(segment, walk.line, what)),
            }
        }
    }
}

/// Blanks the texts in one line; whether any of them was there and is now gone.
fn erase_in(
    line: &mut [u8],
    texts: &BTreeSet<TextId>,
    found: &mut BTreeSet<TextId>,
) -> Result<bool, String> {
    let Some(tab) = line.iter().position(|b| *b == b'\t') else {
        return Ok(false);
    };
    let of_line = &line[tab + 1..];
    let values: BTreeMap<TextId, &RawValue> =
        serde_json::from_slice(of_line).map_err(|e| format!("the texts are no JSON ({e})"))?;
    let mut stretches = Vec::new();
    for (id, value) in values {
        if !texts.contains(&id) {
            continue;
        }
        found.insert(id);
        let value = value.get().as_bytes();
        if value != GONE {
            let begin = value.as_ptr() as usize - line.as_ptr() as usize;
            stretches.push((begin, value.len()));
        }
    }
    for (begin, len) in &stretches {
        let end = begin + (*len).max(GONE.len());
        let room = line.get(begin + len..end);
        if !room.is_some_and(|blanks| blanks.iter().all(|b| *b == b' ')) {
            return Err("a text has no room to be erased in place".into());
        }
        line[*begin..end].fill(b' ');
        line[*begin..begin + GONE.len()].copy_from_slice(GONE);
    }
    Ok(!stretches.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{By, Commit};
    use crate::store::ledger::{Mark, line};

    #[test]
    fn a_line_keeps_its_length_and_its_hash() {
        let id = |n| TextId::new(1, [n; 10]);
        for text in ["", "x", "ă", "xy", "một \"bài\" dài hơn\n"] {
            let mut commit = Commit::new("2026-11-23T00:00:00Z".parse().unwrap(), By::Daemon);
            commit.texts.insert(id(1), Some(text.into()));
            commit.texts.insert(id(2), Some("stays".into()));
            let mut bytes = Vec::new();
            let mark = line::encode(&commit, &Mark::START, &mut bytes).unwrap();
            let mut erased = bytes.clone();
            let mut found = BTreeSet::new();
            let wanted = BTreeSet::from([id(1), id(3)]);
            assert_eq!(erase_in(&mut erased, &wanted, &mut found), Ok(true));
            assert_eq!(found, BTreeSet::from([id(1)]));
            assert_eq!(erased.len(), bytes.len());
            let (link, read) = line::decode(&erased).unwrap();
            assert_eq!(link.mark(), mark);
            assert_eq!(read.texts[&id(1)], None);
            assert_eq!(read.text(id(2)), "stays");
            assert_eq!(erase_in(&mut erased, &wanted, &mut found), Ok(false));
        }
    }
}
