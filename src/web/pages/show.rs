//! How shares and instants are shown on pages.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Faces;
use super::visitor::Visitor;
use crate::lang::Lang;
use crate::model::upcoming::Comes;
use crate::model::{Actor, Article, ArticleId, By, ChannelId, FeedId, MemberId, Share, State};
use crate::office::may::Wish;
use crate::office::{Office, OfficeError};
use crate::web::api::views::{headline, says};

/// An instant.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// For programs.
    pub(super) iso: String,
    /// As people say it now.
    pub(super) said: String,
    /// Exactly.
    pub(super) exact: String,
}

/// One share, in a list.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Its id.
    pub(super) id: String,
    /// What people would call it.
    pub(super) title: String,
    /// The channel's title.
    pub(super) channel: String,
    /// Where it is and why.
    pub(super) says: String,
    /// The state's word, for its colour.
    pub(super) state: &'static str,
    /// The state's shape.
    pub(super) mark: &'static str,
    /// Who is on it.
    pub(super) taken: Option<String>,
}

/// Where what comes is shown: the share's page; the article's, where the share is still to be made.
pub(super) fn leads_to(what: Comes, article: ArticleId) -> String {
    match what.share() {
        Some(share) => format!("/shares/{share}"),
        None => format!("/articles/{article}"),
    }
}

/// That it comes round by its article's rule, where its share is still to be made.
pub(super) fn turn(lang: Lang, what: Comes) -> Option<String> {
    let turn = what.turn()?;
    Some(lang.fill("evergreen.turn", &[("turn", &turn)]))
}

/// Names and titles, looked up once a page.
pub(super) struct Show<'a> {
    faces: &'a Faces,
    actor: &'a Actor,
    /// Her language.
    pub(super) lang: Lang,
    /// The office's zone.
    pub(super) zone: TimeZone,
    /// Now.
    pub(super) now: Timestamp,
    channels: HashMap<ChannelId, String>,
    names: HashMap<MemberId, String>,
}

impl<'a> Show<'a> {
    /// For this visitor.
    pub(super) fn new(faces: &'a Faces, visitor: &'a Visitor) -> Result<Self, OfficeError> {
        let office = &faces.site.office;
        let channels = office.store.channels()?.into_iter();
        let members = office.members(visitor.actor())?.into_iter();
        Ok(Self {
            faces,
            actor: visitor.actor(),
            lang: visitor.lang,
            zone: office.config().office.zone.clone(),
            now: office.clock.now(),
            channels: channels.map(|c| (c.id, c.title)).collect(),
            names: members
                .filter_map(|(m, name)| Some((m.id, name.filter(|n| !n.is_empty())?)))
                .collect(),
        })
    }

    /// What everything is read from.
    pub(super) fn office(&self) -> &Office {
        &self.faces.site.office
    }

    /// A channel's title.
    pub(super) fn channel(&self, id: &ChannelId) -> String {
        self.channels
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    /// A member's name.
    pub(super) fn member(&self, id: &MemberId) -> String {
        self.names
            .get(id)
            .cloned()
            .unwrap_or_else(|| id.to_string())
    }

    /// Who did it.
    pub(super) fn by(&self, by: &By) -> String {
        match by.member() {
            Some(id) => self.member(id),
            None => self.lang.by(by),
        }
    }

    /// Whom an article is from: the feed that brought it, else who added it.
    pub(super) fn from(&self, article: &Article) -> String {
        let feed = FeedId::new(&article.source).ok();
        let feed = feed.and_then(|id| self.office().store.feed(&id).ok().flatten());
        match feed {
            Some(feed) => self.lang.fill("shares.from-feed", &[("feed", &feed.title)]),
            None => self.by(&article.by),
        }
    }

    /// An instant.
    pub(super) fn when(&self, at: Timestamp) -> When {
        let local = at.to_zoned_datetime(self.zone.clone());
        let now = self.now.to_zoned_datetime(self.zone.clone());
        let day = self.lang.date(local.date());
        let time = local.time();
        When {
            iso: at.to_string(),
            said: self.lang.moment(&local, &now),
            exact: format!("{}:{:02} {day}", self.lang.time(time), time.second()),
        }
    }

    /// One share, in a list.
    pub(super) fn line(&self, share: &Share, article: &Article) -> Line {
        let taken = share.taken.as_ref().filter(|t| t.until > self.now);
        let taken = taken.map(|t| match &t.by {
            Some(id) if Some(id) == self.actor.member() => {
                self.lang.text("hand.taken-by-you").to_owned()
            }
            Some(id) => self
                .lang
                .fill("hand.taken-by", &[("name", &self.member(id))]),
            None => self
                .lang
                .fill("hand.taken-by", &[("name", &self.lang.text("by.operator"))]),
        });
        Line {
            id: share.id.to_string(),
            title: self.title(article),
            channel: self.channel(&share.channel),
            says: capital(&says(&self.faces.site.office, self.lang, share)),
            state: share.state.as_str(),
            mark: mark(share.state),
            taken,
        }
    }

    /// What people would call an article.
    pub(super) fn title(&self, article: &Article) -> String {
        let title = headline(article);
        if title.is_empty() {
            return self.lang.text("shares.untitled").to_owned();
        }
        title
    }

    /// Each of them.
    pub(super) fn lines<'s>(
        &self,
        rows: impl IntoIterator<Item = &'s (Share, Article)>,
    ) -> Vec<Line> {
        rows.into_iter().map(|(s, a)| self.line(s, a)).collect()
    }

    /// Whether she may.
    pub(super) fn may(&self, wish: Wish<'_>) -> bool {
        self.faces.site.office.may(self.actor, wish).is_ok()
    }
}

/// A state's shape: colour is never all that tells it.
pub(super) fn mark(state: State) -> &'static str {
    match state {
        State::Draft => "✎",
        State::Submitted => "⋯",
        State::Waiting => "○",
        State::Planned => "◷",
        State::Sending => "▸",
        State::Unsure => "?",
        State::ByHand => "☐",
        State::Shared => "✓",
        State::Failed => "✕",
        State::Missed => "!",
        State::Cancelled => "–",
        State::Removed => "⌫",
    }
}

/// A sentence begins with a capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
