//! Pictures on their way to a platform.

use std::io;
use std::sync::Arc;

use super::{PictureBytes, Pictures, SendError};
use crate::model::Picture;

/// What a platform takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Takes {
    /// Bytes of one picture.
    pub(super) most_bytes: usize,
    /// Types, as `image/…`.
    pub(super) types: &'static [&'static str],
}

/// Reads a picture and checks that the platform takes it, so that a picture that cannot go is refused
/// before anything leaves.
///
/// # Errors
/// Refused if it is gone, too large or of another type; NotSent if it could not be read just now.
pub(super) async fn load(
    pictures: &Arc<dyn Pictures>,
    picture: &Picture,
    takes: Takes,
) -> Result<PictureBytes, SendError> {
    let (shelf, hash) = (pictures.clone(), picture.hash.clone());
    let read = tokio::task::spawn_blocking(move || shelf.bytes(&hash)).await;
    let read = read.unwrap_or_else(|_| Err(io::Error::other("the reading thread died")));
    let name = picture.hash.get(..12).unwrap_or(&picture.hash);
    let found = read.map_err(|error| {
        if error.kind() == io::ErrorKind::NotFound {
            SendError::Refused {
                reason: format!("the picture {name} is gone: add it to the article again"),
            }
        } else {
            SendError::NotSent {
                reason: format!("the picture {name} cannot be read: {error}"),
            }
        }
    })?;
    let refused = |reason| Err(SendError::Refused { reason });
    if found.bytes.len() > takes.most_bytes {
        return refused(format!(
            "the picture {name} has {} bytes, and this platform takes {}: make it smaller",
            found.bytes.len(),
            takes.most_bytes
        ));
    }
    if !takes.types.contains(&found.mime.as_str()) {
        return refused(format!(
            "the picture {name} is {}, and this platform takes {}",
            found.mime,
            takes.types.join(", ")
        ));
    }
    Ok(found)
}

/// The picture as a file of a form.
///
/// # Errors
/// In words, if its type is none; [`load`] has let through only known ones.
pub(super) fn file_part(
    name: &str,
    picture: &PictureBytes,
) -> Result<reqwest::multipart::Part, String> {
    let ending = match picture.mime.as_str() {
        "image/png" => "png",
        "image/webp" => "webp",
        _ => "jpg",
    };
    let length = picture.bytes.len() as u64;
    reqwest::multipart::Part::stream_with_length(picture.bytes.clone(), length)
        .file_name(format!("{name}.{ending}"))
        .mime_str(&picture.mime)
        .map_err(|_| format!("«{}» is no type of a file", picture.mime))
}
