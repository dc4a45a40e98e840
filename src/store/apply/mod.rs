//! What a commit does to the state: pure. It reads no clock, no configuration and no file, and leaves
//! nothing to chance, so that a replay of the ledger anywhere gives the same shares and counts
//! (RULES 7). Every store applies commits with this and nothing else.

mod answers;
mod feed;
mod postings;
mod rows;
mod share;
mod tally;
mod trial;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use answers::ANSWERS_KEPT;
pub use postings::{
    BITS, ENTERED_TOGETHER, Facet, Posting, TOGETHER, member_of, offsets, place_of, topic_of,
};
pub use rows::{
    ADDED_TOGETHER, AnsweredRow, ArticleRow, ChannelRow, Fail, HOWS, Key, KeyMap, OfficeRow,
    Period, Row, Rows, ShareRow, Slice, Tally, Told, TopicRow, holds,
};
pub use tally::{counted, used_day};
pub use trial::try_apply;

use super::{Answered, ChannelState, MissedFirings, Pause, Refused, ScheduleState};
use crate::model::share::Cause;
use crate::model::{Article, ArticleId, Commit, Content, Event, Member, TextId, TopicId, Why};

/// Makes all events of a commit true, in order. After an error `rows` may hold a part of it: call it
/// through [`try_apply`].
///
/// # Errors
/// [`Fail::Refused`] where the state does not take the commit, [`Fail::Damaged`] where a row cannot be read.
pub(crate) fn apply(rows: &mut impl Rows, commit: &Commit) -> Result<(), Fail> {
    // A request that is sent again is told its first answer, whatever else stands in its way by now.
    for event in &commit.events {
        if let Event::RequestAnswered { key, .. } = event
            && let Some(first) = rows::request(rows, &commit.by, key)?
            && commit.at.duration_since(first.at) < ANSWERS_KEPT
        {
            return Err(Refused::Answered(Box::new((*first).clone())).into());
        }
    }
    for event in &commit.events {
        happen(rows, commit, event)?;
    }
    edit_office(rows, |office| office.last_commit = Some(commit.at))
}

fn happen(rows: &mut impl Rows, commit: &Commit, event: &Event) -> Result<(), Fail> {
    use Event as E;
    match event {
        E::ChannelSeen { .. }
        | E::ChannelGone { .. }
        | E::ChannelRetargeted { .. }
        | E::Paused { .. }
        | E::Resumed { .. } => channel(rows, commit, event),
        E::TopicSeen { topic, title } => {
            let row = TopicRow {
                title: title.clone(),
                gone: false,
            };
            rows.put(Key::Topic(topic.clone()), Some(Row::Topic(Arc::new(row))));
            Ok(())
        }
        E::TopicGone { topic } => {
            let row = rows::topic(rows, topic)?.ok_or_else(|| unknown("topic", topic))?;
            let row = TopicRow {
                gone: true,
                ..(*row).clone()
            };
            rows.put(Key::Topic(topic.clone()), Some(Row::Topic(Arc::new(row))));
            Ok(())
        }
        E::MemberSet {
            member,
            roles,
            unit,
        } => {
            let row = Member {
                id: member.clone(),
                roles: roles.clone(),
                unit: unit.clone(),
                retired: false,
            };
            rows.put(
                Key::Member(member.clone()),
                Some(Row::Member(Arc::new(row))),
            );
            Ok(())
        }
        E::MemberRetired { member } => {
            let row = rows::member(rows, member)?.ok_or_else(|| unknown("member", member))?;
            let row = Member {
                retired: true,
                ..(*row).clone()
            };
            rows.put(
                Key::Member(member.clone()),
                Some(Row::Member(Arc::new(row))),
            );
            Ok(())
        }
        E::ScheduleSeen { .. }
        | E::ScheduleGone { .. }
        | E::FiringFired { .. }
        | E::FiringSkipped { .. }
        | E::FiringAsked { .. } => firing(rows, event),
        E::FeedSeen { .. }
        | E::FeedGone { .. }
        | E::FeedBegun { .. }
        | E::FeedTook { .. }
        | E::FeedPassedOver { .. }
        | E::FeedLearned { .. } => feed::happen(rows, event),
        E::ArticleAdded { .. } | E::ArticleEdited { .. } => article(rows, commit, event),
        E::ArticleCanonical { article, link } => edit_article(rows, *article, |article| {
            article.canonical = Some(link.clone());
        }),
        E::ArticleEvergreen { article, rule } => edit_article(rows, *article, |article| {
            article.evergreen.clone_from(rule);
        }),
        E::Tick { until } => {
            edit_office(rows, |office| {
                office.ticked = office.ticked.max(Some(*until))
            })?;
            answers::let_go(rows, commit.at, answers::AT_A_TICK)
        }
        E::RequestAnswered {
            key,
            digest,
            answer,
        } => {
            let row = Answered {
                digest: digest.clone(),
                answer: answer.clone(),
                at: commit.at,
            };
            answers::keep(rows, &commit.by, key, row)
        }
        // They stand in the ledger as evidence; the state is the same.
        E::ClockTrusted
        | E::ConfigChanged { .. }
        | E::BackfillBegun { .. }
        | E::LedgerTorn { .. }
        | E::ShareCameRound { .. } => Ok(()),
        E::LedgerRecovered { why, .. } => edit_office(rows, |office| {
            office.paused = Some(Pause {
                why: Why::with(Cause::Paused, why.clone()),
                since: commit.at,
                by: commit.by.clone(),
                until: None,
            });
        }),
        E::Erased { texts, .. } => erase(rows, &texts.iter().copied().collect()),
        E::ShareAdded { .. } => share::add(rows, commit, event),
        _ => share::step(rows, commit, event),
    }
}

fn channel(rows: &mut impl Rows, commit: &Commit, event: &Event) -> Result<(), Fail> {
    let pause = |why: &Why, until| Pause {
        why: why.clone(),
        since: commit.at,
        by: commit.by.clone(),
        until,
    };
    let (id, known) = match event {
        Event::Paused {
            channel: None,
            why,
            until,
        } => {
            let pause = pause(why, *until);
            return edit_office(rows, |office| office.paused = Some(pause));
        }
        Event::Resumed { channel: None } => {
            return edit_office(rows, |office| office.paused = None);
        }
        Event::ChannelSeen { channel, .. }
        | Event::ChannelGone { channel }
        | Event::ChannelRetargeted { channel, .. }
        | Event::Paused {
            channel: Some(channel),
            ..
        }
        | Event::Resumed {
            channel: Some(channel),
        } => (channel, rows::channel(rows, channel)?),
        _ => return Err(nonsense(format!("{} is about no channel", event.kind()))),
    };
    let mut row = match (known, event) {
        (Some(row), _) => (*row).clone(),
        (
            None,
            Event::ChannelSeen {
                title,
                platform,
                mode,
                ..
            },
        ) => {
            let mut number = 0;
            edit_office(rows, |office| {
                number = office.channels;
                office.channels += 1;
            })?;
            ChannelRow {
                state: ChannelState {
                    id: id.clone(),
                    title: title.clone(),
                    platform: *platform,
                    mode: *mode,
                    gone: false,
                    paused: None,
                    last_start: None,
                    target: None,
                    waiting: 0,
                },
                number,
                first: 0,
                last: 0,
            }
        }
        (None, _) => return Err(unknown("channel", id)),
    };
    let state = &mut row.state;
    match event {
        Event::ChannelSeen {
            title,
            platform,
            mode,
            ..
        } => {
            state.title.clone_from(title);
            state.platform = *platform;
            state.mode = *mode;
            state.gone = false;
        }
        Event::ChannelGone { .. } => state.gone = true,
        Event::ChannelRetargeted { target, .. } => state.target = Some(target.clone()),
        Event::Paused { why, until, .. } => state.paused = Some(pause(why, *until)),
        _ => state.paused = None,
    }
    rows.put(Key::Channel(id.clone()), Some(Row::Channel(Arc::new(row))));
    Ok(())
}

fn firing(rows: &mut impl Rows, event: &Event) -> Result<(), Fail> {
    let put = |rows: &mut dyn Rows, row: ScheduleState| {
        let key = Key::Schedule(row.id.clone());
        rows.put(key, Some(Row::Schedule(Arc::new(row))));
    };
    if let Event::ScheduleSeen {
        schedule,
        cron,
        zone,
        known_since,
    } = event
    {
        let last = rows::schedule(rows, schedule)?.and_then(|row| row.last);
        put(
            rows,
            ScheduleState {
                id: schedule.clone(),
                cron: cron.clone(),
                zone: zone.clone(),
                known_since: *known_since,
                last,
                gone: false,
                asked: None,
            },
        );
        return Ok(());
    }
    let (Event::ScheduleGone { schedule }
    | Event::FiringFired { schedule, .. }
    | Event::FiringSkipped { schedule, .. }
    | Event::FiringAsked { schedule, .. }) = event
    else {
        return Err(nonsense(format!("{} is no firing", event.kind())));
    };
    let mut row = match rows::schedule(rows, schedule)? {
        Some(row) => (*row).clone(),
        None => return Err(unknown("schedule", schedule)),
    };
    let (instant, asked) = match event {
        Event::FiringFired { instant, .. } | Event::FiringSkipped { instant, .. } => {
            (*instant, None)
        }
        Event::FiringAsked {
            since,
            instant,
            count,
            ..
        } => {
            let asked = MissedFirings {
                since: *since,
                instant: *instant,
                count: *count,
            };
            (*instant, Some(asked))
        }
        _ => {
            row.gone = true;
            row.asked = None;
            put(rows, row);
            return Ok(());
        }
    };
    let key = Key::Fired(schedule.clone(), instant);
    if rows.get(&key)?.is_some() {
        return Err(Refused::AlreadyFired(schedule.clone()).into());
    }
    row.last = row.last.max(Some(instant));
    match asked {
        Some(asked) => row.asked = Some(asked),
        None => {
            rows.put(key, Some(Row::Fired));
            // What a person was asked about is decided by firing or skipping just that, or a later one.
            row.asked = row.asked.filter(|asked| asked.instant > instant);
        }
    }
    put(rows, row);
    Ok(())
}

fn article(rows: &mut impl Rows, commit: &Commit, event: &Event) -> Result<(), Fail> {
    match event {
        Event::ArticleAdded {
            article,
            title,
            text,
            link,
            pictures,
            topic,
            priority,
            source,
            row,
            member,
            unit,
        } => {
            if rows.get(&Key::Article(*article))?.is_some() {
                return Err(nonsense(format!("article {article} is there already")));
            }
            if let Some(row) = row {
                imported(rows, row, *article)?;
            }
            known_topic(rows, topic.as_ref())?;
            let mut number = 0;
            edit_office(rows, |office| {
                office.articles += 1;
                number = office.articles;
            })?;
            // Numbers count from 1, stretches from 0.
            let block = (number - 1) / ADDED_TOGETHER;
            let mut added = rows::added(rows, block)?
                .map(|row| (*row).clone())
                .unwrap_or_default();
            added.push(*article);
            rows.put(Key::Added(block), Some(Row::Added(Arc::new(added))));
            let new = ArticleRow {
                article: Article {
                    id: *article,
                    content: Content {
                        title: text_of(commit, *title, None)?,
                        text: text_of(commit, *text, None)?,
                        link: link.clone(),
                        pictures: pictures.clone(),
                    },
                    version: 1,
                    topic: topic.clone(),
                    priority: *priority,
                    source: source.clone(),
                    by: commit.by.clone(),
                    member: member.clone(),
                    unit: unit.clone(),
                    added: commit.at,
                    canonical: None,
                    evergreen: None,
                },
                number,
                title: *title,
                text: *text,
                shares: Vec::new(),
            };
            rows.put(Key::Article(*article), Some(Row::Article(Arc::new(new))));
            Ok(())
        }
        Event::ArticleEdited {
            article,
            version,
            title,
            text,
            link,
            pictures,
            topic,
            priority,
        } => {
            let Some(row) = rows::article(rows, *article)? else {
                return Err(unknown("article", article));
            };
            let before = row.clone();
            let mut row = (*row).clone();
            // Whether the contents really differ is not asked: an erased text would look the same.
            if *version != row.article.version
                && Some(*version) != row.article.version.checked_add(1)
            {
                return Err(Refused::Stale(*article).into());
            }
            known_topic(rows, topic.as_ref())?;
            let content = &mut row.article.content;
            content.title = text_of(commit, *title, Some((row.title, &content.title)))?;
            content.text = text_of(commit, *text, Some((row.text, &content.text)))?;
            if content.link != *link {
                content.link.clone_from(link);
                row.article.canonical = None;
            }
            let content = &mut row.article.content;
            content.pictures.clone_from(pictures);
            row.title = *title;
            row.text = *text;
            row.article.version = *version;
            row.article.topic.clone_from(topic);
            row.article.priority = *priority;
            postings::change_words(rows, &before, &row)?;
            rows.put(Key::Article(*article), Some(Row::Article(Arc::new(row))));
            Ok(())
        }
        _ => Err(nonsense(format!("{} is about no article", event.kind()))),
    }
}

fn edit_article(
    rows: &mut impl Rows,
    id: ArticleId,
    edit: impl FnOnce(&mut Article),
) -> Result<(), Fail> {
    let row = rows::article(rows, id)?.ok_or_else(|| unknown("article", &id))?;
    let mut row = (*row).clone();
    edit(&mut row.article);
    rows.put(Key::Article(id), Some(Row::Article(Arc::new(row))));
    Ok(())
}

/// A row of a list became, or belongs to, this article; it does so once.
fn imported(rows: &mut impl Rows, row: &str, article: ArticleId) -> Result<(), Fail> {
    let key = Key::Imported(row.into());
    if let Some(Row::Imported(first)) = rows.get(&key)? {
        return Err(Refused::RowKnown(first).into());
    }
    rows.put(key, Some(Row::Imported(article)));
    Ok(())
}

/// Empties texts wherever they stand, as a replay of a ledger that holds them no longer does.
fn erase(rows: &mut impl Rows, texts: &BTreeSet<TextId>) -> Result<(), Fail> {
    for key in rows.holding(texts)? {
        let row = match rows.get(&key)? {
            Some(Row::Article(before)) => {
                let mut row = (*before).clone();
                row.article.evergreen = None;
                if texts.contains(&row.title) {
                    row.article.content.title.clear();
                }
                if texts.contains(&row.text) {
                    row.article.content.text.clear();
                }
                postings::change_words(rows, &before, &row)?;
                Row::Article(Arc::new(row))
            }
            Some(Row::Share(row)) => {
                let mut row = (*row).clone();
                if row.own_text.is_some_and(|t| texts.contains(&t)) {
                    row.share.own_text = Some(String::new());
                }
                if row.post.is_some_and(|t| texts.contains(&t)) {
                    row.share.post = None;
                }
                Row::Share(Arc::new(row))
            }
            _ => continue,
        };
        rows.put(key, Some(row));
    }
    Ok(())
}

/// The text an event names: in its commit, or the one that stood there before. Empty where erased.
fn text_of(commit: &Commit, id: TextId, before: Option<(TextId, &str)>) -> Result<String, Fail> {
    match (commit.texts.get(&id), before) {
        (Some(text), _) => Ok(text.clone().unwrap_or_default()),
        (None, Some((same, text))) if same == id => Ok(text.to_owned()),
        _ => Err(nonsense(format!("text {id} does not stand in its commit"))),
    }
}

fn known_topic(rows: &mut impl Rows, topic: Option<&TopicId>) -> Result<(), Fail> {
    match topic {
        Some(id) if rows::topic(rows, id)?.is_none() => Err(unknown("topic", id)),
        _ => Ok(()),
    }
}

fn edit_office(rows: &mut impl Rows, edit: impl FnOnce(&mut OfficeRow)) -> Result<(), Fail> {
    let mut row = rows::office(rows)?
        .map(|row| (*row).clone())
        .unwrap_or_default();
    edit(&mut row);
    rows.put(Key::Office, Some(Row::Office(Arc::new(row))));
    Ok(())
}

fn nonsense(what: String) -> Fail {
    Refused::Nonsense(what).into()
}

fn unknown(what: &str, id: &impl std::fmt::Display) -> Fail {
    nonsense(format!("there is no {what} {id}"))
}
