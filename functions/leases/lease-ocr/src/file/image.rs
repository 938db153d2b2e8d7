//! Images: whole from beginning to end, and nothing behind it.

use domain::lease::{PAGES_AT_MOST, Reason};

use super::{contains, ends_like_an_archive};

/// The shortest PNG that shows anything is longer.
const PNG_HEADER: usize = 8;

/// A PNG (<https://www.w3.org/TR/png-3/#5DataRep>): chunks up to the one that ends it, and nothing after.
pub(super) fn inspect_png(bytes: &[u8]) -> Result<(), Reason> {
    let mut rest = bytes.get(PNG_HEADER..).ok_or(Reason::FileDamaged)?;
    let mut first = true;
    let mut has_data = false;
    loop {
        let (head, body) = rest.split_at_checked(8).ok_or(Reason::FileDamaged)?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let length = usize::try_from(length).map_err(|_| Reason::FileDamaged)?;
        let name = &head[4..];
        if first != (name == b"IHDR") {
            return Err(Reason::FileDamaged);
        }
        first = false;
        has_data |= name == b"IDAT";
        // The data and its checksum.
        rest = length
            .checked_add(4)
            .and_then(|length| body.get(length..))
            .ok_or(Reason::FileDamaged)?;
        if name == b"IEND" {
            break;
        }
    }
    if !has_data {
        return Err(Reason::FileDamaged);
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Reason::FileTypeUnsupported)
    }
}

/// A JPEG (ITU T.81, annex B): segments, a frame, a scan, and an end. Cameras leave a second picture or a film behind it;
/// a document or an archive there makes it two files in one.
pub(super) fn inspect_jpeg(bytes: &[u8]) -> Result<(), Reason> {
    let mut at = 2;
    let (mut has_frame, mut has_scan) = (false, false);
    loop {
        let marker = match bytes.get(at..at + 2) {
            // Any number of fill bytes may come before a marker.
            Some([0xff, 0xff]) => {
                at += 1;
                continue;
            }
            Some([0xff, marker]) => *marker,
            _ => return Err(Reason::FileDamaged),
        };
        at += 2;
        match marker {
            0xd9 => break,
            // Markers that stand alone.
            0x01 | 0xd0..=0xd7 => continue,
            0x00 | 0xd8 => return Err(Reason::FileDamaged),
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => has_frame = true,
            _ => {}
        }
        let length = bytes.get(at..at + 2).ok_or(Reason::FileDamaged)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        if length < 2 || at + length > bytes.len() {
            return Err(Reason::FileDamaged);
        }
        at += length;
        if marker == 0xda {
            has_scan = true;
            at = end_of_scan(bytes, at).ok_or(Reason::FileDamaged)?;
        }
    }
    if !has_frame || !has_scan {
        return Err(Reason::FileDamaged);
    }
    let behind = &bytes[at..];
    if contains(behind, b"%PDF-") || ends_like_an_archive(behind) {
        return Err(Reason::FileTypeUnsupported);
    }
    Ok(())
}

/// Where the next marker after the data of a scan is: an 0xFF that is neither part of the data nor a restart.
fn end_of_scan(bytes: &[u8], from: usize) -> Option<usize> {
    let data = bytes.get(from..)?;
    let end = data
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))?;
    Some(from + end)
}

/// A TIFF (<https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf>): a chain of directories, one for each page,
/// whose data lies within the file.
pub(super) fn inspect_tiff(bytes: &[u8]) -> Result<(), Reason> {
    let tiff = Tiff {
        bytes,
        little: bytes.starts_with(b"II"),
    };
    let mut next = tiff.long(4).ok_or(Reason::FileDamaged)?;
    let mut pages = 0;
    while next != 0 {
        pages += 1;
        // A chain that bites its own tail ends here as well.
        if pages > PAGES_AT_MOST {
            return Err(Reason::TooManyPages);
        }
        next = tiff.page(next).ok_or(Reason::FileDamaged)?;
    }
    if pages == 0 {
        return Err(Reason::FileDamaged);
    }
    if ends_like_an_archive(bytes) {
        return Err(Reason::FileTypeUnsupported);
    }
    Ok(())
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Tiff<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    /// Looks at the directory there; where the next one is, or nothing if it is not whole.
    fn page(&self, directory: u32) -> Option<u32> {
        let directory = usize::try_from(directory).ok()?;
        let entries = usize::from(self.short(directory)?);
        let first = directory.checked_add(2)?;
        let (mut offsets, mut counts) = (None, None);
        for entry in 0..entries {
            let at = first.checked_add(entry * 12)?;
            match self.short(at)? {
                273 | 324 => offsets = Some(at),
                279 | 325 => counts = Some(at),
                _ => {}
            }
        }
        let (offsets, counts) = (offsets?, counts?);
        let pieces = self.long(offsets + 4)?;
        if pieces == 0 || pieces != self.long(counts + 4)? {
            return None;
        }
        // The last piece is where a file that breaks off is missed first; each has to be there.
        for piece in 0..usize::try_from(pieces).ok()? {
            let offset = self.value(offsets, piece)?;
            let end = offset.checked_add(self.value(counts, piece)?)?;
            if end > self.bytes.len() {
                return None;
            }
        }
        self.long(first.checked_add(entries * 12)?)
    }

    /// The value of this number in an entry: in the entry itself where all fit into four bytes, else where it points.
    fn value(&self, entry: usize, number: usize) -> Option<usize> {
        let count = usize::try_from(self.long(entry + 4)?).ok()?;
        let size = match self.short(entry + 2)? {
            3 => 2,
            4 => 4,
            _ => return None,
        };
        let values = if count.checked_mul(size)? <= 4 {
            entry + 8
        } else {
            usize::try_from(self.long(entry + 8)?).ok()?
        };
        let at = values.checked_add(number.checked_mul(size)?)?;
        if size == 2 {
            self.short(at).map(usize::from)
        } else {
            usize::try_from(self.long(at)?).ok()
        }
    }
}
