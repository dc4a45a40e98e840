//! A template and its values → a text.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::{Cases, Piece, Slot, Template, hashtag};

/// What is put in. Empty: there is none. Each is clean, so that it does not hang on its neighbours.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::compose) struct Values<'a> {
    pub(in crate::compose) title: &'a str,
    pub(in crate::compose) text: &'a str,
    pub(in crate::compose) summary: &'a str,
    pub(in crate::compose) link: &'a str,
    pub(in crate::compose) topic: &'a str,
    pub(in crate::compose) hashtags: &'a str,
}

impl<'a> Values<'a> {
    fn of(&self, slot: Slot) -> &'a str {
        match slot {
            Slot::Title => self.title,
            Slot::Text => self.text,
            Slot::Summary => self.summary,
            Slot::Link => self.link,
            Slot::Topic | Slot::TopicTag => self.topic,
            Slot::Hashtags => self.hashtags,
        }
    }
}

/// A filled-in template, and where its values stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::compose) struct Rendered {
    pub(in crate::compose) text: String,
    slots: Vec<(Slot, Range<usize>)>,
}

impl Rendered {
    /// The article's text alone, without a template.
    pub(in crate::compose) fn of_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            slots: vec![(Slot::Text, 0..text.len())],
        }
    }
    /// Where a value stands.
    pub(in crate::compose) fn place(&self, slot: Slot) -> Option<Range<usize>> {
        self.slots
            .iter()
            .find(|(s, _)| *s == slot)
            .map(|(_, range)| range.clone())
    }
    /// Whether anything of the article stands in it.
    pub(in crate::compose) fn says_something(&self) -> bool {
        self.slots.iter().any(|(slot, _)| slot.says_something())
    }
}

impl Template {
    /// One pass: what a value contains is never filled in again. A line whose values are all missing
    /// goes, its words with it ("Xem thêm: {link}"), and leaves no second blank line. Which parts are
    /// shown goes by what the `article` has, not by how much of it found room.
    pub(in crate::compose) fn fill(&self, values: Values<'_>, article: Values<'_>) -> Rendered {
        let topic_tag = hashtag(values.topic);
        let value = |slot: Slot| match slot {
            Slot::TopicTag => &topic_tag,
            other => values.of(other),
        };
        let case = |cases: &Cases| {
            let mut all = cases.iter();
            all.all(|(slot, there)| article.of(*slot).is_empty() != *there)
        };
        let mut lines: Vec<Rendered> = Vec::new();
        let mut gone = false;
        for line in &self.lines {
            let pieces: Vec<&Piece> = line
                .pieces
                .iter()
                .filter(|(cases, _)| case(cases))
                .map(|(_, piece)| piece)
                .collect();
            let slots = || pieces.iter().filter_map(|p| slot_of(p));
            let blank = pieces
                .iter()
                .all(|p| matches!(p, Piece::Words(w) if w.trim().is_empty()));
            let hidden = match line.pieces.is_empty() {
                true => line.turns || !case(&line.cases),
                false => blank && (line.turns || pieces.len() < line.pieces.len()),
            };
            let missing = slots().next().is_some() && slots().all(|slot| value(slot).is_empty());
            let blank_before = lines.last().is_none_or(|line| line.text.is_empty());
            if hidden || missing {
                gone = true;
            } else if !(pieces.is_empty() && blank_before && gone) {
                gone = gone && pieces.is_empty();
                lines.push(fill_line(&pieces, value));
            }
        }
        while lines.last().is_some_and(|line| line.text.is_empty()) {
            lines.pop();
        }
        joined(lines)
    }
}

fn slot_of(piece: &Piece) -> Option<Slot> {
    match piece {
        Piece::Slot(slot) => Some(*slot),
        Piece::Words(_) => None,
    }
}

fn fill_line<'a>(pieces: &[&Piece], value: impl Fn(Slot) -> &'a str) -> Rendered {
    let mut line = Rendered::default();
    for piece in pieces {
        match piece {
            // Where a value is missing before it, a line does not begin with the space between.
            Piece::Words(words) if line.text.is_empty() && !std::ptr::eq(*piece, pieces[0]) => {
                line.text.push_str(words.trim_start());
            }
            Piece::Words(words) => line.text.push_str(words),
            Piece::Slot(slot) => {
                let start = line.text.len();
                line.text.push_str(value(*slot));
                if line.text.len() > start {
                    line.slots.push((*slot, start..line.text.len()));
                }
            }
        }
    }
    line.text.truncate(line.text.trim_end().len());
    line
}

fn joined(lines: Vec<Rendered>) -> Rendered {
    let mut all = Rendered::default();
    for (i, line) in lines.into_iter().enumerate() {
        if i > 0 {
            all.text.push('\n');
        }
        let start = all.text.len();
        all.text.push_str(&line.text);
        all.slots.extend(
            line.slots
                .into_iter()
                .map(|(slot, range)| (slot, range.start + start..range.end + start)),
        );
    }
    if !is_nfc(&all.text) {
        // Two neighbours became one letter (only Hangul syllables can, since nothing begins with a
        // mark): places before it still hold, those after it are given up.
        let composed: String = all.text.nfc().collect();
        let same = all
            .text
            .bytes()
            .zip(composed.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        all.slots.retain(|(_, range)| range.end <= same);
        all.text = composed;
    }
    all
}
