//! The command line, one file a command.

pub mod progress;
pub mod table;
pub mod times;
