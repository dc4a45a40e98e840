//! An article and a channel → exactly the post: for preview and for sending alike.
//!
//! ```text
//! clean (NFC, line ends, controls) → link (tags) → template → limits, count, cut → marks
//! ```
//! Everything here is pure. A post is within its platform's limit by the platform's own count
//! (`count/`), its link is whole, and a text that is too long is cut at a word.

mod clean;
pub mod count;
pub(crate) mod cut;
pub mod limits;
mod link;
mod link_key;
mod marks;
pub mod similar;
mod summary;
mod template;
mod thread;

use serde::Serialize;

use crate::model::{Channel, Content, Mark, Mode, Part, PlatformKind, Post};

use count::Unit;
use limits::{Limits, ToldLimits, limits};
use template::{Rendered, Slot, Template, Values};

pub use clean::line as one_line;
pub(crate) use link::addresses;
pub(crate) use link_key::link_key_version;
pub(crate) use link_key::{bare_host, is_tracking};
pub use link_key::{link_key, link_keys};
pub(crate) use similar::sketch_version;
pub(crate) use summary::SUMMARY;
pub use template::{PLACEHOLDERS, TemplateError, TemplateFault, check_template, fill_template};

/// How a post is laid out where the channel does not say: as an office writes a notice.
pub const DEFAULT_TEMPLATE: &str = "{title}\n\n{text}\n\n{link}";

/// Longest summary on a link's card: what a reader of a phone sees of it, and some.
const CARD_SUMMARY: usize = 300;

/// Why no post can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpostable {
    /// Neither text nor link nor picture is left.
    #[error("there is nothing to post: write a text, or give a link")]
    Empty,
    /// More pictures than the platform takes.
    #[error("{given} pictures, but this platform takes {most}: take some away")]
    TooManyPictures {
        /// How many there are.
        given: usize,
        /// How many may be.
        most: usize,
    },
    /// The link alone is longer than the platform takes.
    #[error("the link alone is longer than this platform takes")]
    LinkTooLong,
    /// The template's own words, with link and topic, are longer than the platform takes.
    #[error(
        "the channel's template, with link and topic, is longer than this platform takes: shorten it"
    )]
    TemplateTooLong,
    /// The channel's template is none; the configuration is checked for it.
    #[error("the channel's template cannot be used: {0}")]
    Template(#[from] TemplateError),
}

/// What a post is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The article's content.
    pub content: &'a Content,
    /// The topic's title.
    pub topic: Option<&'a str>,
    /// The topic's hashtags, with or without their sign.
    pub hashtags: &'a [String],
    /// The share's own text instead of the article's.
    pub own_text: Option<&'a str>,
    /// The address that `after` put in place of the article's link. It gets no link tags: they tell
    /// the office's own site where a reader came from, and this is another place.
    pub link_instead: Option<&'a str>,
    /// What the place's own server says it takes, if it is known to differ from others.
    pub told: Option<ToldLimits>,
}

/// A post, and what people want to know of it before it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// Exactly what will be posted.
    pub post: Post,
    /// For each part, how much of the platform's limit it uses.
    pub uses: Vec<Use>,
    /// Whether something was left out.
    pub cut: Option<Cut>,
}

/// How much of a limit a part uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Use {
    /// So much.
    pub used: usize,
    /// Of so much.
    pub limit: usize,
    /// How it is counted.
    pub unit: Unit,
}

/// What was left out to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cut {
    /// In which part.
    pub part: usize,
    /// Where in its text (UTF-8 bytes) the ellipsis stands; none where the whole text was left out.
    pub at: Option<usize>,
    /// How much too long it was, in the part's unit.
    pub over: usize,
}

/// Makes exactly what will be posted.
///
/// A text that is too long for one part becomes a thread where the platform has threads
/// ([`Limits::thread`]): title and link stand in its first part.
///
/// On a Facebook Page that the daemon posts to, the link goes as a card ([`Part::link`]), and, with
/// the default template, not into the text too. Facebook takes no card beside pictures: then the link
/// stands in the text alone and [`Part::link`] is none.
///
/// # Errors
/// [`Unpostable`].
pub fn compose(source: Source<'_>, channel: &Channel) -> Result<Post, Unpostable> {
    preview(source, channel).map(|preview| preview.post)
}

/// As [`compose`], with what people want to know of it.
///
/// # Errors
/// [`Unpostable`].
pub fn preview(source: Source<'_>, channel: &Channel) -> Result<Preview, Unpostable> {
    let limits = limits(channel.platform).as_told(source.told);
    let pictures = &source.content.pictures;
    if pictures.len() > limits.pictures {
        return Err(Unpostable::TooManyPictures {
            given: pictures.len(),
            most: limits.pictures,
        });
    }
    let words = Words::gather(source, channel);
    if words.says_nothing() && pictures.is_empty() {
        return Err(Unpostable::Empty);
    }
    let page = channel.platform == PlatformKind::FacebookPage;
    let sky = channel.platform == PlatformKind::Bluesky;
    // Facebook makes the card of a link itself; Bluesky is given one, and a single picture is the card's.
    let card = channel.mode != Mode::ByHand
        && !words.link.is_empty()
        && (page && pictures.is_empty() || sky && pictures.len() <= 1);
    let template = Template::parse(channel.template.as_deref().unwrap_or(DEFAULT_TEMPLATE))?;
    let layout = Layout {
        summary: template
            .summary()
            .map_or(String::new(), |most| summary::summary(&words.text, most)),
        template,
        words: &words,
        link_in_text: !(card && channel.template.is_none()),
        card,
        unit: limits.unit,
    };
    let beside = if page || sky { card } else { true };
    let carried = (!words.link.is_empty() && beside).then(|| words.link.clone());
    let shown_apart = |text: &str| (sky && card && !text.is_empty()).then(|| text.to_owned());
    let summary = words.card_summary();
    let part = |fitted: &Fitted, link: Option<String>, pictures: &[_]| Part {
        marks: fitted.marks(),
        text: fitted.rendered.text.clone(),
        title: shown_apart(&words.title).filter(|_| link.is_some()),
        summary: shown_apart(&summary).filter(|_| link.is_some()),
        link,
        pictures: pictures.to_vec(),
    };

    if pictures.is_empty() || limits.caption == limits.text {
        if limits.thread > 1
            && let Some(thread) = layout.thread(limits)
        {
            return Ok(thread.preview(limits, |fitted, n| match n {
                0 => part(fitted, carried.clone(), pictures),
                _ => part(fitted, None, &[]),
            }));
        }
        let fitted = layout.fit(limits.text)?;
        let shows_link = card && carried.is_some();
        if !(fitted.rendered.says_something() || shows_link || !pictures.is_empty()) {
            return Err(Unpostable::Empty);
        }
        return Ok(Preview {
            uses: vec![limits.usage(&fitted.rendered.text, limits.text)],
            cut: fitted.cut(0),
            post: Post {
                parts: vec![part(&fitted, carried, pictures)],
            },
        });
    }
    if let Some(fitted) = layout.fit(limits.caption).ok().filter(|f| f.over == 0) {
        return Ok(Preview {
            uses: vec![limits.usage(&fitted.rendered.text, limits.caption)],
            cut: None,
            post: Post {
                parts: vec![part(&fitted, carried, pictures)],
            },
        });
    }
    // Too long for a caption: the pictures, and the text in reply to them.
    let fitted = layout.fit(limits.text)?;
    Ok(Preview {
        uses: vec![
            limits.usage("", limits.caption),
            limits.usage(&fitted.rendered.text, limits.text),
        ],
        cut: fitted.cut(1),
        post: Post {
            parts: vec![
                part(&Fitted::default(), None, pictures),
                part(&fitted, carried, &[]),
            ],
        },
    })
}

impl Limits {
    fn usage(&self, text: &str, limit: usize) -> Use {
        Use {
            used: self.unit.count(text),
            limit,
            unit: self.unit,
        }
    }
}

/// The article's values, clean. Empty: there is none.
struct Words {
    title: String,
    text: String,
    link: String,
    topic: String,
    hashtags: String,
    /// The text spells the link already.
    spelled: bool,
}

impl Words {
    fn gather(source: Source<'_>, channel: &Channel) -> Self {
        let own = source.own_text.map(clean::block).unwrap_or_default();
        let text = if own.is_empty() {
            clean::block(&source.content.text)
        } else {
            own
        };
        let (given, link) = match source.link_instead {
            Some(instead) => (instead, link::plain(instead)),
            None => {
                let given = source.content.link.as_deref().unwrap_or_default();
                (given, link::tagged(&link::plain(given), &channel.link_tags))
            }
        };
        let respelled = link::respelled(&text, given, &link);
        Self {
            title: clean::line(&source.content.title),
            spelled: respelled.is_some(),
            text: respelled.unwrap_or(text),
            link,
            topic: clean::line(source.topic.unwrap_or_default()),
            hashtags: template::hashtags(source.hashtags),
        }
    }

    /// The text's beginning, on one line, as a link's card shows it.
    fn card_summary(&self) -> String {
        let line = clean::line(&self.text);
        if Unit::Characters.count(&line) <= CARD_SUMMARY {
            return line;
        }
        cut::cut(&line, Unit::Characters, CARD_SUMMARY)
    }

    fn says_nothing(&self) -> bool {
        self.title.is_empty() && self.text.is_empty() && self.link.is_empty()
    }
}

/// How the words are laid out.
struct Layout<'a> {
    template: Template,
    words: &'a Words,
    /// What the template's `{summary}` shows.
    summary: String,
    /// `{link}` is filled in.
    link_in_text: bool,
    /// The link goes beside the text, as a card.
    card: bool,
    unit: Unit,
}

/// A text within a limit.
#[derive(Debug, Default)]
struct Fitted {
    rendered: Rendered,
    /// How much too long it was before something was left out; 0 if nothing was.
    over: usize,
}

impl Fitted {
    fn marks(&self) -> Vec<Mark> {
        let place = |slot| self.rendered.place(slot);
        marks::marks(&self.rendered.text, place(Slot::Title), place(Slot::Link))
    }

    fn cut(&self, part: usize) -> Option<Cut> {
        let cut_value = [Slot::Text, Slot::Summary, Slot::Title]
            .into_iter()
            .filter_map(|slot| self.rendered.place(slot))
            .find(|range| self.rendered.text[range.clone()].ends_with(cut::ELLIPSIS));
        (self.over > 0).then(|| Cut {
            part,
            at: cut_value.map(|range| range.end - cut::ELLIPSIS.len()),
            over: self.over,
        })
    }
}

impl Layout<'_> {
    /// All that the article has, with as much of a link as stands in the text.
    fn values<'a>(&'a self, link: &'a str) -> Values<'a> {
        Values {
            title: &self.words.title,
            text: &self.words.text,
            summary: &self.summary,
            link,
            topic: &self.words.topic,
            hashtags: &self.words.hashtags,
        }
    }

    /// The words within `limit`: the text is cut first, then the summary, then the title; link, topic,
    /// hashtags and the template's own words stay.
    fn fit(&self, limit: usize) -> Result<Fitted, Unpostable> {
        let link = if self.link_in_text {
            self.words.link.as_str()
        } else {
            ""
        };
        if self.words.spelled {
            // It stands in the text already; only if the cut takes it away is it put where it belongs.
            let fitted = self.fit_with("", limit)?;
            let text = &fitted.rendered.text;
            if fitted.over == 0 || self.card || link::is_spelled(text, &self.words.link) {
                return Ok(fitted);
            }
        }
        let fitted = self.fit_with(link, limit)?;
        if fitted.rendered.says_something() || self.card || self.words.link.is_empty() {
            return Ok(fitted);
        }
        // The template shows nothing of what this article has; the link is what it is about.
        let bare = Template::parse("{link}")?;
        let only_link = Values {
            link: &self.words.link,
            ..Values::default()
        };
        let rendered = bare.fill(only_link, only_link);
        match self.unit.count(&rendered.text) > limit {
            true => Err(Unpostable::LinkTooLong),
            false => Ok(Fitted { rendered, over: 0 }),
        }
    }

    fn fit_with(&self, link: &str, limit: usize) -> Result<Fitted, Unpostable> {
        let all = self.values(link);
        let whole = self.template.fill(all, all);
        let over = self.unit.count(&whole.text).saturating_sub(limit);
        if over == 0 {
            return Ok(Fitted {
                rendered: whole,
                over,
            });
        }
        let template = &self.template;
        let with_text = |text: &str| template.fill(Values { text, ..all }, all);
        let without = Values { text: "", ..all };
        let with_summary = |summary: &str| template.fill(Values { summary, ..without }, all);
        let without = Values {
            summary: "",
            ..without
        };
        let with_title = |title: &str| template.fill(Values { title, ..without }, all);
        let rendered = self
            .shortened(all.text, limit, with_text)
            .or_else(|| self.shortened(all.summary, limit, with_summary))
            .or_else(|| self.shortened(all.title, limit, with_title));
        match rendered {
            Some(rendered) => Ok(Fitted { rendered, over }),
            None if self.unit.count(link) > limit => Err(Unpostable::LinkTooLong),
            None => Err(Unpostable::TemplateTooLong),
        }
    }

    /// What `fill` makes of as much of `value` as fits, perhaps of none; `None` if not even that fits.
    fn shortened(
        &self,
        value: &str,
        limit: usize,
        fill: impl Fn(&str) -> Rendered,
    ) -> Option<Rendered> {
        let frame = self.unit.count(&fill(cut::ELLIPSIS).text);
        let mut room = (limit + self.unit.count(cut::ELLIPSIS)).saturating_sub(frame);
        // Graphemes at the seams may count otherwise together than alone: then a little less is tried.
        loop {
            let kept = cut::cut(value, self.unit, room);
            let rendered = fill(&kept);
            let over = self.unit.count(&rendered.text).saturating_sub(limit);
            if over == 0 {
                return Some(rendered);
            }
            if kept.is_empty() {
                return None;
            }
            room = room.saturating_sub(over);
        }
    }
}
