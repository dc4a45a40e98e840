//! Counts from roll-ups, and items from their index (RULES 6).

use std::collections::{BTreeMap, HashSet};

use jiff::ToSpan;
use jiff::civil::Date;

use super::codec;
use super::index::{Index, behind};
use super::keys::{self, DAY, MONTH};
use crate::model::{ArticleId, ChannelId, How, MemberId, TopicId};
use crate::store::apply::{HOWS, Tally};
use crate::store::{CountAsk, CountBy, CountTable, Figures};

/// Days from and to, both included.
type Days = (Date, Date);

impl Index {
    /// Counts as asked; without `items`, those are left at 0 and the answer comes sooner.
    pub(super) fn counts(&self, ask: &CountAsk, items: bool) -> Result<CountTable, String> {
        let mut table = Table {
            ask,
            items,
            one_by_one: Vec::new(),
            rows: BTreeMap::new(),
            total: Row::default(),
        };
        let all = (
            ask.since.unwrap_or(Date::MIN),
            ask.until.unwrap_or(Date::MAX),
        );
        if all.0 <= all.1 {
            self.rolled_up(all, &mut table)?;
            let scanned = match items {
                true => vec![all],
                false => table.one_by_one.clone(),
            };
            for days in scanned {
                self.items_counted(days, &mut table)?;
            }
        }
        Ok(table.close())
    }

    /// Adds the shares that roll-ups tell; the days of the others are noted in the table.
    fn rolled_up(&self, all: Days, table: &mut Table<'_>) -> Result<(), String> {
        let ask = table.ask;
        let (channel, topic) = (ask.channel.as_ref(), ask.topic.as_ref());
        let asked = [
            (
                keys::OF_CHANNEL,
                CountBy::Channel,
                channel.map(ChannelId::as_str),
            ),
            (keys::OF_TOPIC, CountBy::Topic, topic.map(TopicId::as_str)),
            (
                keys::OF_MEMBER,
                CountBy::Member,
                ask.member.as_ref().map(MemberId::as_str),
            ),
        ];
        let mut told = asked
            .iter()
            .filter(|(_, by, only)| *by == ask.by || only.is_some());
        let which = match (told.next(), told.next()) {
            (None, _) => None,
            (Some(which), None) if ask.by != CountBy::Day => Some(which),
            _ => {
                table.one_by_one.push(all);
                return Ok(());
            }
        };
        let days = |days, table: &mut Table<'_>| match which {
            None => self.one_roll_up(keys::TOTAL, "", DAY, days, table),
            Some(_) => {
                table.one_by_one.push(days);
                Ok(())
            }
        };
        let months = match ask.by {
            CountBy::Day => None,
            _ => whole_months(all),
        };
        let Some(months) = months else {
            return days(all, table);
        };
        if all.0 < months.0 {
            days((all.0, months.0.saturating_sub(1.day())), table)?;
        }
        if months.1 < all.1 {
            days((months.1.saturating_add(1.day()), all.1), table)?;
        }
        match which {
            None => self.one_roll_up(keys::TOTAL, "", MONTH, months, table),
            Some((which, _, Some(only))) => self.one_roll_up(*which, only, MONTH, months, table),
            Some((which, _, None)) => self.each_roll_up(*which, months, table),
        }
    }

    fn one_roll_up(
        &self,
        which: u8,
        id: &str,
        kind: u8,
        (first, last): Days,
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
    fn each_roll_up(&self, which: u8, months: Days, table: &mut Table<'_>) -> Result<(), String> {
        let mut from = keys::counted_kind(which).done();
        let end = behind(&from);
        while let Some(first) = self.range(from, end.clone()).next() {
            let (key, _) = first?;
            let id = key.get(2..).and_then(|rest| rest.split(|b| *b == 0).next());
            let id = id.and_then(|id| std::str::from_utf8(id).ok());
            let id = id.ok_or("a roll-up's key is damaged")?;
            self.one_roll_up(which, id, MONTH, months, table)?;
            from = behind(&keys::counted_kind(which).text(id).done());
        }
        Ok(())
    }

    fn items_counted(&self, (since, until): Days, table: &mut Table<'_>) -> Result<(), String> {
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
            let item: (How, Option<&str>, Option<&str>, bool) = codec::read(&body)?;
            let (how, topic, member, removed) = item;
            let (day, article, channel, _) =
                keys::read_item(&key).ok_or("an item's key is damaged")?;
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
            let item = Item {
                day,
                article,
                how,
                removed,
            };
            match ask.by {
                CountBy::Topic => table.item(topic.unwrap_or_default(), &item),
                CountBy::Member => table.item(member.unwrap_or_default(), &item),
                _ => {
                    let same = here.as_ref().filter(|(of, _)| *of == (day, channel));
                    if same.is_none() {
                        let id = self
                            .channel(channel)
                            .ok_or("an item's channel is missing")?;
                        here = Some(((day, channel), ask.by.key(day, id.as_str(), "", "")));
                    }
                    if let Some((_, name)) = &here {
                        table.item(name, &item);
                    }
                }
            }
        }
        Ok(())
    }
}

/// A counted share.
struct Item {
    day: Date,
    article: ArticleId,
    how: How,
    removed: bool,
}

#[derive(Default)]
struct Row {
    tally: Tally,
    articles: HashSet<ArticleId>,
}

struct Table<'a> {
    ask: &'a CountAsk,
    items: bool,
    /// The shares of these days are told by no roll-up.
    one_by_one: Vec<Days>,
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

    /// Adds one item, and its share where no roll-up tells of it.
    fn item(&mut self, name: &str, item: &Item) {
        if !self.rows.contains_key(name) {
            self.rows.insert(name.to_owned(), Row::default());
        }
        let mut days = self.one_by_one.iter();
        let counts = days.any(|(first, last)| (*first..=*last).contains(&item.day));
        let rows = [self.rows.get_mut(name), Some(&mut self.total)];
        for into in rows.into_iter().flatten() {
            if self.items {
                into.articles.insert(item.article);
            }
            if counts {
                into.tally.counted[Tally::of(item.how)] += 1;
                into.tally.removed[Tally::of(item.how)] += u64::from(item.removed);
            }
        }
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

/// From the first day of the first whole month to the last day of the last one.
fn whole_months((since, until): Days) -> Option<Days> {
    let first = match since.day() {
        1 => since,
        _ => since.last_of_month().tomorrow().ok()?,
    };
    let last = match until == until.last_of_month() {
        true => until,
        false => until.first_of_month().yesterday().ok()?,
    };
    (first <= last).then_some((first, last))
}
