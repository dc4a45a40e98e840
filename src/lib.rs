//! placeholder
pub mod chance;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod cron;
pub mod daemon;
pub mod disk;
pub mod lang;
pub mod model;
pub mod office;
pub mod platform;
pub mod store;
pub mod web;
