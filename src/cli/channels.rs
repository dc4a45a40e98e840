//! `raotin channels`.

use super::CliError;
use super::context::Context;
use super::table::Cell;
use crate::web::api::views::ChannelView;

/// List channels
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) async fn run(_: Args, ctx: &Context) -> Result<(), CliError> {
    let channels: Vec<ChannelView> = ctx.get("/api/v1/channels").await?;
    if ctx.common.json {
        return ctx.json(&channels);
    }
    let lang = ctx.lang;
    let rows = channels.iter().map(|c| {
        let state = match (&c.paused, c.gone) {
            (_, true) => lang.text("cli.gone").to_owned(),
            (Some(pause), _) => lang.fill("cli.paused-why", &[("why", &pause.why.text)]),
            _ => String::new(),
        };
        vec![
            c.id.clone().into(),
            c.title.clone().into(),
            lang.look("platform", &c.platform).into(),
            lang.look("mode", &c.mode).into(),
            Cell::Figure(c.waiting),
            state.into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.channel"),
            lang.text("column.title"),
            lang.text("column.platform"),
            lang.text("column.mode"),
            &format!("#{}", lang.text("column.waiting")),
            lang.text("column.state"),
        ],
        rows.collect(),
        lang.text("cli.no-channels"),
    )
}
