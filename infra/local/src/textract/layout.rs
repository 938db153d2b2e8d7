//! From words to lines. As with Textract, what stands far apart on the same level is several lines, and lines follow
//! each other from top to bottom across all columns.

use super::page::{Frame, Page};

/// A wider gap parts two lines, in parts of the words' height.
const LINE_GAP: f64 = 1.4;
/// Words share a level if they share as much of their height.
const SAME_LEVEL: f64 = 0.5;

/// A line of words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    /// The words, by their places in the page's list, from left to right.
    pub(super) words: Vec<usize>,
    pub(super) frame: Frame,
    /// The row of the page that it stands on; lines side by side share it.
    pub(super) row: usize,
}

impl Line {
    pub(super) fn text(&self, page: &Page) -> String {
        let words: Vec<&str> = self
            .words
            .iter()
            .map(|word| page.words[*word].text.as_str())
            .collect();
        words.join(" ")
    }
}

/// The page's lines, in the order in which they are read.
pub(super) fn lines(page: &Page) -> Vec<Line> {
    let mut lines = Vec::new();
    for (row, words) in rows(page).into_iter().enumerate() {
        let mut line: Vec<usize> = Vec::new();
        for word in words {
            if let Some(last) = line.last()
                && parted(page, *last, word)
            {
                lines.extend(finish(page, std::mem::take(&mut line), row));
            }
            line.push(word);
        }
        lines.extend(finish(page, line, row));
    }
    lines
}

fn finish(page: &Page, words: Vec<usize>, row: usize) -> Option<Line> {
    let frame = Frame::around(words.iter().map(|word| &page.words[*word].frame))?;
    Some(Line { words, frame, row })
}

/// The words of each row, from left to right.
fn rows(page: &Page) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..page.words.len()).collect();
    let frame = |word: &usize| &page.words[*word].frame;
    order.sort_by(|a, b| frame(a).middle().total_cmp(&frame(b).middle()));
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for word in order {
        // A row is compared by its first words: one that leans must not draw in the next one.
        let fits = |row: &&mut Vec<usize>| {
            row.iter().any(|other| {
                frame(other).shared_height(frame(&word)) > SAME_LEVEL
                    && (frame(other).middle() - frame(&word).middle()).abs() < 0.5 * frame(other).height()
            })
        };
        // The last rows are the nearest; tall words may lie between.
        match rows.iter_mut().rev().take(3).find(fits) {
            Some(row) => row.push(word),
            None => rows.push(vec![word]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| frame(a).left.total_cmp(&frame(b).left));
    }
    rows
}

/// Whether a line ends between two words that follow each other on a row.
fn parted(page: &Page, left: usize, right: usize) -> bool {
    let (left, right) = (&page.words[left].frame, &page.words[right].frame);
    let gap = right.left - left.right;
    let height = left.height().max(right.height());
    if gap > LINE_GAP * height {
        return true;
    }
    let middle = left.middle();
    page.bars.iter().any(|bar| {
        bar.centre() >= left.right - 0.1 * height
            && bar.centre() <= right.left + 0.1 * height
            && bar.top <= middle
            && bar.bottom >= middle
    })
}

#[cfg(test)]
mod tests {
    use super::super::page::Word;
    use super::*;

    fn page(words: &[(&str, f64, f64)]) -> Page {
        let word = |(text, left, top): &(&str, f64, f64)| Word {
            text: (*text).to_owned(),
            frame: Frame {
                left: *left,
                top: *top,
                right: left + 6.0 * text.len() as f64,
                bottom: top + 10.0,
            },
            confidence: 99.0,
            handwritten: false,
        };
        Page {
            width: 612.0,
            height: 792.0,
            words: words.iter().map(word).collect(),
            ..Page::default()
        }
    }

    fn texts(page: &Page) -> Vec<String> {
        lines(page).iter().map(|line| line.text(page)).collect()
    }

    #[test]
    fn words_on_a_level_are_a_line_whatever_their_order_was() {
        let page = page(&[
            ("rent", 100.0, 51.0),
            ("Monthly", 50.0, 50.0),
            ("below", 50.0, 64.0),
        ]);
        assert_eq!(texts(&page), ["Monthly rent", "below"]);
    }

    #[test]
    fn columns_are_lines_of_their_own_and_are_read_across() {
        let page = page(&[("left", 50.0, 50.0), ("right", 300.0, 50.0), ("next", 50.0, 64.0)]);
        assert_eq!(texts(&page), ["left", "right", "next"]);
        let lines = lines(&page);
        assert_eq!((lines[0].row, lines[1].row, lines[2].row), (0, 0, 1));
    }

    #[test]
    fn a_drawn_line_between_two_words_parts_them() {
        let mut page = page(&[("Rent", 50.0, 50.0), ("$100", 80.0, 50.0)]);
        page.bars.push(Frame {
            left: 77.0,
            top: 40.0,
            right: 77.0,
            bottom: 70.0,
        });
        assert_eq!(texts(&page), ["Rent", "$100"]);
    }

    #[test]
    fn thousands_of_words_are_put_in_lines_without_comparing_each_with_all() {
        let words: Vec<(String, f64, f64)> = (0..20_000)
            .map(|i| {
                (
                    format!("w{i}"),
                    f64::from(i % 10) * 50.0,
                    f64::from(i / 10) * 14.0,
                )
            })
            .collect();
        let words: Vec<(&str, f64, f64)> = words.iter().map(|(text, x, y)| (text.as_str(), *x, *y)).collect();
        assert!(lines(&page(&words)).len() >= 2_000);
    }
}
