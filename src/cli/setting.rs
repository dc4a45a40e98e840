//! What `channels`, `schedules`, `feeds`, `topics`, `groups` and `settings` share: keys as `KEY=VALUE`, sent to
//! the API, which writes them into the configuration's files.

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::CliError;
use super::context::Context;
use crate::config::edit::{Kind, typed};
use crate::config::keys::{Key, Shape};
use crate::config::nearest;
use crate::web::api::views::DoneView;

/// What can be done with each kind.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Verb {
    /// Add one: ID, then KEY=VALUE as in the file; lists with commas
    Add {
        /// Its id, for ever: a-z, 0-9 and -
        id: String,
        /// Such as title="Tin Bắc Kạn"
        #[arg(value_name = "KEY=VALUE")]
        keys: Vec<String>,
    },
    /// Change one: ID, then KEY=VALUE; KEY= takes a key away
    Edit {
        /// Its id
        id: String,
        /// Such as max_per_day=3
        #[arg(value_name = "KEY=VALUE", required = true)]
        keys: Vec<String>,
    },
    /// Take one out of the configuration
    Retire {
        /// Its id
        id: String,
        /// Take it out of what names it, too
        #[arg(long)]
        mend: bool,
    },
}

/// Does it; `path` is the kind's in the API.
pub(super) async fn run(verb: Verb, kind: Kind, path: &str, ctx: &Context) -> Result<(), CliError> {
    match verb {
        Verb::Add { id, keys } => {
            let mut keys = read(kind, &keys, ctx)?;
            let mut body = Map::new();
            if kind == Kind::Channel {
                let platform = keys.remove("platform").unwrap_or(Value::from(""));
                body.insert("platform".to_owned(), platform);
            }
            body.insert("id".to_owned(), Value::from(id));
            body.insert("keys".to_owned(), Value::Object(keys));
            let (body, to) = (Value::Object(body), format!("/api/v1/{path}"));
            saved(ctx, &ctx.send(Method::POST, &to, &body).await?)
        }
        Verb::Edit { id, keys } => {
            let keys = read(kind, &keys, ctx)?;
            change(ctx, &format!("/api/v1/{path}/{id}"), keys).await
        }
        Verb::Retire { id, mend } => {
            let said = ctx.lang.fill("cli.retired-setting", &[("id", &id)]);
            let to = format!("/api/v1/{path}/{id}/retire");
            ctx.act(&to, json!({ "mend": mend }), &said).await
        }
    }
}

/// Changes keys of the table at this path.
pub(super) async fn change(
    ctx: &Context,
    path: &str,
    keys: Map<String, Value>,
) -> Result<(), CliError> {
    let body = json!({ "keys": keys });
    saved(ctx, &ctx.send(Method::PATCH, path, &body).await?)
}

fn saved(ctx: &Context, done: &DoneView) -> Result<(), CliError> {
    ctx.done(done, ctx.lang.text("settings.saved"))
}

/// `KEY=VALUE` → values of the keys' shapes.
pub(super) fn read(
    kind: Kind,
    pairs: &[String],
    ctx: &Context,
) -> Result<Map<String, Value>, CliError> {
    let mut keys = Map::new();
    for pair in pairs {
        let usage = |name: &str| {
            let known: Vec<&str> = kind.keys().map(|k| k.name).collect();
            let near = nearest(name, known.iter().copied()).map(str::to_owned);
            let known = near.unwrap_or_else(|| known.join(", "));
            let values: [(&str, &dyn std::fmt::Display); 2] = [("pair", pair), ("known", &known)];
            CliError::Usage(ctx.lang.fill("cli.no-key", &values))
        };
        let (name, text) = pair.split_once('=').ok_or_else(|| usage(pair))?;
        let key = kind.key(name.trim()).ok_or_else(|| usage(name))?;
        let value = typed(key.shape, text);
        if value.is_string()
            && let Some(why) = misshapen(key, text, ctx)
        {
            return Err(CliError::Usage(why));
        }
        keys.insert(key.name.to_owned(), value);
    }
    Ok(keys)
}

/// Where a number or true or false is wanted, and something else is said: the checker's own words.
fn misshapen(key: &Key, text: &str, ctx: &Context) -> Option<String> {
    let found = text.trim();
    match key.shape {
        Shape::Count(least, most) => Some(ctx.lang.fill(
            "config.want-count",
            &[
                ("key", &key.name),
                ("found", &found),
                ("least", &least),
                ("most", &most),
            ],
        )),
        Shape::Flag => Some(
            ctx.lang
                .fill("config.want-flag", &[("key", &key.name), ("found", &found)]),
        ),
        _ => None,
    }
}
