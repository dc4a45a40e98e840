//! Passwords: what one must be, and Argon2id.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use super::super::OfficeError;
use super::{AccountError, Accounts};
use crate::model::MemberId;

/// Shortest password. NIST SP 800-63B asks for 8 beside a second factor; without one, ten keep a
/// thief of the file busy for longer than the password lives.
pub const LEAST_CHARS: usize = 10;
/// Longest password: a sentence of a poem fits; hashing a book does not.
pub const MOST_CHARS: usize = 200;
/// Different characters at least: `aaaaaaaaaa` is ten characters long.
const LEAST_DIFFERENT: usize = 5;

/// 19 MiB, two passes, one lane: OWASP's first choice for Argon2id (Password Storage Cheat Sheet).
/// An old PC needs about 50 ms for it.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of salt, as the PHC string format recommends.
const SALT: usize = 16;

/// What is tried first by whoever guesses; longer ones of the lists, and their Vietnamese kin.
const GUESSED_FIRST: [&str; 16] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "12345678910",
    "123456789a",
    "qwertyuiop",
    "1q2w3e4r5t",
    "password123",
    "password1234",
    "matkhau123",
    "matkhau1234",
    "abcdefghij",
    "abc1234567",
    "iloveyou123",
    "anhyeuem123",
    "vietnam123",
];

/// What is verified where there is no account, so that the answer takes as long.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$cmFvdGluLW5vYm9keXM$AcQYVoeWV6FXHWTzCYtHhCWUEqyPVhYCuyPjOPgcZhs";

/// Whether this may be her password.
pub(super) fn check(id: &MemberId, password: &str) -> Result<(), AccountError> {
    let len = password.chars().count();
    if len < LEAST_CHARS {
        return Err(AccountError::Short(LEAST_CHARS));
    }
    if len > MOST_CHARS {
        return Err(AccountError::Long(MOST_CHARS));
    }
    let plain = password.to_lowercase();
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    // The name with a figure or two behind it.
    let of_name = id.as_str().len() > 3
        && plain.contains(id.as_str())
        && len < id.as_str().len() + LEAST_DIFFERENT;
    if different.len() < LEAST_DIFFERENT || of_name || GUESSED_FIRST.contains(&plain.as_str()) {
        return Err(AccountError::Guessable);
    }
    Ok(())
}

fn argon() -> Result<Argon2<'static>, AccountError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> AccountError {
    OfficeError::Stopped(format!("the password could not be hashed: {error}")).into()
}

impl Accounts {
    /// The hash to keep.
    pub(super) async fn hashed(&self, password: &str) -> Result<String, AccountError> {
        let salt: [u8; SALT] = {
            let secret = self.office.chance.secret();
            std::array::from_fn(|i| secret[i])
        };
        let password = password.to_owned();
        self.beside(move || {
            let hash: PasswordHash = argon()?
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one of this hash; takes as long where there is none.
    pub(super) async fn verified(
        &self,
        hash: Option<String>,
        password: &str,
    ) -> Result<bool, AccountError> {
        let password = password.to_owned();
        self.beside(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(NOBODYS);
            let hash = PasswordHash::new(hash).map_err(failed)?;
            Ok(argon()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
        })
        .await
    }

    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountError> {
        let _one = self.hashing.acquire().await.map_err(failed)?;
        tokio::task::spawn_blocking(work).await.map_err(failed)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused() {
        let id = MemberId::new("nguyen-thi-lan").unwrap();
        let code = |password: &str| check(&id, password).map_err(|e| e.code());
        assert_eq!(code("ngắn quá"), Err("short"));
        assert_eq!(code(&"dài ".repeat(60)), Err("long"));
        for bad in [
            "aaaaaaaaaaaa",
            "1234567890",
            "nguyen-thi-lan1",
            "MatKhau123",
        ] {
            assert_eq!(code(bad), Err("guessable"), "{bad}");
        }
        assert_eq!(code("mùa xuân trên bản"), Ok(()));
        assert_eq!(code("correct horse battery"), Ok(()));
    }

    #[test]
    fn nobodys_hash_is_one() {
        let hash = PasswordHash::new(NOBODYS).unwrap();
        let params = Params::try_from(&hash).unwrap();
        assert_eq!((params.m_cost(), params.t_cost()), (MEMORY_KIB, PASSES));
    }
}
