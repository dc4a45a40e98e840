//! Telegram's Bot API, as far as a publisher uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use raotin::clock::Clock;
use raotin::config::{Secret, Target, TelegramTarget};
use serde_json::{Map, Value, json};

use super::failure::{Dialect, Script};
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Failure, Kept, Seen, form, photo, spec};

pub const TOKEN: &str = "123456:FAKE-telegram-token";
pub const BOT_ID: i64 = 123_456;
pub const CHANNEL_ID: i64 = -1_001_234_567_890;

/// Every parameter of ours that each method knows: what is not here is rejected.
const KNOWN: [(&str, &[&str]); 8] = [
    ("getUpdates", &["allowed_updates"]),
    ("getMe", &[]),
    ("getChat", &["chat_id"]),
    ("getChatMember", &["chat_id", "user_id"]),
    (
        "sendMessage",
        &[
            "chat_id",
            "message_thread_id",
            "text",
            "entities",
            "link_preview_options",
            "disable_notification",
            "reply_parameters",
        ],
    ),
    (
        "sendPhoto",
        &[
            "chat_id",
            "message_thread_id",
            "photo",
            "caption",
            "caption_entities",
            "disable_notification",
            "reply_parameters",
        ],
    ),
    (
        "sendMediaGroup",
        &[
            "chat_id",
            "message_thread_id",
            "media",
            "disable_notification",
            "reply_parameters",
        ],
    ),
    ("deleteMessage", &["chat_id", "message_id"]),
];

/// By field name.
type Files = BTreeMap<String, form::Field>;

pub struct FakeTelegram {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    token: String,
    chat: Value,
    member: Value,
    /// Since the group was upgraded: its old id.
    moved_from: Option<i64>,
    /// What people wrote to the bot.
    written: Vec<(i64, String)>,
    next_id: i64,
    /// Every message there is; an album's share one post.
    messages: BTreeMap<i64, usize>,
    posts: Vec<Seen>,
    calls: Vec<(String, Map<String, Value>)>,
    complaints: Vec<String>,
    script: Script,
    spec: Option<spec::BotApi>,
}

impl FakeTelegram {
    /// A public channel `@tinbackan` where the bot may post.
    pub fn start(clock: Arc<dyn Clock>) -> FakeTelegram {
        let truth = Arc::new(Kept::new(Truth {
            token: TOKEN.to_owned(),
            chat: json!({"id": CHANNEL_ID, "type": "channel", "title": "Tin Bắc Kạn", "username": "tinbackan"}),
            member: json!({"status": "administrator", "can_post_messages": true}),
            moved_from: None,
            written: Vec::new(),
            next_id: 100,
            messages: BTreeMap::new(),
            posts: Vec::new(),
            calls: Vec::new(),
            complaints: Vec::new(),
            script: Script::default(),
            spec: spec::BotApi::load(),
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        FakeTelegram {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn base_url(&self) -> url::Url {
        self.server.base_url()
    }
    /// With sound, with previews, in no topic.
    pub fn target(&self) -> TelegramTarget {
        TelegramTarget {
            chat: "@tinbackan".to_owned(),
            token: Secret::new(TOKEN),
            topic: None,
            silent: false,
            preview: true,
            base_url: self.base_url(),
        }
    }
    /// Somebody writes to the bot, in a private chat of this number.
    pub fn write(&self, chat: i64, text: &str) {
        self.truth.with(|t| t.written.push((chat, text.to_owned())));
    }
    /// Another chat in place of the channel.
    pub fn set_chat(&self, chat: Value) {
        self.truth.with(|t| t.chat = chat);
    }
    pub fn set_member(&self, member: Value) {
        self.truth.with(|t| t.member = member);
    }
    pub fn set_token(&self, token: &str) {
        self.truth.with(|t| t.token = token.to_owned());
    }
    /// The group is upgraded: its old id only tells the new one.
    pub fn migrate_to_chat_id(&self, new: i64) {
        self.truth.with(|t| {
            t.moved_from = t.chat["id"].as_i64();
            t.chat["id"] = json!(new);
            t.chat["type"] = json!("supergroup");
        });
    }
    /// Everything that is really there, in order; an album is one.
    pub fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| {
            let there: BTreeSet<usize> = t.messages.values().copied().collect();
            let posts = t.posts.iter().enumerate();
            let kept = posts.filter(|(n, _)| there.contains(n));
            kept.map(|(_, seen)| seen.clone()).collect()
        })
    }
    /// Every well-formed call, in order.
    pub fn calls(&self) -> Vec<(String, Map<String, Value>)> {
        self.truth.with(|t| t.calls.clone())
    }
    pub fn messages(&self) -> usize {
        self.truth.with(|t| t.messages.len())
    }
    /// What was wrong with requests; empty when the sender is right.
    pub fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    /// Of the calls that show something.
    pub fn fail_next(&self, failure: Failure) {
        self.truth.with(|t| t.script.push(failure));
    }
    pub fn failures(&self, seed: u64, per_mille: u64) {
        self.truth.with(|t| t.script.chance(seed, per_mille));
    }
    pub fn behave(&self) {
        self.truth.with(|t| t.script.clear());
    }
}

impl Place for FakeTelegram {
    fn target(&self) -> Target {
        Target::Telegram(FakeTelegram::target(self))
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        FakeTelegram::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeTelegram::complaints(self)
    }
    fn revoke(&self, _how: Lost) {
        self.set_token("another");
    }
    fn restore(&self) {
        self.set_token(TOKEN);
    }
}

fn says(status: u16, description: &str) -> Response {
    Response::json(
        status,
        &json!({"ok": false, "error_code": status, "description": description}),
    )
}

fn ok(result: &Value) -> Response {
    Response::json(200, &json!({"ok": true, "result": result}))
}

impl Truth {
    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let Some((token, method)) = request
            .path
            .strip_prefix("/bot")
            .and_then(|p| p.split_once('/'))
        else {
            return Reply::Answer(says(404, "Not Found"));
        };
        if token != self.token {
            return Reply::Answer(says(401, "Unauthorized"));
        }
        let Some((_, known)) = KNOWN.iter().find(|(name, _)| *name == method) else {
            self.complaints.push(format!("unknown method {method}"));
            return Reply::Answer(says(404, "Not Found"));
        };
        let (fields, files) = match read(request) {
            Ok(read) => read,
            Err(why) => {
                self.complaints.push(why.clone());
                return Reply::Answer(says(400, &format!("Bad Request: {why}")));
            }
        };
        for name in fields.keys().filter(|n| !known.contains(&n.as_str())) {
            self.complaints.push(format!("{method} knows no {name}"));
        }
        if let Some(spec) = &self.spec {
            self.complaints.extend(spec.complaints(method, &fields));
        }
        self.calls.push((method.to_owned(), fields.clone()));
        match self.answer(method, &fields, &files, now) {
            Ok(reply) => reply,
            Err((status, description)) => {
                if status == 400 && !EXPECTED.iter().any(|e| description.contains(e)) {
                    self.complaints.push(description.clone());
                }
                Reply::Answer(says(status, &description))
            }
        }
    }

    fn answer(
        &mut self,
        method: &str,
        fields: &Map<String, Value>,
        files: &Files,
        now: Timestamp,
    ) -> Result<Reply, (u16, String)> {
        let bad = |why: String| (400, format!("Bad Request: {why}"));
        if method == "getMe" {
            let me = json!({"id": BOT_ID, "is_bot": true, "first_name": "raotin", "username": "raotin_bot"});
            return Ok(Reply::Answer(ok(&me)));
        }
        if method == "getUpdates" {
            let seen = json!([
                {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private", "first_name": "Lan"}}},
                {"update_id": 2, "my_chat_member": {"chat": self.chat, "date": 0}},
                {"update_id": 3, "channel_post": {"message_id": 2, "date": 0, "chat": self.chat}},
            ]);
            let mut seen = seen.as_array().cloned().unwrap_or_default();
            for (n, (chat, text)) in self.written.iter().enumerate() {
                seen.push(json!({"update_id": 10 + n, "message": {"message_id": 10 + n, "date": 0, "text": text,
                    "chat": {"id": chat, "type": "private", "first_name": "Lan"}}}));
            }
            return Ok(Reply::Answer(ok(&json!(seen))));
        }
        if let Some(moved) = self.chat_of(fields)? {
            return Ok(Reply::Answer(moved));
        }
        match method {
            "getChat" => return Ok(Reply::Answer(ok(&self.chat))),
            "getChatMember" => {
                if fields.get("user_id") != Some(&json!(BOT_ID)) {
                    return Err(bad("user not found".into()));
                }
                return Ok(Reply::Answer(ok(&self.member)));
            }
            "deleteMessage" => {
                let id = fields.get("message_id").and_then(Value::as_i64);
                let id = id.ok_or_else(|| bad("message identifier is not specified".into()))?;
                if self.messages.remove(&id).is_none() {
                    return Err(bad("message to delete not found".into()));
                }
                return Ok(Reply::Answer(ok(&json!(true))));
            }
            _ => {}
        }
        let seen = self.judge(method, fields, files).map_err(bad)?;
        let failure = self.script.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return Ok(failure.reply(ok(&json!({})), &Bot));
        }
        let result = self.take(method, seen, now);
        Ok(match failure {
            Some(failure) => failure.reply(ok(&result), &Bot),
            None => Reply::Answer(ok(&result)),
        })
    }

    /// The answer that the chat has moved, if it has.
    fn chat_of(&self, fields: &Map<String, Value>) -> Result<Option<Response>, (u16, String)> {
        let asked = fields.get("chat_id").cloned().unwrap_or_default();
        let asked = asked.as_str().map_or(asked.clone(), |text| {
            text.parse::<i64>().map_or(json!(text), |id| json!(id))
        });
        let name = self.chat["username"].as_str().map(|n| format!("@{n}"));
        if asked == self.chat["id"] || name.is_some_and(|n| asked == n.as_str()) {
            return Ok(None);
        }
        if self.moved_from.is_some() && asked.as_i64() == self.moved_from {
            return Ok(Some(Response::json(
                400,
                &json!({
                    "ok": false, "error_code": 400,
                    "description": "Bad Request: group chat was upgraded to a supergroup chat",
                    "parameters": {"migrate_to_chat_id": self.chat["id"]},
                }),
            )));
        }
        Err((400, "Bad Request: chat not found".to_owned()))
    }

    /// Whether the real one would take it, and what would be seen.
    fn judge(
        &self,
        method: &str,
        fields: &Map<String, Value>,
        files: &Files,
    ) -> Result<Seen, String> {
        if let Some(topic) = fields.get("message_thread_id")
            && (topic.as_i64().is_none() || self.chat["is_forum"] != true)
        {
            return Err("message thread not found".into());
        }
        if fields
            .get("disable_notification")
            .is_some_and(|v| !v.is_boolean())
        {
            return Err("disable_notification is no Boolean".into());
        }
        if let Some(reply) = fields.get("reply_parameters") {
            let id = reply["message_id"]
                .as_i64()
                .ok_or("no message to reply to")?;
            if !self.messages.contains_key(&id) && reply["allow_sending_without_reply"] != true {
                return Err("message to be replied not found".into());
            }
        }
        let mut used = Vec::new();
        let (text, entities) = match method {
            "sendMessage" => {
                let text = fields.get("text").and_then(Value::as_str).unwrap_or("");
                if text.trim().is_empty() {
                    return Err("message text is empty".into());
                }
                if text.encode_utf16().count() > 4096 {
                    return Err("message is too long".into());
                }
                (text, fields.get("entities"))
            }
            "sendPhoto" => {
                used.push(attached(fields.get("photo"), files)?);
                let caption = fields.get("caption").and_then(Value::as_str);
                (caption.unwrap_or(""), fields.get("caption_entities"))
            }
            _ => {
                let media = fields.get("media").and_then(Value::as_array);
                let media = media.ok_or("media is no list")?;
                if !(2..=10).contains(&media.len()) {
                    return Err(format!("an album of {} items", media.len()));
                }
                for item in media {
                    if item["type"] != "photo" {
                        return Err("only photos are known here".into());
                    }
                    used.push(attached(item.get("media"), files)?);
                }
                if media[1..].iter().any(|i| i.get("caption").is_some()) {
                    return Err("a caption that nobody sees".into());
                }
                let caption = media[0].get("caption").and_then(Value::as_str);
                (caption.unwrap_or(""), media[0].get("caption_entities"))
            }
        };
        if method != "sendMessage" && text.encode_utf16().count() > 1024 {
            return Err("message caption is too long".into());
        }
        if used.len() != files.len() || files.keys().any(|f| !used.contains(f)) {
            return Err("files that nothing names, or one named twice".into());
        }
        if let Some(entities) = entities {
            judge_entities(text, entities)?;
        }
        if let Some(preview) = fields.get("link_preview_options") {
            let known = [
                "is_disabled",
                "url",
                "prefer_large_media",
                "show_above_text",
            ];
            let object = preview
                .as_object()
                .ok_or("link_preview_options is no object")?;
            if let Some(other) = object.keys().find(|k| !known.contains(&k.as_str())) {
                return Err(format!("link_preview_options knows no {other}"));
            }
        }
        let link = fields.get("link_preview_options");
        Ok(Seen {
            id: String::new(),
            key: None,
            text: text.to_owned(),
            link: link.and_then(|l| l["url"].as_str()).map(str::to_owned),
            pictures: used.len(),
            at: Timestamp::UNIX_EPOCH,
            raw: json!({"method": method, "fields": fields}),
        })
    }

    fn take(&mut self, method: &str, seen: Seen, now: Timestamp) -> Value {
        let count = i64::try_from(seen.pictures.max(1)).expect("few");
        let ids: Vec<i64> = (self.next_id..self.next_id + count).collect();
        self.next_id += count;
        let message = |id: &i64| json!({"message_id": id, "date": now.as_second(), "chat": self.chat, "text": seen.text});
        let messages: Vec<Value> = ids.iter().map(message).collect();
        let spelled: Vec<_> = ids.iter().map(i64::to_string).collect();
        let number = self.posts.len();
        self.messages.extend(ids.iter().map(|id| (*id, number)));
        self.posts.push(Seen {
            id: format!("{}/{}", self.chat["id"], spelled.join(",")),
            at: now,
            ..seen
        });
        if method == "sendMediaGroup" {
            messages.into()
        } else {
            messages.into_iter().next().expect("one")
        }
    }
}

/// Refusals that are the world's doing, not the sender's mistake.
const EXPECTED: [&str; 3] = [
    "chat not found",
    "message to delete not found",
    "user not found",
];

/// The fields as JSON values, whatever form they came in, and the files.
fn read(request: &Request) -> Result<(Map<String, Value>, Files), String> {
    if request.method != "POST" || !request.query.is_empty() {
        return Err("only POST without a query is spoken here".into());
    }
    let kind = request.header("content-type").unwrap_or("");
    if kind.starts_with("application/json") {
        let fields = serde_json::from_slice(&request.body).map_err(|_| "no JSON object")?;
        return Ok((fields, BTreeMap::new()));
    }
    let mut fields = Map::new();
    let mut files = BTreeMap::new();
    for field in form::fields(request)? {
        if field.is_file() {
            files.insert(field.name.clone(), field);
        } else {
            let text = field.text();
            // Texts stay texts: a caption of digits is no number.
            let is_text = matches!(field.name.as_str(), "text" | "caption" | "photo");
            let parsed = serde_json::from_str(&text).ok().filter(|_| !is_text);
            fields.insert(field.name, parsed.unwrap_or(Value::String(text)));
        }
    }
    Ok((fields, files))
}

fn attached(value: Option<&Value>, files: &Files) -> Result<String, String> {
    let name = value
        .and_then(Value::as_str)
        .and_then(|v| v.strip_prefix("attach://"))
        .ok_or("a photo that is not attached")?;
    let file = files
        .get(name)
        .ok_or("an attached file that is not there")?;
    if file.bytes.len() > 10_000_000 {
        return Err("the photo is too big".into());
    }
    let types = ["image/png", "image/jpeg", "image/webp"];
    let photo = photo::read(&file.bytes).filter(|p| types.contains(&p.mime));
    let photo = photo.filter(|p| file.mime.as_deref() == Some(p.mime));
    let photo = photo.ok_or("IMAGE_PROCESS_FAILED")?;
    let (long, short) = (photo.width.max(photo.height), photo.width.min(photo.height));
    if long + short > 10_000 || long > 20 * short {
        return Err("PHOTO_INVALID_DIMENSIONS".into());
    }
    Ok(name.to_owned())
}

fn judge_entities(text: &str, entities: &Value) -> Result<(), String> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let splits = |at: usize| at < units.len() && (0xDC00..0xE000).contains(&units[at]);
    for entity in entities.as_array().ok_or("entities are no list")? {
        let number = |name: &str| {
            let n = entity[name].as_u64().and_then(|n| usize::try_from(n).ok());
            n.ok_or_else(|| format!("an entity without {name}"))
        };
        let (offset, length) = (number("offset")?, number("length")?);
        if length == 0 || offset + length > units.len() {
            return Err(format!("an entity at {offset}+{length} of {}", units.len()));
        }
        if splits(offset) || splits(offset + length) {
            return Err("an entity that cuts a letter in two".into());
        }
        let covered = String::from_utf16_lossy(&units[offset..offset + length]);
        match entity["type"].as_str() {
            Some("bold") => {}
            Some("url") if covered.starts_with("http") => {}
            Some("hashtag") if covered.starts_with('#') => {}
            other => return Err(format!("«{covered}» is no {other:?}")),
        }
    }
    Ok(())
}

struct Bot;

impl Dialect for Bot {
    fn error(&self, status: u16) -> Response {
        says(status, "Internal Server Error")
    }
    fn throttled(&self, seconds: u32) -> Response {
        Response::json(
            429,
            &json!({
                "ok": false, "error_code": 429,
                "description": format!("Too Many Requests: retry after {seconds}"),
                "parameters": {"retry_after": seconds},
            }),
        )
    }
    fn ok_error(&self) -> Response {
        Response::json(
            200,
            &json!({"ok": false, "error_code": 400, "description": "Bad Request: something"}),
        )
    }
}
