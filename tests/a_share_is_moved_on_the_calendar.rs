//! The calendar shows what comes, as it comes: planned shares, what the next firings would take, free
//! slots, failed and missed ones; and what is to come is moved there by a form (in a real browser by
//! drag, `tests/live/faces.py`).
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::http::StatusCode;
use faces_kit::{House, encoded};
use office_kit::{hoa, member};
use raotin::model::{Role, State};

async fn house() -> House {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    house.member("hoa", &[Role::Approver]).await;
    house
}

const WEEK: &str = "/calendar?view=week&day=2026-11-24";

#[tokio::test]
async fn what_would_be_taken_gets_the_time_it_is_given() {
    let house = house().await;
    let lan = member("lan", &[Role::Officer]);
    let share = house.kit.share_in(State::Waiting, &lan, "trang").await;
    let mut browser = house.browser_of("lan").await;
    for view in ["list", "week", "month"] {
        let page = browser.get(&format!("/calendar?view={view}")).await.text;
        assert!(page.contains(&format!("/shares/{share}")), "{view}: {page}");
        assert!(
            page.contains("data-from=\"2026-11-24T07:30\""),
            "{view}: {page}"
        );
        // The group's firing of that morning takes nothing yet.
        let free = page.contains("07:30 · khung giờ trống: Tin Bắc Kạn");
        assert_eq!(free, view != "month", "{view}: {page}");
    }
    let form_page = browser
        .get(&format!("/calendar/{share}?back={}", encoded(WEEK)))
        .await;
    assert!(
        form_page.text.contains("Tiêm phòng đợt 2"),
        "{}",
        form_page.text
    );
    let path = format!("/calendar/{share}");
    let back = encoded(WEEK);
    let moved = browser
        .send(
            "/more",
            &path,
            &format!("at=2026-11-25T09%3A15&back={back}"),
        )
        .await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.text);
    assert_eq!(moved.header("location"), WEEK);
    let page = browser.get(WEEK).await.text;
    assert!(page.contains("Đã dời: sẽ đăng 09:15"), "{page}");
    assert!(page.contains("data-from=\"2026-11-25T09:15\""), "{page}");
    let stands = house.kit.share(share);
    assert_eq!(stands.state, State::Planned);
    assert_eq!(stands.due.unwrap().to_string(), "2026-11-25T02:15:00Z");
    // And back into the queue.
    let back_again = browser
        .send("/more", &path, &format!("act=queue&back={back}"))
        .await;
    assert_eq!(back_again.status, StatusCode::SEE_OTHER);
    assert_eq!(house.kit.share(share).state, State::Waiting);
}

#[tokio::test]
async fn a_time_that_is_past_or_none_is_refused_and_stays_typed() {
    let house = house().await;
    let lan = member("lan", &[Role::Officer]);
    let share = house.kit.share_in(State::Planned, &lan, "trang").await;
    let mut browser = house.browser_of("lan").await;
    let path = format!("/calendar/{share}");
    let past = browser
        .send("/more", &path, "at=2026-11-20T09%3A15&back=%2F")
        .await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.text.contains("2026-11-20T09:15"), "{}", past.text);
    let none = browser.send("/more", &path, "at=").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text.contains("Hãy chọn ngày và giờ."), "{}", none.text);
    // Nobody is led elsewhere by it.
    let away = browser
        .send(
            "/more",
            &path,
            "at=2026-11-25T09%3A15&back=https%3A%2F%2Fevil.example",
        )
        .await;
    assert_eq!(away.header("location"), "/");
}

#[tokio::test]
async fn anothers_and_what_is_out_are_not_moved() {
    let house = house().await;
    let hers = house.kit.share_in(State::Waiting, &hoa(), "trang").await;
    let lan = member("lan", &[Role::Officer]);
    let missed = house.kit.share_in(State::Missed, &lan, "nhom").await;
    let unsure = house.kit.share_in(State::Unsure, &lan, "sau").await;
    let mut browser = house.browser_of("lan").await;
    let page = browser.get("/calendar?view=week").await.text;
    assert!(page.contains(&format!("/shares/{hers}")));
    assert!(!page.contains(&format!("data-move=\"{hers}\"")));
    // What was missed is seen, and given another time; what is in doubt is seen.
    assert!(page.contains(&format!("data-move=\"{missed}\"")), "{page}");
    assert!(page.contains(&format!("/shares/{unsure}")));
    assert!(!page.contains(&format!("data-move=\"{unsure}\"")));
    let not_hers = browser.get(&format!("/calendar/{hers}")).await;
    assert_eq!(not_hers.status, StatusCode::FORBIDDEN);
    let form = "at=2026-11-25T09%3A15";
    let refused = browser
        .send("/more", &format!("/calendar/{hers}"), form)
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let later = browser
        .send("/more", &format!("/calendar/{missed}"), form)
        .await;
    assert_eq!(later.status, StatusCode::SEE_OTHER, "{}", later.text);
    assert_eq!(house.kit.share(missed).state, State::Planned);
}
