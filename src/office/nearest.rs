//! "Did you mean …": the nearest of the words there are.

/// Words further away than this many edits are no likely slip.
const MOST_EDITS: usize = 3;

/// The nearest of `known`, if it is near enough to be meant.
pub(super) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|word| (edits(given, word), word))
        .filter(|(n, word)| *n <= MOST_EDITS && *n < word.chars().count())
        .min()
        .map(|(_, word)| word.to_owned())
}

/// Insertions, removals and changes from `a` to `b` (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_named_and_the_far_is_not() {
        let known = ["y-te", "van-hoa", "nong-nghiep"];
        assert_eq!(nearest("vanhoa", known), Some("van-hoa".to_owned()));
        assert_eq!(nearest("the-thao", known), None);
    }
}
