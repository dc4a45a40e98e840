//! An optional second factor: codes of an authenticator app (TOTP, RFC 6238: HMAC-SHA-1, 30 s, six
//! digits, which is what every such app speaks).

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;

use super::book::Second;
use super::{AccountError, Accounts, Session};
use crate::model::MemberId;

/// Seconds of a step.
const STEP: u64 = 30;
/// Codes of so many steps before and after are taken: phones' clocks differ, people type slowly.
const DRIFT: u64 = 1;
/// Bytes of a key, as RFC 4226 recommends.
const KEY_BYTES: usize = 20;
/// RFC 4648.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A second factor that is being set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecond {
    /// To type in by hand.
    pub key: String,
    /// To be shown as a QR code.
    pub address: String,
}

impl Accounts {
    /// Whether she has one.
    ///
    /// # Errors
    /// The private file's.
    pub fn has_second(&self, id: &MemberId) -> Result<bool, AccountError> {
        Ok(self
            .book()?
            .members
            .get(id)
            .is_some_and(|a| a.second.is_some()))
    }

    /// A key to be put into an app; nothing is kept until a code of it is shown.
    pub fn new_second(&self, session: &Session) -> NewSecond {
        let secret = self.office.chance.secret();
        let key = base32(&secret[..KEY_BYTES]);
        let address = format!(
            "otpauth://totp/raotin:{}?secret={key}&issuer=raotin",
            session.member
        );
        NewSecond { key, address }
    }

    /// Turns it on, after a code shows that the app has the key.
    ///
    /// # Errors
    /// [`AccountError::WrongCode`].
    pub fn turn_second_on(
        &self,
        session: &Session,
        key: &str,
        code: &str,
    ) -> Result<(), AccountError> {
        let step = self.fitting(key, code, 0).ok_or(AccountError::WrongCode)?;
        self.change_book(|book| {
            book.account(&session.member).second = Some(Second {
                key: key.to_owned(),
                last: step,
            });
            Ok(())
        })
    }

    /// Turns it off, with a code of it.
    ///
    /// # Errors
    /// [`AccountError::WrongCode`].
    pub fn turn_second_off(&self, session: &Session, code: &str) -> Result<(), AccountError> {
        if !self.code_fits(&session.member, code)? {
            return Err(AccountError::WrongCode);
        }
        self.change_book(|book| {
            book.account(&session.member).second = None;
            Ok(())
        })
    }

    /// Whether it is her code now; each works once.
    pub(super) fn code_fits(&self, id: &MemberId, code: &str) -> Result<bool, AccountError> {
        self.change_book(|book| {
            let Some(second) = &mut book.account(id).second else {
                return Ok(false);
            };
            let fits = self.fitting(&second.key, code, second.last);
            second.last = fits.unwrap_or(second.last);
            Ok(fits.is_some())
        })
    }

    /// The step after `last` whose code it is.
    fn fitting(&self, key: &str, code: &str, last: u64) -> Option<u64> {
        let key = unbase32(key)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let now = step_of(self.office.clock.now());
        (now.saturating_sub(DRIFT)..=now + DRIFT)
            .find(|step| *step > last && code_of(&key, *step).is_some_and(|c| c == code))
    }
}

fn step_of(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0) / STEP
}

/// RFC 4226, 5.3.
fn code_of(key: &[u8], step: u64) -> Option<String> {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(key).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[hash.len() - 1] & 15);
    let four: [u8; 4] = hash[offset..offset + 4].try_into().ok()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000;
    Some(format!("{number:06}"))
}

fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for five in bytes.chunks(5) {
        let mut block = [0_u8; 8];
        block[3..3 + five.len()].copy_from_slice(five);
        let number = u64::from_be_bytes(block);
        for i in 0..(five.len() * 8).div_ceil(5) {
            let at = (number >> (35 - 5 * i)) & 31;
            text.push(char::from(BASE32[usize::try_from(at).unwrap_or(0)]));
        }
    }
    text
}

fn unbase32(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut have) = (Vec::new(), 0_u32, 0);
    for c in text.bytes() {
        let value = BASE32.iter().position(|b| *b == c.to_ascii_uppercase())?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        have += 5;
        if have >= 8 {
            have -= 8;
            bytes.push(u8::try_from(bits >> have & 255).ok()?);
            bits &= (1 << have) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B (the last six of its eight digits).
    #[test]
    fn codes_are_those_of_the_rfc() {
        let key = b"12345678901234567890";
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(key, second / STEP).unwrap(), code);
        }
    }

    #[test]
    fn keys_survive_base32() {
        assert_eq!(
            base32(b"12345678901234567890"),
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        );
        for len in 0..25_u8 {
            let bytes: Vec<u8> = (0..len).map(|i| i.wrapping_mul(73)).collect();
            assert_eq!(unbase32(&base32(&bytes)).unwrap(), bytes);
        }
        assert_eq!(unbase32("1"), None);
    }
}
