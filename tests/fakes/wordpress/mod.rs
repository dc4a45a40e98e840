//! A website made with WordPress, as far as a publisher uses it. What it answers to what is as seen on
//! WordPress 6.1.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use raotin::clock::Clock;
use raotin::config::{Secret, Target, WordpressTarget};
use serde_json::{Map, Value, json};

use super::failure::{Dialect, Script};
use super::place::{Lost, Place};
use super::server::{Reply, Request, Response, Server};
use super::{Failure, Kept, Seen, photo};

pub mod spec;

pub const USER: &str = "vanphong";
pub const PASSWORD: &str = "abcd efgh ijkl mnop qrst uvwx";
/// What a request may carry beside what its route lists (REST API handbook, “Global parameters”).
const GENERAL: [&str; 2] = ["_fields", "rest_route"];

pub struct FakeWordpress {
    pub server: Server,
    truth: Arc<Kept<Truth>>,
}

struct Truth {
    base: String,
    /// None: nobody is let in.
    password: Option<String>,
    /// The web server takes the Authorization header out.
    strips: bool,
    /// `/wp-json/` is not there.
    plain: bool,
    xmlrpc: bool,
    rights: BTreeSet<&'static str>,
    has_bin: bool,
    takes_passwords: bool,
    next_id: u64,
    posts: BTreeMap<u64, Post>,
    media: BTreeMap<u64, (String, usize)>,
    /// By taxonomy: id and name.
    terms: BTreeMap<&'static str, Vec<(u64, String)>>,
    comments: BTreeMap<u64, usize>,
    /// In the order in which they came out.
    out: Vec<u64>,
    calls: Vec<String>,
    complaints: Vec<String>,
    script: Script,
    quiet: Script,
    spec: Option<spec::Spec>,
}

#[derive(Clone)]
struct Post {
    id: u64,
    slug: String,
    status: String,
    fields: Map<String, Value>,
    at: Timestamp,
}

type Refused = (u16, &'static str, String);

impl FakeWordpress {
    /// A website with pretty addresses where the account is an Editor.
    pub fn start(clock: Arc<dyn Clock>) -> FakeWordpress {
        let truth = Arc::new(Kept::new(Truth {
            base: String::new(),
            password: Some(PASSWORD.to_owned()),
            strips: false,
            plain: false,
            xmlrpc: true,
            rights: BTreeSet::from([
                "edit_posts",
                "publish_posts",
                "upload_files",
                "manage_categories",
            ]),
            has_bin: true,
            takes_passwords: true,
            next_id: 4,
            posts: BTreeMap::new(),
            media: BTreeMap::new(),
            terms: BTreeMap::from([
                ("categories", vec![(1, "Uncategorized".to_owned())]),
                ("tags", Vec::new()),
            ]),
            comments: BTreeMap::new(),
            out: Vec::new(),
            calls: Vec::new(),
            complaints: Vec::new(),
            script: Script::default(),
            quiet: Script::default(),
            spec: spec::Spec::load(),
        }));
        let shared = truth.clone();
        let handler = move |request: Request, now| shared.with(|t| t.handle(&request, now));
        let server = Server::start(clock, Arc::new(handler));
        truth.with(|t| t.base = server.base_url().to_string());
        FakeWordpress { server, truth }
    }

    pub fn target(&self) -> WordpressTarget {
        WordpressTarget {
            site: self.server.base_url(),
            user: USER.to_owned(),
            password: Secret::new(PASSWORD),
            categories: Vec::new(),
            tags: Vec::new(),
        }
    }
    /// Addresses are plain: only `?rest_route=` is there.
    pub fn be_plain(&self) {
        self.truth.with(|t| t.plain = true);
    }
    pub fn strip_authorization(&self) {
        self.truth.with(|t| t.strips = true);
    }
    pub fn close_xmlrpc(&self) {
        self.truth.with(|t| t.xmlrpc = false);
    }
    pub fn take_no_passwords(&self) {
        self.truth.with(|t| t.takes_passwords = false);
    }
    pub fn have_no_bin(&self) {
        self.truth.with(|t| t.has_bin = false);
    }
    pub fn take_right(&self, right: &'static str) {
        self.truth.with(|t| t.rights.remove(right));
    }
    /// Of the calls that show nothing: drafts, uploads, looks.
    pub fn fail_next_quiet(&self, failure: Failure) {
        self.truth.with(|t| t.quiet.push(failure));
    }
    /// So many of them are served before that.
    pub fn pass_quietly(&self, requests: usize) {
        self.truth.with(|t| t.quiet.pass(requests));
    }
    pub fn comment(&self, post: &str, times: usize) {
        let id = post.parse().expect("a number");
        self.truth
            .with(|t| *t.comments.entry(id).or_default() += times);
    }
    /// Somebody moves an article by hand.
    pub fn set_status(&self, post: &str, status: Option<&str>) {
        let id: u64 = post.parse().expect("a number");
        self.truth.with(|t| match status {
            Some(status) => t.posts.get_mut(&id).expect("the post").status = status.to_owned(),
            None => drop(t.posts.remove(&id)),
        });
    }
    /// Every post in whatever state: id, status, slug, fields.
    pub fn all(&self) -> Vec<(u64, String, String, Map<String, Value>)> {
        self.truth.with(|t| {
            let posts = t.posts.values().cloned();
            posts.map(|p| (p.id, p.status, p.slug, p.fields)).collect()
        })
    }
    pub fn terms(&self, taxonomy: &str) -> Vec<(u64, String)> {
        self.truth.with(|t| t.terms[taxonomy].clone())
    }
    pub fn media(&self) -> usize {
        self.truth.with(|t| t.media.len())
    }
    /// `METHOD route` of every call.
    pub fn calls(&self) -> Vec<String> {
        self.truth.with(|t| t.calls.clone())
    }
}

impl Place for FakeWordpress {
    fn target(&self) -> Target {
        Target::Wordpress(FakeWordpress::target(self))
    }
    fn server(&self) -> &Server {
        &self.server
    }
    fn script(&self, change: &mut dyn FnMut(&mut Script)) {
        self.truth.with(|t| change(&mut t.script));
    }
    fn posts(&self) -> Vec<Seen> {
        self.truth.with(|t| {
            let out = t.out.iter().filter_map(|id| t.posts.get(id));
            let out = out.filter(|p| p.status == "publish");
            out.map(|p| t.seen(p)).collect()
        })
    }
    fn complaints(&self) -> Vec<String> {
        self.truth.with(|t| t.complaints.clone())
    }
    fn revoke(&self, _how: Lost) {
        self.truth.with(|t| t.password = None);
    }
    fn restore(&self) {
        self.truth.with(|t| t.password = Some(PASSWORD.to_owned()));
    }
    fn threads(&self) -> bool {
        false
    }
}

impl Truth {
    fn seen(&self, post: &Post) -> Seen {
        let content = post.fields["content"].as_str().unwrap_or_default();
        let featured = post.fields.get("featured_media").and_then(Value::as_u64);
        let featured = featured.filter(|id| self.media.contains_key(id));
        let shown = content.matches("<img ").count();
        let again = featured.is_some_and(|id| content.contains(&format!("wp-image-{id}\"")));
        Seen {
            id: post.id.to_string(),
            key: Some(post.slug.clone()),
            text: plain(content),
            link: None,
            pictures: shown + usize::from(featured.is_some() && !again),
            at: post.at,
            raw: Value::Object(post.fields.clone()),
        }
    }

    fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let not_found = || {
            Reply::Answer(Response {
                status: 404,
                headers: vec![("content-type".into(), "text/html".into())],
                body: b"<html>Not found</html>".to_vec(),
            })
        };
        if request.path == "/xmlrpc.php" {
            return self.xmlrpc(request);
        }
        let plain = request.query.iter().find(|(n, _)| n == "rest_route");
        let route = match (request.path.strip_prefix("/wp-json"), plain) {
            (Some(_), _) if self.plain => return not_found(),
            (Some(route), _) => route.to_owned(),
            (None, Some((_, route))) if request.path == "/" => route.clone(),
            _ => return not_found(),
        };
        self.calls.push(format!("{} {route}", request.method));
        match self.answer(request, &route, now) {
            Ok(reply) => reply,
            Err((status, code, message)) => {
                if !EXPECTED.contains(&code) {
                    self.complaints.push(format!("{code}: {message}"));
                }
                Reply::Answer(refusal(status, code, &message))
            }
        }
    }

    /// Whether the request comes from the account.
    fn is_in(&self, request: &Request) -> bool {
        let Some(password) = self.password.as_ref().filter(|_| !self.strips) else {
            return false;
        };
        let given = request.header("authorization");
        let given = given.and_then(|h| STANDARD.decode(h.strip_prefix("Basic ")?).ok());
        given == Some(format!("{USER}:{password}").into_bytes())
    }

    fn answer(&mut self, request: &Request, route: &str, now: Timestamp) -> Result<Reply, Refused> {
        let method = request.method.as_str();
        let is_in = self.is_in(request);
        if route == "/" {
            let authentication = if self.takes_passwords {
                json!({"application-passwords": {"endpoints": {}}})
            } else {
                json!([])
            };
            let index = json!({"name": "UBND huyện Chợ Đồn", "namespaces": ["oembed/1.0", "wp/v2"], "authentication": authentication});
            return Ok(Reply::Answer(Response::json(200, &index)));
        }
        let mut given: Map<String, Value> = request
            .query
            .iter()
            .filter(|(n, _)| !GENERAL.contains(&n.as_str()))
            .map(|(n, v)| (n.clone(), json!(v)))
            .collect();
        let is_upload = route == "/wp/v2/media" && method == "POST";
        if !is_upload && !request.body.is_empty() {
            let body: Option<Map<String, Value>> = serde_json::from_slice(&request.body).ok();
            let body = body.ok_or((400, "rest_invalid_json", "no JSON object".to_owned()))?;
            given.extend(body);
        }
        if let Some(spec) = &self.spec {
            self.complaints
                .extend(spec.complaints(method, route, &given));
        }
        let needs = match (method, route) {
            ("GET", _) => None,
            ("POST", "/wp/v2/media") => Some("upload_files"),
            ("POST", "/wp/v2/categories") => Some("manage_categories"),
            _ => Some("edit_posts"),
        };
        if let Some(right) = needs.filter(|right| !is_in || !self.rights.contains(right)) {
            let status = if is_in { 403 } else { 401 };
            return Err((status, "rest_cannot_create", format!("needs {right}")));
        }
        if !is_in && given.get("status") == Some(&json!("any")) {
            return Err((
                400,
                "rest_invalid_param",
                "Invalid parameter(s): status".into(),
            ));
        }
        if !is_in && (route.ends_with("/me") || given.get("context") == Some(&json!("edit"))) {
            // The account's own route says it otherwise.
            let code = if route.ends_with("/me") {
                "rest_not_logged_in"
            } else {
                "rest_forbidden_context"
            };
            return Err((401, code, "You are not currently logged in.".into()));
        }
        let segments: Vec<&str> = route.trim_start_matches('/').split('/').collect();
        match (method, &segments[..]) {
            ("GET", ["wp", "v2", "users", "me"]) => {
                let rights: BTreeMap<&str, bool> = self.rights.iter().map(|r| (*r, true)).collect();
                self.quietly(json!({"id": 1, "name": "Văn phòng", "capabilities": rights}))
            }
            ("GET", ["wp", "v2", "posts"]) => {
                let slug = given
                    .get("slug")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let mut found: Vec<&Post> = self.posts.values().collect();
                found.retain(|p| p.slug == slug && p.status != "trash");
                if given.get("orderby") != Some(&json!("id"))
                    || given.get("order") != Some(&json!("asc"))
                {
                    found.reverse();
                }
                let found: Vec<Value> = found.into_iter().map(|p| self.told(p)).collect();
                self.quietly(json!(found))
            }
            ("POST", ["wp", "v2", "posts"]) => {
                self.judge(&given)?;
                if given.get("status") != Some(&json!("draft")) {
                    return Err((400, "published_at_once", "a draft goes first".into()));
                }
                let failure = self.quiet.take();
                if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
                    return Ok(failure.reply(Response::json(201, &json!({})), &Php));
                }
                let id = self.next_id;
                self.next_id += 1;
                let slug = given["slug"].as_str().unwrap_or_default().to_owned();
                let status = "draft".to_owned();
                let post = Post {
                    id,
                    slug,
                    status,
                    fields: given,
                    at: now,
                };
                let proper = Response::json(201, &self.told(&post));
                self.posts.insert(id, post);
                Ok(match failure {
                    Some(failure) => failure.reply(proper, &Php),
                    None => Reply::Answer(proper),
                })
            }
            ("GET", ["wp", "v2", "posts", id]) => {
                let post = self.post(id)?;
                let told = self.told(&post);
                self.quietly(told)
            }
            ("POST", ["wp", "v2", "posts", id]) => {
                let mut post = self.post(id)?;
                match given.get("status").and_then(Value::as_str) {
                    None => {
                        self.judge(&given)?;
                        post.fields.extend(given);
                        let told = self.told(&post);
                        self.posts.insert(post.id, post);
                        self.quietly(told)
                    }
                    Some("publish") if given.len() == 1 => self.publish(post, now),
                    other => Err((400, "rest_invalid_param", format!("status {other:?}"))),
                }
            }
            ("DELETE", ["wp", "v2", "posts", id]) => {
                let mut post = self.post(id)?;
                if given.get("force") == Some(&json!("true")) {
                    self.posts.remove(&post.id);
                    return self.quietly(json!({"deleted": true, "previous": {}}));
                }
                if !self.has_bin {
                    return Err((501, "rest_trash_not_supported", "no bin".into()));
                }
                if post.status == "trash" {
                    return Err((410, "rest_already_trashed", "in the bin".into()));
                }
                post.status = "trash".to_owned();
                post.slug.push_str("__trashed");
                let told = self.told(&post);
                self.posts.insert(post.id, post);
                self.quietly(told)
            }
            ("GET", ["wp", "v2", "media"]) => {
                let slug = given
                    .get("slug")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let found = self.media.iter().filter(|(_, (s, _))| s == slug);
                let found: Vec<Value> = found.map(|(id, (slug, _))| self.file(*id, slug)).collect();
                self.quietly(json!(found))
            }
            ("POST", ["wp", "v2", "media"]) => self.upload(request, &given),
            ("GET", ["wp", "v2", kind @ ("categories" | "tags")]) => {
                let search = given
                    .get("search")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                // Stored with entities, so that what holds one is not found by its name.
                let found = self.terms[kind]
                    .iter()
                    .map(|(id, name)| (id, name.replace('&', "&amp;")));
                let found =
                    found.filter(|(_, name)| name.to_lowercase().contains(&search.to_lowercase()));
                let found: Vec<Value> = found
                    .map(|(id, name)| json!({"id": id, "name": name}))
                    .collect();
                self.quietly(json!(found))
            }
            ("POST", ["wp", "v2", kind @ ("categories" | "tags")]) => {
                let name = given
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned();
                let terms = &self.terms[kind];
                if let Some((id, _)) = terms
                    .iter()
                    .find(|(_, n)| n.to_lowercase() == name.to_lowercase())
                {
                    let body = json!({"code": "term_exists", "message": "there", "data": {"status": 400, "term_id": id}});
                    return Ok(Reply::Answer(Response::json(400, &body)));
                }
                let id = self.next_id;
                self.next_id += 1;
                let key = if *kind == "tags" {
                    "tags"
                } else {
                    "categories"
                };
                self.terms.entry(key).or_default().push((id, name.clone()));
                Ok(Reply::Answer(Response::json(
                    201,
                    &json!({"id": id, "name": name}),
                )))
            }
            ("GET", ["wp", "v2", "comments"]) => {
                let post = given
                    .get("post")
                    .and_then(Value::as_str)
                    .and_then(|p| p.parse().ok());
                let count = post
                    .and_then(|p: u64| self.comments.get(&p))
                    .copied()
                    .unwrap_or(0);
                let one: Vec<Value> = (0..count.min(1)).map(|n| json!({"id": n + 1})).collect();
                Ok(Reply::Answer(
                    Response::json(200, &json!(one)).with("x-wp-total", count),
                ))
            }
            _ => Err((404, "rest_no_route", format!("{method} {route}"))),
        }
    }

    fn quietly(&mut self, answer: Value) -> Result<Reply, Refused> {
        let proper = Response::json(200, &answer);
        Ok(match self.quiet.take() {
            Some(failure) => failure.reply(proper, &Php),
            None => Reply::Answer(proper),
        })
    }

    fn publish(&mut self, mut post: Post, now: Timestamp) -> Result<Reply, Refused> {
        if !self.rights.contains("publish_posts") {
            return Err((403, "rest_cannot_publish", "not allowed to publish".into()));
        }
        let failure = self.script.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return Ok(failure.reply(Response::json(200, &json!({})), &Php));
        }
        if post.status != "publish" {
            let others = |slug: &str| {
                let mut others = self.posts.values().filter(|p| p.id != post.id);
                others.any(|p| p.status == "publish" && p.slug == slug)
            };
            // Two articles have never one address: the second is numbered.
            let wanted = post.slug.clone();
            let mut number = 2;
            let mut slug = wanted.clone();
            while others(&slug) {
                slug = format!("{wanted}-{number}");
                number += 1;
            }
            (post.slug, post.status, post.at) = (slug, "publish".to_owned(), now);
            self.out.push(post.id);
        }
        let proper = Response::json(200, &self.told(&post));
        self.posts.insert(post.id, post);
        Ok(match failure {
            Some(failure) => failure.reply(proper, &Php),
            None => Reply::Answer(proper),
        })
    }

    fn post(&self, id: &str) -> Result<Post, Refused> {
        let found = id.parse().ok().and_then(|id: u64| self.posts.get(&id));
        found
            .cloned()
            .ok_or((404, "rest_post_invalid_id", "Invalid post ID.".into()))
    }

    fn told(&self, post: &Post) -> Value {
        let base = &self.base;
        let link = match post.status.as_str() {
            "publish" => format!("{base}{}/", post.slug),
            _ => format!("{base}?p={}", post.id),
        };
        let date = post.at.to_string();
        let date = date.split(['.', 'Z']).next().expect("a date");
        json!({"id": post.id, "status": post.status, "slug": post.slug, "link": link, "date_gmt": date})
    }

    fn file(&self, id: u64, slug: &str) -> Value {
        json!({"id": id, "slug": slug, "source_url": format!("{}wp-content/uploads/{slug}.png", self.base)})
    }

    fn upload(&mut self, request: &Request, given: &Map<String, Value>) -> Result<Reply, Refused> {
        let slug = given
            .get("slug")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let bad = |why: &str| (400, "rest_upload_bad", why.to_owned());
        let photo = photo::read(&request.body).ok_or_else(|| bad("no picture"))?;
        let named = format!("attachment; filename=\"{slug}.{}\"", photo.ending);
        if slug.is_empty() || request.header("content-disposition") != Some(named.as_str()) {
            return Err(bad("the file has no name"));
        }
        if request.header("content-type") != Some(photo.mime) {
            return Err(bad("no picture"));
        }
        let failure = self.quiet.take();
        if let Some(failure) = failure.clone().filter(|f| !f.takes()) {
            return Ok(failure.reply(Response::json(201, &json!({})), &Php));
        }
        let id = self.next_id;
        self.next_id += 1;
        let proper = Response::json(201, &self.file(id, &slug));
        self.media.insert(id, (slug, request.body.len()));
        Ok(match failure {
            Some(failure) => failure.reply(proper, &Php),
            None => Reply::Answer(proper),
        })
    }

    /// Whether the article would be shown as it is meant.
    fn judge(&self, given: &Map<String, Value>) -> Result<(), Refused> {
        let bad = |why: String| Err((400, "rest_invalid_param", why));
        let known = [
            "title",
            "content",
            "excerpt",
            "featured_media",
            "categories",
            "tags",
            "slug",
            "status",
        ];
        if let Some(name) = given.keys().find(|k| !known.contains(&k.as_str())) {
            return bad(format!("{name} is of no use here"));
        }
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        if text("title").is_none_or(str::is_empty) && text("content").is_none_or(str::is_empty) {
            return Err((
                400,
                "empty_content",
                "Content, title, and excerpt are empty.".into(),
            ));
        }
        let content = text("content").unwrap_or_default();
        if content.matches("<!-- wp:").count() != content.matches("<!-- /wp:").count() {
            return bad("a block stays open".into());
        }
        if content.contains('[') {
            return bad("a shortcode".into());
        }
        for kind in ["categories", "tags"] {
            for id in given
                .get(kind)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                if !self.terms[kind]
                    .iter()
                    .any(|(known, _)| Some(*known) == id.as_u64())
                {
                    return bad(format!("{kind} has no {id}"));
                }
            }
        }
        match given.get("featured_media") {
            Some(id) if !id.as_u64().is_some_and(|id| self.media.contains_key(&id)) => {
                bad(format!("there is no file {id}"))
            }
            _ => Ok(()),
        }
    }

    fn xmlrpc(&self, request: &Request) -> Reply {
        let answer = |status, body: &str| {
            Reply::Answer(Response {
                status,
                headers: vec![("content-type".into(), "text/xml".into())],
                body: body.as_bytes().to_vec(),
            })
        };
        let body = String::from_utf8_lossy(&request.body);
        let knows = self
            .password
            .as_ref()
            .is_some_and(|p| body.contains(&format!("<string>{p}</string>")));
        match (self.xmlrpc, knows) {
            (false, _) => answer(405, "XML-RPC services are disabled on this site."),
            (true, true) => answer(
                200,
                "<?xml version=\"1.0\"?><methodResponse><params/></methodResponse>",
            ),
            (true, false) => answer(
                200,
                "<?xml version=\"1.0\"?><methodResponse><fault><value/></fault></methodResponse>",
            ),
        }
    }
}

/// Refusals that are the world's doing, not the sender's mistake.
const EXPECTED: [&str; 7] = [
    "rest_cannot_create",
    "rest_cannot_publish",
    "rest_not_logged_in",
    "rest_forbidden_context",
    "rest_post_invalid_id",
    "rest_already_trashed",
    "rest_trash_not_supported",
];

fn refusal(status: u16, code: &str, message: &str) -> Response {
    Response::json(
        status,
        &json!({"code": code, "message": message, "data": {"status": status}}),
    )
}

/// What readers see of the paragraphs.
fn plain(content: &str) -> String {
    let paragraphs = content.split("<p>").skip(1);
    let inner = paragraphs.filter_map(|p| Some(p.split_once("</p>")?.0.replace("<br>", "\n")));
    let texts = inner.map(|p| {
        let mut out = String::new();
        let mut in_tag = false;
        for c in p.chars() {
            match c {
                '<' => in_tag = true,
                '>' => in_tag = false,
                c if !in_tag => out.push(c),
                _ => {}
            }
        }
        let entities = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#91;", "["),
            ("&amp;", "&"),
        ];
        entities
            .into_iter()
            .fold(out, |text, (entity, c)| text.replace(entity, c))
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

struct Php;

impl Dialect for Php {
    fn error(&self, status: u16) -> Response {
        refusal(
            status,
            "internal_server_error",
            "There has been a critical error on this website.",
        )
    }
    fn throttled(&self, seconds: u32) -> Response {
        Response {
            status: 429,
            headers: vec![("retry-after".into(), seconds.to_string())],
            body: b"<html>Too many requests</html>".to_vec(),
        }
    }
    fn ok_error(&self) -> Response {
        refusal(200, "something", "an error that came as a success")
    }
}
