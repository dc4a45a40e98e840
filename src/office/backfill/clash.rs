//! What may be counted already: here, or in an earlier row of the same file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;

use jiff::Span;
use jiff::civil::Date;

use super::judge::PastShare;
use crate::compose::link_key;
use crate::model::{ArticleId, ChannelId, ShareId, State};
use crate::office::imports::BadRow;
use crate::office::{Office, OfficeError};

/// The same article on the same channel within so many days is most likely the same share, told once by
/// its day and once by the day after.
const NEAR_DAYS: i64 = 2;

/// What earlier rows of the same file said, so that a file does not count twice by itself.
#[derive(Default)]
pub(in crate::office) struct Before {
    rows: HashSet<String>,
    posts: HashMap<(ChannelId, String), u64>,
    days: HashMap<(ChannelId, String), BTreeMap<Date, u64>>,
}

/// What stands against counting a row once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::office) struct Clash {
    /// The share that is known.
    pub(super) share: Option<ShareId>,
    /// Or the earlier row of the same file.
    pub(super) line: Option<u64>,
    /// Its day.
    pub(super) day: Option<Date>,
    /// Where.
    pub(super) channel: ChannelId,
    /// The very same post, not only one nearby.
    pub(super) same_post: bool,
}

impl Office {
    /// The share that is known and may be this one.
    pub(super) fn clash(&self, share: &PastShare) -> Result<Option<Clash>, OfficeError> {
        let channel = &share.channel;
        if let Some((_, Some(post))) = &share.proof
            && let Some(id) = self.store.share_posted_as(channel, post)?
        {
            let known = self.store.share(id)?;
            return Ok(Some(Clash {
                share: Some(id),
                line: None,
                day: known.and_then(|s| s.count).map(|c| c.day),
                channel: channel.clone(),
                same_post: true,
            }));
        }
        let mut articles: Vec<ArticleId> = share.article.into_iter().collect();
        if let Some(key) = share.content.link.as_deref().and_then(link_key) {
            articles = self.store.articles_with_link(&key)?;
        }
        for article in articles {
            for known in self.store.shares_of(article, Some(channel))? {
                let counted = matches!(known.state, State::Shared | State::Removed);
                let day = known.count.as_ref().map(|c| c.day).filter(|_| counted);
                if day.is_some_and(|day| around(share.day()).contains(&day)) {
                    return Ok(Some(Clash {
                        share: Some(known.id),
                        line: None,
                        day,
                        channel: channel.clone(),
                        same_post: false,
                    }));
                }
            }
        }
        Ok(None)
    }
}

impl Before {
    /// Whether this very row stood there.
    pub(super) fn has(&self, share: &PastShare) -> bool {
        self.rows.contains(&share.row)
    }

    /// Takes a share in, and tells the earlier row that may be the same.
    pub(super) fn take(&mut self, share: &PastShare) -> Option<Clash> {
        let told = |line: u64, day, same_post| Clash {
            share: None,
            line: Some(line),
            day,
            channel: share.channel.clone(),
            same_post,
        };
        self.rows.insert(share.row.clone());
        let mut clash = None;
        if let Some((_, Some(post))) = &share.proof {
            let key = (share.channel.clone(), post.clone());
            let first = *self.posts.entry(key).or_insert(share.line);
            if first != share.line {
                clash = Some(told(first, None, true));
            }
        }
        let key = (share.channel.clone(), share.article_key.clone());
        let days = self.days.entry(key).or_default();
        if let Some((day, line)) = days.range(around(share.day())).next() {
            clash = clash.or(Some(told(*line, Some(*day), false)));
        }
        days.entry(share.day()).or_insert(share.line);
        clash
    }
}

impl Clash {
    /// As a row that is left out.
    pub(in crate::office) fn as_bad(&self, line: u64) -> BadRow {
        let code = match (self.same_post, self.share.is_some()) {
            (true, true) => "clash:same-post",
            (true, false) => "clash:same-post-in-file",
            (false, true) => "clash:near",
            (false, false) => "clash:near-in-file",
        };
        let mut fields = BTreeMap::from([("channel".to_owned(), self.channel.to_string())]);
        let mut put = |name: &str, value: Option<String>| {
            fields.insert(name.to_owned(), value.unwrap_or_default());
        };
        put("share", self.share.map(|s| s.to_string()));
        put("line", self.line.map(|l| l.to_string()));
        put("day", self.day.map(|d| d.to_string()));
        BadRow {
            line,
            code: code.to_owned(),
            fields,
        }
    }
}

/// The days near one.
fn around(day: Date) -> RangeInclusive<Date> {
    let span = Span::new().days(NEAR_DAYS);
    day.saturating_sub(span)..=day.saturating_add(span)
}
