//! Getting in, over the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A one-time link, shown once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = OneTimeLink)]
pub struct LinkView {
    /// The address to open, where the configuration says under which address the pages are
    /// (`[web] address`); else from the slash on.
    pub link: String,
    /// Until when it works.
    pub until: String,
}

/// How a member's account stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    /// Whose.
    pub member: String,
    /// How many sessions of hers hold, about.
    pub sessions: usize,
    /// Whether she has a second factor.
    pub second_factor: bool,
    /// Her API tokens.
    pub tokens: Vec<TokenView>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Token)]
pub struct TokenView {
    /// To name it; tells nothing of the secret.
    pub id: String,
    /// What she called it.
    pub name: String,
    /// `read` or `write`.
    pub scope: String,
    /// Since when.
    pub since: String,
    /// Until when.
    pub until: String,
}

/// A token just made, shown once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = NewToken)]
pub struct NewTokenView {
    /// For `Authorization: Bearer`.
    pub token: String,
}
