//! A list in a file → its headings and rows: what is above the headings is passed over, blank rows too.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use super::columns::{Columns, Explained, Field, HEADINGS_WITHIN, HeadingFault, Purpose};
use super::sheet::{self, Line, Opened, SheetFault};

/// What of a file is read, and how.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// For what.
    pub purpose: Purpose,
    /// Which sheet of a workbook; the first if not said.
    pub sheet: Option<&'a str>,
    /// Headings that a person explained.
    pub explained: &'a Explained,
}

/// What stands over the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// The file.
    pub opened: Opened,
    /// The row of the headings.
    pub row: u64,
    /// Its columns.
    pub columns: Columns,
}

/// Why a file is no list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFault {
    /// It cannot be read as a spreadsheet.
    Sheet(SheetFault),
    /// Its headings cannot be used.
    Headings {
        /// The file and its columns, for a person who explains them.
        head: Box<Head>,
        /// All that is wrong.
        faults: Vec<HeadingFault>,
    },
}

impl From<SheetFault> for ListFault {
    fn from(fault: SheetFault) -> Self {
        ListFault::Sheet(fault)
    }
}

/// Gives each row below the headings to `each`.
///
/// # Errors
/// [`ListFault`]; where the headings cannot be used, no row is given.
pub fn read<S: Read + Seek>(
    source: S,
    ask: &Ask<'_>,
    each: &mut dyn FnMut(&Head, Line) -> ControlFlow<()>,
) -> Result<Head, ListFault> {
    let mut reading = Reading {
        ask,
        head: None,
        above: Vec::new(),
    };
    let mut faults = None;
    let opened = sheet::lines(source, ask.sheet, &mut |opened, line| match reading
        .take(opened, line, each)
    {
        Ok(flow) => flow,
        Err(fault) => {
            faults = Some(fault);
            ControlFlow::Break(())
        }
    })?;
    if let Some(mut fault) = faults {
        if let ListFault::Headings { head, .. } = &mut fault {
            head.opened = opened;
        }
        return Err(fault);
    }
    // A list shorter than the search for its headings.
    if reading.head.is_none() {
        let _ = reading.settle(&opened, each)?;
    }
    // Some of it is known only once all rows are read.
    match reading.head {
        Some(head) => Ok(Head { opened, ..head }),
        None => Err(ListFault::Headings {
            head: Box::new(Head {
                opened,
                ..Head::default()
            }),
            faults: vec![HeadingFault::None],
        }),
    }
}

struct Reading<'a> {
    ask: &'a Ask<'a>,
    head: Option<Head>,
    /// Rows before the headings are known.
    above: Vec<Line>,
}

type Each<'a> = &'a mut dyn FnMut(&Head, Line) -> ControlFlow<()>;

impl Reading<'_> {
    fn take(
        &mut self,
        opened: &Opened,
        line: Line,
        each: Each<'_>,
    ) -> Result<ControlFlow<()>, ListFault> {
        if let Some(head) = &self.head {
            return Ok(each(head, line));
        }
        // Two headings side by side are no chance.
        if self.columns(&line).known() >= 2 {
            self.above.clear();
            self.begin(opened, &line)?;
            return Ok(ControlFlow::Continue(()));
        }
        self.above.push(line);
        if self.above.len() < HEADINGS_WITHIN {
            return Ok(ControlFlow::Continue(()));
        }
        self.settle(opened, each)
    }

    fn columns(&self, line: &Line) -> Columns {
        Columns::of(&line.cells, self.ask.explained, self.ask.purpose)
    }

    /// No row looks like headings: the first of the widest is, for a title stands alone above them and a
    /// word of a data row may be a heading's by chance. In a list of one column it is the first that holds
    /// a heading, else the first.
    fn settle(&mut self, opened: &Opened, each: Each<'_>) -> Result<ControlFlow<()>, ListFault> {
        let mut above = std::mem::take(&mut self.above);
        if above.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let widest = above.iter().map(|line| line.cells.len()).max().unwrap_or(0);
        let at = above.iter().position(|line| match widest {
            0 | 1 => self.columns(line).known() > 0,
            _ => line.cells.len() == widest,
        });
        let rest = above.split_off(at.unwrap_or(0) + 1);
        if let Some(line) = above.pop() {
            self.begin(opened, &line)?;
        }
        let Some(head) = &self.head else {
            return Ok(ControlFlow::Continue(()));
        };
        for line in rest {
            if each(head, line).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn begin(&mut self, opened: &Opened, line: &Line) -> Result<(), ListFault> {
        let head = Head {
            opened: opened.clone(),
            row: line.number,
            columns: self.columns(line),
        };
        let faults = head.columns.faults(self.ask.purpose);
        if !faults.is_empty() {
            let head = Box::new(head);
            return Err(ListFault::Headings { head, faults });
        }
        self.head = Some(head);
        Ok(())
    }
}

impl Head {
    /// A row's cell that holds this.
    pub fn cell<'a>(&self, line: &'a Line, field: Field) -> &'a str {
        self.columns.cell(&line.cells, field)
    }

    /// Whether the row has something where no heading stands, in a file where that means that its cells
    /// have moved: a `,` that is not in quotes.
    pub fn is_shifted(&self, line: &Line) -> bool {
        self.opened.shifts && line.cells.len() > self.columns.headings.len()
    }
}
