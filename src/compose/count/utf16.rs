//! UTF-16 code units, as JavaScript counts and as Telegram's entities are placed.

/// How many code units `text` has.
pub fn count(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// Where byte `byte` of `text` lies in UTF-16 code units. Inside a character it is that of the
/// character's end, beyond the text that of the text's end.
pub fn offset(text: &str, byte: usize) -> usize {
    text.char_indices()
        .take_while(|(at, _)| *at < byte)
        .map(|(_, c)| c.len_utf16())
        .sum()
}
