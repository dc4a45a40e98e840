//! A judge of records and calls by the AT Protocol's published lexicons. It is tried on the protocol's
//! own vectors before it is believed (`platforms_send_what_the_specs_allow`).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation as _;

use super::spec;

/// Documents by their id.
pub struct Lexicons(BTreeMap<String, Value>);

impl Lexicons {
    /// The published ones, if this run has them.
    pub fn load() -> Option<Lexicons> {
        spec::folder().map(|folder| Lexicons::of(&folder.join("atproto/lexicons")))
    }

    /// Every document under a folder.
    pub fn of(folder: &Path) -> Lexicons {
        let mut found = BTreeMap::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).expect("the lexicons are there") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|e| e == "json") {
                    let text = std::fs::read_to_string(&path).expect("a lexicon");
                    let document: Value = serde_json::from_str(&text).expect("a lexicon is JSON");
                    let id = document["id"].as_str().expect("an id").to_owned();
                    found.insert(id, document);
                }
            }
        }
        Lexicons(found)
    }

    /// What is wrong with a record of this collection.
    pub fn record_complaints(&self, collection: &str, record: &Value) -> Vec<String> {
        let mut out = Vec::new();
        let main = &self.0[collection]["defs"]["main"];
        if record["$type"] != collection {
            out.push(format!("spec: the record is of type {}", record["$type"]));
        }
        self.value(collection, "record", &main["record"], record, &mut out);
        out
    }

    /// What is wrong with what is sent to a procedure.
    pub fn input_complaints(&self, method: &str, body: &Value) -> Vec<String> {
        let Some(document) = self.0.get(method) else {
            return vec![format!("spec: there is no method {method}")];
        };
        let mut out = Vec::new();
        let schema = &document["defs"]["main"]["input"]["schema"];
        self.value(method, method, schema, body, &mut out);
        // Open by the protocol; here nothing goes out that nobody reads.
        for name in body.as_object().map(Map::keys).into_iter().flatten() {
            if schema["properties"].get(name).is_none() {
                out.push(format!("spec: {method} takes no {name}"));
            }
        }
        out
    }

    fn resolve<'a>(&'a self, document: &'a str, name: &'a str) -> Option<(&'a str, &'a Value)> {
        let (id, def) = name.split_once('#').unwrap_or((name, "main"));
        let id = if id.is_empty() { document } else { id };
        let (id, found) = self.0.get_key_value(id)?;
        found["defs"].get(def).map(|schema| (id.as_str(), schema))
    }

    fn value(
        &self,
        document: &str,
        at: &str,
        schema: &Value,
        value: &Value,
        out: &mut Vec<String>,
    ) {
        let mut wrong = |why: &str| out.push(format!("spec: {at} {why}: {value}"));
        let number = |name: &str| schema[name].as_u64().and_then(|n| usize::try_from(n).ok());
        let listed = |name: &str| schema[name].as_array().is_some_and(|l| !l.contains(value));
        if schema.get("const").is_some_and(|c| c != value) || listed("enum") {
            wrong("is not what it must be");
        }
        match schema["type"].as_str().unwrap_or("") {
            "string" => {
                let Some(text) = value.as_str() else {
                    return wrong("is no string");
                };
                let graphemes = text.graphemes(true).count();
                if number("maxLength").is_some_and(|m| text.len() > m)
                    || number("minLength").is_some_and(|m| text.len() < m)
                    || number("maxGraphemes").is_some_and(|m| graphemes > m)
                    || number("minGraphemes").is_some_and(|m| graphemes < m)
                {
                    wrong("is too long or too short");
                }
                if schema["format"]
                    .as_str()
                    .is_some_and(|f| !has_format(f, text))
                {
                    wrong(&format!("is no {}", schema["format"]));
                }
            }
            "integer" => {
                let Some(n) = value.as_i64() else {
                    return wrong("is no integer");
                };
                if schema["minimum"].as_i64().is_some_and(|m| n < m)
                    || schema["maximum"].as_i64().is_some_and(|m| n > m)
                {
                    wrong("is too large or too small");
                }
            }
            "boolean" if !value.is_boolean() => wrong("is no boolean"),
            "null" if !value.is_null() => wrong("is not null"),
            "array" => {
                let Some(items) = value.as_array() else {
                    return wrong("is no array");
                };
                if number("maxLength").is_some_and(|m| items.len() > m)
                    || number("minLength").is_some_and(|m| items.len() < m)
                {
                    wrong("has too many or too few items");
                }
                for (n, item) in items.iter().enumerate() {
                    self.value(document, &format!("{at}[{n}]"), &schema["items"], item, out);
                }
            }
            "object" | "params" => {
                let Some(object) = value.as_object() else {
                    return wrong("is no object");
                };
                let named = |list: &str, name: &str| {
                    schema[list]
                        .as_array()
                        .is_some_and(|l| l.iter().any(|n| n == name))
                };
                for name in schema["required"].as_array().into_iter().flatten() {
                    if !object.contains_key(name.as_str().unwrap_or("")) {
                        out.push(format!("spec: {at} misses {name}"));
                    }
                }
                for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                    match object.get(name) {
                        None => {}
                        Some(Value::Null) if named("nullable", name) => {}
                        Some(inner) => {
                            self.value(document, &format!("{at}.{name}"), schema, inner, out)
                        }
                    }
                }
            }
            "ref" => match self.resolve(document, schema["ref"].as_str().unwrap_or("")) {
                Some((document, schema)) => self.value(document, at, schema, value, out),
                None => wrong(&format!("is of a type that is not here, {}", schema["ref"])),
            },
            "union" => {
                let Some(kind) = value["$type"].as_str() else {
                    return wrong("is of a union and has no $type");
                };
                let fits = |name: &&str| {
                    let (id, def) = name.split_once('#').unwrap_or((name, "main"));
                    let id = if id.is_empty() { document } else { id };
                    let whole = if def == "main" {
                        id.to_owned()
                    } else {
                        format!("{id}#{def}")
                    };
                    whole == kind
                };
                let refs = schema["refs"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str);
                match refs.into_iter().find(fits) {
                    Some(name) => {
                        if let Some((document, schema)) = self.resolve(document, name) {
                            self.value(document, at, schema, value, out);
                        }
                    }
                    None if schema["closed"] == true => wrong("is none of the union"),
                    None => {}
                }
            }
            "blob" => {
                let fits = value["$type"] == "blob"
                    && value["ref"]["$link"].is_string()
                    && value["mimeType"].as_str().is_some_and(|m| !m.is_empty())
                    && value["size"].as_i64().is_some_and(|s| s > 0);
                if !fits {
                    return wrong("is no blob");
                }
                let mime = value["mimeType"].as_str().unwrap_or("");
                let accepts = |pattern: &str| match pattern.strip_suffix('*') {
                    Some(start) => mime.starts_with(start),
                    None => mime == pattern,
                };
                let accepted = schema["accept"]
                    .as_array()
                    .is_none_or(|list| list.iter().filter_map(Value::as_str).any(accepts));
                if !accepted
                    || schema["maxSize"]
                        .as_i64()
                        .is_some_and(|m| value["size"].as_i64() > Some(m))
                {
                    wrong("is a blob that is not taken");
                }
            }
            "bytes" => {
                let encoded = value["$bytes"].as_str();
                let length = encoded.map(|e| e.trim_end_matches('=').len() * 3 / 4);
                if length.is_none()
                    || number("maxLength").is_some_and(|m| length > Some(m))
                    || number("minLength").is_some_and(|m| length < Some(m))
                {
                    wrong("is no bytes, or too many or few");
                }
            }
            "cid-link" if !value["$link"].is_string() => wrong("is no link"),
            "unknown" => {
                let plain = value.is_object()
                    && value["$type"] != "blob"
                    && value.get("$bytes").is_none()
                    && value.get("$link").is_none();
                if !plain {
                    wrong("is no object");
                }
            }
            _ => {}
        }
    }
}

/// Whether a string has a format, as far as we send such: the protocol's syntax vectors try these.
pub fn has_format(format: &str, text: &str) -> bool {
    match format {
        "datetime" => is_datetime(text),
        "uri" => is_uri(text),
        "did" => is_did(text),
        "handle" => is_handle(text),
        "at-identifier" => is_did(text) || is_handle(text),
        "tid" => is_tid(text),
        "record-key" => is_record_key(text),
        "language" => is_language(text),
        "nsid" => is_nsid(text),
        "cid" => {
            text.len() >= 8
                && text.len() <= 256
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+')
        }
        "at-uri" => is_at_uri(text),
        _ => true,
    }
}

pub fn is_tid(text: &str) -> bool {
    let letter = |b: u8| (b'2'..=b'7').contains(&b) || b.is_ascii_lowercase();
    text.len() == 13 && text.bytes().all(letter) && text.as_bytes()[0] <= b'j'
}

pub fn is_record_key(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_~.:-".contains(&b);
    (1..=512).contains(&text.len()) && text.bytes().all(plain) && text != "." && text != ".."
}

pub fn is_did(text: &str) -> bool {
    let Some((method, id)) = text.strip_prefix("did:").and_then(|t| t.split_once(':')) else {
        return false;
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._:%-".contains(&b);
    text.len() <= 2048
        && !method.is_empty()
        && method.bytes().all(|b| b.is_ascii_lowercase())
        && !id.is_empty()
        && id.bytes().all(plain)
        && !id.ends_with([':', '%'])
}

pub fn is_handle(text: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && text
            .rsplit('.')
            .next()
            .is_some_and(|l| l.starts_with(|c: char| c.is_ascii_alphabetic()))
}

pub fn is_nsid(text: &str) -> bool {
    let Some((authority, name)) = text.rsplit_once('.') else {
        return false;
    };
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= 317
        && authority.contains('.')
        && authority.split('.').all(label)
        && authority.starts_with(|c: char| c.is_ascii_alphabetic())
        && (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub fn is_at_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("at://") else {
        return false;
    };
    let mut parts = rest.split('/');
    let who = parts.next().unwrap_or("");
    let rest: Vec<&str> = parts.collect();
    text.len() <= 8192
        && (is_did(who) || is_handle(who))
        && match rest.as_slice() {
            [] => true,
            [collection] => is_nsid(collection),
            [collection, key] => is_nsid(collection) && is_record_key(key),
            _ => false,
        }
}

pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or("");
    let known = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    (known || first == "i" || first.eq_ignore_ascii_case("x"))
        && parts
            .all(|p| !p.is_empty() && p.len() <= 8 && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

pub fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".-+".contains(&b);
    text.len() <= 8192
        && scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(plain)
        && !rest.is_empty()
        && !rest.chars().any(char::is_whitespace)
        && rest.strip_prefix("//").is_none_or(|r| !r.is_empty())
}

pub fn is_datetime(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |from: usize, n: usize| {
        b.get(from..from + n)
            .is_some_and(|s| s.iter().all(u8::is_ascii_digit))
    };
    let at = |n: usize, c: u8| b.get(n) == Some(&c);
    let head = digits(0, 4)
        && at(4, b'-')
        && digits(5, 2)
        && at(7, b'-')
        && digits(8, 2)
        && at(10, b'T')
        && digits(11, 2)
        && at(13, b':')
        && digits(14, 2)
        && at(16, b':')
        && digits(17, 2);
    if !head || text.len() > 64 || !text.is_ascii() {
        return false;
    }
    let rest = &text[19..];
    let rest = match rest.strip_prefix('.') {
        Some(r) => {
            let n = r.bytes().take_while(u8::is_ascii_digit).count();
            if n == 0 || n > 20 {
                return false;
            }
            &r[n..]
        }
        None => rest,
    };
    let offset = rest.len() == 6
        && rest.starts_with(['+', '-'])
        && rest.as_bytes()[3] == b':'
        && [1, 2, 4, 5]
            .iter()
            .all(|n| rest.as_bytes()[*n].is_ascii_digit())
        && rest != "-00:00";
    // Nanoseconds are as much as anybody reads; the day and the hour must exist.
    let whole = format!("{}{rest}", &text[..19]);
    (rest == "Z" || offset) && whole.parse::<jiff::Timestamp>().is_ok()
}
