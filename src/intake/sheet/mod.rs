//! A spreadsheet's file → its rows, one at a time: CSV as any office program writes it, or XLSX.
//!
//! What a file is is told by its bytes, never by its name. Every cell comes as a person would type it:
//! dates as `2019-08-28`, or with a time behind a `T`; numbers in plain digits. Nothing here knows what
//! a row means ([`super::columns`]) and nothing holds all rows at once: a file of 100,000 rows is read
//! in the memory of its own bytes and, for XLSX, of its table of texts. What only a font from before
//! Unicode shows as Vietnamese is read as that font shows it ([`Recoded`]).

mod csv;
mod guard;
mod recode;
mod serial;
mod write;
mod xlsx;

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use super::charset::{OldFont, of_file};
pub use recode::Recoded;
pub use serial::{Epoch, civil as serial_to_civil};
pub use write::{Form, NotWritten, Value, Written};

/// Largest file that is read: 100,000 rows of an office's list are a third of it as XLSX.
pub const MOST_FILE_BYTES: usize = 32 << 20;
/// Rows read at most. Above it a file is no list of an office's articles any more, and splitting it
/// is a minute's work.
pub const MOST_ROWS: u64 = 200_000;
/// Cells further right are not looked at: lists have a dozen columns, formats reach to 16,384.
pub const MOST_COLUMNS: usize = 64;

/// One row that holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As its program numbers it: the row of the sheet; of a CSV file the line it begins on.
    pub number: u64,
    /// Trimmed; no blank ones at the end.
    pub cells: Vec<String>,
}

/// What is told of a file beside its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The names of its sheets, in order; empty for CSV.
    pub sheets: Vec<String>,
    /// The sheet that is read.
    pub sheet: Option<String>,
    /// From when its bare numbers count days.
    pub epoch: Epoch,
    /// Whether a cell too many shifts the others, as an unquoted comma does.
    pub shifts: bool,
    /// What was in an encoding from before Unicode; told once all rows are read.
    pub recoded: Vec<Recoded>,
}

/// What takes a row, with the old fonts of its cells where there are some.
type Each<'a> = &'a mut dyn FnMut(&Opened, Line, &[Option<OldFont>]) -> ControlFlow<()>;

/// Why a file, or the rest of it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetFault {
    /// Neither XLSX nor text.
    #[error("this is no spreadsheet that can be read: save it as .xlsx or as CSV")]
    NotASheet,
    /// Excel's format until 2003, or a workbook behind a password.
    #[error("this is an old (.xls) or locked workbook: save it as .xlsx without a password")]
    OldOrLocked,
    /// Larger than is read.
    #[error("the file holds more than {most} {what}: split it")]
    TooLarge {
        /// Of what.
        what: Measure,
        /// How much is read.
        most: u64,
    },
    /// No sheet of this name.
    #[error("there is no sheet «{given}»; there are: {there}")]
    NoSheet {
        /// As asked for.
        given: String,
        /// Those there are.
        there: String,
    },
    /// The file breaks off or contradicts itself.
    #[error("{}the file is damaged: {why}", row.map(|r| format!("row {r}: ")).unwrap_or_default())]
    Broken {
        /// Behind which row.
        row: Option<u64>,
        /// What its reader says.
        why: String,
    },
}

impl SheetFault {
    /// What its reader says, before any row.
    fn broken(why: impl std::fmt::Display) -> Self {
        SheetFault::Broken {
            row: None,
            why: why.to_string(),
        }
    }
}

/// What there is too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Bytes of the file.
    Bytes,
    /// Rows of the sheet.
    Rows,
    /// Bytes once unpacked.
    Unpacked,
    /// Different texts.
    Texts,
    /// Bytes of one cell.
    Cell,
}

impl Measure {
    /// The word in codes and catalogues.
    pub fn as_str(self) -> &'static str {
        match self {
            Measure::Bytes => "bytes",
            Measure::Rows => "rows",
            Measure::Unpacked => "unpacked",
            Measure::Texts => "texts",
            Measure::Cell => "cell",
        }
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Measure::Bytes => "bytes",
            Measure::Rows => "rows",
            Measure::Unpacked => "bytes when unpacked",
            Measure::Texts => "different texts",
            Measure::Cell => "bytes in one cell",
        })
    }
}

/// Gives every row that holds something to `each`, until it breaks off. `sheet`: by name, whatever its
/// case; else the first.
///
/// # Errors
/// [`SheetFault`]. Rows given before it hold.
pub fn lines<S: Read + Seek>(
    mut source: S,
    sheet: Option<&str>,
    each: &mut dyn FnMut(&Opened, Line) -> ControlFlow<()>,
) -> Result<Opened, SheetFault> {
    let bytes = source
        .seek(std::io::SeekFrom::End(0))
        .map_err(SheetFault::broken)?;
    if bytes > MOST_FILE_BYTES as u64 {
        return Err(SheetFault::TooLarge {
            what: Measure::Bytes,
            most: MOST_FILE_BYTES as u64,
        });
    }
    source.rewind().map_err(SheetFault::broken)?;
    let mut head = Vec::new();
    let read = source.by_ref().take(8).read_to_end(&mut head);
    read.map_err(SheetFault::broken)?;
    source.rewind().map_err(SheetFault::broken)?;
    // A ZIP's and an OLE compound file's first bytes; a locked .xlsx is the latter.
    if head.starts_with(b"PK\x03\x04") {
        let mut book = xlsx::Book::open(source)?;
        return recode::lines(&mut |each| book.lines(sheet, each), each);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(SheetFault::OldOrLocked);
    }
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(SheetFault::broken)?;
    let (text, legacy) = of_file(bytes).ok_or(SheetFault::NotASheet)?;
    let mut opened = recode::lines(&mut |each| csv::lines(&text, each), each)?;
    opened.recoded.extend(legacy.map(Recoded::all));
    Ok(opened)
}

/// One row more, if it is not one too many.
fn count_row(rows: &mut u64) -> Result<(), SheetFault> {
    *rows += 1;
    if *rows > MOST_ROWS {
        return Err(SheetFault::TooLarge {
            what: Measure::Rows,
            most: MOST_ROWS,
        });
    }
    Ok(())
}

/// A row without what is blank around its cells and behind them; none if nothing is left.
fn line(number: u64, mut cells: Vec<String>) -> Option<Line> {
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    (!cells.is_empty()).then_some(Line { number, cells })
}

/// A cell as people see it: one trimmed text, its line ends alike.
fn cell(text: &str) -> String {
    // Excel writes its own line ends into XML as `_x000D_`; no-break spaces come from pasted pages.
    let blank = |c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}' || c == '\u{200b}';
    let text = text.trim_matches(blank);
    if text.contains('\r') || text.contains("_x000D_") {
        return text
            .replace("_x000D_", "")
            .replace("\r\n", "\n")
            .replace('\r', "\n");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests;
