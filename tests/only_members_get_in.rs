//! Getting in: passwords, one-time links, sessions that end, tokens that may less, guesses that wait.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use faces_kit::{Browser, House, OPERATOR, PASSWORD, encoded};
use jiff::SignedDuration;
use office_kit::CONFIG;
use raotin::model::Role;
use raotin::office::accounts::{SESSION_IDLE, SESSION_LIVES, SETUP_LIVES, Scope};

fn login(name: &str, password: &str) -> String {
    format!("name={name}&password={}", encoded(password))
}

#[tokio::test]
async fn the_first_admin_comes_by_a_link_that_works_once() {
    let house = House::new().await;
    let secret = house.faces.accounts.setup_link(false).unwrap().unwrap();
    let link = format!("/link/{secret}");
    let mut browser = house.browser();
    assert_eq!(browser.get(&link).await.status, StatusCode::OK);
    let form = |again: &str| {
        format!(
            "name=lan&title={}&password={}&again={}",
            encoded("Nguyễn Thị Lan"),
            encoded(PASSWORD),
            encoded(again)
        )
    };
    let differ = browser.post(&link, &form("khác")).await;
    assert_eq!(differ.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        differ.text.contains("Nguyễn Thị Lan"),
        "what was typed is lost"
    );
    let made = browser.post(&link, &form(PASSWORD)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    assert!(browser.get("/").await.text.contains("Nguyễn Thị Lan"));
    assert_eq!(browser.get("/members").await.status, StatusCode::OK);
    // Used up, and no other is made while an admin can log in.
    assert_eq!(house.browser().get(&link).await.status, StatusCode::GONE);
    assert_eq!(
        house.browser().post(&link, &form(PASSWORD)).await.status,
        StatusCode::GONE
    );
    assert_eq!(house.faces.accounts.setup_link(false).unwrap(), None);
    assert!(house.faces.accounts.setup_link(true).unwrap().is_some());
}

#[tokio::test]
async fn a_link_ends_and_a_new_one_ends_the_former() {
    let house = House::new().await;
    let first = house.faces.accounts.setup_link(false).unwrap().unwrap();
    let second = house.faces.accounts.setup_link(false).unwrap().unwrap();
    let mut browser = house.browser();
    let status = |answer: faces_kit::Answered| answer.status;
    assert_eq!(
        status(browser.get(&format!("/link/{first}")).await),
        StatusCode::GONE
    );
    assert_eq!(
        status(browser.get(&format!("/link/{second}")).await),
        StatusCode::OK
    );
    house.kit.clock.advance(SETUP_LIVES);
    assert_eq!(
        status(browser.get(&format!("/link/{second}")).await),
        StatusCode::GONE
    );
}

#[tokio::test]
async fn a_reset_ends_every_session_and_the_former_password() {
    let house = House::new().await;
    let id = house.member("lan", &[Role::Officer]).await;
    let mut before = house.browser_of("lan").await;
    let secret = house.faces.accounts.invite(&OPERATOR, &id).unwrap();
    let mut other = house.browser();
    let form = format!("password={0}&again={0}", encoded("một câu khác hẳn"));
    let used = other.post(&format!("/link/{secret}"), &form).await;
    assert_eq!(used.header("location"), "/login?set=1");
    assert_eq!(before.get("/").await.status, StatusCode::SEE_OTHER);
    let old = other.post("/login", &login("lan", PASSWORD)).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = other
        .post("/login", &login("lan", "một câu khác hẳn"))
        .await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_guesser_waits_and_she_herself_hardly() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut guesser = house.browser();
    guesser.from = "192.168.1.66".parse().unwrap();
    let mut house_lan = CONFIG.to_owned();
    house_lan.push_str("\n[web]\nlan = true\n");
    let (config, _folder) = office_kit::configured(&house_lan);
    house.kit.config.send_replace(std::sync::Arc::new(config));
    for _ in 0..5 {
        let answer = guesser
            .post("/login", &login("lan", "sai rồi sai rồi"))
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let waits = guesser.post("/login", &login("lan", PASSWORD)).await;
    assert_eq!(
        waits.status,
        StatusCode::TOO_MANY_REQUESTS,
        "even the right one waits"
    );
    // Somebody unknown is told the same, in the same words.
    let unknown = guesser.post("/login", &login("nobody", "x")).await;
    let known = house.browser().post("/login", &login("lan", "x")).await;
    assert_eq!(unknown.status, known.status);
    house.browser_of("lan").await;
    house.kit.clock.advance(SignedDuration::from_secs(5));
    let later = guesser.post("/login", &login("lan", PASSWORD)).await;
    assert_eq!(later.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn sessions_end() {
    let house = House::new().await;
    let id = house.member("lan", &[Role::Officer]).await;
    let is_in = async |b: &mut Browser| b.get("/more").await.status == StatusCode::OK;

    let mut one = house.browser_of("lan").await;
    let (mut two, kept) = (house.browser_of("lan").await, one.clone());
    assert_eq!(
        one.send("/more", "/logout", "").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(
        !is_in(&mut kept.clone()).await,
        "the id of an ended session works"
    );
    assert!(is_in(&mut two).await, "another device's session ended");

    let mut three = house.browser_of("lan").await;
    two.send("/account", "/account/everywhere", "").await;
    assert!(!is_in(&mut three).await, "log out everywhere left one in");

    // Idle, and however busy.
    let mut idle = house.browser_of("lan").await;
    house
        .kit
        .clock
        .advance(SESSION_IDLE + SignedDuration::from_secs(1));
    assert!(!is_in(&mut idle).await);
    let mut busy = house.browser_of("lan").await;
    let day = SignedDuration::from_hours(24);
    for _ in 0..SESSION_LIVES.as_hours() / 24 {
        house.kit.clock.advance(day);
        assert!(is_in(&mut busy).await);
    }
    house.kit.clock.advance(day);
    assert!(!is_in(&mut busy).await);

    // Who is retired is out at once, and a role that is taken away is gone at once.
    let mut gone = house.browser_of("lan").await;
    assert_eq!(gone.get("/compose").await.status, StatusCode::OK);
    let office = &house.kit.office;
    let less = office.set_member(
        &OPERATOR,
        None,
        id.clone(),
        vec![Role::Supervisor],
        None,
        None,
    );
    less.await.unwrap();
    assert_eq!(gone.get("/compose").await.status, StatusCode::FORBIDDEN);
    office.retire_member(&OPERATOR, None, id).await.unwrap();
    assert!(!is_in(&mut gone).await);
}

#[tokio::test]
async fn the_cookie_is_out_of_reach() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut plain = house.browser();
    let set = plain.post("/login", &login("lan", PASSWORD)).await;
    let cookie = set.header("set-cookie");
    assert!(cookie.starts_with("raotin="), "{cookie}");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(set.header("strict-transport-security").is_empty());

    let mut tls = house.browser();
    tls.tls = true;
    let set = tls.post("/login", &login("lan", PASSWORD)).await;
    let cookie = set.header("set-cookie");
    for word in [
        "__Host-raotin=",
        "Secure",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
    ] {
        assert!(cookie.contains(word), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    assert!(
        set.header("strict-transport-security")
            .starts_with("max-age=")
    );
    // A cookie that was set without TLS is none over it.
    let mut mixed = plain.clone();
    mixed.tls = true;
    assert_eq!(mixed.get("/more").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_of_another_site_is_not_taken() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let csrf = browser.csrf("/more").await;
    let form = format!("csrf={csrf}&lang=en");
    for (name, value, taken) in [
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "same-origin", true),
        ("origin", "https://elsewhere.example", false),
        ("origin", "null", false),
        ("origin", "http://office.example", true),
    ] {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/account/lang")
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value);
        let answer = browser.ask(request, Body::from(form.clone())).await;
        let expected = if taken {
            StatusCode::SEE_OTHER
        } else {
            StatusCode::FORBIDDEN
        };
        assert_eq!(answer.status, expected, "{name}: {value}");
    }
    // Logging somebody in as somebody else needs no cookie, so it must come from here, too.
    let request = Request::builder()
        .method(Method::POST)
        .uri("/login")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    let body = Body::from(login("lan", PASSWORD));
    assert_eq!(
        house.browser().ask(request, body).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_token_may_no_more_than_its_scope_and_its_member() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut browser = house.browser_of("lan").await;
    let cookie = browser.cookie.clone().unwrap();
    let id = cookie.split_once('=').unwrap().1;
    let session = house.faces.accounts.session(id).unwrap().unwrap();
    let make = |scope| {
        house
            .faces
            .accounts
            .make_token(&session.member, "máy tính", scope)
            .unwrap()
    };
    let (read, write) = (make(Scope::Read), make(Scope::Write));
    let ask = |method: Method, path: &str, token: &str| {
        let mut request = Request::builder().method(method).uri(path.to_owned());
        request = request.header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request
    };
    let article = r#"{"title":"Tin","channels":["trang"]}"#;
    let mut program = house.browser();
    for (method, path, token, body, expected) in [
        (Method::GET, "/api/v1/today", "", "", 401),
        (Method::GET, "/api/v1/today", "raotin_wrong", "", 401),
        (Method::GET, "/api/v1/today", &*read, "", 200),
        (Method::POST, "/api/v1/articles", &*read, article, 403),
        (Method::POST, "/api/v1/articles", &*write, article, 200),
        // An officer pauses nothing, with a token neither.
        (
            Method::POST,
            "/api/v1/pause",
            &*write,
            r#"{"reason":"x"}"#,
            403,
        ),
        (Method::GET, "/api/v1/nothing", &*read, "", 404),
    ] {
        let request = ask(method.clone(), path, token);
        let answer = program.ask(request, Body::from(body)).await;
        assert_eq!(
            answer.status.as_u16(),
            expected,
            "{method} {path}: {}",
            answer.text
        );
    }
    // A token acts for its member and for nobody else.
    let as_other = ask(Method::GET, "/api/v1/todo", &write).header("raotin-as", "somebody");
    assert_eq!(
        program.ask(as_other, Body::empty()).await.status,
        StatusCode::OK
    );
    let shares = house.kit.office.articles(&OPERATOR, None, 5).unwrap();
    assert_eq!(shares[0].by.to_string(), "m:lan");
    // A browser's cookie opens no API: no page elsewhere can have it ask.
    assert_eq!(
        browser.get("/api/v1/today").await.status,
        StatusCode::UNAUTHORIZED
    );
    // Dropped, it is gone.
    let shown = house.faces.accounts.tokens(&session.member).unwrap();
    house
        .faces
        .accounts
        .drop_token(&session.member, &shown[0].id)
        .unwrap();
    let request = ask(Method::GET, "/api/v1/today", &read);
    assert_eq!(
        program.ask(request, Body::empty()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn plain_http_says_so_on_every_page_and_only_where_it_is() {
    let house = House::new().await;
    house.member("lan", &[Role::Officer]).await;
    let mut far = house.browser();
    far.from = "192.168.1.20".parse().unwrap();
    assert_eq!(
        far.get("/login").await.status,
        StatusCode::FORBIDDEN,
        "not unless it is set"
    );
    let (config, _folder) = office_kit::configured(&format!("{CONFIG}\n[web]\nlan = true\n"));
    house.kit.config.send_replace(std::sync::Arc::new(config));
    let says = |text: &str| text.contains("HTTP không mã hóa");
    assert!(says(&far.get("/login").await.text));
    far.post("/login", &login("lan", PASSWORD)).await;
    assert!(says(&far.get("/").await.text));
    let mut near = house.browser_of("lan").await;
    assert!(!says(&near.get("/").await.text));
    far.from = "203.0.113.5".parse().unwrap();
    assert_eq!(
        far.get("/login").await.status,
        StatusCode::FORBIDDEN,
        "the world is not the office"
    );
}

#[tokio::test]
async fn nothing_secret_is_kept_or_shown() {
    let house = House::new().await;
    house.member("lan", &[Role::Admin]).await;
    let browser = house.browser_of("lan").await;
    let cookie = browser.cookie.clone().unwrap();
    let id = cookie.split_once('=').unwrap().1;
    let session = house.faces.accounts.session(id).unwrap().unwrap();
    let token = house
        .faces
        .accounts
        .make_token(&session.member, "x", Scope::Read)
        .unwrap();
    let link = house
        .faces
        .accounts
        .invite(&OPERATOR, &session.member)
        .unwrap();
    let file = house
        .kit
        .office
        .private
        .get("accounts.json")
        .unwrap()
        .unwrap();
    let file = String::from_utf8(file).unwrap();
    for secret in [
        PASSWORD,
        id,
        token.trim_start_matches("raotin_"),
        link.as_str(),
    ] {
        assert!(
            !file.contains(secret),
            "a secret stands in the private file"
        );
    }
    assert!(file.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
}
