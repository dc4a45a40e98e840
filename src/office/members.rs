//! Who works with the program, and what she may do. Names are private and never in the ledger.

use std::collections::BTreeMap;

use super::content::check_length;
use super::request::Done;
use super::{Invalid, Office, OfficeError, Refusal, What, permission};
use crate::model::{Actor, Event, Member, MemberId, Role, UnitId};
use crate::store::private::PrivateError;

/// The private file that holds members' names.
const NAMES: &str = "member-names.json";
/// Longest name: names in tables are read at a glance.
const MOST_NAME_CHARS: usize = 100;
/// How often a name is written again when another was written meanwhile.
const MOST_TRIES: u32 = 5;

impl Office {
    /// Makes somebody a member, or changes her roles or unit. A retired one comes back by it.
    ///
    /// # Errors
    /// [`Invalid::NoRole`].
    pub async fn set_member(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: MemberId,
        roles: Vec<Role>,
        unit: Option<UnitId>,
        name: Option<String>,
    ) -> Result<Done, OfficeError> {
        let mut roles = roles;
        roles.sort_unstable();
        roles.dedup();
        permission::administer(actor)?;
        if let Some(name) = &name {
            check_length("name", name, MOST_NAME_CHARS)?;
            // Before the event that needs it (RULES 7); repeating it changes nothing.
            self.keep_name(&id, name.trim())?;
        }
        let asked = ("member", &id, &roles, &unit);
        self.perform(actor, key, &asked, |work| {
            permission::administer(actor)?;
            if roles.is_empty() {
                return Err(OfficeError::invalid("roles", Invalid::NoRole));
            }
            work.event(Event::MemberSet {
                member: id.clone(),
                roles: roles.clone(),
                unit: unit.clone(),
            });
            Ok(Done::default())
        })
        .await
    }

    /// Retires a member: her figures stay, she may do nothing more.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub async fn retire_member(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: MemberId,
    ) -> Result<Done, OfficeError> {
        let asked = ("retire", &id);
        let done = self.perform(actor, key, &asked, |work| {
            permission::administer(actor)?;
            let member = self.known_member(&id)?;
            if !member.retired {
                work.event(Event::MemberRetired { member: id.clone() });
            }
            Ok(Done::default())
        });
        let done = done.await?;
        // Repeating it changes nothing.
        self.forget_notices(&id)?;
        self.erase_unfinished(&id)?;
        Ok(done)
    }

    /// The local operator, perhaps for a member (`--as`), who must be there and active.
    ///
    /// # Errors
    /// [`Refusal::Retired`].
    pub fn local(&self, uid: u32, on_behalf_of: Option<MemberId>) -> Result<Actor, OfficeError> {
        if let Some(id) = &on_behalf_of
            && self.known_member(id)?.retired
        {
            let member = id.clone();
            return Err(OfficeError::Refused(Refusal::Retired { member }));
        }
        Ok(Actor::Local { uid, on_behalf_of })
    }

    /// Every member with her name, where one is kept.
    ///
    /// # Errors
    /// See [`OfficeError`].
    pub fn members(&self, actor: &Actor) -> Result<Vec<(Member, Option<String>)>, OfficeError> {
        permission::read(actor)?;
        let names = names_in(self.private.get(NAMES)?.as_deref())?;
        let members = self.store.members()?.into_iter();
        Ok(members
            .map(|m| {
                let name = names.get(m.id.as_str()).cloned();
                (m, name)
            })
            .collect())
    }

    fn keep_name(&self, id: &MemberId, name: &str) -> Result<(), OfficeError> {
        for _ in 0..MOST_TRIES {
            let before = self.private.get(NAMES)?;
            let mut names = names_in(before.as_deref())?;
            names.insert(id.to_string(), name.to_owned());
            let after = serde_json::to_vec(&names).map_err(unreadable)?;
            match self.private.swap(NAMES, before.as_deref(), Some(&after)) {
                Err(PrivateError::Changed(_)) => {}
                result => return Ok(result?),
            }
        }
        Err(OfficeError::Busy)
    }

    pub(super) fn known_member(&self, id: &MemberId) -> Result<Member, OfficeError> {
        if let Some(member) = self.store.member(id)? {
            return Ok(member);
        }
        let members = self.store.members()?;
        let known = members.iter().map(|m| m.id.as_str());
        Err(OfficeError::unknown(What::Member, id.as_str(), known))
    }
}

/// Members' names by id, as the private file holds them.
fn names_in(bytes: Option<&[u8]>) -> Result<BTreeMap<String, String>, OfficeError> {
    match bytes {
        None => Ok(BTreeMap::new()),
        Some(bytes) => serde_json::from_slice(bytes).map_err(unreadable),
    }
}

fn unreadable(error: serde_json::Error) -> OfficeError {
    OfficeError::Stopped(format!("{NAMES}: {error}"))
}

impl From<PrivateError> for OfficeError {
    fn from(error: PrivateError) -> Self {
        OfficeError::Stopped(error.to_string())
    }
}
