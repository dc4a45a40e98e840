//! A pasted link brings its page's title, summary and picture, by page, API and command; what somebody
//! typed stays, and where nothing can be had it is told in plain words.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod faces_kit;
mod office_kit;
mod program;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, OriginalUri, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use camera::{plain_jpeg, scene};
use faces_kit::{House, encoded};
use office_kit::{CONFIG, Kit, article, hoa, lan, local, member};
use raotin::lang::Lang;
use raotin::model::Role;
use raotin::office::articles::NewArticle;
use raotin::office::{Invalid, OfficeError};
use raotin::store::Store;
use raotin::web::Site;
use raotin::web::socket::Peer;
use serde_json::{Value, json};
use tower::ServiceExt;

const PAGE: &str = r#"<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Ra quân dọn vệ sinh - Huyện Chợ Đồn</title>
<meta property="og:site_name" content="Huyện Chợ Đồn"><meta property="og:description" content="Sáng 28/8, thanh niên các xã &amp; thị trấn ra quân.">
<meta property="og:image" content="/anh.jpg"><meta property="og:image:alt" content="Thanh niên quét đường"><meta property="article:published_time" content="2019-08-28T14:30:00+07:00">
<link rel="alternate" type="application/rss+xml" title="Tin mới" href="/tin.rss"></head><body><h1>Ra quân dọn vệ sinh</h1>"#;

/// The office's website, and how often it was asked.
struct Website {
    address: String,
    asked: Arc<AtomicUsize>,
    agents: Arc<Mutex<Vec<String>>>,
}

async fn website() -> Website {
    let asked = Arc::new(AtomicUsize::new(0));
    let agents = Arc::new(Mutex::new(Vec::new()));
    let (count, seen) = (asked.clone(), agents.clone());
    let pages = Router::new().fallback(
        async move |OriginalUri(uri): OriginalUri, request: Request| {
            count.fetch_add(1, Ordering::SeqCst);
            let agent = request.headers().get(header::USER_AGENT).unwrap();
            seen.lock()
                .unwrap()
                .push(agent.to_str().unwrap().to_owned());
            page(uri.path()).await
        },
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, pages).await });
    Website {
        address,
        asked,
        agents,
    }
}

async fn page(path: &str) -> Response {
    let html = |text: &str| {
        (
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            text.to_owned(),
        )
            .into_response()
    };
    let kind = |kind: &'static str, bytes: Vec<u8>| {
        ([(header::CONTENT_TYPE, kind)], bytes).into_response()
    };
    match path {
        "/tin" => html(PAGE),
        "/cu" => (
            StatusCode::MOVED_PERMANENTLY,
            [(header::LOCATION, "/tin?utm_source=cu")],
        )
            .into_response(),
        "/anh.jpg" => kind("image/jpeg", plain_jpeg(scene(640, 480))),
        "/tep.pdf" => kind("application/pdf", b"%PDF-1.7".to_vec()),
        "/chuyen" => html("<meta http-equiv=refresh content='0; url=/tin'>"),
        "/vong" => (StatusCode::FOUND, [(header::LOCATION, "/vong")]).into_response(),
        "/vao-trong" => {
            (StatusCode::FOUND, [(header::LOCATION, "http://10.0.0.1/")]).into_response()
        }
        "/to" => html(&format!(
            "<title>Trang to</title>{}<h1>Cuối</h1>",
            "<p>dài</p>".repeat(300_000)
        )),
        "/trong" => html("<p>không có gì"),
        "/tieng-viet" => {
            // "Việt" in windows-1258: ê, then the dot below.
            kind(
                "text/html; charset=windows-1258",
                b"<title>Ti\xea\xecng Vi\xea\xf2t</title>".to_vec(),
            )
        }
        "/khong-ro" => kind("application/octet-stream", b"<title>Trang</title>".to_vec()),
        "/anh-hong" => html("<title>Tin</title><meta property=og:image content=/khong-co.jpg>"),
        "/feed.xml" => kind(
            "text/plain",
            b"<?xml version='1.0'?><rss version='2.0'><channel>".to_vec(),
        ),
        "/ban-in" => html("<title>Tin</title><link rel=canonical href=/tin/goc>"),
        "/cham" => std::future::pending().await,
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn kit() -> Kit {
    Kit::with(&format!("{CONFIG}\n[fetch]\nallow = [\"127.0.0.1\"]\n")).await
}

async fn api(kit: &Kit, path: &str, body: Value) -> (StatusCode, Value) {
    let api = raotin::web::router(Site {
        office: kit.office.clone(),
        accounts: std::sync::Arc::new(raotin::office::accounts::Accounts::new(kit.office.clone())),
        health: None,
        connect: None,
        refused: kit.office.desk.refused(),
        messenger: None,
        sled: None,
    });
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header("content-type", "application/json")
        .extension(ConnectInfo(Peer { uid: 1000 }))
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = api.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    (status, serde_json::from_slice(&body.unwrap()).unwrap())
}

#[tokio::test]
async fn what_the_page_says_is_told_by_the_api() {
    let (kit, site) = (kit().await, website().await);
    let at = &site.address;
    let (status, looked) = api(
        &kit,
        "/api/v1/links/look",
        json!({ "url": format!(" {at}/cu ") }),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{looked}");
    let expected = json!({
        "address": format!("{at}/tin?utm_source=cu"),
        "title": "Ra quân dọn vệ sinh",
        "description": "Sáng 28/8, thanh niên các xã & thị trấn ra quân.",
        "picture": format!("{at}/anh.jpg"),
        "picture_alt": "Thanh niên quét đường",
        "site_name": "Huyện Chợ Đồn",
        "published": "2019-08-28T07:30:00Z",
        "lang": "vi",
        "feeds": [{ "title": "Tin mới", "address": format!("{at}/tin.rss"), "kind": "rss" }],
        "earlier": [],
    });
    assert_eq!(looked, expected);
    // The redirect and the page; no picture was asked for.
    assert_eq!(site.asked.load(Ordering::SeqCst), 2);
    assert!(
        site.agents
            .lock()
            .unwrap()
            .iter()
            .all(|a| a.starts_with("raotin/"))
    );
}

#[tokio::test]
async fn pages_that_are_wrong_give_what_can_be_had() {
    let (kit, site) = (kit().await, website().await);
    for (path, title) in [
        ("/chuyen", Some("Ra quân dọn vệ sinh")),
        // Three megabytes: what is beyond half a one is not read.
        ("/to", Some("Trang to")),
        ("/tieng-viet", Some("Tiếng Việt")),
        ("/khong-ro", Some("Trang")),
        ("/trong", None),
    ] {
        let url = format!("{}{path}", site.address);
        let looked = kit.office.look_at_link(&lan(), &url).await.unwrap();
        assert_eq!(looked.page.title.as_deref(), title, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_told_in_plain_words() {
    let (kit, site) = (kit().await, website().await);
    let at = &site.address;
    let closed = Kit::new().await;
    for (office, url, words) in [
        (
            &kit,
            format!("{at}/khong-co"),
            "không cho đọc trang này (trả lời 404)",
        ),
        (
            &kit,
            format!("{at}/tep.pdf"),
            "là một tệp (application/pdf)",
        ),
        (&kit, format!("{at}/vong"), "chuyển hướng quá"),
        (
            &kit,
            format!("{at}/vao-trong"),
            "10.0.0.1 nằm trong mạng nội bộ",
        ),
        (
            &kit,
            "http://127.0.0.1:9/".to_owned(),
            "Chưa đọc được trang",
        ),
        (
            &kit,
            "ftp://a.vn/".to_owned(),
            "không phải địa chỉ trang web",
        ),
        (&kit, "   ".to_owned(), "không phải địa chỉ trang web"),
        (
            &kit,
            "https://lan:mk@a.vn/".to_owned(),
            "có tên hoặc mật khẩu",
        ),
        (
            &closed,
            format!("{at}/tin"),
            "127.0.0.1 nằm trong mạng nội bộ",
        ),
    ] {
        let error = office.office.look_at_link(&lan(), &url).await.unwrap_err();
        let OfficeError::Invalid { field, .. } = &error else {
            panic!("{url}: {error}");
        };
        assert_eq!(*field, "link");
        let told = office.office.tell(Lang::Vi, &error);
        assert!(told.contains(words), "{url}: {told}");
    }
    let (status, problem) = api(
        &kit,
        "/api/v1/links/look",
        json!({ "url": format!("{at}/khong-co") }),
    )
    .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("no-page"))
    );
}

/// Nobody waits longer than is said; the clock is the test's.
#[tokio::test(start_paused = true)]
async fn a_page_that_does_not_answer_is_given_up() {
    let (kit, site) = (kit().await, website().await);
    let url = format!("{}/cham", site.address);
    let error = kit.office.look_at_link(&lan(), &url).await.unwrap_err();
    assert!(
        matches!(
            &error,
            OfficeError::Invalid {
                what: Invalid::NotRead(_),
                ..
            }
        ),
        "{error}"
    );
    let told = kit.office.tell(Lang::Vi, &error);
    assert!(told.contains("không trả lời trong 15 giây"), "{told}");
}

#[tokio::test]
async fn who_only_reads_has_nothing_read_outside() {
    let (kit, site) = (kit().await, website().await);
    let url = format!("{}/tin", site.address);
    let supervisor = member("son", &[Role::Supervisor]);
    let refused = kit.office.look_at_link(&supervisor, &url).await;
    assert!(matches!(refused, Err(OfficeError::NotAllowed { .. })));
    let refused = kit.office.find_feeds(&supervisor, &url).await;
    assert!(matches!(refused, Err(OfficeError::NotAllowed { .. })));
    assert_eq!(site.asked.load(Ordering::SeqCst), 0);
    for actor in [lan(), hoa(), local(), member("ha", &[Role::Admin])] {
        kit.office.look_at_link(&actor, &url).await.unwrap();
    }
}

#[tokio::test]
async fn a_link_that_went_out_is_told_whatever_it_was_written_as() {
    let (kit, site) = (kit().await, website().await);
    let new = NewArticle {
        link: Some(format!("{}/tin?fbclid=x", site.address)),
        ..article("trang")
    };
    let share = kit.office.add(&lan(), None, new).await.unwrap().shares[0];
    let url = format!("{}/cu", site.address);
    let looked = kit.office.look_at_link(&lan(), &url).await.unwrap();
    let earlier: Vec<_> = looked
        .earlier
        .iter()
        .map(|e| (e.channel.as_str(), e.share))
        .collect();
    assert_eq!(earlier, [("trang", share)]);
}

#[tokio::test]
async fn feeds_are_found_where_they_are_named_and_where_they_usually_are() {
    let (kit, site) = (kit().await, website().await);
    let at = &site.address;
    for (path, address) in [
        ("/tin", "/tin.rss"),
        // None is named: the first of the usual places that has one.
        ("/trong", "/feed.xml"),
        // It is one.
        ("/feed.xml", "/feed.xml"),
    ] {
        let feeds = kit
            .office
            .find_feeds(&local(), &format!("{at}{path}"))
            .await;
        let feeds = feeds.unwrap();
        let found: Vec<&str> = feeds.iter().map(|f| f.url.as_str()).collect();
        assert_eq!(found, [format!("{at}{address}")], "{path}");
    }
    let picture = kit
        .office
        .find_feeds(&local(), &format!("{at}/anh.jpg"))
        .await;
    let refused = picture.unwrap_err();
    assert_eq!(refused.code(), "not-a-page", "{refused}");
}

/// What stands between the quotes behind `before`.
fn quoted<'a>(page: &'a str, before: &str) -> &'a str {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn compose_fills_what_is_empty_and_leaves_what_was_typed() {
    let site = website().await;
    let house = House::of(kit().await);
    house.member("lan", &[Role::Officer]).await;
    let mut lan = house.browser_of("lan").await;
    let link = encoded(&format!("{}/tin", site.address));

    let page = lan
        .send(
            "/compose",
            "/compose",
            &format!("act=look&link={link}&text=T%C3%B4i+vi%E1%BA%BFt"),
        )
        .await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(
        quoted(&page.text, "id=\"title\" name=\"title\" value=\""),
        "Ra quân dọn vệ sinh"
    );
    assert!(
        page.text.contains("rows=\"8\">Tôi viết</textarea>"),
        "her own text stays"
    );
    assert!(page.text.contains("Huyện Chợ Đồn · 28/8/2019"));
    let hash = quoted(&page.text, "name=\"picture\" value=\"").to_owned();
    assert!(
        !page.text.contains(&format!("value=\"{hash}\" checked")),
        "a picture is offered, not taken"
    );
    // It is kept here: no page asks another server.
    assert!(page.text.contains(&format!(
        "src=\"/pictures/{hash}\" alt=\"Thanh niên quét đường\""
    )));
    assert!(!page.text.contains(&format!("src=\"{}", site.address)));

    // Taken, it goes along.
    let form = format!(
        "act=queue&channel=trang&title=Tin&link={link}&picture={hash}&alt-{hash}=Qu%C3%A9t"
    );
    let sent = lan.send("/compose", "/compose", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let shown = lan.get(sent.header("location")).await;
    assert!(shown.text.contains(&format!("/pictures/{hash}")));

    // As a part, while she writes; and the link that stands in a queue now is told.
    let part = lan
        .send("/compose", "/compose/look", &format!("link={link}"))
        .await;
    assert_eq!(quoted(&part.text, "data-title=\""), "Ra quân dọn vệ sinh");
    assert_eq!(
        quoted(&part.text, "data-text=\""),
        "Sáng 28/8, thanh niên các xã &#38; thị trấn ra quân."
    );
    assert!(
        part.text.contains("Liên kết này đã có ở Trang:"),
        "{}",
        part.text
    );
    assert!(!part.text.contains("<html"));

    for (path, words) in [
        ("/khong-co", "không cho đọc trang này"),
        ("/trong", "không cho biết tiêu đề"),
        ("/anh-hong", "Trang có ảnh nhưng chưa lấy được."),
    ] {
        let link = encoded(&format!("{}{path}", site.address));
        let part = lan
            .send("/compose", "/compose/look", &format!("link={link}"))
            .await;
        assert_eq!(part.status, StatusCode::OK);
        assert!(part.text.contains(words), "{path}: {}", part.text);
    }
}

#[tokio::test]
async fn the_address_a_page_calls_its_own_is_the_articles_too() {
    let site = website().await;
    let house = House::of(kit().await);
    house.member("lan", &[Role::Officer]).await;
    let mut lan = house.browser_of("lan").await;
    let link = encoded(&format!("{}/ban-in", site.address));
    let look = format!("act=look&link={link}");
    let page = lan.send("/compose", "/compose", &look).await;
    let canonical = quoted(&page.text, "name=\"canonical\" value=\"").to_owned();
    assert_eq!(canonical, format!("{}/tin/goc", site.address));
    let found = format!("canonical={}&canonical-of={link}", encoded(&canonical));

    // A look at the preview in between keeps it.
    let preview = format!("act=preview&title=Tin&channel=trang&link={link}&{found}");
    let page = lan.send("/compose", "/compose", &preview).await;
    assert_eq!(quoted(&page.text, "name=\"canonical\" value=\""), canonical);

    // It goes along with its link, and with no other.
    for (link, has) in [
        (link.clone(), Some(&canonical)),
        (encoded("https://khac.example.vn/1"), None),
    ] {
        let form = format!("act=queue&title=Tin&channel=trang&link={link}&{found}");
        let sent = lan.send("/compose", "/compose", &form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let newest = &house.kit.store.articles(None, 1).unwrap()[0];
        assert_eq!(newest.canonical.as_ref(), has);
    }
}

/// By the real program, which reads by itself where no daemon runs.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_fills_what_is_not_given() {
    let site = website().await;
    let office = program::Office::new();
    let config = format!("{}\n[fetch]\nallow = [\"127.0.0.1\"]\n", program::CONFIG);
    office.write("raotin.toml", &config);
    let link = format!("{}/tin", site.address);
    let add = [
        "add",
        "Tôi viết",
        "--link",
        &link,
        "--fetch",
        "--fetch-picture",
        "-c",
        "trang",
    ];
    let added = office.json(&add);
    let shown = office.json(&["show", added["article"].as_str().unwrap()]);
    let article = &shown["article"];
    assert_eq!(article["title"], "Ra quân dọn vệ sinh");
    assert_eq!(article["text"], "Tôi viết");
    assert_eq!(article["pictures"].as_array().unwrap().len(), 1);
    assert_eq!(article["link"], link.as_str());

    // A name alone is a website's; what a picture shows is said beside it, for each picture once.
    let picture = format!("{}/anh.jpg", site.address);
    let bare = [
        "add",
        "Tin",
        "--link",
        "chodon.example.vn/tin/2",
        "-c",
        "trang",
        "--picture",
        &picture,
    ];
    let said = [&bare[..], &["--alt", "Đoàn viên quét đường"]].concat();
    let added = office.json(&said);
    let shown = office.json(&["show", added["article"].as_str().unwrap()]);
    let article = &shown["article"];
    assert_eq!(article["link"], "https://chodon.example.vn/tin/2");
    assert_eq!(article["pictures"][0]["alt"], "Đoàn viên quét đường");
    let (code, _) = office.fails(&[&said[..], &["--alt", "Thừa"]].concat());
    assert_eq!(code, Some(2));

    let nowhere = format!("{}/khong-co", site.address);
    let (code, said) = office.fails(&["add", "--link", &nowhere, "--fetch", "-c", "trang"]);
    assert_eq!(code, Some(3));
    assert!(
        said.contains("không cho đọc trang này (trả lời 404)"),
        "{said}"
    );
}
