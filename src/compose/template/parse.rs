//! A template as it is written → its lines, or what is wrong with it and where.

use super::super::{clean, summary};
use super::{Cases, Line, Piece, SUMMARY, Slot, Template, TemplateError, TemplateFault};

impl Template {
    pub(in crate::compose) fn parse(template: &str) -> Result<Self, TemplateError> {
        let mut parser = Parser::default();
        for (n, line) in clean::block(template).split('\n').enumerate() {
            parser.line = n + 1;
            parser.read(line)?;
        }
        if let Some(open) = parser.open.pop() {
            return Err(TemplateError {
                line: open.line,
                column: open.column,
                what: TemplateFault::Open(open.slot.name()),
            });
        }
        if !parser.seen.iter().any(|(slot, _)| slot.says_something()) {
            return Err(TemplateError {
                line: 1,
                column: 1,
                what: TemplateFault::Nothing,
            });
        }
        Ok(Self {
            lines: parser.lines,
            summary: parser.summary,
        })
    }
}

/// A part that began and did not end yet.
#[derive(Debug)]
struct Open {
    slot: Slot,
    there: bool,
    line: usize,
    column: usize,
}

#[derive(Debug, Default)]
struct Parser {
    lines: Vec<Line>,
    open: Vec<Open>,
    /// Every placeholder so far, and the cases it is for.
    seen: Vec<(Slot, Cases)>,
    summary: Option<usize>,
    /// Which line is read, from 1.
    line: usize,
}

impl Parser {
    fn cases(&self) -> Cases {
        self.open
            .iter()
            .map(|open| (open.slot, open.there))
            .collect()
    }

    fn read(&mut self, text: &str) -> Result<(), TemplateError> {
        let mut line = Line {
            cases: self.cases(),
            ..Line::default()
        };
        let mut words = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..];
            if brace.starts_with("{{") || brace.starts_with("}}") {
                words.push_str(&brace[..1]);
                rest = &brace[2..];
                continue;
            }
            let column = text[..text.len() - brace.len()].chars().count() + 1;
            let line_number = self.line;
            let here = |what| TemplateError {
                line: line_number,
                column,
                what,
            };
            let (name, after) = brace
                .strip_prefix('{')
                .and_then(|b| b.split_once('}'))
                .ok_or_else(|| here(TemplateFault::Brace))?;
            let what = self.tell(name.trim(), words.ends_with('#')).map_err(here)?;
            if what == Told::Value(Slot::TopicTag) {
                words.pop();
            }
            if !words.is_empty() {
                let piece = Piece::Words(std::mem::take(&mut words));
                line.pieces.push((self.cases(), piece));
            }
            match what {
                Told::Value(slot) => {
                    let cases = self.cases();
                    let twice = |(other, its): &(Slot, Cases)| {
                        other.name() == slot.name() && together(its, &cases)
                    };
                    if self.seen.iter().any(twice) {
                        return Err(here(TemplateFault::Twice(slot.name())));
                    }
                    self.seen.push((slot, cases.clone()));
                    line.pieces.push((cases, Piece::Slot(slot)));
                }
                Told::Begins(slot, there) => {
                    line.turns = true;
                    self.open.push(Open {
                        slot,
                        there,
                        line: self.line,
                        column,
                    });
                }
                Told::Ends(slot) => {
                    line.turns = true;
                    match self.open.last() {
                        Some(open) if slot.is_none_or(|s| s == open.slot) => self.open.pop(),
                        _ => return Err(here(TemplateFault::Unopened)),
                    };
                }
            }
            // What follows a value must not hang on its last letter.
            rest = after.trim_start_matches(clean::joins_backwards);
        }
        words.push_str(rest);
        if !words.is_empty() {
            line.pieces.push((self.cases(), Piece::Words(words)));
        }
        if let Some(column) = glued(&line.pieces) {
            let at = text.match_indices('{').filter(|(at, _)| {
                let inner = text[at + 1..].split('}').next().unwrap_or_default();
                inner.trim() == "link"
            });
            let at = at.map(|(at, _)| at).nth(column).unwrap_or(0);
            return Err(TemplateError {
                line: self.line,
                column: text[..at].chars().count() + 1,
                what: TemplateFault::Glued,
            });
        }
        self.lines.push(line);
        Ok(())
    }

    /// What stands between two braces.
    fn tell(&mut self, name: &str, behind_hash: bool) -> Result<Told, TemplateFault> {
        let unknown = || TemplateFault::Unknown(name.to_owned());
        let slot = |name: &str| Slot::named(name.trim()).ok_or_else(unknown);
        if let Some(name) = name.strip_prefix('?') {
            return Ok(Told::Begins(slot(name)?, true));
        }
        if let Some(name) = name.strip_prefix('!') {
            return Ok(Told::Begins(slot(name)?, false));
        }
        if let Some(name) = name.strip_prefix('/') {
            let slot = Some(name).filter(|n| !n.trim().is_empty()).map(slot);
            return Ok(Told::Ends(slot.transpose()?));
        }
        if let Some(length) = name.strip_prefix("summary") {
            let length = match length {
                "" => summary::DEFAULT,
                given if given.starts_with(char::is_whitespace) => {
                    let length = given.trim().parse().ok();
                    length
                        .filter(|n| SUMMARY.contains(n))
                        .ok_or(TemplateFault::SummaryLength)?
                }
                _ => return Err(unknown()),
            };
            // Of two for different cases the shorter one holds.
            self.summary = Some(self.summary.map_or(length, |other| other.min(length)));
            return Ok(Told::Value(Slot::Summary));
        }
        match slot(name)? {
            Slot::Topic if behind_hash => Ok(Told::Value(Slot::TopicTag)),
            slot => Ok(Told::Value(slot)),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Told {
    Value(Slot),
    Begins(Slot, bool),
    Ends(Option<Slot>),
}

/// Whether there is an article for which both are shown.
fn together(a: &Cases, b: &Cases) -> bool {
    !a.iter().any(|(slot, there)| b.contains(&(*slot, !there)))
}

/// Which `{link}` of a line, counted from 0, touches something that could be read as part of the
/// address, in any case.
fn glued(pieces: &[(Cases, Piece)]) -> Option<usize> {
    let links = pieces
        .iter()
        .enumerate()
        .filter(|(_, (_, piece))| *piece == Piece::Slot(Slot::Link));
    links
        .enumerate()
        .find(|(_, (at, (cases, _)))| {
            let before = pieces[..*at].iter().rev();
            let after = pieces[at + 1..].iter();
            touches(before, cases, |words| {
                words.ends_with(char::is_alphanumeric)
            }) || touches(after, cases, |words| {
                !words.starts_with(char::is_whitespace)
            })
        })
        .map(|(n, _)| n)
}

/// Whether any of the neighbours that may stand next to a link in these cases would break it.
fn touches<'a>(
    neighbours: impl Iterator<Item = &'a (Cases, Piece)>,
    cases: &Cases,
    breaks: impl Fn(&str) -> bool,
) -> bool {
    let mut passed: Vec<&Cases> = Vec::new();
    for (its, piece) in neighbours.filter(|(its, _)| together(its, cases)) {
        // Wherever this one stands, one before it does too.
        if passed
            .iter()
            .any(|before| before.iter().all(|case| its.contains(case)))
        {
            continue;
        }
        let broken = match piece {
            Piece::Words(words) => breaks(words),
            Piece::Slot(_) => true,
        };
        if broken {
            return true;
        }
        // Where this one stands whenever the link does, no other comes next to it.
        if its.iter().all(|case| cases.contains(case)) {
            return false;
        }
        passed.push(its);
    }
    false
}
