//! What all articles say, sketched, in memory: a question about likeness looks at every one of them, and
//! 64 bytes an article are less than the pages of a tree would take for it.
//!
//! It is filled from the tree by the first question, and kept up with every write from then on.

use std::sync::{Mutex, PoisonError};

use super::{codec, keys};
use crate::compose::similar::{SKETCH_LEN, Sketch};

/// An article's number, and what it says now; none if it says too little.
pub(super) type Sketched = (u64, Option<Sketch>);

#[derive(Default)]
pub(super) struct Sketches {
    /// By the article's number less one; until somebody asks there is none.
    all: Mutex<Option<Vec<Option<Sketch>>>>,
}

impl Sketches {
    /// Those among entries that are written or taken away.
    pub(super) fn among(entries: &[(Vec<u8>, Option<Vec<u8>>)]) -> Result<Vec<Sketched>, String> {
        let sketches = entries
            .iter()
            .filter(|(key, _)| keys::read_sketch(key).is_some());
        sketches
            .map(|(key, value)| {
                let body = value.as_ref().map(|value| codec::unseal(key, value));
                Self::read(key, body.transpose()?.map(|(body, _)| body))
            })
            .collect()
    }

    /// One as it is stored.
    pub(super) fn read(key: &[u8], body: Option<&[u8]>) -> Result<Sketched, String> {
        let number = keys::read_sketch(key).ok_or("a sketch of no article")?;
        let sketch = |body: &[u8]| {
            let bytes: Vec<u8> = codec::read(body)?;
            let bytes = <[u8; SKETCH_LEN]>::try_from(bytes);
            bytes.map(Sketch).map_err(|_| "a sketch is cut".to_owned())
        };
        Ok((number, body.map(sketch).transpose()?))
    }

    /// What was written. Removals stand before what takes their place.
    pub(super) fn write(&self, sketched: Vec<Sketched>) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = all.as_mut() {
            for one in sketched {
                put(all, one);
            }
        }
    }

    /// Numbers and how many bytes agree, in no order. `fill` reads them all.
    pub(super) fn like<I: Iterator<Item = Result<Sketched, String>>>(
        &self,
        sketch: &Sketch,
        least: usize,
        fill: impl FnOnce() -> I,
    ) -> Result<Vec<(u64, usize)>, String> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let all = match all.as_mut() {
            Some(all) => all,
            None => {
                let mut read = Vec::new();
                for one in fill() {
                    put(&mut read, one?);
                }
                all.insert(read)
            }
        };
        let numbered = (1..).zip(all.iter());
        let like = numbered.filter_map(|(number, other)| {
            let agrees = other.as_ref()?.agrees(sketch);
            (agrees >= least).then_some((number, agrees))
        });
        Ok(like.collect())
    }
}

fn put(all: &mut Vec<Option<Sketch>>, (number, sketch): Sketched) {
    let at = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    if all.len() <= at {
        all.resize(at + 1, None);
    }
    all[at] = sketch;
}
