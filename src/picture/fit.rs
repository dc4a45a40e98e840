//! What a place takes, and what has to be done to a picture for it. Decided from the facts alone, so
//! that a preview says what sending does.

use serde::{Deserialize, Serialize};

use super::{Facts, Kind};

/// Some kinds of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds(u8);

impl Kinds {
    /// These.
    pub const fn of(kinds: &[Kind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            set |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(set)
    }
    /// Those of these media types.
    pub fn of_types<'a>(types: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |named: &str| Kind::ALL.into_iter().find(|k| k.media_type() == named);
        let kinds: Vec<Kind> = types.into_iter().filter_map(known).collect();
        Self::of(&kinds)
    }
    /// All that are taken in.
    pub const ALL: Self = Self::of(&Kind::ALL);
    /// Whether it is one of them.
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u8 != 0
    }
    /// Those that are here and there.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What a place takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Bytes of one picture.
    pub bytes: usize,
    /// Its kinds.
    pub kinds: Kinds,
    /// Pixels of its longer side.
    pub side: u32,
    /// Pixels of both sides together.
    pub sides: u32,
    /// Pixels in all.
    pub pixels: u64,
    /// How many times longer one side may be.
    pub ratio: u32,
    /// What a picture is reduced to, if it has to be drawn anew: the place shows no more.
    pub shown: u32,
}

/// What is done to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// Nothing.
    AsItIs,
    /// It is drawn anew, as a JPEG.
    Redrawn(Redrawn),
}

/// How a picture is drawn anew, and what of it people want to know before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redrawn {
    /// Pixels. A file that is still too large is reduced further.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Bytes, at most.
    pub most_bytes: usize,
    /// It loses pixels.
    pub smaller: bool,
    /// It was of this kind, which the place does not take.
    pub from: Option<Kind>,
    /// Only the first of its pictures is left.
    pub still: bool,
    /// What shows through becomes white.
    pub flat: bool,
}

/// Counts up when pixels or encoding of [`super::redraw`] change: other bytes have another name.
const RECIPE: u8 = 1;

impl Redrawn {
    /// What the drawn picture hangs on, beside the picture itself: the name of what is kept of it.
    pub fn recipe(&self) -> String {
        let Self {
            width,
            height,
            most_bytes,
            ..
        } = self;
        format!("{RECIPE}-{width}x{height}-{most_bytes}")
    }
}

/// Why a picture cannot go to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A strip.
    #[error("a picture may be {most} times as long as it is wide, and no more: cut it")]
    TooLong {
        /// How many times.
        most: u32,
    },
    /// The place takes no kind that a picture can be made into.
    #[error("this place takes no {} pictures, and no JPEG", kind.name())]
    NoKind {
        /// What it is.
        kind: Kind,
    },
}

/// What has to be done to a picture so that a place takes it.
///
/// # Errors
/// [`Unfit`].
pub fn fit(facts: &Facts, takes: &Takes) -> Result<Fit, Unfit> {
    let (long, short) = (
        facts.width.max(facts.height),
        facts.width.min(facts.height).max(1),
    );
    if u64::from(long) > u64::from(short) * u64::from(takes.ratio) {
        return Err(Unfit::TooLong { most: takes.ratio });
    }
    let taken = takes.kinds.has(facts.kind);
    if taken && facts.bytes <= takes.bytes && takes.holds(facts.width, facts.height) {
        return Ok(Fit::AsItIs);
    }
    if !takes.kinds.has(Kind::Jpeg) {
        return Err(Unfit::NoKind { kind: facts.kind });
    }
    let (width, height) = takes.reduced(facts.width, facts.height);
    Ok(Fit::Redrawn(Redrawn {
        width,
        height,
        most_bytes: takes.bytes,
        smaller: (width, height) != (facts.width, facts.height),
        from: (!taken).then_some(facts.kind),
        still: facts.moves,
        flat: facts.see_through,
    }))
}

impl Takes {
    /// Whether a picture of this size is taken.
    pub fn holds(&self, width: u32, height: u32) -> bool {
        width.max(height) <= self.side
            && u64::from(width) + u64::from(height) <= u64::from(self.sides)
            && u64::from(width) * u64::from(height) <= self.pixels
    }

    /// The largest size of the same shape that is taken and shown.
    fn reduced(&self, width: u32, height: u32) -> (u32, u32) {
        let long = width.max(height);
        let scaled = |to: u32| {
            let one = |side: u32| {
                // Not above `side`, for `to` is not above `long`.
                let scaled = u64::from(side) * u64::from(to) / u64::from(long.max(1));
                u32::try_from(scaled).unwrap_or(side).max(1)
            };
            (one(width), one(height))
        };
        // Each limit holds for all sizes below one that it holds for.
        let (mut fits, mut over) = (1, long.min(self.side).min(self.shown).saturating_add(1));
        while over - fits > 1 {
            let middle = fits + (over - fits) / 2;
            let (w, h) = scaled(middle);
            if self.holds(w, h) {
                fits = middle;
            } else {
                over = middle;
            }
        }
        scaled(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANY: Takes = Takes {
        bytes: 4_000_000,
        kinds: Kinds::of(&[Kind::Jpeg, Kind::Png]),
        side: u32::MAX,
        sides: u32::MAX,
        pixels: u64::MAX,
        ratio: u32::MAX,
        shown: 2048,
    };

    fn photo(width: u32, height: u32, bytes: usize) -> Facts {
        Facts {
            kind: Kind::Jpeg,
            width,
            height,
            bytes,
            moves: false,
            see_through: false,
        }
    }

    fn redrawn(facts: &Facts, takes: &Takes) -> Redrawn {
        match fit(facts, takes) {
            Ok(Fit::Redrawn(redrawn)) => redrawn,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(fit(&photo(4000, 3000, 4_000_000), &ANY), Ok(Fit::AsItIs));
        let small = redrawn(&photo(4000, 3000, 4_000_001), &ANY);
        assert_eq!((small.width, small.height), (2048, 1536));
        assert!(small.smaller && small.from.is_none() && !small.still);
    }

    #[test]
    fn another_kind_becomes_a_jpeg_and_says_what_is_lost() {
        let film = Facts {
            kind: Kind::Gif,
            moves: true,
            see_through: true,
            ..photo(500, 400, 90_000)
        };
        let still = redrawn(&film, &ANY);
        assert_eq!((still.width, still.height), (500, 400));
        assert_eq!(still.from, Some(Kind::Gif));
        assert!(still.still && still.flat && !still.smaller);
        let no_jpeg = Takes {
            kinds: Kinds::of(&[Kind::Png]),
            ..ANY
        };
        let none = Err(Unfit::NoKind { kind: Kind::Gif });
        assert_eq!(fit(&film, &no_jpeg), none);
    }

    #[test]
    fn a_strip_is_refused_where_the_place_refuses_it() {
        let narrow = Takes { ratio: 20, ..ANY };
        assert_eq!(fit(&photo(2000, 100, 1), &narrow), Ok(Fit::AsItIs));
        for strip in [photo(2001, 100, 1), photo(100, 2001, 1)] {
            assert_eq!(fit(&strip, &narrow), Err(Unfit::TooLong { most: 20 }));
        }
    }

    proptest! {
        #[test]
        fn what_is_reduced_is_taken_and_as_large_as_can_be(
            width in 1u32..70_000, height in 1u32..70_000,
            side in 1u32..20_000, sides in 2u32..20_000, pixels in 1u64..20_000_000, shown in 1u32..9_000,
        ) {
            let takes = Takes { bytes: 0, side, sides, pixels, shown, ..ANY };
            let small = redrawn(&photo(width, height, 1), &takes);
            // One pixel is always left, so a strip may stay longer than asked for in one direction.
            let strip = small.width == 1 || small.height == 1;
            prop_assert!(strip || takes.holds(small.width, small.height));
            prop_assert!(small.width.max(small.height) <= shown.min(width.max(height)));
            let next = f64::from(small.width.max(small.height) + 1) / f64::from(width.max(height));
            let (w, h) = (f64::from(width) * next, f64::from(height) * next);
            let more = small.width.max(small.height) < width.max(height).min(shown).min(side)
                && w + h + 2.0 < f64::from(sides) && (w + 1.0) * (h + 1.0) < pixels as f64;
            prop_assert!(!more, "{small:?}");
        }
    }
}
