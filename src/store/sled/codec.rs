//! Rows as bytes. Every value carries a version and a checksum over its key and itself: a wrong byte
//! is an error, never a wrong post. No value is longer than [`MOST`]; what is longer lies in pieces.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::keys;
use crate::model::article::Picture;
use crate::model::share::{Attempt, Removal, Taken};
use crate::model::{
    Article, ArticleId, By, ChannelId, Content, Count, Evergreen, Every, FeedId, Firing, Member,
    MemberId, Post, Receipt, Share, ShareId, State, TextId, TopicId, UnitId, Version, Why,
};
use crate::store::apply::{
    AnsweredRow, ArticleRow, ChannelRow, HOWS, Key, OfficeRow, Posting, Row, ShareRow, Tally, Told,
    TopicRow,
};
use crate::store::{Answered, ChannelState, FeedEntry, FeedState, Pause, ScheduleState};

/// Of values as they are written here. A value of another version makes the index be rebuilt.
const WHOLE: u8 = 1;
/// The same, lying in pieces.
const IN_PIECES: u8 = 2;
/// Version and checksum.
pub(super) const HEAD: usize = 5;
/// No value is longer: sled keeps whole pages of them in memory, and puts larger ones into files that
/// it never syncs (SLED.md).
pub(super) const MOST: usize = 4096;
/// Longer texts lie apart from their row, so that a share's every step does not write them again.
const TEXT_IN_ROW: usize = 2048;

/// Key and value, as written.
pub(super) type Entry = (Vec<u8>, Vec<u8>);

/// Puts version and checksum before a value.
pub(super) fn seal(key: &[u8], version: u8, body: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEAD + body.len());
    value.push(version);
    value.extend_from_slice(&checksum(key, version, body).to_le_bytes());
    value.extend_from_slice(body);
    value
}

/// The body of a value, and whether it lies in pieces.
pub(super) fn unseal<'a>(key: &[u8], value: &'a [u8]) -> Result<(&'a [u8], bool), String> {
    let (head, body) = value
        .split_first_chunk::<HEAD>()
        .ok_or("a value is cut short")?;
    let [version, sum @ ..] = *head;
    if checksum(key, version, body).to_le_bytes() != sum {
        return Err("a value does not match its checksum".into());
    }
    match version {
        WHOLE => Ok((body, false)),
        IN_PIECES => Ok((body, true)),
        other => Err(format!("a value has version {other}")),
    }
}

fn checksum(key: &[u8], version: u8, body: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(key);
    sum.update(&[version]);
    sum.update(body);
    sum.finalize()
}

/// A small value for an index.
pub(super) fn small(key: Vec<u8>, body: &impl Serialize) -> Result<Entry, String> {
    let body = postcard::to_stdvec(body).map_err(|e| e.to_string())?;
    let value = seal(&key, WHOLE, &body);
    Ok((key, value))
}

/// Reads what [`small`] wrote.
pub(super) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, String> {
    postcard::from_bytes(body).map_err(|e| format!("a value cannot be read: {e}"))
}

/// A piece of something longer.
pub(super) fn piece(key: Vec<u8>, part: &[u8]) -> Entry {
    let value = seal(&key, WHOLE, part);
    (key, value)
}

/// A value of any length, in as many entries as it takes.
pub(super) fn long(key: Vec<u8>, body: &[u8], into: &mut Vec<Entry>) {
    if HEAD + body.len() <= MOST {
        let value = seal(&key, WHOLE, body);
        into.push((key, value));
        return;
    }
    pieces(&key, WHOLE_FIELD, body, into);
    let value = seal(&key, IN_PIECES, &(body.len() as u64).to_le_bytes());
    into.push((key, value));
}

/// Puts a value that [`long`] wrote together.
pub(super) fn whole(
    get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
    key: &[u8],
    value: &[u8],
) -> Result<Vec<u8>, String> {
    match unseal(key, value)? {
        (body, false) => Ok(body.to_vec()),
        (body, true) => {
            let len: [u8; 8] = body.try_into().map_err(|_| "a length is cut short")?;
            gather(get, key, WHOLE_FIELD, u64::from_le_bytes(len))
        }
    }
}

const WHOLE_FIELD: u8 = 0;
const TEXT_FIELD: u8 = 1;
const OWN_TEXT_FIELD: u8 = 2;
const POST_FIELD: u8 = 3;

fn pieces(key: &[u8], field: u8, body: &[u8], into: &mut Vec<Entry>) {
    for (number, part) in body.chunks(MOST - HEAD).enumerate() {
        into.push(piece(keys::piece(key, field, number), part));
    }
}

fn gather(
    get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
    key: &[u8],
    field: u8,
    len: u64,
) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    for number in 0.. {
        if body.len() as u64 >= len {
            break;
        }
        let key = keys::piece(key, field, number);
        let value = get(&key)?.ok_or("a piece of a text is missing")?;
        body.extend_from_slice(unseal(&key, &value)?.0);
    }
    if body.len() as u64 == len {
        Ok(body)
    } else {
        Err("the pieces of a text do not add up".into())
    }
}

/// What may lie in the row or in pieces beside it.
#[derive(Serialize, Deserialize)]
enum Text<'a> {
    Here(#[serde(borrow)] Cow<'a, str>),
    Beside(u64),
}

impl<'a> Text<'a> {
    fn put(text: &'a str, key: &[u8], field: u8, into: &mut Vec<Entry>) -> Self {
        if text.len() <= TEXT_IN_ROW {
            return Text::Here(text.into());
        }
        pieces(key, field, text.as_bytes(), into);
        Text::Beside(text.len() as u64)
    }
    fn get(
        self,
        get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
        key: &[u8],
        field: u8,
    ) -> Result<String, String> {
        match self {
            Text::Here(text) => Ok(text.into_owned()),
            Text::Beside(len) => String::from_utf8(gather(get, key, field, len)?)
                .map_err(|_| "a text is no UTF-8".into()),
        }
    }
}

/// Instants as nanoseconds: nine bytes for thirty.
type Nanos = i128;

fn nanos(at: Timestamp) -> Nanos {
    at.as_nanosecond()
}
fn instant(at: Nanos) -> Result<Timestamp, String> {
    Timestamp::from_nanosecond(at).map_err(|e| e.to_string())
}
fn instant_if(at: Option<Nanos>) -> Result<Option<Timestamp>, String> {
    at.map(instant).transpose()
}
/// Dates as year, month, day.
type Ymd = (i16, i8, i8);
fn ymd(day: Date) -> Ymd {
    (day.year(), day.month(), day.day())
}
fn date_if(day: Option<Ymd>) -> Result<Option<Date>, String> {
    day.map(|(y, m, d)| Date::new(y, m, d))
        .transpose()
        .map_err(|e| e.to_string())
}

#[derive(Serialize, Deserialize)]
struct Shared<'a> {
    article: ArticleId,
    number: u32,
    member: Option<Cow<'a, MemberId>>,
    in_order: bool,
    state: State,
    place: Option<i64>,
    entry: i64,
    at: Option<Nanos>,
    due: Option<Nanos>,
    planned_for: Option<Nanos>,
    day: Option<Ymd>,
    firing: Option<Cow<'a, Firing>>,
    key: Option<Cow<'a, str>>,
    topic: Option<Cow<'a, TopicId>>,
    priority: u8,
    #[serde(borrow)]
    own_text: Option<Text<'a>>,
    own_text_id: Option<TextId>,
    own_version: u32,
    approved: Option<Version>,
    again: bool,
    alone: bool,
    attempt: Option<Cow<'a, Attempt>>,
    tries: u32,
    /// JSON.
    post: Option<Text<'a>>,
    post_id: Option<TextId>,
    receipts: Cow<'a, [Receipt]>,
    until: Option<Nanos>,
    taken: Option<Cow<'a, Taken>>,
    why: Option<Cow<'a, Why>>,
    count: Option<Cow<'a, Count>>,
    removal: Option<Removal>,
    changed: Nanos,
    story: Cow<'a, [Told]>,
}

fn put_share(key: &[u8], row: &ShareRow, into: &mut Vec<Entry>) -> Result<Vec<u8>, String> {
    let share = &row.share;
    let post = share.post.as_ref().map(serde_json::to_string);
    let post = post.transpose().map_err(|e| e.to_string())?;
    let own_text = share.own_text.as_deref();
    let stored = Shared {
        article: share.article,
        number: row.number,
        member: row.member.as_ref().map(Cow::Borrowed),
        in_order: row.in_order,
        state: share.state,
        place: share.place,
        entry: share.entry,
        at: share.at.map(nanos),
        due: share.due.map(nanos),
        planned_for: share.planned_for.map(nanos),
        day: share.day.map(ymd),
        firing: share.firing.as_ref().map(Cow::Borrowed),
        key: share.key.as_deref().map(Cow::Borrowed),
        topic: share.topic.as_ref().map(Cow::Borrowed),
        priority: share.priority,
        own_text: own_text.map(|t| Text::put(t, key, OWN_TEXT_FIELD, into)),
        own_text_id: row.own_text,
        own_version: share.own_version,
        approved: share.approved,
        again: share.again,
        alone: share.alone,
        attempt: share.attempt.as_ref().map(Cow::Borrowed),
        tries: share.tries,
        post: post.as_deref().map(|t| Text::put(t, key, POST_FIELD, into)),
        post_id: row.post,
        receipts: Cow::Borrowed(&share.receipts),
        until: share.until.map(nanos),
        taken: share.taken.as_ref().map(Cow::Borrowed),
        why: share.why.as_ref().map(Cow::Borrowed),
        count: share.count.as_ref().map(Cow::Borrowed),
        removal: share.removal,
        changed: nanos(share.changed),
        story: Cow::Borrowed(&row.story),
    };
    postcard::to_stdvec(&stored).map_err(|e| e.to_string())
}

fn get_share(
    get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
    channel: &impl Fn(u32) -> Option<ChannelId>,
    id: ShareId,
    key: &[u8],
    body: &[u8],
) -> Result<ShareRow, String> {
    let s: Shared<'_> = read(body)?;
    let own_text = s.own_text.map(|t| t.get(get, key, OWN_TEXT_FIELD));
    let post = s.post.map(|t| t.get(get, key, POST_FIELD)).transpose()?;
    let post: Option<Post> = post
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|e| format!("a post cannot be read: {e}"))?;
    Ok(ShareRow {
        share: Share {
            id,
            article: s.article,
            channel: channel(s.number).ok_or("a share's channel is missing")?,
            state: s.state,
            place: s.place,
            entry: s.entry,
            at: instant_if(s.at)?,
            due: instant_if(s.due)?,
            planned_for: instant_if(s.planned_for)?,
            day: date_if(s.day)?,
            firing: s.firing.map(Cow::into_owned),
            key: s.key.map(Cow::into_owned),
            topic: s.topic.map(Cow::into_owned),
            priority: s.priority,
            own_text: own_text.transpose()?,
            own_version: s.own_version,
            approved: s.approved,
            again: s.again,
            alone: s.alone,
            attempt: s.attempt.map(Cow::into_owned),
            tries: s.tries,
            post,
            receipts: s.receipts.into_owned(),
            until: instant_if(s.until)?,
            taken: s.taken.map(Cow::into_owned),
            why: s.why.map(Cow::into_owned),
            count: s.count.map(Cow::into_owned),
            removal: s.removal,
            changed: instant(s.changed)?,
        },
        number: s.number,
        member: s.member.map(Cow::into_owned),
        in_order: s.in_order,
        own_text: s.own_text_id,
        post: s.post_id,
        story: s.story.into_owned(),
    })
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    number: u64,
    #[serde(borrow)]
    title: Cow<'a, str>,
    title_id: TextId,
    text: Text<'a>,
    text_id: TextId,
    link: Option<Cow<'a, str>>,
    pictures: Cow<'a, [Picture]>,
    version: u32,
    topic: Option<Cow<'a, TopicId>>,
    priority: u8,
    source: Cow<'a, str>,
    by: Cow<'a, By>,
    member: Option<Cow<'a, MemberId>>,
    unit: Option<Cow<'a, UnitId>>,
    added: Nanos,
    shares: Cow<'a, [(ShareId, u32, i64)]>,
    canonical: Option<Cow<'a, str>>,
    /// Days, last day, how often.
    evergreen: Option<(u16, Option<Ymd>, Option<u32>)>,
}

fn put_article(key: &[u8], row: &ArticleRow, into: &mut Vec<Entry>) -> Result<Vec<u8>, String> {
    let article = &row.article;
    let content = &article.content;
    let stored = Written {
        number: row.number,
        title: content.title.as_str().into(),
        title_id: row.title,
        text: Text::put(&content.text, key, TEXT_FIELD, into),
        text_id: row.text,
        link: content.link.as_deref().map(Cow::Borrowed),
        pictures: Cow::Borrowed(&content.pictures),
        version: article.version,
        topic: article.topic.as_ref().map(Cow::Borrowed),
        priority: article.priority,
        source: article.source.as_str().into(),
        by: Cow::Borrowed(&article.by),
        member: article.member.as_ref().map(Cow::Borrowed),
        unit: article.unit.as_ref().map(Cow::Borrowed),
        added: nanos(article.added),
        shares: Cow::Borrowed(&row.shares),
        canonical: article.canonical.as_deref().map(Cow::Borrowed),
        evergreen: article.evergreen.as_ref().map(|rule| {
            let days = rule.every.in_days();
            (days, rule.until.map(ymd), rule.at_most)
        }),
    };
    postcard::to_stdvec(&stored).map_err(|e| e.to_string())
}

fn evergreen((days, until, at_most): (u16, Option<Ymd>, Option<u32>)) -> Result<Evergreen, String> {
    Ok(Evergreen {
        every: Every::days(days).ok_or("a rule of no days")?,
        until: date_if(until)?,
        at_most,
    })
}

fn get_article(
    get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
    id: ArticleId,
    key: &[u8],
    body: &[u8],
) -> Result<ArticleRow, String> {
    let a: Written<'_> = read(body)?;
    Ok(ArticleRow {
        article: Article {
            id,
            content: Content {
                title: a.title.into_owned(),
                text: a.text.get(get, key, TEXT_FIELD)?,
                link: a.link.map(Cow::into_owned),
                pictures: a.pictures.into_owned(),
            },
            version: a.version,
            topic: a.topic.map(Cow::into_owned),
            priority: a.priority,
            source: a.source.into_owned(),
            by: a.by.into_owned(),
            member: a.member.map(Cow::into_owned),
            unit: a.unit.map(Cow::into_owned),
            added: instant(a.added)?,
            canonical: a.canonical.map(Cow::into_owned),
            evergreen: a.evergreen.map(evergreen).transpose()?,
        },
        number: a.number,
        title: a.title_id,
        text: a.text_id,
        shares: a.shares.into_owned(),
    })
}

/// A row as entries: its own, and the pieces of what is too long for it.
pub(super) fn put_row(key: &Key, row: &Row, into: &mut Vec<Entry>) -> Result<(), String> {
    let at = keys::row(key);
    let pc = |e: postcard::Error| e.to_string();
    let body = match row {
        Row::Share(row) => put_share(&at, row, into)?,
        Row::Article(row) => put_article(&at, row, into)?,
        Row::Added(ids) => postcard::to_stdvec(&**ids).map_err(pc)?,
        Row::Entered(ids) => postcard::to_stdvec(&**ids).map_err(pc)?,
        Row::Posting(posting) => posting.bytes(),
        Row::Office(o) => {
            let paused = o.paused.as_ref();
            let times = (o.ticked.map(nanos), o.last_commit.map(nanos));
            let answers = (o.answered, o.let_go);
            postcard::to_stdvec(&(o.articles, o.entries, o.channels, paused, times, answers))
                .map_err(pc)?
        }
        Row::Channel(c) => {
            let last = c.state.last_start.map(nanos);
            let s = &c.state;
            let seen = (&s.id, &s.title, s.platform, s.mode, s.gone);
            let more = (&s.paused, last, &s.target, s.waiting);
            postcard::to_stdvec(&(seen, more, c.number, c.first, c.last)).map_err(pc)?
        }
        Row::Schedule(row) => postcard::to_stdvec(&**row).map_err(pc)?,
        Row::Topic(row) => postcard::to_stdvec(&(&row.title, row.gone)).map_err(pc)?,
        Row::Feed(f) => {
            let seen = (&f.id, &f.title, &f.url, f.gone, f.begun);
            let last = f.last_day.map(|(day, n)| (ymd(day), n));
            postcard::to_stdvec(&(seen, f.taken, last)).map_err(pc)?
        }
        Row::FeedEntry(row) => postcard::to_stdvec(&**row).map_err(pc)?,
        Row::Member(row) => postcard::to_stdvec(&**row).map_err(pc)?,
        Row::Fired => Vec::new(),
        Row::Imported(id) => postcard::to_stdvec(id).map_err(pc)?,
        // postcard cannot read a JSON value back: it does not tell of what kind it is.
        Row::Request(row) => serde_json::to_vec(&**row).map_err(|e| e.to_string())?,
        Row::Answered(row) => {
            postcard::to_stdvec(&(&row.by, &*row.key, nanos(row.at))).map_err(pc)?
        }
        Row::Used(n) => postcard::to_stdvec(n).map_err(pc)?,
        Row::Counted(tally) => put_tally(tally).map_err(pc)?,
    };
    long(at, &body, into);
    Ok(())
}

/// Reads a row. `get` gives further values, `channel` the id of a channel's number.
pub(super) fn get_row(
    get: &mut impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, String>,
    channel: &impl Fn(u32) -> Option<ChannelId>,
    key: &Key,
    value: &[u8],
) -> Result<Row, String> {
    let at = keys::row(key);
    let body = whole(get, &at, value)?;
    let body = body.as_slice();
    Ok(match key {
        Key::Share(id) => Row::Share(get_share(get, channel, *id, &at, body)?.into()),
        Key::Article(id) => Row::Article(get_article(get, *id, &at, body)?.into()),
        Key::Added(_) => Row::Added(read::<Vec<ArticleId>>(body)?.into()),
        Key::Entered(_) => Row::Entered(read::<Vec<ShareId>>(body)?.into()),
        Key::Posting(..) => Row::Posting(Posting::read(body)?.into()),
        Key::Office => {
            type Times = (Option<Nanos>, Option<Nanos>);
            type Stored = (u64, i64, u32, Option<Pause>, Times, (u64, u64));
            let (articles, entries, channels, paused, (ticked, last), answers) =
                read::<Stored>(body)?;
            let row = OfficeRow {
                articles,
                entries,
                channels,
                paused,
                answered: answers.0,
                let_go: answers.1,
                ticked: instant_if(ticked)?,
                last_commit: instant_if(last)?,
            };
            Row::Office(row.into())
        }
        Key::Channel(_) => Row::Channel(get_channel(body)?.into()),
        Key::Schedule(_) => Row::Schedule(read::<ScheduleState>(body)?.into()),
        Key::Topic(_) => {
            let (title, gone) = read(body)?;
            Row::Topic(TopicRow { title, gone }.into())
        }
        Key::Feed(_) => Row::Feed(get_feed(body)?.into()),
        Key::FeedEntry(..) => Row::FeedEntry(read::<FeedEntry>(body)?.into()),
        Key::Member(_) => Row::Member(read::<Member>(body)?.into()),
        Key::Fired(..) => Row::Fired,
        Key::Imported(_) => Row::Imported(read(body)?),
        Key::Request(..) => {
            let row: Answered = serde_json::from_slice(body).map_err(|e| e.to_string())?;
            Row::Request(row.into())
        }
        Key::Answered(_) => {
            let (by, key, at): (By, String, Nanos) = read(body)?;
            let (key, at) = (key.into(), instant(at)?);
            Row::Answered(AnsweredRow { by, key, at }.into())
        }
        Key::Used(..) => Row::Used(read(body)?),
        Key::Counted(..) => Row::Counted(get_tally(body)?),
    })
}

/// A feed's row.
pub(super) fn get_feed(body: &[u8]) -> Result<FeedState, String> {
    type Seen = (FeedId, String, String, bool, bool);
    type Last = Option<(Ymd, u32)>;
    let ((id, title, url, gone, begun), taken, last) = read::<(Seen, u64, Last)>(body)?;
    let day = date_if(last.map(|(day, _)| day))?;
    Ok(FeedState {
        id,
        title,
        url,
        gone,
        begun,
        taken,
        last_day: day.zip(last.map(|(_, n)| n)),
    })
}

/// A channel's row.
pub(super) fn get_channel(body: &[u8]) -> Result<ChannelRow, String> {
    type Seen = (
        ChannelId,
        String,
        crate::model::PlatformKind,
        crate::model::Mode,
        bool,
    );
    type More = (Option<Pause>, Option<Nanos>, Option<String>, u64);
    let (seen, more, number, first, last) = read::<(Seen, More, u32, i64, i64)>(body)?;
    let (id, title, platform, mode, gone) = seen;
    let (paused, last_start, target, waiting) = more;
    Ok(ChannelRow {
        state: ChannelState {
            id,
            title,
            platform,
            mode,
            gone,
            paused,
            last_start: instant_if(last_start)?,
            target,
            waiting,
        },
        number,
        first,
        last,
    })
}

/// How many there are of each kind; most tallies hold one kind only, so zeros are one byte.
fn put_tally(tally: &Tally) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(&(tally.counted, tally.removed))
}

/// A roll-up.
pub(super) fn get_tally(body: &[u8]) -> Result<Tally, String> {
    let (counted, removed) = read::<([u64; HOWS.len()], [u64; HOWS.len()])>(body)?;
    Ok(Tally { counted, removed })
}
