//! What people write → instants (RULES 4).

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron(String);

impl Cron {
    /// Instants after.
    pub fn after(&self, _: &TimeZone, _: Timestamp) -> std::vec::IntoIter<Timestamp> {
        Vec::new().into_iter()
    }
    /// Instants in (after, until].
    pub fn between(
        &self,
        _: &TimeZone,
        _: Timestamp,
        _: Timestamp,
    ) -> std::vec::IntoIter<Timestamp> {
        Vec::new().into_iter()
    }
}
