//! What stands on a page, as it stands: nothing is judged here.

use std::ops::ControlFlow;

use super::feeds::{self, RawFeed};
use crate::intake::html::{Attributes, Piece, VOID, beginning};

/// No page has use for more of one kind; a hostile one gets no more memory.
const MOST: usize = 500;

/// Longest value that is kept, in bytes. The longest summaries are whole articles, of which the first
/// lines are shown; one tag may give a value a hundred names.
const MOST_VALUE: usize = 16 << 10;

/// A date stands in so many characters; what is longer is a paragraph.
const MOST_DATE_CHARS: usize = 120;

/// Parts of the names (`class`, `id`) of elements that hold a date: English, and Vietnamese portals'.
const DATE_NAMES: [&str; 7] = [
    "date",
    "time",
    "publish",
    "posted",
    "ngay",
    "thoigian",
    "thoi-gian",
];

/// What a page says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// `<base href>`.
    pub(super) base: Option<String>,
    /// `<html lang>`.
    pub(super) lang: Option<String>,
    /// `<html amp>` or `<html ⚡>`: <https://amp.dev/documentation/guides-and-tutorials/learn/spec/amphtml/>.
    pub(super) amp: bool,
    /// `<title>`.
    pub(super) title: Option<String>,
    /// The first `<h1>` that holds text.
    pub(super) heading: Option<String>,
    /// Every `meta`, and `itemprop` with a value, in order; names in lower case.
    pub(super) metas: Vec<(String, String)>,
    /// `<link rel=canonical>`.
    pub(super) canonicals: Vec<String>,
    /// `<link rel=image_src>`.
    pub(super) image_src: Option<String>,
    /// Feeds that the page names.
    pub(super) feeds: Vec<RawFeed>,
    /// The content of `application/ld+json` scripts.
    pub(super) json_ld: Vec<String>,
    /// Dates that stand in the text, in order.
    pub(super) dates: Vec<StatedDate>,
    /// Pictures in the page's own content, in order.
    pub(super) images: Vec<Image>,
}

/// A date as it stands.
#[derive(Debug)]
pub(super) struct StatedDate {
    pub(super) text: String,
    /// Behind the heading: not the day that a portal shows on its top.
    pub(super) after_heading: bool,
}

/// An `<img>`.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) src: String,
    pub(super) alt: String,
    /// Its declared width and height, where they are numbers.
    pub(super) sides: [Option<u32>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Title,
    Heading,
    JsonLd,
    Date,
    FeedLink,
}

/// Reads a page piece by piece.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) facts: Facts,
    /// What is being kept, of which element, how many of its name are open, the text so far.
    kept: Option<(Kept, String, usize, String)>,
    /// An address that may be a feed's, while its text is kept.
    feed: Option<RawFeed>,
    headings: usize,
    /// Open `article` and `main` elements.
    content: usize,
    /// Open elements that are about other things: menus, side columns, footers.
    beside: usize,
    /// Open `svg`: they have titles of their own.
    drawings: usize,
}

impl Reader {
    pub(super) fn see(&mut self, piece: Piece<'_>) -> ControlFlow<()> {
        match piece {
            Piece::Text(text) => self.text(text),
            Piece::Open(name, attributes) => {
                self.open(name, attributes);
                self.keep_from(name, attributes);
            }
            Piece::Close(name) => self.close(name),
        }
        ControlFlow::Continue(())
    }

    fn text(&mut self, text: &str) {
        let Some((kind, _, _, kept)) = &mut self.kept else {
            return;
        };
        match *kind {
            Kept::JsonLd => kept.push_str(text),
            _ => kept.push_str(beginning(text, MOST_VALUE.saturating_sub(kept.len()))),
        }
        if *kind == Kept::Date && kept.chars().count() > MOST_DATE_CHARS {
            self.kept = None;
        }
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        match name {
            "html" => {
                self.facts.lang = attributes.get("lang").map(str::to_owned);
                self.facts.amp = attributes.get("amp").is_some() || attributes.get("⚡").is_some();
            }
            "base" if self.facts.base.is_none() => {
                self.facts.base = attributes.get("href").map(str::to_owned);
            }
            "meta" => self.meta(attributes),
            "link" => self.link(attributes),
            "img" => self.image(attributes),
            "article" | "main" => self.content += 1,
            "nav" | "aside" | "footer" => self.beside += 1,
            "svg" => self.drawings += 1,
            "time" => {
                if let Some(at) = attributes.get("datetime") {
                    self.date(at);
                }
            }
            _ => {}
        }
        if name != "meta"
            && let Some(property) = attributes.get("itemprop")
        {
            let value = ["content", "datetime", "src", "href"];
            if let Some(value) = value.iter().find_map(|name| attributes.get(name)) {
                self.say(property, value);
            }
        }
    }

    fn meta(&mut self, attributes: Attributes<'_>) {
        let Some(content) = attributes.get("content") else {
            return;
        };
        // RDFa lets one property attribute hold several names.
        for names in ["property", "name", "itemprop", "http-equiv"] {
            for name in attributes.get(names).unwrap_or_default().split_whitespace() {
                self.say(name, content);
            }
        }
    }

    fn say(&mut self, name: &str, value: &str) {
        if self.facts.metas.len() < MOST && !value.is_empty() {
            let value = beginning(value, MOST_VALUE).to_owned();
            let said = (beginning(name, MOST_VALUE).to_lowercase(), value);
            self.facts.metas.push(said);
        }
    }

    fn link(&mut self, attributes: Attributes<'_>) {
        let Some(href) = attributes.get("href").filter(|h| !h.is_empty()) else {
            return;
        };
        let rel = attributes
            .get("rel")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let is = |what: &str| rel.split_whitespace().any(|r| r == what);
        if is("canonical") && self.facts.canonicals.len() < MOST {
            self.facts.canonicals.push(href.to_owned());
        } else if is("image_src") && self.facts.image_src.is_none() {
            self.facts.image_src = Some(href.to_owned());
        } else if (is("alternate") || is("feed"))
            && self.facts.feeds.len() < MOST
            && let Some(feed) = feeds::declared(href, is("feed"), attributes)
        {
            self.facts.feeds.push(feed);
        }
    }

    fn image(&mut self, attributes: Attributes<'_>) {
        let in_content = self.content > 0 || self.headings > 0;
        if !in_content || self.beside > 0 || self.facts.images.len() >= MOST {
            return;
        }
        // Pages that load pictures late keep a blank one in `src`.
        let late = ["data-src", "data-original", "data-lazy-src", "src"];
        let Some(src) = late
            .iter()
            .find_map(|name| attributes.get(name).filter(|s| !s.is_empty()))
        else {
            return;
        };
        let side = |name| {
            attributes
                .get(name)
                .and_then(|s| s.trim_end_matches("px").parse().ok())
        };
        self.facts.images.push(Image {
            src: src.to_owned(),
            alt: attributes.get("alt").unwrap_or_default().to_owned(),
            sides: [side("width"), side("height")],
        });
    }

    fn date(&mut self, text: &str) {
        if self.facts.dates.len() < MOST && self.beside == 0 {
            self.facts.dates.push(StatedDate {
                text: text.to_owned(),
                after_heading: self.headings > 0,
            });
        }
    }

    /// Begins to keep an element's text, where it is wanted.
    fn keep_from(&mut self, name: &str, attributes: Attributes<'_>) {
        if let Some((_, kept, open, text)) = &mut self.kept {
            *open += usize::from(kept == name);
            // "14:30<br>28/8/2019" and "<p>a<p>b" are words apart.
            text.push(' ');
            return;
        }
        let kind = match name {
            "title" if self.drawings == 0 && self.facts.title.is_none() => Kept::Title,
            "h1" if self.facts.heading.is_none() => Kept::Heading,
            "script" if feeds::is_type(attributes, "application/ld+json") => Kept::JsonLd,
            "a" if self.facts.feeds.len() < MOST => {
                let Some(feed) = attributes.get("href").and_then(feeds::linked) else {
                    return;
                };
                self.feed = Some(feed);
                Kept::FeedLink
            }
            _ if is_date(name, attributes) => Kept::Date,
            _ => return,
        };
        self.kept = Some((kind, name.to_owned(), 1, String::new()));
    }

    fn close(&mut self, name: &str) {
        let fewer = |open: &mut usize| *open = open.saturating_sub(1);
        match name {
            "article" | "main" => fewer(&mut self.content),
            "nav" | "aside" | "footer" => fewer(&mut self.beside),
            "svg" => fewer(&mut self.drawings),
            _ => {}
        }
        let Some((_, kept, open, _)) = &mut self.kept else {
            return;
        };
        if kept == name {
            *open -= 1;
            if *open == 0
                && let Some((kind, _, _, text)) = self.kept.take()
            {
                self.keep(kind, text);
            }
        }
    }

    fn keep(&mut self, kind: Kept, text: String) {
        let is_empty = text.trim().is_empty();
        match kind {
            Kept::JsonLd if self.facts.json_ld.len() < MOST => self.facts.json_ld.push(text),
            Kept::FeedLink => {
                if let Some(feed) = self.feed.take() {
                    self.facts.feeds.push(RawFeed {
                        title: text,
                        ..feed
                    });
                }
            }
            _ if is_empty => {}
            Kept::Title => self.facts.title = Some(text),
            Kept::Heading => {
                self.headings += 1;
                self.facts.heading = Some(text);
            }
            Kept::Date => self.date(&text),
            Kept::JsonLd => {}
        }
    }
}

fn is_date(name: &str, attributes: Attributes<'_>) -> bool {
    if VOID.contains(&name) || matches!(name, "html" | "body" | "form" | "script" | "style") {
        return false;
    }
    if name == "time" && attributes.get("datetime").is_none() {
        return true;
    }
    ["class", "id"].into_iter().any(|attribute| {
        let names = attributes.get(attribute).unwrap_or_default();
        let names = names.to_ascii_lowercase();
        DATE_NAMES.iter().any(|part| names.contains(part))
    })
}
