//! Documents that were scanned.

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Shape, Stroke, StrokeOpts, stroke};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, SoftMask, TransformExt, interpret_page,
};
use image::{ImageFormat, Luma};

use super::*;
use crate::textract::raster::Raster;

/// Pixels in an inch.
const INCH: f64 = 200.0;

/// A scanner: everything is black on white.
struct Scanner(Raster);

impl Scanner {
    fn fill(&mut self, path: &BezPath) {
        let path = Affine::scale(INCH / 72.0) * path;
        let bounds = path.bounding_box();
        let (width, height) = (self.0.width, self.0.height);
        for y in bounds.y0.max(0.0) as usize..(bounds.y1.ceil().max(0.0) as usize).min(height) {
            for x in bounds.x0.max(0.0) as usize..(bounds.x1.ceil().max(0.0) as usize).min(width) {
                if path.winding(Point::new(x as f64 + 0.5, y as f64 + 0.5)) != 0 {
                    self.0.shades[y * width + x] = 0;
                }
            }
        }
    }
}

impl<'a> Device<'a> for Scanner {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let path = props.transform * path;
        match mode {
            DrawMode::Stroke(pen) => {
                let pen = Stroke::new(f64::from(pen.line_width));
                self.fill(&stroke(path, &pen, &StrokeOpts::default(), 0.1));
            }
            _ => self.fill(&path),
        }
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            if let Glyph::Outline(outline) = &**glyph {
                self.fill(&(props.transform * glyph.transform() * outline.outline()));
            }
        }
    }
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// A page's content, scanned while it leaned by so many degrees.
fn scanned(content: String, lean: f64) -> Raster {
    let pdf = Pdf::new(pdf(&[content])).unwrap();
    let page = &pdf.pages()[0];
    let cache = InterpreterCache::new();
    let middle = Point::new(306.0, 396.0);
    let turned = Affine::rotate_about(lean.to_radians(), middle) * page.initial_transform(true).to_kurbo();
    let area = Rect::new(0.0, 0.0, 612.0, 792.0);
    let mut context = Context::new(turned, area, &cache, pdf.xref(), InterpreterSettings::default());
    let (width, height) = ((8.5 * INCH) as usize, (11.0 * INCH) as usize);
    let mut scanner = Scanner(Raster {
        shades: vec![255; width * height],
        width,
        height,
    });
    interpret_page(page, &mut context, &mut scanner);
    scanner.0
}

/// A PDF whose only page is a picture.
fn as_pdf(scan: &Raster) -> Vec<u8> {
    let data = hex::encode(&scan.shades);
    let picture = format!(
        "q 612 0 0 792 0 0 cm BI /W {} /H {} /BPC 8 /CS /G /F /AHx ID {data}> EI Q",
        scan.width, scan.height
    );
    pdf(&[picture])
}

fn as_picture(scan: &Raster, format: ImageFormat) -> Vec<u8> {
    let size = (scan.width as u32, scan.height as u32);
    let picture: image::ImageBuffer<Luma<u8>, _> =
        image::ImageBuffer::from_raw(size.0, size.1, scan.shades.clone()).unwrap();
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn lease() -> String {
    [
        text(72, 720, "RESIDENTIAL LEASE"),
        text(72, 690, "Monthly Rent: $1,850.00"),
        text(
            72,
            660,
            "Tenant shall pay rent to the landlord on the first day of each month.",
        ),
        text(
            72,
            640,
            "The landlord shall keep the premises in good repair during the term.",
        ),
        text(72, 140, "Tenant signature"),
        rule(170, 138, 200),
        scribble(190, 138),
        text(72, 90, "Landlord signature"),
        rule(170, 88, 200),
        text(190, 91, "Jane Roe"),
    ]
    .concat()
}

fn assert_is_the_lease(found: &Found) {
    let lines = found.lines();
    assert!(lines.contains(&"RESIDENTIAL LEASE"), "{lines:?}");
    assert!(lines.contains(&"Monthly Rent: $1,850.00"), "{lines:?}");
    assert_eq!(found.fields()["Monthly Rent:"], "$1,850.00");
    assert_eq!(found.answer(), Some("$1,850.00"));
    let signatures = found.of(&BlockType::Signature);
    assert_eq!(signatures.len(), 1, "{signatures:?}");
    let place = signatures[0]
        .geometry
        .as_ref()
        .unwrap()
        .bounding_box
        .as_ref()
        .unwrap();
    assert!(
        (0.25..0.4).contains(&place.left) && (0.75..0.85).contains(&place.top),
        "{place:?}"
    );
}

#[tokio::test]
#[ignore = "needs tesseract: apt-get install tesseract-ocr"]
async fn a_scan_in_a_pdf_is_read_with_its_fields_and_signatures() {
    let running = start().await;
    assert_is_the_lease(&running.read(as_pdf(&scanned(lease(), 0.0))).await);
}

#[tokio::test]
#[ignore = "needs tesseract: apt-get install tesseract-ocr"]
async fn a_scan_that_leans_is_read_all_the_same() {
    let running = start().await;
    assert_is_the_lease(&running.read(as_pdf(&scanned(lease(), 1.4))).await);
}

#[tokio::test]
#[ignore = "needs tesseract: apt-get install tesseract-ocr"]
async fn pictures_of_every_kind_are_read() {
    let running = start().await;
    let scan = scanned(lease(), 0.0);
    for format in [ImageFormat::Png, ImageFormat::Jpeg] {
        assert_is_the_lease(&running.read(as_picture(&scan, format)).await);
    }
}

#[tokio::test]
async fn without_tesseract_a_scan_fails_and_says_why() {
    let running = start().await;
    running.textract.set_conduct(Conduct {
        no_scans: true,
        ..Conduct::default()
    });
    let scan = Raster {
        shades: vec![255; 85 * 110],
        width: 85,
        height: 110,
    };
    assert!(running.failure(as_pdf(&scan)).await.contains("tesseract"));
    let picture = Document::builder()
        .bytes(Blob::new(as_picture(&scan, ImageFormat::Png)))
        .build();
    let analyze = running.client.analyze_document().document(picture);
    let refused = analyze
        .feature_types(FeatureType::Forms)
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("UnsupportedDocumentException"));
    assert!(refused.message().unwrap().contains("tesseract"));
}

#[test]
fn a_picture_that_breaks_off_or_is_too_large_is_not_read() {
    use crate::textract::document::Format;
    use crate::textract::raster::decode;
    let scan = Raster {
        shades: vec![255; 40 * 40],
        width: 40,
        height: 40,
    };
    for (format, kind) in [(ImageFormat::Png, Format::Png), (ImageFormat::Jpeg, Format::Jpeg)] {
        let file = as_picture(&scan, format);
        assert_eq!(decode(&file, kind, 1).unwrap()[0].width, 40);
        assert_eq!(
            decode(&file[..file.len() / 2], kind, 1),
            Err(Trouble::Unreadable),
            "{kind:?}"
        );
    }
    let wide = Raster {
        shades: vec![255; 10_001],
        width: 10_001,
        height: 1,
    };
    assert_eq!(
        decode(&as_picture(&wide, ImageFormat::Png), Format::Png, 1),
        Err(Trouble::TooLarge)
    );
}

#[test]
fn a_tiff_has_pages() {
    use crate::textract::document::Format;
    use crate::textract::raster::decode;
    use tiff::encoder::{TiffEncoder, colortype};
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    for shade in [0, 255] {
        encoder
            .write_image::<colortype::Gray8>(4, 3, &[shade; 12])
            .unwrap();
    }
    let pages = decode(file.get_ref(), Format::Tiff, 2).unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!((pages[1].shades[0], pages[1].width, pages[1].height), (255, 4, 3));
    assert_eq!(
        decode(file.get_ref(), Format::Tiff, 1),
        Err(Trouble::TooManyPages)
    );
}
