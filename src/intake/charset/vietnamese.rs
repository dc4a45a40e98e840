//! The Vietnamese encodings of the time before Unicode that no standard of the web knows.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::WINDOWS_1252;

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Legacy {
    /// TCVN 5712:1993 as the standard has it (VN1).
    Tcvn,
    /// Its part that Windows could show (VN3), "TCVN3" or "ABC" to everybody, written with fonts like
    /// `.VnTime`. Below 0xA0 stands what Windows puts there: quotes and dashes.
    Abc,
    /// VISCII, RFC 1456.
    Viscii,
    /// VNI for Windows (`VNI-Times`): a letter, then its marks as another letter.
    Vni,
}

/// TCVN 5712:1993 (VN1) from 0x80, as glibc's `TCVN5712-1` has it; checked against `iconv`.
const TCVN: &str = concat!(
    "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨ",
    "ÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ",
    "\u{a0}ĂÂÊÔƠƯĐăâêôơưđẰ",
    "\u{300}\u{309}\u{303}\u{301}\u{323}àảãáạẲằẳẵắẴ",
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ",
    "éẹềểễếệìỉỄẾỒĩíịò",
    "Ổỏõóọồổỗốộờởỡớợù",
    "ỖủũúụừửữứựỳỷỹýỵỐ",
);

/// Capitals that TCVN 5712:1993 (VN1) puts in the place of control characters.
const TCVN_LOW: [(u8, char); 12] = [
    (0x01, 'Ú'),
    (0x02, 'Ụ'),
    (0x04, 'Ừ'),
    (0x05, 'Ử'),
    (0x06, 'Ữ'),
    (0x11, 'Ứ'),
    (0x12, 'Ự'),
    (0x13, 'Ỳ'),
    (0x14, 'Ỷ'),
    (0x15, 'Ỹ'),
    (0x16, 'Ý'),
    (0x17, 'Ỵ'),
];

/// RFC 1456 from 0x80; checked against `iconv`.
const VISCII: &str = concat!(
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ",
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ",
    "Õắằặấầẩậẽẹếềểễệố",
    "ồổỗỠƠộờởịỰỨỪỬơớƯ",
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ",
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư",
    "àáâãảăữẫèéêẻìíĩỉ",
    "đựòóôõỏọụùúũủýợỮ",
);

/// Capitals that RFC 1456 puts in the place of control characters.
const VISCII_LOW: [(u8, char); 6] = [
    (0x02, 'Ẳ'),
    (0x05, 'Ẵ'),
    (0x06, 'Ẫ'),
    (0x14, 'Ỷ'),
    (0x19, 'Ỹ'),
    (0x1e, 'Ỵ'),
];

/// VNI: what the second byte adds to the vowel before it (lower case; capitals lie 0x20 below), as
/// combining marks. After the code tables of the keyboard drivers that write it (xvnkb, UniKey).
const VNI_MARKS: [(char, &str); 17] = [
    ('ù', "\u{301}"),
    ('ø', "\u{300}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('á', "\u{302}\u{301}"),
    ('à', "\u{302}\u{300}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('é', "\u{306}\u{301}"),
    ('è', "\u{306}\u{300}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
];

/// VNI: letters that stand in one byte.
const VNI_LETTERS: [(char, char); 9] = [
    ('í', 'í'),
    ('ì', 'ì'),
    ('æ', 'ỉ'),
    ('ó', 'ĩ'),
    ('ò', 'ị'),
    ('ô', 'ơ'),
    ('ö', 'ư'),
    ('î', 'ỵ'),
    ('ñ', 'đ'),
];

/// Fonts are named within so many bytes, in the styles; the first articles' own styles follow soon.
const FONTS_WITHIN: usize = 64 * 1024;

impl Legacy {
    /// All of them; what Windows showed first, for more was written in it.
    pub(super) const ALL: [Legacy; 4] = [Legacy::Abc, Legacy::Vni, Legacy::Tcvn, Legacy::Viscii];

    /// By a name that pages and mail programs have used. `x-viet-…` are those of Netscape.
    pub(super) fn labelled(label: &str) -> Option<Self> {
        let label = label.to_ascii_lowercase();
        match label.as_str() {
            "tcvn" | "tcvn-5712" | "tcvn5712" | "tcvn5712-1" | "tcvn5712-1:1993" | "x-tcvn"
            | "x-tcvn5712" | "x-viet-tcvn" | "x-viet-tcvn5712" => Some(Legacy::Tcvn),
            "tcvn3" | "x-tcvn3" | "x-viet-tcvn3" | "abc" | "vn-abc" => Some(Legacy::Abc),
            "viscii" | "csviscii" | "viscii1.1-1" | "x-viscii" | "x-viet-viscii" => {
                Some(Legacy::Viscii)
            }
            "vni" | "vni-win" | "x-vni" | "x-viet-vni" => Some(Legacy::Vni),
            _ => None,
        }
    }

    /// What it is called, in every language.
    pub fn name(self) -> &'static str {
        match self {
            Legacy::Tcvn => "TCVN5712-1",
            Legacy::Abc => "TCVN3",
            Legacy::Viscii => "VISCII",
            Legacy::Vni => "VNI",
        }
    }

    /// Those whose fonts show letters of Latin-1 as Vietnamese ones, so that a text in them may have been
    /// carried over into Unicode letter by letter.
    pub(super) const BY_FONT: [Legacy; 2] = [Legacy::Abc, Legacy::Vni];

    /// What stands in it as letters of Latin-1; none where it is not written so.
    pub(super) fn of_latin(self, text: &str) -> Option<String> {
        match self {
            Legacy::Abc => Some(abc(text)),
            Legacy::Vni => Some(vni(text)),
            Legacy::Tcvn | Legacy::Viscii => None,
        }
    }

    /// Whether its fonts have a letter for all that stands there: what they cannot show was not written
    /// in them.
    pub(super) fn shows(self, text: &str) -> bool {
        let mut latin = text.chars().filter(|c| is_latin(*c));
        match self {
            Legacy::Abc => latin.all(|c| {
                // Its fonts have no capitals with a tone, and no tone that stands alone.
                let shown = of_abc(c);
                shown.is_lowercase() || "ĂÂÊÔƠƯĐ".contains(shown)
            }),
            Legacy::Vni => latin.filter(|c| c.is_alphabetic()).all(|c| {
                let lower = c.to_lowercase().next().unwrap_or(c);
                VNI_MARKS.iter().any(|(mark, _)| *mark == lower)
                    || VNI_LETTERS.iter().any(|(letter, _)| *letter == lower)
            }),
            Legacy::Tcvn | Legacy::Viscii => false,
        }
    }

    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Legacy::Tcvn => by_table(bytes, TCVN, &TCVN_LOW),
            Legacy::Viscii => by_table(bytes, VISCII, &VISCII_LOW),
            Legacy::Abc => abc(&as_latin(bytes)),
            Legacy::Vni => vni(&as_latin(bytes)),
        }
    }
}

fn by_table(bytes: &[u8], high: &str, low: &[(u8, char)]) -> String {
    let high: Vec<char> = high.chars().collect();
    bytes
        .iter()
        .map(|&b| match b.checked_sub(0x80) {
            Some(at) => high[usize::from(at)],
            None if b < 0x20 => low
                .iter()
                .find(|(code, _)| *code == b)
                .map_or(char::from(b), |(_, c)| *c),
            None => char::from(b),
        })
        .collect()
}

fn as_latin(bytes: &[u8]) -> Cow<'_, str> {
    WINDOWS_1252.decode_without_bom_handling(bytes).0
}

/// What stands in TCVN3 as characters of windows-1252.
fn abc(text: &str) -> String {
    text.chars().map(of_abc).collect()
}

fn of_abc(c: char) -> char {
    static HIGH: LazyLock<Vec<char>> = LazyLock::new(|| TCVN.chars().collect());
    if is_latin(c) {
        HIGH[c as usize - 0x80]
    } else {
        c
    }
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{a1}'..='\u{ff}')
}

/// What stands in VNI as characters of windows-1252. A mark without a vowel before it is a letter of
/// its own.
fn vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_vowel = false;
    for c in text.chars() {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let is_upper = c != lower;
        if after_vowel && let Some((_, marks)) = VNI_MARKS.iter().find(|(m, _)| *m == lower) {
            out.push_str(marks);
            after_vowel = false;
            continue;
        }
        let letter = match VNI_LETTERS.iter().find(|(v, _)| *v == lower) {
            Some((_, letter)) if is_upper => letter.to_uppercase().next().unwrap_or(*letter),
            Some((_, letter)) => *letter,
            None => c,
        };
        after_vowel = matches!(lower, 'a' | 'e' | 'o' | 'u' | 'y' | 'ô' | 'ö');
        out.push(letter);
    }
    out
}

/// The encoding that the fonts named in this markup are made for.
pub(super) fn by_font(markup: &[u8]) -> Option<Legacy> {
    let head = &markup[..markup.len().min(FONTS_WITHIN)];
    let head = head.to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    // A font's name begins after a quote, colon, comma or `face=`, and goes on: `.vn` alone is a domain.
    let named = |font: &str| {
        head.match_indices(font).any(|(at, _)| {
            head[..at].ends_with(['"', '\'', ':', ',', '=', ' ', ';'])
                && head[at + font.len()..].starts_with(|c: char| c.is_ascii_lowercase())
        })
    };
    if named(".vn") {
        Some(Legacy::Abc)
    } else if named("vni-") {
        Some(Legacy::Vni)
    } else {
        None
    }
}

/// A page that was carried over into Unicode byte by byte, its fonts still deciding: "TiÕng ViÖt" in
/// `.VnTime`. Only where no letter says that somebody wrote Vietnamese in Unicode.
pub(super) fn written_as_latin(text: &str) -> Option<(String, Legacy)> {
    if !could_be_latin(text) {
        return None;
    }
    let legacy = by_font(text.as_bytes())?;
    Some((legacy.of_latin(text)?, legacy))
}

/// Whether it has letters of Latin-1, and no letter says that somebody wrote Vietnamese in Unicode.
pub(super) fn could_be_latin(text: &str) -> bool {
    text.chars().any(is_latin) && !is_unicode(text)
}

/// Whether it has a Vietnamese letter that no Latin-1 text has, or a tone that stands alone.
pub(super) fn is_unicode(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(
            c,
            '\u{1ea0}'..='\u{1ef9}' | 'ă' | 'Ă' | 'đ' | 'Đ' | 'ơ' | 'Ơ' | 'ư' | 'Ư' | 'ĩ' | 'ũ'
                | '\u{300}'..='\u{36f}'
        )
    })
}
