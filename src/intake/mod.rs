//! What comes in from elsewhere → articles.

pub mod rows;
