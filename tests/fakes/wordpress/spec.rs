//! WordPress's own REST index as a second judge: the parameters of each route and what they may be.
//! Comments are not in the collected file and not judged.

use serde_json::{Map, Value};

use crate::fakes::spec::read;

pub struct Spec {
    routes: Map<String, Value>,
}

impl Spec {
    pub fn load() -> Option<Spec> {
        let index = read("wordpress/rest-index.publisher.json")?;
        Some(Spec {
            routes: index["routes"].as_object().expect("routes").clone(),
        })
    }

    /// What is wrong with the parameters of a call.
    pub fn complaints(&self, method: &str, route: &str, given: &Map<String, Value>) -> Vec<String> {
        if route == "/wp/v2/comments" {
            return Vec::new();
        }
        let found = self
            .routes
            .iter()
            .find(|(template, _)| fits(template, route));
        let Some((template, found)) = found else {
            return vec![format!("spec: there is no {route}")];
        };
        let endpoints = found["endpoints"].as_array().expect("endpoints");
        let endpoint = endpoints.iter().find(|e| {
            let methods = e["methods"].as_array().expect("methods");
            methods.iter().any(|m| m == method)
        });
        let Some(endpoint) = endpoint else {
            return vec![format!("spec: {template} takes no {method}")];
        };
        let mut out = Vec::new();
        for (name, value) in given {
            match endpoint["args"].get(name) {
                None => out.push(format!("spec: {method} {template} knows no {name}")),
                Some(arg) if !takes(arg, value) => {
                    out.push(format!(
                        "spec: {name} is {value} and should be {}",
                        arg["type"]
                    ));
                }
                Some(_) => {}
            }
        }
        for (name, arg) in endpoint["args"].as_object().into_iter().flatten() {
            if arg["required"] == true && !given.contains_key(name) {
                out.push(format!("spec: {method} {template} misses {name}"));
            }
        }
        out
    }
}

/// `/wp/v2/posts/(?P<id>[\d]+)` takes `/wp/v2/posts/7`.
fn fits(template: &str, route: &str) -> bool {
    match template.split_once("(?P<id>") {
        Some((before, _)) => route
            .strip_prefix(before)
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())),
        None => template == route,
    }
}

/// By type and enum. A query's values are texts; `title` and its like may be plain (specs/README).
fn takes(arg: &Value, value: &Value) -> bool {
    let kinds = match &arg["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    let fits = kinds.iter().any(|kind| match *kind {
        "integer" => value.is_u64() || value.as_str().is_some_and(|v| v.parse::<u64>().is_ok()),
        "boolean" => value.is_boolean() || matches!(value.as_str(), Some("true" | "false")),
        "array" => match value {
            Value::Array(items) => items
                .iter()
                .all(|i| arg["items"].is_null() || takes(&arg["items"], i)),
            other => other.is_string(),
        },
        _ => value.is_string(),
    });
    let words = arg["enum"].as_array();
    fits && words.is_none_or(|w| w.contains(value))
}
