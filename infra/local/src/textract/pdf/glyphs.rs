//! From glyphs, in the order in which they are drawn, to words.

use hayro_interpret::font::{Glyph as PdfGlyph, PositionedGlyph};
use hayro_interpret::kurbo::{Point, Vec2};

use crate::textract::page::{Frame, Word};

/// How far above its baseline a line of text reaches, and how far below, in parts of its size.
const ASCENT: f64 = 0.74;
const DESCENT: f64 = 0.21;
/// A gap that is wider parts two words, in parts of the size.
const WORD_GAP: f64 = 0.17;
/// Text that is smaller cannot be read, in points.
const SMALLEST: f64 = 3.0;
/// As many underscores, or dots, in a row are a line to write on.
const BLANK: usize = 3;
const LEADER: usize = 4;

/// A glyph on the page.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    pub(super) text: String,
    /// Where it stands on its baseline.
    pub(super) origin: Point,
    /// From its origin to the next glyph's.
    pub(super) along: Vec2,
    /// From its baseline upwards, as long as its size.
    pub(super) up: Vec2,
    pub(super) handwritten: bool,
}

impl Glyph {
    fn size(&self) -> f64 {
        self.up.hypot()
    }

    pub(super) fn middle(&self) -> Point {
        self.origin + self.along * 0.5 + self.up * 0.3
    }

    fn frame(&self) -> Frame {
        let corners = [
            self.origin + self.up * ASCENT,
            self.origin - self.up * DESCENT,
            self.origin + self.along + self.up * ASCENT,
            self.origin + self.along - self.up * DESCENT,
        ];
        let (xs, ys) = (corners.map(|corner| corner.x), corners.map(|corner| corner.y));
        Frame {
            left: xs.into_iter().fold(f64::INFINITY, f64::min),
            top: ys.into_iter().fold(f64::INFINITY, f64::min),
            right: xs.into_iter().fold(f64::NEG_INFINITY, f64::max),
            bottom: ys.into_iter().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Whether the next glyph goes on with this one's word.
    fn joins(&self, next: &Self) -> bool {
        let size = self.size().max(f64::MIN_POSITIVE);
        let step = next.origin - (self.origin + self.along);
        let direction = self.up / size;
        let above = step.dot(direction).abs();
        let ahead = step.dot(Vec2::new(-direction.y, direction.x));
        above < 0.35 * size
            && ahead < WORD_GAP * size
            && ahead > -0.5 * size
            && (0.5..2.0).contains(&(next.size() / size))
    }
}

/// How far a glyph's origin is from the next one's, in its own space.
pub(super) fn advance(glyph: &PositionedGlyph<'_>) -> Vec2 {
    let width = match &**glyph {
        PdfGlyph::Outline(outline) => outline.advance_width(),
        PdfGlyph::Type3(drawn) => drawn.advance_width(),
    };
    Vec2::new(f64::from(width.unwrap_or(500.0)), 0.0)
}

/// Whether a glyph's font is made to look like handwriting, by its name.
pub(super) fn looks_handwritten(glyph: &PositionedGlyph<'_>) -> bool {
    const NAMES: [&str; 18] = [
        "script",
        "cursive",
        "handwrit",
        "signature",
        "brush",
        "vibes",
        "pacifico",
        "dancing",
        "caveat",
        "satisfy",
        "allura",
        "sacramento",
        "zapfino",
        "chancery",
        "kuenstler",
        "mistral",
        "kalam",
        "homemade",
    ];
    let PdfGlyph::Outline(outline) = &**glyph else {
        return false;
    };
    let name = outline.font_data().and_then(|data| data.postscript_name);
    name.is_some_and(|name| {
        let name = name.to_lowercase();
        NAMES.iter().any(|part| name.contains(part))
    })
}

/// The words, and the lines that underscores make.
pub(super) fn words(glyphs: Vec<Glyph>) -> (Vec<Word>, Vec<Frame>) {
    let mut gathered = Gathered::default();
    for glyph in glyphs {
        gathered.take(glyph);
    }
    gathered.end_word();
    let Gathered { words, blanks, .. } = gathered;
    (without_repeats(words), blanks)
}

#[derive(Default)]
struct Gathered {
    words: Vec<Word>,
    blanks: Vec<Frame>,
    word: Vec<Glyph>,
}

impl Gathered {
    fn take(&mut self, glyph: Glyph) {
        if glyph.size() < SMALLEST {
            return;
        }
        if glyph.text.trim().is_empty() || glyph.text.chars().all(char::is_control) {
            self.end_word();
            return;
        }
        let fits = |last: &Glyph| last.joins(&glyph) && is_blank(last) == is_blank(&glyph);
        if !self.word.last().is_none_or(fits) {
            self.end_word();
        }
        self.word.push(glyph);
    }

    fn end_word(&mut self) {
        let glyphs = std::mem::take(&mut self.word);
        let frames: Vec<Frame> = glyphs.iter().map(Glyph::frame).collect();
        let Some(frame) = Frame::around(&frames) else {
            return;
        };
        let text: String = glyphs.iter().flat_map(|glyph| readable(&glyph.text)).collect();
        if glyphs.iter().all(is_blank) && glyphs.len() >= BLANK {
            let baseline = glyphs[0].origin.y + 0.1 * glyphs[0].size();
            self.blanks.push(Frame {
                top: baseline,
                bottom: baseline + 0.5,
                ..frame
            });
            return;
        }
        let is_leader = text.len() >= LEADER && text.chars().all(|c| c == '.');
        if is_leader || text.is_empty() {
            return;
        }
        self.words.push(Word {
            confidence: confidence(&text, frame.left, frame.top),
            handwritten: glyphs.iter().any(|glyph| glyph.handwritten),
            text,
            frame,
        });
    }
}

fn is_blank(glyph: &Glyph) -> bool {
    glyph.text == "_"
}

/// A glyph's text as a reader of pictures spells it: letters that are joined in one glyph are letters.
fn readable(text: &str) -> Vec<char> {
    let mut letters = Vec::new();
    for c in text.chars() {
        match c {
            'ﬀ' => letters.extend("ff".chars()),
            'ﬁ' => letters.extend("fi".chars()),
            'ﬂ' => letters.extend("fl".chars()),
            'ﬃ' => letters.extend("ffi".chars()),
            'ﬄ' => letters.extend("ffl".chars()),
            '\u{ad}' | '\u{2010}' | '\u{2011}' => letters.push('-'),
            c if c.is_control() || c.is_whitespace() => {}
            c => letters.push(c),
        }
    }
    letters
}

/// Bold letters are often drawn twice, a little apart; an eye sees them once.
fn without_repeats(words: Vec<Word>) -> Vec<Word> {
    let mut seen: std::collections::BTreeMap<(String, i64), Vec<Frame>> = std::collections::BTreeMap::new();
    let mut kept = Vec::with_capacity(words.len());
    for word in words {
        let row = (word.frame.middle() / 2.0).round() as i64;
        let near = |frame: &Frame| (frame.left - word.frame.left).abs() < 0.25 * word.frame.height();
        let repeated = (row - 1..=row + 1)
            .filter_map(|row| seen.get(&(word.text.clone(), row)))
            .flatten()
            .any(near);
        if !repeated {
            seen.entry((word.text.clone(), row)).or_default().push(word.frame);
            kept.push(word);
        }
    }
    kept
}

/// How sure a reader would be of printed text: nearly, and the same each time.
fn confidence(text: &str, x: f64, y: f64) -> f64 {
    let mut hash: u32 = 2_166_136_261;
    for byte in text.bytes().chain([x as u8, y as u8]) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    99.0 + f64::from(hash % 1000) / 1010.0
}
