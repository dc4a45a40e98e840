//! Pictures of articles: kept once each, under the hash of what is in them, and without anything that
//! tells where or by whom they were taken; and what is done to them before they go out.

use super::{Invalid, Office, OfficeError, permission};
use crate::compose::limits::picture_of;
use crate::config::ConfiguredChannel;
use crate::intake::fetch::{Ask, Cut, Fetched};
use crate::model::article::MediaHash;
use crate::model::{Actor, Mode, Picture, Post};
use crate::picture::{Fit, MOST_BYTES, NotTaken, Redrawn, Unfit, clean, fit};
use crate::store::media::{Media, MediaError};
use crate::store::outlook::told;

/// What is asked for at a picture's address. Sites that offer several kinds give one that goes
/// everywhere; no AVIF, which would be refused.
const ACCEPT: &str = "image/jpeg, image/png, image/webp;q=0.8, image/gif;q=0.8, */*;q=0.1";

/// What is done to one picture of a post before it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitting {
    /// Which of the article's, from 1.
    pub number: usize,
    /// Its hash.
    pub hash: MediaHash,
    /// How it is drawn anew, or why it cannot go there.
    pub what: Result<Redrawn, Unfit>,
}

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
        permission::keep_picture(actor)?;
        kept(&*self.media, "data", bytes)
    }

    /// Keeps the picture at an address, as [`Office::keep_picture`] does. The same address may give
    /// another picture tomorrow; what was kept stays.
    ///
    /// # Errors
    /// [`Invalid::NotFetched`], [`Invalid::NothingThere`], [`Invalid::NoPicture`].
    pub async fn picture_from(&self, actor: &Actor, url: &str) -> Result<MediaHash, OfficeError> {
        permission::keep_picture(actor)?;
        let invalid = |what| OfficeError::invalid("url", what);
        let ask = Ask {
            awaited: !matches!(actor, Actor::Daemon),
            ..Ask::new(url.trim(), ACCEPT, MOST_BYTES)
        };
        let found = self.fetcher.get(ask).await;
        let found = found.map_err(|why| invalid(Invalid::NotFetched(why)))?;
        let bytes = whole(found).map_err(invalid)?;
        let media = self.media.clone();
        let work = tokio::task::spawn_blocking(move || kept(&*media, "url", &bytes));
        work.await
            .unwrap_or_else(|error| Err(OfficeError::Stopped(error.to_string())))
    }

    /// What is done to a post's pictures before they go out on this channel; those that stay as they
    /// are, and all that a person posts, are left out.
    ///
    /// # Errors
    /// [`OfficeError::Stopped`] where the disk cannot be read.
    pub fn fittings(
        &self,
        place: &ConfiguredChannel,
        post: &Post,
    ) -> Result<Vec<Fitting>, OfficeError> {
        let rules = &place.rules;
        let mut fittings = Vec::new();
        if rules.mode == Mode::ByHand {
            return Ok(fittings);
        }
        let told = told(&*self.store, &rules.id);
        for part in &post.parts {
            let takes = picture_of(rules.platform, part, told);
            for (at, picture) in part.pictures.iter().enumerate() {
                // One that is gone or damaged is told by whoever shows it.
                let Ok(Some(facts)) = self.media.facts(&picture.hash) else {
                    continue;
                };
                let what = match fit(&facts, &takes) {
                    Ok(Fit::AsItIs) => continue,
                    Ok(Fit::Redrawn(redrawn)) => Ok(redrawn),
                    Err(why) => Err(why),
                };
                fittings.push(Fitting {
                    number: at + 1,
                    hash: picture.hash.clone(),
                    what,
                });
            }
        }
        Ok(fittings)
    }

    /// Refuses a post with a picture that the channel can take in no way.
    pub(super) fn check_fits(
        &self,
        place: &ConfiguredChannel,
        post: &Post,
    ) -> Result<(), OfficeError> {
        for fitting in self.fittings(place, post)? {
            if let Err(why) = fitting.what {
                let unfit = Invalid::PictureUnfit {
                    channel: place.rules.id.clone(),
                    number: fitting.number,
                    why,
                };
                return Err(OfficeError::invalid("pictures", unfit));
            }
        }
        Ok(())
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

fn kept(media: &dyn Media, field: &'static str, bytes: &[u8]) -> Result<MediaHash, OfficeError> {
    let no_picture = |why| OfficeError::invalid(field, Invalid::NoPicture(why));
    let clean = clean(bytes).map_err(no_picture)?;
    Ok(media.put(&clean)?)
}

/// The body of an answer, if it is one and whole.
fn whole(found: Fetched) -> Result<bytes::Bytes, Invalid> {
    if !found.is_success() {
        return Err(Invalid::NothingThere {
            host: found.url.host_str().unwrap_or_default().to_owned(),
            status: found.status,
        });
    }
    match found.cut {
        None => Ok(found.body),
        Some(Cut::TooLong) => Err(Invalid::NoPicture(NotTaken::TOO_MANY_BYTES)),
        Some(Cut::TooSlow | Cut::BrokeOff) => Err(Invalid::NoPicture(NotTaken::Broken)),
    }
}

impl From<MediaError> for OfficeError {
    fn from(error: MediaError) -> Self {
        OfficeError::Stopped(error.to_string())
    }
}
