//! Tables with drawn lines between their cells.

use super::page::{Frame, Page};

/// Lines that are as near as this meet, in parts of the page's height.
const TOUCH: f64 = 0.004;

/// A table, its cells row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Table {
    pub(super) frame: Frame,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// From 0.
    pub(super) row: usize,
    /// From 0.
    pub(super) column: usize,
    pub(super) frame: Frame,
    /// Its words, by their places in the page's list.
    pub(super) words: Vec<usize>,
}

/// The page's tables: level and upright lines that cross, with at least two rows or two columns between them.
pub(super) fn tables(page: &Page) -> Vec<Table> {
    let touch = TOUCH * page.height;
    let mut tables: Vec<Table> = grids(page, touch)
        .into_iter()
        .filter_map(|(rules, bars)| table(page, &rules, &bars, touch))
        .collect();
    tables.sort_by(|a, b| a.frame.top.total_cmp(&b.frame.top));
    tables
}

/// Lines that cross, directly or by way of others.
fn grids(page: &Page, touch: f64) -> Vec<(Vec<Frame>, Vec<Frame>)> {
    let mut grids: Vec<(Vec<Frame>, Vec<Frame>)> = Vec::new();
    for bar in &page.bars {
        let crosses = |rule: &&Frame| rule.grown(touch).overlaps(bar);
        let rules: Vec<Frame> = page.rules.iter().filter(crosses).copied().collect();
        if rules.is_empty() {
            continue;
        }
        let shares =
            |(others, _): &(Vec<Frame>, Vec<Frame>)| others.iter().any(|other| rules.contains(other));
        let (joined, apart): (Vec<_>, Vec<_>) = grids.into_iter().partition(shares);
        let mut grid = (rules, vec![*bar]);
        for (rules, bars) in joined {
            for rule in rules {
                if !grid.0.contains(&rule) {
                    grid.0.push(rule);
                }
            }
            grid.1.extend(bars);
        }
        grids = apart;
        grids.push(grid);
    }
    grids
}

fn table(page: &Page, rules: &[Frame], bars: &[Frame], touch: f64) -> Option<Table> {
    let ys = distinct(rules.iter().map(Frame::middle), touch);
    let xs = distinct(bars.iter().map(Frame::centre), touch);
    let (rows, columns) = (ys.len().checked_sub(1)?, xs.len().checked_sub(1)?);
    // One cell is a box around text.
    if rows * columns < 2 || columns < 2 && rows < 2 {
        return None;
    }
    let mut cells = Vec::with_capacity(rows * columns);
    for (row, y) in ys.windows(2).enumerate() {
        for (column, x) in xs.windows(2).enumerate() {
            let frame = Frame {
                left: x[0],
                top: y[0],
                right: x[1],
                bottom: y[1],
            };
            let within = |word: &usize| {
                let word = &page.words[*word].frame;
                frame.contains(word.centre(), word.middle())
            };
            let mut words: Vec<usize> = (0..page.words.len()).filter(within).collect();
            in_reading_order(page, &mut words);
            cells.push(Cell {
                row,
                column,
                frame,
                words,
            });
        }
    }
    Some(Table {
        frame: Frame::around(cells.iter().map(|cell| &cell.frame))?,
        rows,
        columns,
        cells,
    })
}

/// Sorts words by level, then from left to right.
pub(super) fn in_reading_order(page: &Page, words: &mut [usize]) {
    let frame = |word: &usize| &page.words[*word].frame;
    words.sort_by(|a, b| frame(a).middle().total_cmp(&frame(b).middle()));
    let mut start = 0;
    while start < words.len() {
        let first = *frame(&words[start]);
        let level = |word: &&usize| first.shared_height(frame(word)) > 0.5;
        let end = start + words[start..].iter().take_while(level).count().max(1);
        words[start..end].sort_by(|a, b| frame(a).left.total_cmp(&frame(b).left));
        start = end;
    }
}

/// The values without those that are as good as the one before.
fn distinct(values: impl Iterator<Item = f64>, touch: f64) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.dedup_by(|next, before| *next - *before < touch);
    values
}
