//! How a channel lays out its posts: `{title} {text} {link}` and others among the channel's own words,
//! and `{?text}…{/text}` for what stands there only where there is a text (docs/templates.md).

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::clean;
use super::summary::SUMMARY;

/// What is wrong with a template, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, character {column} of the template: {what}")]
pub struct TemplateError {
    /// Which line of the template, from 1.
    pub line: usize,
    /// Which character of the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: TemplateFault,
}

/// What can be wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateFault {
    /// A name in braces that is none of [`PLACEHOLDERS`].
    #[error(
        "«{{{0}}}» is no placeholder: use {{title}} {{text}} {{summary}} {{link}} {{topic}} {{hashtags}}, and write {{{{ for a brace"
    )]
    Unknown(String),
    /// A brace without its partner.
    #[error("a brace stands alone: close it, or write {{{{ or }}}} for a brace itself")]
    Brace,
    /// A placeholder a second time where both would be seen.
    #[error("{{{0}}} stands there twice: let it stand once")]
    Twice(&'static str),
    /// Something would run into the link and break it.
    #[error("{{link}} touches what stands beside it: put a space or a new line between")]
    Glued,
    /// A part for one case that never ends.
    #[error("what begins here never ends: write {{/{0}}} behind it")]
    Open(&'static str),
    /// The end of a part that did not begin, or in which another is open.
    #[error("nothing that began is ended here")]
    Unopened,
    /// The summary's length is none that makes sense.
    #[error("a summary is {} to {} characters long", SUMMARY.start(), SUMMARY.end())]
    SummaryLength,
    /// Every post would look the same.
    #[error("nothing of the article would be seen: put in {{text}}, {{title}} or {{link}}")]
    Nothing,
}

/// What a template can show.
pub const PLACEHOLDERS: [&str; 6] = ["title", "text", "summary", "link", "topic", "hashtags"];

/// Tells what is wrong with a template, if anything.
///
/// # Errors
/// [`TemplateError`].
pub fn check_template(template: &str) -> Result<(), TemplateError> {
    Template::parse(template).map(drop)
}

/// An article's text made by a feed's template from what the feed says. How the article is laid out on a
/// channel is that channel's template's affair.
///
/// # Errors
/// [`TemplateError`].
pub fn fill_template(
    template: &str,
    title: &str,
    text: &str,
    link: &str,
    topic: &str,
    given_hashtags: &[String],
) -> Result<String, TemplateError> {
    let template = Template::parse(template)?;
    let (title, text) = (clean::line(title), clean::block(text));
    let summary = template
        .summary()
        .map_or(String::new(), |most| super::summary::summary(&text, most));
    let values = Values {
        title: &title,
        text: &text,
        summary: &summary,
        link: &clean::line(link),
        topic: &clean::line(topic),
        hashtags: &hashtags(given_hashtags),
    };
    Ok(template.fill(values, values).text)
}

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Title,
    Text,
    /// The text's first sentences.
    Summary,
    Link,
    Topic,
    /// `#{topic}`: the topic written as one hashtag.
    TopicTag,
    /// The topic's own hashtags.
    Hashtags,
}

impl Slot {
    fn name(self) -> &'static str {
        match self {
            Slot::Title => "title",
            Slot::Text => "text",
            Slot::Summary => "summary",
            Slot::Link => "link",
            Slot::Topic | Slot::TopicTag => "topic",
            Slot::Hashtags => "hashtags",
        }
    }
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "title" => Slot::Title,
            "text" => Slot::Text,
            "summary" => Slot::Summary,
            "link" => Slot::Link,
            "topic" => Slot::Topic,
            "hashtags" => Slot::Hashtags,
            _ => return None,
        })
    }
    /// Whether it is about the article itself: a topic alone says nothing.
    fn says_something(self) -> bool {
        !matches!(self, Slot::Topic | Slot::TopicTag | Slot::Hashtags)
    }
}

/// The cases a piece is for, all together: this value is there, or is not.
type Cases = Vec<(Slot, bool)>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Slot(Slot),
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Line {
    pieces: Vec<(Cases, Piece)>,
    /// The cases in which it begins.
    cases: Cases,
    /// A part begins or ends on it.
    turns: bool,
}

/// A template, taken apart by lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    lines: Vec<Line>,
    /// How long a summary is, in characters; none where there is no summary.
    summary: Option<usize>,
}

/// What is put in. Empty: there is none. Each is clean, so that it does not hang on its neighbours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values<'a> {
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) summary: &'a str,
    pub(super) link: &'a str,
    pub(super) topic: &'a str,
    pub(super) hashtags: &'a str,
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
pub(super) struct Rendered {
    pub(super) text: String,
    slots: Vec<(Slot, Range<usize>)>,
}

impl Rendered {
    /// The article's text alone, without a template.
    pub(super) fn of_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            slots: vec![(Slot::Text, 0..text.len())],
        }
    }
    /// Where a value stands.
    pub(super) fn place(&self, slot: Slot) -> Option<Range<usize>> {
        self.slots
            .iter()
            .find(|(s, _)| *s == slot)
            .map(|(_, range)| range.clone())
    }
    /// Whether anything of the article stands in it.
    pub(super) fn says_something(&self) -> bool {
        self.slots.iter().any(|(slot, _)| slot.says_something())
    }
}

impl Template {
    pub(super) fn parse(template: &str) -> Result<Self, TemplateError> {
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

    /// How long its summary is, if it has one.
    pub(super) fn summary(&self) -> Option<usize> {
        self.summary
    }

    /// One pass: what a value contains is never filled in again. A line whose values are all missing
    /// goes, its words with it ("Xem thêm: {link}"), and leaves no second blank line. Which parts are
    /// shown goes by what the `article` has, not by how much of it found room.
    pub(super) fn fill(&self, values: Values<'_>, article: Values<'_>) -> Rendered {
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
                "" => super::summary::DEFAULT,
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

/// “Chuyển đổi số” → “#ChuyểnĐổiSố”: one word, since a hashtag ends at a space. Empty for nothing.
fn hashtag(topic: &str) -> String {
    let words = topic.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    let mut tag = String::new();
    for word in words {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            tag.extend(first.to_uppercase());
            tag.push_str(letters.as_str());
        }
    }
    if tag.is_empty() {
        tag
    } else {
        format!("#{tag}")
    }
}

/// Each as one hashtag, with or without its sign as given; one space between.
pub(super) fn hashtags(given: &[String]) -> String {
    let tags = given.iter().map(|tag| hashtag(&clean::line(tag)));
    let tags: Vec<String> = tags.filter(|tag| !tag.is_empty()).collect();
    tags.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Values<'_> = Values {
        title: "Tựa",
        text: "Một\n\nhai",
        link: "https://x.vn/a",
        summary: "Một",
        topic: "Chuyển đổi số",
        hashtags: "#ChợĐồn #BắcKạn",
    };

    fn fill(template: &str, values: Values<'_>) -> String {
        Template::parse(template).unwrap().fill(values, values).text
    }

    #[test]
    fn values_stand_where_they_are_named() {
        let template = "📣 {title}\n\n{ text }\n\n👉 Xem thêm: {link}\n#{topic} {{x}}";
        let rendered = Template::parse(template).unwrap().fill(ALL, ALL);
        assert_eq!(
            rendered.text,
            "📣 Tựa\n\nMột\n\nhai\n\n👉 Xem thêm: https://x.vn/a\n#ChuyểnĐổiSố {x}"
        );
        for (slot, want) in [
            (Slot::Title, "Tựa"),
            (Slot::Text, "Một\n\nhai"),
            (Slot::Link, "https://x.vn/a"),
            (Slot::TopicTag, "#ChuyểnĐổiSố"),
        ] {
            assert_eq!(&rendered.text[rendered.place(slot).unwrap()], want);
        }
        assert_eq!(rendered.place(Slot::Topic), None);
    }

    #[test]
    fn what_is_missing_leaves_nothing_behind() {
        let template = "{title}\n\n{text}\n\nXem thêm: {link}\n\n{topic}";
        let with = |values| fill(template, values);
        assert_eq!(
            with(Values { title: "", ..ALL }),
            "Một\n\nhai\n\nXem thêm: https://x.vn/a\n\nChuyển đổi số"
        );
        assert_eq!(
            with(Values { text: "", ..ALL }),
            "Tựa\n\nXem thêm: https://x.vn/a\n\nChuyển đổi số"
        );
        assert_eq!(
            with(Values {
                link: "",
                topic: "",
                ..ALL
            }),
            "Tựa\n\nMột\n\nhai"
        );
        assert_eq!(
            with(Values {
                text: "",
                link: "",
                ..ALL
            }),
            "Tựa\n\nChuyển đổi số"
        );
        assert_eq!(with(Values::default()), "");
        assert_eq!(
            fill("{title} – {topic}\n{text}", Values { title: "", ..ALL }),
            "– Chuyển đổi số\nMột\n\nhai"
        );
        assert_eq!(
            fill("{title} {topic} \n{text}", Values { topic: "", ..ALL }),
            "Tựa\nMột\n\nhai"
        );
        // Blank lines that the template means stay.
        assert_eq!(fill("{title}\n\n\n{text}", ALL), "Tựa\n\n\nMột\n\nhai");
    }

    #[test]
    fn what_a_value_contains_is_never_filled_in_again() {
        let sly = Values {
            text: "{link} {{title}} {topic}",
            ..ALL
        };
        assert_eq!(
            fill("{text}\n{link}", sly),
            "{link} {{title}} {topic}\nhttps://x.vn/a"
        );
    }

    #[test]
    fn a_part_is_shown_only_in_its_case() {
        let template = "{?title}📣 {title}{/title}{!title}📣 Tin mới{/title}\n\n\
            {?text}\n{text}\n{/text}\n{!text}\nXem trên trang:\n{/}\n\n{link}{?topic} ({topic}){/topic}";
        assert_eq!(
            fill(template, ALL),
            "📣 Tựa\n\nMột\n\nhai\n\nhttps://x.vn/a (Chuyển đổi số)"
        );
        let bare = Values {
            link: "https://x.vn/a",
            ..Values::default()
        };
        assert_eq!(
            fill(template, bare),
            "📣 Tin mới\n\nXem trên trang:\n\nhttps://x.vn/a"
        );
        // One within another, and a placeholder once for each case.
        let template = "{?link}{?text}{text} Xem: {link}{/text}{!text}Xem {link}{/text}{/link}{!link}{text}{/}";
        assert_eq!(fill(template, ALL), "Một\n\nhai Xem: https://x.vn/a");
        assert_eq!(
            fill(template, Values { text: "", ..ALL }),
            "Xem https://x.vn/a"
        );
        assert_eq!(fill(template, Values { link: "", ..ALL }), "Một\n\nhai");
    }

    #[test]
    fn a_feeds_template_makes_a_text() {
        let template = "{?text}{summary 60}{/}{!text}{title}{/}\n{link} {hashtags}";
        let tags = ["#Chợ Đồn".to_owned(), "…".to_owned(), "tin-vui".to_owned()];
        let fill =
            |text| fill_template(template, "Tựa", text, "https://x.vn/a", "", &tags).unwrap();
        assert_eq!(
            fill("Câu một dài hơn. Câu hai {link} cũng dài.\n\nCâu ba nằm ở đoạn sau."),
            "Câu một dài hơn. Câu hai {link} cũng dài.\nhttps://x.vn/a #ChợĐồn #TinVui"
        );
        assert_eq!(fill(" \n"), "Tựa\nhttps://x.vn/a #ChợĐồn #TinVui");
        assert!(fill_template("{", "", "", "", "", &[]).is_err());
    }

    #[test]
    fn which_parts_are_shown_goes_by_the_article() {
        let template =
            Template::parse("{?text}Nội dung: {text}{/text}{!text}Chỉ có tựa{/text}\n{title}");
        let cut = Values { text: "…", ..ALL };
        let filled = template.unwrap().fill(cut, ALL).text;
        assert_eq!(filled, "Nội dung: …\nTựa");
    }

    #[test]
    fn hashtags_and_a_summary_stand_where_they_are_asked_for() {
        assert_eq!(
            fill("{title}: {summary 90}\n{hashtags}", ALL),
            "Tựa: Một\n#ChợĐồn #BắcKạn"
        );
        assert_eq!(Template::parse("{summary 90}").unwrap().summary(), Some(90));
        assert_eq!(Template::parse("{text}").unwrap().summary(), None);
    }

    #[test]
    fn a_wrong_template_says_what_is_wrong_and_where() {
        use TemplateFault::*;
        for (template, line, column, what) in [
            ("{text} {tieude}", 1, 8, Unknown("tieude".to_owned())),
            ("{Text}", 1, 1, Unknown("Text".to_owned())),
            ("{}{text}", 1, 1, Unknown(String::new())),
            (
                "{text}\nđây: {?tieude}x{/}",
                2,
                6,
                Unknown("?tieude".to_owned()),
            ),
            ("{text", 1, 1, Brace),
            ("text} {text}", 1, 5, Brace),
            ("{text}\n{text}", 2, 1, Twice("text")),
            ("{?title}{text}{/title} {text}", 1, 24, Twice("text")),
            ("#{topic} {topic} {text}", 1, 10, Twice("topic")),
            ("{text} {link}{topic}", 1, 8, Glued),
            ("{text} {link}.", 1, 8, Glued),
            ("{text} xem{link}", 1, 11, Glued),
            ("{link}{?topic} {topic}{/topic}x", 1, 1, Glued),
            ("{text}\n {?link}", 2, 2, Open("link")),
            ("{text}{/text}", 1, 7, Unopened),
            ("{?text}{?link}{/text}{/link}", 1, 15, Unopened),
            ("{summary 9}", 1, 1, SummaryLength),
            ("{summary dài}", 1, 1, SummaryLength),
            ("#{topic}", 1, 1, Nothing),
            ("{?text}Tin mới!{/text} {hashtags}", 1, 1, Nothing),
            ("Tin mới!", 1, 1, Nothing),
            ("", 1, 1, Nothing),
        ] {
            let error = TemplateError { line, column, what };
            assert_eq!(check_template(template), Err(error), "{template}");
        }
        assert_eq!(check_template("({link} ) {text}"), Ok(()));
        assert_eq!(
            check_template("{link}{?topic} #{topic}{/topic}\n{text}"),
            Ok(())
        );
        let said = check_template("{x}").unwrap_err().to_string();
        assert!(said.contains("«{x}»") && said.contains("line 1"), "{said}");
    }

    #[test]
    fn words_do_not_hang_on_values() {
        assert_eq!(fill("{text}\u{301}! {title}", ALL), "Một\n\nhai! Tựa");
        assert_eq!(
            fill("{link} \u{301}x {text}", ALL),
            "https://x.vn/a \u{301}x Một\n\nhai"
        );
    }

    #[test]
    fn neighbours_that_become_one_letter_are_composed() {
        let hangul = Values {
            title: "\u{1112}",
            text: "\u{1161}",
            ..ALL
        };
        let rendered = Template::parse("{topic}: {title}{text} {link}")
            .unwrap()
            .fill(hangul, hangul);
        assert_eq!(rendered.text, "Chuyển đổi số: 하 https://x.vn/a");
        assert_eq!(rendered.place(Slot::Title), None);
        assert!(rendered.place(Slot::Topic).is_some());
    }

    proptest::proptest! {
        /// Whatever is written, and whatever comes in.
        #[test]
        fn it_never_panics_and_fills_nothing_twice(
            template in "(\\{[?!/]?(title|text|summary|link|topic|hashtags|summary 40|x)?\\}|\\{\\{|\\}\\}|[ #a\u{301}\n{}])(\\{[?!/]?(title|text|summary|link|topic|hashtags)?\\}|\\PC|\n){0,9}",
            value in "\\PC{0,12}",
            there in proptest::collection::vec(proptest::prelude::any::<bool>(), 6),
        ) {
            let Ok(template) = Template::parse(&template) else {
                return Ok(());
            };
            let value = format!("{{title}}{}", clean::line(&value));
            let or = |n: usize| if there[n] { value.as_str() } else { "" };
            let values = Values {
                title: or(0), text: or(1), summary: or(2), link: or(3), topic: or(4), hashtags: or(5),
            };
            let rendered = template.fill(values, values);
            for slot in [Slot::Title, Slot::Text, Slot::Summary, Slot::Link, Slot::Topic] {
                if let Some(place) = rendered.place(slot) {
                    proptest::prop_assert_eq!(&rendered.text[place], value.as_str());
                }
            }
            proptest::prop_assert!(!rendered.text.ends_with('\n'));
        }
    }
}
