//! Whatever way a picture comes in (a form, the API, an address), what is kept of it is the picture and
//! nothing else: no place, no time, no owner, no second picture behind it. The same picture by all ways
//! is one file; what cannot be taken is refused with what to do.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod camera;
mod faces_kit;
mod office_kit;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path};
use axum::http::{Method, Request, StatusCode};
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camera::{phone_gif, phone_jpeg, phone_png, phone_webp, scene, tells};
use faces_kit::House;
use office_kit::{CONFIG, Kit, local};
use raotin::config::Problems;
use raotin::lang::Lang;
use raotin::model::Role;
use raotin::picture::{facts, is_clean};
use raotin::web::Site;
use raotin::web::socket::Peer;
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// As phones send them: upright, on the side, moving, see-through.
fn album() -> Vec<Vec<u8>> {
    vec![
        phone_jpeg(scene(60, 40), 1),
        phone_jpeg(scene(60, 41), 6),
        phone_png(scene(60, 42), 1),
        phone_png(scene(60, 43), 8),
        phone_webp(scene(60, 44), 1),
        phone_webp(scene(60, 45), 3),
        phone_gif(&scene(60, 46), 1),
        phone_gif(&scene(60, 47), 3),
    ]
}

/// A website that has the album, on loopback; the address of its pictures.
async fn website(album: Vec<Vec<u8>>) -> String {
    let album = Arc::new(album);
    let picture = |Path(n): Path<usize>| async move {
        match album.get(n) {
            // What a server says of its files is not to be relied on.
            Some(bytes) => ([("content-type", "text/plain")], bytes.clone()).into_response(),
            None => (StatusCode::NOT_FOUND, "<html>no").into_response(),
        }
    };
    let page = || async { "<!DOCTYPE html><html><img src=/0>" };
    let site = Router::new()
        .route("/page", get(page))
        .route("/{n}", get(picture));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, site).await });
    format!("http://{at}")
}

/// An office that may read this machine.
async fn kit() -> Kit {
    Kit::with(&format!("{CONFIG}\n[fetch]\nallow = [\"127.0.0.1\"]\n")).await
}

fn api(kit: &Kit) -> Router {
    raotin::web::router(Site {
        office: kit.office.clone(),
        accounts: std::sync::Arc::new(raotin::office::accounts::Accounts::new(kit.office.clone())),
        health: None,
        connect: None,
        messenger: None,
        refused: tokio::sync::watch::channel(Problems::default()).1,
        sled: None,
    })
}

async fn keep(api: &Router, lang: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/pictures")
        .header("content-type", "application/json")
        .header("accept-language", lang)
        .extension(ConnectInfo(Peer { uid: 1000 }))
        .body(Body::from(body.to_string()))
        .unwrap();
    let answer = api.clone().oneshot(request).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await;
    (status, serde_json::from_slice(&body.unwrap()).unwrap())
}

/// Everything in the folder, whatever it is called.
fn files(kit: &Kit) -> Vec<Vec<u8>> {
    let found = std::fs::read_dir(kit.folder().join("media")).unwrap();
    let found = found.map(|entry| std::fs::read(entry.unwrap().path()));
    found.map(Result::unwrap).collect()
}

#[tokio::test]
async fn by_whatever_way_it_comes() {
    let album = album();
    let kit = kit().await;
    let api = api(&kit);
    let website = website(album.clone()).await;
    for (n, photo) in album.iter().enumerate() {
        assert!(tells(photo), "the camera forgot to say");
        let hash = kit.office.keep_picture(&local(), photo).unwrap();
        let url = format!("{website}/{n}");
        assert_eq!(kit.office.picture_from(&local(), &url).await.unwrap(), hash);
        let kept = (StatusCode::OK, json!({ "hash": hash }));
        let data = json!({ "data": STANDARD.encode(photo) });
        assert_eq!(keep(&api, "vi", data).await, kept);
        assert_eq!(keep(&api, "vi", json!({ "url": url })).await, kept);
    }
    let files = files(&kit);
    assert_eq!(files.len(), album.len(), "one picture is one file");
    for file in files {
        assert!(!tells(&file) && is_clean(&file));
    }
}

#[tokio::test]
async fn from_a_form_too_and_one_that_is_refused_keeps_the_others() {
    let album = album();
    let website = website(album.clone()).await;
    let house = House::of(kit().await);
    house.member("lan", &[Role::Officer]).await;
    let mut lan = house.browser_of("lan").await;
    let csrf = lan.csrf("/compose").await;
    let mut form = Vec::new();
    let mut field = |head: &str, value: &[u8]| {
        form.extend(format!("--B\r\ncontent-disposition: form-data; {head}\r\n\r\n").bytes());
        form.extend(value);
        form.extend(b"\r\n");
    };
    field("name=\"csrf\"", csrf.as_bytes());
    field("name=\"title\"", "Hội xuân".as_bytes());
    field("name=\"act\"", b"preview");
    field("name=\"new-picture\"; filename=\"a.jpg\"", &album[1]);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    field("name=\"new-picture\"; filename=\"b.jpg\"", heic);
    field("name=\"new-picture\"; filename=\"c.gif\"", &album[7]);
    field("name=\"picture-url\"", format!("{website}/2").as_bytes());
    form.extend(b"--B--\r\n");
    let request = Request::builder()
        .method(Method::POST)
        .uri("/compose")
        .header("content-type", "multipart/form-data; boundary=B")
        .header("sec-fetch-site", "same-origin");
    let page = lan.ask(request, Body::from(form)).await;
    assert_eq!(
        page.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        page.text
    );
    assert!(page.text.contains("HEIC") && page.text.contains("Tương thích nhất"));
    assert_eq!(page.text.matches("name=\"picture\" value=\"").count(), 3);
    let files = files(&house.kit);
    assert_eq!(files.len(), 3);
    assert!(files.iter().all(|file| !tells(file)));
    let upright = files.iter().filter_map(|file| facts(file));
    assert!(upright.into_iter().any(|f| (f.width, f.height) == (41, 60)));
}

#[tokio::test]
async fn what_is_not_taken_is_refused_with_what_to_do() {
    let website = website(album()).await;
    let kit = kit().await;
    let api = api(&kit);
    let mut refusals = Vec::new();
    for (what, file) in [
        ("HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..]),
        ("AVIF", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf"),
        ("video", b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"),
        ("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
        ("PDF", b"%PDF-1.7"),
        ("BMP", b"BM\x36\0\0\0\0\0\0\0"),
        ("text", "Chợ Đồn".as_bytes()),
        ("cut", &phone_png(scene(9, 9), 1)[..60]),
    ] {
        let data = json!({ "data": STANDARD.encode(file) });
        let (status, told) = keep(&api, "en", data).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{what}: {told}");
        refusals.push(format!("{what}: {}", told["code"].as_str().unwrap()));
        let (_, vi) = keep(&api, "vi", json!({ "data": STANDARD.encode(file) })).await;
        assert_ne!(vi["detail"], told["detail"], "{what}");
    }
    for (what, url) in [
        ("page", format!("{website}/page")),
        ("nothing", format!("{website}/99")),
        ("no address", "anh.jpg".to_owned()),
        ("inside", "http://10.0.0.1/anh.jpg".to_owned()),
    ] {
        let (_, told) = keep(&api, "en", json!({ "url": url })).await;
        refusals.push(format!("{what}: {}", told["code"].as_str().unwrap()));
    }
    for both in [json!({}), json!({ "url": "x", "data": "" })] {
        let (_, told) = keep(&api, "en", both).await;
        assert_eq!(told["code"], "bytes-or-address");
    }
    insta::assert_snapshot!(refusals.join("\n"), @r"
    HEIC: picture-heic
    AVIF: picture-avif
    video: picture-video
    SVG: picture-svg
    PDF: picture-pdf
    BMP: picture-other-kind
    text: no-picture
    cut: picture-broken
    page: picture-page
    nothing: nothing-there
    no address: not-fetched
    inside: not-fetched
    ");
    assert_eq!(files(&kit), Vec::<Vec<u8>>::new());
    // What to do about a HEIC stands there in both languages.
    let heic = raotin::office::OfficeError::Invalid {
        field: "data",
        what: raotin::office::Invalid::NoPicture(raotin::picture::NotTaken::Heic),
    };
    assert!(
        kit.office
            .tell(Lang::Vi, &heic)
            .contains("chia sẻ ảnh thủ công")
    );
    assert!(kit.office.tell(Lang::En, &heic).contains("Most Compatible"));
}
