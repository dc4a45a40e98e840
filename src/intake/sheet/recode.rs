//! Rows whose cells only an old font shows as Vietnamese → the same in Unicode. A list is read twice: once
//! to see how its columns are written, and once to give its rows.
//!
//! A column is judged by its own words, apart for every old font that stands in it; one that says too
//! little (a heading, two names) by those of the whole sheet. Within it each cell is judged once more, so
//! that Unicode beside it, a link, an id and a number stay what they are.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Each, Line, Opened, SheetFault};
use crate::intake::charset::{Evidence, Legacy, OldFont, read_shown};

/// What of a sheet was in an encoding from before Unicode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recoded {
    /// In which.
    pub from: Legacy,
    /// Columns, from 0; none where it was the whole file.
    pub columns: Vec<usize>,
    /// How many cells; 0 where it was the whole file.
    pub cells: u64,
}

impl Recoded {
    /// The whole file, by its bytes.
    pub(super) fn all(from: Legacy) -> Self {
        Self {
            from,
            columns: Vec::new(),
            cells: 0,
        }
    }
}

/// A column, and the old font of some of its cells.
type Place = (usize, Option<OldFont>);

/// In what a place is written, and whether all of it is.
#[derive(Debug, Clone, Copy)]
struct Told {
    legacy: Legacy,
    throughout: bool,
}

/// Gives every row of what `source` reads, as often as it is asked, to `each`.
pub(super) fn lines(
    source: &mut dyn FnMut(Each<'_>) -> Result<Opened, SheetFault>,
    each: &mut dyn FnMut(&Opened, Line) -> ControlFlow<()>,
) -> Result<Opened, SheetFault> {
    let mut seen: BTreeMap<Place, Evidence> = BTreeMap::new();
    // Where it breaks off is told below, behind the rows before it.
    let _ = source(&mut |_, line, fonts| {
        for (place, cell) in places(&line, fonts) {
            if !cell.is_ascii() {
                seen.entry(place).or_default().take(cell);
            }
        }
        ControlFlow::Continue(())
    });
    let told = told(&seen);
    if told.is_empty() {
        return source(&mut |opened, line, _| each(opened, line));
    }
    let mut recoded: BTreeMap<Legacy, BTreeMap<usize, u64>> = BTreeMap::new();
    let mut opened = source(&mut |opened, mut line, fonts| {
        for (column, cell) in line.cells.iter_mut().enumerate() {
            let font = fonts.get(column).copied().flatten();
            let Some(told) = told.get(&(column, font)) else {
                continue;
            };
            let capitals = font.is_some_and(|f| f.capitals);
            if let Some(read) = read_shown(cell, told.legacy, capitals, told.throughout) {
                *cell = read;
                let columns = recoded.entry(told.legacy).or_default();
                *columns.entry(column).or_default() += 1;
            }
        }
        each(opened, line)
    })?;
    let recoded = recoded.into_iter().map(|(from, columns)| Recoded {
        from,
        cells: columns.values().sum(),
        columns: columns.into_keys().collect(),
    });
    opened.recoded = recoded.collect();
    Ok(opened)
}

fn places<'a>(
    line: &'a Line,
    fonts: &'a [Option<OldFont>],
) -> impl Iterator<Item = (Place, &'a str)> {
    let font = |column: usize| fonts.get(column).copied().flatten();
    let cells = line.cells.iter().enumerate();
    cells.map(move |(column, cell)| ((column, font(column)), cell.as_str()))
}

/// The places that are written for an old font.
fn told(seen: &BTreeMap<Place, Evidence>) -> BTreeMap<Place, Told> {
    let alike = |font: Option<OldFont>| {
        let mut all = Evidence::default();
        let legacy = font.map(|f| f.legacy);
        for ((_, other), evidence) in seen {
            if other.map(|f| f.legacy) == legacy {
                all.add(evidence);
            }
        }
        all
    };
    let told = seen.iter().filter_map(|(place, own)| {
        let (_, font) = *place;
        let (legacy, throughout) = match own.told(font) {
            Some(legacy) => (legacy, !own.has_unicode()),
            None => {
                let all = alike(font);
                let legacy = all.told(font).filter(|legacy| own.fits(*legacy))?;
                // Without a font a column that says little says nothing of what reads well either way.
                (legacy, font.is_some() && !all.has_unicode())
            }
        };
        Some((*place, Told { legacy, throughout }))
    });
    told.collect()
}
