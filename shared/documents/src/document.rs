//! A document, as Textract read it.

use crate::Block;

/// All that was recognised in a document.
#[derive(Clone, Debug, Default)]
pub struct Document {
    pub(crate) blocks: Vec<Block>,
}

impl Document {
    /// The document of these blocks.
    #[must_use]
    pub fn new(blocks: Vec<Block>) -> Self {
        Self { blocks }
    }
}

impl From<Vec<Block>> for Document {
    fn from(blocks: Vec<Block>) -> Self {
        Self::new(blocks)
    }
}
