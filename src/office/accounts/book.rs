//! The private file of accounts (`data/private/accounts.json`): never in the ledger, 0600.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::OfficeError;
use super::token::KeptToken;
use super::{AccountError, Accounts, lock};
use crate::lang::Lang;
use crate::model::MemberId;
use crate::store::private::PrivateError;

/// The file's name.
pub(super) const FILE: &str = "accounts.json";
/// How often a change is made again when another was written meanwhile.
const MOST_TRIES: u32 = 5;

/// Everything about getting in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Book {
    /// By member.
    #[serde(default)]
    pub(super) members: BTreeMap<MemberId, Account>,
    /// The link that makes the first admin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) setup: Option<KeptLink>,
}

/// A member's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Account {
    /// An Argon2id hash as a PHC string; none until she chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) password: Option<String>,
    /// Sessions of a former number are over: log out everywhere, a new password.
    #[serde(default)]
    pub(super) epoch: u64,
    /// The language of her pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lang: Option<Lang>,
    /// An invitation or a reset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) link: Option<KeptLink>,
    /// A second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) second: Option<Second>,
    /// API tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tokens: Vec<KeptToken>,
}

/// A one-time link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptLink {
    /// SHA-256 of its secret.
    pub(super) digest: String,
    /// It works until then.
    pub(super) until: Timestamp,
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Second {
    /// The shared key, in Base32.
    pub(super) key: String,
    /// The last time step whose code was used: no code works twice.
    pub(super) last: u64,
}

impl Book {
    /// The member's account, made if there is none.
    pub(super) fn account(&mut self, id: &MemberId) -> &mut Account {
        self.members.entry(id.clone()).or_default()
    }
}

impl Accounts {
    /// The file as it stands.
    pub(super) fn book(&self) -> Result<Arc<Book>, AccountError> {
        let mut cached = lock(&self.book);
        if let Some(book) = &*cached {
            return Ok(book.clone());
        }
        let book = Arc::new(read(self.office.private.get(FILE)?.as_deref())?);
        *cached = Some(book.clone());
        Ok(book)
    }

    /// Changes the file; durable when it returns.
    pub(super) fn change_book<T>(
        &self,
        change: impl Fn(&mut Book) -> Result<T, AccountError>,
    ) -> Result<T, AccountError> {
        for _ in 0..MOST_TRIES {
            let before = self.office.private.get(FILE)?;
            let mut book = read(before.as_deref())?;
            let unchanged = book.clone();
            let answer = change(&mut book)?;
            if book == unchanged {
                return Ok(answer);
            }
            let after = serde_json::to_vec(&book).map_err(unreadable)?;
            match self
                .office
                .private
                .swap(FILE, before.as_deref(), Some(&after))
            {
                Err(PrivateError::Changed(_)) => {}
                Err(other) => return Err(other.into()),
                Ok(()) => {
                    *lock(&self.book) = Some(Arc::new(book));
                    return Ok(answer);
                }
            }
        }
        Err(OfficeError::Busy.into())
    }
}

fn read(bytes: Option<&[u8]>) -> Result<Book, AccountError> {
    match bytes {
        None => Ok(Book::default()),
        Some(bytes) => serde_json::from_slice(bytes).map_err(unreadable),
    }
}

fn unreadable(error: serde_json::Error) -> AccountError {
    OfficeError::Stopped(format!("{FILE}: {error}")).into()
}
