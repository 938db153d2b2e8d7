//! A document as text: what stands where, in letters of one width.

use documents::Block;
use documents::block::{
    BlockType, BoundingBox, EntityType, Geometry, Query, Relationship, RelationshipType, TextType,
};

/// The letters that fit beside each other on a page, and the lines below each other.
const ACROSS: f32 = 120.0;
const DOWN: f32 = 80.0;
/// Spaces that part what stands side by side.
const APART: &str = "    ";
/// The most lines of one page.
const LINES: usize = 1200;

/// The blocks that Textract would make of a text.
///
/// A form feed begins a page. What is four spaces apart stands side by side, and what comes behind a colon there is also a
/// field. `~~~` is a signature, `?RENT 1,350` an answer to a question, and a word behind `` ` `` was hard to read, one behind
/// `^` written by hand.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (number, page) in (1..=u16::MAX).zip(text.split('\u{c}')) {
        add(&mut blocks, number, BlockType::Page, None, Geometry::default());
        for (row, line) in page.lines().take(LINES).enumerate() {
            line_of(&mut blocks, number, row, line);
        }
    }
    blocks
}

fn line_of(blocks: &mut Vec<Block>, page: u16, row: usize, line: &str) {
    let mut label: Option<Vec<String>> = None;
    let mut at = 0;
    for run in line.split(APART) {
        let left = at + run.chars().take_while(|letter| *letter == ' ').count();
        at += run.chars().count() + APART.len();
        let run = run.trim();
        if run.is_empty() {
            continue;
        }
        let place = place(row, left, run);
        if run.starts_with("~~~") {
            add(blocks, page, BlockType::Signature, None, place);
            continue;
        }
        if let Some((alias, answer)) = run.strip_prefix('?').and_then(|asked| asked.split_once(' ')) {
            let result = add(blocks, page, BlockType::QueryResult, Some(answer), place);
            let query = add(blocks, page, BlockType::Query, None, place);
            blocks[query].query = Some(Query {
                text: String::new(),
                alias: Some(alias.to_owned()),
            });
            relate(blocks, query, RelationshipType::Answer, vec![id(result)]);
            continue;
        }
        let words = words(blocks, page, row, left, run);
        let line = add(blocks, page, BlockType::Line, Some(run), place);
        relate(blocks, line, RelationshipType::Child, words.clone());
        if let Some(label) = label.take() {
            let value = add(blocks, page, BlockType::KeyValueSet, None, place);
            blocks[value].entity_types = vec![EntityType::Value];
            relate(blocks, value, RelationshipType::Child, words.clone());
            let key = add(blocks, page, BlockType::KeyValueSet, None, place);
            blocks[key].entity_types = vec![EntityType::Key];
            relate(blocks, key, RelationshipType::Child, label);
            relate(blocks, key, RelationshipType::Value, vec![id(value)]);
        }
        label = run.ends_with(':').then_some(words);
    }
}

/// The words of a line, by their ids.
fn words(blocks: &mut Vec<Block>, page: u16, row: usize, left: usize, run: &str) -> Vec<String> {
    let mut ids = Vec::new();
    let mut at = left;
    for word in run.split(' ') {
        let here = at;
        at += word.chars().count() + 1;
        let (bare, hard, by_hand) = match (word.strip_prefix('`'), word.strip_prefix('^')) {
            (Some(bare), _) => (bare, true, false),
            (_, Some(bare)) => (bare, false, true),
            _ => (word, false, false),
        };
        if !bare.is_empty() {
            let added = add(blocks, page, BlockType::Word, Some(bare), place(row, here, bare));
            blocks[added].confidence = Some(if hard { 55.0 } else { 99.0 });
            blocks[added].text_type = by_hand.then_some(TextType::Handwriting);
            ids.push(id(added));
        }
    }
    ids
}

fn add(
    blocks: &mut Vec<Block>,
    page: u16,
    block_type: BlockType,
    text: Option<&str>,
    place: Geometry,
) -> usize {
    let at = blocks.len();
    blocks.push(Block {
        id: id(at),
        block_type,
        confidence: Some(98.0),
        text: text.map(str::to_owned),
        page: Some(page),
        geometry: Some(place),
        ..Block::default()
    });
    at
}

fn relate(blocks: &mut [Block], at: usize, r#type: RelationshipType, ids: Vec<String>) {
    blocks[at].relationships.push(Relationship { r#type, ids });
}

fn id(at: usize) -> String {
    format!("b{at}")
}

fn place(row: usize, left: usize, text: &str) -> Geometry {
    let bounding_box = BoundingBox {
        left: left as f32 / ACROSS,
        top: row as f32 / DOWN,
        width: text.chars().count() as f32 / ACROSS,
        height: 0.8 / DOWN,
    };
    Geometry { bounding_box }
}
