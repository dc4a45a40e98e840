//! A row → its shares, one a channel, or why it cannot be any.

use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::clash::{Before, Clash};
use super::names::{Known, Place};
use crate::compose::link_key;
use crate::intake::past::PastRow;
use crate::model::{ArticleId, ChannelId, Content, Count, How, ShareId};
use crate::office::content::{check_content, named_topic};
use crate::office::request::hex;
use crate::office::{Invalid, Office, OfficeError};
use crate::platform::by_hand::clean_link;

/// Nothing was shared in such places before: an earlier day is a slip of the pen.
const FIRST_YEAR: i16 = 2000;

/// A share that a row is, decided.
#[derive(Debug, Clone)]
pub(in crate::office) struct PastShare {
    pub(in crate::office) channel: ChannelId,
    pub(super) article: Option<ArticleId>,
    pub(super) article_key: String,
    pub(super) content: Content,
    pub(super) count: Count,
    /// The cleaned permalink, and the platform's id of the post.
    pub(super) proof: Option<(String, Option<String>)>,
    pub(super) who: Option<String>,
    pub(super) row: String,
    pub(super) line: u64,
    pub(super) day_only: bool,
}

impl PastShare {
    /// The local day it is counted on.
    pub(in crate::office) fn day(&self) -> Date {
        self.count.day
    }
    /// Who it is counted for, or the name as written.
    pub(in crate::office) fn who(&self) -> Option<String> {
        let member = self.count.member.as_ref().map(ToString::to_string);
        member.or_else(|| self.who.clone())
    }
    /// Whether the name as written is no member's.
    pub(in crate::office) fn is_unknown_member(&self) -> bool {
        self.who.is_some()
    }
}

/// What becomes of a row on one of its channels.
#[derive(Debug)]
pub(in crate::office) enum Judged {
    /// A share.
    New(Box<PastShare>),
    /// It was brought in before, or is an exported share that is here.
    Known,
    /// It may be counted already.
    Clash(Box<PastShare>, Clash),
}

/// On which of its channels a row is judged, and by what beside what is here.
pub(in crate::office) enum Asked<'a> {
    /// All of them, by earlier rows of the same file too.
    Looking(&'a mut Before),
    /// Those that were told when it was looked at: what clashed then is none of them, unless a person
    /// wants it counted.
    Told(&'a [ChannelId]),
}

impl Office {
    /// What becomes of a row, on each of the channels.
    pub(in crate::office) fn judge(
        &self,
        known: &Known,
        asked: Asked<'_>,
        row: &PastRow,
    ) -> Result<Vec<Judged>, OfficeError> {
        let now = self.clock.now();
        let at = row.at(&known.config.office.zone);
        let at = at.ok_or_else(|| OfficeError::invalid("at", Invalid::LongAgo(row.day)))?;
        if at > now {
            return Err(OfficeError::invalid("at", Invalid::Future(at)));
        }
        if row.day.year() < FIRST_YEAR {
            return Err(OfficeError::invalid("at", Invalid::LongAgo(row.day)));
        }
        let content = Content {
            title: row.title.clone(),
            text: row.text.clone(),
            link: row.link.clone(),
            pictures: Vec::new(),
        };
        check_content(&content)?;
        let topic = match &row.topic {
            None => None,
            Some(name) => Some(named_topic(&known.config, name)?),
        };
        let places = known.places(&row.channels)?;
        if row.permalink.is_some() && places.len() > 1 {
            return Err(OfficeError::invalid("permalink", Invalid::OnePost));
        }
        let exported = row.id.as_ref().and_then(|id| id.parse::<ShareId>().ok());
        let (mut before, told) = match asked {
            Asked::Looking(before) => (Some(before), None),
            Asked::Told(told) => (None, Some(told)),
        };
        let is_told = |place: &&Place| told.is_none_or(|told| told.contains(&place.id));
        let places: Vec<&Place> = places.into_iter().filter(is_told).collect();
        let is_here = exported.map(|id| self.store.share(id)).transpose()?;
        if is_here.flatten().is_some() {
            return Ok(places.iter().map(|_| Judged::Known).collect());
        }
        let (article_key, article) = self.article_of(row)?;
        let own_topic = match article {
            Some(id) if topic.is_none() => self.store.article(id)?.and_then(|a| a.topic),
            _ => topic,
        };
        let (member, unit, who) = known.who(row.member.as_deref());
        let mut judged = Vec::new();
        for place in places {
            let proof = match &row.permalink {
                None => None,
                Some(link) => {
                    let cleaned = clean_link(place.platform, place.url.as_deref(), link);
                    let cleaned = cleaned.map_err(|why| {
                        OfficeError::invalid("permalink", Invalid::NotTheirs(why))
                    })?;
                    Some((cleaned.link, cleaned.post))
                }
            };
            let share = PastShare {
                channel: place.id.clone(),
                article,
                article_key: article_key.clone(),
                content: content.clone(),
                count: Count {
                    at,
                    day: row.day,
                    topic: own_topic.clone(),
                    unit: unit.clone(),
                    member: member.clone(),
                    how: How::BackFilled,
                },
                proof,
                who: who.clone(),
                row: row_digest(row, &place.id),
                line: row.line,
                day_only: row.time.is_none(),
            };
            judged.push(self.judge_share(before.as_deref_mut(), share)?);
        }
        Ok(judged)
    }

    fn judge_share(
        &self,
        before: Option<&mut Before>,
        share: PastShare,
    ) -> Result<Judged, OfficeError> {
        if self.store.imported(&share.row)?.is_some() {
            return Ok(Judged::Known);
        }
        let mut clash = self.clash(&share)?;
        if let Some(before) = before {
            if before.has(&share) {
                return Ok(Judged::Known);
            }
            let nearby = before.take(&share);
            clash = clash.or(nearby);
        }
        Ok(match clash {
            Some(clash) => Judged::Clash(Box::new(share), clash),
            None => Judged::New(Box::new(share)),
        })
    }

    /// The key under which a row's article is known, and the article if it is here.
    fn article_of(&self, row: &PastRow) -> Result<(String, Option<ArticleId>), OfficeError> {
        match row.link.as_deref().and_then(link_key) {
            Some(link) => {
                let there = self.store.articles_with_link(&link)?;
                let key = digest(&("back-filled article", "link", &link))?;
                // The oldest: it does not change when more are added.
                Ok((key, there.into_iter().min()))
            }
            None => {
                let title = row.title.nfc().collect::<String>().to_lowercase();
                let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
                let key = digest(&("back-filled article", "title", &title))?;
                let there = self.store.imported(&key)?;
                Ok((key, there))
            }
        }
    }
}

/// What makes two rows the same: everything they say of one share, however it is spaced.
fn row_digest(row: &PastRow, channel: &ChannelId) -> String {
    let said = (
        "back-filled share",
        row.day,
        row.time,
        channel,
        &row.title,
        &row.link,
        &row.member,
        &row.permalink,
    );
    // Dates, times and texts are always JSON.
    digest(&said).unwrap_or_default()
}

fn digest(said: &impl Serialize) -> Result<String, OfficeError> {
    let bytes = serde_json::to_vec(said).map_err(|e| OfficeError::Stopped(e.to_string()))?;
    Ok(hex(&Sha256::digest(bytes)))
}
