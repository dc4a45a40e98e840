//! A Mastodon server, as far as publishing goes, by its published OpenAPI (4.7.0): statuses under a key
//! for an hour, pictures that take their time, limits, HTML. It can be made to forget keys, as a
//! compatible server was seen to do.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use raotin::clock::Clock;
use raotin::config::{MastodonTarget, Secret, Target, Visibility};
use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation as _;

use super::failure::{Dialect, Script};
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Kept, Seen, form, photo, spec};

pub const TOKEN: &str = "masto-access-token-0123456789";
/// What a person is shown who allows the program.
pub const CODE: &str = "the-code-that-is-shown";
const CLIENT: &str = "the-client-id";
/// Mastodon keeps a key so long.
const KEY_LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Pixels of a picture: fewer than Mastodon's own, as some servers set it.
const MATRIX: u64 = 8_294_400;

pub struct FakeMastodon {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    token: String,
    keys: BTreeMap<String, (Timestamp, usize)>,
    keeps_keys: bool,
    /// Media ids: how often it is still to be asked about, and whether a status has it.
    media: BTreeMap<String, (usize, bool)>,
    slow_media: usize,
    next: u64,
    statuses: Vec<Status>,
    most_characters: usize,
    complaints: Vec<String>,
    script: Script,
    spec: Option<OpenApi>,
}

#[derive(Clone)]
struct Status {
    id: String,
    key: String,
    body: Value,
    at: Timestamp,
    gone: bool,
}

type Answered = Result<(u16, Value), (u16, String)>;

impl FakeMastodon {
    pub fn start(clock: Arc<dyn Clock>) -> FakeMastodon {
        let truth = Arc::new(Kept::new(Truth {
            token: TOKEN.to_owned(),
            keys: BTreeMap::new(),
            keeps_keys: true,
            media: BTreeMap::new(),
            slow_media: 0,
            next: 109_000_000_000_000_000,
            statuses: Vec::new(),
            most_characters: 500,
            complaints: Vec::new(),
            script: Script::default(),
            spec: OpenApi::load(),
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        FakeMastodon {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn mastodon_target(&self) -> MastodonTarget {
        MastodonTarget {
            base_url: self.server.base_url(),
            token: Secret::new(TOKEN),
            visibility: Visibility::Public,
            lang: "vi".to_owned(),
            warning: None,
        }
    }
    /// Two statuses for one key, from now on.
    pub fn forget_keys(&self) {
        self.truth.with(|t| t.keeps_keys = false);
    }
    /// A picture is ready when it was asked about so often.
    pub fn slow_media(&self, times: usize) {
        self.truth.with(|t| t.slow_media = times);
    }
    pub fn most_characters(&self, most: usize) {
        self.truth.with(|t| t.most_characters = most);
    }
    pub fn set_token(&self, token: &str) {
        self.truth.with(|t| t.token = token.to_owned());
    }
}

impl Place for FakeMastodon {
    fn target(&self) -> Target {
        Target::Mastodon(self.mastodon_target())
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| {
            let there = t.statuses.iter().filter(|s| !s.gone);
            there
                .map(|s| Seen {
                    id: s.id.clone(),
                    key: Some(s.key.clone()),
                    text: s.body["status"].as_str().unwrap_or("").to_owned(),
                    link: None,
                    pictures: s.body["media_ids"].as_array().map_or(0, Vec::len),
                    at: s.at,
                    raw: s.body.clone(),
                })
                .collect()
        })
    }
    fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    /// A token does not expire; it is taken back.
    fn revoke(&self, _how: Lost) {
        self.set_token("another-token");
    }
    fn restore(&self) {
        self.set_token(TOKEN);
    }
    fn most_pictures(&self) -> usize {
        4
    }
}

fn refused(error: impl Into<String>) -> (u16, String) {
    (422, format!("Validation failed: {}", error.into()))
}

impl Truth {
    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let posts = request.method == "POST" && request.path == "/api/v1/statuses";
        let failure = if posts { self.script.take() } else { None };
        let dialect = Dialects { now };
        if failure.as_ref().is_some_and(|f| !f.takes()) {
            let proper = Response::json(200, &json!({}));
            return failure.map_or(Reply::Close, |f| f.reply(proper, &dialect));
        }
        let proper = match self.answer(request, now) {
            Ok((status, value)) => Response::json(status, &value),
            Err((status, error)) => Response::json(status, &json!({"error": error})),
        };
        match failure {
            Some(failure) => failure.reply(proper, &dialect),
            None => Reply::Answer(proper),
        }
    }

    fn answer(&mut self, request: &Request, now: Timestamp) -> Answered {
        if request.path == "/oauth/token" {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let right = body["code"] == CODE && body["client_id"] == CLIENT;
            return match right {
                true => Ok((
                    200,
                    json!({"access_token": TOKEN, "token_type": "Bearer", "scope": "read write"}),
                )),
                false => Err((400, "invalid_grant".to_owned())),
            };
        }
        let Some(path) = request.path.strip_prefix("/api/") else {
            return Err((404, "Record not found".to_owned()));
        };
        if let Some(spec) = &self.spec {
            self.complaints.extend(spec.complaints(request));
        }
        if path == "v2/instance" {
            return Ok((200, self.instance()));
        }
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        if path == "v1/apps" {
            let scopes = body()["scopes"] == "read write";
            let made = json!({"client_id": CLIENT, "client_secret": "the-client-secret", "scopes": ["read", "write"]});
            return scopes
                .then_some((200, made))
                .ok_or_else(|| refused("scopes"));
        }
        let token = request
            .header("authorization")
            .and_then(|h| h.strip_prefix("Bearer "));
        if token != Some(&self.token) {
            return Err((401, "The access token is invalid".to_owned()));
        }
        let pieces: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), pieces.as_slice()) {
            ("GET", ["v1", "accounts", "verify_credentials"]) => Ok((
                200,
                json!({"id": "7", "acct": "chodon", "username": "chodon"}),
            )),
            ("GET", ["v1", "apps", "verify_credentials"]) => {
                Ok((200, json!({"name": "raotin", "scopes": ["read", "write"]})))
            }
            ("POST", ["v2", "media"]) => self.upload(request),
            ("GET", ["v1", "media", id]) => self.look_at(id),
            ("POST", ["v1", "statuses"]) => self.post(request, now),
            ("GET", ["v1", "statuses", id]) => {
                let found = self.statuses.iter().find(|s| s.id == *id && !s.gone);
                found
                    .map(|s| (200, shown(s)))
                    .ok_or((404, "Record not found".to_owned()))
            }
            ("DELETE", ["v1", "statuses", id]) => {
                let found = self.statuses.iter_mut().find(|s| s.id == *id && !s.gone);
                let found = found.ok_or((404, "Record not found".to_owned()))?;
                found.gone = true;
                Ok((200, shown(found)))
            }
            ("GET", ["v1", "accounts", "7", "statuses"]) => self.list(request),
            _ => {
                self.complaints
                    .push(format!("nobody asks {} {path}", request.method));
                Err((404, "Record not found".to_owned()))
            }
        }
    }

    fn instance(&self) -> Value {
        json!({
            "title": "Chợ", "version": "4.7.0",
            "configuration": {
                "statuses": {"max_characters": self.most_characters, "max_media_attachments": 4, "characters_reserved_per_url": 23},
                "media_attachments": {
                    "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4"],
                    "image_size_limit": 10_485_760, "image_matrix_limit": MATRIX, "description_limit": 1500,
                },
            },
        })
    }

    fn upload(&mut self, request: &Request) -> Answered {
        let fields = form::fields(request).map_err(refused)?;
        let file = fields.iter().find(|f| f.name == "file" && f.is_file());
        let file = file.ok_or_else(|| refused("File can't be blank"))?;
        let photo = photo::read(&file.bytes);
        let photo = photo.filter(|p| file.mime.as_deref() == Some(p.mime));
        let pixels = photo.map(|p| u64::from(p.width) * u64::from(p.height));
        if pixels.is_none_or(|pixels| pixels > MATRIX) || file.bytes.len() > 10_485_760 {
            return Err(refused("File is of no type that is taken, or too large"));
        }
        if let Some(other) = fields
            .iter()
            .find(|f| f.name != "file" && f.name != "description")
        {
            self.complaints
                .push(format!("media takes no {}", other.name));
        }
        self.next += 1;
        let id = self.next.to_string();
        self.media.insert(id.clone(), (self.slow_media, false));
        let ready = self.slow_media == 0;
        let url = ready.then(|| format!("https://files.example/{id}.png"));
        Ok((
            if ready { 200 } else { 202 },
            json!({"id": id, "type": "image", "url": url}),
        ))
    }

    fn look_at(&mut self, id: &str) -> Answered {
        let (left, _) = self
            .media
            .get_mut(id)
            .ok_or((404, "Record not found".to_owned()))?;
        *left = left.saturating_sub(1);
        let status = if *left == 0 { 200 } else { 206 };
        Ok((status, json!({"id": id, "type": "image"})))
    }

    fn post(&mut self, request: &Request, now: Timestamp) -> Answered {
        let body: Value = serde_json::from_slice(&request.body).map_err(|_| refused("no JSON"))?;
        let Some(key) = request.header("idempotency-key").map(str::to_owned) else {
            self.complaints.push("a status without a key".to_owned());
            return Err(refused("no key"));
        };
        if let Some((until, at)) = self.keys.get(&key)
            && *until > now
            && self.keeps_keys
        {
            let there = self.statuses[*at].clone();
            if there.body != body {
                self.complaints
                    .push(format!("the key {key} came again with another status"));
            }
            return Ok((200, shown(&there)));
        }
        let text = body["status"].as_str().unwrap_or("");
        let media: Vec<String> = body["media_ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|m| m.as_str().map(str::to_owned))
            .collect();
        if text.trim().is_empty() && media.is_empty() {
            return Err(refused("Text can't be blank"));
        }
        if counted(text)
            + body["spoiler_text"]
                .as_str()
                .map_or(0, |w| w.graphemes(true).count())
            > self.most_characters
        {
            let most = self.most_characters;
            return Err(refused(format!("Text character limit of {most} exceeded")));
        }
        if media.len() > 4 || media.iter().collect::<BTreeSet<_>>().len() != media.len() {
            return Err(refused("Cannot attach more than 4 files"));
        }
        for id in &media {
            match self.media.get_mut(id) {
                None => return Err((404, "Record not found".to_owned())),
                Some((left, used)) if *left > 0 || *used => {
                    return Err(refused(
                        "Cannot attach files that have not finished processing, or twice",
                    ));
                }
                Some((_, used)) => *used = true,
            }
        }
        if let Some(answered) = body["in_reply_to_id"].as_str()
            && !self.statuses.iter().any(|s| s.id == answered && !s.gone)
        {
            return Err((
                404,
                "The post you are trying to reply to does not appear to exist".to_owned(),
            ));
        }
        self.next += 1;
        let status = Status {
            id: self.next.to_string(),
            key: key.clone(),
            body,
            at: now,
            gone: false,
        };
        self.keys
            .insert(key, (now + KEY_LASTS, self.statuses.len()));
        self.statuses.push(status.clone());
        Ok((200, shown(&status)))
    }

    fn list(&mut self, request: &Request) -> Answered {
        let param = |name: &str| {
            let found = request.query.iter().find(|(n, _)| n == name);
            found.map(|(_, v)| v.clone())
        };
        let limit: usize = param("limit")
            .and_then(|l| l.parse().ok())
            .unwrap_or(20)
            .min(40);
        let before = param("max_id").and_then(|id| id.parse::<u64>().ok());
        let id = |s: &Status| s.id.parse::<u64>().unwrap_or(0);
        let there = self.statuses.iter().rev().filter(|s| !s.gone);
        let there = there.filter(|s| before.is_none_or(|b| id(s) < b));
        Ok((200, there.take(limit).map(shown).collect()))
    }
}

/// As the documentation says: graphemes, 23 for an address.
fn counted(text: &str) -> usize {
    let words = text.split_inclusive(char::is_whitespace);
    words
        .map(|word| match word.trim_end() {
            w if w.starts_with("https://") || w.starts_with("http://") => {
                23 + (word.graphemes(true).count() - w.graphemes(true).count())
            }
            _ => word.graphemes(true).count(),
        })
        .sum()
}

fn shown(status: &Status) -> Value {
    let text = status.body["status"].as_str().unwrap_or("");
    let escaped = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let html: Vec<String> = escaped
        .split("\n\n")
        .map(|p| {
            let words = p.split(' ').map(|word| match word.strip_prefix("https://") {
                Some(rest) => format!(r#"<a href="{word}" rel="nofollow"><span class="invisible">https://</span><span>{rest}</span></a>"#),
                None => word.to_owned(),
            });
            let p: Vec<String> = words.collect();
            format!("<p>{}</p>", p.join(" ").replace('\n', "<br />"))
        })
        .collect();
    let media = status.body["media_ids"].as_array().into_iter().flatten();
    json!({
        "id": status.id,
        "uri": format!("https://m.example/users/chodon/statuses/{}", status.id),
        "url": format!("https://m.example/@chodon/{}", status.id),
        "created_at": format!("{:.3}", status.at),
        "content": html.concat(),
        "visibility": status.body["visibility"],
        "in_reply_to_id": status.body["in_reply_to_id"],
        "media_attachments": media.map(|id| json!({"id": id, "type": "image"})).collect::<Vec<_>>(),
        "reblog": null, "card": null,
        "favourites_count": 5, "reblogs_count": 2, "replies_count": 1, "quotes_count": 1,
    })
}

struct Dialects {
    now: Timestamp,
}

impl Dialect for Dialects {
    fn error(&self, status: u16) -> Response {
        Response::json(status, &json!({"error": "Something went wrong on our end"}))
    }
    fn throttled(&self, seconds: u32) -> Response {
        let reset = self.now + SignedDuration::from_secs(seconds.into());
        Response::json(429, &json!({"error": "Too many requests"}))
            .with("x-ratelimit-limit", 300)
            .with("x-ratelimit-remaining", 0)
            .with("x-ratelimit-reset", format!("{reset:.6}"))
    }
    fn ok_error(&self) -> Response {
        Response::json(200, &json!({"error": "not today"}))
    }
}

/// The published OpenAPI, as far as requests go.
pub struct OpenApi(Value);

impl OpenApi {
    pub fn load() -> Option<OpenApi> {
        spec::read("mastodon/openapi.publisher.json").map(OpenApi)
    }

    /// What is wrong with a request by it: path, method, parameters, fields and their types.
    pub fn complaints(&self, request: &Request) -> Vec<String> {
        let paths = self.0["paths"].as_object().expect("paths");
        let fits = |template: &str| {
            let (a, b): (Vec<&str>, Vec<&str>) = (
                template.split('/').collect(),
                request.path.split('/').collect(),
            );
            a.len() == b.len() && a.iter().zip(&b).all(|(t, p)| t.starts_with('{') || t == p)
        };
        let method = request.method.to_ascii_lowercase();
        let mut found = paths
            .iter()
            .filter(|(t, o)| fits(t) && o.get(&method).is_some());
        // The more exact path is meant.
        let chosen = found
            .clone()
            .find(|(t, _)| !t.contains('{'))
            .or_else(|| found.next());
        let Some((_, item)) = chosen else {
            return vec![format!(
                "spec: there is no {} {}",
                request.method, request.path
            )];
        };
        let operation = &item[&method];
        let mut out = Vec::new();
        let declared = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for (name, _) in &request.query {
            if !declared
                .iter()
                .any(|p| p["name"] == name.as_str() && p["in"] == "query")
            {
                out.push(format!("spec: {} takes no {name}", request.path));
            }
        }
        let content = &operation["requestBody"]["content"];
        if let Some(json) = content.get("application/json").filter(|_| method != "get") {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            out.extend(self.body(&json["schema"], &body));
        } else if let Some(multipart) = content.get("multipart/form-data") {
            let known = &multipart["schema"]["properties"];
            for field in form::fields(request).unwrap_or_default() {
                if known.get(&field.name).is_none() {
                    out.push(format!(
                        "spec: {} takes no field {}",
                        request.path, field.name
                    ));
                }
            }
        }
        out
    }

    fn body(&self, schema: &Value, body: &Value) -> Vec<String> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema["oneOf"].as_array() {
            let all = choices.iter().map(|choice| self.body(choice, body));
            return all.min_by_key(Vec::len).unwrap_or_default();
        }
        let (mut properties, mut required) = (BTreeMap::new(), BTreeSet::new());
        self.gather(&schema, &mut properties, &mut required);
        let mut out = Vec::new();
        let given = body.as_object().cloned().unwrap_or_default();
        for (name, value) in &given {
            match properties.get(name) {
                None => out.push(format!("spec: there is no field {name}")),
                Some(schema) => {
                    let schema = self.resolved(schema);
                    let fits = match schema["type"].as_str() {
                        Some("string") => value.is_string(),
                        Some("boolean") => value.is_boolean(),
                        Some("integer") => value.is_i64(),
                        Some("array") => value
                            .as_array()
                            .is_some_and(|a| a.iter().all(Value::is_string)),
                        _ => true,
                    };
                    let listed = schema["enum"].as_array().is_none_or(|e| e.contains(value));
                    if !fits || !listed {
                        out.push(format!("spec: {name} is {value}"));
                    }
                }
            }
        }
        let missing = required.iter().filter(|name| !given.contains_key(*name));
        out.extend(missing.map(|name| format!("spec: {name} is missing")));
        out
    }

    fn gather(
        &self,
        schema: &Value,
        properties: &mut BTreeMap<String, Value>,
        required: &mut BTreeSet<String>,
    ) {
        let schema = self.resolved(schema);
        for inner in schema["allOf"].as_array().into_iter().flatten() {
            self.gather(inner, properties, required);
        }
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            properties.insert(name.clone(), inner.clone());
        }
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.filter_map(|n| n.as_str().map(str::to_owned)));
    }

    fn resolved(&self, schema: &Value) -> Value {
        match schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/")) {
            Some(path) => {
                let found = path.split('/').fold(&self.0, |at, name| &at[name]);
                self.resolved(found)
            }
            None => schema.clone(),
        }
    }
}
