//! Who works with the program, and what she may do. Names are private and never in the ledger.

use super::request::Done;
use super::{Invalid, Office, OfficeError, Refusal, What, permission};
use crate::model::{Actor, Event, Member, MemberId, Role, UnitId};

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
    ) -> Result<Done, OfficeError> {
        let mut roles = roles;
        roles.sort_unstable();
        roles.dedup();
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
        self.perform(actor, key, &("retire", &id), |work| {
            permission::administer(actor)?;
            let member = self.known_member(&id)?;
            if !member.retired {
                work.event(Event::MemberRetired { member: id.clone() });
            }
            Ok(Done::default())
        })
        .await
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

    fn known_member(&self, id: &MemberId) -> Result<Member, OfficeError> {
        if let Some(member) = self.store.member(id)? {
            return Ok(member);
        }
        let members = self.store.members()?;
        let known = members.iter().map(|m| m.id.as_str());
        Err(OfficeError::unknown(What::Member, id.as_str(), known))
    }
}
