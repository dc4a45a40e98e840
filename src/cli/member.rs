//! `raotin member`.

use axum::http::Method;
use clap::Subcommand;
use serde_json::{Value, json};

use super::CliError;
use super::context::{Context, given, nothing};
use crate::model::Role;
use crate::web::api::views::{DoneView, LinkView, MemberView};

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
