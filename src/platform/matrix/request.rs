//! A part of a post → the messages that show it. Pure.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Mark, MarkKind, Part};

/// Largest content of a message, in bytes. A whole event has 65,536 at most as canonical JSON (spec,
/// “Size limits”); the frame that servers add (hashes, signatures, up to 20 parents) is under 5,000.
pub const MAX_CONTENT: usize = 60_000;

/// The field of a message's content that holds its transaction id, so that it is found again on any
/// server and after any login. Clients show nothing of it.
pub(super) const KEY_FIELD: &str = "raotin.share";

/// A picture that is on the homeserver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Uploaded {
    /// `mxc://…`
    pub(super) uri: String,
    pub(super) mime: String,
    /// Bytes.
    pub(super) size: usize,
    /// Pixels, if the file says.
    pub(super) pixels: Option<(u32, u32)>,
}

/// One message to be sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// The same in every try.
    pub(super) txn: String,
    pub(super) content: Value,
}

/// The messages of a part, in order: its text, then each picture. `after`: the message it answers to.
///
/// # Errors
/// In words, what the platform would refuse.
pub(super) fn drafts(
    key: &str,
    number: usize,
    part: &Part,
    uploaded: &[Uploaded],
    after: Option<&str>,
) -> Result<Vec<Draft>, String> {
    let mut contents = Vec::new();
    if !part.text.trim().is_empty() {
        contents.push(text(part));
    }
    if uploaded.len() != part.pictures.len() {
        return Err("the pictures were not uploaded".to_owned());
    }
    for (n, (file, picture)) in uploaded.iter().zip(&part.pictures).enumerate() {
        contents.push(image(file, &picture.alt, n));
    }
    if contents.is_empty() {
        return Err("the message is empty".to_owned());
    }
    let drafts = contents.into_iter().enumerate().map(|(n, mut content)| {
        let txn = format!("{key}-{number}-{n}");
        content[KEY_FIELD] = json!(txn);
        // Nobody is called by what an article happens to say (spec, “User and room mentions”).
        content["m.mentions"] = json!({});
        if let Some(event) = after.filter(|_| n == 0) {
            content["m.relates_to"] = json!({"m.in_reply_to": {"event_id": event}});
        }
        fitted(content).map(|content| Draft { txn, content })
    });
    drafts.collect()
}

fn text(part: &Part) -> Value {
    let mut content = json!({"msgtype": "m.text", "body": part.text});
    if !part.marks.is_empty() {
        content["format"] = json!("org.matrix.custom.html");
        content["formatted_body"] = json!(html(&part.text, &part.marks));
    }
    content
}

fn image(file: &Uploaded, alt: &str, n: usize) -> Value {
    let ending = file.mime.rsplit('/').next().unwrap_or("jpeg");
    let name = format!("{}.{ending}", n + 1);
    let mut info = json!({"mimetype": file.mime, "size": file.size});
    if let Some((width, height)) = file.pixels {
        info["w"] = json!(width);
        info["h"] = json!(height);
    }
    let mut content = json!({"msgtype": "m.image", "body": name, "url": file.uri, "info": info});
    if !alt.trim().is_empty() {
        // With a `filename` the body is what is said of the picture (since 1.10).
        content["body"] = json!(alt);
        content["filename"] = json!(name);
    }
    content
}

/// Without its formatted twin where both together are too large.
fn fitted(mut content: Value) -> Result<Value, String> {
    if content.to_string().len() > MAX_CONTENT
        && let Some(fields) = content.as_object_mut()
    {
        fields.remove("format");
        fields.remove("formatted_body");
    }
    let bytes = content.to_string().len();
    if bytes > MAX_CONTENT {
        return Err(format!(
            "the message has {bytes} bytes, and a room takes {MAX_CONTENT}"
        ));
    }
    Ok(content)
}

/// The text with its marks as HTML. Marks that do not lie on letters are left out.
fn html(text: &str, marks: &[Mark]) -> String {
    let mut out = String::new();
    let mut done = 0;
    for mark in marks {
        let (Some(before), Some(inside)) =
            (text.get(done..mark.start), text.get(mark.start..mark.end))
        else {
            continue;
        };
        escape(before, &mut out);
        let (open, close) = match mark.kind {
            MarkKind::Bold => ("<strong>".to_owned(), "</strong>"),
            MarkKind::Link => {
                let mut open = String::from("<a href=\"");
                escape(inside, &mut open);
                open.push_str("\">");
                (open, "</a>")
            }
            MarkKind::Tag => (String::new(), ""),
        };
        out.push_str(&open);
        escape(inside, &mut out);
        out.push_str(close);
        done = mark.end;
    }
    escape(text.get(done..).unwrap_or_default(), &mut out);
    out
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::limits::MATRIX_TEXT;
    use crate::model::Picture;

    fn part(text: &str, pictures: usize) -> Part {
        let picture = Picture {
            hash: "ab".into(),
            alt: "Ảnh".into(),
        };
        Part {
            text: text.into(),
            pictures: vec![picture; pictures],
            ..Part::default()
        }
    }

    fn file() -> Uploaded {
        Uploaded {
            uri: "mxc://a/b".into(),
            mime: "image/png".into(),
            size: 7,
            pixels: Some((4, 3)),
        }
    }

    #[test]
    fn marks_become_html_and_what_looks_like_it_does_not() {
        let text = "Tin <b>\nhttps://a.vn/?a=1&b=2 #tin";
        let at = |word: &str| text.find(word).expect("the word");
        let mark = |word: &str, kind| Mark {
            start: at(word),
            end: at(word) + word.len(),
            kind,
        };
        let marks = [
            mark("Tin <b>", MarkKind::Bold),
            mark("https://a.vn/?a=1&b=2", MarkKind::Link),
            mark("#tin", MarkKind::Tag),
        ];
        assert_eq!(
            html(text, &marks),
            "<strong>Tin &lt;b&gt;</strong><br><a href=\"https://a.vn/?a=1&amp;b=2\">https://a.vn/?a=1&amp;b=2</a> #tin"
        );
    }

    #[test]
    fn a_text_goes_before_its_pictures_and_each_has_its_key() {
        let made = drafts("k", 1, &part("Tin", 2), &[file(), file()], Some("$e")).expect("drafts");
        let seen: Vec<_> = made
            .iter()
            .map(|d| {
                (
                    d.txn.as_str(),
                    d.content["msgtype"].as_str(),
                    d.content["body"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("k-1-0", Some("m.text"), Some("Tin")),
                ("k-1-1", Some("m.image"), Some("Ảnh")),
                ("k-1-2", Some("m.image"), Some("Ảnh")),
            ]
        );
        assert_eq!(
            made[0].content["m.relates_to"]["m.in_reply_to"]["event_id"],
            "$e"
        );
        assert!(made[1].content.get("m.relates_to").is_none());
        assert_eq!(made[2].content["filename"], "2.png");
        assert!(drafts("k", 0, &part(" ", 0), &[], None).is_err());
        assert!(drafts("k", 0, &part("a", 1), &[], None).is_err());
    }

    #[test]
    fn what_is_too_large_loses_its_form_before_it_is_refused() {
        let mut long = part(&"ộ".repeat(MATRIX_TEXT), 0);
        long.marks = vec![Mark {
            start: 0,
            end: "ộ".len(),
            kind: MarkKind::Bold,
        }];
        let made = drafts("k", 0, &long, &[], None).expect("it fits");
        assert!(made[0].content.get("formatted_body").is_none());
        let longer = part(&"📣".repeat(MAX_CONTENT / 4), 0);
        assert!(drafts("k", 0, &longer, &[], None).is_err());
        let longest = part(&"📣".repeat(MATRIX_TEXT), 0);
        assert!(drafts("k", 0, &longest, &[], None).is_ok());
    }
}
