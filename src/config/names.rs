//! Everything that can be named, and what lists of names mean.

use std::collections::BTreeMap;

use super::at::Placed;
use super::problem::{Code, Weight};
use super::reader::Fields;
use crate::model::{ChannelId, FeedId, MemberId, TopicId};

/// What is declared anywhere in `raotin.toml`, gathered before anything refers to it.
pub(super) struct Names<'a> {
    pub(super) channels: Vec<Placed<'a, ChannelId>>,
    pub(super) topics: Vec<Placed<'a, TopicId>>,
    /// Group id → its channels.
    pub(super) groups: BTreeMap<String, Vec<ChannelId>>,
    /// `None`: nobody knows.
    pub(super) members: Option<&'a [MemberId]>,
}

impl<'a> Names<'a> {
    /// Gathers the ids of channels, topics and groups, and tells those that are there twice.
    pub(super) fn gather(
        channels: &[Fields<'a>],
        topics: &[Fields<'a>],
        groups: &[Fields<'a>],
        members: Option<&'a [MemberId]>,
    ) -> Self {
        let mut names = Self {
            channels: ids(channels, ChannelId::new, Code::DuplicateChannel),
            topics: ids(topics, TopicId::new, Code::DuplicateTopic),
            groups: BTreeMap::new(),
            members,
        };
        // a group's id has the form of a channel's: both stand in the same lists
        let group_ids = ids(groups, ChannelId::new, Code::DuplicateGroup);
        for group in &group_ids {
            if let Some(channel) = names.channels.iter().find(|c| c.value == group.value) {
                let line = ("line", channel.place.line().to_string());
                let id = ("id", group.value.to_string());
                group.place.error(Code::GroupIsChannel, vec![id, line]);
            }
        }
        for group in groups {
            let Some(id) = group.text("id") else { continue };
            let Some(listed) = group.ids("channels") else {
                continue;
            };
            if listed.is_empty() {
                let id = vec![("id", id.value.to_owned())];
                group.place.warn(Code::GroupEmpty, id);
            }
            let members = listed
                .iter()
                .filter_map(|name| names.channel(name))
                .collect();
            names.groups.entry(id.value.to_owned()).or_insert(members);
        }
        names
    }

    /// The ids of feeds, each checked, doubles told.
    pub(super) fn check_feeds(feeds: &[Fields<'_>]) {
        ids(feeds, FeedId::new, Code::DuplicateFeed);
    }

    /// A channel; no group.
    pub(super) fn channel(&self, name: &Placed<'_, &str>) -> Option<ChannelId> {
        self.find(name, std::iter::empty())
    }

    /// Channels and groups, in order, each channel once.
    pub(super) fn channels(&self, names: &[Placed<'_, &str>]) -> Vec<ChannelId> {
        let mut channels: Vec<ChannelId> = Vec::new();
        for name in names {
            let found = match self.groups.get(name.value) {
                Some(group) => group.clone(),
                None => {
                    let groups = self.groups.keys().map(String::as_str);
                    self.find(name, groups).into_iter().collect()
                }
            };
            for channel in found {
                if !channels.contains(&channel) {
                    channels.push(channel);
                }
            }
        }
        channels
    }

    /// The channel of that name; else it is told that nothing there has it, `others` neither.
    fn find<'k>(
        &'k self,
        name: &Placed<'_, &str>,
        others: impl Iterator<Item = &'k str> + Clone,
    ) -> Option<ChannelId> {
        let found = self
            .channels
            .iter()
            .find(|c| c.value.as_str() == name.value);
        if found.is_none() {
            let known = self.channels.iter().map(|c| c.value.as_str()).chain(others);
            let codes = (Code::UnknownChannel, Code::UnknownChannelNear);
            name.place
                .unknown(Weight::Error, codes, ("id", name.value), known);
        }
        found.map(|c| c.value.clone())
    }

    /// Topics, each once.
    pub(super) fn topics(&self, names: &[Placed<'_, &str>]) -> Vec<TopicId> {
        let mut topics: Vec<TopicId> = Vec::new();
        for name in names {
            match self.topics.iter().find(|t| t.value.as_str() == name.value) {
                Some(topic) if topics.contains(&topic.value) => {}
                Some(topic) => topics.push(topic.value.clone()),
                None => {
                    let known = self.topics.iter().map(|t| t.value.as_str());
                    let codes = (Code::UnknownTopic, Code::UnknownTopicNear);
                    name.place
                        .unknown(Weight::Error, codes, ("id", name.value), known);
                }
            }
        }
        topics
    }

    /// Members. One that is not known is a warning: members are added to a running office, and a
    /// retired one must not stop it.
    pub(super) fn members(&self, names: &[Placed<'_, &str>]) -> Vec<MemberId> {
        let mut members: Vec<MemberId> = Vec::new();
        for name in names {
            let Ok(member) = MemberId::new(name.value) else {
                let found = vec![("found", name.value.to_owned())];
                name.place.error(Code::BadId, found);
                continue;
            };
            if let Some(known) = self.members.filter(|known| !known.contains(&member)) {
                let known = known.iter().map(MemberId::as_str);
                let codes = (Code::UnknownMember, Code::UnknownMemberNear);
                name.place
                    .unknown(Weight::Warning, codes, ("id", name.value), known);
            }
            if !members.contains(&member) {
                members.push(member);
            }
        }
        members
    }
}

/// The ids of tables, each checked, the doubles told and left out.
fn ids<'a, Id: PartialEq, E>(
    tables: &[Fields<'a>],
    new: impl Fn(&str) -> Result<Id, E>,
    duplicate: Code,
) -> Vec<Placed<'a, Id>> {
    let mut ids: Vec<Placed<'a, Id>> = Vec::new();
    for table in tables {
        let Some(text) = table.text("id") else {
            continue;
        };
        let Ok(value) = new(text.value) else {
            let found = vec![("found", text.value.to_owned())];
            text.place.error(Code::BadId, found);
            continue;
        };
        if let Some(first) = ids.iter().find(|first| first.value == value) {
            let line = ("line", first.place.line().to_string());
            let id = ("id", text.value.to_owned());
            text.place.error(duplicate, vec![id, line]);
            continue;
        }
        ids.push(Placed {
            value,
            place: text.place,
        });
    }
    ids
}
