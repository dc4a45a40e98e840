//! Promise: on the pages, whoever writes what was written before is told so beside the preview, and
//! whoever wants an article to come round again says so in one form, where nothing typed is lost.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::http::StatusCode;
use faces_kit::{House, encoded};
use raotin::model::{Role, State};

#[tokio::test]
async fn the_preview_warns_and_the_form_is_kept() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let out = house
        .kit
        .share_in(State::Shared, &office_kit::lan(), "trang")
        .await;
    let out = house.kit.share(out);
    let was = office_kit::article("trang");
    let written = format!(
        "title={}&text={}&channel=nhom&when=queue&every=30&until=&at_most=4",
        encoded(&was.title),
        encoded(&was.text)
    );
    let told = browser.send("/compose", "/compose/preview", &written).await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.text.contains("Bài gần giống"), "{}", told.text);
    assert!(told.text.contains(&format!("/articles/{}", out.article)));
    assert!(told.text.contains("Trang"), "where");
    // It goes out nevertheless, and comes round again.
    let form = format!("{written}&act=queue");
    let queued = browser.send("/compose", "/compose", &form).await;
    assert_eq!(queued.status, StatusCode::SEE_OTHER, "{}", queued.text);
    let at = queued.header("location").to_owned();
    let page = browser.get(&at).await;
    for piece in [
        "Bài gần giống",
        r#"value="30""#,
        r#"value="4""#,
        "đợi lượt hiện tại đăng xong",
    ] {
        assert!(page.text.contains(piece), "{piece}: {}", page.text);
    }
    // What is wrong is told, and what was typed stays.
    let act = format!("{at}/act");
    let wrong = browser
        .send(
            &at,
            &act,
            "act=evergreen&every=45&until=31/12/2020&at_most=",
        )
        .await;
    assert!(wrong.status.is_client_error());
    for piece in ["31/12/2020", r#"value="45""#] {
        assert!(wrong.text.contains(piece), "{piece}: {}", wrong.text);
    }
    let nonsense = browser
        .send(&at, &act, "act=evergreen&every=45&until=mai")
        .await;
    assert!(nonsense.status.is_client_error() && nonsense.text.contains("“mai” không phải ngày"));
    let set = browser
        .send(
            &at,
            &act,
            "act=evergreen&every=45&until=31/12/2027&at_most=",
        )
        .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER);
    let page = browser.get(&at).await;
    assert!(page.text.contains(r#"value="45""#) && page.text.contains(r#"value="2027-12-31""#));
    let ended = browser
        .send(&at, &act, "act=evergreen&every=&until=&at_most=")
        .await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    let page = browser.get(&at).await;
    assert!(!page.text.contains("đợi lượt hiện tại"));
}

/// Who looks ahead sees the turns of articles that come round: in the calendar and on Today, each leading
/// to its article, and nothing there that could be dragged.
#[tokio::test]
async fn turns_are_seen_ahead() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let lan = office_kit::lan();
    let out = house.kit.share_in(State::Shared, &lan, "trang").await;
    let article = house.kit.share(out).article;
    let rule = raotin::office::evergreen::Rule {
        every: "1d".to_owned(),
        ..Default::default()
    };
    let office = &house.kit.office;
    let set = office.set_evergreen(&lan, None, article, rule).await;
    set.unwrap();
    // Its day is tomorrow at eight, and the schedule's next slot behind that half past seven on Wednesday.
    let coming = office.upcoming(&lan, 3).unwrap();
    let seen: Vec<_> = coming.iter().map(|c| (c.at, c.what.turn())).collect();
    let at = |day: &str| format!("2026-11-{day}T00:30:00Z").parse().unwrap();
    assert_eq!(seen, [(at("25"), Some(2)), (at("26"), Some(3))]);
    let mut browser = house.browser_of("lan").await;
    for path in ["/", "/calendar", "/calendar?view=month"] {
        let page = browser.get(path).await;
        for piece in ["lần 2", &format!("/articles/{article}")] {
            assert!(page.text.contains(piece), "{path}, {piece}: {}", page.text);
        }
        assert!(!page.text.contains("data-move=\""), "{path}");
    }
}
