//! What the conformance suite needs of a fake: how the program is pointed at it, how it misbehaves, and
//! what it really has. A platform joins the suite by this and a line in `tests/platform_conformance.rs`.

use raotin::config::Target;

use super::failure::Script;
use super::server::Server;
use super::{Failure, Seen};

/// How credentials were lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Expired,
    Revoked,
}

pub trait Place: Send {
    /// How a channel is configured that posts here.
    fn target(&self) -> Target;
    fn server(&self) -> &Server;
    /// Changes what goes wrong, from the next visible request on.
    fn script(&self, change: &mut dyn FnMut(&mut Script));
    /// Everything it really has, in order, whatever was answered.
    fn posts(&self) -> Vec<Seen>;
    /// What was wrong with requests; empty when the sender is right.
    fn complaints(&self) -> Vec<String>;
    /// From now on the credentials are not taken.
    fn revoke(&self, how: Lost);
    /// They are taken again.
    fn restore(&self);
    /// Whether the answer to this failure can still be read as the platform's own success.
    fn reads_success_from(&self, _failure: &Failure) -> bool {
        false
    }
    /// Most pictures of a post; 0 where pictures are not sent.
    fn most_pictures(&self) -> usize {
        10
    }
    /// Whether a post can be taken down.
    fn deletes(&self) -> bool {
        true
    }
    /// Whether `check` asks the place at all.
    fn can_be_checked(&self) -> bool {
        true
    }
    /// Whether credentials that expired are renewed without anybody.
    fn renews(&self) -> bool {
        false
    }
    /// Whether a post may have several parts.
    fn threads(&self) -> bool {
        true
    }
    /// Whether the place itself tells that the same is there already.
    fn knows_duplicates(&self) -> bool {
        false
    }

    fn fail_next(&self, failure: Failure) {
        let mut failure = Some(failure);
        self.script(&mut |script| {
            if let Some(failure) = failure.take() {
                script.push(failure);
            }
        });
    }
    /// Quick failures by chance, from this seed.
    fn failures(&self, seed: u64, per_mille: u64) {
        self.script(&mut |script| script.chance(seed, per_mille));
    }
    fn behave(&self) {
        self.script(&mut Script::clear);
    }
}
