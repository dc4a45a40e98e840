//! The pages: HTML for people, in Vietnamese and English, whole without a script. Every page reads and
//! acts through `office/`, as whoever is logged in.
//!
//! | file | what |
//! |---|---|
//! | [`visitor`], [`fields`] | who asks, and what a form brought; no form is read without its token |
//! | [`frame`], [`trouble`], [`flash`] | what stands around every page; what went wrong; what was done |
//! | [`entry`], [`account`], [`notices`] | getting in; one's own password, language, tokens; being told |
//! | [`today`], [`hand`], [`compose`], [`unfinished`], [`queue`], [`approvals`], [`calendar`], [`share_list`], [`shares`], [`article_list`], [`articles`] | the daily work |
//! | [`bring`] | files of rows: articles to import, shares of long ago |
//! | [`export`] | lists to be saved |
//! | [`channels`], [`schedules`], [`feeds`], [`members`], [`reports`], [`help`] | what is around it |
//! | [`settings`], [`changes`] | the configuration, changed in its files; who changed what |
//! | [`live`], [`assets`] | what makes pages quicker |

mod account;
mod approvals;
mod article_list;
mod articles;
mod assets;
mod bring;
mod calendar;
mod changes;
mod channels;
mod compose;
mod entry;
mod export;
mod feeds;
mod fields;
mod flash;
mod found;
mod frame;
mod hand;
mod help;
mod live;
mod members;
mod notices;
mod pictures;
mod queue;
mod reports;
mod routes;
mod rule;
mod schedules;
mod settings;
mod share_list;
mod shares;
mod show;
mod similar;
mod today;
mod trouble;
mod unfinished;
mod visitor;
mod writing;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower::ServiceExt;

use super::Site;
use super::api::bearer::bearer;
use super::door::{headers, way};
use crate::office::accounts::Accounts;
use crate::picture::MOST_BYTES;

pub use routes::{Route, Who};

/// A form may bring two of the largest pictures, or ten as phones take them, and their words. All of
/// it is held in memory.
const MOST_FORM_BYTES: usize = 2 * MOST_BYTES + (1 << 20);

/// What the pages work with.
#[derive(Clone)]
pub struct Faces(Arc<Inner>);

/// See [`Faces`].
pub struct Inner {
    /// The same that the API works with.
    pub site: Site,
    /// Who gets in.
    pub accounts: Arc<Accounts>,
    /// What is to be said on somebody's next page.
    flashes: flash::Flashes,
}

impl Deref for Faces {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Faces {
    /// Pages of this site.
    pub fn new(site: Site) -> Self {
        let accounts = site.accounts.clone();
        Self(Arc::new(Inner {
            site,
            accounts,
            flashes: flash::Flashes::default(),
        }))
    }
}

/// Every route there is, with who may come.
pub fn all() -> Vec<Route> {
    routes::routes().1
}

/// Pages, and the API for tokens, as they are served over TCP.
pub fn router(faces: Faces) -> Router {
    let (pages, _) = routes::routes();
    let site = faces.site.clone();
    let pages = pages
        .fallback(trouble::no_such_page)
        .method_not_allowed_fallback(trouble::no_such_method)
        .layer(DefaultBodyLimit::max(MOST_FORM_BYTES))
        .with_state(faces.clone());
    let (api, _) = super::api::routes();
    let api = api
        .layer(from_fn_with_state(faces, bearer))
        .with_state(site.clone());
    // Each has answers of its own for what is not there.
    let either = move |request: Request| async move {
        let by_program = request.uri().path().starts_with("/api/");
        let answered = if by_program {
            api.oneshot(request)
        } else {
            pages.oneshot(request)
        };
        answered.await
    };
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .fallback(either)
        .layer(from_fn(headers::put))
        .layer(from_fn_with_state(site, way::tell))
        .layer(from_fn(super::api::request_id::give))
}
