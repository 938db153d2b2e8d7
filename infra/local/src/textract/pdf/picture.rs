//! The pictures on a PDF's page, and the page as one picture where they are a scan of it.

use hayro_interpret::kurbo::{Affine, Point, Rect};
use hayro_interpret::{Image, ImageData, LumaData};

use crate::textract::page::Frame;

/// A picture with more pixels is not looked at.
const MAX_PIXELS: u64 = 60_000_000;
/// A picture that covers less of the page is not looked into: it may be a signature, but not a part of a scan.
const SMALLEST_PART: f64 = 0.02;
/// The finest page that is put together, in pixels along its longer side.
const LONGEST_SIDE: f64 = 5000.0;

/// A picture in shades of grey, on a page.
#[derive(Clone)]
pub(in crate::textract) struct Picture {
    /// One byte for each pixel, row by row; empty where it was not looked into.
    pub(in crate::textract) shades: Vec<u8>,
    pub(in crate::textract) width: usize,
    pub(in crate::textract) height: usize,
    /// From pixels to the page.
    place: Affine,
    bounds: Rect,
}

impl Picture {
    /// A picture that is drawn at a place on a page; none if it cannot be seen there.
    pub(super) fn of(image: &Image<'_, '_>, place: Affine, page: Rect) -> Option<Self> {
        let (width, height) = (image.width(), image.height());
        let bounds = place.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)));
        if !bounds.is_finite() || bounds.intersect(page).is_zero_area() {
            return None;
        }
        let looked_into = bounds.intersect(page).area() > SMALLEST_PART * page.area()
            && u64::from(width) * u64::from(height) <= MAX_PIXELS;
        let decoded = looked_into.then(|| shades(image)).flatten();
        let Some((shades, decoded_width, decoded_height)) = decoded else {
            return Some(Self {
                shades: Vec::new(),
                width: 0,
                height: 0,
                place,
                bounds,
            });
        };
        // The picture itself may be of another size than its description says.
        let place = place
            * Affine::scale_non_uniform(
                f64::from(width) / f64::from(decoded_width.max(1)),
                f64::from(height) / f64::from(decoded_height.max(1)),
            );
        Some(Self {
            shades,
            width: decoded_width as usize,
            height: decoded_height as usize,
            place,
            bounds,
        })
    }

    pub(super) fn area(&self) -> f64 {
        self.bounds.area()
    }

    pub(super) fn frame(&self) -> Frame {
        super::frame(self.bounds)
    }
}

fn shades(image: &Image<'_, '_>) -> Option<(Vec<u8>, u32, u32)> {
    let mut found = None;
    match image {
        Image::Raster(raster) => raster.with_rgba(
            |data, alpha| {
                let (width, height) = (data.width(), data.height());
                let mut shades = match data {
                    ImageData::Luma(LumaData { data, .. }) => data,
                    ImageData::Rgb(rgb) => rgb.data.chunks_exact(3).map(grey).collect(),
                };
                if let Some(alpha) = alpha.filter(|alpha| (alpha.width, alpha.height) == (width, height)) {
                    for (shade, opacity) in shades.iter_mut().zip(alpha.data) {
                        *shade = on_paper(*shade, opacity);
                    }
                }
                found = Some((shades, width, height));
            },
            None,
        ),
        Image::Stencil(stencil) => stencil.with_stencil(
            |mask, _| {
                let shades = mask.data.iter().map(|opacity| on_paper(0, *opacity)).collect();
                found = Some((shades, mask.width, mask.height));
            },
            None,
        ),
    }
    found
}

fn grey(pixel: &[u8]) -> u8 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((red * 299 + green * 587 + blue * 114) / 1000) as u8
}

fn on_paper(shade: u8, opacity: u8) -> u8 {
    let (shade, opacity) = (u32::from(shade), u32::from(opacity));
    ((shade * opacity + 255 * (255 - opacity)) / 255) as u8
}

/// The page as one picture, as fine as its finest part; none if no part can be seen.
pub(super) fn paste(pictures: &[Picture], page: Rect) -> Option<Picture> {
    let seen = || pictures.iter().filter(|picture| !picture.shades.is_empty());
    let fineness = seen()
        .map(|picture| 1.0 / picture.place.determinant().abs().sqrt())
        .filter(|pixels| pixels.is_finite())
        .fold(0.0, f64::max);
    if fineness == 0.0 {
        return None;
    }
    let fineness = fineness.min(LONGEST_SIDE / page.width().max(page.height()));
    let (width, height) = (
        (page.width() * fineness).round(),
        (page.height() * fineness).round(),
    );
    let mut canvas = Picture {
        shades: vec![255; (width * height) as usize],
        width: width as usize,
        height: height as usize,
        place: Affine::scale(1.0 / fineness),
        bounds: page,
    };
    for picture in seen() {
        canvas.paste(picture);
    }
    Some(canvas)
}

impl Picture {
    /// Lays another picture over this one.
    fn paste(&mut self, other: &Self) {
        let to_other = other.place.inverse() * self.place;
        if !to_other.is_finite() {
            return;
        }
        let covered = self.place.inverse().transform_rect_bbox(other.bounds);
        let rows = (covered.y0.max(0.0) as usize)..(covered.y1.ceil().max(0.0) as usize).min(self.height);
        for y in rows {
            let columns =
                (covered.x0.max(0.0) as usize)..(covered.x1.ceil().max(0.0) as usize).min(self.width);
            for x in columns {
                let at = to_other * Point::new(x as f64 + 0.5, y as f64 + 0.5);
                if at.x >= 0.0
                    && at.y >= 0.0
                    && let Some(shade) = other.shade(at.x as usize, at.y as usize)
                {
                    self.shades[y * self.width + x] = shade;
                }
            }
        }
    }

    fn shade(&self, x: usize, y: usize) -> Option<u8> {
        if x >= self.width {
            return None;
        }
        self.shades.get(y * self.width + x).copied()
    }
}
