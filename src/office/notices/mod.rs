//! Being told: a member names a chat with the office's bot, or a webhook, and is told once when a task
//! of hers opens and once an hour before it is missed. Nothing else is told.
//!
//! | file | what |
//! |---|---|
//! | [`book`] | the private files: where and when each wants to be told; what each was told |
//! | [`due`] | what is to be told now, and when to look again; pure |
//! | [`letter`] | the words |
//! | [`wishes`] | say where, find one's chat, try it |
//! | [`telling`] | for the daemon: what is due, and what became of it |
//!
//! **At most once.** That she is told stands on the disk before the letter leaves, and is taken back only
//! when the letter certainly did not arrive. So a crash in between costs one letter; the task stands on
//! her first page all the same, and the hour before its end has a letter of its own. Told twice, she
//! would learn to look away. A webhook's receiver takes an id once (Standard Webhooks), so there doubt
//! is a reason to send the same letter again.

mod book;
mod due;
mod letter;
mod telling;
mod wishes;

pub use book::Quiet;
pub use telling::Delivery;
pub use wishes::{Chosen, Shown, Tried, Trouble};

use jiff::SignedDuration;

/// A task that is missed this soon is told of a second time.
pub const ENDING: SignedDuration = SignedDuration::from_hours(1);
/// A task that was done and opens again within this is the same: a confirmation was taken back.
pub const SAME_TASK: SignedDuration = SignedDuration::from_hours(1);
