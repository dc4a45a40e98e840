//! The platforms behind the configured channels, connected once and kept while nothing changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Connect;
use crate::config::ConfiguredChannel;
use crate::model::ChannelId;
use crate::platform::{Deps, Platform, connect};

/// Connects channels to their platforms.
pub struct Platforms {
    deps: Deps,
    /// What a channel was connected with, and to.
    kept: Mutex<HashMap<ChannelId, Kept>>,
}

struct Kept {
    channel: ConfiguredChannel,
    moved_to: Option<String>,
    platform: Option<Arc<dyn Platform>>,
}

impl Platforms {
    /// Nothing is connected yet.
    pub fn new(deps: Deps) -> Self {
        Self {
            deps,
            kept: Mutex::default(),
        }
    }
}

impl Connect for Platforms {
    fn connect(
        &self,
        channel: &ConfiguredChannel,
        moved_to: Option<&str>,
    ) -> Option<Arc<dyn Platform>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(k) = kept.get(&channel.rules.id)
            && k.moved_to.as_deref() == moved_to
            && k.channel.target == channel.target
        {
            return k.platform.clone();
        }
        // A platform keeps what it learnt (limits, clock skew) until its target changes.
        let platform = connect(&channel.target, moved_to, self.deps.clone());
        let new = Kept {
            channel: channel.clone(),
            moved_to: moved_to.map(str::to_owned),
            platform: platform.clone(),
        };
        kept.insert(channel.rules.id.clone(), new);
        platform
    }
}
