//! `raotin verify`, `rebuild`, `recover`: keeping the data whole.

use std::process::ExitCode;

use super::context::Context;
use super::open::{open_error, options};
use super::progress::Replay;
use super::{CliError, Common};
use crate::clock::MachineClock;
use crate::lang::Lang;
use crate::model::By;
use crate::store::lock::{Lock, WAIT};
use crate::store::sled::SledStore;
use crate::web::api::views::VerifiedView;
use crate::web::socket::remove_stale;

/// Recompute everything from the ledger alone and compare
#[derive(Debug, clap::Args)]
pub(super) struct VerifyArgs {}

/// Make the index anew from the ledger (no daemon may run)
#[derive(Debug, clap::Args)]
pub(super) struct RebuildArgs {}

/// Accept that acknowledged commits are lost, and go on with what is whole (no daemon may run)
#[derive(Debug, clap::Args)]
pub(super) struct RecoverArgs {
    /// Yes: the loss is accepted
    #[arg(long)]
    accept_loss: bool,
}

pub(super) async fn verify(_: VerifyArgs, ctx: &Context) -> Result<(), CliError> {
    let found: VerifiedView = ctx.get("/api/v1/verify").await?;
    if ctx.common.json {
        ctx.json(&found)?;
    } else {
        let lang = ctx.lang;
        for text in &found.erased {
            ctx.say(&lang.fill("verify.erased", &[("text", &text.text), ("why", &text.why)]))?;
        }
        for file in &found.aside {
            ctx.say(&lang.fill("verify.aside", &[("file", file)]))?;
        }
        for problem in found.problems.iter().chain(&found.differences) {
            ctx.say(problem)?;
        }
        let n = lang.number(found.commits);
        let (articles, shares) = (lang.number(found.articles), lang.number(found.shares));
        if found.clean {
            ctx.say(&lang.fill(
                "verify.clean",
                &[
                    ("commits", &n),
                    ("articles", &articles),
                    ("shares", &shares),
                ],
            ))?;
        }
    }
    if found.clean {
        return Ok(());
    }
    let n = found.problem_count + found.difference_count;
    Err(CliError::Found(ctx.lang.count("verify.wrong", n, &[])))
}

pub(super) async fn rebuild(
    _: RebuildArgs,
    common: &Common,
    lang: Lang,
) -> Result<ExitCode, CliError> {
    let place = common.place();
    let _lock = take(common, "raotin rebuild").await?;
    let bar = Replay::of_command(lang);
    let told = bar.told();
    let rebuilt = tokio::task::spawn_blocking(move || {
        SledStore::rebuild(options(&place, Some(told))).map(|store| store.close())
    });
    let rebuilt = rebuilt.await.map_err(|e| CliError::Data(e.to_string()))?;
    bar.end();
    rebuilt.map_err(open_error)?;
    say(lang.text("rebuild.done"));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn recover(
    args: RecoverArgs,
    common: &Common,
    lang: Lang,
) -> Result<ExitCode, CliError> {
    if !args.accept_loss {
        return Err(CliError::Usage(lang.text("recover.ask").to_owned()));
    }
    let place = common.place();
    let _lock = take(common, "raotin recover").await?;
    let by = By::Local(rustix::process::geteuid().as_raw(), None);
    let bar = Replay::of_command(lang);
    let told = bar.told();
    let recovered = tokio::task::spawn_blocking(move || {
        let (store, recovered) = SledStore::recover(options(&place, Some(told)), by)?;
        store.close();
        Ok(recovered)
    });
    let recovered = recovered.await.map_err(|e| CliError::Data(e.to_string()))?;
    bar.end();
    let recovered = recovered.map_err(open_error)?;
    let aside = recovered.aside.join(", ");
    say(&lang.fill(
        "recover.done",
        &[("why", &recovered.why), ("files", &aside)],
    ));
    Ok(ExitCode::SUCCESS)
}

async fn take(common: &Common, command: &str) -> Result<Lock, CliError> {
    let data = common.place().data;
    let lock = Lock::take_within(&data, command, WAIT, &MachineClock)
        .await
        .map_err(CliError::Lock)?;
    remove_stale(&common.socket())?;
    Ok(lock)
}

fn say(text: &str) {
    use std::io::Write;
    // Whether anybody reads it does not matter to what was done.
    let _ = writeln!(std::io::stdout(), "{text}");
}
