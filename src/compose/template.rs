//! How a channel lays out its posts: `{title} {text} {link}` and others among the channel's own words,
//! and `{?text}…{/text}` for what stands there only where there is a text (docs/templates.md).

mod fill;
mod parse;

use super::clean;
use super::summary::SUMMARY;
pub(super) use fill::{Rendered, Values};

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

impl Template {
    /// How long its summary is, if it has one.
    pub(super) fn summary(&self) -> Option<usize> {
        self.summary
    }
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
