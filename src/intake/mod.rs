//! What comes in from elsewhere → articles.
//!
//! - [`fetch`]: the one guarded client for addresses from outside
//! - [`charset`]: bytes → text, right for Vietnamese
//! - [`feed`]: a feed → its entries, and by what they are known again
//! - [`page`]: a web page → what it says of itself, and its feeds
//! - [`text`]: HTML → text as a person would type it
//! - [`rows`]: rows of a list

pub mod charset;
pub mod feed;
pub mod fetch;
mod html;
pub mod page;
pub mod rows;
pub mod text;
