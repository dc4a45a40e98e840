//! The data folder, opened under its lock: store, configuration, private files, and the office on
//! top of them. The daemon and a command that serves itself open it alike.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::CliError;
use crate::chance::Chance;
use crate::clock::{Clock, MachineClock};
use crate::config::problem::Weight;
use crate::config::{Config, Env, Known, Live, Place, Problems, Redactor};
use crate::disk::{Disk, MachineDisk};
use crate::lang::Lang;
use crate::model::Actor;
use crate::office::uploads::Uploads;
use crate::office::{Office, OfficeError};
use crate::store::lock::Lock;
use crate::store::media::MediaFolder;
use crate::store::private::PrivateFolder;
use crate::store::sled::{OpenError, OpenOptions, Progress, SledStore};
use crate::store::uploads::UploadFolder;
use crate::store::{Store, StoreError};

/// Everything that is open. The lock goes last.
pub struct Opened {
    /// The use cases.
    pub office: Arc<Office>,
    /// The store itself.
    pub store: Arc<SledStore>,
    /// Pictures.
    pub media: Arc<MediaFolder>,
    /// The configuration's files, to be read again.
    pub live: Mutex<Live>,
    /// Puts another configuration in force.
    pub config: watch::Sender<Arc<Config>>,
    /// Why the configuration's files, as they are now, are not what is in force; empty where they are.
    pub refused: watch::Sender<Problems>,
    /// Takes secrets out of texts.
    pub redactor: Redactor,
    _lock: Lock,
}

impl Opened {
    /// Opens everything. `progress` is told how far a replay has come.
    ///
    /// # Errors
    /// [`CliError::Damaged`] where acknowledged commits are gone; [`CliError::Config`].
    pub async fn open(
        place: Place,
        lock: Lock,
        progress: Option<Progress>,
    ) -> Result<Self, CliError> {
        let options = options(&place, progress);
        // A replay may take a while.
        let store = tokio::task::spawn_blocking(move || SledStore::open(options));
        let store = store
            .await
            .map_err(|e| CliError::Data(e.to_string()))?
            .map_err(open_error)?;
        Self::with(place, lock, store)
    }

    /// The same, where the store is open already.
    ///
    /// # Errors
    /// As [`Opened::open`].
    pub fn with(place: Place, lock: Lock, store: SledStore) -> Result<Self, CliError> {
        let disk: Arc<dyn Disk> = Arc::new(MachineDisk);
        let clock: Arc<dyn Clock> = Arc::new(MachineClock);
        let data = place.data.clone();
        let told = |e: &dyn std::fmt::Display| CliError::Data(e.to_string());
        let store = Arc::new(store);
        let known = known(&*store).map_err(|e| told(&e))?;
        let redactor = Redactor::default();
        let env = Env::of_process(&redactor);
        let live =
            Live::start(place, env, disk.clone(), &known, clock.now()).map_err(CliError::Config)?;
        let media = MediaFolder::open(disk.clone(), &data.join("media"));
        let media = Arc::new(media.map_err(|e| told(&e))?);
        let private =
            PrivateFolder::open(disk.clone(), &data.join("private")).map_err(|e| told(&e))?;
        let uploads = UploadFolder::open(disk.clone(), &data.join("uploads"));
        let uploads = uploads.map_err(|e| told(&e))?;
        let (config, in_force) = watch::channel(live.config().clone());
        let (refused, _) = watch::channel(live.refused().cloned().unwrap_or_default());
        let office = Arc::new(Office {
            store: store.clone(),
            history: store.clone(),
            config: in_force,
            clock,
            private: Arc::new(private),
            media: media.clone(),
            uploads: Arc::new(Uploads::new(uploads)),
            chance: Chance::of_machine(),
        });
        Ok(Self {
            office,
            store,
            media,
            live: Mutex::new(live),
            config,
            refused,
            redactor,
            _lock: lock,
        })
    }

    /// Tells the store what is configured, as the daemon does at its start.
    ///
    /// # Errors
    /// The store's.
    pub async fn configured(&self) -> Result<(), CliError> {
        let operator = Actor::Local {
            uid: rustix::process::geteuid().as_raw(),
            on_behalf_of: None,
        };
        let told = self.office.configured(&operator).await;
        told.map_err(|e: OfficeError| CliError::Data(e.to_string()))
    }

    /// Reads the configuration again if its files changed (or `at_once`), and puts it in force if it
    /// holds. A bad one changes nothing and is told.
    pub fn reload(&self, at_once: bool) {
        let now = MachineClock.now();
        let known = match known(&*self.store) {
            Ok(known) => known,
            Err(error) => {
                tracing::error!(%error, "the configuration is not read again");
                return;
            }
        };
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let read = if at_once {
            Some(live.reload(&known, now))
        } else {
            live.reload_if_changed(&known, now)
        };
        match read {
            None => {}
            Some(Ok(config)) => {
                tracing::info!("the configuration was read again");
                self.refused.send_replace(Problems::default());
                self.config.send_replace(config);
                tell_beside(&live);
            }
            Some(Err(problems)) => {
                tell(&problems);
                tracing::error!(
                    "the configuration was changed but does not hold: the former one stays in force"
                );
                self.refused.send_replace(problems);
            }
        }
    }

    /// Tells the log what is wrong with the configuration's files although a configuration is in force.
    pub fn tell_configuration(&self) {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(problems) = live.refused() {
            tracing::error!("the configuration does not hold: the last good one is in force");
            tell(problems);
        }
        tell_beside(&live);
    }

    /// Makes everything durable.
    pub fn close(&self) {
        self.store.close();
    }
}

/// What is to be told of a configuration that is in force.
fn tell_beside(live: &Live) {
    tell(live.warnings());
    if let Some(why) = live.uncopied() {
        tracing::warn!(why, "the last good configuration could not be kept");
    }
}

fn tell(problems: &Problems) {
    for problem in problems {
        let line = problem.line_of_text(Lang::En);
        match problem.weight {
            Weight::Error => tracing::error!("{line}"),
            Weight::Warning => tracing::warn!("{line}"),
        }
    }
}

/// What the store is opened from.
pub fn options(place: &Place, progress: Option<Progress>) -> OpenOptions {
    OpenOptions {
        data_dir: place.data.clone(),
        disk: Arc::new(MachineDisk),
        clock: Arc::new(MachineClock),
        progress,
    }
}

/// Damage is told apart from trouble: its exit code says so.
pub fn open_error(error: OpenError) -> CliError {
    if error.is_damage() {
        CliError::Damaged(error.to_string())
    } else {
        CliError::Data(error.to_string())
    }
}

/// The ids that are in use, so that a rename is noticed (RULES 6).
fn known(store: &dyn Store) -> Result<Known, StoreError> {
    let channels = store.channels()?.into_iter().filter(|c| !c.gone);
    let schedules = store.schedules()?.into_iter().filter(|s| !s.gone);
    let topics = store.topics()?.into_iter().filter(|(_, _, gone)| !gone);
    let members = store.members()?.into_iter().filter(|m| !m.retired);
    Ok(Known {
        channels: channels.map(|c| (c.id, c.platform)).collect(),
        topics: topics.map(|(id, _, _)| id).collect(),
        schedules: schedules.map(|s| (s.id, s.cron)).collect(),
        members: Some(members.map(|m| m.id).collect()),
    })
}
