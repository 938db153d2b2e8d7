//! Sets blocks on pages: breaks lines and pages, and keeps what belongs together.

use crate::block::{Block, Field, Piece, Signature, Signed, Word, words};
use crate::fonts::{Face, Family};
use crate::ink;
use crate::pdf::{Make, Mark};

/// How a document looks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Look {
    pub(crate) make: Make,
    pub(crate) family: Family,
    /// The face of what was filled in.
    pub(crate) filled: Face,
    pub(crate) size: f32,
    /// From line to line, in sizes.
    pub(crate) leading: f32,
    /// On each side.
    pub(crate) margin: f32,
    /// Both edges even.
    pub(crate) justified: bool,
    /// Long words are broken at the end of a line.
    pub(crate) hyphenated: bool,
    /// Above each page but the first; empty for none.
    pub(crate) header: String,
    pub(crate) footer: Footer,
    /// Headings in capitals.
    pub(crate) capitals: bool,
    pub(crate) signatures: SignatureLine,
}

/// What stands below each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Footer {
    None,
    Number,
    NumberOfAll,
    /// A line for initials, as some forms have on each page.
    Initials,
}

/// How a line to sign on is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureLine {
    /// Role and name below the line, the date on a line of its own to the right.
    Below,
    /// The role before the line, the name below.
    Before,
    /// A cross where to sign, role and name below.
    Cross,
}

/// The room between columns.
const GUTTER: f32 = 20.0;

/// Sets a document.
pub(crate) fn set(look: &Look, blocks: &[Block]) -> Vec<Vec<Mark>> {
    let mut setter = Setter::new(look);
    for (at, block) in blocks.iter().enumerate() {
        setter.block(block);
        if matches!(block, Block::Columns(2..)) {
            let rest = &blocks[at + 1..];
            let end = rest
                .iter()
                .position(|block| matches!(block, Block::Columns(_)))
                .unwrap_or(rest.len());
            setter.balance(&rest[..end]);
        }
    }
    setter.finish()
}

/// The lowest base on a page.
fn foot(look: &Look) -> f32 {
    look.margin + 8.0
}

#[derive(Clone, Copy, PartialEq)]
enum Align {
    Left,
    Centre,
    Even,
}

#[derive(Clone)]
struct Setter<'a> {
    look: &'a Look,
    pages: Vec<Vec<Mark>>,
    columns: usize,
    column: usize,
    /// Where the columns of this page begin.
    top: f32,
    /// The base of the last line.
    y: f32,
    /// The lowest base on this page, where columns end at different heights.
    lowest: f32,
    /// How far down the columns of this page go.
    foot: f32,
}

impl<'a> Setter<'a> {
    fn new(look: &'a Look) -> Self {
        let top = look.make.size.1 - look.margin;
        Self {
            look,
            pages: vec![Vec::new()],
            columns: 1,
            column: 0,
            top,
            y: top,
            lowest: top,
            foot: foot(look),
        }
    }

    /// Makes the columns that `blocks` will fill end at one height, if they end on this page.
    fn balance(&mut self, blocks: &[Block]) {
        let mut trial = Self {
            pages: Vec::new(),
            foot: f32::NEG_INFINITY,
            ..self.clone()
        };
        for block in blocks {
            trial.block(block);
        }
        #[expect(clippy::cast_precision_loss, reason = "a few columns")]
        let columns = self.columns as f32;
        let height = (self.top - trial.y) / columns + 4.0 * self.line_height();
        self.foot = self.foot.max(self.top - height);
    }

    fn line_height(&self) -> f32 {
        self.look.size * self.look.leading
    }

    fn width(&self) -> f32 {
        let all = self.look.make.size.0 - 2.0 * self.look.margin;
        #[expect(clippy::cast_precision_loss, reason = "one or two")]
        let columns = self.columns as f32;
        (all - GUTTER * (columns - 1.0)) / columns
    }

    fn left(&self) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "one or two")]
        let column = self.column as f32;
        self.look.margin + column * (self.width() + GUTTER)
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Moves down; to the next column or page if fewer than `needed` points are left.
    fn down(&mut self, height: f32, needed: f32) -> f32 {
        if self.y - needed.max(height) < self.foot {
            self.next_column();
        }
        self.y -= height;
        self.lowest = self.lowest.min(self.y);
        self.y
    }

    fn next_column(&mut self) {
        if self.column + 1 < self.columns {
            self.column += 1;
            self.y = self.top;
        } else {
            self.next_page();
        }
    }

    fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.column = 0;
        self.top = self.look.make.size.1 - self.look.margin;
        self.y = self.top;
        self.lowest = self.top;
        self.foot = foot(self.look);
    }

    fn block(&mut self, block: &Block) {
        let size = self.look.size;
        let height = self.line_height();
        let even = if self.look.justified {
            Align::Even
        } else {
            Align::Left
        };
        match block {
            Block::Title(text) => {
                self.space(0.3);
                self.text(&format!("*{text}*"), size * 1.45, 0.0, Align::Centre, 0.0);
                self.space(0.5);
            }
            Block::Centred(text) => self.text(text, size, 0.0, Align::Centre, 0.0),
            Block::Heading(text) => {
                self.space(0.5);
                let text = if self.look.capitals {
                    text.to_uppercase()
                } else {
                    text.clone()
                };
                self.text(&format!("*{text}*"), size, 0.0, Align::Left, height * 3.0);
            }
            Block::Paragraph(text) => {
                self.text(text, size, 0.0, even, 0.0);
                self.space(0.4);
            }
            Block::Fields(fields) => self.fields(fields),
            Block::Table {
                shares,
                head,
                ruled,
                rows,
            } => self.table(shares, *head, *ruled, rows),
            Block::Choice { ticked, text } => self.choice(*ticked, text),
            Block::Signatures(lines) => self.signatures(lines),
            Block::Bar(text) => self.bar(text),
            Block::Rule => {
                let y = self.down(height * 0.6, 0.0);
                self.rule(self.left(), self.left() + self.width(), y, 0.8);
                self.space(0.4);
            }
            Block::Space(lines) => self.space(*lines),
            Block::NewPage => self.next_page(),
            Block::Together(lines) => {
                if self.y - lines * height < self.foot {
                    self.next_column();
                }
            }
            Block::Foot(lines) => self.y = self.y.min(self.foot + lines * height),
            Block::Columns(columns) => {
                self.columns = *columns;
                self.column = 0;
                self.y = self.lowest;
                self.top = self.y;
                self.foot = foot(self.look);
            }
        }
    }

    fn space(&mut self, lines: f32) {
        // Room at the head of a column is no use.
        if self.y < self.top {
            self.y -= lines * self.line_height();
            self.lowest = self.lowest.min(self.y);
        }
    }

    fn rule(&mut self, from: f32, to: f32, y: f32, width: f32) {
        self.mark(Mark::Rule {
            from: (from, y),
            to: (to, y),
            width,
        });
    }

    /// Running text over lines, columns and pages.
    fn text(&mut self, text: &str, size: f32, indent: f32, align: Align, together: f32) {
        let width = self.width() - indent;
        let lines = self.broken(words(text), size, width);
        let last = lines.len().saturating_sub(1);
        for (number, line) in lines.into_iter().enumerate() {
            let y = self.down(size * self.look.leading, if number == 0 { together } else { 0.0 });
            let align = if align == Align::Even && number == last {
                Align::Left
            } else {
                align
            };
            self.line(&line, self.left() + indent, y, size, width, align);
        }
    }

    fn face(&self, piece: &Piece) -> Face {
        match (piece.filled, piece.bold) {
            (true, _) => self.look.filled,
            (false, true) => self.look.family.bold(),
            (false, false) => self.look.family.regular(),
        }
    }

    fn measure(&self, word: &Word, size: f32) -> f32 {
        word.iter()
            .map(|piece| self.face(piece).measure(&piece.text, size))
            .sum()
    }

    fn gap(&self, size: f32) -> f32 {
        self.look.family.regular().measure(" ", size)
    }

    /// Words, as many on a line as fit.
    fn broken(&self, words: Vec<Word>, size: f32, width: f32) -> Vec<Vec<Word>> {
        let gap = self.gap(size);
        let mut lines = Vec::new();
        let (mut line, mut used) = (Vec::new(), 0.0);
        for word in words {
            let long = self.measure(&word, size);
            let room = width - used - if line.is_empty() { 0.0 } else { gap };
            if long <= room || line.is_empty() {
                used += long + if line.is_empty() { 0.0 } else { gap };
                line.push(word);
                continue;
            }
            let parts = if self.look.hyphenated {
                self.hyphenated(&word, size, room)
            } else {
                None
            };
            let carried = match parts {
                Some((head, tail)) => {
                    line.push(head);
                    tail
                }
                None => word,
            };
            lines.push(std::mem::take(&mut line));
            used = self.measure(&carried, size);
            line.push(carried);
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// A long word of small letters in two, the first with its hyphen.
    fn hyphenated(&self, word: &Word, size: f32, room: f32) -> Option<(Word, Word)> {
        let [piece] = word.as_slice() else { return None };
        let letters: Vec<char> = piece.text.chars().collect();
        let body = letters
            .iter()
            .position(|c| !c.is_ascii_lowercase())
            .unwrap_or(letters.len());
        if body < 7 || piece.filled {
            return None;
        }
        let vowel = |c: char| "aeiouy".contains(c);
        (3..body - 2)
            .rev()
            .filter(|at| {
                vowel(letters[at - 1])
                    && !vowel(letters[*at])
                    && letters.get(at + 1).is_some_and(|c| vowel(*c))
            })
            .find_map(|at| {
                let head: String = letters[..at].iter().chain(['-'].iter()).collect();
                let head = vec![Piece {
                    text: head,
                    ..piece.clone()
                }];
                let tail = vec![Piece {
                    text: letters[at..].iter().collect(),
                    ..piece.clone()
                }];
                (self.measure(&head, size) <= room).then_some((head, tail))
            })
    }

    /// One line at a place.
    fn line(&mut self, words: &[Word], left: f32, y: f32, size: f32, width: f32, align: Align) {
        let gap = self.gap(size);
        #[expect(clippy::cast_precision_loss, reason = "a line has few words")]
        let gaps = words.len().saturating_sub(1) as f32;
        let long: f32 = words.iter().map(|word| self.measure(word, size)).sum();
        let (mut x, gap) = match align {
            Align::Left => (left, gap),
            Align::Centre => (left + (width - long - gap * gaps) / 2.0, gap),
            Align::Even if gaps > 0.0 => (left, (width - long) / gaps),
            Align::Even => (left, gap),
        };
        let mut runs: Vec<(Face, Vec<(f32, String)>)> = Vec::new();
        let mut underlined: Option<(f32, f32)> = None;
        for word in words {
            for (part, piece) in word.iter().enumerate() {
                let face = self.face(piece);
                let end = x + face.measure(&piece.text, size);
                if piece.filled {
                    let from = underlined.map_or(x, |(from, _)| from);
                    underlined = Some((from, end));
                } else if let Some((from, to)) = underlined.take() {
                    self.rule(from - 1.5, to + 1.5, y - 2.0, 0.5);
                }
                let at = (x * 100.0).round() / 100.0;
                match runs.last_mut() {
                    // What was filled in and the comma after it are one word.
                    Some((last, run)) if *last == face => match run.last_mut() {
                        Some((_, word)) if part > 0 => word.push_str(&piece.text),
                        _ => run.push((at, piece.text.clone())),
                    },
                    _ => runs.push((face, vec![(at, piece.text.clone())])),
                }
                x = end;
            }
            x += gap;
        }
        if let Some((from, to)) = underlined {
            self.rule(from - 1.5, to + 1.5, y - 2.0, 0.5);
        }
        for (face, words) in runs {
            self.mark(Mark::Words { face, size, y, words });
        }
    }

    /// A short text at a place.
    fn at(&mut self, text: &str, left: f32, y: f32, size: f32) {
        self.line(&words(text), left, y, size, 0.0, Align::Left);
    }

    fn fields(&mut self, fields: &[Field]) {
        let size = self.look.size;
        let y = self.down(self.line_height() * 1.25, 0.0);
        let mut left = self.left();
        for field in fields {
            let room = self.width() * field.share;
            self.at(&field.label, left, y, size);
            let label = self
                .look
                .family
                .regular()
                .measure(&field.label.replace('*', ""), size);
            let begin = left + label + 4.0;
            let end = (left + room - 6.0).max(begin + 20.0);
            if !field.value.is_empty() {
                self.at(&format!("[{}]", field.value), begin + 3.0, y, size);
            }
            self.rule(begin, end, y - 2.0, 0.5);
            left += room;
        }
    }

    fn table(&mut self, shares: &[f32], head: bool, ruled: bool, rows: &[Vec<String>]) {
        const PADDING: f32 = 4.0;
        let size = self.look.size;
        let height = self.line_height();
        self.space(0.3);
        for (number, row) in rows.iter().enumerate() {
            let bold = head && number == 0;
            let cells: Vec<Vec<Vec<Word>>> = row
                .iter()
                .zip(shares)
                .map(|(cell, share)| {
                    let text = if bold { format!("*{cell}*") } else { cell.clone() };
                    self.broken(words(&text), size, self.width() * share - 2.0 * PADDING)
                })
                .collect();
            let lines = cells.iter().map(Vec::len).max().unwrap_or(1).max(1);
            #[expect(clippy::cast_precision_loss, reason = "a cell has few lines")]
            let tall = lines as f32 * height + 4.0;
            let bottom = self.down(tall, tall);
            let (mut left, right) = (self.left(), self.left() + self.width());
            let top = bottom + tall;
            if bold && ruled {
                self.mark(Mark::Shade {
                    left,
                    bottom,
                    width: right - left,
                    height: tall,
                });
            }
            if ruled {
                self.rule(left, right, top, 0.6);
                self.rule(left, right, bottom, 0.6);
            }
            for (cell, share) in cells.iter().zip(shares) {
                let mut y = top - size - 1.0;
                for line in cell {
                    self.line(line, left + PADDING, y, size, 0.0, Align::Left);
                    y -= height;
                }
                if ruled {
                    self.upright(left, bottom, top);
                }
                left += self.width() * share;
            }
            if ruled {
                self.upright(right, bottom, top);
            }
        }
        self.space(0.6);
    }

    fn upright(&mut self, x: f32, from: f32, to: f32) {
        self.mark(Mark::Rule {
            from: (x, from),
            to: (x, to),
            width: 0.6,
        });
    }

    fn choice(&mut self, ticked: bool, text: &str) {
        let size = self.look.size;
        let lines = self.broken(words(text), size, self.width() - 16.0);
        for (number, line) in lines.iter().enumerate() {
            let y = self.down(self.line_height(), 0.0);
            let left = self.left();
            if number == 0 {
                let side = size * 0.8;
                self.rule(left, left + side, y, 0.6);
                self.rule(left, left + side, y + side, 0.6);
                self.upright(left, y, y + side);
                self.upright(left + side, y, y + side);
                if ticked {
                    self.at("*X*", left + side * 0.12, y + side * 0.1, size * 0.9);
                }
            }
            self.line(line, left + 16.0, y, size, 0.0, Align::Left);
        }
    }

    fn bar(&mut self, text: &str) {
        let size = self.look.size;
        self.space(0.4);
        let y = self.down(self.line_height() * 1.3, self.line_height() * 4.0);
        self.mark(Mark::Shade {
            left: self.left(),
            bottom: y - 3.0,
            width: self.width(),
            height: size + 5.0,
        });
        self.at(&format!("*{text}*"), self.left() + 4.0, y, size);
        self.space(0.2);
    }

    fn signatures(&mut self, lines: &[Signature]) {
        let size = self.look.size;
        // Room for the pen above the line.
        let y = self.down(size * 1.2 + 22.0, size * 2.6 + 34.0);
        #[expect(clippy::cast_precision_loss, reason = "one or two")]
        let room = self.width() / lines.len().max(1) as f32;
        for (number, line) in lines.iter().enumerate() {
            #[expect(clippy::cast_precision_loss, reason = "one or two")]
            let left = self.left() + room * number as f32;
            self.signature(line, left, y, room - 12.0);
        }
        self.down(size * 1.4, 0.0);
        self.space(0.4);
    }

    fn signature(&mut self, line: &Signature, left: f32, y: f32, room: f32) {
        let size = self.look.size;
        let style = self.look.signatures;
        let before = match style {
            SignatureLine::Below => String::new(),
            SignatureLine::Before => format!("{}:", line.role),
            SignatureLine::Cross => "X".to_owned(),
        };
        let begin = left
            + if before.is_empty() {
                0.0
            } else {
                self.look.family.regular().measure(&before, size) + 5.0
            };
        let dated = size * 8.5 + self.look.family.regular().measure("Date:", size);
        let end = left + room - dated - 10.0;
        if !before.is_empty() {
            self.at(&before, left, y, size);
        }
        self.rule(begin, end, y - 2.0, 0.7);
        match line.signed {
            Signed::Ink => {
                for stroke in ink::signature(&line.name, begin, y, end - begin) {
                    self.mark(stroke);
                }
            }
            Signed::Typed => self.at(&format!("/s/ {}", line.name), begin + 4.0, y, size),
            Signed::Not => {}
        }
        let below = y - size * 1.25;
        let name = match style {
            SignatureLine::Before => line.name.clone(),
            SignatureLine::Below | SignatureLine::Cross => format!("{}: {}", line.role, line.name),
        };
        self.at(&name, begin, below, size * 0.9);
        self.at("Date:", end + 10.0, y, size);
        let value = end + 14.0 + self.look.family.regular().measure("Date:", size);
        self.rule(value, left + room, y - 2.0, 0.7);
        if !line.date.is_empty() {
            self.at(&line.date, value + 2.0, y, size);
        }
    }

    fn finish(mut self) -> Vec<Vec<Mark>> {
        let count = self.pages.len();
        let (width, height) = self.look.make.size;
        let small = (self.look.size * 0.85).max(6.0);
        let mut pages = std::mem::take(&mut self.pages);
        for (number, page) in pages.iter_mut().enumerate() {
            self.pages = vec![std::mem::take(page)];
            let y = self.look.margin * 0.5;
            let number = number + 1;
            match self.look.footer {
                Footer::None => {}
                Footer::Number => self.centred(&number.to_string(), y, small),
                Footer::NumberOfAll => self.centred(&format!("Page {number} of {count}"), y, small),
                Footer::Initials => {
                    self.at("Initials: ______ ______", self.look.margin, y, small);
                    self.at(
                        &format!("{number}/{count}"),
                        width - self.look.margin - 20.0,
                        y,
                        small,
                    );
                }
            }
            if number > 1 && !self.look.header.is_empty() {
                let header = self.look.header.clone();
                self.centred(&header, height - self.look.margin * 0.55, small);
            }
            if let Some(done) = self.pages.pop() {
                *page = done;
            }
        }
        pages
    }

    fn centred(&mut self, text: &str, y: f32, size: f32) {
        let width = self.look.make.size.0 - 2.0 * self.look.margin;
        self.line(&words(text), self.look.margin, y, size, width, Align::Centre);
    }
}
