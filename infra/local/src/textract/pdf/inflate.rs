//! Whether a PDF's compressed streams stay within bounds when they are unpacked.
//!
//! The reader unpacks whole streams into memory. So that a small file cannot ask for all of it, each stream is unpacked
//! here first, a piece at a time and into nothing.

mod lzw;

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::textract::Trouble;

/// What all streams of a file may hold, and one of them, in bytes.
const MAX_ALL: u64 = 512 * 1024 * 1024;
const MAX_ONE: u64 = 128 * 1024 * 1024;
/// How often a stream may be compressed over.
const MAX_LAYERS: usize = 3;
/// How much is unpacked at once, in bytes.
const PIECE: usize = 1 << 16;
/// How far before a stream its dictionary may begin, in bytes.
const DICTIONARY: usize = 2048;

/// An error if the file's streams hold more than they should.
pub(super) fn check(bytes: &[u8]) -> Result<(), Trouble> {
    let mut left = MAX_ALL;
    let mut take = |size: u64| {
        left = left.checked_sub(size).ok_or(Trouble::TooLarge)?;
        if size > MAX_ONE {
            Err(Trouble::TooLarge)
        } else {
            Ok(())
        }
    };
    let mut at = 0;
    while let Some(found) = find(&bytes[at..], b"stream") {
        let dictionary = &bytes[at.max((at + found).saturating_sub(DICTIONARY))..at + found];
        at += found + b"stream".len();
        let rest = &bytes[at..];
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"));
        let Some(data) = data else { continue };
        if find(dictionary, b"/LZW").is_some() {
            take(lzw::size(
                data,
                find(dictionary, b"/EarlyChange 0").is_none(),
                MAX_ONE,
            ))?;
            continue;
        }
        for layers in 1..=MAX_LAYERS {
            let layer = Layer::of(data, layers);
            if !layer.is_compressed {
                break;
            }
            take(layer.size)?;
        }
    }
    Ok(())
}

/// What a stream holds once it is unpacked so many times.
struct Layer {
    is_compressed: bool,
    size: u64,
}

impl Layer {
    fn of(data: &[u8], layers: usize) -> Self {
        let mut packed: Box<dyn Read + '_> = Box::new(data);
        for _ in 1..layers {
            packed = Box::new(ZlibDecoder::new(packed));
        }
        let mut start = Vec::new();
        let begun = packed.by_ref().take(2).read_to_end(&mut start);
        if begun.is_err() || !is_zlib(&start) {
            return Self {
                is_compressed: false,
                size: 0,
            };
        }
        let mut unpacked = ZlibDecoder::new(start.as_slice().chain(packed));
        let mut piece = vec![0; PIECE];
        let mut size = 0;
        while let Ok(read @ 1..) = unpacked.read(&mut piece) {
            size += read as u64;
            if size > MAX_ONE {
                break;
            }
        }
        Self {
            is_compressed: true,
            size,
        }
    }
}

/// Whether these are the first bytes of the zlib format (RFC 1950).
fn is_zlib(start: &[u8]) -> bool {
    match start {
        [first, second] => first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31),
        _ => false,
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::textract::pdf::read;

    /// A PDF whose only page draws what LZW unpacks this to.
    fn page(packed: &[u8]) -> Vec<u8> {
        let mut file = format!(
            "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
             2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
             3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R \
             /Resources << /Font << /F1 4 0 R >> >> >>\nendobj\n\
             4 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n\
             5 0 obj\n<< /Filter /LZWDecode /Length {} >>\nstream\n",
            packed.len()
        )
        .into_bytes();
        file.extend(packed);
        file.extend(b"\nendstream\nendobj\ntrailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n");
        file
    }

    #[test]
    fn a_page_that_is_packed_with_lzw_is_read() {
        let content = b"BT /F1 11 Tf 72 700 Td (Monthly Rent: $1,850.00) Tj ET\n".repeat(40);
        let pages = read(&page(&lzw::tests::packed(&content)), 1).unwrap();
        let words = &pages[0].page.words;
        assert!(words.iter().any(|word| word.text == "$1,850.00"), "{words:?}");
    }

    #[test]
    fn what_lzw_unpacks_to_too_much_is_refused() {
        let bomb = page(&lzw::tests::spaces(MAX_ONE as usize));
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert_eq!(read(&bomb, 1).map(|_| ()), Err(Trouble::TooLarge));
    }
}
