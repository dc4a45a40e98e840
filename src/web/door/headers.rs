//! What every answer tells the browser: to load nothing from elsewhere, to run no script that stands
//! in a page, to be shown in no frame, to tell nobody where it came from.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::way::Way;

/// Pages have no inline script or style; pictures may stand in the page (QR codes).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";
/// A year: renewed with every answer.
const HSTS: &str = "max-age=31536000";

/// Puts them on.
pub(in crate::web) async fn put(request: Request, next: Next) -> Response {
    let secure = request.extensions().get::<Way>().is_some_and(|w| w.secure);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name, value| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(
        header::HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        header::HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    );
    if secure {
        set(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    // What a member sees is hers alone and is asked for anew; but a form that she goes back to still
    // holds what she typed, which `no-store` would take away. Assets say otherwise themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    response
}
