//! SHA-256 and how it is written: in ledger lines, in HEAD, as the name of a picture.

use sha2::{Digest, Sha256};

/// As lower-case digits.
pub(super) fn hex(hash: &[u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n)]);
    hash.iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 15)])
        .collect()
}

/// From 64 lower-case digits, and nothing else.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (to, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        *to = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(hash)
}

/// Of the bytes as they stand.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_lower_case() {
        assert_eq!(unhex(&hex(&[0xab; 32])), Some([0xab; 32]));
        assert_eq!(unhex(&"AB".repeat(32)), None);
        assert_eq!(unhex("ab"), None);
    }
}
