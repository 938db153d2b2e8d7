//! Passages cut into sections: what each is called, and the part of the papers that it belongs to.

use domain::lease::{Charge, FoundBy};

use super::cue::{Cue, Says, cues};
use super::token::{Kind, Token, tokens};
use crate::Document;
use crate::layout::Passage;

/// A piece of text with all that helps to understand it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Its tokens: first those of its label, then its own.
    pub(super) tokens: Vec<Token>,
    /// Where its own tokens are; what is behind them was only added to be understood.
    pub(super) own: std::ops::Range<usize>,
    pub(super) cues: Vec<Cue>,
    /// What its section is about.
    pub(super) section: Topic,
    /// What the paper is about that it stands in: a lease, or an addendum.
    pub(super) paper: Paper,
    pub(super) found_by: FoundBy,
    /// Whether it is the value of a field or a cell of a table.
    pub(super) is_cell: bool,
}

/// What a heading announces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Topic {
    pub(super) rent: bool,
    pub(super) month: bool,
    pub(super) charge: Option<Charge>,
}

/// What kind of paper it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Paper {
    /// A lease, or nothing that says otherwise.
    #[default]
    Lease,
    /// An addendum about a charge: for a pet, a car.
    About(Charge),
    /// A notice, an amendment, a renewal: it changes an older lease.
    Change,
    /// An application, a sample, a draft, an estimate.
    Other,
}

/// Words of a title that say what a paper is.
const PAPERS: [&str; 22] = [
    "addendum",
    "agreement",
    "lease",
    "rider",
    "exhibit",
    "schedule",
    "amendment",
    "notice",
    "application",
    "disclosure",
    "contract",
    "renewal",
    "extension",
    "modification",
    "guaranty",
    "estimate",
    "quote",
    "offer",
    "checklist",
    "worksheet",
    "attachment",
    "appendix",
];

/// Words of a label that are looked at.
const LABEL_AT_MOST: usize = 24;
/// Cells to the left in which a label is looked for.
const CELLS_BACK: usize = 12;

/// The pieces of a document, in the order in which they are read.
pub(super) fn pieces(document: &Document, passages: &[Passage]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut section = Topic::default();
    let mut paper = Paper::default();
    let mut label_above: Vec<usize> = Vec::new();
    for passage in passages {
        match passage {
            Passage::Paragraph(words) => {
                let all = tokens(document, words);
                let kind = title(document, words, &all);
                if let Some(kind) = kind {
                    paper = kind;
                    section = Topic::default();
                }
                // "Month-to-Month Rental Agreement" is what the paper is called, and no section on staying on.
                let heading = heading(document, words, &all).filter(|_| kind != Some(Paper::Lease));
                let own_cues = cues(&all);
                let short = words.len() <= 8;
                match heading {
                    Some(end) => section = topic(&own_cues, end),
                    // A new number without a heading begins something else.
                    None if starts_with_number(&all) && !short => section = Topic::default(),
                    None => {}
                }
                let starts_with_amount = all
                    .first()
                    .is_some_and(|token| matches!(token.kind, Kind::Money | Kind::Number));
                let label = if starts_with_amount && words.len() <= 4 {
                    std::mem::take(&mut label_above)
                } else {
                    Vec::new()
                };
                label_above = if short && !starts_with_amount {
                    words.clone()
                } else {
                    Vec::new()
                };
                pieces.push(piece(
                    document,
                    &[&label],
                    words,
                    &[],
                    &section,
                    paper,
                    FoundBy::Sentence,
                ));
            }
            Passage::Row { cells, heads } => {
                label_above = Vec::new();
                for (at, cell) in cells.iter().enumerate() {
                    let label = label_of(document, cells, at);
                    let head = heads.get(at).map_or(&[][..], Vec::as_slice);
                    // "$1,350 | per month": what the next cell adds.
                    let tail: &[usize] = match cells.get(at + 1) {
                        Some(next) if next.len() <= 3 && !has_digits(document, next) => next,
                        _ => &[],
                    };
                    let mut piece = piece(
                        document,
                        &[label, head],
                        cell,
                        tail,
                        &section,
                        paper,
                        FoundBy::Sentence,
                    );
                    piece.is_cell = true;
                    pieces.push(piece);
                }
            }
        }
    }
    for field in &document.fields {
        if field.key.is_empty() || field.value.is_empty() {
            continue;
        }
        let mut piece = piece(
            document,
            &[&field.key],
            &field.value,
            &[],
            &Topic::default(),
            Paper::default(),
            FoundBy::KeyValue,
        );
        piece.is_cell = true;
        pieces.push(piece);
    }
    pieces
}

/// What stands before a cell in its row and says what it is: the first cell, unless the cell speaks for itself; behind
/// an amount that comes first, the cell after it.
fn label_of<'a>(document: &Document, cells: &'a [Vec<usize>], at: usize) -> &'a [usize] {
    let speaks = |cell: &[usize]| {
        cell.iter().any(|word| {
            let letters = document.words[*word].text.chars().filter(|c| c.is_alphabetic());
            letters.count() > 2
        })
    };
    if at == 0 {
        return match cells.get(1) {
            Some(next) if !speaks(&cells[0]) && speaks(next) && !has_digits(document, next) => next,
            _ => &[],
        };
    }
    // The nearest cell to the left that is words and no figure; "1. | Rent | $1,350" has its label in the middle.
    cells[..at]
        .iter()
        .rev()
        .take(CELLS_BACK)
        .find(|cell| speaks(cell))
        .map_or(&[][..], Vec::as_slice)
}

fn has_digits(document: &Document, words: &[usize]) -> bool {
    words
        .iter()
        .any(|word| document.words[*word].text.contains(|c: char| c.is_ascii_digit()))
}

fn piece(
    document: &Document,
    labels: &[&[usize]],
    own: &[usize],
    tail: &[usize],
    section: &Topic,
    paper: Paper,
    found_by: FoundBy,
) -> Piece {
    let mut all = Vec::new();
    for label in labels.iter().filter(|label| !label.is_empty()) {
        // A label of more words is a text of its own.
        let label = &label[..label.len().min(LABEL_AT_MOST)];
        all.extend(tokens(document, label));
        if !all.last().is_some_and(|last: &Token| last.is_mark(&[":"])) {
            let word = label.last().copied().unwrap_or_default();
            all.push(Token {
                kind: Kind::Mark,
                text: ":".to_owned(),
                word,
                glued: true,
                capital: false,
            });
        }
    }
    let start = all.len();
    all.extend(tokens(document, own));
    let end = all.len();
    all.extend(tokens(document, tail));
    Piece {
        cues: cues(&all),
        own: start..end,
        tokens: all,
        section: section.clone(),
        paper,
        found_by,
        is_cell: false,
    }
}

fn topic(cues: &[Cue], end: usize) -> Topic {
    let mut topic = Topic::default();
    for cue in cues.iter().take_while(|cue| cue.start < end) {
        match cue.says {
            Says::Rent => topic.rent = true,
            Says::Month => topic.month = true,
            Says::Not(charge) => topic.charge = topic.charge.or(Some(charge)),
            _ => {}
        }
    }
    topic
}

fn starts_with_number(tokens: &[Token]) -> bool {
    matches!(tokens, [first, second, ..] if first.kind == Kind::Number && first.text.len() <= 2 && second.is_mark(&[".", ")"]))
        || matches!(tokens, [first, second, ..] if first.is_mark(&["\u{a7}"]) && second.kind == Kind::Number)
}

/// Where the heading ends that a paragraph is or begins with: "4. LATE CHARGES. If …", "Rent and Payment".
fn heading(document: &Document, words: &[usize], tokens: &[Token]) -> Option<usize> {
    let numbered = starts_with_number(tokens);
    let mut start = 0;
    if numbered {
        start = 2;
        // "4.1" and "§ 4".
        while tokens
            .get(start)
            .is_some_and(|token| token.kind == Kind::Number || token.is_mark(&[".", ")"]))
        {
            start += 1;
        }
    } else if tokens
        .first()
        .is_some_and(|token| token.is("section") || token.is("article") || token.is("paragraph"))
    {
        start = 2;
        while tokens.get(start).is_some_and(|token| token.kind == Kind::Mark) {
            start += 1;
        }
    }
    let body = tokens.get(start..)?;
    let mark = body.iter().position(|token| {
        token.is_mark(&[".", ":", "\u{2013}", "\u{2014}"]) || token.is_mark(&["-"]) && !token.glued
    });
    let end = mark.unwrap_or(body.len());
    if end == 0 {
        return None;
    }
    let title = &body[..end];
    let names: Vec<&Token> = title.iter().filter(|token| token.kind == Kind::Word).collect();
    if names.is_empty() || names.len() > 8 || title.iter().any(|token| token.kind == Kind::Money) {
        return None;
    }
    let small = [
        "and", "of", "the", "for", "to", "in", "or", "a", "on", "by", "with", "at",
    ];
    let titled = names
        .iter()
        .all(|token| token.capital || small.contains(&token.text.as_str()));
    let whole = mark.is_none() || mark == Some(body.len() - 1);
    let all_capitals = title
        .iter()
        .filter(|token| token.kind == Kind::Word)
        .all(|token| {
            let text = &document.words[token.word].text;
            text.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
        });
    let rest = body.len() - end;
    // On its own line: any title. Before running text: a numbered one, or capitals, or a title that ends with a period.
    let is_heading = if whole {
        titled || numbered && names.len() <= 5
    } else {
        rest > 8 && titled && (numbered || all_capitals || names.len() <= 5)
    };
    (is_heading && words.len() > usize::from(numbered)).then_some(start + end)
}

/// What kind of paper a title begins; none if this is no title.
fn title(document: &Document, words: &[usize], tokens: &[Token]) -> Option<Paper> {
    if words.len() > 12 || words.is_empty() || starts_with_number(tokens) {
        return None;
    }
    let has = |stems: &[&str]| tokens.iter().any(|token| stems.contains(&token.text.as_str()));
    if !has(&PAPERS) && !has(&["sample", "draft", "specimen"]) {
        return None;
    }
    let letters = |token: &&Token| token.kind == Kind::Word && token.text.len() > 3;
    if tokens.iter().filter(letters).any(|token| !token.capital)
        || tokens.last().is_some_and(|last| last.is_mark(&[".", ",", ";"]))
        || tokens
            .iter()
            .any(|token| token.is_mark(&[":"]) || token.kind == Kind::Money)
    {
        return None;
    }
    // A title stands in the middle of the page or in capitals.
    let bounds = crate::document::around(words.iter().map(|word| document.words[*word].bounds));
    let centred = (bounds.left + bounds.width / 2.0 - 0.5).abs() < 0.06;
    let capitals = words
        .iter()
        .all(|word| !document.words[*word].text.contains(char::is_lowercase));
    if !centred && !capitals {
        return None;
    }
    Some(
        if has(&[
            "sample",
            "draft",
            "specimen",
            "application",
            "estimate",
            "quote",
            "worksheet",
            "guaranty",
            "offer",
        ]) {
            Paper::Other
        } else if has(&[
            "notice",
            "amendment",
            "renewal",
            "extension",
            "modification",
            "increase",
        ]) {
            Paper::Change
        } else if has(&["pet", "animal"]) {
            Paper::About(Charge::PetRent)
        } else if has(&["parking", "garage", "carport", "storage", "vehicle", "locker"]) {
            Paper::About(Charge::Parking)
        } else if has(&["deposit"]) {
            Paper::About(Charge::Deposit)
        } else if has(&["concession", "special"]) {
            Paper::About(Charge::Concession)
        } else if has(&[
            "utility",
            "insurance",
            "fee",
            "furniture",
            "appliance",
            "laundry",
            "equipment",
        ]) {
            Paper::About(Charge::Fee)
        } else {
            Paper::Lease
        },
    )
}
