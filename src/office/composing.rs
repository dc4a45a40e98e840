//! What would become of an article that is still being written: each channel's post, how long it is
//! there, and whether the same went there lately. Nothing is kept.

use jiff::Timestamp;

use super::articles::{NewArticle, composed};
use super::content::address_of;
use super::pictures::Fitting;
use super::similar::Similar;
use super::{Office, OfficeError, Refusal, permission};
use crate::compose::limits::limits;
use crate::model::{Actor, Article, ArticleId, Content, PlatformKind, Post, ShareId};

/// One channel's part of it.
#[derive(Debug)]
pub struct Foreseen {
    /// Where.
    pub channel: crate::model::ChannelId,
    /// As people call it.
    pub title: String,
    /// What kind of place.
    pub platform: PlatformKind,
    /// Whether it waits for approval first.
    pub approval: bool,
    /// Exactly what would be posted, or why nothing can be.
    pub post: Result<Post, OfficeError>,
    /// How long each part's text is, as the platform counts.
    pub lengths: Vec<usize>,
    /// How long one may be there.
    pub most: usize,
    /// Something of the text is left out.
    pub cut: bool,
    /// What is done to its pictures.
    pub fittings: Vec<Fitting>,
    /// The same article or link went there, goes there, or waits there.
    pub repeats: Option<(ShareId, Timestamp)>,
}

/// All of it.
#[derive(Debug)]
pub struct Foresight {
    /// Channel by channel.
    pub channels: Vec<Foreseen>,
    /// What says nearly the same and went out before.
    pub similar: Vec<Similar>,
}

/// What stands at the end of a text that was cut.
const CUT_MARK: char = '…';

impl Office {
    /// What would go where. `known`: the article, where it is one that is there already.
    ///
    /// # Errors
    /// [`super::Invalid::NoChannel`]; see [`OfficeError`]. What is wrong on one channel alone stands there.
    pub fn foresee(
        &self,
        actor: &Actor,
        known: Option<ArticleId>,
        new: &NewArticle,
    ) -> Result<Foresight, OfficeError> {
        permission::compose(actor)?;
        let (config, now) = (self.config(), self.clock.now());
        let places = self.channels_for(&config, new.topic.as_ref(), &new.channels)?;
        let link = new.link.as_deref().and_then(address_of);
        let article = Article {
            id: known.unwrap_or_else(|| self.chance.article(now)),
            content: Content {
                title: new.title.trim().to_owned(),
                text: new.text.trim().to_owned(),
                link,
                pictures: new.pictures.clone(),
            },
            version: 1,
            topic: new.topic.clone(),
            priority: new.priority,
            source: String::new(),
            by: actor.by(),
            member: None,
            unit: None,
            added: now,
            canonical: new.canonical.clone(),
            evergreen: None,
        };
        let goes = new.at.unwrap_or(now);
        let mut foreseen = Vec::new();
        for place in places {
            let rules = &place.rules;
            let own = new.own_texts.get(&rules.id).map(|t| t.trim());
            let own = own.filter(|t| !t.is_empty());
            let post = composed(&config, &article, own, None, place);
            let fittings = match &post {
                Ok(post) => self.fittings(place, post)?,
                Err(_) => Vec::new(),
            };
            let limits = limits(rules.platform);
            let parts = post.as_ref().map(|p| &p.parts[..]).unwrap_or_default();
            let written = own.unwrap_or(&article.content.text);
            let ends = |text: &str| text.trim_end().ends_with(CUT_MARK);
            let shown = |end: &str| parts.iter().any(|p| p.text.contains(end));
            let last: String = last_line(written).to_owned();
            let cut =
                !ends(written) && !shown(&last) && parts.iter().any(|p| p.text.lines().any(ends));
            let repeats = match self.check_repeat(known, &article, rules, goes) {
                Ok(()) => None,
                Err(OfficeError::Refused(Refusal::Repeat { share, earlier, .. })) => {
                    Some((share, earlier))
                }
                Err(other) => return Err(other),
            };
            foreseen.push(Foreseen {
                channel: rules.id.clone(),
                title: rules.title.clone(),
                platform: rules.platform,
                approval: rules.approval_required,
                lengths: parts.iter().map(|p| limits.unit.count(&p.text)).collect(),
                most: if article.content.pictures.is_empty() {
                    limits.text
                } else {
                    limits.caption
                },
                cut,
                fittings,
                repeats,
                post,
            });
        }
        let content = &article.content;
        Ok(Foresight {
            similar: self.similar_to(known, &content.title, &content.text)?,
            channels: foreseen,
        })
    }
}

fn last_line(text: &str) -> &str {
    text.lines()
        .rfind(|l| !l.trim().is_empty())
        .unwrap_or_default()
        .trim()
}
