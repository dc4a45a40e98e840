//! Any bytes as a list: no panic, rows in order, and what was read is read the same once it is written.
#![no_main]

use std::io::Cursor;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
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

fuzz_target!(|bytes: &[u8]| {
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
        let now = jiff::Timestamp::UNIX_EPOCH;
        let here = Here {
            zone: zone.clone(),
            now,
        };
        let _ = parse(bytes, &ask, &here);
        let _ = past::read(Cursor::new(bytes), &ask, &zone, &mut |_, _| ControlFlow::Continue(()));
    }

    let headings = ["a", "b", "c", "d"];
    let mut written = Written::begin(Form::Csv(b';'), "x", &headings).unwrap();
    let cell = |cells: &[String], n: usize| cells.get(n).cloned().unwrap_or_default();
    let kept: Vec<Vec<String>> = rows
        .iter()
        .map(|(_, cells)| (0..4).map(|n| cell(cells, n)).collect())
        .filter(|row: &Vec<String>| row.iter().any(|c| !c.is_empty()))
        .collect();
    for row in &kept {
        let row: Vec<Value> = row.iter().cloned().map(Value::Text).collect();
        written.row(&row).unwrap();
    }
    let again = read(&written.end().unwrap());
    assert_eq!(again.len(), kept.len() + 1);
    for ((_, cells), row) in again.iter().skip(1).zip(&kept) {
        for (n, text) in row.iter().enumerate() {
            assert_eq!(&cell(cells, n), text);
        }
    }
});
