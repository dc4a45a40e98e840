//! The command line, one file a command. Commands speak to the HTTP API only: to the daemon over its
//! socket, or, where none runs, to the same router in-process ([`client`]).
//!
//! Exit codes (RULES 10): 0 done, 1 problems found, 2 usage, 3 refused or not found, 4 busy or
//! unreachable, 5 ledger damaged.

mod add;
mod approve;
mod backfill;
mod bring;
mod cancel;
mod channels;
pub mod check;
pub mod client;
mod connect;
mod context;
mod counts;
mod demo;
mod done;
mod edit;
mod erase;
mod error;
mod export;
mod faces;
mod feeds;
mod import;
pub mod init;
mod keep;
mod member;
mod moving;
pub mod open;
mod parts;
mod pause;
mod picture;
mod preview;
pub mod progress;
mod queue;
mod remove;
mod retry;
mod schedules;
mod serve;
mod setting;
mod settings;
mod shares;
mod show;
pub mod table;
pub mod times;
mod todo;
mod upcoming;
mod when;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::clock::{Clock, MachineClock};
use crate::config::{Env, Known, Place, Redactor};
use crate::lang::Lang;

use context::Context;
pub use error::CliError;

/// Queue articles, share them on schedules or by hand, and count what went out
#[derive(Debug, Parser)]
#[command(name = "raotin", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// The configuration [default: ./raotin.toml, else /etc/raotin/raotin.toml]
    #[arg(long, global = true, env = "RAOTIN_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The data folder [default: data/ beside the configuration]
    #[arg(long, global = true, env = "RAOTIN_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The daemon's socket [default: raotin.sock in the data folder]
    #[arg(long, global = true, env = "RAOTIN_SOCKET", value_name = "FILE")]
    pub socket: Option<PathBuf>,
    /// vi or en [default: as LC_ALL or LANG says]
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// The API's answer instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// The member on whose behalf this is done
    #[arg(long = "as", global = true, value_name = "MEMBER")]
    pub on_behalf_of: Option<String>,
    /// The request's Idempotency-Key, to repeat a request safely [default: a new one]
    #[arg(long, global = true, value_name = "KEY")]
    pub key: Option<String>,
}

impl Common {
    /// Where the office's files are.
    pub fn place(&self) -> Place {
        Place::find(self.config.as_deref(), self.data.as_deref(), |path| {
            path.exists()
        })
    }
    /// Where the daemon listens.
    pub fn socket(&self) -> PathBuf {
        let in_data = || self.place().data.join("raotin.sock");
        self.socket.clone().unwrap_or_else(in_data)
    }
    fn lang(&self) -> Lang {
        self.lang
            .unwrap_or_else(|| Lang::from_env(|name| std::env::var(name).ok()))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: plan, send, and answer commands, until stopped
    Serve(serve::Args),
    Demo(demo::Args),
    Init(init::Args),
    Connect(connect::Args),
    Check(check::Args),
    Times(times::Args),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    Add(add::Args),
    Edit(edit::Args),
    Import(import::Args),
    Backfill(backfill::Args),
    Export(export::Args),
    Queue(queue::Args),
    Move(moving::Args),
    Approve(approve::Args),
    Cancel(cancel::Args),
    Remove(remove::Args),
    Erase(erase::Args),
    Upcoming(upcoming::Args),
    Preview(preview::Args),
    Shares(shares::Args),
    Show(show::Args),
    Todo(todo::Args),
    Done(done::Args),
    Retry(retry::RetryArgs),
    Settle(retry::SettleArgs),
    Channels(channels::Args),
    Schedules(schedules::Args),
    Feeds(feeds::Args),
    Topics(settings::TopicsArgs),
    Groups(settings::GroupsArgs),
    Settings(settings::SettingsArgs),
    Pause(pause::PauseArgs),
    Resume(pause::ResumeArgs),
    Member(member::Args),
    Counts(counts::Args),
    Verify(keep::VerifyArgs),
    Rebuild(keep::RebuildArgs),
    Recover(keep::RecoverArgs),
}

/// Reads the arguments, does what they say, and tells how it ended.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(asked) => asked.exit(),
    };
    let lang = cli.common.lang();
    match act(cli) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to hear that standard error is gone.
            let _ = writeln!(std::io::stderr(), "raotin: {}", error.text(lang));
            ExitCode::from(error.exit_code())
        }
    }
}

fn act(cli: Cli) -> Result<ExitCode, CliError> {
    let Cli { common, command } = cli;
    let lang = common.lang();
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    match command {
        Command::Init(args) => Ok(init::run(&args, lang, &mut out, &mut err)),
        Command::Check(mut args) => {
            args.json |= common.json;
            let env = Env::of_process(&Redactor::default());
            let config = common.place().config;
            let now = MachineClock.now();
            let checked = check::look(&config, &env, &Known::default(), now);
            Ok(check::run(&args, &checked, lang, &mut out, &mut err))
        }
        Command::Times(mut args) => {
            args.json |= common.json;
            Ok(times::run(&args, MachineClock.now(), &mut out, &mut err))
        }
        Command::Completions { shell } => {
            // Into memory first: it panics where the reader has gone.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "raotin", &mut script);
            match out.write_all(&script) {
                Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(e.into()),
                _ => Ok(ExitCode::SUCCESS),
            }
        }
        Command::Serve(args) => runtime(true)?.block_on(serve::run(args, &common, lang)),
        Command::Connect(args) => runtime(false)?.block_on(connect::run(args, &common, lang)),
        Command::Demo(args) => runtime(true)?.block_on(demo::run(args, lang)),
        Command::Rebuild(args) => runtime(false)?.block_on(keep::rebuild(args, &common, lang)),
        Command::Recover(args) => runtime(false)?.block_on(keep::recover(args, &common, lang)),
        other => runtime(false)?.block_on(ask(other, common, lang)),
    }
}

/// The commands that ask the API.
async fn ask(command: Command, common: Common, lang: Lang) -> Result<ExitCode, CliError> {
    let ctx = Context::connect(common, lang).await?;
    let result = match command {
        Command::Add(args) => add::run(args, &ctx).await,
        Command::Edit(args) => edit::run(args, &ctx).await,
        Command::Import(args) => import::run(args, &ctx).await,
        Command::Backfill(args) => backfill::run(args, &ctx).await,
        Command::Export(args) => export::run(args, &ctx).await,
        Command::Queue(args) => queue::run(args, &ctx).await,
        Command::Move(args) => moving::run(args, &ctx).await,
        Command::Approve(args) => approve::run(args, &ctx).await,
        Command::Cancel(args) => cancel::run(args, &ctx).await,
        Command::Erase(args) => erase::run(args, &ctx).await,
        Command::Remove(args) => remove::run(args, &ctx).await,
        Command::Upcoming(args) => upcoming::run(args, &ctx).await,
        Command::Preview(args) => preview::run(args, &ctx).await,
        Command::Shares(args) => shares::run(args, &ctx).await,
        Command::Show(args) => show::run(args, &ctx).await,
        Command::Todo(args) => todo::run(args, &ctx).await,
        Command::Done(args) => done::run(args, &ctx).await,
        Command::Retry(args) => retry::run(args, &ctx).await,
        Command::Settle(args) => retry::settle(args, &ctx).await,
        Command::Channels(args) => channels::run(args, &ctx).await,
        Command::Schedules(args) => schedules::run(args, &ctx).await,
        Command::Feeds(args) => feeds::run(args, &ctx).await,
        Command::Topics(args) => settings::topics(args, &ctx).await,
        Command::Groups(args) => settings::groups(args, &ctx).await,
        Command::Settings(args) => settings::settings(args, &ctx).await,
        Command::Pause(args) => pause::pause(args, &ctx).await,
        Command::Resume(args) => pause::resume(args, &ctx).await,
        Command::Member(args) => member::run(args, &ctx).await,
        Command::Counts(args) => counts::run(args, &ctx).await,
        Command::Verify(args) => keep::verify(args, &ctx).await,
        // The others were done before.
        _ => Ok(()),
    };
    ctx.close();
    result.map(|()| ExitCode::SUCCESS)
}

/// A daemon uses the machine's cores; a command is done sooner without starting threads.
fn runtime(many: bool) -> Result<tokio::runtime::Runtime, CliError> {
    let mut builder = if many {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build().map_err(CliError::Io)
}
