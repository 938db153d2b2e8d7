//! From the bytes of a PNG, a JPEG or a TIFF to pages in shades of grey.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{ImageFormat, ImageReader, Limits};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};

use super::Raster;
use crate::textract::Trouble;
use crate::textract::document::Format;

/// The longest side of a picture, in pixels (<https://docs.aws.amazon.com/textract/latest/dg/limits-document.html>).
const LONGEST_SIDE: u32 = 10_000;
/// What decoding a picture may take, in bytes.
const MAX_MEMORY: u64 = 512 * 1024 * 1024;

/// The pages of a picture.
pub(in crate::textract) fn decode(
    bytes: &[u8],
    format: Format,
    max_pages: usize,
) -> Result<Vec<Raster>, Trouble> {
    let decoded = catch_unwind(AssertUnwindSafe(|| match format {
        Format::Tiff => tiff(bytes, max_pages),
        Format::Png => picture(bytes, ImageFormat::Png).map(|page| vec![page]),
        Format::Jpeg if !is_whole(bytes) => Err(Trouble::Unreadable),
        Format::Jpeg => picture(bytes, ImageFormat::Jpeg).map(|page| vec![page]),
        Format::Pdf => Err(Trouble::Unsupported),
    }));
    decoded.unwrap_or(Err(Trouble::Unreadable))
}

/// Whether a JPEG has its end. A reader would fill what is missing with grey.
fn is_whole(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(64 * 1024)..];
    tail.windows(2).any(|pair| pair == [0xff, 0xd9])
}

fn picture(bytes: &[u8], format: ImageFormat) -> Result<Raster, Trouble> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let picture = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => Trouble::TooLarge,
        _ => Trouble::Unreadable,
    })?;
    let grey = picture.to_luma8();
    Ok(Raster {
        width: grey.width() as usize,
        height: grey.height() as usize,
        shades: grey.into_raw(),
    })
}

fn tiff(bytes: &[u8], max_pages: usize) -> Result<Vec<Raster>, Trouble> {
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(unreadable)?;
    let mut pages = Vec::new();
    loop {
        if pages.len() == max_pages {
            return Err(Trouble::TooManyPages);
        }
        let (width, height) = decoder.dimensions().map_err(unreadable)?;
        if width > LONGEST_SIDE || height > LONGEST_SIDE {
            return Err(Trouble::TooLarge);
        }
        let colours = decoder.colortype().map_err(unreadable)?;
        let DecodingResult::U8(samples) = decoder.read_image().map_err(unreadable)? else {
            return Err(Trouble::Unsupported);
        };
        let (width, height) = (width as usize, height as usize);
        let shades = shades(&samples, colours, width).ok_or(Trouble::Unsupported)?;
        if shades.len() != width * height {
            return Err(Trouble::Unreadable);
        }
        pages.push(Raster {
            shades,
            width,
            height,
        });
        if !decoder.more_images() {
            return Ok(pages);
        }
        decoder.next_image().map_err(unreadable)?;
    }
}

/// Samples as shades; none for colours that are not known here.
fn shades(samples: &[u8], colours: ColorType, width: usize) -> Option<Vec<u8>> {
    let grey = |pixel: &[u8]| {
        let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
        ((red * 299 + green * 587 + blue * 114) / 1000) as u8
    };
    Some(match colours {
        ColorType::Gray(8) => samples.to_vec(),
        ColorType::Gray(1) => {
            let bits = |byte: u8| {
                (0..8)
                    .rev()
                    .map(move |bit| byte.unbounded_shr(bit) & 1)
                    .map(|bit| bit * 255)
            };
            let rows = samples.chunks(width.div_ceil(8));
            rows.flat_map(|row| row.iter().copied().flat_map(bits).take(width))
                .collect()
        }
        ColorType::RGB(8) => samples.chunks_exact(3).map(grey).collect(),
        ColorType::RGBA(8) => samples.chunks_exact(4).map(grey).collect(),
        _ => return None,
    })
}

fn unreadable(_: tiff::TiffError) -> Trouble {
    Trouble::Unreadable
}
