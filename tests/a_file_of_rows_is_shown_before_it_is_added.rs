//! On its page a file of rows is shown, what is wrong with it first, and explained where nobody knows its
//! headings; nothing is added before somebody says so. Without a script.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use faces_kit::{Answered, Browser, House};
use office_kit::{Kit, lan};
use raotin::model::Role;

async fn brings(browser: &mut Browser, to: &str, name: &str, bytes: &[u8]) -> Answered {
    let csrf = browser.csrf("/help").await;
    let mut body = Vec::new();
    for (field, value) in [("csrf", csrf.as_str()), ("key", "k")] {
        let part =
            format!("--x\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(bytes);
    body.extend(b"\r\n--x--\r\n");
    let request = Request::builder()
        .method(Method::POST)
        .uri(to)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    browser.ask(request, Body::from(body)).await
}

/// The page once nothing is being done with the file.
async fn settled(browser: &mut Browser, at: &str) -> Answered {
    loop {
        let page = browser.get(at).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        if page.header("refresh").is_empty() {
            return page;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn articles() {
    let house = House::of(Kit::new().await);
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let list = "Tiêu đề;Nội dung;Kênh;Ngày giờ\nTiêm phòng <b>đợt 2</b>;x;trang;\nLạc kênh;x;trnag;\nSai giờ;x;trang;32/1/2027 7:00\n";
    let brought = brings(&mut browser, "/import", "Tin tháng 8.csv", list.as_bytes()).await;
    assert_eq!(brought.status, StatusCode::SEE_OTHER, "{}", brought.text);
    let at = brought.header("location").to_owned();
    let page = settled(&mut browser, &at).await.text;
    assert!(page.contains("Tin tháng 8.csv"));
    for told in [
        "Dòng 3: Không có kênh “trnag”",
        "Dòng 4: “32/1/2027 7:00”: không có ngày",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(page.contains("Nhập 1 dòng, bỏ 2 dòng lỗi"));
    assert_eq!(house.kit.office.articles(&lan(), None, 9).unwrap().len(), 0);
    let good = settled(&mut browser, &format!("{at}?kind=good")).await.text;
    assert!(
        good.contains("Tiêm phòng &#60;b&#62;đợt 2") || good.contains("Tiêm phòng &lt;b&gt;đợt 2")
    );
    let done = browser.send("/help", &at, "act=confirm&skip-bad=1").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = settled(&mut browser, &at).await.text;
    assert!(page.contains("Đã nhập 1 bài."), "{page}");
    assert_eq!(house.kit.office.articles(&lan(), None, 9).unwrap().len(), 1);
    browser.send("/help", &at, "act=drop").await;
    assert_eq!(browser.get(&at).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn headings_that_nobody_knows_are_explained_on_the_page() {
    let house = House::of(Kit::new().await);
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let list = "Tên gọi;Nơi nào\nTiêm phòng;trang\n";
    let brought = brings(&mut browser, "/import", "x.csv", list.as_bytes()).await;
    let at = brought.header("location").to_owned();
    let page = settled(&mut browser, &at).await.text;
    assert!(page.contains("Không rõ cột “Tên gọi” chứa gì"), "{page}");
    assert!(page.contains("name=\"column:Nơi nào\""), "{page}");
    let form = [
        ("act", "explain"),
        ("column:Tên gọi", "title"),
        ("column:Nơi nào", "channels"),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    browser.send("/help", &at, &form).await;
    let page = settled(&mut browser, &at).await.text;
    assert!(page.contains("Nhập 1 dòng"), "{page}");
}

#[tokio::test]
async fn a_workbook_in_an_old_font_is_read_as_people_saw_it() {
    let house = House::of(Kit::new().await);
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let font = rust_xlsxwriter::Format::new().set_font_name(".VnTime");
    for (row, cells) in [
        ["Tiªu ®Ò", "Kªnh", "Tr¹ng th¸i"],
        ["§µo t¹o nghÒ", "trang", "b¶n nh¸p"],
    ]
    .iter()
    .enumerate()
    {
        for (column, text) in cells.iter().enumerate() {
            let (row, column) = (row as u32, column as u16);
            let written = sheet.write_string_with_format(row, column, *text, &font);
            written.unwrap();
        }
    }
    let bytes = book.save_to_buffer().unwrap();
    let brought = brings(&mut browser, "/import", "cũ.xlsx", &bytes).await;
    let at = brought.header("location").to_owned();
    let page = settled(&mut browser, &at).await.text;
    let told = "5 ô ở cột Tiêu đề, Kênh, Trạng thái gõ bằng bảng mã cũ TCVN3";
    assert!(page.contains(told), "{page}");
    assert!(
        page.contains("Đào tạo nghề") && page.contains("· bản nháp"),
        "{page}"
    );
    browser.send("/help", &at, "act=confirm").await;
    settled(&mut browser, &at).await;
    let added = house.kit.office.articles(&lan(), None, 9).unwrap();
    assert_eq!(added[0].content.title, "Đào tạo nghề");
}

#[tokio::test]
async fn old_shares() {
    let house = House::of(Kit::new().await);
    house.member("hoa", &[Role::Approver]).await;
    let mut browser = house.browser_of("hoa").await;
    let list = "Ngày;Kênh;Tiêu đề;Người đăng\n28/8/2019;Tin Bắc Kạn;Hội xuân;Bác Tư\n29/8/2019;Tin Bắc Kạn;Hội xuân;Bác Tư\n";
    let brought = brings(&mut browser, "/backfill", "cu.csv", list.as_bytes()).await;
    let at = brought.header("location").to_owned();
    let page = settled(&mut browser, &at).await.text;
    assert!(
        page.contains("Tin Bắc Kạn đã có bài này ở dòng 2, ngày 28/8/2019."),
        "{page}"
    );
    assert!(page.contains("Bác Tư"), "{page}");
    browser
        .send("/help", &at, "act=choose&seen=3&add=3&query=kind%3Dclash")
        .await;
    let page = settled(&mut browser, &at).await.text;
    assert!(page.contains("Nhập 2 dòng"), "{page}");
    browser.send("/help", &at, "act=confirm").await;
    let page = settled(&mut browser, &at).await.text;
    assert!(
        page.contains("Đã tính thêm 2 lượt chia sẻ từ cu.csv."),
        "{page}"
    );
    // The share's own page tells where it comes from.
    let shares = browser.get("/shares").await.text;
    let (_, rest) = shares.split_once("href=\"/shares/").unwrap();
    let share = rest.split('"').next().unwrap();
    let page = browser.get(&format!("/shares/{share}")).await.text;
    assert!(
        page.contains("Nhập từ tệp cu.csv, dòng 3; người đăng ghi là Bác Tư; tệp chỉ ghi ngày."),
        "{page}"
    );
    let list = browser.get("/export/shares.csv").await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.header("content-disposition").contains("shares.csv"));
    assert_eq!(list.text.lines().count(), 3);
}
