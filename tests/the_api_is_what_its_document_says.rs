//! The API and its OpenAPI document say the same: every route is in it, every answer has the shape it
//! promises, errors are RFC 9457 in the language asked for.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

mod office_kit;

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode};
use office_kit::{Kit, lan, local};
use raotin::model::State;
use raotin::office::accounts::Accounts;
use raotin::web::socket::Peer;
use raotin::web::{Site, router};
use serde_json::{Value, json};
use tower::ServiceExt;

fn site(kit: &Kit) -> Router {
    router(Site {
        office: kit.office.clone(),
        accounts: std::sync::Arc::new(Accounts::new(kit.office.clone())),
        health: None,
        connect: None,
        refused: kit.office.desk.refused(),
        messenger: None,
        sled: None,
    })
}

struct Asked<'a> {
    method: Method,
    path: &'a str,
    headers: Vec<(&'static str, &'a str)>,
    body: Option<Value>,
}

fn get(path: &str) -> Asked<'_> {
    Asked {
        method: Method::GET,
        path,
        headers: vec![],
        body: None,
    }
}

fn post(path: &str, body: Value) -> Asked<'_> {
    Asked {
        method: Method::POST,
        path,
        headers: vec![],
        body: Some(body),
    }
}

async fn answer(api: &Router, asked: Asked<'_>) -> Response<Body> {
    let mut request = Request::builder().method(asked.method).uri(asked.path);
    for (name, value) in asked.headers {
        request = request.header(name, value);
    }
    let body = match asked.body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    let mut request = request.body(body).unwrap();
    request
        .extensions_mut()
        .insert(ConnectInfo(Peer { uid: 1000 }));
    api.clone().oneshot(request).await.unwrap()
}

async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 24)
        .await
        .unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn ask(api: &Router, asked: Asked<'_>) -> (StatusCode, Value) {
    read(answer(api, asked).await).await
}

async fn document(api: &Router) -> Value {
    let (status, document) = ask(api, get("/api/v1/openapi.json")).await;
    assert_eq!(status, StatusCode::OK);
    document
}

/// Every (path, method) of the document.
fn operations(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            found.push((path.clone(), method.clone()));
        }
    }
    found
}

#[tokio::test]
async fn the_routes_are_these() {
    let kit = Kit::new().await;
    let document = document(&site(&kit)).await;
    let mut list = String::new();
    for (path, method) in operations(&document) {
        let id = &document["paths"][&path][&method]["operationId"];
        list.push_str(&format!("{method:<5} {path} → {}\n", id.as_str().unwrap()));
    }
    insta::assert_snapshot!(list.trim_end(), @r"
    get   /api/v1/account → getAccount
    post  /api/v1/account/logout → logOutEverywhere
    post  /api/v1/account/tokens → makeToken
    post  /api/v1/account/tokens/{id}/drop → dropToken
    get   /api/v1/articles → listArticles
    post  /api/v1/articles → addArticle
    get   /api/v1/articles/{id} → getArticle
    patch /api/v1/articles/{id} → editArticle
    post  /api/v1/articles/{id}/approve → approveArticle
    post  /api/v1/articles/{id}/cancel → cancelArticle
    post  /api/v1/articles/{id}/erase → eraseArticle
    post  /api/v1/articles/{id}/evergreen → setEvergreen
    get   /api/v1/articles/{id}/preview → previewArticle
    post  /api/v1/articles/{id}/queue → queueArticle
    post  /api/v1/articles/{id}/remove → removeArticle
    get   /api/v1/articles/{id}/similar → similarArticles
    get   /api/v1/channels → listChannels
    post  /api/v1/channels → addChannel
    patch /api/v1/channels/{id} → changeChannel
    get   /api/v1/channels/{id}/check → checkChannel
    post  /api/v1/channels/{id}/pause → pauseChannel
    get   /api/v1/channels/{id}/queue → getQueue
    post  /api/v1/channels/{id}/resume → resumeChannel
    post  /api/v1/channels/{id}/retire → retireChannel
    post  /api/v1/clock/trust → trustClock
    get   /api/v1/counts → getCounts
    get   /api/v1/exports/queue → exportQueue
    get   /api/v1/exports/shares → exportShares
    get   /api/v1/feeds → listFeeds
    post  /api/v1/feeds → addFeed
    get   /api/v1/feeds/find → findFeeds
    patch /api/v1/feeds/{id} → changeFeed
    post  /api/v1/feeds/{id}/poll → pollFeed
    post  /api/v1/feeds/{id}/retire → retireFeed
    post  /api/v1/groups → addGroup
    patch /api/v1/groups/{id} → changeGroup
    post  /api/v1/groups/{id}/retire → retireGroup
    post  /api/v1/imports → importRows
    post  /api/v1/links/look → lookAtLink
    get   /api/v1/members → listMembers
    put   /api/v1/members/{id} → setMember
    post  /api/v1/members/{id}/link → makeLink
    get   /api/v1/members/{id}/notices → getNotices
    put   /api/v1/members/{id}/notices → setNotices
    post  /api/v1/members/{id}/notices/chat → beginChat
    post  /api/v1/members/{id}/notices/chat/find → findChat
    post  /api/v1/members/{id}/notices/try → tryNotice
    post  /api/v1/members/{id}/retire → retireMember
    get   /api/v1/office → getOffice
    get   /api/v1/openapi.json → getDocument
    post  /api/v1/pause → pauseAll
    post  /api/v1/pictures → keepPicture
    post  /api/v1/resume → resumeAll
    get   /api/v1/schedules → listSchedules
    post  /api/v1/schedules → addSchedule
    patch /api/v1/schedules/{id} → changeSchedule
    post  /api/v1/schedules/{id}/missed → answerMissed
    post  /api/v1/schedules/{id}/retire → retireSchedule
    get   /api/v1/settings → getSettings
    patch /api/v1/settings → changeSettings
    get   /api/v1/settings/changes → listSettingChanges
    get   /api/v1/shares → listShares
    get   /api/v1/shares/{id} → getShare
    post  /api/v1/shares/{id}/approve → approveShare
    post  /api/v1/shares/{id}/cancel → cancelShare
    post  /api/v1/shares/{id}/cannot → refuseTask
    post  /api/v1/shares/{id}/done → confirmTask
    post  /api/v1/shares/{id}/free → freeShare
    post  /api/v1/shares/{id}/keep → keepShare
    post  /api/v1/shares/{id}/move → moveShare
    post  /api/v1/shares/{id}/release → releaseTask
    post  /api/v1/shares/{id}/remove → removeShare
    post  /api/v1/shares/{id}/removed → confirmRemoval
    post  /api/v1/shares/{id}/retry → retryShare
    post  /api/v1/shares/{id}/return → returnShare
    post  /api/v1/shares/{id}/settle → settleShare
    post  /api/v1/shares/{id}/skip → skipShare
    get   /api/v1/shares/{id}/story → getStory
    post  /api/v1/shares/{id}/submit → submitShare
    post  /api/v1/shares/{id}/take → takeTask
    post  /api/v1/shares/{id}/text → setOwnText
    post  /api/v1/shares/{id}/time → fixShare
    post  /api/v1/shares/{id}/undo → undoTask
    get   /api/v1/today → getToday
    get   /api/v1/todo → getTodo
    get   /api/v1/topics → listTopics
    post  /api/v1/topics → addTopic
    patch /api/v1/topics/{id} → changeTopic
    post  /api/v1/topics/{id}/retire → retireTopic
    get   /api/v1/upcoming → getUpcoming
    get   /api/v1/upcoming/free → getFreeSlots
    get   /api/v1/uploads → listUploads
    post  /api/v1/uploads → upload
    get   /api/v1/uploads/{id} → getUpload
    post  /api/v1/uploads/{id}/choose → chooseUploadRows
    post  /api/v1/uploads/{id}/confirm → confirmUpload
    post  /api/v1/uploads/{id}/drop → dropUpload
    post  /api/v1/uploads/{id}/explain → explainUpload
    get   /api/v1/uploads/{id}/rows → listUploadRows
    get   /api/v1/verify → verify
    ");
}

#[tokio::test]
async fn every_route_of_the_document_is_served() {
    let kit = Kit::new().await;
    let api = site(&kit);
    for (path, method) in operations(&document(&api).await) {
        let real = path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        let asked = Asked {
            method: method.to_uppercase().parse().unwrap(),
            path: &real,
            headers: vec![],
            body: (method != "get").then(|| json!({})),
        };
        let (_, problem) = ask(&api, asked).await;
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(!code.starts_with("no-such-route"), "{method} {path}");
        assert!(!code.starts_with("no-such-method"), "{method} {path}");
    }
}

/// Every address that the program itself asks is in the document.
#[tokio::test]
async fn every_route_that_is_asked_is_in_the_document() {
    let kit = Kit::new().await;
    let known: BTreeSet<String> = operations(&document(&site(&kit)).await)
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let matches = |asked: &str| {
        known.iter().any(|path| {
            let (a, b): (Vec<_>, Vec<_>) = (asked.split('/').collect(), path.split('/').collect());
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a == b || a.starts_with('{'))
        })
    };
    let mut seen = 0;
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    for file in std::fs::read_dir(src).unwrap() {
        let file = file.unwrap().path();
        let Ok(code) = std::fs::read_to_string(&file) else {
            continue;
        };
        for (at, _) in code.match_indices("\"/api/v1/") {
            let literal = code[at + 1..].split('"').next().unwrap();
            let path = literal.split('?').next().unwrap();
            assert!(matches(path), "{}: {literal}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "the commands are not where they were");
}

/// Every reference leads somewhere.
#[tokio::test]
async fn the_document_is_whole() {
    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str));
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }
    let kit = Kit::new().await;
    let document = document(&site(&kit)).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let mut ids: Vec<_> = operations(&document)
        .into_iter()
        .map(|(p, m)| document["paths"][&p][&m]["operationId"].to_string())
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all, "an operationId stands twice");
}

/// What is wrong with `value` by `schema`, if anything: types, required and unknown fields.
fn mismatch(document: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(&reference[1..]).unwrap();
        return mismatch(document, schema, value, at);
    }
    for several in ["oneOf", "anyOf"] {
        if let Some(options) = schema[several].as_array() {
            let wrong: Vec<_> = options
                .iter()
                .map(|o| mismatch(document, o, value, at))
                .collect();
            return if wrong.iter().any(Option::is_none) {
                None
            } else {
                wrong.into_iter().flatten().next()
            };
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.contains(&kind) {
        return Some(format!("{at} is {kind}, not {types:?}"));
    }
    match value {
        Value::Array(list) => list
            .iter()
            .find_map(|v| mismatch(document, &schema["items"], v, &format!("{at}[]"))),
        Value::Object(map) => {
            let required = schema["required"].as_array().into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                if !map.contains_key(name) {
                    return Some(format!("{at}.{name} is missing"));
                }
            }
            let properties = schema["properties"].as_object()?;
            map.iter().find_map(|(name, v)| match properties.get(name) {
                Some(schema) => mismatch(document, schema, v, &format!("{at}.{name}")),
                None => Some(format!("{at}.{name} is not in the document")),
            })
        }
        _ => None,
    }
}

#[tokio::test]
async fn every_answer_has_the_shape_it_promises() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let document = document(&api).await;
    let by_hand = kit.share_in(State::ByHand, &lan(), "nhom").await;
    let shared = kit.share_in(State::Shared, &lan(), "trang").await;
    let unsure = kit.share_in(State::Unsure, &lan(), "trang").await;
    let waiting = kit.share_in(State::Waiting, &lan(), "trang").await;
    let submitted = kit.share_in(State::Submitted, &lan(), "duyet").await;
    kit.office.take(&lan(), None, by_hand).await.unwrap();
    kit.office
        .remove(&local(), None, shared, Some("nhầm".into()))
        .await
        .unwrap();
    let roles = vec![raotin::model::Role::Officer];
    let name = Some("Lan".to_owned());
    let set = kit
        .office
        .set_member(&local(), None, "lan".parse().unwrap(), roles, None, name)
        .await;
    set.unwrap();
    let why = "sửa".to_owned();
    kit.office
        .pause(&local(), None, Some("sau".parse().unwrap()), why, None)
        .await
        .unwrap();
    let article = kit.share(waiting).article;

    let id = |text: &str| text.to_owned();
    let reads = [
        ("/api/v1/office", id("/api/v1/office")),
        ("/api/v1/today", id("/api/v1/today")),
        ("/api/v1/todo", id("/api/v1/todo")),
        ("/api/v1/upcoming", id("/api/v1/upcoming?days=3")),
        ("/api/v1/upcoming/free", id("/api/v1/upcoming/free?days=3")),
        ("/api/v1/counts", id("/api/v1/counts?by=channel&log=true")),
        ("/api/v1/articles", id("/api/v1/articles?limit=2")),
        (
            "/api/v1/articles/{id}",
            format!("/api/v1/articles/{article}"),
        ),
        (
            "/api/v1/articles/{id}/similar",
            format!("/api/v1/articles/{article}/similar"),
        ),
        (
            "/api/v1/articles/{id}/preview",
            format!("/api/v1/articles/{article}/preview"),
        ),
        ("/api/v1/shares", id("/api/v1/shares")),
        ("/api/v1/shares/{id}", format!("/api/v1/shares/{unsure}")),
        (
            "/api/v1/shares/{id}/story",
            format!("/api/v1/shares/{unsure}/story"),
        ),
        ("/api/v1/channels", id("/api/v1/channels")),
        (
            "/api/v1/channels/{id}/queue",
            id("/api/v1/channels/trang/queue"),
        ),
        ("/api/v1/schedules", id("/api/v1/schedules")),
        ("/api/v1/feeds", id("/api/v1/feeds")),
        ("/api/v1/topics", id("/api/v1/topics")),
        ("/api/v1/settings", id("/api/v1/settings")),
        (
            "/api/v1/settings/changes",
            id("/api/v1/settings/changes?limit=3"),
        ),
        ("/api/v1/members", id("/api/v1/members")),
    ];
    for (path, real) in reads {
        let (status, value) = ask(&api, get(&real)).await;
        assert_eq!(status, StatusCode::OK, "{real}: {value}");
        let answer = &document["paths"][path]["get"]["responses"]["200"];
        let schema = &answer["content"]["application/json"]["schema"];
        assert!(!schema.is_null(), "{path}");
        assert_eq!(mismatch(&document, schema, &value, path), None);
    }
    let approve = format!("/api/v1/shares/{submitted}/approve");
    let row = json!({ "line": 2, "article": { "title": "Tin", "topic": "y-te", "priority": 77 } });
    let acts = [
        (
            "/api/v1/articles",
            id("/api/v1/articles"),
            json!({ "title": "Tin mới" }),
        ),
        ("/api/v1/shares/{id}/approve", approve, json!({})),
        (
            "/api/v1/imports",
            id("/api/v1/imports"),
            json!({ "source": "a.csv", "rows": [row], "dry_run": true }),
        ),
    ];
    for (path, real, body) in acts {
        let (status, value) = ask(&api, post(&real, body)).await;
        assert_eq!(status, StatusCode::OK, "{real}: {value}");
        let answer = &document["paths"][path]["post"]["responses"]["200"];
        let schema = &answer["content"]["application/json"]["schema"];
        assert_eq!(mismatch(&document, schema, &value, path), None);
    }
}

#[tokio::test]
async fn errors_say_what_happened_in_the_language_asked_for() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let told = async |lang: &'static str, asked: Asked<'_>| {
        let asked = Asked {
            headers: vec![("accept-language", lang), ("x-request-id", "r1")],
            ..asked
        };
        let response = answer(&api, asked).await;
        assert_eq!(
            response.headers()["content-type"],
            "application/problem+json"
        );
        assert_eq!(response.headers()["x-request-id"], "r1");
        let (_, problem) = read(response).await;
        serde_json::to_string_pretty(&problem).unwrap()
    };
    let unknown = || {
        post(
            "/api/v1/articles",
            json!({ "title": "Tin", "channels": ["trnag"] }),
        )
    };
    insta::assert_snapshot!(told("vi-VN,vi;q=0.9", unknown()).await, @r#"
    {
      "code": "no-such-channel",
      "detail": "Không có kênh “trnag”. Ý bạn là “trang”?",
      "fields": {
        "id": "trnag",
        "nearest": "trang"
      },
      "instance": "r1",
      "status": 404,
      "title": "Not found",
      "type": "urn:raotin:problem:no-such-channel"
    }
    "#);
    insta::assert_snapshot!(told("en", unknown()).await, @r#"
    {
      "code": "no-such-channel",
      "detail": "There is no channel “trnag”. Did you mean “trang”?",
      "fields": {
        "id": "trnag",
        "nearest": "trang"
      },
      "instance": "r1",
      "status": 404,
      "title": "Not found",
      "type": "urn:raotin:problem:no-such-channel"
    }
    "#);
    let id = kit.share_in(State::Waiting, &lan(), "trang").await;
    let path = format!("/api/v1/shares/{id}/done");
    insta::assert_snapshot!(told("vi", post(&path, json!({}))).await, @r#"
    {
      "code": "wrong-state",
      "detail": "Lượt này đang ở trạng thái “trong hàng chờ”; chỉ làm được việc đó khi: chờ chia sẻ thủ công, bỏ lỡ.",
      "fields": {
        "needs": "by-hand, missed",
        "share": "01a205ea-be80-7843-983c-0f142f24171b",
        "state": "waiting"
      },
      "instance": "r1",
      "status": 409,
      "title": "Not as things stand",
      "type": "urn:raotin:problem:wrong-state"
    }
    "#);
    insta::assert_snapshot!(told("en", post("/api/v1/articles", json!({ "titel": "x" }))).await, @r#"
    {
      "code": "bad-body",
      "detail": "The body cannot be read: Failed to deserialize the JSON body into the target type: titel: unknown field `titel`, expected one of `title`, `text`, `link`, `canonical`, `pictures`, `topic`, `priority`, `source`, `channels`, `at`, `again`, `draft`, `own_texts`, `evergreen` at line 1 column 8",
      "instance": "r1",
      "status": 422,
      "title": "The request cannot be read",
      "type": "urn:raotin:problem:bad-body"
    }
    "#);
    insta::assert_snapshot!(told("en", get("/api/v1/nothing")).await, @r#"
    {
      "code": "no-such-route",
      "detail": "There is no such address: see /api/v1/openapi.json.",
      "instance": "r1",
      "status": 404,
      "title": "The request cannot be read",
      "type": "urn:raotin:problem:no-such-route"
    }
    "#);
}

#[tokio::test]
async fn pages_follow_one_another_by_their_cursor() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let mut added = BTreeSet::new();
    for _ in 0..5 {
        added.insert(
            kit.share_in(State::Waiting, &lan(), "trang")
                .await
                .to_string(),
        );
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/shares?limit=2".to_owned();
    loop {
        let (_, page) = ask(&api, get(&path)).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|i| i["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/shares?limit=2&after={next}");
    }
    assert_eq!(seen.len(), 5);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), added);
    let (status, problem) = ask(&api, get("/api/v1/shares?after=xyz")).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("bad-cursor"))
    );
}

#[tokio::test]
async fn a_key_makes_a_request_safe_to_repeat() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let keyed = |title: &str| Asked {
        headers: vec![("idempotency-key", "k1")],
        ..post("/api/v1/articles", json!({ "title": title }))
    };
    let (_, first) = ask(&api, keyed("Tin")).await;
    let (_, again) = ask(&api, keyed("Tin")).await;
    assert_eq!(first, again);
    let (status, problem) = ask(&api, keyed("Khác")).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("key-reused"))
    );
}

#[tokio::test]
async fn whoever_asks_is_told_by_the_kernel_and_acts_for_members_only() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let request = Request::builder()
        .uri("/api/v1/office")
        .body(Body::empty())
        .unwrap();
    let (status, problem) = read(api.clone().oneshot(request).await.unwrap()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::FORBIDDEN, &json!("unknown-peer"))
    );
    let acting = |who: &'static str| Asked {
        headers: vec![("raotin-as", who)],
        ..post("/api/v1/articles", json!({ "title": "Tin" }))
    };
    let (status, problem) = ask(&api, acting("lan")).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::NOT_FOUND, &json!("no-such-member"))
    );
    let roles = vec![raotin::model::Role::Officer];
    let set = kit
        .office
        .set_member(&local(), None, "lan".parse().unwrap(), roles, None, None)
        .await;
    set.unwrap();
    let (status, _) = ask(&api, acting("lan")).await;
    assert_eq!(status, StatusCode::OK);
    let added = kit.office.articles(&local(), None, 1).unwrap();
    assert_eq!(added[0].by.to_string(), "local:1000:lan");
    assert_eq!(added[0].member.as_ref().unwrap().as_str(), "lan");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let kit = Kit::new().await;
    let huge = "x".repeat(raotin::web::api::MOST_BODY_BYTES + 1);
    let (status, problem) = ask(
        &site(&kit),
        post("/api/v1/articles", json!({ "text": huge })),
    )
    .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &json!("bad-body"))
    );
}

#[tokio::test]
async fn without_a_daemon_it_is_never_ready() {
    let kit = Kit::new().await;
    let api = site(&kit);
    let ready = answer(&api, get("/readyz")).await;
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer(&api, get("/healthz")).await.status(), StatusCode::OK);
}
