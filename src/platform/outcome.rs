//! What an answer means for a post: the classes of the error tables, and what each makes of a send
//! (RULES 3). Pure; the platforms' tables (`telegram/errors.rs`, `facebook_page/errors.rs`) name classes only.

use jiff::{SignedDuration, Timestamp};

use super::SendError;

/// Throttled without a word about how long: long enough not to pester, short enough for a busy day.
pub const THROTTLED_FOR: SignedDuration = SignedDuration::from_mins(1);
/// No longer wait is believed: a nonsense `Retry-After` must not silence a channel for a year.
pub const MOST_THROTTLED: SignedDuration = SignedDuration::from_hours(24);
/// A blocked account, or one out of quota, rests at least so long (RULES 3).
pub const BLOCKED_FOR: SignedDuration = SignedDuration::from_hours(24);
/// A block is believed for so long at most; after that a try tells more than the number.
pub const MOST_BLOCKED: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Longest reason kept, in characters: it stands in ledger lines and on pages.
pub const MAX_REASON_CHARS: usize = 500;

/// The classes of the platforms' error tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Certainly not taken; the same again may work.
    Transient,
    /// The platform's own trouble: it may have been taken.
    InDoubt,
    /// Too much, too fast.
    RateLimited,
    /// Out of credits.
    Quota,
    /// The credentials ran out.
    AuthExpired,
    /// The credentials were taken back.
    AuthRevoked,
    /// The credentials live but may not do this.
    Permission,
    /// Never with this content.
    Permanent,
    /// The platform says that the same is there already.
    Duplicate,
    /// The platform says that it is done.
    AlreadyDone,
    /// The place has another id now.
    Retarget,
    /// The account is held back for what it did.
    Blocked,
    /// Somebody else changed it meanwhile.
    Conflict,
}

/// How long the platform asks to wait, and from when.
#[derive(Debug, Clone, Copy)]
pub struct Wait {
    /// By our clock.
    pub now: Timestamp,
    /// What it asked for, if it did.
    pub asked: Option<SignedDuration>,
    /// What is usual on this platform when it says nothing.
    pub usual: SignedDuration,
}

impl Wait {
    /// Until when to be silent after being told "too much".
    pub fn throttled_until(&self) -> Timestamp {
        let wait = self.asked.unwrap_or(self.usual);
        self.now + wait.clamp(SignedDuration::from_secs(1), MOST_THROTTLED)
    }

    fn blocked_until(&self) -> Timestamp {
        let wait = self.asked.unwrap_or(BLOCKED_FOR);
        self.now + wait.clamp(BLOCKED_FOR, MOST_BLOCKED)
    }
}

impl Class {
    /// What a class makes of the request that shows something (RULES 3). `moved_to`: the new target
    /// where the platform named one.
    pub fn outcome(self, reason: String, wait: Wait, moved_to: Option<String>) -> SendError {
        match self {
            Class::Transient => SendError::NotSent { reason },
            Class::RateLimited => SendError::Throttled {
                until: wait.throttled_until(),
                reason,
            },
            Class::Blocked | Class::Quota => SendError::Blocked {
                until: wait.blocked_until(),
                reason,
            },
            // No platform of this program has a refresh token yet: a person gives a new one.
            Class::AuthExpired | Class::AuthRevoked | Class::Permission => {
                SendError::Unauthorized { reason }
            }
            Class::Permanent => SendError::Refused { reason },
            Class::InDoubt | Class::Conflict => SendError::Unsure {
                reason,
                ask_now: false,
            },
            Class::Duplicate | Class::AlreadyDone => SendError::Unsure {
                reason,
                ask_now: true,
            },
            Class::Retarget => match moved_to {
                Some(target) => SendError::Moved { target },
                None => SendError::Refused { reason },
            },
        }
    }

    /// What a status means that no table lists (RULES 3).
    pub fn unlisted(status: u16) -> Class {
        match status {
            429 => Class::RateLimited,
            408 | 409 => Class::InDoubt,
            400..=499 => Class::Permanent,
            _ => Class::InDoubt,
        }
    }
}

impl SendError {
    /// For a request that shows nothing doubt makes no sense: it is asked again.
    #[must_use]
    pub fn harmless(self) -> SendError {
        match self {
            SendError::Unsure { reason, .. } => SendError::NotSent { reason },
            other => other,
        }
    }

    /// The same error with its words passed through `f`.
    #[must_use]
    pub fn map_words(self, f: impl FnOnce(&str) -> String) -> SendError {
        use SendError as S;
        match self {
            S::NotSent { reason } => S::NotSent { reason: f(&reason) },
            S::Throttled { until, reason } => S::Throttled {
                until,
                reason: f(&reason),
            },
            S::Unauthorized { reason } => S::Unauthorized { reason: f(&reason) },
            S::Blocked { until, reason } => S::Blocked {
                until,
                reason: f(&reason),
            },
            S::Refused { reason } => S::Refused { reason: f(&reason) },
            S::Unsure { reason, ask_now } => S::Unsure {
                reason: f(&reason),
                ask_now,
            },
            // An id, to be used as it stands.
            moved @ S::Moved { .. } => moved,
        }
    }
}

/// A platform's words on one line, cut to [`MAX_REASON_CHARS`], without control characters.
pub fn short(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let clean = line.chars().filter(|c| !c.is_control());
    let mut cut: String = clean.clone().take(MAX_REASON_CHARS).collect();
    if clean.count() > MAX_REASON_CHARS {
        cut.push('…');
    }
    cut
}

/// `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3). `date` is the answer's own `Date`, by
/// which its clock is read; without it ours is taken.
pub fn retry_after(value: &str, date: Option<Timestamp>, now: Timestamp) -> Option<SignedDuration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let until = http_date(value)?;
    let wait = until.duration_since(date.unwrap_or(now));
    Some(wait.max(SignedDuration::ZERO))
}

/// An HTTP date (RFC 9110 §5.6.7, the one form that may be sent).
pub fn http_date(value: &str) -> Option<Timestamp> {
    let at = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value.trim());
    at.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }
    const NOW: &str = "2026-11-23T08:00:00Z";

    #[test]
    fn unlisted_statuses_mean_what_rules_3_says() {
        for (status, class) in [
            (429, Class::RateLimited),
            (408, Class::InDoubt),
            (409, Class::InDoubt),
            (400, Class::Permanent),
            (403, Class::Permanent),
            (418, Class::Permanent),
            (200, Class::InDoubt),
            (302, Class::InDoubt),
            (500, Class::InDoubt),
            (502, Class::InDoubt),
        ] {
            assert_eq!(Class::unlisted(status), class, "{status}");
        }
    }

    #[test]
    fn waits_are_believed_within_reason() {
        let until = |asked: Option<i64>| {
            let wait = Wait {
                now: at(NOW),
                asked: asked.map(SignedDuration::from_secs),
                usual: THROTTLED_FOR,
            };
            wait.throttled_until().to_string()
        };
        assert_eq!(until(Some(30)), "2026-11-23T08:00:30Z");
        assert_eq!(until(None), "2026-11-23T08:01:00Z");
        assert_eq!(until(Some(0)), "2026-11-23T08:00:01Z");
        assert_eq!(until(Some(400_000_000)), "2026-11-24T08:00:00Z");
    }

    #[test]
    fn a_block_lasts_a_day_at_least() {
        let wait = Wait {
            now: at(NOW),
            asked: Some(SignedDuration::from_secs(5)),
            usual: THROTTLED_FOR,
        };
        let SendError::Blocked { until, .. } = Class::Blocked.outcome("x".into(), wait, None)
        else {
            panic!("not blocked");
        };
        assert_eq!(until, at("2026-11-24T08:00:00Z"));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_by_its_own_clock() {
        let now = at(NOW);
        assert_eq!(
            retry_after("120", None, now),
            Some(SignedDuration::from_secs(120))
        );
        let date = Some(at("2026-11-23T09:00:00Z"));
        let value = "Mon, 23 Nov 2026 09:00:40 GMT";
        assert_eq!(
            retry_after(value, date, now),
            Some(SignedDuration::from_secs(40))
        );
        assert_eq!(
            retry_after(value, None, now),
            Some(SignedDuration::from_secs(3640))
        );
        assert_eq!(retry_after("soon", None, now), None);
        assert_eq!(retry_after("-5", None, now), None);
    }

    #[test]
    fn words_are_one_short_line() {
        assert_eq!(short("a\r\n b\u{7}c"), "a bc");
        assert_eq!(short(&"ộ".repeat(600)).chars().count(), 501);
    }
}
