//! A block of Textract's answer (<https://docs.aws.amazon.com/textract/latest/dg/API_Block.html>): what we read of it,
//! under its own names, so that an answer kept as JSON is read back as it came.

use serde::{Deserialize, Serialize};

/// Something that was recognised on a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Block {
    /// Its id, unique within one answer.
    pub id: String,
    /// What it is.
    pub block_type: BlockType,
    /// How sure the reading is, in percent.
    pub confidence: Option<f32>,
    /// Its text: of a line, a word, the answer to a query.
    pub text: Option<String>,
    /// Printed or written by hand; on words.
    pub text_type: Option<TextType>,
    /// Its page, from 1. An answer about a single image may leave it out.
    pub page: Option<u16>,
    /// Where it is.
    pub geometry: Option<Geometry>,
    /// The blocks that belong to it.
    pub relationships: Vec<Relationship>,
    /// Key or value; on key-value sets.
    pub entity_types: Vec<EntityType>,
    /// Whether a box is ticked; on selection elements.
    pub selection_status: Option<SelectionStatus>,
    /// The question; on queries.
    pub query: Option<Query>,
}

/// What a block is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BlockType {
    /// A page.
    Page,
    /// A line of text: words in a row, without a wide gap.
    Line,
    /// A word.
    Word,
    /// The key or the value of a field in a form.
    KeyValueSet,
    /// A box to tick.
    SelectionElement,
    /// A signature.
    Signature,
    /// A question that was asked.
    Query,
    /// The answer to a question.
    QueryResult,
    /// Anything else: nothing that we ask for.
    #[default]
    #[serde(other)]
    Other,
}

/// How a word was put on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TextType {
    /// By hand.
    Handwriting,
    /// By a machine.
    Printed,
}

/// Whether a box is ticked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SelectionStatus {
    /// It is.
    Selected,
    /// It is not.
    NotSelected,
}

/// The part of a field in a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntityType {
    /// What is asked for.
    Key,
    /// What was filled in.
    Value,
    /// A part of a table: nothing that we ask for.
    #[serde(other)]
    Other,
}

/// Where a block is. Textract's polygon is left out: evidence is shown as a box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Geometry {
    /// The box around it, parallel to the page.
    pub bounding_box: BoundingBox,
}

/// A box, as shares of the page's width and height, from the upper left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BoundingBox {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// Its left edge.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
}

/// How other blocks belong to one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Relationship {
    /// As what.
    pub r#type: RelationshipType,
    /// Which.
    #[serde(default)]
    pub ids: Vec<String>,
}

/// As what blocks belong to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RelationshipType {
    /// As parts: the words of a line, of a key, of a value.
    Child,
    /// As the value of a key.
    Value,
    /// As the answer to a query.
    Answer,
    /// Anything else.
    #[serde(other)]
    Other,
}

/// A question that was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Query {
    /// The question.
    pub text: String,
    /// The name that we gave it.
    pub alias: Option<String>,
}

#[cfg(feature = "textract")]
mod from_sdk {
    use aws_sdk_textract::types;

    use super::{
        Block, BlockType, BoundingBox, EntityType, Geometry, Query, Relationship, RelationshipType,
        SelectionStatus, TextType,
    };

    impl From<types::Block> for Block {
        fn from(block: types::Block) -> Self {
            Self {
                id: block.id.unwrap_or_default(),
                block_type: block.block_type.as_ref().map_or(BlockType::Other, Into::into),
                confidence: block.confidence,
                text: block.text,
                text_type: block.text_type.as_ref().and_then(|text_type| match text_type {
                    types::TextType::Handwriting => Some(TextType::Handwriting),
                    types::TextType::Printed => Some(TextType::Printed),
                    _ => None,
                }),
                page: block.page.and_then(|page| u16::try_from(page).ok()),
                geometry: block
                    .geometry
                    .and_then(|geometry| geometry.bounding_box)
                    .map(|bounds| Geometry {
                        bounding_box: BoundingBox {
                            width: bounds.width,
                            height: bounds.height,
                            left: bounds.left,
                            top: bounds.top,
                        },
                    }),
                relationships: block
                    .relationships
                    .unwrap_or_default()
                    .into_iter()
                    .map(Into::into)
                    .collect(),
                entity_types: block
                    .entity_types
                    .unwrap_or_default()
                    .iter()
                    .map(|entity_type| match entity_type {
                        types::EntityType::Key => EntityType::Key,
                        types::EntityType::Value => EntityType::Value,
                        _ => EntityType::Other,
                    })
                    .collect(),
                selection_status: block.selection_status.as_ref().and_then(|status| match status {
                    types::SelectionStatus::Selected => Some(SelectionStatus::Selected),
                    types::SelectionStatus::NotSelected => Some(SelectionStatus::NotSelected),
                    _ => None,
                }),
                query: block.query.map(|query| Query {
                    text: query.text,
                    alias: query.alias,
                }),
            }
        }
    }

    impl From<&types::BlockType> for BlockType {
        fn from(block_type: &types::BlockType) -> Self {
            match block_type {
                types::BlockType::Page => Self::Page,
                types::BlockType::Line => Self::Line,
                types::BlockType::Word => Self::Word,
                types::BlockType::KeyValueSet => Self::KeyValueSet,
                types::BlockType::SelectionElement => Self::SelectionElement,
                types::BlockType::Signature => Self::Signature,
                types::BlockType::Query => Self::Query,
                types::BlockType::QueryResult => Self::QueryResult,
                _ => Self::Other,
            }
        }
    }

    impl From<types::Relationship> for Relationship {
        fn from(relationship: types::Relationship) -> Self {
            Self {
                r#type: match relationship.r#type {
                    Some(types::RelationshipType::Child) => RelationshipType::Child,
                    Some(types::RelationshipType::Value) => RelationshipType::Value,
                    Some(types::RelationshipType::Answer) => RelationshipType::Answer,
                    _ => RelationshipType::Other,
                },
                ids: relationship.ids.unwrap_or_default(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_in_textracts_own_json_is_read() {
        let block: Block = serde_json::from_str(
            r#"{"BlockType": "KEY_VALUE_SET", "Confidence": 97.5, "Id": "k1", "Page": 2, "EntityTypes": ["KEY"],
                "Geometry": {"BoundingBox": {"Width": 0.1, "Height": 0.02, "Left": 0.3, "Top": 0.4},
                             "Polygon": [{"X": 0.3, "Y": 0.4}]},
                "Relationships": [{"Type": "VALUE", "Ids": ["v1"]}, {"Type": "CHILD", "Ids": ["w1", "w2"]}]}"#,
        )
        .unwrap();
        assert_eq!(block.block_type, BlockType::KeyValueSet);
        assert_eq!(block.entity_types, [EntityType::Key]);
        assert_eq!(block.relationships[0].r#type, RelationshipType::Value);
        assert_eq!(block.geometry.unwrap().bounding_box.left, 0.3);
        let again: Block = serde_json::from_str(&serde_json::to_string(&block).unwrap()).unwrap();
        assert_eq!(again, block);
    }

    #[test]
    fn what_we_did_not_ask_for_is_read_as_something_else() {
        let block: Block = serde_json::from_str(
            r#"{"BlockType": "LAYOUT_TITLE", "Id": "x", "EntityTypes": ["TABLE_TITLE"],
                "Relationships": [{"Type": "MERGED_CELL", "Ids": []}]}"#,
        )
        .unwrap();
        assert_eq!(block.block_type, BlockType::Other);
        assert_eq!(block.entity_types, [EntityType::Other]);
    }
}
