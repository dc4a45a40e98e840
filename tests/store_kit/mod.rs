//! What the tests of stores share: an office in which anything happens, sensible or not, and the
//! questions by which two stores are compared.
//!
//! - `dice`: numbers without chance
//! - `office`: articles and shares that come up
//! - `events`: what befalls them
//! - `questions`: all that can be asked, and that two answer the same
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test uses a part of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test may stop at the first surprise"
)]

mod dice;
mod events;
mod office;
mod questions;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use raotin::clock::ManualClock;
use raotin::disk::{Disk, MachineDisk};
use raotin::model::{ChannelId, Commit, FeedId, MemberId, ScheduleId, TopicId};
use raotin::store::Store;
use raotin::store::sled::{OpenOptions, SledStore};

pub use dice::Dice;
pub use office::Office;
pub use questions::{answers, assert_same, count_asks, share_asks, walked};

pub const CHANNELS: [&str; 4] = ["trang", "nhom-1", "nhom-2", "zalo"];
pub const TOPICS: [&str; 3] = ["y-te", "giao-duc", "lua"];
pub const MEMBERS: [&str; 2] = ["lan", "minh"];
pub const SCHEDULES: [&str; 2] = ["sang", "chieu"];
const LINKS: [&str; 3] = [
    "https://a.example/1",
    "https://a.example/2",
    "https://b.example/x?y=1",
];

pub fn channel(n: usize) -> ChannelId {
    ChannelId::new(CHANNELS[n % CHANNELS.len()]).unwrap()
}
pub fn topic(n: usize) -> TopicId {
    TopicId::new(TOPICS[n % TOPICS.len()]).unwrap()
}
pub fn member(n: usize) -> MemberId {
    MemberId::new(MEMBERS[n % MEMBERS.len()]).unwrap()
}
pub fn schedule(n: usize) -> ScheduleId {
    ScheduleId::new(SCHEDULES[n % SCHEDULES.len()]).unwrap()
}
pub fn feed() -> FeedId {
    FeedId::new("cong").unwrap()
}
pub fn begin() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().unwrap()
}

/// Opens a store over the machine's disk.
pub fn options(data: &Path) -> OpenOptions {
    let disk: Arc<dyn Disk> = Arc::new(MachineDisk);
    OpenOptions {
        data_dir: data.to_owned(),
        disk,
        clock: Arc::new(ManualClock::new(begin())),
        progress: None,
    }
}

pub fn open(data: &Path) -> SledStore {
    SledStore::open(options(data)).unwrap()
}

/// Commits in order, all on their way at once, so that they fall into one group or several.
pub fn commit_all(
    store: &dyn Store,
    commits: &[Commit],
) -> Vec<Result<(), raotin::store::StoreError>> {
    let on_their_way = commits.iter().map(|c| store.commit(c.clone()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(futures_util::future::join_all(on_their_way))
}
