//! What the daemon works with, from what is open.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use super::CliError;
use super::open::Opened;
use crate::clock::MachineClock;
use crate::daemon::checking::Asking;
use crate::daemon::platforms::Platforms;
use crate::daemon::{Connect, Health, Parts};
use crate::platform::http::Http;
use crate::platform::letter::Messenger;
use crate::platform::vault::{Shelf, Vault};
use crate::platform::{Deps, Pictures};
use crate::store::media::collect::Collector;
use crate::store::media::{Media, MediaFolder};
use crate::store::private::Private;
use crate::web::door::address::{address, is_for_phones};

/// How channels are reached.
///
/// # Errors
/// The HTTP client cannot start.
pub(super) fn connect(opened: &Opened) -> Result<Arc<dyn Connect>, CliError> {
    let http = Http::new().map_err(|e| CliError::Data(e.to_string()))?;
    let redactor = opened.redactor.clone();
    Ok(Arc::new(Platforms::new(Deps {
        http,
        clock: Arc::new(MachineClock),
        pictures: Arc::new(Kept(opened.media.clone())),
        redactor: Arc::new(move |text: &str| redactor.redact(text)),
        vault: Vault::new(Arc::new(Locked(opened.office.private.clone()))),
    })))
}

/// What writes to members.
///
/// # Errors
/// The HTTP client cannot start.
pub(super) fn messenger(opened: &Opened) -> Result<Arc<Messenger>, CliError> {
    let failed = |e: crate::platform::http::NoClient| CliError::Data(e.to_string());
    let http = Http::new().map_err(failed)?;
    let redactor = opened.redactor.clone();
    let redact = Arc::new(move |text: &str| redactor.redact(text));
    let messenger = Messenger::new(http, Arc::new(MachineClock), redact).map_err(failed)?;
    Ok(Arc::new(messenger))
}

/// Everything the daemon works with.
pub(super) fn daemon(opened: &Opened, connect: Arc<dyn Connect>, health: Arc<Health>) -> Parts {
    let office = &opened.office;
    Parts {
        store: office.store.clone(),
        almanac: office.almanac.clone(),
        clock: office.clock.clone(),
        chance: office.chance.clone(),
        config: opened.desk.config(),
        connect,
        health,
        built: built(),
    }
}

/// What channels are asked with, whether they would take a post.
pub(super) fn asking(opened: &Opened, connect: Arc<dyn Connect>, health: Arc<Health>) -> Asking {
    Asking {
        connect,
        store: opened.office.store.clone(),
        config: opened.desk.config(),
        health,
        clock: opened.office.clock.clone(),
    }
}

/// What collects pictures.
pub(super) fn collector(opened: &Opened) -> Collector {
    let (media, store) = (opened.media.clone(), opened.store.clone());
    Collector::new(media, store.clone(), store)
}

/// The address people open, if a phone could open it.
pub(super) fn base(opened: &Opened) -> impl Fn() -> Option<String> + Send + use<> {
    let office = opened.office.clone();
    move || {
        let web = &office.config().web;
        is_for_phones(web, web.listen).then(|| address(web, web.listen))
    }
}

/// Whether the clock is known to be right: the planner's first tick tells.
pub(super) fn trusted(health: Arc<Health>) -> impl Fn() -> bool + Send {
    move || {
        let pulse = health.pulse();
        pulse.last_tick.is_some() && pulse.clock_doubt.is_none()
    }
}

/// When the program was built (`build.rs`).
fn built() -> Timestamp {
    let seconds = env!("RAOTIN_BUILT").parse().unwrap_or(0);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The media folder, as platforms look into it.
struct Kept(Arc<MediaFolder>);

impl Pictures for Kept {
    fn bytes(&self, hash: &str) -> io::Result<Bytes> {
        let bytes = self.0.get(hash).map_err(io::Error::other)?;
        Ok(bytes.ok_or(io::ErrorKind::NotFound)?.into())
    }
    fn made(&self, name: &str) -> Option<Bytes> {
        self.0.made().get(name)
    }
    fn keep_made(&self, name: &str, bytes: &[u8]) {
        self.0.made().put(name, bytes);
    }
}

/// The private files, as platforms keep what they were given.
struct Locked(Arc<dyn Private>);

impl Shelf for Locked {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.get(name).map_err(io::Error::other)
    }
    fn swap(&self, name: &str, expected: Option<&[u8]>, new: Option<&[u8]>) -> io::Result<()> {
        self.0.swap(name, expected, new).map_err(io::Error::other)
    }
}
