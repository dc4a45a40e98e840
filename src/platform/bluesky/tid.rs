//! The name of a post in its account's repository: a TID (<https://atproto.com/specs/tid>), made from
//! the share's key alone, so that every attempt writes to the same place and no other share does.

use sha2::{Digest as _, Sha256};

/// Base32, in the order of its values.
const LETTERS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// Of a TID: 13 letters of 5 bits, the first bit of the 65 and the top one of the 64 being zero.
const LENGTH: u32 = 13;
/// The lowest bits name the clock; the rest are microseconds since 1970.
const CLOCK_BITS: u32 = 10;
/// Chance within so many microseconds before the key's own time (about 17 minutes): a firing makes many
/// keys in one instant. With the clock's bits that is 40 bits, and two of 200 shares meet once in fifty
/// million firings; even then nothing is replaced, see `Bluesky::put`.
const SPREAD_BITS: u32 = 30;
/// 2020-09-13, for a key that carries no time.
const NO_TIME_MS: u64 = 1_600_000_000_000;

/// The name of a part of the share with this key; parts stand in their order.
pub(super) fn tid(key: &str, part: usize) -> String {
    let digest = Sha256::digest(key.as_bytes());
    let chance = digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    let micros = made_at_ms(key) * 1000 - (chance & ((1 << SPREAD_BITS) - 1)) + part as u64;
    let clock = chance >> SPREAD_BITS & ((1 << CLOCK_BITS) - 1);
    encode(micros << CLOCK_BITS | clock)
}

/// Keys are UUIDs of version 7: the first 48 bits are milliseconds.
fn made_at_ms(key: &str) -> u64 {
    let uuid = uuid::Uuid::try_parse(key).ok();
    let ms = uuid.filter(|u| u.get_version_num() == 7).map(|u| {
        let bytes = u.as_bytes();
        bytes
            .iter()
            .take(6)
            .fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
    });
    // A time after the year 2200 is none; the sign bit must stay clear.
    ms.filter(|ms| (NO_TIME_MS..NO_TIME_MS * 5).contains(ms))
        .unwrap_or(NO_TIME_MS)
}

fn encode(value: u64) -> String {
    let letter = |n: u32| {
        let shift = 5 * (LENGTH - 1 - n);
        char::from(LETTERS[(value >> shift & 31) as usize])
    };
    (0..LENGTH).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const KEY: &str = "0199a0c0-0000-7000-8000-000000000001";

    #[test]
    fn the_letters_are_those_of_the_specification() {
        assert_eq!(encode(0), "2222222222222");
        // 63 bits of ones: the top letter holds three of them.
        assert_eq!(encode(u64::MAX >> 1), "bzzzzzzzzzzzz");
    }

    #[test]
    fn a_key_has_one_name_however_it_is_written_and_parts_follow_one_another() {
        assert_eq!(tid(KEY, 0), tid(KEY, 0));
        assert!(tid(KEY, 0) < tid(KEY, 1));
        assert!(tid(KEY, 1) < tid(KEY, 10));
        assert_ne!(tid(KEY, 0), tid("0199a0c0-0000-7000-8000-000000000002", 0));
    }

    #[test]
    fn keys_of_one_instant_do_not_meet() {
        let names: BTreeSet<_> = (0..20_000)
            .map(|n| tid(&format!("0199a0c000007000800000000000{n:04x}"), 0))
            .collect();
        assert_eq!(names.len(), 20_000);
    }
}
