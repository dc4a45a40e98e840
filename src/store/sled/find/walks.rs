//! The walks that lead to shares, each newest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use jiff::civil::Date;

use super::super::codec;
use super::super::index::{Index, behind};
use super::super::keys;
use super::super::read::{Found, Walk};
use super::sieve::Sieve;
use crate::model::{ArticleId, How, Share, ShareId, State};
use crate::store::ShareAsk;
use crate::store::apply::{ShareRow, TOGETHER, counted, offsets, place_of};

/// Where a walk came to.
pub(super) enum Step {
    /// One that may be asked for; its id and day where the walk knows them.
    Share {
        entry: i64,
        id: Option<ShareId>,
        day: Option<Date>,
    },
    /// Nothing down to this one.
    Passed { entry: i64, day: Option<Date> },
}

pub(super) type Steps<'a> = Box<dyn Iterator<Item = Found<Step>> + 'a>;

impl Index {
    /// One article's shares, which are few.
    pub(super) fn of_article(&self, article: ArticleId, ask: &ShareAsk) -> Found<Steps<'_>> {
        let Some(row) = self.article_row(article)? else {
            return Ok(Box::new(std::iter::empty()));
        };
        // In the order of a period by day and channel, else by entry alone.
        type Place = (Option<Date>, u32, i64);
        let place = |id: ShareId, day: Option<Date>| -> Found<Option<(Place, ShareId)>> {
            let Some(row) = self.share_row(id)? else {
                return Ok(None);
            };
            let place = match ask.is_of_a_period() {
                true => (
                    day.or(counted(&row).map(|(c, _)| c.day)),
                    row.number,
                    row.share.entry,
                ),
                false => (None, 0, row.share.entry),
            };
            Ok(Some((place, id)))
        };
        let mut shares = Vec::with_capacity(row.shares.len());
        for (id, ..) in &row.shares {
            shares.extend(place(*id, None)?);
        }
        if let Some(after) = ask.after {
            let after = place(after.share, after.day)?;
            shares.retain(|(at, _)| after.as_ref().is_none_or(|(after, _)| at < after));
        }
        shares.sort_unstable();
        let steps = shares.into_iter().rev().map(|((day, _, entry), id)| {
            let id = Some(id);
            Ok(Step::Share { entry, id, day })
        });
        Ok(Box::new(steps))
    }

    /// All that pass the sieve, by entry.
    pub(super) fn by_entries<'a>(
        &'a self,
        below: Option<i64>,
        sieve: Sieve<'a>,
    ) -> Found<Steps<'a>> {
        let below = match below {
            None => self.office_row()?.entries + 1,
            Some(below) => below,
        };
        // The stretch that is read next, and those of the last one that are left, highest last.
        let (mut next, mut here) = (Some(place_of(below).0), Vec::new());
        Ok(Box::new(std::iter::from_fn(move || {
            if here.is_empty() {
                let stretch = next?;
                next = stretch.checked_sub(1);
                let first = i64::from(stretch) * TOGETHER;
                match sieve.stretch(stretch) {
                    Ok(bits) => {
                        let entries = offsets(&bits).rev().map(|at| first + i64::from(at));
                        here.extend(entries.filter(|entry| (1..below).contains(entry)));
                    }
                    Err(what) => {
                        next = None;
                        return Some(Err(what));
                    }
                }
                if here.is_empty() {
                    let (entry, day) = (first.max(1), None);
                    return Some(Ok(Step::Passed { entry, day }));
                }
            }
            here.pop().map(|entry| Ok(unknown_one(entry)))
        })))
    }

    /// What went out on the days of a period, the last day first.
    pub(super) fn by_day<'a>(
        &'a self,
        ask: &'a ShareAsk,
        channel: Option<u32>,
        after: Option<(&ShareRow, Date)>,
        sieve: Sieve<'a>,
    ) -> Steps<'a> {
        let day = |day| keys::items().date(day).done();
        let from = day(ask.since.unwrap_or(Date::MIN));
        let mut to = behind(&day(ask.until.unwrap_or(Date::MAX)));
        if let Some((row, day)) = after {
            let share = &row.share;
            to = to.min(keys::item(day, share.article, row.number, share.entry));
        }
        let states = &ask.states;
        if !states.is_empty()
            && !states
                .iter()
                .any(|s| matches!(s, State::Shared | State::Removed))
        {
            return Box::new(std::iter::empty());
        }
        Box::new(self.range(from, to).rev().map(move |found| {
            let (key, body) = found?;
            let (day, _, number, entry) =
                keys::read_item(&key).ok_or("an item's key is damaged")?;
            let (_, topic, member, removed): (How, Option<&str>, Option<&str>, bool) =
                codec::read(&body)?;
            let state = if removed {
                State::Removed
            } else {
                State::Shared
            };
            let told = |asked: Option<&str>, is: Option<&str>| asked.is_none() || asked == is;
            let takes = (states.is_empty() || states.contains(&state))
                && channel.is_none_or(|only| only == number)
                && told(ask.topic.as_ref().map(|t| t.as_str()), topic)
                && told(ask.member.as_ref().map(|m| m.as_str()), member)
                && sieve.holds(entry)?;
            let day = Some(day);
            Ok(match takes {
                true => Step::Share {
                    entry,
                    id: None,
                    day,
                },
                false => Step::Passed { entry, day },
            })
        }))
    }

    /// The shares in some states, newest first.
    pub(super) fn by_states(
        &self,
        states: &[State],
        only: Option<u32>,
        after: Option<&Share>,
    ) -> Found<impl Iterator<Item = Found<(i64, ShareId)>> + use<>> {
        let mut walks: Vec<Walk<(i64, ShareId)>> = Vec::new();
        for state in State::ALL.into_iter().filter(|s| states.contains(s)) {
            self.in_state(state, only, after, &mut walks)?;
        }
        // The newest of each walk; the newest of them all comes next.
        let mut heads = BinaryHeap::new();
        for (n, walk) in walks.iter_mut().enumerate() {
            if let Some((entry, id)) = walk.next().transpose()? {
                heads.push((entry, Reverse(n), id));
            }
        }
        let mut last = None;
        let walk = std::iter::from_fn(move || {
            let (entry, Reverse(n), id) = heads.pop()?;
            match walks[n].next() {
                Some(Ok((entry, id))) => heads.push((entry, Reverse(n), id)),
                Some(Err(what)) => {
                    heads.clear();
                    return Some(Err(what));
                }
                None => {}
            }
            Some(Ok((entry, id)))
        });
        // One that went from state to state while the walks began stands in two of them.
        Ok(walk.filter(move |found| match found {
            Ok((entry, _)) => last.replace(*entry) != Some(*entry),
            Err(_) => true,
        }))
    }

    /// Walks over the shares in one state, newest first: one walk a channel.
    fn in_state(
        &self,
        state: State,
        only: Option<u32>,
        after: Option<&Share>,
        walks: &mut Vec<Walk<(i64, ShareId)>>,
    ) -> Found<()> {
        if state == State::Waiting {
            let channels = only.map_or(self.numbers(), |n| n..n + 1);
            for channel in channels {
                let after = after.map(|a| (a.id, a.place.unwrap_or(i64::MIN), a.entry));
                let stands = self.by_entry(channel, None, after)?;
                walks.push(Box::new(
                    stands.map(|s| s.map(|(id, _, entry, _)| (entry, id))),
                ));
            }
            return Ok(());
        }
        if state == State::Planned {
            walks.push(self.planned_by_entry(only, after)?);
            return Ok(());
        }
        let all = keys::state(state);
        let mut from = match only {
            None => all.clone().done(),
            Some(channel) => all.clone().u32(channel).done(),
        };
        let end = behind(&from);
        // From channel to channel, without reading what lies between.
        while let Some(first) = self.range(from, end.clone()).next() {
            let (key, _) = first?;
            let channel = key.get(2..6).and_then(|b| <[u8; 4]>::try_from(b).ok());
            let channel = u32::from_be_bytes(channel.ok_or("a key of a state is cut short")?);
            let begin = all.clone().u32(channel);
            let stop = match after {
                None => behind(&begin.clone().done()),
                Some(a) => begin.clone().i64(a.entry).done(),
            };
            let walk = self.range(begin.clone().done(), stop).rev();
            walks.push(Box::new(walk.map(|e| {
                let (key, body) = e?;
                Ok((entry_of(key.get(6..14))?, codec::read(&body)?))
            })));
            from = behind(&begin.done());
        }
        Ok(())
    }

    /// Planned shares, newest entry first: all that are behind `after` are looked up, for they lie in
    /// the order of their dues. They are few beside those that wait.
    fn planned_by_entry(
        &self,
        only: Option<u32>,
        after: Option<&Share>,
    ) -> Found<Walk<(i64, ShareId)>> {
        let mut found = Vec::new();
        let entries = match only {
            None => self.under(keys::all_dues()),
            Some(channel) => self.under(keys::due(channel)),
        };
        for entry in entries {
            let (key, body) = entry?;
            let at = key.len().saturating_sub(8);
            let entry = entry_of(key.get(at..))?;
            let (id, _) = codec::read::<(ShareId, i128)>(&body)?;
            found.push((entry, id));
        }
        found.retain(|(entry, _)| after.is_none_or(|a| *entry < a.entry));
        found.sort_unstable();
        Ok(Box::new(found.into_iter().rev().map(Ok)))
    }
}

fn known_one(entry: i64, id: ShareId) -> Step {
    let id = Some(id);
    Step::Share {
        entry,
        id,
        day: None,
    }
}

fn unknown_one(entry: i64) -> Step {
    Step::Share {
        entry,
        id: None,
        day: None,
    }
}

pub(super) fn known(found: Found<(i64, ShareId)>) -> Found<Step> {
    found.map(|(entry, id)| known_one(entry, id))
}

/// Of a walk, those that pass the sieve.
pub(super) fn sifted<'a>(
    walk: impl Iterator<Item = Found<(i64, ShareId)>> + 'a,
    sieve: Sieve<'a>,
) -> Steps<'a> {
    Box::new(walk.map(move |found| {
        let (entry, id) = found?;
        Ok(match sieve.holds(entry)? {
            true => known_one(entry, id),
            false => Step::Passed { entry, day: None },
        })
    }))
}

/// The entry that ends a key.
fn entry_of(bytes: Option<&[u8]>) -> Found<i64> {
    let bytes = bytes.and_then(|b| <[u8; 8]>::try_from(b).ok());
    let entry = u64::from_be_bytes(bytes.ok_or("a key is cut short")?);
    Ok((entry ^ (1 << 63)).cast_signed())
}
