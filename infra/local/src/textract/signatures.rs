//! Signatures: what looks written by hand, where one signs. A name that is typed in print is none.

use super::layout::Line;
use super::page::{Frame, Page};

/// The size of a signature, in parts of the page's height and width.
const HEIGHT: std::ops::RangeInclusive<f64> = 0.008..=0.12;
const WIDTH: std::ops::RangeInclusive<f64> = 0.03..=0.5;
/// How near to a line to sign on, in parts of the page's height.
const NEAR: f64 = 0.035;
/// Words by which people are told where to sign.
const PLACES: [&str; 6] = ["signature", "signatures", "signed", "sign", "by", "initials"];

/// A signature.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signature {
    pub(super) frame: Frame,
    /// From 0 to 100.
    pub(super) confidence: f64,
}

/// The page's signatures.
pub(super) fn signatures(page: &Page, lines: &[Line]) -> Vec<Signature> {
    let strokes = page.ink.iter().filter(|ink| ink.height() <= 0.2 * page.height);
    let written = page
        .words
        .iter()
        .filter(|word| word.handwritten)
        .map(|word| &word.frame);
    let mut pieces: Vec<Frame> = strokes.chain(written).copied().collect();
    pieces.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut signatures: Vec<Signature> = gathered(pieces, 0.012 * page.width)
        .into_iter()
        .filter(|frame| {
            HEIGHT.contains(&(frame.height() / page.height)) && WIDTH.contains(&(frame.width() / page.width))
        })
        .filter_map(|frame| {
            let on_rule = page.rules.iter().any(|rule| is_signed_on(rule, &frame, page));
            let by_name = lines
                .iter()
                .any(|line| is_place(page, line) && is_beside(&line.frame, &frame, page));
            let confidence = match (on_rule, by_name) {
                (true, true) => 98.2,
                (true, false) => 91.5,
                (false, true) => 88.4,
                (false, false) => return None,
            };
            Some(Signature { frame, confidence })
        })
        .collect();
    signatures.sort_by(|a, b| {
        let by_level = a.frame.top.total_cmp(&b.frame.top);
        by_level.then(a.frame.left.total_cmp(&b.frame.left))
    });
    signatures
}

/// Pieces that nearly touch are one.
fn gathered(pieces: Vec<Frame>, near: f64) -> Vec<Frame> {
    let mut gathered: Vec<Frame> = Vec::new();
    for piece in pieces {
        let mut whole = piece;
        let mut rest = Vec::with_capacity(gathered.len() + 1);
        for other in gathered {
            if other.grown(near).overlaps(&whole) {
                whole = whole.with(&other);
            } else {
                rest.push(other);
            }
        }
        rest.push(whole);
        gathered = rest;
    }
    gathered
}

/// Whether ink lies on a rule: across it, or a little above.
fn is_signed_on(rule: &Frame, ink: &Frame, page: &Page) -> bool {
    let above = rule.middle() - ink.bottom;
    // Long names run on beyond a short line.
    rule.width() > 0.4 * ink.width()
        && rule.shared_width(ink) > 0.6 * ink.width().min(rule.width())
        && above < NEAR * page.height
        && rule.middle() > ink.top
}

fn is_place(page: &Page, line: &Line) -> bool {
    line.words.len() <= 10
        && line.words.iter().any(|word| {
            let text = page.words[*word].text.to_lowercase();
            PLACES.contains(&text.trim_matches(|c: char| !c.is_alphanumeric()))
        })
}

/// Whether ink is right of a label, or right above or under it.
fn is_beside(label: &Frame, ink: &Frame, page: &Page) -> bool {
    let level =
        label.shared_height(ink) > 0.4 && label.gap(ink) < 0.08 * page.width && ink.centre() > label.centre();
    let upright = label.shared_width(ink) > 0.0
        && (label.top - ink.bottom).max(ink.top - label.bottom) < NEAR * page.height;
    level || upright
}
