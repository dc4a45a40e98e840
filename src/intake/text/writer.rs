//! The pieces of markup, one after another → lines of text.

use std::mem::take;
use std::ops::ControlFlow;

use unicode_normalization::UnicodeNormalization as _;
use url::Url;

use crate::intake::html::{Attributes, Piece, VOID};
use crate::model::article::MAX_TEXT_CHARS;

/// Nested lists are indented so many times and no further.
const MOST_INDENTS: usize = 4;

/// Elements whose text is not for reading.
const NOT_READ: [&str; 20] = [
    "script", "style", "nav", "head", "title", "template", "noscript", "svg", "math", "select",
    "textarea", "button", "iframe", "object", "audio", "video", "canvas", "dialog", "noembed",
    "noframes",
];

/// Writes down what is read.
pub(super) struct Writer<'a> {
    base: Option<&'a Url>,
    read_anyway: &'a [String],
    out: String,
    /// Characters in `out`.
    chars: usize,
    /// Line ends to be written before the next character: one, or two for a paragraph.
    breaks: usize,
    /// A space is to be written before the next character.
    space: bool,
    /// What opens a list item or a further cell, to be written before its first character.
    marker: Option<String>,
    lists: Vec<List>,
    /// Where the row's text begins in `out`, once a cell has been seen.
    row: Option<usize>,
    preformatted: usize,
    /// The element whose text is not read, and how many of its name are open.
    unread: Option<(String, usize)>,
    link: Option<Link>,
}

struct List {
    /// The next item's number, in an ordered list.
    next: Option<i64>,
}

struct Link {
    address: String,
    /// Where its text begins in `out`.
    from: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(base: Option<&'a Url>, read_anyway: &'a [String]) -> Self {
        Writer {
            base,
            read_anyway,
            out: String::new(),
            chars: 0,
            breaks: 0,
            space: false,
            marker: None,
            lists: Vec::new(),
            row: None,
            preformatted: 0,
            unread: None,
            link: None,
        }
    }

    pub(super) fn see(&mut self, piece: Piece<'_>) -> ControlFlow<()> {
        if let Some((name, open)) = &mut self.unread {
            match piece {
                // A head's end tag may be left out.
                Piece::Open("body", _) if name == "head" => self.unread = None,
                Piece::Open(other, _) if other == name => *open += 1,
                Piece::Close(other) if other == name => *open -= 1,
                _ => {}
            }
            if matches!(self.unread, Some((_, 0))) {
                self.unread = None;
            }
            return ControlFlow::Continue(());
        }
        match piece {
            Piece::Text(text) => self.text(text),
            Piece::Open(name, attributes) => self.open(name, attributes),
            Piece::Close(name) => self.close(name),
        }
        if self.is_full() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn is_full(&self) -> bool {
        self.chars > MAX_TEXT_CHARS
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.line_end(),
                c if c.is_whitespace() => self.space = true,
                // Nothing to be seen: soft hyphens, zero-width spaces, byte order marks, and what would
                // turn the reading direction of all that follows.
                '\u{ad}'
                | '\u{200b}'
                | '\u{feff}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}' => {}
                c if c.is_control() => {}
                c => self.put(c),
            }
            if self.is_full() {
                return;
            }
        }
    }

    fn put(&mut self, c: char) {
        if !self.out.is_empty() {
            for _ in 0..self.breaks {
                self.push("\n");
            }
        }
        let at_start = self.out.is_empty() || self.breaks > 0;
        self.breaks = 0;
        if let Some(marker) = self.marker.take() {
            self.push(&marker);
        } else if self.space && !at_start {
            self.push(" ");
        }
        self.space = false;
        self.out.push(c);
        self.chars += 1;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.chars += text.chars().count();
    }

    /// At least so many line ends. None between a marker and what it marks.
    fn apart(&mut self, lines: usize) {
        if self.marker.is_none() {
            self.breaks = self.breaks.max(lines);
        }
    }

    fn line_end(&mut self) {
        if self.marker.is_none() {
            self.breaks = (self.breaks + 1).min(2);
        }
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>) {
        let is_not_read = NOT_READ.contains(&name) || is_hidden(name, attributes);
        if is_not_read && !self.read_anyway.iter().any(|n| n == name) {
            self.unread = Some((name.to_owned(), 1));
            return;
        }
        self.apart(self.lines_around(name));
        match name {
            "br" => self.line_end(),
            "pre" => self.preformatted += 1,
            "q" => self.text("“"),
            "a" => {
                self.close_link();
                self.link = attributes
                    .get("href")
                    .and_then(|href| self.address(href))
                    .map(|address| Link {
                        address,
                        from: self.out.len(),
                    });
            }
            "ul" | "menu" => self.lists.push(List { next: None }),
            "ol" => {
                let first = attributes.get("start").and_then(|s| s.parse().ok());
                self.lists.push(List {
                    next: Some(first.unwrap_or(1)),
                });
            }
            "li" => self.item(attributes),
            "tr" => self.row = None,
            "td" | "th" => self.cell(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            // Browsers read these end tags so.
            "br" => self.line_end(),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            "q" => self.text("”"),
            "a" => self.close_link(),
            "ul" | "ol" | "menu" => {
                self.marker = None;
                self.lists.pop();
            }
            "li" => self.marker = None,
            "tr" | "table" => {
                self.marker = None;
                self.row = None;
            }
            _ => {}
        }
        self.apart(self.lines_around(name));
    }

    fn lines_around(&self, name: &str) -> usize {
        match name {
            // A list in a list, and all within an item, stays together.
            "ul" | "ol" | "menu" => {
                if self.lists.is_empty() {
                    2
                } else {
                    1
                }
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" | "blockquote" | "pre"
            | "table" | "figure" | "hr" | "fieldset" => 2,
            "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "address"
            | "li" | "tr" | "dt" | "dd" | "figcaption" | "caption" | "form" | "body" | "center"
            | "details" | "summary" | "legend" | "option" | "xmp" => 1,
            _ => 0,
        }
    }

    fn item(&mut self, attributes: Attributes<'_>) {
        let depth = self.lists.len().clamp(1, MOST_INDENTS) - 1;
        let mark = match self.lists.last_mut() {
            Some(List { next: Some(next) }) => {
                let number = attributes
                    .get("value")
                    .and_then(|v| v.parse().ok())
                    .unwrap_or(*next);
                *next = number.saturating_add(1);
                format!("{number}.")
            }
            _ => "•".to_owned(),
        };
        self.marker = Some(format!("{}{mark} ", "  ".repeat(depth)));
    }

    fn cell(&mut self) {
        match self.row {
            // Cells of one line stand beside each other; a row that has become several lines goes on so.
            Some(from) if self.out[from..].trim().is_empty() => {}
            Some(from) if self.out[from..].trim_start().contains('\n') => self.apart(1),
            Some(_) => {
                self.breaks = 0;
                self.marker = Some(" | ".to_owned());
            }
            None => {
                self.row = Some(self.out.len());
                // Its paragraphs begin where the row begins.
                self.marker = Some(String::new());
            }
        }
    }

    /// Behind a link's text stands its address, unless the text is the address.
    fn close_link(&mut self) {
        let Some(Link { address, from }) = self.link.take() else {
            return;
        };
        let text = self.out[from..].trim();
        if text.is_empty() || bare(text) == bare(&address) {
            return;
        }
        self.push(&format!(" ({address})"));
    }

    /// What an address is written as: whole, or a mail address alone. None for places on the page and
    /// scripts.
    fn address(&self, href: &str) -> Option<String> {
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let url = match self.base {
            Some(base) => base.join(href).ok()?,
            None => Url::parse(href).ok()?,
        };
        match url.scheme() {
            "http" | "https" => Some(url.to_string()),
            "mailto" => Some(url.path().to_owned()),
            _ => None,
        }
    }

    /// The text, and the name of the element that was never closed and is not read, if there is one.
    pub(super) fn finish(mut self) -> (String, Option<String>) {
        self.close_link();
        let unclosed = self.unread.take().map(|(name, _)| name);
        (self.whole(), unclosed)
    }

    /// A text that is no markup; its lines stay lines.
    pub(super) fn of_plain(text: &str) -> String {
        let mut writer = Writer::new(None, &[]);
        writer.preformatted = 1;
        writer.text(text);
        writer.whole()
    }

    fn whole(&mut self) -> String {
        let text: String = take(&mut self.out).trim().nfc().collect();
        match text.char_indices().nth(MAX_TEXT_CHARS) {
            None => text,
            Some(_) => {
                let kept: String = text.chars().take(MAX_TEXT_CHARS - 1).collect();
                format!("{}…", kept.trim_end())
            }
        }
    }
}

/// An address without what people leave out when they write it as text.
fn bare(address: &str) -> &str {
    let address = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .unwrap_or(address);
    address.trim_end_matches('/')
}

fn is_hidden(name: &str, attributes: Attributes<'_>) -> bool {
    if VOID.contains(&name) {
        return false;
    }
    let style = attributes.get("style").unwrap_or_default();
    attributes.get("hidden").is_some()
        || style
            .split(';')
            .filter_map(|rule| rule.split_once(':'))
            .any(|(what, how)| {
                what.trim().eq_ignore_ascii_case("display")
                    && how
                        .trim()
                        .get(..4)
                        .is_some_and(|h| h.eq_ignore_ascii_case("none"))
            })
}
