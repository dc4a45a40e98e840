//! What is typed in Compose is kept on the server without pressing anything, gone on with on another
//! device, seen by nobody else, and gone when it was sent, thrown away or a week old.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::http::StatusCode;
use faces_kit::{Browser, House, OPERATOR, encoded};
use jiff::SignedDuration;
use raotin::model::{MemberId, Role};
use raotin::office::unfinished::{MOST_UNFINISHED_BYTES, UNFINISHED_LIVES};

async fn house() -> House {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    house.member("mai", &[Role::Officer]).await;
    house
}

/// As the page sends it while she types.
async fn types(browser: &mut Browser, device: &str, key: &str, text: &str) -> StatusCode {
    let form = format!(
        "act=keep&device={device}&key={key}&title={}&text={}&channel=nhom&own-nhom={}&when=at&at=2026-12-01T09%3A00",
        encoded("Ngày hội"),
        encoded(text),
        encoded("Riêng cho nhóm"),
    );
    browser
        .send("/more", "/compose/unfinished", &form)
        .await
        .status
}

const OFFER: &str = "Có bài đang soạn dở từ";

#[tokio::test]
async fn it_is_gone_on_with_on_another_device_and_gone_once_sent() {
    let house = house().await;
    let mut pc = house.browser_of("lan").await;
    assert!(!pc.get("/compose").await.text.contains(OFFER));
    let said = types(&mut pc, "pc", "form-1", "Bà con múa sạp").await;
    assert_eq!(said, StatusCode::NO_CONTENT);

    let mut phone = house.browser_of("lan").await;
    let page = phone.get("/compose").await.text;
    assert!(
        page.contains(OFFER) && page.contains("data-device=\"pc\""),
        "{page}"
    );
    assert!(
        !page.contains("Bà con múa sạp"),
        "filled without being asked"
    );
    let page = phone.get("/compose?continue=1").await.text;
    for typed in [
        "Ngày hội",
        "Bà con múa sạp",
        "Riêng cho nhóm",
        "2026-12-01T09:00",
    ] {
        assert!(page.contains(typed), "{typed} is lost: {page}");
    }
    assert!(page.contains("value=\"nhom\" checked"), "{page}");
    // Nobody else knows of it.
    let mut other = house.browser_of("mai").await;
    assert!(!other.get("/compose").await.text.contains(OFFER));
    let taken = other.get("/compose?continue=1").await.text;
    assert!(!taken.contains("Bà con múa sạp"));
    // The ledger does not, either.
    let form = format!(
        "key=form-2&title={}&channel=nhom&when=queue&act=queue",
        encoded("Ngày hội")
    );
    let sent = phone.send("/more", "/compose", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    assert!(!pc.get("/compose").await.text.contains(OFFER));
    // What of the same form comes in late is not kept; another form's is.
    types(&mut phone, "phone", "form-2", "muộn").await;
    assert!(!pc.get("/compose").await.text.contains(OFFER));
    types(&mut phone, "phone", "form-3", "bài mới").await;
    assert!(pc.get("/compose").await.text.contains(OFFER));
}

#[tokio::test]
async fn it_is_small_private_and_forgotten() {
    let house = house().await;
    let mut lan = house.browser_of("lan").await;
    types(&mut lan, "pc", "form-1", "một").await;
    let file = house.kit.folder().join("private/unfinished-lan.json");
    assert!(std::fs::read_to_string(&file).unwrap().contains("Ngày hội"));
    // Too long to be kept: what was kept before stays, and the page has it all the same.
    let long = "x".repeat(MOST_UNFINISHED_BYTES);
    let said = types(&mut lan, "pc", "form-1", &long).await;
    assert_eq!(said, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lan.get("/compose?continue=1").await.text.contains("một"));
    // Thrown away.
    let thrown = lan.send("/more", "/compose/unfinished", "act=forget").await;
    assert_eq!(thrown.status, StatusCode::SEE_OTHER);
    assert!(!file.exists());
    // Too old.
    types(&mut lan, "pc", "form-1", "hai").await;
    house
        .kit
        .clock
        .advance(UNFINISHED_LIVES - SignedDuration::from_secs(1));
    let office = &house.kit.office;
    office.erase_old_unfinished().unwrap();
    assert!(file.exists());
    house.kit.clock.advance(SignedDuration::from_secs(1));
    office.erase_old_unfinished().unwrap();
    assert!(!file.exists());
    // Hers who is retired.
    let mut lan = house.browser_of("lan").await;
    types(&mut lan, "pc", "form-1", "ba").await;
    assert!(file.exists());
    let retired = office.retire_member(&OPERATOR, None, MemberId::new("lan").unwrap());
    retired.await.unwrap();
    assert!(!file.exists());
}
