//! The whole system on one machine, in one process.

pub mod cost;
pub mod dynamodb;
pub mod iam;
pub mod stripe;
pub mod wire;
