//! Whether the machine's clock can be right (RULES 5). An old PC with an empty battery wakes up in
//! 2010; nothing may be planned, sent or called missed by such a clock.

use jiff::{SignedDuration, Timestamp};

/// The clock may lie so far behind the ledger's last event: two machines' worth of drift.
pub const BEHIND_LEDGER: SignedDuration = SignedDuration::from_mins(5);
/// A leap against the time since boot that no time server makes by itself.
pub const LEAP: SignedDuration = SignedDuration::from_hours(1);

/// Why the clock is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It says a time before this program was made.
    BeforeBuild,
    /// It says a time before what the ledger already tells.
    BehindLedger {
        /// The last event's time.
        last: Timestamp,
    },
    /// It was set while we ran, by so much.
    Leapt {
        /// From here.
        from: Timestamp,
        /// To here.
        to: Timestamp,
    },
}

impl std::fmt::Display for Doubt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doubt::BeforeBuild => f.write_str("the clock says a time before this program was made"),
            Doubt::BehindLedger { last } => write!(
                f,
                "the clock is behind the last event in the ledger ({last})"
            ),
            Doubt::Leapt { from, to } => write!(f, "the clock leapt from {from} to {to}"),
        }
    }
}

/// Watches the clock.
#[derive(Debug)]
pub struct ClockWatch {
    built: Timestamp,
    /// Wall clock and boot time at the last look.
    last: Option<(Timestamp, SignedDuration)>,
    doubt: Option<Doubt>,
}

impl ClockWatch {
    /// Nothing is known yet. `built`: when the program was made.
    pub fn new(built: Timestamp) -> Self {
        Self {
            built,
            last: None,
            doubt: None,
        }
    }

    /// Looks at the clock; `last_event`: the ledger's last. `None`: trusted.
    pub fn look(
        &mut self,
        now: Timestamp,
        since_boot: SignedDuration,
        last_event: Option<Timestamp>,
    ) -> Option<Doubt> {
        let leapt = self.last.and_then(|(then, boot)| {
            let expected = then.checked_add(since_boot - boot).unwrap_or(then);
            (now.duration_since(expected).abs() > LEAP).then_some(Doubt::Leapt {
                from: expected,
                to: now,
            })
        });
        self.last = Some((now, since_boot));
        let standing = if now < self.built {
            Some(Doubt::BeforeBuild)
        } else {
            last_event
                .filter(|last| last.duration_since(now) > BEHIND_LEDGER)
                .map(|last| Doubt::BehindLedger { last })
        };
        self.doubt = match (standing, leapt, self.doubt) {
            (Some(doubt), _, _) => Some(doubt),
            // A leap that ends a distrusted clock is its correction.
            (None, Some(_), Some(_)) => None,
            (None, Some(leapt), None) => Some(leapt),
            // Distrust of a leap stands until it is corrected or an admin speaks; of the others,
            // until the clock is right.
            (None, None, Some(leapt @ Doubt::Leapt { .. })) => Some(leapt),
            (None, None, _) => None,
        };
        self.doubt
    }

    /// An admin says the clock is right: even before the program's build date. Her saying so is an
    /// event, so the ledger's last one is no longer ahead either.
    pub fn trust(&mut self) {
        self.doubt = None;
        self.built = Timestamp::MIN;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }
    fn secs(n: i64) -> SignedDuration {
        SignedDuration::from_secs(n)
    }

    #[test]
    fn a_dead_battery_is_seen_and_its_correction_too() {
        let mut watch = ClockWatch::new(at("2026-11-01T00:00:00Z"));
        assert_eq!(
            watch.look(at("2010-01-01T00:00:00Z"), secs(10), None),
            Some(Doubt::BeforeBuild)
        );
        assert_eq!(watch.look(at("2026-11-23T00:00:00Z"), secs(12), None), None);
    }

    #[test]
    fn a_clock_behind_the_ledger_waits_until_it_is_right() {
        let mut watch = ClockWatch::new(at("2020-01-01T00:00:00Z"));
        let last = at("2026-11-23T10:00:00Z");
        assert_eq!(
            watch.look(at("2026-11-23T09:54:00Z"), secs(1), Some(last)),
            Some(Doubt::BehindLedger { last })
        );
        assert_eq!(
            watch.look(at("2026-11-23T09:55:00Z"), secs(61), Some(last)),
            None
        );
    }

    #[test]
    fn a_leap_holds_until_it_is_taken_back_or_confirmed() {
        let start = at("2026-11-23T10:00:00Z");
        let mut watch = ClockWatch::new(at("2020-01-01T00:00:00Z"));
        assert_eq!(watch.look(start, secs(0), None), None);
        assert!(matches!(
            watch.look(at("2026-11-24T10:00:01Z"), secs(1), None),
            Some(Doubt::Leapt { .. })
        ));
        assert!(
            watch
                .look(at("2026-11-24T10:00:02Z"), secs(2), None)
                .is_some()
        );
        assert_eq!(watch.look(at("2026-11-23T10:00:03Z"), secs(3), None), None);
        assert!(
            watch
                .look(at("2026-11-24T10:00:04Z"), secs(4), None)
                .is_some()
        );
        watch.trust();
        assert_eq!(watch.look(at("2026-11-24T10:00:05Z"), secs(5), None), None);
    }

    #[test]
    fn an_admin_may_trust_even_a_clock_before_the_build() {
        let mut watch = ClockWatch::new(at("2026-11-01T00:00:00Z"));
        let now = at("2026-10-31T00:00:00Z");
        assert_eq!(watch.look(now, secs(0), None), Some(Doubt::BeforeBuild));
        watch.trust();
        assert_eq!(watch.look(now + secs(1), secs(1), Some(now)), None);
    }

    #[test]
    fn sleep_of_the_machine_is_no_leap() {
        let mut watch = ClockWatch::new(at("2020-01-01T00:00:00Z"));
        assert_eq!(watch.look(at("2026-11-23T10:00:00Z"), secs(0), None), None);
        assert_eq!(
            watch.look(at("2026-11-23T18:00:00Z"), secs(8 * 3600), None),
            None
        );
    }
}
