//! `raotin` (Vietnamese *rao tin*: to cry the news): a post scheduler and share tracker for public
//! groups. A daemon reads a queue of articles from its own store, shares them on cron schedules, by
//! itself or by handing them to a person, and counts what went out with evidence.
//!
//! # The house
//!
//! A room knows those below it and nothing of those above.
//!
//! | room | what it is for |
//! |---|---|
//! | [`cli`] | one file per command; speaks to the HTTP API only, over the unix socket or in-process |
//! | [`web`] | HTTP: the pages, the JSON API and its OpenAPI document |
//! | [`daemon`] | plans what is due, sends it, settles what is in doubt, hands over what people do |
//! | [`office`] | the use cases; permission is checked here and only here |
//! | [`platform`] | one file or folder per platform; one client for all of them |
//! | [`intake`] | feeds, web pages, spreadsheets and their encodings → articles; the one guarded client for addresses from outside |
//! | [`store`] | the ledger (the journal and the evidence), the sled index, the in-memory model, media, private files |
//! | [`config`] | `raotin.toml` and `schedules/*.toml` → checked values |
//! | [`compose`] | an article and a channel → exactly the post |
//! | [`picture`] | what pictures are, what is taken out of them, how they are made to fit |
//! | [`cron`] | what people write → instants |
//! | [`lang`] | every word people see, in Vietnamese and English |
//! | [`model`] | the nouns, the share's life, `plan()`: no I/O, no clock, no async |
//! | [`clock`], [`disk`], [`chance`] | the seams to the machine: time, files, random numbers |
//!
//! # One share, from queue to proof
//!
//! `office` adds an article and its shares (one commit of the ledger) → the share stands in its
//! channel's queue in `store` → `daemon::planner` asks `model::plan` what a firing takes and commits
//! it → `daemon::lane` reads the same rules once more (`model::gate`), `compose` makes the exact post
//! → the attempt is on disk → `platform` sends → the receipt is on disk and the share is counted.
//! Where an answer is missing the share is Unsure, and `daemon::settle` asks the platform before
//! anybody resends. No step looks back up.
//!
//! Where time, disk, chance or a platform comes in, it comes as a value: tests live through days in
//! milliseconds and make each of them fail.

pub mod chance;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod cron;
pub mod daemon;
pub mod disk;
pub mod intake;
pub mod lang;
pub mod model;
pub mod office;
pub mod picture;
pub mod platform;
pub mod store;
pub mod web;
