//! "Did you mean …": the nearest of the names there are.

use unicode_normalization::UnicodeNormalization;

/// The name among `names` that `written` was most likely meant to be, if any is near enough: at most
/// a third of its letters wrong, missing, added or swapped, at least one. Marks, case and `_` for `-`
/// count for nothing, so `Chợ_Đồn` finds `cho-don`.
pub fn nearest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = folded(written);
    let most = (written.len() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&written, &folded(name)), name))
        .filter(|(far, _)| *far <= most)
        .min_by_key(|(far, _)| *far)
        .map(|(_, name)| name)
}

/// Longest name that is compared: the distance takes time by its square, and no name is longer.
const LONGEST: usize = 80;

fn folded(name: &str) -> Vec<char> {
    name.nfd()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'đ' => 'd',
            '_' | ' ' => '-',
            c => c,
        })
        .take(LONGEST)
        .collect()
}

/// Edits between two words: a letter changed, missing, added, or two neighbours swapped.
fn distance(a: &[char], b: &[char]) -> usize {
    // rows of the usual table for i-2, i-1 and i letters of `a`
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = change.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before_last[j - 2] + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_found() {
        let names = ["fanpage", "atk-cho-don", "tin-bac-kan", "min_gap"];
        for (written, meant) in [
            ("fanpgae", Some("fanpage")),
            ("ATK Chợ Đồn", Some("atk-cho-don")),
            ("tin-backan", Some("tin-bac-kan")),
            ("min-gap", Some("min_gap")),
            ("zalo", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
    }
}
