//! HTTP: the JSON API over the unix socket, and what watches ask (`/healthz`, `/readyz`, `/metrics`).
//! The same router serves a command in-process where no daemon runs. Over TCP ([`door`]) people get the
//! [`pages`], and programs the API with a token.

pub mod api;
pub mod door;
pub mod health;
pub mod pages;
pub mod qr;
pub mod socket;

use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use crate::config::Problems;
use crate::daemon::{Connect, Health};
use crate::office::Office;
use crate::office::accounts::Accounts;
use crate::platform::letter::Messenger;
use crate::store::sled::SledStore;

/// What the handlers work with.
#[derive(Clone)]
pub struct Site {
    /// The use cases.
    pub office: Arc<Office>,
    /// Who gets in.
    pub accounts: Arc<Accounts>,
    /// The daemon's pulse; none where a command serves itself.
    pub health: Option<Arc<Health>>,
    /// How channels are reached, to ask their platforms; none where tests reach nothing.
    pub connect: Option<Arc<dyn Connect>>,
    /// What writes to members; none where tests write to nobody.
    pub messenger: Option<Arc<Messenger>>,
    /// Why the configuration's files, as they are now, do not run and the last good ones do; empty
    /// where they run.
    pub refused: watch::Receiver<Problems>,
    /// The store on the disk, to be verified; none where tests keep all in memory.
    pub sled: Option<Arc<SledStore>>,
}

/// Everything that is served.
pub fn router(site: Site) -> Router {
    let (api, _) = api::routes();
    api.merge(health::routes())
        .layer(axum::middleware::from_fn(api::request_id::give))
        .with_state(site)
}
