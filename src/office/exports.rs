//! Lists, written in the form in which they are read: the queue as articles to import, what went out as
//! shares to bring in. An exported row has its id: bringing the file back changes nothing.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};

use super::{Invalid, Office, OfficeError, permission};
use crate::config::Config;
use crate::intake::columns::Field;
use crate::intake::fold::folded;
use crate::intake::sheet::{Form, NotWritten, Value, Written};
use crate::lang::Lang;
use crate::model::{Actor, Article, ArticleId, ChannelId, How, MemberId, ShareId, State, TopicId};
use crate::store::ShareAsk;

/// Rows of one list at most; it is put together in memory.
pub const MOST_EXPORTED: usize = 100_000;
/// Read at a time.
const A_STRETCH: usize = 500;

/// The states of what is still to go out.
const TO_GO: [State; 3] = [State::Submitted, State::Waiting, State::Planned];

impl Office {
    /// The queue: one row an article, time and text, in the order of adding, with the channels that it is
    /// still to go to. Drafts stand in no queue; pictures in no cell.
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
        const FIELDS: [Field; 8] = [
            Field::Id,
            Field::Title,
            Field::Text,
            Field::Link,
            Field::Topic,
            Field::Channels,
            Field::At,
            Field::Priority,
        ];
        let config = self.config();
        let headings = FIELDS.map(|field| field.in_words(lang));
        let mut list = Written::begin(form, lang.text("export.queue"), &headings)?;
        let mut articles: Vec<ArticleId> = Vec::new();
        self.each_share(&TO_GO, &mut |_, article, _| articles.push(article))?;
        articles.sort_unstable();
        articles.dedup();
        let (mut order, mut rows) = (Vec::new(), 0);
        for id in articles {
            order.extend(self.store.article(id)?.map(|a| (a.added, id)));
        }
        order.sort_unstable();
        for (_, id) in order {
            let Some(article) = self.store.article(id)? else {
                continue;
            };
            // One row for each time and text: a fixed time holds for the channels it was given for, and
            // what a channel has for a text of its own is what goes out there.
            let mut rows_of: Vec<(Option<Timestamp>, Option<String>, Vec<ChannelId>)> = Vec::new();
            for share in self.store.shares_of(id, None)? {
                if !TO_GO.contains(&share.state) {
                    continue;
                }
                let own = share.own_text.filter(|text| !text.is_empty());
                let there = rows_of
                    .iter_mut()
                    .find(|(at, text, _)| (*at, text) == (share.at, &own));
                match there {
                    Some((_, _, channels)) => channels.push(share.channel),
                    None => rows_of.push((share.at, own, vec![share.channel])),
                }
            }
            for (at, own, channels) in rows_of {
                rows += 1;
                refuse_more_than(rows)?;
                let names: Vec<_> = channels.iter().map(|c| self.name_of(&config, c)).collect();
                list.row(&[
                    Value::Text(id.to_string()),
                    Value::Text(article.content.title.clone()),
                    Value::Text(own.unwrap_or_else(|| article.content.text.clone())),
                    given(article.content.link.as_deref()),
                    topic(&config, article.topic.as_ref()),
                    Value::Text(names.join(separator(form))),
                    at.map_or(Value::Blank, |at| Value::When(local(&config, at))),
                    match article.priority {
                        0 => Value::Blank,
                        n => Value::Number(n.into()),
                    },
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
        self.each_share(&[State::Shared, State::Removed], &mut |id, _, count| {
            let Some(count) = count.filter(|c| c.how != How::Log) else {
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

    fn each_share(
        &self,
        states: &[State],
        each: &mut dyn FnMut(ShareId, ArticleId, Option<crate::model::Count>),
    ) -> Result<(), OfficeError> {
        let mut ask = ShareAsk {
            states: states.to_vec(),
            limit: A_STRETCH,
            ..ShareAsk::default()
        };
        loop {
            let page = self.store.find_shares(&ask)?;
            for share in page.shares {
                each(share.id, share.article, share.count);
            }
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
