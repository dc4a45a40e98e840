//! What an entry becomes, and what is looked up for it: its picture, and its page's own address.

use super::super::articles::{Edit, NewArticle};
use super::super::{Office, OfficeError};
use crate::compose::{fill_template, link_key};
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::Entry;
use crate::intake::page::PageMeta;
use crate::model::article::MAX_TEXT_CHARS;
use crate::model::{Actor, Picture};

/// Pictures of an entry that are tried, until one can be had.
const MOST_TRIED: usize = 2;

/// What goes along with a new article.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Kept already.
    pub(super) pictures: Vec<Picture>,
    /// What its page calls its own address.
    pub(super) canonical: Option<String>,
}

impl Office {
    /// Its picture, and its page's own address: what the entry says of them, else, where the feed is
    /// set so, what its page says.
    pub(super) async fn found_with(
        &self,
        feed: &ConfiguredFeed,
        entry: &Entry,
    ) -> Result<Found, OfficeError> {
        let mut found = Found {
            pictures: self.picture_of(feed, entry).await,
            canonical: entry.canonical.clone(),
        };
        if let Some(page) = self.page_of(feed, entry).await {
            found.canonical = page.canonical.map(Into::into).or(found.canonical);
            if let Some(picture) = page.picture.filter(|_| found.pictures.is_empty()) {
                let alt = picture.alt.unwrap_or_else(|| entry.title.clone());
                let there = self.kept_picture(feed, picture.address.as_str(), alt);
                found.pictures.extend(there.await);
            }
        }
        found.canonical = match found.canonical {
            Some(address) => self.own(feed, entry, address)?,
            None => None,
        };
        Ok(found)
    }

    /// Reads the entry's page, where the feed is set so. Its news goes on without it.
    async fn page_of(&self, feed: &ConfiguredFeed, entry: &Entry) -> Option<PageMeta> {
        let link = entry.link.as_deref().filter(|_| feed.page)?;
        match self.page_at(link).await {
            Ok((_, page)) => Some(page),
            Err(error) => {
                tracing::info!(feed = %feed.id, %error, "an entry's page is left out");
                None
            }
        }
    }

    /// The address, unless it says nothing: it is the link's own, or an earlier article of this feed
    /// has it. A site that writes one address into every page would make all its news the same.
    pub(super) fn own(
        &self,
        feed: &ConfiguredFeed,
        entry: &Entry,
        address: String,
    ) -> Result<Option<String>, OfficeError> {
        let Some(key) = link_key(&address) else {
            return Ok(None);
        };
        if entry.link.as_deref().and_then(link_key).as_ref() == Some(&key) {
            return Ok(None);
        }
        for id in self.store.articles_with_link(&key)? {
            let other = self.store.article(id)?;
            if other.is_some_and(|a| a.source == feed.id.as_str()) {
                return Ok(None);
            }
        }
        Ok(Some(address))
    }

    /// The entry's main picture, kept. An article without its picture is better than none.
    pub(super) async fn picture_of(&self, feed: &ConfiguredFeed, entry: &Entry) -> Vec<Picture> {
        for address in entry.pictures.iter().take(MOST_TRIED) {
            let alt = entry.title.clone();
            if let Some(picture) = self.kept_picture(feed, address, alt).await {
                return vec![picture];
            }
        }
        Vec::new()
    }

    async fn kept_picture(
        &self,
        feed: &ConfiguredFeed,
        address: &str,
        alt: String,
    ) -> Option<Picture> {
        match self.picture_from(&Actor::Daemon, address).await {
            Ok(hash) => Some(Picture { hash, alt }),
            Err(error) => {
                tracing::info!(feed = %feed.id, %error, "a picture is left out");
                None
            }
        }
    }
}

/// What an entry becomes.
pub(super) fn article(config: &Config, feed: &ConfiguredFeed, entry: &Entry) -> NewArticle {
    NewArticle {
        title: entry.title.clone(),
        text: text(config, feed, entry),
        link: entry.link.clone(),
        topic: feed.topic.clone(),
        source: feed.id.to_string(),
        channels: feed.channels.iter().map(ToString::to_string).collect(),
        submit: feed.approval_required,
        ..NewArticle::default()
    }
}

/// What a known one's article becomes; pictures apart.
pub(super) fn edit(config: &Config, feed: &ConfiguredFeed, entry: &Entry) -> Edit {
    Edit {
        title: Some(entry.title.clone()),
        text: Some(text(config, feed, entry)),
        link: Some(entry.link.clone().unwrap_or_default()),
        ..Edit::default()
    }
}

fn text(config: &Config, feed: &ConfiguredFeed, entry: &Entry) -> String {
    let topic = feed.topic.as_ref().and_then(|id| config.topic(id));
    let hashtags = topic.map_or(&[][..], |t| &t.hashtags);
    let topic = topic.map_or("", |t| t.title.as_str());
    let link = entry.link.as_deref().unwrap_or_default();
    let filled = feed.template.as_deref().and_then(|template| {
        // The configuration was checked for it.
        fill_template(template, &entry.title, &entry.text, link, topic, hashtags).ok()
    });
    let text = filled.unwrap_or_else(|| entry.text.clone());
    if text.chars().count() <= MAX_TEXT_CHARS {
        return text;
    }
    let kept: String = text.chars().take(MAX_TEXT_CHARS - 1).collect();
    format!("{kept}…")
}
