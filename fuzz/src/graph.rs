//! Blocks of any kind, anywhere, that refer to each other in any way.

use arbitrary::Arbitrary;
use documents::Block;
use documents::block::{
    BlockType, BoundingBox, EntityType, Geometry, Query, Relationship, RelationshipType, SelectionStatus,
    TextType,
};
use documents::lease::QUESTIONS;

/// Words of which leases are made, and what breaks parsers.
const WORDS: [&str; 64] = [
    "rent",
    "Rent:",
    "monthly",
    "per",
    "month",
    "a",
    "$1,350",
    "$1,350.00",
    "$",
    "$1,35O",
    "1,350.00",
    "$95",
    "deposit",
    "late",
    "fee",
    "pet",
    "parking",
    "prorated",
    "total",
    "share",
    "increase",
    "option",
    "if",
    "unless",
    "or",
    "and",
    "not",
    "to",
    "of",
    "the",
    "sum",
    "shall",
    "pay",
    "agrees",
    "Tenant",
    "Landlord",
    "(\"Tenant\")",
    "between",
    "One",
    "Thousand",
    "Three",
    "Hundred",
    "Fifty",
    "00/100",
    "Dollars",
    "($1,350.00)",
    "148",
    "Mill",
    "Road,",
    "Unit",
    "#4B",
    "Atlanta,",
    "GA",
    "30308",
    "March",
    "10,",
    "2026",
    "03/10/2026",
    "Jordan",
    "Whitfield",
    "/s/",
    "Signature:",
    "\u{a7}",
    "e\u{301}",
];

/// Blocks that refer to each other.
#[derive(Arbitrary, Debug)]
pub struct Graph(Vec<Node>);

#[derive(Arbitrary, Debug)]
struct Node {
    kind: Kind,
    page: Option<u8>,
    place: Place,
    confidence: Confidence,
    words: Vec<Word>,
    by_hand: bool,
    references: Vec<(Reference, u8)>,
    entity: Entity,
    question: u8,
    /// Now and then two blocks have one id.
    twin: Option<u8>,
}

#[derive(Arbitrary, Debug)]
enum Kind {
    Page,
    Line,
    Word,
    Field,
    Tick,
    Signature,
    Query,
    Answer,
    Other,
}

#[derive(Arbitrary, Debug)]
enum Place {
    Nowhere,
    OnGrid(u8, u8, u8, u8),
    Anywhere(f32, f32, f32, f32),
}

#[derive(Arbitrary, Debug)]
enum Confidence {
    None,
    Sure,
    Percent(u8),
    Any(f32),
}

#[derive(Arbitrary, Debug)]
enum Word {
    Known(u8),
    Amount(u16),
    Made(String),
}

#[derive(Arbitrary, Debug)]
enum Reference {
    Child,
    Value,
    Answer,
    Other,
}

#[derive(Arbitrary, Debug)]
enum Entity {
    Key,
    Value,
    Other,
}

impl Graph {
    /// As Textract would say it.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        let id = |at: usize| format!("b{at}");
        let of = |(at, node): (usize, &Node)| Block {
            id: id(node.twin.map_or(at, usize::from)),
            block_type: node.kind.block_type(),
            confidence: node.confidence.percent(),
            text: (!node.words.is_empty()).then(|| text(&node.words)),
            text_type: node.by_hand.then_some(TextType::Handwriting),
            page: node.page.map(u16::from),
            geometry: node.place.geometry(),
            relationships: node
                .references
                .iter()
                .map(|(reference, to)| Relationship {
                    r#type: reference.relationship(),
                    ids: vec![id(usize::from(*to))],
                })
                .collect(),
            entity_types: vec![match node.entity {
                Entity::Key => EntityType::Key,
                Entity::Value => EntityType::Value,
                Entity::Other => EntityType::Other,
            }],
            selection_status: node.by_hand.then_some(SelectionStatus::Selected),
            query: Some(Query {
                text: String::new(),
                alias: QUESTIONS
                    .get(usize::from(node.question) % (QUESTIONS.len() + 1))
                    .map(|(alias, _)| (*alias).to_owned()),
            }),
        };
        self.0.iter().enumerate().map(of).collect()
    }
}

fn text(words: &[Word]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| match word {
            Word::Known(at) => WORDS[usize::from(*at) % WORDS.len()].to_owned(),
            Word::Amount(cents) => format!("${}.{:02}", cents / 100, cents % 100),
            Word::Made(word) => word.clone(),
        })
        .collect();
    words.join(" ")
}

impl Kind {
    fn block_type(&self) -> BlockType {
        match self {
            Self::Page => BlockType::Page,
            Self::Line => BlockType::Line,
            Self::Word => BlockType::Word,
            Self::Field => BlockType::KeyValueSet,
            Self::Tick => BlockType::SelectionElement,
            Self::Signature => BlockType::Signature,
            Self::Query => BlockType::Query,
            Self::Answer => BlockType::QueryResult,
            Self::Other => BlockType::Other,
        }
    }
}

impl Reference {
    fn relationship(&self) -> RelationshipType {
        match self {
            Self::Child => RelationshipType::Child,
            Self::Value => RelationshipType::Value,
            Self::Answer => RelationshipType::Answer,
            Self::Other => RelationshipType::Other,
        }
    }
}

impl Confidence {
    fn percent(&self) -> Option<f32> {
        match self {
            Self::None => None,
            Self::Sure => Some(99.0),
            Self::Percent(percent) => Some(f32::from(*percent)),
            Self::Any(any) => Some(*any),
        }
    }
}

impl Place {
    fn geometry(&self) -> Option<Geometry> {
        let (left, top, width, height) = match self {
            Self::Nowhere => return None,
            Self::OnGrid(left, top, width, height) => {
                let [left, top, width, height] = [left, top, width, height].map(|at| f32::from(*at) / 255.0);
                (left, top, width, height / 16.0)
            }
            Self::Anywhere(left, top, width, height) => (*left, *top, *width, *height),
        };
        let bounding_box = BoundingBox {
            width,
            height,
            left,
            top,
        };
        Some(Geometry { bounding_box })
    }
}
