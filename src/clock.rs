//! The seam to time. Nothing in the program asks the machine for the time except here, so that tests
//! live through three years in seconds.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

/// Time, as the daemon sees it.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, in whole milliseconds: what is written can be read back the same.
    fn now(&self) -> Timestamp;
    /// Time since the machine started, sleep included (CLOCK_BOOTTIME): it never leaps.
    fn since_boot(&self) -> SignedDuration;
    /// Sleeps. Callers never sleep longer than [`LONGEST_SLEEP`] without looking at the wall clock again.
    fn sleep(&self, how_long: Duration) -> BoxFuture<'static, ()>;
}

/// No timer sleeps longer without reading the wall clock again: it may have been set (RULES 5).
pub const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Cuts an instant to whole milliseconds.
pub fn whole_ms(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct MachineClock;

impl Clock for MachineClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    fn now(&self) -> Timestamp {
        whole_ms(Timestamp::now())
    }
    fn since_boot(&self) -> SignedDuration {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        SignedDuration::new(t.tv_sec, i32::try_from(t.tv_nsec).unwrap_or(0))
    }
    fn sleep(&self, how_long: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(how_long))
    }
}

/// A clock that stands until it is moved: for tests and for looking ahead.
#[derive(Debug, Clone)]
pub struct ManualClock(std::sync::Arc<Hands>);

#[derive(Debug)]
struct Hands {
    /// Wall clock and boot time.
    now: Mutex<(Timestamp, SignedDuration)>,
    /// Wakes sleepers when the hands were moved.
    moved: tokio::sync::watch::Sender<()>,
}

impl ManualClock {
    /// Stands at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(std::sync::Arc::new(Hands {
            now: Mutex::new((whole_ms(at), SignedDuration::from_secs(1000))),
            moved: tokio::sync::watch::Sender::new(()),
        }))
    }
    /// Time passes: wall clock and boot time together.
    pub fn advance(&self, by: SignedDuration) {
        {
            let mut now = self.0.lock();
            *now = (whole_ms(now.0 + by), now.1 + by);
        }
        self.0.moved.send_replace(());
    }
    /// Somebody sets the wall clock; no time passes.
    pub fn set(&self, at: Timestamp) {
        self.0.lock().0 = whole_ms(at);
        self.0.moved.send_replace(());
    }
}

impl Hands {
    fn lock(&self) -> std::sync::MutexGuard<'_, (Timestamp, SignedDuration)> {
        self.now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.0.lock().0
    }
    fn since_boot(&self) -> SignedDuration {
        self.0.lock().1
    }
    /// Ends when the clock has been advanced so far (by boot time), not before.
    fn sleep(&self, how_long: Duration) -> BoxFuture<'static, ()> {
        let hands = self.0.clone();
        let mut moved = hands.moved.subscribe();
        let target =
            hands.lock().1 + SignedDuration::try_from(how_long).unwrap_or(SignedDuration::MAX);
        Box::pin(async move {
            while hands.lock().1 < target {
                if moved.changed().await.is_err() {
                    return;
                }
            }
        })
    }
}
