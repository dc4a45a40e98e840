//! Who causes something, and what they may do (RULES 8).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::id::{MemberId, UnitId};

/// What a member may do. One member may hold several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Composes, queues, edits what she added, does hand tasks.
    Officer,
    /// The same for everybody's; approves, removes, pauses.
    Approver,
    /// Reads everything; changes no article, share or setting.
    Supervisor,
    /// Members, channels, schedules, settings.
    Admin,
}

impl Role {
    /// All roles, weakest first.
    pub const ALL: [Role; 4] = [Role::Officer, Role::Approver, Role::Supervisor, Role::Admin];

    /// The word used in files, the API and the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Officer => "officer",
            Role::Approver => "approver",
            Role::Supervisor => "supervisor",
            Role::Admin => "admin",
        }
    }
}

/// A person who works with the program. Her name is never in the ledger; it lives in `data/private/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// For ever.
    pub id: MemberId,
    /// At least one while active.
    pub roles: Vec<Role>,
    /// The unit her shares count for.
    pub unit: Option<UnitId>,
    /// Retired members keep their figures and may do nothing.
    pub retired: bool,
}

/// Whoever causes something. First argument of every function of `office/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A member, with the roles she held when she asked.
    Member {
        /// Who.
        id: MemberId,
        /// Her roles at that moment.
        roles: Vec<Role>,
    },
    /// The local operator: the peer of the unix socket, with an admin's rights.
    Local {
        /// The peer's user id (SO_PEERCRED).
        uid: u32,
        /// Whom it is done for (`--as MEMBER`).
        on_behalf_of: Option<MemberId>,
    },
    /// The daemon itself.
    Daemon,
}

impl Actor {
    /// Whether the actor holds `role`. The local operator holds all of them; the daemon none:
    /// what it may do is decided by the use case.
    pub fn holds(&self, role: Role) -> bool {
        match self {
            Actor::Member { roles, .. } => roles.contains(&role),
            Actor::Local { .. } => true,
            Actor::Daemon => false,
        }
    }

    /// The member an act is counted for, if any.
    pub fn member(&self) -> Option<&MemberId> {
        match self {
            Actor::Member { id, .. } => Some(id),
            Actor::Local { on_behalf_of, .. } => on_behalf_of.as_ref(),
            Actor::Daemon => None,
        }
    }

    /// As the ledger names it.
    pub fn by(&self) -> By {
        match self {
            Actor::Member { id, .. } => By::Member(id.clone()),
            Actor::Local { uid, on_behalf_of } => By::Local(*uid, on_behalf_of.clone()),
            Actor::Daemon => By::Daemon,
        }
    }
}

/// The ledger's `by`: `m:ID`, `local:UID`, `local:UID:ID` (on a member's behalf) or `daemon`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// A member.
    Member(MemberId),
    /// The local operator, perhaps for a member.
    Local(u32, Option<MemberId>),
    /// The daemon.
    Daemon,
}

impl By {
    /// The member an act is counted for, if any.
    pub fn member(&self) -> Option<&MemberId> {
        match self {
            By::Member(id) | By::Local(_, Some(id)) => Some(id),
            By::Local(_, None) | By::Daemon => None,
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            By::Member(id) => write!(f, "m:{id}"),
            By::Local(uid, None) => write!(f, "local:{uid}"),
            By::Local(uid, Some(id)) => write!(f, "local:{uid}:{id}"),
            By::Daemon => f.write_str("daemon"),
        }
    }
}

impl FromStr for By {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("«{text}» names no actor: m:ID, local:UID, local:UID:ID or daemon");
        if text == "daemon" {
            return Ok(By::Daemon);
        }
        if let Some(id) = text.strip_prefix("m:") {
            return MemberId::new(id).map(By::Member).map_err(|_| bad());
        }
        let rest = text.strip_prefix("local:").ok_or_else(bad)?;
        let (uid, member) = match rest.split_once(':') {
            Some((uid, id)) => (uid, Some(MemberId::new(id).map_err(|_| bad())?)),
            None => (rest, None),
        };
        uid.parse()
            .map(|uid| By::Local(uid, member))
            .map_err(|_| bad())
    }
}

impl Serialize for By {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
