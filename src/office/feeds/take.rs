//! Entries of a feed → articles, each once for ever.
//!
//! What became of an entry stands in the ledger: taken (with its article), or passed over (with why).
//! So a rebuilt index takes nothing twice, and a filter that is changed later fetches nothing up. Only
//! what waits for another day's share stands nowhere; it is found again in the feed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use super::super::articles::NewArticle;
use super::super::{Invalid, Office, OfficeError, Refusal, local_day};
use super::again::{Again, Budget};
use super::article::article;
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::Entry;
use crate::intake::feed::filter::Wanted;
use crate::intake::feed::identity::{self, Names};
use crate::model::{Actor, ArticleId, ChannelId, Event};
use crate::store::{FeedEntry, FeedState};

/// Entries in one line of the ledger: some 100 bytes each.
const PASSED_TOGETHER: usize = 100;

/// What a look took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Articles that were added.
    pub added: Vec<ArticleId>,
    /// Articles that say something new.
    pub edited: Vec<ArticleId>,
    /// Articles that are out, whose entries say something else since.
    pub late: Vec<ArticleId>,
    /// Entries that were passed over for good.
    pub passed_over: u32,
    /// Entries that wait for another day's share.
    pub waiting: u32,
}

/// An entry with its names.
struct New<'a> {
    entry: &'a Entry,
    names: Names,
}

/// What became of a new entry.
enum Became {
    Article(ArticleId),
    /// No channel takes it, or somebody else took it at this moment.
    Nothing,
    /// The day's share is used up.
    Waiting,
}

impl Office {
    /// Takes what is new among the entries. `budget`: what may be written about those that are known.
    pub(super) async fn take_in(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        entries: &[Entry],
        budget: &mut Budget,
    ) -> Result<Taken, OfficeError> {
        let state = self.seen(feed).await?;
        let mut taken = Taken::default();
        let mut fresh: Vec<New<'_>> = Vec::new();
        let mut fresh_names: HashSet<String> = HashSet::new();
        let moments = identity::by_title_and_time(entries);
        for ((entry, mut names), moment) in
            entries.iter().zip(identity::names(entries)).zip(moments)
        {
            let mut known = self.known(feed, &names)?;
            if let Some(moment) = moment {
                // The whole site has moved: known by nothing else, and to be learned under all it has now.
                if known.is_none() {
                    let by_moment = self.known(feed, &vec![moment.clone()])?;
                    known = by_moment.map(|(entry, _)| (entry, false));
                }
                names.push(moment);
            }
            if let Some((known, all_known)) = known {
                let again = Again {
                    entry,
                    names: &names,
                    known: &known,
                    all_known,
                };
                self.again(config, feed, again, budget, &mut taken).await?;
                continue;
            }
            // The same twice in one document is one.
            if !names.iter().any(|name| fresh_names.contains(name)) {
                fresh_names.extend(names.iter().cloned());
                fresh.push(New { entry, names });
            }
        }
        let (mut wanted, passed) = self.sorted_out(feed, &state, fresh);
        for (why, names) in passed {
            taken.passed_over += u32::try_from(names.len()).unwrap_or(u32::MAX);
            self.pass_over(feed, why, names).await?;
        }
        // As they were published, so that the queue tells them in that order; without dates a feed
        // tells the newest first.
        wanted.reverse();
        wanted.sort_by_key(|new| new.entry.published);
        let mut full = self.room(config, feed)? == 0;
        for new in wanted {
            let became = match full {
                true => Became::Waiting,
                false => self.take_one(config, feed, &new).await?,
            };
            match became {
                Became::Article(article) => taken.added.push(article),
                Became::Nothing => taken.passed_over += 1,
                Became::Waiting => {
                    full = true;
                    taken.waiting += 1;
                }
            }
        }
        if !state.begun {
            self.begun(feed).await?;
        }
        Ok(taken)
    }

    /// Tells the ledger of the feed, if it is not as it was last told.
    async fn seen(&self, feed: &ConfiguredFeed) -> Result<FeedState, OfficeError> {
        let known = self.store.feed(&feed.id)?;
        let same = |k: &FeedState| !k.gone && k.title == feed.title && k.url == feed.url;
        if let Some(known) = known.filter(same) {
            return Ok(known);
        }
        self.perform(&Actor::Daemon, None, &(), |work| {
            work.event(Event::FeedSeen {
                feed: feed.id.clone(),
                title: feed.title.clone(),
                url: feed.url.clone(),
            });
            Ok(())
        })
        .await?;
        let known = self.store.feed(&feed.id)?;
        known.ok_or_else(|| OfficeError::Stopped(format!("feed {} is not kept", feed.id)))
    }

    async fn begun(&self, feed: &ConfiguredFeed) -> Result<(), OfficeError> {
        self.perform(&Actor::Daemon, None, &(), |work| {
            let feed = feed.id.clone();
            work.event(Event::FeedBegun { feed });
            Ok(())
        })
        .await
    }

    /// What became of an entry, and whether that is known under all of its names: by the surest name
    /// that is known, as it was learned last. Another of them may have been left out when its article
    /// changed: a feed that comes from two machines has two ids in turn.
    fn known(
        &self,
        feed: &ConfiguredFeed,
        names: &Names,
    ) -> Result<Option<(FeedEntry, bool)>, OfficeError> {
        let mut found: Vec<FeedEntry> = Vec::new();
        for name in names {
            found.extend(self.store.feed_entry(&feed.id, name)?);
        }
        let all = found.len() == names.len();
        let Some(article) = found.first().map(|entry| entry.article) else {
            return Ok(None);
        };
        found.retain(|entry| entry.article == article);
        let latest = found.iter().max_by_key(|entry| entry.version).cloned();
        Ok(latest.map(|latest| {
            let all = all && found.iter().all(|entry| *entry == latest);
            (latest, all)
        }))
    }

    /// Those to take, and those to pass over, by why.
    fn sorted_out<'a>(
        &self,
        feed: &ConfiguredFeed,
        state: &FeedState,
        fresh: Vec<New<'a>>,
    ) -> (Vec<New<'a>>, BTreeMap<&'static str, Vec<Names>>) {
        let now = self.clock.now();
        let wanted = Wanted {
            words: feed.words.clone(),
            without: feed.without.clone(),
            categories: feed.categories.clone(),
            max_age: Some(feed.max_age),
        };
        let mut passed: BTreeMap<&'static str, Vec<Names>> = BTreeMap::new();
        let mut take = Vec::new();
        for new in fresh {
            match wanted.look(new.entry, now) {
                Ok(()) => take.push(new),
                Err(why) => passed.entry(why.as_str()).or_default().push(new.names),
            }
        }
        if !state.begun {
            // The newest of what was there before; without dates those that stand first.
            let first = usize::try_from(feed.first).unwrap_or(usize::MAX);
            take.sort_by_key(|new| Reverse(new.entry.published));
            let archive = take.split_off(first.min(take.len()));
            let archive: Vec<Names> = archive.into_iter().map(|new| new.names).collect();
            if !archive.is_empty() {
                passed.entry("archive").or_default().extend(archive);
            }
        }
        (take, passed)
    }

    async fn pass_over(
        &self,
        feed: &ConfiguredFeed,
        why: &'static str,
        names: Vec<Names>,
    ) -> Result<(), OfficeError> {
        for entries in names.chunks(PASSED_TOGETHER) {
            self.perform(&Actor::Daemon, None, &(), |work| {
                work.event(Event::FeedPassedOver {
                    feed: feed.id.clone(),
                    entries: entries.to_vec(),
                    why: why.to_owned(),
                });
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// How many more today.
    fn room(&self, config: &Config, feed: &ConfiguredFeed) -> Result<u32, OfficeError> {
        let Some(most) = feed.max_per_day else {
            return Ok(u32::MAX);
        };
        let today = local_day(config, self.clock.now());
        let last = self.store.feed(&feed.id)?.and_then(|f| f.last_day);
        let used = last.filter(|(day, _)| *day == today).map_or(0, |(_, n)| n);
        Ok(most.saturating_sub(used))
    }

    /// The article and its shares, in one line with what is known of the entry. Nothing where no
    /// channel takes it: then it is passed over.
    async fn take_one(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        new: &New<'_>,
    ) -> Result<Became, OfficeError> {
        let mut article = article(config, feed, new.entry);
        let found = self.found_with(feed, new.entry).await?;
        article.pictures = found.pictures;
        article.canonical = found.canonical;
        let places = self.channels_for(config, article.topic.as_ref(), &article.channels)?;
        let mut left: Vec<ChannelId> = places.iter().map(|c| c.rules.id.clone()).collect();
        let content = identity::content(new.entry);
        let day = local_day(config, self.clock.now());
        loop {
            if left.is_empty() {
                self.pass_over(feed, "nowhere", vec![new.names.clone()])
                    .await?;
                return Ok(Became::Nothing);
            }
            let here = NewArticle {
                channels: left.iter().map(ToString::to_string).collect(),
                ..article.clone()
            };
            let done = self
                .perform(&Actor::Daemon, None, &(), |work| {
                    // Somebody else looked at the feed at the same time.
                    if self.known(feed, &new.names)?.is_some() {
                        return Ok(None);
                    }
                    if self.room(config, feed)? == 0 {
                        return Ok(Some(None));
                    }
                    let done = self.put_article(work, &Actor::Daemon, &here, None)?;
                    if let Some(article) = done.article {
                        work.event(Event::FeedTook {
                            feed: feed.id.clone(),
                            article,
                            names: new.names.clone(),
                            content: content.clone(),
                            day,
                        });
                    }
                    Ok(Some(done.article))
                })
                .await;
            // A channel that had this lately, or can say nothing of it, is left out; the others go on.
            let out = match done {
                Ok(Some(Some(article))) => return Ok(Became::Article(article)),
                Ok(Some(None)) => return Ok(Became::Waiting),
                Ok(None) => return Ok(Became::Nothing),
                Err(OfficeError::Refused(Refusal::Repeat { channel, .. })) => channel,
                Err(OfficeError::Invalid {
                    what:
                        Invalid::Unpostable { channel, .. } | Invalid::TopicNotTaken { channel, .. },
                    ..
                }) => channel,
                // A picture that a channel cannot take holds up no news.
                Err(OfficeError::Invalid {
                    what: Invalid::PictureUnfit { .. },
                    ..
                }) if !article.pictures.is_empty() => {
                    article.pictures.clear();
                    continue;
                }
                Err(OfficeError::Invalid { field, what }) => {
                    tracing::info!(feed = %feed.id, field, %what, "an entry is no article");
                    self.pass_over(feed, "unusable", vec![new.names.clone()])
                        .await?;
                    return Ok(Became::Nothing);
                }
                Err(other) => return Err(other),
            };
            tracing::info!(feed = %feed.id, channel = %out, "a channel is left out");
            let before = left.len();
            left.retain(|id| *id != out);
            if left.len() == before {
                left.clear();
            }
        }
    }
}
