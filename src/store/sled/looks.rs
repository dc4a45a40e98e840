//! Short answers to questions about what begins with a name: a queue's head, a channel's next dues,
//! the articles with one link. A tick asks three of them of every channel that is due, and each costs
//! a walk down sled's tree; what was asked once is known until something is written under that name.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use ::sled::IVec;

use super::keys;

/// Names that are known at most: three of each of a thousand channels, and room. With more of them the
/// older half is forgotten.
const MOST: usize = 8192;

/// Entries of one answer at most: whoever wants more walks the tree.
const SHORT: usize = 16;

/// Entries, in order: name, and body.
pub(super) type Entries = Arc<Vec<(IVec, IVec)>>;

/// The first entries under a name.
#[derive(Clone)]
struct Head {
    entries: Entries,
    /// There are no others.
    all: bool,
}

type Heads = HashMap<Vec<u8>, Head, foldhash::fast::RandomState>;

#[derive(Default)]
struct Generations {
    young: Heads,
    old: Heads,
    /// How often something was written.
    writes: u64,
}

/// See the module.
#[derive(Default)]
pub(super) struct Looks(RwLock<Generations>);

/// What a look found.
pub(super) enum Found {
    /// The first so many, or all there are.
    Head(Entries),
    /// Nothing is known here; as of so many writes.
    Unknown(u64),
}

impl Looks {
    /// The first `limit` entries under `name`, as far as they are known.
    pub(super) fn get(&self, name: &[u8], limit: usize) -> Found {
        let looks = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let head = looks.young.get(name).or_else(|| looks.old.get(name));
        match head {
            Some(head) if head.all || head.entries.len() >= limit => {
                Found::Head(head.entries.clone())
            }
            _ => Found::Unknown(looks.writes),
        }
    }

    /// Keeps the first entries under a name, read since [`Looks::get`] did not know them with this
    /// `limit`; unless something was written meanwhile.
    pub(super) fn read(&self, name: &[u8], entries: &Entries, limit: usize, as_of: u64) {
        if keys::scope(name) != Some(name) || entries.len() > SHORT {
            return;
        }
        let mut looks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if looks.writes != as_of {
            return;
        }
        if looks.young.len() >= MOST / 2 {
            looks.old = std::mem::take(&mut looks.young);
        }
        let head = Head {
            entries: entries.clone(),
            all: entries.len() < limit,
        };
        looks.young.insert(name.to_vec(), head);
    }

    /// Forgets what these entries change. They can be read before this is called, and nothing is
    /// answered as it was afterwards.
    pub(super) fn forget<'a>(&self, written: impl IntoIterator<Item = &'a [u8]>) {
        let mut looks = self.0.write().unwrap_or_else(PoisonError::into_inner);
        looks.writes += 1;
        for name in written.into_iter().filter_map(keys::scope) {
            looks.young.remove(name);
            looks.old.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(n: usize) -> Entries {
        let entry = |n: usize| (IVec::from(&[u8::try_from(n).unwrap()]), IVec::from(&[]));
        Arc::new((0..n).map(entry).collect())
    }

    fn known(looks: &Looks, name: &[u8], limit: usize) -> Option<usize> {
        match looks.get(name, limit) {
            Found::Head(entries) => Some(entries.len()),
            Found::Unknown(_) => None,
        }
    }

    fn as_of(looks: &Looks) -> u64 {
        match looks.get(b"nobody asked", 1) {
            Found::Unknown(as_of) => as_of,
            Found::Head(_) => panic!("nothing was read"),
        }
    }

    #[test]
    fn what_is_known_is_known_until_something_is_written_there() {
        let looks = Looks::default();
        let (one, other) = (keys::due(1).done(), keys::due(2).done());
        looks.read(&one, &entries(3), 8, as_of(&looks));
        looks.read(&other, &entries(8), 8, as_of(&looks));
        // All there are: they answer a wider question too. The first eight do not.
        assert_eq!(known(&looks, &one, 64), Some(3));
        assert_eq!(known(&looks, &other, 8), Some(8));
        assert_eq!(known(&looks, &other, 9), None);
        let below = keys::due(1).i64(7).done();
        looks.forget([below.as_slice(), b"o"]);
        assert_eq!(known(&looks, &one, 8), None);
        assert_eq!(known(&looks, &other, 8), Some(8));
    }

    #[test]
    fn what_was_read_before_a_write_is_not_kept_after_it() {
        let looks = Looks::default();
        let name = keys::due(1).done();
        let before = as_of(&looks);
        looks.forget([b"o".as_slice()]);
        looks.read(&name, &entries(1), 8, before);
        assert_eq!(known(&looks, &name, 8), None);
    }

    #[test]
    fn long_answers_and_names_of_other_kinds_are_not_kept() {
        let looks = Looks::default();
        let name = keys::due(1).done();
        looks.read(&name, &entries(SHORT + 1), 64, as_of(&looks));
        looks.read(b"zsomething", &entries(1), 8, as_of(&looks));
        assert_eq!(known(&looks, &name, 8), None);
        assert_eq!(known(&looks, b"zsomething", 8), None);
        for n in 0..10 * u32::try_from(MOST).unwrap() {
            looks.read(&keys::due(n).done(), &entries(1), 8, as_of(&looks));
        }
        let kept = looks.0.read().unwrap();
        assert!(kept.young.len() + kept.old.len() <= MOST);
    }
}
