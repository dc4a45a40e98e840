//! `raotin serve`: the daemon, the API on its socket, and the pages.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::open::Opened;
use super::progress::Replay;
use super::{CliError, Common, faces, parts};
use crate::clock::MachineClock;
use crate::daemon::{self, Connect, Health};
use crate::lang::Lang;
use crate::office::accounts::Accounts;
use crate::store::lock::{Lock, WAIT};
use crate::web::{Site, router, socket};

/// Run the daemon: plan, send, and answer commands, until stopped
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print a one-time link that makes an administrator, although there is one: she forgot her password
    #[arg(long)]
    admin_link: bool,
}

/// How often the configuration's files are looked at: soon enough that an edit is seen at once.
const RELOAD_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn run(args: Args, common: &Common, lang: Lang) -> Result<ExitCode, CliError> {
    trace();
    let socket_path = common.socket();
    socket::check_path(&socket_path)?;
    let place = common.place();
    let lock = Lock::take_within(&place.data, "raotin serve", WAIT, &MachineClock)
        .await
        .map_err(CliError::Lock)?;
    let bar = Replay::of_daemon(lang);
    let opened = Opened::open(place, lock, Some(bar.told())).await;
    bar.end();
    let opened = Arc::new(opened?);
    opened.desk.tell();
    // Before the first request: what is configured must be known to be added to.
    opened.configured().await?;
    let health = Arc::new(Health::default());
    let listener = socket::listen(&socket_path)?;
    let connect = parts::connect(&opened)?;
    let messenger = parts::messenger(&opened)?;
    let site = Site {
        office: opened.office.clone(),
        accounts: Arc::new(Accounts::new(opened.office.clone())),
        health: Some(health.clone()),
        connect: Some(connect.clone()),
        refused: opened.desk.refused(),
        messenger: Some(messenger.clone()),
        sled: Some(opened.store.clone()),
    };

    let (stop, stopping) = watch::channel(false);
    let until_stop = |mut stopping: watch::Receiver<bool>| async move {
        // An error means that nobody is left to stop us: the same.
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    // Before anybody is answered: whoever sees that it runs may send a signal at once.
    let (hangup, end) = (
        signal(SignalKind::hangup()),
        [SignalKind::terminate(), SignalKind::interrupt()].map(signal),
    );
    tokio::spawn(stop_on_signal(end, stop.clone()));
    let api = tokio::spawn(socket::serve(
        listener,
        router(site.clone()),
        until_stop(stopping.clone()),
    ));
    let reloading = tokio::spawn(reload(opened.clone(), hangup, stopping.clone()));
    let collecting = tokio::spawn(daemon::collecting::run(
        Arc::new(parts::collector(&opened)),
        opened.office.clock.clone(),
        parts::trusted(health.clone()),
        stopping.clone(),
    ));
    let feeds = tokio::spawn(daemon::feeds::run(
        opened.office.clone(),
        parts::trusted(health.clone()),
        stopping.clone(),
    ));
    let checking = tokio::spawn(daemon::checking::run(
        parts::asking(&opened, connect.clone(), health.clone()),
        stopping.clone(),
    ));
    let forgetting = tokio::spawn(daemon::forgetting::run(
        opened.office.clone(),
        parts::trusted(health.clone()),
        stopping.clone(),
    ));
    let telling = tokio::spawn(daemon::notices::run(
        opened.office.clone(),
        messenger,
        parts::base(&opened),
        parts::trusted(health.clone()),
        stopping.clone(),
    ));
    faces::serve(&opened, site, args.admin_link, lang, stopping.clone()).await;
    tracing::info!(socket = %socket_path.display(), "ready");

    let ran = run_daemon(&opened, connect, health, until_stop(stopping)).await;
    stop.send_replace(true);
    let _ = reloading.await;
    // What is on its way is noted as told already.
    telling.abort();
    forgetting.abort();
    // What it reads meanwhile it reads in vain; nothing is half done by it.
    collecting.abort();
    let _ = feeds.await;
    checking.abort();
    // Requests that are under way may still be answered, but not for ever.
    let _ = tokio::time::timeout(daemon::SHUTDOWN_WITHIN, api).await;
    let _ = socket::remove_stale(&socket_path);
    opened.close();
    tracing::info!("stopped");
    ran?;
    Ok(ExitCode::SUCCESS)
}

/// The one place where the daemon is called.
async fn run_daemon(
    opened: &Opened,
    connect: Arc<dyn Connect>,
    health: Arc<Health>,
    shutdown: impl Future<Output = ()>,
) -> Result<(), CliError> {
    daemon::run(parts::daemon(opened, connect, health), shutdown)
        .await
        .map_err(|e| CliError::Data(e.to_string()))
}

/// Reads the configuration again when its files change, and at SIGHUP.
async fn reload(
    opened: Arc<Opened>,
    hangup: io::Result<Signal>,
    mut stopping: watch::Receiver<bool>,
) {
    let Ok(mut hangup) = hangup else {
        return;
    };
    loop {
        let at_once = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = hangup.recv() => true,
            () = tokio::time::sleep(RELOAD_EVERY) => false,
        };
        let opened = opened.clone();
        let _ = tokio::task::spawn_blocking(move || opened.reload(at_once)).await;
    }
}

async fn stop_on_signal(end: [io::Result<Signal>; 2], stop: watch::Sender<bool>) {
    let [Ok(mut term), Ok(mut int)] = end else {
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
    tracing::info!("stopping: what is on the wire is finished first");
    stop.send_replace(true);
}

/// For people on a terminal, JSON elsewhere; `RAOTIN_LOG` filters as `RUST_LOG` does.
fn trace() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAOTIN_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let to = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // One that is there already (in tests) stays.
    let _ = if std::io::stderr().is_terminal() {
        to.try_init()
    } else {
        to.json().try_init()
    };
}
