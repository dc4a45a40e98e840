//! What somebody is writing and has not sent: kept on the server without her pressing anything, so that
//! it can be gone on with on another device. One text a member, in a private file (what is typed may
//! have to be erased), small, and forgotten after a while. It is no draft of an article: nobody else
//! sees it and nothing comes of it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Invalid, Office, OfficeError, kept, permission};
use crate::model::{Actor, MemberId};

/// Forgotten after so long: by then pictures that nothing names are gone too (RULES 7).
pub const UNFINISHED_LIVES: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest text kept: the longest article, and a few channels' own texts beside it.
pub const MOST_UNFINISHED_BYTES: usize = 512 * 1024;
/// Most fields: every channel has one for its own text.
const MOST_FIELDS: usize = 1_000;
/// Longest name of a device or a form.
const MOST_NAME_BYTES: usize = 100;

/// A form, as it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// The form's key: once it was sent, nothing more is kept of it.
    pub key: String,
    /// Which device it was written on: a number that the browser made up.
    pub device: String,
    /// When it was kept.
    pub saved: Timestamp,
    /// Names and values, in the form's order.
    pub fields: Vec<(String, String)>,
}

/// The private file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Unfinished>,
    /// The form that was sent last: what of it still comes in late is not kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    sent: String,
}

fn file(id: &MemberId) -> String {
    format!("unfinished-{id}.json")
}

impl Office {
    /// Keeps what she is writing, in place of what was kept before. Answers whether it did: not of a
    /// form that was sent already.
    ///
    /// # Errors
    /// [`Invalid::TooLong`].
    pub fn keep_unfinished(&self, actor: &Actor, text: Unfinished) -> Result<bool, OfficeError> {
        permission::compose(actor)?;
        let Some(id) = actor.member() else {
            return Ok(false);
        };
        let len: usize = text.fields.iter().map(|(n, v)| n.len() + v.len()).sum();
        let names = text.key.len().max(text.device.len());
        if len > MOST_UNFINISHED_BYTES || text.fields.len() > MOST_FIELDS || names > MOST_NAME_BYTES
        {
            let most = MOST_UNFINISHED_BYTES;
            return Err(OfficeError::invalid("text", Invalid::TooLong { len, most }));
        }
        kept::change(&*self.private, &file(id), |kept: &mut Kept| {
            if !text.key.is_empty() && kept.sent == text.key {
                return Ok(false);
            }
            kept.text = Some(text.clone());
            Ok(true)
        })
    }

    /// What she was writing, if it is not too old.
    ///
    /// # Errors
    /// The private file's.
    pub fn unfinished(&self, actor: &Actor) -> Result<Option<Unfinished>, OfficeError> {
        permission::compose(actor)?;
        let Some(id) = actor.member() else {
            return Ok(None);
        };
        let kept: Kept = kept::read(&*self.private, &file(id))?;
        let now = self.clock.now();
        let fresh = |t: &Unfinished| now.duration_since(t.saved) < UNFINISHED_LIVES;
        Ok(kept.text.filter(fresh))
    }

    /// Forgets it: it was sent (by its key), or she wants it gone.
    ///
    /// # Errors
    /// The private file's.
    pub fn forget_unfinished(&self, actor: &Actor, sent: Option<&str>) -> Result<(), OfficeError> {
        permission::compose(actor)?;
        let Some(id) = actor.member() else {
            return Ok(());
        };
        kept::change(&*self.private, &file(id), |kept: &mut Kept| {
            kept.text = None;
            if let Some(key) = sent.filter(|key| key.len() <= MOST_NAME_BYTES) {
                kept.sent = key.to_owned();
            }
            Ok(())
        })
    }

    /// Of whoever is retired.
    pub(super) fn erase_unfinished(&self, id: &MemberId) -> Result<(), OfficeError> {
        kept::change(&*self.private, &file(id), |kept: &mut Kept| {
            *kept = Kept::default();
            Ok(())
        })
    }

    /// Erases what is too old, of everybody. Called once a day.
    ///
    /// # Errors
    /// The private files'.
    pub fn erase_old_unfinished(&self) -> Result<(), OfficeError> {
        let now = self.clock.now();
        let members: BTreeSet<MemberId> = self.store.members()?.into_iter().map(|m| m.id).collect();
        for id in members {
            kept::change(&*self.private, &file(&id), |kept: &mut Kept| {
                let old = |t: &Unfinished| now.duration_since(t.saved) >= UNFINISHED_LIVES;
                if kept.text.as_ref().is_some_and(old) {
                    *kept = Kept::default();
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
