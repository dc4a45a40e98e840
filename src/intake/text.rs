//! HTML → text as a person would type it: paragraphs, lists, line breaks and links stay; what is not
//! for reading (scripts, styles, menus) goes.

use std::mem::take;
use std::ops::ControlFlow;

use unicode_normalization::UnicodeNormalization as _;
use url::Url;

use super::html::{Attributes, Piece, VOID, beginning, walk};
use crate::model::article::MAX_TEXT_CHARS;

/// So much of the markup is looked at, in bytes. An entry of a feed is some kilobytes; what is longer
/// than this is pictures written into the page.
pub const MOST_MARKUP: usize = 1 << 20;

/// Nested lists are indented so many times and no further.
const MOST_INDENTS: usize = 4;

/// Elements whose text is not for reading.
const NOT_READ: [&str; 20] = [
    "script", "style", "nav", "head", "title", "template", "noscript", "svg", "math", "select",
    "textarea", "button", "iframe", "object", "audio", "video", "canvas", "dialog", "noembed",
    "noframes",
];

/// Markup that leaves so many elements open is read again with what they hold.
const MOST_UNCLOSED: usize = 3;

/// The text of an HTML fragment or page. Links are followed by their address, where that is absolute.
/// At most [`MAX_TEXT_CHARS`] characters: what is longer ends in "…".
pub fn html_to_text(html: &str) -> String {
    html_to_text_at(html, None)
}

/// The same for markup found at `base`: relative links get their whole address.
pub fn html_to_text_at(html: &str, base: Option<&Url>) -> String {
    let html = beginning(html, MOST_MARKUP);
    // What is never closed would swallow the rest: then its text is better than none.
    let mut read_anyway: Vec<String> = Vec::new();
    loop {
        let mut writer = Writer::new(base, &read_anyway);
        walk(html, |piece| writer.see(piece));
        writer.close_link();
        let (text, unclosed) = (writer.finish(), writer.unread.take());
        match unclosed {
            Some((name, _)) if !is_raw(&name) && read_anyway.len() < MOST_UNCLOSED => {
                read_anyway.push(name);
            }
            _ => return text,
        }
    }
}

/// The text of markup that should be one line (a title).
pub fn html_to_line(html: &str) -> String {
    html_to_text(html)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Nothing but an end tag ends these; what they hold is no markup.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "title" | "textarea" | "iframe" | "noembed" | "noframes"
    )
}

struct Writer<'a> {
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
    fn new(base: Option<&'a Url>, read_anyway: &'a [String]) -> Self {
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

    fn see(&mut self, piece: Piece<'_>) -> ControlFlow<()> {
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

    fn finish(&mut self) -> String {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_keeps_its_shape() {
        let cases: &[(&str, &str)] = &[
            ("", ""),
            ("  Chợ   Đồn\n hôm nay ", "Chợ Đồn hôm nay"),
            ("<p>Một</p>\n<p>Hai</p>", "Một\n\nHai"),
            ("<p>Một<p>Hai", "Một\n\nHai"),
            ("<div>Một</div><div>Hai</div>", "Một\nHai"),
            (
                "Một<br>Hai<br/><br />Ba<br><br><br>Bốn",
                "Một\nHai\n\nBa\n\nBốn",
            ),
            (
                "<p>&nbsp;</p><p></p><p>Một</p><p>&#160;</p><p>Hai</p>",
                "Một\n\nHai",
            ),
            ("<h2>Đầu đề</h2>Thân", "Đầu đề\n\nThân"),
            (
                "Tin:<ul><li>một</li><li><p>hai</p></li><li></li></ul>Hết",
                "Tin:\n\n• một\n• hai\n\nHết",
            ),
            (
                "<ol><li>a<li>b<ol><li>c</ol><li value=7>d<li>e</ol>",
                "1. a\n2. b\n  1. c\n7. d\n8. e",
            ),
            ("<ol start=3><li>a<li>b</ol>", "3. a\n4. b"),
            (
                "<a href=https://chodon.gov.vn/tin>Xem</a> nhé",
                "Xem (https://chodon.gov.vn/tin) nhé",
            ),
            (
                "<a href='https://chodon.gov.vn/'>chodon.gov.vn</a>",
                "chodon.gov.vn",
            ),
            (
                "<a href='mailto:tin@chodon.gov.vn?subject=x'>Thư</a>",
                "Thư (tin@chodon.gov.vn)",
            ),
            (
                "<a href='javascript:alert(1)'>Bấm</a> <a href='#a'>Lên</a> <a href='/x'>Đó</a>",
                "Bấm Lên Đó",
            ),
            ("<a href=https://a.vn/><img src=x alt=ảnh></a>Tin", "Tin"),
            (
                "a<script>if (a<b) {'</p>'}</script><style>p{}</style><nav>Trang chủ</nav>b",
                "ab",
            ),
            (
                "<div hidden>ẩn<div>x</div></div><span style='color:red; display: none'>y</span>hiện",
                "hiện",
            ),
            ("<nav>Chỉ có vậy", "Chỉ có vậy"),
            ("<html><head><title>T</title><body>Thân", "Thân"),
            ("<pre>một\n  hai\n\n\n\nba</pre>", "một\nhai\n\nba"),
            (
                "<table><tr><th>Ngày<th>Xã<tr><td><p>28/8</p></td><td><p>Bằng Lũng</p></td></table>",
                "Ngày | Xã\n28/8 | Bằng Lũng",
            ),
            (
                "<table><tr><td><p>a</p><p>b</p></td><td>c</td></table>",
                "a\n\nb\n\nc",
            ),
            ("Ho\u{323}p <b>kho\u{302}\u{301}i</b>", "Họp khối"),
            (
                "<q>Tết</q> A&amp;B &lt;b&gt; &quot;x&quot; &#7879;",
                "“Tết” A&B <b> \"x\" ệ",
            ),
            ("khu\u{ad}yến\u{200b} m\u{202e}ãi\u{7}", "khuyến mãi"),
            ("<svg><title/><style/><text>x</text></svg>sau", "sau"),
            ("<![CDATA[x]]><!-- <p>y</p> -->z<?xml a?>", "z"),
            ("a < b và c > d", "a < b và c > d"),
            ("cắt <b", "cắt"),
        ];
        for (html, text) in cases {
            assert_eq!(&html_to_text(html), text, "{html}");
        }
    }

    #[test]
    fn relative_links_get_their_whole_address() {
        let at = Url::parse("https://chodon.gov.vn/tin/1.html").unwrap();
        assert_eq!(
            html_to_text_at("<a href='../vb/2.pdf'>Văn bản</a>", Some(&at)),
            "Văn bản (https://chodon.gov.vn/vb/2.pdf)"
        );
    }

    #[test]
    fn a_long_text_ends_where_an_article_may() {
        let text = html_to_text(&"<p>Tin dài</p>".repeat(20_000));
        assert_eq!(text.chars().count(), MAX_TEXT_CHARS);
        assert!(text.ends_with('…'), "{:?}", text.get(text.len() - 20..));
    }

    #[test]
    fn what_is_made_to_be_slow_is_not() {
        let attributes: String = (0..150_000).map(|i| format!(" a{i:x}")).collect();
        assert_eq!(html_to_text(&format!("Tin <b{attributes}>x</b>")), "Tin");
        for unit in [
            "<div>",
            "<a href=x>",
            "<li>",
            "<ul>",
            "<b><p>",
            "<table><td>",
            "<q>",
            "&",
        ] {
            let _ = html_to_text(&unit.repeat(100_000));
        }
        // A picture in the page is one long attribute.
        let picture = format!(
            "<img src=\"data:image/png;base64,{}\">sau",
            "iVBORw0K/".repeat(20_000)
        );
        assert_eq!(html_to_text(&picture), "sau");
    }

    proptest! {
        #[test]
        fn any_markup_becomes_a_bounded_text(markup in "\\PC{0,200}|(<(/?)(p|a href=x|ul|li|td|tr|table|nav|script|pre|br|b hidden)[ /]?>|[a-zđ &;\n]|&#x0;|&lt|--|<!){0,80}") {
            let text = html_to_text(&markup);
            prop_assert!(text.chars().count() <= MAX_TEXT_CHARS);
            prop_assert!(!text.contains("\n\n\n"));
            prop_assert_eq!(text.trim(), &text);
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
            prop_assert!(unicode_normalization::is_nfc(&text));
        }

        /// What is text comes out, what is markup does not.
        #[test]
        fn no_tag_is_left(words in prop::collection::vec("[a-zàạđ]{1,6}", 1..20),
                          tags in prop::collection::vec("(</?(p|div|b|i|li|ul|h1|span class=\"x\"|a href=\"/y\")>|<br/>|<!-- c -->)", 1..20)) {
            let markup: String = words.iter().zip(tags.iter().cycle())
                .map(|(word, tag)| format!("{word} {tag}")).collect();
            let text = html_to_text(&markup);
            prop_assert!(!text.contains(['<', '>', '=']), "{}", text);
            let kept: Vec<&str> = text.split_whitespace()
                .filter(|w| *w != "•").collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            prop_assert_eq!(kept, words);
        }
    }
}
