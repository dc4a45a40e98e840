//! What decides about a picture, without its pixels.

use super::bare::bare;
use super::{Kind, Look, look};

/// What is known of a file that was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// What it is.
    pub kind: Kind,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file's size.
    pub bytes: usize,
    /// It is more than one picture.
    pub moves: bool,
    /// It says that something behind it may show through.
    pub see_through: bool,
}

/// The facts of a file; none if it is no picture that is taken.
pub fn facts(bytes: &[u8]) -> Option<Facts> {
    let Look {
        kind,
        width,
        height,
    } = look(bytes)?;
    let bare = bare(bytes, kind)?;
    Some(Facts {
        kind,
        width,
        height,
        bytes: bytes.len(),
        moves: bare.moves,
        see_through: bare.see_through,
    })
}
