//! A personal data server of Bluesky's, as far as publishing goes: sessions that end, app passwords that
//! are taken back, blobs, records by name, `swapRecord`. What it refuses the real one refuses too (seen
//! on PDS 0.4.217); where `RAOTIN_SPECS` names the folder, every record is judged by the lexicons too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use raotin::clock::Clock;
use raotin::config::{BlueskyTarget, Secret, Target};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use unicode_segmentation::UnicodeSegmentation as _;

use super::failure::{Dialect, Script};
use super::lexicon::Lexicons;
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Failure, Kept, Seen, photo};

pub const HANDLE: &str = "chodon.test";
pub const DID: &str = "did:plc:chodonchodonchodonchodon";
pub const PASSWORD: &str = "abcd-efgh-ijkl-mnop";
/// Whom mentions may name.
pub const FRIEND: (&str, &str) = ("tinbackan.test", "did:plc:tinbackantinbackantinbac");
/// As the real one gives them out.
const ACCESS_LASTS: SignedDuration = SignedDuration::from_hours(2);
const COLLECTION: &str = "app.bsky.feed.post";

pub struct FakeBluesky {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    password: String,
    /// Access token → until when.
    access: BTreeMap<String, Timestamp>,
    /// Good once.
    refresh: BTreeSet<String>,
    made: usize,
    logins: usize,
    renewals: usize,
    blobs: BTreeMap<String, usize>,
    /// By name, in the order in which they came.
    records: Vec<(String, Value, Timestamp)>,
    complaints: Vec<String>,
    script: Script,
    lexicons: Option<Lexicons>,
    active: bool,
}

type Answered = Result<Value, (u16, &'static str, String)>;

impl FakeBluesky {
    pub fn start(clock: Arc<dyn Clock>) -> FakeBluesky {
        let truth = Arc::new(Kept::new(Truth {
            password: PASSWORD.to_owned(),
            access: BTreeMap::new(),
            refresh: BTreeSet::new(),
            made: 0,
            logins: 0,
            renewals: 0,
            blobs: BTreeMap::new(),
            records: Vec::new(),
            complaints: Vec::new(),
            script: Script::default(),
            lexicons: Lexicons::load(),
            active: true,
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        FakeBluesky {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn target(&self) -> Target {
        Target::Bluesky(BlueskyTarget {
            handle: HANDLE.to_owned(),
            password: Secret::new(PASSWORD),
            lang: "vi".to_owned(),
            base_url: self.server.base_url(),
        })
    }
    /// Everything it really has, in order.
    pub fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| t.records.iter().map(seen).collect())
    }
    pub fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    pub fn fail_next(&self, failure: Failure) {
        self.truth.with(|t| t.script.push(failure));
    }
    pub fn failures(&self, seed: u64, per_mille: u64) {
        self.truth.with(|t| t.script.chance(seed, per_mille));
    }
    pub fn behave(&self) {
        self.truth.with(|t| t.script.clear());
    }
    /// Every session's access ends now; it can be renewed.
    pub fn expire(&self) {
        self.truth.with(|t| {
            t.access
                .values_mut()
                .for_each(|until| *until = Timestamp::UNIX_EPOCH);
        });
    }
    /// Sessions cannot be renewed any more.
    pub fn forget_renewals(&self) {
        self.truth.with(|t| t.refresh.clear());
    }
    /// The app password is taken back, and with it its sessions.
    pub fn revoke(&self) {
        self.truth.with(|t| {
            t.password = "another".to_owned();
            t.access.clear();
            t.refresh.clear();
        });
    }
    pub fn deactivate(&self) {
        self.truth.with(|t| t.active = false);
    }
    /// Somebody changes a post there.
    pub fn rewrite(&self, id: &str, text: &str) {
        self.truth.with(|t| {
            let found = t.records.iter_mut().find(|r| uri(&r.0) == id);
            found.expect("a post").1["text"] = json!(text);
        });
    }
    /// Logins and renewals so far.
    pub fn sessions(&self) -> (usize, usize) {
        self.truth.with(|t| (t.logins, t.renewals))
    }
}

impl Place for FakeBluesky {
    fn target(&self) -> Target {
        FakeBluesky::target(self)
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        FakeBluesky::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeBluesky::complaints(self)
    }
    fn revoke(&self, how: Lost) {
        match how {
            Lost::Expired => self.expire(),
            Lost::Revoked => FakeBluesky::revoke(self),
        }
    }
    fn restore(&self) {
        self.truth.with(|t| t.password = PASSWORD.to_owned());
    }
    fn renews(&self) -> bool {
        true
    }
    fn most_pictures(&self) -> usize {
        4
    }
}

fn uri(rkey: &str) -> String {
    format!("at://{DID}/{COLLECTION}/{rkey}")
}

/// Not the real one's, but as long, and another for every content.
fn cid(value: &Value) -> String {
    let digest = Sha256::digest(value.to_string().as_bytes());
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    let letters = hex
        .chars()
        .map(|c| char::from(b'a' + c.to_digit(16).expect("hex") as u8));
    format!("bafyrei{}", letters.take(52).collect::<String>())
}

fn seen((rkey, record, at): &(String, Value, Timestamp)) -> Seen {
    let embed = &record["embed"];
    let card = embed["external"]["uri"].as_str();
    Seen {
        id: uri(rkey),
        key: Some(rkey.clone()),
        text: record["text"].as_str().unwrap_or("").to_owned(),
        link: card.map(str::to_owned),
        pictures: embed["images"].as_array().map_or(0, Vec::len)
            + usize::from(embed["external"]["thumb"].is_object()),
        at: *at,
        raw: record.clone(),
    }
}

fn bad(name: &'static str, message: impl Into<String>) -> (u16, &'static str, String) {
    let status = match name {
        "AuthMissing" | "AuthenticationRequired" | "AccountTakedown" => 401,
        "PayloadTooLarge" => 413,
        _ => 400,
    };
    (status, name, message.into())
}

impl Truth {
    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let Some(method) = request.path.strip_prefix("/xrpc/") else {
            self.complaints
                .push(format!("nobody asks {}", request.path));
            return Reply::Close;
        };
        let writes = matches!(
            method,
            "com.atproto.repo.putRecord" | "com.atproto.repo.deleteRecord"
        );
        let failure = if writes { self.script.take() } else { None };
        let dialect = Pds { now };
        if failure.as_ref().is_some_and(|f| !f.takes()) {
            let proper = Response::json(200, &json!({}));
            return failure.map_or(Reply::Close, |f| f.reply(proper, &dialect));
        }
        let proper = match self.answer(method, request, now) {
            Ok(value) => Response::json(200, &value),
            Err((status, name, message)) => {
                Response::json(status, &json!({"error": name, "message": message}))
            }
        };
        match failure {
            Some(failure) => failure.reply(proper, &dialect),
            None => Reply::Answer(proper),
        }
    }

    fn answer(&mut self, method: &str, request: &Request, now: Timestamp) -> Answered {
        let query = matches!(
            method,
            "com.atproto.repo.getRecord"
                | "com.atproto.server.getSession"
                | "com.atproto.identity.resolveHandle"
                | "app.bsky.feed.getPosts"
        );
        if query != (request.method == "GET") {
            self.complaints
                .push(format!("{method} is no {}", request.method));
        }
        let param = |name: &str| {
            let found = request.query.iter().find(|(n, _)| n == name);
            found.map(|(_, v)| v.clone()).unwrap_or_default()
        };
        match method {
            "com.atproto.server.createSession" => {
                let body = self.body(request, &["identifier", "password"])?;
                self.log_in(&body, now)
            }
            "com.atproto.server.refreshSession" => self.renew(request, now),
            "com.atproto.server.getSession" => {
                self.allowed(request, now)?;
                let mut who = json!({"did": DID, "handle": HANDLE, "active": self.active, "emailConfirmed": true});
                if !self.active {
                    who["status"] = json!("deactivated");
                }
                Ok(who)
            }
            "com.atproto.identity.resolveHandle" => match param("handle").as_str() {
                HANDLE => Ok(json!({"did": DID})),
                handle if handle == FRIEND.0 => Ok(json!({"did": FRIEND.1})),
                _ => Err(bad("InvalidRequest", "Unable to resolve handle")),
            },
            "com.atproto.repo.uploadBlob" => {
                self.allowed(request, now)?;
                let mime = request.header("content-type").unwrap_or("").to_owned();
                if photo::read(&request.body).is_none_or(|p| p.mime != mime) {
                    self.complaints.push(format!("a blob of type «{mime}»"));
                }
                if request.body.len() > 2_000_000 {
                    return Err(bad("PayloadTooLarge", "This file is too large"));
                }
                let digest = cid(&json!(request.body));
                let name = digest.replacen("bafyrei", "bafkrei", 1);
                self.blobs.insert(name.clone(), request.body.len());
                Ok(
                    json!({"blob": {"$type": "blob", "ref": {"$link": name}, "mimeType": mime, "size": request.body.len()}}),
                )
            }
            "com.atproto.repo.getRecord" => {
                let (repo, collection, rkey) = (param("repo"), param("collection"), param("rkey"));
                if (repo != DID && repo != HANDLE) || collection != COLLECTION {
                    return Err(bad("InvalidRequest", "Could not find repo"));
                }
                match self.records.iter().find(|r| r.0 == rkey) {
                    Some((_, value, _)) => {
                        Ok(json!({"uri": uri(&rkey), "cid": cid(value), "value": value}))
                    }
                    None => Err(bad(
                        "RecordNotFound",
                        format!("Could not locate record: {}", uri(&rkey)),
                    )),
                }
            }
            "com.atproto.repo.putRecord" => {
                self.allowed(request, now)?;
                let body = self.body(
                    request,
                    &[
                        "repo",
                        "collection",
                        "rkey",
                        "validate",
                        "record",
                        "swapRecord",
                    ],
                )?;
                self.put(&body, now)
            }
            "com.atproto.repo.deleteRecord" => {
                self.allowed(request, now)?;
                let body = self.body(request, &["repo", "collection", "rkey"])?;
                let rkey = body["rkey"].as_str().unwrap_or("").to_owned();
                self.records.retain(|r| r.0 != rkey);
                Ok(json!({}))
            }
            "app.bsky.feed.getPosts" => {
                self.allowed(request, now)?;
                let wanted = param("uris");
                let found = self.records.iter().filter(|r| uri(&r.0) == wanted);
                let posts: Vec<Value> = found
                    .map(|r| json!({"uri": uri(&r.0), "cid": cid(&r.1), "likeCount": 3, "repostCount": 2, "quoteCount": 1, "replyCount": 4}))
                    .collect();
                Ok(json!({"posts": posts}))
            }
            other => {
                self.complaints.push(format!("nobody asks {other}"));
                Err((
                    501,
                    "MethodNotImplemented",
                    "Method Not Implemented".to_owned(),
                ))
            }
        }
    }

    fn body(&mut self, request: &Request, known: &[&str]) -> Answered {
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|_| bad("InvalidRequest", "Unable to parse the body"))?;
        for name in body.as_object().map(|o| o.keys()).into_iter().flatten() {
            if !known.contains(&name.as_str()) {
                self.complaints
                    .push(format!("{} takes no {name}", request.path));
            }
        }
        if let (Some(lexicons), Some(method)) =
            (&self.lexicons, request.path.strip_prefix("/xrpc/"))
        {
            self.complaints
                .extend(lexicons.input_complaints(method, &body));
        }
        Ok(body)
    }

    fn log_in(&mut self, body: &Value, now: Timestamp) -> Answered {
        self.logins += 1;
        let who = body["identifier"].as_str().unwrap_or("");
        if (who != HANDLE && who != DID) || body["password"] != json!(self.password) {
            return Err(bad(
                "AuthenticationRequired",
                "Invalid identifier or password",
            ));
        }
        Ok(self.pair(now))
    }

    fn renew(&mut self, request: &Request, now: Timestamp) -> Answered {
        let token = bearer(request)?;
        if self.access.contains_key(&token) {
            self.complaints
                .push("an access token renews nothing".to_owned());
        }
        self.renewals += 1;
        if !self.refresh.remove(&token) {
            return Err(bad("ExpiredToken", "Token has been revoked"));
        }
        Ok(self.pair(now))
    }

    fn pair(&mut self, now: Timestamp) -> Value {
        self.made += 1;
        let payload =
            URL_SAFE_NO_PAD.encode(json!({"scope": "com.atproto.appPass", "sub": DID}).to_string());
        let access = format!("e30.{payload}.access{}", self.made);
        let refresh = format!("e30.{payload}.refresh{}", self.made);
        self.access.insert(access.clone(), now + ACCESS_LASTS);
        self.refresh.insert(refresh.clone());
        json!({"accessJwt": access, "refreshJwt": refresh, "did": DID, "handle": HANDLE, "active": self.active})
    }

    fn allowed(
        &mut self,
        request: &Request,
        now: Timestamp,
    ) -> Result<(), (u16, &'static str, String)> {
        let token = bearer(request)?;
        match self.access.get(&token) {
            Some(until) if *until > now => Ok(()),
            Some(_) => Err(bad("ExpiredToken", "Token has expired")),
            None => Err(bad("InvalidToken", "Token could not be verified")),
        }
    }

    fn put(&mut self, body: &Value, now: Timestamp) -> Answered {
        let rkey = body["rkey"].as_str().unwrap_or("").to_owned();
        let record = &body["record"];
        if (body["repo"] != DID && body["repo"] != HANDLE) || body["collection"] != COLLECTION {
            return Err(bad("InvalidRequest", "not this account's posts"));
        }
        if !is_tid(&rkey) {
            return Err(bad("InvalidRequest", format!("Invalid TID string: {rkey}")));
        }
        self.judge(record).map_err(|why| {
            bad(
                "InvalidRequest",
                format!("Invalid {COLLECTION} record: {why}"),
            )
        })?;
        if let Some(lexicons) = &self.lexicons {
            self.complaints
                .extend(lexicons.record_complaints(COLLECTION, record));
        }
        let answer = json!({"uri": uri(&rkey), "cid": cid(record), "validationStatus": "valid"});
        if let Some((_, there, _)) = self.records.iter().find(|r| r.0 == rkey) {
            if there == record {
                return Ok(answer);
            }
            // It would be replaced.
            if body.get("swapRecord").is_none() {
                self.complaints
                    .push(format!("the post {rkey} was to be replaced without a look"));
            }
            return Err(bad("InvalidSwap", format!("Record was at {}", cid(there))));
        }
        self.records.push((rkey, record.clone(), now));
        Ok(answer)
    }

    /// What the real server's validation refuses, written from the lexicon by hand.
    fn judge(&self, record: &Value) -> Result<(), String> {
        let object = record.as_object().ok_or("no record")?;
        let known = [
            "$type",
            "text",
            "createdAt",
            "langs",
            "facets",
            "embed",
            "reply",
        ];
        if let Some(other) = object.keys().find(|k| !known.contains(&k.as_str())) {
            return Err(format!("unknown field {other}"));
        }
        let text = record["text"].as_str().ok_or("text must be a string")?;
        let graphemes = text.graphemes(true).count();
        if graphemes > 300 {
            return Err(format!(
                "grapheme too big (maximum 300, got {graphemes}) at $.record.text"
            ));
        }
        if text.len() > 3000 {
            return Err(format!(
                "string too big (maximum 3000, got {}) at $.record.text",
                text.len()
            ));
        }
        let created = record["createdAt"].as_str().unwrap_or("");
        if record["$type"] != COLLECTION
            || created.parse::<Timestamp>().is_err()
            || !created.ends_with('Z')
        {
            return Err("$type or createdAt".to_owned());
        }
        if text.is_empty() && record.get("embed").is_none() {
            return Err("a post without anything".to_owned());
        }
        for facet in record["facets"].as_array().into_iter().flatten() {
            let place = |name: &str| {
                facet["index"][name]
                    .as_u64()
                    .and_then(|n| usize::try_from(n).ok())
            };
            let (start, end) = (
                place("byteStart").ok_or("byteStart")?,
                place("byteEnd").ok_or("byteEnd")?,
            );
            let inside = text.get(start..end).filter(|t| !t.is_empty());
            let inside = inside.ok_or(format!("the facet {start}..{end} cuts a letter"))?;
            let feature = &facet["features"][0];
            let fits = match feature["$type"].as_str().unwrap_or("") {
                "app.bsky.richtext.facet#link" => {
                    feature["uri"].as_str().is_some_and(|u| u.ends_with(inside))
                }
                "app.bsky.richtext.facet#tag" => feature["tag"]
                    .as_str()
                    .is_some_and(|t| inside.ends_with(t) || inside.eq_ignore_ascii_case(t)),
                "app.bsky.richtext.facet#mention" => feature["did"]
                    .as_str()
                    .is_some_and(|d| inside.starts_with('@') && [DID, FRIEND.1].contains(&d)),
                _ => false,
            };
            if !fits {
                return Err(format!("the facet on «{inside}» is {feature}"));
            }
        }
        let embed = &record["embed"];
        let mut blobs: Vec<(&Value, usize)> = Vec::new();
        for image in embed["images"].as_array().into_iter().flatten() {
            if !image["alt"].is_string() {
                return Err("alt must be a string".to_owned());
            }
            blobs.push((&image["image"], 2_000_000));
        }
        if blobs.len() > 4 {
            return Err("array too big (maximum 4)".to_owned());
        }
        let external = &embed["external"];
        if external.is_object()
            && !(external["uri"].is_string()
                && external["title"].is_string()
                && external["description"].is_string())
        {
            return Err("an external needs uri, title and description".to_owned());
        }
        if external["thumb"].is_object() {
            blobs.push((&external["thumb"], 1_000_000));
        }
        for (blob, most) in blobs {
            let name = blob["ref"]["$link"].as_str().unwrap_or("");
            match self.blobs.get(name) {
                None => return Err(format!("Could not find blob: {name}")),
                Some(size) if *size > most => return Err(format!("blob too large: {size}")),
                Some(_) => {}
            }
        }
        for end in ["root", "parent"] {
            let strong = &record["reply"][end];
            if record["reply"].is_object() {
                let found = self.records.iter().find(|r| strong["uri"] == uri(&r.0));
                if found.is_none_or(|r| strong["cid"] != cid(&r.1)) {
                    return Err(format!("{strong} is no post here"));
                }
            }
        }
        Ok(())
    }
}

fn bearer(request: &Request) -> Result<String, (u16, &'static str, String)> {
    let header = request
        .header("authorization")
        .and_then(|h| h.strip_prefix("Bearer "));
    header
        .map(str::to_owned)
        .ok_or(bad("AuthMissing", "Authentication Required"))
}

fn is_tid(text: &str) -> bool {
    text.len() == 13
        && text.starts_with(|c| ('2'..='7').contains(&c) || ('a'..='j').contains(&c))
        && text
            .chars()
            .all(|c| ('2'..='7').contains(&c) || c.is_ascii_lowercase())
}

struct Pds {
    now: Timestamp,
}

impl Dialect for Pds {
    fn error(&self, status: u16) -> Response {
        let name = match status {
            502 => "UpstreamFailure",
            408 => "RequestTimeout",
            _ => "InternalServerError",
        };
        Response::json(
            status,
            &json!({"error": name, "message": "Internal Server Error"}),
        )
    }
    fn throttled(&self, seconds: u32) -> Response {
        let reset = self.now.as_second() + i64::from(seconds);
        Response::json(
            429,
            &json!({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}),
        )
        .with("ratelimit-limit", 5000)
        .with("ratelimit-remaining", 0)
        .with("ratelimit-reset", reset)
        .with("ratelimit-policy", "5000;w=3600")
    }
    fn ok_error(&self) -> Response {
        Response::json(
            200,
            &json!({"error": "InvalidRequest", "message": "not today"}),
        )
    }
}
