//! Promise: an administrator adds, changes and retires from plain forms; what is wrong stands beside its
//! field, and nothing typed is lost.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::http::StatusCode;
use faces_kit::{Browser, House, encoded};
use raotin::model::Role;

async fn admin() -> (House, Browser) {
    let house = House::new().await;
    house.member("quan-tri", &[Role::Admin]).await;
    house.member("lan", &[Role::Officer]).await;
    let browser = house.browser_of("quan-tri").await;
    (house, browser)
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&from).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_group_is_added_with_a_name_and_an_address_alone() {
    let (house, mut browser) = admin().await;
    let title = encoded("ATK Chợ Đồn");
    let url = encoded("https://www.facebook.com/groups/atk");
    let form =
        format!("platform=facebook-group&id=&title={title}&url={url}&approval=&max_per_day=");
    let answer = browser
        .send("/settings/channels", "/settings/channels", &form)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.header("location"), "/channels/atk-cho-don");
    let page = browser.get("/channels/atk-cho-don").await;
    assert!(
        page.text.contains("Đã lưu, có hiệu lực ngay."),
        "{}",
        page.text
    );
    // An officer composes for it at once.
    let mut officer = house.browser_of("lan").await;
    let compose = officer.get("/compose").await;
    assert!(compose.text.contains("value=\"atk-cho-don\""));
    // The same id once more is told at its field.
    let again = browser
        .send("/settings/channels", "/settings/channels", &form)
        .await;
    let other = format!("{form}&assignees=lan");
    assert_eq!(
        again.status,
        StatusCode::SEE_OTHER,
        "sent again, it is there already"
    );
    let taken = browser
        .send("/settings/channels", "/settings/channels", &other)
        .await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.text.contains("href=\"#f-id\""), "{}", taken.text);
    assert!(
        taken.text.contains("value=\"ATK Chợ Đồn\""),
        "nothing typed is lost"
    );
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field() {
    let (_house, mut browser) = admin().await;
    let page = browser.get("/settings/channels/nhom").await;
    assert!(page.text.contains("value=\"Tin Bắc Kạn\""));
    let seen = hidden(&page.text, "seen");
    let form =
        format!("seen={seen}&title=Nh%C3%B3m&url=&approval=required&max_per_day=ba&min_gap=lau");
    let answer = browser
        .send("/settings/channels/nhom", "/settings/channels/nhom", &form)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for told in [
        "href=\"#f-max_per_day\"",
        "href=\"#f-min_gap\"",
        "value=\"ba\"",
        "value=\"lau\"",
        "value=\"Nhóm\"",
        "<details open>",
    ] {
        assert!(answer.text.contains(told), "{told}\n{}", answer.text);
    }
    let form = form.replace("=ba", "=3").replace("=lau", "=20m");
    let answer = browser
        .send("/settings/channels/nhom", "/settings/channels/nhom", &form)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    // Who saw the former one is told, and keeps what she typed.
    let form = form.replace("max_per_day=3", "max_per_day=5");
    let stale = browser
        .send("/settings/channels/nhom", "/settings/channels/nhom", &form)
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text.contains("value=\"5\"") && stale.text.contains("Người khác vừa đổi"));
    let form = format!("seen={}&max_per_day=5", hidden(&stale.text, "seen"));
    let answer = browser
        .send("/settings/channels/nhom", "/settings/channels/nhom", &form)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_schedule_is_chosen_by_days_and_times_and_shown_before_it_is_saved() {
    let (house, mut browser) = admin().await;
    let days: String = (1..=5).map(|d| format!("&day={d}")).collect();
    let form = format!(
        "id=chieu{days}&times=16h30&cron=30+7+*+*+1-5&cron-was=30+7+*+*+1-5&channels=nhom&asked=channels&asked=enabled&enabled=true"
    );
    let preview = format!("{form}&act=preview");
    let shown = browser
        .send("/settings/schedules", "/settings/schedules", &preview)
        .await;
    assert!(
        shown.text.contains("16:30 mỗi ngày làm việc, giờ Việt Nam"),
        "{}",
        shown.text
    );
    assert_eq!(shown.text.matches("<li class=\"row\"><time").count(), 10);
    assert!(!house.kit.folder().join("schedules/chieu.toml").exists());
    let part = browser
        .send("/settings/schedules", "/settings/preview", &form)
        .await;
    assert!(
        part.text.contains("16:30 mỗi ngày làm việc"),
        "{}",
        part.text
    );
    let saved = browser
        .send("/settings/schedules", "/settings/schedules", &form)
        .await;
    assert_eq!(
        saved.header("location"),
        "/schedules/chieu",
        "{}",
        saved.text
    );
    let text = std::fs::read_to_string(house.kit.folder().join("schedules/chieu.toml")).unwrap();
    assert_eq!(text, "cron = \"30 16 * * 1-5\"\nchannels = [\"nhom\"]\n");
    let page = browser.get("/schedules/chieu").await;
    assert!(page.text.contains("16:30 mỗi ngày làm việc, giờ Việt Nam"));
    // Times that one expression cannot name are told beside their field.
    let mixed = form
        .replace("id=chieu", "id=hai")
        .replace("16h30", "7%3A30+16%3A00");
    let told = browser
        .send("/settings/schedules", "/settings/schedules", &mixed)
        .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("cùng số phút") && told.text.contains("value=\"7:30 16:00\""));
    // An expression typed under "More" counts, and is told in words too.
    let typed = form
        .replace("id=chieu", "id=ba")
        .replace("cron=30+7+*+*+1-5&", "cron=0+9+31+2+*&");
    let told = browser
        .send("/settings/schedules", "/settings/schedules", &typed)
        .await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("href=\"#f-cron\""), "{}", told.text);
}

#[tokio::test]
async fn what_is_still_named_is_offered_to_be_taken_out_there_too() {
    let (house, mut browser) = admin().await;
    let on = "/settings/channels/nhom";
    let told = browser
        .send(on, "/settings/channels/nhom/retire", "x=")
        .await;
    assert_eq!(told.status, StatusCode::CONFLICT);
    assert!(
        told.text
            .contains("chủ đề y-te, cụm kênh cac-nhom, lịch đăng sang"),
        "{}",
        told.text
    );
    assert!(told.text.contains("name=\"mend\""));
    let done = browser
        .send(on, "/settings/channels/nhom/retire", "mend=on")
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let page = browser.get("/channels/nhom").await;
    assert!(
        page.text.contains("không còn trong cấu hình"),
        "its shares stay"
    );
    assert_eq!(house.kit.office.config().schedules[0].channels.len(), 1);
}

#[tokio::test]
async fn a_form_sent_as_it_was_shown_changes_no_byte() {
    let (house, mut browser) = admin().await;
    let file = house.kit.folder().join("raotin.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    for (path, form) in [
        (
            "/settings",
            "name=Ph%C3%B2ng+V%C4%83n+h%C3%B3a+v%C3%A0+Th%C3%B4ng+tin&lang=vi&default_channels=trang&asked=default_channels&asked=approve_own&missed=&grace=&zone=Asia%2FHo_Chi_Minh",
        ),
        (
            "/settings/topics/y-te",
            "title=Y+t%E1%BA%BF&channels=trang&channels=nhom&asked=channels",
        ),
        (
            "/settings/groups/cac-nhom",
            "channels=giao&channels=nhom&asked=channels",
        ),
    ] {
        let answer = browser.send(path, path, form).await;
        assert_eq!(
            answer.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            answer.text
        );
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
}

#[tokio::test]
async fn a_feed_is_added_as_it_was_found_changed_and_retired() {
    let (house, mut browser) = admin().await;
    // As the list of what was found leads to it: name and address stand there.
    let (title, url) = ("Tin tức – Sự kiện", "https://huyen.example.vn/rss?a=1&b=2");
    let found = format!("title={}&url={}", encoded(title), encoded(url));
    let page = browser.get(&format!("/settings/feeds?{found}")).await;
    assert!(page.text.contains(&format!("value=\"{title}\"")));
    assert!(page.text.contains("rss?a=1&#38;b=2"), "{}", page.text);
    let asked = "asked=channels&asked=enabled&asked=page&enabled=true";
    let form =
        format!("id=&{found}&topic=y-te&channels=nhom&approval=required&max_per_day=3&{asked}");
    let wrong = format!("{form}&max_age=lau&words=ti%C3%AAm+ph%C3%B2ng,+n%C6%B0%E1%BB%9Bc");
    let answer = browser
        .send("/settings/feeds", "/settings/feeds", &wrong)
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for piece in [
        "href=\"#f-max_age\"",
        "Bỏ bài cũ hơn",
        "value=\"tiêm phòng, nước\"",
    ] {
        assert!(answer.text.contains(piece), "{piece}: {}", answer.text);
    }
    let form = format!("{form}&words=ti%C3%AAm+ph%C3%B2ng,+n%C6%B0%E1%BB%9Bc");
    let answer = browser
        .send("/settings/feeds", "/settings/feeds", &form)
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(answer.header("location"), "/feeds#tin-tuc-su-kien");
    let config = house.kit.office.config();
    let feed = config.feeds.last().unwrap();
    assert_eq!((feed.url.as_str(), feed.words.len()), (url, 2));
    let page = browser.get("/feeds").await;
    for piece in [
        title,
        "Chủ đề: Y tế",
        "Vào: Tin Bắc Kạn",
        "Mọi bài phải duyệt",
        "Nhiều nhất 3 bài mỗi ngày",
        "Chỉ bài có: tiêm phòng, nước",
        "/settings/feeds/tin-tuc-su-kien",
    ] {
        assert!(page.text.contains(piece), "{piece}: {}", page.text);
    }
    // An officer has it looked at, and changes nothing.
    let mut officer = house.browser_of("lan").await;
    let page = officer.get("/feeds").await;
    assert!(page.text.contains("Đọc ngay") && !page.text.contains("/settings/"));
    // Changed: what stands there stands in the form.
    let at = "/settings/feeds/tin-tuc-su-kien";
    let page = browser.get(at).await;
    assert!(page.text.contains("value=\"tiêm phòng, nước\""));
    let seen = hidden(&page.text, "seen");
    let form = format!("seen={seen}&words=&max_per_day=&asked=enabled");
    let answer = browser.send(at, at, &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let config = house.kit.office.config();
    let feed = config.feeds.last().unwrap();
    assert_eq!(
        (feed.words.len(), feed.max_per_day, feed.enabled),
        (0, None, false)
    );
    // What it names is not taken from under it; and then it goes.
    let retire = "/settings/topics/y-te/retire";
    let answer = browser.send("/settings/topics/y-te", retire, "").await;
    assert!(answer.text.contains("tin-tuc-su-kien"), "{}", answer.text);
    let answer = browser.send(at, &format!("{at}/retire"), "").await;
    assert_eq!(answer.header("location"), "/feeds", "{}", answer.text);
    assert_eq!(house.kit.office.config().feeds.len(), 1);
}
