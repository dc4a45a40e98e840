//! Times as people write them: `07:30`, `2026-11-24 07:30`, `24/11/2026 07:30`, or RFC 3339.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// The instant that was meant; none if it cannot be told. A time alone is the next one to come.
/// Inside a gap of the zone it is the first instant after it, in an overlap the first time round.
pub(super) fn parse(text: &str, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let instant = |date: Date, time: Time| zone.to_timestamp(date.to_datetime(time)).ok();
    let Some((date, time)) = text.split_once([' ', 'T']) else {
        let time = clock_time(text)?;
        let today = zone.to_datetime(now).date();
        let at = instant(today, time)?;
        return if at > now {
            Some(at)
        } else {
            instant(today.tomorrow().ok()?, time)
        };
    };
    let date = day(date)?;
    let time = clock_time(time.trim())?;
    let civil: DateTime = date.to_datetime(time);
    instant(civil.date(), civil.time())
}

/// `2026-11-24` or `24/11/2026`.
pub(super) fn day(text: &str) -> Option<Date> {
    if let Ok(date) = text.parse() {
        return Some(date);
    }
    let mut parts = text.split('/');
    let (d, m, y) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok()
}

fn clock_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (h, m) = (parts.next()?, parts.next()?);
    let s = parts.next().unwrap_or("0");
    if parts.next().is_some() {
        return None;
    }
    Time::new(h.parse().ok()?, m.parse().ok()?, s.parse().ok()?, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_times_in_their_own_ways() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let now: Timestamp = "2026-11-23T01:00:00Z".parse().unwrap();
        let at = |text: &str| parse(text, &zone, now).map(|t| t.to_string());
        let seven = Some("2026-11-24T00:30:00Z".to_owned());
        assert_eq!(at("2026-11-24 07:30"), seven);
        assert_eq!(at("24/11/2026 07:30"), seven);
        assert_eq!(at("2026-11-24T07:30:00+07:00"), seven);
        assert_eq!(at("07:30"), seven, "half past seven is over today");
        assert_eq!(at("08:30"), Some("2026-11-23T01:30:00Z".to_owned()));
        for bad in ["", "tomorrow", "25:00", "31/2/2026 07:30", "1/2/3/4 07:30"] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
