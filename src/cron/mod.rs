//! What people write → instants (RULES 4).

/// A cron expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron(String);
