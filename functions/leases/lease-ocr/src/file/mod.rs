//! What a file is, by its bytes, and whether it can be read.

mod image;
mod pdf;

use domain::lease::{FileKind, Reason};

/// How much of a file's end is searched for what another format keeps there.
const END: usize = 66 * 1024;

/// What the file is, if it is whole, of a kind that can be read, and of no other kind at the same time.
///
/// # Errors
/// The reason to turn it away.
pub fn inspect(bytes: &[u8]) -> Result<FileKind, Reason> {
    let kind = kind(bytes)?;
    match kind {
        FileKind::Pdf => pdf::inspect(bytes)?,
        FileKind::Png => image::inspect_png(bytes)?,
        FileKind::Jpeg => image::inspect_jpeg(bytes)?,
        FileKind::Tiff => image::inspect_tiff(bytes)?,
    }
    Ok(kind)
}

/// What the first bytes say.
fn kind(bytes: &[u8]) -> Result<FileKind, Reason> {
    let begins = |magic: &[u8]| bytes.starts_with(magic);
    if bytes.is_empty() {
        Err(Reason::FileEmpty)
    } else if begins(b"%PDF-") {
        Ok(FileKind::Pdf)
    } else if begins(b"\x89PNG\r\n\x1a\n") {
        Ok(FileKind::Png)
    } else if begins(b"\xff\xd8\xff") {
        Ok(FileKind::Jpeg)
    } else if begins(b"II*\0") || begins(b"MM\0*") {
        Ok(FileKind::Tiff)
    } else if begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") || begins(b"{\\rtf") {
        // The container of Word 97, and of its like.
        Err(Reason::WordDocument)
    } else if begins(b"PK\x03\x04") && contains(bytes, b"word/") {
        Err(Reason::WordDocument)
    } else {
        Err(Reason::FileTypeUnsupported)
    }
}

/// Whether `bytes` end like a ZIP archive, whatever they begin with: its directory is at the end.
fn ends_like_an_archive(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(END)..];
    contains(end, b"PK\x05\x06")
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests;
