//! Style, script and pictures of the pages: in the binary, asked for by the digest of what is in them,
//! so that a browser keeps them for good and never keeps an old one.

use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A year: another content has another address.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// Digits of the digest in an address.
const DIGITS: usize = 10;

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/app.js");
const WORKER: &str = include_str!("../assets/sw.js");
const ICON: &str = include_str!("../assets/icon.svg");
const MANIFEST: &str = include_str!("../assets/manifest.webmanifest");

/// The style's address.
pub(super) fn style() -> &'static str {
    static AT: OnceLock<String> = OnceLock::new();
    AT.get_or_init(|| address("style.css", STYLE))
}

/// The script's address.
pub(super) fn script() -> &'static str {
    static AT: OnceLock<String> = OnceLock::new();
    AT.get_or_init(|| address("app.js", SCRIPT))
}

fn address(name: &str, content: &str) -> String {
    let digest = Sha256::digest(content);
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("/assets/{name}?{}", &hex[..DIGITS])
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let (kind, content) = match name.as_str() {
        "style.css" => ("text/css; charset=utf-8", STYLE),
        "app.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "icon.svg" => ("image/svg+xml", ICON),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    (headers, content).into_response()
}

/// The worker that keeps a confirmation while there is no network: it must stand at the top.
pub(super) async fn worker() -> Response {
    let kind = "text/javascript; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], WORKER).into_response()
}

pub(super) async fn manifest() -> Response {
    let kind = "application/manifest+json";
    ([(header::CONTENT_TYPE, kind)], MANIFEST).into_response()
}
