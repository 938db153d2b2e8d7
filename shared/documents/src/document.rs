//! A document, as Textract read it: its words and lines with their places, the fields of its forms, the answers to our
//! questions, its signatures.

use std::collections::HashMap;
use std::ops::Range;

use domain::lease::Bounds;

use crate::Block;
use crate::block::{BlockType, EntityType, RelationshipType, TextType};

/// All that was recognised in a document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The words, line after line.
    pub(crate) words: Vec<Word>,
    /// The lines in Textract's order: from top to bottom across all columns.
    pub(crate) lines: Vec<Line>,
    /// The fields of forms.
    pub(crate) fields: Vec<Field>,
    /// The answers to questions.
    pub(crate) answers: Vec<Answer>,
    /// Drawn signatures.
    pub(crate) signatures: Vec<Mark>,
    /// Pages on which not a word was recognised.
    pub(crate) blank_pages: Vec<u16>,
    /// The lines of each page.
    of_page: HashMap<u16, Vec<usize>>,
}

/// A word.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) page: u16,
    pub(crate) bounds: Bounds,
    /// How sure its reading is, in percent.
    pub(crate) confidence: f32,
    pub(crate) handwritten: bool,
}

/// A line of words.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Its words, by their places in the document's list.
    pub(crate) words: Range<usize>,
    pub(crate) page: u16,
    pub(crate) bounds: Bounds,
}

/// A field of a form: the words of its key and those of its value.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) key: Vec<usize>,
    pub(crate) value: Vec<usize>,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) alias: String,
    pub(crate) text: String,
    pub(crate) page: u16,
    pub(crate) bounds: Bounds,
    pub(crate) confidence: f32,
}

/// A drawn signature.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) page: u16,
    pub(crate) bounds: Bounds,
    pub(crate) confidence: f32,
}

impl Document {
    /// The document of these blocks. What refers to a block that is not among them is left out.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever has made a document of blocks has no more use for them"
    )]
    pub fn new(blocks: Vec<Block>) -> Self {
        let blocks = &blocks;
        let by_id: HashMap<&str, usize> = (0..)
            .zip(blocks)
            .map(|(at, block)| (block.id.as_str(), at))
            .collect();
        let mut document = Self::default();
        let mut place_of = HashMap::new();
        let mut add_word = |document: &mut Self, at: usize, block: &Block| {
            if place_of.contains_key(&at) {
                return;
            }
            place_of.insert(at, document.words.len());
            document.words.push(Word {
                text: block.text.clone().unwrap_or_default(),
                page: page(block),
                bounds: bounds(block),
                confidence: confidence(block),
                handwritten: block.text_type == Some(TextType::Handwriting),
            });
        };
        for line in blocks.iter().filter(|block| block.block_type == BlockType::Line) {
            let first = document.words.len();
            for at in related(line, RelationshipType::Child, &by_id) {
                if blocks[at].block_type == BlockType::Word {
                    add_word(&mut document, at, &blocks[at]);
                }
            }
            if document.words.len() == first {
                document.words.extend(words_of_text(line));
            }
            if document.words.len() > first {
                document.lines.push(Line {
                    words: first..document.words.len(),
                    page: page(line),
                    bounds: bounds(line),
                });
            }
        }
        // A word that no line holds is still something that the document says.
        for (at, word) in (0..).zip(blocks) {
            let first = document.words.len();
            if word.block_type == BlockType::Word {
                add_word(&mut document, at, word);
            }
            if document.words.len() > first {
                document.lines.push(Line {
                    words: first..first + 1,
                    page: page(word),
                    bounds: bounds(word),
                });
            }
        }
        let words_under = |block: &Block| -> Vec<usize> {
            related(block, RelationshipType::Child, &by_id)
                .filter_map(|at| place_of.get(&at).copied())
                .collect()
        };
        for block in blocks {
            match block.block_type {
                BlockType::KeyValueSet if block.entity_types.contains(&EntityType::Key) => {
                    let value = related(block, RelationshipType::Value, &by_id)
                        .flat_map(|at| words_under(&blocks[at]))
                        .collect();
                    document.fields.push(Field {
                        key: words_under(block),
                        value,
                    });
                }
                BlockType::Query => {
                    let alias = block.query.as_ref().and_then(|query| query.alias.as_deref());
                    let answers = related(block, RelationshipType::Answer, &by_id);
                    document.answers.extend(answers.map(|at| Answer {
                        alias: alias.unwrap_or_default().to_owned(),
                        text: blocks[at].text.clone().unwrap_or_default(),
                        page: page(&blocks[at]),
                        bounds: bounds(&blocks[at]),
                        confidence: confidence(&blocks[at]),
                    }));
                }
                BlockType::Signature => document.signatures.push(Mark {
                    page: page(block),
                    bounds: bounds(block),
                    confidence: confidence(block),
                }),
                _ => {}
            }
        }
        for (at, line) in document.lines.iter().enumerate() {
            document.of_page.entry(line.page).or_default().push(at);
        }
        let mut written: Vec<u16> = document.words.iter().map(|word| word.page).collect();
        written.sort_unstable();
        written.dedup();
        document.blank_pages = blocks
            .iter()
            .filter(|block| block.block_type == BlockType::Page)
            .map(page)
            .filter(|page| written.binary_search(page).is_err())
            .collect();
        document
    }

    /// The lines of a page.
    pub(crate) fn lines_of(&self, page: u16) -> impl ExactSizeIterator<Item = &Line> {
        let lines = self.of_page.get(&page).map_or(&[][..], Vec::as_slice);
        lines.iter().map(|line| &self.lines[*line])
    }

    /// These words as a person reads them.
    pub(crate) fn text(&self, words: impl IntoIterator<Item = usize>) -> String {
        let mut text = String::new();
        for word in words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.words[word].text);
        }
        text
    }
}

impl From<Vec<Block>> for Document {
    fn from(blocks: Vec<Block>) -> Self {
        Self::new(blocks)
    }
}

fn related<'a>(
    block: &'a Block,
    as_what: RelationshipType,
    by_id: &'a HashMap<&str, usize>,
) -> impl Iterator<Item = usize> + 'a {
    block
        .relationships
        .iter()
        .filter(move |relationship| relationship.r#type == as_what)
        .flat_map(|relationship| &relationship.ids)
        .filter_map(|id| by_id.get(id.as_str()).copied())
}

/// The words of a line that came without them, each with its share of the line's width.
fn words_of_text(line: &Block) -> Vec<Word> {
    let text = line.text.as_deref().unwrap_or_default();
    let whole = bounds(line);
    let count = text.chars().count().max(1);
    let mut at = 0;
    let mut words = Vec::new();
    for part in text.split(' ') {
        let length = part.chars().count();
        if !part.trim().is_empty() {
            #[expect(clippy::cast_precision_loss, reason = "a line is short")]
            let (from, share) = (at as f32 / count as f32, length as f32 / count as f32);
            words.push(Word {
                text: part.trim().to_owned(),
                page: page(line),
                bounds: Bounds {
                    left: whole.left + from * whole.width,
                    width: share * whole.width,
                    ..whole
                },
                confidence: confidence(line),
                handwritten: false,
            });
        }
        at += length + 1;
    }
    words
}

fn page(block: &Block) -> u16 {
    block.page.unwrap_or(1).max(1)
}

fn confidence(block: &Block) -> f32 {
    block
        .confidence
        .filter(|confidence| confidence.is_finite())
        .unwrap_or(0.0)
}

/// Where a block is, within the page whatever the block says.
fn bounds(block: &Block) -> Bounds {
    let share = |value: f32| {
        if value.is_finite() {
            value.clamp(0.0, 1.0)
        } else {
            0.0
        }
    };
    let bounds = block.geometry.unwrap_or_default().bounding_box;
    let (left, top) = (share(bounds.left), share(bounds.top));
    Bounds {
        left,
        top,
        width: share(bounds.width).min(1.0 - left),
        height: share(bounds.height).min(1.0 - top),
    }
}

/// The box around boxes.
pub(crate) fn around(boxes: impl IntoIterator<Item = Bounds>) -> Bounds {
    boxes
        .into_iter()
        .reduce(|a, b| {
            let (left, top) = (a.left.min(b.left), a.top.min(b.top));
            Bounds {
                left,
                top,
                width: (a.left + a.width).max(b.left + b.width) - left,
                height: (a.top + a.height).max(b.top + b.height) - top,
            }
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(blocks: serde_json::Value) -> Document {
        Document::new(serde_json::from_value(blocks).unwrap())
    }

    #[test]
    fn lines_have_their_words_in_order() {
        let document = document(json!([
            {"Id": "w2", "BlockType": "WORD", "Text": "$1,350", "Confidence": 99.0, "Page": 1},
            {"Id": "w1", "BlockType": "WORD", "Text": "Rent:", "Confidence": 98.0, "Page": 1},
            {"Id": "l", "BlockType": "LINE", "Page": 1, "Relationships": [{"Type": "CHILD", "Ids": ["w1", "w2", "gone"]}]},
        ]));
        assert_eq!(document.text(document.lines[0].words.clone()), "Rent: $1,350");
    }

    #[test]
    fn a_line_without_words_is_cut_where_it_has_spaces() {
        let document = document(json!([
            {"Id": "l", "BlockType": "LINE", "Text": "Rent: $1,350", "Confidence": 97.0,
             "Geometry": {"BoundingBox": {"Left": 0.1, "Top": 0.2, "Width": 0.24, "Height": 0.02}}},
        ]));
        assert_eq!(document.words.len(), 2);
        assert!((document.words[1].bounds.left - 0.22).abs() < 1e-6);
        assert_eq!(document.words[1].page, 1);
    }

    #[test]
    fn fields_answers_and_signatures_are_found_by_their_relationships() {
        let document = document(json!([
            {"Id": "w1", "BlockType": "WORD", "Text": "Tenant"},
            {"Id": "w2", "BlockType": "WORD", "Text": "Ana"},
            {"Id": "k", "BlockType": "KEY_VALUE_SET", "EntityTypes": ["KEY"],
             "Relationships": [{"Type": "VALUE", "Ids": ["v"]}, {"Type": "CHILD", "Ids": ["w1"]}]},
            {"Id": "v", "BlockType": "KEY_VALUE_SET", "EntityTypes": ["VALUE"],
             "Relationships": [{"Type": "CHILD", "Ids": ["w2"]}]},
            {"Id": "q", "BlockType": "QUERY", "Query": {"Text": "?", "Alias": "RENT"},
             "Relationships": [{"Type": "ANSWER", "Ids": ["a"]}]},
            {"Id": "a", "BlockType": "QUERY_RESULT", "Text": "$1,350", "Confidence": 91.0, "Page": 3},
            {"Id": "s", "BlockType": "SIGNATURE", "Confidence": 95.0, "Page": 4},
            {"Id": "p", "BlockType": "PAGE", "Page": 1}, {"Id": "p2", "BlockType": "PAGE", "Page": 2},
        ]));
        assert_eq!(
            (&*document.fields[0].key, &*document.fields[0].value),
            (&[0][..], &[1][..])
        );
        assert_eq!(
            (document.answers[0].alias.as_str(), document.answers[0].page),
            ("RENT", 3)
        );
        assert_eq!(document.signatures[0].page, 4);
        assert_eq!(document.blank_pages, [2]);
    }
}
