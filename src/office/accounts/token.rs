//! API tokens: a member's own, for programs that act as her; never more than she may herself.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AccountError, Accounts, digest, opaque};
use crate::model::{Actor, MemberId};

/// A token works so long: a forgotten one ends by itself.
pub const TOKEN_LIVES: SignedDuration = SignedDuration::from_hours(365 * 24);
/// By this people and scanners know what leaked.
const PREFIX: &str = "raotin_";
/// Of one member; more are lost count of.
const MOST_TOKENS: usize = 20;
/// Longest name.
const MOST_NAME_CHARS: usize = 60;

/// What a token may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Read.
    Read,
    /// All that its member may.
    Write,
}

impl Scope {
    /// The word in forms and in the catalogues' keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
        }
    }
}

/// What is kept of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptToken {
    digest: String,
    name: String,
    scope: Scope,
    since: Timestamp,
    until: Timestamp,
}

/// A token, as its member sees it afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenShown {
    /// To name it in a request; tells nothing of the secret.
    pub id: String,
    /// What she called it.
    pub name: String,
    /// What it may.
    pub scope: Scope,
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Accounts {
    /// Makes one; the answer is shown once and kept nowhere.
    ///
    /// # Errors
    /// [`AccountError::NoName`].
    pub fn make_token(
        &self,
        member: &MemberId,
        name: &str,
        scope: Scope,
    ) -> Result<String, AccountError> {
        let name: String = name.trim().chars().take(MOST_NAME_CHARS).collect();
        if name.is_empty() {
            return Err(AccountError::NoName);
        }
        let now = self.office.clock.now();
        let secret = format!("{PREFIX}{}", opaque(&self.office));
        let kept = KeptToken {
            digest: digest(&secret),
            name,
            scope,
            since: now,
            until: now.saturating_add(TOKEN_LIVES).unwrap_or(Timestamp::MAX),
        };
        self.change_book(|book| {
            let tokens = &mut book.account(member).tokens;
            tokens.retain(|t| t.until > now);
            if tokens.len() >= MOST_TOKENS {
                tokens.remove(0);
            }
            tokens.push(kept.clone());
            Ok(())
        })?;
        Ok(secret)
    }

    /// Hers, oldest first.
    ///
    /// # Errors
    /// The private file's.
    pub fn tokens(&self, member: &MemberId) -> Result<Vec<TokenShown>, AccountError> {
        let (book, now) = (self.book()?, self.office.clock.now());
        let account = book.members.get(member);
        let tokens = account.map(|a| &a.tokens[..]).unwrap_or_default();
        Ok(tokens
            .iter()
            .filter(|t| t.until > now)
            .map(|t| TokenShown {
                id: id_of(t).to_owned(),
                name: t.name.clone(),
                scope: t.scope,
                since: t.since,
                until: t.until,
            })
            .collect())
    }

    /// Ends one.
    ///
    /// # Errors
    /// The private file's.
    pub fn drop_token(&self, member: &MemberId, id: &str) -> Result<(), AccountError> {
        self.change_book(|book| {
            let tokens = &mut book.account(member).tokens;
            tokens.retain(|t| id_of(t) != id);
            Ok(())
        })
    }

    /// Who comes with this token, and what it may.
    ///
    /// # Errors
    /// The store's, the private file's.
    pub fn bearer(&self, secret: &str) -> Result<Option<(Actor, Scope)>, AccountError> {
        let (book, now, digest) = (self.book()?, self.office.clock.now(), digest(secret));
        let fits = |t: &&KeptToken| t.digest == digest && t.until > now;
        let found = book
            .members
            .iter()
            .find_map(|(id, account)| Some((id, account.tokens.iter().find(fits)?)));
        let Some((id, token)) = found else {
            return Ok(None);
        };
        Ok(self.active(id)?.map(|member| {
            let actor = Actor::Member {
                id: member.id,
                roles: member.roles,
            };
            (actor, token.scope)
        }))
    }
}

/// The beginning of the digest: enough among twenty, and it leads back to nothing.
fn id_of(token: &KeptToken) -> &str {
    token.digest.get(..12).unwrap_or_default()
}
