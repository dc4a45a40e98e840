//! The JSON API, `/api/v1`. A route and its place in the OpenAPI document are made in one stroke
//! ([`document`]), so neither can be there without the other.
//!
//! - creating, confirming and settling take an `Idempotency-Key`;
//! - errors are `application/problem+json` (RFC 9457), their `code` is stable, their `detail` is in the
//!   language of `Accept-Language` (vi or en);
//! - lists are paged by an opaque cursor.

mod accounts;
pub mod articles;
pub(in crate::web) mod bearer;
mod caller;
mod changes;
mod configuring;
mod document;
pub(in crate::web) mod exports;
mod extract;
mod feeds;
mod keep;
mod links;
mod look;
mod notices;
pub mod page;
pub mod patch;
pub mod problem;
pub(super) mod request_id;
mod running;
mod shares;
mod uploads;
pub mod views;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use serde_json::Value;

use super::Site;
use crate::picture::MOST_BYTES;
use document::Routes;

/// The largest body that is read: one picture, or 100 rows of an import. Base64 takes four bytes for
/// three; the rest of such a body is a name and brackets.
pub const MOST_BODY_BYTES: usize = MOST_BYTES / 3 * 4 + 1024;

/// The header that names the member a local operator acts for.
pub const AS_HEADER: &str = "raotin-as";
/// The header that makes a request safe to repeat.
pub const KEY_HEADER: &str = "idempotency-key";

/// The API's routes, and the document that describes them.
pub fn routes() -> (Router<Site>, Value) {
    let mut routes = Routes::default();
    articles::add(&mut routes);
    shares::add(&mut routes);
    running::add(&mut routes);
    feeds::add(&mut routes);
    notices::add(&mut routes);
    look::add(&mut routes);
    keep::add(&mut routes);
    configuring::add(&mut routes);
    changes::add(&mut routes);
    accounts::add(&mut routes);
    links::add(&mut routes);
    uploads::add(&mut routes);
    exports::add(&mut routes);
    let (router, document) = routes.finish();
    let router = router
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(DefaultBodyLimit::max(MOST_BODY_BYTES));
    (router, document)
}
