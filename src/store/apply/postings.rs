//! What shares are found by besides their state: lists of entries by channel, topic, member and word,
//! in stretches of [`TOGETHER`]. They are written when a share is added, and again only where one of
//! these changes; a share's every step leaves them alone.
//!
//! A stretch comes first in a list's name: whoever looks for the newest reads the newest stretch of
//! each list, whatever a word's beginnings are, and goes back only as far as the page needs.

use std::sync::Arc;

use super::rows::{self, ArticleRow, Fail, Key, Row, Rows, ShareRow};
use super::tally::counted;
use crate::model::words::words;
use crate::model::{Content, MemberId, ShareId, TopicId};

/// Entries of one stretch: as many bits as fit into half of the largest value.
pub const TOGETHER: i64 = 16_384;
/// Words of 64 bits in a stretch.
pub const BITS: usize = TOGETHER as usize / 64;
/// With more entries a list of bits is the smaller one.
const FEW: usize = 1_000;

/// Shares in one [`Key::Entered`], as articles in one [`Key::Added`].
pub const ENTERED_TOGETHER: i64 = 64;

/// What a share is found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// Its channel, by its number.
    Channel(u32),
    /// Its topic: as counted, once it is.
    Topic(TopicId),
    /// Its member: as counted, once it is; before, who queued the article.
    Member(MemberId),
    /// A word of its article, folded.
    Word(Arc<str>),
}

/// Entries of one stretch that share a facet: offsets into it, lowest first, or one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posting {
    /// At most [`FEW`].
    Few(Vec<u16>),
    /// More.
    Many(Box<[u64; BITS]>),
}

impl Default for Posting {
    fn default() -> Self {
        Posting::Few(Vec::new())
    }
}

impl Posting {
    /// Bytes it takes in memory.
    pub fn size(&self) -> usize {
        match self {
            Posting::Few(few) => few.capacity() * size_of::<u16>(),
            Posting::Many(bits) => size_of_val(&**bits),
        }
    }

    /// Puts one in.
    fn insert(&mut self, at: u16) {
        match self {
            Posting::Few(few) => {
                if let Err(place) = few.binary_search(&at) {
                    few.insert(place, at);
                }
                if few.len() > FEW {
                    let mut bits = Box::new([0; BITS]);
                    self.add_to(&mut bits);
                    *self = Posting::Many(bits);
                }
            }
            Posting::Many(bits) => bits[usize::from(at) / 64] |= 1 << (at % 64),
        }
    }

    /// Takes one out.
    fn remove(&mut self, at: u16) {
        match self {
            Posting::Few(few) => {
                if let Ok(place) = few.binary_search(&at) {
                    few.remove(place);
                }
            }
            Posting::Many(bits) => {
                bits[usize::from(at) / 64] &= !(1 << (at % 64));
                let left: u32 = bits.iter().map(|b| b.count_ones()).sum();
                if left as usize <= FEW {
                    *self = Posting::Few(offsets(bits).rev().collect());
                }
            }
        }
    }

    /// None is left.
    fn is_empty(&self) -> bool {
        matches!(self, Posting::Few(few) if few.is_empty())
    }

    /// Sets the bits of all that are in it.
    pub fn add_to(&self, bits: &mut [u64; BITS]) {
        match self {
            Posting::Few(few) => {
                for at in few {
                    bits[usize::from(*at) / 64] |= 1 << (at % 64);
                }
            }
            Posting::Many(many) => bits.iter_mut().zip(&**many).for_each(|(a, b)| *a |= b),
        }
    }

    /// As stored: first which of the two, then steps of seven bits, or the bits.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Posting::Few(few) => {
                let mut bytes = Vec::with_capacity(1 + 2 * few.len());
                bytes.push(0);
                let mut last = 0;
                for at in few {
                    let step = at - last;
                    last = *at;
                    if step >= 128 {
                        bytes.push((step & 127) as u8 | 128);
                    }
                    bytes.push(if step >= 128 {
                        (step >> 7) as u8
                    } else {
                        step as u8
                    });
                }
                bytes
            }
            Posting::Many(bits) => {
                let mut bytes = Vec::with_capacity(1 + 8 * BITS);
                bytes.push(1);
                bytes.extend(bits.iter().flat_map(|b| b.to_le_bytes()));
                bytes
            }
        }
    }

    /// Reads what [`Self::bytes`] wrote.
    ///
    /// # Errors
    /// That it did not write this.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let damaged = || "a list of entries is damaged".to_owned();
        match bytes.split_first() {
            Some((0, steps)) => {
                let (mut few, mut last) = (Vec::new(), 0_u16);
                let mut steps = steps.iter().map(|b| u16::from(*b));
                while let Some(low) = steps.next() {
                    let step = match low {
                        128.. => (low & 127) | steps.next().ok_or_else(damaged)? << 7,
                        _ => low,
                    };
                    last = last.checked_add(step).ok_or_else(damaged)?;
                    if i64::from(last) >= TOGETHER {
                        return Err(damaged());
                    }
                    few.push(last);
                }
                Ok(Posting::Few(few))
            }
            Some((1, all)) if all.len() == 8 * BITS => {
                let mut bits = Box::new([0; BITS]);
                for (word, bytes) in bits.iter_mut().zip(all.as_chunks::<8>().0) {
                    *word = u64::from_le_bytes(*bytes);
                }
                Ok(Posting::Many(bits))
            }
            _ => Err(damaged()),
        }
    }
}

/// The offsets whose bits are set, highest first.
pub fn offsets(bits: &[u64; BITS]) -> impl DoubleEndedIterator<Item = u16> + '_ {
    let of_word = |(n, word): (usize, &u64)| {
        let word = *word;
        (0..64_u16)
            .filter(move |bit| word >> bit & 1 == 1)
            .map(move |bit| n as u16 * 64 + bit)
    };
    bits.iter()
        .enumerate()
        .filter(|(_, word)| **word != 0)
        .flat_map(of_word)
        .rev()
}

/// In which stretch an entry stands, and where in it. Entries count up from 1.
pub fn place_of(entry: i64) -> (u32, u16) {
    let entry = entry.max(0);
    let stretch = u32::try_from(entry / TOGETHER).unwrap_or(u32::MAX);
    (stretch, (entry % TOGETHER) as u16)
}

/// The topic a share is found by.
pub fn topic_of(row: &ShareRow) -> Option<&TopicId> {
    match counted(row) {
        Some((count, _)) => count.topic.as_ref(),
        None => row.share.topic.as_ref(),
    }
}

/// The member a share is found by.
pub fn member_of(row: &ShareRow) -> Option<&MemberId> {
    match counted(row) {
        Some((count, _)) => count.member.as_ref(),
        None => row.member.as_ref(),
    }
}

/// Brings the lists from `old` to `new`.
pub(super) fn follow(
    rows: &mut impl Rows,
    old: Option<&ShareRow>,
    new: &ShareRow,
) -> Result<(), Fail> {
    let entry = new.share.entry;
    if old.is_none() {
        enter(rows, entry, new.share.id)?;
        put(rows, entry, Facet::Channel(new.number), true)?;
    }
    let (was, is) = (old.and_then(topic_of), topic_of(new));
    if was != is {
        for (topic, there) in [(was, false), (is, true)] {
            if let Some(topic) = topic {
                put(rows, entry, Facet::Topic(topic.clone()), there)?;
            }
        }
    }
    let (was, is) = (old.and_then(member_of), member_of(new));
    if was != is {
        for (member, there) in [(was, false), (is, true)] {
            if let Some(member) = member {
                put(rows, entry, Facet::Member(member.clone()), there)?;
            }
        }
    }
    Ok(())
}

/// A new share of an article is found by the article's words.
pub(super) fn add_words(rows: &mut impl Rows, content: &Content, entry: i64) -> Result<(), Fail> {
    for word in words(content) {
        put(rows, entry, Facet::Word(word.into()), true)?;
    }
    Ok(())
}

/// All shares of an article are found by its new words, and no longer by the old ones.
pub(super) fn change_words(
    rows: &mut impl Rows,
    old: &ArticleRow,
    new: &ArticleRow,
) -> Result<(), Fail> {
    let (was, is) = (words(&old.article.content), words(&new.article.content));
    for (words, others, there) in [(&was, &is, false), (&is, &was, true)] {
        for word in words.iter().filter(|w| others.binary_search(w).is_err()) {
            let word: Arc<str> = word.as_str().into();
            for (_, _, entry) in &new.shares {
                put(rows, *entry, Facet::Word(word.clone()), there)?;
            }
        }
    }
    Ok(())
}

fn put(rows: &mut impl Rows, entry: i64, facet: Facet, there: bool) -> Result<(), Fail> {
    let (stretch, at) = place_of(entry);
    let key = Key::Posting(stretch, facet);
    let mut posting = match rows.get(&key)? {
        None => Posting::default(),
        Some(Row::Posting(row)) => (*row).clone(),
        Some(_) => return Err(Fail::Damaged(format!("{key:?} is of another kind"))),
    };
    if there {
        posting.insert(at);
    } else {
        posting.remove(at);
    }
    let row = (!posting.is_empty()).then(|| Row::Posting(Arc::new(posting)));
    rows.put(key, row);
    Ok(())
}

/// Shares come in order of their entries.
fn enter(rows: &mut impl Rows, entry: i64, id: ShareId) -> Result<(), Fail> {
    let stretch = (entry - 1) / ENTERED_TOGETHER;
    let mut ids = match rows::entered(rows, stretch)? {
        Some(row) => (*row).clone(),
        None => Vec::new(),
    };
    ids.push(id);
    rows.put(Key::Entered(stretch), Some(Row::Entered(Arc::new(ids))));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever is put in and taken out, in whatever order: the list is that of a set, told in the
        /// smaller of the two ways, and its bytes are it.
        #[test]
        fn a_posting_is_a_set(
            steps in prop::collection::vec((0u16..16_384, any::<bool>()), 0..60),
            filled in prop::option::of((0u16..15_000, 900u16..1_100)),
        ) {
            let (mut posting, mut model) = (Posting::default(), BTreeSet::new());
            let (from, many) = filled.unwrap_or((0, 0));
            for at in from..from + many {
                posting.insert(at);
                model.insert(at);
            }
            // Out again, down to where it changes its form.
            let out = (from..from + many).rev().map(|at| (at, false));
            for (at, there) in steps.into_iter().chain(out) {
                if there {
                    posting.insert(at);
                    model.insert(at);
                } else {
                    posting.remove(at);
                    model.remove(&at);
                }
                prop_assert_eq!(matches!(posting, Posting::Few(_)), model.len() <= FEW);
                prop_assert_eq!(posting.is_empty(), model.is_empty());
            }
            prop_assert_eq!(&Posting::read(&posting.bytes()).unwrap(), &posting);
            let mut bits = [0; BITS];
            posting.add_to(&mut bits);
            let told: Vec<u16> = offsets(&bits).collect();
            prop_assert_eq!(told, model.into_iter().rev().collect::<Vec<_>>());
        }
    }

    #[test]
    fn what_no_list_wrote_is_told() {
        for bytes in [&[][..], &[0, 200], &[1, 2, 3], &[0, 255, 255], &[7]] {
            assert!(Posting::read(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn entries_stand_in_stretches() {
        assert_eq!(place_of(1), (0, 1));
        assert_eq!(place_of(TOGETHER), (1, 0));
        assert_eq!(place_of(TOGETHER - 1), (0, 16_383));
    }
}
