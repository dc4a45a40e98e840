//! Pictures of articles: kept once each, under the hash of what is in them, and without anything that
//! tells where or by whom they were taken.

use super::{Invalid, Office, OfficeError, permission};
use crate::model::article::MediaHash;
use crate::model::{Actor, Picture};
use crate::picture::clean;
use crate::store::media::MediaError;

impl Office {
    /// Keeps a picture, to be named by an article: upright, and without its metadata, so that the hash
    /// is not that of the bytes that came. Keeping the same again changes nothing and gives the same
    /// hash, so it needs no key. One that no article names goes after a week.
    ///
    /// It may take seconds: never on an async thread.
    ///
    /// # Errors
    /// [`Invalid::NoPicture`] for what is no JPEG, PNG, GIF or WebP, or too large to be worked on.
    pub fn keep_picture(&self, actor: &Actor, bytes: &[u8]) -> Result<MediaHash, OfficeError> {
        permission::compose(actor)?;
        let clean =
            clean(bytes).map_err(|why| OfficeError::invalid("data", Invalid::NoPicture(why)))?;
        Ok(self.media.put(&clean)?)
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
