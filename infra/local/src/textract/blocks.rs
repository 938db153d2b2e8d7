//! What was found on a page as Textract's blocks
//! (<https://docs.aws.amazon.com/textract/latest/dg/how-it-works-document-layout.html>).

use serde_json::{Map, Value, json};

use super::forms::{self, Pair};
use super::layout::{self, Line};
use super::page::{Frame, Page};
use super::queries::Reader;
use super::request::{Feature, Query, Wanted};
use super::signatures::{self, Signature};
use super::tables::{self, Table};
use crate::wire::aws::uuid;

/// The blocks of a page; `number` is its number, from 1.
pub(super) fn of(page: &Page, number: usize, wanted: &Wanted) -> Vec<Value> {
    let lines = layout::lines(page);
    let tables = tables::tables(page);
    let pairs = forms::pairs(page, &lines, &tables);
    let signatures = signatures::signatures(page, &lines);
    let mut blocks = Blocks {
        page,
        number,
        words: page.words.iter().map(|_| uuid()).collect(),
        children: Vec::new(),
        blocks: Vec::new(),
    };
    blocks.lines(&lines);
    let signed = match wanted.has(Feature::Signatures) {
        true => signatures
            .iter()
            .map(|signature| blocks.signature(signature))
            .collect(),
        false => Vec::new(),
    };
    let signed: Vec<(Frame, String)> = signatures.iter().map(|s| s.frame).zip(signed).collect();
    if wanted.has(Feature::Forms) {
        for pair in &pairs {
            blocks.pair(pair, &signed);
        }
    }
    if wanted.has(Feature::Tables) {
        for table in &tables {
            blocks.table(table);
        }
    }
    if wanted.has(Feature::Queries) {
        let reader = Reader::new(page, &lines, &pairs);
        for query in wanted.queries.iter().filter(|query| query.asks(number)) {
            blocks.query(query, &reader);
        }
    }
    blocks.finish()
}

struct Blocks<'a> {
    page: &'a Page,
    number: usize,
    /// The ids of the page's words.
    words: Vec<String>,
    /// The ids of what belongs to the page directly.
    children: Vec<String>,
    blocks: Vec<Value>,
}

impl Blocks<'_> {
    /// A block with what all have, and what this one has besides.
    fn add(&mut self, kind: &str, id: &str, own: Value) {
        let mut block = Map::from_iter([
            ("BlockType".to_owned(), json!(kind)),
            ("Id".to_owned(), json!(id)),
            ("Page".to_owned(), json!(self.number)),
        ]);
        if let Value::Object(own) = own {
            block.extend(own.into_iter().filter(|(_, value)| !value.is_null()));
        }
        self.blocks.push(Value::Object(block));
    }

    fn geometry(&self, frame: &Frame) -> Value {
        let within = |value: f64, whole: f64| (value / whole.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let (left, right) = (
            within(frame.left, self.page.width),
            within(frame.right, self.page.width),
        );
        let (top, bottom) = (
            within(frame.top, self.page.height),
            within(frame.bottom, self.page.height),
        );
        json!({
            "BoundingBox": { "Left": left, "Top": top, "Width": right - left, "Height": bottom - top },
            "Polygon": [
                { "X": left, "Y": top },
                { "X": right, "Y": top },
                { "X": right, "Y": bottom },
                { "X": left, "Y": bottom },
            ],
        })
    }

    fn word_ids(&self, words: &[usize]) -> Vec<String> {
        words.iter().map(|word| self.words[*word].clone()).collect()
    }

    fn lines(&mut self, lines: &[Line]) {
        let mut words: Vec<usize> = Vec::new();
        for line in lines {
            let confidences = line.words.iter().map(|word| self.page.words[*word].confidence);
            let confidence = confidences.sum::<f64>() / line.words.len().max(1) as f64;
            let own = json!({
                "Text": line.text(self.page),
                "Confidence": confidence,
                "Geometry": self.geometry(&line.frame),
                "Relationships": related(&[("CHILD", self.word_ids(&line.words))]),
            });
            let id = uuid();
            self.children.push(id.clone());
            self.add("LINE", &id, own);
            words.extend(&line.words);
        }
        for word in words {
            let seen = &self.page.words[word];
            let own = json!({
                "Text": seen.text,
                "TextType": if seen.handwritten { "HANDWRITING" } else { "PRINTED" },
                "Confidence": seen.confidence,
                "Geometry": self.geometry(&seen.frame),
            });
            let id = self.words[word].clone();
            self.add("WORD", &id, own);
        }
    }

    fn signature(&mut self, signature: &Signature) -> String {
        let id = uuid();
        self.children.push(id.clone());
        let own = json!({
            "Confidence": signature.confidence,
            "Geometry": self.geometry(&signature.frame),
        });
        self.add("SIGNATURE", &id, own);
        id
    }

    fn pair(&mut self, pair: &Pair, signed: &[(Frame, String)]) {
        let (key, value) = (uuid(), uuid());
        let Some(label) = Frame::around(pair.key.iter().map(|word| &self.page.words[*word].frame)) else {
            return;
        };
        let mut written = self.word_ids(&pair.value);
        let signatures = signed.iter().filter(|(frame, _)| frame.overlaps(&pair.place));
        written.extend(signatures.map(|(_, id)| id.clone()));
        let own = json!({
            "EntityTypes": ["KEY"],
            "Confidence": pair.confidence,
            "Geometry": self.geometry(&label),
            "Relationships": related(&[
                ("VALUE", vec![value.clone()]),
                ("CHILD", self.word_ids(&pair.key)),
            ]),
        });
        self.children.extend([key.clone(), value.clone()]);
        self.add("KEY_VALUE_SET", &key, own);
        let own = json!({
            "EntityTypes": ["VALUE"],
            "Confidence": pair.confidence,
            "Geometry": self.geometry(&pair.place),
            "Relationships": related(&[("CHILD", written)]),
        });
        self.add("KEY_VALUE_SET", &value, own);
    }

    fn table(&mut self, table: &Table) {
        let id = uuid();
        let cells: Vec<String> = table.cells.iter().map(|_| uuid()).collect();
        let own = json!({
            "Confidence": 97.5,
            "Geometry": self.geometry(&table.frame),
            "Relationships": related(&[("CHILD", cells.clone())]),
        });
        self.children.push(id.clone());
        self.add("TABLE", &id, own);
        for (cell, id) in table.cells.iter().zip(cells) {
            let own = json!({
                "RowIndex": cell.row + 1,
                "ColumnIndex": cell.column + 1,
                "RowSpan": 1,
                "ColumnSpan": 1,
                "Confidence": 95.0,
                "Geometry": self.geometry(&cell.frame),
                "Relationships": related(&[("CHILD", self.word_ids(&cell.words))]),
            });
            self.add("CELL", &id, own);
        }
    }

    fn query(&mut self, query: &Query, reader: &Reader<'_>) {
        let id = uuid();
        let answer = reader.answer(&query.text).and_then(|answer| {
            let frames = answer.words.iter().map(|word| &self.page.words[*word].frame);
            Some((uuid(), Frame::around(frames)?, answer))
        });
        let answers = answer.iter().map(|(id, ..)| id.clone()).collect();
        let own = json!({
            "Query": query,
            "Relationships": related(&[("ANSWER", answers)]),
        });
        self.children.push(id.clone());
        self.add("QUERY", &id, own);
        if let Some((id, frame, answer)) = answer {
            let own = json!({
                "Text": answer.text,
                "Confidence": answer.confidence,
                "Geometry": self.geometry(&frame),
            });
            self.add("QUERY_RESULT", &id, own);
        }
    }

    /// All blocks, the page's own first.
    fn finish(mut self) -> Vec<Value> {
        let whole = Frame {
            left: 0.0,
            top: 0.0,
            right: self.page.width,
            bottom: self.page.height,
        };
        let own = json!({
            "Geometry": self.geometry(&whole),
            "Relationships": related(&[("CHILD", std::mem::take(&mut self.children))]),
        });
        self.add("PAGE", &uuid(), own);
        self.blocks.rotate_right(1);
        self.blocks
    }
}

/// Relationships; nothing where there are none.
fn related(kinds: &[(&str, Vec<String>)]) -> Value {
    let related: Vec<Value> = kinds
        .iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(kind, ids)| json!({ "Type": kind, "Ids": ids }))
        .collect();
    if related.is_empty() {
        Value::Null
    } else {
        json!(related)
    }
}
