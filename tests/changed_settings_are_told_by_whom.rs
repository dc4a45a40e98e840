//! Promise: whoever changed a setting or a member, from the pages, the API or the command line, stands in a
//! list for ever, with what stood there before and after; an edit in the files is told as such.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::http::StatusCode;
use faces_kit::{House, encoded};
use office_kit::{Kit, hoa, local, member};
use raotin::config::edit::{Edit, Kind, Part};
use raotin::lang::Lang;
use raotin::model::{Actor, Role};
use raotin::office::OfficeError;
use raotin::office::changes::Change;
use serde_json::json;

async fn all(kit: &Kit) -> Vec<Change> {
    kit.office.changes(&local(), None, 500).await.unwrap()
}

/// What, by whom, in which words of the keys.
fn line(kit: &Kit, change: &Change) -> String {
    let settings = change.settings.iter().map(|s| {
        let value = |v: &Option<String>| v.clone().unwrap_or_else(|| "-".to_owned());
        format!("{}: {} → {}", s.key, value(&s.from), value(&s.to))
    });
    let text = kit.office.tell_change(Lang::Vi, change);
    let file = if change.in_file { " (tệp)" } else { "" };
    let settings = settings.collect::<Vec<_>>().join("; ");
    format!("{text} | {}{file} | {settings}", change.by)
}

async fn edits(kit: &Kit, actor: &Actor, edit: Edit) {
    kit.office.configure(actor, None, edit, None).await.unwrap();
}

#[tokio::test]
async fn newest_first_with_what_stood_there() {
    let kit = Kit::new().await;
    let known = all(&kit).await.len();
    let admin = member("quan-tri", &[Role::Admin]);
    let topic = Part::new(Kind::Topic, "le-hoi");
    let keys = |value: serde_json::Value| value.as_object().unwrap().clone();
    edits(
        &kit,
        &admin,
        Edit::Add(topic.clone(), keys(json!({ "title": "Lễ hội" }))),
    )
    .await;
    edits(
        &kit,
        &admin,
        Edit::Change(topic.clone(), keys(json!({ "title": "Lễ hội, du lịch" }))),
    )
    .await;
    let roles = |roles: &[Role]| roles.to_vec();
    let office = &kit.office;
    let (id, officer) = ("moi".parse().unwrap(), roles(&[Role::Officer]));
    let both = roles(&[Role::Officer, Role::Approver]);
    let name = Some("Nông Thị Mới".to_owned());
    for roles in [officer, both] {
        let set = office.set_member(
            &admin,
            None,
            "moi".parse().unwrap(),
            roles,
            None,
            name.clone(),
        );
        set.await.unwrap();
    }
    office.retire_member(&admin, None, id).await.unwrap();
    edits(
        &kit,
        &admin,
        Edit::Retire {
            part: topic,
            mend: false,
        },
    )
    .await;

    let changes = all(&kit).await;
    let told: Vec<String> = changes.iter().take(6).map(|c| line(&kit, c)).collect();
    assert_eq!(
        told,
        [
            "Bỏ chủ đề le-hoi | m:quan-tri | title: \"Lễ hội, du lịch\" → -",
            "Cho nghỉ thành viên moi | m:quan-tri | ",
            "Sửa thành viên moi | m:quan-tri | roles: officer → officer, approver",
            "Thêm thành viên moi | m:quan-tri | roles: - → officer",
            "Sửa chủ đề le-hoi | m:quan-tri | title: \"Lễ hội\" → \"Lễ hội, du lịch\"",
            "Thêm chủ đề le-hoi | m:quan-tri | title: - → \"Lễ hội\"",
        ]
    );
    assert_eq!(
        changes.len(),
        known + 6,
        "each once, although two events tell of a new topic"
    );
    // What nobody did from here was read in the files.
    assert!(changes[6..].iter().all(|c| c.in_file || c.part == "member"));

    // By pages: the numbers are the same for ever.
    let newest = kit.office.changes(&hoa(), None, 2).await.unwrap();
    assert_eq!(newest, changes[..2]);
    let next = kit
        .office
        .changes(&hoa(), Some(newest[1].number), 2)
        .await
        .unwrap();
    assert_eq!(next, changes[2..4]);
    let strange = kit.office.changes(&member("ai-do", &[]), None, 2).await;
    assert!(matches!(strange, Err(OfficeError::NotAllowed { .. })));
}

#[tokio::test]
async fn the_page_says_it_in_the_readers_words() {
    let house = House::new().await;
    house.member("quan-tri", &[Role::Admin]).await;
    house.member("giam-sat", &[Role::Supervisor]).await;
    let mut admin = house.browser_of("quan-tri").await;
    let form = format!(
        "platform=facebook-group&id=&title={}&url={}&approval=required&max_per_day=3",
        encoded("ATK Chợ Đồn"),
        encoded("https://www.facebook.com/groups/atk")
    );
    let made = admin
        .send("/settings/channels", "/settings/channels", &form)
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert!(
        admin
            .get("/settings")
            .await
            .text
            .contains("href=\"/settings/changes\"")
    );
    // Who only looks sees it too, and nothing to change it by.
    let mut supervisor = house.browser_of("giam-sat").await;
    assert!(
        supervisor
            .get("/reports")
            .await
            .text
            .contains("href=\"/settings/changes\"")
    );
    let page = supervisor.get("/settings/changes").await.text;
    for told in [
        "Thêm kênh ATK Chợ Đồn",
        "Duyệt trước khi đăng: <ins>Phải duyệt</ins>",
        "Nhiều nhất mỗi ngày (lượt): <ins>3</ins>",
        "quan-tri",
        "Thêm thành viên giam-sat",
        "Vai trò: <ins>người giám sát</ins>",
        "sửa thẳng trong tệp",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("<form method=\"post\" action=\"/settings"));
}
