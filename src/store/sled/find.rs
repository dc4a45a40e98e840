//! Pages of shares. Three walks lead to them, each newest first: over the lists of what is asked for
//! (`apply::postings`), over a state's shares, over the days of a period. Whichever is taken, the rest
//! of what is asked is looked at as it goes, and it stops when it has looked at enough.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;

use super::codec;
use super::index::{Index, behind};
use super::keys;
use super::read::{Found, Walk};
use crate::model::words::Sought;
use crate::model::{ArticleId, How, Share, ShareId, State};
use crate::store::apply::{
    BITS, ENTERED_TOGETHER, Facet, Key, Posting, Row, ShareRow, TOGETHER, counted, offsets,
    place_of,
};
use crate::store::{After, ArticleAsk, ArticlePage, ShareAsk, SharePage};

/// What a page may look at that does not belong on it, in entries of an index: below 300 ms on an old PC.
const ENOUGH: usize = 100_000;
/// A row that is read and put together takes as long as so many of those.
const A_ROW: usize = 25;
/// Of a state and something else: so much is looked at along the lists of the other, where the state
/// may be a common one; if that is not enough, the state's own shares are walked.
const AT_FIRST: usize = 5_000;

/// Where a walk came to.
enum Step {
    /// One that may be asked for; its id and day where the walk knows them.
    Share {
        entry: i64,
        id: Option<ShareId>,
        day: Option<Date>,
    },
    /// Nothing down to this one.
    Passed { entry: i64, day: Option<Date> },
}

type Steps<'a> = Box<dyn Iterator<Item = Found<Step>> + 'a>;

impl Index {
    pub(super) fn find_shares(&self, ask: &ShareAsk) -> Found<SharePage> {
        let after = match ask.after {
            None => None,
            Some(after) => match self.share_row(after.share)? {
                Some(row) => {
                    let day = after.day.or(counted(&row).map(|(count, _)| count.day));
                    if ask.is_of_a_period() && day.is_none() {
                        // A cursor of another list.
                        return Ok(SharePage::default());
                    }
                    Some((row, day))
                }
                None => return Ok(SharePage::default()),
            },
        };
        let channel = match &ask.channel {
            None => None,
            Some(id) => match self.number(id) {
                None => return Ok(SharePage::default()),
                only => only,
            },
        };
        let (last, day) = match &after {
            None => (None, None),
            Some((row, day)) => (Some(&**row), *day),
        };
        let enough = ask.enough.unwrap_or(ENOUGH);
        let looked = Cell::new(0);
        let sieve = |facets| Sieve::new(self, facets, &ask.words, &looked);
        let topic = ask.topic.clone().map(Facet::Topic);
        let member = ask.member.clone().map(Facet::Member);
        let facets: Vec<Facet> = [topic, member].into_iter().flatten().collect();
        let all = || {
            channel
                .map(Facet::Channel)
                .into_iter()
                .chain(facets.clone())
        };
        let below = last.map(|row| row.share.entry);
        let steps: Steps<'_> = if let Some(article) = ask.article {
            self.of_article(article, ask)?
        } else if ask.is_of_a_period() {
            // The days' own index tells topic and member.
            self.by_day(ask, channel, last.zip(day), sieve(Vec::new()))
        } else if ask.states.is_empty() {
            self.by_entries(below, sieve(all().collect()))?
        } else {
            let states = || self.by_states(&ask.states, channel, last.map(|row| &row.share));
            if facets.is_empty() && ask.words.is_empty() {
                Box::new(states()?.map(known))
            } else {
                let steps = self.by_entries(below, sieve(all().collect()))?;
                let page = self.page(ask, steps, &looked, AT_FIRST.min(enough))?;
                if !page.stopped {
                    return Ok(page);
                }
                looked.set(0);
                sifted(states()?, sieve(facets))
            }
        };
        self.page(ask, steps, &looked, enough)
    }

    /// Fills a page from a walk.
    fn page(
        &self,
        ask: &ShareAsk,
        steps: Steps<'_>,
        looked: &Cell<usize>,
        enough: usize,
    ) -> Found<SharePage> {
        let mut page = SharePage::default();
        // The last one that was looked at, and the last one on the page.
        let (mut last, mut full) = (None, None);
        for step in steps {
            if looked.get() >= enough
                && let Some(last) = last
            {
                page.stopped = full.is_none();
                page.next = Some(full.unwrap_or(last))
                    .map(|at| self.after(at))
                    .transpose()?;
                return Ok(page);
            }
            let (entry, id, day) = match step? {
                Step::Passed { entry, day } => {
                    look(looked, 1);
                    last = Some((entry, day));
                    continue;
                }
                Step::Share { entry, id, day } => (entry, id, day),
            };
            last = Some((entry, day));
            let row = self.entered(entry, id)?;
            if !ask.takes(&row) || !self.fits(&ask.words, &row, ask.article.is_some())? {
                look(looked, A_ROW);
                continue;
            }
            if page.shares.len() >= ask.limit {
                page.next = full.map(|at| self.after(at)).transpose()?;
                return Ok(page);
            }
            page.shares.push(row.share.clone());
            if page.shares.len() >= ask.limit {
                full = last;
            }
        }
        Ok(page)
    }

    fn after(&self, (entry, day): (i64, Option<Date>)) -> Found<After> {
        let share = self.entered(entry, None)?.share.id;
        Ok(After { share, day })
    }

    /// The share of an entry.
    fn entered(&self, entry: i64, id: Option<ShareId>) -> Found<Arc<ShareRow>> {
        let id = match id {
            Some(id) => id,
            None => {
                let (stretch, at) = (
                    (entry - 1) / ENTERED_TOGETHER,
                    (entry - 1) % ENTERED_TOGETHER,
                );
                let ids = match self.row(&Key::Entered(stretch))? {
                    Some(Row::Entered(ids)) => ids,
                    _ => return Err("a stretch of shares is missing".into()),
                };
                let id = usize::try_from(at).ok().and_then(|at| ids.get(at).copied());
                id.ok_or("a share is missing in its stretch")?
            }
        };
        let row = self.share_row(id)?;
        Ok(row.ok_or("an index names a share that is not there")?)
    }

    /// Whether its article holds the words: the lists know it but for marks that were typed.
    fn fits(&self, words: &Sought, row: &ShareRow, whole: bool) -> Found<bool> {
        if words.is_empty() || !(whole || words.is_marked()) {
            return Ok(true);
        }
        let article = self.article_row(row.share.article)?;
        let article = article.ok_or("a share's article is missing")?;
        Ok(words.fits(&article.article.content))
    }

    pub(super) fn find_articles(&self, ask: &ArticleAsk) -> Found<ArticlePage> {
        let (words, limit) = (&ask.words, ask.limit);
        let enough = ask.enough.unwrap_or(ENOUGH);
        let below = match ask.after {
            None => None,
            Some(id) => match self.share_row(id)? {
                None => return Ok(ArticlePage::default()),
                Some(row) => Some(row.share.entry),
            },
        };
        let looked = Cell::new(0);
        let sieve = Sieve::new(self, Vec::new(), words, &looked);
        let mut page = ArticlePage::default();
        let (mut last, mut full) = (None, None);
        for step in self.by_entries(below, sieve)? {
            if looked.get() >= enough
                && let Some(last) = last
            {
                page.stopped = full.is_none();
                page.next = Some(self.entered(full.unwrap_or(last), None)?.share.id);
                return Ok(page);
            }
            let entry = match step? {
                Step::Passed { entry, .. } => {
                    look(&looked, 1);
                    last = Some(entry);
                    continue;
                }
                Step::Share { entry, .. } => entry,
            };
            last = Some(entry);
            let share = self.entered(entry, None)?;
            let row = self.article_row(share.share.article)?;
            let row = row.ok_or("a share's article is missing")?;
            // Each article once: where its first share is.
            let first = row
                .shares
                .first()
                .is_some_and(|(_, _, first)| *first == entry);
            if !first || (words.is_marked() && !words.fits(&row.article.content)) {
                look(&looked, A_ROW);
                continue;
            }
            if page.articles.len() >= limit {
                page.next = match full {
                    Some(entry) => Some(self.entered(entry, None)?.share.id),
                    None => None,
                };
                return Ok(page);
            }
            page.articles.push(row.article.clone());
            if page.articles.len() >= limit {
                full = last;
            }
        }
        Ok(page)
    }

    // ---- walks ----

    /// One article's shares, which are few.
    fn of_article(&self, article: ArticleId, ask: &ShareAsk) -> Found<Steps<'_>> {
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
    fn by_entries<'a>(&'a self, below: Option<i64>, sieve: Sieve<'a>) -> Found<Steps<'a>> {
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
    fn by_day<'a>(
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
    fn by_states(
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

fn look(looked: &Cell<usize>, at: usize) {
    looked.set(looked.get() + at);
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

fn known(found: Found<(i64, ShareId)>) -> Found<Step> {
    found.map(|(entry, id)| known_one(entry, id))
}

/// Of a walk, those that pass the sieve.
fn sifted<'a>(
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

type Bits = Box<[u64; BITS]>;

/// Which entries stand in the lists of all that is asked for, stretch by stretch.
struct Sieve<'a> {
    index: &'a Index,
    facets: Vec<Facet>,
    /// The longest first: it mostly lets the least through, and what is empty needs no further look.
    beginnings: Vec<String>,
    /// What this page has looked at.
    looked: &'a Cell<usize>,
    known: RefCell<HashMap<u32, Rc<Bits>>>,
}

impl<'a> Sieve<'a> {
    fn new(index: &'a Index, facets: Vec<Facet>, words: &Sought, looked: &'a Cell<usize>) -> Self {
        let mut beginnings: Vec<String> = words.beginnings().map(str::to_owned).collect();
        beginnings.sort_by_key(|word| Reverse(word.len()));
        Self {
            index,
            facets,
            beginnings,
            looked,
            known: RefCell::default(),
        }
    }

    fn lets_all_through(&self) -> bool {
        self.facets.is_empty() && self.beginnings.is_empty()
    }

    fn holds(&self, entry: i64) -> Found<bool> {
        if self.lets_all_through() {
            return Ok(true);
        }
        let (stretch, at) = place_of(entry);
        let bits = self.stretch(stretch)?;
        Ok(bits[usize::from(at) / 64] >> (at % 64) & 1 == 1)
    }

    fn stretch(&self, stretch: u32) -> Found<Rc<Bits>> {
        if let Some(bits) = self.known.borrow().get(&stretch) {
            return Ok(bits.clone());
        }
        let bits = Rc::new(self.read(stretch)?);
        self.known.borrow_mut().insert(stretch, bits.clone());
        Ok(bits)
    }

    fn read(&self, stretch: u32) -> Found<Bits> {
        let mut left: Bits = Box::new([u64::MAX; BITS]);
        for facet in &self.facets {
            look(self.looked, 1);
            let mut of_one: Bits = Box::new([0; BITS]);
            match self.index.row(&Key::Posting(stretch, facet.clone()))? {
                None => return Ok(of_one),
                Some(Row::Posting(posting)) => posting.add_to(&mut of_one),
                Some(_) => return Err("a list of entries is of another kind".into()),
            }
            if !narrow(&mut left, &of_one) {
                return Ok(left);
            }
        }
        for beginning in &self.beginnings {
            let mut of_one: Bits = Box::new([0; BITS]);
            for found in self.index.under(keys::posting_words(stretch, beginning)) {
                look(self.looked, 1);
                Posting::read(&found?.1)?.add_to(&mut of_one);
            }
            if !narrow(&mut left, &of_one) {
                break;
            }
        }
        Ok(left)
    }
}

/// Keeps what both hold; says whether anything is left.
fn narrow(left: &mut [u64; BITS], by: &[u64; BITS]) -> bool {
    let mut any = 0;
    for (a, b) in left.iter_mut().zip(by) {
        *a &= b;
        any |= *a;
    }
    any != 0
}
