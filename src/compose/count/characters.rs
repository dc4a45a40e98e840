//! Characters: Unicode scalar values, as most servers count.

/// How many scalar values `text` has.
pub fn count(text: &str) -> usize {
    text.chars().count()
}
