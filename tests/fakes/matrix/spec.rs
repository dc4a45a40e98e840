//! The published Client-Server API (YAML) as a second judge: paths, queries and the contents of
//! messages. Aliases, redactions and relations are not in the collected files and not judged.

use serde_json::Value;

use crate::fakes::server::Request;
use crate::fakes::spec::folder;

/// The files whose paths are spoken, and the base path that each is under.
const FILES: [(&str, &str); 6] = [
    ("room_send", "/_matrix/client/v3"),
    ("rooms", "/_matrix/client/v3"),
    ("joining", "/_matrix/client/v3"),
    ("message_pagination", "/_matrix/client/v3"),
    ("whoami", "/_matrix/client/v3"),
    ("authed-content-repo", "/_matrix/client/v1"),
];
/// This one spells its paths out from `/media` on.
const MEDIA: (&str, &str) = ("content-repo", "/_matrix");
/// Asked of the server, but not in the collected files.
const ELSEWHERE: [&str; 4] = [
    "/_matrix/client/v3/directory/",
    "/joined_rooms",
    "/redact/",
    "/relations/",
];

pub struct Spec {
    /// Full path template, and its operations.
    paths: Vec<(String, Value)>,
    /// By `msgtype`: the schema of the content.
    contents: Vec<(&'static str, Value)>,
    image_info: Value,
}

fn read(name: &str) -> Option<Value> {
    let path = folder()?.join("matrix/data").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|e| panic!("RAOTIN_SPECS has no {}: {e}", path.display()));
    Some(serde_yaml_ng::from_str(&text).expect("a specification is YAML"))
}

impl Spec {
    pub fn load() -> Option<Spec> {
        folder()?;
        let mut paths = Vec::new();
        for (file, base) in FILES.into_iter().chain([MEDIA]) {
            let api = read(&format!("api/client-server/{file}.yaml"))?;
            for (path, operations) in api["paths"].as_object().expect("paths") {
                let mut operations = operations.clone();
                operations["components"] = api["components"].clone();
                paths.push((format!("{base}{path}"), operations));
            }
        }
        let schema = "event-schemas/schema";
        let content = |kind: &str| {
            let event = read(&format!("{schema}/m.room.message${kind}.yaml"))?;
            Some(event["properties"]["content"].clone())
        };
        Some(Spec {
            paths,
            contents: vec![
                ("m.text", content("m.text")?),
                ("m.image", content("m.image")?),
            ],
            image_info: read(&format!(
                "{schema}/core-event-schema/msgtype_infos/image_info.yaml"
            ))?,
        })
    }

    /// What is wrong with a request.
    pub fn complaints(&self, request: &Request) -> Vec<String> {
        if ELSEWHERE.iter().any(|part| request.path.contains(part)) {
            return Vec::new();
        }
        let method = request.method.to_lowercase();
        let found = self.paths.iter().find_map(|(template, operations)| {
            let values = matched(template, &request.segments)?;
            let operation = operations.get(&method)?;
            Some((template, operation, &operations["components"], values))
        });
        let Some((template, operation, components, values)) = found else {
            return vec![format!("spec: there is no {method} {}", request.path)];
        };
        let mut out = Vec::new();
        let none = Vec::new();
        let declared: Vec<&Value> = operation["parameters"]
            .as_array()
            .unwrap_or(&none)
            .iter()
            .map(|p| match p["$ref"].as_str() {
                Some(name) => {
                    let name = name.rsplit('/').next().expect("a name");
                    &components["parameters"][name]
                }
                None => p,
            })
            .collect();
        for (name, value) in &request.query {
            match declared
                .iter()
                .find(|p| p["in"] == "query" && p["name"] == name.as_str())
            {
                None => out.push(format!("spec: {template} knows no {name}")),
                Some(p) => out.extend(wrong(name, &p["schema"], &loose(value, &p["schema"]))),
            }
        }
        for p in declared
            .iter()
            .filter(|p| p["in"] == "query" && p["required"] == true)
        {
            if !request.query.iter().any(|(n, _)| p["name"] == n.as_str()) {
                out.push(format!("spec: {template} misses {}", p["name"]));
            }
        }
        for (name, value) in values {
            let declared = declared
                .iter()
                .find(|p| p["in"] == "path" && p["name"] == name);
            match declared {
                None => out.push(format!("spec: {template} declares no {name}")),
                Some(p) => out.extend(wrong(&name, &p["schema"], &value.into())),
            }
        }
        let takes = &operation["requestBody"]["content"]["application/json"]["schema"];
        if !takes.is_null() {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            out.extend(wrong("body", takes, &body));
            if template.contains("/send/") {
                out.extend(self.content(&body));
            }
        }
        out
    }

    /// What is wrong with a message's content.
    pub fn content(&self, content: &Value) -> Vec<String> {
        let kind = content["msgtype"].as_str().unwrap_or_default();
        let Some((_, schema)) = self.contents.iter().find(|(k, _)| *k == kind) else {
            return vec![format!("spec: «{kind}» is no msgtype of ours")];
        };
        let mut out = wrong("content", schema, content);
        if let Some(info) = content.get("info") {
            out.extend(wrong("info", &self.image_info, info));
            let known = self.image_info["properties"]
                .as_object()
                .expect("properties");
            let strange = info.as_object().into_iter().flatten();
            let strange = strange.filter(|(name, _)| !known.contains_key(*name));
            out.extend(strange.map(|(name, _)| format!("spec: info knows no {name}")));
        }
        out
    }
}

/// The values of the template's braces, if the path is one of its.
fn matched(template: &str, path: &[String]) -> Option<Vec<(String, String)>> {
    let mut template = template.trim_start_matches('/').split('/');
    let mut path = path.iter();
    let mut values = Vec::new();
    loop {
        match (template.next(), path.next()) {
            (None, None) => return Some(values),
            (Some(t), Some(p)) => match t.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
                Some(name) => values.push((name.to_owned(), p.clone())),
                None if t == p => {}
                None => return None,
            },
            _ => return None,
        }
    }
}

/// A query's value as the type that is wanted.
fn loose(value: &str, schema: &Value) -> Value {
    match schema["type"].as_str() {
        Some("integer" | "boolean") => serde_json::from_str(value).unwrap_or_default(),
        _ => value.into(),
    }
}

/// What a value has against a schema: type, required, properties, enum, and patterns of the form `^x`.
fn wrong(at: &str, schema: &Value, value: &Value) -> Vec<String> {
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        _ => true,
    };
    if !fits {
        return vec![format!(
            "spec: {at} is {value} and should be {}",
            schema["type"]
        )];
    }
    let mut out = Vec::new();
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        out.push(format!(
            "spec: {at} is {value} and should be one of {words:?}"
        ));
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
        let start = pattern.trim_start_matches('^').replace('\\', "");
        if !text.starts_with(&start) {
            out.push(format!(
                "spec: {at} is «{text}» and should begin with {start}"
            ));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().expect("a name")).is_none() {
            out.push(format!("spec: {at} misses {name}"));
        }
    }
    if let Some(properties) = schema["properties"].as_object() {
        for (name, schema) in properties {
            if let Some(value) = value.get(name) {
                out.extend(wrong(name, schema, value));
            }
        }
    }
    out
}
