//! What happened, told to open pages as it happens (server-sent events): a page that shows it then
//! reads itself again. It says that something changed, never what.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};

use super::Faces;
use super::visitor::Visitor;

/// Changes that come close together are told once: a burst of sending is no burst of reading.
const TOGETHER: Duration = Duration::from_secs(1);
/// An open page is asked to come back so often: sessions end, and proxies cut what is silent.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// A line that says nothing, so that nobody on the way thinks it dead.
const SIGN_OF_LIFE: Duration = Duration::from_secs(25);

pub(super) async fn events(
    State(faces): State<Faces>,
    _visitor: Visitor,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let watch = faces.site.office.store.watch();
    let events = stream::unfold(watch, |mut watch| async move {
        // One that lags missed something: the same.
        let told = timeout(LONGEST, watch.recv()).await;
        if matches!(told, Err(_) | Ok(Err(RecvError::Closed))) {
            return None;
        }
        // An event without data is none (HTML, 9.2.6).
        sleep(TOGETHER).await;
        while watch.try_recv().is_ok() {}
        Some((Ok(Event::default().event("changed").data("1")), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE))
}
