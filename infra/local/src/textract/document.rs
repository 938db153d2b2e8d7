//! Documents: which kinds there are, how large they may be, and the way from bytes to pages
//! (<https://docs.aws.amazon.com/textract/latest/dg/limits-document.html>).

use std::sync::Arc;

use super::Trouble;
use super::ocr::Tesseract;
use super::page::Page;
use super::pdf::{self, PdfPage};

const MEGABYTE: usize = 1024 * 1024;
/// The largest picture, and the largest document of several pages, in bytes.
const MAX_PICTURE: usize = 10 * MEGABYTE;
const MAX_DOCUMENT: usize = 500 * MEGABYTE;
/// The largest document that is analysed while the caller waits, in bytes.
const MAX_SYNCHRONOUS: usize = 10 * MEGABYTE;
/// The most pages of a document that is analysed later.
const MAX_PAGES: usize = 3000;

/// The kinds of documents that Textract takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Pdf,
    Png,
    Jpeg,
    Tiff,
}

impl Format {
    /// The kind of a document, by its first bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let start = &bytes[..bytes.len().min(1024)];
        if start.windows(5).any(|window| window == b"%PDF-") {
            Some(Self::Pdf)
        } else if start.starts_with(b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if start.starts_with(b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if start.starts_with(b"II*\0") || start.starts_with(b"MM\0*") {
            Some(Self::Tiff)
        } else {
            None
        }
    }

    fn max_bytes(self) -> usize {
        match self {
            Self::Pdf | Self::Tiff => MAX_DOCUMENT,
            Self::Png | Self::Jpeg => MAX_PICTURE,
        }
    }
}

/// How a document is analysed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// While the caller waits: one page.
    Synchronous,
    /// Later: many pages.
    Asynchronous,
}

/// Whether a document may be read at all, by its first bytes and its size.
pub(super) fn check(bytes: &[u8], mode: Mode) -> Result<Format, Trouble> {
    let format = Format::of(bytes).ok_or(Trouble::Unsupported)?;
    let limit = match mode {
        Mode::Synchronous => format.max_bytes().min(MAX_SYNCHRONOUS),
        Mode::Asynchronous => format.max_bytes(),
    };
    if bytes.len() > limit {
        return Err(Trouble::TooLarge);
    }
    Ok(format)
}

/// The pages of a document.
pub(super) async fn pages(
    bytes: Vec<u8>,
    mode: Mode,
    tesseract: Option<&Tesseract>,
) -> Result<Vec<Page>, Trouble> {
    let format = check(&bytes, mode)?;
    let bytes = Arc::new(bytes);
    let max_pages = match mode {
        Mode::Synchronous => 1,
        Mode::Asynchronous => MAX_PAGES,
    };
    if format != Format::Pdf {
        return tesseract
            .ok_or(Trouble::NoTesseract)?
            .file(&bytes, format, max_pages)
            .await;
    }
    let reading = tokio::task::spawn_blocking(move || pdf::read(&bytes, max_pages)).await;
    let mut pages = Vec::new();
    for PdfPage { page, scan } in reading.map_err(|_| Trouble::Unreadable)?? {
        pages.push(match scan {
            None => page,
            Some(scan) => tesseract.ok_or(Trouble::NoTesseract)?.scan(&scan, &page).await?,
        });
    }
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_told_by_the_first_bytes() {
        for (bytes, format) in [
            (&b"%PDF-1.7\n"[..], Some(Format::Pdf)),
            (b"\n\n%PDF-1.4", Some(Format::Pdf)),
            (b"\x89PNG\r\n\x1a\n....", Some(Format::Png)),
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"II*\0", Some(Format::Tiff)),
            (b"PK\x03\x04", None),
            (b"", None),
        ] {
            assert_eq!(Format::of(bytes), format);
        }
    }

    #[test]
    fn a_document_that_is_too_large_is_refused_before_it_is_read() {
        let mut picture = b"\xff\xd8\xff".to_vec();
        picture.resize(MAX_PICTURE + 1, 0);
        assert_eq!(check(&picture, Mode::Asynchronous), Err(Trouble::TooLarge));
        let mut document = b"%PDF-1.7".to_vec();
        document.resize(MAX_SYNCHRONOUS + 1, 0);
        assert_eq!(check(&document, Mode::Synchronous), Err(Trouble::TooLarge));
        assert_eq!(check(&document, Mode::Asynchronous), Ok(Format::Pdf));
    }
}
