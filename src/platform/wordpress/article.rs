//! A part of a post → an article of a website. Pure.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::compose::count::Unit;
use crate::compose::cut::cut;
use crate::model::{Mark, MarkKind, Part};

/// A title made from a text that has none is no longer, in characters.
const MAX_TITLE: usize = 100;
/// Longest excerpt, in characters: two or three lines of a list.
const MAX_EXCERPT: usize = 300;
/// Longest stretch of the title in an address, in bytes.
const MAX_IN_SLUG: usize = 60;
/// So much of the share's key ends the address: 40 random bits tell an office's articles apart.
const KEY_IN_SLUG: usize = 10;

/// A picture that is in the website's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filed {
    pub(super) id: u64,
    pub(super) url: String,
    pub(super) alt: String,
}

/// What is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Article {
    /// HTML, as all of it: what looks like a tag is escaped.
    pub(super) title: String,
    /// Blocks, as the editor of WordPress keeps them.
    pub(super) content: String,
    pub(super) excerpt: String,
    /// Of the text's hashtags, without `#`.
    pub(super) tags: Vec<String>,
    pub(super) featured: Option<u64>,
    /// The title as it was written.
    pub(super) plain_title: String,
}

/// The article of a part. Its title is what the part sets apart at its head; without that the text's
/// first line, which stays in the text too.
pub(super) fn article(part: &Part, pictures: &[Filed]) -> Article {
    let (title, start) = title(part);
    let blocks = paragraphs(part, start);
    let link = part.link.as_deref().unwrap_or_default();
    let lead = blocks.iter().map(|p| p.plain.as_str());
    let lead = lead.into_iter().find(|plain| *plain != link);
    let mut content: Vec<String> = blocks
        .iter()
        .map(|p| {
            format!(
                "<!-- wp:paragraph -->\n<p>{}</p>\n<!-- /wp:paragraph -->",
                p.html
            )
        })
        .collect();
    // The first picture is the featured one; themes show it. Where there is nothing else to show it
    // is the article.
    let beside = usize::from(!content.is_empty());
    content.extend(pictures.iter().skip(beside).map(image));
    let alt = pictures.first().map(|p| p.alt.clone());
    let title = Some(title).filter(|t| !t.is_empty()).or(alt);
    let title = title.unwrap_or_default();
    Article {
        title: escaped(&title),
        content: content.join("\n\n"),
        excerpt: lead.map_or_else(String::new, |lead| escaped(&shortened(lead, MAX_EXCERPT))),
        tags: tags(part),
        featured: pictures.first().map(|p| p.id),
        plain_title: title,
    }
}

/// The title, and where the rest begins.
fn title(part: &Part) -> (String, usize) {
    let head = part.marks.first().filter(|m| m.kind == MarkKind::Bold);
    if let Some(mark) = head
        && part
            .text
            .get(..mark.start)
            .is_some_and(|t| t.trim().is_empty())
        && let Some(title) = part.text.get(mark.start..mark.end)
    {
        return (title.trim().to_owned(), mark.end);
    }
    let first = part.text.trim().lines().next().unwrap_or_default();
    (shortened(first.trim(), MAX_TITLE), 0)
}

/// At most so many characters of it.
fn shortened(text: &str, most: usize) -> String {
    if Unit::Characters.count(text) <= most {
        return text.to_owned();
    }
    cut(text, Unit::Characters, most)
}

struct Paragraph {
    html: String,
    plain: String,
}

/// What stands between empty lines, from `start` on.
fn paragraphs(part: &Part, start: usize) -> Vec<Paragraph> {
    let mut found = Vec::new();
    let mut at = start;
    for piece in part.text.get(start..).unwrap_or_default().split("\n\n") {
        let lead = piece.len() - piece.trim_start().len();
        let inner = piece.trim();
        if !inner.is_empty() {
            let from = at + lead;
            found.push(Paragraph {
                html: html(&part.text, &part.marks, from, from + inner.len()),
                plain: inner.replace('\n', " "),
            });
        }
        at += piece.len() + 2;
    }
    found
}

/// A stretch of the text with its marks; a mark across its ends is left out.
fn html(text: &str, marks: &[Mark], from: usize, until: usize) -> String {
    let mut out = String::new();
    let mut done = from;
    for mark in marks.iter().filter(|m| m.end <= until) {
        let (Some(before), Some(inside)) =
            (text.get(done..mark.start), text.get(mark.start..mark.end))
        else {
            continue;
        };
        let inside = escaped(inside);
        out.push_str(&escaped(before));
        out.push_str(&match mark.kind {
            MarkKind::Bold => format!("<strong>{inside}</strong>"),
            MarkKind::Link => format!("<a href=\"{}\">{inside}</a>", inside.replace("<br>", "")),
            MarkKind::Tag => inside,
        });
        done = mark.end;
    }
    out.push_str(&escaped(text.get(done..until).unwrap_or_default()));
    out
}

fn image(picture: &Filed) -> String {
    format!(
        "<!-- wp:image {{\"id\":{id}}} -->\n<figure class=\"wp-block-image\"><img src=\"{url}\" alt=\"{alt}\" class=\"wp-image-{id}\"/></figure>\n<!-- /wp:image -->",
        id = picture.id,
        url = escaped(&picture.url),
        alt = escaped(&picture.alt).replace("<br>", " "),
    )
}

/// `[` would begin a shortcode: text is text.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '[' => out.push_str("&#91;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

fn tags(part: &Part) -> Vec<String> {
    let tags = part.marks.iter().filter(|m| m.kind == MarkKind::Tag);
    let texts = tags.filter_map(|m| part.text.get(m.start..m.end));
    let mut tags: Vec<String> = Vec::new();
    for tag in texts.map(|t| t.trim_start_matches('#').to_owned()) {
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}

/// The article's place in the website's addresses: its title in plain letters, and the end of the
/// share's key, so that it is this share's and no other's.
pub(super) fn slug(title: &str, key: &str) -> String {
    let mut out = String::new();
    for c in title.nfd().filter(|c| !is_combining_mark(*c)) {
        let c = match c {
            'đ' | 'Đ' => 'd',
            c => c.to_ascii_lowercase(),
        };
        if c.is_ascii_alphanumeric() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    if out.len() > MAX_IN_SLUG {
        out.truncate(MAX_IN_SLUG);
        if let Some(word) = out.rfind('-') {
            out.truncate(word);
        }
    }
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    let end = key.len().saturating_sub(KEY_IN_SLUG);
    let out = out.trim_end_matches('-');
    let name = if out.is_empty() { "tin" } else { out };
    format!("{name}-{}", key[end..].to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, marks: &[(&str, MarkKind)]) -> Part {
        let marks = marks.iter().map(|(word, kind)| {
            let start = text.find(word).expect("the word");
            Mark {
                start,
                end: start + word.len(),
                kind: kind.clone(),
            }
        });
        Part {
            text: text.to_owned(),
            marks: marks.collect(),
            ..Part::default()
        }
    }

    fn filed(id: u64) -> Filed {
        Filed {
            id,
            url: format!("https://a.vn/{id}.png"),
            alt: format!("Ảnh \"{id}\""),
        }
    }

    #[test]
    fn a_notice_becomes_an_article() {
        let mut notice = part(
            "Lịch tiêm\n\nSáng thứ hai,\ntại trạm <y tế>. [gallery]\n\nXem https://a.vn/?a=1&b=2 #chợđồn\n\nhttps://b.vn/",
            &[
                ("Lịch tiêm", MarkKind::Bold),
                ("https://a.vn/?a=1&b=2", MarkKind::Link),
                ("#chợđồn", MarkKind::Tag),
                ("https://b.vn/", MarkKind::Link),
            ],
        );
        notice.link = Some("https://b.vn/".into());
        let made = article(&notice, &[filed(1), filed(2)]);
        assert_eq!(made.title, "Lịch tiêm");
        assert_eq!(
            made.excerpt,
            "Sáng thứ hai, tại trạm &lt;y tế&gt;. &#91;gallery]"
        );
        assert_eq!(made.tags, ["chợđồn"]);
        assert_eq!(made.featured, Some(1));
        let p =
            |inner: &str| format!("<!-- wp:paragraph -->\n<p>{inner}</p>\n<!-- /wp:paragraph -->");
        assert_eq!(
            made.content,
            [
                p("Sáng thứ hai,<br>tại trạm &lt;y tế&gt;. &#91;gallery]"),
                p("Xem <a href=\"https://a.vn/?a=1&amp;b=2\">https://a.vn/?a=1&amp;b=2</a> #chợđồn"),
                p("<a href=\"https://b.vn/\">https://b.vn/</a>"),
                "<!-- wp:image {\"id\":2} -->\n<figure class=\"wp-block-image\"><img src=\"https://a.vn/2.png\" alt=\"Ảnh &quot;2&quot;\" class=\"wp-image-2\"/></figure>\n<!-- /wp:image -->".to_owned(),
            ]
            .join("\n\n")
        );
    }

    #[test]
    fn what_has_no_title_keeps_its_first_line_and_a_picture_alone_is_shown() {
        let made = article(&part("Tin ngắn\nhai dòng", &[]), &[]);
        assert_eq!(made.title, "Tin ngắn");
        assert!(made.content.contains("<p>Tin ngắn<br>hai dòng</p>"));
        let made = article(&part("", &[]), &[filed(7)]);
        assert_eq!(
            (made.title.as_str(), made.featured),
            ("Ảnh &quot;7&quot;", Some(7))
        );
        assert!(made.content.contains("wp-image-7"));
    }

    #[test]
    fn an_address_is_plain_letters_and_the_shares_own() {
        let key = "0199a0c0-0000-7000-8000-0000abcdef01";
        assert_eq!(
            slug("Lịch TIÊM chủng – tuần này ở Chợ Đồn!", key),
            "lich-tiem-chung-tuan-nay-o-cho-don-00abcdef01"
        );
        assert_eq!(slug("ข่าว", key), "tin-00abcdef01");
        assert!(slug(&"dài dằng dặc ".repeat(20), key).len() <= MAX_IN_SLUG + 1 + KEY_IN_SLUG);
        assert_eq!(slug("a", "k"), "a-k");
    }
}
