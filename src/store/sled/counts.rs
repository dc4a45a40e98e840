//! Counts from roll-ups, and items from their index (RULES 6).

use std::collections::{BTreeMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::codec;
use super::index::{Index, behind};
use super::keys;
use crate::model::{ArticleId, ChannelId, How, MemberId, TopicId};
use crate::store::apply::{HOWS, Tally};
use crate::store::{CountAsk, CountBy, CountTable, Figures};

/// A stretch of days that is read from day counts (`d`) or month counts (`m`), both ends included.
type Stretch = (u8, Date, Date);

impl Index {
    pub(super) fn counts(&self, ask: &CountAsk) -> Result<CountTable, String> {
        let mut table = Table {
            ask,
            rows: BTreeMap::new(),
            total: Row::default(),
        };
        let since = ask.since.unwrap_or(Date::MIN);
        let until = ask.until.unwrap_or(Date::MAX);
        if since <= until {
            for stretch in stretches(ask.by, since, until) {
                self.shares_counted(stretch, &mut table)?;
            }
            self.items_counted(since, until, &mut table)?;
        }
        Ok(table.close())
    }

    /// Adds the shares of a stretch, from the smallest roll-up that tells what is asked.
    fn shares_counted(&self, stretch: Stretch, table: &mut Table<'_>) -> Result<(), String> {
        let ask = table.ask;
        let asked = [
            (
                keys::OF_CHANNEL,
                CountBy::Channel,
                ask.channel.as_ref().map(ChannelId::as_str),
            ),
            (
                keys::OF_TOPIC,
                CountBy::Topic,
                ask.topic.as_ref().map(TopicId::as_str),
            ),
            (
                keys::OF_MEMBER,
                CountBy::Member,
                ask.member.as_ref().map(MemberId::as_str),
            ),
        ];
        let mut told = asked
            .iter()
            .filter(|(_, by, only)| *by == ask.by || only.is_some());
        match (told.next(), told.next()) {
            (None, _) => self.one_roll_up(keys::TOTAL, "", stretch, table),
            (Some((which, _, Some(only))), None) => self.one_roll_up(*which, only, stretch, table),
            (Some((which, _, None)), None) => self.each_roll_up(*which, stretch, table),
            _ => self.cells(stretch, table),
        }
    }

    fn one_roll_up(
        &self,
        which: u8,
        id: &str,
        (kind, first, last): Stretch,
        table: &mut Table<'_>,
    ) -> Result<(), String> {
        let of = || keys::counted_of(which, id, kind);
        let at = of().done().len();
        let to = behind(&of().date(last).done());
        for entry in self.range(of().date(first).done(), to) {
            let (key, body) = entry?;
            let day = key.get(at..).and_then(keys::read_date);
            table.add(
                day.ok_or("a roll-up's key is damaged")?,
                id,
                &codec::get_tally(&body)?,
            );
        }
        Ok(())
    }

    /// From id to id, without reading what lies between.
    fn each_roll_up(
        &self,
        which: u8,
        stretch: Stretch,
        table: &mut Table<'_>,
    ) -> Result<(), String> {
        let mut from = keys::counted_kind(which).done();
        let end = behind(&from);
        while let Some(first) = self.range(from, end.clone()).next() {
            let (key, _) = first?;
            let id = key.get(2..).and_then(|rest| rest.split(|b| *b == 0).next());
            let id = id.and_then(|id| std::str::from_utf8(id).ok());
            let id = id.ok_or("a roll-up's key is damaged")?;
            self.one_roll_up(which, id, stretch, table)?;
            from = behind(&keys::counted_kind(which).text(id).done());
        }
        Ok(())
    }

    fn cells(&self, (kind, first, last): Stretch, table: &mut Table<'_>) -> Result<(), String> {
        let to = behind(&keys::cells(kind).date(last).done());
        let from = keys::cells(kind).date(first).done();
        let at = keys::cells(kind).done().len();
        let ask = table.ask;
        let passes = |only: Option<&str>, is: &str| only.is_none_or(|only| only == is);
        for entry in self.range(from, to) {
            let (key, body) = entry?;
            let cell = (|| {
                let day = keys::read_date(key.get(at..)?)?;
                let names = std::str::from_utf8(key.get(at + 4..)?).ok()?;
                let mut names = names.split('\0');
                Some((day, names.next()?, names.next()?, names.next()?))
            })();
            let (day, channel, topic, member) = cell.ok_or("a roll-up's key is damaged")?;
            if passes(ask.channel.as_ref().map(ChannelId::as_str), channel)
                && passes(ask.topic.as_ref().map(TopicId::as_str), topic)
                && passes(ask.member.as_ref().map(MemberId::as_str), member)
            {
                let id = match ask.by {
                    CountBy::Channel => channel,
                    CountBy::Topic => topic,
                    CountBy::Member => member,
                    _ => "",
                };
                table.add(day, id, &codec::get_tally(&body)?);
            }
        }
        Ok(())
    }

    fn items_counted(&self, since: Date, until: Date, table: &mut Table<'_>) -> Result<(), String> {
        let ask = table.ask;
        let only = match &ask.channel {
            None => None,
            Some(id) => match self.number(id) {
                None => return Ok(()),
                only => only,
            },
        };
        let day = |day| keys::items().date(day).done();
        // Neighbours mostly fall into the same row; its name is not made anew each time.
        let mut here: Option<((Date, u32), String)> = None;
        for entry in self.range(day(since), behind(&day(until))) {
            let (key, body) = entry?;
            let (how, topic, member): (How, Option<&str>, Option<&str>) = codec::read(&body)?;
            let parts = (|| {
                let day = keys::read_date(key.get(1..)?)?;
                let article = <[u8; 16]>::try_from(key.get(5..21)?).ok()?;
                let channel = <[u8; 4]>::try_from(key.get(21..25)?).ok()?;
                Some((day, article, u32::from_be_bytes(channel)))
            })();
            let (day, article, channel) = parts.ok_or("an item's key is damaged")?;
            if only.is_some_and(|only| only != channel)
                || ask
                    .topic
                    .as_ref()
                    .is_some_and(|t| topic != Some(t.as_str()))
                || ask
                    .member
                    .as_ref()
                    .is_some_and(|m| member != Some(m.as_str()))
                || (how == How::Log && !ask.with_log)
            {
                continue;
            }
            let article = ArticleId(uuid::Uuid::from_bytes(article));
            match ask.by {
                CountBy::Topic => table.item(topic.unwrap_or_default(), article),
                CountBy::Member => table.item(member.unwrap_or_default(), article),
                _ => {
                    let same = here.as_ref().filter(|(of, _)| *of == (day, channel));
                    if same.is_none() {
                        let id = self
                            .channel(channel)
                            .ok_or("an item's channel is missing")?;
                        here = Some(((day, channel), ask.by.key(day, id.as_str(), "", "")));
                    }
                    if let Some((_, name)) = &here {
                        table.item(name, article);
                    }
                }
            }
        }
        Ok(())
    }
}

#[derive(Default)]
struct Row {
    tally: Tally,
    articles: HashSet<ArticleId>,
}

struct Table<'a> {
    ask: &'a CountAsk,
    rows: BTreeMap<String, Row>,
    total: Row,
}

impl Table<'_> {
    /// Adds a roll-up of this day or month, and of this channel, topic or member where it tells one.
    fn add(&mut self, day: Date, id: &str, tally: &Tally) {
        let key = match self.ask.by {
            CountBy::Channel | CountBy::Topic | CountBy::Member => id.to_owned(),
            by => by.key(day, "", "", ""),
        };
        let row = self.rows.entry(key).or_default();
        for into in [&mut row.tally, &mut self.total.tally] {
            for how in 0..HOWS.len() {
                into.counted[how] += tally.counted[how];
                into.removed[how] += tally.removed[how];
            }
        }
    }

    fn item(&mut self, name: &str, article: ArticleId) {
        if !self.rows.contains_key(name) {
            self.rows.insert(name.to_owned(), Row::default());
        }
        if let Some(row) = self.rows.get_mut(name) {
            row.articles.insert(article);
        }
        self.total.articles.insert(article);
    }

    fn close(self) -> CountTable {
        let figures = |row: &Row| {
            let mut figures = Figures {
                items: row.articles.len() as u64,
                ..Figures::default()
            };
            for (n, how) in HOWS.into_iter().enumerate() {
                if how != How::Log || self.ask.with_log {
                    figures.add(how, row.tally.counted[n]);
                    figures.removed += row.tally.removed[n];
                }
            }
            figures
        };
        let total = figures(&self.total);
        let rows = self
            .rows
            .iter()
            .map(|(key, row)| (key.clone(), figures(row)));
        CountTable {
            rows: rows.filter(|(_, f)| *f != Figures::default()).collect(),
            total,
        }
    }
}

/// Days at both ends and whole months between, where months are enough.
fn stretches(by: CountBy, since: Date, until: Date) -> Vec<Stretch> {
    let days = vec![(b'd', since, until)];
    if by == CountBy::Day {
        return days;
    }
    let first = match since.day() {
        1 => Some(since),
        _ => since.last_of_month().tomorrow().ok(),
    };
    let last = match until == until.last_of_month() {
        true => Some(until),
        false => until.first_of_month().yesterday().ok(),
    };
    let (Some(first), Some(last)) = (first, last) else {
        return days;
    };
    if first > last {
        return days;
    }
    let mut all = vec![(b'm', first, last.first_of_month())];
    if since < first {
        all.push((b'd', since, first.saturating_sub(1.day())));
    }
    if last < until {
        all.push((b'd', last.saturating_add(1.day()), until));
    }
    all
}
