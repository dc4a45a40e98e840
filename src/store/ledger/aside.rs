//! What does not belong to the ledger is never thrown away but moved aside, in the same folder:
//! `torn-SEQ` (never acknowledged, where commit SEQ belongs) and `lost-…` (given up by a recovery).

use std::io::Read;

use super::folder::{Folder, io};
use super::{LedgerError, Position};

/// Bytes a crash left behind the last whole commit, where commit `seq` belongs.
pub(super) fn torn(seq: u64) -> String {
    format!("torn-{seq}")
}

/// Bytes a recovery gave up, where commit `seq` belongs.
pub(super) fn lost(seq: u64) -> String {
    format!("lost-{seq}")
}

/// Whether a file's name says that it was moved aside.
pub(super) fn is_aside(name: &str) -> bool {
    name.starts_with("torn-") || name.starts_with("lost-")
}

/// The `n`th file of that name.
fn nth(name: &str, n: u32) -> String {
    match n {
        1 => name.to_owned(),
        _ => format!("{name}-{n}"),
    }
}

/// A name like this one that is free.
pub(super) fn free(names: &[String], name: &str) -> String {
    let mut n = 1;
    while names.contains(&nth(name, n)) {
        n += 1;
    }
    nth(name, n)
}

/// The last of the files with this name, if there is any.
pub(super) fn latest(names: &[String], name: &str) -> Option<String> {
    (1..)
        .map(|n| nth(name, n))
        .take_while(|name| names.contains(name))
        .last()
}

/// Copies a segment's bytes from `at` on into a file of this name; which it is, and how many. If the
/// latest of that name holds the same, a start before this one got no further, and it is that one.
pub(super) fn copy(folder: &Folder, at: Position, name: &str) -> Result<String, LedgerError> {
    let segment = folder.segment(at.segment);
    let mut bytes = Vec::new();
    let opened = folder.disk.reader(&segment, at.offset);
    opened
        .and_then(|mut reader| reader.read_to_end(&mut bytes))
        .map_err(io(&segment))?;
    let names = folder.names()?;
    if let Some(latest) = latest(&names, name) {
        let file = folder.dir.join(&latest);
        if folder.disk.read(&file).map_err(io(&file))? == bytes {
            return Ok(latest);
        }
    }
    let name = free(&names, name);
    let file = folder.dir.join(&name);
    let wrote = folder.disk.replace(&file, &bytes, 0o600);
    wrote.map_err(io(&file))?;
    Ok(name)
}
