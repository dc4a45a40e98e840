//! A place in a file, at which something can be complained about.

use std::cell::RefCell;
use std::ops::Range;
use std::path::PathBuf;

use super::nearest::nearest;
use super::problem::{Code, Problem, Values, Weight};

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Named as the user named it.
    pub path: PathBuf,
    /// What stands in it.
    pub text: String,
}

/// Where problems are gathered. One for a whole configuration.
pub(super) type Sink = RefCell<Vec<Problem>>;

/// A place in a file, at which something can be complained about.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    source: &'a Source,
    pub(super) offset: usize,
    sink: &'a Sink,
}

impl<'a> At<'a> {
    /// The beginning of a file.
    pub(super) fn start_of(source: &'a Source, sink: &'a Sink) -> Self {
        Self {
            source,
            offset: 0,
            sink,
        }
    }
    /// Another place in the same file.
    pub(super) fn at(self, span: &Range<usize>) -> Self {
        Self {
            offset: span.start,
            ..self
        }
    }
    /// Its line, from 1 on.
    pub(super) fn line(self) -> usize {
        let bytes = self.source.text.bytes();
        1 + bytes.take(self.offset).filter(|b| *b == b'\n').count()
    }
    /// Notes what keeps the configuration from being taken.
    pub(super) fn error(self, code: Code, values: Values) {
        self.note(Weight::Error, code, values);
    }
    /// Notes what is hardly meant.
    pub(super) fn warn(self, code: Code, values: Values) {
        self.note(Weight::Warning, code, values);
    }
    /// Notes a problem.
    pub(super) fn note(self, weight: Weight, code: Code, values: Values) {
        self.sink.borrow_mut().push(Problem {
            file: self.source.path.clone(),
            line: self.line(),
            weight,
            code,
            values,
        });
    }
    /// Notes that `name` is none of `known`: with the nearest of them, else with all of them.
    pub(super) fn unknown<'k>(
        self,
        weight: Weight,
        (plain, near): (Code, Code),
        (placeholder, name): (&'static str, &str),
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        let named = (placeholder, name.to_owned());
        match nearest(name, known.clone()) {
            Some(found) => self.note(weight, near, vec![named, ("near", found.to_owned())]),
            None => self.note(weight, plain, vec![named, ("known", listed(known))]),
        }
    }
    /// What stands here, for people: one line, not too long.
    pub(super) fn snippet(self, span: &Range<usize>) -> String {
        let written = self.source.text.get(span.clone()).unwrap_or_default();
        let line = written.lines().next().unwrap_or_default();
        let short: String = line.chars().take(SNIPPET).collect();
        if short.len() < written.len() {
            short + "…"
        } else {
            short
        }
    }
}

/// Most characters of a file that a message repeats.
const SNIPPET: usize = 40;
/// Most names that a message lists.
const LISTED: usize = 30;

/// Names for people: each once, not too many.
pub(super) fn listed<'k>(names: impl Iterator<Item = &'k str>) -> String {
    let mut listed: Vec<&str> = Vec::new();
    for name in names {
        match listed.len() {
            _ if listed.contains(&name) => {}
            LISTED => {
                listed.push("…");
                break;
            }
            _ => listed.push(name),
        }
    }
    if listed.is_empty() {
        return "–".to_owned();
    }
    listed.join(", ")
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'a, T> {
    pub(super) value: T,
    pub(super) place: At<'a>,
}
