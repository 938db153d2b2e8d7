#![doc = include_str!("../README.md")]

mod cell;
pub mod fair_rents;
pub mod properties;
pub mod sheet;

pub use sheet::{Refusal, Wrong};
