//! Names of things in the one tree: a letter for what it is, then what orders it, big-endian. One
//! tree, because only within one is a batch atomic without a transaction (SLED.md).

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use crate::model::share::TakenDownBy;
use crate::model::{ArticleId, State, TopicId};
use crate::store::apply::{Facet, Key, Period, Slice};

// Rows.
const OFFICE: u8 = b'o';
pub(super) const ARTICLE: u8 = b'a';
const ADDED: u8 = b'A';
pub(super) const SHARE: u8 = b'e';
const ENTERED: u8 = b'j';
const POSTING: u8 = b'W';
pub(super) const CHANNEL: u8 = b'c';
pub(super) const SCHEDULE: u8 = b'd';
pub(super) const TOPIC: u8 = b't';
pub(super) const FEED: u8 = b'F';
const FEED_ENTRY: u8 = b'E';
pub(super) const MEMBER: u8 = b'm';
const FIRED: u8 = b'f';
const IMPORTED: u8 = b'i';
const REQUEST: u8 = b'r';
const ANSWERED: u8 = b'R';
const USED: u8 = b'u';
const COUNTED: u8 = b'k';
// What follows from rows.
const QUEUE: u8 = b'q';
const QUEUE_OF_TOPIC: u8 = b'Q';
const MOVED: u8 = b'n';
const MOVED_OF_TOPIC: u8 = b'N';
const PRIORITY: u8 = b'p';
const PRIORITY_OF_TOPIC: u8 = b'P';
const STATE: u8 = b's';
const DUE: u8 = b'D';
const HAND: u8 = b'h';
const LINK: u8 = b'l';
const POSTED: u8 = b'x';
const ITEM: u8 = b'y';
const REMOVAL: u8 = b'v';
const PIECE: u8 = b'w';
const SKETCH: u8 = b'S';
const EVERGREEN: u8 = b'g';
// What stands for itself.
pub(super) const NOTE: u8 = b'z';
const CARRIED: u8 = b'Z';
/// Which commit the rows are of.
pub(super) const APPLIED: &[u8] = b"!";

/// A key under construction.
#[derive(Debug, Clone)]
pub(super) struct Name(Vec<u8>);

impl Name {
    pub(super) fn new(kind: u8) -> Self {
        let mut bytes = Vec::with_capacity(48);
        bytes.push(kind);
        Self(bytes)
    }
    /// Where all keys begin.
    pub(super) fn new_all() -> Self {
        Self(Vec::new())
    }
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub(super) fn byte(self, byte: u8) -> Self {
        self.raw(&[byte])
    }
    pub(super) fn u32(self, n: u32) -> Self {
        self.raw(&n.to_be_bytes())
    }
    fn u64(self, n: u64) -> Self {
        self.raw(&n.to_be_bytes())
    }
    /// Signed, in order.
    pub(super) fn i64(self, n: i64) -> Self {
        self.raw(&(n.cast_unsigned() ^ (1 << 63)).to_be_bytes())
    }
    /// A name that others may follow: names hold no zero byte.
    pub(super) fn text(self, text: &str) -> Self {
        self.raw(text.as_bytes()).byte(0)
    }
    /// An instant, in order: nanoseconds, which ten bytes hold for every year jiff knows.
    pub(super) fn instant(self, at: Timestamp) -> Self {
        let shifted = (at.as_nanosecond() + (1 << 79)).cast_unsigned();
        self.raw(&shifted.to_be_bytes()[6..])
    }
    pub(super) fn date(self, day: Date) -> Self {
        let year = day.year().cast_unsigned() ^ (1 << 15);
        self.raw(&year.to_be_bytes())
            .byte(day.month().cast_unsigned())
            .byte(day.day().cast_unsigned())
    }
    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// The date that [`Name::date`] wrote.
pub(super) fn read_date(bytes: &[u8]) -> Option<Date> {
    let [a, b, month, day] = *bytes.first_chunk::<4>()?;
    let year = (u16::from_be_bytes([a, b]) ^ (1 << 15)).cast_signed();
    Date::new(year, month.cast_signed(), day.cast_signed()).ok()
}

/// Sixteen bytes for a text of any length: two of a billion meet once in 10²⁰ times.
pub(super) fn short(text: &str) -> [u8; 16] {
    let digest = Sha256::digest(text.as_bytes());
    let mut out = [0; 16];
    out.copy_from_slice(&digest[..16]);
    out
}

/// Where a row stands.
pub(super) fn row(key: &Key) -> Vec<u8> {
    match key {
        Key::Office => Name::new(OFFICE),
        Key::Article(id) => Name::new(ARTICLE).raw(id.0.as_bytes()),
        Key::Added(block) => Name::new(ADDED).u64(*block),
        Key::Share(id) => Name::new(SHARE).raw(id.0.as_bytes()),
        Key::Entered(stretch) => Name::new(ENTERED).i64(*stretch),
        Key::Posting(stretch, facet) => posting(*stretch, facet),
        Key::Channel(id) => Name::new(CHANNEL).raw(id.as_str().as_bytes()),
        Key::Schedule(id) => Name::new(SCHEDULE).raw(id.as_str().as_bytes()),
        Key::Topic(id) => Name::new(TOPIC).raw(id.as_str().as_bytes()),
        Key::Feed(id) => Name::new(FEED).raw(id.as_str().as_bytes()),
        Key::FeedEntry(id, name) => Name::new(FEED_ENTRY).text(id.as_str()).raw(&short(name)),
        Key::Member(id) => Name::new(MEMBER).raw(id.as_str().as_bytes()),
        Key::Fired(id, at) => Name::new(FIRED).text(id.as_str()).instant(*at),
        Key::Imported(digest) => Name::new(IMPORTED).raw(&short(digest)),
        Key::Request(by, key) => Name::new(REQUEST).raw(&short(&format!("{by}\0{key}"))),
        Key::Answered(number) => Name::new(ANSWERED).u64(*number),
        Key::Used(channel, day) => Name::new(USED).u32(*channel).date(*day),
        Key::Counted(period, slice) => return counted(period, slice),
    }
    .done()
}

fn counted(period: &Period, slice: &Slice) -> Vec<u8> {
    let (kind, day) = match period {
        Period::Day(day) => (DAY, *day),
        Period::Month(day) => (MONTH, *day),
    };
    let one = |which: u8, id: &str| counted_of(which, id, kind).date(day).done();
    match slice {
        Slice::Total => one(TOTAL, ""),
        Slice::Channel(id) => one(OF_CHANNEL, id.as_str()),
        Slice::Topic(id) => one(OF_TOPIC, id.as_ref().map_or("", |id| id.as_str())),
        Slice::Member(id) => one(OF_MEMBER, id.as_ref().map_or("", |id| id.as_str())),
    }
}

fn posting(stretch: u32, facet: &Facet) -> Name {
    let of = |kind| Name::new(POSTING).u32(stretch).byte(kind);
    match facet {
        Facet::Channel(number) => of(b'c').u32(*number),
        Facet::Topic(id) => of(b't').raw(id.as_str().as_bytes()),
        Facet::Member(id) => of(b'm').raw(id.as_str().as_bytes()),
        Facet::Word(word) => posting_words(stretch, word),
    }
}
/// A stretch's words that begin so.
pub(super) fn posting_words(stretch: u32, beginning: &str) -> Name {
    Name::new(POSTING)
        .u32(stretch)
        .byte(b'w')
        .raw(beginning.as_bytes())
}

pub(super) const DAY: u8 = b'd';
pub(super) const MONTH: u8 = b'm';
pub(super) const TOTAL: u8 = b'a';
pub(super) const OF_CHANNEL: u8 = b'c';
pub(super) const OF_TOPIC: u8 = b't';
pub(super) const OF_MEMBER: u8 = b'm';

/// All roll-ups of one kind (`TOTAL` …).
pub(super) fn counted_kind(which: u8) -> Name {
    Name::new(COUNTED).byte(which)
}
/// The roll-ups of one id by [`DAY`] or [`MONTH`].
pub(super) fn counted_of(which: u8, id: &str, kind: u8) -> Name {
    counted_kind(which).text(id).byte(kind)
}
/// A channel's queue: first those that stand where they were added, then those that were moved.
pub(super) fn queue(channel: u32, topic: Option<&TopicId>, moved: bool) -> Name {
    of_topic(QUEUE, QUEUE_OF_TOPIC, channel, topic).byte(u8::from(moved))
}
/// Those of a queue that were moved, by entry.
pub(super) fn moved(channel: u32, topic: Option<&TopicId>) -> Name {
    of_topic(MOVED, MOVED_OF_TOPIC, channel, topic)
}
/// Those of a queue with a priority above 0, highest first, then by place.
pub(super) fn priority(channel: u32, topic: Option<&TopicId>) -> Name {
    of_topic(PRIORITY, PRIORITY_OF_TOPIC, channel, topic)
}
fn of_topic(all: u8, one: u8, channel: u32, topic: Option<&TopicId>) -> Name {
    match topic {
        None => Name::new(all).u32(channel),
        Some(topic) => Name::new(one).u32(channel).text(topic.as_str()),
    }
}
/// Shares in a state other than Waiting and Planned; then come channel and entry.
pub(super) fn state(state: State) -> Name {
    let number = State::ALL.iter().position(|s| *s == state).unwrap_or(0);
    Name::new(STATE).byte(u8::try_from(number).unwrap_or(u8::MAX))
}
/// Planned shares by channel; then come due and entry.
pub(super) fn all_dues() -> Name {
    Name::new(DUE)
}
/// A channel's Planned shares; then come due and entry.
pub(super) fn due(channel: u32) -> Name {
    Name::new(DUE).u32(channel)
}
/// Open hand tasks; then come their ends and entries.
pub(super) fn hand() -> Name {
    Name::new(HAND)
}
/// Articles with a link; then comes their number.
pub(super) fn link(key: &str) -> Name {
    Name::new(LINK).raw(&short(key))
}
pub(super) fn numbered(name: Name, number: u64) -> Name {
    name.u64(number)
}
/// Shares of a channel whose proof a post is; then comes their entry.
pub(super) fn posted(channel: u32, post_id: &str) -> Name {
    Name::new(POSTED).u32(channel).raw(&short(post_id))
}
/// Counted shares; then come day, article and entry.
pub(super) fn items() -> Name {
    Name::new(ITEM)
}
/// One of them.
pub(super) fn item(day: Date, article: ArticleId, channel: u32, entry: i64) -> Vec<u8> {
    items()
        .date(day)
        .raw(article.0.as_bytes())
        .u32(channel)
        .i64(entry)
        .done()
}
/// Day, article, channel and entry of one of them.
pub(super) fn read_item(key: &[u8]) -> Option<(Date, ArticleId, u32, i64)> {
    let day = read_date(key.get(1..)?)?;
    let article = <[u8; 16]>::try_from(key.get(5..21)?).ok()?;
    let channel = <[u8; 4]>::try_from(key.get(21..25)?).ok()?;
    let entry = <[u8; 8]>::try_from(key.get(25..33)?).ok()?;
    Some((
        day,
        ArticleId(uuid::Uuid::from_bytes(article)),
        u32::from_be_bytes(channel),
        (u64::from_be_bytes(entry) ^ (1 << 63)).cast_signed(),
    ))
}
/// Take-downs under way, by whose turn it is; then comes their entry.
pub(super) fn removal(by: TakenDownBy) -> Name {
    Name::new(REMOVAL).byte(u8::from(by == TakenDownBy::Person))
}
/// Sketches of what articles say; then comes the article's number.
pub(super) fn sketches() -> Name {
    Name::new(SKETCH)
}
/// The number of the article whose sketch stands at a key.
pub(super) fn read_sketch(key: &[u8]) -> Option<u64> {
    let number = key.strip_prefix(&[SKETCH])?;
    Some(u64::from_be_bytes(number.try_into().ok()?))
}
/// Articles that are shared again and again; then comes their number.
pub(super) fn evergreens() -> Name {
    Name::new(EVERGREEN)
}
/// A piece of what is too long for one value.
pub(super) fn piece(of: &[u8], field: u8, number: usize) -> Vec<u8> {
    let number = u16::try_from(number).unwrap_or(u16::MAX);
    Name::new(PIECE)
        .raw(of)
        .byte(field)
        .raw(&number.to_be_bytes())
        .done()
}
/// All pieces of what stands at a key.
pub(super) fn pieces_of(key: &[u8]) -> Name {
    Name::new(PIECE).raw(key).byte(0)
}
/// The name below which [`super::looks`] answers what a key may change: a channel's queue (those in
/// order, or those moved), a channel's dues, a link. `None`: it answers nothing of that kind.
pub(super) fn scope(key: &[u8]) -> Option<&[u8]> {
    match *key.first()? {
        QUEUE => key.get(..6),
        DUE => key.get(..5),
        LINK => key.get(..17),
        _ => None,
    }
}
/// What is being carried down, in pieces; the head of them has no number.
pub(super) fn carried(piece: Option<u32>) -> Vec<u8> {
    let head = Name::new(CARRIED);
    piece.into_iter().fold(head, Name::u32).done()
}
/// Whether a key is of what no row writes.
pub(super) fn stands_for_itself(key: &[u8]) -> bool {
    key == APPLIED
        || matches!(key.first(), Some(&NOTE | &CARRIED))
        || key.starts_with(&[PIECE, NOTE])
}
/// A note.
pub(super) fn note(name: &str) -> Vec<u8> {
    Name::new(NOTE).raw(name.as_bytes()).done()
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_letter_of_its_own() {
        // Read from this very file, so that none is forgotten.
        let (kinds, _) = include_str!("keys.rs")
            .split_once("pub(super) const APPLIED")
            .unwrap();
        let letters = kinds.lines().filter_map(|line| {
            let (_, letter) = line.split_once(": u8 = b'")?;
            letter.chars().next()
        });
        let mut letters: Vec<char> = letters.collect();
        assert!(letters.len() > 30);
        letters.sort_unstable();
        let twice: Vec<_> = letters.windows(2).filter(|w| w[0] == w[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn keys_sort_as_what_they_name() {
        let mut last = Vec::new();
        for n in [i64::MIN, -5, -1, 0, 1, 7 << 20, i64::MAX] {
            let key = Name::new(b'q').i64(n).done();
            assert!(key > last, "{n}");
            last = key;
        }
        let mut last = Vec::new();
        for at in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
            let key = Name::new(b'q').instant(at).done();
            assert!(key > last, "{at}");
            last = key;
        }
        let mut last = Vec::new();
        for day in [
            Date::MIN,
            Date::ZERO,
            Date::constant(2026, 11, 23),
            Date::MAX,
        ] {
            let key = Name::new(b'q').date(day).done();
            assert!(key > last, "{day}");
            assert_eq!(read_date(&key[1..]), Some(day));
            last = key;
        }
    }
}
