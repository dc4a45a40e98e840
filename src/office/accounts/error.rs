//! Why somebody does not get in. The words are in the catalogues under `account-error.CODE`.

use jiff::SignedDuration;

use super::super::OfficeError;
use crate::store::StoreError;
use crate::store::private::PrivateError;

/// Why nothing was done about an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Name or password is wrong; which of them is not told.
    #[error("wrong name or password")]
    Wrong,
    /// Too many wrong tries.
    #[error("too many tries: wait {0:#}")]
    Wait(SignedDuration),
    /// The password is right, and a second factor is needed.
    #[error("a code is needed")]
    NeedsCode,
    /// The second factor's code is wrong or used.
    #[error("wrong code")]
    WrongCode,
    /// The one-time link is unknown, used, or too old.
    #[error("this link no longer works")]
    LinkGone,
    /// The password is too short.
    #[error("the password needs at least {0} characters")]
    Short(usize),
    /// The password is too long.
    #[error("the password may have at most {0} characters")]
    Long(usize),
    /// The password is guessed first of all.
    #[error("this password is easily guessed")]
    Guessable,
    /// The name to log in with is none.
    #[error("a name to log in with has 1 to 40 of a-z, 0-9 and '-'")]
    BadName,
    /// A token or session needs a name.
    #[error("give it a name")]
    NoName,
    /// The office's own refusal.
    #[error(transparent)]
    Office(#[from] OfficeError),
}

impl AccountError {
    /// Every code, but the office's own.
    pub const CODES: [&'static str; 10] = [
        "wrong",
        "wait",
        "needs-code",
        "wrong-code",
        "link-gone",
        "short",
        "long",
        "guessable",
        "bad-name",
        "no-name",
    ];

    /// Stable.
    pub fn code(&self) -> &'static str {
        match self {
            AccountError::Wrong => "wrong",
            AccountError::Wait(_) => "wait",
            AccountError::NeedsCode => "needs-code",
            AccountError::WrongCode => "wrong-code",
            AccountError::LinkGone => "link-gone",
            AccountError::Short(_) => "short",
            AccountError::Long(_) => "long",
            AccountError::Guessable => "guessable",
            AccountError::BadName => "bad-name",
            AccountError::NoName => "no-name",
            AccountError::Office(error) => error.code(),
        }
    }
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        AccountError::Office(error.into())
    }
}

impl From<PrivateError> for AccountError {
    fn from(error: PrivateError) -> Self {
        AccountError::Office(error.into())
    }
}
