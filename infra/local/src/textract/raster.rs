//! Pictures of pages: decoded, straightened, and searched for what is not print: drawn lines and handwriting.

mod decode;

use super::page::Frame;
use super::pdf::Picture;
pub(super) use decode::decode;

/// Darker pixels are ink.
const INK: u8 = 128;
/// How far a page may lean and is straightened, in degrees, and how finely.
const LEAN: f64 = 4.0;
const STEP: f64 = 0.2;
/// The shortest drawn line, as part of the page's width, and the shortest upright one, of its height.
const RULE: f64 = 0.06;
const BAR: f64 = 0.025;
/// The thickest drawn line, as part of the page's height.
const THICK: f64 = 0.004;
/// How high above a line a signature reaches, as part of the page's height.
const SIGNED: f64 = 0.05;
/// How much ink a signature has, as part of the pixels around it.
const STROKES: std::ops::Range<f64> = 0.015..0.45;
/// How far a pen goes in a signature without being lifted, as part of the page's width. Printed letters do not hang
/// together for so long.
const HELD: f64 = 0.034;
/// How high such a piece is at least, as part of the page's height: what is left of a drawn line is not.
const TALL: f64 = 0.009;

/// A page in shades of grey.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Raster {
    /// One byte for each pixel, row by row.
    pub(super) shades: Vec<u8>,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl From<&Picture> for Raster {
    fn from(picture: &Picture) -> Self {
        Self {
            shades: picture.shades.clone(),
            width: picture.width,
            height: picture.height,
        }
    }
}

impl Raster {
    fn is_ink(&self, x: usize, y: usize) -> bool {
        self.shades[y * self.width + x] < INK
    }

    /// The file that programs read: a portable grey map.
    pub(super) fn file(&self) -> Vec<u8> {
        let mut file = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        file.extend(&self.shades);
        file
    }

    /// The page without specks: pixels that are alone among others of another shade.
    pub(super) fn cleaned(self) -> Self {
        let ink: Vec<u8> = self.shades.iter().map(|shade| u8::from(*shade < INK)).collect();
        let row = |y: usize| &ink[y * self.width..(y + 1) * self.width];
        let mut shades = self.shades;
        for y in 1..self.height.saturating_sub(1) {
            let here = row(y);
            let columns = row(y - 1).iter().zip(here).zip(row(y + 1));
            let columns: Vec<u8> = columns
                .map(|((above, here), below)| above + here + below)
                .collect();
            for x in 1..self.width.saturating_sub(1) {
                let inked = columns[x - 1] + columns[x] + columns[x + 1];
                let alike = if here[x] == 1 { inked } else { 9 - inked };
                if alike <= 2 {
                    shades[y * self.width + x] = if here[x] == 1 { 255 } else { 0 };
                }
            }
        }
        Self { shades, ..self }
    }

    /// The page in twice its size: small print is read better.
    pub(super) fn doubled(&self) -> Self {
        let (width, height) = (2 * self.width, 2 * self.height);
        let mut shades = Vec::with_capacity(width * height);
        let at = |x: usize, y: usize| {
            u32::from(self.shades[y.min(self.height - 1) * self.width + x.min(self.width - 1)])
        };
        for y in 0..height {
            for x in 0..width {
                let (left, above) = (x / 2, y / 2);
                let (right, below) = (left + x % 2, above + y % 2);
                let sum = at(left, above) + at(right, above) + at(left, below) + at(right, below);
                shades.push((sum / 4) as u8);
            }
        }
        Self {
            shades,
            width,
            height,
        }
    }

    /// The page with its lines level: it is turned back by the angle at which its ink lies in the clearest rows.
    pub(super) fn straightened(self) -> Self {
        let lean = self.lean();
        if lean == 0.0 {
            return self;
        }
        let (sin, cos) = lean.to_radians().sin_cos();
        let (middle_x, middle_y) = (self.width as f64 / 2.0, self.height as f64 / 2.0);
        let mut shades = vec![255; self.shades.len()];
        for y in 0..self.height {
            for x in 0..self.width {
                let (dx, dy) = (x as f64 - middle_x, y as f64 - middle_y);
                let (from_x, from_y) = (middle_x + dx * cos - dy * sin, middle_y + dx * sin + dy * cos);
                shades[y * self.width + x] = self.between(from_x, from_y);
            }
        }
        Self { shades, ..self }
    }

    /// The shade at a place between pixels.
    fn between(&self, x: f64, y: f64) -> u8 {
        if x < 0.0 || y < 0.0 || x >= (self.width - 1) as f64 || y >= (self.height - 1) as f64 {
            return 255;
        }
        let (left, above) = (x as usize, y as usize);
        let (part_x, part_y) = (x - left as f64, y - above as f64);
        let at = |x: usize, y: usize| f64::from(self.shades[y * self.width + x]);
        let upper = at(left, above) * (1.0 - part_x) + at(left + 1, above) * part_x;
        let lower = at(left, above + 1) * (1.0 - part_x) + at(left + 1, above + 1) * part_x;
        (upper * (1.0 - part_y) + lower * part_y).round() as u8
    }

    /// By how many degrees the page's lines fall to the right.
    fn lean(&self) -> f64 {
        let coarse = (self.width / 800).max(1);
        let mut ink = Vec::new();
        for y in (0..self.height).step_by(coarse) {
            for x in (0..self.width).step_by(coarse) {
                if self.is_ink(x, y) {
                    ink.push(((x / coarse) as f64, (y / coarse) as f64));
                }
            }
        }
        let rows = self.height / coarse + 1;
        let steps = (LEAN / STEP) as i32;
        let clearness = |step: i32| {
            let slope = (f64::from(step) * STEP).to_radians().tan();
            let mut counts = vec![0_u64; 3 * rows];
            for (x, y) in &ink {
                let row = (y - x * slope + rows as f64).max(0.0) as usize;
                if let Some(count) = counts.get_mut(row) {
                    *count += 1;
                }
            }
            counts.iter().map(|count| count * count).sum::<u64>()
        };
        let level = clearness(0);
        let best = (-steps..=steps)
            .max_by_key(|step| (clearness(*step), -step.abs()))
            .unwrap_or(0);
        // A page without lines of text has no lean to speak of.
        if clearness(best) < level + level / 50 {
            0.0
        } else {
            f64::from(best) * STEP
        }
    }

    /// Level lines that are drawn, in pixels.
    pub(super) fn rules(&self) -> Vec<Frame> {
        let shortest = (RULE * self.width as f64) as usize;
        let thick = (THICK * self.height as f64).max(3.0);
        let mut rules: Vec<Frame> = Vec::new();
        for y in 0..self.height {
            for (left, right) in runs(self.width, shortest, |x| self.is_ink(x, y)) {
                let run = Frame {
                    left: left as f64,
                    top: y as f64,
                    right: right as f64,
                    bottom: (y + 1) as f64,
                };
                merge(&mut rules, run);
            }
        }
        rules.retain(|rule| rule.height() <= thick);
        rules
    }

    /// Upright lines that are drawn, in pixels.
    pub(super) fn bars(&self) -> Vec<Frame> {
        let shortest = (BAR * self.height as f64) as usize;
        let thick = (THICK * self.height as f64).max(3.0);
        let mut bars: Vec<Frame> = Vec::new();
        for x in 0..self.width {
            for (top, bottom) in runs(self.height, shortest, |y| self.is_ink(x, y)) {
                let run = Frame {
                    left: x as f64,
                    top: top as f64,
                    right: (x + 1) as f64,
                    bottom: bottom as f64,
                };
                merge(&mut bars, run);
            }
        }
        bars.retain(|bar| bar.width() <= thick);
        bars
    }

    /// What lies on the rules and is neither print nor a line: it may be a signature.
    pub(super) fn ink(&self, print: &[Frame], rules: &[Frame], bars: &[Frame]) -> Vec<Frame> {
        let reach = SIGNED * self.height as f64;
        rules
            .iter()
            .filter(|rule| rule.width() < 0.75 * self.width as f64)
            .filter_map(|rule| {
                let around = Frame {
                    top: (rule.top - reach).max(0.0),
                    bottom: (rule.bottom + 0.25 * reach).min(self.height as f64),
                    ..*rule
                };
                let near = |frames: &[Frame]| -> Vec<Frame> {
                    let near = frames.iter().filter(|frame| frame.overlaps(&around));
                    near.map(|frame| frame.grown(2.0)).collect()
                };
                let ignored: Vec<Frame> = [near(print), near(rules), near(bars)].concat();
                self.blot(&around, &ignored)
            })
            .collect()
    }

    /// The frame of the ink in an area, without what lies in the ignored frames; none if it is not that of strokes.
    fn blot(&self, area: &Frame, ignored: &[Frame]) -> Option<Frame> {
        let mut pixels = Vec::new();
        for y in area.top as usize..area.bottom as usize {
            for x in area.left as usize..(area.right as usize).min(self.width) {
                if self.is_ink(x, y)
                    && !ignored
                        .iter()
                        .any(|frame| frame.contains(x as f64 + 0.5, y as f64 + 0.5))
                    && self.has_neighbours(x, y)
                {
                    pixels.push((x, y));
                }
            }
        }
        if widest(&pixels, (TALL * self.height as f64) as usize) < HELD * self.width as f64 {
            return None;
        }
        // The outermost specks are dust.
        let dust = pixels.len() / 100;
        let between = |mut values: Vec<usize>| {
            values.sort_unstable();
            let last = values.len().checked_sub(1 + dust)?;
            Some((*values.get(dust)? as f64, *values.get(last)? as f64 + 1.0))
        };
        let (left, right) = between(pixels.iter().map(|(x, _)| *x).collect())?;
        let (top, bottom) = between(pixels.iter().map(|(_, y)| *y).collect())?;
        let frame = Frame {
            left,
            top,
            right,
            bottom,
        };
        let filled = pixels.len() as f64 / (frame.width() * frame.height()).max(1.0);
        STROKES.contains(&filled).then_some(frame)
    }

    /// Whether a pixel of ink is part of a stroke, not a speck.
    fn has_neighbours(&self, x: usize, y: usize) -> bool {
        let (columns, rows) = (
            x.saturating_sub(1)..(x + 2).min(self.width),
            y.saturating_sub(1)..(y + 2).min(self.height),
        );
        let inked = |y: usize| {
            let row = &self.shades[y * self.width..][columns.clone()];
            row.iter().filter(|shade| **shade < INK).count()
        };
        rows.map(inked).sum::<usize>() >= 4
    }
}

/// The width of the widest piece of ink that hangs together and is at least so high.
fn widest(pixels: &[(usize, usize)], tall: usize) -> f64 {
    let span = |of: fn(&(usize, usize)) -> usize| {
        let all = || pixels.iter().map(of);
        Some((all().min()?, all().max()?))
    };
    let (Some((left, right)), Some((top, bottom))) = (span(|(x, _)| *x), span(|(_, y)| *y)) else {
        return 0.0;
    };
    // With a margin, so that every pixel has neighbours.
    let across = right - left + 3;
    let place = |x: usize, y: usize| (y + 1 - top) * across + x + 1 - left;
    let mut unseen = vec![false; across * (bottom - top + 3)];
    for (x, y) in pixels {
        unseen[place(*x, *y)] = true;
    }
    let mut widest = 0;
    for first in pixels {
        if !std::mem::take(&mut unseen[place(first.0, first.1)]) {
            continue;
        }
        let (mut leftmost, mut rightmost) = (first.0, first.0);
        let (mut highest, mut lowest) = (first.1, first.1);
        let mut reached = vec![*first];
        while let Some((x, y)) = reached.pop() {
            (leftmost, rightmost) = (leftmost.min(x), rightmost.max(x));
            (highest, lowest) = (highest.min(y), lowest.max(y));
            let here = place(x, y);
            for (row, next_y) in [
                (here - across, y.wrapping_sub(1)),
                (here, y),
                (here + across, y + 1),
            ] {
                for (at, next_x) in [(row - 1, x.wrapping_sub(1)), (row, x), (row + 1, x + 1)] {
                    if std::mem::take(&mut unseen[at]) {
                        reached.push((next_x, next_y));
                    }
                }
            }
        }
        if lowest - highest + 1 >= tall {
            widest = widest.max(rightmost - leftmost + 1);
        }
    }
    widest as f64
}

/// The stretches of ink that are long enough; gaps of a pixel or two are those of a bad scan.
fn runs(length: usize, shortest: usize, is_ink: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    const GAP: usize = 2;
    let mut runs = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    for at in 0..length {
        if is_ink(at) {
            run = match run {
                Some((start, end)) if at - end <= GAP => Some((start, at + 1)),
                ended => {
                    runs.extend(ended);
                    Some((at, at + 1))
                }
            };
        }
    }
    runs.extend(run);
    runs.retain(|(start, end)| end - start >= shortest);
    runs
}

/// Adds a run to the line that it lies against, or begins another.
fn merge(lines: &mut Vec<Frame>, run: Frame) {
    let touching = lines
        .iter_mut()
        .rev()
        .take(64)
        .find(|line| line.grown(2.5).overlaps(&run));
    match touching {
        Some(line) => *line = line.with(&run),
        None => lines.push(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page with this ink on it, `#`.
    fn blank(width: usize, height: usize) -> Raster {
        Raster {
            shades: vec![255; width * height],
            width,
            height,
        }
    }

    fn draw(raster: &mut Raster, left: usize, top: usize, right: usize, bottom: usize) {
        for y in top..bottom {
            raster.shades[y * raster.width + left..y * raster.width + right].fill(0);
        }
    }

    #[test]
    fn drawn_lines_are_found_and_blocks_are_none() {
        let mut page = blank(400, 500);
        draw(&mut page, 50, 100, 300, 102);
        draw(&mut page, 50, 200, 300, 230);
        draw(&mut page, 350, 100, 352, 300);
        let (rules, bars) = (page.rules(), page.bars());
        assert_eq!(rules.len(), 1, "{rules:?}");
        assert_eq!((rules[0].top, rules[0].bottom), (100.0, 102.0));
        assert_eq!(bars.len(), 1, "{bars:?}");
    }

    #[test]
    fn strokes_on_a_line_are_ink_and_print_is_not() {
        let mut page = blank(800, 1000);
        draw(&mut page, 100, 500, 400, 502);
        for step in 0..60 {
            let height = if step % 20 < 10 { step % 20 } else { 20 - step % 20 };
            draw(
                &mut page,
                150 + 2 * step,
                490 - 3 * height,
                154 + 2 * step,
                493 - 3 * height,
            );
        }
        let rules = page.rules();
        let ink = page.ink(&[], &rules, &[]);
        assert_eq!(ink.len(), 1, "{ink:?}");
        assert!(ink[0].left >= 148.0 && ink[0].right <= 280.0, "{ink:?}");
        let print = [ink[0]];
        assert!(page.ink(&print, &rules, &[]).is_empty());
    }

    #[test]
    fn a_page_that_leans_is_straightened() {
        let mut page = blank(800, 1000);
        for x in 50..750 {
            for line in 0..12 {
                let y = 100 + 60 * line + (x as f64 * 2_f64.to_radians().tan()) as usize;
                draw(&mut page, x, y, x + 1, y + 8);
            }
        }
        assert!((page.lean() - 2.0).abs() < 0.3, "{}", page.lean());
        let straight = page.straightened();
        assert!(straight.lean().abs() < 0.3, "{}", straight.lean());
    }
}
