//! A Matrix homeserver with one room, as far as a publisher uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use raotin::clock::Clock;
use raotin::config::{MatrixTarget, Secret, Target};
use serde_json::{Map, Value, json};

use super::failure::{Dialect, Script};
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Kept, Seen, photo};

pub mod spec;

pub const TOKEN: &str = "syt_FAKE-matrix-token";
pub const PASSWORD: &str = "the-matrix-password";
pub const USER: &str = "@raotin:fake.vn";
pub const ROOM: &str = "!tin:fake.vn";
pub const ALIAS: &str = "#tin:fake.vn";
/// Largest event, as the specification has it; the frame of ours is as large as real ones.
const MAX_EVENT: usize = 65_536;
const FRAME: usize = 4_000;

pub struct FakeMatrix {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    /// Token → device; another login of the same user is another device.
    logins: BTreeMap<String, String>,
    lost: Option<Lost>,
    is_member: bool,
    /// Whether the user may come in by itself.
    is_open: bool,
    state: BTreeMap<String, Value>,
    files: BTreeMap<String, usize>,
    upload_size: usize,
    /// (device, transaction) → event; forgotten by servers after a while.
    transactions: BTreeMap<(String, String), String>,
    events: Vec<Event>,
    /// (event, relation type): what relates to it.
    relations: Vec<(String, &'static str)>,
    page: usize,
    /// Newer servers know `/client/v1/media/config`.
    knows_newer: bool,
    /// How a throttled answer says how long.
    says_wait: Wait,
    redacted: BTreeSet<String>,
    complaints: Vec<String>,
    calls: Vec<String>,
    script: Script,
    spec: Option<spec::Spec>,
}

/// Where the time to wait stands in a 429.
#[derive(Clone, Copy, PartialEq)]
pub enum Wait {
    Header,
    Body,
    Both,
}

#[derive(Clone)]
struct Event {
    id: String,
    device: String,
    txn: String,
    content: Value,
    at: Timestamp,
}

impl FakeMatrix {
    /// A public unencrypted room `#tin:fake.vn` where the account may write.
    pub fn start(clock: Arc<dyn Clock>) -> FakeMatrix {
        let state = BTreeMap::from([(
            "m.room.power_levels".to_owned(),
            json!({"users_default": 0, "events_default": 50, "users": {USER: 50}}),
        )]);
        let truth = Arc::new(Kept::new(Truth {
            logins: BTreeMap::from([(TOKEN.to_owned(), "DEVICE1".to_owned())]),
            lost: None,
            is_member: true,
            is_open: false,
            state,
            files: BTreeMap::new(),
            upload_size: 10 * 1024 * 1024,
            transactions: BTreeMap::new(),
            events: Vec::new(),
            relations: Vec::new(),
            page: 100,
            knows_newer: true,
            says_wait: Wait::Both,
            redacted: BTreeSet::new(),
            complaints: Vec::new(),
            calls: Vec::new(),
            script: Script::default(),
            spec: spec::Spec::load(),
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        FakeMatrix {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn target(&self) -> MatrixTarget {
        MatrixTarget {
            server: self.server.base_url(),
            room: ALIAS.to_owned(),
            token: Secret::new(TOKEN),
            join: false,
        }
    }
    /// The token is one of another login now, or of none.
    pub fn set_login(&self, token: &str, device: Option<&str>) {
        self.truth.with(|t| match device {
            Some(device) => drop(t.logins.insert(token.to_owned(), device.to_owned())),
            None => drop(t.logins.remove(token)),
        });
    }
    pub fn set_state(&self, kind: &str, content: Value) {
        self.truth
            .with(|t| drop(t.state.insert(kind.to_owned(), content)));
    }
    /// The account is outside; `open`: it may come in.
    pub fn leave(&self, open: bool) {
        self.truth
            .with(|t| (t.is_member, t.is_open) = (false, open));
    }
    pub fn is_member(&self) -> bool {
        self.truth.with(|t| t.is_member)
    }
    /// The server forgets every transaction id.
    pub fn forget(&self) {
        self.truth.with(|t| t.transactions.clear());
    }
    pub fn list_in_pages_of(&self, page: usize) {
        self.truth.with(|t| t.page = page);
    }
    pub fn be_older(&self) {
        self.truth.with(|t| t.knows_newer = false);
    }
    pub fn say_wait_in(&self, wait: Wait) {
        self.truth.with(|t| t.says_wait = wait);
    }
    pub fn relate(&self, event: &str, relation: &'static str, times: usize) {
        self.truth.with(|t| {
            for _ in 0..times {
                t.relations.push((event.to_owned(), relation));
            }
        });
    }
    /// Somebody else writes.
    pub fn chatter(&self, messages: usize) {
        let now = self.server.now();
        self.truth.with(|t| {
            for _ in 0..messages {
                let id = format!("$other{}", t.events.len());
                t.events.push(Event {
                    id,
                    device: "ELSE".into(),
                    txn: String::new(),
                    content: json!({"msgtype": "m.text", "body": "Chào"}),
                    at: now,
                });
            }
        });
    }
    /// Every content there is of ours, in order.
    pub fn contents(&self) -> Vec<Value> {
        let ours = |t: &mut Truth| {
            let ours = t.events.iter().filter(|e| e.device != "ELSE");
            ours.map(|e| e.content.clone()).collect()
        };
        self.truth.with(ours)
    }
    /// `METHOD name` of every call.
    pub fn calls(&self) -> Vec<String> {
        self.truth.with(|t| t.calls.clone())
    }
}

impl Place for FakeMatrix {
    fn target(&self) -> Target {
        Target::Matrix(FakeMatrix::target(self))
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    /// A text and the pictures sent with it are one post; what came twice is two.
    fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| t.posts())
    }
    fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    fn revoke(&self, how: Lost) {
        self.truth.with(|t| t.lost = Some(how));
    }
    fn restore(&self) {
        self.truth.with(|t| t.lost = None);
    }
    fn most_pictures(&self) -> usize {
        9
    }
}

impl Truth {
    fn posts(&self) -> Vec<Seen> {
        let mut posts: Vec<(Seen, BTreeSet<String>)> = Vec::new();
        for event in self.events.iter().filter(|e| e.device != "ELSE") {
            if self.redacted.contains(&event.id) {
                continue;
            }
            let (key, number) = event
                .txn
                .rsplit_once('-')
                .expect("a transaction of a share");
            let is_image = event.content["msgtype"] == "m.image";
            let text = event.content["body"].as_str().filter(|_| !is_image);
            let same = |(p, has): &&mut (Seen, BTreeSet<String>)| {
                p.key.as_deref() == Some(key) && !has.contains(number)
            };
            if let Some((post, has)) = posts.iter_mut().find(same) {
                post.id = format!("{},{}", post.id, event.id);
                post.pictures += usize::from(is_image);
                has.insert(number.to_owned());
                continue;
            }
            let seen = Seen {
                id: format!("{ROOM}/{}", event.id),
                key: Some(key.to_owned()),
                text: text.unwrap_or_default().to_owned(),
                link: None,
                pictures: usize::from(is_image),
                at: event.at,
                raw: event.content.clone(),
            };
            posts.push((seen, BTreeSet::from([number.to_owned()])));
        }
        posts.into_iter().map(|(post, _)| post).collect()
    }

    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let refuse = |status, code: &str, words: &str| {
            Reply::Answer(Response::json(
                status,
                &json!({"errcode": code, "error": words}),
            ))
        };
        if request.path == "/_matrix/client/v3/login" && request.method == "POST" {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let right = body["type"] == "m.login.password"
                && body["identifier"]["user"] == "raotin"
                && body["password"] == PASSWORD;
            if !right {
                return refuse(403, "M_FORBIDDEN", "Invalid username or password");
            }
            return Reply::Answer(Response::json(
                200,
                &json!({"user_id": USER, "access_token": TOKEN, "device_id": "DEVICE1"}),
            ));
        }
        let token = request
            .header("authorization")
            .and_then(|h| h.strip_prefix("Bearer "));
        let Some(token) = token else {
            self.complaints.push("no Bearer token".into());
            return refuse(401, "M_MISSING_TOKEN", "Missing access token");
        };
        if let Some(lost) = self.lost {
            let body = json!({
                "errcode": "M_UNKNOWN_TOKEN", "error": "Token is not active",
                "soft_logout": lost == Lost::Expired,
            });
            return Reply::Answer(Response::json(401, &body));
        }
        let Some(device) = self.logins.get(token).cloned() else {
            return refuse(401, "M_UNKNOWN_TOKEN", "Unrecognised access token");
        };
        if let Some(spec) = &self.spec {
            self.complaints.extend(spec.complaints(request));
        }
        let name = segments.get(3).copied().unwrap_or_default();
        self.calls.push(format!("{} {name}", request.method));
        match self.answer(request, &segments, &device, now) {
            Ok(reply) => reply,
            Err((status, code, words)) => {
                if !EXPECTED.contains(&code) {
                    self.complaints.push(format!("{code}: {words}"));
                }
                refuse(status, code, &words)
            }
        }
    }

    fn answer(
        &mut self,
        request: &Request,
        segments: &[&str],
        device: &str,
        now: Timestamp,
    ) -> Result<Reply, (u16, &'static str, String)> {
        let ok = |body: Value| Ok(Reply::Answer(Response::json(200, &body)));
        let forbidden = || (403, "M_FORBIDDEN", "You are not in the room".to_owned());
        let not_found = |what: &str| (404, "M_NOT_FOUND", what.to_owned());
        if segments.first() != Some(&"_matrix") {
            return Err((404, "M_UNRECOGNIZED", "no such path".into()));
        }
        let at_room = |room: &str| {
            (room == ROOM)
                .then_some(())
                .ok_or_else(|| not_found("no such room"))
        };
        match (request.method.as_str(), &segments[1..]) {
            ("GET", ["client", "v3", "account", "whoami"]) => {
                ok(json!({"user_id": USER, "device_id": device, "is_guest": false}))
            }
            ("GET", ["client", "v3", "joined_rooms"]) => ok(json!({"joined_rooms": [ROOM]})),
            ("GET", ["client", "v3", "directory", "room", alias]) => {
                if *alias != ALIAS {
                    return Err(not_found("no such alias"));
                }
                ok(json!({"room_id": ROOM, "servers": ["fake.vn"]}))
            }
            ("POST", ["client", "v3", "join", room]) => {
                body(request)?;
                if *room != ROOM && *room != ALIAS {
                    return Err(not_found("no such room"));
                }
                if !self.is_member && !self.is_open {
                    return Err((403, "M_FORBIDDEN", "You are not invited".into()));
                }
                self.is_member = true;
                ok(json!({"room_id": ROOM}))
            }
            ("GET", ["client", "v1", "media", "config"]) => {
                if !self.knows_newer {
                    return Err((404, "M_UNRECOGNIZED", "Unrecognized request".into()));
                }
                ok(json!({"m.upload.size": self.upload_size}))
            }
            ("GET", ["media", "v3", "config"]) => ok(json!({"m.upload.size": self.upload_size})),
            ("POST", ["media", "v3", "upload"]) => {
                let photo = photo::read(&request.body);
                if photo.is_none_or(|p| request.header("content-type") != Some(p.mime)) {
                    return Err((400, "M_BAD_JSON", "no picture".into()));
                }
                if request.body.len() > self.upload_size {
                    return Err((413, "M_TOO_LARGE", "too large".into()));
                }
                let uri = format!("mxc://fake.vn/file{}", self.files.len());
                self.files.insert(uri.clone(), request.body.len());
                ok(json!({"content_uri": uri}))
            }
            ("GET", ["client", "v3", "rooms", room, "state", kind, key]) => {
                at_room(room)?;
                if *kind == "m.room.member" {
                    if *key != USER {
                        return Err(not_found("no such member"));
                    }
                    if !self.is_member {
                        return Err(forbidden());
                    }
                    return ok(json!({"membership": "join"}));
                }
                if !self.is_member {
                    return Err(forbidden());
                }
                let found = self.state.get(*kind).filter(|_| key.is_empty());
                found
                    .cloned()
                    .map_or_else(|| Err(not_found("Event not found.")), ok)
            }
            ("GET", ["client", "v3", "rooms", room, "messages"]) => {
                at_room(room)?;
                if !self.is_member {
                    return Err(forbidden());
                }
                ok(self.messages(request, device)?)
            }
            ("GET", ["client", "v1", "rooms", room, "relations", event, relation]) => {
                at_room(room)?;
                if !self.events.iter().any(|e| e.id == *event) {
                    return Err(not_found("no such event"));
                }
                let count = self
                    .relations
                    .iter()
                    .filter(|(e, r)| e == event && r == relation)
                    .count();
                let from = query(request, "from").map_or(0, |f| f.parse().unwrap_or(0));
                let until = count.min(from + self.page);
                let mut page = json!({"chunk": vec![json!({"type": "m.reaction"}); until - from]});
                if until < count {
                    page["next_batch"] = json!(until.to_string());
                }
                ok(page)
            }
            ("PUT", ["client", "v3", "rooms", room, "redact", event, _]) => {
                at_room(room)?;
                body(request)?;
                let found = self.events.iter_mut().find(|e| e.id == *event);
                let found = found.ok_or_else(|| not_found("no such event"))?;
                self.redacted.insert(found.id.clone());
                found.content = json!({});
                ok(json!({"event_id": format!("$redaction-of-{}", found.id)}))
            }
            ("PUT", ["client", "v3", "rooms", room, "send", "m.room.message", txn]) => {
                at_room(room)?;
                self.send(request, device, txn, now)
            }
            (method, _) => Err((404, "M_UNRECOGNIZED", format!("{method} {}", request.path))),
        }
    }

    fn send(
        &mut self,
        request: &Request,
        device: &str,
        txn: &str,
        now: Timestamp,
    ) -> Result<Reply, (u16, &'static str, String)> {
        let content = body(request)?;
        if !self.is_member {
            return Err((403, "M_FORBIDDEN", "You are not in the room".to_owned()));
        }
        if let Err(why) = self.judge(&content) {
            return Err((400, "M_BAD_JSON", why));
        }
        if request.body.len() + FRAME > MAX_EVENT {
            return Err((413, "M_TOO_LARGE", "event too large".into()));
        }
        let failure = self.script.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return Ok(failure.reply(Response::json(200, &json!({})), self));
        }
        let login = (device.to_owned(), txn.to_owned());
        let id = match self.transactions.get(&login) {
            Some(id) => {
                let first = self.events.iter().find(|e| e.id == *id).expect("the event");
                if first.content != Value::Object(content) && !self.redacted.contains(id) {
                    self.complaints
                        .push(format!("{txn} came again with another content"));
                }
                id.clone()
            }
            None => {
                let id = format!("$event/{}+x", self.events.len());
                self.events.push(Event {
                    id: id.clone(),
                    device: device.to_owned(),
                    txn: txn.to_owned(),
                    content: content.into(),
                    at: now,
                });
                self.transactions.insert(login, id.clone());
                id
            }
        };
        let proper = Response::json(200, &json!({"event_id": id}));
        Ok(match failure {
            Some(failure) => failure.reply(proper, self),
            None => Reply::Answer(proper),
        })
    }

    /// Whether clients would show it as it is meant.
    fn judge(&self, content: &Map<String, Value>) -> Result<(), String> {
        let text = |name: &str| content.get(name).and_then(Value::as_str);
        let known: &[&str] = match text("msgtype") {
            Some("m.text") => &["format", "formatted_body"],
            Some("m.image") => &["url", "info", "filename"],
            other => return Err(format!("{other:?} is no kind of message")),
        };
        let general = [
            "msgtype",
            "body",
            "m.mentions",
            "m.relates_to",
            "raotin.share",
        ];
        let strange = content
            .keys()
            .find(|k| !known.contains(&k.as_str()) && !general.contains(&k.as_str()));
        if let Some(name) = strange {
            return Err(format!("{name} is of no use here"));
        }
        if text("body").is_none_or(|b| b.trim().is_empty()) {
            return Err("no body".into());
        }
        if content.get("m.mentions") != Some(&json!({})) {
            return Err("it may call people".into());
        }
        match (text("format"), text("formatted_body")) {
            (None, None) => {}
            (Some("org.matrix.custom.html"), Some(html)) => judge_html(html)?,
            other => return Err(format!("half a form: {other:?}")),
        }
        if text("msgtype") == Some("m.image") {
            let url = text("url").ok_or("no url")?;
            let size = self.files.get(url).ok_or("a file that is not here")?;
            if content["info"]["size"] != json!(size) {
                return Err("the size is not the file's".into());
            }
        }
        if let Some(relation) = content.get("m.relates_to") {
            let event = relation["m.in_reply_to"]["event_id"].as_str();
            if !self.events.iter().any(|e| Some(e.id.as_str()) == event) {
                return Err("it answers to nothing".into());
            }
        }
        Ok(())
    }

    /// Backwards from the newest, page by page.
    fn messages(
        &self,
        request: &Request,
        device: &str,
    ) -> Result<Value, (u16, &'static str, String)> {
        let bad = |words: &str| (400, "M_INVALID_PARAM", words.to_owned());
        if query(request, "dir") != Some("b") {
            return Err(bad("only backwards here"));
        }
        let limit = query(request, "limit").and_then(|l| l.parse::<usize>().ok());
        let limit = limit.ok_or_else(|| bad("no limit"))?.min(self.page);
        let from = query(request, "from").map_or(Ok(0), str::parse::<usize>);
        let from = from.map_err(|_| bad("no token of ours"))?;
        let told = |event: &Event| {
            let mut told = json!({
                "event_id": event.id, "type": "m.room.message", "sender": USER, "room_id": ROOM,
                "origin_server_ts": event.at.as_millisecond(), "content": event.content, "unsigned": {},
            });
            // Only the login that sent it is told its transaction.
            if event.device == device {
                told["unsigned"]["transaction_id"] = json!(event.txn);
            }
            told
        };
        let backwards: Vec<Value> = self.events.iter().rev().map(told).collect();
        let until = backwards.len().min(from + limit);
        let mut page =
            json!({"chunk": backwards[from.min(until)..until], "start": from.to_string()});
        if until < backwards.len() {
            page["end"] = json!(until.to_string());
        }
        Ok(page)
    }
}

/// Refusals that are the world's doing, not the sender's mistake.
const EXPECTED: [&str; 3] = ["M_FORBIDDEN", "M_NOT_FOUND", "M_UNRECOGNIZED"];

fn query<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let found = request.query.iter().find(|(n, _)| n == name);
    found.map(|(_, v)| v.as_str())
}

fn body(request: &Request) -> Result<Map<String, Value>, (u16, &'static str, String)> {
    let object = serde_json::from_slice(&request.body);
    object.map_err(|_| (400, "M_NOT_JSON", "the body is no JSON object".to_owned()))
}

/// Tags as clients let through, opened and closed in order, and nothing else that looks like one.
fn judge_html(html: &str) -> Result<(), String> {
    let mut open = Vec::new();
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').ok_or("a tag without an end")?;
        match tag {
            "br" => {}
            "strong" => open.push("strong"),
            t if t.starts_with("a href=\"http") && t.ends_with('"') => open.push("a"),
            t => {
                let last = open.pop().unwrap_or_default();
                if t.strip_prefix('/') != Some(last) {
                    return Err(format!("<{t}> is no tag of ours"));
                }
            }
        }
    }
    if open.is_empty() {
        Ok(())
    } else {
        Err(format!("{open:?} stay open"))
    }
}

impl Dialect for Truth {
    fn error(&self, status: u16) -> Response {
        Response::json(
            status,
            &json!({"errcode": "M_UNKNOWN", "error": "Internal server error"}),
        )
    }
    fn throttled(&self, seconds: u32) -> Response {
        let mut body = json!({"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"});
        if self.says_wait != Wait::Header {
            body["retry_after_ms"] = json!(seconds * 1000);
        }
        let answer = Response::json(429, &body);
        match self.says_wait {
            Wait::Body => answer,
            _ => answer.with("retry-after", seconds),
        }
    }
    fn ok_error(&self) -> Response {
        Response::json(200, &json!({"errcode": "M_UNKNOWN", "error": "something"}))
    }
}
