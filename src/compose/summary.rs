//! A text's first sentences, for `{summary}`.

use std::ops::RangeInclusive;

use super::clean;
use super::count::Unit;
use super::cut;

/// How long a summary may be asked for, in characters: less is no sentence, more is no summary.
pub(crate) const SUMMARY: RangeInclusive<usize> = 40..=2000;
/// How long it is where the template does not say: three lines on a phone.
pub(super) const DEFAULT: usize = 200;

/// As many whole sentences from the start of `text` (clean) as are at most `max` characters together, on
/// one line; of a first sentence that alone is longer, its first words.
pub(super) fn summary(text: &str, max: usize) -> String {
    let mut kept = String::new();
    for sentence in text.split('\n').flat_map(sentences) {
        let sentence = clean::line(sentence);
        if sentence.is_empty() {
            continue;
        }
        let space = usize::from(!kept.is_empty());
        if Unit::Characters.count(&kept) + space + Unit::Characters.count(&sentence) > max {
            if kept.is_empty() {
                return cut::cut(&sentence, Unit::Characters, max);
            }
            break;
        }
        if space > 0 {
            kept.push(' ');
        }
        kept.push_str(&sentence);
    }
    kept
}

/// A line's sentences. One ends with its mark and the white space behind; not behind a shortened word
/// ("TP. Hồ Chí Minh", "PGS.", "Nguyễn V. A") nor within a number.
fn sentences(line: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for (at, mark) in line.match_indices(['.', '!', '?', '…']) {
        let end = at + mark.len();
        let closing = line[end..].find(|c: char| !"”»\")".contains(c));
        let end = end + closing.unwrap_or(line.len() - end);
        let last = line[from..at.max(from)].split_whitespace().next_back();
        let shortened = mark == "." && last.is_some_and(is_shortened);
        if end > from && line[end..].starts_with(char::is_whitespace) && !shortened {
            sentences.push(&line[from..end]);
            from = end;
        }
    }
    sentences.push(&line[from..]);
    sentences
}

/// “TP”, “PGS”, “V”: at most three letters, all capitals.
fn is_shortened(word: &str) -> bool {
    let last = word.rsplit('.').next().unwrap_or(word);
    last.chars().count() <= 3 && !last.is_empty() && last.chars().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Sáng 28/8, huyện Chợ Đồn ra quân làm đường. Hơn 200 người tham gia!\n\nĐồng chí Nguyễn V. A, \
        TP. Bắc Kạn, dự lễ. Kinh phí 1.250.000 đồng…";

    #[test]
    fn sentences_stay_whole() {
        assert_eq!(
            summary(TEXT, 60),
            "Sáng 28/8, huyện Chợ Đồn ra quân làm đường."
        );
        assert_eq!(
            summary(TEXT, 70),
            "Sáng 28/8, huyện Chợ Đồn ra quân làm đường. Hơn 200 người tham gia!"
        );
        assert_eq!(
            summary(TEXT, 120),
            "Sáng 28/8, huyện Chợ Đồn ra quân làm đường. Hơn 200 người tham gia! Đồng chí Nguyễn V. A, TP. Bắc Kạn, dự lễ."
        );
        assert_eq!(summary(TEXT, 2000), clean::line(TEXT));
        assert_eq!(summary("", 40), "");
    }

    #[test]
    fn a_sentence_too_long_is_cut_at_a_word() {
        assert_eq!(summary(TEXT, 40), "Sáng 28/8, huyện Chợ Đồn ra quân làm…");
        assert_eq!(
            summary("“Làm ngay!” – ông nói. Rồi đi.", 40),
            "“Làm ngay!” – ông nói. Rồi đi."
        );
    }

    proptest::proptest! {
        #[test]
        fn it_is_never_longer_than_asked(text in "(\\PC|[.!?…] ?|\n){0,60}", max in 40_usize..90) {
            let text = clean::block(&text);
            proptest::prop_assert!(Unit::Characters.count(&summary(&text, max)) <= max);
        }
    }
}
