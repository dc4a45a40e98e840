//! `raotin member`.

use axum::http::Method;
use clap::Subcommand;
use serde_json::{Value, json};

use super::CliError;
use super::context::{Context, given, nothing};
use crate::model::Role;
use crate::web::api::views::{
    ChatView, DoneView, LinkView, MemberView, NoticeTriedView, NoticesView,
};

/// Add, list or retire members
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make somebody a member, or change her roles, unit or name
    Add {
        /// Her id, for ever: a-z, 0-9 and -
        id: String,
        /// officer, approver, supervisor or admin; may be given several times
        #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
        roles: Vec<Role>,
        /// The unit her shares count for
        #[arg(long)]
        unit: Option<String>,
        /// Her name; it never stands in the ledger
        #[arg(long)]
        name: Option<String>,
    },
    /// List members
    List,
    /// Make a one-time link by which a member chooses a password
    Link {
        /// Her id
        id: String,
    },
    /// Retire a member: her figures stay
    Retire {
        /// Her id
        id: String,
    },
    /// Show or say how a member is told of her tasks
    Notices(Notices),
}

#[derive(Debug, clap::Args)]
struct Notices {
    /// Her id
    id: String,
    /// A chat with the office's bot: its number, or @name
    #[arg(long, value_name = "CHAT", allow_hyphen_values = true)]
    telegram: Option<String>,
    /// A webhook's address
    #[arg(long, value_name = "URL", conflicts_with = "telegram")]
    webhook: Option<String>,
    /// Told nowhere any more
    #[arg(long, conflicts_with_all = ["telegram", "webhook"])]
    off: bool,
    /// When nothing is told: 22:00-06:00; empty for never
    #[arg(long, value_name = "HOURS")]
    quiet: Option<String>,
    /// Send a letter that says only that letters arrive
    #[arg(long)]
    test: bool,
    /// Make a link that she opens on her phone, so that her chat with the office's bot is found
    #[arg(long, conflicts_with_all = ["telegram", "webhook", "off", "test"])]
    chat: bool,
    /// After --chat: look whether she opened it; if so, she is told there
    #[arg(long, conflicts_with_all = ["telegram", "webhook", "off", "test", "chat"])]
    found: bool,
}

fn role(word: &str) -> Result<Role, String> {
    let found = Role::ALL.into_iter().find(|r| r.as_str() == word);
    found.ok_or_else(|| "one of officer, approver, supervisor, admin".to_owned())
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    match args.what {
        What::Add {
            id,
            roles,
            unit,
            name,
        } => {
            let body = given([
                ("roles", Some(json!(roles))),
                ("unit", unit.map(Value::from)),
                ("name", name.map(Value::from)),
            ]);
            let path = format!("/api/v1/members/{id}");
            let done: DoneView = ctx.send(Method::PUT, &path, &body).await?;
            ctx.done(&done, &ctx.lang.fill("cli.member-set", &[("id", &id)]))
        }
        What::Retire { id } => {
            let path = format!("/api/v1/members/{id}/retire");
            let said = ctx.lang.fill("cli.member-retired", &[("id", &id)]);
            ctx.act(&path, nothing(), &said).await
        }
        What::Link { id } => {
            let path = format!("/api/v1/members/{id}/link");
            let made: LinkView = ctx.send(Method::POST, &path, &nothing()).await?;
            if ctx.common.json {
                return ctx.json(&made);
            }
            ctx.say(&made.link)
        }
        What::List => list(ctx).await,
        What::Notices(args) => notices(args, ctx).await,
    }
}

/// A link for her phone, and what to do then.
async fn chat(path: &str, ctx: &Context) -> Result<(), CliError> {
    let chat: ChatView = ctx
        .send(Method::POST, &format!("{path}/chat"), &nothing())
        .await?;
    if ctx.common.json {
        return ctx.json(&chat);
    }
    if let Some(trouble) = chat.trouble {
        return Err(CliError::Found(format!(
            "{} ({})",
            trouble.text, trouble.reason
        )));
    }
    let (link, line) = (chat.link.unwrap_or_default(), chat.line.unwrap_or_default());
    ctx.say(
        &ctx.lang
            .fill("cli.chat", &[("link", &link), ("line", &line)]),
    )
}

async fn found(path: &str, ctx: &Context) -> Result<(), CliError> {
    let tried: NoticeTriedView = ctx
        .send(Method::POST, &format!("{path}/chat/find"), &nothing())
        .await?;
    if ctx.common.json {
        return ctx.json(&tried);
    }
    match tried.trouble {
        Some(trouble) => Err(CliError::Found(format!(
            "{} ({})",
            trouble.text, trouble.reason
        ))),
        None if tried.arrived => ctx.say(ctx.lang.text("notices.found")),
        None => Err(CliError::Found(
            ctx.lang.text("notices.nothing-yet").to_owned(),
        )),
    }
}

async fn notices(args: Notices, ctx: &Context) -> Result<(), CliError> {
    let path = format!("/api/v1/members/{}/notices", args.id);
    match (args.chat, args.found) {
        (true, _) => return chat(&path, ctx).await,
        (_, true) => return found(&path, ctx).await,
        _ => {}
    }
    let body = given([
        ("telegram", args.telegram.map(Value::from)),
        ("webhook", args.webhook.map(Value::from)),
        ("nowhere", args.off.then_some(json!(true))),
        ("quiet", args.quiet.map(Value::from)),
    ]);
    let asked = body.as_object().is_some_and(|fields| !fields.is_empty());
    let shown: NoticesView = match asked {
        true => ctx.send(Method::PUT, &path, &body).await?,
        false => ctx.get(&path).await?,
    };
    let tried: Option<NoticeTriedView> = match args.test {
        true => Some(
            ctx.send(Method::POST, &format!("{path}/try"), &nothing())
                .await?,
        ),
        false => None,
    };
    if ctx.common.json {
        return match tried {
            Some(tried) => ctx.json(&tried),
            None => ctx.json(&shown),
        };
    }
    let lang = ctx.lang;
    ctx.say(match (&shown.telegram, &shown.webhook) {
        (Some(_), _) => lang.text("cli.told-by-telegram"),
        (None, Some(_)) => lang.text("cli.told-by-webhook"),
        (None, None) => lang.text("cli.told-nowhere"),
    })?;
    if let Some(quiet) = &shown.quiet {
        ctx.say(&lang.fill("cli.quiet", &[("hours", quiet)]))?;
    }
    if let Some(secret) = &shown.secret {
        ctx.say(&lang.fill("cli.notice-secret", &[("secret", secret)]))?;
    }
    let trouble = match &tried {
        Some(tried) => tried.trouble.as_ref(),
        None => shown.trouble.as_ref(),
    };
    match (trouble, &tried) {
        (Some(trouble), _) => {
            let words = format!("{} ({})", trouble.text, trouble.reason);
            match tried {
                Some(_) => Err(CliError::Found(words)),
                None => ctx.say(&words),
            }
        }
        (None, Some(_)) => ctx.say(lang.text("notices.tried")),
        (None, None) => Ok(()),
    }
}

async fn list(ctx: &Context) -> Result<(), CliError> {
    let members: Vec<MemberView> = ctx.get("/api/v1/members").await?;
    if ctx.common.json {
        return ctx.json(&members);
    }
    let lang = ctx.lang;
    let rows = members.iter().map(|m| {
        let roles: Vec<_> = m.roles.iter().map(|r| lang.look("role", r)).collect();
        let retired = if m.retired {
            lang.text("cli.retired")
        } else {
            ""
        };
        vec![
            m.id.clone().into(),
            m.name.clone().unwrap_or_default().into(),
            roles.join(", ").into(),
            m.unit.clone().unwrap_or_default().into(),
            retired.into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.member"),
            lang.text("column.name"),
            lang.text("column.roles"),
            lang.text("column.unit"),
            lang.text("column.state"),
        ],
        rows.collect(),
        lang.text("cli.no-members"),
    )
}
