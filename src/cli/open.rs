//! The data folder, opened under its lock: store, configuration, private files, and the office on
//! top of them. The daemon and a command that serves itself open it alike.

use std::sync::Arc;

use super::CliError;
use crate::chance::Chance;
use crate::clock::{Clock, MachineClock};
use crate::config::{Desk, Env, Place, Redactor};
use crate::disk::{Disk, MachineDisk};
use crate::intake::fetch::Fetcher;
use crate::model::Actor;
use crate::office::settings::known;
use crate::office::uploads::Uploads;
use crate::office::{Office, OfficeError};
use crate::store::lock::Lock;
use crate::store::media::MediaFolder;
use crate::store::private::PrivateFolder;
use crate::store::sled::{OpenError, OpenOptions, Progress, SledStore};
use crate::store::uploads::UploadFolder;

/// Everything that is open. The lock goes last.
pub struct Opened {
    /// The use cases.
    pub office: Arc<Office>,
    /// The store itself.
    pub store: Arc<SledStore>,
    /// Pictures.
    pub media: Arc<MediaFolder>,
    /// The configuration's files, and what is in force.
    pub desk: Arc<Desk>,
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
        let desk =
            Desk::open(place, env, disk.clone(), &known, clock.now()).map_err(CliError::Config)?;
        let desk = Arc::new(desk);
        let media = MediaFolder::open(disk.clone(), &data.join("media"));
        let media = Arc::new(media.map_err(|e| told(&e))?);
        let private =
            PrivateFolder::open(disk.clone(), &data.join("private")).map_err(|e| told(&e))?;
        let uploads = UploadFolder::open(disk, &data.join("uploads"));
        let uploads = uploads.map_err(|e| told(&e))?;
        let office = Arc::new(Office {
            store: store.clone(),
            history: store.clone(),
            changes: Arc::default(),
            almanac: Arc::default(),
            config: desk.config(),
            desk: desk.clone(),
            clock,
            private: Arc::new(private),
            media: media.clone(),
            uploads: Arc::new(Uploads::new(uploads)),
            chance: Chance::of_machine(),
            fetcher: Arc::new(Fetcher::of_config(desk.config())),
        });
        Ok(Self {
            office,
            store,
            media,
            desk,
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
        match known(&*self.store) {
            // What is wrong was told.
            Ok(known) => drop(self.desk.reload(at_once, &known, MachineClock.now())),
            Err(error) => tracing::error!(%error, "the configuration is not read again"),
        }
    }

    /// Makes everything durable.
    pub fn close(&self) {
        self.store.close();
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
