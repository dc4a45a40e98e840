//! GIF89a: blocks. Pictures, their delays and how often they repeat stay; comments, texts and what
//! programs wrote for themselves (XMP) go, and what follows the end.

use super::Bare;

pub(super) fn bare(bytes: &[u8]) -> Option<Bare> {
    let mut bare = Bare::default();
    let mut at = 13 + table(*bytes.get(10)?);
    let mut pictures = 0;
    bare.bytes.extend_from_slice(bytes.get(..at)?);
    // One that was cut short ends with its last whole block.
    while let Some(block) = block(bytes.get(at..)?) {
        match block {
            [0x2c, ..] => {
                pictures += 1;
                bare.bytes.extend_from_slice(block);
            }
            [0x21, 0xf9, _, flags, ..] => {
                bare.see_through |= pictures == 0 && flags & 1 == 1;
                bare.bytes.extend_from_slice(block);
            }
            [0x21, 0xff, 11, rest @ ..]
                if rest.starts_with(b"NETSCAPE2.0") || rest.starts_with(b"ANIMEXTS1.0") =>
            {
                bare.bytes.extend_from_slice(&repeats(rest));
            }
            _ => {}
        }
        at += block.len();
    }
    bare.moves = pictures > 1;
    bare.bytes.push(0x3b);
    (pictures > 0).then_some(bare)
}

/// The length of a colour table, from the flags before it.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// The next block, whole; none at the end.
fn block(bytes: &[u8]) -> Option<&[u8]> {
    let start = match *bytes.first()? {
        // The picture's place, its own colours, how its codes begin.
        0x2c => 10 + table(*bytes.get(9)?) + 1,
        0x21 => 2,
        _ => return None,
    };
    let mut at = start;
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return bytes.get(..at);
        }
    }
}

/// How often it repeats, and nothing that stands beside that: `rest` is what follows the block's name
/// length.
fn repeats(rest: &[u8]) -> Vec<u8> {
    let mut block = b"\x21\xff\x0b".to_vec();
    block.extend_from_slice(&rest[..11]);
    // A sub-block of three: 1, and a number of 16 bits.
    if let Some(count @ [3, 1, _, _]) = rest.get(11..15) {
        block.extend_from_slice(count);
    }
    block.push(0);
    block
}
