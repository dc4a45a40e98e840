//! The journal and the evidence (RULES 7): every commit, one line each, chained by SHA-256, never
//! edited. A line that is synced here has happened; everything else can be rebuilt from it.
//!
//! `RECORD<TAB>TEXTS<LF>`, both JSON. The RECORD is what the chain runs over; the TEXTS hold article
//! bodies and exact posts, and may lose single ones to an erasure without harm to the chain.
//!
//! | file | what it does |
//! |---|---|
//! | `line` | a commit → the bytes of its line, and back |
//! | `folder` | what lies in the folder: segments, HEAD, reserve, what was moved aside |
//! | `walk` | line after line over the segments, the chain verified; [`Reader`], [`read_at`] |
//! | `open` | what is found at a start: whole, torn, or damaged |
//! | `append` | the one writer: group, sync, next segment, HEAD |
//! | `aside` | what is moved out of the way and never thrown away |
//! | `room` | what is still written when the disk is nearly full |
//! | `erase` | a text that the law wants gone |
//! | `verify` | everything once more, from the first line |
//! | `recover` | accepting a loss |

mod append;
mod aside;
mod erase;
mod error;
mod folder;
mod line;
mod open;
mod recover;
mod room;
mod verify;
mod walk;

use std::fmt;

use crate::store::hash::hex;

pub use append::Ledger;
pub use error::{AppendError, LedgerError};
pub use open::{Opened, Torn};
pub use recover::{Recovered, recover};
pub use room::{MIN_FREE, RESERVE, is_new_work};
pub use verify::{ErasedText, Problem, Verified, verify};
pub use walk::{Reader, read_at};

/// A new segment is begun after so many bytes: small enough to be copied at every start in a
/// fraction of a second, large enough that years of a small office fit in a few.
pub const SEGMENT_BYTES: u64 = 64 << 20;

/// One commit, by its number and the hash of its RECORD.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Mark {
    /// Counts up from 1 without a gap.
    pub seq: u64,
    /// SHA-256 of the RECORD's bytes.
    pub hash: [u8; 32],
}

impl Mark {
    /// Before the first commit.
    pub const START: Mark = Mark {
        seq: 0,
        hash: [0; 32],
    };
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, hex(&self.hash))
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}…", self.seq, &hex(&self.hash)[..8])
    }
}

/// Where a line begins. It stays there for ever: an erased text leaves blanks of its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the segment, from 1.
    pub segment: u32,
    /// Bytes before it in the segment.
    pub offset: u64,
}

/// A commit that is synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub mark: Mark,
    /// Number of the segment it lies in.
    pub segment: u32,
    /// Bytes before it there.
    pub offset: u64,
}

impl Placed {
    /// Where it lies.
    pub fn position(&self) -> Position {
        Position {
            segment: self.segment,
            offset: self.offset,
        }
    }
}
