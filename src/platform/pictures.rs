//! Pictures on their way to a platform: made to fit what it takes (`crate::picture`). What was made
//! is kept beside the pictures for the next try, and may go at any time: the same is made again.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::{PictureBytes, Pictures, SendError};
use crate::model::Picture;
use crate::picture::{Facts, Fit, Kind, NotTaken, Takes, clean, facts, fit, is_clean, redraw};

/// Reads a picture and makes it fit, so that one that cannot go is refused before anything leaves.
///
/// # Errors
/// Refused if it is gone, or cannot be made to fit; NotSent if it could not be read just now.
pub(super) async fn load(
    pictures: &Arc<dyn Pictures>,
    picture: &Picture,
    takes: Takes,
) -> Result<PictureBytes, SendError> {
    let (shelf, hash) = (pictures.clone(), picture.hash.clone());
    let made = tokio::task::spawn_blocking(move || fitted(&*shelf, &hash, &takes)).await;
    let made = made.unwrap_or_else(|_| Err(Failed::Reading(io::Error::other("it broke off"))));
    let name = picture.hash.get(..12).unwrap_or(&picture.hash);
    made.map_err(|failed| match failed {
        Failed::Reading(error) if error.kind() == io::ErrorKind::NotFound => SendError::Refused {
            reason: format!("the picture {name} is gone: add it to the article again"),
        },
        Failed::Reading(error) => SendError::NotSent {
            reason: format!("the picture {name} cannot be read: {error}"),
        },
        Failed::Fitting(why) => SendError::Refused {
            reason: format!("the picture {name}: {why}"),
        },
    })
}

/// Why there is no picture to send.
enum Failed {
    Reading(io::Error),
    Fitting(String),
}

impl From<NotTaken> for Failed {
    fn from(why: NotTaken) -> Self {
        Failed::Fitting(why.to_string())
    }
}

fn fitted(shelf: &dyn Pictures, hash: &str, takes: &Takes) -> Result<PictureBytes, Failed> {
    let mut bytes = shelf.bytes(hash).map_err(Failed::Reading)?;
    // Whatever way one came in, it tells nobody where it was taken.
    if !is_clean(&bytes) {
        bytes = clean(&bytes)?.into();
    }
    let facts: Facts = facts(&bytes).ok_or(NotTaken::Broken)?;
    let wanted = match fit(&facts, takes).map_err(|why| Failed::Fitting(why.to_string()))? {
        Fit::AsItIs => return Ok(of_kind(bytes, facts.kind)),
        Fit::Redrawn(wanted) => wanted,
    };
    let name = format!("{hash}.{}", wanted.recipe());
    if let Some(made) = shelf.made(&name) {
        return Ok(of_kind(made, Kind::Jpeg));
    }
    let made = redraw(&bytes, &wanted)?.ok_or_else(|| {
        let most = wanted.most_bytes;
        Failed::Fitting(format!("it cannot be made smaller than {most} bytes"))
    })?;
    shelf.keep_made(&name, &made);
    Ok(of_kind(made.into(), Kind::Jpeg))
}

fn of_kind(bytes: Bytes, kind: Kind) -> PictureBytes {
    PictureBytes { bytes, kind }
}

/// The picture as a file of a form.
///
/// # Errors
/// In words, if its type is none.
pub(super) fn file_part(
    name: &str,
    picture: &PictureBytes,
) -> Result<reqwest::multipart::Part, String> {
    let length = picture.bytes.len() as u64;
    let mime = picture.kind.media_type();
    reqwest::multipart::Part::stream_with_length(picture.bytes.clone(), length)
        .file_name(format!("{name}.{}", picture.kind.extension()))
        .mime_str(mime)
        .map_err(|_| format!("«{mime}» is no type of a file"))
}
