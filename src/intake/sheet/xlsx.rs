//! XLSX, cell by cell.

use std::io::{BufReader, Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, Style, Xlsx, XlsxError};

use super::serial::{self, Epoch};
use super::{Each, MOST_COLUMNS, Opened, SheetFault, cell, count_row, guard, line};
use crate::intake::charset::OldFont;

/// A workbook that may be read.
pub(super) struct Book<S: Read + Seek>(Xlsx<BufReader<S>>);

impl<S: Read + Seek> Book<S> {
    pub(super) fn open(mut source: S) -> Result<Self, SheetFault> {
        guard::check(&mut source)?;
        let book = caught(None, || Xlsx::new(BufReader::new(source)))?;
        Ok(Self(book))
    }

    /// Gives every row of a sheet; as often as is asked for.
    pub(super) fn lines(
        &mut self,
        sheet: Option<&str>,
        each: Each<'_>,
    ) -> Result<Opened, SheetFault> {
        lines(&mut self.0, sheet, each)
    }
}

fn lines<S: Read + Seek>(
    book: &mut Xlsx<BufReader<S>>,
    sheet: Option<&str>,
    each: Each<'_>,
) -> Result<Opened, SheetFault> {
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| s.name.clone())
        .collect();
    let chosen = match sheet {
        Some(given) => sheets
            .iter()
            .find(|name| name.trim().to_lowercase() == given.trim().to_lowercase())
            .ok_or_else(|| SheetFault::NoSheet {
                given: given.to_owned(),
                there: sheets.join(", "),
            })?,
        None => sheets.first().ok_or(SheetFault::NotASheet)?,
    };
    let chosen = chosen.clone();
    let opened = Opened {
        sheet: Some(chosen.clone()),
        sheets,
        epoch: if book.has_1904_epoch() {
            Epoch::Of1904
        } else {
            Epoch::Of1900
        },
        ..Opened::default()
    };
    let mut cells = caught(None, || book.worksheet_cells_reader(&chosen))?;
    let fonts: Vec<Option<OldFont>> = cells.styles().iter().map(old_font).collect();
    let mut row: Option<(u32, Vec<String>, Vec<Option<OldFont>>)> = None;
    let mut rows = 0;
    loop {
        let at = row.as_ref().map(|(at, ..)| u64::from(*at) + 1);
        let next = caught(at, || cells.next_cell_with_style_id())?;
        let begins = next.as_ref().map(|(c, _)| c.get_position().0);
        if let Some((at, done, shown)) = row.take_if(|(at, ..)| begins != Some(*at))
            && let Some(line) = line(u64::from(at) + 1, done)
        {
            count_row(&mut rows)?;
            if each(&opened, line, &shown).is_break() {
                return Ok(opened);
            }
        }
        let Some((next, style)) = next else {
            return Ok(opened);
        };
        let (at, column) = next.get_position();
        let column = column as usize;
        if column >= MOST_COLUMNS {
            continue;
        }
        let (_, into, shown) = row.get_or_insert_with(|| (at, Vec::new(), Vec::new()));
        if into.len() <= column {
            into.resize(column + 1, String::new());
        }
        into[column] = as_typed(next.get_value(), opened.epoch);
        if let Some(font) = fonts.get(style).copied().flatten() {
            shown.resize(shown.len().max(column + 1), None);
            shown[column] = Some(font);
        }
    }
}

fn old_font(style: &Style) -> Option<OldFont> {
    OldFont::named(style.font.as_ref()?.name.as_deref()?)
}

/// A cell's value as a person would type it.
fn as_typed(value: &DataRef<'_>, epoch: Epoch) -> String {
    match value {
        DataRef::Empty | DataRef::Error(_) => String::new(),
        DataRef::String(text) => cell(text),
        DataRef::SharedString(text) => cell(text),
        DataRef::Int(n) => n.to_string(),
        DataRef::Float(n) => n.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cell(text),
        DataRef::DateTime(at) if at.as_f64() < 1.0 => match serial::civil(at.as_f64(), epoch) {
            // A time without a day.
            Some(at) => at.time().to_string(),
            None => at.as_f64().to_string(),
        },
        DataRef::DateTime(at) => match serial::civil(at.as_f64(), epoch) {
            Some(at) if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
            Some(at) => at.to_string(),
            None => at.as_f64().to_string(),
        },
    }
}

/// What the reader makes of it; a file that makes it fall over is a broken one.
fn caught<T>(
    row: Option<u64>,
    read: impl FnOnce() -> Result<T, XlsxError>,
) -> Result<T, SheetFault> {
    let fell = || XlsxError::Unexpected("it says what no workbook says");
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(fell()))
        .map_err(|error| told(row, error))
}

fn told(row: Option<u64>, error: XlsxError) -> SheetFault {
    match error {
        XlsxError::Password => SheetFault::OldOrLocked,
        XlsxError::FileNotFound(_) if row.is_none() => SheetFault::NotASheet,
        other => SheetFault::Broken {
            row,
            why: other.to_string(),
        },
    }
}
