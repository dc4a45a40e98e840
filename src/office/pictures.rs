//! Pictures of articles: kept once each, under the hash of what is in them.

use super::{Invalid, Office, OfficeError, permission};
use crate::model::article::MediaHash;
use crate::model::{Actor, Picture};
use crate::store::media::{MediaError, look};

/// Largest picture: what the platforms of this program take at most is 10 MB (Telegram's photo); the
/// API's body, with its third more for Base64, is as large as this needs.
pub const MOST_PICTURE_BYTES: usize = 10 << 20;

impl Office {
    /// Keeps a picture, to be named by an article. Keeping the same again changes nothing, so it
    /// needs no key. One that no article names goes after a week.
    ///
    /// # Errors
    /// [`Invalid::NoPicture`] for what is no JPEG, PNG, GIF or WebP.
    pub fn keep_picture(&self, actor: &Actor, bytes: &[u8]) -> Result<MediaHash, OfficeError> {
        permission::compose(actor)?;
        if bytes.len() > MOST_PICTURE_BYTES || look(bytes).is_none() {
            let most = MOST_PICTURE_BYTES >> 20;
            return Err(OfficeError::invalid("data", Invalid::NoPicture { most }));
        }
        Ok(self.media.put(bytes)?)
    }

    /// Refuses a picture that was never kept.
    pub(super) fn check_pictures(&self, pictures: &[Picture]) -> Result<(), OfficeError> {
        for picture in pictures {
            // Before it is looked at: while it is being named nobody collects it.
            let there = self.media.renew(&picture.hash)?;
            if !there || self.media.get(&picture.hash)?.is_none() {
                let hash = picture.hash.clone();
                let unknown = Invalid::UnknownPicture(hash);
                return Err(OfficeError::invalid("pictures", unknown));
            }
        }
        Ok(())
    }
}

impl From<MediaError> for OfficeError {
    fn from(error: MediaError) -> Self {
        OfficeError::Stopped(error.to_string())
    }
}
