//! Counts the slow way: every share is looked at. The roll-ups are held against this.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ArticleId, How};
use crate::store::apply::{ShareRow, counted};
use crate::store::{CountAsk, CountTable, Figures};

#[derive(Default)]
struct Row {
    figures: Figures,
    articles: BTreeSet<ArticleId>,
}

impl Row {
    fn close(self) -> Figures {
        Figures {
            items: self.articles.len() as u64,
            ..self.figures
        }
    }
}

/// Counts as asked.
pub(super) fn count<'a>(shares: impl Iterator<Item = &'a ShareRow>, ask: &CountAsk) -> CountTable {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    let mut total = Row::default();
    for row in shares {
        let share = &row.share;
        let Some((count, removed)) = counted(row) else {
            continue;
        };
        let asked = ask.since.is_none_or(|day| count.day >= day)
            && ask.until.is_none_or(|day| count.day <= day)
            && ask.channel.as_ref().is_none_or(|c| *c == share.channel)
            && (ask.topic.is_none() || ask.topic == count.topic)
            && (ask.member.is_none() || ask.member == count.member)
            && (ask.with_log || count.how != How::Log);
        if !asked {
            continue;
        }
        let key = ask.by.key(
            count.day,
            share.channel.as_str(),
            count.topic.as_ref().map_or("", |t| t.as_str()),
            count.member.as_ref().map_or("", |m| m.as_str()),
        );
        for into in [rows.entry(key).or_default(), &mut total] {
            into.figures.add(count.how, 1);
            into.figures.removed += u64::from(removed);
            into.articles.insert(share.article);
        }
    }
    CountTable {
        rows: rows.into_iter().map(|(k, row)| (k, row.close())).collect(),
        total: total.close(),
    }
}
