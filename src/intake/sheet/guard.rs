//! What a packed workbook may unpack to is measured before anything is held of it: a few kilobytes can
//! claim gigabytes, and the reader of the workbook takes the file's own word for how much room it needs.

use std::io::{Read, Seek};

use quick_xml::events::Event;

use super::{Measure, SheetFault};

/// Bytes of all its parts unpacked. 200,000 rows of eight cells are about half of it.
const MOST_UNPACKED: u64 = 384 << 20;
/// Bytes of its table of texts unpacked: it is held whole.
const MOST_TEXT_BYTES: u64 = 48 << 20;
/// Texts in that table: each takes some 50 bytes beside its letters.
const MOST_TEXTS: u64 = 600_000;
/// Bytes of one cell, or one tag: it is held whole. The longest post there is has a quarter of it.
const MOST_PIECE: usize = 1 << 20;
/// Parts of a workbook: sheets and pictures are dozens.
const MOST_PARTS: usize = 4_096;
/// Read at a time.
const CHUNK: usize = 64 << 10;

/// Refuses a workbook that is not what a person's list is.
pub(super) fn check<S: Read + Seek>(source: S) -> Result<(), SheetFault> {
    let mut packed = zip::ZipArchive::new(source).map_err(SheetFault::broken)?;
    if packed.len() > MOST_PARTS {
        return Err(too_large(Measure::Unpacked, MOST_UNPACKED));
    }
    let mut all = 0;
    for n in 0..packed.len() {
        let mut part = packed.by_index(n).map_err(SheetFault::broken)?;
        let name = part
            .name()
            .map_err(SheetFault::broken)?
            .to_ascii_lowercase();
        let texts = name.ends_with("sharedstrings.xml");
        let mut measured = Measured {
            from: &mut part,
            all: &mut all,
            own: 0,
            most_own: if texts {
                MOST_TEXT_BYTES
            } else {
                MOST_UNPACKED
            },
            // Pictures have no tags, and are never held.
            piece: (name.ends_with(".xml") || name.ends_with(".rels")).then_some(0),
            over: None,
        };
        let read = if texts {
            count_texts(&mut measured)
        } else {
            drain(&mut measured)
        };
        match (measured.over, read) {
            (Some(what), _) => return Err(what),
            (None, Err(e)) => return Err(e),
            (None, Ok(())) => {}
        }
    }
    Ok(())
}

fn too_large(what: Measure, most: u64) -> SheetFault {
    SheetFault::TooLarge { what, most }
}

fn drain(from: &mut impl Read) -> Result<(), SheetFault> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(e) => return Err(SheetFault::broken(e)),
        }
    }
}

/// The table of texts says itself how many it holds, and room is made for so many before one is read.
fn count_texts(from: &mut impl Read) -> Result<(), SheetFault> {
    let mut xml = quick_xml::Reader::from_reader(std::io::BufReader::with_capacity(CHUNK, from));
    let mut buffer = Vec::new();
    let mut texts = 0;
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Start(tag)) => {
                let claimed = tag.attributes().with_checks(false).flatten().find_map(|a| {
                    (a.key.as_ref() == "uniqueCount").then(|| a.value.trim().parse::<u64>().ok())?
                });
                texts += u64::from(tag.local_name().as_ref() == "si");
                if texts > MOST_TEXTS || claimed.is_some_and(|n| n > MOST_TEXTS) {
                    return Err(too_large(Measure::Texts, MOST_TEXTS));
                }
            }
            Ok(_) => {}
            Err(e) => return Err(SheetFault::broken(e)),
        }
    }
}

/// Reads on, and stops where it becomes too much.
struct Measured<'a, R> {
    from: R,
    all: &'a mut u64,
    own: u64,
    most_own: u64,
    /// Bytes since the last `<`: a text or a tag, which is held whole.
    piece: Option<usize>,
    over: Option<SheetFault>,
}

impl<R: Read> Read for Measured<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.from.read(into)?;
        self.own += n as u64;
        *self.all += n as u64;
        if self.own > self.most_own || *self.all > MOST_UNPACKED {
            self.over = Some(too_large(
                Measure::Unpacked,
                MOST_UNPACKED.min(self.most_own),
            ));
        }
        if let Some(piece) = &mut self.piece {
            for part in into[..n].split_inclusive(|b| *b == b'<') {
                *piece += part.len();
                if *piece > MOST_PIECE {
                    self.over = Some(too_large(Measure::Cell, MOST_PIECE as u64));
                }
                if part.last() == Some(&b'<') {
                    *piece = 0;
                }
            }
        }
        match self.over {
            Some(_) => Err(std::io::Error::other("too large")),
            None => Ok(n),
        }
    }
}
