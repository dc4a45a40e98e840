//! `[[feeds]]` → where articles come from by themselves.

use std::sync::Arc;

use jiff::SignedDuration;

use super::keys::{APPROVAL, MOST_FIRST};
use super::names::Names;
use super::problem::Code;
use super::reader::Fields;
use super::{channel, defaults, values};
use crate::model::{ChannelId, FeedId, Topic, TopicId};

/// One `[[feeds]]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredFeed {
    /// For ever: entries and articles hold it.
    pub id: FeedId,
    /// For people.
    pub title: String,
    /// Where it is.
    pub url: String,
    /// Its articles' topic.
    pub topic: Option<TopicId>,
    /// Where they go; the topic's, else the office's, if empty.
    pub channels: Vec<ChannelId>,
    /// How title, text and link of an entry become an article's text; its text as it is, if none.
    pub template: Option<String>,
    /// Only entries with one of these words.
    pub words: Vec<String>,
    /// No entries with one of these words.
    pub without: Vec<String>,
    /// Only entries of one of these categories.
    pub categories: Vec<String>,
    /// No older entries.
    pub max_age: SignedDuration,
    /// Its articles wait for approval on every channel.
    pub approval_required: bool,
    /// Articles a local day at most.
    pub max_per_day: Option<u32>,
    /// So many of what stands in it at the first look become articles.
    pub first: u32,
    /// Whether each new entry's page is read once.
    pub page: bool,
    /// How often it is looked at.
    pub every: SignedDuration,
    /// Whether it is looked at.
    pub enabled: bool,
}

/// Reads one feed; what is missing was told.
pub(super) fn read(
    fields: &Fields<'_>,
    names: &Names<'_>,
    topics: &[Topic],
    default_channels: &[ChannelId],
) -> Option<Arc<ConfiguredFeed>> {
    let listed = |key| fields.names(key).unwrap_or_default();
    let id = fields.text("id").and_then(|id| FeedId::new(id.value).ok());
    let title = fields.text("title").map(|t| t.value.to_owned());
    let url = fields.parsed("url", values::page_url);
    let topic = fields.ids("topic").unwrap_or_default();
    let topic = names.topics(&topic).into_iter().next();
    let channels = names.channels(&fields.ids("channels").unwrap_or_default());
    let of_topic = topics.iter().find(|t| Some(&t.id) == topic.as_ref());
    let somewhere = !channels.is_empty()
        || of_topic.is_some_and(|t| !t.channels.is_empty())
        || !default_channels.is_empty();
    if !somewhere && fields.present(["channels"]).is_empty() {
        fields.place.error(Code::FeedNowhere, Vec::new());
    }
    let every = (defaults::SHORTEST_FEED, defaults::LONGEST_FEED);
    Some(Arc::new(ConfiguredFeed {
        topic,
        channels,
        template: fields.parsed("template", values::template).map(|t| t.value),
        words: listed("words"),
        without: listed("without"),
        categories: listed("categories"),
        max_age: channel::duration(fields, "max_age", values::SOME)
            .unwrap_or(defaults::FEED_MAX_AGE),
        approval_required: fields
            .one_of("approval", APPROVAL)
            .is_some_and(|word| word.value),
        max_per_day: fields.count("max_per_day", 1, u32::MAX).map(|n| n.value),
        first: fields
            .count("first", 0, MOST_FIRST)
            .map_or(defaults::FEED_FIRST, |n| n.value),
        page: fields.flag("page").unwrap_or(false),
        every: channel::duration(fields, "every", every).unwrap_or(defaults::FEED_EVERY),
        enabled: fields.flag("enabled").unwrap_or(true),
        id: id?,
        title: title?,
        url: url?.value.into(),
    }))
}
