//! Every page and every form, for every role and every method: who may come comes, who may not is told
//! so, and no form is taken without its token.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod faces_kit;
mod office_kit;

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use faces_kit::House;
use office_kit::Kit;
use raotin::model::{Actor, MemberId, Role, State};
use raotin::web::pages::{Who, all};

/// Who may come where, written down once more: a route that is not here, or says otherwise, is found.
/// `o` officer, `a` approver, `s` supervisor, `d` administrator, `*` anybody at all.
const TABLE: &str = "
GET  /login *
POST /login *
GET  /link/{secret} *
POST /link/{secret} *
POST /logout oasd
GET  /assets/{name} *
GET  /sw.js *
GET  /manifest.webmanifest *
GET  /account oasd
POST /account/lang oasd
POST /account/password oasd
POST /account/everywhere oasd
POST /account/second oasd
POST /account/notices oasd
POST /account/tokens oasd
POST /account/tokens/drop oasd
GET  / oasd
GET  /live oasd
GET  /hand oasd
GET  /hand/{share} oasd
POST /hand/{share}/take oa
POST /hand/{share}/release oa
POST /hand/{share}/done oa
POST /hand/{share}/cannot oa
POST /hand/{share}/undo oa
GET  /compose oa
POST /compose oa
POST /compose/preview oa
POST /compose/unfinished oa
GET  /articles oasd
POST /compose/look oa
GET  /articles/{article} oasd
GET  /articles/{article}/edit oa
POST /articles/{article}/edit oa
POST /articles/{article}/again oa
POST /articles/{article}/act oa
GET  /queue oasd
GET  /queue/{channel} oasd
POST /queue/{channel} oa
GET  /approvals oasd
POST /approvals a
GET  /calendar oasd
GET  /calendar/{share} oa
POST /calendar/{share} oa
GET  /shares oasd
GET  /shares/{share} oasd
POST /shares/{share}/act oa
GET  /pictures/{hash} oasd
GET  /more oasd
GET  /help oasd
GET  /channels oasd
GET  /channels/{channel} oasd
POST /channels/{channel}/pause ad
POST /channels/{channel}/resume ad
POST /pause ad
POST /resume ad
POST /clock d
GET  /schedules oasd
GET  /schedules/{schedule} oasd
POST /schedules/{schedule}/missed oa
GET  /feeds oasd
POST /feeds/{feed}/poll oad
GET  /reports oasd
GET  /import oa
POST /import oa
GET  /import/{upload} oa
POST /import/{upload} oa
GET  /backfill ad
POST /backfill ad
GET  /backfill/{upload} ad
POST /backfill/{upload} ad
GET  /export/{list} oasd
GET  /members oasd
POST /members d
GET  /members/{member} d
POST /members/{member} d
POST /members/{member}/link d
POST /members/{member}/retire d
GET  /settings d
POST /settings d
POST /settings/preview d
GET  /settings/changes oasd
GET  /settings/{kind} d
POST /settings/{kind} d
GET  /settings/{kind}/{id} d
POST /settings/{kind}/{id} d
POST /settings/{kind}/{id}/retire d
";

const ROLES: [(char, Role); 4] = [
    ('o', Role::Officer),
    ('a', Role::Approver),
    ('s', Role::Supervisor),
    ('d', Role::Admin),
];

fn table() -> BTreeMap<(String, String), String> {
    let lines = TABLE.lines().filter(|l| !l.is_empty());
    lines
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let mut next = || words.next().unwrap();
            ((next(), next()), next())
        })
        .collect()
}

#[test]
fn the_table_names_every_route() {
    let mut table = table();
    for route in all() {
        let key = (route.method.to_string(), route.path.to_owned());
        let may = table
            .remove(&key)
            .unwrap_or_else(|| panic!("{key:?} is not in the table"));
        let declared: String = match route.who {
            Who::Anybody => "*".to_owned(),
            Who::Member => "oasd".to_owned(),
            Who::Only(roles) => {
                let held = ROLES.iter().filter(|(_, r)| roles.contains(r));
                held.map(|(c, _)| *c).collect()
            }
        };
        assert_eq!(declared, may, "{key:?}");
    }
    assert!(table.is_empty(), "no such routes: {table:?}");
}

/// The house, with one of everything; the officer's own.
async fn house() -> (House, BTreeMap<&'static str, String>) {
    let house = House::of(Kit::new().await);
    for (letter, role) in ROLES {
        house.member(&format!("member-{letter}"), &[role]).await;
    }
    house.member("spare", &[Role::Officer]).await;
    let officer = Actor::Member {
        id: MemberId::new("member-o").unwrap(),
        roles: vec![Role::Officer],
    };
    let share = house.kit.share_in(State::ByHand, &officer, "nhom").await;
    let article = house.kit.share(share).article.to_string();
    let ids = [
        ("share", share.to_string()),
        ("article", article),
        ("channel", "trang".to_owned()),
        ("schedule", "sang".to_owned()),
        ("feed", "cong".to_owned()),
        ("member", "spare".to_owned()),
        ("kind", "channels".to_owned()),
        ("id", "trang".to_owned()),
        ("hash", "0".repeat(64)),
        ("secret", "none".to_owned()),
        ("name", "style.css".to_owned()),
        ("upload", "0123abcd".to_owned()),
        ("list", "queue.csv".to_owned()),
    ];
    (house, ids.into_iter().collect())
}

fn filled(path: &str, ids: &BTreeMap<&'static str, String>) -> String {
    let parts = path.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|p| p.strip_suffix('}'));
        name.map_or(part, |name| ids[name].as_str())
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn who_is_not_logged_in_sees_nothing() {
    let (house, ids) = house().await;
    let mut nobody = house.browser();
    for ((method, path), may) in table() {
        let at = filled(&path, &ids);
        if method == "GET" {
            let answer = nobody.get(&at).await;
            if may == "*" {
                assert!(!answer.status.is_server_error(), "{at}");
                assert_ne!(answer.status, StatusCode::SEE_OTHER, "{at}");
            } else {
                assert_eq!(answer.status, StatusCode::SEE_OTHER, "{at}");
                assert!(answer.header("location").starts_with("/login"), "{at}");
            }
        } else {
            let answer = nobody.post(&at, "csrf=x&title=x").await;
            if may == "*" {
                assert!(answer.status.is_client_error(), "{at}: {}", answer.status);
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{at}");
            }
        }
    }
}

#[tokio::test]
async fn every_role_comes_where_it_may_and_nowhere_else() {
    for (letter, _) in ROLES {
        let (house, ids) = house().await;
        let name = format!("member-{letter}");
        let mut browser = house.browser_of(&name).await;
        // What ends her session comes last.
        let mut routes: Vec<_> = table().into_iter().collect();
        routes.sort_by_key(|((_, path), _)| {
            let ends = ["/logout", "/account/everywhere"];
            ends.iter().position(|p| p == path).map_or(0, |i| i + 1)
        });
        for ((method, path), may) in routes {
            if may == "*" {
                continue;
            }
            let at = filled(&path, &ids);
            let answer = if method == "GET" {
                browser.get(&at).await
            } else {
                if browser.cookie.is_none() {
                    browser = house.browser_of(&name).await;
                }
                let without = browser.post(&at, "title=x&act=cancel").await;
                assert_eq!(
                    without.status,
                    StatusCode::FORBIDDEN,
                    "{at} without its token"
                );
                let other = browser.post(&at, "csrf=0&title=x&act=cancel").await;
                assert_eq!(
                    other.status,
                    StatusCode::FORBIDDEN,
                    "{at} with another token"
                );
                browser
                    .send("/help", &at, "title=x&act=cancel&reason=x&id=x-y")
                    .await
            };
            let status = answer.status;
            assert!(
                !status.is_server_error(),
                "{letter} {method} {at}: {status}"
            );
            if may.contains(letter) {
                let not = [
                    StatusCode::UNAUTHORIZED,
                    StatusCode::FORBIDDEN,
                    StatusCode::METHOD_NOT_ALLOWED,
                ];
                assert!(
                    !not.contains(&status),
                    "{letter} {method} {at}: {status}\n{}",
                    answer.text
                );
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{letter} {method} {at}");
            }
        }
    }
}

#[tokio::test]
async fn no_other_method_does_anything() {
    let (house, ids) = house().await;
    let mut browser = house.browser_of("member-a").await;
    let known: BTreeSet<(String, String)> = table().into_keys().collect();
    let paths: BTreeSet<&String> = known.iter().map(|(_, path)| path).collect();
    for path in paths {
        let at = filled(path, &ids);
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            if known.contains(&(method.to_owned(), path.clone())) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let request = Request::builder().method(method.clone()).uri(&at);
            let answer = browser.ask(request, Body::empty()).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {at}"
            );
        }
    }
}

#[tokio::test]
async fn every_answer_tells_the_browser_to_load_and_run_nothing_else() {
    let (house, ids) = house().await;
    let mut browser = house.browser_of("member-a").await;
    browser.tls = false;
    for ((method, path), _) in table() {
        if method != "GET" {
            continue;
        }
        let at = filled(&path, &ids);
        let answer = browser.get(&at).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{at}");
        assert!(!policy.contains("unsafe"), "{at}");
        assert!(policy.contains("frame-ancestors 'none'"), "{at}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{at}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{at}");
        if !answer.header("content-type").starts_with("text/html") {
            continue;
        }
        let page = answer.text;
        for bad in [
            " style=\"",
            "<style",
            " onclick",
            " onload",
            "javascript:",
            "src=\"http",
            "<script>",
        ] {
            assert!(!page.contains(bad), "{at} has {bad}");
        }
        // Nothing is asked for elsewhere: whatever is loaded begins with a slash.
        for (_, rest) in page
            .match_indices("src=\"")
            .map(|(i, s)| page.split_at(i + s.len()))
        {
            assert!(rest.starts_with('/') || rest.starts_with("data:"), "{at}");
        }
        assert!(
            page.contains("<html lang=\"vi\">") || page.contains("<html lang=\"en\">"),
            "{at}"
        );
    }
}
