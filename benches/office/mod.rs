//! An office on the disk, as the program opens it, for what is measured.
#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark reads the machine's clock"
)]

use std::path::Path;
use std::sync::Arc;

use raotin::chance::Chance;
use raotin::clock::MachineClock;
use raotin::config::{Desk, Env, Known, Place, Redactor};
use raotin::disk::MachineDisk;
use raotin::intake::fetch::Fetcher;
use raotin::office::Office;
use raotin::office::uploads::Uploads;
use raotin::store::media::MediaFolder;
use raotin::store::private::PrivateFolder;
use raotin::store::sled::SledStore;
use raotin::store::uploads::UploadFolder;

/// An office over a store. `raotin.toml` and `schedules/` stand in the folder.
pub(crate) fn office(folder: &Path, store: Arc<SledStore>) -> Arc<Office> {
    let place = Place {
        config: folder.join("raotin.toml"),
        data: folder.join("data"),
    };
    let disk = Arc::new(MachineDisk);
    let env = Env::of(&[], 0, &Redactor::default());
    let now = jiff::Timestamp::now();
    let desk = Desk::open(place, env, disk.clone(), &Known::default(), now);
    let desk = Arc::new(desk.unwrap_or_else(|p| panic!("{p}")));
    let uploads = UploadFolder::open(disk.clone(), &folder.join("uploads")).unwrap();
    Arc::new(Office {
        store: store.clone(),
        history: store,
        changes: Arc::default(),
        almanac: Arc::default(),
        config: desk.config(),
        desk: desk.clone(),
        clock: Arc::new(MachineClock),
        private: Arc::new(PrivateFolder::open(disk.clone(), &folder.join("private")).unwrap()),
        media: Arc::new(MediaFolder::open(disk, &folder.join("media")).unwrap()),
        uploads: Arc::new(Uploads::new(uploads)),
        chance: Chance::of_machine(),
        fetcher: Arc::new(Fetcher::of_config(desk.config())),
    })
}
