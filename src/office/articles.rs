//! Articles: add and edit. An article has no state of its own; its shares do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::content::{
    address_of, check_address, check_content, check_priority, check_topic, known_topic,
};
use super::evergreen::Rule;
use super::request::{Done, Work};
use super::{Invalid, Office, OfficeError, Refusal, What, channel, permission};
use crate::compose::limits::ToldLimits;
use crate::compose::{self, Source};
use crate::config::{Config, ConfiguredChannel};
use crate::intake::fold::folded;
use crate::model::{
    Actor, Article, ArticleId, Cause, ChannelId, Content, Event, Picture, Share, State, TopicId,
    Why,
};

/// An article to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewArticle {
    /// Headline.
    pub title: String,
    /// Body.
    pub text: String,
    /// Where it leads: an http(s) address.
    pub link: Option<String>,
    /// What the page behind the link says is its own address, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// In order.
    #[schema(value_type = Vec<PictureDoc>)]
    pub pictures: Vec<Picture>,
    /// A declared topic.
    #[schema(value_type = Option<String>)]
    pub topic: Option<TopicId>,
    /// 0 to 9, higher first where a schedule goes by priority.
    pub priority: u8,
    /// Where it comes from; `typed` if empty.
    pub source: String,
    /// Channels or groups of channels; the topic's, else the office's, if empty.
    pub channels: Vec<String>,
    /// A fixed time for all of them, instead of a place in their queues.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub at: Option<Timestamp>,
    /// Although the same went there lately.
    pub again: bool,
    /// Keep as drafts.
    pub draft: bool,
    /// A channel's own text instead of the article's.
    #[schema(value_type = BTreeMap<String, String>)]
    pub own_texts: BTreeMap<ChannelId, String>,
    /// Approval comes first, on every channel: a feed's wish, nobody's who asks over the API.
    #[serde(skip)]
    pub submit: bool,
    /// Shared again and again by this rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evergreen: Option<Rule>,
}

impl NewArticle {
    fn where_to(&self) -> WhereTo {
        WhereTo {
            channels: self.channels.clone(),
            at: self.at,
            again: self.again,
            draft: self.draft,
            own_texts: self.own_texts.clone(),
            submit: self.submit,
        }
    }
}

/// How a picture is named in a request.
#[derive(Debug, ToSchema)]
#[schema(as = Picture)]
#[allow(dead_code, reason = "describes `model::Picture` in the API's document")]
pub struct PictureDoc {
    /// As `keepPicture` answered: the lower-case hex SHA-256 of what is kept.
    hash: String,
    /// What it shows.
    alt: String,
}

/// Where an article goes, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WhereTo {
    /// Channels or groups of channels; the topic's, else the office's, if empty.
    pub channels: Vec<String>,
    /// A fixed time for all of them, instead of a place in their queues.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub at: Option<Timestamp>,
    /// Although the same went there lately.
    pub again: bool,
    /// Keep as drafts.
    pub draft: bool,
    /// A channel's own text instead of the article's.
    #[schema(value_type = BTreeMap<String, String>)]
    pub own_texts: BTreeMap<ChannelId, String>,
    /// See [`NewArticle::submit`].
    #[serde(skip)]
    pub submit: bool,
}

/// What of an article is to be changed; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Edit {
    /// The version that was looked at: another one is refused as stale.
    pub version: Option<u32>,
    /// Headline.
    pub title: Option<String>,
    /// Body.
    pub text: Option<String>,
    /// The link; empty takes it away.
    pub link: Option<String>,
    /// What the page behind the link says is its own address, where it was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canonical: Option<String>,
    /// All pictures, in order.
    #[schema(value_type = Option<Vec<PictureDoc>>)]
    pub pictures: Option<Vec<Picture>>,
    /// The topic; empty takes it away.
    pub topic: Option<String>,
    /// 0 to 9.
    pub priority: Option<u8>,
}

/// Source of articles that a person typed in.
pub const TYPED: &str = "typed";

impl Office {
    /// Adds an article and makes one share per channel: those named, else its topic's, else the
    /// office's default, else it is refused (RULES 2).
    ///
    /// # Errors
    /// See [`OfficeError`]; nothing of it has happened then.
    pub async fn add(
        &self,
        actor: &Actor,
        key: Option<&str>,
        new: NewArticle,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("add", &new), |work| {
            permission::compose(actor)?;
            let mut done = self.put_article(work, actor, &new, None)?;
            done.similar = self.similar_to(done.article, new.title.trim(), new.text.trim())?;
            Ok(done)
        })
        .await
    }

    /// The article and its shares, into a commit.
    pub(super) fn put_article(
        &self,
        work: &mut Work<'_>,
        actor: &Actor,
        new: &NewArticle,
        row: Option<String>,
    ) -> Result<Done, OfficeError> {
        let config = self.config();
        let content = Content {
            title: new.title.trim().to_owned(),
            text: new.text.trim().to_owned(),
            link: new.link.as_deref().and_then(address_of),
            pictures: new.pictures.clone(),
        };
        check_content(&content)?;
        self.check_pictures(&content.pictures)?;
        check_priority(new.priority)?;
        check_topic(&config, new.topic.as_ref())?;
        let canonical = new.canonical.as_deref().and_then(given);
        if let Some(link) = canonical {
            check_address("canonical", link)?;
        }
        let article = Article {
            id: self.chance.article(work.now),
            content,
            version: 1,
            topic: new.topic.clone(),
            priority: new.priority,
            source: given(&new.source).unwrap_or(TYPED).to_owned(),
            by: actor.by(),
            member: actor.member().cloned(),
            unit: self.unit_of(actor)?,
            added: work.now,
            canonical: canonical.map(str::to_owned),
            evergreen: None,
        };
        let title = work.text(&article.content.title);
        let text = work.text(&article.content.text);
        work.event(Event::ArticleAdded {
            article: article.id,
            title,
            text,
            link: article.content.link.clone(),
            pictures: article.content.pictures.clone(),
            topic: article.topic.clone(),
            priority: article.priority,
            source: article.source.clone(),
            row,
            member: article.member.clone(),
            unit: article.unit.clone(),
        });
        if let Some(link) = &article.canonical {
            work.event(Event::ArticleCanonical {
                article: article.id,
                link: link.clone(),
            });
        }
        if let Some(rule) = &new.evergreen {
            self.put_rule(work, &article, rule)?;
        }
        let mut done = Done {
            article: Some(article.id),
            ..Done::default()
        };
        self.put_shares(work, &config, &article, None, &new.where_to(), &mut done)?;
        Ok(done)
    }

    /// Changes an article. Where readers would see the change, unsent shares that need approval go
    /// back to it, and the answer says so.
    ///
    /// # Errors
    /// [`OfficeError::Stale`] if another version was looked at.
    pub async fn edit(
        &self,
        actor: &Actor,
        key: Option<&str>,
        id: ArticleId,
        edit: Edit,
    ) -> Result<Done, OfficeError> {
        self.perform(actor, key, &("edit", id, &edit), |work| {
            let before = self.article(id)?;
            permission::change(actor, &before)?;
            if edit.version.is_some_and(|seen| seen != before.version) {
                return Err(OfficeError::Stale);
            }
            let config = self.config();
            let after = edited(&config, &before, &edit)?;
            self.check_pictures(&after.content.pictures)?;
            let mut done = Done {
                article: Some(id),
                ..Done::default()
            };
            if after == before {
                done.note("nothing-changed", &[]);
                return Ok(done);
            }
            self.put_edit(work, &config, &before, &after, &mut done)?;
            Ok(done)
        })
        .await
    }

    /// The edit and all that follows from it, into a commit.
    pub(super) fn put_edit(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        before: &Article,
        after: &Article,
        done: &mut Done,
    ) -> Result<(), OfficeError> {
        let seen_anew = after.version != before.version;
        let shares = self.store.shares_of(before.id, None)?;
        let open = |state: State| !matches!(state, State::Shared) && !state.is_final();
        // What comes round again goes out as it stands then.
        let once = before.evergreen.is_none();
        if seen_anew && once && !shares.is_empty() && !shares.iter().any(|s| open(s.state)) {
            let article = before.id;
            return Err(OfficeError::Refused(Refusal::AllOut { article }));
        }
        let title = work.text(&after.content.title);
        let text = work.text(&after.content.text);
        work.event(Event::ArticleEdited {
            article: after.id,
            version: after.version,
            title,
            text,
            link: after.content.link.clone(),
            pictures: after.content.pictures.clone(),
            topic: after.topic.clone(),
            priority: after.priority,
        });
        // With another link the one that was known is forgotten.
        let moved = after.content.link != before.content.link;
        if let Some(link) = after.canonical.as_ref()
            && (moved || after.canonical != before.canonical)
        {
            work.event(Event::ArticleCanonical {
                article: after.id,
                link: link.clone(),
            });
        }
        for share in shares {
            self.put_edit_of_share(work, (before, after), &share, done);
            if seen_anew {
                self.unapprove(work, config, &share, done);
            }
        }
        Ok(())
    }

    /// What an article's edit changes on one of its shares: the queue's indexes go by topic and
    /// priority; and its story tells of a new text and of who wrote it, which approval asks for.
    fn put_edit_of_share(
        &self,
        work: &mut Work<'_>,
        (before, after): (&Article, &Article),
        share: &Share,
        done: &mut Done,
    ) {
        use State::{Draft, Failed, Missed, Planned, Submitted, Waiting};
        if !matches!(
            share.state,
            Draft | Submitted | Waiting | Planned | Missed | Failed
        ) {
            return;
        }
        let elsewhere = (&after.topic, after.priority) != (&before.topic, before.priority);
        let anew = after.version != before.version;
        let own_text = share.own_text.as_deref().map(|text| work.text(text));
        for _ in 0..usize::from(elsewhere) + usize::from(anew) {
            work.event(Event::ShareEdited {
                share: share.id,
                topic: after.topic.clone(),
                priority: after.priority,
                own_text,
                own_version: share.own_version,
            });
        }
        done.shares.push(share.id);
    }

    /// What approval was of has changed: back to it, where the channel asks for approval. What is
    /// frozen already goes out as it is, and the answer says so.
    pub(super) fn unapprove(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        share: &Share,
        done: &mut Done,
    ) {
        let required = config
            .channel(&share.channel)
            .is_some_and(|c| c.rules.approval_required);
        match share.state {
            State::Waiting | State::Planned if required => {
                work.event(Event::ShareUnapproved {
                    share: share.id,
                    why: Why::new(Cause::Edited),
                });
                done.note("back-to-approval", &[("channel", &share.channel)]);
            }
            State::ByHand | State::Sending | State::Unsure => {
                done.note("text-frozen", &[("channel", &share.channel)]);
            }
            _ => return,
        }
        if !done.shares.contains(&share.id) {
            done.shares.push(share.id);
        }
    }

    /// The unit that what this actor queues counts for.
    pub(super) fn unit_of(
        &self,
        actor: &Actor,
    ) -> Result<Option<crate::model::UnitId>, OfficeError> {
        let Some(id) = actor.member() else {
            return Ok(None);
        };
        Ok(self.store.member(id)?.and_then(|m| m.unit))
    }

    /// The channels an article goes to, in order and each once.
    pub(super) fn channels_for<'a>(
        &self,
        config: &'a Config,
        topic: Option<&TopicId>,
        named: &[String],
    ) -> Result<Vec<&'a ConfiguredChannel>, OfficeError> {
        let takes = |c: &ConfiguredChannel| c.rules.takes_topic(topic);
        let mut ids: Vec<ChannelId> = Vec::new();
        for name in named {
            match config.groups.get(name) {
                Some(members) => ids.extend(members.iter().cloned()),
                None => ids.extend(known_channels(config, name)?),
            }
        }
        let by_name = !ids.is_empty();
        if !by_name {
            let topics_own = topic.and_then(|t| config.topic(t)).map(|t| &t.channels);
            let default = &config.office.default_channels;
            let fallback = topics_own.filter(|c| !c.is_empty()).unwrap_or(default);
            ids.extend(fallback.iter().cloned());
        }
        let mut found: Vec<&ConfiguredChannel> = Vec::new();
        for id in ids {
            let place = channel(config, &id)?;
            if by_name && !takes(place) {
                let topics: Vec<_> = place.rules.topics.iter().map(TopicId::as_str).collect();
                let topics = topics.join(", ");
                return Err(OfficeError::invalid(
                    "channels",
                    Invalid::TopicNotTaken {
                        channel: id,
                        topics,
                    },
                ));
            }
            if takes(place) && !found.iter().any(|c| c.rules.id == id) {
                found.push(place);
            }
        }
        if found.is_empty() {
            return Err(OfficeError::invalid("channels", Invalid::NoChannel));
        }
        Ok(found)
    }
}

/// Exactly what would be posted; refused where nothing can be.
pub(super) fn composed(
    config: &Config,
    article: &Article,
    own_text: Option<&str>,
    link_instead: Option<&str>,
    place: &ConfiguredChannel,
) -> Result<crate::model::Post, OfficeError> {
    composed_as_told(config, article, own_text, link_instead, place, None)
}

/// The same for a server that has told what it takes.
pub(super) fn composed_as_told(
    config: &Config,
    article: &Article,
    own_text: Option<&str>,
    link_instead: Option<&str>,
    place: &ConfiguredChannel,
    told: Option<ToldLimits>,
) -> Result<crate::model::Post, OfficeError> {
    let topic = article.topic.as_ref().and_then(|t| config.topic(t));
    let source = Source {
        content: &article.content,
        topic: topic.map(|t| t.title.as_str()),
        hashtags: topic.map_or(&[], |t| &t.hashtags),
        own_text,
        link_instead,
        told,
    };
    compose::compose(source, &place.rules).map_err(|why| {
        let channel = place.rules.id.clone();
        OfficeError::invalid("channels", Invalid::Unpostable { channel, why })
    })
}

/// The channel of this id or title; or several, where all of it is ids with blanks between.
fn known_channels(config: &Config, name: &str) -> Result<Vec<ChannelId>, OfficeError> {
    match known_channel(config, name) {
        Ok(id) => Ok(vec![id]),
        Err(error) if !name.contains(char::is_whitespace) => Err(error),
        Err(error) => {
            let ids = name.split_whitespace().map(|id| {
                let group = config.groups.get(id).cloned();
                group.map_or_else(|| Ok(vec![known_channel(config, id)?]), Ok)
            });
            let ids: Result<Vec<_>, OfficeError> = ids.collect();
            ids.map(|ids| ids.concat()).map_err(|_| error)
        }
    }
}

fn known_channel(config: &Config, name: &str) -> Result<ChannelId, OfficeError> {
    let by_id = config.channels.iter().find(|c| c.rules.id.as_str() == name);
    let by_title = || {
        let plain = folded(name);
        let mut titled = config
            .channels
            .iter()
            .filter(|c| folded(&c.rules.title) == plain);
        titled.next().filter(|_| titled.next().is_none())
    };
    by_id
        .or_else(by_title)
        .map(|c| c.rules.id.clone())
        .ok_or_else(|| {
            let channels = config.channels.iter().map(|c| c.rules.id.as_str());
            let groups = config.groups.keys().map(String::as_str);
            OfficeError::unknown(What::Channel, name, channels.chain(groups))
        })
}

/// What a person gave, or nothing if it is blank.
fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The article after the edit, its version one more if readers would see it.
pub(super) fn edited(
    config: &Config,
    before: &Article,
    edit: &Edit,
) -> Result<Article, OfficeError> {
    let mut after = before.clone();
    let content = &mut after.content;
    if let Some(title) = &edit.title {
        content.title = title.trim().to_owned();
    }
    if let Some(text) = &edit.text {
        content.text = text.trim().to_owned();
    }
    if let Some(link) = &edit.link {
        content.link = address_of(link);
    }
    if content.link != before.content.link {
        after.canonical = None;
    }
    if let Some(link) = edit.canonical.as_deref().and_then(given) {
        check_address("canonical", link)?;
        after.canonical = Some(link.to_owned());
    }
    let content = &mut after.content;
    if let Some(pictures) = &edit.pictures {
        content.pictures.clone_from(pictures);
    }
    if let Some(topic) = &edit.topic {
        after.topic = match given(topic) {
            None => None,
            Some(id) => Some(known_topic(config, id)?),
        };
    }
    if let Some(priority) = edit.priority {
        after.priority = priority;
    }
    check_content(&after.content)?;
    check_priority(after.priority)?;
    if after.content != before.content {
        after.version += 1;
    }
    Ok(after)
}
