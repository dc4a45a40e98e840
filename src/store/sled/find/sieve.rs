//! What is let through on the way: the lists of all that is asked for, put beside each other.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;

use super::super::index::Index;
use super::super::keys;
use super::super::read::Found;
use super::look;
use crate::model::words::Sought;
use crate::store::apply::{BITS, Facet, Key, Posting, Row, place_of};

type Bits = Box<[u64; BITS]>;

/// Which entries stand in the lists of all that is asked for, stretch by stretch.
pub(super) struct Sieve<'a> {
    index: &'a Index,
    facets: Vec<Facet>,
    /// The longest first: it mostly lets the least through, and what is empty needs no further look.
    beginnings: Vec<String>,
    /// What this page has looked at.
    looked: &'a Cell<usize>,
    known: RefCell<HashMap<u32, Rc<Bits>>>,
}

impl<'a> Sieve<'a> {
    pub(super) fn new(
        index: &'a Index,
        facets: Vec<Facet>,
        words: &Sought,
        looked: &'a Cell<usize>,
    ) -> Self {
        let mut beginnings: Vec<String> = words.beginnings().map(str::to_owned).collect();
        beginnings.sort_by_key(|word| Reverse(word.len()));
        Self {
            index,
            facets,
            beginnings,
            looked,
            known: RefCell::default(),
        }
    }

    fn lets_all_through(&self) -> bool {
        self.facets.is_empty() && self.beginnings.is_empty()
    }

    pub(super) fn holds(&self, entry: i64) -> Found<bool> {
        if self.lets_all_through() {
            return Ok(true);
        }
        let (stretch, at) = place_of(entry);
        let bits = self.stretch(stretch)?;
        Ok(bits[usize::from(at) / 64] >> (at % 64) & 1 == 1)
    }

    pub(super) fn stretch(&self, stretch: u32) -> Found<Rc<Bits>> {
        if let Some(bits) = self.known.borrow().get(&stretch) {
            return Ok(bits.clone());
        }
        let bits = Rc::new(self.read(stretch)?);
        self.known.borrow_mut().insert(stretch, bits.clone());
        Ok(bits)
    }

    fn read(&self, stretch: u32) -> Found<Bits> {
        let mut left: Bits = Box::new([u64::MAX; BITS]);
        for facet in &self.facets {
            look(self.looked, 1);
            let mut of_one: Bits = Box::new([0; BITS]);
            match self.index.row(&Key::Posting(stretch, facet.clone()))? {
                None => return Ok(of_one),
                Some(Row::Posting(posting)) => posting.add_to(&mut of_one),
                Some(_) => return Err("a list of entries is of another kind".into()),
            }
            if !narrow(&mut left, &of_one) {
                return Ok(left);
            }
        }
        for beginning in &self.beginnings {
            let mut of_one: Bits = Box::new([0; BITS]);
            for found in self.index.under(keys::posting_words(stretch, beginning)) {
                look(self.looked, 1);
                Posting::read(&found?.1)?.add_to(&mut of_one);
            }
            if !narrow(&mut left, &of_one) {
                break;
            }
        }
        Ok(left)
    }
}

/// Keeps what both hold; says whether anything is left.
fn narrow(left: &mut [u64; BITS], by: &[u64; BITS]) -> bool {
    let mut any = 0;
    for (a, b) in left.iter_mut().zip(by) {
        *a &= b;
        any |= *a;
    }
    any != 0
}
