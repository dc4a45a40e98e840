//! How a channel lays out its posts: `{title} {text} {link} {topic}` among the channel's own words.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};

use super::clean;

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A name in braces that is none of the four.
    #[error(
        "«{{{0}}}» is no placeholder: use {{title}} {{text}} {{link}} {{topic}}, and write {{{{ for a brace"
    )]
    Unknown(String),
    /// A brace without its partner.
    #[error("a brace stands alone: close it, or write {{{{ or }}}} for a brace itself")]
    Brace,
    /// A placeholder a second time.
    #[error("{{{0}}} stands there twice: let it stand once")]
    Twice(&'static str),
    /// Something would run into the link and break it.
    #[error("{{link}} touches what stands beside it: put a space or a new line between")]
    Glued,
    /// Every post would look the same.
    #[error("nothing of the article would be seen: put in {{text}}, {{title}} or {{link}}")]
    Nothing,
}

/// Tells what is wrong with a template, if anything.
///
/// # Errors
/// [`TemplateError`].
pub fn check_template(template: &str) -> Result<(), TemplateError> {
    Template::parse(template).map(drop)
}

/// An article's text made by a feed's template, from what the feed says.
///
/// # Errors
/// [`TemplateError`].
pub fn fill_template(
    template: &str,
    title: &str,
    text: &str,
    link: &str,
    topic: &str,
) -> Result<String, TemplateError> {
    let (title, text) = (clean::block(title), clean::block(text));
    let (link, topic) = (clean::block(link), clean::block(topic));
    let values = Values {
        title: &title,
        text: &text,
        link: &link,
        topic: &topic,
    };
    Ok(Template::parse(template)?.fill(values).text)
}

/// A placeholder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Title,
    Text,
    Link,
    Topic,
    /// `#{topic}`: the topic written as one hashtag.
    TopicTag,
}

impl Slot {
    fn name(self) -> &'static str {
        match self {
            Slot::Title => "title",
            Slot::Text => "text",
            Slot::Link => "link",
            Slot::Topic | Slot::TopicTag => "topic",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(String),
    Slot(Slot),
}

/// A template, taken apart by lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Vec<Piece>>);

/// What is put in. Empty: there is none. Each is clean, so that it does not hang on its neighbours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values<'a> {
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    pub(super) link: &'a str,
    pub(super) topic: &'a str,
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
    /// Whether anything of the article stands in it. A topic alone says nothing.
    pub(super) fn says_something(&self) -> bool {
        self.slots.iter().any(|(slot, _)| slot.name() != "topic")
    }
}

impl Template {
    pub(super) fn parse(template: &str) -> Result<Self, TemplateError> {
        let mut lines = Vec::new();
        let mut seen: Vec<&'static str> = Vec::new();
        for line in clean::block(template).split('\n') {
            let pieces = parse_line(line)?;
            for piece in &pieces {
                if let Piece::Slot(slot) = piece {
                    if seen.contains(&slot.name()) {
                        return Err(TemplateError::Twice(slot.name()));
                    }
                    seen.push(slot.name());
                }
            }
            if is_glued(&pieces) {
                return Err(TemplateError::Glued);
            }
            lines.push(pieces);
        }
        if !seen.iter().any(|name| *name != "topic") {
            return Err(TemplateError::Nothing);
        }
        Ok(Self(lines))
    }

    /// One pass: what a value contains is never filled in again. A line whose values are all missing
    /// goes, its words with it ("Xem thêm: {link}"), and leaves no second blank line.
    pub(super) fn fill(&self, values: Values<'_>) -> Rendered {
        let topic_tag = hashtag(values.topic);
        let value = |slot: Slot| match slot {
            Slot::Title => values.title,
            Slot::Text => values.text,
            Slot::Link => values.link,
            Slot::Topic => values.topic,
            Slot::TopicTag => &topic_tag,
        };
        let mut lines: Vec<Rendered> = Vec::new();
        let mut gone = false;
        for pieces in &self.0 {
            let missing = |p: &Piece| matches!(p, Piece::Slot(slot) if value(*slot).is_empty());
            let slots = pieces
                .iter()
                .filter(|p| matches!(p, Piece::Slot(_)))
                .count();
            let missing = pieces.iter().filter(|p| missing(p)).count();
            let blank_before = lines.last().is_none_or(|line| line.text.is_empty());
            if slots > 0 && missing == slots {
                gone = true;
            } else if !(pieces.is_empty() && blank_before && gone) {
                gone = gone && pieces.is_empty();
                lines.push(fill_line(pieces, value));
            }
        }
        while lines.last().is_some_and(|line| line.text.is_empty()) {
            lines.pop();
        }
        joined(lines)
    }
}

fn fill_line<'a>(pieces: &[Piece], value: impl Fn(Slot) -> &'a str) -> Rendered {
    let mut line = Rendered::default();
    for piece in pieces {
        match piece {
            // Where a value is missing before it, a line does not begin with the space between.
            Piece::Words(words) if line.text.is_empty() && *piece != pieces[0] => {
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

fn parse_line(line: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['{', '}']) {
        words.push_str(&rest[..at]);
        let brace = &rest[at..];
        if brace.starts_with("{{") || brace.starts_with("}}") {
            words.push_str(&brace[..1]);
            rest = &brace[2..];
            continue;
        }
        let (name, after) = brace
            .strip_prefix('{')
            .and_then(|b| b.split_once('}'))
            .ok_or(TemplateError::Brace)?;
        let slot = match name.trim() {
            "title" => Slot::Title,
            "text" => Slot::Text,
            "link" => Slot::Link,
            "topic" if words.ends_with('#') => Slot::TopicTag,
            "topic" => Slot::Topic,
            unknown => return Err(TemplateError::Unknown(unknown.to_owned())),
        };
        if slot == Slot::TopicTag {
            words.pop();
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(std::mem::take(&mut words)));
        }
        pieces.push(Piece::Slot(slot));
        // What follows a value must not hang on its last letter.
        rest = after.trim_start_matches(clean::joins_backwards);
    }
    words.push_str(rest);
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    Ok(pieces)
}

/// Whether anything beside `{link}` could be read as part of the address.
fn is_glued(pieces: &[Piece]) -> bool {
    let Some(at) = pieces.iter().position(|p| *p == Piece::Slot(Slot::Link)) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(|i| pieces.get(i));
    let glued_before = match before {
        Some(Piece::Words(words)) => words.ends_with(char::is_alphanumeric),
        Some(Piece::Slot(_)) => true,
        None => false,
    };
    let glued_after = match pieces.get(at + 1) {
        Some(Piece::Words(words)) => !words.starts_with(char::is_whitespace),
        Some(Piece::Slot(_)) => true,
        None => false,
    };
    glued_before || glued_after
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

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Values<'_> = Values {
        title: "Tựa",
        text: "Một\n\nhai",
        link: "https://x.vn/a",
        topic: "Chuyển đổi số",
    };

    fn fill(template: &str, values: Values<'_>) -> String {
        Template::parse(template).unwrap().fill(values).text
    }

    #[test]
    fn values_stand_where_they_are_named() {
        let template = "📣 {title}\n\n{ text }\n\n👉 Xem thêm: {link}\n#{topic} {{x}}";
        let rendered = Template::parse(template).unwrap().fill(ALL);
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
    fn a_wrong_template_says_what_is_wrong() {
        use TemplateError::*;
        for (template, error) in [
            ("{text} {tieude}", Unknown("tieude".to_owned())),
            ("{Text}", Unknown("Text".to_owned())),
            ("{}{text}", Unknown(String::new())),
            ("{text", Brace),
            ("text} {text}", Brace),
            ("{text}\n{text}", Twice("text")),
            ("#{topic} {topic} {text}", Twice("topic")),
            ("{text} {link}{topic}", Glued),
            ("{text} {link}.", Glued),
            ("{text} xem{link}", Glued),
            ("#{topic}", Nothing),
            ("Tin mới!", Nothing),
            ("", Nothing),
        ] {
            assert_eq!(check_template(template), Err(error), "{template}");
        }
        assert_eq!(check_template("({link} ) {text}"), Ok(()));
        assert!(
            check_template("{x}")
                .unwrap_err()
                .to_string()
                .contains("«{x}»")
        );
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
            .fill(hangul);
        assert_eq!(rendered.text, "Chuyển đổi số: 하 https://x.vn/a");
        assert_eq!(rendered.place(Slot::Title), None);
        assert!(rendered.place(Slot::Topic).is_some());
    }
}
