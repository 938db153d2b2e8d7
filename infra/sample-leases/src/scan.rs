//! Leases that went through a printer, a pen and a scanner: pictures of pages, with no layer of text.

use std::io::Cursor;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::util::TransformExt;
use hayro::hayro_syntax::Pdf;
use hayro::kurbo::Affine;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::vello_cpu::{Pixmap, RasterizerSettings, RenderContext, Resources, TargetInit};
use hayro::{RenderCache, RenderSettings, render_into};
use image::codecs::jpeg::{JpegEncoder, PixelDensity};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use pdf_writer::{Content, Filter, Finish, Name, Rect, Ref};
use tiff::encoder::colortype::Gray8;
use tiff::encoder::{Compression, Rational, TiffEncoder};
use tiff::tags::ResolutionUnit;

use crate::chance::Chance;
use crate::corpus::{Case, corpus};

/// What a scanner makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A PDF of pictures.
    Pdf,
    /// One picture.
    Png,
    /// One picture, with the blocks that JPEG leaves around letters.
    Jpeg,
    /// One picture after another in one file.
    Tiff,
}

/// A page could not be made a picture of.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// Our own PDF could not be opened.
    #[error("the PDF cannot be drawn: {0}")]
    Pdf(String),
    /// A picture was not encoded.
    #[error(transparent)]
    Image(#[from] image::ImageError),
    /// A picture was not encoded.
    #[error(transparent)]
    Tiff(#[from] tiff::TiffError),
}

/// A lease that was scanned.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The lease. What has to come of it holds for its scan as well.
    pub case: Case,
    /// What the scanner made.
    pub format: Format,
    quality: Quality,
}

/// How good a scan is.
#[derive(Clone, Copy, Debug)]
struct Quality {
    /// Points to the inch.
    density: u16,
    /// How far the paper lay off, in degrees.
    skew: f64,
    /// How often each point was mixed with its neighbors.
    blur: u8,
    /// How far a point may be off, of 255.
    noise: u8,
    /// Of a JPEG, in percent.
    jpeg: u8,
}

/// One row of the table: the lease, format, density, skew, blur, noise, JPEG quality.
type Row = (&'static str, Format, u16, f64, u8, u8, u8);

#[rustfmt::skip]
const ROWS: [Row; 20] = [
    ("month to month", Format::Png, 300, 0.0, 0, 6, 0),
    ("month to month, pets", Format::Jpeg, 200, 0.7, 0, 14, 70),
    ("month to month, parking", Format::Jpeg, 300, -1.2, 1, 20, 55),
    ("month to month, words and digits", Format::Png, 200, -0.5, 1, 18, 0),
    ("prose, no other charges", Format::Jpeg, 250, 1.5, 0, 16, 60),
    ("form, pets", Format::Pdf, 200, 0.4, 0, 12, 75),
    ("form, digits", Format::Pdf, 150, 0.0, 0, 8, 85),
    ("charges, usual", Format::Tiff, 200, -0.8, 0, 10, 0),
    ("charges, pets", Format::Pdf, 300, 2.0, 1, 16, 60),
    ("cover sheet, digits", Format::Tiff, 200, 0.3, 0, 8, 0),
    ("cover sheet, words and digits", Format::Pdf, 240, -2.0, 0, 20, 65),
    ("dense form, digits", Format::Pdf, 300, 0.6, 0, 12, 70),
    ("columns, digits", Format::Pdf, 300, -0.4, 0, 10, 70),
    ("addenda, pets", Format::Pdf, 200, 1.0, 0, 14, 65),
    ("roommates, a couple", Format::Pdf, 200, -1.0, 1, 14, 70),
    ("words say less than digits, form", Format::Pdf, 200, 0.8, 0, 12, 70),
    ("nobody signed, form", Format::Png, 200, 0.5, 0, 10, 0),
    ("only the landlord signed, prose", Format::Jpeg, 200, -0.6, 0, 12, 70),
    ("another unit, form", Format::Pdf, 200, 0.9, 0, 12, 70),
    ("a deposit alone, form", Format::Jpeg, 150, 1.1, 1, 16, 60),
];

/// Scans of leases of the corpus, from 150 to 300 points to the inch.
#[must_use]
pub fn scans() -> Vec<Scan> {
    let cases = corpus();
    let scan = |(name, format, density, skew, blur, noise, jpeg): Row| {
        let case = cases.iter().find(|case| case.name == name)?.clone();
        Some(Scan {
            case,
            format,
            quality: Quality {
                density,
                skew,
                blur,
                noise,
                jpeg,
            },
        })
    };
    ROWS.into_iter().filter_map(scan).collect()
}

impl Scan {
    /// The file: the same bytes each time that one build makes it.
    ///
    /// # Errors
    /// [`ScanError`] if a page cannot be drawn or encoded.
    pub fn file(&self) -> Result<Vec<u8>, ScanError> {
        let pages = photograph(self.case.pdf(), self.quality)?;
        match self.format {
            Format::Pdf => pdf(&pages, self.quality),
            Format::Tiff => tiff(&pages, self.quality),
            Format::Png | Format::Jpeg => {
                let Some(first) = pages.first() else {
                    return Err(ScanError::Pdf("it has no pages".to_owned()));
                };
                if self.format == Format::Png {
                    png(first)
                } else {
                    jpeg(first, self.quality)
                }
            }
        }
    }
}

/// A scan of which the second half did not arrive.
///
/// # Errors
/// [`ScanError`] if a page cannot be drawn or encoded.
pub fn half_a_jpeg() -> Result<Vec<u8>, ScanError> {
    let whole = scans()
        .into_iter()
        .find(|scan| scan.format == Format::Jpeg)
        .ok_or_else(|| ScanError::Pdf("no scan is a JPEG".to_owned()))?;
    let mut file = whole.file()?;
    file.truncate(file.len() / 2);
    Ok(file)
}

/// A picture of a page in grey.
struct Picture {
    width: u32,
    height: u32,
    grey: Vec<u8>,
}

fn photograph(file: Vec<u8>, quality: Quality) -> Result<Vec<Picture>, ScanError> {
    let pdf = Pdf::new(file).map_err(|error| ScanError::Pdf(format!("{error:?}")))?;
    let cache = RenderCache::new();
    let mut chance = Chance::new(u64::from(quality.density) << 8 | u64::from(quality.noise));
    let mut pictures = Vec::new();
    for page in pdf.pages().iter() {
        let scale = f64::from(quality.density) / 72.0;
        let (width, height) = page.render_dimensions();
        let (width, height) = (f64::from(width) * scale, f64::from(height) * scale);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a page has some thousand points"
        )]
        let mut context = RenderContext::new(width as u16, height as u16);
        let middle = (width / 2.0, height / 2.0);
        let lies = Affine::translate(middle)
            * Affine::rotate(quality.skew.to_radians())
            * Affine::translate((-middle.0, -middle.1))
            * Affine::scale(scale)
            * page.initial_transform(true).to_kurbo();
        render_into(
            page,
            &cache,
            &InterpreterSettings::default(),
            &RenderSettings::default(),
            &mut context,
            lies,
        );
        context.flush();
        let mut pixmap = Pixmap::new(context.width(), context.height());
        context.render_with(
            &mut pixmap,
            &mut Resources::default(),
            RasterizerSettings {
                target_init: TargetInit::Clear(WHITE),
                ..Default::default()
            },
        );
        let mut picture = Picture {
            width: u32::from(pixmap.width()),
            height: u32::from(pixmap.height()),
            grey: pixmap
                .data()
                .iter()
                .map(|point| grey(point.r, point.g, point.b))
                .collect(),
        };
        for _ in 0..quality.blur {
            picture.blur();
        }
        picture.wear(quality.noise, &mut chance);
        pictures.push(picture);
    }
    Ok(pictures)
}

fn grey(red: u8, green: u8, blue: u8) -> u8 {
    let sum = u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114;
    u8::try_from(sum / 1000).unwrap_or(u8::MAX)
}

impl Picture {
    /// Mixes each point with those to its left and right, then with those above and below.
    fn blur(&mut self) {
        let width = usize::try_from(self.width).unwrap_or(1).max(1);
        for step in [1, width] {
            let before = self.grey.clone();
            for at in step..before.len().saturating_sub(step) {
                let sum =
                    u16::from(before[at - step]) + 2 * u16::from(before[at]) + u16::from(before[at + step]);
                self.grey[at] = u8::try_from(sum / 4).unwrap_or(u8::MAX);
            }
        }
    }

    /// Grain, and white that a scanner makes of nearly white.
    fn wear(&mut self, noise: u8, chance: &mut Chance) {
        let range = u64::from(noise) * 2 + 1;
        for points in self.grey.chunks_mut(8) {
            let mut bits = chance.next();
            for point in points {
                let off = i16::try_from((bits & 0xff) * range / 256).unwrap_or(0) - i16::from(noise);
                bits >>= 8;
                let value = i16::from(*point) + off;
                *point = if value > 225 {
                    u8::MAX
                } else {
                    u8::try_from(value.max(0)).unwrap_or(0)
                };
            }
        }
    }
}

fn png(picture: &Picture) -> Result<Vec<u8>, ScanError> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file).write_image(
        &picture.grey,
        picture.width,
        picture.height,
        ExtendedColorType::L8,
    )?;
    Ok(file)
}

fn jpeg(picture: &Picture, quality: Quality) -> Result<Vec<u8>, ScanError> {
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, quality.jpeg);
    encoder.set_pixel_density(PixelDensity::dpi(quality.density));
    encoder.encode(
        &picture.grey,
        picture.width,
        picture.height,
        ExtendedColorType::L8,
    )?;
    Ok(file)
}

fn tiff(pages: &[Picture], quality: Quality) -> Result<Vec<u8>, ScanError> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)?.with_compression(Compression::Lzw);
    for page in pages {
        let mut image = encoder.new_image::<Gray8>(page.width, page.height)?;
        image.resolution(
            ResolutionUnit::Inch,
            Rational {
                n: u32::from(quality.density),
                d: 1,
            },
        );
        image.write_data(&page.grey)?;
    }
    Ok(file.into_inner())
}

/// A PDF with nothing on its pages but a picture each.
fn pdf(pages: &[Picture], quality: Quality) -> Result<Vec<u8>, ScanError> {
    let mut ids = 1..;
    let mut next = || Ref::new(ids.next().unwrap_or(1));
    let (catalog, tree) = (next(), next());
    let leaves: Vec<[Ref; 3]> = pages.iter().map(|_| [next(), next(), next()]).collect();
    let mut pdf = pdf_writer::Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.pages(tree)
        .kids(leaves.iter().map(|[page, ..]| *page))
        .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    for ([id, picture, content], drawn) in leaves.into_iter().zip(pages) {
        let points = |dots: u32| {
            #[expect(clippy::cast_precision_loss, reason = "some thousand")]
            let dots = dots as f32;
            dots * 72.0 / f32::from(quality.density)
        };
        let (width, height) = (points(drawn.width), points(drawn.height));
        let mut page = pdf.page(id);
        page.parent(tree)
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(content);
        page.resources().x_objects().pair(Name(b"Scan"), picture);
        page.finish();
        let encoded = jpeg(drawn, quality)?;
        let mut image = pdf.image_xobject(picture, &encoded);
        image.filter(Filter::DctDecode);
        image.width(i32::try_from(drawn.width).unwrap_or(i32::MAX));
        image.height(i32::try_from(drawn.height).unwrap_or(i32::MAX));
        image.color_space().device_gray();
        image.bits_per_component(8);
        image.finish();
        let mut draw = Content::new();
        draw.save_state();
        draw.transform([width, 0.0, 0.0, height, 0.0, 0.0]);
        draw.x_object(Name(b"Scan"));
        draw.restore_state();
        pdf.stream(content, &draw.finish());
    }
    Ok(pdf.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_names_a_case_that_is_there() {
        let scans = scans();
        let names: Vec<_> = scans.iter().map(|scan| scan.case.name).collect();
        assert_eq!(names, ROWS.map(|row| row.0));
    }

    #[test]
    fn a_single_picture_is_the_whole_lease() {
        for scan in scans() {
            if matches!(scan.format, Format::Png | Format::Jpeg) {
                assert_eq!(scan.case.page_count(), 1, "{}", scan.case.name);
            }
        }
    }

    #[test]
    fn a_scan_is_the_same_bytes_each_time_and_says_what_it_is() {
        for (format, magic) in [
            (Format::Pdf, b"%PDF".as_slice()),
            (Format::Png, b"\x89PNG"),
            (Format::Jpeg, b"\xff\xd8\xff"),
            (Format::Tiff, b"II*\0"),
        ] {
            let mut scan = scans().into_iter().find(|scan| scan.format == format).unwrap();
            scan.quality.density = 72;
            let file = scan.file().unwrap();
            assert!(file.starts_with(magic), "{format:?}");
            assert_eq!(file, scan.file().unwrap(), "{format:?}");
        }
    }
}
