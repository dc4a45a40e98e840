//! Shares of long ago, brought in from a list: each becomes a real share, with its real day, counted as
//! back-filled, and with the file and row that it comes from beside it in the ledger.
//!
//! - One article per link (by its key), or per headline where a row has no link; one that is there already
//!   is taken.
//! - The same row changes nothing the second time, in whatever file it stands.
//! - What may be counted already (the same article on the same channel within two days, or the same post)
//!   is told and waits for a person's word; nothing is guessed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::content::{check_content, named_topic};
use super::imports::BadRow;
use super::request::{Work, hex};
use super::{Invalid, Office, OfficeError, What, permission};
use crate::compose::link_key;
use crate::config::Config;
use crate::intake::fold::folded;
use crate::intake::past::PastRow;
use crate::intake::rows::names;
use crate::model::{
    Actor, ArticleId, ChannelId, Content, Count, Event, How, MemberId, Origin, PlatformKind,
    Receipt, ShareId, State, UnitId,
};
use crate::platform::by_hand::clean_link;

/// The same article on the same channel within so many days is most likely the same share, told once by
/// its day and once by the day after.
const NEAR_DAYS: i32 = 2;
/// Nothing was shared in such places before: an earlier day is a slip of the pen.
const FIRST_YEAR: i16 = 2000;

/// The file that shares are brought in from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFile {
    /// SHA-256 of its bytes, lower-case hex.
    pub sha256: String,
    /// Its name.
    pub name: String,
}

/// What a row was judged by, and would be again: looked up once for a whole file.
pub(super) struct Known {
    config: std::sync::Arc<Config>,
    /// Every channel there is or was.
    channels: Vec<Place>,
    /// Names that a person explained, folded.
    explained: HashMap<String, ChannelId>,
    /// Id → unit.
    members: BTreeMap<MemberId, Option<UnitId>>,
    /// Folded name → id; none where two have it.
    names: HashMap<String, Option<MemberId>>,
}

struct Place {
    id: ChannelId,
    title: String,
    folded: String,
    platform: PlatformKind,
    url: Option<String>,
}

/// What earlier rows of the same file said, so that a file does not count twice by itself.
#[derive(Default)]
pub(super) struct Before {
    rows: HashMap<String, u64>,
    posts: HashMap<(ChannelId, String), u64>,
    days: HashMap<(ChannelId, String), Vec<(Date, u64)>>,
}

/// What stands against counting a row once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clash {
    /// The share that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<ShareId>,
    /// Or the earlier row of the same file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// Where.
    pub channel: ChannelId,
    /// The very same post, not only one nearby.
    pub same_post: bool,
}

/// A share that a row is, decided.
#[derive(Debug, Clone)]
pub(super) struct PastShare {
    pub(super) channel: ChannelId,
    article: Option<ArticleId>,
    article_key: String,
    content: Content,
    count: Count,
    /// The cleaned permalink, and the platform's id of the post.
    proof: Option<(String, Option<String>)>,
    who: Option<String>,
    row: String,
    line: u64,
    day_only: bool,
}

impl PastShare {
    /// The local day it is counted on.
    pub(super) fn day(&self) -> Date {
        self.count.day
    }
    /// Who it is counted for, or the name as written.
    pub(super) fn who(&self) -> Option<String> {
        let member = self.count.member.as_ref().map(ToString::to_string);
        member.or_else(|| self.who.clone())
    }
    /// Whether the name as written is no member's.
    pub(super) fn is_unknown_member(&self) -> bool {
        self.who.is_some()
    }
}

/// What becomes of a row on one of its channels.
#[derive(Debug)]
pub(super) enum Judged {
    /// A share.
    New(Box<PastShare>),
    /// It was brought in before, or is an exported share that is here.
    Known,
    /// It may be counted already.
    Clash(Box<PastShare>, Clash),
}

/// What came of some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct BackFilled {
    /// Shares that were added.
    pub(super) added: u64,
    /// Shares that were there.
    pub(super) known: u64,
    /// Rows left out since they were looked at, with the code of why.
    pub(super) left: Vec<BadRow>,
}

impl Office {
    /// What rows are judged by. `explained`: names of channels as written, with what they mean.
    pub(super) fn known_places(
        &self,
        actor: &Actor,
        explained: &BTreeMap<String, ChannelId>,
    ) -> Result<Known, OfficeError> {
        let config = self.config();
        let channels = self.store.channels()?.into_iter().map(|state| {
            let rules = config.channel(&state.id).map(|c| &c.rules);
            let title = rules.map_or(state.title, |r| r.title.clone());
            Place {
                folded: folded(&title),
                title,
                platform: rules.map_or(state.platform, |r| r.platform),
                url: rules.and_then(|r| r.url.clone()),
                id: state.id,
            }
        });
        let channels = channels.collect();
        let (mut members, mut names) = (BTreeMap::new(), HashMap::new());
        for (member, name) in self.members(actor)? {
            if let Some(name) = name.map(|n| folded(&n)).filter(|n| !n.is_empty()) {
                let id = member.id.clone();
                names
                    .entry(name)
                    .and_modify(|first| *first = None)
                    .or_insert(Some(id));
            }
            members.insert(member.id, member.unit);
        }
        let explained = explained.iter();
        Ok(Known {
            channels,
            explained: explained.map(|(k, id)| (folded(k), id.clone())).collect(),
            members,
            names,
            config,
        })
    }

    /// What becomes of a row, on each of its channels.
    pub(super) fn judge(
        &self,
        known: &Known,
        before: Option<&mut Before>,
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
        let base = PastShare {
            channel: places[0].id.clone(),
            article,
            article_key,
            content,
            count: Count {
                at,
                day: row.day,
                topic: own_topic,
                unit,
                member,
                how: How::BackFilled,
            },
            proof: None,
            who,
            row: String::new(),
            line: row.line,
            day_only: row.time.is_none(),
        };
        let mut judged = Vec::new();
        let mut before = before;
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
                proof,
                row: row_digest(row, &place.id),
                ..base.clone()
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
            if before.rows.contains_key(&share.row) {
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

    /// The share that is known and may be this one.
    fn clash(&self, share: &PastShare) -> Result<Option<Clash>, OfficeError> {
        let channel = &share.channel;
        if let Some((_, Some(post))) = &share.proof
            && let Some(id) = self.store.share_posted_as(channel, post)?
        {
            let known = self.store.share(id)?;
            return Ok(Some(Clash {
                share: Some(id),
                line: None,
                day: known.and_then(|s| s.day),
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
                if day.is_some_and(|day| near(day, share.day())) {
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

    /// Adds these rows' shares, as one line of the ledger. `chosen`: rows that a person wants counted
    /// although something like them is known. `begins`: the first rows of a run, with how many it has.
    pub(super) async fn back_fill(
        &self,
        actor: &Actor,
        known: &Known,
        file: &ListFile,
        rows: &[PastRow],
        chosen: &BTreeSet<u64>,
        begins: Option<u64>,
    ) -> Result<BackFilled, OfficeError> {
        permission::back_fill(actor)?;
        self.perform(actor, None, &(), |work| {
            let mut done = BackFilled::default();
            let mut articles: HashMap<String, ArticleId> = HashMap::new();
            for row in rows {
                let judged = match self.judge(known, None, row) {
                    Ok(judged) => judged,
                    Err(stop) if stop.is_of_the_house() => return Err(stop),
                    Err(bad) => {
                        done.left.push(BadRow::of(row.line, &bad));
                        continue;
                    }
                };
                for one in judged {
                    let share = match one {
                        Judged::Known => {
                            done.known += 1;
                            continue;
                        }
                        Judged::Clash(_, clash) if !chosen.contains(&row.line) => {
                            let bad = clash.as_bad(row.line);
                            done.left.push(bad);
                            continue;
                        }
                        Judged::New(share) | Judged::Clash(share, _) => share,
                    };
                    if done.added == 0
                        && let Some(rows) = begins
                    {
                        work.event(Event::BackfillBegun {
                            file: file.sha256.clone(),
                            name: file.name.clone(),
                            rows,
                        });
                    }
                    self.put_past(work, actor, file, *share, &mut articles)?;
                    done.added += 1;
                }
            }
            Ok(done)
        })
        .await
    }

    fn put_past(
        &self,
        work: &mut Work<'_>,
        actor: &Actor,
        file: &ListFile,
        past: PastShare,
        articles: &mut HashMap<String, ArticleId>,
    ) -> Result<(), OfficeError> {
        let there = past.article.or(articles.get(&past.article_key).copied());
        let article = match there {
            Some(id) => id,
            None => {
                let id = self.chance.article(work.now);
                let title = work.text(&past.content.title);
                let text = work.text(&past.content.text);
                work.event(Event::ArticleAdded {
                    article: id,
                    title,
                    text,
                    link: past.content.link.clone(),
                    pictures: Vec::new(),
                    topic: past.count.topic.clone(),
                    priority: 0,
                    source: format!("back-fill:{}", file.name),
                    row: Some(past.article_key.clone()),
                    member: actor.member().cloned(),
                    unit: self.unit_of(actor)?,
                });
                articles.insert(past.article_key, id);
                id
            }
        };
        let share = self.chance.share(work.now);
        let who = past.who.as_deref().map(|who| work.text(who));
        work.event(Event::ShareAdded {
            share,
            article,
            channel: past.channel,
            state: State::Shared,
            spot: None,
            at: None,
            day: None,
            key: None,
            topic: past.count.topic.clone(),
            priority: 0,
            own_text: None,
            again: false,
            receipt: past.proof.map(|(link, post)| Receipt {
                post_id: post.unwrap_or_else(|| share.to_string()),
                permalink: Some(link),
                at: past.count.at,
            }),
            count: Some(past.count),
            origin: Some(Box::new(Origin {
                file: file.sha256.clone(),
                name: file.name.clone(),
                line: past.line,
                row: past.row,
                who,
                day_only: past.day_only,
            })),
        });
        Ok(())
    }
}

impl Known {
    /// The channels that a cell names: one whose title is all of it, else several with `,` or `;` between.
    fn places(&self, cell: &str) -> Result<Vec<&Place>, OfficeError> {
        if let Some(place) = self.place(cell) {
            return Ok(vec![place]);
        }
        let mut places: Vec<&Place> = Vec::new();
        for name in names(cell) {
            let place = self.place(&name).ok_or_else(|| {
                let ids = self.channels.iter().map(|c| c.id.as_str());
                let titles = self.channels.iter().map(|c| c.title.as_str());
                OfficeError::unknown(What::Channel, &name, ids.chain(titles))
            })?;
            if !places.iter().any(|p| p.id == place.id) {
                places.push(place);
            }
        }
        if places.is_empty() {
            return Err(OfficeError::invalid("channels", Invalid::NoChannel));
        }
        Ok(places)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        let plain = folded(name);
        if let Some(id) = self.explained.get(&plain) {
            return self.channels.iter().find(|c| c.id == *id);
        }
        if let Some(place) = self.channels.iter().find(|c| c.id.as_str() == name) {
            return Some(place);
        }
        let mut titled = self.channels.iter().filter(|c| c.folded == plain);
        // A title that two have names neither.
        titled.next().filter(|_| titled.next().is_none())
    }

    /// Whose share it counts as, her unit, and the name as written where it is nobody's.
    fn who(&self, written: Option<&str>) -> (Option<MemberId>, Option<UnitId>, Option<String>) {
        let Some(written) = written else {
            return (None, None, None);
        };
        let by_id = MemberId::new(written)
            .ok()
            .filter(|id| self.members.contains_key(id));
        let member = by_id.or_else(|| self.names.get(&folded(written)).cloned().flatten());
        match member {
            Some(id) => {
                let unit = self.members.get(&id).cloned().flatten();
                (Some(id), unit, None)
            }
            None => (None, None, Some(written.to_owned())),
        }
    }
}

impl Before {
    /// Takes a share in, and tells the earlier row that may be the same.
    fn take(&mut self, share: &PastShare) -> Option<Clash> {
        let told = |line: u64, day, same_post| Clash {
            share: None,
            line: Some(line),
            day,
            channel: share.channel.clone(),
            same_post,
        };
        self.rows.insert(share.row.clone(), share.line);
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
        if let Some((day, line)) = days.iter().find(|(day, _)| near(*day, share.day())) {
            clash = clash.or(Some(told(*line, Some(*day), false)));
        }
        days.push((share.day(), share.line));
        clash
    }
}

impl Clash {
    /// As a row that is left out.
    pub(super) fn as_bad(&self, line: u64) -> BadRow {
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

fn near(a: Date, b: Date) -> bool {
    a.until(b)
        .is_ok_and(|span| span.get_days().abs() <= NEAR_DAYS)
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
