//! When to come again: as often as the office wants, as seldom as the site asks.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A site may ask for patience up to so long: a cache's `max-age` of a year is not meant for us, and
/// news of the morning should be out by evening.
pub const MOST_PATIENCE: SignedDuration = SignedDuration::from_hours(6);
/// `Retry-After` is for us, and is kept up to so long.
pub const MOST_RETRY_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// After failures the distance doubles up to this: a site that is back is seen the same day.
pub const MOST_BACKOFF: SignedDuration = SignedDuration::from_hours(12);
/// Polls are spread by so much of their distance, so that a hundred feeds do not come at once for ever.
pub const SPREAD: f64 = 0.1;

/// What a feed says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// RSS `ttl`.
    ttl: Option<SignedDuration>,
    /// RSS `skipHours`, GMT: bit n for hour n.
    hours: u32,
    /// RSS `skipDays`, GMT: bit 0 for Monday.
    days: u8,
}

impl Wishes {
    /// `<ttl>`: minutes.
    pub(super) fn ttl(&mut self, text: &str) {
        let minutes = text.trim().parse::<u32>().ok();
        self.ttl = minutes.map(|m| SignedDuration::from_mins(i64::from(m)));
    }
    /// `<hour>` of `skipHours`: 0 to 23; some write 24 for 0.
    pub(super) fn skip_hour(&mut self, text: &str) {
        if let Ok(hour @ 0..=24) = text.trim().parse::<u32>() {
            self.hours |= 1 << (hour % 24);
        }
    }
    /// `<day>` of `skipDays`: its English name.
    pub(super) fn skip_day(&mut self, text: &str) {
        const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let text = text.trim().to_ascii_lowercase();
        if let Some(day) = DAYS.iter().position(|d| text.starts_with(d)) {
            self.days |= 1 << day;
        }
    }
    fn skips(&self, at: Timestamp) -> bool {
        let at = TimeZone::UTC.to_datetime(at);
        let hour = 1_u32 << at.hour().clamp(0, 23);
        let day = 1_u8 << at.weekday().to_monday_zero_offset();
        // Who skips everything skips nothing.
        let (all_hours, all_days) = (self.hours == (1 << 24) - 1, self.days == 0x7f);
        (self.hours & hour != 0 && !all_hours) || (self.days & day != 0 && !all_days)
    }
}

/// When a feed that was read at `now` is read again. `every`: the office's wish; `max_age`: the
/// answer's `Cache-Control`; `chance`: 0 to 1.
pub fn after_success(
    now: Timestamp,
    every: SignedDuration,
    max_age: Option<SignedDuration>,
    wishes: Wishes,
    chance: f64,
) -> Timestamp {
    let asked = max_age.max(wishes.ttl).unwrap_or_default();
    let wait = every.max(asked.min(MOST_PATIENCE));
    let mut at = spread(now, wait, chance);
    // A week of hours holds one that is not skipped.
    for _ in 0..7 * 24 {
        if !wishes.skips(at) {
            break;
        }
        at += SignedDuration::from_hours(1);
    }
    at
}

/// When a feed that failed `failures` times in a row is tried again.
pub fn after_failure(
    now: Timestamp,
    every: SignedDuration,
    failures: u32,
    retry_after: Option<SignedDuration>,
    chance: f64,
) -> Timestamp {
    let doublings = failures.saturating_sub(1).min(10);
    let wait = SignedDuration::from_secs(every.as_secs().saturating_mul(1 << doublings));
    let wait = wait.min(MOST_BACKOFF.max(every));
    let asked = retry_after.unwrap_or_default().min(MOST_RETRY_AFTER);
    spread(now, wait.max(asked), chance)
}

fn spread(now: Timestamp, wait: SignedDuration, chance: f64) -> Timestamp {
    let more = wait.mul_f64(SPREAD * chance.clamp(0.0, 1.0));
    now.checked_add(wait + more).unwrap_or(Timestamp::MAX)
}

/// `max-age` of a `Cache-Control`; nothing where the answer must not be kept.
pub fn max_age(cache_control: &str) -> Option<SignedDuration> {
    let mut found = None;
    for part in cache_control.split(',') {
        let part = part.trim().to_ascii_lowercase();
        if matches!(part.as_str(), "no-cache" | "no-store") {
            return None;
        }
        if let Some(seconds) = part.strip_prefix("max-age=") {
            let seconds = seconds.trim_matches('"').parse::<u32>().ok();
            found = seconds.map(|s| SignedDuration::from_secs(i64::from(s)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF_HOUR: SignedDuration = SignedDuration::from_mins(30);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    fn minutes(from: Timestamp, to: Timestamp) -> i64 {
        to.duration_since(from).as_mins()
    }

    #[test]
    fn a_site_may_ask_for_patience_but_not_for_ever() {
        let now = at("2026-11-25T01:00:00Z");
        let after = |max_age: Option<i64>, ttl: &str| {
            let mut wishes = Wishes::default();
            wishes.ttl(ttl);
            let max_age = max_age.map(SignedDuration::from_secs);
            minutes(now, after_success(now, HALF_HOUR, max_age, wishes, 0.0))
        };
        assert_eq!(after(None, ""), 30);
        assert_eq!(after(Some(60), ""), 30);
        assert_eq!(after(Some(2 * 3600), "10"), 120);
        assert_eq!(after(None, "90"), 90);
        assert_eq!(after(Some(31_536_000), ""), 360);
        assert_eq!(after(None, "9999999999999"), 30);
        assert_eq!(
            max_age("public, max-age=600"),
            Some(SignedDuration::from_secs(600))
        );
        assert_eq!(max_age("no-cache, max-age=600"), None);
        assert_eq!(max_age("private"), None);
    }

    #[test]
    fn hours_and_days_are_skipped_unless_all_are() {
        let now = at("2026-11-27T22:50:00Z"); // a Friday
        let mut wishes = Wishes::default();
        for hour in ["23", "24", "1", "99", "x"] {
            wishes.skip_hour(hour);
        }
        let next = after_success(now, HALF_HOUR, None, wishes, 0.0);
        assert_eq!(next, at("2026-11-28T02:20:00Z"));
        wishes.skip_day("Saturday");
        wishes.skip_day("Sunday");
        let next = after_success(now, HALF_HOUR, None, wishes, 0.0);
        assert_eq!(next, at("2026-11-30T02:20:00Z"));
        let mut never = Wishes::default();
        for hour in 0..24 {
            never.skip_hour(&hour.to_string());
        }
        let next = after_success(now, HALF_HOUR, None, never, 0.0);
        assert_eq!(minutes(now, next), 30);
    }

    #[test]
    fn failures_are_waited_out_ever_longer_up_to_half_a_day() {
        let now = at("2026-11-25T01:00:00Z");
        let after = |failures, retry: Option<i64>, chance| {
            let retry = retry.map(SignedDuration::from_hours);
            minutes(now, after_failure(now, HALF_HOUR, failures, retry, chance))
        };
        assert_eq!(after(1, None, 0.0), 30);
        assert_eq!(after(1, None, 1.0), 33);
        assert_eq!(after(2, None, 0.0), 60);
        assert_eq!(after(3, None, 0.0), 120);
        assert_eq!(after(u32::MAX, None, 0.0), 12 * 60);
        assert_eq!(after(1, Some(3), 0.0), 3 * 60);
        assert_eq!(after(1, Some(1000), 0.0), 24 * 60);
        // A feed that is looked at once a week is not looked at more often because it fails.
        let week = SignedDuration::from_hours(7 * 24);
        assert_eq!(
            minutes(now, after_failure(now, week, 9, None, 0.0)),
            7 * 24 * 60
        );
    }
}
