//! What pictures are, what is done to them on the way in, and how they are made to fit where they
//! go. Everything here is pure: bytes in, bytes out.
//!
//! ```text
//! on the way in:  look → bare (no metadata) → decoded once, within limits → turned as it was meant
//! on the way out: facts, Takes → fit → as it is, or drawn anew as a JPEG
//! ```
//!
//! | file | what it is for |
//! |---|---|
//! | `look` | kind and size, from the first bytes |
//! | `refused` | what a file is instead, so that people are told what to do |
//! | `bare` | a file without anything but its picture: no place, no owner, no camera |
//! | `clean` | all of it on the way in |
//! | `facts` | what decides about a picture, without its pixels |
//! | `fit` | what a place takes, and what has to be done to a picture for it |
//! | `draw` | pixels: decoded within limits, turned, made smaller, encoded |
//!
//! The same bytes and the same wish give the same bytes: a picture that goes out a second time is the
//! same picture.

mod bare;
mod clean;
mod draw;
mod facts;
mod fit;
mod look;
mod refused;

#[cfg(test)]
#[path = "../../tests/camera/mod.rs"]
mod camera;

pub use clean::{clean, is_clean};
pub use draw::redraw;
pub use facts::{Facts, facts};
pub use fit::{Fit, Kinds, Redrawn, Takes, Unfit, fit};
pub use look::{Kind, Look, look};
pub use refused::NotTaken;

/// Largest file that is taken in. Photos of today's phones have 3 to 15 MB; what goes out is made as
/// small as each platform asks.
pub const MOST_BYTES: usize = 20 << 20;
/// Most pixels: the largest that phones take without being asked to (8160 × 6120).
pub const MOST_PIXELS: u64 = 50_000_000;
/// Most memory that one picture may take while it is decoded. Only one is at a time, so this is what
/// pictures cost a small machine: a photo of 50 million pixels needs half of it.
pub const MOST_MEMORY: u64 = 300 << 20;
