//! How long somebody who guesses must wait. Pure; lives in memory, for a restart is no way to guess
//! faster that a stranger has.
//!
//! Nobody is locked out for good, and nobody can lock another out: the long waits are for one address
//! on one account, those for an account from anywhere are short.

use std::collections::HashMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

/// What tries are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// One address on one account.
    Pair(String, IpAddr),
    /// One account, from anywhere.
    Account(String),
    /// One address, on any account.
    Address(IpAddr),
}

/// A kind of key: so many wrong tries are free, then each doubles the wait.
struct Rule {
    free: u32,
    first: SignedDuration,
    longest: SignedDuration,
}

/// A slip of the thumb, twice, and caps lock.
const PAIR: Rule = Rule {
    free: 5,
    first: SignedDuration::from_secs(5),
    longest: SignedDuration::from_mins(15),
};
/// Many machines guess one password: even at the longest wait that is 2 880 a day, of which each
/// would have to be among the very first guesses. She herself waits at most so long.
const ACCOUNT: Rule = Rule {
    free: 20,
    first: SignedDuration::from_secs(1),
    longest: SignedDuration::from_secs(30),
};
/// One machine tries many accounts. An office behind one router shares an address.
const ADDRESS: Rule = Rule {
    free: 30,
    first: SignedDuration::from_secs(2),
    longest: SignedDuration::from_mins(5),
};

/// Tries are forgotten so long after the last one.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// So many are remembered at most; then the oldest half goes. Some hundred bytes each.
const MOST_REMEMBERED: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Timestamp,
}

/// Wrong tries of late.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    tries: HashMap<Key, Tries>,
}

impl Throttle {
    /// How long to wait before the next try, if at all.
    pub(super) fn wait(
        &self,
        account: &str,
        from: IpAddr,
        now: Timestamp,
    ) -> Option<SignedDuration> {
        keys(account, from)
            .iter()
            .filter_map(|key| {
                let tries = self.tries.get(key)?;
                let left = tries.last + rule(key).wait(tries.wrong) - now;

                (left > SignedDuration::ZERO).then_some(left)
            })
            .max()
    }

    /// A wrong try.
    pub(super) fn wrong(&mut self, account: &str, from: IpAddr, now: Timestamp) {
        if self.tries.len() >= MOST_REMEMBERED {
            self.forget(now);
        }
        for key in keys(account, from) {
            let tries = self.tries.entry(key).or_insert(Tries {
                wrong: 0,
                last: now,
            });
            let long_ago = now.duration_since(tries.last) > FORGOTTEN_AFTER;
            tries.wrong = if long_ago {
                1
            } else {
                tries.wrong.saturating_add(1)
            };
            tries.last = now;
        }
    }

    /// A right one: this address is hers.
    pub(super) fn right(&mut self, account: &str, from: IpAddr) {
        self.tries
            .remove(&Key::Pair(account.to_owned(), bunched(from)));
    }

    fn forget(&mut self, now: Timestamp) {
        self.tries
            .retain(|_, t| now.duration_since(t.last) <= FORGOTTEN_AFTER);
        if self.tries.len() >= MOST_REMEMBERED {
            let mut lasts: Vec<_> = self.tries.values().map(|t| t.last).collect();
            let middle = lasts.len() / 2;
            let (_, median, _) = lasts.select_nth_unstable(middle);
            let median = *median;
            self.tries.retain(|_, t| t.last > median);
        }
    }
}

impl Rule {
    fn wait(&self, wrong: u32) -> SignedDuration {
        match wrong.checked_sub(self.free) {
            None => SignedDuration::ZERO,
            Some(more) => {
                let times = 1_i32.checked_shl(more.min(30)).unwrap_or(i32::MAX);
                let wait = self.first.checked_mul(times).unwrap_or(self.longest);
                wait.min(self.longest)
            }
        }
    }
}

fn rule(key: &Key) -> &'static Rule {
    match key {
        Key::Pair(..) => &PAIR,
        Key::Account(_) => &ACCOUNT,
        Key::Address(_) => &ADDRESS,
    }
}

fn keys(account: &str, from: IpAddr) -> [Key; 3] {
    let from = bunched(from);
    [
        Key::Pair(account.to_owned(), from),
        Key::Account(account.to_owned()),
        Key::Address(from),
    ]
}

/// A household has a /64 of IPv6: its addresses are one.
fn bunched(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(ip) => {
            let s = ip.segments();
            std::net::Ipv6Addr::new(s[0], s[1], s[2], s[3], 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }
    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_guesser_waits_longer_and_longer_but_never_for_good() {
        let mut throttle = Throttle::default();
        let from = ip("192.0.2.1");
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..16 {
            throttle.wrong("lan", from, at(now));
            let wait = throttle.wait("lan", from, at(now));
            let wait = wait.map_or(0, |w| w.as_secs());
            waits.push(wait);
            now += wait;
            assert_eq!(throttle.wait("lan", from, at(now)), None);
        }
        assert_eq!(
            waits,
            [
                0, 0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900
            ]
        );
        throttle.wrong("lan", from, at(now + 3_601));
        assert_eq!(throttle.wait("lan", from, at(now + 3_601)), None);
    }

    #[test]
    fn nobody_locks_another_out() {
        let mut throttle = Throttle::default();
        for i in 0..2_000_u32 {
            let from = std::net::Ipv4Addr::from(0xC000_0200 + i);
            throttle.wrong("lan", from.into(), at(0));
        }
        let wait = throttle.wait("lan", ip("198.51.100.7"), at(0)).unwrap();
        assert!(wait <= ACCOUNT.longest, "{wait:?}");
        assert_eq!(throttle.wait("minh", ip("198.51.100.7"), at(0)), None);
    }

    #[test]
    fn one_machine_cannot_try_everybody() {
        let mut throttle = Throttle::default();
        for i in 0..40 {
            throttle.wrong(&format!("m{i}"), ip("2001:db8::1"), at(0));
        }
        assert!(throttle.wait("lan", ip("2001:db8::2"), at(0)).is_some());
        assert_eq!(throttle.wait("lan", ip("2001:db8:1::2"), at(0)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut throttle = Throttle::default();
        for i in 0..30_000_u32 {
            let from = std::net::Ipv4Addr::from(i);
            throttle.wrong("lan", from.into(), at(i64::from(i) / 100));
        }
        assert!(throttle.tries.len() <= MOST_REMEMBERED + 3);
    }
}
