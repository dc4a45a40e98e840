//! Which stretches of a part's text mean something: the title, addresses, hashtags.

use std::ops::Range;

use crate::model::{Mark, MarkKind};

use super::link::addresses;

/// The marks of `text`, in order, not overlapping. `bold` is the title's place, `link` that of the
/// link as the template put it.
pub(super) fn marks(
    text: &str,
    bold: Option<Range<usize>>,
    link: Option<Range<usize>>,
) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    add(&mut marks, bold, MarkKind::Bold);
    add(&mut marks, link, MarkKind::Link);
    add(&mut marks, addresses(text), MarkKind::Link);
    add(&mut marks, hashtags(text), MarkKind::Tag);
    marks
}

/// Adds stretches of one kind (in order, not overlapping) where nothing is marked yet.
fn add(marks: &mut Vec<Mark>, found: impl IntoIterator<Item = Range<usize>>, kind: MarkKind) {
    let free = |range: &Range<usize>| {
        let next = marks.partition_point(|mark| mark.end <= range.start);
        marks.get(next).is_none_or(|mark| range.end <= mark.start)
    };
    let new: Vec<Mark> = found
        .into_iter()
        .filter(|range| !range.is_empty() && free(range))
        .map(|Range { start, end }| Mark {
            start,
            end,
            kind: kind.clone(),
        })
        .collect();
    marks.extend(new);
    marks.sort_by_key(|mark| mark.start);
}

/// `#` and the word behind it, where a word may begin; digits alone are a number.
fn hashtags(text: &str) -> Vec<Range<usize>> {
    text.match_indices('#')
        .filter_map(|(start, _)| {
            let begins =
                !text[..start].ends_with(|c: char| c.is_alphanumeric() || "_#&/".contains(c));
            let word = &text[start + 1..];
            let len = word
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(word.len());
            let letters = word[..len].chars().any(char::is_alphabetic);
            (begins && letters).then_some(start..start + 1 + len)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, bold: Option<Range<usize>>) -> Vec<(&str, MarkKind)> {
        marks(text, bold, None)
            .into_iter()
            .map(|mark| (&text[mark.start..mark.end], mark.kind))
            .collect()
    }

    #[test]
    fn titles_addresses_and_hashtags_are_marked() {
        let text = "Tựa #1 #đẹp\nXem https://x.vn/#a và #ChuyểnĐổiSố, #2026 #covid19 a#b ##c";
        assert_eq!(
            marked(text, Some(0..5)),
            [
                ("Tựa", MarkKind::Bold),
                ("#đẹp", MarkKind::Tag),
                ("https://x.vn/#a", MarkKind::Link),
                ("#ChuyểnĐổiSố", MarkKind::Tag),
                ("#covid19", MarkKind::Tag),
            ]
        );
    }

    #[test]
    fn nothing_overlaps_the_title() {
        assert_eq!(
            marked("Tin #nóng https://x.vn/a", Some(0..25)),
            [("Tin #nóng https://x.vn/a", MarkKind::Bold)]
        );
    }
}
