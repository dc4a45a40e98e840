//! How alike two texts are: for the warning that nearly the same went out before. Pure.
//!
//! Words without marks, three by three ([`TOGETHER`]), make a text's set of *shingles*; two texts are as
//! alike as their sets overlap (Jaccard). A [`Sketch`] is 64 bytes that tell about how much two sets
//! overlap without either text: a hundred thousand of them are compared in a few milliseconds. Only what
//! looks alike by them is read and compared exactly, by [`likeness`].
//!
//! What says nothing of the subject is left out: addresses, hashtags, telephone numbers; and of two
//! texts the lines that both end with, as an office signs its posts.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::link::addresses;

/// Counts up with every change of what [`Sketch::of`] answers: an index built with another is rebuilt.
/// A macro for the same reason as [`super::link_key_version`].
macro_rules! sketch_version {
    () => {
        1
    };
}
pub(crate) use sketch_version;

/// Words that make one shingle. Vietnamese words are of one to three syllables, each written by itself:
/// with fewer, all notices of an office are alike; with more, one changed word spoils too many.
const TOGETHER: usize = 3;
/// A text of fewer words says too little by itself: its title counts with it.
const SHORT: usize = 20;
/// Below so many words nothing can be said: "Thông báo" is like every other "Thông báo".
const LEAST: usize = 5;
/// The lines that two texts both end with are taken for a signature up to so many words: name, address,
/// telephone, a motto. More is a text that was taken over.
const SIGNATURE: usize = 60;
/// Texts as alike as this, or more, are worth a warning: of a text of a hundred words, up to about
/// fifteen places may have been changed.
pub const ALIKE: f64 = 0.5;
/// Sketches of which this part agrees may be of texts that are [`ALIKE`]: three standard deviations
/// less (√(½ · ½ / 64) = 0.0625).
const MAY_BE_ALIKE: f64 = ALIKE - 3.0 * 0.0625;

/// Bytes of a sketch, each the lowest of one ordering of the text's shingles.
pub const SKETCH_LEN: usize = 64;

/// What remains of a text to tell how alike another is (MinHash, Broder 1997; one byte of each minimum,
/// Li and König 2010).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sketch(pub [u8; SKETCH_LEN]);

impl Sketch {
    /// In how many bytes two must agree, at least, for their texts to be read.
    pub const MAY_BE_ALIKE: usize = {
        // Two bytes agree by chance once in 256 times.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        let bytes = ((MAY_BE_ALIKE + (1.0 - MAY_BE_ALIKE) / 256.0) * 64.0) as usize;
        bytes
    };

    /// The sketch of an article; `None` where it says too little.
    pub fn of(title: &str, text: &str) -> Option<Self> {
        let body = words(text);
        let all = match body.len() < SHORT {
            true => with_title(title, body),
            false => body,
        };
        (all.len() >= LEAST).then(|| Self::of_shingles(&shingles(&all)))
    }

    fn of_shingles(shingles: &BTreeSet<u64>) -> Self {
        let mut least = [u64::MAX; SKETCH_LEN];
        for shingle in shingles {
            let mut order = *shingle;
            for lowest in &mut least {
                order = order.wrapping_add(GOLDEN);
                *lowest = (*lowest).min(mixed(order));
            }
        }
        // The low byte: the high ones of minima are nearly all zero.
        Self(least.map(|lowest| lowest.to_le_bytes()[0]))
    }

    /// In how many bytes they agree.
    pub fn agrees(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        pairs.map(|(a, b)| usize::from(a == b)).sum()
    }
}

/// How alike two articles are, from 0 to 1; each is title and text. 0 where one says too little.
pub fn likeness(a: (&str, &str), b: (&str, &str)) -> f64 {
    let (mut of_a, mut of_b) = (lines(a.1), lines(b.1));
    let signature = signature(&of_a, &of_b);
    of_a.truncate(of_a.len() - signature);
    of_b.truncate(of_b.len() - signature);
    let (mut a_words, mut b_words) = (of_a.concat(), of_b.concat());
    if a_words.len() < SHORT || b_words.len() < SHORT {
        a_words = with_title(a.0, a_words);
        b_words = with_title(b.0, b_words);
    }
    if a_words.len() < LEAST || b_words.len() < LEAST {
        return 0.0;
    }
    overlap(&shingles(&a_words), &shingles(&b_words))
}

/// How many of the lines that both end with are no more than a signature. None where nothing but them
/// is left of one: then it is what the text says.
fn signature(a: &[Vec<String>], b: &[Vec<String>]) -> usize {
    let mut words = 0;
    let pairs = a.iter().rev().zip(b.iter().rev());
    let lines = pairs
        .take_while(|(a, b)| {
            words += a.len();
            a == b && words <= SIGNATURE
        })
        .count();
    match lines < a.len() && lines < b.len() {
        true => lines,
        false => 0,
    }
}

#[allow(clippy::cast_precision_loss, reason = "texts of under 2^52 words")]
fn overlap(a: &BTreeSet<u64>, b: &BTreeSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both).max(1) as f64
}

fn with_title(title: &str, body: Vec<String>) -> Vec<String> {
    let mut all = words(title);
    // Many posts begin with their title.
    if !body.starts_with(&all) {
        all.extend(body);
        return all;
    }
    body
}

fn words(text: &str) -> Vec<String> {
    lines(text).concat()
}

/// The words of each line that has any: lower case, without marks, without what says nothing.
fn lines(text: &str) -> Vec<Vec<String>> {
    let mut plain = String::with_capacity(text.len());
    let mut from = 0;
    for address in addresses(text) {
        plain.push_str(&text[from..address.start]);
        plain.push(' ');
        from = address.end;
    }
    plain.push_str(&text[from..]);
    let lines = plain.lines().map(|line| {
        let told = line.split_whitespace().filter(|word| !says_nothing(word));
        let words = told.flat_map(|word| {
            let folded: String = folded(word);
            let parts = folded.split(|c: char| !c.is_alphanumeric());
            let parts = parts.filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        });
        words.collect::<Vec<_>>()
    });
    lines.filter(|words| !words.is_empty()).collect()
}

/// A hashtag, an address of mail, or a number that people ring.
fn says_nothing(word: &str) -> bool {
    /// The shortest that is rung: area code and number without its first zero.
    const TELEPHONE: usize = 8;
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let only_digits = word
        .chars()
        .all(|c| c.is_ascii_digit() || "+().-,;".contains(c));
    word.starts_with('#')
        || word.contains('@')
        || (only_digits && digits >= TELEPHONE && !word.contains('/'))
}

/// `Chợ` → `cho`.
fn folded(word: &str) -> String {
    let plain = word.nfd().filter(|c| !is_combining_mark(*c));
    let lower = plain.flat_map(char::to_lowercase);
    lower.map(|c| if c == 'đ' { 'd' } else { c }).collect()
}

fn shingles(words: &[String]) -> BTreeSet<u64> {
    words
        .windows(TOGETHER.min(words.len().max(1)))
        .map(|together| {
            let bytes = together.iter().flat_map(|word| word.bytes().chain([b' ']));
            // FNV-1a: the same for ever, on every machine.
            bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        })
        .collect()
}

/// The step and the mixing of SplitMix64 (Steele, Lea, Flood 2014).
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOW: &str = "Sáng 28/8, huyện Chợ Đồn tổ chức ra quân làm đường giao thông nông thôn tại xã Bằng Lãng. \
        Hơn hai trăm đoàn viên thanh niên và bà con trong thôn đã tham gia đổ bê tông đoạn đường dài 350 mét, \
        nối thôn Nà Khắt với trung tâm xã. Đến trưa cùng ngày, công trình đã hoàn thành, bảo đảm chất lượng.";
    const OTHER: &str = "Trung tâm Y tế huyện thông báo lịch tiêm phòng dại cho chó, mèo năm nay: từ ngày 5 đến ngày 9 \
        tháng 9 tại nhà văn hóa các thôn. Bà con nhốt vật nuôi, mang theo sổ tiêm và đến đúng giờ để được phục vụ nhanh.";
    const SIGNED: &str = "\n\nBan Truyền thông huyện Chợ Đồn, tỉnh Bắc Kạn – tiếng nói của nhân dân các dân tộc trong huyện\n\
        Địa chỉ: tổ 2, thị trấn Bằng Lũng, huyện Chợ Đồn\nĐiện thoại: 0209 3882 145\n#ChợĐồn #BắcKạn #TinHuyện";

    fn like(a: &str, b: &str) -> f64 {
        likeness(("", a), ("", b))
    }

    fn found(a: (&str, &str), b: (&str, &str)) -> bool {
        let (of_a, of_b) = (Sketch::of(a.0, a.1).unwrap(), Sketch::of(b.0, b.1).unwrap());
        of_a.agrees(&of_b) >= Sketch::MAY_BE_ALIKE
    }

    #[test]
    fn what_was_changed_a_little_is_alike() {
        let changed = LOW
            .replace("Hơn hai trăm", "Gần 200")
            .replace("Đến trưa cùng ngày", "Tới 11 giờ")
            .to_uppercase();
        for (a, b) in [
            (LOW.to_owned(), LOW.to_owned()),
            (LOW.to_owned(), changed.clone()),
            (
                LOW.to_owned(),
                format!("📣 {LOW}\n\nXem thêm: https://chodon.gov.vn/tin/5{SIGNED}"),
            ),
            // Typed without marks, and with them apart from their letters.
            (LOW.to_owned(), folded(LOW)),
            (LOW.to_owned(), LOW.nfd().collect()),
        ] {
            assert!(like(&a, &b) >= ALIKE, "{} {b}", like(&a, &b));
            assert!(found(("", &a), ("", &b)), "{b}");
        }
    }

    #[test]
    fn what_shares_only_a_signature_is_not() {
        assert!(like(LOW, OTHER) < 0.1);
        let signed = |text: &str| format!("{text}{SIGNED}");
        assert!(like(&signed(LOW), &signed(OTHER)) < 0.1);
        // Though most of each is the signature.
        let (a, b) = ("Mai nghỉ lễ cả ngày.", "Sáng thứ Hai họp thôn Nà Khắt.");
        assert!(like(&signed(a), &signed(b)) < ALIKE);
        assert!(like(&signed(a), &signed(a)) == 1.0);
        assert_eq!(like("#ChợĐồn #BắcKạn", "#ChợĐồn #BắcKạn"), 0.0);
        assert_eq!(
            Sketch::of("", "#ChợĐồn https://chodon.gov.vn/a 0209 3882 145"),
            None
        );
    }

    #[test]
    fn what_was_taken_over_is_no_signature() {
        // One paragraph new, two the same.
        let (a, b) = (
            format!("{LOW}\n{OTHER}\n{LOW}"),
            format!("Tin mới nhất sáng nay của huyện nhà.\n{OTHER}\n{LOW}"),
        );
        assert!(like(&a, &b) >= ALIKE, "{}", like(&a, &b));
    }

    #[test]
    fn short_texts_go_by_their_titles() {
        let title = "Lịch tiêm phòng dại cho chó mèo tháng 9";
        assert!(likeness((title, ""), (title, "")) == 1.0);
        assert!(likeness((title, "Mời bà con xem."), (title, "Bà con xem nhé!")) >= ALIKE);
        assert!(likeness((title, ""), ("Lịch cắt điện các xã phía nam", "")) < 0.2);
        assert_eq!(likeness(("Thông báo", ""), ("Thông báo", "")), 0.0);
        assert_eq!(Sketch::of("Thông báo", ""), None);
    }

    #[test]
    fn a_sketch_is_the_same_for_ever() {
        // Stored sketches are compared with new ones: another answer needs another version.
        let sketch = Sketch::of("", LOW).unwrap();
        assert_eq!(sketch.0[..8], FIRST_BYTES, "{:?}", &sketch.0[..8]);
    }
    const FIRST_BYTES: [u8; 8] = [149, 101, 104, 156, 206, 238, 220, 157];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// √(J(1−J)/64) is at most 1/16; five of them are not seen in so many cases.
        #[test]
        fn sketches_tell_how_far_sets_overlap(
            shared in 0_u64..400, a in 1_u64..400, b in 1_u64..400, seed in any::<u64>(),
        ) {
            let set = |from: u64, n: u64| (from..from + n).map(|i| mixed(seed.wrapping_add(i)));
            let of_a: BTreeSet<u64> = set(0, shared).chain(set(10_000, a)).collect();
            let of_b: BTreeSet<u64> = set(0, shared).chain(set(20_000, b)).collect();
            let agrees = Sketch::of_shingles(&of_a).agrees(&Sketch::of_shingles(&of_b));
            #[allow(clippy::cast_precision_loss, reason = "at most 64")]
            let told = (agrees as f64 / 64.0 - 1.0 / 256.0) / (1.0 - 1.0 / 256.0);
            prop_assert!((told - overlap(&of_a, &of_b)).abs() < 5.0 / 16.0);
        }

        #[test]
        fn likeness_is_even_and_never_panics(a in "(\\PC{0,20}\n?){0,6}", b in "(\\PC{0,20}\n?){0,6}") {
            let (ab, ba) = (like(&a, &b), like(&b, &a));
            prop_assert!((ab - ba).abs() < f64::EPSILON && (0.0..=1.0).contains(&ab));
            let _ = Sketch::of(&a, &b);
        }
    }
}
