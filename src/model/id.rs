//! Identity. Articles, shares and texts are UUIDv7; what a person names (channels, topics, units,
//! members, schedules) has a short id for ever and a title that may change (RULES 6).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Longest id a person may give. Ids stand in file names, keys of the store and every ledger line.
pub const MAX_NAME_LEN: usize = 40;

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    /// Not `[a-z0-9-]`, empty, or over [`MAX_NAME_LEN`].
    #[error("«{0}» is no id: write 1 to 40 of a-z, 0-9 and '-'")]
    Name(String),
    /// Not a UUID.
    #[error("«{0}» is no id of an article or a share")]
    Uuid(String),
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new UUIDv7 from a wall-clock instant (milliseconds since 1970) and 10 random bytes.
            /// Order never rests on it (RULES 2).
            pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::parse_str(text).map(Self).map_err(|_| BadId::Uuid(text.to_owned()))
            }
        }
    };
}

uuid_id!(
    /// An article.
    ArticleId
);
uuid_id!(
    /// A share: one article on one channel, once.
    ShareId
);
uuid_id!(
    /// A text kept in the TEXTS part of a ledger line, so that it can be erased without breaking the chain.
    TextId
);

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks `[a-z0-9-]`, 1 to [`MAX_NAME_LEN`] characters.
            ///
            /// # Errors
            /// [`BadId::Name`].
            pub fn new(text: &str) -> Result<Self, BadId> {
                let fits = !text.is_empty()
                    && text.len() <= MAX_NAME_LEN
                    && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                if fits { Ok(Self(text.into())) } else { Err(BadId::Name(text.to_owned())) }
            }
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::new(text)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_id!(
    /// A channel: one configured place on a platform.
    ChannelId
);
name_id!(
    /// A declared topic.
    TopicId
);
name_id!(
    /// A unit of the office.
    UnitId
);
name_id!(
    /// A member: a person who works with the program.
    MemberId
);
name_id!(
    /// A schedule; the name of its file.
    ScheduleId
);
name_id!(
    /// A feed that articles come from.
    FeedId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert!(ChannelId::new("tin-bac-kan").is_ok());
        for bad in ["", "Chợ-đồn", "a b", "UPPER", "a/b", &"x".repeat(41)] {
            assert_eq!(ChannelId::new(bad), Err(BadId::Name(bad.to_owned())));
        }
    }

    #[test]
    fn uuids_are_version_7() {
        let id = ShareId::new(1_763_900_000_000, [7; 10]);
        assert_eq!(id.0.get_version_num(), 7);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
