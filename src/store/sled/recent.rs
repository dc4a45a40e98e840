//! What was written since sled was last written to. sled takes a batch of a thousand entries for
//! hardly more than a small one, and most of what a share writes on its way is written over, or taken
//! away again, moments later: so entries rest here and go down together. Nothing durable rests on it:
//! after a kill the ledger tells what sled had not yet taken, and what goes down goes whole or not at
//! all, with the commit it leads to (`carry`).
//!
//! Two layers: `fresh` takes what comes, `going` is on its way down. Whoever reads looks at both,
//! newest first, then at sled.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use ::sled::IVec;

/// Entries by key; `None`: taken away.
type Layer = BTreeMap<IVec, Option<IVec>>;

/// As sled tells it.
type Entry = (IVec, IVec);

/// So many entries are carried down together, or what a second brings: each is written once however
/// often it changed, and what a thousand shares write on their way is two megabytes.
const FULL: usize = 8192;

/// With so many, whoever writes carries them down himself, so that a slow disk cannot pile them up.
const FAR_TOO_FULL: usize = 8 * FULL;

/// The same by bytes of keys and values: entries of a list that is brought in are larger than a share's.
const FULL_BYTES: usize = 4 << 20;
const FAR_TOO_FULL_BYTES: usize = 4 * FULL_BYTES;

#[derive(Default)]
struct Layers {
    fresh: Arc<Layer>,
    /// Of its keys and values.
    fresh_bytes: usize,
    going: Arc<Layer>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Recent {
    layers: RwLock<Layers>,
    /// Held by whoever carries entries down.
    carrying: Mutex<()>,
}

/// How urgent it is to carry entries down.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Load {
    Light,
    Full,
    FarTooFull,
}

impl Recent {
    /// Puts entries in, all at once.
    pub(super) fn put(&self, entries: impl IntoIterator<Item = (IVec, Option<IVec>)>) -> Load {
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        // Copied only where a long question still looks at it.
        let Layers {
            fresh, fresh_bytes, ..
        } = &mut *layers;
        let fresh = Arc::make_mut(fresh);
        for (key, value) in entries {
            let len = |value: &Option<IVec>| value.as_ref().map_or(0, |value| value.len());
            let (of_key, of_value) = (key.len(), len(&value));
            *fresh_bytes += of_value;
            match fresh.insert(key, value) {
                Some(before) => *fresh_bytes -= len(&before),
                None => *fresh_bytes += of_key,
            }
        }
        match (fresh.len(), *fresh_bytes) {
            (FAR_TOO_FULL.., _) | (_, FAR_TOO_FULL_BYTES..) => Load::FarTooFull,
            (FULL.., _) | (_, FULL_BYTES..) => Load::Full,
            _ => Load::Light,
        }
    }

    /// What is known of a key here: its value, that it was taken away, or nothing.
    pub(super) fn get(&self, key: &[u8]) -> Option<Option<IVec>> {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        let found = layers.fresh.get(key).or_else(|| layers.going.get(key));
        found.cloned()
    }

    /// Both layers as they stand, newest first.
    pub(super) fn now(&self) -> [Stretch; 2] {
        let layers = self.layers.read().unwrap_or_else(PoisonError::into_inner);
        [&layers.fresh, &layers.going].map(|layer| Stretch {
            layer: layer.clone(),
            from: Bound::Unbounded,
            to: Bound::Unbounded,
        })
    }

    /// Carries everything down through `write`, one at a time. Where that fails it stays readable here.
    pub(super) fn carry_down(
        &self,
        write: impl FnOnce(&Layer) -> Result<(), String>,
    ) -> Result<(), String> {
        let _one: MutexGuard<'_, ()> = self.carrying.lock().unwrap_or_else(PoisonError::into_inner);
        let going = {
            let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
            if !layers.going.is_empty() {
                return Err("what was written before did not reach sled".into());
            }
            if layers.fresh.is_empty() {
                return Ok(());
            }
            layers.going = std::mem::take(&mut layers.fresh);
            layers.fresh_bytes = 0;
            layers.going.clone()
        };
        write(&going)?;
        let mut layers = self.layers.write().unwrap_or_else(PoisonError::into_inner);
        layers.going = Arc::default();
        Ok(())
    }
}

/// A stretch of a layer, walked from either end.
pub(super) struct Stretch {
    layer: Arc<Layer>,
    from: Bound<IVec>,
    to: Bound<IVec>,
}

impl Stretch {
    /// Only keys from `from` on and before `to`.
    pub(super) fn between(mut self, from: &[u8], to: &[u8]) -> Self {
        self.from = Bound::Included(IVec::from(from));
        self.to = Bound::Excluded(IVec::from(to));
        self
    }

    fn is_over(&self) -> bool {
        // A map's range panics where its ends lie the wrong way round.
        let key = |bound: &Bound<IVec>| match bound {
            Bound::Included(key) | Bound::Excluded(key) => Some(key.clone()),
            Bound::Unbounded => None,
        };
        self.layer.is_empty()
            || matches!((key(&self.from), key(&self.to)), (Some(from), Some(to)) if from >= to)
    }

    fn ends(&self) -> (Bound<&IVec>, Bound<&IVec>) {
        (self.from.as_ref(), self.to.as_ref())
    }
}

type Change = (IVec, Option<IVec>);

impl Iterator for Stretch {
    type Item = Change;
    fn next(&mut self) -> Option<Change> {
        if self.is_over() {
            return None;
        }
        let (key, value) = self.layer.range::<IVec, _>(self.ends()).next()?;
        let found = (key.clone(), value.clone());
        self.from = Bound::Excluded(found.0.clone());
        Some(found)
    }
}

impl DoubleEndedIterator for Stretch {
    fn next_back(&mut self) -> Option<Change> {
        if self.is_over() {
            return None;
        }
        let (key, value) = self.layer.range::<IVec, _>(self.ends()).next_back()?;
        let found = (key.clone(), value.clone());
        self.to = Bound::Excluded(found.0.clone());
        Some(found)
    }
}

/// An iterator whose next item at either end can be looked at.
struct Ends<I: Iterator> {
    iter: I,
    front: Option<I::Item>,
    back: Option<I::Item>,
}

impl<I: DoubleEndedIterator> Ends<I> {
    fn of(iter: I) -> Self {
        Self {
            iter,
            front: None,
            back: None,
        }
    }
    fn front(&mut self) -> Option<&I::Item> {
        if self.front.is_none() {
            self.front = self.iter.next().or_else(|| self.back.take());
        }
        self.front.as_ref()
    }
    fn back(&mut self) -> Option<&I::Item> {
        if self.back.is_none() {
            self.back = self.iter.next_back().or_else(|| self.front.take());
        }
        self.back.as_ref()
    }
}

/// The layers over what sled tells: the newest word on each key, nothing that was taken away.
pub(super) struct Merged<S: Iterator> {
    layers: [Ends<Stretch>; 2],
    below: Ends<S>,
}

impl<S: DoubleEndedIterator<Item = Result<Entry, String>>> Merged<S> {
    pub(super) fn new(layers: [Stretch; 2], below: S) -> Self {
        Self {
            layers: layers.map(Ends::of),
            below: Ends::of(below),
        }
    }
}

/// Takes the next word from one end: which of the sources' next keys comes first, and what the newest
/// of those that hold it says.
macro_rules! take {
    ($merged:ident, $peek:ident, $comes_before:expr) => {
        loop {
            let mut first: Option<IVec> = None;
            if let Some(below) = $merged.below.$peek() {
                match below {
                    Ok((key, _)) => first = Some(key.clone()),
                    Err(_) => return $merged.below.$peek.take(),
                }
            }
            for layer in &mut $merged.layers {
                if let Some((key, _)) = layer.$peek()
                    && first.as_ref().is_none_or(|first| $comes_before(key, first))
                {
                    first = Some(key.clone());
                }
            }
            let first = first?;
            let mut word = None;
            for layer in &mut $merged.layers {
                if layer.$peek().is_some_and(|(key, _)| *key == first) {
                    let said = layer.$peek.take().map(|(_, value)| value);
                    word = word.or(said);
                }
            }
            if let Some(Ok((key, _))) = $merged.below.$peek()
                && *key == first
            {
                let said = $merged.below.$peek.take();
                word = word.or_else(|| said.and_then(Result::ok).map(|(_, value)| Some(value)));
            }
            if let Some(Some(value)) = word {
                return Some(Ok((first, value)));
            }
        }
    };
}

impl<S: DoubleEndedIterator<Item = Result<Entry, String>>> Iterator for Merged<S> {
    type Item = Result<Entry, String>;
    fn next(&mut self) -> Option<Self::Item> {
        take!(self, front, |key: &IVec, first: &IVec| key < first)
    }
}

impl<S: DoubleEndedIterator<Item = Result<Entry, String>>> DoubleEndedIterator for Merged<S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        take!(self, back, |key: &IVec, first: &IVec| key > first)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn iv(n: u8) -> IVec {
        IVec::from(&[n])
    }

    proptest! {
        /// Whatever is put, taken away and carried down, and from whichever end it is walked: what is
        /// read is what one map would hold.
        #[test]
        fn layers_over_a_tree_read_like_one_map(
            steps in prop::collection::vec((0u8..24, prop::option::of(0u8..9), 0u8..6), 0..60),
            from in 0u8..24,
            to in 0u8..25,
            ends in prop::collection::vec(any::<bool>(), 0..30),
        ) {
            let recent = Recent::default();
            let mut below: BTreeMap<IVec, IVec> = BTreeMap::new();
            let mut model: BTreeMap<u8, u8> = BTreeMap::new();
            for (key, value, carry) in steps {
                recent.put([(iv(key), value.map(iv))]);
                match value {
                    Some(value) => drop(model.insert(key, value)),
                    None => drop(model.remove(&key)),
                }
                match carry {
                    // Down.
                    0 if recent.now()[1].layer.is_empty() => {
                        recent.carry_down(|layer| {
                            for (key, value) in layer {
                                match value {
                                    Some(value) => drop(below.insert(key.clone(), value.clone())),
                                    None => drop(below.remove(key)),
                                }
                            }
                            Ok(())
                        }).unwrap();
                    }
                    // On its way, and no further.
                    1 if recent.now()[1].layer.is_empty() => drop(recent.carry_down(|_| Err("stuck".into()))),
                    _ => {}
                }
            }
            for key in 0..24 {
                let here = recent.get(&[key]).unwrap_or_else(|| below.get(&iv(key)).cloned());
                prop_assert_eq!(here, model.get(&key).map(|v| iv(*v)));
            }
            let mut expected: Vec<_> = model
                .iter()
                .filter(|(key, _)| (from..to).contains(*key))
                .map(|(key, value)| (iv(*key), iv(*value)))
                .collect();
            let inside: Vec<_> = below
                .iter()
                .filter(|(key, _)| (from..to).contains(&key[0]))
                .map(|(key, value)| Ok((key.clone(), value.clone())))
                .collect();
            let layers = recent.now().map(|layer| layer.between(&[from], &[to]));
            let mut merged = Merged::new(layers, inside.into_iter());
            for from_the_back in ends {
                let (told, due) = match from_the_back {
                    false if expected.is_empty() => (merged.next(), None),
                    false => (merged.next(), Some(expected.remove(0))),
                    true => (merged.next_back(), expected.pop()),
                };
                prop_assert_eq!(told, due.map(Ok));
            }
            let rest: Vec<_> = merged.map(Result::unwrap).collect();
            prop_assert_eq!(rest, expected);
        }
    }

    #[test]
    fn what_could_not_be_carried_down_stays_and_stops_the_next() {
        let recent = Recent::default();
        recent.put([(iv(1), Some(iv(2)))]);
        assert!(recent.carry_down(|_| Err("no room".into())).is_err());
        assert_eq!(recent.get(&[1]), Some(Some(iv(2))));
        assert!(recent.carry_down(|_| Ok(())).is_err());
    }

    #[test]
    fn a_question_under_way_does_not_see_what_comes_after() {
        let recent = Recent::default();
        recent.put([(iv(1), Some(iv(1))), (iv(2), Some(iv(2)))]);
        let asked = recent.now();
        recent.put([(iv(1), None), (iv(3), Some(iv(3)))]);
        recent.carry_down(|_| Ok(())).unwrap();
        let below = std::iter::empty();
        let told: Vec<_> = Merged::new(asked, below).map(Result::unwrap).collect();
        assert_eq!(told, [(iv(1), iv(1)), (iv(2), iv(2))]);
    }
}
