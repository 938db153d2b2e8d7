//! Whether a PDF's compressed streams stay within bounds when they are unpacked.
//!
//! The reader unpacks whole streams into memory. So that a small file cannot ask for all of it, each stream is unpacked
//! here first, a piece at a time and into nothing.

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

/// An error if the file's streams hold more than they should.
pub(super) fn check(bytes: &[u8]) -> Result<(), Trouble> {
    let mut left = MAX_ALL;
    let mut rest = bytes;
    while let Some(at) = find(rest, b"stream") {
        rest = &rest[at + b"stream".len()..];
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n"));
        let Some(data) = data else { continue };
        for layers in 1..=MAX_LAYERS {
            let layer = Layer::of(data, layers);
            if !layer.is_compressed {
                break;
            }
            left = left.checked_sub(layer.size).ok_or(Trouble::TooLarge)?;
            if layer.size > MAX_ONE {
                return Err(Trouble::TooLarge);
            }
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
