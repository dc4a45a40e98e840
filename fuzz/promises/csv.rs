//! Any bytes as a list: rows in order and no wider than a list may be, and what was read is read the
//! same once it is written.

use std::io::Cursor;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use raotin::intake::columns::{Explained, Purpose};
use raotin::intake::list::Ask;
use raotin::intake::past;
use raotin::intake::rows::{Here, parse};
use raotin::intake::sheet::{Form, MOST_COLUMNS, Value, Written, lines};

fn read(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
    let mut rows = Vec::new();
    let _ = lines(Cursor::new(bytes), None, &mut |_, line| {
        rows.push((line.number, line.cells));
        ControlFlow::Continue(())
    });
    rows
}

/// The bytes are the file.
pub(super) fn hold(bytes: &[u8]) {
    let rows = read(bytes);
    assert!(rows.is_sorted_by_key(|(number, _)| *number));
    assert!(rows.iter().all(|(_, cells)| cells.len() <= MOST_COLUMNS));

    let explained = Explained::new();
    let zone = TimeZone::UTC;
    for purpose in [Purpose::Articles, Purpose::Shares] {
        let ask = Ask {
            purpose,
            sheet: None,
            explained: &explained,
        };
        let here = Here {
            zone: zone.clone(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        let _ = parse(bytes, &ask, &here);
        let _ = past::read(Cursor::new(bytes), &ask, &zone, &mut |_, _| {
            ControlFlow::Continue(())
        });
    }

    let headings = ["a", "b", "c", "d"];
    let cell = |cells: &[String], n: usize| cells.get(n).cloned().unwrap_or_default();
    let kept: Vec<Vec<String>> = rows
        .iter()
        .map(|(_, cells)| (0..headings.len()).map(|n| cell(cells, n)).collect())
        .filter(|row: &Vec<String>| row.iter().any(|c| !c.is_empty()))
        .collect();
    let mut written = Written::begin(Form::Csv(b';'), "x", &headings).expect("a new list");
    for row in &kept {
        let row: Vec<Value> = row.iter().cloned().map(Value::Text).collect();
        written.row(&row).expect("a row that was one");
    }
    let again = read(&written.end().expect("a whole list"));
    assert_eq!(again.len(), kept.len() + 1);
    for ((_, cells), row) in again.iter().skip(1).zip(&kept) {
        for (n, text) in row.iter().enumerate() {
            assert_eq!(&cell(cells, n), text);
        }
    }
}
