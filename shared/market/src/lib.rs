#![doc = include_str!("../README.md")]

pub mod amount;
pub mod area;
pub mod comparable;
pub mod competition;
pub mod figure;
pub mod portfolio;
pub mod pricing;
pub mod risk;
mod sentence;
pub mod trend;

pub use amount::Amount;
pub use area::Survey;
pub use figure::{Figure, MarketRent, Source, Unknown};
pub use portfolio::{AtRisk, Summary, Totals, Unit};
pub use pricing::Recommendation;
pub use risk::{Facts, Occupied, Risk};
