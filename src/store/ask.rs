//! Which shares and articles are asked for, and the page that is answered.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use super::apply::{ShareRow, counted, member_of, topic_of};
use crate::model::id::BadId;
use crate::model::words::Sought;
use crate::model::{Article, ArticleId, ChannelId, MemberId, Share, ShareId, State, TopicId};

/// Which shares a page shows: the newest entry first; of a period, the last day first.
#[derive(Debug, Clone, Default)]
pub struct ShareAsk {
    /// Only these states; all if empty.
    pub states: Vec<State>,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only this article.
    pub article: Option<ArticleId>,
    /// Only this topic: as counted, before that the share's own.
    pub topic: Option<TopicId>,
    /// Only this member: as counted, before that who queued the article.
    pub member: Option<MemberId>,
    /// Only those that went out on this local day of the office or later.
    pub since: Option<Date>,
    /// Only those that went out on this local day of the office or before.
    pub until: Option<Date>,
    /// Only those whose articles hold these words.
    pub words: Sought,
    /// Behind this one on the page before.
    pub after: Option<After>,
    /// At most so many.
    pub limit: usize,
    /// So much may be looked at that does not belong on the page, in entries of an index; the store's
    /// own measure if none.
    pub enough: Option<usize>,
}

/// Which articles a page shows: the one whose first share entered last comes first. One that never
/// had a share is on none.
#[derive(Debug, Clone, Default)]
pub struct ArticleAsk {
    /// Only those that hold these words.
    pub words: Sought,
    /// Behind this one on the page before.
    pub after: Option<ShareId>,
    /// At most so many.
    pub limit: usize,
    /// As in [`ShareAsk`].
    pub enough: Option<usize>,
}

impl ShareAsk {
    /// Whether it is read from one index alone, or two: in no time.
    pub(super) fn is_quick(&self) -> bool {
        let others = self.topic.is_some() || self.member.is_some() || !self.words.is_empty();
        !others && !self.is_of_a_period()
    }

    /// Whether only what went out in a stretch of days is asked for.
    pub(super) fn is_of_a_period(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// Whether a share is asked for, as far as it does not depend on its article.
    pub(super) fn takes(&self, row: &ShareRow) -> bool {
        let share = &row.share;
        let in_period = || {
            counted(row).is_some_and(|(count, _)| {
                self.since.is_none_or(|day| count.day >= day)
                    && self.until.is_none_or(|day| count.day <= day)
            })
        };
        (self.states.is_empty() || self.states.contains(&share.state))
            && self.channel.as_ref().is_none_or(|c| share.channel == *c)
            && self.article.is_none_or(|a| share.article == a)
            && (self.topic.is_none() || self.topic.as_ref() == topic_of(row))
            && (self.member.is_none() || self.member.as_ref() == member_of(row))
            && (!self.is_of_a_period() || in_period())
    }
}

/// Where a page ended: behind this share. As text it is a page's cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    /// The last one that was looked at.
    pub share: ShareId,
    /// Of a period: the day it stood under. A confirmation that is undone meanwhile leaves it.
    pub day: Option<Date>,
}

impl From<ShareId> for After {
    fn from(share: ShareId) -> Self {
        Self { share, day: None }
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.share.0.simple())?;
        match self.day {
            Some(day) => write!(f, ".{day}"),
            None => Ok(()),
        }
    }
}

impl FromStr for After {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let (share, day) = match text.split_once('.') {
            None => (text, None),
            Some((share, day)) => {
                let day = day.parse::<Date>();
                (share, Some(day.map_err(|_| BadId::Uuid(text.to_owned()))?))
            }
        };
        let share = share.parse()?;
        Ok(Self { share, day })
    }
}

/// A page of shares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SharePage {
    /// In order.
    pub shares: Vec<Share>,
    /// Where to go on, if there may be more.
    pub next: Option<After>,
    /// It ended before it was full, because enough had been looked at: whoever asks may go on.
    pub stopped: bool,
}

/// A page of articles.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArticlePage {
    /// In order.
    pub articles: Vec<Article>,
    /// Where to go on, if there may be more.
    pub next: Option<ShareId>,
    /// As in [`SharePage`].
    pub stopped: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let share = ShareId::new(1_763_900_000_000, [7; 10]);
        for day in [None, Some(Date::constant(2026, 11, 23)), Some(Date::MIN)] {
            let after = After { share, day };
            assert_eq!(after.to_string().parse(), Ok(after));
        }
        for bad in ["", ".", "x", "0123.2026-13-01", "2026-11-23"] {
            assert!(bad.parse::<After>().is_err(), "{bad}");
        }
    }
}
