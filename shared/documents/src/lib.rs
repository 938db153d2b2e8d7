#![doc = include_str!("../README.md")]

pub mod block;
pub mod document;
mod layout;
pub mod lease;
#[cfg(feature = "textract")]
pub mod textract;

pub use block::{Block, BlockType};
pub use document::Document;
#[cfg(feature = "textract")]
pub use textract::{Image, JobId, JobResult, Notification, Object, Start, Textract, TextractError};
