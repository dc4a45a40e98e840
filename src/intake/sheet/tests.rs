//! Files as office programs write them, and as they should not be.

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;

/// Rows by their numbers.
type Numbered = Vec<(u64, Vec<String>)>;

fn read(bytes: &[u8], sheet: Option<&str>) -> Result<(Opened, Numbered), SheetFault> {
    let mut rows = Vec::new();
    let opened = lines(Cursor::new(bytes), sheet, &mut |_, line| {
        rows.push((line.number, line.cells));
        ControlFlow::Continue(())
    })?;
    Ok((opened, rows))
}

fn rows(bytes: &[u8]) -> Vec<(u64, Vec<String>)> {
    read(bytes, None).unwrap().1
}

fn row(number: u64, cells: &[&str]) -> (u64, Vec<String>) {
    (number, cells.iter().map(|c| (*c).to_owned()).collect())
}

const LIST: &str =
    "Ngày;Tiêu đề\r\n28/8/2019;Tiêm phòng, đợt 2\r\n;\r\n29/8/2019;\"Hội xuân\r\nở Chợ Đồn\"\r\n";

#[test]
fn csv_is_read_in_every_encoding_that_office_programs_write() {
    let expected = [
        row(1, &["Ngày", "Tiêu đề"]),
        row(2, &["28/8/2019", "Tiêm phòng, đợt 2"]),
        row(4, &["29/8/2019", "Hội xuân\nở Chợ Đồn"]),
    ];
    let utf_16 = |big: bool, mark: bool| {
        let units = mark
            .then_some(0xfeff)
            .into_iter()
            .chain(LIST.encode_utf16());
        let bytes = |u: u16| {
            if big {
                u.to_be_bytes()
            } else {
                u.to_le_bytes()
            }
        };
        units.flat_map(bytes).collect::<Vec<u8>>()
    };
    // As Windows writes it: letters whose tone stands behind them.
    let taken_apart = LIST
        .replace('ề', "ê\u{300}")
        .replace('ợ', "ơ\u{323}")
        .replace('ồ', "ô\u{300}")
        .replace('ộ', "ô\u{323}")
        .replace('ở', "ơ\u{309}")
        .replace('ò', "o\u{300}");
    let (legacy, _, unmappable) = encoding_rs::WINDOWS_1258.encode(&taken_apart);
    assert!(!unmappable);
    for (what, bytes) in [
        ("utf-8", LIST.as_bytes().to_vec()),
        ("utf-8 with a mark", format!("\u{feff}{LIST}").into_bytes()),
        ("utf-16le", utf_16(false, true)),
        ("utf-16be", utf_16(true, true)),
        ("utf-16le without a mark", utf_16(false, false)),
        ("utf-16be without a mark", utf_16(true, false)),
        ("windows-1258", legacy.into_owned()),
    ] {
        assert_eq!(rows(&bytes), expected, "{what}");
    }
}

/// As the fonts of the time before Unicode showed it, in bytes and carried over into Unicode.
#[test]
fn lists_of_the_time_before_unicode_are_read() {
    let expected = [
        row(1, &["Ngày", "Tiêu đề", "Kênh"]),
        row(2, &["28/8/2019", "Tiêm phòng đợt 2", "Chợ Đồn"]),
    ];
    let tcvn3 = "Ngµy;Tiªu ®Ò;Kªnh\r\n28/8/2019;Tiªm phßng ®ît 2;Chî §ån\r\n";
    let vni = "Ngaøy;Tieâu ñeà;Keânh\r\n28/8/2019;Tieâm phoøng ñôït 2;Chôï Ñoàn\r\n";
    for text in [tcvn3, vni] {
        let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
        assert!(!unmappable);
        assert_eq!(rows(&bytes), expected, "{text}");
        assert_eq!(rows(text.as_bytes()), expected, "{text}, in UTF-8");
    }
    let viscii = b"Ng\xe0y;Ti\xeau \xf0\xab;K\xeanh\r\n28/8/2019;Ti\xeam ph\xf2ng \xf0\xfet 2;Ch\xfe \xd0\xb0n\r\n";
    assert_eq!(rows(viscii), expected);
    // Other people's marks are left alone.
    let french = "Title;Channel\r\nDéjà vu à Hanoï;Café señor\r\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(french);
    let read = rows(&bytes);
    assert_eq!(read[1], row(2, &["Déjà vu à Hanoï", "Café señor"]));
    assert_eq!(rows(french.as_bytes()), read);
}

#[test]
fn what_stands_between_cells_is_found_out() {
    for text in [
        "a,b;c,d\n1,2,3\n",
        "a;\"b;c\";d\n1;2;3\n",
        "a\tb, c\td\n1\t2\t3\n",
        "sep=|\na|b|c\n1|2|3\n",
    ] {
        assert!(
            rows(text.as_bytes())
                .iter()
                .all(|(_, cells)| cells.len() == 3),
            "{text}"
        );
    }
    // A title above the table and commas within texts deceive nobody.
    let text = "Danh sách, năm 2019\nNgày;Kênh;Tiêu đề\n1/1/2019;a;x, y, z, w\n2/1/2019;b;u\n";
    assert_eq!(
        rows(text.as_bytes())[2],
        row(3, &["1/1/2019", "a", "x, y, z, w"])
    );
    assert_eq!(rows(b"title\nx\n"), [row(1, &["title"]), row(2, &["x"])]);
}

#[test]
fn rows_may_be_ragged_and_quotes_may_be_in_them() {
    let text = "a,b\n1\n1,2,3\n\"say \"\"x\"\"\",\n ,\t\n";
    assert_eq!(
        rows(text.as_bytes()),
        [
            row(1, &["a", "b"]),
            row(2, &["1"]),
            row(3, &["1", "2", "3"]),
            row(4, &["say \"x\""]),
        ]
    );
}

fn book(fill: impl FnOnce(&mut rust_xlsxwriter::Workbook)) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

#[test]
fn xlsx_gives_what_a_person_would_type() {
    let bytes = book(|book| {
        let days = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy");
        let times = rust_xlsxwriter::Format::new().set_num_format("dd/mm/yyyy hh:mm");
        let clock = rust_xlsxwriter::Format::new().set_num_format("hh:mm");
        let sheet = book.add_worksheet().set_name("Năm 2019").unwrap();
        sheet.write(0, 0, "Ngày").unwrap();
        sheet.write(0, 1, " Tiêu đề\u{a0}").unwrap();
        sheet.write_with_format(2, 0, 43705, &days).unwrap();
        sheet.write(2, 1, 20673).unwrap();
        sheet.write_with_format(3, 0, 43705.3125, &times).unwrap();
        sheet.write(3, 2, 1.5).unwrap();
        sheet.write_with_format(4, 0, 0.3125, &clock).unwrap();
        sheet.write(5, 1, "  ").unwrap();
        let other = book.add_worksheet().set_name("Khác").unwrap();
        other.write(0, 0, "x").unwrap();
    });
    let (opened, found) = read(&bytes, None).unwrap();
    assert_eq!(opened.sheets, ["Năm 2019", "Khác"]);
    assert_eq!(
        found,
        [
            row(1, &["Ngày", "Tiêu đề"]),
            row(3, &["2019-08-28", "20673"]),
            row(4, &["2019-08-28T07:30:00", "", "1.5"]),
            row(5, &["07:30:00"]),
        ]
    );
    assert_eq!(read(&bytes, Some("khác ")).unwrap().1, [row(1, &["x"])]);
    assert_eq!(
        read(&bytes, Some("2020")).unwrap_err(),
        SheetFault::NoSheet {
            given: "2020".to_owned(),
            there: "Năm 2019, Khác".to_owned()
        }
    );
}

/// A workbook of one sheet; each cell with the font it stands in, or none.
fn in_fonts(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    book(|book| {
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, (text, font)) in (0..).zip(*cells) {
                let format = rust_xlsxwriter::Format::new();
                let format = match *font {
                    "" => format,
                    font => format.set_font_name(font),
                };
                let written = sheet.write_string_with_format(row, column, *text, &format);
                written.unwrap();
            }
        }
    })
}

fn recoded(bytes: &[u8]) -> Vec<(&'static str, Vec<usize>, u64)> {
    let all = read(bytes, None).unwrap().0.recoded.into_iter();
    all.map(|r| (r.from.name(), r.columns, r.cells)).collect()
}

#[test]
fn workbooks_in_old_fonts_are_read_as_the_fonts_show_them() {
    let expected = [
        row(1, &["ĐẢNG BỘ HUYỆN", "Nhóm", "Liên kết"]),
        row(2, &["Đảng cộng sản: số 5", "Chợ Đồn", "https://x.vn/tin/5"]),
        row(3, &["Số 7/QĐ-UBND", "Ủy ban", "20673"]),
    ];
    // By their words alone, where a program has forgotten the fonts.
    let no_font = |cells: [[&'static str; 3]; 3]| {
        let rows = cells.map(|cells| cells.map(|text| (text, "")));
        in_fonts(&[&rows[0], &rows[1], &rows[2]])
    };
    let tcvn3 = no_font([
        ["§¶NG Bé HUYÖN", "Nhãm", "Liªn kÕt"],
        ["§¶ng céng s¶n: sè 5", "Chî §ån", "https://x.vn/tin/5"],
        ["Sè 7/Q§-UBND", "Uû ban", "20673"],
    ]);
    let found = rows(&tcvn3);
    assert_eq!(found[1], expected[1]);
    // A word of one capital and a letter without one reads as a small word.
    assert_eq!(found[0].1, ["ĐẢNG Bộ HUYỆN", "Nhóm", "Liên kết"]);
    assert_eq!(recoded(&tcvn3), [("TCVN3", vec![0, 1, 2], 7)]);
    let vni = no_font([
        ["ÑAÛNG BOÄ HUYEÄN", "Nhoùm", "Lieân keát"],
        ["Ñaûng coäng saûn: soá 5", "Chôï Ñoàn", "https://x.vn/tin/5"],
        ["Soá 7/QÑ-UBND", "Uûy ban", "20673"],
    ]);
    assert_eq!(rows(&vni), expected);
    assert_eq!(recoded(&vni), [("VNI", vec![0, 1, 2], 7)]);
    // By font: what is shown as capitals is capitals, and what stands alone is told by it.
    let shown = in_fonts(&[
        &[
            ("§¶ng bé huyÖn", ".VnTimeH"),
            ("Nhãm", ".VnTime"),
            ("Liên kết", "Arial"),
        ],
        &[
            ("§¶ng céng s¶n: sè 5", ".VnTime"),
            ("Chî §ån", ".VnArial"),
            ("https://x.vn/tin/5", ".VnTime"),
        ],
        &[
            ("Sè 7/Q§-UBND", ".VnTime"),
            ("Uûy ban", "VNI-Times"),
            ("20673", ".VnTime"),
        ],
    ]);
    assert_eq!(rows(&shown), expected);
    assert_eq!(
        recoded(&shown),
        [("TCVN3", vec![0, 1], 5), ("VNI", vec![1], 1)]
    );
}

#[test]
fn unicode_beside_old_fonts_stays_what_it_is() {
    let unicode = [
        "Thông báo",
        "Hòa Bình",
        "Số 5: họp",
        "Bé và cô",
        "Café São Paulo, 50 m² «mới»",
        "https://x.vn/thông-báo?q=é",
    ];
    for font in ["", "Times New Roman"] {
        let mut list: Vec<Vec<(&str, &str)>> = vec![vec![("Tiªu ®Ò", ""), ("Kênh", font)]];
        for text in unicode {
            list.push(vec![("§µo t¹o nghÒ ë §ån", ""), (text, font)]);
            // The year in which the office changed over: both in one column.
            list.push(vec![(text, font), ("Chợ Đồn", font)]);
        }
        let list: Vec<&[(&str, &str)]> = list.iter().map(Vec::as_slice).collect();
        let bytes = in_fonts(&list);
        let found: Vec<Vec<String>> = rows(&bytes).into_iter().map(|(_, cells)| cells).collect();
        assert_eq!(found[0], ["Tiêu đề", "Kênh"]);
        for (two, text) in found[1..].chunks(2).zip(unicode) {
            assert_eq!(two[0], ["Đào tạo nghề ở Đồn", text], "{font}");
            assert_eq!(two[1], [text, "Chợ Đồn"], "{font}");
        }
        assert_eq!(recoded(&bytes), [("TCVN3", vec![0], 7)]);
    }
    // A machine without the old font shows Unicode in its cells as well, and people write on.
    let bytes = in_fonts(&[
        &[("TiÕng ViÖt", ".VnTime")],
        &[("Tiếng Việt", ".VnTime")],
        &[("Thông báo", ".VnTime")],
    ]);
    let found: Vec<String> = rows(&bytes).into_iter().flat_map(|(_, c)| c).collect();
    assert_eq!(found, ["Tiếng Việt", "Tiếng Việt", "Thông báo"]);
}

/// A workbook by hand, of these parts.
fn packed(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let how = zip::write::SimpleFileOptions::default();
    let mut all = vec![
        (
            "[Content_Types].xml",
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#,
        ),
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><workbookPr date1904="1"/><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
    ];
    all.extend_from_slice(parts);
    for (name, text) in all {
        zip.start_file(name, how).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_workbook_that_claims_too_much_is_refused_before_it_is_unpacked() {
    let sheet = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row></sheetData></worksheet>";
    let texts = |count: &str| format!("<sst uniqueCount=\"{count}\"><si><t>x</t></si></sst>");
    let with = |texts: &str, sheet: &str| {
        packed(&[
            ("xl/sharedStrings.xml", texts),
            ("xl/worksheets/sheet1.xml", sheet),
        ])
    };
    let good = read(&with(&texts("1"), sheet), None).unwrap();
    assert_eq!(good.1, [row(1, &["x"])]);
    assert_eq!(good.0.epoch, Epoch::Of1904);
    let too_large = |bytes: &[u8]| match read(bytes, None) {
        Err(SheetFault::TooLarge { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    // The reader would make room for so many.
    assert_eq!(
        too_large(&with(&texts("99999999999999"), sheet)),
        Measure::Texts
    );
    let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(2 << 20));
    assert_eq!(too_large(&with(&long, sheet)), Measure::Cell);
    let text = format!("<si><t>{}</t></si>", "x".repeat(200));
    let many = format!("<sst>{}</sst>", text.repeat(300_000));
    assert_eq!(too_large(&with(&many, sheet)), Measure::Unpacked);
}

#[test]
fn rows_that_stand_far_down_take_no_room() {
    let sheet = "<worksheet><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c><c r=\"A1048576\"><v>43</v></c></row></sheetData></worksheet>";
    assert_eq!(
        rows(&packed(&[("xl/worksheets/sheet1.xml", sheet)])),
        [row(1_048_576, &["43"])]
    );
}

#[test]
fn what_is_no_spreadsheet_is_told_so() {
    let fault = |bytes: &[u8]| read(bytes, None).unwrap_err();
    assert_eq!(
        fault(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"),
        SheetFault::OldOrLocked
    );
    assert_eq!(
        fault(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"),
        SheetFault::NotASheet
    );
    assert!(matches!(
        fault(b"PK\x03\x04 and no more"),
        SheetFault::Broken { .. }
    ));
    assert!(matches!(
        fault(&packed(&[(
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row r=\"7\"><c r=\"A7\"><v>1</v></c>"
        )])),
        SheetFault::Broken { row: Some(7), .. }
    ));
    assert_eq!(rows(b""), []);
}

#[test]
fn serials_are_excels() {
    let at = |serial, epoch| civil(serial, epoch).map(|d| d.to_string());
    let civil_1900 = |serial| at(serial, Epoch::Of1900);
    assert_eq!(civil_1900(1.0).as_deref(), Some("1900-01-01T00:00:00"));
    assert_eq!(civil_1900(59.0).as_deref(), Some("1900-02-28T00:00:00"));
    assert_eq!(civil_1900(60.0), None, "a day that never was");
    assert_eq!(civil_1900(61.0).as_deref(), Some("1900-03-01T00:00:00"));
    assert_eq!(
        civil_1900(43_705.999_999).as_deref(),
        Some("2019-08-29T00:00:00")
    );
    assert_eq!(
        at(0.0, Epoch::Of1904).as_deref(),
        Some("1904-01-01T00:00:00")
    );
    for none in [-1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
        assert_eq!(civil_1900(none), None);
    }
}

use super::serial_to_civil as civil;

/// Cells as they come back: without the `'` that guards a formula, trimmed, and none at a row's end that is blank.
fn kept(table: &[Vec<String>]) -> Vec<Vec<String>> {
    table
        .iter()
        .filter_map(|cells| line(0, cells.iter().map(|c| cell(write::unguarded(c))).collect()))
        .map(|line| line.cells)
        .collect()
}

fn stays_as_it_is(table: &[Vec<&str>]) -> Result<(), TestCaseError> {
    let mut text = String::new();
    for row in table {
        text.push_str(&row.join(";"));
        text.push('\n');
    }
    let (opened, found) = read(text.as_bytes(), None).unwrap();
    prop_assert_eq!(opened.recoded, vec![]);
    let found: Vec<_> = found.into_iter().map(|(_, cells)| cells).collect();
    prop_assert_eq!(found, table);
    Ok(())
}

#[test]
fn a_sign_beside_unicode_is_no_letter_of_an_old_font() {
    let row = vec!["Thông báo", "Thông báo", "© 2019"];
    stays_as_it_is(&[row.clone(), row.clone(), row]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_unicode_is_never_recoded(
        table in prop::collection::vec(prop::collection::vec(prop::sample::select(vec![
            "Thông báo", "Hòa Bình", "Hà Giang", "tôi và bé", "Số 5", "Lê Thị Lý", "ý tứ", "có", "sò",
            "Café", "Déjà vu", "São Paulo", "50 m²", "20 °C", "«mới»", "© 2019", "Zürich", "señor",
            "x", "28/8/2019", "https://x.vn/é", "thé", "résumé", "Tiếng Việt", "à", "ô tô",
        ]), 3), 1..12),
    ) {
        stays_as_it_is(&table)?;
    }

    #[test]
    fn what_was_written_as_csv_is_read(
        table in prop::collection::vec(prop::collection::vec("[ !-+\\-:<-~àạđ₫\n]{0,12}", 4), 1..8),
        between in prop::sample::select(vec![b',', b';', b'\t']),
    ) {
        // A table that begins with what Excel takes for a word of its own is another file.
        prop_assume!(!table[0][0].to_lowercase().starts_with("sep="));
        let mut writer = ::csv::WriterBuilder::new().delimiter(between).from_writer(Vec::new());
        let mut table = table;
        for row in &mut table {
            // What stands between cells may stand in them, in quotes.
            row[1].push(between as char);
            row[1].push('x');
            writer.write_record(&*row).unwrap();
        }
        let found: Vec<_> = rows(&writer.into_inner().unwrap()).into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(found, kept(&table));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&bytes, None);
        let mut book = b"PK\x03\x04".to_vec();
        book.extend(&bytes);
        let _ = read(&book, None);
    }

    #[test]
    fn any_sheet_is_read_or_refused(inner in "[<>/=\"a-z0-9 ]{0,120}", texts in "[<>/=\"a-z0-9 ]{0,60}") {
        let sheet = format!("<worksheet><sheetData>{inner}");
        let texts = format!("<sst {texts}");
        let _ = read(&packed(&[
            ("xl/sharedStrings.xml", texts.as_str()),
            ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ]), None);
    }
}

fn written(form: Form, rows: &[Vec<Value>]) -> Vec<u8> {
    let mut written = Written::begin(form, "Tin", &["a", "b", "c"]).unwrap();
    for row in rows {
        written.row(row).unwrap();
    }
    written.end().unwrap()
}

#[test]
fn nothing_that_is_written_runs_as_a_formula() {
    let row = |text: &str| vec![Value::Text(text.to_owned())];
    let texts = [
        "=1+1",
        "+84 281",
        "-",
        "@x",
        "'=x",
        "bình thường",
        "'trong nháy'",
    ];
    let all: Vec<_> = texts.iter().map(|text| row(text)).collect();
    let csv = written(Form::Csv(b';'), &all);
    let csv_text = String::from_utf8(csv.clone()).unwrap();
    assert!(csv_text.contains("\r\n'=1+1\r\n'+84 281\r\n'-\r\n'@x\r\n''=x\r\nbình thường\r\n"));
    for bytes in [csv, written(Form::Xlsx, &all)] {
        let read: Vec<_> = rows(&bytes)
            .into_iter()
            .skip(1)
            .map(|(_, c)| c[0].clone())
            .collect();
        assert_eq!(read, texts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(
        table in prop::collection::vec((r"[!-~àạđ₫'=+@][ -~àạđ₫\n]{0,16}[!-~đ]", 0..1_000_000_u64, 0..80_000_i64), 1..6),
        form in prop::sample::select(vec![Form::Csv(b','), Form::Csv(b';'), Form::Xlsx]),
    ) {
        let first = jiff::civil::date(2019, 8, 28).at(0, 0, 0, 0);
        let table: Vec<Vec<Value>> = table
            .into_iter()
            .map(|(text, n, minutes)| vec![
                Value::Text(text),
                Value::When(first + jiff::SignedDuration::from_mins(minutes)),
                Value::Number(n),
            ])
            .collect();
        let read = rows(&written(form, &table));
        prop_assert_eq!(read.len(), table.len() + 1);
        for ((_, cells), row) in read.iter().skip(1).zip(&table) {
            let [Value::Text(text), Value::When(at), Value::Number(n)] = &row[..] else { panic!() };
            prop_assert_eq!(&cells[0], text);
            let epoch = Epoch::Of1900;
            match crate::intake::when::when(&cells[1], epoch).unwrap() {
                crate::intake::when::When::DayTime(read) => prop_assert_eq!(read, *at),
                crate::intake::when::When::Day(read) => prop_assert_eq!(read.at(0, 0, 0, 0), *at),
                other => panic!("{other:?}"),
            }
            prop_assert_eq!(&cells[2], &n.to_string());
        }
    }
}
