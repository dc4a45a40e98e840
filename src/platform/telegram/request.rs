//! A part of a post → the request that shows it. Pure.

use serde_json::{Map, Value, json};

use crate::compose::count::utf16;
use crate::model::{Mark, MarkKind, Part};

/// Longest text of a message, in UTF-16 code units (Bot API: 4096 characters; counted as strictly as can be).
pub const MAX_TEXT: usize = 4096;
/// Longest caption of a photo or album.
pub const MAX_CAPTION: usize = 1024;
/// Most pictures in one album.
pub const MAX_ALBUM: usize = 10;

/// Which chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chat {
    /// By number; channels and supergroups begin with -100.
    Id(i64),
    /// `@name`.
    Name(String),
}

impl Chat {
    pub(super) fn parse(text: &str) -> Chat {
        let text = text.trim();
        match text.parse() {
            Ok(id) => Chat::Id(id),
            Err(_) => Chat::Name(format!("@{}", text.trim_start_matches('@'))),
        }
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Chat::Id(id) => json!(id),
            Chat::Name(name) => json!(name),
        }
    }
}

/// How a channel wants its messages.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    pub(super) topic: Option<i64>,
    pub(super) silent: bool,
    pub(super) preview: bool,
}

/// One call of the API; pictures go along as files `picture0`, `picture1` …
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) fields: Map<String, Value>,
}

/// The name under which a picture is attached.
pub(super) fn file_field(n: usize) -> String {
    format!("picture{n}")
}

/// The call that shows a part. `after`: the message it answers to.
///
/// # Errors
/// In words, what the platform would refuse.
pub(super) fn call(
    chat: &Chat,
    manner: &Manner,
    part: &Part,
    after: Option<i64>,
) -> Result<Call, String> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("chat_id", chat.to_json());
    if let Some(topic) = manner.topic {
        put("message_thread_id", json!(topic));
    }
    if manner.silent {
        put("disable_notification", json!(true));
    }
    if let Some(message) = after {
        put(
            "reply_parameters",
            json!({"message_id": message, "allow_sending_without_reply": true}),
        );
    }
    let units = utf16::count(&part.text);
    let entities = entities(&part.text, &part.marks);
    let pictures = part.pictures.len();
    let most = if pictures == 0 { MAX_TEXT } else { MAX_CAPTION };
    if units > most {
        return Err(format!(
            "the text has {units} characters as Telegram counts, and {most} may be"
        ));
    }
    let method = match pictures {
        0 => {
            if part.text.trim().is_empty() {
                return Err("the message is empty".to_owned());
            }
            put("text", json!(part.text));
            if !entities.is_empty() {
                put("entities", entities.into());
            }
            if !manner.preview {
                put("link_preview_options", json!({"is_disabled": true}));
            } else if let Some(link) = &part.link {
                put(
                    "link_preview_options",
                    json!({"url": link, "prefer_large_media": true}),
                );
            }
            "sendMessage"
        }
        1 => {
            put("photo", json!(format!("attach://{}", file_field(0))));
            if units > 0 {
                put("caption", json!(part.text));
            }
            if !entities.is_empty() {
                put("caption_entities", entities.into());
            }
            "sendPhoto"
        }
        2..=MAX_ALBUM => {
            let media = (0..pictures).map(|n| {
                let mut item = Map::new();
                item.insert("type".into(), json!("photo"));
                item.insert("media".into(), json!(format!("attach://{}", file_field(n))));
                // An album shows the caption of its first picture.
                if n == 0 && units > 0 {
                    item.insert("caption".into(), json!(part.text));
                    if !entities.is_empty() {
                        item.insert("caption_entities".into(), entities.clone().into());
                    }
                }
                Value::Object(item)
            });
            let media: Vec<Value> = media.collect();
            put("media", media.into());
            "sendMediaGroup"
        }
        _ => {
            return Err(format!(
                "{pictures} pictures, and an album takes {MAX_ALBUM}"
            ));
        }
    };
    Ok(Call { method, fields })
}

/// Marks (UTF-8 bytes) as entities (UTF-16 code units).
fn entities(text: &str, marks: &[Mark]) -> Vec<Value> {
    let entity = |mark: &Mark| {
        let before = text.get(..mark.start)?;
        let inside = text.get(mark.start..mark.end)?;
        let kind = match mark.kind {
            MarkKind::Bold => "bold",
            MarkKind::Link => "url",
            MarkKind::Tag => "hashtag",
        };
        (!inside.is_empty())
            .then(|| json!({"type": kind, "offset": utf16::count(before), "length": utf16::count(inside)}))
    };
    marks.iter().filter_map(entity).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Picture;

    const MANNER: Manner = Manner {
        topic: None,
        silent: false,
        preview: true,
    };

    fn part(text: &str, pictures: usize) -> Part {
        let picture = Picture {
            hash: "ab".into(),
            alt: String::new(),
        };
        Part {
            text: text.into(),
            pictures: vec![picture; pictures],
            ..Part::default()
        }
    }
    fn chat() -> Chat {
        Chat::parse("@tinbackan")
    }

    #[test]
    fn offsets_are_utf_16() {
        let text = "📣 Tiêm chủng 💉 #chợđồn";
        let marks = [
            Mark {
                start: 0,
                end: text.find(" #").expect("a tag"),
                kind: MarkKind::Bold,
            },
            Mark {
                start: text.find('#').expect("a tag"),
                end: text.len(),
                kind: MarkKind::Tag,
            },
        ];
        assert_eq!(
            entities(text, &marks),
            [
                json!({"type": "bold", "offset": 0, "length": 16}),
                json!({"type": "hashtag", "offset": 17, "length": 7}),
            ]
        );
    }

    #[test]
    fn a_mark_inside_a_letter_is_left_out_rather_than_sent_wrong() {
        let mark = Mark {
            start: 1,
            end: 2,
            kind: MarkKind::Bold,
        };
        assert!(entities("ộ", &[mark]).is_empty());
    }

    #[test]
    fn pictures_decide_the_method_and_the_limit() {
        let method = |text: &str, n| call(&chat(), &MANNER, &part(text, n), None).map(|c| c.method);
        assert_eq!(method("a", 0), Ok("sendMessage"));
        assert_eq!(method("a", 1), Ok("sendPhoto"));
        assert_eq!(method("", 2), Ok("sendMediaGroup"));
        assert_eq!(method("a", 10), Ok("sendMediaGroup"));
        assert!(method("a", 11).is_err());
        assert!(method(" ", 0).is_err());
        assert!(method(&"ộ".repeat(4096), 0).is_ok());
        assert!(method(&"📣".repeat(2049), 0).is_err());
        assert!(method(&"ộ".repeat(1024), 1).is_ok());
        assert!(method(&"ộ".repeat(1025), 2).is_err());
    }

    #[test]
    fn a_chat_is_a_number_or_a_name() {
        assert_eq!(Chat::parse("-1001234"), Chat::Id(-1_001_234));
        assert_eq!(Chat::parse("tinbackan"), Chat::Name("@tinbackan".into()));
    }
}
