//! Any bytes as a workbook: no panic, and no more room taken than a file may take. The bytes are taken as
//! the packed file itself, and as the parts of one that is packed well: else no mutation comes far.
use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use raotin::intake::sheet::{MOST_COLUMNS, lines};

fn read(bytes: &[u8]) {
    let _ = lines(Cursor::new(bytes), None, &mut |_, line| {
        assert!(line.cells.len() <= MOST_COLUMNS);
        ControlFlow::Continue(())
    });
}

const PARTS: [(&str, &str); 3] = [
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
];

/// Up to the first `---` the table of texts, the styles up to the next, then the sheet.
pub(super) fn hold(bytes: &[u8]) {
    read(bytes);
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.splitn(3, "---");
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let how =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut put = |name: &str, text: &str| {
        zip.start_file(name, how).expect("in memory");
        zip.write_all(text.as_bytes()).expect("in memory");
    };
    for (name, text) in PARTS {
        put(name, text);
    }
    for name in [
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/worksheets/sheet1.xml",
    ] {
        put(name, parts.next().unwrap_or_default());
    }
    read(&zip.finish().expect("in memory").into_inner());
}
