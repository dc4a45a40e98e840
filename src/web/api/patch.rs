//! A key of a change: not named, taken away (`null`), or set. As a merge patch says (RFC 7396).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not named: it stays.
    #[default]
    Stays,
    /// `null`: it goes, and its default holds.
    Goes,
    /// Set.
    Is(T),
}

impl<T> Patch<T> {
    /// Whether it is not to be named.
    pub fn stays(&self) -> bool {
        matches!(self, Patch::Stays)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Option::deserialize(from)?;
        Ok(value.map_or(Patch::Goes, Patch::Is))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Patch::Is(value) => value.serialize(to),
            _ => to.serialize_none(),
        }
    }
}
