//! What a commit does to feeds and to what is known of their entries.

use std::sync::Arc;

use super::rows::{self, Fail, Key, Row, Rows};
use super::{nonsense, unknown};
use crate::model::{Event, FeedId};
use crate::store::{FeedEntry, FeedState, Refused};

pub(super) fn happen(rows: &mut impl Rows, event: &Event) -> Result<(), Fail> {
    match event {
        Event::FeedSeen { feed, title, url } => {
            let known = rows::feed(rows, feed)?;
            let begun = known.as_ref().is_some_and(|k| k.begun && k.url == *url);
            let row = FeedState {
                id: feed.clone(),
                title: title.clone(),
                url: url.clone(),
                gone: false,
                begun,
                taken: known.as_ref().map_or(0, |k| k.taken),
                last_day: known.and_then(|k| k.last_day),
            };
            rows.put(Key::Feed(feed.clone()), Some(Row::Feed(Arc::new(row))));
            Ok(())
        }
        Event::FeedGone { feed } => edit(rows, feed, |row| row.gone = true),
        Event::FeedBegun { feed } => edit(rows, feed, |row| row.begun = true),
        Event::FeedTook {
            feed,
            article,
            names,
            content,
            day,
        } => {
            for name in names {
                // Two looks at the same feed, at once: the second is told, and looks again.
                if let Some(entry) = rows::feed_entry(rows, feed, name)? {
                    let known = entry.article.unwrap_or(*article);
                    return Err(Refused::RowKnown(known).into());
                }
            }
            let version = match rows::article(rows, *article)? {
                Some(row) => row.article.version,
                None => return Err(unknown("article", article)),
            };
            let entry = FeedEntry {
                article: Some(*article),
                version,
                content: content.clone(),
            };
            put(rows, feed, names, entry);
            edit(rows, feed, |row| {
                row.taken += 1;
                let before = row.last_day.filter(|(last, _)| last == day);
                row.last_day = Some((*day, before.map_or(1, |(_, n)| n.saturating_add(1))));
            })
        }
        Event::FeedPassedOver { feed, entries, .. } => {
            if rows::feed(rows, feed)?.is_none() {
                return Err(unknown("feed", feed));
            }
            for names in entries {
                let mut known = false;
                for name in names {
                    known |= rows::feed_entry(rows, feed, name)?.is_some();
                }
                if !known {
                    let never = FeedEntry {
                        article: None,
                        version: 0,
                        content: String::new(),
                    };
                    put(rows, feed, names, never);
                }
            }
            Ok(())
        }
        Event::FeedLearned {
            feed,
            article,
            names,
            content,
            version,
        } => {
            if rows::feed(rows, feed)?.is_none() {
                return Err(unknown("feed", feed));
            }
            let entry = FeedEntry {
                article: *article,
                version: *version,
                content: content.clone(),
            };
            put(rows, feed, names, entry);
            Ok(())
        }
        _ => Err(nonsense(format!("{} is about no feed", event.kind()))),
    }
}

fn put(rows: &mut impl Rows, feed: &FeedId, names: &[String], entry: FeedEntry) {
    let entry = Arc::new(entry);
    for name in names {
        let key = Key::FeedEntry(feed.clone(), name.as_str().into());
        rows.put(key, Some(Row::FeedEntry(entry.clone())));
    }
}

fn edit(
    rows: &mut impl Rows,
    feed: &FeedId,
    edit: impl FnOnce(&mut FeedState),
) -> Result<(), Fail> {
    let row = rows::feed(rows, feed)?.ok_or_else(|| unknown("feed", feed))?;
    let mut row = (*row).clone();
    edit(&mut row);
    rows.put(Key::Feed(feed.clone()), Some(Row::Feed(Arc::new(row))));
    Ok(())
}
