//! How much of Facebook's limits is used up: it tells with every answer, and going on when it says
//! "enough" makes the wait longer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;
use serde::Deserialize;

/// From so many per cent on nothing new is begun: there must be room left to look what became of a doubt.
pub const BUSY_PER_CENT: f64 = 90.0;
/// How long to rest when Facebook names no time: its windows are rolling hours and days.
pub const REST: SignedDuration = SignedDuration::from_mins(10);

/// What the headers of one answer say.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Load {
    /// The highest of its percentages.
    pub(super) per_cent: f64,
    /// `estimated_time_to_regain_access`.
    pub(super) minutes: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Numbers {
    call_count: f64,
    total_time: f64,
    total_cputime: f64,
    estimated_time_to_regain_access: i64,
}

impl Load {
    /// `X-App-Usage` and `X-Page-Usage` are one object, `X-Business-Use-Case-Usage` a list per id.
    pub(super) fn read(headers: &HeaderMap) -> Load {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        let mut load = Load::default();
        for name in ["x-app-usage", "x-page-usage"] {
            if let Some(numbers) = text(name).and_then(|t| serde_json::from_str(t).ok()) {
                load.add(&numbers);
            }
        }
        let cases = text("x-business-use-case-usage");
        let cases: Option<BTreeMap<String, Vec<Numbers>>> =
            cases.and_then(|t| serde_json::from_str(t).ok());
        for numbers in cases.unwrap_or_default().values().flatten() {
            load.add(numbers);
        }
        load
    }

    fn add(&mut self, numbers: &Numbers) {
        for n in [
            numbers.call_count,
            numbers.total_time,
            numbers.total_cputime,
        ] {
            self.per_cent = self.per_cent.max(n);
        }
        self.minutes = self.minutes.max(numbers.estimated_time_to_regain_access);
    }

    /// How long Facebook itself says that it will refuse.
    pub(super) fn regain(&self) -> Option<SignedDuration> {
        // Bounded before it is multiplied; the outcome bounds it again to what is sensible.
        (self.minutes > 0).then(|| SignedDuration::from_mins(self.minutes.min(100_000)))
    }

    fn rest(&self) -> Option<SignedDuration> {
        let busy = self.per_cent >= BUSY_PER_CENT;
        self.regain().or(busy.then_some(REST))
    }
}

/// Until when to begin nothing new.
#[derive(Debug, Default)]
pub(super) struct Usage(Mutex<Option<Timestamp>>);

impl Usage {
    pub(super) fn see(&self, load: Load, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = load
            .rest()
            .map(|rest| now + rest.min(super::super::outcome::MOST_THROTTLED));
    }

    /// Until when to wait, if at all.
    pub(super) fn busy_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.filter(|u| *u > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(headers: &[(&'static str, &'static str)]) -> Load {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, reqwest::header::HeaderValue::from_static(value));
        }
        Load::read(&map)
    }

    #[test]
    fn the_highest_number_of_all_headers_counts() {
        assert_eq!(load(&[]), Load::default());
        let app = r#"{"call_count":28,"total_time":25,"total_cputime":92}"#;
        assert_eq!(load(&[("x-app-usage", app)]).per_cent, 92.0);
        let business = r#"{"123":[{"type":"pages","call_count":10,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":7}]}"#;
        let both = load(&[
            ("x-app-usage", app),
            ("x-business-use-case-usage", business),
        ]);
        assert_eq!((both.per_cent, both.minutes), (92.0, 7));
        assert_eq!(both.rest(), Some(SignedDuration::from_mins(7)));
        assert_eq!(load(&[("x-app-usage", "garbage")]), Load::default());
    }

    #[test]
    fn it_rests_from_the_threshold_on_and_wakes_by_itself() {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().expect("a timestamp");
        let usage = Usage::default();
        let full = |per_cent| Load {
            per_cent,
            minutes: 0,
        };
        usage.see(full(89.9), now);
        assert_eq!(usage.busy_until(now), None);
        usage.see(full(90.0), now);
        assert_eq!(usage.busy_until(now), Some(now + REST));
        assert_eq!(usage.busy_until(now + REST), None);
        usage.see(
            Load {
                per_cent: 0.0,
                minutes: i64::MAX,
            },
            now,
        );
        assert_eq!(
            usage.busy_until(now),
            Some(now + SignedDuration::from_hours(24))
        );
    }
}
