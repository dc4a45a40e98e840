//! The platforms' published specifications, where `RAOTIN_SPECS` names their folder: a second judge of
//! every request, beside the lists that the fakes hold themselves.

use std::path::PathBuf;

use serde_json::{Map, Value};

/// The folder, if this run has one.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os("RAOTIN_SPECS").map(PathBuf::from)
}

/// A file of the folder.
pub fn read(name: &str) -> Option<Value> {
    let path = folder()?.join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("RAOTIN_SPECS has no {}: {e}", path.display()));
    Some(serde_json::from_str(&text).expect("a specification is JSON"))
}

/// The Bot API's methods and types.
pub struct BotApi(Value);

impl BotApi {
    pub fn load() -> Option<BotApi> {
        read("telegram/bot-api.publisher.json").map(BotApi)
    }

    /// What is wrong with a call; files are given as strings.
    pub fn complaints(&self, method: &str, fields: &Map<String, Value>) -> Vec<String> {
        let declared = &self.0["methods"][method];
        if declared.is_null() {
            return vec![format!("spec: there is no method {method}")];
        }
        let mut out = Vec::new();
        self.object(method, &declared["fields"], fields, &mut out);
        out
    }

    fn object(
        &self,
        at: &str,
        declared: &Value,
        given: &Map<String, Value>,
        out: &mut Vec<String>,
    ) {
        let none = Vec::new();
        let declared = declared.as_array().unwrap_or(&none);
        for (name, value) in given {
            match declared.iter().find(|f| f["name"] == name.as_str()) {
                None => out.push(format!("spec: {at} has no field {name}")),
                Some(field) => {
                    let types = field["types"].as_array().expect("types");
                    let fits = types.iter().any(|t| {
                        let mut inner = Vec::new();
                        self.value(name, t.as_str().expect("a type"), value, &mut inner);
                        inner.is_empty()
                    });
                    if !fits {
                        out.push(format!(
                            "spec: {at}.{name} is {value}, and may be {types:?}"
                        ));
                    }
                }
            }
        }
        for field in declared {
            let name = field["name"].as_str().expect("a name");
            if field["required"] == true && !given.contains_key(name) {
                out.push(format!("spec: {at} misses {name}"));
            }
        }
    }

    fn value(&self, at: &str, kind: &str, value: &Value, out: &mut Vec<String>) {
        let fits = match kind {
            "Integer" => value.is_i64() || value.is_u64(),
            "Float" => value.is_number(),
            "String" | "InputFile" => value.is_string(),
            "Boolean" => value.is_boolean(),
            _ => {
                if let Some(inner) = kind.strip_prefix("Array of ") {
                    match value.as_array() {
                        Some(items) => {
                            items.iter().for_each(|i| self.value(at, inner, i, out));
                            true
                        }
                        None => false,
                    }
                } else {
                    match value.as_object() {
                        Some(object) => {
                            self.object(kind, &self.0["types"][kind]["fields"], object, out);
                            true
                        }
                        None => false,
                    }
                }
            }
        };
        if !fits {
            out.push(format!("spec: {at} is no {kind}"));
        }
    }
}

/// The Graph API's edges, as the Page's and the post's own files list them.
pub struct Graph {
    page: Value,
    post: Value,
    photo: Value,
}

/// What every Graph call may carry, whatever its edge; the files of the edges do not repeat it.
const GENERAL: [&str; 8] = [
    "access_token",
    "appsecret_proof",
    "fields",
    "limit",
    "since",
    "until",
    "after",
    "before",
];

impl Graph {
    pub fn load() -> Option<Graph> {
        Some(Graph {
            page: read("facebook/Page.json")?,
            post: read("facebook/PagePost.json")?,
            photo: read("facebook/Photo.json")?,
        })
    }

    /// What is wrong with a call on the Page: `edge` is `feed`, `photos`, `published_posts`, or empty.
    pub fn page_complaints(
        &self,
        method: &str,
        edge: &str,
        given: &[(String, String)],
        files: &[String],
    ) -> Vec<String> {
        let mut out = Vec::new();
        let found = self.page["apis"]
            .as_array()
            .expect("apis")
            .iter()
            .find(|a| a["method"] == method && a["endpoint"].as_str().unwrap_or("") == edge);
        let found = if edge.is_empty() {
            self.page["apis"]
                .as_array()
                .and_then(|a| a.iter().find(|a| a["name"] == "#get"))
        } else {
            found
        };
        let Some(found) = found else {
            return vec![format!("spec: a Page has no {method} {edge}")];
        };
        let params = found["params"].as_array().expect("params");
        for (name, value) in given {
            // attached_media[0] is an element of attached_media.
            let base = name.split('[').next().unwrap_or(name);
            if GENERAL.contains(&base) {
                continue;
            }
            match params.iter().find(|p| p["name"] == base) {
                None => out.push(format!("spec: {method} {edge} has no {name}")),
                Some(p) if !fits(p["type"].as_str().expect("a type"), name, value) => {
                    out.push(format!("spec: {name}={value} is no {}", p["type"]));
                }
                Some(_) => {}
            }
        }
        for file in files {
            // The one exception: the files list only `url`, and the guides upload as `source`.
            if !(edge == "photos" && file == "source") {
                out.push(format!("spec: {method} {edge} takes no file {file}"));
            }
        }
        for p in params {
            let name = p["name"].as_str().expect("a name");
            if p["required"] == true && !given.iter().any(|(n, _)| n == name) {
                out.push(format!("spec: {method} {edge} misses {name}"));
            }
        }
        out
    }

    /// Fields asked for in `fields=`, which must be the node's own (or an edge of it).
    pub fn field_complaints(&self, node: &str, fields: &str) -> Vec<String> {
        let spec = match node {
            "Page" => &self.page,
            "PagePost" => &self.post,
            _ => &self.photo,
        };
        let knows = |name: &str| {
            let field = |list: &str, key: &str| {
                spec[list]
                    .as_array()
                    .is_some_and(|l| l.iter().any(|f| f[key] == name))
            };
            field("fields", "name") || field("apis", "endpoint")
        };
        let outer = outer_fields(fields);
        // reactions.summary(true) is an edge with its own parameters.
        let outer = outer
            .iter()
            .map(|f| f.split('.').next().unwrap_or(f).to_owned());
        let unknown = outer.filter(|f| !knows(f));
        unknown
            .map(|f| format!("spec: {node} has no field {f}"))
            .collect()
    }
}

/// `id,attachments{url,media}` → `id`, `attachments`.
fn outer_fields(fields: &str) -> Vec<String> {
    let mut depth = 0;
    let mut out = vec![String::new()];
    for c in fields.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => out.push(String::new()),
            c if depth == 0 => out.last_mut().expect("one").push(c),
            _ => {}
        }
    }
    out
}

fn fits(kind: &str, name: &str, value: &str) -> bool {
    match kind {
        "bool" => value == "true" || value == "false",
        "unsigned int" => value.parse::<u64>().is_ok(),
        "int" => value.parse::<i64>().is_ok(),
        k if k.starts_with("list") && name.contains('[') => {
            serde_json::from_str::<Value>(value).is_ok()
        }
        k if k.starts_with("list") => {
            serde_json::from_str::<Value>(value).is_ok_and(|v| v.is_array())
        }
        _ => true,
    }
}
