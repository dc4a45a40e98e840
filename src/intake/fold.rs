//! Words without what people leave out or write differently: marks, case, punctuation at the ends.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// In lower case and without marks, `đ` as `d`: `Chợ Đồn` → `cho don`. White space is one blank.
pub fn folded(text: &str) -> String {
    let plain: String = text
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_case_and_blanks_count_for_nothing() {
        assert_eq!(folded("  Chợ\u{a0}Đồn \n Mến  YÊU "), "cho don men yeu");
        // The same letters, taken apart.
        assert_eq!(folded("Cho\u{323}"), folded("Chọ"));
    }
}
