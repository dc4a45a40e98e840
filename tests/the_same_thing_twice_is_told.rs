//! Promise: the same thing twice is told before it goes out: another form of a link is refused as the
//! link itself, a text that says nearly the same is warned of and never blocked, and nobody is warned
//! of a signature.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;
mod store_kit;

use std::sync::{Arc, Mutex};

use office_kit::{Kit, article, lan, local};
use raotin::model::{ArticleId, State};
use raotin::office::articles::{Edit, NewArticle};
use raotin::office::{Done, OfficeError, Refusal};
use raotin::store::sled::SledStore;
use raotin::store::{MemoryStore, Store};
use store_kit::{Office, assert_same, commit_all};

const TEXT: &str = "Sáng 28/8, huyện Chợ Đồn tổ chức ra quân làm đường giao thông nông thôn tại xã Bằng Lãng. \
    Hơn hai trăm đoàn viên thanh niên và bà con trong thôn đã tham gia đổ bê tông đoạn đường dài 350 mét, \
    nối thôn Nà Khắt với trung tâm xã.";
const OTHER: &str = "Trung tâm Y tế huyện thông báo lịch tiêm phòng dại cho chó, mèo: từ ngày 5 đến ngày 9 tháng 9 \
    tại nhà văn hóa các thôn. Bà con nhốt vật nuôi, mang theo sổ tiêm và đến đúng giờ.";
const SIGNATURE: &str = "\n\nBan Truyền thông huyện Chợ Đồn, tiếng nói của nhân dân các dân tộc trong huyện\n\
    Điện thoại: 0209 3882 145\n#ChợĐồn #BắcKạn";

fn with_link(link: &str) -> NewArticle {
    NewArticle {
        title: String::new(),
        text: String::new(),
        link: Some(link.to_owned()),
        // A link stands against another one once it has its time.
        at: Some("2026-11-23T09:00:00Z".parse().unwrap()),
        ..article("trang")
    }
}

fn with_text(title: &str, text: &str) -> NewArticle {
    NewArticle {
        title: title.to_owned(),
        text: text.to_owned(),
        ..article("trang")
    }
}

async fn add(kit: &Kit, new: NewArticle) -> Done {
    kit.office.add(&lan(), None, new).await.unwrap()
}

fn told(done: &Done) -> Vec<ArticleId> {
    done.similar.iter().map(|s| s.article).collect()
}

#[tokio::test]
async fn another_form_of_a_link_is_the_link() {
    let kit = Kit::new().await;
    let first = add(
        &kit,
        with_link("https://chodon.gov.vn/tin/lam-duong-5.html"),
    )
    .await;
    for link in [
        "https://amp.chodon.gov.vn/tin/lam-duong-5.html",
        "https://chodon.gov.vn/tin/lam-duong-5.html?amp=1&zarsrc=31&gidzl=x",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fchodon.gov.vn%2Ftin%2Flam-duong-5.html&h=A",
        "https://www.google.com/amp/s/chodon.gov.vn/tin/lam-duong-5.html",
    ] {
        let refused = kit.office.add(&lan(), None, with_link(link)).await;
        let share = match refused {
            Err(OfficeError::Refused(Refusal::Repeat { share, .. })) => share,
            other => panic!("{link}: {other:?}"),
        };
        assert_eq!(share, first.shares[0]);
    }
    // A page may say that its own address is another one; either counts.
    let mut new = with_link("https://bit.ly/3abc");
    new.canonical = Some("https://www.chodon.gov.vn/tin/hop-xa-7".to_owned());
    add(&kit, new).await;
    for link in ["https://chodon.gov.vn/tin/hop-xa-7/", "https://bit.ly/3abc"] {
        let refused = kit.office.add(&lan(), None, with_link(link)).await;
        assert!(
            matches!(refused, Err(OfficeError::Refused(Refusal::Repeat { .. }))),
            "{link}"
        );
    }
    let mut new = with_link("https://zalo.me/s/1");
    new.canonical = Some("https://chodon.gov.vn/tin/hop-xa-7".to_owned());
    let refused = kit.office.add(&lan(), None, new).await;
    assert!(matches!(
        refused,
        Err(OfficeError::Refused(Refusal::Repeat { .. }))
    ));
    let mut new = with_link("https://chodon.gov.vn/tin/khac-8");
    new.canonical = Some("tin/khac-8".to_owned());
    let refused = kit.office.add(&lan(), None, new).await.unwrap_err();
    assert_eq!(refused.code(), "no-address");
}

#[tokio::test]
async fn what_says_nearly_the_same_is_told_and_goes_out() {
    let kit = Kit::new().await;
    let first = add(&kit, with_text("Ra quân làm đường", TEXT)).await;
    assert!(told(&first).is_empty());
    let again = TEXT
        .replace("Hơn hai trăm", "Gần 200")
        .replace("Sáng 28/8", "Sáng nay");
    let done = add(
        &kit,
        with_text("Bằng Lãng làm đường", &format!("{again}{SIGNATURE}")),
    )
    .await;
    assert_eq!(told(&done), [first.article.unwrap()], "a warning");
    assert_eq!(done.shares.len(), 1, "and no refusal");
    let similar = &done.similar[0];
    assert!((50..100).contains(&similar.percent), "{}", similar.percent);
    assert_eq!(
        (similar.share, similar.at),
        (first.shares[0], None),
        "still to go out"
    );
    // Once it is out, the warning says where and when.
    let out = kit.share_in(State::Shared, &lan(), "trang").await;
    let out = kit.share(out);
    let asked = kit.office.similar(&lan(), out.article).unwrap();
    assert!(asked.is_empty(), "not of itself");
    let (title, text) = (article("trang").title, article("trang").text);
    let foreseen = kit
        .office
        .foresee(&lan(), None, &with_text(&title, &text))
        .unwrap();
    assert_eq!(foreseen.similar.len(), 1);
    assert_eq!(foreseen.similar[0].at, Some(out.count.unwrap().at));
    // What was taken back altogether is nothing to warn of; nor what the law took away.
    let id = done.article.unwrap();
    assert_eq!(kit.office.similar(&lan(), id).unwrap().len(), 1);
    kit.office
        .cancel_article(&local(), None, first.article.unwrap(), None)
        .await
        .unwrap();
    assert!(kit.office.similar(&lan(), id).unwrap().is_empty());
    kit.office
        .erase(&local(), None, first.article.unwrap(), "Luật 91/2025/QH15")
        .await
        .unwrap();
    let sketch = raotin::compose::similar::Sketch::of("", TEXT).unwrap();
    let like = kit.store.like(&sketch, 9).unwrap();
    assert!(!like.contains(&first.article.unwrap()));
}

#[tokio::test]
async fn nobody_is_warned_of_a_signature() {
    let kit = Kit::new().await;
    for text in [
        TEXT,
        OTHER,
        "Mai nghỉ lễ.",
        "Chiều nay họp thôn Nà Khắt, mời bà con đến đủ.",
    ] {
        let done = add(&kit, with_text("", &format!("{text}{SIGNATURE}"))).await;
        assert!(told(&done).is_empty(), "{text}");
    }
    let done = add(
        &kit,
        with_text("Thông báo", "Xem https://chodon.gov.vn/a #ChợĐồn"),
    )
    .await;
    let other = add(
        &kit,
        with_text("Thông báo", "Xem https://chodon.gov.vn/b #ChợĐồn"),
    )
    .await;
    assert!(told(&done).is_empty() && told(&other).is_empty());
}

#[tokio::test]
async fn a_short_one_goes_by_its_title() {
    let kit = Kit::new().await;
    let title = "Lịch tiêm phòng dại cho chó mèo tháng 9";
    let first = add(&kit, with_text(title, "Mời bà con xem.")).await;
    let second = add(&kit, with_text(title, "Bà con xem nhé!")).await;
    assert_eq!(told(&second), [first.article.unwrap()]);
    // An edit that makes it something else takes it out again.
    let edit = Edit {
        title: Some("Lịch cắt điện các xã phía nam huyện tuần tới".to_owned()),
        ..Edit::default()
    };
    kit.office
        .edit(&lan(), None, first.article.unwrap(), edit)
        .await
        .unwrap();
    let similar = kit.office.similar(&lan(), second.article.unwrap()).unwrap();
    assert!(similar.is_empty());
}

/// An index that was built by another rule of sameness is built anew from the ledger.
#[test]
fn an_index_of_another_version_is_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let mut office = Office::new(11);
    let model = MemoryStore::new();
    let store = store_kit::open(folder.path());
    let opening = [office.opening()];
    commit_all(&store, &opening);
    commit_all(&model, &opening);
    for _ in 0..40 {
        let group: Vec<_> = (0..3).map(|_| office.anything(&model)).collect();
        commit_all(&store, &group);
        commit_all(&model, &group);
    }
    store.close();
    drop(store);
    // How many commits a start replays.
    let start = || {
        let replayed = Arc::new(Mutex::new(0));
        let told = replayed.clone();
        let mut options = store_kit::options(folder.path());
        options.progress = Some(Arc::new(move |n, _| *told.lock().unwrap() = n));
        let store = SledStore::open(options).unwrap();
        assert_same(&store, &model, &office);
        store.close();
        let n = *replayed.lock().unwrap();
        n
    };
    assert_eq!(start(), 0, "it is level with the ledger");
    let mark = folder.path().join("sled/mark");
    let stands = std::fs::read_to_string(&mark).unwrap();
    let (said, _) = stands.trim_end().rsplit_once(' ').unwrap();
    let (version, rest) = said.split_once(' ').unwrap();
    // FORMAT.LINKS.SKETCHES, each counted up by itself.
    let numbers: Vec<u32> = version.split('.').map(|n| n.parse().unwrap()).collect();
    assert!(numbers.len() >= 3);
    for changed in 0..numbers.len() {
        let mut other = numbers.clone();
        other[changed] += 1;
        let other: Vec<String> = other.iter().map(u32::to_string).collect();
        let said = format!("{} {rest}", other.join("."));
        let sum = crc32fast::hash(said.as_bytes());
        std::fs::write(&mark, format!("{said} {sum:08x}\n")).unwrap();
        assert!(start() > 40, "all of the ledger was read again");
        assert_eq!(
            std::fs::read_to_string(&mark).unwrap().split(' ').next(),
            Some(version)
        );
    }
}
