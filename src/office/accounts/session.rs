//! Sessions: an opaque 256-bit id in the browser, its digest here. They live in the index alone and
//! may be lost (RULES 7): everybody logs in again, nothing else happens.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::OfficeError;
use super::{AccountError, Accounts, digest, lock, opaque};
use crate::model::{Actor, MemberId};

/// Without a request for so long, a session is over: a weekend, and Monday's holiday.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// However busy, a session is over then.
pub const SESSION_LIVES: SignedDuration = SignedDuration::from_hours(30 * 24);
/// When it was last seen is written at most so often.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// So many of one member at a time; the oldest ends when another begins.
const MOST_SESSIONS: usize = 20;

/// A session that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who, with the roles she holds now.
    pub actor: Actor,
    /// Who.
    pub member: MemberId,
    /// What every form must bring: only a page of ours can know it.
    pub csrf: String,
}

/// What is kept of one.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    member: MemberId,
    epoch: u64,
    since: Timestamp,
    seen: Timestamp,
}

fn note_of(digest: &str) -> String {
    format!("session-{digest}")
}

fn list_of(member: &MemberId) -> String {
    format!("sessions-of-{member}")
}

/// Known to whoever has the session's id, and to nobody else.
fn csrf_of(id: &str) -> String {
    digest(&format!("csrf {id}"))
}

impl Accounts {
    /// Begins one; answers with its id, which is told to the browser and kept nowhere.
    pub(super) fn begin_session(&self, member: &MemberId) -> Result<String, AccountError> {
        let now = self.office.clock.now();
        let id = opaque(&self.office);
        let digest = digest(&id);
        let epoch = self.book()?.members.get(member).map_or(0, |a| a.epoch);
        let kept = Kept {
            member: member.clone(),
            epoch,
            since: now,
            seen: now,
        };
        self.keep_session(&digest, Some(&kept))?;
        let _one = lock(&self.listing);
        let mut all = self.listed(member)?;
        all.push(digest);
        while all.len() > MOST_SESSIONS {
            self.keep_session(&all.remove(0), None)?;
        }
        self.list(member, &all)?;
        Ok(id)
    }

    /// The session of this id, if it holds.
    ///
    /// # Errors
    /// The store's.
    pub fn session(&self, id: &str) -> Result<Option<Session>, AccountError> {
        let now = self.office.clock.now();
        let digest = digest(id);
        let Some(kept) = self.kept_session(&digest)? else {
            return Ok(None);
        };
        let idle = now.duration_since(kept.seen) > SESSION_IDLE;
        let old = now.duration_since(kept.since) > SESSION_LIVES;
        let epoch = self
            .book()?
            .members
            .get(&kept.member)
            .map_or(0, |a| a.epoch);
        let member = self.active(&kept.member)?;
        let Some(member) = member.filter(|_| !idle && !old && epoch == kept.epoch) else {
            self.end_session(id)?;
            return Ok(None);
        };
        if now.duration_since(kept.seen) > SEEN_EVERY {
            let seen = Kept { seen: now, ..kept };
            self.keep_session(&digest, Some(&seen))?;
        }
        Ok(Some(Session {
            actor: Actor::Member {
                id: member.id.clone(),
                roles: member.roles,
            },
            member: member.id,
            csrf: csrf_of(id),
        }))
    }

    /// Ends it.
    ///
    /// # Errors
    /// The store's.
    pub fn end_session(&self, id: &str) -> Result<(), AccountError> {
        let digest = digest(id);
        if let Some(kept) = self.kept_session(&digest)? {
            self.keep_session(&digest, None)?;
            let _one = lock(&self.listing);
            let mut all = self.listed(&kept.member)?;
            all.retain(|d| *d != digest);
            self.list(&kept.member, &all)?;
        }
        Ok(())
    }

    /// How many sessions of hers hold, about.
    ///
    /// # Errors
    /// The store's.
    pub fn sessions_of(&self, member: &MemberId) -> Result<usize, AccountError> {
        Ok(self.listed(member)?.len())
    }

    /// Ends all of hers, on every device.
    ///
    /// # Errors
    /// The store's, the private file's.
    pub fn end_all_sessions(&self, member: &MemberId) -> Result<(), AccountError> {
        self.change_book(|book| {
            book.account(member).epoch += 1;
            Ok(())
        })?;
        let _one = lock(&self.listing);
        for digest in self.listed(member)? {
            self.keep_session(&digest, None)?;
        }
        self.list(member, &[])
    }

    fn kept_session(&self, digest: &str) -> Result<Option<Kept>, AccountError> {
        let note = self.office.store.note(&note_of(digest))?;
        // One that cannot be read is none.
        Ok(note.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }
    fn keep_session(&self, digest: &str, kept: Option<&Kept>) -> Result<(), AccountError> {
        self.note(&note_of(digest), kept)
    }
    fn listed(&self, member: &MemberId) -> Result<Vec<String>, AccountError> {
        let note = self.office.store.note(&list_of(member))?;
        let list = note.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(list.unwrap_or_default())
    }
    fn list(&self, member: &MemberId, all: &[String]) -> Result<(), AccountError> {
        self.note(&list_of(member), (!all.is_empty()).then_some(all))
    }
    fn note<T: Serialize + ?Sized>(
        &self,
        name: &str,
        value: Option<&T>,
    ) -> Result<(), AccountError> {
        let bytes = value.map(serde_json::to_vec).transpose();
        let bytes = bytes.map_err(|e| OfficeError::Stopped(e.to_string()))?;
        Ok(self.office.store.set_note(name, bytes.as_deref())?)
    }
}
