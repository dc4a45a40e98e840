//! What may be changed of a table, as plain values: the same whether it stands in a file, came as JSON
//! or was typed into a form. The keys' shapes ([`keys`](crate::config::keys)) say how. Pure.

use serde_json::{Map, Value};

use crate::config::keys::{CHANNEL, FEED, GROUP, Key, OFFICE, SCHEDULE, Shape, TOPIC};

/// Keys and their values; `null`: taken away.
pub type Entry = Map<String, Value>;

/// The other name of `topics`.
pub(super) const TOPIC_ALIAS: &str = "topic";

/// Which kinds of tables can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `[office]`.
    Office,
    /// `[[channels]]`.
    Channel,
    /// `[[topics]]`.
    Topic,
    /// `[[groups]]`.
    Group,
    /// `schedules/ID.toml`.
    Schedule,
    /// `[[feeds]]`.
    Feed,
}

impl Kind {
    /// The keys that can be changed: neither ids, which are for ever, nor where and with which secret a
    /// platform is reached, which is `raotin connect`'s to ask and check.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        let all = match self {
            Kind::Office => OFFICE,
            Kind::Channel => CHANNEL,
            Kind::Topic => TOPIC,
            Kind::Group => GROUP,
            Kind::Schedule => SCHEDULE,
            Kind::Feed => FEED,
        };
        all.iter().filter(move |key| {
            let table = matches!(key.shape, Shape::Table(_) | Shape::Tables(_));
            let secret = matches!(key.shape, Shape::Secret | Shape::Secrets);
            // A feed's articles have one topic, by its only name.
            let own = key.name == "id" || key.name == TOPIC_ALIAS && self != Kind::Feed;
            !secret && !own && (!table || key.name == "utm")
        })
    }

    /// One of them.
    pub fn key(self, name: &str) -> Option<&'static Key> {
        self.keys().find(|key| key.name == name)
    }

    /// The list of tables it stands in, in `raotin.toml`.
    pub(super) fn list(self) -> Option<&'static str> {
        match self {
            Kind::Office | Kind::Schedule => None,
            Kind::Channel => Some("channels"),
            Kind::Topic => Some("topics"),
            Kind::Group => Some("groups"),
            Kind::Feed => Some("feeds"),
        }
    }

    /// The word in the API and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Office => "office",
            Kind::Channel => "channel",
            Kind::Topic => "topic",
            Kind::Group => "group",
            Kind::Schedule => "schedule",
            Kind::Feed => "feed",
        }
    }
}

/// What of a table can be changed, in plain values; one of a wrong shape is left out, for the checker
/// tells it.
pub(super) fn entry_of(table: &toml::Table, kind: Kind) -> Entry {
    let mut entry = Entry::new();
    for key in kind.keys() {
        let Some(value) = table.get(key.name) else {
            continue;
        };
        if let Some(value) = plain(value, key.shape) {
            entry.insert(key.name.to_owned(), value);
        }
    }
    if kind == Kind::Channel
        && let Some(more) = table.get(TOPIC_ALIAS)
        && let Some(Value::Array(more)) = plain(more, Shape::Ids)
    {
        let topics = entry
            .entry("topics")
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(topics) = topics {
            topics.extend(more);
        }
    }
    entry
}

fn plain(value: &toml::Value, shape: Shape) -> Option<Value> {
    let text = || value.as_str().map(Value::from);
    match shape {
        Shape::Ids | Shape::Names => match value {
            toml::Value::String(one) => Some(Value::from(vec![one.clone()])),
            toml::Value::Array(list) => {
                let texts: Option<Vec<Value>> =
                    list.iter().map(|v| v.as_str().map(Value::from)).collect();
                texts.map(Value::Array)
            }
            _ => None,
        },
        Shape::Count(..) | Shape::Whole => value.as_integer().map(Value::from),
        Shape::Flag => value.as_bool().map(Value::from),
        Shape::Table(_) => {
            let table = value.as_table()?.iter();
            let texts: Option<Entry> = table
                .map(|(k, v)| Some((k.clone(), Value::from(v.as_str()?))))
                .collect();
            texts.map(Value::Object)
        }
        _ => text(),
    }
}

/// What was typed → a value; nothing typed takes the key away. What is no number stays the text that it
/// is: the checker tells it at its line.
pub fn typed(shape: Shape, text: &str) -> Value {
    let text = text.trim();
    if text.is_empty() {
        return Value::Null;
    }
    match shape {
        Shape::Ids | Shape::Names => {
            let words = text.split(',').map(str::trim);
            words.filter(|w| !w.is_empty()).collect()
        }
        Shape::Count(..) | Shape::Whole => match text.parse::<i64>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::from(text),
        },
        Shape::Flag => match text {
            "true" => Value::from(true),
            "false" => Value::from(false),
            _ => Value::from(text),
        },
        Shape::Table(_) => {
            let pairs = text.split([',', '&']).filter_map(|p| p.split_once('='));
            let pairs = pairs.map(|(k, v)| (k.trim().to_owned(), Value::from(v.trim())));
            Value::Object(pairs.collect())
        }
        _ => Value::from(text),
    }
}

/// Whether a value says nothing: the key goes, and its default holds.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Object(map) => map.values().all(is_nothing),
        _ => false,
    }
}

/// A value as TOML.
pub(super) fn toml_of(value: &Value) -> String {
    match value {
        Value::String(text) => text_of(text),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(toml_of).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let pairs = map.iter().filter(|(_, v)| !is_nothing(v));
            let pairs: Vec<String> = pairs
                .map(|(k, v)| format!("{} = {}", name_of(k), toml_of(v)))
                .collect();
            if pairs.is_empty() {
                return "{}".to_owned();
            }
            format!("{{ {} }}", pairs.join(", "))
        }
        other => other.to_string(),
    }
}

/// A key's name; one that is none of ours is told by the checker, whatever it is.
fn name_of(key: &str) -> String {
    let bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if !key.is_empty() && key.bytes().all(bare) {
        return key.to_owned();
    }
    toml::Value::from(key).to_string()
}

/// Text of several lines is written as such where that needs no escapes.
fn text_of(text: &str) -> String {
    let plain = |c: char| c == '\n' || !(c.is_control() || c == '\\');
    let fits = text.contains('\n') && !text.contains("\"\"") && !text.ends_with('"');
    if fits && text.chars().all(plain) {
        return format!("\"\"\"\n{text}\"\"\"");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in [
            "Chợ Đồn",
            "a\"b",
            "hai\ndòng",
            "\n{title}\n\n{link}",
            "cuối\"",
            "\\n",
            "a\n\"\"\"b",
            "\u{1}\t\r\n",
            "dòng\n\"",
        ] {
            let read: toml::Table = format!("a = {}", text_of(text)).parse().unwrap();
            assert_eq!(read["a"].as_str(), Some(text));
        }
    }

    #[test]
    fn nothing_about_secrets_and_targets_can_be_changed() {
        let keys: Vec<&str> = Kind::Channel.keys().map(|k| k.name).collect();
        for never in ["id", "telegram", "webhook", "wordpress", "facebook-page"] {
            assert!(!keys.contains(&never), "{never}");
        }
        assert!(keys.contains(&"utm") && keys.contains(&"assignees"));
    }

    #[test]
    fn what_is_typed_has_the_shape_of_its_key() {
        assert_eq!(typed(Shape::Ids, " a, b ,"), serde_json::json!(["a", "b"]));
        assert_eq!(typed(Shape::Count(1, 9), "3"), serde_json::json!(3));
        assert_eq!(typed(Shape::Count(1, 9), "ba"), serde_json::json!("ba"));
        assert_eq!(typed(Shape::Text, "  "), Value::Null);
    }
}
