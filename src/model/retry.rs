//! When a share that was certainly not sent is tried again (RULES 3). Pure: the random number is given.

use jiff::{SignedDuration, Timestamp};

use super::share::Share;

/// The first wait; it doubles with each try.
pub const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait: an officer who mends something sees the effect within the hour.
pub const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);
/// So many tries at most, then it is Failed.
pub const MOST_TRIES: u32 = 10;
/// So long past due at most, then it is Failed.
pub const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long to wait before try `tries + 1`: 30 s × 2ⁿ at most an hour, with full jitter, so that
/// many channels of one platform do not come back at the same moment. `random` is in 0..=1.
pub fn wait(tries: u32, random: f64) -> SignedDuration {
    let factor = 1_i32.checked_shl(tries.min(20)).unwrap_or(i32::MAX);
    let most = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
    most.mul_f64(random.clamp(0.0, 1.0))
}

/// When to try again after one more try failed at `now`; `None`: give up.
pub fn next_try(share: &Share, now: Timestamp, random: f64) -> Option<Timestamp> {
    let past_due = share
        .planned_for
        .map_or(SignedDuration::ZERO, |due| now.duration_since(due));
    if share.tries + 1 >= MOST_TRIES || past_due > GIVE_UP_AFTER {
        return None;
    }
    now.checked_add(wait(share.tries, random)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let most: Vec<i64> = (0..10).map(|n| wait(n, 1.0).as_secs()).collect();
        assert_eq!(most, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(wait(31, 1.0), LONGEST_WAIT);
        assert_eq!(wait(3, 0.0), SignedDuration::ZERO);
    }
}
