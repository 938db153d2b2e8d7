//! The order in which a page is read. Textract gives lines from top to bottom across all columns; here columns are told
//! from tables by their geometry, lines become paragraphs, and rows keep their cells.

use std::ops::Range;

use domain::lease::Bounds;

use crate::Document;
use crate::document::{Line, around};

/// Columns within columns: a form on a page of two columns.
const DEEPEST: u8 = 2;
/// Lines that a side needs to be a column.
const LEAST_LINES: usize = 4;
/// Words that a column's lines have on average; what has fewer is a table's cell.
const LEAST_WORDS: f32 = 3.5;
/// A gap wider than this, in heights of the line, parts two cells; a narrower one is a wide space.
const CELL_GAP: f32 = 1.6;
/// Columns of a table whose heads are kept.
const HEADS_AT_MOST: usize = 24;
/// Words after which a line goes on, wherever it was broken.
const GO_ON: [&str; 29] = [
    "of", "the", "to", "a", "an", "and", "or", "in", "is", "at", "by", "for", "with", "sum", "amount", "be",
    "shall", "will", "pay", "per", "from", "on", "as", "between", "rent", "equal", "than", "called", "$",
];

/// A piece of text that is read on its own.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Passage {
    /// Lines of running text, or one short line.
    Paragraph(Vec<usize>),
    /// What stands side by side: at least two cells.
    Row {
        cells: Vec<Vec<usize>>,
        /// For each cell what stands above it, at the head of the column or as its label.
        heads: Vec<Vec<usize>>,
    },
}

/// The passages of a document, page after page.
pub(crate) fn passages(document: &Document) -> Vec<Passage> {
    let mut order: Vec<usize> = (0..document.lines.len()).collect();
    // Lines come page by page; were they mixed, this brings them together.
    order.sort_by_key(|line| document.lines[*line].page);
    let mut passages = Vec::new();
    for page in order.chunk_by(|a, b| document.lines[*a].page == document.lines[*b].page) {
        let reader = Reader { document };
        let mut lines: Vec<&Line> = page.iter().map(|line| &document.lines[*line]).collect();
        lines.sort_by(|a, b| {
            a.bounds
                .top
                .total_cmp(&b.bounds.top)
                .then(a.bounds.left.total_cmp(&b.bounds.left))
        });
        let before = passages.len();
        reader.region(&lines, 0, &mut passages);
        reader.join_pages(&mut passages, before);
    }
    passages
}

struct Reader<'a> {
    document: &'a Document,
}

fn right(bounds: Bounds) -> f32 {
    bounds.left + bounds.width
}

fn bottom(bounds: Bounds) -> f32 {
    bounds.top + bounds.height
}

fn middle(bounds: Bounds) -> f32 {
    bounds.top + bounds.height / 2.0
}

impl Reader<'_> {
    /// Makes one paragraph of a sentence that goes over from the page before `start`.
    fn join_pages(&self, passages: &mut Vec<Passage>, start: usize) {
        let paragraph = |passage: &Passage| match passage {
            Passage::Paragraph(words) if !self.is_margin(words) => Some(words.clone()),
            _ => None,
        };
        // Between them only what stands at the foot of the one page and at the head of the other.
        let Some(tail) = (start.saturating_sub(3)..start)
            .rev()
            .find(|at| matches!(&passages[*at], Passage::Paragraph(words) if !self.is_margin(words)))
        else {
            return;
        };
        let head =
            (start..passages.len().min(start + 2)).find_map(|at| Some((at, paragraph(&passages[at])?)));
        let (Some((head, words)), Passage::Paragraph(open)) = (head, &mut passages[tail]) else {
            return;
        };
        let text = |word: usize| self.document.words[word].text.as_str();
        let (Some(before), Some(first)) = (open.last(), words.first()) else {
            return;
        };
        let (before, first) = (text(*before), text(*first));
        let sentence = open.len() > 6 && !before.ends_with(['.', ':', ';', '!', '?']);
        let goes_on = first.starts_with(char::is_lowercase)
            || is_number_word(before) && is_number_word(first)
            || first.starts_with(['$', '(']) && (GO_ON.contains(&before) || is_number_word(before));
        if sentence && goes_on {
            open.extend(words);
            passages.remove(head);
        }
    }

    /// What stands at the foot or the head of a page: "Page 1 of 2", "Initials: ___".
    fn is_margin(&self, words: &[usize]) -> bool {
        let text = |word: &usize| self.document.words[*word].text.to_lowercase();
        let counts = |word: &usize| {
            let text = text(word);
            text.chars().all(|c| !c.is_alphabetic()) || matches!(text.as_str(), "page" | "of" | "p." | "pg.")
        };
        let no_amount = !words.iter().any(|word| text(word).contains(['$', '.', ',']));
        words.len() <= 6
            && (no_amount && words.iter().all(counts)
                || words
                    .first()
                    .is_some_and(|word| text(word).starts_with("initial")))
    }

    /// Reads a part of a page, its lines given from top to bottom.
    fn region(&self, lines: &[&Line], depth: u8, passages: &mut Vec<Passage>) {
        let gutter = if depth < DEEPEST { self.gutter(lines) } else { None };
        let Some(gutter) = gutter else {
            return self.flow(lines, passages);
        };
        // What stands across the gutter parts the columns above it from those below.
        for band in bands(lines, gutter) {
            if band.columns && self.is_running_text(&lines[band.lines.clone()], gutter) {
                let (left, right): (Vec<_>, Vec<_>) = lines[band.lines]
                    .iter()
                    .copied()
                    .partition(|line| right_of(line, gutter).is_lt());
                self.region(&left, depth + 1, passages);
                self.region(&right, depth + 1, passages);
            } else {
                self.flow(&lines[band.lines], passages);
            }
        }
    }

    /// Where a white stripe from top to bottom parts columns of running text.
    fn gutter(&self, lines: &[&Line]) -> Option<f32> {
        let left = lines
            .iter()
            .map(|line| line.bounds.left)
            .fold(f32::INFINITY, f32::min);
        let width = lines.iter().map(|line| right(line.bounds)).fold(0.0, f32::max) - left;
        let mut best: Option<(usize, f32)> = None;
        for step in 0..=40_u8 {
            let gutter = left + width * (0.3 + 0.01 * f32::from(step));
            let in_columns = bands(lines, gutter)
                .iter()
                .filter(|band| band.columns && self.is_running_text(&lines[band.lines.clone()], gutter))
                .map(|band| band.lines.len())
                .sum::<usize>();
            // The middle of the stripe would be nicer; its left edge parts as well.
            if in_columns > best.map_or(0, |(most, _)| most) {
                best = Some((in_columns, gutter));
            }
        }
        best.map(|(_, gutter)| gutter)
    }

    fn is_running_text(&self, lines: &[&Line], gutter: f32) -> bool {
        let average = |side: std::cmp::Ordering| {
            let (mut words, mut count) = (0_u16, 0_u16);
            for line in lines.iter().filter(|line| right_of(line, gutter) == side) {
                let of_line = self.letters(line);
                words = words.saturating_add(of_line);
                count = count.saturating_add(1);
            }
            f32::from(words) / f32::from(count.max(1))
        };
        average(std::cmp::Ordering::Less) >= LEAST_WORDS
            && average(std::cmp::Ordering::Greater) >= LEAST_WORDS
    }

    /// The words of a line that have letters.
    fn letters(&self, line: &Line) -> u16 {
        let words = self.document.words[line.words.clone()].iter();
        let count = words
            .filter(|word| word.text.contains(char::is_alphabetic))
            .count();
        u16::try_from(count).unwrap_or(u16::MAX)
    }

    /// Reads lines that are not in columns: paragraphs, and rows where lines stand side by side.
    fn flow(&self, lines: &[&Line], passages: &mut Vec<Passage>) {
        let right_edge = lines.iter().map(|line| right(line.bounds)).fold(0.0, f32::max);
        let mut paragraph: Vec<usize> = Vec::new();
        let mut last: Option<Bounds> = None;
        // What heads the columns of a table, and what stands right above a row.
        let mut table: Vec<(Bounds, Vec<usize>)> = Vec::new();
        let mut above: Vec<(Bounds, Vec<usize>)> = Vec::new();
        let mut in_table = false;
        for row in rows(lines) {
            let bounds = around(row.iter().map(|line| line.bounds));
            let cells = self.cells(&row);
            let near = last.is_some_and(|last| {
                bounds.top - bottom(last) <= 1.3 * last.height.min(bounds.height).max(0.005)
            });
            if in_table
                && near
                && let Some(Passage::Row { cells: before, .. }) = passages.last_mut()
                && self.wrapped(before, &cells)
            {
                last = Some(bounds);
                continue;
            }
            if let [line] = cells.as_slice() {
                let goes_on =
                    last.is_some_and(|last| self.goes_on(&paragraph, last, line, bounds, right_edge));
                if !goes_on && !paragraph.is_empty() {
                    passages.push(Passage::Paragraph(std::mem::take(&mut paragraph)));
                }
                above = Vec::new();
                if !goes_on && line.len() <= 6 && !line.iter().any(|word| self.has_digits(*word)) {
                    above = vec![(bounds, line.clone())];
                }
                table = Vec::new();
                in_table = false;
                paragraph.extend(line);
            } else {
                if !paragraph.is_empty() {
                    passages.push(Passage::Paragraph(std::mem::take(&mut paragraph)));
                }
                let boxes: Vec<Bounds> = cells.iter().map(|cell| self.around(cell)).collect();
                let is_value = |cell: &Vec<usize>| {
                    let words = cell.iter().map(|word| &self.document.words[*word].text);
                    words
                        .clone()
                        .any(|text| text.contains(|c: char| c.is_ascii_digit()))
                        && !words
                            .clone()
                            .any(|text| text.chars().filter(|c| c.is_alphabetic()).count() > 2)
                };
                let heads = if cells.first().is_some_and(is_value) {
                    &above
                } else {
                    &table
                };
                let of_cells = boxes.iter().map(|own| {
                    let over = heads.iter().find(|(head, _)| {
                        right(*head).min(right(*own)) - head.left.max(own.left)
                            > 0.25 * own.width.min(head.width)
                    });
                    over.map(|(_, words)| words.clone()).unwrap_or_default()
                });
                let of_cells: Vec<Vec<usize>> = of_cells.collect();
                let without_digits = !cells.iter().flatten().any(|word| self.has_digits(*word));
                above = if without_digits {
                    boxes
                        .into_iter()
                        .zip(cells.iter().cloned())
                        .take(HEADS_AT_MOST)
                        .collect()
                } else {
                    Vec::new()
                };
                if !in_table {
                    table = above.clone();
                }
                in_table = true;
                passages.push(Passage::Row {
                    cells,
                    heads: of_cells,
                });
            }
            last = Some(bounds);
        }
        if !paragraph.is_empty() {
            passages.push(Passage::Paragraph(paragraph));
        }
    }

    /// Takes a row that has nothing in the first column, but goes on with the cells of the row before, into those cells.
    fn wrapped(&self, before: &mut [Vec<usize>], cells: &[Vec<usize>]) -> bool {
        let place = |cell: &Vec<usize>| {
            let left = self.around(cell).left;
            let over = before.iter().skip(1).position(|over| {
                let ends_open = over.last().is_some_and(|word| !self.has_digits(*word));
                ends_open && (self.around(over).left - left).abs() < 0.006
            });
            over.map(|at| at + 1)
        };
        let Some(places) = cells.iter().map(place).collect::<Option<Vec<usize>>>() else {
            return false;
        };
        for (cell, place) in cells.iter().zip(places) {
            before[place].extend(cell);
        }
        true
    }

    fn has_digits(&self, word: usize) -> bool {
        self.document.words[word]
            .text
            .contains(|c: char| c.is_ascii_digit())
    }

    fn around(&self, words: &[usize]) -> Bounds {
        around(words.iter().map(|word| self.document.words[*word].bounds))
    }

    /// The cells of a row: its lines, those together that only a wide space parts or that read on as one sentence.
    fn cells(&self, row: &[&Line]) -> Vec<Vec<usize>> {
        let mut cells: Vec<Vec<usize>> = Vec::new();
        let mut last: Option<Bounds> = None;
        for line in row {
            let near = last.is_some_and(|last| {
                line.bounds.left - right(last) < CELL_GAP * line.bounds.height.min(last.height)
            });
            match cells.last_mut() {
                Some(cell) if near => cell.extend(line.words.clone()),
                _ => cells.push(line.words.clone().collect()),
            }
            last = Some(line.bounds);
        }
        // A blank that was filled in leaves gaps in a sentence: "pay      $1,350      per month, in advance".
        let reads_on = cells.len() > 1
            && cells.iter().map(Vec::len).sum::<usize>() >= 6
            && cells.iter().skip(1).any(|cell| {
                cell.len() > 1
                    && self.document.words[cell[0]].text.len() > 1
                    && self.document.words[cell[0]].text.starts_with(char::is_lowercase)
            });
        if reads_on {
            cells = vec![cells.concat()];
        }
        cells
    }

    /// Whether `line` belongs to the paragraph before it: it is near, and its first word did not fit on the line before,
    /// or the sentence is plainly not over.
    fn goes_on(
        &self,
        paragraph: &[usize],
        last: Bounds,
        line: &[usize],
        bounds: Bounds,
        right_edge: f32,
    ) -> bool {
        let (Some(before), Some(first)) = (paragraph.last(), line.first()) else {
            return false;
        };
        let (before, first) = (&self.document.words[*before], &self.document.words[*first]);
        // "§ 4" begins another section wherever it stands.
        if first.text.starts_with('\u{a7}') && before.text.ends_with(['.', ';', ':']) {
            return false;
        }
        let height = last.height.min(bounds.height).max(0.005);
        if bounds.top - bottom(last) > 1.3 * height || middle(bounds) < middle(last) {
            return false;
        }
        let plain = before
            .text
            .trim_matches(|c: char| !c.is_alphanumeric() && c != '$')
            .to_lowercase();
        if GO_ON.contains(&plain.as_str()) && !before.text.ends_with(['.', ':', ';'])
            || before.text.ends_with([',', '-'])
        {
            return true;
        }
        if first.text.starts_with(char::is_lowercase) && !before.text.ends_with([':', ';'])
            || is_number_word(&before.text) && is_number_word(&first.text)
        {
            return true;
        }
        // As wide as the text usually is, and the next word would not have fitted: the line was broken because it was
        // full.
        right(last) + 0.9 * first.bounds.width + 0.3 * height > right_edge - 0.01
            && !before.text.ends_with(':')
    }
}

/// Whether a word, written out, is a part of an amount: "Twenty-Five", "Hundred", "Dollars".
fn is_number_word(word: &str) -> bool {
    const PARTS: [&str; 31] = [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
        "thirty",
        "forty",
        "fifty",
        "sixty",
        "seventy",
        "eighty",
        "ninety",
        "hundred",
        "thousand",
        "dollars",
        "and",
    ];
    let word = word.to_lowercase();
    let mut parts = word.split('-').filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(|part| PARTS.contains(&part))
}

/// A stretch of a page's lines.
struct Band {
    lines: Range<usize>,
    /// Whether there is enough on both sides of the gutter.
    columns: bool,
}

fn right_of(line: &Line, gutter: f32) -> std::cmp::Ordering {
    let slack = 0.004;
    if right(line.bounds) <= gutter + slack {
        std::cmp::Ordering::Less
    } else if line.bounds.left >= gutter - slack {
        std::cmp::Ordering::Greater
    } else {
        std::cmp::Ordering::Equal
    }
}

/// The lines, cut where one stands across the gutter.
fn bands(lines: &[&Line], gutter: f32) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut start = 0;
    while start < lines.len() {
        let across = |line: &&Line| right_of(line, gutter).is_eq();
        let is_across = across(&lines[start]);
        let length = lines[start..]
            .iter()
            .take_while(|line| across(line) == is_across)
            .count();
        let lines_of = start..start + length;
        let on_left = lines[lines_of.clone()]
            .iter()
            .filter(|line| right_of(line, gutter).is_lt())
            .count();
        let columns = !is_across && on_left >= LEAST_LINES && length - on_left >= LEAST_LINES;
        match bands.last_mut() {
            // Stretches without columns are one, so that rows within them stay whole.
            Some(last) if !last.columns && !columns => last.lines.end += length,
            _ => bands.push(Band {
                lines: lines_of,
                columns,
            }),
        }
        start += length;
    }
    bands
}

/// Lines that stand on one level, from left to right; the lines given from top to bottom.
fn rows<'a>(lines: &[&'a Line]) -> Vec<Vec<&'a Line>> {
    let mut order: Vec<&Line> = lines.to_vec();
    order.sort_by(|a, b| middle(a.bounds).total_cmp(&middle(b.bounds)));
    let mut rows: Vec<Vec<&Line>> = Vec::new();
    for line in order {
        match rows.last_mut() {
            // Compared with the first of the row, so that a leaning row does not draw in the next.
            Some(row)
                if row.first().is_some_and(|first| {
                    (middle(line.bounds) - middle(first.bounds)).abs()
                        < 0.5 * first.bounds.height.min(line.bounds.height).max(0.002)
                }) =>
            {
                row.push(line);
            }
            _ => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.bounds.left.total_cmp(&b.bounds.left));
    }
    rows
}
