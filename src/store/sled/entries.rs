//! All that a row writes into the tree: itself, and where it can be found. A pure function of the row,
//! so that a change takes away what only the row before wrote, and nothing is ever left over.

use super::codec::{self, Entry};
use super::keys;
use crate::compose::link_keys;
use crate::compose::similar::Sketch;
use crate::model::{ArticleId, How, MemberId, ShareId, State, TopicId};
use crate::store::Queued;
use crate::store::apply::{ArticleRow, Key, Row, ShareRow, counted};

/// What an item is filtered by: how, topic, member; and whether it was taken down.
pub(super) type Item = (How, Option<TopicId>, Option<MemberId>, bool);

/// A place in a queue as stored: share, place, entry, priority.
pub(super) type Stand = (ShareId, i64, i64, u8);

/// As the planner asks for it.
pub(super) fn queued((share, place, entry, priority): Stand) -> Queued {
    Queued {
        share,
        place,
        entry,
        priority,
    }
}

/// All entries of a row.
pub(super) fn of(key: &Key, row: &Row, into: &mut Vec<Entry>) -> Result<(), String> {
    codec::put_row(key, row, into)?;
    where_found(row, into)?;
    sketched(row, into)
}

/// Where a row can be found, but for what it says: see [`sketched_anew`].
pub(super) fn where_found(row: &Row, into: &mut Vec<Entry>) -> Result<(), String> {
    match row {
        Row::Article(row) => of_article(row, into),
        Row::Share(row) => of_share(row, into),
        _ => Ok(()),
    }
}

fn of_article(row: &ArticleRow, into: &mut Vec<Entry>) -> Result<(), String> {
    let id: ArticleId = row.article.id;
    for key in link_keys(&row.article) {
        let key = keys::numbered(keys::link(&key), row.number).done();
        into.push(codec::small(key, &id)?);
    }
    if row.article.evergreen.is_some() {
        let key = keys::numbered(keys::evergreens(), row.number).done();
        into.push(codec::small(key, &id)?);
    }
    Ok(())
}

/// What an article says, sketched.
fn sketched(row: &Row, into: &mut Vec<Entry>) -> Result<(), String> {
    let Row::Article(row) = row else {
        return Ok(());
    };
    let content = &row.article.content;
    if let Some(sketch) = Sketch::of(&content.title, &content.text) {
        let key = keys::numbered(keys::sketches(), row.number).done();
        into.push(codec::small(key, &&sketch.0[..])?);
    }
    Ok(())
}

/// The same for a row before and after a change: nothing, where it says what it said. Sketching costs
/// more than all the rest of a row, and an article's row changes with every new share of it.
pub(super) fn sketched_anew(
    was: Option<&Row>,
    now: Option<&Row>,
    old: &mut Vec<Entry>,
    new: &mut Vec<Entry>,
) -> Result<(), String> {
    if let (Some(Row::Article(was)), Some(Row::Article(now))) = (was, now) {
        let (was, now) = (&was.article.content, &now.article.content);
        if (&was.title, &was.text) == (&now.title, &now.text) {
            return Ok(());
        }
    }
    was.map_or(Ok(()), |row| sketched(row, old))?;
    now.map_or(Ok(()), |row| sketched(row, new))
}

fn of_share(row: &ShareRow, into: &mut Vec<Entry>) -> Result<(), String> {
    let share = &row.share;
    let (id, entry, channel) = (share.id, share.entry, row.number);
    match (share.state, share.place) {
        (State::Waiting, Some(place)) => {
            let stand: Stand = (id, place, entry, share.priority);
            let topics = [None, share.topic.as_ref()];
            // Each queue as a whole, and once more by topic where there is one.
            for topic in &topics[..1 + usize::from(share.topic.is_some())] {
                let moved = !row.in_order;
                let key = keys::queue(channel, *topic, moved).i64(place).done();
                into.push(codec::small(key, &stand)?);
                if moved {
                    let key = keys::moved(channel, *topic).i64(entry).done();
                    into.push(codec::small(key, &stand)?);
                }
                if share.priority > 0 {
                    let key = keys::priority(channel, *topic)
                        .byte(u8::MAX - share.priority)
                        .i64(place)
                        .done();
                    into.push(codec::small(key, &stand)?);
                }
            }
        }
        // Found by its due: it is about to go, and each index is one more write on the way.
        (State::Planned, _) => {}
        (state, _) => {
            let key = keys::state(state).u32(channel).i64(entry).done();
            into.push(codec::small(key, &id)?);
        }
    }
    if let (State::Planned, Some(due)) = (share.state, share.due) {
        let key = keys::due(channel).instant(due).i64(entry).done();
        into.push(codec::small(key, &(id, due.as_nanosecond()))?);
    }
    if let (State::ByHand, Some(until)) = (share.state, share.until) {
        let key = keys::hand().instant(until).i64(entry).done();
        into.push(codec::small(key, &id)?);
    }
    if let Some(removal) = share.removal {
        let key = keys::removal(removal.taken_down_by()).i64(entry).done();
        into.push(codec::small(key, &id)?);
    }
    for receipt in share.receipts_of_the_place() {
        let key = keys::posted(channel, &receipt.post_id).i64(entry).done();
        into.push(codec::small(key, &id)?);
    }
    if let Some((count, removed)) = counted(row) {
        let key = keys::item(count.day, share.article, channel, entry);
        let item: Item = (
            count.how,
            count.topic.clone(),
            count.member.clone(),
            removed,
        );
        into.push(codec::small(key, &item)?);
    }
    Ok(())
}
