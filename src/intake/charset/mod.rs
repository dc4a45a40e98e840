//! Bytes → text, right for Vietnamese: from a web server ([`decode`]), or of a file that says nothing of
//! itself ([`of_file`]); and texts that only an old font shows as what they are ([`Evidence`]).
//!
//! Of the first the order is that of <https://encoding.spec.whatwg.org> and
//! <https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding>: byte order
//! mark, the server's word, the document's own word, a guess. With one difference, for pages that were
//! moved to a new server and still say what they once were: bytes that can only be UTF-8 are UTF-8,
//! whatever is declared.

mod file;
mod old_font;
mod syllables;
mod vietnamese;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

pub use self::file::of_file;
pub use self::old_font::{Evidence, OldFont, read as read_shown};
pub use self::vietnamese::Legacy;

/// A document's own word is looked for in so many bytes. The standard asks for 1024; portals put
/// scripts before it.
const HEAD: usize = 8192;

/// So many whole UTF-8 sequences to one broken one, and a text is UTF-8 with a flaw (a cut summary, a
/// block pasted from elsewhere) rather than something else.
const FLAWED_UTF8: usize = 8;

/// What is known beside the bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The host it came from: the last part of its name (`vn`) tells what is likely there.
    pub host: Option<&'a str>,
}

/// A text, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// In composed form (NFC), without byte order mark.
    pub text: String,
    /// The name of the encoding.
    pub charset: &'static str,
    /// Some bytes stand for nothing in it; they have become U+FFFD.
    pub damaged: bool,
}

/// The text in these bytes. Every input gives one.
pub fn decode(bytes: &[u8], hints: Hints<'_>) -> Decoded {
    match choose(bytes, hints) {
        Choice::Legacy(legacy) => Decoded {
            text: composed(legacy.decode(bytes)),
            charset: legacy.name(),
            damaged: false,
        },
        Choice::Standard(encoding) => {
            // Takes a byte order mark's word before ours, as the standard does.
            let (text, encoding, damaged) = encoding.decode(bytes);
            let text = composed(text.into_owned());
            match vietnamese::written_as_latin(&text) {
                Some((text, legacy)) => Decoded {
                    text: composed(text),
                    charset: legacy.name(),
                    damaged,
                },
                None => Decoded {
                    text,
                    charset: encoding.name(),
                    damaged,
                },
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Choice {
    Standard(&'static Encoding),
    Legacy(Legacy),
}

/// What a label means, if anything.
enum Label {
    Known(Choice),
    /// `x-user-defined`: "see the fonts".
    ByFont,
}

fn choose(bytes: &[u8], hints: Hints<'_>) -> Choice {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return Choice::Standard(encoding);
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let by_server = hints.content_type.and_then(charset_of).and_then(label);
    let own_word = || {
        in_xml_declaration(head)
            .and_then(label)
            .or_else(|| in_meta(head).and_then(|l| label(&l)))
    };
    if let Some(wide) = wide(head) {
        return Choice::Standard(wide);
    }
    let utf8 = Utf8::of(bytes);
    if utf8.is_it() {
        return Choice::Standard(UTF_8);
    }
    if bytes.is_ascii() {
        return match by_server.or_else(own_word) {
            // Written in ASCII bytes.
            Some(Label::Known(Choice::Standard(e))) if !e.is_ascii_compatible() && !is_wide(e) => {
                Choice::Standard(e)
            }
            _ => Choice::Standard(UTF_8),
        };
    }
    // Fonts were how TCVN3 and VNI were declared: pages in them call themselves Latin-1 or nothing.
    let by_font = vietnamese::by_font(bytes);
    // Servers that say UTF-8 of whatever they hand out are common; what the bytes disprove says nothing.
    let may_be = |label: &Label| !matches!(label, Label::Known(Choice::Standard(e)) if *e == UTF_8 || is_wide(e));
    let declared = by_server
        .filter(may_be)
        .or_else(|| own_word().filter(may_be));
    match declared {
        Some(Label::Known(Choice::Legacy(legacy))) => Choice::Legacy(legacy),
        Some(Label::Known(Choice::Standard(e))) => match by_font {
            Some(legacy) if e == encoding_rs::WINDOWS_1252 => Choice::Legacy(legacy),
            _ => Choice::Standard(e),
        },
        Some(Label::ByFont) | None => by_font.map_or_else(|| guess(bytes, hints), Choice::Legacy),
    }
}

fn guess(bytes: &[u8], hints: Hints<'_>) -> Choice {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    // The detector takes a label in lower case, and nothing else.
    let domain = hints
        .host
        .and_then(|host| host.trim_end_matches('.').rsplit('.').next())
        .map(str::to_ascii_lowercase)
        .filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    Choice::Standard(detector.guess(domain.as_deref().map(str::as_bytes), Utf8Detection::Allow))
}

fn is_wide(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// UTF-16 without a byte order mark: markup begins with `<`, and only there is the other byte zero.
/// <https://www.w3.org/TR/xml/#sec-guessing>
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [b'<', 0, b, 0, ..] if *b != 0 => Some(UTF_16LE),
        [0, b'<', 0, b, ..] if *b != 0 => Some(UTF_16BE),
        _ => None,
    }
}

/// How much speaks for UTF-8.
struct Utf8 {
    /// Sequences of two to four bytes.
    whole: usize,
    broken: usize,
}

impl Utf8 {
    fn of(bytes: &[u8]) -> Self {
        let mut found = Utf8 {
            whole: 0,
            broken: 0,
        };
        for chunk in bytes.utf8_chunks() {
            found.whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            found.broken += usize::from(!chunk.invalid().is_empty());
        }
        // A body cut at its cap ends within a character.
        if let Err(e) = std::str::from_utf8(bytes)
            && e.error_len().is_none()
        {
            found.broken = 0;
        }
        found
    }

    fn is_it(&self) -> bool {
        self.whole > 0 && self.whole >= self.broken * FLAWED_UTF8
    }
}

/// `charset` of a `Content-Type`.
fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        (name.trim().eq_ignore_ascii_case("charset"))
            .then(|| value.trim().trim_matches(['"', '\'']))
    })
}

fn label(label: &str) -> Option<Label> {
    let label = label.trim();
    if let Some(legacy) = Legacy::labelled(label) {
        return Some(Label::Known(Choice::Legacy(legacy)));
    }
    let encoding = Encoding::for_label(label.as_bytes())?;
    Some(if encoding == X_USER_DEFINED {
        Label::ByFont
    } else {
        Label::Known(Choice::Standard(encoding))
    })
}

/// `encoding` of `<?xml … ?>` at the very start.
fn in_xml_declaration(head: &[u8]) -> Option<&str> {
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = find(head, b"?>")?;
    let declaration = str::from_utf8(&head[..end]).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The first `charset=` in a `<meta …>` that is not within a comment; in lower case.
fn in_meta(head: &[u8]) -> Option<String> {
    let head = head.to_ascii_lowercase();
    let mut rest = &head[..];
    while let Some(at) = find(rest, b"<") {
        rest = &rest[at..];
        if rest.starts_with(b"<!--") {
            rest = &rest[find(rest, b"-->")?..];
        } else if rest.starts_with(b"<meta") {
            let tag = &rest[..find(rest, b">").unwrap_or(rest.len())];
            if let Some(found) = charset_in_tag(tag) {
                return Some(found);
            }
        }
        rest = &rest[1..];
    }
    None
}

/// Both `charset="…"` and `content="text/html; charset=…"`.
fn charset_in_tag(tag: &[u8]) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = &rest[find(rest, b"charset")? + b"charset".len()..];
        if let Some(value) = rest.trim_ascii_start().strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            let value = value
                .strip_prefix(b"\"")
                .or(value.strip_prefix(b"'"))
                .unwrap_or(value);
            let end = value
                .iter()
                .position(|b| b" \t\n\r\x0c\"';/>".contains(b))
                .unwrap_or(value.len());
            return Some(String::from_utf8_lossy(&value[..end]).into_owned());
        }
    }
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|w| w == what)
}

/// Composed, and without a mark of the byte order: files glued together begin with two.
fn composed(mut text: String) -> String {
    let marks = text.len() - text.trim_start_matches('\u{feff}').len();
    text.drain(..marks);
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text,
        _ => text.nfc().collect(),
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1258;

    use super::*;

    const TEXT: &str =
        "Hội nghị triển khai nhiệm vụ, chuyển đổi số ở Chợ Đồn: người dân được hưởng lợi";

    /// As Windows writes it: vowels with their own marks, tones as combining characters.
    fn windows_1258(text: &str) -> Vec<u8> {
        let tones = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];
        let parts: String = text
            .nfc()
            .flat_map(|c| {
                let mut parts: Vec<char> = std::iter::once(c).nfd().collect();
                let tone = parts.iter().position(|p| tones.contains(p));
                let tone = tone.map(|at| parts.remove(at));
                let vowel: String = parts.into_iter().nfc().collect();
                vowel.chars().chain(tone).collect::<Vec<_>>()
            })
            .collect();
        let (bytes, _, lossy) = WINDOWS_1258.encode(&parts);
        assert!(!lossy, "{parts:?}");
        bytes.into_owned()
    }

    fn by_table(text: &str, table: &[(u8, char)]) -> Vec<u8> {
        text.chars()
            .map(|c| {
                table
                    .iter()
                    .find(|(_, t)| *t == c)
                    .map_or(c as u8, |(b, _)| *b)
            })
            .collect()
    }

    fn tcvn(text: &str) -> Vec<u8> {
        let table: Vec<(u8, char)> = (0x80..=0xff)
            .map(|b| (b, Legacy::Tcvn.decode(&[b]).chars().next().unwrap()))
            .collect();
        by_table(text, &table)
    }

    fn seen(
        bytes: &[u8],
        content_type: Option<&str>,
        host: Option<&str>,
    ) -> (String, &'static str) {
        let decoded = decode(bytes, Hints { content_type, host });
        (decoded.text, decoded.charset)
    }

    #[test]
    fn the_servers_word_holds_and_what_cannot_be_true_does_not() {
        let of = |charset: &str| format!("text/html; charset={charset}");
        let old = windows_1258(TEXT);
        for (bytes, content_type, charset) in [
            (TEXT.as_bytes(), of("utf-8"), "UTF-8"),
            (TEXT.as_bytes(), of("\"UTF-8\""), "UTF-8"),
            (TEXT.as_bytes(), "text/html".to_owned(), "UTF-8"),
            // Moved to UTF-8, the server's setting forgotten.
            (TEXT.as_bytes(), of("iso-8859-1"), "UTF-8"),
            (TEXT.as_bytes(), of("windows-1258"), "UTF-8"),
            (TEXT.as_bytes(), of("tcvn3"), "UTF-8"),
            (&old, of("windows-1258"), "windows-1258"),
            (&old, of("CP1258"), "windows-1258"),
            (&tcvn(TEXT), of("x-viet-tcvn5712"), "TCVN5712-1"),
            (&tcvn(TEXT), of("TCVN3"), "TCVN3"),
        ] {
            let seen = seen(bytes, Some(&content_type), None);
            assert_eq!(seen, (TEXT.to_owned(), charset), "{content_type}");
        }
        // UTF-8 is said of whatever is handed out: then the page's own word holds, or its fonts'.
        for head in [
            "<meta charset=x-tcvn3>",
            "<font face='.VnTime'>",
            "<meta charset=utf-8><font face='.VnTime'>",
        ] {
            let mut page = head.as_bytes().to_vec();
            page.extend(tcvn(TEXT));
            let (text, charset) = seen(&page, Some(&of("utf-8")), None);
            assert_eq!(charset, "TCVN3", "{head}");
            assert!(text.ends_with(TEXT), "{text}");
        }
    }

    #[test]
    fn the_documents_own_word_is_found() {
        for head in [
            "<meta charset=windows-1258>",
            "<META HTTP-EQUIV='Content-Type' CONTENT='text/html; CHARSET=Windows-1258'>",
            "<!-- <meta charset=utf-8> --><meta charset = \"windows-1258\" />",
            "<?xml version=\"1.0\" encoding='windows-1258'?>",
            "<meta name=generator content=charset><meta charset=windows-1258>",
        ] {
            let mut page = head.as_bytes().to_vec();
            page.extend(windows_1258(TEXT));
            let (text, charset) = seen(&page, Some("text/html"), None);
            assert_eq!(charset, "windows-1258", "{head}");
            assert!(text.ends_with(TEXT), "{text}");
        }
    }

    #[test]
    fn fonts_tell_what_a_page_does_not() {
        let abc = "<style>body{font-family:.VnTime, Arial}</style>";
        for declared in [
            "",
            "<meta charset=x-user-defined>",
            "<meta charset=iso-8859-1>",
        ] {
            let mut page = format!("{declared}{abc}\u{b}").into_bytes();
            page.extend(tcvn(TEXT));
            // A quote as Windows writes it.
            page.push(0x93);
            let (text, charset) = seen(&page, None, None);
            assert_eq!(charset, "TCVN3", "{declared}");
            assert!(text.ends_with(&format!("{TEXT}“")), "{text}");
        }
        let vni =
            "<font face=\"VNI-Times\">Thoâng baùo: ngöôøi daân ñöôïc höôûng lôïi ÔÛ CHÔÏ ÑOÀN";
        let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(vni);
        let expected = "Thông báo: người dân được hưởng lợi Ở CHỢ ĐỒN";
        for page in [bytes.as_ref(), vni.as_bytes()] {
            let (text, charset) = seen(page, None, None);
            assert_eq!(charset, "VNI");
            assert!(text.ends_with(expected), "{text}");
        }
        // Carried over into UTF-8 byte by byte.
        let (text, _) = seen(
            "<p style='font-family:\".VnTime\"'>TiÕng ViÖt</p>".as_bytes(),
            None,
            None,
        );
        assert!(text.contains(">Tiếng Việt<"), "{text}");
        // A domain is no font, and Unicode is left alone.
        for text in ["tên miền \".vn\" é", "<font face='.VnTime'>Việt é"] {
            assert_eq!(
                seen(text.as_bytes(), None, None),
                (text.to_owned(), "UTF-8")
            );
        }
    }

    #[test]
    fn wide_and_marked_texts_are_read() {
        let wide = |little: bool, mark: &str| -> Vec<u8> {
            format!("{mark}<p>{TEXT}")
                .encode_utf16()
                .flat_map(|u| {
                    if little {
                        u.to_le_bytes()
                    } else {
                        u.to_be_bytes()
                    }
                })
                .collect()
        };
        let expected = format!("<p>{TEXT}");
        for (bytes, charset) in [
            (wide(true, "\u{feff}"), "UTF-16LE"),
            (wide(false, "\u{feff}"), "UTF-16BE"),
            (wide(true, ""), "UTF-16LE"),
            (wide(false, ""), "UTF-16BE"),
            (format!("\u{feff}{expected}").into_bytes(), "UTF-8"),
        ] {
            assert_eq!(
                seen(&bytes, Some("text/html; charset=windows-1252"), None),
                (expected.clone(), charset)
            );
        }
        // Declared wide, but written in single bytes.
        let page = format!("<meta charset=utf-16>{TEXT}");
        assert_eq!(seen(page.as_bytes(), None, None), (page.clone(), "UTF-8"));
    }

    #[test]
    fn what_nobody_declared_is_guessed() {
        let old = windows_1258(TEXT);
        assert_eq!(
            seen(&old, None, Some("chodon.backan.gov.vn")),
            (TEXT.to_owned(), "windows-1258")
        );
        // Declared UTF-8, and it is not.
        assert_eq!(
            seen(
                &old,
                Some("text/html; charset=utf-8"),
                Some("chodon.gov.vn.")
            )
            .1,
            "windows-1258"
        );
        for host in ["", "192.168.1.1", "[::1]", "VN", "xn--p1ai", "máy"] {
            let _ = seen(&old, None, Some(host));
        }
    }

    #[test]
    fn a_flaw_does_not_change_the_encoding() {
        let mut bytes = TEXT.as_bytes().to_vec();
        bytes.insert(1, 0xff);
        let decoded = decode(
            &bytes,
            Hints {
                content_type: Some("text/html; charset=iso-8859-1"),
                host: None,
            },
        );
        assert_eq!((decoded.charset, decoded.damaged), ("UTF-8", true));
        // Cut at a cap, within a character.
        let cut = &"Hội nghị ở Chợ".as_bytes()[..20];
        assert_eq!(
            seen(cut, Some("text/html; charset=iso-8859-1"), None).0,
            "Hội nghị ở Ch\u{fffd}"
        );
        // A mark of the byte order is none of the text, nor is a second one.
        assert_eq!(seen("\u{feff}\u{feff}Chợ".as_bytes(), None, None).0, "Chợ");
        // Decomposed letters become whole ones.
        assert_eq!(seen("Cho\u{31b}\u{323}".as_bytes(), None, None).0, "Chợ");
        assert_eq!(seen(b"", None, None), (String::new(), "UTF-8"));
    }

    #[test]
    fn viscii_is_read() {
        let bytes = b"Ti\xaang Vi\xaet";
        assert_eq!(
            seen(bytes, Some("text/html; charset=VISCII"), None).0,
            "Tiếng Việt"
        );
    }
}
