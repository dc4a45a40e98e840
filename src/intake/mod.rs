//! What comes in from elsewhere → articles.
//!
//! - [`fetch`]: the one guarded client for addresses from outside
//! - [`rows`]: rows of a list

pub mod fetch;
pub mod rows;
