//! Who gets in: accounts of members, their passwords, sessions, one-time links and API tokens. What
//! comes out is an [`Actor`]; what she may do is decided elsewhere, as always.
//!
//! | file | what |
//! |---|---|
//! | [`book`] | the private file: password hashes, digests of links and tokens, second factors |
//! | [`password`] | what a password must be; Argon2id |
//! | [`throttle`] | how long somebody who guesses must wait; pure |
//! | [`login`] | log in, log out, here and everywhere |
//! | [`session`] | sessions, by the digest of an opaque id |
//! | [`link`] | one-time links: the first admin's, an invitation, a reset |
//! | [`token`] | API tokens with scopes |
//! | [`second`] | an optional second factor (TOTP) |
//!
//! Nothing secret is kept: of passwords an Argon2id hash, of everything else a SHA-256 digest of 256
//! random bits. The one exception is a second factor's key, which both sides must know.

mod book;
mod error;
mod link;
mod login;
mod password;
mod second;
mod session;
mod throttle;
mod token;

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Office, OfficeError, kept, permission};
use crate::lang::Lang;
use crate::model::{Actor, Member, MemberId};
use crate::store::private::Private;

use book::Book;
use throttle::Throttle;

pub use error::AccountError;
pub use link::{LINK_LIVES, Opened, SETUP_LIVES};
pub use login::Credentials;
pub use password::{LEAST_CHARS, MOST_CHARS};
pub use second::NewSecond;
pub use session::{SESSION_IDLE, SESSION_LIVES, Session};
pub use token::{Scope, TOKEN_LIVES, TokenShown};

/// So many passwords are hashed at a time: each takes 19 MiB and a core for a moment.
const HASHING_AT_ONCE: usize = 2;

/// The accounts of an office.
pub struct Accounts {
    office: Arc<Office>,
    /// The private file as it stands; read once, for this process alone has the folder.
    book: Mutex<Option<Arc<Book>>>,
    throttle: Mutex<Throttle>,
    hashing: Semaphore,
    /// A member's list of sessions is read, changed and written by one at a time.
    listing: Mutex<()>,
}

/// The language that a member chose, if she did: for what is written to her while nobody is logged in.
///
/// # Errors
/// The private file's.
pub(super) fn chosen_lang(
    private: &dyn Private,
    id: &MemberId,
) -> Result<Option<Lang>, OfficeError> {
    let book: Book = kept::read(private, book::FILE)?;
    Ok(book.members.get(id).and_then(|a| a.lang))
}

impl Accounts {
    /// Of this office.
    pub fn new(office: Arc<Office>) -> Self {
        Self {
            office,
            book: Mutex::default(),
            throttle: Mutex::default(),
            hashing: Semaphore::new(HASHING_AT_ONCE),
            listing: Mutex::default(),
        }
    }

    /// The member, if she is there and not retired.
    fn active(&self, id: &MemberId) -> Result<Option<Member>, AccountError> {
        Ok(self.office.store.member(id)?.filter(|m| !m.retired))
    }

    /// Her chosen language, if she chose one.
    ///
    /// # Errors
    /// The private file's.
    pub fn lang_of(&self, id: &MemberId) -> Result<Option<Lang>, AccountError> {
        Ok(self.book()?.members.get(id).and_then(|a| a.lang))
    }

    /// Chooses the language of her pages.
    ///
    /// # Errors
    /// The private file's.
    pub fn choose_lang(&self, id: &MemberId, lang: Lang) -> Result<(), AccountError> {
        self.change_book(|book| {
            book.account(id).lang = Some(lang);
            Ok(())
        })
    }

    /// How each member stands: whether she can log in, and whether with a second factor. For whoever
    /// may change members.
    ///
    /// # Errors
    /// [`OfficeError::NotAllowed`].
    pub fn standing(&self, actor: &Actor, id: &MemberId) -> Result<Standing, AccountError> {
        permission::administer(actor)?;
        let now = self.office.clock.now();
        let book = self.book()?;
        let account = book.members.get(id);
        Ok(Standing {
            can_log_in: account.is_some_and(|a| a.password.is_some()),
            second: account.is_some_and(|a| a.second.is_some()),
            invited: account.is_some_and(|a| a.link.as_ref().is_some_and(|l| l.until > now)),
        })
    }
}

/// How a member's account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// She has a password.
    pub can_log_in: bool,
    /// She has a second factor.
    pub second: bool,
    /// A one-time link of hers is open.
    pub invited: bool,
}

/// 256 random bits, as they travel.
fn opaque(office: &Office) -> String {
    URL_SAFE_NO_PAD.encode(office.chance.secret())
}

/// What is kept of a secret.
fn digest(secret: &str) -> String {
    super::request::hex(&Sha256::digest(secret.as_bytes()))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
