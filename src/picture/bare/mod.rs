//! A file without anything but its picture. What may stay is listed, what is not listed goes: so
//! that what nobody thought of (a maker's note, a second picture behind the first, a film in it)
//! tells nobody where a picture was taken.
//!
//! Nothing is encoded anew: the picture itself keeps every bit.

mod gif;
mod jpeg;
mod png;
mod webp;

use image::metadata::Orientation;

use super::Kind;

/// What is left, and what was seen on the way.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bare {
    /// The file.
    pub(super) bytes: Vec<u8>,
    /// How the picture is to be turned; what said so is gone.
    pub(super) orientation: Orientation,
    /// It moves.
    pub(super) moves: bool,
    /// It says that something behind it may show through.
    pub(super) see_through: bool,
    /// It ends before its picture does.
    pub(super) cut_short: bool,
    /// All of it is held beside the pixels while it is decoded (a progressive JPEG).
    pub(super) progressive: bool,
}

impl Default for Bare {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            orientation: Orientation::NoTransforms,
            moves: false,
            see_through: false,
            cut_short: false,
            progressive: false,
        }
    }
}

impl Bare {
    /// The first that is said holds, as viewers have it.
    fn turn(&mut self, exif: &[u8]) {
        if self.orientation == Orientation::NoTransforms
            && let Some(said) = Orientation::from_exif_chunk(exif)
        {
            self.orientation = said;
        }
    }
}

/// The file of this kind, bare; none if it is not whole.
pub(super) fn bare(bytes: &[u8], kind: Kind) -> Option<Bare> {
    match kind {
        Kind::Jpeg => jpeg::bare(bytes),
        Kind::Png => png::bare(bytes),
        Kind::Gif => gif::bare(bytes),
        Kind::Webp => webp::bare(bytes),
    }
}
