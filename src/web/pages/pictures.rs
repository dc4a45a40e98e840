//! Pictures of articles, by the hash of what is in them.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;

use super::Faces;
use super::frame::Answer;
use super::trouble::Trouble;
use super::visitor::Visitor;
use crate::model::article::MediaHash;
use crate::picture::look;

/// What is under a hash never changes; but only who is logged in sees it.
const FOR_GOOD: &str = "private, max-age=31536000, immutable";

pub(super) async fn picture(
    State(faces): State<Faces>,
    visitor: Visitor,
    Path(hash): Path<MediaHash>,
) -> Answer {
    let media = faces.site.office.media.clone();
    let read = tokio::task::spawn_blocking(move || media.get(&hash)).await;
    let bytes = match read {
        Ok(Ok(Some(bytes))) => bytes,
        Ok(Ok(None)) => return Err(Trouble::not_there(visitor.lang)),
        Ok(Err(error)) => return Err(Trouble::broken(visitor.lang, &error.to_string())),
        Err(error) => return Err(Trouble::broken(visitor.lang, &error.to_string())),
    };
    // Only what is a picture is kept; its kind is told by its bytes, never by whoever sent it.
    let kind = look(&bytes).map_or("application/octet-stream", |l| l.kind.media_type());
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    Ok((headers, bytes).into_response())
}
