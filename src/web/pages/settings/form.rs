//! A table's keys as a form, and a form's answers as keys. What each key is comes from the same tables
//! that the checker reads; what it is called, from the catalogues (`setting.KEY`, `setting-hint.KEY`).

use serde_json::Value;

use super::super::fields::Fields;
use crate::config::edit::{Entry, Kind, typed};
use crate::config::keys::{Key, Shape};
use crate::config::{Config, Problem};
use crate::lang::Lang;
use crate::model::{Member, PlatformKind, Role};

/// One field.
pub(super) struct Field {
    /// The key, and the field's name.
    pub(super) key: String,
    pub(super) label: String,
    pub(super) hint: String,
    /// `text`, `url`, `number`, `lines`, `one`, `many`, `flag`.
    pub(super) input: &'static str,
    pub(super) value: String,
    pub(super) choices: Vec<Choice>,
    pub(super) error: Option<String>,
    /// Hardly meant, but taken.
    pub(super) warning: Option<String>,
}

/// One answer to choose.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// Those that are needed every day stand open; the rest is under "More".
pub(super) struct Form {
    pub(super) open: Vec<Field>,
    pub(super) more: Vec<Field>,
    /// Something under "More" is to be mended.
    pub(super) more_open: bool,
}

/// The keys of a form, in its order: first those that stand open.
fn keys(kind: Kind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        Kind::Office => (
            &["name", "lang", "default_channels", "approve_own"],
            &["missed", "grace", "zone"],
        ),
        Kind::Channel => (
            &[
                "title",
                "url",
                "approval",
                "max_per_day",
                "assignees",
                "topics",
            ],
            &[
                "mode",
                "min_gap",
                "repeat_after",
                "hours",
                "after",
                "link",
                "hand_within",
                "template",
                "utm",
                "account",
                "settle_after",
                "settle_gap",
            ],
        ),
        Kind::Topic => (&["title", "channels"], &[]),
        Kind::Group => (&["channels"], &[]),
        Kind::Schedule => (
            &["channels", "take", "enabled"],
            &["order", "topics", "spread", "missed", "grace", "zone"],
        ),
        Kind::Feed => (
            &[
                "title",
                "url",
                "topic",
                "channels",
                "approval",
                "max_per_day",
                "enabled",
            ],
            &[
                "words",
                "without",
                "categories",
                "max_age",
                "first",
                "page",
                "every",
                "template",
            ],
        ),
    }
}

/// What the choices of a form are made of.
pub(super) struct Lists<'a> {
    pub(super) config: &'a Config,
    pub(super) members: Vec<(Member, Option<String>)>,
    pub(super) lang: Lang,
    /// The table's own id: it does not wait for itself.
    pub(super) own: &'a str,
    pub(super) platform: Option<PlatformKind>,
}

/// The form of these values.
pub(super) fn form(
    kind: Kind,
    entry: &Entry,
    lists: &Lists<'_>,
    wrong: &[(Option<String>, String)],
    warned: &[(Option<String>, Problem)],
) -> Form {
    let field = |name: &&'static str| {
        let key = kind.key(name)?;
        let mut field = field(kind, key, entry.get(*name), lists)?;
        let of = |(at, _): &&(Option<String>, String)| at.as_deref() == Some(*name);
        field.error = wrong.iter().find(of).map(|(_, text)| text.clone());
        let of = |(at, _): &&(Option<String>, Problem)| at.as_deref() == Some(*name);
        let warning = warned.iter().find(of).map(|(_, p)| p.text(lists.lang));
        field.warning = warning.filter(|_| wrong.is_empty());
        Some(field)
    };
    let (open, more) = keys(kind);
    let open = open.iter().filter_map(field).collect();
    let more: Vec<Field> = more.iter().filter_map(field).collect();
    Form {
        open,
        more_open: more.iter().any(|f| f.error.is_some()),
        more,
    }
}

/// What a key is called in a form of this kind.
pub(super) fn label(lang: Lang, kind: Kind, key: &str) -> &'static str {
    let word = key.replace('_', "-");
    let own = match kind {
        Kind::Feed => lang.look("feed-setting", &word),
        _ => "",
    };
    if own.is_empty() {
        lang.look("setting", &word)
    } else {
        own
    }
}

/// What is said below it: of a feed's keys what is said of them there, or nothing.
fn hint(lang: Lang, kind: Kind, key: &str) -> &'static str {
    let word = key.replace('_', "-");
    match kind {
        Kind::Feed => lang.look("feed-setting-hint", &word),
        _ => lang.look("setting-hint", &word),
    }
}

fn field(kind: Kind, key: &'static Key, value: Option<&Value>, lists: &Lists<'_>) -> Option<Field> {
    let lang = lists.lang;
    let text = match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(tags)) => {
            let pairs = tags
                .iter()
                .filter_map(|(k, v)| Some(format!("{k}={}", v.as_str()?)));
            pairs.collect::<Vec<_>>().join(", ")
        }
        Some(Value::Array(all)) => {
            let all = all.iter().filter_map(Value::as_str);
            all.collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    };
    let hand_only = lists.platform.is_some_and(|p| !p.has_api());
    // What only a program that posts by itself heeds.
    let posts_only = ["hours", "settle_after", "settle_gap"];
    if hand_only && posts_only.contains(&key.name) && value.is_none() {
        return None;
    }
    let (input, choices) = match key.shape {
        Shape::Word(words) => {
            let words = words().into_iter();
            let possible = words.filter(|w| !(key.name == "mode" && hand_only && *w == "post"));
            let default = Choice {
                value: String::new(),
                label: lang
                    .word("setting-default", default_of(key.name, lists))
                    .to_owned(),
                chosen: text.is_empty(),
            };
            let choice = |word: &'static str| Choice {
                label: lang
                    .look("choice", &format!("{word_of}-{word}", word_of = key.name))
                    .to_owned(),
                chosen: text == word,
                value: word.to_owned(),
            };
            (
                "one",
                std::iter::once(default)
                    .chain(possible.map(choice))
                    .collect(),
            )
        }
        Shape::Id if key.name == "topic" => ("one", one_topic(&text, lists)),
        Shape::Id => ("one", one_channel(&text, lists)),
        Shape::Ids => ("many", many(key.name, value, lists)),
        Shape::Flag => {
            let on = value
                .and_then(Value::as_bool)
                .unwrap_or(default_flag(key.name));
            let choice = Choice {
                value: "true".to_owned(),
                label: String::new(),
                chosen: on,
            };
            ("flag", vec![choice])
        }
        Shape::Count(..) => ("number", Vec::new()),
        Shape::Url => ("url", Vec::new()),
        Shape::Text if key.name == "template" => ("lines", Vec::new()),
        _ => ("text", Vec::new()),
    };
    // Nothing to choose from: nothing to ask.
    if matches!(input, "many") && choices.is_empty() && !key.required {
        return None;
    }
    Some(Field {
        key: key.name.to_owned(),
        label: label(lang, kind, key.name).to_owned(),
        hint: hint(lang, kind, key.name).to_owned(),
        input,
        value: text,
        choices,
        error: None,
        warning: None,
    })
}

/// Under which name the catalogues say what holds where nothing is said.
fn default_of(key: &str, lists: &Lists<'_>) -> &'static str {
    match key {
        "mode" if lists.platform.is_some_and(|p| !p.has_api()) => "by-hand",
        "mode" => "post",
        "approval" => "no-approval",
        "order" => "oldest",
        "lang" => "vi",
        "link" => "link-there",
        // Of a schedule: the office's; of the office: a person is asked.
        "missed" => "missed",
        _ => "default",
    }
}

fn default_flag(key: &str) -> bool {
    key == "enabled"
}

fn one_channel(text: &str, lists: &Lists<'_>) -> Vec<Choice> {
    let none = Choice {
        value: String::new(),
        label: lists.lang.text("settings.no-channel").to_owned(),
        chosen: text.is_empty(),
    };
    let channels = lists.config.channels.iter().map(|c| &c.rules);
    let others = channels.filter(|c| c.id.as_str() != lists.own);
    let choice = |c: &crate::model::Channel| Choice {
        value: c.id.to_string(),
        label: c.title.clone(),
        chosen: c.id.as_str() == text,
    };
    let all = std::iter::once(none).chain(others.map(choice)).collect();
    with_chosen(all, text)
}

fn one_topic(text: &str, lists: &Lists<'_>) -> Vec<Choice> {
    let none = Choice {
        value: String::new(),
        label: lists.lang.text("compose.no-topic").to_owned(),
        chosen: text.is_empty(),
    };
    let choice = |t: &crate::model::Topic| Choice {
        value: t.id.to_string(),
        label: t.title.clone(),
        chosen: t.id.as_str() == text,
    };
    let topics = lists.config.topics.iter().map(choice);
    with_chosen(std::iter::once(none).chain(topics).collect(), text)
}

/// What stands there although it is not there (any more) can stay.
fn with_chosen(mut all: Vec<Choice>, text: &str) -> Vec<Choice> {
    if all.iter().all(|c| !c.chosen) {
        all.push(Choice {
            value: text.to_owned(),
            label: text.to_owned(),
            chosen: true,
        });
    }
    all
}

/// What a list can name, and what it names although it is not there (any more).
fn many(key: &str, value: Option<&Value>, lists: &Lists<'_>) -> Vec<Choice> {
    let named: Vec<&str> = value
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let choice = |value: String, label: String| Choice {
        chosen: named.contains(&value.as_str()),
        value,
        label,
    };
    let config = lists.config;
    let mut all: Vec<Choice> = match key {
        "topics" => {
            let topics = config.topics.iter();
            topics
                .map(|t| choice(t.id.to_string(), t.title.clone()))
                .collect()
        }
        "assignees" => {
            let doers = lists.members.iter();
            let doers = doers.filter(|(m, _)| !m.retired && m.roles.contains(&Role::Officer));
            doers
                .map(|(m, name)| {
                    let name = name.clone().filter(|n| !n.is_empty());
                    choice(m.id.to_string(), name.unwrap_or_else(|| m.id.to_string()))
                })
                .collect()
        }
        _ => {
            let channels = config.channels.iter().map(|c| &c.rules);
            let channels = channels.map(|c| choice(c.id.to_string(), c.title.clone()));
            let groups = config.groups.keys();
            let words = lists.lang.text("compose.group");
            let groups = groups.map(|g| choice(g.clone(), format!("{words} {g}")));
            channels
                .chain(groups.filter(|g| g.value != lists.own))
                .collect()
        }
    };
    for id in named.clone() {
        if all.iter().all(|c| c.value != id) {
            all.push(choice(id.to_owned(), id.to_owned()));
        }
    }
    all
}

/// The keys that a form set or took away, against what stands there now. A key whose field was not in
/// the form stays.
pub(super) fn entry(kind: Kind, fields: &Fields, there: &Entry) -> Entry {
    let mut entry = Entry::new();
    let (open, more) = keys(kind);
    for name in open.iter().chain(more) {
        let Some(key) = kind.key(name) else { continue };
        // Boxes that are not ticked send nothing; that the field was there, this tells.
        let asked = fields.has(name) || fields.all("asked").any(|k| k == *name);
        if !asked {
            continue;
        }
        let old = there.get(*name);
        let new = match key.shape {
            Shape::Flag => {
                let on = fields.has(name);
                match old {
                    None if on == default_flag(name) => Value::Null,
                    _ => Value::from(on),
                }
            }
            Shape::Ids => list(fields, name, old, key.required),
            shape => typed(shape, fields.text(name)),
        };
        if !same_words(old, &new) {
            entry.insert((*name).to_owned(), new);
        }
    }
    entry
}

/// What was ticked: in the order in which it stood, what is new behind it.
fn list(fields: &Fields, name: &str, old: Option<&Value>, required: bool) -> Value {
    let ticked: Vec<&str> = fields.all(name).filter(|v| !v.is_empty()).collect();
    let before: Vec<&str> = old
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let kept = before.iter().filter(|id| ticked.contains(id));
    let come = ticked.iter().filter(|id| !before.contains(id));
    let all: Vec<&str> = kept.chain(come).copied().collect();
    if all.is_empty() && !required {
        return Value::Null;
    }
    Value::from(all)
}

/// Blanks at the ends of a text are nobody's wish.
fn same_words(old: Option<&Value>, new: &Value) -> bool {
    match (old, new) {
        (None, new) => new.is_null(),
        (Some(Value::String(old)), Value::String(new)) => old.trim() == new.trim(),
        (Some(old), new) => old == new,
    }
}
