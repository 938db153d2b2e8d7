#![doc = include_str!("../README.md")]

mod graph;
mod held;
mod page;

pub use graph::Graph;
pub use held::hold;
pub use page::blocks;
