//! Entries of a feed → articles, each once for ever.
//!
//! What became of an entry stands in the ledger: taken (with its article), or passed over (with why).
//! So a rebuilt index takes nothing twice, and a filter that is changed later fetches nothing up. Only
//! what waits for another day's share stands nowhere; it is found again in the feed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::articles::{Edit, NewArticle, edited};
use super::super::request::{Done, Work};
use super::super::{Invalid, Office, OfficeError, Refusal, local_day};
use crate::compose::fill_template;
use crate::config::{Config, ConfiguredFeed};
use crate::intake::feed::Entry;
use crate::intake::feed::filter::Wanted;
use crate::intake::feed::identity::{self, Names};
use crate::model::article::MAX_TEXT_CHARS;
use crate::model::{
    Actor, Article, ArticleId, Cause, ChannelId, Event, Picture, Share, State, Why,
};
use crate::store::{FeedEntry, FeedState};

/// Entries in one line of the ledger: some 100 bytes each.
const PASSED_TOGETHER: usize = 100;

/// Pictures of an entry that are tried, until one can be had.
const MOST_TRIED: usize = 2;

/// What a look took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// Articles that were added.
    pub added: Vec<ArticleId>,
    /// Articles that say something new.
    pub edited: Vec<ArticleId>,
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

impl Office {
    /// Takes what is new among the entries.
    pub(super) async fn take_in(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        entries: &[Entry],
    ) -> Result<Taken, OfficeError> {
        let state = self.seen(feed).await?;
        let mut taken = Taken::default();
        let mut fresh: Vec<New<'_>> = Vec::new();
        for (entry, names) in entries.iter().zip(identity::names(entries)) {
            match self.known(feed, &names)? {
                Some((known, all_known)) => {
                    self.again(config, feed, entry, &names, &known, all_known, &mut taken)
                        .await?;
                }
                // The same twice in one document is one.
                None if fresh
                    .iter()
                    .any(|n| n.names.iter().any(|x| names.contains(x))) => {}
                None => fresh.push(New { entry, names }),
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
        let mut room = self.room(config, feed, &state);
        for new in wanted {
            if room == 0 {
                taken.waiting += 1;
                continue;
            }
            match self.take_one(config, feed, &new).await? {
                Some(article) => {
                    room = room.saturating_sub(1);
                    taken.added.push(article);
                }
                None => taken.passed_over += 1,
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

    /// What became of an entry, and whether it is known under all of its names.
    fn known(
        &self,
        feed: &ConfiguredFeed,
        names: &Names,
    ) -> Result<Option<(FeedEntry, bool)>, OfficeError> {
        let mut found: Option<FeedEntry> = None;
        let mut all = true;
        for name in names {
            match (self.store.feed_entry(&feed.id, name)?, &found) {
                (Some(entry), None) => found = Some(entry),
                (Some(_), Some(_)) => {}
                (None, _) => all = false,
            }
        }
        Ok(found.map(|entry| (entry, all)))
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
    fn room(&self, config: &Config, feed: &ConfiguredFeed, state: &FeedState) -> u32 {
        let today = local_day(config, self.clock.now());
        let used = state.last_day.filter(|(day, _)| *day == today);
        let used = used.map_or(0, |(_, n)| n);
        feed.max_per_day
            .map_or(u32::MAX, |most| most.saturating_sub(used))
    }

    /// The article and its shares, in one line with what is known of the entry. Nothing where no
    /// channel takes it: then it is passed over.
    async fn take_one(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        new: &New<'_>,
    ) -> Result<Option<ArticleId>, OfficeError> {
        let mut article = article(config, feed, new.entry);
        article.pictures = self.picture_of(feed, new.entry).await;
        let places = self.channels_for(config, article.topic.as_ref(), &article.channels)?;
        let mut left: Vec<ChannelId> = places.iter().map(|c| c.rules.id.clone()).collect();
        let content = identity::content(new.entry);
        let day = local_day(config, self.clock.now());
        loop {
            if left.is_empty() {
                self.pass_over(feed, "nowhere", vec![new.names.clone()])
                    .await?;
                return Ok(None);
            }
            let here = NewArticle {
                channels: left.iter().map(ToString::to_string).collect(),
                ..article.clone()
            };
            let done = self
                .perform(&Actor::Daemon, None, &(), |work| {
                    // Somebody else looked at the feed at the same time.
                    if self.known(feed, &new.names)?.is_some() {
                        return Ok(Done::default());
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
                    Ok(done)
                })
                .await;
            // A channel that had this lately, or can say nothing of it, is left out; the others go on.
            let out = match done {
                Ok(done) => return Ok(done.article),
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
                    return Ok(None);
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

    /// The entry's main picture, kept. An article without its picture is better than none.
    async fn picture_of(&self, feed: &ConfiguredFeed, entry: &Entry) -> Vec<Picture> {
        for address in entry.pictures.iter().take(MOST_TRIED) {
            match self.picture_from(&Actor::Daemon, address).await {
                Ok(hash) => {
                    let alt = entry.title.clone();
                    return vec![Picture { hash, alt }];
                }
                Err(error) => tracing::info!(feed = %feed.id, %error, "a picture is left out"),
            }
        }
        Vec::new()
    }

    /// An entry that is known: its further names are learned, and what it says anew goes into its
    /// article while nothing of that is out and nobody else changed it.
    #[allow(clippy::too_many_arguments, reason = "one step of the loop above")]
    async fn again(
        &self,
        config: &Config,
        feed: &ConfiguredFeed,
        entry: &Entry,
        names: &Names,
        known: &FeedEntry,
        all_known: bool,
        taken: &mut Taken,
    ) -> Result<(), OfficeError> {
        let content = identity::content(entry);
        let learned = |version: u32, content: String| Event::FeedLearned {
            feed: feed.id.clone(),
            article: known.article,
            names: names.clone(),
            content,
            version,
        };
        let changed = known.article.filter(|_| known.content != content);
        if let Some(id) = changed
            && let Some(before) = self.store.article(id)?
            && before.version == known.version
            && is_unsent(&self.store.shares_of(id, None)?)
        {
            let after = edited(config, &before, &edit(config, feed, entry));
            let Ok(after) = after else { return Ok(()) };
            let done = self
                .perform(&Actor::Daemon, None, &(), |work| {
                    let mut done = Done::default();
                    if after != before {
                        self.put_edit(work, config, &before, &after, &mut done)?;
                        self.unapprove_all(work, config, feed, &before)?;
                    }
                    work.event(learned(after.version, content.clone()));
                    Ok(done)
                })
                .await;
            match done {
                Ok(_) => {}
                // Somebody changed it at this moment: it is hers, or looked at again the next time.
                Err(OfficeError::Stale | OfficeError::Busy) => return Ok(()),
                Err(other) => return Err(other),
            }
            if after != before {
                taken.edited.push(id);
            }
        } else if !all_known {
            let (version, content) = (known.version, known.content.clone());
            self.perform(&Actor::Daemon, None, &(), |work| {
                work.event(learned(version, content.clone()));
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// Where the feed, not the channel, asks for approval, a change goes back to it too.
    fn unapprove_all(
        &self,
        work: &mut Work<'_>,
        config: &Config,
        feed: &ConfiguredFeed,
        article: &Article,
    ) -> Result<(), OfficeError> {
        if !feed.approval_required {
            return Ok(());
        }
        for share in self.store.shares_of(article.id, None)? {
            let channel = config.channel(&share.channel);
            let by_channel = channel.is_some_and(|c| c.rules.approval_required);
            if matches!(share.state, State::Waiting | State::Planned) && !by_channel {
                work.event(Event::ShareUnapproved {
                    share: share.id,
                    why: Why::new(Cause::Edited),
                });
            }
        }
        Ok(())
    }
}

/// Whether nothing is out, on the wire or in a person's hands, and something still may go.
fn is_unsent(shares: &[Share]) -> bool {
    use State::{Draft, Failed, Missed, Planned, Submitted, Waiting};
    let open = |s: &Share| {
        matches!(
            s.state,
            Draft | Submitted | Waiting | Planned | Failed | Missed
        )
    };
    let never = |s: &Share| open(s) || s.state == State::Cancelled;
    shares.iter().all(never) && shares.iter().any(open)
}

/// What an entry becomes.
fn article(config: &Config, feed: &ConfiguredFeed, entry: &Entry) -> NewArticle {
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

fn edit(config: &Config, feed: &ConfiguredFeed, entry: &Entry) -> Edit {
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
