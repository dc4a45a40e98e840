//! What comes in from elsewhere → articles.

pub mod charset;
mod html;
pub mod page;
pub mod rows;
pub mod text;
