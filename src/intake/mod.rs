//! What comes in from elsewhere → articles.
//!
//! - [`fetch`]: the one guarded client for addresses from outside
//! - [`charset`], [`text`]: bytes → text, HTML → text
//! - [`feed`]: feeds
//! - [`rows`]: rows of a list

pub mod charset;
pub mod feed;
pub mod fetch;
mod html;
pub mod rows;
pub mod text;
