//! Lists, written in the form in which they are read: the queue as articles to import, what went out as
//! shares to bring in. An exported row has its id: bringing the file back changes nothing.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::{Invalid, Office, OfficeError, permission};
use crate::config::Config;
use crate::intake::columns::Field;
use crate::intake::fold::folded;
use crate::intake::repeat::in_words;
use crate::intake::sheet::{Form, NotWritten, Value, Written};
use crate::lang::Lang;
use crate::model::{
    Actor, Article, ArticleId, ChannelId, How, MemberId, Share, ShareId, State, TopicId,
};
use crate::store::ShareAsk;

/// Rows of one list at most; it is put together in memory.
pub const MOST_EXPORTED: usize = 100_000;
/// Read at a time.
const A_STRETCH: usize = 500;

/// The states of what is still to go out.
const TO_GO: [State; 4] = [
    State::Draft,
    State::Submitted,
    State::Waiting,
    State::Planned,
];

/// A row of the queue: what goes out at one time with one text.
struct QueueRow {
    at: Option<Timestamp>,
    own: Option<String>,
    draft: bool,
    states: Vec<State>,
    channels: Vec<ChannelId>,
}

impl Office {
    /// The queue and the drafts: one row an article, time and text, with the channels that it is still to
    /// go to; by the foremost place that it has in a queue, else in the order of adding. Pictures stand in
    /// no cell, only how many there are.
    ///
    /// # Errors
    /// [`Invalid::TooMany`]; [`Invalid::TooLong`] where a workbook's cell cannot take a text.
    pub fn export_queue(
        &self,
        actor: &Actor,
        lang: Lang,
        form: Form,
    ) -> Result<Vec<u8>, OfficeError> {
        permission::read(actor)?;
        const FIELDS: [Field; 10] = [
            Field::Id,
            Field::Title,
            Field::Text,
            Field::Link,
            Field::Topic,
            Field::Channels,
            Field::At,
            Field::Priority,
            Field::State,
            Field::Repeat,
        ];
        let config = self.config();
        let today = super::local_day(&config, self.clock.now());
        let mut headings = FIELDS.map(|field| field.in_words(lang)).to_vec();
        headings.push(lang.text("export.pictures"));
        let mut list = Written::begin(form, lang.text("export.queue"), &headings)?;
        let mut places: BTreeMap<ArticleId, i64> = BTreeMap::new();
        self.each_share(&TO_GO, &mut |share| {
            let place = share.place.unwrap_or(i64::MAX);
            let foremost = places.entry(share.article).or_insert(place);
            *foremost = place.min(*foremost);
        })?;
        let (mut order, mut rows) = (Vec::new(), 0);
        for (id, place) in places {
            order.extend(self.store.article(id)?.map(|a| (place, a.added, id)));
        }
        order.sort_unstable();
        for (.., id) in order {
            let Some(article) = self.store.article(id)? else {
                continue;
            };
            // A rule that has ended is none any more.
            let rule = article.evergreen.as_ref();
            let rule = rule.filter(|rule| rule.until.is_none_or(|until| today <= until));
            for row in self.queue_rows(id)? {
                rows += 1;
                refuse_more_than(rows)?;
                let names = row.channels.iter().map(|c| self.name_of(&config, c));
                let names: Vec<_> = names.collect();
                let states = row.states.iter().map(|s| lang.word("state", s.as_str()));
                let states: Vec<_> = states.collect();
                list.row(&[
                    Value::Text(id.to_string()),
                    Value::Text(article.content.title.clone()),
                    Value::Text(row.own.unwrap_or_else(|| article.content.text.clone())),
                    given(article.content.link.as_deref()),
                    topic(&config, article.topic.as_ref()),
                    Value::Text(names.join(separator(form))),
                    row.at
                        .map_or(Value::Blank, |at| Value::When(local(&config, at))),
                    figure(article.priority.into()),
                    Value::Text(states.join(", ")),
                    given(rule.map(|rule| in_words(rule, lang)).as_deref()),
                    figure(article.content.pictures.len() as u64),
                ])?;
            }
        }
        Ok(list.end()?)
    }

    /// What went out within these local days, by the time it went; trials are left out.
    ///
    /// # Errors
    /// As [`Office::export_queue`].
    pub fn export_shares(
        &self,
        actor: &Actor,
        lang: Lang,
        form: Form,
        (since, until): (Option<Date>, Option<Date>),
    ) -> Result<Vec<u8>, OfficeError> {
        permission::read(actor)?;
        let config = self.config();
        let heading = |field: Field| field.in_words(lang);
        let headings = [
            heading(Field::Id),
            heading(Field::At),
            heading(Field::Channels),
            heading(Field::Title),
            heading(Field::Link),
            heading(Field::Topic),
            heading(Field::Member),
            heading(Field::Permalink),
            lang.text("export.how"),
        ];
        let mut list = Written::begin(form, lang.text("export.shares"), &headings)?;
        let mut order: Vec<(Timestamp, ShareId)> = Vec::new();
        self.each_share(&[State::Shared, State::Removed], &mut |share| {
            let id = share.id;
            let Some(count) = share.count.filter(|c| c.how != How::Log) else {
                return;
            };
            let after = since.is_none_or(|since| since <= count.day);
            if after && until.is_none_or(|until| count.day <= until) {
                order.push((count.at, id));
            }
        })?;
        refuse_more_than(order.len())?;
        order.sort_unstable();
        let names = self.members(actor)?;
        let name = |id: &MemberId| {
            let named = names.iter().find(|(m, _)| m.id == *id);
            let name = named.and_then(|(_, name)| name.clone());
            name.filter(|n| !n.is_empty())
                .unwrap_or_else(|| id.to_string())
        };
        for (_, id) in order {
            let share = self.share(id)?;
            let article: Article = self.article(share.article)?;
            let Some(count) = &share.count else { continue };
            let post = share.receipts.iter().find_map(|r| r.permalink.as_deref());
            list.row(&[
                Value::Text(id.to_string()),
                Value::When(local(&config, count.at)),
                Value::Text(self.name_of(&config, &share.channel)),
                Value::Text(headline_of(&article)),
                given(article.content.link.as_deref()),
                topic(&config, count.topic.as_ref()),
                given(count.member.as_ref().map(name).as_deref()),
                given(post),
                Value::Text(lang.word("how", count.how.as_str()).to_owned()),
            ])?;
        }
        Ok(list.end()?)
    }

    /// One row for each time and text: a fixed time holds for the channels it was given for, and what a
    /// channel has for a text of its own is what goes out there.
    fn queue_rows(&self, article: ArticleId) -> Result<Vec<QueueRow>, OfficeError> {
        let mut rows: Vec<QueueRow> = Vec::new();
        for share in self.store.shares_of(article, None)? {
            if !TO_GO.contains(&share.state) {
                continue;
            }
            let own = share.own_text.filter(|text| !text.is_empty());
            let draft = share.state == State::Draft;
            let there = rows
                .iter_mut()
                .find(|r| (r.at, &r.own, r.draft) == (share.at, &own, draft));
            match there {
                Some(row) => {
                    row.channels.push(share.channel);
                    if !row.states.contains(&share.state) {
                        row.states.push(share.state);
                    }
                }
                None => rows.push(QueueRow {
                    at: share.at,
                    own,
                    draft,
                    states: vec![share.state],
                    channels: vec![share.channel],
                }),
            }
        }
        Ok(rows)
    }

    fn each_share(&self, states: &[State], each: &mut dyn FnMut(Share)) -> Result<(), OfficeError> {
        let mut ask = ShareAsk {
            states: states.to_vec(),
            limit: A_STRETCH,
            ..ShareAsk::default()
        };
        loop {
            let page = self.store.find_shares(&ask)?;
            page.shares.into_iter().for_each(&mut *each);
            match page.next {
                Some(next) => ask.after = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// The channel's title, or its id where the title would not lead back to it.
    fn name_of(&self, config: &Config, id: &ChannelId) -> String {
        let title = match config.channel(id) {
            Some(c) => c.rules.title.clone(),
            None => self
                .store
                .channel(id)
                .ok()
                .flatten()
                .map_or_else(|| id.to_string(), |c| c.title),
        };
        let plain = folded(&title);
        let alike = config
            .channels
            .iter()
            .filter(|c| folded(&c.rules.title) == plain);
        let cut = title.contains([',', ';', '\n']);
        let taken = config.channels.iter().any(|c| c.rules.id.as_str() == title);
        if cut || taken || alike.count() != 1 {
            id.to_string()
        } else {
            title
        }
    }
}

/// What people would call it, in the one cell that must hold something.
fn headline_of(article: &Article) -> String {
    let content = &article.content;
    if content.title.is_empty() && content.link.is_none() {
        return content.text.lines().next().unwrap_or_default().to_owned();
    }
    content.title.clone()
}

fn separator(form: Form) -> &'static str {
    match form {
        // What stands between cells needs no quotes in them then.
        Form::Csv(b';') => ", ",
        _ => "; ",
    }
}

fn refuse_more_than(len: usize) -> Result<(), OfficeError> {
    if len > MOST_EXPORTED {
        let most = MOST_EXPORTED;
        return Err(OfficeError::invalid("rows", Invalid::TooMany { len, most }));
    }
    Ok(())
}

/// None is blank.
fn figure(n: u64) -> Value {
    if n == 0 {
        Value::Blank
    } else {
        Value::Number(n)
    }
}

fn given(text: Option<&str>) -> Value {
    text.map_or(Value::Blank, |t| Value::Text(t.to_owned()))
}

fn topic(config: &Config, id: Option<&TopicId>) -> Value {
    let title = |id: &TopicId| {
        let title = config.topic(id).map(|t| t.title.clone());
        let plain = title.as_deref().map(folded);
        let alike = config
            .topics
            .iter()
            .filter(|t| Some(folded(&t.title)) == plain);
        title
            .filter(|_| alike.count() == 1)
            .unwrap_or_else(|| id.to_string())
    };
    id.map_or(Value::Blank, |id| Value::Text(title(id)))
}

/// To the second, in the office's zone.
fn local(config: &Config, at: Timestamp) -> DateTime {
    let at = config.office.zone.to_datetime(at);
    at.with().subsec_nanosecond(0).build().unwrap_or(at)
}

impl From<NotWritten> for OfficeError {
    fn from(error: NotWritten) -> Self {
        match error {
            NotWritten::TooLong { most } => {
                OfficeError::invalid("text", Invalid::CellTooLong { most })
            }
            NotWritten::Other(why) => OfficeError::Stopped(why),
        }
    }
}
