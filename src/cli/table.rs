//! Tables for people: columns by the width that a terminal shows, figures to the right, written as the
//! language writes them. Plain text without colour, so it is the same on paper and in a pipe.

use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, TableStyle};

use crate::compose::one_line;
use crate::lang::Lang;

/// Between two columns.
const GAP: u16 = 2;

/// A column's heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// Words, to the left.
    Words(String),
    /// Figures, to the right.
    Figures(String),
}

/// What stands in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Shown as one line: what others wrote cannot break the table or the terminal.
    Words(String),
    /// Written as the language writes numbers.
    Figure(u64),
}

/// `words` on one line, with blanks up to `width` columns of a terminal.
pub(super) fn padded(words: &str, width: usize) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let words = one_line(words);
    let blanks = width.saturating_sub(words.width());
    format!("{words}{}", " ".repeat(blanks))
}

impl From<&str> for Cell {
    fn from(words: &str) -> Self {
        Cell::Words(words.to_owned())
    }
}

impl From<String> for Cell {
    fn from(words: String) -> Self {
        Cell::Words(words)
    }
}

impl From<u64> for Cell {
    fn from(figure: u64) -> Self {
        Cell::Figure(figure)
    }
}

/// Rows under headings.
#[derive(Debug, Clone)]
pub struct Table {
    lang: Lang,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new(lang: Lang, columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            lang,
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The table, each line ended. `width`: of the terminal; words that do not fit are wrapped. None:
    /// a row is one line, however long.
    pub fn render(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(
            TableStyle::new()
                .header_lines(ContentLineStyle::none())
                .header_separator(LineStyle::none().fill('─'))
                .content_lines(ContentLineStyle::none()),
        );
        match width {
            Some(width) => table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(width),
            None => table.set_content_arrangement(ContentArrangement::Disabled),
        };
        table.set_header(self.columns.iter().map(|column| match column {
            Column::Words(heading) | Column::Figures(heading) => one_line(heading),
        }));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| match cell {
                Cell::Words(words) => one_line(words),
                Cell::Figure(figure) => self.lang.number(*figure),
            }));
        }
        let last = self.columns.len().saturating_sub(1);
        for (i, column) in self.columns.iter().enumerate() {
            let Some(shown) = table.column_mut(i) else {
                continue;
            };
            shown.set_padding((0, if i == last { 0 } else { GAP }));
            if matches!(column, Column::Figures(_)) {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
        let mut lines = table.trim_fmt();
        lines.push('\n');
        lines
    }

    /// Prints it: wrapped to the terminal, or, off a terminal, a row a line.
    ///
    /// # Errors
    /// Standard output is closed or full.
    pub fn print(&self) -> io::Result<()> {
        let out = io::stdout();
        let width = if out.is_terminal() {
            rustix::termios::tcgetwinsize(&out)
                .ok()
                .map(|size| size.ws_col)
                .filter(|columns| *columns > 0)
        } else {
            None
        };
        out.lock().write_all(self.render(width).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn counts(lang: Lang, names: [&str; 3]) -> Table {
        let mut table = Table::new(
            lang,
            [
                Column::Words("Kênh".to_owned()),
                Column::Figures("Lượt chia sẻ".to_owned()),
                Column::Figures("Tin, bài".to_owned()),
                Column::Words("Ghi chú".to_owned()),
            ],
        );
        for (name, shares) in names.into_iter().zip([20_673_u64, 45, 1_234_567]) {
            table.row([name.into(), shares.into(), 7.into(), "thủ công".into()]);
        }
        table
    }

    const NFC: [&str; 3] = ["ATK Chợ Đồn", "Hương Sen Việt", "Tin Bắc Kạn 🇻🇳"];
    const NFD: [&str; 3] = [
        "ATK Cho\u{31b}\u{323} Đo\u{302}\u{300}n",
        "Hu\u{31b}o\u{31b}ng Sen Vie\u{302}\u{323}t",
        "Tin Ba\u{306}\u{301}c Ka\u{323}n 🇻🇳",
    ];

    #[test]
    fn columns_stand_under_one_another() {
        assert_snapshot!(counts(Lang::Vi, NFC).render(None), @r"
        Kênh            Lượt chia sẻ  Tin, bài  Ghi chú
        ────────────────────────────────────────────────
        ATK Chợ Đồn           20.673         7  thủ công
        Hương Sen Việt            45         7  thủ công
        Tin Bắc Kạn 🇻🇳     1.234.567         7  thủ công
        ");
        assert_snapshot!(counts(Lang::En, NFC).render(None), @r"
        Kênh            Lượt chia sẻ  Tin, bài  Ghi chú
        ────────────────────────────────────────────────
        ATK Chợ Đồn           20,673         7  thủ công
        Hương Sen Việt            45         7  thủ công
        Tin Bắc Kạn 🇻🇳     1,234,567         7  thủ công
        ");
    }

    #[test]
    fn decomposed_names_are_as_wide_as_composed_ones() {
        assert_eq!(
            counts(Lang::Vi, NFD).render(None),
            counts(Lang::Vi, NFC).render(None)
        );
    }

    #[test]
    fn a_narrow_terminal_wraps_words_and_nothing_else() {
        let shown = counts(Lang::Vi, NFD).render(Some(44));
        assert!(shown.lines().all(|line| line.width() <= 44), "{shown}");
        assert_snapshot!(shown, @r"
        Kênh           Lượt chia  Tin, bài  Ghi chú
                              sẻ
        ────────────────────────────────────────────
        ATK Chợ Đồn       20.673         7  thủ công
        Hương Sen             45         7  thủ công
        Việt
        Tin Bắc Kạn    1.234.567         7  thủ công
        🇻🇳
        ");
    }

    #[test]
    fn what_others_wrote_cannot_break_out_of_its_cell() {
        let mut table = Table::new(Lang::Vi, [Column::Words("Lý do".to_owned())]);
        table.row(["đỏ \u{1b}[31m\r\nhai\tba\u{202e} lời".into()]);
        assert_snapshot!(table.render(None), @r"
        Lý do
        ──────────────────
        đỏ [31m hai ba lời
        ");
    }
}
