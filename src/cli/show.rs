//! `raotin show`: an article with its shares, a share with its story, or today.

use super::CliError;
use super::context::{Context, Either};
use super::shares::table;
use crate::model::Every;
use crate::office::evergreen::Rule;
use crate::web::api::views::{FeedView, ShareView, Story, TodayView, ToldView};

/// Show an article, a share with its story, or (without ID) what today brings
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// An article or a share
    id: Option<String>,
}

pub(super) async fn run(args: Args, ctx: &Context) -> Result<(), CliError> {
    let Some(id) = &args.id else {
        return today(ctx).await;
    };
    match ctx.either(id).await? {
        Either::Article(story) => article(ctx, &story),
        Either::Share(share) => {
            let told: Vec<ToldView> = ctx.get(&format!("/api/v1/shares/{id}/story")).await?;
            one_share(ctx, &share, &told)
        }
    }
}

fn article(ctx: &Context, story: &Story) -> Result<(), CliError> {
    if ctx.common.json {
        return ctx.json(story);
    }
    let a = &story.article;
    for line in [&a.title, &a.text].into_iter().chain(&a.link) {
        if !line.is_empty() {
            ctx.say(line)?;
        }
    }
    let added = ctx.moment(Some(&a.added));
    let by = a.by.parse().map_or(a.by.clone(), |by| ctx.lang.by(&by));
    let topic = a.topic.clone().unwrap_or_default();
    ctx.say(&ctx.lang.fill(
        "cli.article-line",
        &[("at", &added), ("by", &by), ("version", &a.version)],
    ))?;
    if !topic.is_empty() {
        ctx.say(&ctx.lang.fill("cli.topic-line", &[("topic", &topic)]))?;
    }
    if let Some(rule) = &a.evergreen {
        ctx.say(&rule_in_words(ctx, rule))?;
        for turn in &story.turns {
            ctx.say(&format!("  {}: {}", turn.channel, turn.text))?;
        }
    }
    table(ctx, &story.shares, ctx.lang.text("cli.no-shares"))
}

/// "Every 30 days, until 31/12/2027, 6 times on each channel at most."
fn rule_in_words(ctx: &Context, rule: &Rule) -> String {
    let lang = ctx.lang;
    let every = match rule.every.parse::<Every>() {
        Ok(every) => lang.count("cli.evergreen-days", every.in_days().into(), &[]),
        Err(_) => rule.every.clone(),
    };
    let mut said = lang.fill("cli.evergreen-line", &[("every", &every)]);
    if let Some(day) = rule.until {
        said += &lang.fill("cli.evergreen-until", &[("day", &lang.date(day))]);
    }
    if let Some(most) = rule.at_most {
        said += &lang.count("cli.evergreen-most", most.into(), &[]);
    }
    said
}

fn one_share(ctx: &Context, share: &ShareView, told: &[ToldView]) -> Result<(), CliError> {
    if ctx.common.json {
        return ctx.json(&serde_json::json!({ "share": share, "story": told }));
    }
    ctx.say(&share.title)?;
    ctx.say(&format!("{}: {}", share.channel, share.says))?;
    for receipt in share.receipts.iter().filter_map(|r| r.permalink.as_ref()) {
        ctx.say(receipt)?;
    }
    for part in share.post.iter().flatten() {
        ctx.say("──")?;
        ctx.say(&part.text)?;
    }
    let rows = told.iter().map(|t| {
        let by = t.by.parse().map_or(t.by.clone(), |by| ctx.lang.by(&by));
        vec![
            ctx.moment(Some(&t.at)).into(),
            by.into(),
            t.event.clone().into(),
        ]
    });
    let lang = ctx.lang;
    ctx.table(
        &[
            lang.text("column.when"),
            lang.text("column.who"),
            lang.text("column.event"),
        ],
        rows.collect(),
        "",
    )
}

async fn today(ctx: &Context) -> Result<(), CliError> {
    let today: TodayView = ctx.get("/api/v1/today").await?;
    if ctx.common.json {
        return ctx.json(&today);
    }
    let lang = ctx.lang;
    if let Some(pause) = &today.paused {
        ctx.say(&lang.fill("holds.paused", &[("why", &pause.why.text)]))?;
    }
    if let Some(doubt) = &today.clock_doubt {
        ctx.say(&lang.fill("holds.clock", &[("why", doubt)]))?;
    }
    for channel in &today.paused_channels {
        let why = channel.paused.as_ref().map(|p| p.why.text.clone());
        let why = why.unwrap_or_default();
        let values: [(&str, &dyn std::fmt::Display); 2] = [("channel", &channel.id), ("why", &why)];
        ctx.say(&lang.fill("cli.channel-paused", &values))?;
    }
    for schedule in &today.asked {
        let n = schedule.asked.as_ref().map_or(0, |a| u64::from(a.count));
        ctx.say(&lang.count("cli.missed-asked", n, &[("schedule", &schedule.id)]))?;
    }
    for (heading, shares) in [
        (lang.text("today.todo"), &today.todo),
        (lang.text("today.approve"), &today.to_approve),
        (lang.text("today.trouble"), &today.trouble),
    ] {
        if !shares.is_empty() {
            ctx.say(&format!("{heading} ({})", shares.len()))?;
            table(ctx, shares, "")?;
        }
    }
    let feeds: Vec<FeedView> = ctx.get("/api/v1/feeds").await?;
    for feed in &feeds {
        if let (Some(trouble), "on" | "stopped") = (&feed.trouble, feed.standing.as_str()) {
            let title = &feed.title;
            ctx.say(&format!("{} {title}: {trouble}", lang.text("column.feed")))?;
        }
    }
    let (items, shares) = (lang.number(today.out.items), lang.number(today.out.shares));
    ctx.say(&lang.fill("today.out", &[("items", &items), ("shares", &shares)]))?;
    if !today.coming.is_empty() {
        ctx.say(lang.text("today.coming"))?;
    }
    for item in &today.coming {
        let at = ctx.moment(Some(&item.at));
        ctx.say(&format!("  {at} · {} · {}", item.channel, item.title))?;
    }
    Ok(())
}
