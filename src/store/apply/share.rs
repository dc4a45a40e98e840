//! What happens to shares: [`Share::step`] decides; here stands what it cannot see: other rows, and
//! the commit's texts.

use jiff::Timestamp;

use std::sync::Arc;

use super::postings;
use super::rows::{self, ChannelRow, Fail, Key, Row, Rows, ShareRow};
use super::tally::put_share;
use super::{imported, known_topic, nonsense, text_of, unknown};
use crate::model::event::PLACE_STEP;
use crate::model::share::NoStep;
use crate::model::{
    ArticleId, Commit, Count, Event, How, Post, Share, ShareId, Spot, State, TextId, Version,
};
use crate::store::Refused;

/// A new share.
pub(super) fn add(rows: &mut impl Rows, commit: &Commit, event: &Event) -> Result<(), Fail> {
    let Event::ShareAdded {
        share: id,
        article,
        channel,
        state,
        spot,
        at,
        day,
        key,
        topic,
        priority,
        own_text,
        again,
        receipt,
        count,
        origin,
    } = event
    else {
        return Err(nonsense(format!("{} adds no share", event.kind())));
    };
    if rows.get(&Key::Share(*id))?.is_some() {
        return Err(nonsense(format!("share {id} is there already")));
    }
    let Some(parent) = rows::article(rows, *article)? else {
        return Err(unknown("article", article));
    };
    let Some(place_row) = rows::channel(rows, channel)? else {
        return Err(unknown("channel", channel));
    };
    known_topic(rows, topic.as_ref())?;
    let mut share = Share {
        at: *at,
        topic: topic.clone(),
        priority: *priority,
        own_text: match own_text {
            Some(text) => Some(text_of(commit, *text, None)?),
            None => None,
        },
        own_version: u32::from(own_text.is_some()),
        again: *again,
        ..Share::new(*id, *article, channel.clone(), *state, commit.at)
    };
    let wrong = |what: &str| {
        Err(nonsense(format!(
            "share {id} begins {}: {what}",
            state.as_str()
        )))
    };
    match state {
        State::Draft | State::Submitted => {}
        State::Waiting => {
            if at.is_some() {
                return wrong("one with a fixed time stands in no queue");
            }
            let Some(spot) = spot else {
                return wrong("it needs a place");
            };
            share.place = Some(place(rows, &place_row, *id, *spot)?);
        }
        State::Planned => {
            let (Some(at), Some(day), Some(key)) = (at, day, key) else {
                return wrong("it needs its time, day and key");
            };
            share.due = Some(*at);
            share.planned_for = Some(*at);
            share.day = Some(*day);
            share.key = Some(key.clone());
        }
        State::Shared => {
            let Some(count) = count.as_ref().filter(|c| c.how == How::BackFilled) else {
                return wrong("only what is back-filled may");
            };
            share.at = None;
            share.day = Some(count.day);
            share.receipts = receipt.iter().cloned().collect();
            share.count = Some(count.clone());
            if let Some(origin) = origin {
                imported(rows, &origin.row, *article)?;
            }
        }
        _ => return wrong("no share may"),
    }
    super::edit_office(rows, |office| {
        office.entries += 1;
        share.entry = office.entries;
    })?;
    postings::add_words(rows, &parent.article.content, share.entry)?;
    let mut parent = (*parent).clone();
    parent.shares.push((*id, place_row.number, share.entry));
    let member = parent.article.member.clone();
    let key = Key::Article(*article);
    rows.put(key, Some(Row::Article(Arc::new(parent))));
    let row = ShareRow {
        in_order: matches!((state, spot), (State::Waiting, Some(Spot::End))),
        share,
        number: place_row.number,
        member,
        own_text: *own_text,
        post: None,
        story: Vec::new(),
    };
    let stands = row.share.place;
    put_share(rows, None, row, |channel| give(channel, stands))
}

/// Whatever else happens to a share.
pub(super) fn step(rows: &mut impl Rows, commit: &Commit, event: &Event) -> Result<(), Fail> {
    use Event as E;
    let Some(id) = event.share() else {
        return Err(nonsense(format!("{} is about no share", event.kind())));
    };
    let Some(old) = rows::share(rows, id)? else {
        return Err(unknown("share", &id));
    };
    let refused = |why: NoStep| Fail::Refused(Refused::Step { share: id, why });
    let mut new = (*old).clone();
    new.share = new.share.step(event, commit.at).map_err(refused)?;
    match event {
        E::ShareApproved { version, .. } | E::ShareAttempted { version, .. } => {
            current(rows, id, old.share.article, old.share.own_version, *version)?;
        }
        _ => {}
    }
    // A person resends what was refused: the post is made anew (`Share::step`).
    if resent(&old.share, &new.share) {
        new.post = None;
    }
    let mut started = None;
    match event {
        E::ShareAttempted { attempt, post, .. } => {
            let office = rows::office(rows)?;
            let all = office.as_ref().and_then(|o| o.paused.as_ref());
            let channel = rows::channel(rows, &old.share.channel)?;
            let own = channel.as_ref().and_then(|c| c.state.paused.as_ref());
            if [all, own].into_iter().flatten().any(|p| p.holds(commit.at)) {
                return Err(Refused::Paused.into());
            }
            set_post(&mut new, commit, *post)?;
            started = Some((attempt.at, false));
        }
        E::ShareHanded { post, .. } => set_post(&mut new, commit, *post)?,
        E::ShareShared { count, .. } => started = by_hand(count),
        E::ShareEdited {
            topic,
            own_text,
            own_version,
            ..
        } => {
            known_topic(rows, topic.as_ref())?;
            let before = old.share.own_version;
            if *own_version != before && Some(*own_version) != before.checked_add(1) {
                return Err(refused(NoStep::Stale));
            }
            new.share.own_text = match own_text {
                Some(text) => {
                    let stood = old.own_text.zip(old.share.own_text.as_deref());
                    Some(text_of(commit, *text, stood)?)
                }
                None => None,
            };
            new.own_text = *own_text;
        }
        E::ShareQueued { spot, .. } | E::ShareMoved { spot, .. } => {
            let Some(channel) = rows::channel(rows, &old.share.channel)? else {
                return Err(unknown("channel", &old.share.channel));
            };
            new.share.place = Some(place(rows, &channel, id, *spot)?);
            new.in_order = false;
        }
        _ => {}
    }
    let stands = new.share.place;
    put_share(rows, Some(&old), new, |channel| {
        give(channel, stands);
        if let Some((at, only_later)) = started {
            let last = &mut channel.state.last_start;
            if !only_later || last.is_none_or(|last| last < at) {
                *last = Some(at);
            }
        }
    })
}

/// Whether this step forgot the last attempt, told without its post: that may have been erased.
fn resent(old: &Share, new: &Share) -> bool {
    let leaves = !matches!(new.state, State::Failed | State::Cancelled);
    old.state == State::Failed && leaves && old.receipts.is_empty()
}

/// Nothing is approved or sent but what stands there now (RULES 1).
fn current(
    rows: &mut impl Rows,
    share: ShareId,
    article: ArticleId,
    own: u32,
    seen: Version,
) -> Result<(), Fail> {
    let Some(row) = rows::article(rows, article)? else {
        return Err(unknown("article", &article));
    };
    if seen.article != row.article.version {
        return Err(Refused::Stale(article).into());
    }
    if seen.own != own {
        let why = NoStep::Stale;
        return Err(Refused::Step { share, why }.into());
    }
    Ok(())
}

/// When a hand share was made; it moves the channel's last start only forward, since she may tell late.
fn by_hand(count: &Count) -> Option<(Timestamp, bool)> {
    (count.how == How::ByHand).then_some((count.at, true))
}

/// Freezes what is, or may be, out there.
fn set_post(row: &mut ShareRow, commit: &Commit, id: TextId) -> Result<(), Fail> {
    match commit.texts.get(&id) {
        Some(Some(json)) => {
            let post: Post = serde_json::from_str(json)
                .map_err(|e| nonsense(format!("text {id} is no post: {e}")))?;
            row.share.post = Some(post);
        }
        Some(None) => row.share.post = None,
        None if row.post == Some(id) => {}
        None => return Err(nonsense(format!("post {id} does not stand in its commit"))),
    }
    // Also of one that is erased: a replay must go the way the first time went.
    row.post = Some(id);
    Ok(())
}

/// Where a spot is, as the queue stands.
fn place(
    rows: &mut impl Rows,
    channel: &ChannelRow,
    share: ShareId,
    spot: Spot,
) -> Result<i64, Fail> {
    let full = || nonsense("the queue has no further place".to_owned());
    match spot {
        Spot::End => channel.last.checked_add(PLACE_STEP).ok_or_else(full),
        Spot::Top => channel.first.checked_sub(PLACE_STEP).ok_or_else(full),
        Spot::At(place) => {
            if !channel.reaches(place) {
                return Err(nonsense(format!("place {place} lies outside the queue")));
            }
            match rows.at_place(channel.number, place)? {
                Some(other) if other != share => Err(Refused::PlaceTaken.into()),
                _ => Ok(place),
            }
        }
    }
}

fn give(channel: &mut ChannelRow, place: Option<i64>) {
    if let Some(place) = place {
        channel.first = channel.first.min(place);
        channel.last = channel.last.max(place);
    }
}
