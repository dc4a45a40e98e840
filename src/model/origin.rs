//! Where a back-filled share comes from: the evidence that stands with it in the ledger.

use serde::{Deserialize, Serialize};

use super::id::TextId;

/// A row of a list of shares that were made before this program kept them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// SHA-256 of the file, lower-case hex: who has it can see that it is the same.
    pub file: String,
    /// The file's name, as it was given.
    pub name: String,
    /// The row, as the file's program numbers it.
    pub line: u64,
    /// Digest of what the row says: the same row, in whatever file, is brought in once.
    pub row: String,
    /// Who shared it, as written there, where that is no member: a name, so it stands in the texts, where
    /// it can be erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<TextId>,
    /// The list tells the day and no time; it is counted at noon.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub day_only: bool,
}
