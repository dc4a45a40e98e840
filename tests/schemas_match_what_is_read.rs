//! The JSON Schemas under `schema/`, by which editors complete and check the files, say what the
//! reader takes: they are made from the very tables the reader reads by, and every key in those
//! tables is shown to reach the checked values.
#![allow(clippy::unwrap_used, reason = "a test may stop where it stands")]

use std::fs;
use std::path::{Path, PathBuf};

use raotin::config::keys::{self, Key, Shape};
use raotin::config::{Config, Env, Known, Problems, Redactor, Source, Sources};
use raotin::model::id::MAX_NAME_LEN;
use serde_json::{Map, Value, json};
use toml::Table;

// ---- the schemas ----

fn object(table: &[Key]) -> Value {
    let properties: Map<String, Value> = table
        .iter()
        .map(|key| {
            let mut schema = shape(key.shape);
            schema["description"] = key.about.into();
            (key.name.to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = table
        .iter()
        .filter(|k| k.required)
        .map(|k| k.name)
        .collect();
    let mut object =
        json!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

fn shape(shape: Shape) -> Value {
    let id = json!({ "type": "string", "pattern": format!("^[a-z0-9-]{{1,{MAX_NAME_LEN}}}$") });
    let secret = json!({ "$ref": "#/definitions/secret" });
    match shape {
        Shape::Text | Shape::Zone | Shape::Cron => json!({ "type": "string", "minLength": 1 }),
        Shape::TextOrNumber => json!({ "type": ["string", "integer"] }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole => json!({ "type": "integer" }),
        Shape::Count(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::Id => id,
        Shape::Ids => {
            json!({ "anyOf": [{ "type": "array", "items": id, "uniqueItems": true }, id] })
        }
        Shape::Names => {
            let name = json!({ "type": "string", "minLength": 1 });
            json!({ "anyOf": [{ "type": "array", "items": name }, name] })
        }
        Shape::Duration => json!({ "type": "string", "pattern": "^([0-9]+[smhd])+$" }),
        Shape::Hours => {
            json!({ "type": "string", "pattern": "^ *[0-9]{1,2}:[0-9]{1,2} *[-–] *[0-9]{1,2}:[0-9]{1,2} *$" })
        }
        Shape::Url => json!({ "type": "string", "format": "uri", "pattern": "^https?://" }),
        Shape::Word(words) => json!({ "enum": words() }),
        Shape::Secret => json!({ "allOf": [secret] }),
        Shape::Secrets => {
            json!({ "anyOf": [secret, { "type": "array", "items": secret, "minItems": 1 }] })
        }
        Shape::Table(table) => object(table),
        Shape::Tables(table) => json!({ "type": "array", "items": object(table) }),
    }
}

fn schema(title: &str, table: &[Key]) -> String {
    let mut schema = object(table);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = title.into();
    if schema.to_string().contains("#/definitions/secret") {
        let mut secret = object(keys::SECRET);
        secret["minProperties"] = 1.into();
        secret["maxProperties"] = 1.into();
        schema["definitions"] = json!({ "secret": secret });
    }
    serde_json::to_string_pretty(&schema).unwrap() + "\n"
}

#[test]
fn the_schemas_are_those_of_the_keys() {
    for (file, made) in [
        ("raotin", schema("raotin.toml", keys::FILE)),
        ("schedule", schema("schedules/ID.toml", keys::SCHEDULE)),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schema/{file}.schema.json"));
        if std::env::var_os("RAOTIN_WRITE_SCHEMAS").is_some() {
            fs::write(&path, &made).unwrap();
        }
        let there = fs::read_to_string(&path).unwrap();
        assert!(
            there == made,
            "{} is not what is read; RAOTIN_WRITE_SCHEMAS=1 cargo test --test schemas_match_what_is_read writes it",
            path.display()
        );
    }
}

// ---- every key is read ----

/// Every key there is, each with another value than its default.
const WHOLE: &str = r##"
[office]
name = "Văn phòng"
zone = "Europe/Berlin"
lang = "en"
missed = "skip"
grace = "3h"
default_channels = ["page"]
approve_own = true

[[channels]]
id = "page"
title = "Fanpage"
platform = "facebook-page"
mode = "by-hand"
account = "office"
url = "https://www.facebook.com/office"
approval = "required"
max_per_day = 5
min_gap = "7m"
repeat_after = "9d"
hours = "06:00-22:00"
after = "hook"
link = "own"
hand_within = "5h"
template = "{title} {link}"
topic = "health"
topics = ["culture"]
assignees = ["lan"]
settle_after = "6m"
settle_gap = "2m"
[channels.utm]
source = "a"
medium = "b"
campaign = "c"
term = "d"
content = "e"
id = "f"
[channels.facebook-page]
page = 100000000000001
token = { env = "TOKEN" }
app_id = "7"
app_secret = { env = "TOKEN" }
graph_version = "v24.0"
base_url = "http://localhost:1/"

[[channels]]
id = "hook"
title = "Website"
platform = "webhook"
[channels.webhook]
url = "https://example.org/hook"
secret = { env = "HOOK" }

[[channels]]
id = "chat"
title = "Telegram"
platform = "telegram"
[channels.telegram]
chat = "@office"
token = { env = "BOT" }
topic = 3
silent = true
preview = false
base_url = "http://localhost:2/"

[[channels]]
id = "sky"
title = "Bluesky"
platform = "bluesky"
[channels.bluesky]
handle = "chodon.bsky.social"
password = { env = "TOKEN" }
lang = "en"
base_url = "http://localhost:3/"

[[channels]]
id = "toot"
title = "Mastodon"
platform = "mastodon"
[channels.mastodon]
base_url = "http://localhost:4/"
token = { env = "TOKEN" }
visibility = "unlisted"
lang = "en"
warning = "Tin"

[[channels]]
id = "room"
title = "Room"
platform = "matrix"
[channels.matrix]
server = "https://matrix.example.org"
room = "#office:example.org"
token = { env = "BOT" }
join = true

[[channels]]
id = "site"
title = "Website"
platform = "wordpress"
[channels.wordpress]
site = "https://office.example.org"
user = "officer"
password = { env = "BOT" }
categories = ["News"]
tags = ["office"]

[[topics]]
id = "culture"
title = "Culture"
channels = ["page"]
hashtags = ["Culture", "#ChợĐồn"]

[[topics]]
id = "health"
title = "Health"

[[groups]]
id = "all"
channels = ["page", "hook"]

[web]
enabled = false
listen = "[::]:8443"
address = "https://raotin.example.org"
trusted_proxy = "10.0.0.1"
certificate = "cert.pem"
key = "key.pem"
lan = true

[[feeds]]
id = "portal"
title = "Portal"
url = "https://portal.example.org/rss"
topic = "culture"
channels = ["all"]
template = "{title}\n\n{link}"
words = ["flood"]
without = ["advert"]
categories = ["News"]
max_age = "3d"
approval = "required"
max_per_day = 4
first = 0
page = true
every = "1h"
enabled = false

[fetch]
allow = ["intranet.example.org"]
[notices]
telegram = { env = "BOT" }
telegram_url = "http://localhost:5/"
private_addresses = true
"##;

const SCHEDULE: &str = r#"
cron = "0 7 * * *"
zone = "Asia/Tokyo"
channels = ["all"]
take = 2
order = "newest"
topics = ["culture"]
spread = "5m"
missed = "late"
grace = "4h"
enabled = false
"#;

fn env() -> Env {
    let vars = [
        ("TOKEN", "EAAB-page-token"),
        ("HOOK", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("BOT", "123456:AAbbccdd"),
    ];
    Env::of(&vars, 0, &Redactor::default())
}

fn read(main: &Table, schedule: &Table) -> Result<Config, Problems> {
    let source = |path: &str, table: &Table| Source {
        path: PathBuf::from(path),
        text: table.to_string(),
    };
    let schedules = vec![source("schedules/daily.toml", schedule)];
    let sources = Sources::of(source("raotin.toml", main), schedules, PathBuf::new());
    let now = "2026-11-23T00:00:00Z".parse().unwrap();
    sources
        .check(&env(), &Known::default(), now)
        .map(|loaded| loaded.config)
}

/// Takes what stands at `path` out, or puts `with` in its place. A number is a place in a list.
fn change(table: &mut Table, path: &[String], with: Option<toml::Value>) {
    match path {
        [last] => match with {
            Some(value) => drop(table.insert(last.clone(), value)),
            None => drop(table.remove(last).unwrap()),
        },
        [list, place, rest @ ..] if table[list].is_array() => {
            let item = &mut table[list][place.parse::<usize>().unwrap()];
            change(item.as_table_mut().unwrap(), rest, with);
        }
        [inner, rest @ ..] => change(table[inner].as_table_mut().unwrap(), rest, with),
        [] => unreachable!("a path has an end"),
    }
}

/// Where in `table` each of `keys` stands, through tables and lists of tables.
fn paths(table: &Table, keys: &[Key], before: &[String], found: &mut Vec<(Vec<String>, Key)>) {
    for key in keys {
        let path = [before, &[key.name.to_owned()]].concat();
        let Some(value) = table.get(key.name) else {
            continue;
        };
        found.push((path.clone(), *key));
        match (key.shape, value) {
            (Shape::Table(keys), toml::Value::Table(table)) => paths(table, keys, &path, found),
            (Shape::Tables(keys), toml::Value::Array(list)) => {
                for (i, item) in list.iter().enumerate() {
                    let path = [&path[..], &[i.to_string()]].concat();
                    paths(item.as_table().unwrap(), keys, &path, found);
                }
            }
            _ => {}
        }
    }
}

/// Every key of the tables, however deep, by the table it stands in.
fn all_names(table: &str, keys: &[Key], found: &mut Vec<String>) {
    for key in keys {
        found.push(format!("{table}.{}", key.name));
        if let Shape::Table(inner) | Shape::Tables(inner) = key.shape {
            all_names(key.name, inner, found);
        }
    }
}

#[test]
fn every_key_reaches_the_checked_values() {
    let whole: Table = WHOLE.parse().unwrap();
    let schedule: Table = SCHEDULE.parse().unwrap();
    let config = format!("{:?}", read(&whole, &schedule).unwrap());

    let mut there = Vec::new();
    paths(&whole, keys::FILE, &[], &mut there);
    let mut in_schedule = Vec::new();
    paths(&schedule, keys::SCHEDULE, &[], &mut in_schedule);
    let named: Vec<String> = there
        .iter()
        .map(|(path, key)| {
            let table = path
                .iter()
                .rev()
                .skip(1)
                .find(|p| p.parse::<usize>().is_err());
            format!("{}.{}", table.map_or("", |t| t), key.name)
        })
        .chain(
            in_schedule
                .iter()
                .map(|(_, key)| format!("schedule.{}", key.name)),
        )
        .collect();
    let mut wanted = Vec::new();
    all_names("", keys::FILE, &mut wanted);
    all_names("schedule", keys::SCHEDULE, &mut wanted);
    let missing: Vec<_> = wanted.iter().filter(|name| !named.contains(name)).collect();
    assert!(missing.is_empty(), "give these a value above: {missing:?}");

    for (is_schedule, (path, key)) in there
        .into_iter()
        .map(|found| (false, found))
        .chain(in_schedule.into_iter().map(|found| (true, found)))
    {
        let with = |value: Option<toml::Value>| {
            let (mut main, mut daily) = (whole.clone(), schedule.clone());
            change(
                if is_schedule { &mut daily } else { &mut main },
                &path,
                value,
            );
            read(&main, &daily)
        };
        // without it, something else is configured, or nothing is
        let name = path.join(".");
        match with(None) {
            Ok(without) => assert_ne!(format!("{without:?}"), config, "{name} does nothing"),
            Err(_) => continue,
        }
        assert!(
            !key.required,
            "{name} is said to be required, but need not be there"
        );
    }
}

#[test]
fn a_value_of_another_shape_is_told_at_its_key() {
    let whole: Table = WHOLE.parse().unwrap();
    let schedule: Table = SCHEDULE.parse().unwrap();
    let date: toml::Value = toml::Value::Datetime("1979-05-27".parse().unwrap());
    let mut there = Vec::new();
    paths(&whole, keys::FILE, &[], &mut there);
    for (path, key) in there {
        let mut main = whole.clone();
        change(&mut main, &path, Some(date.clone()));
        let problems = read(&main, &schedule).unwrap_err();
        let told = problems.iter().any(|p| {
            let line = main.to_string().lines().nth(p.line - 1).map(str::to_owned);
            p.values.contains(&("key", key.name.to_owned()))
                && line.is_some_and(|line| line.contains("1979-05-27"))
        });
        assert!(told, "{}: {problems}", path.join("."));
    }
    let mut there = Vec::new();
    paths(&schedule, keys::SCHEDULE, &[], &mut there);
    for (path, key) in there {
        let mut daily = schedule.clone();
        change(&mut daily, &path, Some(date.clone()));
        let problems = read(&whole, &daily).unwrap_err();
        let named = ("key", key.name.to_owned());
        assert!(
            problems.iter().any(|p| p.values.contains(&named)),
            "{problems}"
        );
    }
}
