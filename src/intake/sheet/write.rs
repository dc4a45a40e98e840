//! The same, written: a list as CSV or XLSX, in the form in which it is read again.

use jiff::civil::{DateTime, Time};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::serial::serial;

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With this between cells. Excel takes what its language says: `;` in Vietnamese, `,` in English.
    Csv(u8),
    /// A workbook.
    Xlsx,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Words.
    Text(String),
    /// A figure.
    Number(u64),
    /// A day and a time.
    When(DateTime),
    /// Nothing.
    Blank,
}

/// Why a list was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// A workbook's cell takes so many characters; CSV takes all.
    #[error("a cell of a workbook takes {most} characters")]
    TooLong {
        /// So many.
        most: usize,
    },
    /// The writer's own words.
    #[error("{0}")]
    Other(String),
}

/// Characters in a cell of a workbook (Excel's own limit).
const MOST_CELL_CHARS: usize = 32_767;
/// Wide enough for a headline; a person draws it wider.
const WIDTH: f64 = 24.0;

/// A list that is being written.
pub struct Written {
    form: Form,
    csv: csv::Writer<Vec<u8>>,
    book: Workbook,
    row: u32,
    when: Format,
}

impl Written {
    /// Begins with its headings.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub fn begin(form: Form, sheet: &str, headings: &[&str]) -> Result<Self, NotWritten> {
        let between = match form {
            Form::Csv(between) => between,
            Form::Xlsx => b',',
        };
        // Excel reads a CSV file as UTF-8 only by this mark.
        let csv = csv::WriterBuilder::new()
            .delimiter(between)
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer("\u{feff}".as_bytes().to_vec());
        let mut book = Workbook::new();
        if form == Form::Xlsx {
            // Rows go to a file of the system's as they come: the list is not held twice.
            let sheet_of = book.add_worksheet_with_constant_memory()?;
            sheet_of.set_name(sheet)?;
            let bold = Format::new().set_bold();
            for (column, heading) in (0..).zip(headings) {
                sheet_of.set_column_width(column, WIDTH)?;
                sheet_of.write_string_with_format(0, column, *heading, &bold)?;
            }
            sheet_of.set_freeze_panes(1, 0)?;
        }
        let mut written = Self {
            form,
            csv,
            book,
            row: 1,
            when: Format::new().set_num_format("dd/mm/yyyy hh:mm"),
        };
        if form != Form::Xlsx {
            written.csv.write_record(headings).map_err(other)?;
        }
        Ok(written)
    }

    /// One row.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub fn row(&mut self, cells: &[Value]) -> Result<(), NotWritten> {
        if self.form == Form::Xlsx {
            return self.row_of_book(cells);
        }
        let cells = cells.iter().map(|value| match value {
            Value::Text(text) => guarded(text),
            Value::Number(n) => n.to_string(),
            Value::When(at) => as_people_write(*at),
            Value::Blank => String::new(),
        });
        self.csv.write_record(cells).map_err(other)
    }

    fn row_of_book(&mut self, cells: &[Value]) -> Result<(), NotWritten> {
        let sheet = self.book.worksheet_from_index(0)?;
        for (column, value) in (0..).zip(cells) {
            match value {
                Value::Blank => {}
                Value::Text(text) if text.is_empty() => {}
                Value::Text(text) if text.encode_utf16().count() > MOST_CELL_CHARS => {
                    return Err(NotWritten::TooLong {
                        most: MOST_CELL_CHARS,
                    });
                }
                // As a text it is never a formula, whatever it begins with.
                Value::Text(text) => {
                    sheet.write_string(self.row, column, text)?;
                }
                // Whole numbers of this size are exact.
                Value::Number(n) => {
                    sheet.write_number(self.row, column, *n as f64)?;
                }
                Value::When(at) => {
                    let at = serial(*at);
                    sheet.write_number_with_format(self.row, column, at, &self.when)?;
                }
            }
        }
        self.row += 1;
        Ok(())
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub fn end(mut self) -> Result<Vec<u8>, NotWritten> {
        match self.form {
            Form::Xlsx => Ok(self.book.save_to_buffer()?),
            Form::Csv(_) => self.csv.into_inner().map_err(other),
        }
    }
}

impl From<XlsxError> for NotWritten {
    fn from(error: XlsxError) -> Self {
        NotWritten::Other(error.to_string())
    }
}

fn other(error: impl std::fmt::Display) -> NotWritten {
    NotWritten::Other(error.to_string())
}

/// 28/8/2019 07:30; with seconds only where there are some.
fn as_people_write(at: DateTime) -> String {
    let (day, time) = (at.date(), at.time());
    let date = format!("{}/{}/{}", day.day(), day.month(), day.year());
    let seconds = if time.second() == 0 {
        String::new()
    } else {
        format!(":{:02}", time.second())
    };
    match time {
        time if time == Time::midnight() => format!("{date} 00:00"),
        time => format!("{date} {:02}:{:02}{seconds}", time.hour(), time.minute()),
    }
}

/// Begins a text that a spreadsheet would take for a formula, so that what somebody typed into an article
/// is never run on the machine of whoever opens the list.
const STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn is_risky(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(STARTS)
}

/// With a `'` before it, as people write what is to stay a text.
fn guarded(text: &str) -> String {
    if is_risky(text) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// Reads what [`guarded`] wrote.
pub(super) fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_risky(rest) => rest,
        _ => text,
    }
}
