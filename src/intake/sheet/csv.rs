//! CSV as office programs write it: `,`, `;` or tab between cells, quotes, cells of several lines.

use super::{Each, MOST_COLUMNS, Opened, SheetFault, cell, count_row, line, write};

/// Lines by which the separator is told.
const LOOKED_AT: usize = 20;
/// What may stand between cells. Where two are as likely, the first: Vietnam's settings write `;`
/// because `,` stands in numbers, so a `,` beside it is more likely text.
const BETWEEN: [u8; 3] = [b'\t', b';', b','];

pub(super) fn lines(text: &str, each: Each<'_>) -> Result<Opened, SheetFault> {
    let opened = Opened {
        shifts: true,
        ..Opened::default()
    };
    let text = text.trim_start_matches('\u{feff}');
    let (between, text, skipped) = separator(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(between)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = 0;
    // The reader's own lines are out by one behind CRLF and blank lines.
    let (mut seen, mut at) = (0, 1 + skipped);
    loop {
        let begins = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let blank = text.as_bytes()[begins.min(text.len())..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        let begins = begins.saturating_add(blank).min(text.len());
        at += text.as_bytes()[seen..begins]
            .iter()
            .filter(|b| **b == b'\n')
            .count() as u64;
        seen = begins;
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(opened),
            Ok(true) => {}
            Err(e) => {
                return Err(SheetFault::Broken {
                    row: Some(at),
                    why: e.to_string(),
                });
            }
        }
        let cells = record.iter().take(MOST_COLUMNS);
        let cells = cells.map(|text| cell(write::unguarded(text))).collect();
        let Some(line) = line(at, cells) else {
            continue;
        };
        count_row(&mut rows)?;
        if each(&opened, line, &[]).is_break() {
            return Ok(opened);
        }
    }
}

/// What stands between cells, the text without Excel's `sep=` line, and how many lines that was.
fn separator(text: &str) -> (u8, &str, u64) {
    if let Some(rest) = text.strip_prefix("sep=").or(text.strip_prefix("SEP=")) {
        let (first, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        if let [between] = first.trim_end_matches('\r').as_bytes() {
            return (*between, rest, 1);
        }
    }
    // The one that cuts the first lines into as many cells as possible, equally often each.
    let cut = |between: u8| {
        let counts: Vec<usize> = logical_lines(text)
            .take(LOOKED_AT)
            .map(|line| outside_quotes(line, between))
            .collect();
        let most = counts.iter().copied().max().unwrap_or(0);
        let alike = counts.iter().filter(|n| **n == most).count();
        (most > 0).then_some((alike, most))
    };
    // Titles above the headings have none of them, so how many lines agree counts before how often.
    let best = BETWEEN
        .into_iter()
        .filter_map(|between| Some((cut(between)?, between)))
        .fold(None, |best: Option<((usize, usize), u8)>, one| match best {
            Some(best) if best.0 >= one.0 => Some(best),
            _ => Some(one),
        });
    (best.map_or(b',', |(_, between)| between), text, 0)
}

/// Lines that hold something, quoted line ends not counted.
fn logical_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == '\n' && !quoted
    })
    .filter(|line| !line.trim().is_empty())
}

fn outside_quotes(line: &str, between: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|b| {
            quoted ^= *b == b'"';
            *b == between && !quoted
        })
        .count()
}
