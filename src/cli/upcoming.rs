//! `raotin upcoming`: what would go where and when, from the daemon's own plan.

use super::CliError;
use super::context::Context;
use crate::web::api::views::{FreeSlots, Upcoming};

/// Show exactly what would go where and when
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How far ahead
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// Show the slots that are still free instead: where one more share would be taken
    #[arg(long)]
    free: bool,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    if args.free {
        return free(args.days, ctx).await;
    }
    let coming: Upcoming = ctx
        .get(&format!("/api/v1/upcoming?days={}", args.days))
        .await?;
    if ctx.common.json {
        return ctx.json(&coming);
    }
    let lang = ctx.lang;
    for hold in &coming.holds {
        ctx.say(hold)?;
    }
    let rows = coming.items.iter().map(|item| {
        let how = match (&item.held_by, item.held_in_vain, &item.schedule) {
            (Some(_), true, _) => lang.text("coming.held-in-vain").to_owned(),
            (Some(_), false, _) => lang.text("coming.held").to_owned(),
            (None, _, Some(schedule)) if item.planned => {
                lang.fill("coming.planned-by", &[("schedule", schedule)])
            }
            (None, _, Some(schedule)) => lang.fill("coming.by", &[("schedule", schedule)]),
            (None, _, None) => lang.text("coming.fixed").to_owned(),
        };
        let how = match item.turn {
            Some(turn) => lang.fill("coming.turn", &[("turn", &turn), ("how", &how)]),
            None => how,
        };
        vec![
            ctx.moment(Some(&item.at)).into(),
            item.channel.clone().into(),
            item.title.clone().into(),
            how.into(),
            item.share.clone().unwrap_or_default().into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.when"),
            lang.text("column.channel"),
            lang.text("column.article"),
            lang.text("column.how"),
            lang.text("column.share"),
        ],
        rows.collect(),
        &lang.count("cli.nothing-coming", u64::from(args.days), &[]),
    )
}

async fn free(days: u32, ctx: &Context) -> Result<(), CliError> {
    let slots: FreeSlots = ctx
        .get(&format!("/api/v1/upcoming/free?days={days}"))
        .await?;
    if ctx.common.json {
        return ctx.json(&slots);
    }
    let lang = ctx.lang;
    for hold in &slots.holds {
        ctx.say(hold)?;
    }
    let rows = slots.items.iter().map(|slot| {
        vec![
            ctx.moment(Some(&slot.at)).into(),
            slot.channel.clone().into(),
            slot.schedule.clone().into(),
            slot.topics.join(", ").into(),
        ]
    });
    ctx.table(
        &[
            lang.text("column.when"),
            lang.text("column.channel"),
            lang.text("column.schedule"),
            lang.text("column.only-topics"),
        ],
        rows.collect(),
        &lang.count("cli.nothing-free", u64::from(days), &[]),
    )
}
