//! Fields of a form: a label and what is written beside, on or under it. Knows how forms look, not what they are about.

use std::collections::BTreeSet;

use super::layout::Line;
use super::page::{Frame, Page};
use super::tables::{Table, in_reading_order};

/// The most words of a label, and of what is filled in.
const LONGEST_KEY: usize = 8;
const LONGEST_VALUE: usize = 14;

/// A label and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    /// The label's words, by their places in the page's list.
    pub(super) key: Vec<usize>,
    /// What is filled in; nothing if the field is empty.
    pub(super) value: Vec<usize>,
    /// Where it is, or would be, filled in.
    pub(super) place: Frame,
    /// From 0 to 100.
    pub(super) confidence: f64,
}

/// The page's fields.
pub(super) fn pairs(page: &Page, lines: &[Line], tables: &[Table]) -> Vec<Pair> {
    let mut form = Form {
        page,
        lines,
        used: BTreeSet::new(),
        pairs: Vec::new(),
    };
    form.in_tables(tables);
    form.on_blanks(tables);
    form.after_colons();
    form.side_by_side();
    let mut pairs = form.pairs;
    let top = |pair: &Pair| Frame::around(pair.key.iter().map(|word| &page.words[*word].frame));
    pairs.sort_by(|a, b| {
        let at = |pair: &Pair| top(pair).map_or((0.0, 0.0), |frame| (frame.middle(), frame.left));
        let ((ay, ax), (by, bx)) = (at(a), at(b));
        ay.total_cmp(&by).then(ax.total_cmp(&bx))
    });
    pairs
}

struct Form<'a> {
    page: &'a Page,
    lines: &'a [Line],
    /// Words that belong to a field.
    used: BTreeSet<usize>,
    pairs: Vec<Pair>,
}

impl Form<'_> {
    fn frame(&self, word: usize) -> &Frame {
        &self.page.words[word].frame
    }

    fn text(&self, word: usize) -> &str {
        &self.page.words[word].text
    }

    fn add(&mut self, key: Vec<usize>, value: Vec<usize>, place: Option<Frame>, sureness: f64) {
        let around = Frame::around(value.iter().map(|word| self.frame(*word)));
        let Some(place) = around.or(place) else { return };
        let words = key.iter().chain(&value);
        let least = words
            .clone()
            .map(|word| self.page.words[*word].confidence)
            .fold(100.0, f64::min);
        self.used.extend(words);
        self.pairs.push(Pair {
            key,
            value,
            place,
            confidence: least * sureness,
        });
    }

    /// Rows of a table that has two columns.
    fn in_tables(&mut self, tables: &[Table]) {
        for table in tables.iter().filter(|table| table.columns == 2) {
            for row in table.cells.chunks(2) {
                let [label, value] = row else { continue };
                if (1..=LONGEST_KEY).contains(&label.words.len()) && value.words.len() <= 3 * LONGEST_VALUE {
                    self.add(label.words.clone(), value.words.clone(), Some(value.frame), 0.94);
                }
            }
        }
    }

    /// Lines to write on, outside of tables.
    fn on_blanks(&mut self, tables: &[Table]) {
        let mut rules: Vec<Frame> = self.page.rules.clone();
        rules.retain(|rule| {
            let in_table = tables.iter().any(|table| table.frame.grown(2.0).overlaps(rule));
            !in_table && rule.width() > 0.03 * self.page.width && rule.width() < 0.75 * self.page.width
        });
        rules.sort_by(|a, b| a.middle().total_cmp(&b.middle()).then(a.left.total_cmp(&b.left)));
        for rule in joined(rules) {
            let written = self.written_on(&rule);
            let (key, caption) = match self.before(&rule, &written) {
                key if key.is_empty() => (self.caption(&rule), true),
                key => (key, false),
            };
            if key.is_empty() || key.iter().chain(&written).any(|word| self.used.contains(word)) {
                continue;
            }
            let height = self.frame(key[0]).height();
            let place = Frame {
                top: rule.top - 1.2 * height,
                ..rule
            };
            self.add(key, written, Some(place), if caption { 0.86 } else { 0.92 });
        }
    }

    /// The words that stand on a rule.
    fn written_on(&self, rule: &Frame) -> Vec<usize> {
        let mut words: Vec<usize> = (0..self.page.words.len())
            .filter(|word| {
                let frame = self.frame(*word);
                let above = rule.top - frame.bottom;
                frame.centre() > rule.left - 2.0
                    && frame.centre() < rule.right + 2.0
                    && above > -0.45 * frame.height()
                    && above < 0.7 * frame.height()
            })
            .collect();
        in_reading_order(self.page, &mut words);
        words
    }

    /// The words on the same level that lead up to a rule.
    fn before(&self, rule: &Frame, written: &[usize]) -> Vec<usize> {
        let level = |word: usize| {
            let frame = self.frame(word);
            let above = rule.top - frame.bottom;
            above > -0.45 * frame.height() && above < 0.7 * frame.height()
        };
        let mut words: Vec<usize> = (0..self.page.words.len())
            .filter(|word| {
                level(*word) && self.frame(*word).right <= rule.left + 3.0 && !written.contains(word)
            })
            .collect();
        words.sort_by(|a, b| self.frame(*b).right.total_cmp(&self.frame(*a).right));
        let mut key: Vec<usize> = Vec::new();
        let mut edge = rule.left;
        for word in words {
            let frame = self.frame(word);
            let ends_something =
                |text: &str| text.ends_with([':', ';', ',']) || text.ends_with('.') && text.len() > 3;
            let far = edge - frame.right > 1.5 * frame.height() + if key.is_empty() { 8.0 } else { 0.0 };
            if far
                || key.len() == LONGEST_KEY
                || self.used.contains(&word)
                || !key.is_empty() && ends_something(self.text(word))
            {
                break;
            }
            edge = frame.left;
            key.push(word);
        }
        key.reverse();
        key
    }

    /// The small line of text under a rule that says what it is for.
    fn caption(&self, rule: &Frame) -> Vec<usize> {
        let under = |line: &&Line| {
            let below = line.frame.top - rule.bottom;
            below > -0.3 * line.frame.height()
                && below < 0.8 * line.frame.height()
                && line.words.len() <= LONGEST_KEY
                && line.frame.left > rule.left - 6.0
                && line.frame.shared_width(rule) > 0.7 * line.frame.width()
        };
        let found = self.lines.iter().find(under);
        found.map(|line| line.words.clone()).unwrap_or_default()
    }

    /// `Label: value`.
    fn after_colons(&mut self) {
        for index in 0..self.lines.len() {
            let line = &self.lines[index];
            let colons: Vec<usize> = (0..line.words.len())
                .filter(|at| is_label_end(self.text(line.words[*at])))
                .collect();
            let mut start = 0;
            for (number, colon) in colons.iter().enumerate() {
                let key: Vec<usize> = line.words[start..=*colon].to_vec();
                let next_key = colons
                    .get(number + 1)
                    .map(|next| self.key_start(line, *colon + 1, *next));
                let end = next_key.unwrap_or(line.words.len());
                let mut value: Vec<usize> = line.words[*colon + 1..end].to_vec();
                start = end;
                if key.len() > LONGEST_KEY || key.iter().any(|word| self.used.contains(word)) {
                    continue;
                }
                if value.is_empty() && next_key.is_none() {
                    value = self.beside_or_below(index);
                }
                if next_key.is_none() {
                    self.go_on_below(&mut value, line.row);
                }
                let fits = !value.is_empty()
                    && value.len() <= LONGEST_VALUE
                    && !value.iter().any(|word| self.used.contains(word));
                if fits {
                    self.add(key, value, None, 0.95);
                }
            }
        }
    }

    /// Where the label begins that ends at `end`: after the widest gap, or with its last word.
    fn key_start(&self, line: &Line, from: usize, end: usize) -> usize {
        let gap = |at: usize| self.frame(line.words[at]).left - self.frame(line.words[at - 1]).right;
        let height = line.frame.height();
        (from + 1..=end)
            .max_by(|a, b| gap(*a).total_cmp(&gap(*b)))
            .filter(|at| gap(*at) > 0.5 * height)
            .unwrap_or(end)
    }

    /// What stands to the right of a label on its level, or right under it.
    fn beside_or_below(&self, index: usize) -> Vec<usize> {
        let label = &self.lines[index];
        let has_label = |line: &Line| {
            let ends = line
                .words
                .iter()
                .take(LONGEST_KEY)
                .any(|word| is_label_end(self.text(*word)));
            ends || line.words.iter().any(|word| self.used.contains(word))
        };
        let beside = self.lines.get(index + 1).filter(|line| {
            line.row == label.row && line.frame.left - label.frame.right < 0.45 * self.page.width
        });
        if let Some(line) = beside {
            return if has_label(line) {
                Vec::new()
            } else {
                line.words.clone()
            };
        }
        let below = self.lines[index + 1..]
            .iter()
            .take_while(|line| line.frame.top < label.frame.bottom + 1.2 * label.frame.height())
            .find(|line| (line.frame.left - label.frame.left).abs() < 0.8 * label.frame.height());
        match below {
            Some(line) if !has_label(line) => line.words.clone(),
            _ => Vec::new(),
        }
    }

    /// Adds the lines under a value that go on with it: they begin where it begins, further in than its label.
    fn go_on_below(&self, value: &mut Vec<usize>, row: usize) {
        let Some(first) = value.first().map(|word| *self.frame(*word)) else {
            return;
        };
        let (mut bottom, mut row) = (first.bottom, row);
        let starts_line = self
            .lines
            .iter()
            .any(|line| line.row == row && line.words.first() == value.first());
        if !starts_line {
            return;
        }
        while let Some(line) = self.lines.iter().find(|line| {
            line.row > row
                && (line.frame.left - first.left).abs() < 0.25 * first.height()
                && line.frame.top - bottom < 0.6 * first.height()
        }) {
            let alone = self.lines.iter().filter(|other| other.row == line.row).count() == 1;
            if !alone || line.words.iter().any(|word| is_label_end(self.text(*word))) {
                break;
            }
            value.extend(&line.words);
            (bottom, row) = (line.frame.bottom, line.row);
        }
    }

    /// Rows of two short lines each, which stand under each other like the columns of a table.
    fn side_by_side(&mut self) {
        let rows: Vec<(usize, usize)> = (0..self.lines.len().saturating_sub(1))
            .filter(|at| {
                let (label, value) = (&self.lines[*at], &self.lines[at + 1]);
                let alone = |row: usize| self.lines.iter().filter(|line| line.row == row).count() == 2;
                label.row == value.row
                    && label.words.len() <= LONGEST_KEY
                    && value.words.len() <= LONGEST_VALUE
                    && label.frame.width() < 0.4 * self.page.width
                    && alone(label.row)
                    && !label
                        .words
                        .iter()
                        .chain(&value.words)
                        .any(|word| self.used.contains(word))
            })
            .map(|at| (at, at + 1))
            .collect();
        let near = |a: f64, b: f64| (a - b).abs() < 0.006 * self.page.width;
        let aligned = |one: &(usize, usize), other: &(usize, usize)| {
            let (a, b) = (&self.lines[one.1].frame, &self.lines[other.1].frame);
            one != other
                && near(self.lines[one.0].frame.left, self.lines[other.0].frame.left)
                && (near(a.left, b.left) || near(a.right, b.right))
                && (a.middle() - b.middle()).abs() < 4.0 * a.height()
        };
        let found: Vec<(usize, usize)> = rows
            .iter()
            .filter(|row| rows.iter().any(|other| aligned(row, other)))
            .copied()
            .collect();
        for (label, value) in found {
            let (key, value) = (self.lines[label].words.clone(), self.lines[value].words.clone());
            self.add(key, value, None, 0.8);
        }
    }
}

/// Whether a word ends a label. A colon within a word is that of a time.
fn is_label_end(word: &str) -> bool {
    word.ends_with(':') && word.len() > 1
}

/// Rules on the same level that touch are one.
fn joined(rules: Vec<Frame>) -> Vec<Frame> {
    let mut joined: Vec<Frame> = Vec::new();
    for rule in rules {
        match joined.last_mut() {
            Some(last) if (last.middle() - rule.middle()).abs() < 1.0 && rule.left - last.right < 1.0 => {
                *last = last.with(&rule);
            }
            _ => joined.push(rule),
        }
    }
    joined
}
