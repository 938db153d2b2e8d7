#![doc = include_str!("../README.md")]

pub mod allowance;
mod answer;
pub mod client;
pub mod estimate;
pub mod market_data;

pub use allowance::{Allowance, Denied};
pub use client::{ApiKey, Failure, Rentcast};
pub use estimate::{Estimate, Subject};
pub use market_data::{Figures, MarketData};

#[cfg(test)]
mod tests;
