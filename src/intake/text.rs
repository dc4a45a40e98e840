//! HTML → text as a person would type it: paragraphs, lists, line breaks and links stay; what is not
//! for reading (scripts, styles, menus) goes.

mod writer;

use url::Url;

use self::writer::Writer;
use super::html::{beginning, walk};

/// So much of the markup is looked at, in bytes. An entry of a feed is some kilobytes; what is longer
/// than this is pictures written into the page.
pub const MOST_MARKUP: usize = 1 << 20;

/// Markup that leaves so many elements open is read again with what they hold.
const MOST_UNCLOSED: usize = 3;

/// The text of an HTML fragment or page. Links are followed by their address, where that is absolute.
/// At most [`MAX_TEXT_CHARS`](crate::model::article::MAX_TEXT_CHARS) characters: what is longer ends in "…".
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
        let (text, unclosed) = writer.finish();
        match unclosed {
            Some(name) if !is_raw(&name) && read_anyway.len() < MOST_UNCLOSED => {
                read_anyway.push(name);
            }
            _ => return text,
        }
    }
}

/// A text that is no markup, as clean as one that was: no more than one empty line, nothing that cannot
/// be seen, composed, and no longer than an article may be.
pub fn plain_text(text: &str) -> String {
    Writer::of_plain(text)
}

/// The same on one line.
pub fn plain_line(text: &str) -> String {
    on_one_line(&plain_text(text))
}

/// The text of markup that should be one line (a title).
pub fn html_to_line(html: &str) -> String {
    on_one_line(&html_to_text(html))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Nothing but an end tag ends these; what they hold is no markup.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script" | "style" | "title" | "textarea" | "iframe" | "noembed" | "noframes"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::article::MAX_TEXT_CHARS;

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
