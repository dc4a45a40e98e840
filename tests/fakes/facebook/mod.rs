//! A Facebook Page behind the Graph API, as far as a publisher uses it.

use std::collections::BTreeMap;
use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use raotin::clock::Clock;
use raotin::config::{FacebookPageTarget, Secret, Target};
use serde_json::{Value, json};
use sha2::Sha256;

use super::failure::Script;
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Failure, Kept, Seen, form, spec};

mod words;

use words::{Graph, Refused, error, invalid, judge_photo, judge_text, no_such_object};

pub const PAGE: &str = "104872345678901";
pub const TOKEN: &str = "EAAFAKEpagetoken";
/// A person's, who may post to the Page.
pub const USER_TOKEN: &str = "EAAFAKEusertoken";
pub const APP_ID: &str = "778899";
pub const APP_SECRET: &str = "fake-app-secret-0123";
pub const VERSION: &str = "v25.0";

/// Every parameter of ours that each call knows, `attached_media[n]` and the general ones apart.
const KNOWN: [(&str, &str, &[&str]); 7] = [
    ("GET", "accounts", &["fields", "limit"]),
    ("POST", "feed", &["message", "link", "published"]),
    (
        "POST",
        "photos",
        &["message", "alt_text_custom", "published"],
    ),
    (
        "GET",
        "published_posts",
        &["fields", "limit", "since", "after"],
    ),
    ("GET", "", &["fields"]),
    ("GET", "debug_token", &["input_token"]),
    ("DELETE", "", &[]),
];

/// Method, edge, parameters without credentials.
pub type Call = (String, String, Vec<(String, String)>);

pub struct FakeFacebook {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    next_id: u64,
    posts: Vec<Post>,
    /// Uploaded, shown by no post.
    photos: BTreeMap<String, Vec<u8>>,
    /// Reads of the list so far, and how many a new post stays off it.
    reads: usize,
    late_by: usize,
    page_of_list: usize,
    /// The list's last page says that there is another, and it is the same.
    circle: bool,
    usage: Option<(String, String)>,
    debug: Value,
    page: Value,
    /// Said to every call with the token.
    token_error: Option<Value>,
    requires_proof: bool,
    complaints: Vec<String>,
    /// Every call that passed.
    calls: Vec<Call>,
    script: Script,
    quiet: Script,
    spec: Option<spec::Graph>,
}

struct Post {
    seen: Seen,
    photos: Vec<String>,
    listed_from: usize,
}

impl FakeFacebook {
    pub fn start(clock: Arc<dyn Clock>) -> FakeFacebook {
        let truth = Arc::new(Kept::new(Truth {
            next_id: 1,
            posts: Vec::new(),
            photos: BTreeMap::new(),
            reads: 0,
            late_by: 0,
            page_of_list: 100,
            circle: false,
            usage: None,
            debug: json!({
                "app_id": APP_ID, "type": "PAGE", "is_valid": true, "expires_at": 0,
                "profile_id": PAGE, "scopes": ["pages_manage_posts", "pages_read_engagement"],
            }),
            page: json!({"id": PAGE, "name": "UBND huyện Chợ Đồn", "is_published": true}),
            token_error: None,
            requires_proof: true,
            complaints: Vec::new(),
            calls: Vec::new(),
            script: Script::default(),
            quiet: Script::default(),
            spec: spec::Graph::load(),
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        FakeFacebook {
            server: Server::start(clock, Arc::new(handler)),
            truth,
        }
    }

    pub fn base_url(&self) -> url::Url {
        self.server.base_url()
    }
    pub fn target(&self) -> Target {
        Target::FacebookPage(FacebookPageTarget {
            page: PAGE.to_owned(),
            token: Secret::new(TOKEN),
            app_id: Some(APP_ID.to_owned()),
            app_secret: Some(Secret::new(APP_SECRET)),
            graph_version: VERSION.to_owned(),
            base_url: self.base_url(),
        })
    }
    /// Everything that is really on the Page, in order.
    pub fn posts(&self) -> Vec<Seen> {
        self.truth
            .with(|t| t.posts.iter().map(|p| p.seen.clone()).collect())
    }
    /// Uploaded pictures that no post shows.
    pub fn loose_photos(&self) -> usize {
        self.truth.with(|t| t.photos.len())
    }
    pub fn calls(&self) -> Vec<Call> {
        self.truth.with(|t| t.calls.clone())
    }
    /// What was wrong with requests; empty when the sender is right.
    pub fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    /// Of the calls that show something.
    pub fn fail_next(&self, failure: Failure) {
        self.truth.with(|t| t.script.push(failure));
    }
    /// Of the calls that show nothing: uploads and reads.
    pub fn fail_next_quiet(&self, failure: Failure) {
        self.truth.with(|t| t.quiet.push(failure));
    }
    pub fn failures(&self, seed: u64, per_mille: u64) {
        self.truth.with(|t| t.script.chance(seed, per_mille));
    }
    pub fn quiet_failures(&self, seed: u64, per_mille: u64) {
        self.truth.with(|t| t.quiet.chance(seed, per_mille));
    }
    pub fn behave(&self) {
        self.truth.with(|t| {
            t.script.clear();
            t.quiet.clear();
        });
    }
    /// A new post comes onto the list only after so many more reads of it.
    pub fn list_late(&self, reads: usize) {
        self.truth.with(|t| t.late_by = reads);
    }
    /// The list comes in pages of so many.
    pub fn list_in_pages_of(&self, posts: usize) {
        self.truth.with(|t| t.page_of_list = posts);
    }
    /// The list never comes to an end.
    pub fn list_in_a_circle(&self) {
        self.truth.with(|t| t.circle = true);
    }
    /// A header of every answer from now on.
    pub fn set_usage(&self, header: &str, value: &str) {
        self.truth
            .with(|t| t.usage = Some((header.to_owned(), value.to_owned())));
    }
    pub fn set_debug(&self, token: Value) {
        self.truth.with(|t| t.debug = token);
    }
    /// Every call with the Page's token is answered with this error.
    pub fn set_token_error(&self, code: i64, subcode: Option<i64>, message: &str) {
        self.truth
            .with(|t| t.token_error = Some(error(code, subcode, message)));
    }
    /// Somebody else posts on the Page.
    pub fn add_post(&self, text: &str, link: Option<&str>) -> String {
        let now = self.server.now();
        self.truth
            .with(|t| t.add(text, link.map(str::to_owned), Vec::new(), Value::Null, now))
    }
}

impl Place for FakeFacebook {
    fn target(&self) -> Target {
        FakeFacebook::target(self)
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        FakeFacebook::posts(self)
    }
    fn complaints(&self) -> Vec<String> {
        FakeFacebook::complaints(self)
    }
    fn revoke(&self, how: Lost) {
        match how {
            Lost::Expired => self.set_token_error(190, Some(463), "Session has expired"),
            Lost::Revoked => self.set_token_error(190, Some(460), "The password was changed"),
        }
    }
    fn restore(&self) {
        self.truth.with(|t| t.token_error = None);
    }
    fn knows_duplicates(&self) -> bool {
        true
    }
}

impl Truth {
    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let reply = match self.route(request, now) {
            Ok(reply) => reply,
            Err((status, body)) => Reply::Answer(Response::json(status, &body)),
        };
        match (reply, &self.usage) {
            (Reply::Answer(response), Some((name, value))) => {
                Reply::Answer(response.with(name, value))
            }
            (reply, _) => reply,
        }
    }

    fn complain(&mut self, why: &str) -> Refused {
        self.complaints.push(why.to_owned());
        invalid(why)
    }

    fn route(&mut self, request: &Request, now: Timestamp) -> Result<Reply, Refused> {
        let Some(path) = request.path.strip_prefix(&format!("/{VERSION}/")) else {
            return Err(self.complain("another version of the API"));
        };
        let (node, edge) = path.split_once('/').unwrap_or((path, ""));
        let edge = if node == "debug_token" { node } else { edge };
        let fields = form::fields(request).map_err(|why| self.complain(&why))?;
        let (files, texts): (Vec<_>, Vec<_>) = fields.into_iter().partition(form::Field::is_file);
        let mut params = request.query.clone();
        params.extend(texts.iter().map(|f| (f.name.clone(), f.text())));
        self.identify(edge, &params)?;
        self.check_names(&request.method, node, edge, &params, &files);
        params.retain(|(n, _)| n != "access_token" && n != "appsecret_proof");
        let call = (request.method.clone(), edge.to_owned(), params.clone());
        self.calls.push(call);
        let given = |name: &str| {
            let found = params.iter().find(|(n, _)| n == name);
            found.map(|(_, v)| v.as_str())
        };
        match (request.method.as_str(), node, edge) {
            ("POST", PAGE, "feed") => {
                let show = self.judge_feed(&params)?;
                Ok(self.showing(show, now))
            }
            ("POST", PAGE, "photos") => {
                let [file] = files.as_slice() else {
                    return Err(self.complain("photos takes one file"));
                };
                judge_photo(file)?;
                if given("published") == Some("false") {
                    Ok(self.upload(file))
                } else {
                    let text = given("message").unwrap_or("").to_owned();
                    judge_text(&text)?;
                    let raw = json!({"edge": "photos", "params": params});
                    Ok(self.showing(Show::Photo(text, file.bytes.clone(), raw), now))
                }
            }
            ("GET", "me", "accounts") => Ok(Reply::Answer(Response::json(
                200,
                &json!({"data": [
                    {"id": "1", "name": "Trang chỉ xem", "access_token": "EAAother", "tasks": ["ANALYZE"]},
                    {"id": PAGE, "name": "Huyện Chợ Đồn", "access_token": TOKEN, "tasks": ["ANALYZE", "CREATE_CONTENT"]},
                ]}),
            ))),
            ("GET", PAGE, "published_posts") => Ok(self.reading(|t| t.list(&params))),
            ("GET", PAGE, "") => Ok(self.reading(|t| Ok(t.page.clone()))),
            ("GET", "debug_token", _) => Ok(self.reading(|t| Ok(json!({"data": t.debug})))),
            ("GET", id, "") => Ok(self.reading(|t| t.one(id))),
            ("DELETE", id, "") => {
                let Some(at) = self.posts.iter().position(|p| p.seen.id == id) else {
                    return Err(no_such_object(id));
                };
                self.posts.remove(at);
                Ok(Reply::Answer(Response::json(
                    200,
                    &json!({"success": true}),
                )))
            }
            _ => Err(self.complain("no such call")),
        }
    }

    fn identify(&mut self, edge: &str, params: &[(String, String)]) -> Result<(), Refused> {
        let given = |name: &str| {
            params
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone())
        };
        let app_token = format!("{APP_ID}|{APP_SECRET}");
        let wanted = if edge == "debug_token" {
            app_token.as_str()
        } else if edge == "accounts" {
            USER_TOKEN
        } else {
            TOKEN
        };
        let token = given("access_token").unwrap_or_default();
        if token != wanted {
            let said = error(190, Some(467), "Invalid OAuth access token.");
            return Err((401, said));
        }
        if let Some(error) = self.token_error.clone().filter(|_| edge != "debug_token") {
            return Err((400, error));
        }
        if self.requires_proof {
            let mut mac = Hmac::<Sha256>::new_from_slice(APP_SECRET.as_bytes()).expect("a key");
            mac.update(token.as_bytes());
            let bytes = mac.finalize().into_bytes();
            let right: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            match given("appsecret_proof") {
                None => {
                    let said = "API calls from the server require an appsecret_proof argument";
                    return Err((400, error(100, None, said)));
                }
                Some(proof) if proof != right => {
                    let said = "Invalid appsecret_proof provided in the API argument";
                    return Err((400, error(100, None, said)));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_names(
        &mut self,
        method: &str,
        node: &str,
        edge: &str,
        params: &[(String, String)],
        files: &[form::Field],
    ) {
        let known = KNOWN.iter().find(|(m, e, _)| *m == method && *e == edge);
        let Some((_, _, known)) = known else {
            return;
        };
        let general = ["access_token", "appsecret_proof"];
        for (name, _) in params {
            let media = method == "POST" && edge == "feed" && name.starts_with("attached_media[");
            if !media && !known.contains(&name.as_str()) && !general.contains(&name.as_str()) {
                self.complaints
                    .push(format!("{method} {edge} knows no {name}"));
            }
        }
        // The specification of persons is not among the fake's.
        let Some(spec) = self.spec.as_ref().filter(|_| node != "me") else {
            return;
        };
        let fields = params.iter().find(|(n, _)| n == "fields").map(|(_, v)| v);
        if node == PAGE {
            let names: Vec<String> = files.iter().map(|f| f.name.clone()).collect();
            let found = spec.page_complaints(method, edge, params, &names);
            self.complaints.extend(found);
        }
        if let Some(fields) = fields {
            let kind = match (node, edge) {
                (PAGE, "") => "Page",
                _ => "PagePost",
            };
            let found = spec.field_complaints(kind, fields);
            self.complaints.extend(found);
        }
    }

    fn judge_feed(&mut self, params: &[(String, String)]) -> Result<Show, Refused> {
        let given = |name: &str| {
            params
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone())
        };
        let text = given("message").unwrap_or_default();
        judge_text(&text)?;
        let link = given("link");
        if let Some(link) = &link {
            let good = url::Url::parse(link).is_ok_and(|u| u.scheme().starts_with("http"));
            if !good {
                return Err((400, error(100, Some(2_061_006), "Invalid URL")));
            }
        }
        let mut photos = Vec::new();
        for (n, (name, value)) in params
            .iter()
            .filter(|(name, _)| name.starts_with("attached_media"))
            .enumerate()
        {
            let media: Value = serde_json::from_str(value).unwrap_or_default();
            let id = media["media_fbid"].as_str().unwrap_or("").to_owned();
            if *name != format!("attached_media[{n}]")
                || media.as_object().map(|m| m.len()) != Some(1)
            {
                return Err(self.complain("attached_media is not counted from 0"));
            }
            if !self.photos.contains_key(&id) || photos.contains(&id) {
                return Err(invalid("attached_media names no unpublished photo"));
            }
            photos.push(id);
        }
        if link.is_some() && !photos.is_empty() {
            return Err(self.complain("link and attached_media exclude each other"));
        }
        if text.trim().is_empty() && link.is_none() && photos.is_empty() {
            return Err(self.complain("the post is empty"));
        }
        if let Some(last) = self.posts.last()
            && photos.is_empty()
            && (last.seen.text.as_str(), last.seen.link.as_ref()) == (&text, link.as_ref())
        {
            return Err((400, error(506, None, "Duplicate status message")));
        }
        let raw = json!({"edge": "feed", "params": params});
        Ok(Show::Feed(text, link, photos, raw))
    }

    /// A call that shows something.
    fn showing(&mut self, show: Show, now: Timestamp) -> Reply {
        let failure = self.script.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return failure.reply(Response::json(200, &json!({})), &Graph);
        }
        let answer = match show {
            Show::Feed(text, link, photos, raw) => {
                photos.iter().for_each(|id| {
                    self.photos.remove(id);
                });
                json!({"id": self.add(&text, link, photos, raw, now)})
            }
            Show::Photo(text, _bytes, raw) => {
                let photo = self.new_id();
                let post = self.add(&text, None, vec![photo.clone()], raw, now);
                json!({"id": photo, "post_id": post})
            }
        };
        let proper = Response::json(200, &answer);
        match failure {
            Some(failure) => failure.reply(proper, &Graph),
            None => Reply::Answer(proper),
        }
    }

    fn upload(&mut self, file: &form::Field) -> Reply {
        let failure = self.quiet.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return failure.reply(Response::json(200, &json!({})), &Graph);
        }
        let id = self.new_id();
        self.photos.insert(id.clone(), file.bytes.clone());
        let proper = Response::json(200, &json!({"id": id}));
        match failure {
            Some(failure) => failure.reply(proper, &Graph),
            None => Reply::Answer(proper),
        }
    }

    fn reading(&mut self, read: impl FnOnce(&mut Truth) -> Result<Value, Refused>) -> Reply {
        let failure = self.quiet.take();
        let proper = match read(self) {
            Ok(value) => Response::json(200, &value),
            Err((status, body)) => Response::json(status, &body),
        };
        match failure {
            Some(failure) => failure.reply(proper, &Graph),
            None => Reply::Answer(proper),
        }
    }

    fn new_id(&mut self) -> String {
        self.next_id += 1;
        format!("9{:014}", self.next_id)
    }

    fn add(
        &mut self,
        text: &str,
        link: Option<String>,
        photos: Vec<String>,
        raw: Value,
        now: Timestamp,
    ) -> String {
        let id = format!("{PAGE}_{}", self.new_id());
        self.posts.push(Post {
            seen: Seen {
                id: id.clone(),
                key: None,
                text: text.to_owned(),
                link,
                pictures: photos.len(),
                at: now,
                raw,
            },
            photos,
            listed_from: self.reads + self.late_by,
        });
        id
    }

    fn list(&mut self, params: &[(String, String)]) -> Result<Value, Refused> {
        let given = |name: &str| {
            params
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.as_str())
        };
        let number = |name: &str| given(name).map(|v| v.parse::<i64>());
        let Ok(since) = number("since").transpose() else {
            return Err(invalid("since is no time"));
        };
        let limit: usize = given("limit").unwrap_or("25").parse().unwrap_or(0);
        if !(1..=100).contains(&limit) {
            return Err(self.complain("limit is 1 to 100"));
        }
        let start: usize = given("after")
            .map_or(Ok(0), str::parse)
            .map_err(|_| invalid("after"))?;
        let reads = self.reads;
        if start == 0 {
            self.reads += 1;
        }
        let newest_first = self.posts.iter().rev();
        let listed: Vec<Value> = newest_first
            .filter(|p| p.listed_from <= reads && since.is_none_or(|s| p.seen.at.as_second() >= s))
            .map(Post::listed)
            .collect();
        let end = (start + limit.min(self.page_of_list)).min(listed.len());
        let mut answer = json!({
            "data": listed[start.min(end)..end],
            "paging": {"cursors": {"before": start.to_string(), "after": end.to_string()}},
        });
        if end < listed.len() || self.circle {
            answer["paging"]["next"] = json!(format!(
                "https://graph.facebook.com/{VERSION}/{PAGE}/published_posts?access_token={TOKEN}&after={end}"
            ));
        }
        Ok(answer)
    }

    fn one(&self, id: &str) -> Result<Value, Refused> {
        let found = self.posts.iter().find(|p| p.seen.id == id);
        found.map(Post::listed).ok_or_else(|| no_such_object(id))
    }
}

enum Show {
    Feed(String, Option<String>, Vec<String>, Value),
    Photo(String, Vec<u8>, Value),
}

impl Post {
    fn listed(&self) -> Value {
        let seen = &self.seen;
        let time = seen.at.strftime("%Y-%m-%dT%H:%M:%S+0000").to_string();
        let number = seen.id.split('_').nth(1).unwrap_or("");
        let mut post = json!({
            "id": seen.id, "created_time": time,
            "permalink_url": format!("https://www.facebook.com/chodon/posts/{number}"),
        });
        post["reactions"] = json!({"data": [], "summary": {"total_count": 12}});
        post["comments"] = json!({"data": [], "summary": {"total_count": 3}});
        post["shares"] = json!({"count": 2});
        if !seen.text.is_empty() {
            post["message"] = json!(seen.text);
        }
        let photo = |id: &String| json!({"media_type": "photo", "target": {"id": id}});
        let photos: Vec<Value> = self.photos.iter().map(photo).collect();
        if let Some(link) = &seen.link {
            let way: String = url::form_urlencoded::byte_serialize(link.as_bytes()).collect();
            post["attachments"] = json!({"data": [{
                "media_type": "link",
                "url": format!("https://l.facebook.com/l.php?u={way}&h=AT0"),
                "unshimmed_url": link,
            }]});
        } else if photos.len() == 1 {
            post["attachments"] = json!({ "data": photos });
        } else if !photos.is_empty() {
            post["attachments"] = json!({"data": [{
                "media_type": "album", "subattachments": {"data": photos},
            }]});
        }
        post
    }
}
