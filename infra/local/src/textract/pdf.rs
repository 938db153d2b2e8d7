//! A PDF's pages, as an eye sees them: visible glyphs gathered into words, drawn lines, curves that could be a
//! signature, and the pictures of pages that were scanned.
//!
//! What is invisible is not read: text without paint, in white on white, outside of its clip or of the page, and text
//! that was painted over.

mod glyphs;
mod inflate;
mod picture;

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::font::GlyphRun;
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::{LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, PathSeg, Point, Rect, Shape, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps, InterpreterCache,
    InterpreterSettings, Paint, SoftMask, TransformExt, interpret_page,
};

use self::glyphs::Glyph;
pub(super) use self::picture::Picture;
use super::Trouble;
use super::page::{Frame, Page};

/// The most marks that are taken from one page: glyphs, lines and curves.
const MAX_MARKS: usize = 300_000;
/// What is at most this thick is a line, in points.
const LINE: f64 = 2.5;
/// A drawn line that is shorter is a dash or a part of a letter, in points.
const SHORTEST_LINE: f64 = 12.0;
/// How light paint must be not to be seen on paper, from 0 to 1.
const PAPER: f32 = 0.93;
/// How opaque paint must be to be seen.
const FAINT: f32 = 0.08;
/// A picture that covers this part of a page is the page.
const WHOLE_PAGE: f64 = 0.5;

/// A page of a PDF.
pub(super) struct PdfPage {
    /// What is seen on it, besides its pictures.
    pub(super) page: Page,
    /// The page's picture, if it is a scan: a picture over most of it, and next to no text.
    pub(super) scan: Option<Picture>,
}

/// Reads the pages of a PDF.
pub(super) fn read(bytes: &[u8], max_pages: usize) -> Result<Vec<PdfPage>, Trouble> {
    guarded(|| {
        let pdf = open(bytes)?;
        let pages = pdf.pages();
        if pages.is_empty() {
            return Err(Trouble::Unreadable);
        }
        if pages.len() > max_pages {
            return Err(Trouble::TooManyPages);
        }
        let cache = InterpreterCache::new();
        Ok(pages
            .iter()
            .map(|page| {
                let (width, height) = page.render_dimensions();
                let (width, height) = (f64::from(width), f64::from(height));
                let area = Rect::new(0.0, 0.0, width, height);
                let transform = page.initial_transform(true).to_kurbo();
                let settings = InterpreterSettings::default();
                let mut context = Context::new(transform, area, &cache, pdf.xref(), settings);
                let mut eye = Eye::new(area);
                interpret_page(page, &mut context, &mut eye);
                eye.finish()
            })
            .collect())
    })
}

fn open(bytes: &[u8]) -> Result<Pdf, Trouble> {
    inflate::check(bytes)?;
    Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Trouble::Encrypted,
        LoadPdfError::Invalid => Trouble::Unreadable,
    })
}

/// A document that makes the reader panic cannot be read.
fn guarded<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Trouble::Unreadable))
}

/// Sees one page being drawn.
struct Eye {
    area: Rect,
    glyphs: Vec<Glyph>,
    rules: Vec<Frame>,
    bars: Vec<Frame>,
    curves: Vec<Frame>,
    pictures: Vec<Picture>,
    /// Where dark paint lies, on which light text is seen.
    dark: Vec<Rect>,
    clips: Vec<Rect>,
    /// For each group under way, whether it is too faint to be seen.
    groups: Vec<bool>,
    marks: usize,
}

impl Eye {
    fn new(area: Rect) -> Self {
        Self {
            area,
            glyphs: Vec::new(),
            rules: Vec::new(),
            bars: Vec::new(),
            curves: Vec::new(),
            pictures: Vec::new(),
            dark: Vec::new(),
            clips: Vec::new(),
            groups: Vec::new(),
            marks: 0,
        }
    }

    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(self.area)
    }

    fn is_hidden(&self) -> bool {
        self.groups.contains(&true)
    }

    /// Counts a mark; false once there are too many.
    fn mark(&mut self) -> bool {
        self.marks += 1;
        self.marks <= MAX_MARKS
    }

    fn shows(&self, paint: &Paint<'_>, at: Point) -> bool {
        let Some((lightness, opacity)) = shade(paint) else {
            return true;
        };
        opacity > FAINT && (lightness < PAPER || self.dark.iter().any(|area| area.contains(at)))
    }

    /// A line from one point to another, if it is upright or level.
    fn line(&mut self, from: Point, to: Point) {
        let frame = frame(Rect::from_points(from, to));
        if frame.height() <= LINE && frame.width() >= SHORTEST_LINE {
            self.rules.push(frame);
        } else if frame.width() <= LINE && frame.height() >= SHORTEST_LINE / 2.0 {
            self.bars.push(frame);
        }
    }

    /// Paint over a rectangle hides what was there.
    fn fill(&mut self, area: Rect, props: &DrawProps<'_>) {
        let Some((lightness, opacity)) = shade(&props.paint) else {
            return;
        };
        if opacity < 0.98 || props.blend_mode != BlendMode::Normal || props.soft_mask.is_some() {
            return;
        }
        let within = area.intersect(self.clip());
        self.glyphs.retain(|glyph| !within.contains(glyph.middle()));
        let hidden = |frame: &Frame| within.contains(Point::new(frame.centre(), frame.middle()));
        self.curves.retain(|curve| !hidden(curve));
        self.rules.retain(|rule| !hidden(rule));
        if lightness < 0.5 {
            self.dark.push(within);
        } else {
            self.dark
                .retain(|dark| dark.intersect(within).area() < 0.9 * dark.area());
        }
    }

    fn finish(self) -> PdfPage {
        let (words, underscores) = glyphs::words(self.glyphs);
        let area = self.area.area().max(1.0);
        let covered: f64 = self.pictures.iter().map(|picture| picture.area() / area).sum();
        let is_scan = covered > WHOLE_PAGE && words.len() < 5;
        let mut ink = self.curves;
        ink.extend(
            self.pictures
                .iter()
                .filter(|picture| picture.area() < 0.2 * area)
                .map(Picture::frame),
        );
        let mut rules = self.rules;
        rules.extend(underscores);
        PdfPage {
            scan: is_scan
                .then(|| picture::paste(&self.pictures, self.area))
                .flatten(),
            page: Page {
                width: self.area.width(),
                height: self.area.height(),
                words,
                rules,
                bars: self.bars,
                ink,
            },
        }
    }
}

impl<'a> Device<'a> for Eye {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if self.is_hidden() || !self.mark() {
            return;
        }
        let path = props.transform * path;
        let bounds = path.bounding_box();
        let clip = self.clip();
        if !bounds.is_finite()
            || bounds.intersect(clip.inflate(1.0, 1.0)).is_zero_area() && !thin(bounds, clip)
        {
            return;
        }
        let curves = path
            .elements()
            .iter()
            .filter(|element| matches!(element, PathEl::CurveTo(..) | PathEl::QuadTo(..)))
            .count();
        let filled = matches!(mode, DrawMode::Fill(_) | DrawMode::FillAndStroke(..));
        let stroked = matches!(mode, DrawMode::Stroke(_) | DrawMode::FillAndStroke(..));
        if filled && curves == 0 && bounds.width() > LINE && bounds.height() > LINE {
            // Also of a shape that is no rectangle: what it encloses is rarely text that is to be read.
            if is_rectangle(&path) {
                self.fill(bounds, &props);
            }
        }
        if !self.shows(&props.paint, bounds.center()) {
            return;
        }
        if curves > 0 {
            if !is_shape(&path, curves) {
                self.curves.push(frame(bounds));
            }
        } else if filled && (bounds.width() <= LINE || bounds.height() <= LINE) {
            self.line(
                Point::new(bounds.x0, bounds.center().y),
                Point::new(bounds.x1, bounds.center().y),
            );
            self.line(
                Point::new(bounds.center().x, bounds.y0),
                Point::new(bounds.center().x, bounds.y1),
            );
        }
        if stroked {
            for segment in path.segments() {
                if let PathSeg::Line(line) = segment
                    && self.mark()
                {
                    self.line(line.p0, line.p1);
                }
            }
            // A pen that is followed point by point, as signature pads do.
            let points = path.elements().len();
            if curves == 0 && points > 12 && !thin(bounds, clip) {
                self.curves.push(frame(bounds));
            }
        }
    }

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        let bounds = clip_path.path.bounding_box();
        self.clips.push(self.clip().intersect(bounds));
    }

    fn push_clip_rect(&mut self, rect: &Rect) {
        self.clips.push(self.clip().intersect(*rect));
    }

    fn push_transparency_group(&mut self, opacity: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.groups.push(opacity <= FAINT);
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        if self.is_hidden() || matches!(mode, DrawMode::Invisible) {
            return;
        }
        let handwritten = run
            .glyphs()
            .first()
            .is_some_and(|glyph| glyphs::looks_handwritten(glyph));
        for glyph in run.glyphs() {
            if !self.mark() {
                return;
            }
            let text = match glyph.as_unicode() {
                Some(BfString::Char(one)) => one.to_string(),
                Some(BfString::String(several)) => several,
                None => continue,
            };
            let transform = props.transform * glyph.transform();
            let glyph = Glyph {
                text,
                origin: transform * Point::ZERO,
                along: vector(transform, glyphs::advance(glyph)),
                up: vector(transform, Vec2::new(0.0, 1000.0)),
                handwritten,
            };
            if self.clip().contains(glyph.middle()) && self.shows(&props.paint, glyph.middle()) {
                self.glyphs.push(glyph);
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        if self.is_hidden() || !self.mark() {
            return;
        }
        if let Some(picture) = Picture::of(&image, props.transform, self.area) {
            self.pictures.push(picture);
        }
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }
}

/// Lightness and opacity, each from 0 to 1; none for a pattern.
fn shade(paint: &Paint<'_>) -> Option<(f32, f32)> {
    match paint {
        Paint::Color(color) => {
            let [red, green, blue, opacity] = color.to_rgba().components();
            Some((0.299 * red + 0.587 * green + 0.114 * blue, opacity))
        }
        Paint::Pattern(_) => None,
    }
}

/// Whether a line without area lies within the clip.
fn thin(bounds: Rect, clip: Rect) -> bool {
    (bounds.width() <= LINE || bounds.height() <= LINE) && clip.contains(bounds.center())
}

fn is_rectangle(path: &BezPath) -> bool {
    let corners = path
        .elements()
        .iter()
        .filter(|element| matches!(element, PathEl::MoveTo(_) | PathEl::LineTo(_)));
    let area = path.area().abs();
    (4..=5).contains(&corners.count()) && area > 0.95 * path.bounding_box().area()
}

/// Whether a path with curves is a plain shape, such as a box with round corners or a dot.
fn is_shape(path: &BezPath, curves: usize) -> bool {
    let starts = path
        .elements()
        .iter()
        .filter(|element| matches!(element, PathEl::MoveTo(_)));
    let closes = path
        .elements()
        .iter()
        .any(|element| matches!(element, PathEl::ClosePath));
    closes && curves <= 8 && starts.count() == 1
}

fn vector(transform: Affine, by: Vec2) -> Vec2 {
    transform * by.to_point() - transform * Point::ZERO
}

fn frame(rect: Rect) -> Frame {
    Frame {
        left: rect.x0,
        top: rect.y0,
        right: rect.x1,
        bottom: rect.y1,
    }
}
