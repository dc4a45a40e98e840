//! Real servers: what was sent is read back field by field, limits and credentials are tried, and
//! somebody dies in the middle of two hundred shares. `tests/live/run` runs them; each server's script
//! under `tests/live/servers` installs and starts it.
#![allow(
    clippy::unwrap_used,
    reason = "what fails here fails the test, and says where"
)]

mod bluesky;
#[path = "../daemon_kit/mod.rs"]
mod daemon_kit;
#[path = "../fakes/mod.rs"]
mod fakes;
#[path = "../live_kit/mod.rs"]
mod live_kit;
mod matrix;
#[path = "../program/mod.rs"]
mod program;
mod wordpress;
