//! Ids that were there before. An id is for ever (RULES 6), and figures of years hang on it: one
//! that goes while another comes is most likely a rename, which would tear them in two.

use std::collections::BTreeMap;

use super::Config;
use super::at::Placed;
use super::problem::{Code, Values};

use crate::model::{ChannelId, MemberId, PlatformKind, ScheduleId, TopicId};

/// What was in use before, from the store or from the last good configuration. What is gone already
/// does not belong here: it may come back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Channels and their platforms.
    pub channels: BTreeMap<ChannelId, PlatformKind>,
    /// Topics.
    pub topics: Vec<TopicId>,
    /// Schedules, with the text of their cron expressions.
    pub schedules: BTreeMap<ScheduleId, String>,
    /// Members; `None` where nobody could say.
    pub members: Option<Vec<MemberId>>,
}

impl Known {
    /// The ids of a configuration. Members are not in it.
    pub fn of(config: &Config) -> Self {
        let channels = config.channels.iter().map(|c| &c.rules);
        let schedules = config.schedules.iter();
        Self {
            channels: channels.map(|c| (c.id.clone(), c.platform)).collect(),
            topics: config.topics.iter().map(|t| t.id.clone()).collect(),
            schedules: schedules
                .map(|s| (s.id.clone(), s.cron.to_string()))
                .collect(),
            members: None,
        }
    }
}

/// Something that is configured now.
pub(super) struct Now<'a, Id, Like> {
    pub(super) id: Placed<'a, Id>,
    /// By which it can be taken for one that went; `None` where that could not be read.
    pub(super) like: Option<Like>,
}

/// Complains about each new id for which one of its like went.
pub(super) fn tell_renames<'k, Id, Like>(
    known: impl Iterator<Item = (&'k Id, Like)>,
    now: &[Now<'_, Id, Like>],
    code: Code,
) where
    Id: Ord + ToString + 'k,
    Like: PartialEq,
{
    let known: Vec<(&Id, Like)> = known.collect();
    let mut gone: Vec<&(&Id, Like)> = known
        .iter()
        .filter(|(id, _)| now.iter().all(|now| now.id.value != **id))
        .collect();
    for new in now {
        if known.iter().any(|(id, _)| **id == new.id.value) {
            continue;
        }
        let alike = |(_, like): &&(&Id, Like)| new.like.as_ref() == Some(like);
        let Some(index) = gone.iter().position(alike) else {
            continue;
        };
        let (old, _) = gone.swap_remove(index);
        let values: Values = vec![
            ("gone", old.to_string()),
            ("come", new.id.value.to_string()),
        ];
        new.id.place.error(code, values);
    }
}
